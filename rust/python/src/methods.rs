//! The functions Python sees of the methods NNG-Mix is compared with: for each, one that draws a plan and one
//! that makes its rows.

use nngmix_core::methods::duplicate::duplicate as copy_anchors;
use nngmix_core::methods::mixup::{self as mixing, Mixup, MixupPlan};
use nngmix_core::methods::noise::Noisy;
use nngmix_core::methods::windows::{self, CutMix, Cutout, Widths};
use nngmix_core::methods::{draw, AllRows, Anchors, Choose};
use nngmix_core::random::{Beta, Key, Purpose};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray2};
use pyo3::prelude::*;

use crate::arrays::{by_dtype, rows, values, values_mut, Matrix};
use crate::kernels::{WORK_OF_A_PLAN, WORK_OF_A_VALUE};
use crate::run::{run, to_python};

/// Operations a value costs that is copied or weighted.
const WORK_OF_A_COPY: f64 = 2.0;

type Column<'py> = Bound<'py, PyArray1<i64>>;
type ColumnIn<'py> = PyReadonlyArray1<'py, i64>;
type Weights<'py> = Bound<'py, PyArray1<f64>>;

/// Columns of integers, drawn.
fn drawn<'py, const K: usize>(
    py: Python<'py>,
    method: &(impl Choose<K> + Send),
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    n_threads: Option<usize>,
) -> PyResult<[Column<'py>; K]> {
    let work = n_samples as f64 * WORK_OF_A_PLAN;
    let columns = run(py, n_threads, work, |pool, cancel| {
        let mut columns = [(); K].map(|()| vec![0; n_samples]);
        draw(method, Key(key), start, columns.each_mut().map(Vec::as_mut_slice), pool, cancel)?;
        Ok(columns)
    })?;
    Ok(columns.map(|column| column.into_pyarray(py)))
}

/// Anchors of duplication.
#[pyfunction]
pub fn plan_duplicate<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    n_anomalies: usize,
    n_threads: Option<usize>,
) -> PyResult<Column<'py>> {
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
) -> PyResult<Column<'py>> {
    let method = Anchors { n_anomalies, purpose: Purpose::GaussianNoise };
    let [anchor] = drawn(py, &method, key, start, n_samples, n_threads)?;
    Ok(anchor)
}

/// Anchor, begin and width; `choices` is (n_anomalies, n_features, min_width, max_width).
#[pyfunction]
pub fn plan_cutout<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: (usize, usize, f64, f64),
    n_threads: Option<usize>,
) -> PyResult<[Column<'py>; 3]> {
    let (n_anomalies, n_features, min_width, max_width) = choices;
    let method = Cutout { n_anomalies, widths: Widths { n_features, min_width, max_width } };
    drawn(py, &method, key, start, n_samples, n_threads)
}

/// Anchor, partner, origin, begin and width; `choices` is (n_anomalies, n_rows, n_features, min_width, max_width).
#[pyfunction]
pub fn plan_cutmix<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: (usize, usize, usize, f64, f64),
    n_threads: Option<usize>,
) -> PyResult<[Column<'py>; 5]> {
    let (n_anomalies, n_rows, n_features, min_width, max_width) = choices;
    let method = CutMix { n_anomalies, n_rows, widths: Widths { n_features, min_width, max_width } };
    drawn(py, &method, key, start, n_samples, n_threads)
}

/// Anchor, partner and lam; `choices` is (n_anomalies, n_rows, alpha, beta).
#[pyfunction]
pub fn plan_mixup<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: (usize, usize, f64, f64),
    n_threads: Option<usize>,
) -> PyResult<(Column<'py>, Column<'py>, Weights<'py>)> {
    let (n_anomalies, n_rows, alpha, beta) = choices;
    let method = Mixup { n_anomalies, n_rows, weight: Beta::new(alpha, beta).map_err(to_python)? };
    let work = n_samples as f64 * WORK_OF_A_PLAN;
    let (anchor, partner, lam) = run(py, n_threads, work, |pool, cancel| {
        let (mut anchor, mut partner, mut lam) =
            (vec![0; n_samples], vec![0; n_samples], vec![0.0; n_samples]);
        method.draw(Key(key), start, (&mut anchor, &mut partner, &mut lam), pool, cancel)?;
        Ok((anchor, partner, lam))
    })?;
    Ok((anchor.into_pyarray(py), partner.into_pyarray(py), lam.into_pyarray(py)))
}

/// Copies anchors into `out`.
#[pyfunction]
pub fn duplicate(
    py: Python<'_>,
    out: &Matrix<'_>,
    anomalies: &Matrix<'_>,
    anchor: ColumnIn<'_>,
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

/// Adds noise to anchors; `sources` is (anomalies, noise_std).
#[pyfunction]
pub fn gaussian_noise(
    py: Python<'_>,
    out: &Matrix<'_>,
    sources: (Bound<'_, PyAny>, f64),
    key: [u32; 8],
    start: u64,
    anchor: ColumnIn<'_>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let anomalies: PyReadonlyArray2<'_, T> = sources.0.extract()?;
        let anomalies = rows::<T>("anomalies", &anomalies)?;
        let noisy = Noisy { anomalies, noise_std: sources.1, key: Key(key) };
        let anchor = values("anchor", &anchor)?;
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_VALUE;
        run(py, n_threads, work, |pool, cancel| noisy.execute(start, anchor, out, pool, cancel))
    })
}

/// Copies anchors and sets their windows to 0; `plan` is (anchor, begin, width).
#[pyfunction]
pub fn cutout(
    py: Python<'_>,
    out: &Matrix<'_>,
    anomalies: &Matrix<'_>,
    plan: (ColumnIn<'_>, ColumnIn<'_>, ColumnIn<'_>),
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let anomalies: PyReadonlyArray2<'_, T> = anomalies.extract()?;
        let anomalies = rows::<T>("anomalies", &anomalies)?;
        let plan = [values("anchor", &plan.0)?, values("begin", &plan.1)?, values("width", &plan.2)?];
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run(py, n_threads, work, |pool, cancel| windows::cutout(anomalies, plan, out, pool, cancel))
    })
}

/// Copies anchors and pastes windows of their partners; `sources` is (anomalies, unlabelled rows), `plan` is
/// (anchor, partner, origin, begin, width), with partners numbered through both.
#[pyfunction]
pub fn cutmix(
    py: Python<'_>,
    out: &Matrix<'_>,
    sources: (Bound<'_, PyAny>, Bound<'_, PyAny>),
    plan: (ColumnIn<'_>, ColumnIn<'_>, ColumnIn<'_>, ColumnIn<'_>, ColumnIn<'_>),
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let (anomalies, unlabeled): (PyReadonlyArray2<'_, T>, PyReadonlyArray2<'_, T>) =
            (sources.0.extract()?, sources.1.extract()?);
        let (anomalies, unlabeled) =
            (rows::<T>("anomalies", &anomalies)?, rows::<T>("unlabelled rows", &unlabeled)?);
        let plan = [
            values("anchor", &plan.0)?,
            values("partner", &plan.1)?,
            values("origin", &plan.2)?,
            values("begin", &plan.3)?,
            values("width", &plan.4)?,
        ];
        let all = AllRows { anomalies, unlabeled };
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run(py, n_threads, work, |pool, cancel| windows::cutmix(all, plan, out, pool, cancel))
    })
}

/// Mixes anchors and partners; `sources` is (anomalies, unlabelled rows), `plan` is (anchor, partner, lam), with
/// partners numbered through both.
#[pyfunction]
pub fn mixup(
    py: Python<'_>,
    out: &Matrix<'_>,
    sources: (Bound<'_, PyAny>, Bound<'_, PyAny>),
    plan: (ColumnIn<'_>, ColumnIn<'_>, PyReadonlyArray1<'_, f64>),
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: PyReadwriteArray2<T>| {
        let mut out = out;
        let (anomalies, unlabeled): (PyReadonlyArray2<'_, T>, PyReadonlyArray2<'_, T>) =
            (sources.0.extract()?, sources.1.extract()?);
        let (anomalies, unlabeled) =
            (rows::<T>("anomalies", &anomalies)?, rows::<T>("unlabelled rows", &unlabeled)?);
        let plan = MixupPlan {
            anchor: values("anchor", &plan.0)?,
            partner: values("partner", &plan.1)?,
            lam: values("lam", &plan.2)?,
        };
        let all = AllRows { anomalies, unlabeled };
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run(py, n_threads, work, |pool, cancel| mixing::mixup(all, plan, out, pool, cancel))
    })
}
