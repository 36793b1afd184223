//! Neighbours in columns of several kinds: numbers and categories, with missing values, which are NaN.
//!
//! 1. [`columns`]: [`Mixed`], which columns are categories and what those weigh.
//! 2. [`distance`]: the distance, computed once.
//! 3. [`geometry`]: what the screen sees of it, and the bounds on what `f32` can get wrong.
//! 4. [`codes`]: categories in 8 bits.
//! 5. [`panels`]: queries packed so that a register holds one column of many of them.
//! 6. [`block`]: some hundred rows, cut from the rows where they lie.
//! 7. [`kernel`]: a row against a panel of queries, in registers.
//! 8. [`pairs`]: a row against a few queries, where categories have left few.
//! 9. [`sweep`] and [`threads`]: what one thread does, and all of them.

mod block;
mod codes;
mod columns;
mod distance;
#[cfg(test)]
mod fuzz;
mod geometry;
mod kernel;
mod pairs;
mod panels;
mod sweep;
mod threads;

pub use columns::Mixed;
pub(super) use distance::squared_distance;
pub(super) use threads::screened;
