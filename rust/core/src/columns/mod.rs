//! Columns of a table: their ranges, exact sums and fractions, rows in the units of a scale and back, and columns put side
//! by side into rows.
//!
//! Each kernel reads its rows once, on all threads, and every value is the same whatever the cut: minima and
//! maxima are exact, sums are exact, and `(x - offset) / width` and `x * width + offset` round each operation
//! once.
//!
//! | module         | what it does                                                         |
//! |----------------|----------------------------------------------------------------------|
//! | [`matrix`]     | rows, or columns that lie by themselves, cut into parts              |
//! | `spans`        | how rows are cut so that spans are whole at every width              |
//! | [`ranges`]     | minimum and maximum of every column                                  |
//! | [`exact_sum`]  | sums that do not depend on the order of their terms                  |
//! | `strip`        | the fast part of them, in floating point as long as that is exact    |
//! | [`whole`]      | which columns hold whole numbers alone                               |
//! | [`scale`]      | rows in the units of a scale, and back                               |
//! | [`finish`]     | values clipped, and rounded where a column is whole                  |
//! | [`interleave`] | columns put side by side into rows                                   |

pub mod exact_sum;
pub mod finish;
pub mod interleave;
pub mod matrix;
pub mod ranges;
pub mod scale;
mod spans;
mod strip;
pub mod whole;
