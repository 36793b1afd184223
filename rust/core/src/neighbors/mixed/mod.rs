//! Neighbours in columns of several kinds: numbers and categories, with missing values, which are NaN.
//!
//! 1. [`columns`]: [`Mixed`], which columns are categories and what those weigh.
//! 2. [`distance`]: the distance, computed once.

mod columns;
mod distance;

pub use columns::Mixed;
pub(super) use distance::squared_distance;
