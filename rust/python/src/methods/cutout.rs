//! Cutout.

use nngmix_core::methods::cutout::{cutout as cut, Blank, Cutout, CutoutPlan};
use nngmix_core::methods::windows::Widths;
use pyo3::prelude::*;

use super::{drawn, Column, ColumnIn, KindsIn, WORK_OF_A_COPY};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read2, Write2};
use crate::run::run_moves;

/// What a plan is drawn from.
#[derive(FromPyObject)]
pub struct CutoutChoices {
    n_anomalies: usize,
    n_features: usize,
    min_width: f64,
    max_width: f64,
}

/// A plan, drawn.
#[derive(IntoPyObject)]
pub struct CutoutPlanOut<'py> {
    anchor: Column<'py, i64>,
    begin: Column<'py, i64>,
    width: Column<'py, i64>,
}

/// A plan, to be executed.
#[derive(FromPyObject)]
pub struct CutoutPlanIn<'py> {
    anchor: ColumnIn<'py, i64>,
    begin: ColumnIn<'py, i64>,
    width: ColumnIn<'py, i64>,
}

/// The choices for the rows from `start` on.
#[pyfunction]
pub fn plan_cutout<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: CutoutChoices,
    n_threads: Option<usize>,
) -> PyResult<CutoutPlanOut<'py>> {
    let CutoutChoices { n_anomalies, n_features, min_width, max_width } = choices;
    let method = Cutout { n_anomalies, widths: Widths { n_features, min_width, max_width } };
    let [anchor, begin, width] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(CutoutPlanOut { anchor, begin, width })
}

/// Copies anchors and sets their windows to 0; of mixed columns to missing if that is kept, else the numbers alone.
#[pyfunction]
#[pyo3(signature = (out, anomalies, plan, n_threads, mixed=None, missing=false))]
pub fn cutout<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    anomalies: &Matrix<'py>,
    plan: CutoutPlanIn<'py>,
    n_threads: Option<usize>,
    mixed: Option<KindsIn<'py>>,
    missing: bool,
) -> PyResult<()> {
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        let anomalies: Read2<'_, T> = anomalies.extract()?;
        let anomalies = rows::<T>("anomalies", &anomalies)?;
        let plan = CutoutPlan {
            anchor: values("anchor", &plan.anchor)?,
            begin: values("begin", &plan.begin)?,
            width: values("width", &plan.width)?,
        };
        let blank = KindsIn::categorical(&mixed)?.map(|categorical| Blank { categorical, missing });
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run_moves(py, n_threads, work, |pool, cancel| cut(anomalies, plan, blank, out, pool, cancel))
    })
}
