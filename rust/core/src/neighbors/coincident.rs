//! Rows so near all queries that every squared distance is 0, as of equal rows, or underflows to it. All queries
//! then have the same neighbours, the first rows by content and id, which are found once.

use std::cmp::Ordering::Less;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::distance::squared_distance;
use super::lists::{compare, Candidate, Lists};
use super::request::Request;
use super::scan::in_parts;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

/// Rows between two looks at a cancellation.
const BLOCK_ROWS: usize = 64;

/// The nearest rows of every query, if every squared distance is 0.
///
/// No difference of two values in a column exceeds that of the column's ends. The distance of the ends, which are
/// subtracted, squared and added up alike, is therefore the largest: see `partition::boxes`.
pub(super) fn coincident<T: Element>(
    request: &Request<'_, T>,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Option<Lists>, Error> {
    if request.queries.is_empty() || request.queries.check_finite().is_err() {
        return Ok(None);
    }
    let one = Request { queries: request.queries.slice(0..1), limits: None, ..*request };
    let apart = AtomicBool::new(false);
    let found = in_parts(&one, pool, |_, rows| first_rows(&one, request.queries, rows, &apart, cancel))?;
    if apart.into_inner() {
        return Ok(None);
    }
    let mut lists = Lists::none(request.n_neighbors);
    for query in 0..request.queries.len() {
        let wanted = if request.limit(query) >= 0.0 { found.get(0) } else { &[] };
        lists.push(wanted.to_vec());
    }
    Ok(Some(lists))
}

/// The first of `rows` by content and id, until some distance is known not to be 0.
fn first_rows<T: Element>(
    request: &Request<'_, T>,
    queries: Rows<'_, T>,
    rows: Range<usize>,
    apart: &AtomicBool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let d = queries.n_features();
    let (mut low, mut high) = (vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
    widen(queries, &mut low, &mut high);
    let mut lists = Lists::new(1, request.n_neighbors, rows.len())?;
    for start in rows.clone().step_by(BLOCK_ROWS) {
        cancel.check()?;
        let block = start..(start + BLOCK_ROWS).min(rows.end);
        request.check_values(block.clone())?;
        widen(request.rows.slice(block.clone()), &mut low, &mut high);
        if apart.load(Ordering::Relaxed) || squared_distance(&low, &high) != 0.0 {
            apart.store(true, Ordering::Relaxed);
            break;
        }
        for position in block {
            let candidate = Candidate { squared_distance: 0.0, position };
            let found = lists.get(0);
            let last = found.last().filter(|_| found.len() == request.n_neighbors);
            if last.is_none_or(|&last| compare(request, candidate, last) == Less) {
                lists.insert(0, candidate, request);
            }
        }
    }
    Ok(lists)
}

/// Moves the ends of each column outwards as far as the rows reach.
pub(super) fn widen<T: Element>(rows: Rows<'_, T>, low: &mut [f64], high: &mut [f64]) {
    for row in rows.values().chunks_exact(rows.n_features()) {
        for ((low, high), x) in low.iter_mut().zip(high.iter_mut()).zip(row) {
            let x = x.to_f64();
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::neighbors::scan::scanned;
    use crate::test_data::uniforms;

    #[test]
    fn rows_at_distance_0_are_found_once_for_all_queries() {
        let (n, d, cancel) = (700, 3, Cancel::default());
        // A constant column, wide but equal everywhere, and repeats.
        let mut values = uniforms(3, n * d);
        for (i, x) in values.iter_mut().enumerate() {
            *x = if i % d == 1 { 7.0 } else { (*x * 9.0).floor() * 1e-170 };
        }
        let rows = Rows::new(&values, d).expect("rows");
        let ids: Vec<i64> = (0..n as i64).map(|i| i * 7919 % 1009).collect();
        let limits = [f64::INFINITY, 0.0, f64::NEG_INFINITY];
        for (ids, limits) in [(RowIds::From(3), None), (RowIds::Given(&ids), Some(&limits[..]))] {
            let request =
                Request { queries: rows.slice(5..8), rows, ids, n_neighbors: 20, limits, mixed: None };
            for n_threads in [1, 3] {
                let pool = Pool::new(n_threads).expect("threads");
                let found = coincident(&request, &pool, &cancel).expect("finite").expect("all at 0");
                let expected = scanned(&request, &pool, &cancel).expect("finite");
                (0..3).for_each(|query| assert_eq!(found.get(query), expected.get(query)));
            }
        }
    }

    #[test]
    fn one_row_apart_is_enough_for_none_and_one_nan_for_an_error() {
        let (pool, cancel) = (Pool::new(2).expect("threads"), Cancel::default());
        let mut values = vec![1e-200; 600];
        for (last, expected) in [(1e-150, Ok(true)), (1e-190, Ok(false)), (f64::NAN, Err(()))] {
            values[599] = last;
            let rows = Rows::new(&values, 2).expect("rows");
            let request = Request {
                queries: rows.slice(0..2),
                rows,
                ids: RowIds::From(0),
                n_neighbors: 2,
                limits: None,
                mixed: None,
            };
            let found = coincident(&request, &pool, &cancel);
            assert_eq!(found.map(|found| found.is_none()).map_err(|_| ()), expected, "{last}");
        }
    }
}
