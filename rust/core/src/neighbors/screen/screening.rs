//! From a kernel's sums to a worker's candidates: what is no survivor is dropped, the rest gets its bounds, or waits
//! for a second look.

use super::block::Block;
use super::codes::NEVER;
use super::kernel::Kernel;
use super::second_look::{look_again, TOGETHER};
use super::survivors::{for_hits, Survivors};
use super::worker::{Shared, Worker};
use crate::rows::Element;

/// A worker and the block it is screening.
pub(super) struct Screening<'w, 'a, T> {
    pub worker: &'w mut Worker<'a, T>,
    pub block: &'w Block,
}

impl<T: Element> Screening<'_, '_, T> {
    /// Whether a hit is one: rows of the same tile may have raised the threshold since, and padding is none.
    #[inline(always)]
    fn counts(&self, row: usize, query: usize) -> bool {
        row < self.block.n_rows && query < self.worker.queries.end
    }

    #[inline(always)]
    fn take(&mut self, row: usize, query: usize, bounds: (f32, f32)) {
        self.worker.survivors += 1;
        self.worker.take(query, self.worker.first_row + row, bounds);
    }
}

impl<T: Element> Survivors<f32> for Screening<'_, '_, T> {
    #[cold]
    #[inline(never)]
    fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[f32], hits: &[u64]) {
        let Shared { geometry, panels, .. } = *self.worker.shared;
        for_hits(first_row, first_lane, lanes, hits, |row, query, at| {
            let (start, v) = (self.block.start[row], sums[at]);
            if !self.counts(row, query) || start == f32::NEG_INFINITY || v < self.worker.thresholds[query] {
                return;
            }
            let bounds = if self.worker.kernel == Kernel::Difference {
                geometry.difference_bounds(self.worker.root_errors[query], v)
            } else {
                geometry.dot_bounds(panels.query_parts[query], panels.squared_norms[query], v, -start)
            };
            self.take(row, query, bounds);
        });
    }

    fn thresholds(&self) -> &[f32] {
        &self.worker.thresholds
    }
}

impl<T: Element> Survivors<i32> for Screening<'_, '_, T> {
    #[cold]
    #[inline(never)]
    fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, _: &[i32], hits: &[u64]) {
        for_hits(first_row, first_lane, lanes, hits, |row, query, _| {
            if self.counts(row, query) && self.block.code_start[row] != NEVER {
                self.worker.pairs.push((row as u32, query as u32));
            }
        });
        if self.worker.pairs.len() >= TOGETHER {
            look_again(self.worker.shared.isa, self.worker, self.block);
        }
    }

    fn thresholds(&self) -> &[i32] {
        &self.worker.code_thresholds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::{Request, RowIds};
    use crate::neighbors::screen::geometry::Geometry;
    use crate::neighbors::screen::panels::Panels;
    use crate::parallel::Cancel;
    use crate::rows::Rows;
    use crate::simd::{Isa, Portable};
    use crate::test_data::uniforms;

    #[test]
    fn padding_and_rows_that_no_longer_reach_the_threshold_are_dropped() {
        let values = uniforms(4, 40);
        let rows = Rows::new(&values, 2).expect("rows");
        let queries = rows.slice(0..3);
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
        let geometry = Geometry::new(&request).expect("in range");
        let panels = Panels::new::<Portable, f64>(queries, &geometry, None).expect("room");
        let shared = Shared {
            request: &request,
            isa: Isa::Baseline,
            geometry: &geometry,
            coding: None,
            panels: &panels,
            cancel: &Cancel::default(),
        };
        let mut worker = Worker::new::<Portable>(&shared, 0..3, 24).expect("room");
        worker.fill::<Portable>(rows).expect("finite");
        let block = std::mem::take(&mut worker.block);
        let mut screening = Screening { worker: &mut worker, block: &block };
        // Rows 19 and 20, four lanes each: the fourth holds no query, row 20 is padding.
        Survivors::<f32>::offer(&mut screening, 19, 0, 4, &[0.0; 8], &[0b1001, 0b0001]);
        assert_eq!(worker.survivors, 1);
        assert_eq!(worker.candidates.get(0).iter().map(|row| row.1).collect::<Vec<_>>(), [19]);
        let threshold = worker.thresholds[0];
        assert!(threshold > f32::NEG_INFINITY);
        let mut screening = Screening { worker: &mut worker, block: &block };
        Survivors::<f32>::offer(&mut screening, 18, 0, 4, &[threshold.next_down(); 4], &[0b0001]);
        assert_eq!(worker.survivors, 1);
    }
}
