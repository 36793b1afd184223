//! The kernels of nngmix: Nearest-Neighbour Gaussian Mixup (Dong et al., arXiv 2311.11961).
//!
//! Given `A` (labelled anomalies) and `U` (unlabelled rows), row `i` of the output is
//!
//! ```text
//! x = lam a + (1 - lam) p + noise_std sqrt(lam^2 + (1 - lam)^2) z
//! ```
//!
//! where `a` is a random row of `A`, `p` one of its nearest rows in `U` or in `A`, `lam` a Beta
//! variate and `z` a standard normal vector. Everything flows one way, from the bottom up:
//!
//! | module        | what it holds                                                              |
//! |---------------|----------------------------------------------------------------------------|
//! | [`error`]     | what can go wrong                                                          |
//! | [`memory`]    | memory whose refusal is an error                                           |
//! | [`parallel`]  | the one door to threads: a fork-safe pool and cancellation                 |
//! | [`simd`]      | the one door to SIMD: instruction sets, chosen at run time                 |
//! | [`random`]    | ChaCha8 addressed by counter: uniforms, integers, normals, Beta            |
//! | [`rows`]      | borrowed row-major matrices of `f32` or `f64`, and the order of their rows |
//! | [`columns`]   | ranges and exact sums of columns, and rows in the units of a scale         |
//! | [`neighbors`] | the exact search, and the lists of nearest rows that can be merged         |
//! | [`methods`]   | NNG-Mix and its rivals: every random choice as data, then the rows of it   |
//!
//! A module uses those above it in this table and none below.
//!
//! Results depend on the data, the parameters and the key alone: never on threads, blocks or CPU.
//! `nngmix.reference` in the Python package restates each step in plain NumPy and is the definition.

pub mod columns;
pub mod error;
pub mod memory;
pub mod methods;
pub mod neighbors;
pub mod parallel;
pub mod random;
pub mod rows;
pub mod simd;
#[cfg(test)]
mod test_data;

pub use error::Error;
