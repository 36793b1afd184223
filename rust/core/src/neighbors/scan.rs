//! The plain scan: the definition of the search, and what small requests use.

use std::ops::Range;

use super::lists::{Candidate, Lists};
use super::request::Request;
use crate::parallel::{split, Cancel, Pool};
use crate::rows::Element;
use crate::Error;

/// Values of one block: few enough to stay in the first-level cache while all queries pass over it.
const BLOCK_VALUES: usize = 2048;
/// Queries of one thread from which on threads take queries of their own instead of sharing the rows.
const MANY_QUERIES: usize = 64;

/// The nearest rows of every query, with every distance computed.
pub(super) fn scanned<T: Element>(
    request: &Request<'_, T>,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    in_parts(request, pool, |queries, rows| scan(request, queries, rows, cancel))
}

/// What `find` finds for all queries among all rows, of which each thread takes a part.
pub(super) fn in_parts<T: Element>(
    request: &Request<'_, T>,
    pool: &Pool,
    find: impl Fn(Range<usize>, Range<usize>) -> Result<Lists, Error> + Sync,
) -> Result<Lists, Error> {
    let (n_queries, n_rows) = (request.queries.len(), request.rows.len());
    let parts = pool.n_threads();
    if n_queries >= MANY_QUERIES * parts {
        let tasks = split(n_queries, if parts > 1 { 4 * parts } else { 1 });
        let found = pool.map(tasks, |queries| find(queries, 0..n_rows));
        joined(found, |lists, other| lists.append(other))
    } else {
        let tasks = split(n_rows, parts);
        let found = pool.map(tasks, |rows| find(0..n_queries, rows));
        joined(found, |lists, other| lists.absorb(&other, request))
    }
}

fn joined(found: Vec<Result<Lists, Error>>, mut join: impl FnMut(&mut Lists, Lists)) -> Result<Lists, Error> {
    let mut found = found.into_iter();
    let mut first = found.next().unwrap_or(Err(Error::Interrupted))?;
    for other in found {
        join(&mut first, other?);
    }
    Ok(first)
}

/// The nearest rows among `rows` of the queries in `queries`, as lists of that range alone.
fn scan<T: Element>(
    request: &Request<'_, T>,
    queries: Range<usize>,
    rows: Range<usize>,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let mut lists = Lists::new(queries.len(), request.n_neighbors, rows.len())?;
    let block_rows = (BLOCK_VALUES / request.rows.n_features()).max(1);
    for start in rows.clone().step_by(block_rows) {
        cancel.check()?;
        let block = start..(start + block_rows).min(rows.end);
        request.check_values(block.clone())?;
        for (list, query) in queries.clone().enumerate() {
            let limit = request.limit(query);
            request.squared_distances(query, block.clone(), |position, squared_distance| {
                if squared_distance <= lists.worst(list).min(limit) {
                    lists.insert(list, Candidate { squared_distance, position }, request);
                }
            });
        }
    }
    Ok(lists)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;

    fn positions(lists: &Lists, query: usize) -> Vec<usize> {
        lists.get(query).iter().map(|candidate| candidate.position).collect()
    }

    #[test]
    fn ties_are_parted_by_content_and_equal_rows_by_id() {
        // Distances from 0: 1, 1, 4, 1, 1; the two rows of -1 come first, the one with the smaller id before.
        let (query, rows) = ([0.0_f64], [1.0, -1.0, 2.0, 1.0, -1.0]);
        let request = Request {
            queries: Rows::new(&query, 1).expect("a row"),
            rows: Rows::new(&rows, 1).expect("rows"),
            ids: RowIds::Given(&[1, 9, 2, 0, 3]),
            n_neighbors: 4,
            limits: None,
            mixed: None,
        };
        for n_threads in [1, 3] {
            let pool = Pool::new(n_threads).expect("threads");
            let found = scanned(&request, &pool, &Cancel::default()).expect("finite");
            assert_eq!(positions(&found, 0), [4, 1, 3, 0]);
        }
        let limited = Request { limits: Some(&[0.5]), ..request };
        let pool = Pool::new(1).expect("one");
        assert!(scanned(&limited, &pool, &Cancel::default()).expect("finite").get(0).is_empty());
    }

    #[test]
    fn threads_with_queries_of_their_own_find_the_same() {
        let value = |i: usize| ((i * 7919) % 11) as f64;
        let (queries, rows): (Vec<f64>, Vec<f64>) =
            ((0..400).map(value).collect(), (0..90).map(value).collect());
        let (queries, rows) = (Rows::new(&queries, 2).expect("rows"), Rows::new(&rows, 2).expect("rows"));
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 5, limits: None, mixed: None };
        let found = [1, 2, 3].map(|n_threads| {
            let pool = Pool::new(n_threads).expect("threads");
            let lists = scanned(&request, &pool, &Cancel::default()).expect("finite");
            (0..queries.len()).map(|query| positions(&lists, query)).collect::<Vec<_>>()
        });
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0], found[2]);
    }
}
