//! Columns of tables: ranges, exact sums, fractions, and rows moved into the units of a scale and back.

use nngmix_core::columns::finish::Finish;
use nngmix_core::columns::interleave::interleave;
use nngmix_core::columns::matrix::Matrix;
use nngmix_core::columns::scale::{take, Scale};
use nngmix_core::columns::{exact_sum, ranges, whole};
use numpy::{Element as NumpyElement, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::arrays::{by_dtype, rows, values, values_mut, Matrix as Array, Read1, Read2, Write1, Write2};
use crate::run::{run, to_python};

/// Operations a value costs that is read, or moved into other units.
const WORK_OF_A_MOVE: f64 = 4.0;
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
        run(py, n_threads, matrix.n_values() as f64 * WORK_OF_A_MOVE, |pool, cancel| {
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
        run(py, n_threads, matrix.n_values() as f64 * WORK_OF_A_MOVE, |pool, cancel| {
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
        run(py, n_threads, work, |pool, cancel| interleave(&columns, out, pool, cancel))
    })
}

/// Offset and width of every column, and what new rows may hold.
#[derive(FromPyObject)]
pub struct ScaleIn<'py> {
    offset: Bound<'py, PyAny>,
    width: Bound<'py, PyAny>,
    finish: Option<FinishIn<'py>>,
}

/// Bounds of every column, and which are whole.
#[derive(FromPyObject)]
pub struct FinishIn<'py> {
    low: Bound<'py, PyAny>,
    high: Bound<'py, PyAny>,
    whole: Read1<'py, bool>,
    missing: bool,
}

/// Borrows the arrays of `$input` as `$scale` for the rest of the block.
macro_rules! scale {
    ($scale:ident: $type:ident, $input:expr) => {
        let offset: Read1<'_, $type> = $input.offset.extract()?;
        let width: Read1<'_, $type> = $input.width.extract()?;
        let bounds = $input.finish.as_ref().map(|finish| -> PyResult<(Read1<'_, $type>, Read1<'_, $type>)> {
            Ok((finish.low.extract()?, finish.high.extract()?))
        });
        let bounds = bounds.transpose()?;
        let mut finish = None;
        if let (Some(input), Some((low, high))) = ($input.finish.as_ref(), bounds.as_ref()) {
            let (low, high) = (values("low", low)?, values("high", high)?);
            finish =
                Some(Finish { low, high, whole: values("whole", &input.whole)?, missing: input.missing });
        }
        let $scale = Scale { offset: values("offset", &offset)?, width: values("width", &width)?, finish };
    };
}

/// Copies the chosen rows, or all, into `out`, in the units of the scale if there is one.
#[pyfunction]
pub fn take_rows<'py>(
    py: Python<'py>,
    out: &Array<'py>,
    array: &Array<'py>,
    chosen: Option<Read1<'py, bool>>,
    scale: Option<ScaleIn<'py>>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        let array: Read2<'_, T> = array.extract()?;
        let array = rows::<T>("array", &array)?;
        let (d, out) = (out.shape()[1], values_mut("out", &mut out)?);
        if d != array.n_features() {
            let got = format!("out has {d} columns, array has {}", array.n_features());
            return Err(PyValueError::new_err(got));
        }
        let chosen = chosen.as_ref().map(|chosen| values("chosen", chosen)).transpose()?;
        let work = out.len() as f64 * WORK_OF_A_MOVE;
        let mut taken =
            |scale| run(py, n_threads, work, |pool, cancel| take(array, chosen, scale, out, pool, cancel));
        match scale {
            None => taken(None),
            Some(scale) => {
                scale!(scale: T, scale);
                taken(Some(scale))
            }
        }
    })
}

/// Rows in the units of a scale back in those before, in place; then the finish of the scale, if it has one.
#[pyfunction]
pub fn unscale_rows<'py>(
    py: Python<'py>,
    array: &Array<'py>,
    scale: ScaleIn<'py>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(array, |array: Write2<T>| {
        let mut array = array;
        scale!(scale: T, scale);
        let array = values_mut("array", &mut array)?;
        let work = array.len() as f64 * WORK_OF_A_MOVE;
        run(py, n_threads, work, |pool, cancel| scale.invert(array, pool, cancel))
    })
}
