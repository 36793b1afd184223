//! The distance: what every search ends in, and the only place where it is computed.

use super::mixed;
use super::request::Request;
use crate::rows::{Element, Rows};

/// Rows whose sums run side by side, which hides the latency of additions.
const ROWS: usize = 8;
/// Columns whose squares are computed ahead of their sums, which vectorises.
const COLUMNS: usize = 64;

impl<T: Element> Request<'_, T> {
    /// The squared distance of a query and each of some rows, in the order given.
    #[inline]
    pub(super) fn squared_distances(
        &self,
        query: usize,
        positions: impl ExactSizeIterator<Item = usize>,
        mut take: impl FnMut(usize, f64),
    ) {
        let query = self.queries.row(query);
        match self.mixed {
            None => squared_distances(query, self.rows, positions, take),
            Some(mixed) => positions.for_each(|position| {
                take(position, mixed::squared_distance(query, self.rows.row(position), mixed));
            }),
        }
    }
}

/// Squared distance in `f64`, columns ascending, no fused operation.
#[inline]
pub(super) fn squared_distance<T: Element>(query: &[T], row: &[T]) -> f64 {
    let mut sum = 0.0;
    for (q, x) in query.iter().zip(row) {
        let difference = x.to_f64() - q.to_f64();
        sum += difference * difference;
    }
    sum
}

/// The same for several rows, in the order given.
pub(super) fn squared_distances<T: Element>(
    query: &[T],
    rows: Rows<'_, T>,
    mut positions: impl ExactSizeIterator<Item = usize>,
    mut take: impl FnMut(usize, f64),
) {
    while positions.len() >= ROWS {
        let several: [usize; ROWS] = std::array::from_fn(|_| positions.next().unwrap_or_default());
        let sums = several_distances(query, several.map(|position| rows.row(position)));
        several.into_iter().zip(sums).for_each(|(position, sum)| take(position, sum));
    }
    positions.for_each(|position| take(position, squared_distance(query, rows.row(position))));
}

fn several_distances<T: Element>(query: &[T], rows: [&[T]; ROWS]) -> [f64; ROWS] {
    let mut sums = [0.0; ROWS];
    let mut squares = [[0.0; COLUMNS]; ROWS];
    for start in (0..query.len()).step_by(COLUMNS) {
        let query = &query[start..(start + COLUMNS).min(query.len())];
        for (squares, row) in squares.iter_mut().zip(&rows) {
            for ((square, x), q) in squares.iter_mut().zip(&row[start..]).zip(query) {
                let difference = x.to_f64() - q.to_f64();
                *square = difference * difference;
            }
        }
        for j in 0..query.len() {
            for (sum, squares) in sums.iter_mut().zip(&squares) {
                *sum += squares[j];
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_rows_have_the_distances_of_single_ones() {
        for d in [1, 3, 63, 64, 65, 200] {
            // Thirds at different scales: another order of summation would give other last digits.
            let value = |i: usize| ((i * 7919) % 1009) as f64 / 3.0 * [1.0, 1e-8, 1e5][i % 3];
            let values: Vec<f64> = (0..20 * d).map(value).collect();
            let rows = Rows::new(&values, d).expect("whole rows");
            let query = rows.row(11);
            let mut found = Vec::new();
            squared_distances(query, rows, (0..20).rev(), |position, sum| found.push((position, sum)));
            let expected: Vec<_> = (0..20).rev().map(|i| (i, squared_distance(query, rows.row(i)))).collect();
            assert_eq!(found, expected, "{d} columns");
        }
    }

    #[test]
    fn values_are_widened_before_they_are_subtracted() {
        let (x, q) = (16_777_216.0_f32, 0.5_f32);
        assert_eq!(squared_distance(&[q], &[x]), 16_777_215.5_f64 * 16_777_215.5);
    }
}
