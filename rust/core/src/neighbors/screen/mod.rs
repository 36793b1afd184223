//! The fast search: a `f32` screen discards rows that are provably too far, exact `f64` distances decide.
//!
//! 1. [`geometry`]: shift and scale by a power of two, and the bounds on what `f32` can get wrong.
//! 2. [`panels`]: queries packed so that a register holds one column of many of them.
//! 3. [`block`]: some hundred rows in `f32`, cut from the rows where they lie.
//! 4. [`tile`]: the kernel, a few rows against a panel of queries, in registers.
//! 5. [`candidates`]: what survives, with a lower and an upper bound of its distance for each.
//! 6. [`run`]: blocks over threads, then the exact distances of what is left.

mod block;
mod candidates;
mod geometry;
mod panels;
mod run;
mod tile;

pub(super) use run::screened;
