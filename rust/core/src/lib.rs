//! The kernels of nngmix: Nearest-Neighbour Gaussian Mixup (Dong et al., arXiv 2311.11961).
//!
//! Given `A` (labelled anomalies) and `U` (unlabelled rows), row `i` of the output is
//!
//! ```text
//! x = lam a + (1 - lam) p + noise_std sqrt(lam^2 + (1 - lam)^2) z
//! ```
//!
//! where `a` is a random row of `A`, `p` one of its nearest rows in `U` or in `A`, `lam` a Beta
//! variate and `z` a standard normal vector. Everything flows one way; read the modules in this order:
//!
//! | module        | what it holds                                                              |
//! |---------------|----------------------------------------------------------------------------|
//! | [`rows`]      | borrowed row-major matrices of `f32` or `f64`, and the order of their rows |
//! | [`neighbors`] | the exact search, and the lists of nearest rows that can be merged         |
//! | [`random`]    | ChaCha8 addressed by counter: uniforms, integers, normals, Beta            |
//! | [`plan`]      | every random choice of every row, as data                                  |
//! | [`mix`]       | the executor of a plan, with no decision left to take                      |
//! | [`columns`]   | ranges of columns, and rows in the units of a scale                        |
//! | [`methods`]   | what NNG-Mix is compared with: mixup, cutout, CutMix, noise, duplication   |
//! | [`exact_sum`] | sums that do not depend on the order of their terms, for scaling           |
//! | [`simd`]      | the one door to SIMD: instruction sets, chosen at run time                 |
//! | [`parallel`]  | the one door to threads: a fork-safe pool and cancellation                 |
//!
//! Results depend on the data, the parameters and the key alone: never on threads, blocks or CPU.
//! `nngmix.reference` in the Python package restates each step in plain NumPy and is the definition.

pub mod columns;
mod error;
pub mod exact_sum;
pub mod interleave;
pub mod methods;
pub mod mix;
pub mod neighbors;
pub mod parallel;
pub mod plan;
pub mod random;
pub mod rows;
pub mod simd;
#[cfg(test)]
mod test_data;

pub use error::Error;
