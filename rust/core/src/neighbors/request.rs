//! What is looked for, and where: the one thing every search takes, below all of them.

use std::ops::Range;

use super::mixed::Mixed;
use crate::rows::{Element, Rows};
use crate::Error;

/// The ids of a block of rows.
#[derive(Debug, Clone, Copy)]
pub enum RowIds<'a> {
    /// Consecutive, the first one given.
    From(i64),
    /// One for each row.
    Given(&'a [i64]),
}

impl RowIds<'_> {
    /// The id of the row at `position`.
    #[inline]
    pub fn get(&self, position: usize) -> i64 {
        match self {
            RowIds::From(first) => first + position as i64,
            RowIds::Given(ids) => ids[position],
        }
    }
}

/// What to look for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a, T> {
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
    /// Which columns are categories and what those weigh, where NaN is a missing value; `None` if all are numbers.
    pub mixed: Option<&'a Mixed>,
}

impl<T: Element> Request<'_, T> {
    /// The id of the row at `position`.
    #[inline]
    pub(super) fn id(&self, position: usize) -> i64 {
        self.ids.get(position)
    }

    /// The squared distance beyond which rows are not wanted.
    #[inline]
    pub(super) fn limit(&self, query: usize) -> f64 {
        self.limits.map_or(f64::INFINITY, |limits| limits[query])
    }

    /// Whether ids are known to ascend with positions: of equal rows the first ones are then the nearest.
    #[inline]
    pub(super) fn ids_ascend(&self) -> bool {
        matches!(self.ids, RowIds::From(_))
    }

    /// An error that names the first value of some rows searched that is none.
    pub(super) fn check_values(&self, rows: Range<usize>) -> Result<(), Error> {
        let rows = self.rows.slice(rows);
        match self.mixed {
            None => rows.check_finite(),
            Some(_) => rows.check_not_infinite(),
        }
    }

    /// Checks that everything fits together.
    pub(super) fn check(&self) -> Result<(), Error> {
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
        self.mixed.map_or(Ok(()), |mixed| mixed.check(self.rows.n_features()))?;
        match self.limits {
            Some(limits) if limits.len() != self.queries.len() => {
                let (expected, got) = (self.queries.len(), limits.len());
                Err(Error::Length { what: "limits", expected, got })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_together_is_refused_by_name() {
        let values = [0.0_f32; 12];
        let (queries, rows) =
            (Rows::new(&values[..6], 3).expect("rows"), Rows::new(&values, 3).expect("rows"));
        let fits = Request {
            queries,
            rows,
            ids: RowIds::From(0),
            n_neighbors: 1,
            limits: Some(&[1.0, 2.0]),
            mixed: None,
        };
        assert_eq!(fits.check(), Ok(()));
        let narrow = Request { queries: Rows::new(&values, 2).expect("rows"), ..fits };
        let numbered = Request { ids: RowIds::Given(&[1, 2, 3]), ..fits };
        let limited = Request { limits: Some(&[1.0]), ..fits };
        for (request, named, expected, got) in
            [(narrow, "columns of the queries", 3, 2), (numbered, "row ids", 4, 3), (limited, "limits", 2, 1)]
        {
            assert_eq!(request.check(), Err(Error::Length { what: named, expected, got }));
        }
    }

    #[test]
    fn ids_count_from_the_first_or_are_those_given() {
        assert_eq!(RowIds::From(7).get(3), 10);
        assert_eq!(RowIds::Given(&[5, 1]).get(1), 1);
    }
}
