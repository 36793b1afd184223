//! A row against a few queries, one at a time, with its columns in registers: where categories have left few of a panel.

use super::block::Block;
use super::panels::{Panel, LANES};
use crate::simd::Vector;

/// A panel and a block, and how the categories of one row differ.
pub(super) struct Pairs<'a> {
    pub block: &'a Block,
    pub panel: &'a Panel,
    pub weight: f32,
    pub counts: &'a [u8; LANES],
}

impl Pairs<'_> {
    /// Which of the lanes `near` have a threshold that row `at` does not exceed.
    ///
    /// # Safety
    /// The machine has V's instructions.
    #[inline(always)]
    pub unsafe fn within<V: Vector, const PARTIAL: bool>(
        &self,
        at: u32,
        mut near: u64,
        thresholds: &[f32; LANES],
    ) -> u64 {
        let mut lanes = 0;
        while near != 0 {
            let lane = near.trailing_zeros() as usize;
            near &= near - 1;
            // SAFETY: the caller's.
            let sum = unsafe { self.sum::<V, PARTIAL>(at, lane) };
            lanes |= u64::from(sum <= thresholds[lane]) << lane;
        }
        lanes
    }

    /// What the screen sees of the distance.
    ///
    /// # Safety
    /// The machine has V's instructions.
    #[inline(always)]
    unsafe fn sum<V: Vector, const PARTIAL: bool>(&self, at: u32, lane: usize) -> f32 {
        let (row, query) = (self.block.row(at), self.panel.row(lane));
        assert!(query.negated.len() == row.values.len() && query.present.len() == row.values.len());
        assert!(row.there.len() == row.values.len());
        // SAFETY: the caller's; a register lies inside the row's values, and the others are as many, as asserted.
        let squares = unsafe {
            let (zero, one) = (V::splat(0.0), V::splat(1.0));
            let mut squares = zero;
            for register in self.block.registers() {
                let load = |from: &[f32]| V::load(from.as_ptr().add(register.first));
                // Where the query misses a number, and in columns of categories, `present` is 0.
                let mut difference = load(row.values).mul_add(one, load(query.negated));
                difference = difference.mul_add(load(query.present), zero);
                if PARTIAL {
                    difference = difference.mul_add(load(row.there), zero);
                }
                let once = difference.mul_add(V::load(register.counted.as_ptr()), zero);
                squares = once.mul_add(difference, squares);
            }
            squares.sum()
        };
        let missing = row.missing.iter().map(|&nth| self.panel.present[nth as usize][lane]);
        let numbers = missing.fold(squares + self.panel.n_missing[lane], |sum, present| sum + present);
        self.weight.mul_add(f32::from(self.counts[lane]), numbers)
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
    use crate::simd::{dispatch, Isa};
    use crate::test_data::uniform;

    dispatch! {
        fn check[](d: usize, missing: f64) -> () = check_impl
    }

    #[inline(always)]
    fn check_impl<V: Vector>(d: usize, missing: f64) {
        let categorical: Vec<bool> = (0..d).map(|j| j % 3 == 1).collect();
        let mixed = Mixed::new(&categorical, 0.75).expect("a weight");
        let mut next = uniform(d as u64);
        let mut value = |j: usize| if categorical[j % d] { (next() * 3.0).floor() } else { next() };
        let hole = |at: usize| ((at * 7919 % 1000) as f64) < missing * 1000.0;
        let values: Vec<f64> = (0..90 * d).map(|at| if hole(at) { f64::NAN } else { value(at) }).collect();
        let rows = Rows::new(&values, d).expect("rows");
        let queries = rows.slice(0..LANES);
        let (ids, n_neighbors) = (RowIds::From(0), 1);
        let request = Request { queries, rows, ids, n_neighbors, limits: None, mixed: Some(&mixed) };
        let geometry = Geometry::new(&request, &mixed).expect("in range");
        let panel = &Panel::all(queries, &mixed, &geometry).expect("room").expect("in range")[0];
        let mut block = Block::new::<V>(&mixed);
        block.fill::<V, _>(&request, 0..rows.len(), &geometry).expect("finite");
        let whole = block.complete.iter().map(|&at| (at, false));
        for (at, partial) in whole.chain(block.partial.iter().map(|&at| (at, true))) {
            let row = rows.row(block.positions[at as usize]);
            let exact: [f64; LANES] =
                std::array::from_fn(|lane| squared_distance(queries.row(lane), row, &mixed));
            // SAFETY: this runs inside its dispatch.
            let (counts, within) = unsafe {
                let counts = V::differing(&panel.codes, block.codes(at));
                let pairs = Pairs { block: &block, panel, weight: geometry.weight, counts: &counts };
                let within = [1e-5, -1e-5].map(|more| {
                    let thresholds = exact.map(|x| (x * (1.0 + more) + more) as f32);
                    if partial {
                        pairs.within::<V, true>(at, !2, &thresholds)
                    } else {
                        pairs.within::<V, false>(at, !2, &thresholds)
                    }
                });
                (counts, within)
            };
            // Lane 1 was not asked for.
            assert_eq!(within, [!2, 0], "{d} columns, {missing} missing, {counts:?}");
        }
    }

    #[test]
    fn sums_are_those_of_the_definition() {
        for (d, missing) in [(2, 0.0), (5, 0.3), (16, 0.0), (30, 0.2), (47, 0.0), (70, 0.1)] {
            Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()).for_each(|isa| check(isa, d, missing));
        }
    }
}
