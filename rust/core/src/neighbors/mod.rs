//! The exact nearest rows of a set of queries.
//!
//! Exact means: the result of a scan that sums `(x_j - q_j)^2` in `f64`, `j` ascending, without fused
//! operations, and orders rows by (squared distance, row content, row id). [`search()`] gives that result for
//! one block of rows; [`Table`] keeps it for any number of blocks and merges with other tables.
//!
//! | module     | what it holds, from the bottom up                                            |
//! |------------|------------------------------------------------------------------------------|
//! | `request`  | [`Request`]: queries, rows and ids, which every search takes                  |
//! | `order`    | the total order, written once                                                |
//! | `distance` | the squared distance, computed once                                          |
//! | `mixed`    | the same for columns of several kinds, [`Mixed`], and their search            |
//! | `lists`    | [`Lists`]: the nearest rows of each query                                    |
//! | `scan`     | the plain scan, which is the definition                                      |
//! | `direct`   | the same with a query in each lane, for small tables |
//! | `select`   | the plain scan where thousands of neighbours are wanted                     |
//! | `coincident` | rows that are all at distance 0                                    |
//! | `screen`   | the fast search, which discards what is provably too far                     |
//! | `partition` | the same among blocks of near rows, for many queries                        |
//! | `distinct` | repeats left out first                                                       |
//! | `estimate` | limits of long lists, from a sample                                          |
//! | `choice`   | which of them suits a request, and why                                  |
//! | `search`   | [`search()`]: one block of rows                                              |
//! | `table`    | [`Table`]: any number of blocks, and the merge of two                         |
//! | `update`   | a table and one more block                                                   |

mod choice;
mod coincident;
mod direct;
mod distance;
mod distinct;
mod estimate;
#[cfg(test)]
mod fuzz;
mod lists;
mod mixed;
mod order;
mod partition;
#[cfg(test)]
mod properties;
mod request;
mod scan;
mod screen;
mod search;
mod select;
mod table;
mod update;

pub use lists::{Candidate, Lists};
pub use mixed::Mixed;
pub use request::{Request, RowIds};
pub use search::search;
pub use table::{Table, TableView};
