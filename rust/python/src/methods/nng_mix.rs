//! NNG-Mix.

use nngmix_core::memory::zeros;
use nngmix_core::methods::nng_mix::{Choices, Plan, PlanMut, Sources};
use nngmix_core::random::{Beta, Key, Purpose};
use numpy::{IntoPyArray, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{donors, drawn_donors, with_donors, Column, ColumnIn, KindsIn, WORK_OF_A_PLAN};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read2, Read3, Write2};
use crate::run::{run, to_python, WORK_OF_A_VALUE};

/// What a plan is drawn from.
#[derive(FromPyObject)]
pub struct ChoicesIn {
    n_anomalies: usize,
    /// Neighbours of each anomaly among the unlabelled rows.
    n_neighbors: usize,
    /// Neighbours of each anomaly among the others.
    n_others: usize,
    unlabeled_fraction: f64,
    alpha: f64,
    beta: f64,
}

impl ChoicesIn {
    fn checked(&self) -> PyResult<Choices> {
        let choices = Choices {
            n_anomalies: self.n_anomalies,
            n_neighbors: self.n_neighbors,
            n_neighbors_anomaly: self.n_others,
            unlabeled_fraction: self.unlabeled_fraction,
            weight: Beta::new(self.alpha, self.beta).map_err(to_python)?,
            purpose: Purpose::Plan,
        };
        choices.check().map_err(to_python)?;
        Ok(choices)
    }
}

/// Every choice of some rows, drawn.
#[derive(IntoPyObject)]
pub struct PlanOut<'py> {
    anchor: Column<'py, i64>,
    unlabeled: Column<'py, bool>,
    neighbor: Column<'py, i64>,
    lam: Column<'py, f64>,
}

/// Every choice of some rows, to be executed.
#[derive(FromPyObject)]
pub struct PlanIn<'py> {
    anchor: ColumnIn<'py, i64>,
    unlabeled: ColumnIn<'py, bool>,
    neighbor: ColumnIn<'py, i64>,
    lam: ColumnIn<'py, f64>,
    #[pyo3(default)]
    donor_is_anchor: Option<ColumnIn<'py, bool>>,
}

/// What rows are mixed from.
#[derive(FromPyObject)]
pub struct SourcesIn<'py> {
    anomalies: Bound<'py, PyAny>,
    neighbor_rows: Bound<'py, PyAny>,
    anomaly_neighbors: Read2<'py, i64>,
    noise_std: f64,
    #[pyo3(default)]
    mixed: Option<KindsIn<'py>>,
}

/// Borrows the arrays of `$input` as `$sources` for the rest of the block.
macro_rules! sources {
    ($sources:ident: $type:ident, $input:expr, $key:expr) => {
        let anomalies: Read2<'_, $type> = $input.anomalies.extract()?;
        let contents: Read3<'_, $type> = $input.neighbor_rows.extract()?;
        let $sources = Sources {
            anomalies: rows::<$type>("anomalies", &anomalies)?,
            neighbor_rows: values("neighbour rows", &contents)?,
            slots: contents.shape()[1],
            anomaly_neighbors: values("anomaly neighbours", &$input.anomaly_neighbors)?,
            anomaly_slots: $input.anomaly_neighbors.shape()[1],
            noise_std: $input.noise_std,
            key: Key($key),
            categorical: KindsIn::categorical(&$input.mixed)?,
        };
    };
}

/// Anchor, pool, neighbour and lam of the rows from `start` on; with `donors` also whether the anchor is the donor.
#[pyfunction]
#[pyo3(signature = (key, start, n_samples, choices, n_threads, donors=false))]
pub fn plan<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: ChoicesIn,
    n_threads: Option<usize>,
    donors: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let choices = choices.checked()?;
    let work = n_samples as f64 * WORK_OF_A_PLAN;
    let (anchor, unlabeled, neighbor, lam, donor_is_anchor) = run(py, n_threads, work, |pool, cancel| {
        let (mut anchor, mut neighbor) = (zeros(n_samples)?, zeros(n_samples)?);
        let (mut unlabeled, mut lam) = (zeros(n_samples)?, zeros(n_samples)?);
        let plan = PlanMut {
            anchor: &mut anchor,
            unlabeled: &mut unlabeled,
            neighbor: &mut neighbor,
            lam: &mut lam,
        };
        choices.draw_all(Key(key), start, plan, pool, cancel)?;
        let drawn =
            donors.then(|| drawn_donors(choices.purpose, key, start, &lam, pool, cancel)).transpose()?;
        Ok((anchor, unlabeled, neighbor, lam, drawn))
    })?;
    let plan = PlanOut {
        anchor: anchor.into_pyarray(py),
        unlabeled: unlabeled.into_pyarray(py),
        neighbor: neighbor.into_pyarray(py),
        lam: lam.into_pyarray(py),
    };
    with_donors(plan, donor_is_anchor, py)
}

/// Mixes the rows of a plan into `out`.
#[pyfunction]
pub fn mix<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: SourcesIn<'py>,
    key: [u32; 8],
    start: u64,
    plan: PlanIn<'py>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        sources!(sources: T, sources, key);
        let plan = Plan {
            anchor: values("anchor", &plan.anchor)?,
            unlabeled: values("unlabeled", &plan.unlabeled)?,
            neighbor: values("neighbor", &plan.neighbor)?,
            lam: values("lam", &plan.lam)?,
            donor_is_anchor: donors(&plan.donor_is_anchor)?,
        };
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_VALUE;
        run(py, n_threads, work, |pool, cancel| sources.execute(start, plan, out, pool, cancel))
    })
}

/// Draws and mixes the rows from `start` on straight into `out`.
#[pyfunction]
pub fn generate<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: SourcesIn<'py>,
    key: [u32; 8],
    start: u64,
    choices: ChoicesIn,
    n_threads: Option<usize>,
) -> PyResult<()> {
    let choices = choices.checked()?;
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        sources!(sources: T, sources, key);
        let work = out.shape()[0] as f64 * (WORK_OF_A_PLAN + out.shape()[1] as f64 * WORK_OF_A_VALUE);
        let out = values_mut("out", &mut out)?;
        run(py, n_threads, work, |pool, cancel| sources.generate(&choices, start, out, pool, cancel))
    })
}
