//! CutMix.

use nngmix_core::methods::cutmix::{cutmix as paste, CutMix, CutMixPlan};
use nngmix_core::methods::windows::Widths;
use nngmix_core::methods::AllRows;
use pyo3::prelude::*;

use super::{all_rows, drawn, AllRowsIn, Column, ColumnIn, KindsIn, WORK_OF_A_COPY};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read2, Write2};
use crate::run::run_moves;

/// What a plan is drawn from; partners are the first `n_rows` of the rows numbered through.
#[derive(FromPyObject)]
pub struct CutMixChoices {
    n_anomalies: usize,
    n_rows: usize,
    n_features: usize,
    min_width: f64,
    max_width: f64,
}

/// A plan, drawn; `number` is the partner.
#[derive(IntoPyObject)]
pub struct CutMixPlanOut<'py> {
    anchor: Column<'py, i64>,
    number: Column<'py, i64>,
    origin: Column<'py, i64>,
    begin: Column<'py, i64>,
    width: Column<'py, i64>,
}

/// A plan, to be executed; `number` is the partner.
#[derive(FromPyObject)]
pub struct CutMixPlanIn<'py> {
    anchor: ColumnIn<'py, i64>,
    number: ColumnIn<'py, i64>,
    origin: ColumnIn<'py, i64>,
    begin: ColumnIn<'py, i64>,
    width: ColumnIn<'py, i64>,
}

/// The choices for the rows from `start` on; windows that are `in_place` are pasted where they came from.
#[pyfunction]
#[pyo3(signature = (key, start, n_samples, choices, n_threads, in_place=false))]
pub fn plan_cutmix<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: CutMixChoices,
    n_threads: Option<usize>,
    in_place: bool,
) -> PyResult<CutMixPlanOut<'py>> {
    let CutMixChoices { n_anomalies, n_rows, n_features, min_width, max_width } = choices;
    let widths = Widths { n_features, min_width, max_width };
    let method = CutMix { n_anomalies, n_rows, widths, in_place };
    let [anchor, number, origin, begin, width] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(CutMixPlanOut { anchor, number, origin, begin, width })
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
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        all_rows!(all: T, sources);
        let plan = CutMixPlan {
            anchor: values("anchor", &plan.anchor)?,
            partner: values("number", &plan.number)?,
            origin: values("origin", &plan.origin)?,
            begin: values("begin", &plan.begin)?,
            width: values("width", &plan.width)?,
        };
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run_moves(py, n_threads, work, |pool, cancel| paste(all, plan, out, pool, cancel))
    })
}
