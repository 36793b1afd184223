//! Rows moved into the units of a scale and back.

use nngmix_core::columns::finish::Finish;
use nngmix_core::columns::scale::{take, Scale};
use numpy::PyUntypedArrayMethods;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read1, Read2, Write2};
use crate::columns::WORK_OF_A_MOVE;
use crate::run::run_moves;

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
    out: &Matrix<'py>,
    array: &Matrix<'py>,
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
        let mut taken = |scale| {
            run_moves(py, n_threads, work, |pool, cancel| take(array, chosen, scale, out, pool, cancel))
        };
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
    array: &Matrix<'py>,
    scale: ScaleIn<'py>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(array, |array: Write2<T>| {
        let mut array = array;
        scale!(scale: T, scale);
        let array = values_mut("array", &mut array)?;
        let work = array.len() as f64 * WORK_OF_A_MOVE;
        run_moves(py, n_threads, work, |pool, cancel| scale.invert(array, pool, cancel))
    })
}
