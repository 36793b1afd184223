//! The random stream itself, for tests of its distribution.

use nngmix_core::random::{self, Key, Purpose};
use pyo3::prelude::*;

use crate::arrays::{values_mut, Write1};
use crate::run::{run, WORK_OF_A_VALUE};

/// The normals from flat element `start` on.
#[pyfunction]
pub fn fill_normals(py: Python<'_>, key: [u32; 8], start: u64, mut out: Write1<'_, f32>) -> PyResult<()> {
    let out = values_mut("out", &mut out)?;
    run(py, Some(1), out.len() as f64 * WORK_OF_A_VALUE, |_, _| {
        random::normals_from(Key(key), Purpose::Noise, start, out);
        Ok(())
    })
}
