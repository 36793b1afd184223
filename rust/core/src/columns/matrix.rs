//! A matrix that lies row after row, or column after column, cut into parts that threads read by themselves.

use std::ops::Range;

use crate::rows::{Element, Rows};
use crate::Error;

/// Values of a column that are read together.
const COLUMN_PART: usize = 1 << 16;

/// Rows, or columns each of which lies by itself.
#[derive(Debug, Clone, Copy)]
pub enum Matrix<'a, T> {
    /// Row after row.
    Rows(Rows<'a, T>),
    /// Columns of one length.
    Columns(&'a [&'a [T]]),
}

/// Some rows of all columns, or some values of one column as rows of one value.
pub(super) struct Part<'a, T> {
    /// Which columns of the matrix are those of `rows`.
    pub columns: Range<usize>,
    pub rows: Rows<'a, T>,
}

impl<'a, T: Element> Matrix<'a, T> {
    /// Columns of one length; others are an error.
    pub fn columns(columns: &'a [&'a [T]]) -> Result<Self, Error> {
        let expected = columns.first().map_or(0, |column| column.len());
        match columns.iter().map(|column| column.len()).find(|&got| got != expected) {
            Some(got) => Err(Error::Length { what: "column", expected, got }),
            None => Ok(Self::Columns(columns)),
        }
    }

    /// Number of columns.
    pub fn n_features(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.n_features(),
            Self::Columns(columns) => columns.len(),
        }
    }

    /// Number of values.
    pub fn n_values(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.values().len(),
            Self::Columns(columns) => columns.iter().map(|column| column.len()).sum(),
        }
    }

    /// All values, in parts of which `n_threads` have something to do.
    pub(super) fn parts(&self, n_threads: usize) -> Result<Vec<Part<'a, T>>, Error> {
        match *self {
            Self::Rows(rows) => {
                let step = rows.len().div_ceil(n_threads).max(1);
                let part = |at: usize| rows.slice(at..(at + step).min(rows.len()));
                let starts = (0..rows.len()).step_by(step);
                Ok(starts.map(|at| Part { columns: 0..rows.n_features(), rows: part(at) }).collect())
            }
            Self::Columns(columns) => {
                let parts = (0..).zip(columns).flat_map(|(j, column)| {
                    let chunks = column.chunks(COLUMN_PART);
                    chunks.map(move |values| Ok(Part { columns: j..j + 1, rows: Rows::new(values, 1)? }))
                });
                parts.collect()
            }
        }
    }

    /// An error that names the first row and column that is infinite or, unless NaN is a missing value, NaN.
    pub(super) fn check(&self, missing: bool) -> Result<(), Error> {
        match self {
            Self::Rows(rows) => check(*rows, missing),
            Self::Columns(columns) => {
                let found = (0..).zip(*columns).filter_map(|(column, values)| {
                    match Rows::new(values, 1).and_then(|rows| check(rows, missing)) {
                        Err(Error::NotFinite { row, .. }) => Some((row, column)),
                        _ => None,
                    }
                });
                found.min().map_or(Ok(()), |(row, column)| Err(Error::NotFinite { row, column }))
            }
        }
    }
}

/// An error for the first value that is infinite or, unless NaN is a missing value, NaN.
pub(super) fn check<T: Element>(rows: Rows<'_, T>, missing: bool) -> Result<(), Error> {
    if missing {
        rows.check_not_infinite()
    } else {
        rows.check_finite()
    }
}

/// The values, which are counted, with 0 for those that are missing: it adds nothing to sums.
pub(super) fn present<T: Element>(rows: Rows<'_, T>, counts: &mut [i64]) -> Vec<T> {
    let d = rows.n_features();
    counts.iter_mut().for_each(|count| *count += rows.len() as i64);
    let present = rows.values().iter().enumerate().map(|(at, &x)| {
        counts[at % d] -= i64::from(x.is_nan());
        if x.is_nan() {
            T::default()
        } else {
            x
        }
    });
    present.collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The columns of rows.
    pub fn columns_of<T: Element>(rows: Rows<'_, T>) -> Vec<Vec<T>> {
        let d = rows.n_features();
        (0..d).map(|j| rows.values().iter().skip(j).step_by(d).copied().collect()).collect()
    }

    #[test]
    fn parts_hold_every_value_once() {
        let values: Vec<f64> = (0..3 * 70_000).map(f64::from).collect();
        let rows = Rows::new(&values, 3).expect("whole rows");
        let columns = columns_of(rows);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        for matrix in [Matrix::Rows(rows), Matrix::columns(&columns).expect("one length")] {
            assert_eq!((matrix.n_features(), matrix.n_values()), (3, values.len()));
            for n_threads in [1, 4] {
                let mut seen = vec![0; values.len()];
                for part in matrix.parts(n_threads).expect("columns") {
                    let width = part.columns.len();
                    for (at, &x) in part.rows.values().iter().enumerate() {
                        assert_eq!(x as usize % 3, part.columns.start + at % width);
                        seen[x as usize] += 1;
                    }
                }
                assert!(seen.iter().all(|&times| times == 1));
            }
        }
    }

    #[test]
    fn the_first_bad_value_in_the_order_of_rows_is_named() {
        let (first, second) = ([1.0, f64::NAN, 3.0, f64::INFINITY], [1.0, 2.0, f64::NEG_INFINITY, f64::NAN]);
        let values: Vec<f64> = first.iter().zip(&second).flat_map(|(&x, &y)| [x, y]).collect();
        let columns = [&first[..], &second[..]];
        for matrix in [Matrix::Columns(&columns), Matrix::Rows(Rows::new(&values, 2).expect("rows"))] {
            assert_eq!(matrix.check(false), Err(Error::NotFinite { row: 1, column: 0 }));
            assert_eq!(matrix.check(true), Err(Error::NotFinite { row: 2, column: 1 }));
        }
        assert_eq!(Matrix::Columns(&[&first[..3]]).check(true), Ok(()));
    }

    #[test]
    fn columns_of_other_lengths_are_refused() {
        assert!(Matrix::columns(&[&[1.0][..], &[1.0, 2.0]]).is_err());
    }
}
