//! The direct search: every distance in `f64`, a query in each lane of a register. The sum of a pair grows in its
//! lane, columns ascending and without fused operations, which is the definition itself: nothing is discarded, so
//! that nothing has to be proven, prepared or computed again. It suits tables that end before a screen pays.
//!
//! [`tile`] computes distances of a few rows and registers of queries, [`nearest`] keeps the nearest of each lane in
//! registers, too. Equal distances are rare and not ordered there: lists that hold some are put in order afterwards,
//! and lists whose last place is contested are found again, with all rows at that distance.

mod nearest;
mod tied;
mod tile;

use std::ops::Range;

use self::nearest::Nearest;
use self::tied::Tied;
use self::tile::{sweep, Packed};
use super::lists::Lists;
use super::request::Request;
use super::scan::in_parts;
use crate::parallel::{Cancel, Pool};
use crate::rows::Element;
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Longer lists cost more than the distances do.
pub(super) const MOST_NEIGHBORS: usize = 32;
/// Values of one block, which stays in the first-level cache while all queries pass over it.
const BLOCK_VALUES: usize = 2048;

/// The nearest rows of every query, for at most `MOST_NEIGHBORS` of them or of the rows.
pub(super) fn direct<T: Element>(
    request: &Request<'_, T>,
    isa: Isa,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    in_parts(request, pool, |queries, rows| find(isa, request, queries, rows, cancel))
}

dispatch! {
    fn find[T: Element](
        request: &Request<'_, T>, queries: Range<usize>, rows: Range<usize>, cancel: &Cancel
    ) -> Result<Lists, Error> = find_impl
}

#[inline(always)]
fn find_impl<V: Vector, T: Element>(
    request: &Request<'_, T>,
    queries: Range<usize>,
    rows: Range<usize>,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let d = request.rows.n_features();
    let packed = Packed::new::<V::Wide, T>(request.queries.slice(queries.clone()))?;
    let all: Vec<usize> = (0..packed.n_registers::<V::Wide>()).collect();
    let block_rows = (BLOCK_VALUES / d).max(1);
    let mut room = Vec::new();
    let mut nearest = Nearest::new::<V::Wide, T>(request, queries, rows.len())?;
    for start in rows.clone().step_by(block_rows) {
        cancel.check()?;
        let block = request.rows.slice(start..(start + block_rows).min(rows.end));
        nearest.begin(start, start - rows.start);
        sweep::<V::Wide>(&packed, &all, T::widened(block.values(), &mut room), &mut nearest);
        if nearest.doubtful {
            block.check_finite()?;
        }
    }
    let (mut lists, contested) = nearest.lists::<V::Wide, T>(request)?;
    if contested.is_empty() {
        return Ok(lists);
    }
    let mut tied = Tied::new::<V::Wide>(&contested);
    for start in rows.clone().step_by(block_rows) {
        cancel.check()?;
        let block = request.rows.slice(start..(start + block_rows).min(rows.end));
        tied.start = start;
        sweep::<V::Wide>(&packed, &tied.registers.clone(), T::widened(block.values(), &mut room), &mut tied);
        tied.thin_out(request);
    }
    for (list, candidates) in tied.candidates() {
        lists.put(list, candidates, request);
    }
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::neighbors::scan::scanned;
    use crate::rows::Rows;
    use crate::test_data::uniforms;

    fn check<T: Element>(queries: &[T], rows: &[T], d: usize, k: usize, limits: Option<&[f64]>) {
        let (queries, rows) = (Rows::new(queries, d).expect("rows"), Rows::new(rows, d).expect("rows"));
        let given: Vec<i64> = (0..rows.len() as i64).map(|i| i * 7919 % 10_007).collect();
        let cancel = Cancel::default();
        for ids in [RowIds::From(3), RowIds::Given(&given)] {
            let request = Request { queries, rows, ids, n_neighbors: k, limits, mixed: None };
            let expected = scanned(&request, &Pool::new(1).expect("one"), &cancel).expect("finite");
            for (isa, n_threads) in Isa::ALL.into_iter().flat_map(|isa| [(isa, 1), (isa, 3)]) {
                let pool = Pool::new(n_threads).expect("threads");
                let found = direct(&request, isa.min(Isa::best()), &pool, &cancel).expect("finite");
                for i in 0..queries.len() {
                    assert_eq!(found.get(i), expected.get(i), "{isa:?}, query {i} of {}", queries.len());
                }
            }
        }
    }

    #[test]
    fn every_number_of_queries_rows_columns_and_neighbors_gives_the_plain_scan() {
        for (n_queries, n, d, k) in [
            (1, 1, 1, 1),
            (3, 5, 2, 7),
            (8, 70, 30, 11),
            (17, 301, 9, 32),
            (33, 64, 3, 1),
            (50, 50, 30, 11),
            (200, 200, 5, 10),
            (20, 33, 700, 5),
        ] {
            let (queries, rows) = (uniforms(n as u64, n_queries * d), uniforms(d as u64 + 1, n * d));
            check(&queries, &rows, d, k, None);
            let narrow = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
            check(&narrow(&queries), &narrow(&rows), d, k, None);
            let limits: Vec<f64> = (0..n_queries).map(|i| i as f64 * 0.01 * d as f64).collect();
            check(&queries, &rows, d, k, Some(&limits));
        }
    }

    #[test]
    fn ties_overflow_and_limits_that_rows_meet_give_the_plain_scan() {
        let digits =
            |seed, n| -> Vec<f64> { uniforms(seed, n).into_iter().map(|x| (x * 3.0).floor()).collect() };
        for (n_queries, n, d, k) in [(20, 300, 3, 10), (9, 40, 1, 40), (70, 500, 2, 5)] {
            let (queries, mut rows) = (digits(1, n_queries * d), digits(2, n * d));
            check(&queries, &rows, d, k, None);
            let limits: Vec<f64> = (0..n_queries).map(|i| (i % 4) as f64).collect();
            check(&queries, &rows, d, k, Some(&limits));
            let many: Vec<f64> = rows.iter().copied().cycle().take(4000 * d).collect();
            check(&queries[..d], &many, d, k, None);
            // Most distances overflow: they are equal, and content decides.
            rows.iter_mut().skip(7).for_each(|x| *x = (*x - 1.0) * 1e200);
            check(&queries, &rows, d, k, None);
            check(&queries, &rows, d, k, Some(&vec![f64::INFINITY; n_queries]));
        }
    }

    #[test]
    fn values_that_are_not_finite_and_cancellation_are_errors() {
        let cancel = Cancel::default();
        for bad in [f64::NAN, f64::INFINITY] {
            let mut values = uniforms(1, 300);
            values[299] = bad;
            let rows = Rows::new(&values, 3).expect("rows");
            let queries = rows.slice(0..3);
            let request =
                Request { queries, rows, ids: RowIds::From(0), n_neighbors: 2, limits: None, mixed: None };
            let found = direct(&request, Isa::best(), &Pool::new(1).expect("one"), &cancel);
            assert!(matches!(found, Err(Error::NotFinite { .. })));
        }
        cancel.cancel();
        let rows = Rows::new(&[1.0, 2.0], 1).expect("rows");
        let request =
            Request { queries: rows, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
        let found = direct(&request, Isa::best(), &Pool::new(1).expect("one"), &cancel);
        assert_eq!(found.err(), Some(Error::Interrupted));
    }
}
