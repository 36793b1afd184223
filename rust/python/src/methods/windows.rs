//! Cutout and CutMix: methods that replace a window of the anchor's columns.

use nngmix_core::methods::windows::{self, CutMix, Cutout, Widths};
use nngmix_core::methods::AllRows;
use numpy::{PyReadonlyArray2, PyReadwriteArray2};
use pyo3::prelude::*;

use super::{all_rows, drawn, AllRowsIn, Column, ColumnIn, WORK_OF_A_COPY};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix};
use crate::run::run;

/// What a plan of cutout is drawn from.
#[derive(FromPyObject)]
pub struct CutoutChoices {
    n_anomalies: usize,
    n_features: usize,
    min_width: f64,
    max_width: f64,
}

/// A plan of cutout, drawn.
#[derive(IntoPyObject)]
pub struct CutoutPlan<'py> {
    anchor: Column<'py, i64>,
    begin: Column<'py, i64>,
    width: Column<'py, i64>,
}

/// A plan of cutout, to be executed.
#[derive(FromPyObject)]
pub struct CutoutPlanIn<'py> {
    anchor: ColumnIn<'py, i64>,
    begin: ColumnIn<'py, i64>,
    width: ColumnIn<'py, i64>,
}

/// What a plan of CutMix is drawn from; partners are the first `n_rows` of the rows numbered through.
#[derive(FromPyObject)]
pub struct CutMixChoices {
    n_anomalies: usize,
    n_rows: usize,
    n_features: usize,
    min_width: f64,
    max_width: f64,
}

/// A plan of CutMix, drawn; `number` is the partner.
#[derive(IntoPyObject)]
pub struct CutMixPlan<'py> {
    anchor: Column<'py, i64>,
    number: Column<'py, i64>,
    origin: Column<'py, i64>,
    begin: Column<'py, i64>,
    width: Column<'py, i64>,
}

/// A plan of CutMix, to be executed; `number` is the partner.
#[derive(FromPyObject)]
pub struct CutMixPlanIn<'py> {
    anchor: ColumnIn<'py, i64>,
    number: ColumnIn<'py, i64>,
    origin: ColumnIn<'py, i64>,
    begin: ColumnIn<'py, i64>,
    width: ColumnIn<'py, i64>,
}

/// The choices of cutout for the rows from `start` on.
#[pyfunction]
pub fn plan_cutout<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: CutoutChoices,
    n_threads: Option<usize>,
) -> PyResult<CutoutPlan<'py>> {
    let CutoutChoices { n_anomalies, n_features, min_width, max_width } = choices;
    let method = Cutout { n_anomalies, widths: Widths { n_features, min_width, max_width } };
    let [anchor, begin, width] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(CutoutPlan { anchor, begin, width })
}

/// The choices of CutMix for the rows from `start` on.
#[pyfunction]
pub fn plan_cutmix<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: CutMixChoices,
    n_threads: Option<usize>,
) -> PyResult<CutMixPlan<'py>> {
    let CutMixChoices { n_anomalies, n_rows, n_features, min_width, max_width } = choices;
    let method = CutMix { n_anomalies, n_rows, widths: Widths { n_features, min_width, max_width } };
    let [anchor, number, origin, begin, width] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(CutMixPlan { anchor, number, origin, begin, width })
}

/// Copies anchors and sets their windows to 0.
#[pyfunction]
pub fn cutout<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    anomalies: &Matrix<'py>,
    plan: CutoutPlanIn<'py>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let anomalies: PyReadonlyArray2<'_, T> = anomalies.extract()?;
        let anomalies = rows::<T>("anomalies", &anomalies)?;
        let plan =
            [values("anchor", &plan.anchor)?, values("begin", &plan.begin)?, values("width", &plan.width)?];
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run(py, n_threads, work, |pool, cancel| windows::cutout(anomalies, plan, out, pool, cancel))
    })
}

/// Copies anchors and pastes windows of their partners.
#[pyfunction]
pub fn cutmix<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: AllRowsIn<'py>,
    plan: CutMixPlanIn<'py>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        all_rows!(all: T, sources);
        let plan = [
            values("anchor", &plan.anchor)?,
            values("number", &plan.number)?,
            values("origin", &plan.origin)?,
            values("begin", &plan.begin)?,
            values("width", &plan.width)?,
        ];
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run(py, n_threads, work, |pool, cancel| windows::cutmix(all, plan, out, pool, cancel))
    })
}
