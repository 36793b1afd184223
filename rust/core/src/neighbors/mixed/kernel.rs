//! The kernel: rows against a panel of queries, in registers. Categories first: a row that differs from every query in
//! too many of them is out before its numbers are looked at.

use super::block::{Block, Row};
use super::pairs::Pairs;
use super::panels::{Panel, LANES};
use crate::simd::Vector;

/// Columns of categories counted in 8 bits.
const COUNTED: usize = u8::MAX as usize;
/// Rows whose categories are counted before their numbers are looked at.
const TOGETHER: usize = 64;

/// What takes the rows that may be near enough: called with the place of a row in its block and the lanes whose
/// thresholds it does not exceed, which may lower them.
pub(super) trait Survivors {
    fn take(&mut self, place: usize, lanes: u64);
    fn thresholds(&self) -> &[f32; LANES];
    /// In how many of the first 255 columns of categories a row within the threshold differs at most.
    fn most_different(&self) -> &[u8; LANES];
}

/// Runs a block against a panel.
#[inline(always)]
pub(super) fn screen<V: Vector>(block: &Block, panel: &Panel, weight: f32, survivors: &mut impl Survivors) {
    for (rows, partial) in [(&block.complete, false), (&block.partial, true)] {
        let mut counts = [[0; LANES]; TOGETHER];
        let mut kept = [0; TOGETHER];
        for rows in rows.chunks(TOGETHER) {
            let mut n = 0;
            for &at in rows {
                // SAFETY: the machine has V's instructions, as this runs inside its dispatch.
                unsafe {
                    kept[n] = at;
                    counts[n] = counted::<V>(&panel.codes, block.codes(at), 0);
                    let near = V::at_most(&counts[n], survivors.most_different());
                    if !few(near, panel) {
                        n += 1;
                    } else if near != 0 {
                        let pairs = Pairs { block, panel, weight, counts: &counts[n] };
                        let lanes = if partial {
                            pairs.within::<V, true>(at, near, survivors.thresholds())
                        } else {
                            pairs.within::<V, false>(at, near, survivors.thresholds())
                        };
                        if lanes != 0 {
                            survivors.take(at as usize, lanes);
                        }
                    }
                }
            }
            let tiles = Tiles { block, panel, weight, kept: &kept[..n], counts: &counts };
            // SAFETY: as above.
            unsafe {
                match (partial, panel.holes) {
                    (false, false) => tiles.run::<V, false, false>(survivors),
                    (false, true) => tiles.run::<V, false, true>(survivors),
                    (true, false) => tiles.run::<V, true, false>(survivors),
                    (true, true) => tiles.run::<V, true, true>(survivors),
                }
            }
        }
    }
}

/// Whether a row's numbers are compared with those of each query for itself, which takes about four times what one
/// lane of the whole panel takes.
#[inline(always)]
fn few(near: u64, panel: &Panel) -> bool {
    panel.codes.len() <= COUNTED && 4 * near.count_ones() as usize <= panel.numeric.len()
}

/// In how many of at most 255 columns of categories, from `first` on, a row's codes differ from those of each query.
///
/// # Safety
/// The machine has V's instructions.
#[inline(always)]
unsafe fn counted<V: Vector>(panel: &[[u8; LANES]], row: &[u32], first: usize) -> [u8; LANES] {
    let columns = first..(first + COUNTED).min(row.len());
    // SAFETY: the caller's.
    unsafe { V::differing(&panel[columns.clone()], &row[columns]) }
}

/// Widened by a plain loop, which becomes one of registers.
#[inline(always)]
fn floats(counts: &[u8; LANES]) -> [f32; LANES] {
    let mut floats = [0.0; LANES];
    floats.iter_mut().zip(counts).for_each(|(float, &count)| *float = f32::from(count));
    floats
}

/// Some rows, and how their categories differ.
struct Tiles<'a> {
    block: &'a Block,
    panel: &'a Panel,
    weight: f32,
    kept: &'a [u32],
    counts: &'a [[u8; LANES]; TOGETHER],
}

impl Tiles<'_> {
    /// Two rows at a time where the registers can hold their sums.
    ///
    /// # Safety
    /// The machine has V's instructions.
    #[inline(always)]
    unsafe fn run<V: Vector, const PARTIAL: bool, const HOLES: bool>(&self, survivors: &mut impl Survivors) {
        let mut at = 0;
        // SAFETY: the caller's.
        unsafe {
            while V::LANES == 16 && at + 2 <= self.kept.len() {
                self.tile::<V, 2, 4, PARTIAL, HOLES>(at, survivors);
                at += 2;
            }
            while at < self.kept.len() {
                if V::LANES == 16 {
                    self.tile::<V, 1, 4, PARTIAL, HOLES>(at, survivors);
                } else {
                    self.tile::<V, 1, 8, PARTIAL, HOLES>(at, survivors);
                }
                at += 1;
            }
        }
    }

    /// Hands over what `R` rows from `at` on reach, `C` registers of queries at a time.
    ///
    /// # Safety
    /// The machine has V's instructions.
    #[inline(always)]
    // Rows and registers by number: what belongs together lies in several arrays.
    #[allow(clippy::needless_range_loop)]
    unsafe fn tile<V: Vector, const R: usize, const C: usize, const PARTIAL: bool, const HOLES: bool>(
        &self,
        at: usize,
        survivors: &mut impl Survivors,
    ) {
        assert!(LANES.is_multiple_of(C * V::LANES));
        let Panel { numeric, negated, present, n_missing, codes, .. } = self.panel;
        let rows: [Row<'_>; R] = std::array::from_fn(|r| self.block.row(self.kept[at + r]));
        let counts: [[f32; LANES]; R] = std::array::from_fn(|r| floats(&self.counts[at + r]));
        let mut lanes = [0; R];
        for first in (0..LANES).step_by(C * V::LANES) {
            // SAFETY: the caller's; every register lies inside an array of LANES, as asserted.
            unsafe {
                let load = |from: &[f32; LANES], c: usize| V::load(from.as_ptr().add(first + c * V::LANES));
                let (zero, one, weight) = (V::splat(0.0), V::splat(1.0), V::splat(self.weight));
                let mut sums = [[zero; C]; R];
                for r in 0..R {
                    for c in 0..C {
                        // What the query misses counts 1, whatever the row has.
                        sums[r][c] = weight.mul_add(load(&counts[r], c), load(n_missing, c));
                    }
                }
                for ((&j, negated), present) in numeric.iter().zip(negated).zip(present) {
                    for r in 0..R {
                        let x = V::splat(rows[r].values[j]);
                        let there = if PARTIAL { V::splat(rows[r].there[j]) } else { one };
                        for c in 0..C {
                            // x' - q', or 0 where either is missing.
                            let negated = load(negated, c);
                            let difference = match (PARTIAL, HOLES) {
                                (false, false) => x.mul_add(one, negated),
                                (false, true) => x.mul_add(load(present, c), negated),
                                (true, false) => negated.mul_add(there, x),
                                (true, true) => x.mul_add(load(present, c), negated.mul_add(there, zero)),
                            };
                            sums[r][c] = difference.mul_add(difference, sums[r][c]);
                        }
                    }
                }
                for r in 0..R {
                    for &nth in rows[r].missing {
                        for c in 0..C {
                            // What the query misses as well has been counted.
                            sums[r][c] = one.mul_add(load(&present[nth as usize], c), sums[r][c]);
                        }
                    }
                    for first in (COUNTED..codes.len()).step_by(COUNTED) {
                        let more = floats(&counted::<V>(codes, self.block.codes(self.kept[at + r]), first));
                        for c in 0..C {
                            sums[r][c] = weight.mul_add(load(&more, c), sums[r][c]);
                        }
                    }
                    for c in 0..C {
                        let at_most = load(survivors.thresholds(), c).at_least(sums[r][c]);
                        lanes[r] |= u64::from(at_most) << (first + c * V::LANES);
                    }
                }
            }
        }
        for r in 0..R {
            if lanes[r] != 0 {
                survivors.take(self.kept[at + r] as usize, lanes[r]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::mixed::columns::Mixed;
    use crate::neighbors::mixed::distance::squared_distance;
    use crate::neighbors::mixed::geometry::Geometry;
    use crate::neighbors::request::{Request, RowIds};
    use crate::rows::Rows;
    use crate::simd::Portable;
    use crate::test_data::uniform;

    struct Kept {
        thresholds: [f32; LANES],
        most_different: [u8; LANES],
        reached: Vec<(usize, u64)>,
    }

    impl Survivors for Kept {
        fn take(&mut self, place: usize, lanes: u64) {
            self.reached.push((place, lanes));
        }
        fn thresholds(&self) -> &[f32; LANES] {
            &self.thresholds
        }
        fn most_different(&self) -> &[u8; LANES] {
            &self.most_different
        }
    }

    /// Rows of numbers far from 0, and of categories, some of them missing.
    fn values(n: usize, categorical: &[bool], missing: f64) -> Vec<f64> {
        let mut next = uniform(n as u64);
        let mut values = Vec::new();
        for _ in 0..n {
            for &is_category in categorical {
                let x = if is_category { (next() * 3.0).floor() } else { next() + 1e3 };
                values.push(if next() < missing { f64::NAN } else { x });
            }
        }
        values
    }

    #[test]
    fn all_within_the_limit_are_reached_and_none_that_is_clearly_beyond() {
        for (d, missing) in [(1, 0.0), (12, 0.0), (12, 0.2), (300, 0.3)] {
            let categorical: Vec<bool> = (0..2 * d).map(|j| j % 2 == 1).collect();
            let mixed = Mixed::new(&categorical, 0.7).expect("a weight");
            let values = values(170, &categorical, missing);
            let rows = Rows::new(&values, 2 * d).expect("rows");
            let queries = rows.slice(0..70);
            let ids = RowIds::From(0);
            let request = Request { queries, rows, ids, n_neighbors: 1, limits: None, mixed: Some(&mixed) };
            let geometry = Geometry::new(&request, &mixed).expect("in range");
            let panels = Panel::all(queries, &mixed, &geometry).expect("room").expect("in range");
            let mut block = Block::new::<Portable>(&mixed);
            block.fill::<Portable, _>(&request, 0..rows.len(), &geometry).expect("finite");
            assert_eq!((panels.len(), block.positions.len()), (2, rows.len()));
            for panel in &panels {
                let exact = |lane: usize, row: usize| {
                    squared_distance(queries.row(panel.first + lane), rows.row(row), &mixed)
                };
                // The distance of one of the rows: itself within the limit.
                let limit = |lane: usize| exact(lane, 100);
                let mut kept =
                    Kept { thresholds: [-1.0; LANES], most_different: [0; LANES], reached: Vec::new() };
                for lane in 0..panel.n_queries {
                    let error = geometry.root_error(block.norm, panel.norms[lane]);
                    let threshold = geometry.threshold(error, limit(lane));
                    kept.thresholds[lane] = threshold;
                    kept.most_different[lane] = geometry.most_different(threshold, panel.n_missing[lane]);
                }
                screen::<Portable>(&block, panel, geometry.weight, &mut kept);
                let mut reached = vec![0; rows.len()];
                kept.reached.iter().for_each(|&(place, lanes)| reached[block.positions[place]] = lanes);
                for (row, lanes) in reached.into_iter().enumerate() {
                    assert!(panel.n_queries == LANES || lanes >> panel.n_queries == 0);
                    for lane in 0..panel.n_queries {
                        let (hit, exact) = (lanes >> lane & 1 == 1, exact(lane, row));
                        assert!(hit || exact > limit(lane), "{d} {missing}: {row} {lane}");
                        assert!(!hit || exact <= limit(lane) * 1.001 + 1e-5, "{d} {missing}: {row} {lane}");
                    }
                }
            }
        }
    }
}
