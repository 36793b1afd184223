//! What one thread knows: its survivors, and the threshold of each of its queries for the kernel in use.

use std::ops::Range;

use super::block::{Block, ROW_MULTIPLE};
use super::candidates::Candidates;
use super::codes::{Coding, Extent};
use super::geometry::Geometry;
use super::kernel::Kernel;
use super::panels::Panels;
use super::repeats::Repeats;
use crate::neighbors::distance::squared_distance;
use crate::neighbors::request::Request;
use crate::parallel::Cancel;
use crate::rows::{Element, Rows};
use crate::simd::{Isa, Vector};
use crate::Error;

/// What the threads share.
pub(in crate::neighbors) struct Shared<'a, T> {
    pub request: &'a Request<'a, T>,
    pub isa: Isa,
    pub geometry: &'a Geometry<T>,
    /// `None` if codes cannot serve.
    pub coding: Option<&'a Coding>,
    pub panels: &'a Panels,
    pub cancel: &'a Cancel,
}

/// One thread's survivors and thresholds.
pub(in crate::neighbors) struct Worker<'a, T> {
    pub shared: &'a Shared<'a, T>,
    pub queries: Range<usize>,
    pub block: Block,
    pub candidates: Candidates,
    pub kernel: Kernel,
    /// Of all lanes; those without a query keep a threshold that nothing reaches.
    pub thresholds: Vec<f32>,
    pub code_thresholds: Vec<i32>,
    /// Of each query, for the difference kernel.
    pub root_errors: Vec<f64>,
    /// The largest rows seen, which the thresholds allow for.
    largest_h: f32,
    extent: Extent,
    /// Position of the block's first row.
    pub first_row: usize,
    /// Pairs of the block that survived.
    pub survivors: usize,
    /// Rows of the block and queries of those that wait for a second look.
    pub pairs: Vec<(u32, u32)>,
}

impl<'a, T: Element> Worker<'a, T> {
    #[inline(always)]
    pub fn new<V: Vector>(
        shared: &'a Shared<'a, T>,
        queries: Range<usize>,
        block_rows: usize,
    ) -> Result<Self, Error> {
        let Shared { request, geometry, coding, panels, .. } = *shared;
        let n_lanes = panels.n_lanes();
        let mut worker = Self {
            shared,
            queries: queries.clone(),
            block: Block::new::<V>(
                block_rows.next_multiple_of(ROW_MULTIPLE),
                request.rows.n_features(),
                coding.is_some(),
            ),
            candidates: Candidates::new(request, geometry, queries)?,
            kernel: Kernel::Dot,
            thresholds: vec![f32::INFINITY; n_lanes],
            code_thresholds: vec![i32::MAX; if coding.is_some() { n_lanes } else { 0 }],
            root_errors: vec![0.0; panels.len()],
            largest_h: -1.0,
            extent: Extent::default(),
            first_row: 0,
            survivors: 0,
            pairs: Vec::new(),
        };
        worker.choose(if coding.is_some() { Kernel::Codes } else { Kernel::Dot });
        Ok(worker)
    }

    /// Uses another kernel from now on.
    pub fn choose(&mut self, kernel: Kernel) {
        self.kernel = kernel;
        self.largest_h = -1.0;
        self.renew_thresholds();
    }

    /// Takes in the next block, and hands rows that the kernel cannot judge to every query.
    #[inline(always)]
    pub fn fill<V: Vector>(&mut self, rows: Rows<'_, T>) -> Result<(), Error> {
        let Shared { request, geometry, coding, .. } = *self.shared;
        let first_row = self.first_row;
        self.survivors = 0;
        if let (Kernel::Codes, Some(coding)) = (self.kernel, coding) {
            self.block.encode::<V, T>(rows, geometry, coding, Repeats::from(request, first_row));
            if self.block.beyond.len() * 64 > rows.len() {
                // The sample was no guide to the range of the rows.
                self.choose(Kernel::Dot);
            }
        }
        if self.kernel != Kernel::Codes {
            self.block.fill::<V, T>(rows, geometry, Repeats::from(request, first_row));
        }
        self.allow_for_block();
        for at in 0..self.block.beyond.len() {
            let row = self.block.beyond[at];
            rows.slice(row..row + 1).check_finite()?;
            self.take_exactly(self.first_row + row);
        }
        Ok(())
    }

    /// Renews thresholds that do not allow for the rows of the block.
    fn allow_for_block(&mut self) {
        match self.kernel {
            Kernel::Codes => {
                let (old, new) = (self.extent, self.block.extent);
                if new.norm > old.norm || new.residual > old.residual {
                    // A little more, so that this soon ends.
                    self.extent = Extent {
                        norm: old.norm.max(1.02 * new.norm),
                        residual: old.residual.max(1.02 * new.residual),
                    };
                    self.renew_thresholds();
                }
            }
            Kernel::Dot => {}
            Kernel::Difference => {
                if self.block.largest_h > self.largest_h {
                    self.largest_h = self.block.largest_h;
                    let Shared { geometry, panels, .. } = self.shared;
                    for (error, &b) in self.root_errors.iter_mut().zip(&panels.squared_norms) {
                        *error = geometry.root_error(self.largest_h, b);
                    }
                    self.renew_thresholds();
                }
            }
        }
    }

    fn renew_thresholds(&mut self) {
        self.queries.clone().for_each(|query| self.renew_threshold(query));
    }

    fn renew_threshold(&mut self, query: usize) {
        let Shared { geometry, coding, panels, .. } = self.shared;
        let limit = self.candidates.limit(query);
        match (self.kernel, coding) {
            (Kernel::Codes, Some(coding)) => {
                self.code_thresholds[query] = coding.threshold(&panels.coded[query], self.extent, limit);
            }
            (Kernel::Difference, _) => {
                self.thresholds[query] = geometry.difference_threshold(self.root_errors[query], limit);
            }
            _ => self.thresholds[query] = geometry.dot_threshold(panels.query_parts[query], limit),
        }
    }

    /// Limits the queries from `first` on, each of which has `n_neighbors` rows in the block whose sums are `known`
    /// or larger.
    pub fn know(&mut self, first: usize, known: &[f32], block: &Block) {
        let Shared { geometry, panels, .. } = *self.shared;
        for (query, &v) in (first..self.queries.end).zip(known) {
            let (part, b) = (panels.query_parts[query], panels.squared_norms[query]);
            let limit = geometry.dot_bounds(part, b, v, block.largest_h).1;
            if limit < self.candidates.limit(query) {
                self.candidates.lower_limit(query, limit);
                self.renew_threshold(query);
            }
        }
    }

    /// A row the screen cannot judge goes to every query with its exact distance.
    fn take_exactly(&mut self, position: usize) {
        let Shared { request, geometry, .. } = self.shared;
        for query in self.queries.clone() {
            let distance = squared_distance(request.queries.row(query), request.rows.row(position));
            self.take(query, position, geometry.exact_bounds(distance));
        }
    }

    /// Makes a row a candidate of a query.
    pub fn take(&mut self, query: usize, position: usize, bounds: (f32, f32)) {
        let Shared { request, geometry, .. } = self.shared;
        if self.candidates.offer(query, position, bounds, request, geometry) {
            self.renew_threshold(query);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::simd::Portable;
    use crate::test_data::uniforms;

    #[test]
    fn thresholds_follow_the_kernel_and_the_candidates() {
        let d = 8;
        let mut values = uniforms(9, 80 * d);
        values[79 * d] = 1e300;
        let all = Rows::new(&values, d).expect("rows");
        let (rows, queries) = (all.slice(0..79), all.slice(0..3));
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
        let geometry = Geometry::new(&request).expect("in range");
        let coding = Coding::new(&geometry, Isa::Baseline).expect("a step");
        let panels = Panels::new::<Portable, f64>(queries, &geometry, Some(&coding)).expect("room");
        let cancel = Cancel::default();
        let request = Request { rows: all, ..request };
        let shared = Shared {
            request: &request,
            isa: Isa::Baseline,
            geometry: &geometry,
            coding: Some(&coding),
            panels: &panels,
            cancel: &cancel,
        };
        let mut worker = Worker::new::<Portable>(&shared, 0..3, 96).expect("room");
        assert_eq!(worker.kernel, Kernel::Codes);
        let open = worker.code_thresholds[0];
        // The last row is beyond the screen: every query gets its exact distance.
        worker.fill::<Portable>(all).expect("finite");
        assert_eq!(worker.candidates.get(0).len(), 1);
        worker.take(0, 0, geometry.exact_bounds(0.0));
        assert!(worker.code_thresholds[0] > open);
        for kernel in [Kernel::Dot, Kernel::Difference] {
            worker.choose(kernel);
            assert!(worker.thresholds[0].is_finite() && worker.thresholds[1] == f32::NEG_INFINITY);
            assert_eq!(worker.thresholds[3], f32::INFINITY);
        }
        // In larger rows more may be lost.
        for kernel in [Kernel::Codes, Kernel::Difference] {
            let mut worker = Worker::new::<Portable>(&shared, 0..3, 96).expect("room");
            worker.choose(kernel);
            worker.fill::<Portable>(rows.slice(1..2)).expect("finite");
            worker.take(0, 0, geometry.exact_bounds(0.0));
            let allowed = (worker.code_thresholds[0], worker.thresholds[0]);
            worker.fill::<Portable>(rows).expect("finite");
            assert!(worker.code_thresholds[0] < allowed.0 || worker.thresholds[0] < allowed.1, "{kernel:?}");
        }
    }

    #[test]
    fn a_row_that_is_not_finite_is_an_error() {
        let mut values = uniforms(1, 30);
        values[20] = f64::NAN;
        let rows = Rows::new(&values, 3).expect("rows");
        let request = Request {
            queries: rows.slice(0..1),
            rows,
            ids: RowIds::From(0),
            n_neighbors: 1,
            limits: None,
            mixed: None,
        };
        let geometry = Geometry::new(&request).expect("in range");
        let panels = Panels::new::<Portable, f64>(request.queries, &geometry, None).expect("room");
        let shared = Shared {
            request: &request,
            isa: Isa::Baseline,
            geometry: &geometry,
            coding: None,
            panels: &panels,
            cancel: &Cancel::default(),
        };
        let mut worker = Worker::new::<Portable>(&shared, 0..1, 24).expect("room");
        assert!(matches!(worker.fill::<Portable>(rows), Err(Error::NotFinite { .. })));
    }
}
