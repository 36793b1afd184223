//! The first block. Until some rows are known, every row is a candidate; a small table would end before that
//! changes. So the first block's sums are put aside, the `n_neighbors`-th largest of each query is found in
//! registers, many queries at once, and only rows that reach it are handed over. Those of a probe never are.

use super::survivors::Survivors;
use crate::simd::Vector;

/// Up to this many neighbours the largest sums are kept in order; beyond, their last is searched for by halves.
const MOST_IN_ORDER: usize = 32;
/// Halves after which that is known to a fraction of a per cent of itself.
const HALVES: usize = 20;
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
    /// Whether the rows are a probe, which are no candidates yet.
    pub probe: bool,
}

/// Numbers that ascend as their `f32` do, and back.
fn key(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    bits ^ ((bits >> 31) & i32::MAX)
}

fn value(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) & i32::MAX)) as u32)
}

impl FirstSums {
    /// Makes room for `n_rows` rows, with whole tiles of padding, and `lanes` queries from `first` on.
    pub fn prepare(&mut self, n_rows: usize, first: usize, lanes: usize) {
        self.lanes = lanes;
        self.values.clear();
        self.values.resize(n_rows * lanes, f32::NEG_INFINITY);
        self.none.resize(first + lanes, f32::NEG_INFINITY);
    }

    /// The `n_neighbors`-th largest sum of each lane, or a little less; minus infinity where there are fewer.
    #[inline(always)]
    pub fn largest<V: Vector>(&self, n_neighbors: usize) -> [f32; MOST_LANES] {
        assert!(self.lanes <= MOST_LANES && self.lanes.is_multiple_of(V::LANES));
        if n_neighbors > MOST_IN_ORDER {
            return self.by_halves::<V>(n_neighbors);
        }
        assert!(self.values.len().is_multiple_of(self.lanes));
        let mut found = [f32::NEG_INFINITY; MOST_LANES];
        for lane in (0..self.lanes).step_by(V::LANES) {
            // SAFETY: every register lies inside a row of `lanes` sums or inside `found`; the machine has V's
            // instructions, as this runs inside its dispatch.
            unsafe {
                let mut largest = [V::splat(f32::NEG_INFINITY); MOST_IN_ORDER];
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

    #[inline(always)]
    fn by_halves<V: Vector>(&self, n_neighbors: usize) -> [f32; MOST_LANES] {
        let mut found = [f32::NEG_INFINITY; MOST_LANES];
        for first in (0..self.lanes).step_by(V::LANES) {
            let (mut low, mut high) =
                ([key(f32::NEG_INFINITY); MOST_LANES], [key(f32::INFINITY); MOST_LANES]);
            for _ in 0..HALVES {
                let (mut middle, mut counts) = ([0.0; MOST_LANES], [0_u32; MOST_LANES]);
                for lane in 0..V::LANES {
                    middle[lane] = value((low[lane] & high[lane]) + ((low[lane] ^ high[lane]) >> 1));
                }
                for sums in self.values.chunks_exact(self.lanes) {
                    let sums = &sums[first..first + V::LANES];
                    for lane in 0..V::LANES {
                        counts[lane] += u32::from(sums[lane] >= middle[lane]);
                    }
                }
                for lane in 0..V::LANES {
                    let end = if counts[lane] as usize >= n_neighbors { &mut low } else { &mut high };
                    end[lane] = key(middle[lane]);
                }
            }
            for lane in 0..V::LANES {
                found[first + lane] = value(low[lane]);
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
        for n_neighbors in 1..7 {
            let (exact, near) =
                (sums.largest::<Portable>(n_neighbors), sums.by_halves::<Portable>(n_neighbors));
            for (exact, near) in exact.into_iter().zip(near).take(4) {
                assert!(near <= exact && (near >= 0.99 * exact - 1e-30 || near == exact), "{near} {exact}");
            }
        }
        let mut kept = Kept { thresholds: vec![0.0, 0.0, 0.0, 0.0, 2.0, 5.0, 4.0, 1.0], rows: Vec::new() };
        sums.hand_over::<Portable>(4, &mut kept);
        assert_eq!(kept.rows, [(0, 0b0010), (1, 0b0001), (2, 0b0011), (3, 0b0100)]);
    }
}
