//! What a kernel hands over: tiles in which some row could be near enough.

/// Takes survivors, whose sums are of type `N`.
pub(in crate::neighbors) trait Survivors<N> {
    /// Called for tiles in which some sum reaches its query's threshold: the sums row after row, `lanes` each,
    /// and for each row the lanes that reach it.
    fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[N], hits: &[u64]);
    /// The thresholds of all lanes, which `offer` may raise.
    fn thresholds(&self) -> &[N];
}

/// Calls `visit(row of the block, query, place in the sums)` for the bits of `hits`.
#[inline(always)]
pub(super) fn for_hits(
    first_row: usize,
    first_lane: usize,
    lanes: usize,
    hits: &[u64],
    mut visit: impl FnMut(usize, usize, usize),
) {
    for (r, &hits) in hits.iter().enumerate() {
        let mut hits = hits;
        while hits != 0 {
            let lane = hits.trailing_zeros() as usize;
            hits &= hits - 1;
            visit(first_row + r, first_lane + lane, r * lanes + lane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_is_visited_with_its_row_query_and_sum() {
        let mut visited = Vec::new();
        for_hits(24, 64, 48, &[0b101, 0, 1 << 47], |row, query, at| visited.push((row, query, at)));
        assert_eq!(visited, [(24, 64, 0), (24, 66, 2), (26, 111, 143)]);
    }
}
