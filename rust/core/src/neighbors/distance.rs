//! The distance: what every search ends in, and the only place where it is computed.

use super::mixed;
use super::request::Request;
use crate::rows::{Element, Rows};
use crate::simd::{dispatch, Isa, Vector, Wide};

/// Rows whose sums run side by side, which hides the latency of additions.
const ROWS: usize = 8;
/// From this many rows on it pays to compute eight, the rest of them in vain.
const FEWEST: usize = 3;
/// The sums of fewer columns end before they could wait for each other.
const FEWEST_COLUMNS: usize = 8;

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
    let isa = Isa::current().unwrap_or(Isa::Baseline);
    while query.len() >= FEWEST_COLUMNS && positions.len() >= FEWEST {
        let n = positions.len().min(ROWS);
        let mut several = [0; ROWS];
        several[..n].iter_mut().for_each(|position| *position = positions.next().unwrap_or_default());
        let first = several[0];
        several[n..].fill(first);
        let sums = eight_distances(isa, query, several.map(|position| rows.row(position)));
        several[..n].iter().zip(sums).for_each(|(&position, sum)| take(position, sum));
    }
    positions.for_each(|position| take(position, squared_distance(query, rows.row(position))));
}

dispatch! {
    fn eight_distances[T: Element](query: &[T], rows: [&[T]; ROWS]) -> [f64; ROWS] = eight_distances_impl
}

#[inline(always)]
fn eight_distances_impl<V: Vector, T: Element>(query: &[T], rows: [&[T]; ROWS]) -> [f64; ROWS] {
    let (d, lanes) = (query.len(), V::Wide::LANES);
    let registers = ROWS / lanes;
    assert!(rows.iter().all(|row| row.len() == d));
    let mut out = [0.0; ROWS];
    // SAFETY: every register of values lies inside the `d` values of query and rows or inside the padded copies, and
    // `out` has room for the sums; the machine has V's instructions, as this runs inside its dispatch.
    unsafe {
        let zero = V::Wide::splat(0.0);
        let mut sums = [zero; ROWS];
        for at in (0..d).step_by(lanes) {
            let (mut q, mut from) = (query.as_ptr().add(at), rows.map(|row| row.as_ptr().wrapping_add(at)));
            let padded;
            if at + lanes > d {
                // Zeros are at distance 0, which changes no sum.
                padded = padded_part(query, rows, at);
                (q, from) = (padded[ROWS].as_ptr(), std::array::from_fn(|row| padded[row].as_ptr()));
            }
            let (q, mut squares) = (T::load_wide::<V::Wide>(q), [zero; ROWS]);
            for (square, from) in squares.iter_mut().zip(from) {
                *square = zero.add_square(T::load_wide(from), q);
            }
            // A column of eight rows after the other.
            for column in V::Wide::turned(squares).chunks_exact(registers) {
                for (sum, &squares) in sums.iter_mut().zip(column) {
                    *sum = sum.add(squares);
                }
            }
        }
        for (part, sum) in sums.iter().take(registers).enumerate() {
            sum.store(out.as_mut_ptr().add(part * lanes));
        }
    }
    out
}

/// The columns from `at` on of the rows, then of the query, less than eight of them, and zeros.
fn padded_part<T: Element>(query: &[T], rows: [&[T]; ROWS], at: usize) -> [[T; ROWS]; ROWS + 1] {
    let mut padded = [[T::default(); ROWS]; ROWS + 1];
    for (padded, values) in padded.iter_mut().zip(rows.into_iter().chain([query])) {
        padded[..values.len() - at].copy_from_slice(&values[at..]);
    }
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_rows_have_the_distances_of_single_ones() {
        for (d, n) in [1, 3, 8, 9, 63, 64, 65, 200].into_iter().flat_map(|d| [20, 18, 17].map(|n| (d, n))) {
            // Thirds at different scales: another order of summation would give other last digits.
            let value = |i: usize| ((i * 7919) % 1009) as f64 / 3.0 * [1.0, 1e-8, 1e5][i % 3];
            let values: Vec<f64> = (0..n * d).map(value).collect();
            let rows = Rows::new(&values, d).expect("whole rows");
            let query = rows.row(11);
            let mut found = Vec::new();
            squared_distances(query, rows, (0..n).rev(), |position, sum| found.push((position, sum)));
            let expected: Vec<_> = (0..n).rev().map(|i| (i, squared_distance(query, rows.row(i)))).collect();
            assert_eq!(found, expected, "{n} rows of {d} columns");
        }
    }

    #[test]
    fn values_are_widened_before_they_are_subtracted() {
        let (x, q) = (16_777_216.0_f32, 0.5_f32);
        assert_eq!(squared_distance(&[q], &[x]), 16_777_215.5_f64 * 16_777_215.5);
    }
}
