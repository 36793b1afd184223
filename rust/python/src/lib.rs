//! The bridge between `nngmix_core` and Python: it converts, checks layouts, releases the GIL round every
//! kernel and polls for Ctrl-C. It holds no algorithm.
//!
//! | Python                               | Rust                            |
//! |--------------------------------------|---------------------------------|
//! | C-contiguous float32 / float64 array | `Rows<f32>` / `Rows<f64>`       |
//! | float64, int64, bool array           | `&[f64]`, `&[i64]`, `&[bool]`   |
//! | eight Python ints below 2^32         | `Key`                           |
//! | object, its attributes by name       | struct deriving `FromPyObject`  |
//! | dict                                 | struct deriving `IntoPyObject`  |
//!
//! Arrays are borrowed, never copied. Their contents may be changed by another Python thread while a kernel
//! runs: every index taken from them is bounds-checked where it is used.

mod arrays;
mod columns;
mod methods;
mod neighbors;
mod random;
mod rows;
mod run;
mod scale;

use pyo3::prelude::*;

/// The compiled kernels of nngmix; use them through the package.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::run::{available_threads, default_threads, instruction_set, set_default_threads};

    #[pymodule_export]
    use super::rows::first_not_finite;

    #[pymodule_export]
    use super::columns::{interleave_columns, keep_whole, sum_columns, widen_ranges};

    #[pymodule_export]
    use super::scale::{take_rows, unscale_rows};

    #[pymodule_export]
    use super::neighbors::{kneighbors, merge, update, without_self};

    #[pymodule_export]
    use super::methods::{
        cutmix::{cutmix, plan_cutmix},
        cutout::{cutout, plan_cutout},
        duplicate::{duplicate, plan_duplicate},
        gaussian_noise::{gaussian_noise, plan_gaussian_noise},
        mixup::{mixup, plan_mixup},
        nng_mix::{generate, mix, plan},
    };

    #[pymodule_export]
    use super::random::fill_normals;

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_export]
    const STREAM_VERSION: u32 = nngmix_core::random::STREAM_VERSION;
}
