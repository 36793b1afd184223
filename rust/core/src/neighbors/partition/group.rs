//! One group of queries that stand together: the blocks of rows it can reach, nearest first.

use super::boxes::{extent, gap, Boxes};
use super::reach::Reach;
use crate::neighbors::lists::Candidate;
use crate::neighbors::request::Request;
use crate::neighbors::screen::{
    resolve, screen_block, FirstSums, Geometry, Panels, Shared, Worker, LARGEST_NORM,
};
use crate::parallel::Cancel;
use crate::rows::Element;
use crate::simd::{dispatch, Ahead, Isa, Vector};
use crate::Error;

/// Rows of a block: several runs of the order, and whole tiles of the kernel but for the last.
pub(super) const BLOCK_ROWS: usize = 256;
/// Blocks among which a panel of queries finds the one it begins with.
const FIRST_CHOICES: usize = 16;

/// What was found for a group.
pub(super) struct Found {
    /// The nearest rows of each query.
    pub lists: Vec<Vec<Candidate>>,
    /// Pairs of a query and a row that were looked at.
    pub pairs: usize,
}

dispatch! {
    /// The nearest rows of the request's queries, which are a group; `None` if values are too large or too small
    /// for the screen's arithmetic.
    pub(super) fn search_group[T: Element](
        request: &Request<'_, T>, boxes: &Boxes, level: Isa, cancel: &Cancel
    ) -> Result<Option<Found>, Error> = search_group_impl
}

#[inline(always)]
fn search_group_impl<V: Vector, T: Element>(
    request: &Request<'_, T>,
    boxes: &Boxes,
    isa: Isa,
    cancel: &Cancel,
) -> Result<Option<Found>, Error> {
    // Centred on the group: the norms of near rows are small, and rounding is beside their distances.
    let Some(geometry) = Geometry::around(request.queries, request) else { return Ok(None) };
    let panels = Panels::new::<V, T>(request.queries, &geometry, None)?;
    // Not `>`, so that NaN is none either.
    if !panels.squared_norms.iter().all(|&norm| norm <= LARGEST_NORM) {
        return Ok(None);
    }
    let shared = Shared { request, isa, geometry: &geometry, coding: None, panels: &panels, cancel };
    let mut walk = Walk {
        worker: Worker::new::<V>(&shared, 0..request.queries.len(), BLOCK_ROWS)?,
        reach: Reach::new(request.queries, panels.n_lanes())?,
        block: None,
        pairs: 0,
    };
    let ahead = by_distance(request, boxes);
    let firsts: Vec<usize> = (0..panels.n_panels())
        .map(|panel| {
            let queries = panels.queries(panel..panel + 1);
            let middle = request.queries.row((queries.start + queries.end) / 2);
            nearest(middle, &ahead[..ahead.len().min(FIRST_CHOICES)], boxes)
        })
        .collect();
    let mut sums = FirstSums::default();
    for (panel, &block) in firsts.iter().enumerate() {
        walk.visit::<V>(block, panel, Some(&mut sums))?;
    }
    for (distance, block) in ahead {
        cancel.check()?;
        if distance > walk.reach.largest() {
            break;
        }
        for (panel, &first) in firsts.iter().enumerate() {
            let lanes = panels.get(panel).first..panels.get(panel).first + panels.get(panel).lanes;
            if first != block && walk.reach.any_within(lanes, boxes, block) {
                walk.visit::<V>(block, panel, None)?;
            }
        }
    }
    let candidates = [walk.worker.candidates];
    let queries = 0..request.queries.len();
    let lists = queries.map(|query| resolve(query, &candidates, request)).collect::<Result<_, _>>()?;
    Ok(Some(Found { lists, pairs: walk.pairs }))
}

/// All blocks, the nearest to the group first.
#[inline(always)]
fn by_distance<T: Element>(request: &Request<'_, T>, boxes: &Boxes) -> Vec<(f64, usize)> {
    let d = request.queries.n_features();
    let (mut low, mut high) = (vec![0.0; d], vec![0.0; d]);
    extent(request.queries, &mut low, &mut high);
    let mut blocks: Vec<(f64, usize)> = boxes.distances(&low, &high).into_iter().zip(0..).collect();
    blocks.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    blocks
}

/// The block that a query is nearest to.
fn nearest<T: Element>(query: &[T], blocks: &[(f64, usize)], boxes: &Boxes) -> usize {
    let distance = |block: usize| -> f64 {
        let gaps = query.iter().enumerate().map(|(column, x)| {
            let (low, high) = boxes.ends(block, column);
            gap(x.to_f64(), x.to_f64(), low, high)
        });
        gaps.map(|gap| gap * gap).sum()
    };
    let nearest = blocks.iter().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    nearest.map_or(0, |&(_, block)| block)
}

/// A group on its way from block to block.
struct Walk<'a, T> {
    worker: Worker<'a, T>,
    reach: Reach,
    /// The block that the worker holds.
    block: Option<usize>,
    pairs: usize,
}

impl<T: Element> Walk<'_, T> {
    /// Compares the rows of a block and a panel of queries; `first` if nothing is known of these yet.
    #[inline(always)]
    fn visit<V: Vector>(
        &mut self,
        block: usize,
        panel: usize,
        first: Option<&mut FirstSums>,
    ) -> Result<(), Error> {
        let worker = &mut self.worker;
        let rows = worker.shared.request.rows;
        if self.block != Some(block) {
            worker.first_row = block * BLOCK_ROWS;
            let end = (worker.first_row + BLOCK_ROWS).min(rows.len());
            worker.fill::<V>(rows.slice(worker.first_row..end))?;
            self.block = Some(block);
        }
        let panels = worker.shared.panels;
        screen_block(V::ISA, worker, &panels.get(panel), &mut Ahead::new::<T>(&[]), first);
        let queries = panels.queries(panel..panel + 1);
        self.pairs += worker.block.n_rows * queries.len();
        self.reach.renew(queries, worker);
        Ok(())
    }
}
