//! Boxes round blocks of rows, and how near a row in one of them can be.
//!
//! The bound needs no margin: the difference of two values, its square and the sum of squares are rounded by
//! operations that never change the order of their operands. Between values of two intervals the rounded
//! difference is therefore at least that of their nearest ends, and the distance, summed in the same order of
//! columns, at least the sum of those.

use crate::memory::filled;
use crate::neighbors::coincident::widen;
use crate::rows::{Element, Rows};
use crate::Error;

/// The smallest and the largest value of each column in each block, column after column.
pub(super) struct Boxes {
    n: usize,
    low: Vec<f64>,
    high: Vec<f64>,
}

impl Boxes {
    /// The boxes round every `size` rows; an error if a value is not finite.
    pub fn new<T: Element>(rows: Rows<'_, T>, size: usize) -> Result<Self, Error> {
        let (n, d) = (rows.len().div_ceil(size), rows.n_features());
        let mut boxes =
            Self { n, low: filled(f64::INFINITY, n * d)?, high: filled(f64::NEG_INFINITY, n * d)? };
        let (mut low, mut high) = (vec![0.0; d], vec![0.0; d]);
        for at in 0..n {
            let block = rows.slice(at * size..((at + 1) * size).min(rows.len()));
            block.check_finite()?;
            extent(block, &mut low, &mut high);
            for column in 0..d {
                boxes.low[column * n + at] = low[column];
                boxes.high[column * n + at] = high[column];
            }
        }
        Ok(boxes)
    }

    /// For each box the least squared distance between a row in it and one between `low` and `high`.
    #[inline(always)]
    pub fn distances(&self, low: &[f64], high: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.n];
        for (column, (&low, &high)) in low.iter().zip(high).enumerate() {
            let lows = &self.low[column * self.n..][..self.n];
            let highs = &self.high[column * self.n..][..self.n];
            for ((sum, &box_low), &box_high) in sums.iter_mut().zip(lows).zip(highs) {
                let gap = gap(low, high, box_low, box_high);
                *sum += gap * gap;
            }
        }
        sums
    }

    /// The ends of a box in one column.
    #[inline(always)]
    pub fn ends(&self, at: usize, column: usize) -> (f64, f64) {
        (self.low[column * self.n + at], self.high[column * self.n + at])
    }
}

/// The least difference of a value between `low` and `high` and one between the others.
#[inline(always)]
pub(super) fn gap(low: f64, high: f64, other_low: f64, other_high: f64) -> f64 {
    let (below, above) = (other_low - high, low - other_high);
    let larger = if below > above { below } else { above };
    if larger > 0.0 {
        larger
    } else {
        0.0
    }
}

/// The smallest and the largest value of each column.
pub(super) fn extent<T: Element>(rows: Rows<'_, T>, low: &mut [f64], high: &mut [f64]) {
    low.fill(f64::INFINITY);
    high.fill(f64::NEG_INFINITY);
    widen(rows, low, high);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::distance::squared_distance;
    use crate::test_data::uniform;

    #[test]
    fn no_row_is_nearer_than_its_box() {
        let (n, d) = (60, 5);
        for magnitude in [1e-160, 1.0, 1e9, 1e160] {
            let mut next = uniform(8);
            let mut values = |shift: f64| -> Vec<f64> {
                (0..n * d).map(|i| (next() + shift * (i / d / 7) as f64) * magnitude).collect()
            };
            let (values, queries) = (values(1.0), values(0.7));
            let (rows, queries) =
                (Rows::new(&values, d).expect("rows"), Rows::new(&queries, d).expect("rows"));
            for size in [1, 7] {
                let boxes = Boxes::new(rows, size).expect("finite");
                let (mut low, mut high) = (vec![0.0; d], vec![0.0; d]);
                for group in 0..n / size {
                    let group = queries.slice(group * size..(group + 1) * size);
                    extent(group, &mut low, &mut high);
                    let bounds = boxes.distances(&low, &high);
                    assert!(bounds.iter().any(|&bound| bound > 0.0));
                    for (row, query) in (0..n).flat_map(|row| (0..size).map(move |query| (row, query))) {
                        let distance = squared_distance(group.row(query), rows.row(row));
                        assert!(bounds[row / size] <= distance);
                        // Boxes round single rows are their distance, bit by bit.
                        assert!(size > 1 || bounds[row] == distance);
                    }
                }
            }
        }
    }

    #[test]
    fn values_that_are_not_finite_have_no_box() {
        let values = [0.0, 1.0, 2.0, f64::INFINITY];
        assert!(Boxes::new(Rows::new(&values, 2).expect("rows"), 1).is_err());
    }
}
