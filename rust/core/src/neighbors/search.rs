//! One search: a block of rows, split over threads, merged by the total order.

use super::lists::Lists;
use super::scan::scan;
use super::table::RowIds;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

/// What to look for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a, T> {
    /// The rows whose neighbours are wanted.
    pub queries: Rows<'a, T>,
    /// The rows searched.
    pub rows: Rows<'a, T>,
    /// The id of each row searched, the last key of the total order.
    pub ids: RowIds<'a>,
    /// Length of the lists.
    pub n_neighbors: usize,
    /// For each query, a squared distance beyond which rows are not wanted.
    pub limits: Option<&'a [f64]>,
}

impl<T: Element> Search<'_, T> {
    #[inline]
    pub(super) fn id(&self, position: usize) -> i64 {
        self.ids.get(position)
    }

    #[inline]
    pub(super) fn limit(&self, query: usize) -> f64 {
        self.limits.map_or(f64::INFINITY, |limits| limits[query])
    }

    fn check(&self) -> Result<(), Error> {
        let (expected, got) = (self.rows.n_features(), self.queries.n_features());
        if expected != got {
            return Err(Error::Length { what: "columns of the queries", expected, got });
        }
        if let RowIds::Given(ids) = self.ids {
            if ids.len() != self.rows.len() {
                let (expected, got) = (self.rows.len(), ids.len());
                return Err(Error::Length { what: "row ids", expected, got });
            }
        }
        match self.limits {
            Some(limits) if limits.len() != self.queries.len() => {
                let (expected, got) = (self.queries.len(), limits.len());
                Err(Error::Length { what: "limits", expected, got })
            }
            _ => Ok(()),
        }
    }
}

/// The nearest rows of every query, in the total order.
///
/// Fails without a result if a value of the rows is not finite, naming the first, or if cancelled.
pub fn search<T: Element>(search: &Search<'_, T>, pool: &Pool, cancel: &Cancel) -> Result<Lists, Error> {
    search.check()?;
    let (n_queries, n_rows) = (search.queries.len(), search.rows.len());
    if n_rows == 0 || search.n_neighbors == 0 {
        return Ok(Lists::new(n_queries, search.n_neighbors));
    }
    let parts = pool.n_threads();
    let found = if n_queries >= 64 * parts {
        let tasks = split(n_queries, 4 * parts);
        let found = pool.map(tasks, |queries| scan(search, queries, 0..n_rows, cancel));
        collect(found, |lists, other| lists.append(other))
    } else {
        let tasks = split(n_rows, parts);
        let found = pool.map(tasks, |rows| scan(search, 0..n_queries, rows, cancel));
        collect(found, |lists, other| lists.absorb(&other, search.rows, &|at| search.id(at)))
    };
    if let Err(Error::NotFinite { .. }) = found {
        // Threads meet such values in any order: name the first.
        search.rows.check_finite()?;
    }
    found
}

/// `0..n` in at most `parts` ranges of nearly equal length.
fn split(n: usize, parts: usize) -> Vec<std::ops::Range<usize>> {
    let parts = parts.clamp(1, n.max(1));
    (0..parts).map(|i| i * n / parts..(i + 1) * n / parts).collect()
}

fn collect(
    found: Vec<Result<Lists, Error>>,
    mut join: impl FnMut(&mut Lists, Lists),
) -> Result<Lists, Error> {
    let mut found = found.into_iter();
    let mut first = found.next().unwrap_or(Err(Error::Interrupted))?;
    for other in found {
        join(&mut first, other?);
    }
    Ok(first)
}
