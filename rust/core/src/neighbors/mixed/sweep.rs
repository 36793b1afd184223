//! What one thread does: blocks of rows, one after the other, against its panels of queries. Survivors get their
//! exact distances at once, and with them the thresholds their limits.

use std::cmp::Ordering::Less;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::{block_rows, Block};
use super::columns::Mixed;
use super::distance::squared_distance;
use super::geometry::Geometry;
use super::kernel::{screen, Survivors};
use super::panels::{Panel, LANES};
use crate::neighbors::lists::{compare, Candidate, Lists};
use crate::neighbors::request::Request;
use crate::neighbors::screen::scattered;
use crate::parallel::Cancel;
use crate::rows::Element;
use crate::simd::Vector;
use crate::Error;

/// What the threads share.
pub(super) struct Shared<'a, T> {
    pub request: &'a Request<'a, T>,
    pub mixed: &'a Mixed,
    pub geometry: &'a Geometry<T>,
    pub panels: &'a [Panel],
    pub cancel: &'a Cancel,
}

/// The lists of one panel's queries, and the thresholds that follow from them for one block.
struct Screening<'w, 'a, T> {
    shared: &'w Shared<'a, T>,
    panel: &'w Panel,
    block: &'w Block,
    lists: &'w mut Lists,
    /// Number of the first query of the lists.
    first: usize,
    errors: [f64; LANES],
    thresholds: [f32; LANES],
    most_different: [u8; LANES],
}

impl<T: Element> Screening<'_, '_, T> {
    /// Makes a row a neighbour of a query of the panel, if it is near enough.
    fn offer(&mut self, lane: usize, position: usize) {
        let Shared { request, mixed, .. } = *self.shared;
        let query = self.panel.first + lane;
        let squared_distance =
            squared_distance(request.queries.row(query), request.rows.row(position), mixed);
        let (list, candidate) = (query - self.first, Candidate { squared_distance, position });
        if squared_distance > self.limit(lane) {
            return;
        }
        // Of many that are as far as the last, few come before it: one comparison tells.
        let found = self.lists.get(list);
        let before = found.len() < request.n_neighbors
            || found.last().is_some_and(|&last| compare(request, candidate, last) == Less);
        if before {
            self.lists.insert(list, candidate, request);
            self.renew(lane);
        }
    }

    fn limit(&self, lane: usize) -> f64 {
        let query = self.panel.first + lane;
        self.lists.worst(query - self.first).min(self.shared.request.limit(query))
    }

    fn renew(&mut self, lane: usize) {
        let geometry = self.shared.geometry;
        let threshold = geometry.threshold(self.errors[lane], self.limit(lane));
        self.thresholds[lane] = threshold;
        self.most_different[lane] = geometry.most_different(threshold, self.panel.n_missing[lane]);
    }
}

impl<T: Element> Survivors for Screening<'_, '_, T> {
    #[cold]
    #[inline(never)]
    fn take(&mut self, place: usize, mut lanes: u64) {
        while lanes != 0 {
            let lane = lanes.trailing_zeros() as usize;
            lanes &= lanes - 1;
            self.offer(lane, self.block.positions[place]);
        }
    }

    fn thresholds(&self) -> &[f32; LANES] {
        &self.thresholds
    }

    fn most_different(&self) -> &[u8; LANES] {
        &self.most_different
    }
}

/// Takes blocks from `next` until there are none, and returns the nearest of their rows for the queries of `panels`.
#[inline(always)]
pub(super) fn sweep<V: Vector, T: Element>(
    shared: &Shared<'_, T>,
    panels: Range<usize>,
    next: &AtomicUsize,
) -> Result<Lists, Error> {
    let Shared { request, mixed, geometry, cancel, .. } = *shared;
    let panels = &shared.panels[panels];
    let n_rows = request.rows.len();
    let size = block_rows(request.rows.n_features());
    let n_blocks = n_rows.div_ceil(size);
    let nth = scattered(n_blocks);
    let n_queries = panels.iter().map(|panel| panel.n_queries).sum();
    let first = panels.first().map_or(0, |panel| panel.first);
    let mut lists = Lists::new(n_queries, request.n_neighbors, n_rows)?;
    let mut block = Block::new::<V>(mixed);
    loop {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        if turn >= n_blocks {
            return Ok(lists);
        }
        let start = nth(turn) * size;
        let range = start..(start + size).min(n_rows);
        block.fill::<V, T>(request, range, geometry)?;
        for panel in panels {
            cancel.check()?;
            // No row is within the threshold of a lane without a query.
            let mut screening = Screening {
                shared,
                panel,
                block: &block,
                lists: &mut lists,
                first,
                errors: panel.norms.map(|norm| geometry.root_error(block.norm, norm)),
                thresholds: [-1.0; LANES],
                most_different: [0; LANES],
            };
            (0..panel.n_queries).for_each(|lane| screening.renew(lane));
            for &at in &block.beyond {
                let position = block.positions[at];
                (0..panel.n_queries).for_each(|lane| screening.offer(lane, position));
            }
            screen::<V>(&block, panel, geometry.weight, &mut screening);
        }
    }
}
