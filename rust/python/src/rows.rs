//! Rows as a whole: whether all their values are finite.

use nngmix_core::Error;
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, Matrix, Read2};
use crate::run::run;

/// Row and column of the first value that is NaN or infinite.
#[pyfunction]
pub fn first_not_finite(py: Python<'_>, array: &Matrix<'_>) -> PyResult<Option<(usize, usize)>> {
    by_dtype!(array, |array: Read2<T>| {
        let rows = rows::<T>("array", &array)?;
        run(py, Some(1), rows.values().len() as f64, |_, _| {
            Ok(match rows.check_finite() {
                Err(Error::NotFinite { row, column }) => Some((row, column)),
                _ => None,
            })
        })
    })
}
