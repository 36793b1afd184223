//! The state of a search over any number of blocks: for each anomaly the nearest rows seen so far, with
//! their distances, ids and contents. It does not grow with the rows seen, and two tables of the same
//! anomalies merge into the table of all their rows.

use std::cmp::Ordering;

use super::lists::Lists;
use super::search::{search, Search};
use crate::parallel::{Cancel, Pool};
use crate::rows::{compare_content, Element, Rows};
use crate::Error;

/// The ids of a block of rows.
#[derive(Debug, Clone, Copy)]
pub enum RowIds<'a> {
    /// Consecutive, the first one given.
    From(i64),
    /// One for each row.
    Given(&'a [i64]),
}

impl RowIds<'_> {
    /// The id of the row at `position`.
    #[inline]
    pub fn get(&self, position: usize) -> i64 {
        match self {
            RowIds::From(first) => first + position as i64,
            RowIds::Given(ids) => ids[position],
        }
    }
}

/// The nearest rows of each anomaly, `n_neighbors` slots each, the first `filled` of them in use.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<T> {
    /// Slots of each anomaly.
    pub n_neighbors: usize,
    /// Columns.
    pub n_features: usize,
    /// Slots in use: the same for every anomaly, `min(n_neighbors, rows seen)`.
    pub filled: usize,
    /// Anomaly by anomaly, slot by slot; infinite where unused.
    pub squared_distances: Vec<f64>,
    /// The same for ids; -1 where unused.
    pub ids: Vec<i64>,
    /// The same for contents; 0 where unused.
    pub rows: Vec<T>,
}

/// One row on its way into a table.
#[derive(Clone, Copy)]
struct Entry<'a, T> {
    squared_distance: f64,
    id: i64,
    row: &'a [T],
}

impl<T: Element> Entry<'_, T> {
    fn compare(&self, other: &Self) -> Ordering {
        self.squared_distance
            .total_cmp(&other.squared_distance)
            .then_with(|| compare_content(self.row, other.row))
            .then_with(|| self.id.cmp(&other.id))
    }
}

impl<T: Element> Table<T> {
    /// A table that has seen no row.
    pub fn new(n_anomalies: usize, n_neighbors: usize, n_features: usize) -> Self {
        let slots = n_anomalies * n_neighbors;
        Self {
            n_neighbors,
            n_features,
            filled: 0,
            squared_distances: vec![f64::INFINITY; slots],
            ids: vec![-1; slots],
            rows: vec![T::default(); slots * n_features],
        }
    }

    /// Checks that the buffers fit their shape.
    pub fn check(&self, n_anomalies: usize) -> Result<(), Error> {
        let slots = n_anomalies * self.n_neighbors;
        let lengths = [
            ("squared distances", slots, self.squared_distances.len()),
            ("ids", slots, self.ids.len()),
            ("neighbour rows", slots * self.n_features, self.rows.len()),
        ];
        for (what, expected, got) in lengths {
            if expected != got {
                return Err(Error::Length { what, expected, got });
            }
        }
        if self.filled > self.n_neighbors {
            let got = self.filled.to_string();
            return Err(Error::Parameter { what: "filled", expected: "at most n_neighbors", got });
        }
        Ok(())
    }

    fn n_anomalies(&self) -> usize {
        self.ids.len() / self.n_neighbors.max(1)
    }

    fn entry(&self, anomaly: usize, slot: usize) -> Entry<'_, T> {
        let at = anomaly * self.n_neighbors + slot;
        Entry {
            squared_distance: self.squared_distances[at],
            id: self.ids[at],
            row: &self.rows[at * self.n_features..(at + 1) * self.n_features],
        }
    }

    /// The table after one more block of rows.
    pub fn updated(
        &self,
        anomalies: Rows<'_, T>,
        rows: Rows<'_, T>,
        ids: RowIds<'_>,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        self.check(anomalies.len())?;
        let limits: Option<Vec<f64>> = (self.filled == self.n_neighbors && self.filled > 0).then(|| {
            let last = self.filled - 1;
            (0..anomalies.len()).map(|i| self.entry(i, last).squared_distance).collect()
        });
        let request = Search {
            queries: anomalies,
            rows,
            ids,
            n_neighbors: self.n_neighbors,
            limits: limits.as_deref(),
        };
        let found: Lists = search(&request, pool, cancel)?;
        let filled = (self.filled + rows.len()).min(self.n_neighbors);
        Ok(self.merged_with(filled, |anomaly| {
            let entry = |c: &super::lists::Candidate| Entry {
                squared_distance: c.squared_distance,
                id: ids.get(c.position),
                row: rows.row(c.position),
            };
            found.get(anomaly).iter().map(entry).collect()
        }))
    }

    /// The table of the rows of both.
    pub fn merged(&self, other: &Self) -> Result<Self, Error> {
        self.check(self.n_anomalies())?;
        other.check(self.n_anomalies())?;
        let filled = (self.filled + other.filled).min(self.n_neighbors);
        Ok(self.merged_with(filled, |anomaly| {
            (0..other.filled).map(|slot| other.entry(anomaly, slot)).collect()
        }))
    }

    /// Merges sorted entries for each anomaly into a new table.
    fn merged_with<'b>(&self, filled: usize, others: impl Fn(usize) -> Vec<Entry<'b, T>>) -> Self
    where
        T: 'b,
    {
        let n_anomalies = self.n_anomalies();
        let mut merged = Self::new(n_anomalies, self.n_neighbors, self.n_features);
        merged.filled = filled;
        for anomaly in 0..n_anomalies {
            let theirs = others(anomaly);
            let (mut mine, mut their) = (0, 0);
            for slot in 0..filled {
                let next = theirs.get(their);
                let take_mine = mine < self.filled
                    && next.is_none_or(|e| self.entry(anomaly, mine).compare(e) != Ordering::Greater);
                let entry = if take_mine {
                    mine += 1;
                    self.entry(anomaly, mine - 1)
                } else if let Some(&entry) = next {
                    their += 1;
                    entry
                } else {
                    break;
                };
                let at = anomaly * self.n_neighbors + slot;
                merged.squared_distances[at] = entry.squared_distance;
                merged.ids[at] = entry.id;
                let kept = &mut merged.rows[at * self.n_features..(at + 1) * self.n_features];
                for (kept, &value) in kept.iter_mut().zip(entry.row) {
                    // Rows that compare equal must be the same bytes.
                    *kept = value.canonical();
                }
            }
        }
        merged
    }
}
