//! What survives the screen: for each query some rows, each with bounds of its distance.
//!
//! The `n_neighbors` smallest upper bounds of a query are kept; a row whose lower bound exceeds the largest of
//! them is out. Distances are computed exactly only when the candidates of a query overflow, and at the end,
//! for the few that are left.

use std::ops::Range;

use super::geometry::Geometry;
use crate::memory::{filled, room};
use crate::neighbors::distance::squared_distances;
use crate::neighbors::lists::{nearest, Candidate};
use crate::neighbors::request::Request;
use crate::rows::Element;
use crate::Error;

/// Candidates of some queries, as one thread sees them.
pub(in crate::neighbors) struct Candidates {
    queries: Range<usize>,
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
    pub fn new<T: Element>(
        request: &Request<'_, T>,
        geometry: &Geometry<T>,
        queries: Range<usize>,
    ) -> Result<Self, Error> {
        let (n, k) = (queries.len(), request.n_neighbors);
        let capacity = 2 * k + 44;
        let mut uppers = room(n.saturating_mul(k))?;
        for i in queries.clone() {
            // A row beyond the limit is not wanted: as if `n_neighbors` rows were known at the limit.
            let limit = request.limits.map_or(f32::INFINITY, |limits| geometry.exact_bounds(limits[i]).1);
            uppers.extend(std::iter::repeat_n(limit, k));
        }
        let (rows, lengths) = (filled((0.0, 0), n.saturating_mul(capacity))?, filled(0, n)?);
        Ok(Self { queries, n_neighbors: k, capacity, uppers, rows, lengths })
    }

    /// The queries whose candidates these are.
    pub fn queries(&self) -> &Range<usize> {
        &self.queries
    }

    /// Where the bounds of a query are.
    #[inline]
    fn place(&self, query: usize) -> Range<usize> {
        let i = query - self.queries.start;
        i * self.n_neighbors..(i + 1) * self.n_neighbors
    }

    /// The scaled squared distance beyond which a row is out.
    #[inline]
    pub fn limit(&self, query: usize) -> f32 {
        self.uppers[self.place(query).end - 1]
    }

    /// Takes note that `n_neighbors` rows, still to be offered, are within `limit`.
    pub fn lower_limit(&mut self, query: usize, limit: f32) {
        let place = self.place(query);
        for upper in &mut self.uppers[place] {
            *upper = upper.min(limit);
        }
    }

    /// Upper bounds of the nearest rows of a query, ascending.
    pub fn uppers(&self, query: usize) -> &[f32] {
        &self.uppers[self.place(query)]
    }

    /// Lower bounds and positions of the candidates of a query.
    pub fn get(&self, query: usize) -> &[(f32, u32)] {
        let i = query - self.queries.start;
        &self.rows[i * self.capacity..][..self.lengths[i] as usize]
    }

    /// Takes in a row with bounds of its scaled squared distance; whether that lowers the query's limit.
    pub fn offer<T: Element>(
        &mut self,
        query: usize,
        position: usize,
        (lower, upper): (f32, f32),
        request: &Request<'_, T>,
        geometry: &Geometry<T>,
    ) -> bool {
        let before = self.limit(query);
        if lower > before {
            return false;
        }
        let place = self.place(query);
        let uppers = &mut self.uppers[place];
        let at = uppers.partition_point(|&other| other <= upper);
        if at < uppers.len() {
            uppers.copy_within(at..uppers.len() - 1, at + 1);
            uppers[at] = upper;
        }
        let i = query - self.queries.start;
        if self.lengths[i] as usize == self.capacity {
            self.make_room(query, request, geometry);
        }
        let limit = self.limit(query);
        if lower <= limit {
            self.rows[i * self.capacity + self.lengths[i] as usize] = (lower, position as u32);
            self.lengths[i] += 1;
        }
        limit < before
    }

    /// Drops candidates that are out; if too many could still be in, their exact distances decide.
    #[cold]
    fn make_room<T: Element>(&mut self, query: usize, request: &Request<'_, T>, geometry: &Geometry<T>) {
        let (limit, place, i) = (self.limit(query), self.place(query), query - self.queries.start);
        let start = i * self.capacity;
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
            let exact = exact(query, &positions, request, Vec::with_capacity(kept));
            kept = exact.len();
            for ((row, upper), candidate) in rows.iter_mut().zip(&mut self.uppers[place]).zip(exact) {
                let (lower, exact_upper) = geometry.exact_bounds(candidate.squared_distance);
                *row = (lower, candidate.position as u32);
                *upper = exact_upper.min(*upper);
            }
        }
        self.lengths[i] = kept as u32;
    }
}

/// The nearest `n_neighbors` of some rows by exact distance, in the total order; `candidates` is the room for all.
pub(super) fn exact<T: Element>(
    query: usize,
    positions: &[u32],
    request: &Request<'_, T>,
    mut candidates: Vec<Candidate>,
) -> Vec<Candidate> {
    let positions = positions.iter().map(|&position| position as usize);
    squared_distances(request.queries.row(query), request.rows, positions, |position, squared_distance| {
        candidates.push(Candidate { squared_distance, position });
    });
    nearest(candidates, request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;
    use crate::test_data::uniforms;

    #[test]
    fn the_nearest_rows_stay_however_many_are_offered() {
        let (n, k) = (500, 3);
        let values = uniforms(5, n);
        let rows = Rows::new(&values, 1).expect("rows");
        let request = Request {
            queries: rows.slice(0..2),
            rows,
            ids: RowIds::From(0),
            n_neighbors: k,
            limits: None,
            mixed: None,
        };
        let geometry = Geometry::new(&request).expect("in range");
        let mut candidates = Candidates::new(&request, &geometry, 1..2).expect("room");
        assert_eq!(candidates.limit(1), f32::INFINITY);
        for position in 0..n {
            let (lower, upper) = geometry.exact_bounds((values[position] - values[1]).powi(2));
            // As loose as a screen's: rows overflow and exact distances have to make room.
            candidates.offer(1, position, (lower - 10.0, upper + 10.0), &request, &geometry);
        }
        let all: Vec<u32> = (0..n as u32).collect();
        let nearest = exact(1, &all, &request, Vec::new());
        assert_eq!((nearest.len(), nearest[0].position), (k, 1));
        let left: Vec<u32> = candidates.get(1).iter().map(|row| row.1).collect();
        assert!(left.len() <= 2 * k + 44);
        assert_eq!(exact(1, &left, &request, Vec::new()), nearest);
        assert!(candidates.uppers(1).is_sorted());
        candidates.lower_limit(1, 0.0);
        assert!(!candidates.offer(1, 0, (1.0, 2.0), &request, &geometry));
    }

    #[test]
    fn limits_of_the_request_are_known_from_the_start() {
        let values = [0.0_f64, 1.0, 3.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let limits = [4.0, 4.0, 4.0];
        let request = Request {
            queries: rows,
            rows,
            ids: RowIds::From(0),
            n_neighbors: 2,
            limits: Some(&limits),
            mixed: None,
        };
        let geometry = Geometry::new(&request).expect("in range");
        let mut candidates = Candidates::new(&request, &geometry, 0..3).expect("room");
        let (near, far) = (geometry.exact_bounds(4.0), geometry.exact_bounds(9.0));
        candidates.offer(2, 1, near, &request, &geometry);
        candidates.offer(2, 0, far, &request, &geometry);
        assert_eq!(candidates.get(2).iter().map(|row| row.1).collect::<Vec<_>>(), [1]);
    }
}
