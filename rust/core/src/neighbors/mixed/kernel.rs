//! The kernel: one row after the other against a panel of queries in registers.

use super::block::{Block, Row};
use super::panels::{Panel, LANES};
use crate::simd::Vector;

/// Columns of categories counted in 8 bits.
const COUNTED: usize = u8::MAX as usize;

/// What takes the rows that may be near enough: called with the place of a row in its block and the lanes whose
/// thresholds it does not exceed, which may lower them.
pub(super) trait Survivors {
    fn take(&mut self, place: usize, lanes: u64);
    fn thresholds(&self) -> &[f32; LANES];
}

/// Runs a block against a panel.
#[inline(always)]
pub(super) fn screen<V: Vector>(block: &Block, panel: &Panel, weight: f32, survivors: &mut impl Survivors) {
    let (d, c) = (panel.negated.len(), panel.codes.len());
    for place in 0..block.positions.len() {
        let row = block.row(place, d, c);
        // SAFETY: the machine has V's instructions, as this runs inside its dispatch.
        let lanes = unsafe {
            let counts = differing::<V>(&panel.codes, row.codes);
            // As many sums as leave registers for what is added to them.
            match (V::LANES, panel.holes) {
                (16, false) => reached::<V, 4, false>(&row, panel, weight, &counts, survivors.thresholds()),
                (16, true) => reached::<V, 4, true>(&row, panel, weight, &counts, survivors.thresholds()),
                (_, false) => reached::<V, 8, false>(&row, panel, weight, &counts, survivors.thresholds()),
                (_, true) => reached::<V, 8, true>(&row, panel, weight, &counts, survivors.thresholds()),
            }
        };
        if lanes != 0 {
            survivors.take(place, lanes);
        }
    }
}

/// In how many columns of categories a row's codes differ from those of each query.
///
/// # Safety
/// The machine has V's instructions.
#[inline(always)]
unsafe fn differing<V: Vector>(panel: &[[u8; LANES]], row: &[u8]) -> [f32; LANES] {
    let mut totals = [0.0; LANES];
    for (panel, row) in panel.chunks(COUNTED).zip(row.chunks(COUNTED)) {
        // SAFETY: the caller's.
        let counts = unsafe { V::differing(panel, row) };
        for (total, &count) in totals.iter_mut().zip(&counts) {
            *total += f32::from(count);
        }
    }
    totals
}

/// The lanes whose thresholds a row does not exceed, `C` registers at a time.
///
/// # Safety
/// The machine has V's instructions.
#[inline(always)]
unsafe fn reached<V: Vector, const C: usize, const HOLES: bool>(
    row: &Row<'_>,
    panel: &Panel,
    weight: f32,
    counts: &[f32; LANES],
    thresholds: &[f32; LANES],
) -> u64 {
    assert!(LANES.is_multiple_of(C * V::LANES));
    let mut lanes = 0;
    for first in (0..LANES).step_by(C * V::LANES) {
        // SAFETY: the caller's; every register lies inside an array of LANES, as asserted.
        unsafe {
            let load = |from: &[f32; LANES], c: usize| V::load(from.as_ptr().add(first + c * V::LANES));
            let (one, weight) = (V::splat(1.0), V::splat(weight));
            let mut sums = [V::splat(0.0); C];
            for (c, sum) in sums.iter_mut().enumerate() {
                // What the query misses counts 1, whatever the row has.
                *sum = weight.mul_add(load(counts, c), load(&panel.n_missing, c));
            }
            let mut add = |x: f32, negated: &[f32; LANES], present: &[f32; LANES]| {
                let x = V::splat(x);
                for (c, sum) in sums.iter_mut().enumerate() {
                    // x' - q', or 0 where the query misses it.
                    let there = if HOLES { load(present, c) } else { one };
                    let difference = x.mul_add(there, load(negated, c));
                    *sum = difference.mul_add(difference, *sum);
                }
            };
            if row.missing.is_empty() {
                let columns = panel.negated.iter().zip(&panel.present);
                row.values.iter().zip(columns).for_each(|(&x, (negated, present))| add(x, negated, present));
            } else {
                for (&x, &j) in row.values.iter().zip(row.columns) {
                    add(x, &panel.negated[j as usize], &panel.present[j as usize]);
                }
            }
            for &j in row.missing {
                let present = &panel.present[j as usize];
                for (c, sum) in sums.iter_mut().enumerate() {
                    // What the query misses as well has been counted.
                    *sum = one.mul_add(load(present, c), *sum);
                }
            }
            for (c, &sum) in sums.iter().enumerate() {
                let at_most = load(thresholds, c).at_least(sum);
                lanes |= u64::from(at_most) << (first + c * V::LANES);
            }
        }
    }
    lanes
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
        reached: Vec<(usize, u64)>,
    }

    impl Survivors for Kept {
        fn take(&mut self, place: usize, lanes: u64) {
            self.reached.push((place, lanes));
        }
        fn thresholds(&self) -> &[f32; LANES] {
            &self.thresholds
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
            let mut block = Block::new(&mixed);
            block.fill(&request, 0..rows.len(), &mixed, &geometry);
            assert_eq!((panels.len(), block.positions.len()), (2, rows.len()));
            for panel in &panels {
                let exact = |lane: usize, row: usize| {
                    squared_distance(queries.row(panel.first + lane), rows.row(row), &mixed)
                };
                // The distance of one of the rows: itself within the limit.
                let limit = |lane: usize| exact(lane, 100);
                let mut kept = Kept { thresholds: [-1.0; LANES], reached: Vec::new() };
                for lane in 0..panel.n_queries {
                    let error = geometry.root_error(block.norm, panel.norms[lane]);
                    kept.thresholds[lane] = geometry.threshold(error, limit(lane));
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
