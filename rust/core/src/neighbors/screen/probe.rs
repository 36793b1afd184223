//! The first limits of a long search. Rows that come sorted, from far to near, are all candidates until near ones
//! turn up: so some rows spread over all of the table are looked at before the first block. They are no candidates
//! yet, but as many neighbours as are wanted are at most as far as the nearest of them.

use super::block::block_rows;
use super::kernel::Kernel;
use super::repeats::Repeats;
use super::scatter::scattered;
use super::worker::{Shared, Worker};
use crate::memory::room;
use crate::neighbors::request::Request;
use crate::rows::{Element, Rows};
use crate::simd::Vector;
use crate::Error;

/// In a table of fewer blocks the probe would cost more than it saves.
const FEWEST_BLOCKS: usize = 24;

/// Copies of the rows of the probe, spread over all rows; `None` where no probe pays.
pub(super) fn probe<T: Element>(request: &Request<'_, T>) -> Result<Option<Vec<T>>, Error> {
    let (n_rows, size) = (request.rows.len(), block_rows(request));
    if n_rows < FEWEST_BLOCKS * size || request.n_neighbors > size {
        return Ok(None);
    }
    // A permutation, so that no row counts twice.
    let nth = scattered(n_rows);
    let mut values = room(size * request.rows.n_features())?;
    (0..size).for_each(|turn| values.extend_from_slice(request.rows.row(nth(turn))));
    Ok(Some(values))
}

impl<T: Element> Worker<'_, T> {
    /// Makes the probe the block, for a kernel on `f32`; returns the kernel to go on with.
    #[inline(always)]
    pub fn fill_probe<V: Vector>(&mut self, values: &[T]) -> Result<Kernel, Error> {
        let Shared { request, geometry, .. } = *self.shared;
        let rows = Rows::new(values, request.rows.n_features())?;
        let kernel = std::mem::replace(&mut self.kernel, Kernel::Dot);
        self.block.fill::<V, T>(rows, geometry, Repeats::none());
        Ok(kernel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::neighbors::scan::scanned;
    use crate::neighbors::screen::screened;
    use crate::parallel::{Cancel, Pool};
    use crate::simd::Isa;
    use crate::test_data::uniforms;

    #[test]
    fn rows_from_far_to_near_are_found_after_a_probe() {
        // Blocks of 48 rows.
        let (n, n_queries, d) = (1_200, 20, 700);
        let mut rows = uniforms(3, n * d);
        for (row, values) in rows.chunks_exact_mut(d).enumerate() {
            values.iter_mut().for_each(|x| *x = (*x - 0.5) * (1.5 - row as f64 / n as f64));
        }
        let queries: Vec<f64> = uniforms(4, n_queries * d).into_iter().map(|x| 0.01 * (x - 0.5)).collect();
        let (rows, queries) = (Rows::new(&rows, d).expect("rows"), Rows::new(&queries, d).expect("rows"));
        let (pool, cancel) = (Pool::new(2).expect("threads"), Cancel::default());
        for n_neighbors in [1, 7, 40, 50] {
            let request =
                Request { queries, rows, ids: RowIds::From(0), n_neighbors, limits: None, mixed: None };
            let values = probe(&request).expect("room");
            assert_eq!(values.map(|values| values.len()), (n_neighbors <= 48).then_some(48 * d));
            let few = Request { rows: rows.slice(0..1_150), ..request };
            assert!(probe(&few).expect("room").is_none());
            let expected = scanned(&request, &pool, &cancel).expect("finite");
            for (isa, codes) in [(Isa::Baseline, true), (Isa::best(), false), (Isa::best(), true)] {
                let found = screened(&request, isa, codes, &pool, &cancel).expect("finite");
                (0..n_queries).for_each(|query| assert_eq!(found.get(query), expected.get(query)));
            }
        }
    }

    #[test]
    fn rows_of_the_probe_that_are_the_nearest_of_all_are_found() {
        let (n, d, n_neighbors) = (1_200, 700, 7);
        let nth = scattered(n);
        // The others are far on both sides, so that the centre is near the queries and bounds are tight.
        let mut rows: Vec<f64> =
            (0..n * d).map(|i| if (i / d).is_multiple_of(2) { 9.0 } else { -9.0 }).collect();
        for turn in 0..48 {
            let row = nth(turn);
            rows[row * d..(row + 1) * d].fill(0.1 * turn as f64);
        }
        let rows = Rows::new(&rows, d).expect("rows");
        let zeros = vec![0.0; 3 * d];
        let queries = Rows::new(&zeros, d).expect("rows");
        let request = Request { queries, rows, ids: RowIds::From(0), n_neighbors, limits: None, mixed: None };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let expected: Vec<usize> = (0..n_neighbors).map(&nth).collect();
        for (isa, codes) in [(Isa::Baseline, false), (Isa::best(), false), (Isa::best(), true)] {
            let found = screened(&request, isa, codes, &pool, &cancel).expect("finite");
            for query in 0..3 {
                let positions: Vec<usize> = found.get(query).iter().map(|row| row.position).collect();
                assert_eq!(positions, expected);
            }
        }
    }
}
