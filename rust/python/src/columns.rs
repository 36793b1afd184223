//! Columns of tables: ranges, exact sums, fractions, and columns put side by side.

use nngmix_core::columns::interleave::interleave;
use nngmix_core::columns::matrix::Matrix;
use nngmix_core::columns::{exact_sum, ranges, whole};
use numpy::Element as NumpyElement;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::arrays::{by_dtype, rows, values, values_mut, Matrix as Array, Read1, Read2, Write1, Write2};
use crate::run::{run, run_moves, to_python};

/// Operations a value costs that is read, or moved into other units.
pub const WORK_OF_A_MOVE: f64 = 4.0;
/// Operations a value costs in exact sums.
const WORK_OF_A_SUM: f64 = 10.0;

/// Calls `$body` with `$matrix` read from an array of rows, or from a list of columns of one dtype.
macro_rules! by_layout {
    ($given:expr, |$matrix:ident| $body:expr) => {{
        let given: &Bound<'_, PyAny> = $given;
        if let Ok(columns) = given.cast::<PyList>() {
            let first = columns.get_item(0).map_err(|_| PyValueError::new_err("there are no columns"))?;
            by_dtype!(&first, |first: Read1<T>| {
                drop(first);
                let columns = columns.iter().map(|column| column.extract()).collect::<PyResult<Vec<_>>>()?;
                let columns = columns_of::<T>(&columns)?;
                let $matrix = Matrix::columns(&columns).map_err(to_python)?;
                $body
            })
        } else {
            by_dtype!(given, |array: Read2<T>| {
                let $matrix = Matrix::Rows(rows::<T>("array", &array)?);
                $body
            })
        }
    }};
}

fn columns_of<'a, T: NumpyElement>(columns: &'a [Read1<'_, T>]) -> PyResult<Vec<&'a [T]>> {
    columns.iter().map(|column| values("column", column)).collect()
}

/// Adds the values and squares of every column to exact sums; with counts of the values of each column, NaN is a
/// missing value.
#[pyfunction]
#[pyo3(signature = (array, sums, n_threads, counts=None))]
pub fn sum_columns(
    py: Python<'_>,
    array: &Array<'_>,
    mut sums: Write2<'_, i64>,
    n_threads: Option<usize>,
    mut counts: Option<Write1<'_, i64>>,
) -> PyResult<()> {
    let sums = values_mut("sums", &mut sums)?;
    let counts = counts.as_mut().map(|counts| values_mut("counts", counts)).transpose()?;
    by_layout!(array, |matrix| {
        run(py, n_threads, matrix.n_values() as f64 * WORK_OF_A_SUM, |pool, cancel| {
            exact_sum::add_columns(matrix, sums, counts, pool, cancel)
        })
    })
}

/// Widens the range of every column so that it holds the values, or those that are not missing.
#[pyfunction]
#[pyo3(signature = (array, minimum, maximum, n_threads, missing=false))]
pub fn widen_ranges(
    py: Python<'_>,
    array: &Array<'_>,
    mut minimum: Write1<'_, f64>,
    mut maximum: Write1<'_, f64>,
    n_threads: Option<usize>,
    missing: bool,
) -> PyResult<()> {
    let (minimum, maximum) = (values_mut("minimum", &mut minimum)?, values_mut("maximum", &mut maximum)?);
    by_layout!(array, |matrix| {
        run_moves(py, n_threads, matrix.n_values() as f64 * WORK_OF_A_MOVE, |pool, cancel| {
            ranges::widen(matrix, minimum, maximum, missing, pool, cancel)
        })
    })
}

/// Clears the mark of every column that shows a fraction.
#[pyfunction]
pub fn keep_whole(
    py: Python<'_>,
    array: &Array<'_>,
    mut whole: Write1<'_, bool>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    let whole = values_mut("whole", &mut whole)?;
    if !whole.contains(&true) {
        return Ok(());
    }
    by_layout!(array, |matrix| {
        run_moves(py, n_threads, matrix.n_values() as f64 * WORK_OF_A_MOVE, |pool, cancel| {
            whole::keep_whole(matrix, whole, pool, cancel)
        })
    })
}

/// Puts the columns, one-dimensional arrays of the dtype of `out`, side by side into its rows.
#[pyfunction]
pub fn interleave_columns<'py>(
    py: Python<'py>,
    out: &Array<'py>,
    columns: Vec<Bound<'py, PyAny>>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        let columns = columns.iter().map(|column| column.extract()).collect::<PyResult<Vec<_>>>()?;
        let columns = columns_of::<T>(&columns)?;
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_MOVE;
        run_moves(py, n_threads, work, |pool, cancel| interleave(&columns, out, pool, cancel))
    })
}
