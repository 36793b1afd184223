//! What survives the screen: for each query some rows, each with bounds of its distance.
//!
//! The `n_neighbors` smallest upper bounds of a query are kept; a row whose lower bound exceeds the largest of
//! them is out. Distances are computed exactly only when the candidates of a query overflow, and at the end,
//! for the few that are left.

use super::geometry::Geometry;
use crate::neighbors::lists::{compare, Candidate};
use crate::neighbors::scan::squared_distances;
use crate::neighbors::search::Search;
use crate::rows::Element;

/// Candidates of all queries, as one thread sees them.
pub(super) struct Candidates {
    n_neighbors: usize,
    capacity: usize,
    /// `n_neighbors` smallest upper bounds of each query, ascending.
    uppers: Vec<f32>,
    /// Lower bound and position of each candidate, `capacity` for each query.
    rows: Vec<(f32, u32)>,
    /// Candidates of each query.
    lengths: Vec<u32>,
}

impl Candidates {
    pub fn new<T: Element>(search: &Search<'_, T>, geometry: &Geometry<T>) -> Self {
        let (n, k) = (search.queries.len(), search.n_neighbors);
        let capacity = 2 * k + 44;
        let mut uppers = Vec::with_capacity(n * k);
        for i in 0..n {
            // A row beyond the limit is not wanted: as if `n_neighbors` rows were known at the limit.
            let limit = search.limits.map_or(f32::INFINITY, |limits| geometry.exact_bounds(limits[i]).1);
            uppers.extend(std::iter::repeat_n(limit, k));
        }
        Self { n_neighbors: k, capacity, uppers, rows: vec![(0.0, 0); n * capacity], lengths: vec![0; n] }
    }

    /// The scaled squared distance beyond which a row is out.
    #[inline]
    pub fn limit(&self, query: usize) -> f32 {
        self.uppers[(query + 1) * self.n_neighbors - 1]
    }

    /// Upper bounds of the nearest rows of a query, ascending.
    pub fn uppers(&self, query: usize) -> &[f32] {
        &self.uppers[query * self.n_neighbors..(query + 1) * self.n_neighbors]
    }

    /// Lower bounds and positions of the candidates of a query.
    pub fn get(&self, query: usize) -> &[(f32, u32)] {
        let start = query * self.capacity;
        &self.rows[start..start + self.lengths[query] as usize]
    }

    /// Takes in a row with bounds of its scaled squared distance.
    pub fn offer<T: Element>(
        &mut self,
        query: usize,
        position: usize,
        (lower, upper): (f32, f32),
        search: &Search<'_, T>,
        geometry: &Geometry<T>,
    ) {
        if lower > self.limit(query) {
            return;
        }
        self.lower_limit(query, upper);
        if self.lengths[query] as usize == self.capacity {
            self.make_room(query, search, geometry);
            if lower > self.limit(query) {
                return;
            }
        }
        let length = self.lengths[query] as usize;
        self.rows[query * self.capacity + length] = (lower, position as u32);
        self.lengths[query] += 1;
    }

    fn lower_limit(&mut self, query: usize, upper: f32) {
        let uppers = &mut self.uppers[query * self.n_neighbors..(query + 1) * self.n_neighbors];
        let at = uppers.partition_point(|&other| other <= upper);
        if at < uppers.len() {
            uppers.copy_within(at..uppers.len() - 1, at + 1);
            uppers[at] = upper;
        }
    }

    /// Drops candidates that are out; if too many could still be in, their exact distances decide.
    fn make_room<T: Element>(&mut self, query: usize, search: &Search<'_, T>, geometry: &Geometry<T>) {
        let limit = self.limit(query);
        let start = query * self.capacity;
        let rows = &mut self.rows[start..start + self.capacity];
        let mut kept = 0;
        for i in 0..rows.len() {
            if rows[i].0 <= limit {
                rows[kept] = rows[i];
                kept += 1;
            }
        }
        if kept > self.capacity * 3 / 4 {
            let positions: Vec<u32> = rows[..kept].iter().map(|row| row.1).collect();
            let mut exact = exact(query, &positions, search);
            exact.truncate(self.n_neighbors);
            kept = exact.len();
            let uppers = &mut self.uppers[query * self.n_neighbors..(query + 1) * self.n_neighbors];
            for ((row, upper), candidate) in rows.iter_mut().zip(uppers).zip(exact) {
                let (lower, exact_upper) = geometry.exact_bounds(candidate.squared_distance);
                *row = (lower, candidate.position as u32);
                *upper = exact_upper.min(*upper);
            }
        }
        self.lengths[query] = kept as u32;
    }
}

/// Exact distances of rows to a query, in the total order.
pub(super) fn exact<T: Element>(query: usize, positions: &[u32], search: &Search<'_, T>) -> Vec<Candidate> {
    let mut candidates = Vec::with_capacity(positions.len());
    let positions = positions.iter().map(|&position| position as usize);
    squared_distances(search.queries.row(query), search.rows, positions, |position, squared_distance| {
        candidates.push(Candidate { squared_distance, position });
    });
    candidates.sort_unstable_by(|&a, &b| compare(search.rows, &|at| search.id(at), a, b));
    candidates
}
