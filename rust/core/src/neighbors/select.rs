//! Long lists: where thousands of neighbours are wanted, entering each row into a sorted list costs more than its
//! distance. All distances of a query are computed, and what cannot be among the nearest is dropped in bulk.

use std::cmp::Ordering;
use std::ops::Range;

use super::lists::{compare, Candidate, Lists};
use super::request::Request;
use crate::memory::room;
use crate::parallel::{split, Cancel, Pool};
use crate::rows::Element;
use crate::Error;

/// Values between two looks at a cancellation.
const BLOCK_VALUES: usize = 1 << 14;
/// Candidates that are put in order within a few milliseconds.
const SHORT: usize = 1 << 15;

/// The nearest rows of every query, with every distance computed.
pub(super) fn selected<T: Element>(
    request: &Request<'_, T>,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let (n_queries, n_rows) = (request.queries.len(), request.rows.len());
    let parts = split(n_rows, pool.n_threads().div_ceil(n_queries.max(1)));
    let tasks =
        (0..n_queries).flat_map(|query| parts.iter().map(move |rows| (query, rows.clone()))).collect();
    let found = pool.map(tasks, |(query, rows)| nearest(request, query, rows, cancel));
    let mut lists = Lists::none(request.n_neighbors);
    let mut found = found.into_iter();
    for _ in 0..n_queries {
        let mut list = found.next().unwrap_or(Err(Error::Interrupted))?;
        for other in found.by_ref().take(parts.len() - 1) {
            let other = other?;
            list.try_reserve_exact(other.len())
                .map_err(|_| Error::Memory { bytes: size_of_val(&other[..]) })?;
            list.extend(other);
        }
        if parts.len() > 1 {
            keep(&mut list, request);
            sort(&mut list, request, cancel)?;
        }
        lists.push(list);
    }
    Ok(lists)
}

/// The nearest of some rows, in order.
fn nearest<T: Element>(
    request: &Request<'_, T>,
    query: usize,
    rows: Range<usize>,
    cancel: &Cancel,
) -> Result<Vec<Candidate>, Error> {
    let block_rows = (BLOCK_VALUES / request.rows.n_features()).max(1);
    let most = request.n_neighbors.saturating_mul(2);
    let mut list = room(rows.len().min(most.saturating_add(block_rows)))?;
    let mut worst = request.limit(query);
    for start in rows.clone().step_by(block_rows) {
        cancel.check()?;
        let block = start..(start + block_rows).min(rows.end);
        if query == 0 {
            request.check_values(block.clone())?;
        }
        request.squared_distances(query, block, |position, squared_distance| {
            if squared_distance <= worst {
                list.push(Candidate { squared_distance, position });
            }
        });
        if list.len() > most {
            worst = worst.min(keep(&mut list, request));
        }
    }
    keep(&mut list, request);
    sort(&mut list, request, cancel)?;
    Ok(list)
}

/// Drops all but the nearest `n_neighbors`; the largest distance that is left if there are that many.
fn keep<T: Element>(list: &mut Vec<Candidate>, request: &Request<'_, T>) -> f64 {
    let k = request.n_neighbors;
    if list.len() <= k {
        return f64::INFINITY;
    }
    let (_, last, _) = list.select_nth_unstable_by(k - 1, |&a, &b| compare(request, a, b));
    let worst = last.squared_distance;
    list.truncate(k);
    worst
}

/// Puts candidates in order, however many, and ends soon after a cancellation.
fn sort<T: Element>(list: &mut [Candidate], request: &Request<'_, T>, cancel: &Cancel) -> Result<(), Error> {
    cancel.check()?;
    let order = |&a: &Candidate, &b: &Candidate| -> Ordering { compare(request, a, b) };
    if list.len() <= SHORT {
        list.sort_unstable_by(order);
        return Ok(());
    }
    let (nearer, _, farther) = list.select_nth_unstable_by(list.len() / 2, order);
    sort(nearer, request, cancel)?;
    sort(farther, request, cancel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::neighbors::scan::scanned;
    use crate::rows::Rows;
    use crate::test_data::uniforms;

    #[test]
    fn long_lists_are_those_of_the_plain_scan() {
        // Few distinct values: content and ids decide.
        let values: Vec<f64> = uniforms(1, 2 * 9000).into_iter().map(|x| (x * 40.0).floor()).collect();
        let rows = Rows::new(&values, 2).expect("rows");
        let ids: Vec<i64> = (0..9000).map(|i| i * 7919 % 10_007).collect();
        let (limits, cancel) = (vec![900.0; 3], Cancel::default());
        for n_queries in [1, 3] {
            for (n_neighbors, limits) in [(20, None), (3000, Some(&limits[..n_queries])), (20_000, None)] {
                let (queries, ids) = (rows.slice(0..n_queries), RowIds::Given(&ids));
                let request = Request { queries, rows, ids, n_neighbors, limits, mixed: None };
                let expected = scanned(&request, &Pool::new(1).expect("one"), &cancel).expect("finite");
                for n_threads in [1, 4] {
                    let pool = Pool::new(n_threads).expect("threads");
                    let found = selected(&request, &pool, &cancel).expect("finite");
                    assert!((0..n_queries).all(|i| found.get(i) == expected.get(i)), "{n_neighbors}");
                }
            }
        }
    }

    #[test]
    fn lists_of_any_length_are_sorted_and_values_are_looked_at() {
        let values = uniforms(2, 100_000);
        let rows = Rows::new(&values, 1).expect("rows");
        let queries = rows.slice(0..1);
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 100_000, limits: None, mixed: None };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let found = selected(&request, &pool, &cancel).expect("finite");
        assert_eq!(found.get(0).len(), 100_000);
        assert!(found.get(0).is_sorted_by(|a, b| compare(&request, *a, *b) == Ordering::Less));
        cancel.cancel();
        assert_eq!(selected(&request, &pool, &cancel).err(), Some(Error::Interrupted));
        let mut damaged = values.clone();
        damaged[99_999] = f64::NAN;
        let request = Request { rows: Rows::new(&damaged, 1).expect("rows"), ..request };
        assert!(matches!(selected(&request, &pool, &Cancel::default()), Err(Error::NotFinite { .. })));
    }
}
