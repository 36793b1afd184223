//! The state of a search over any number of blocks: for each anomaly the nearest rows seen so far, with
//! their distances, ids and contents. It does not grow with the rows seen, and two tables of the same
//! anomalies merge into the table of all their rows.

use std::cmp::Ordering;

use super::order::{self, Found};
use crate::memory::{filled, zeros};
use crate::parallel::{split, Cancel, Pool};
use crate::rows::Element;
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

/// What a table holds, wherever it lies.
#[derive(Debug, Clone, Copy)]
pub struct TableView<'a, T> {
    /// See [`Table`], as for the others.
    pub n_neighbors: usize,
    /// Columns.
    pub n_features: usize,
    /// Slots in use.
    pub filled: usize,
    /// Anomaly by anomaly, slot by slot.
    pub squared_distances: &'a [f64],
    /// The same for ids.
    pub ids: &'a [i64],
    /// The same for contents.
    pub rows: &'a [T],
}

/// Slots filled between two looks at a cancellation.
const CHECK_EVERY: usize = 1 << 10;

/// One row on its way into a table.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a, T> {
    pub squared_distance: f64,
    pub id: i64,
    pub row: &'a [T],
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
    pub fn new(n_anomalies: usize, n_neighbors: usize, n_features: usize) -> Result<Self, Error> {
        let slots = n_anomalies.saturating_mul(n_neighbors);
        Ok(Self {
            n_neighbors,
            n_features,
            filled: 0,
            squared_distances: filled(f64::INFINITY, slots)?,
            ids: filled(-1, slots)?,
            rows: zeros(slots.saturating_mul(n_features))?,
        })
    }

    /// What it holds.
    pub fn view(&self) -> TableView<'_, T> {
        let Self { n_neighbors, n_features, filled, .. } = *self;
        let (squared_distances, ids, rows) = (&self.squared_distances, &self.ids, &self.rows);
        TableView { n_neighbors, n_features, filled, squared_distances, ids, rows }
    }
}

impl<'a, T: Element> TableView<'a, T> {
    /// Checks that the buffers fit their shape.
    pub fn check(&self, n_anomalies: usize) -> Result<(), Error> {
        let slots = n_anomalies.saturating_mul(self.n_neighbors);
        let lengths = [
            ("squared distances", slots, self.squared_distances.len()),
            ("ids", slots, self.ids.len()),
            ("neighbour rows", slots.saturating_mul(self.n_features), self.rows.len()),
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

    fn entry(&self, anomaly: usize, slot: usize) -> Option<Entry<'a, T>> {
        let at = anomaly * self.n_neighbors + slot;
        (slot < self.filled).then(|| Entry {
            squared_distance: self.squared_distances[at],
            id: self.ids[at],
            row: &self.rows[at * self.n_features..(at + 1) * self.n_features],
        })
    }

    /// The table of the rows of both.
    pub fn merged(&self, other: &Self, pool: &Pool, cancel: &Cancel) -> Result<Table<T>, Error> {
        self.check(self.n_anomalies())?;
        other.check(self.n_anomalies())?;
        if other.n_features != self.n_features {
            let (expected, got) = (self.n_features, other.n_features);
            return Err(Error::Length { what: "columns of the other table", expected, got });
        }
        let filled = (self.filled + other.filled).min(self.n_neighbors);
        self.merged_with(filled, |anomaly, slot| other.entry(anomaly, slot), true, pool, cancel)
    }

    /// Merges the sorted entries of each anomaly with those of another list, slot by slot, into a new table; an
    /// error if a row is in both and they are `distinct`.
    pub(super) fn merged_with<'b>(
        &self,
        filled: usize,
        other: impl Fn(usize, usize) -> Option<Entry<'b, T>> + Sync + Send,
        distinct: bool,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<Table<T>, Error>
    where
        T: 'b,
    {
        let (n_anomalies, k, d) = (self.n_anomalies(), self.n_neighbors, self.n_features);
        let mut merged = Table::new(n_anomalies, k, d)?;
        merged.filled = filled;
        let parts = split(n_anomalies, 4 * pool.n_threads());
        let mut rest = (&mut merged.squared_distances[..], &mut merged.ids[..], &mut merged.rows[..]);
        let mut tasks = Vec::with_capacity(parts.len());
        for part in parts {
            let n = part.len() * k;
            let (distances, ids, rows) =
                (rest.0.split_at_mut(n), rest.1.split_at_mut(n), rest.2.split_at_mut(n * d));
            tasks.push((part, distances.0, ids.0, rows.0));
            rest = (distances.1, ids.1, rows.1);
        }
        let done = pool.map(tasks, |(part, distances, ids, rows)| {
            for (i, anomaly) in part.enumerate() {
                let (mut mine, mut theirs) = (0, 0);
                for slot in 0..filled {
                    if slot.is_multiple_of(CHECK_EVERY) {
                        cancel.check()?;
                    }
                    let (entry, taken) = match (self.entry(anomaly, mine), other(anomaly, theirs)) {
                        (Some(a), Some(b)) => match order::compare(&a, &b) {
                            Ordering::Less => (a, &mut mine),
                            // Distance, content and id: the same row.
                            Ordering::Equal if distinct => return Err(Error::Twice { id: a.id }),
                            Ordering::Equal => (a, &mut mine),
                            Ordering::Greater => (b, &mut theirs),
                        },
                        (Some(a), None) => (a, &mut mine),
                        (None, Some(b)) => (b, &mut theirs),
                        (None, None) => break,
                    };
                    *taken += 1;
                    let at = i * k + slot;
                    distances[at] = entry.squared_distance;
                    ids[at] = entry.id;
                    for (kept, &value) in rows[at * d..(at + 1) * d].iter_mut().zip(entry.row) {
                        // Rows that compare equal must be the same bytes.
                        *kept = if value.is_nan() { T::from_f64(f64::NAN) } else { value.canonical() };
                    }
                }
                // A row of both may stand behind what is kept.
                while let (true, Some(a), Some(b)) =
                    (distinct, self.entry(anomaly, mine), other(anomaly, theirs))
                {
                    if (mine + theirs).is_multiple_of(CHECK_EVERY) {
                        cancel.check()?;
                    }
                    match order::compare(&a, &b) {
                        Ordering::Less => mine += 1,
                        Ordering::Equal => return Err(Error::Twice { id: a.id }),
                        Ordering::Greater => theirs += 1,
                    }
                }
            }
            Ok(())
        });
        done.into_iter().collect::<Result<(), Error>>()?;
        Ok(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;

    fn updated(table: &Table<f64>, anomalies: &[f64], rows: &[f64], first_id: i64) -> Table<f64> {
        let (anomalies, rows) = (Rows::new(anomalies, 1).expect("rows"), Rows::new(rows, 1).expect("rows"));
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        table.view().updated(anomalies, rows, RowIds::From(first_id), None, &pool, &cancel).expect("finite")
    }

    #[test]
    fn a_table_of_two_blocks_is_the_merge_of_both() {
        let (anomalies, empty) = ([0.0, 10.0], Table::new(2, 3, 1).expect("room"));
        let first = updated(&empty, &anomalies, &[-0.0, 9.0, 4.0], 0);
        assert_eq!((first.filled, &first.ids[..3]), (3, &[0, 2, 1][..]));
        assert!(first.rows[0].is_sign_positive());
        let both = updated(&first, &anomalies, &[9.0, 11.0], 3);
        assert_eq!(both.ids, [0, 2, 1, 1, 3, 4]);
        assert_eq!(both.squared_distances, [0.0, 16.0, 81.0, 1.0, 1.0, 1.0]);
        let second = updated(&empty, &anomalies, &[9.0, 11.0], 3);
        assert_eq!(second.filled, 2);
        let cancel = Cancel::default();
        for n_threads in [1, 2] {
            let pool = Pool::new(n_threads).expect("threads");
            assert_eq!(second.view().merged(&first.view(), &pool, &cancel), Ok(both.clone()));
            assert_eq!(first.view().merged(&second.view(), &pool, &cancel), Ok(both.clone()));
        }
        let pool = Pool::new(1).expect("one");
        assert_eq!(both.view().merged(&second.view(), &pool, &cancel), Err(Error::Twice { id: 3 }));
        cancel.cancel();
        assert_eq!(first.view().merged(&second.view(), &pool, &cancel), Err(Error::Interrupted));
    }

    #[test]
    fn a_row_of_both_is_refused_even_behind_what_is_kept() {
        let (anomaly, empty) = ([0.0], Table::new(1, 2, 1).expect("room"));
        let [first, second] = [(1.0, 1), (2.0, 2)].map(|(row, id)| {
            let shared = updated(&empty, &anomaly, &[4.0], 9);
            updated(&shared, &anomaly, &[row], id)
        });
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        assert_eq!(first.view().merged(&second.view(), &pool, &cancel), Err(Error::Twice { id: 9 }));
    }

    #[test]
    fn buffers_that_do_not_fit_are_refused() {
        let table = Table::<f32>::new(2, 3, 4).expect("room");
        assert_eq!(table.view().check(2), Ok(()));
        assert!(matches!(
            table.view().check(3),
            Err(Error::Length { what: "squared distances", expected: 9, got: 6 })
        ));
        let overfull = Table { filled: 4, ..table.clone() };
        assert!(matches!(overfull.view().check(2), Err(Error::Parameter { what: "filled", .. })));
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        for (n_anomalies, n_features) in [(1, 4), (2, 3)] {
            let other = Table::new(n_anomalies, 3, n_features).expect("room");
            assert!(table.view().merged(&other.view(), &pool, &cancel).is_err());
        }
        assert!(matches!(Table::<f64>::new(1 << 40, 1 << 40, 8), Err(Error::Memory { .. })));
    }
}
