//! The exact nearest rows of a set of queries.
//!
//! Exact means: the result of a scan that sums `(x_j - q_j)^2` in `f64`, `j` ascending, without fused
//! operations, and orders rows by (squared distance, row content, row id). [`search`] gives that result for
//! one block of rows; [`Table`] keeps it for any number of blocks and merges with other tables.

mod distinct;
mod lists;
mod scan;
mod screen;
mod search;
mod table;

pub use lists::Lists;
pub use search::{search, Search};
pub use table::{RowIds, Table};
