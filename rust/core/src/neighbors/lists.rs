//! The best candidates of each query, in the total order.

use std::cmp::Ordering;

use crate::rows::Element;
use crate::rows::{compare_content, Rows};

/// A row that is near a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Squared Euclidean distance.
    pub squared_distance: f64,
    /// Position in the rows searched.
    pub position: usize,
}

/// For each query, at most `n_neighbors` candidates, nearest first.
#[derive(Debug, Clone)]
pub struct Lists {
    n_neighbors: usize,
    lists: Vec<Vec<Candidate>>,
}

/// The total order of two candidates among the same rows: (squared distance, row content, row id).
pub(super) fn compare<T: Element>(
    rows: Rows<'_, T>,
    id: &impl Fn(usize) -> i64,
    a: Candidate,
    b: Candidate,
) -> Ordering {
    a.squared_distance
        .total_cmp(&b.squared_distance)
        .then_with(|| compare_content(rows.row(a.position), rows.row(b.position)))
        .then_with(|| id(a.position).cmp(&id(b.position)))
}

impl Lists {
    /// Empty lists.
    pub fn new(n_queries: usize, n_neighbors: usize) -> Self {
        let list = || Vec::with_capacity(n_neighbors.min(64));
        Self { n_neighbors, lists: (0..n_queries).map(|_| list()).collect() }
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
    pub fn worst(&self, i: usize) -> f64 {
        if self.lists[i].len() < self.n_neighbors {
            f64::INFINITY
        } else {
            self.lists[i].last().map_or(f64::NEG_INFINITY, |last| last.squared_distance)
        }
    }

    /// Enters a candidate into list `i` where the total order puts it, if it is near enough.
    pub fn insert<T: Element>(
        &mut self,
        i: usize,
        candidate: Candidate,
        rows: Rows<'_, T>,
        id: &impl Fn(usize) -> i64,
    ) {
        let list = &mut self.lists[i];
        let at = list.partition_point(|&other| compare(rows, id, other, candidate) == Ordering::Less);
        if at < self.n_neighbors {
            if list.len() == self.n_neighbors {
                list.pop();
            }
            list.insert(at, candidate);
        }
    }

    /// Enters all candidates of `other`, found among the same rows.
    pub fn absorb<T: Element>(&mut self, other: &Lists, rows: Rows<'_, T>, id: &impl Fn(usize) -> i64) {
        for (i, list) in other.lists.iter().enumerate() {
            for &candidate in list {
                if candidate.squared_distance > self.worst(i) {
                    break;
                }
                self.insert(i, candidate, rows, id);
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

    /// Puts the lists of `others`, for consecutive ranges of queries, behind these.
    pub fn append(&mut self, other: Lists) {
        self.lists.extend(other.lists);
    }
}
