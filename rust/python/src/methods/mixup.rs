//! Mixup.

use nngmix_core::memory::zeros;
use nngmix_core::methods::mixup::{mixup as mix, Mixup, MixupPlan, MixupPlanMut};
use nngmix_core::methods::AllRows;
use nngmix_core::random::{Beta, Key, Purpose};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{
    all_rows, donors, drawn_donors, with_donors, AllRowsIn, Column, ColumnIn, KindsIn, WORK_OF_A_COPY,
    WORK_OF_A_PLAN,
};
use crate::arrays::{by_dtype, rows, values, values_mut, Matrix, Read2, Write2};
use crate::run::{run, run_moves, to_python};

/// What a plan is drawn from; partners are the first `n_rows` of the rows numbered through.
#[derive(FromPyObject)]
pub struct MixupChoices {
    n_anomalies: usize,
    n_rows: usize,
    alpha: f64,
    beta: f64,
}

/// A plan, drawn; `number` is the partner.
#[derive(IntoPyObject)]
pub struct MixupPlanOut<'py> {
    anchor: Column<'py, i64>,
    number: Column<'py, i64>,
    lam: Column<'py, f64>,
}

/// A plan, to be executed; `number` is the partner.
#[derive(FromPyObject)]
pub struct MixupPlanIn<'py> {
    anchor: ColumnIn<'py, i64>,
    number: ColumnIn<'py, i64>,
    lam: ColumnIn<'py, f64>,
    #[pyo3(default)]
    donor_is_anchor: Option<ColumnIn<'py, bool>>,
}

/// The choices for the rows from `start` on; with `donors` also whether the anchor is the donor.
#[pyfunction]
#[pyo3(signature = (key, start, n_samples, choices, n_threads, donors=false))]
pub fn plan_mixup<'py>(
    py: Python<'py>,
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    choices: MixupChoices,
    n_threads: Option<usize>,
    donors: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let MixupChoices { n_anomalies, n_rows, alpha, beta } = choices;
    let method = Mixup { n_anomalies, n_rows, weight: Beta::new(alpha, beta).map_err(to_python)? };
    let work = n_samples as f64 * WORK_OF_A_PLAN;
    let (anchor, number, lam, donor_is_anchor) = run(py, n_threads, work, |pool, cancel| {
        let (mut anchor, mut number, mut lam) = (zeros(n_samples)?, zeros(n_samples)?, zeros(n_samples)?);
        let plan = MixupPlanMut { anchor: &mut anchor, partner: &mut number, lam: &mut lam };
        method.draw(Key(key), start, plan, pool, cancel)?;
        let drawn =
            donors.then(|| drawn_donors(Purpose::Mixup, key, start, &lam, pool, cancel)).transpose()?;
        Ok((anchor, number, lam, drawn))
    })?;
    let plan = MixupPlanOut {
        anchor: anchor.into_pyarray(py),
        number: number.into_pyarray(py),
        lam: lam.into_pyarray(py),
    };
    with_donors(plan, donor_is_anchor, py)
}

/// Mixes anchors and partners.
#[pyfunction]
pub fn mixup<'py>(
    py: Python<'py>,
    out: &Matrix<'py>,
    sources: AllRowsIn<'py>,
    plan: MixupPlanIn<'py>,
    n_threads: Option<usize>,
) -> PyResult<()> {
    by_dtype!(out, |out: Write2<T>| {
        let mut out = out;
        all_rows!(all: T, sources);
        let plan = MixupPlan {
            anchor: values("anchor", &plan.anchor)?,
            partner: values("number", &plan.number)?,
            lam: values("lam", &plan.lam)?,
            donor_is_anchor: donors(&plan.donor_is_anchor)?,
        };
        let out = values_mut("out", &mut out)?;
        let work = out.len() as f64 * WORK_OF_A_COPY;
        run_moves(py, n_threads, work, |pool, cancel| mix(all, plan, out, pool, cancel))
    })
}
