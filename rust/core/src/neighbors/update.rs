//! A table and one more block of rows: the search looks for what is nearer than the last row kept.

use super::mixed::Mixed;
use super::request::{Request, RowIds};
use super::search::search;
use super::table::{Entry, Table, TableView};
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

impl<T: Element> TableView<'_, T> {
    /// The table after one more block of rows.
    pub fn updated(
        &self,
        anomalies: Rows<'_, T>,
        rows: Rows<'_, T>,
        ids: RowIds<'_>,
        mixed: Option<&Mixed>,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<Table<T>, Error> {
        self.check(anomalies.len())?;
        let limits: Option<Vec<f64>> = (self.filled == self.n_neighbors && self.filled > 0).then(|| {
            let last = self.filled - 1;
            (0..anomalies.len()).map(|i| self.squared_distances[i * self.n_neighbors + last]).collect()
        });
        let request = Request {
            queries: anomalies,
            rows,
            ids,
            n_neighbors: self.n_neighbors,
            limits: limits.as_deref(),
            mixed,
        };
        let found = search(&request, pool, cancel)?;
        let filled = (self.filled + rows.len()).min(self.n_neighbors);
        let entry = |anomaly: usize, slot: usize| {
            let found = found.get(anomaly).get(slot)?;
            Some(Entry {
                squared_distance: found.squared_distance,
                id: ids.get(found.position),
                row: rows.row(found.position),
            })
        };
        self.merged_with(filled, entry, false, pool, cancel)
    }
}
