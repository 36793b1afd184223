//! Rows that lie far apart in one column: blobs, or a column much wider than the others. Queries that are near each
//! other there are searched for together, among the rows within their reach alone, and round a centre of their own.
//!
//! A sample gives each query its reach: the distance of the `n_neighbors`-th of some rows near it in the column.

use crate::neighbors::distance::squared_distances;
use crate::neighbors::request::Request;
use crate::neighbors::screen::scattered;
use crate::rows::{Element, Rows};

/// In fewer queries, rows or columns a pass over the rows costs more than it can save.
const FEWEST_QUERIES: usize = 128;
const FEWEST_ROWS: usize = 1 << 14;
const FEWEST_COLUMNS: usize = 8;
/// Queries and rows that are compared in every column.
const FEW_QUERIES: usize = 8;
const FEW_ROWS: usize = 128;
/// The largest share of those that may be near in a column for a closer look at it.
const MOST_NEAR: f64 = 0.8;
/// Rows that give reaches, and of those the fewest near each query.
const ROWS: usize = 1024;
const NEAR: usize = 32;
/// The largest share of all pairs that may be within reach.
const MOST_PAIRS: f64 = 0.6;
/// Queries of a band before bands are joined, and the fewest after which a gap ends one; of more queries these shares.
const QUERIES: (usize, usize) = (64, 32);
const FEWEST_TOGETHER: (usize, usize) = (16, 128);
/// Queries that cost as much as selecting a row and copying it.
const COPY: usize = 64;

/// Queries near each other in the column, and the ends of what is within their reach.
#[derive(Debug, Clone)]
pub(super) struct Band {
    pub queries: Vec<u32>,
    pub low: f64,
    pub high: f64,
}

/// Bands of one column.
pub(in crate::neighbors) struct Bands {
    pub(super) column: usize,
    pub(super) bands: Vec<Band>,
    /// Of each query: no neighbour is farther.
    pub(super) limits: Vec<f64>,
}

impl Bands {
    /// `None` if no column parts the rows so well that it pays.
    pub fn new<T: Element>(request: &Request<'_, T>) -> Option<Self> {
        let (queries, rows) = (request.queries, request.rows);
        let enough = queries.len() >= FEWEST_QUERIES && rows.len() >= FEWEST_ROWS.max(ROWS);
        if !enough || rows.n_features() < FEWEST_COLUMNS || NEAR.max(2 * request.n_neighbors) > ROWS / 4 {
            return None;
        }
        let column = best_column(queries, rows).filter(|_| queries.check_finite().is_ok())?;
        let value = |rows: Rows<'_, T>, i: usize| rows.row(i)[column].to_f64();
        let nth = scattered(rows.len());
        // Pairs of a value in the column and a position, in the order of values.
        let mut sample: Vec<(f64, usize)> =
            (0..ROWS).map(|turn| (value(rows, nth(turn)), nth(turn))).collect();
        sample.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let limits: Vec<f64> = (0..queries.len())
            .map(|query| request.limit(query).min(limit(request, query, value(queries, query), &sample)))
            .collect();
        let mut order: Vec<u32> = (0..queries.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| value(queries, a as usize).total_cmp(&value(queries, b as usize)));
        let [most, fewest] =
            [QUERIES, FEWEST_TOGETHER].map(|(few, share)| few.max(queries.len().div_ceil(share)));
        let mut bands: Vec<Band> = Vec::new();
        for query in order {
            let (x, limit) = (value(queries, query as usize), limits[query as usize]);
            // Covers what rounding and underflow can take from a square, and this arithmetic.
            let reach = limit.sqrt() * (1.0 + 1e-9) + 1e-160;
            let (low, high) = ((x - reach).next_down(), (x + reach).next_up());
            match bands.last_mut() {
                Some(band) if band.queries.len() < if low <= band.high { most } else { fewest } => {
                    band.queries.push(query);
                    (band.low, band.high) = (band.low.min(low), band.high.max(high));
                }
                _ => bands.push(Band { queries: vec![query], low, high }),
            }
        }
        let within = |band: &Band| sample.iter().filter(|row| band.holds(row.0)).count();
        let bands = joined(bands, |band| within(band) * (band.queries.len() + COPY));
        let pairs: usize = bands.iter().map(|band| within(band) * band.queries.len()).sum();
        let all = (ROWS * queries.len()) as f64;
        (pairs as f64 <= MOST_PAIRS * all).then_some(Self { column, bands, limits })
    }
}

impl Band {
    /// Whether a row with `x` in the column can be near enough to one of its queries.
    #[inline]
    pub fn holds(&self, x: f64) -> bool {
        (self.low..=self.high).contains(&x)
    }
}

/// The column in which fewest rows of a sample are as near to a query as its nearest; `None` if too many are.
fn best_column<T: Element>(queries: Rows<'_, T>, rows: Rows<'_, T>) -> Option<usize> {
    let (nth_query, nth_row) = (scattered(queries.len()), scattered(rows.len()));
    let mut near = vec![0_u32; rows.n_features()];
    for query in (0..FEW_QUERIES).map(|turn| queries.row(nth_query(turn))) {
        let mut nearest = f64::INFINITY;
        squared_distances(query, rows, (0..FEW_ROWS).map(&nth_row), |_, distance| {
            // Not the query itself.
            if distance > 0.0 {
                nearest = nearest.min(distance);
            }
        });
        for row in (0..FEW_ROWS).map(|turn| rows.row(nth_row(turn))) {
            for ((near, q), x) in near.iter_mut().zip(query).zip(row) {
                let difference = q.to_f64() - x.to_f64();
                *near += u32::from(difference * difference <= nearest);
            }
        }
    }
    let (column, &fewest) = near.iter().enumerate().min_by_key(|(_, &near)| near)?;
    (f64::from(fewest) <= MOST_NEAR * (FEW_QUERIES * FEW_ROWS) as f64).then_some(column)
}

/// A squared distance within which `n_neighbors` rows of the sample are; infinite if too few are finite.
fn limit<T: Element>(request: &Request<'_, T>, query: usize, x: f64, sample: &[(f64, usize)]) -> f64 {
    let n = NEAR.max(2 * request.n_neighbors);
    let middle = sample.partition_point(|row| row.0 < x);
    let first = middle.saturating_sub(n / 2).min(sample.len() - n);
    let mut distances = Vec::with_capacity(n);
    let near = sample[first..first + n].iter().map(|row| row.1);
    squared_distances(request.queries.row(query), request.rows, near, |_, distance| distances.push(distance));
    // NaN comes last.
    *distances.select_nth_unstable_by(request.n_neighbors - 1, f64::total_cmp).1
}

/// Neighbouring bands made one, where `work` is no more then.
fn joined(bands: Vec<Band>, work: impl Fn(&Band) -> usize) -> Vec<Band> {
    let mut joined: Vec<Band> = Vec::with_capacity(bands.len());
    for band in bands {
        if let Some(last) = joined.last_mut() {
            let (low, high) = (last.low.min(band.low), last.high.max(band.high));
            let both = Band { queries: [&last.queries[..], &band.queries].concat(), low, high };
            if work(&both) <= work(last) + work(&band) {
                *last = both;
                continue;
            }
        }
        joined.push(band);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::test_data::uniform;

    fn bands(values: &[f64], n_neighbors: usize) -> Option<Bands> {
        let rows = Rows::new(values, 8).expect("rows");
        let queries = rows.slice(0..200);
        Bands::new(&Request { queries, rows, ids: RowIds::From(0), n_neighbors, limits: None, mixed: None })
    }

    #[test]
    fn blobs_are_bands_and_a_wide_column_is_cut() {
        let mut next = uniform(1);
        let n = 17_000;
        let uniform: Vec<f64> = (0..n * 8).map(|_| next()).collect();
        assert!(bands(&uniform, 5).is_none());
        // Not in turn: a sample takes every so many rows.
        let side = |row: usize| if uniform[row * 8] * 37.0 % 1.0 < 0.5 { -1e4 } else { 1e4 };
        let blobs: Vec<f64> = uniform.iter().enumerate().map(|(i, x)| x + side(i / 8)).collect();
        let found = bands(&blobs, 5).expect("two blobs");
        assert_eq!(found.bands.len(), 2);
        assert!(found.bands[0].high < 0.0 && found.bands[1].low > 0.0);
        assert!((0..200).all(|query| {
            let band = usize::from(side(query) > 0.0);
            found.bands[band].queries.contains(&(query as u32)) && found.limits[query] < 8.0
        }));
        let wide: Vec<f64> =
            uniform.iter().enumerate().map(|(i, x)| if i % 8 == 3 { x * 1e6 } else { *x }).collect();
        let found = bands(&wide, 5).expect("a wide column");
        assert!(found.column == 3 && found.bands.len() > 2, "{} bands", found.bands.len());
        // A list as long as the sample would need all of it; equal rows lie nowhere.
        assert!(bands(&wide, 500).is_none() && bands(&[1.0; 8 * 17_000], 5).is_none());
    }
}
