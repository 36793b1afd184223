//! The state of a search over any number of blocks: for each anomaly the nearest rows seen so far, with
//! their distances, ids and contents. It does not grow with the rows seen, and two tables of the same
//! anomalies merge into the table of all their rows.

use std::cmp::Ordering;

use super::lists::Candidate;
use super::order::{self, Found};
use super::request::{Request, RowIds};
use super::search::search;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

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

impl<T: Element> Found<T> for Entry<'_, T> {
    fn squared_distance(&self) -> f64 {
        self.squared_distance
    }
    fn content(&self) -> &[T] {
        self.row
    }
    fn id(&self) -> i64 {
        self.id
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
        let request = Request {
            queries: anomalies,
            rows,
            ids,
            n_neighbors: self.n_neighbors,
            limits: limits.as_deref(),
        };
        let found = search(&request, pool, cancel)?;
        let filled = (self.filled + rows.len()).min(self.n_neighbors);
        Ok(self.merged_with(filled, |anomaly| {
            let entry = |c: &Candidate| Entry {
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
                    && next
                        .is_none_or(|e| order::compare(&self.entry(anomaly, mine), e) != Ordering::Greater);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn updated(table: &Table<f64>, anomalies: &[f64], rows: &[f64], first_id: i64) -> Table<f64> {
        let (anomalies, rows) = (Rows::new(anomalies, 1).expect("rows"), Rows::new(rows, 1).expect("rows"));
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        table.updated(anomalies, rows, RowIds::From(first_id), &pool, &cancel).expect("finite")
    }

    #[test]
    fn a_table_of_two_blocks_is_the_merge_of_both() {
        let (anomalies, empty) = ([0.0, 10.0], Table::new(2, 3, 1));
        let first = updated(&empty, &anomalies, &[-0.0, 9.0, 4.0], 0);
        assert_eq!((first.filled, &first.ids[..3]), (3, &[0, 2, 1][..]));
        assert!(first.rows[0].is_sign_positive());
        let both = updated(&first, &anomalies, &[9.0, 11.0], 3);
        assert_eq!(both.ids, [0, 2, 1, 1, 3, 4]);
        assert_eq!(both.squared_distances, [0.0, 16.0, 81.0, 1.0, 1.0, 1.0]);
        let second = updated(&empty, &anomalies, &[9.0, 11.0], 3);
        assert_eq!(second.filled, 2);
        assert_eq!(second.merged(&first), Ok(both.clone()));
        assert_eq!(first.merged(&second), Ok(both));
    }

    #[test]
    fn buffers_that_do_not_fit_are_refused() {
        let table = Table::<f32>::new(2, 3, 4);
        assert_eq!(table.check(2), Ok(()));
        assert!(matches!(
            table.check(3),
            Err(Error::Length { what: "squared distances", expected: 9, got: 6 })
        ));
        let overfull = Table { filled: 4, ..table.clone() };
        assert!(matches!(overfull.check(2), Err(Error::Parameter { what: "filled", .. })));
        assert!(table.merged(&Table::new(1, 3, 4)).is_err());
    }
}
