//! What one thread does: blocks of rows, one after the other, against its panels of queries.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::{block_rows, Block, FIRST_ROWS, ROW_MULTIPLE};
use super::candidates::Candidates;
use super::code_kernel::screen_codes;
use super::codes::{Coding, Extent, NEVER};
use super::first_block::{FirstSums, MOST_NEIGHBORS};
use super::float_kernel::{screen_panel, Kernel, Survivors};
use super::geometry::Geometry;
use super::panels::Panels;
use super::scatter::scattered;
use crate::neighbors::distance::squared_distance;
use crate::neighbors::request::Request;
use crate::parallel::Cancel;
use crate::rows::{Element, Rows};
use crate::simd::{Ahead, Isa, Vector};
use crate::Error;

/// If more than one pair in so many survives a kernel, the next is tried: the codes are too coarse for such near
/// rows, or rounding hides small distances far from the origin.
const FEW: usize = 128;
/// Wide rows are worth more survivors of the codes, whose products cost a quarter, but at most this many.
const FEW_OF_CODES: usize = 24;
/// But whatever the kernel, about `n_neighbors` of every `n` rows survive after `n` rows: only a multiple of that
/// counts against it.
const TOO_MANY: usize = 16;

/// What the threads share.
pub(super) struct Shared<'a, T> {
    pub request: &'a Request<'a, T>,
    pub isa: Isa,
    pub geometry: &'a Geometry<T>,
    /// `None` if codes cannot serve.
    pub coding: Option<&'a Coding>,
    pub panels: &'a Panels,
    pub cancel: &'a Cancel,
}

/// One thread's survivors and thresholds.
struct Worker<'a, T> {
    shared: &'a Shared<'a, T>,
    queries: Range<usize>,
    block: Block,
    candidates: Candidates,
    kernel: Kernel,
    /// Of all lanes; those without a query keep a threshold that nothing reaches.
    thresholds: Vec<f32>,
    code_thresholds: Vec<i32>,
    /// Of each query, for the difference kernel.
    root_errors: Vec<f64>,
    /// The largest rows seen, which the thresholds allow for.
    largest_h: f32,
    extent: Extent,
    first_row: usize,
    survivors: usize,
}

/// Takes blocks from `next` until there are none, and returns the candidates of the queries of `panels`.
#[inline(always)]
pub(super) fn screen_blocks<V: Vector, T: Element>(
    shared: &Shared<'_, T>,
    panels: Range<usize>,
    next: &AtomicUsize,
) -> Result<Candidates, Error> {
    let Shared { request, cancel, .. } = *shared;
    let (n_rows, d) = (request.rows.len(), request.rows.n_features());
    let size = block_rows(request);
    let n_blocks = n_rows.div_ceil(size);
    let nth = scattered(n_blocks);
    let first_of = |turn: usize| nth(turn) * size;
    let rows_of = |turn: usize| request.rows.slice(first_of(turn)..(first_of(turn) + size).min(n_rows));

    let mut worker = Worker::new::<V>(shared, shared.panels.queries(panels.clone()));
    let (mut settled, mut seen) = (false, 0);
    let mut first_sums = FirstSums::default();
    let mut turn = next.fetch_add(1, Ordering::Relaxed);
    while turn < n_blocks {
        let rows = rows_of(turn);
        worker.first_row = first_of(turn);
        worker.fill::<V>(rows)?;
        turn = next.fetch_add(1, Ordering::Relaxed);
        let mut ahead = Ahead::new(if turn < n_blocks { rows_of(turn).values() } else { &[] });
        let block = std::mem::take(&mut worker.block);
        let kernel_of_block = worker.kernel;
        for panel in panels.clone() {
            cancel.check()?;
            let panel = shared.panels.get(panel);
            let mut screening = Screening { worker: &mut worker, block: &block };
            match kernel_of_block {
                Kernel::Codes => screen_codes(shared.isa, &block, &panel, &mut ahead, &mut screening),
                Kernel::Dot if seen == 0 && request.n_neighbors <= MOST_NEIGHBORS => {
                    first_sums.prepare(rows.len().next_multiple_of(ROW_MULTIPLE), panel.first, panel.lanes);
                    screen_panel::<V, false>(&block, d, &panel, &mut ahead, &mut first_sums);
                    let known = first_sums.largest::<V>(request.n_neighbors);
                    screening.worker.know(panel.first, &known, &block);
                    first_sums.hand_over::<V>(panel.first, &mut screening);
                }
                Kernel::Dot => screen_panel::<V, false>(&block, d, &panel, &mut ahead, &mut screening),
                Kernel::Difference => screen_panel::<V, true>(&block, d, &panel, &mut ahead, &mut screening),
            }
        }
        worker.block = block;
        let pairs = rows.len() * worker.queries.len();
        let few =
            if kernel_of_block == Kernel::Codes { (FEW * 32 / d).clamp(FEW_OF_CODES, FEW) } else { FEW };
        let (k, half_way) = (request.n_neighbors, seen + rows.len() / 2);
        let too_many = worker.survivors * few > pairs && worker.survivors * half_way > TOO_MANY * k * pairs;
        seen += rows.len();
        // The first rows are candidates whatever the kernel.
        let unfit = seen >= FIRST_ROWS * k && too_many;
        if settled || !unfit {
            continue;
        }
        match worker.kernel {
            Kernel::Codes => worker.choose(Kernel::Dot),
            Kernel::Dot => worker.choose(Kernel::Difference),
            // Ties, which no kernel can part: take the cheaper one.
            Kernel::Difference => {
                worker.choose(Kernel::Dot);
                settled = true;
            }
        }
    }
    Ok(worker.candidates)
}

impl<'a, T: Element> Worker<'a, T> {
    #[inline(always)]
    fn new<V: Vector>(shared: &'a Shared<'a, T>, queries: Range<usize>) -> Self {
        let Shared { request, geometry, coding, panels, .. } = *shared;
        let n_lanes = panels.n_lanes();
        let mut worker = Self {
            shared,
            queries: queries.clone(),
            block: Block::new::<V>(block_rows(request), request.rows.n_features(), coding.is_some()),
            candidates: Candidates::new(request, geometry, queries),
            kernel: Kernel::Dot,
            thresholds: vec![f32::INFINITY; n_lanes],
            code_thresholds: vec![i32::MAX; if coding.is_some() { n_lanes } else { 0 }],
            root_errors: vec![0.0; panels.len()],
            largest_h: -1.0,
            extent: Extent::default(),
            first_row: 0,
            survivors: 0,
        };
        worker.choose(if coding.is_some() { Kernel::Codes } else { Kernel::Dot });
        worker
    }

    /// Uses another kernel from now on.
    fn choose(&mut self, kernel: Kernel) {
        self.kernel = kernel;
        self.largest_h = -1.0;
        self.renew_thresholds();
    }

    /// Takes in the next block, and hands rows that the kernel cannot judge to every query.
    #[inline(always)]
    fn fill<V: Vector>(&mut self, rows: Rows<'_, T>) -> Result<(), Error> {
        let Shared { request, geometry, coding, .. } = *self.shared;
        let (ids_ascend, k) = (request.ids_ascend(), request.n_neighbors);
        self.survivors = 0;
        if let (Kernel::Codes, Some(coding)) = (self.kernel, coding) {
            self.block.encode::<V, T>(rows, geometry, coding, ids_ascend, k);
            if self.block.beyond.len() * 64 > rows.len() {
                // The sample was no guide to the range of the rows.
                self.choose(Kernel::Dot);
            }
        }
        if self.kernel != Kernel::Codes {
            self.block.fill::<V, T>(rows, geometry, ids_ascend, k);
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
    fn know(&mut self, first: usize, known: &[f32], block: &Block) {
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

    fn take(&mut self, query: usize, position: usize, bounds: (f32, f32)) {
        let Shared { request, geometry, .. } = self.shared;
        if self.candidates.offer(query, position, bounds, request, geometry) {
            self.renew_threshold(query);
        }
    }
}

/// Calls `visit(row of the block, query, place in the sums)` for the bits of `hits`.
#[inline(always)]
fn for_hits(
    first_row: usize,
    first_lane: usize,
    lanes: usize,
    hits: &[u64],
    mut visit: impl FnMut(usize, usize, usize),
) {
    for (r, &hits) in hits.iter().enumerate() {
        let mut hits = hits;
        while hits != 0 {
            let lane = hits.trailing_zeros() as usize;
            hits &= hits - 1;
            visit(first_row + r, first_lane + lane, r * lanes + lane);
        }
    }
}

/// A worker and the block it is screening.
struct Screening<'w, 'a, T> {
    worker: &'w mut Worker<'a, T>,
    block: &'w Block,
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
    fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[i32], hits: &[u64]) {
        let Shared { geometry, coding: Some(coding), panels, .. } = *self.worker.shared else { return };
        for_hits(first_row, first_lane, lanes, hits, |row, query, at| {
            let start = self.block.code_start[row];
            if !self.counts(row, query) || start == NEVER || sums[at] < self.worker.code_thresholds[query] {
                return;
            }
            let (coded, of_row) = (&panels.coded[query], self.block.coded[row]);
            self.take(row, query, coding.bounds(coded, of_row, sums[at] - start, geometry));
        });
    }

    fn thresholds(&self) -> &[i32] {
        &self.worker.code_thresholds
    }
}
