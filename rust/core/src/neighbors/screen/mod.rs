//! The fast search: a `f32` screen discards rows that are provably too far, exact `f64` distances decide.
//!
//! 1. [`geometry`]: shift and scale by a power of two, and the bounds on what `f32` can get wrong.
//! 2. [`codes`]: a coarser form of both in 8 bits, where the machine multiplies those faster, and its bounds.
//! 3. [`panels`]: queries packed so that a register holds one column of many of them.
//! 4. [`block`]: some hundred rows as `f32` or codes, cut from the rows where they lie.
//! 5. [`float_kernel`] and [`code_kernel`]: a few rows against a panel of queries, in registers.
//! 6. [`scatter`]: which rows come first.
//! 7. [`first_block`]: the first of them, which find the first thresholds.
//! 8. [`candidates`]: what survives, with a lower and an upper bound of its distance for each.
//! 9. [`worker`]: one thread's blocks, and which kernel suits them.
//! 10. [`threads`]: the threads, then the exact distances of what is left.

mod block;
mod candidates;
mod code_kernel;
mod codes;
mod first_block;
mod float_kernel;
mod geometry;
mod panels;
mod scatter;
mod threads;
mod worker;

pub(super) use threads::screened;
