//! Duplication and Gaussian noise: methods whose only choice is the anchor.

use nngmix_core::methods::duplicate::duplicate as copy_anchors;
use nngmix_core::methods::noise::Noisy;
use nngmix_core::methods::Anchors;
use nngmix_core::random::{Key, Purpose};
use numpy::{PyReadonlyArray2, PyReadwriteArray2};
use pyo3::prelude::*;

use super::{drawn, Column, ColumnIn, WORK_OF_A_COPY};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix};
use crate::run::{run, WORK_OF_A_VALUE};

/// Anchors of duplication.
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

/// Anchors of Gaussian noise.
#[pyfunction]
pub fn plan_gaussian_noise<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    n_anomalies: usize,
    n_threads: Option<usize>,
) -> PyResult<Column<'py, i64>> {
    let method = Anchors { n_anomalies, purpose: Purpose::GaussianNoise };
    let [anchor] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(anchor)
}

/// Copies anchors into `out`.
#[pyfunction]
pub fn duplicate(
    py: Python<'_>,
    out: &Matrix<'_>,
    anomalies: &Matrix<'_>,
    anchor: ColumnIn<'_, i64>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let anomalies: PyReadonlyArray2<'_, T> = anomalies.extract()?;
        let (anomalies, anchor) = (rows::<T>("anomalies", &anomalies)?, values("anchor", &anchor)?);
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run(py, n_threads, work, |pool, cancel| copy_anchors(anomalies, anchor, out, pool, cancel))
    })
}

/// What noisy rows are made from.
#[derive(FromPyObject)]
pub struct NoiseSources<'py> {
    anomalies: Bound<'py, PyAny>,
    noise_std: f64,
}

/// Adds noise to anchors.
#[pyfunction]
pub fn gaussian_noise<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: NoiseSources<'py>,
    key: [u32; 8],
    start: u64,
    anchor: ColumnIn<'py, i64>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let anomalies: PyReadonlyArray2<'_, T> = sources.anomalies.extract()?;
        let anomalies = rows::<T>("anomalies", &anomalies)?;
        let noisy = Noisy { anomalies, noise_std: sources.noise_std, key: Key(key) };
        let anchor = values("anchor", &anchor)?;
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_VALUE;
        run(py, n_threads, work, |pool, cancel| noisy.execute(start, anchor, out, pool, cancel))
    })
}
