//! The plain scan: the definition of the search, one thread, every distance computed in `f64`.

use std::ops::Range;

use super::lists::{Candidate, Lists};
use super::search::Search;
use crate::parallel::Cancel;
use crate::rows::{Element, Rows};
use crate::Error;

/// Rows of one block: small enough to stay in the first-level cache while all queries pass over it.
const BLOCK_VALUES: usize = 2048;

/// Squared distance in `f64`, columns ascending, no fused operation.
#[inline]
pub(super) fn squared_distance<T: Element>(query: &[T], row: &[T]) -> f64 {
    let mut sum = 0.0;
    for (q, x) in query.iter().zip(row) {
        let difference = x.to_f64() - q.to_f64();
        sum += difference * difference;
    }
    sum
}

/// Rows whose sums run side by side, which hides the latency of additions.
const ROWS: usize = 8;
/// Columns whose squares are computed ahead of their sums, which vectorises.
const COLUMNS: usize = 64;

/// The same for several rows, in the order given.
pub(super) fn squared_distances<T: Element>(
    query: &[T],
    rows: Rows<'_, T>,
    mut positions: impl ExactSizeIterator<Item = usize>,
    mut take: impl FnMut(usize, f64),
) {
    while positions.len() >= ROWS {
        let several: [usize; ROWS] = std::array::from_fn(|_| positions.next().unwrap_or_default());
        let sums = several_distances(query, several.map(|position| rows.row(position)));
        several.into_iter().zip(sums).for_each(|(position, sum)| take(position, sum));
    }
    positions.for_each(|position| take(position, squared_distance(query, rows.row(position))));
}

fn several_distances<T: Element>(query: &[T], rows: [&[T]; ROWS]) -> [f64; ROWS] {
    let mut sums = [0.0; ROWS];
    let mut squares = [[0.0; COLUMNS]; ROWS];
    for start in (0..query.len()).step_by(COLUMNS) {
        let query = &query[start..(start + COLUMNS).min(query.len())];
        for (squares, row) in squares.iter_mut().zip(&rows) {
            for ((square, x), q) in squares.iter_mut().zip(&row[start..]).zip(query) {
                let difference = x.to_f64() - q.to_f64();
                *square = difference * difference;
            }
        }
        for j in 0..query.len() {
            for (sum, squares) in sums.iter_mut().zip(&squares) {
                *sum += squares[j];
            }
        }
    }
    sums
}

/// The nearest rows among `rows` of the queries in `queries`, as lists of that range alone.
pub(super) fn scan<T: Element>(
    search: &Search<'_, T>,
    queries: Range<usize>,
    rows: Range<usize>,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let mut lists = Lists::new(queries.len(), search.n_neighbors);
    let id = |position| search.id(position);
    let block_rows = (BLOCK_VALUES / search.rows.n_features()).max(1);
    for start in rows.clone().step_by(block_rows) {
        cancel.check()?;
        let block = start..(start + block_rows).min(rows.end);
        search.rows.slice(block.clone()).check_finite()?;
        for (list, query) in queries.clone().enumerate() {
            let limit = search.limit(query);
            squared_distances(
                search.queries.row(query),
                search.rows,
                block.clone(),
                |position, squared_distance| {
                    if squared_distance <= lists.worst(list).min(limit) {
                        lists.insert(list, Candidate { squared_distance, position }, search.rows, &id);
                    }
                },
            );
        }
    }
    Ok(lists)
}
