//! Long lists, with limits that a sample of the rows estimates. As long as few rows are known, far too many pass for
//! near, and the more the longer the lists are. What is estimated may be too near: a query whose list stays short
//! is searched for again without.

use super::lists::Lists;
use super::request::{Request, RowIds};
use super::screen::scattered;
use crate::memory::room;
use crate::rows::{Element, Rows};
use crate::Error;

/// For shorter lists a sample costs more than it saves.
const FEWEST_NEIGHBORS: usize = 48;
/// About how many rows of the sample are among the nearest of a query.
const AMONG_NEAREST: usize = 2;
/// The fewest rows of a sample, and how many times as many there have to be.
const FEWEST_ROWS: usize = 1024;
const TIMES: usize = 16;
/// Values of the largest sample, 16 MiB at most: memory does not grow with the rows.
const MOST_VALUES: usize = 1 << 21;

/// What `find` finds; it is also told whether the rows are all of them, not the sample.
pub(super) fn estimated<T: Element>(
    request: &Request<'_, T>,
    find: impl Fn(&Request<'_, T>, bool) -> Result<Lists, Error>,
) -> Result<Lists, Error> {
    let d = request.rows.n_features();
    let Some((size, rank)) = sample(request.rows.len(), request.n_neighbors, d) else {
        return find(request, true);
    };
    let nth = scattered(request.rows.len());
    let mut values = room(size * d)?;
    (0..size).for_each(|turn| values.extend_from_slice(request.rows.row(nth(turn))));
    let rows = Rows::new(&values, d)?;
    let near = find(&Request { rows, ids: RowIds::From(0), n_neighbors: rank, ..*request }, false)?;
    let mut limits = room(near.len())?;
    limits.extend((0..near.len()).map(|query| {
        let last = near.get(query).get(rank - 1).map_or(f64::INFINITY, |last| last.squared_distance);
        last.min(request.limit(query))
    }));
    let mut found = find(&Request { limits: Some(&limits), ..*request }, true)?;

    let short = |query: &usize| {
        found.get(*query).len() < request.n_neighbors && limits[*query] < request.limit(*query)
    };
    let again: Vec<usize> = (0..found.len()).filter(short).collect();
    if again.is_empty() {
        return Ok(found);
    }
    let mut values = room(again.len() * d)?;
    again.iter().for_each(|&query| values.extend_from_slice(request.queries.row(query)));
    let limits: Vec<f64> = again.iter().map(|&query| request.limit(query)).collect();
    let rest = find(&Request { queries: Rows::new(&values, d)?, limits: Some(&limits), ..*request }, true)?;
    for (i, &query) in again.iter().enumerate() {
        found.put(query, rest.get(i).to_vec(), request);
    }
    Ok(found)
}

/// How many rows to look at, and which of the nearest of them is almost surely beyond the last of the list; `None`
/// where that does not pay.
fn sample(n_rows: usize, n_neighbors: usize, n_features: usize) -> Option<(usize, usize)> {
    if n_neighbors < FEWEST_NEIGHBORS {
        return None;
    }
    let most = MOST_VALUES / n_features;
    let size = (AMONG_NEAREST * n_rows / n_neighbors).clamp(FEWEST_ROWS, most.max(FEWEST_ROWS));
    if most < FEWEST_ROWS || size < n_rows / n_neighbors {
        return None;
    }
    let expected = (n_neighbors * size) as f64 / n_rows as f64;
    // Four standard deviations and some more, for so few are not normally distributed: once in a million times.
    let rank = (expected + 4.0 * expected.sqrt() + 4.0).ceil() as usize;
    (TIMES * size <= n_rows).then_some((size, rank))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::neighbors::scan::scanned;
    use crate::parallel::{Cancel, Pool};
    use crate::test_data::uniforms;

    /// Searches with limits that are estimated, compares with the plain scan, and returns how many queries were
    /// searched for among all rows each time.
    fn searches(rows: &[f64], limits: Option<&[f64]>, n_neighbors: usize) -> Vec<usize> {
        let queries = [0.0, 0.5, 1.0];
        let (queries, rows) = (Rows::new(&queries, 1).expect("rows"), Rows::new(rows, 1).expect("rows"));
        let request = Request { queries, rows, ids: RowIds::From(0), n_neighbors, limits, mixed: None };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let searched = RefCell::new(Vec::new());
        let found = estimated(&request, |rest, whole| {
            if whole {
                searched.borrow_mut().push(rest.queries.len());
            } else {
                assert!(rest.rows.len() * TIMES <= rows.len());
            }
            scanned(rest, &pool, &cancel)
        });
        let (found, expected) = (found.expect("finite"), scanned(&request, &pool, &cancel).expect("finite"));
        (0..3).for_each(|query| assert_eq!(found.get(query), expected.get(query), "query {query}"));
        searched.into_inner()
    }

    #[test]
    fn estimated_limits_hold_the_nearest_rows() {
        let rows = uniforms(1, 17_000);
        for n_neighbors in [48, 100, 500] {
            assert_eq!(searches(&rows, None, n_neighbors), [3]);
            assert_eq!(searches(&rows, Some(&[1e-9, 0.0, f64::INFINITY]), n_neighbors), [3]);
        }
    }

    #[test]
    fn queries_whose_limit_was_too_near_are_searched_for_again() {
        let mut rows = uniforms(2, 17_000);
        let nth = scattered(rows.len());
        // All rows as near as this are in the sample.
        (0..30).for_each(|turn| rows[nth(turn)] = 1.0 + 1e-9 * turn as f64);
        assert_eq!(searches(&rows, None, 60), [3, 1]);
        assert_eq!(searches(&rows, Some(&[1.0, 1.0, 1e-5]), 60), [3, 1]);
        // No list is longer than its own limit lets it be.
        assert_eq!(searches(&rows, Some(&[1.0, 1.0, 1e-16]), 60), [3]);
    }

    #[test]
    fn samples_do_not_grow_with_the_rows() {
        // Cut to what there is room for, as long as about one of them is among the nearest.
        assert_eq!(sample(1_000_000, 100, 128).map(|(size, _)| size), Some(MOST_VALUES / 128));
        assert_eq!(sample(62_500_000, 100, 32), None);
        assert_eq!(sample(1_000_000, 900, 4096), None);
    }

    #[test]
    fn short_lists_and_small_tables_are_not_sampled() {
        assert_eq!((sample(1 << 20, 47, 1), sample(16_383, 100, 1)), (None, None));
        assert_eq!(sample(200_000, 100, 32), Some((4000, 12)));
        assert_eq!(sample(16_384, 1000, 1).map(|(size, _)| size), Some(1024));
    }
}
