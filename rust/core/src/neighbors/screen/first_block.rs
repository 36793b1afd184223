//! The first block. Until some rows are known, every row is a candidate; a small table would end before that
//! changes. So the first block's sums are put aside, the `n_neighbors`-th largest of each query is found in
//! registers, many queries at once, and only rows that reach it are handed over.

use super::survivors::Survivors;
use crate::simd::Vector;

/// Lists longer than this cost more than the candidates they save.
pub(in crate::neighbors) const MOST_NEIGHBORS: usize = 32;
/// Lanes of the widest panel of any instruction set.
const MOST_LANES: usize = 64;

/// The sums of a block's rows and one panel.
#[derive(Default)]
pub(in crate::neighbors) struct FirstSums {
    /// `lanes` for each row.
    values: Vec<f32>,
    lanes: usize,
    /// Everything reaches these.
    none: Vec<f32>,
}

impl FirstSums {
    /// Makes room for `n_rows` rows, with whole tiles of padding, and `lanes` queries from `first` on.
    pub fn prepare(&mut self, n_rows: usize, first: usize, lanes: usize) {
        self.lanes = lanes;
        self.values.clear();
        self.values.resize(n_rows * lanes, f32::NEG_INFINITY);
        self.none.resize(first + lanes, f32::NEG_INFINITY);
    }

    /// The `n_neighbors`-th largest sum of each lane; minus infinity where there are fewer.
    #[inline(always)]
    pub fn largest<V: Vector>(&self, n_neighbors: usize) -> [f32; MOST_LANES] {
        assert!(n_neighbors <= MOST_NEIGHBORS && self.lanes <= MOST_LANES);
        assert!(self.lanes.is_multiple_of(V::LANES) && self.values.len().is_multiple_of(self.lanes));
        let mut found = [f32::NEG_INFINITY; MOST_LANES];
        for lane in (0..self.lanes).step_by(V::LANES) {
            // SAFETY: every register lies inside a row of `lanes` sums or inside `found`; the machine has V's
            // instructions, as this runs inside its dispatch.
            unsafe {
                let mut largest = [V::splat(f32::NEG_INFINITY); MOST_NEIGHBORS];
                let largest = &mut largest[..n_neighbors];
                for sums in self.values.chunks_exact(self.lanes) {
                    let mut sum = V::load(sums.as_ptr().add(lane));
                    for kept in largest.iter_mut() {
                        (*kept, sum) = (kept.max(sum), kept.min(sum));
                    }
                }
                if let Some(last) = largest.last() {
                    last.store(found.as_mut_ptr().add(lane));
                }
            }
        }
        found
    }

    /// Hands over the rows in which some sum reaches the query's threshold.
    #[inline(always)]
    pub fn hand_over<V: Vector>(&self, first: usize, survivors: &mut impl Survivors<f32>) {
        assert!(self.lanes.is_multiple_of(V::LANES) && survivors.thresholds().len() >= first + self.lanes);
        for (row, sums) in self.values.chunks_exact(self.lanes).enumerate() {
            let mut hits = 0;
            for lane in (0..self.lanes).step_by(V::LANES) {
                // SAFETY: the registers lie inside the row's sums and, as asserted, the thresholds; V's
                // instructions as above.
                unsafe {
                    let thresholds = V::load(survivors.thresholds().as_ptr().add(first + lane));
                    hits |= u64::from(V::load(sums.as_ptr().add(lane)).at_least(thresholds)) << lane;
                }
            }
            if hits != 0 {
                survivors.offer(row, first, self.lanes, sums, &[hits]);
            }
        }
    }
}

impl Survivors<f32> for FirstSums {
    #[inline(always)]
    fn offer(&mut self, first_row: usize, _: usize, lanes: usize, sums: &[f32], hits: &[u64]) {
        let n = hits.len() * lanes;
        self.values[first_row * lanes..][..n].copy_from_slice(&sums[..n]);
    }

    fn thresholds(&self) -> &[f32] {
        &self.none
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;

    struct Kept {
        thresholds: Vec<f32>,
        rows: Vec<(usize, u64)>,
    }

    impl Survivors<f32> for Kept {
        fn offer(&mut self, first_row: usize, first_lane: usize, _: usize, _: &[f32], hits: &[u64]) {
            assert_eq!(first_lane, 4);
            self.rows.extend(hits.iter().enumerate().map(|(r, &hits)| (first_row + r, hits)));
        }
        fn thresholds(&self) -> &[f32] {
            &self.thresholds
        }
    }

    #[test]
    fn the_largest_sums_become_thresholds_and_only_rows_that_reach_them_are_handed_over() {
        let mut sums = FirstSums::default();
        sums.prepare(6, 4, 4);
        assert_eq!(sums.thresholds().len(), 8);
        // Two tiles of two rows; the last two rows are padding.
        sums.offer(0, 4, 4, &[1.0, 5.0, 3.0, 0.0, 2.0, 4.0, 3.0, 0.0], &[!0, !0]);
        sums.offer(2, 4, 4, &[3.0, 9.0, 3.0, 0.0, 0.0, 1.0, 8.0, 0.0], &[!0, !0]);
        assert_eq!(sums.largest::<Portable>(2)[..4], [2.0, 5.0, 3.0, 0.0]);
        assert_eq!(sums.largest::<Portable>(5)[0], f32::NEG_INFINITY);
        let mut kept = Kept { thresholds: vec![0.0, 0.0, 0.0, 0.0, 2.0, 5.0, 4.0, 1.0], rows: Vec::new() };
        sums.hand_over::<Portable>(4, &mut kept);
        assert_eq!(kept.rows, [(0, 0b0010), (1, 0b0001), (2, 0b0011), (3, 0b0100)]);
    }
}
