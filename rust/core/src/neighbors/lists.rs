//! The nearest rows of each query, in the total order.

use std::cmp::Ordering;

use super::order::{self, Found};
use super::request::Request;
use crate::memory::room;
use crate::rows::Element;
use crate::Error;

/// A row that is near a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Squared Euclidean distance.
    pub squared_distance: f64,
    /// Position in the rows searched.
    pub position: usize,
}

/// A candidate and the request it was found for.
struct Placed<'a, T>(Candidate, &'a Request<'a, T>);

impl<T: Element> Found<T> for Placed<'_, T> {
    #[inline]
    fn squared_distance(&self) -> f64 {
        self.0.squared_distance
    }
    #[inline]
    fn content(&self) -> &[T] {
        self.1.rows.row(self.0.position)
    }
    #[inline]
    fn id(&self) -> i64 {
        self.1.id(self.0.position)
    }
}

/// The total order of two candidates of one query.
#[inline]
pub(super) fn compare<T: Element>(request: &Request<'_, T>, a: Candidate, b: Candidate) -> Ordering {
    order::compare(&Placed(a, request), &Placed(b, request))
}

/// The nearest `n_neighbors` of some candidates, in the total order.
pub(super) fn nearest<T: Element>(
    mut candidates: Vec<Candidate>,
    request: &Request<'_, T>,
) -> Vec<Candidate> {
    let order = |&a: &Candidate, &b: &Candidate| compare(request, a, b);
    let k = request.n_neighbors;
    if candidates.len() > k {
        // Comparing equal rows is slow: put in order only what is kept.
        candidates.select_nth_unstable_by(k - 1, order);
        candidates.truncate(k);
    }
    candidates.sort_unstable_by(order);
    candidates
}

/// For each query, at most `n_neighbors` candidates, nearest first.
#[derive(Debug, Clone)]
pub struct Lists {
    n_neighbors: usize,
    lists: Vec<Vec<Candidate>>,
}

impl Lists {
    /// Lists that nothing is inserted into, but that others are put behind.
    pub(super) fn none(n_neighbors: usize) -> Self {
        Self { n_neighbors, lists: Vec::new() }
    }

    /// Empty lists with room for what `n_rows` rows can fill.
    pub(super) fn new(n_queries: usize, n_neighbors: usize, n_rows: usize) -> Result<Self, Error> {
        let mut lists = room(n_queries)?;
        for _ in 0..n_queries {
            lists.push(room(n_neighbors.min(n_rows))?);
        }
        Ok(Self { n_neighbors, lists })
    }

    /// The candidates of query `i`, nearest first.
    pub fn get(&self, i: usize) -> &[Candidate] {
        &self.lists[i]
    }

    /// Number of queries.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there are no queries.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// Squared distance above which no candidate can enter list `i`; one at exactly this distance may, by
    /// content or id.
    #[inline]
    pub(super) fn worst(&self, i: usize) -> f64 {
        if self.lists[i].len() < self.n_neighbors {
            f64::INFINITY
        } else {
            self.lists[i].last().map_or(f64::NEG_INFINITY, |last| last.squared_distance)
        }
    }

    /// Enters a candidate into list `i` where the total order puts it, if it is near enough.
    pub(super) fn insert<T: Element>(&mut self, i: usize, candidate: Candidate, request: &Request<'_, T>) {
        let list = &mut self.lists[i];
        let at = list.partition_point(|&other| compare(request, other, candidate) == Ordering::Less);
        if at < self.n_neighbors {
            if list.len() == self.n_neighbors {
                list.pop();
            }
            list.insert(at, candidate);
        }
    }

    /// Enters all candidates of `other`, found for the same request.
    pub(super) fn absorb<T: Element>(&mut self, other: &Lists, request: &Request<'_, T>) {
        for (i, list) in other.lists.iter().enumerate() {
            for &candidate in list {
                if candidate.squared_distance > self.worst(i) {
                    break;
                }
                self.insert(i, candidate, request);
            }
        }
    }

    /// Gives every candidate the position `of` its present one.
    pub(super) fn renumber(&mut self, of: impl Fn(usize) -> usize) {
        self.lists.iter_mut().flatten().for_each(|candidate| candidate.position = of(candidate.position));
    }

    /// Puts one more list, in the total order, behind these.
    pub(super) fn push(&mut self, list: Vec<Candidate>) {
        self.lists.push(list);
    }

    /// Puts list `i`, which was found in another order, into the total order.
    pub(super) fn sort<T: Element>(&mut self, i: usize, request: &Request<'_, T>) {
        self.lists[i].sort_unstable_by(|&a, &b| compare(request, a, b));
    }

    /// Makes list `i` the nearest of some candidates.
    pub(super) fn put<T: Element>(&mut self, i: usize, candidates: Vec<Candidate>, request: &Request<'_, T>) {
        self.lists[i] = nearest(candidates, request);
    }

    /// Puts the lists of `other`, for the queries that follow, behind these.
    pub(super) fn append(&mut self, other: Lists) {
        self.lists.extend(other.lists);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;

    #[test]
    fn a_list_keeps_the_nearest_whatever_the_order_of_arrival() {
        let values = [3.0_f64, 1.0, 1.0, 2.0, 1.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let request = Request {
            queries: rows,
            rows,
            ids: RowIds::Given(&[0, 8, 7, 0, 9]),
            n_neighbors: 3,
            limits: None,
            mixed: None,
        };
        let candidate = |position: usize| Candidate { squared_distance: values[position], position };
        for arrival in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
            let mut whole = Lists::new(1, 3, 5).expect("room");
            assert_eq!(whole.worst(0), f64::INFINITY);
            arrival.iter().for_each(|&position| whole.insert(0, candidate(position), &request));
            assert_eq!(whole.get(0), [2, 1, 4].map(candidate));
            assert_eq!(whole.worst(0), 1.0);
            let (mut first, mut second) =
                (Lists::new(1, 3, 5).expect("room"), Lists::new(1, 3, 5).expect("room"));
            arrival[..2].iter().for_each(|&position| first.insert(0, candidate(position), &request));
            arrival[2..].iter().for_each(|&position| second.insert(0, candidate(position), &request));
            first.absorb(&second, &request);
            assert_eq!(first.get(0), whole.get(0));
        }
    }

    #[test]
    fn lists_of_no_neighbors_take_nothing() {
        let rows = Rows::new(&[1.0_f64], 1).expect("a row");
        let request =
            Request { queries: rows, rows, ids: RowIds::From(0), n_neighbors: 0, limits: None, mixed: None };
        let mut lists = Lists::new(1, 0, 1).expect("room");
        lists.insert(0, Candidate { squared_distance: 0.0, position: 0 }, &request);
        assert!(lists.get(0).is_empty());
        assert_eq!(lists.worst(0), f64::NEG_INFINITY);
    }
}
