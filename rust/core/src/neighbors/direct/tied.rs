//! All rows that contest the last place of a list.

use super::nearest::Contested;
use super::tile::Sink;
use crate::neighbors::lists::{nearest, Candidate};
use crate::neighbors::request::Request;
use crate::rows::Element;
use crate::simd::Wide;

/// The most lanes of any register.
const MOST_LANES: usize = 8;
/// More rows than these are thinned out after a block: what is held does not grow with the rows.
const MANY: usize = 1024;

/// Rows within a distance of some lanes.
pub(super) struct Tied {
    /// The registers with such lanes.
    pub registers: Vec<usize>,
    /// For each register from the first on, what its lanes look for.
    within: Vec<[f64; MOST_LANES]>,
    found: Vec<[Vec<Candidate>; MOST_LANES]>,
    lanes: usize,
    /// Position of the block's first row.
    pub start: usize,
}

impl Tied {
    pub fn new<W: Wide>(contested: &[Contested]) -> Self {
        let n_registers = contested.last().map_or(0, |last| last.list / W::LANES + 1);
        let mut within = vec![[f64::NEG_INFINITY; MOST_LANES]; n_registers];
        let mut registers: Vec<usize> = contested.iter().map(|query| query.list / W::LANES).collect();
        registers.dedup();
        contested
            .iter()
            .for_each(|query| within[query.list / W::LANES][query.list % W::LANES] = query.within);
        let found = within.iter().map(|_| Default::default()).collect();
        Self { registers, within, found, lanes: W::LANES, start: 0 }
    }

    /// Keeps the nearest of those that found many.
    pub fn thin_out<T: Element>(&mut self, request: &Request<'_, T>) {
        for found in self.found.iter_mut().flatten().filter(|found| found.len() > MANY) {
            *found = nearest(std::mem::take(found), request);
        }
    }

    /// The lists and what was found for each.
    pub fn candidates(self) -> impl Iterator<Item = (usize, Vec<Candidate>)> {
        let lanes = self.lanes;
        let found = self.found.into_iter().enumerate();
        found
            .flat_map(move |(register, found)| {
                found.into_iter().enumerate().map(move |(lane, found)| (register * lanes + lane, found))
            })
            .filter(|(_, found)| !found.is_empty())
    }
}

impl Sink for Tied {
    #[inline(always)]
    unsafe fn take<W: Wide>(&mut self, register: usize, row: usize, distances: W) {
        // SAFETY: a register has at most MOST_LANES lanes; the instructions are the caller's.
        unsafe {
            let mut hits = distances.at_most(W::load(self.within[register].as_ptr()));
            let mut sums = [0.0; MOST_LANES];
            if hits != 0 {
                distances.store(sums.as_mut_ptr());
            }
            while hits != 0 {
                let lane = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                let candidate = Candidate { squared_distance: sums[lane], position: self.start + row };
                self.found[register][lane].push(candidate);
            }
        }
    }
}
