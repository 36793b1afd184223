//! The screen over all blocks and threads, then the exact distances of what is left.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::{block_rows, Block};
use super::candidates::{exact, Candidates};
use super::geometry::Geometry;
use super::panels::Panels;
use super::tile::{screen_panel, Kernel, Survivors};
use crate::neighbors::lists::Lists;
use crate::neighbors::search::{split, Search};
use crate::neighbors::RowIds;
use crate::parallel::{Cancel, Pool};
use crate::rows::Element;
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// If more than one pair in so many survives the dot kernel, the difference kernel, at twice the price, is
/// tried: rounding hides small distances far from the origin.
const FEW: usize = 128;

/// What the threads share.
struct Shared<'a, T> {
    search: &'a Search<'a, T>,
    geometry: &'a Geometry<T>,
    panels: &'a Panels,
    cancel: &'a Cancel,
    /// The next block to take.
    next: &'a AtomicUsize,
}

/// The nearest rows of every query, exactly as the plain scan finds them.
pub(in crate::neighbors) fn screened<T: Element>(
    search: &Search<'_, T>,
    isa: Isa,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let geometry = Geometry::new(search);
    let panels = pack(isa, search, &geometry);
    let next = AtomicUsize::new(0);
    let shared = Shared { search, geometry: &geometry, panels: &panels, cancel, next: &next };
    let n_blocks = search.rows.len().div_ceil(block_rows(search.rows.n_features()));
    let workers = pool.n_threads().min(n_blocks);
    let found = pool.map((0..workers).collect(), |_: usize| screen(isa, &shared));
    let found: Vec<Candidates> = found.into_iter().collect::<Result<_, _>>()?;
    let tasks = split(search.queries.len(), 8 * pool.n_threads());
    let resolved = pool.map(tasks, |queries| -> Result<_, Error> {
        cancel.check()?;
        Ok(queries.map(|query| resolve(query, &found, search)).collect::<Vec<_>>())
    });
    let mut lists = Lists::new(0, search.n_neighbors);
    for part in resolved {
        part?.into_iter().for_each(|list| lists.push(list));
    }
    Ok(lists)
}

/// The nearest rows of one query among the candidates of all threads.
fn resolve<T: Element>(
    query: usize,
    found: &[Candidates],
    search: &Search<'_, T>,
) -> Vec<crate::neighbors::lists::Candidate> {
    let mut uppers: Vec<f32> =
        found.iter().flat_map(|candidates| candidates.uppers(query)).copied().collect();
    uppers.sort_unstable_by(f32::total_cmp);
    let limit = uppers[search.n_neighbors - 1];
    let left = found.iter().flat_map(|candidates| candidates.get(query)).filter(|row| row.0 <= limit);
    let left: Vec<u32> = left.map(|row| row.1).collect();
    let mut list = exact(query, &left, search);
    list.truncate(search.n_neighbors);
    let beyond = search.limit(query);
    list.retain(|candidate| candidate.squared_distance <= beyond);
    list
}

dispatch! {
    fn pack[T: Element](search: &Search<'_, T>, geometry: &Geometry<T>) -> Panels = pack_impl
}
dispatch! {
    fn screen[T: Element](shared: &Shared<'_, T>) -> Result<Candidates, Error> = screen_impl
}

#[inline(always)]
fn pack_impl<V: Vector, T: Element>(search: &Search<'_, T>, geometry: &Geometry<T>) -> Panels {
    Panels::new::<V, T>(search.queries, geometry)
}

/// What one thread does: blocks, one after the other, against all panels.
#[inline(always)]
fn screen_impl<V: Vector, T: Element>(shared: &Shared<'_, T>) -> Result<Candidates, Error> {
    let Shared { search, geometry, panels, .. } = *shared;
    let (n_rows, d) = (search.rows.len(), search.rows.n_features());
    let size = block_rows(d);
    let n_blocks = n_rows.div_ceil(size);
    let stride = coprime_stride(n_blocks);
    let ids_ascend = matches!(search.ids, RowIds::From(_));

    let mut block = Block::new::<V>(d);
    let mut worker = Worker {
        shared,
        candidates: Candidates::new(search, geometry),
        thresholds: vec![f32::INFINITY; panels.n_lanes()],
        kernel: Kernel::Dot,
        root_errors: Vec::new(),
        starts: Vec::new(),
        first_row: 0,
        n_rows: 0,
        survivors: 0,
    };
    let (mut settled, mut seen) = (false, 0);
    loop {
        let turn = shared.next.fetch_add(1, Ordering::Relaxed);
        if turn >= n_blocks {
            return Ok(worker.candidates);
        }
        // Neighbouring blocks are visited far apart: rows sorted from far to near would all be candidates.
        let first = turn * stride % n_blocks * size;
        let rows = search.rows.slice(first..(first + size).min(n_rows));
        block.fill::<V, T>(rows, geometry, ids_ascend, search.n_neighbors);
        worker.begin(first, &block);
        for &row in &block.beyond {
            rows.slice(row..row + 1).check_finite()?;
            worker.take_exactly(first + row);
        }
        let kernel = worker.kernel;
        for panel in panels.iter() {
            shared.cancel.check()?;
            screen_panel::<V>(kernel, &block, d, &panel, &mut worker);
        }
        seen += rows.len();
        let many = worker.survivors * FEW > rows.len() * panels.len();
        // The first rows are candidates whatever the kernel.
        if !settled && seen > 64 * search.n_neighbors.max(32) && many {
            match worker.kernel {
                Kernel::Dot => worker.kernel = Kernel::Difference,
                // Ties, which no kernel can part: take the cheaper one.
                Kernel::Difference => {
                    worker.kernel = Kernel::Dot;
                    settled = true;
                }
            }
        }
    }
}

/// A stride near the golden section of `n` that shares no factor with it: its multiples visit all of `0..n`.
fn coprime_stride(n: usize) -> usize {
    let gcd = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut stride = ((n as f64 * 0.618) as usize).max(1);
    while gcd(stride, n) != 1 {
        stride += 1;
    }
    stride
}

/// One thread's survivors and thresholds.
struct Worker<'a, T> {
    shared: &'a Shared<'a, T>,
    candidates: Candidates,
    thresholds: Vec<f32>,
    kernel: Kernel,
    /// Of each query, for the block under way and the difference kernel.
    root_errors: Vec<f64>,
    /// `-h` of the block's rows.
    starts: Vec<f32>,
    first_row: usize,
    n_rows: usize,
    survivors: usize,
}

impl<T: Element> Worker<'_, T> {
    /// Prepares for a block; lanes without a query keep an infinite threshold.
    fn begin(&mut self, first_row: usize, block: &Block) {
        (self.first_row, self.n_rows, self.survivors) = (first_row, block.n_rows, 0);
        self.starts.clone_from(&block.start);
        let Shared { geometry, panels, .. } = self.shared;
        if self.kernel == Kernel::Difference {
            self.root_errors.clear();
            let errors = panels.squared_norms.iter().map(|&b| geometry.root_error(block.largest_h, b));
            self.root_errors.extend(errors);
        }
        for query in 0..panels.len() {
            self.thresholds[query] = self.threshold(query);
        }
    }

    fn threshold(&self, query: usize) -> f32 {
        let Shared { geometry, panels, .. } = self.shared;
        let limit = self.candidates.limit(query);
        match self.kernel {
            Kernel::Dot => geometry.dot_threshold(panels.query_parts[query], limit),
            Kernel::Difference => geometry.difference_threshold(self.root_errors[query], limit),
        }
    }

    /// A row the screen cannot judge goes to every query with its exact distance.
    fn take_exactly(&mut self, position: usize) {
        let Shared { search, geometry, panels, .. } = self.shared;
        for query in 0..panels.len() {
            let distance = crate::neighbors::scan::squared_distance(
                search.queries.row(query),
                search.rows.row(position),
            );
            self.candidates.offer(query, position, geometry.exact_bounds(distance), search, geometry);
            self.thresholds[query] = self.threshold(query);
        }
    }
}

impl<T: Element> Survivors for Worker<'_, T> {
    #[cold]
    #[inline(never)]
    fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[f32], hits: &[u64]) {
        let Shared { search, geometry, panels, .. } = self.shared;
        for (r, &hits) in hits.iter().enumerate() {
            let row = first_row + r;
            if row >= self.n_rows || self.starts[row] == f32::NEG_INFINITY {
                continue;
            }
            let mut hits = hits;
            while hits != 0 {
                let lane = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                let (query, v) = (first_lane + lane, sums[r * lanes + lane]);
                // Rows of the same tile may have raised the threshold; lanes past the last query hold nothing.
                if query >= panels.len() || v < self.thresholds[query] {
                    continue;
                }
                let bounds = match self.kernel {
                    Kernel::Dot => geometry.dot_bounds(
                        panels.query_parts[query],
                        panels.squared_norms[query],
                        v,
                        -self.starts[row],
                    ),
                    Kernel::Difference => geometry.difference_bounds(self.root_errors[query], v),
                };
                self.survivors += 1;
                self.candidates.offer(query, self.first_row + row, bounds, search, geometry);
                self.thresholds[query] = self.threshold(query);
            }
        }
    }

    fn thresholds(&self) -> &[f32] {
        &self.thresholds
    }
}
