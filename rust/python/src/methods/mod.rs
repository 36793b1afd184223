//! The functions Python sees of every method: for each, one that draws a plan and one that makes its rows.

pub mod cutmix;
pub mod cutout;
pub mod duplicate;
pub mod gaussian_noise;
pub mod mixup;
pub mod nng_mix;

use nngmix_core::memory::zeros;
use nngmix_core::methods::{draw, draw_donors, Choose};
use nngmix_core::parallel::{Cancel, Pool};
use nngmix_core::random::{Key, Purpose};
use nngmix_core::Error;
use numpy::{IntoPyArray, PyArray1};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrays::{values, Read1};
use crate::run::run;

/// Operations a row's plan costs.
const WORK_OF_A_PLAN: f64 = 200.0;
/// Operations a value costs that is copied or weighted.
const WORK_OF_A_COPY: f64 = 2.0;

/// A column of a plan, drawn.
type Column<'py, T> = Bound<'py, PyArray1<T>>;
/// A column of a plan, to be executed.
type ColumnIn<'py, T> = Read1<'py, T>;

/// The kinds of the columns, with which NaN is a missing value.
#[derive(FromPyObject)]
pub struct KindsIn<'py> {
    categorical: Read1<'py, bool>,
}

impl KindsIn<'_> {
    /// Which columns are categories, if there are kinds.
    fn categorical(kinds: &Option<Self>) -> PyResult<Option<&[bool]>> {
        kinds.as_ref().map(|kinds| values("categorical", &kinds.categorical)).transpose()
    }
}

/// The rows partners are taken from: numbered through, the anomalies first.
#[derive(FromPyObject)]
pub struct AllRowsIn<'py> {
    anomalies: Bound<'py, PyAny>,
    unlabeled: Bound<'py, PyAny>,
    #[pyo3(default)]
    mixed: Option<KindsIn<'py>>,
}

/// Borrows the arrays of `$input` as `$all` for the rest of the block.
macro_rules! all_rows {
    ($all:ident: $type:ident, $input:expr) => {
        let anomalies: Read2<'_, $type> = $input.anomalies.extract()?;
        let unlabeled: Read2<'_, $type> = $input.unlabeled.extract()?;
        let $all = AllRows {
            anomalies: rows::<$type>("anomalies", &anomalies)?,
            unlabeled: rows::<$type>("unlabelled rows", &unlabeled)?,
            categorical: KindsIn::categorical(&$input.mixed)?,
        };
    };
}
use all_rows;

/// Whether the anchor is the donor, for rows whose lam was drawn for `purpose`.
fn drawn_donors(
    purpose: Purpose,
    key: [u32; 8],
    start: u64,
    lam: &[f64],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Vec<bool>, Error> {
    let mut donor_is_anchor = zeros(lam.len())?;
    draw_donors(Key(key), purpose, start, lam, &mut donor_is_anchor, pool, cancel)?;
    Ok(donor_is_anchor)
}

/// The donors of a plan that has them.
fn donors<'a>(donor_is_anchor: &'a Option<ColumnIn<'_, bool>>) -> PyResult<Option<&'a [bool]>> {
    donor_is_anchor.as_ref().map(|donors| values("donor_is_anchor", donors)).transpose()
}

/// A plan as a dictionary, to which the donors are added if there are any.
fn with_donors<'py>(
    plan: impl IntoPyObject<'py, Target = PyDict, Output = Bound<'py, PyDict>, Error = PyErr>,
    donor_is_anchor: Option<Vec<bool>>,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyDict>> {
    let plan = plan.into_pyobject(py)?;
    if let Some(donors) = donor_is_anchor {
        plan.set_item(intern!(py, "donor_is_anchor"), donors.into_pyarray(py))?;
    }
    Ok(plan)
}

/// Columns of integers, drawn.
fn drawn<'py, const K: usize>(
    py: Python<'py>,
    method: &(impl Choose<K> + Send),
    key: [u32; 8],
    start: u64,
    n_samples: usize,
    n_threads: Option<usize>,
) -> PyResult<[Column<'py, i64>; K]> {
    let work = n_samples as f64 * WORK_OF_A_PLAN;
    let columns = run(py, n_threads, work, |pool, cancel| {
        let mut columns = [(); K].map(|()| Vec::new());
        for column in &mut columns {
            *column = zeros(n_samples)?;
        }
        draw(method, Key(key), start, columns.each_mut().map(Vec::as_mut_slice), pool, cancel)?;
        Ok(columns)
    })?;
    Ok(columns.map(|column| column.into_pyarray(py)))
}
