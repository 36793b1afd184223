//! Rows as a whole: whether all their values are finite.

use nngmix_core::Error;
use numpy::PyReadonlyArray2;
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, Matrix};

/// Row and column of the first value that is NaN or infinite.
#[pyfunction]
pub fn first_not_finite(py: Python<'_>, array: &Matrix<'_>) -> PyResult<Option<(usize, usize)>> {
    by_dtype!(array, |array: PyReadonlyArray2<T>| {
        let rows = rows::<T>("array", &array)?;
        Ok(match py.detach(|| rows.check_finite()) {
            Err(Error::NotFinite { row, column }) => Some((row, column)),
            _ => None,
        })
    })
}
