//! Gaussian noise.

use nngmix_core::methods::gaussian_noise::Noisy;
use nngmix_core::methods::Anchors;
use nngmix_core::random::{Key, Purpose};
use pyo3::prelude::*;

use super::{drawn, Column, ColumnIn, KindsIn};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read2, Write2};
use crate::run::{run, WORK_OF_A_VALUE};

/// The choices for the rows from `start` on: anchors.
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

/// What noisy rows are made from.
#[derive(FromPyObject)]
pub struct NoiseSources<'py> {
    anomalies: Bound<'py, PyAny>,
    noise_std: f64,
    #[pyo3(default)]
    mixed: Option<KindsIn<'py>>,
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
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        let anomalies: Read2<'_, T> = sources.anomalies.extract()?;
        let anomalies = rows::<T>("anomalies", &anomalies)?;
        let categorical = KindsIn::categorical(&sources.mixed)?;
        let noisy = Noisy { anomalies, noise_std: sources.noise_std, key: Key(key), categorical };
        let anchor = values("anchor", &anchor)?;
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_VALUE;
        run(py, n_threads, work, |pool, cancel| noisy.execute(start, anchor, out, pool, cancel))
    })
}
