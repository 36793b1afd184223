//! The nearest rows of each lane, kept in order by exchanges of whole registers.

use std::ops::Range;

use super::tile::Sink;
use crate::memory::{filled, room};
use crate::neighbors::lists::{Candidate, Lists};
use crate::neighbors::request::Request;
use crate::rows::Element;
use crate::simd::Wide;
use crate::Error;

/// A query whose last place more rows contest than there is room for: all within this distance have to be compared.
pub(super) struct Contested {
    pub list: usize,
    pub within: f64,
}

/// For each register of queries one more than the nearest rows of each lane.
pub(super) struct Nearest {
    queries: Range<usize>,
    slots: usize,
    /// Distances and positions, `slots + 1` registers of each; -1 where there is no row yet.
    keys: Vec<f64>,
    labels: Vec<f64>,
    /// Position of the block's first row, and how many rows came before.
    start: usize,
    before: usize,
    /// Whether a distance was not finite.
    pub doubtful: bool,
}

impl Nearest {
    /// Of `n_rows` rows.
    #[inline(always)]
    pub fn new<W: Wide, T: Element>(
        request: &Request<'_, T>,
        queries: Range<usize>,
        n_rows: usize,
    ) -> Result<Self, Error> {
        let slots = request.n_neighbors.min(n_rows);
        let size = queries.len().next_multiple_of(W::LANES).saturating_mul(slots + 1);
        // Nothing is nearer than this: lanes without a query stay empty.
        let mut keys = filled(f64::NEG_INFINITY, size)?;
        for (i, query) in queries.clone().enumerate() {
            // A row at the limit itself is wanted.
            let beyond = request.limit(query).next_up();
            let lane = &mut keys[i / W::LANES * W::LANES * (slots + 1) + i % W::LANES..];
            lane.iter_mut().step_by(W::LANES).take(slots + 1).for_each(|key| *key = beyond);
        }
        let labels = filled(-1.0, size)?;
        Ok(Self { queries, slots, keys, labels, start: 0, before: 0, doubtful: false })
    }

    /// The next block of rows begins at position `start`, after `before` others.
    pub fn begin(&mut self, start: usize, before: usize) {
        (self.start, self.before) = (start, before);
    }

    /// The lists, and those of them that are not complete.
    #[inline(always)]
    pub fn lists<W: Wide, T: Element>(
        self,
        request: &Request<'_, T>,
    ) -> Result<(Lists, Vec<Contested>), Error> {
        let Self { queries, slots, keys, labels, .. } = self;
        let mut lists = Lists::none(request.n_neighbors);
        let mut contested = Vec::new();
        for list in 0..queries.len() {
            let first = list / W::LANES * W::LANES * (slots + 1) + list % W::LANES;
            let place = |slot: usize| first + slot * W::LANES;
            let mut candidates = room(slots)?;
            let mut ties = false;
            for slot in 0..slots {
                let (key, label) = (keys[place(slot)], labels[place(slot)]);
                if label < 0.0 {
                    break;
                }
                ties |= slot > 0 && key == keys[place(slot - 1)];
                candidates.push(Candidate { squared_distance: key, position: label as usize });
            }
            // Without a limit only distances that overflowed leave a place empty.
            let (within, next) = (keys[place(slots - 1)], keys[place(slots)]);
            if within == next && (candidates.len() == slots || within == f64::INFINITY) {
                contested.push(Contested { list, within });
            }
            lists.push(candidates);
            if ties {
                lists.sort(list, request);
            }
        }
        Ok((lists, contested))
    }
}

impl Sink for Nearest {
    #[inline(always)]
    unsafe fn take<W: Wide>(&mut self, register: usize, row: usize, distances: W) {
        let (slots, first) = (self.slots, register * W::LANES * (self.slots + 1));
        assert!(first + (slots + 1) * W::LANES <= self.keys.len() && self.labels.len() == self.keys.len());
        // SAFETY: the registers of all slots lie inside keys and labels, as asserted; the instructions are the
        // caller's.
        unsafe {
            if register == 0 && distances.at_most(W::splat(f64::MAX)) != (1 << W::LANES) - 1 {
                self.doubtful = true;
            }
            let (keys, labels) = (self.keys.as_mut_ptr().add(first), self.labels.as_mut_ptr().add(first));
            if distances.at_most(W::load(keys.add((slots - 1) * W::LANES))) == 0 {
                return;
            }
            let new = (distances, W::splat((self.start + row) as f64));
            let at = |slot: usize| (keys.add(slot * W::LANES), labels.add(slot * W::LANES));
            // From the last place on, until every lane has found its own.
            let mut slot = slots.min(self.before + row);
            let mut here = (W::load(at(slot).0), W::load(at(slot).1));
            loop {
                let first = slot == 0;
                let before = if first {
                    (W::splat(f64::NEG_INFINITY), new.1)
                } else {
                    (W::load(at(slot - 1).0), W::load(at(slot - 1).1))
                };
                let kept = W::placed(new, before, here);
                kept.0.store(at(slot).0);
                kept.1.store(at(slot).1);
                if first || distances.at_most(before.0) == 0 {
                    return;
                }
                (here, slot) = (before, slot - 1);
            }
        }
    }
}
