//! The fast search: a `f32` screen discards rows that are provably too far, exact `f64` distances decide.
//!
//! 1. [`geometry`]: shift and scale by a power of two, and the bounds on what `f32` can get wrong.
//! 2. [`codes`]: a coarser form of both in 8 bits, where the machine multiplies those faster, and its bounds.
//! 3. [`panels`]: queries packed so that a register holds one column of many of them.
//! 4. [`convert`] and [`block`]: some hundred rows as `f32` or codes, cut from the rows where they lie.
//!    [`repeats`]: rows that repeat too often to be among the nearest.
//! 5. [`float_kernel`] and [`code_kernel`]: a few rows against a panel of queries, in registers.
//! 6. [`survivors`]: what a kernel hands over.
//! 7. [`second_look`]: for what the codes let through, the distance in `f32`.
//!    [`candidates`]: what is kept, with a lower and an upper bound of its distance for each.
//! 8. [`first_block`]: the first rows, which find the first thresholds.
//!    [`probe`]: the same for rows from everywhere, ahead of a long search.
//! 9. [`kernel`]: which kernel goes on.
//! 10. [`scatter`]: which rows come first.
//! 11. [`worker`], [`screening`] and [`sweep`]: what one thread knows, how it takes survivors in, and what it does.
//! 12. [`threads`]: all threads, then the exact distances of what is left.

mod block;
mod candidates;
mod code_kernel;
mod codes;
mod convert;
mod first_block;
mod float_kernel;
mod geometry;
mod kernel;
mod panels;
mod probe;
mod repeats;
mod scatter;
mod screening;
mod second_look;
mod survivors;
mod sweep;
mod threads;
mod worker;

pub(super) use first_block::FirstSums;
pub(super) use geometry::{Geometry, LARGEST_NORM};
pub(super) use panels::Panels;
pub(super) use scatter::scattered;
pub(super) use sweep::screen_block;
pub(super) use threads::{resolve, screened};
pub(super) use worker::{Shared, Worker};
