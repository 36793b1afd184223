//! How far each query of a group looks, and which blocks lie within.

use std::ops::Range;

use super::boxes::{gap, Boxes};
use crate::memory::{filled, zeros};
use crate::neighbors::screen::Worker;
use crate::rows::{Element, Rows};
use crate::Error;

/// Lanes of the widest panel of any instruction set.
const MOST_LANES: usize = 64;

/// Squared distances in the definition's own arithmetic beyond which rows are not wanted.
pub(super) struct Reach {
    /// The queries, column after column.
    columns: Vec<f64>,
    n_features: usize,
    /// Minus infinity in lanes without a query.
    reach: Vec<f64>,
}

impl Reach {
    /// Without end, for queries padded to `n_lanes`.
    pub fn new<T: Element>(queries: Rows<'_, T>, n_lanes: usize) -> Result<Self, Error> {
        let n_features = queries.n_features();
        let mut columns = zeros(n_lanes * n_features)?;
        for (query, row) in queries.values().chunks_exact(n_features).enumerate() {
            for (column, x) in row.iter().enumerate() {
                columns[column * n_lanes + query] = x.to_f64();
            }
        }
        let mut reach = filled(f64::NEG_INFINITY, n_lanes)?;
        reach[..queries.len()].fill(f64::INFINITY);
        Ok(Self { columns, n_features, reach })
    }

    /// Takes over what is known of some queries by now.
    #[inline(always)]
    pub fn renew<T: Element>(&mut self, queries: Range<usize>, worker: &Worker<'_, T>) {
        for query in queries {
            self.reach[query] = worker.shared.geometry.reach(worker.candidates.limit(query));
        }
    }

    /// The largest of all.
    #[inline(always)]
    pub fn largest(&self) -> f64 {
        self.reach
            .iter()
            .fold(f64::NEG_INFINITY, |largest, &reach| if reach > largest { reach } else { largest })
    }

    /// Whether a row of the block can be within the reach of a query among `lanes`.
    #[inline(always)]
    pub fn any_within(&self, lanes: Range<usize>, boxes: &Boxes, block: usize) -> bool {
        let mut sums = [0.0_f64; MOST_LANES];
        let sums = &mut sums[..lanes.len()];
        let columns = self.columns.chunks_exact(self.reach.len()).take(self.n_features);
        for (column, values) in columns.enumerate() {
            let (low, high) = boxes.ends(block, column);
            for (sum, &x) in sums.iter_mut().zip(&values[lanes.clone()]) {
                let gap = gap(x, x, low, high);
                *sum += gap * gap;
            }
        }
        sums.iter().zip(&self.reach[lanes]).fold(false, |any, (sum, reach)| any | (sum <= reach))
    }
}
