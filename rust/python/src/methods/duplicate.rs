//! Duplication.

use nngmix_core::methods::duplicate::duplicate as copy;
use nngmix_core::methods::Anchors;
use nngmix_core::random::Purpose;
use pyo3::prelude::*;

use super::{drawn, Column, ColumnIn, WORK_OF_A_COPY};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read2, Write2};
use crate::run::run_moves;

/// The choices for the rows from `start` on: anchors.
#[pyfunction]
pub fn plan_duplicate<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    n_anomalies: usize,
    n_threads: Option<usize>,
) -> PyResult<Column<'py, i64>> {
    let method = Anchors { n_anomalies, purpose: Purpose::Duplicate };
    let [anchor] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(anchor)
}

/// Copies anchors into `out`; NaN is a missing value if `missing`, else an error.
#[pyfunction]
#[pyo3(signature = (out, anomalies, anchor, n_threads, missing=false))]
pub fn duplicate(
    py: Python<'_>,
    out: &Matrix<'_>,
    anomalies: &Matrix<'_>,
    anchor: ColumnIn<'_, i64>,
    n_threads: Option<usize>,
    missing: bool,
) -> PyResult<()> {
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        let anomalies: Read2<'_, T> = anomalies.extract()?;
        let (anomalies, anchor) = (rows::<T>("anomalies", &anomalies)?, values("anchor", &anchor)?);
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run_moves(py, n_threads, work, |pool, cancel| copy(anomalies, anchor, missing, out, pool, cancel))
    })
}
