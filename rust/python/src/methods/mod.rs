//! The functions Python sees of every method: for each, one that draws a plan and one that makes its rows.

pub mod cutmix;
pub mod cutout;
pub mod duplicate;
pub mod gaussian_noise;
pub mod mixup;
pub mod nng_mix;

use nngmix_core::memory::zeros;
use nngmix_core::methods::{draw, Choose};
use nngmix_core::random::Key;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::arrays::Read1;
use crate::run::run;

/// Operations a row's plan costs.
const WORK_OF_A_PLAN: f64 = 200.0;
/// Operations a value costs that is copied or weighted.
const WORK_OF_A_COPY: f64 = 2.0;

/// A column of a plan, drawn.
type Column<'py, T> = Bound<'py, PyArray1<T>>;
/// A column of a plan, to be executed.
type ColumnIn<'py, T> = Read1<'py, T>;

/// The rows partners are taken from: numbered through, the anomalies first.
#[derive(FromPyObject)]
pub struct AllRowsIn<'py> {
    anomalies: Bound<'py, PyAny>,
    unlabeled: Bound<'py, PyAny>,
}

/// Borrows the arrays of `$input` as `$all` for the rest of the block.
macro_rules! all_rows {
    ($all:ident: $type:ident, $input:expr) => {
        let anomalies: Read2<'_, $type> = $input.anomalies.extract()?;
        let unlabeled: Read2<'_, $type> = $input.unlabeled.extract()?;
        let $all = AllRows {
            anomalies: rows::<$type>("anomalies", &anomalies)?,
            unlabeled: rows::<$type>("unlabelled rows", &unlabeled)?,
        };
    };
}
use all_rows;

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
