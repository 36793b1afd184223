//! What the screen sees of a distance, and what its arithmetic can get wrong.
//!
//! A number `x` becomes `x' = fl(x - c)` in `f32`, with `c` near the mean of its column; a category becomes a code of
//! 8 bits, the same for equal values and another for a missing one. For a query `q` and a row `x` the screen adds up, in `f32`,
//!
//! ```text
//! v = fl(S' + m + w' n'),    S' = sum of (x' - q')^2 over the numbers that both have
//! ```
//!
//! where `m` counts the columns of numbers that either misses, exactly, `n'` the columns of categories whose codes
//! differ, and `w' = w` rounded down to `f32`. Equal values have equal codes, so that `n'` is at most the true `n`:
//! `w' n' <= w n`.
//!
//! `x'` and `q'` are off by at most `u = 2^-24` of themselves (plus `2^-149` where they are subnormal), hence the
//! root of the true `S` from that of `S'` by at most `e = 1.1 u (|x'| + |q'|)` and something tiny. With `V = S' + m + w' n'`
//!
//! ```text
//! D  =  S + m + w n  >=  S' - 2 e sqrt(S') + m + w' n'  >=  V - 2 e sqrt(V)
//! ```
//!
//! which exceeds a limit if `sqrt(V) > e + sqrt(e^2 + limit)`. All terms are at least 0, so that `v`, whatever the
//! order of summation, fused or not, exceeds `V` by at most `(2 d + 16) u` of it, and what subnormals add. That
//! gives one number for each query and block, and a row whose `v` is above it is out. One whose distance *is* the
//! limit never is: content decides there.
//!
//! Nothing overflows: queries with a squared norm beyond [`LARGEST_NORM`] or a weight beyond [`LARGEST_WEIGHT`] leave
//! the search to the plain scan, rows with such a norm are candidates of every query.

use super::columns::Mixed;
use crate::neighbors::request::Request;
use crate::rows::Element;

const U: f64 = 1.0 / (1_u64 << 24) as f64;
/// Rows looked at to find where the numbers of each column lie.
const SAMPLE: usize = 256;
/// The largest squared norm: four times it, added to all counts, is a `f32`.
pub(super) const LARGEST_NORM: f32 = (1_u128 << 96) as f32;
/// Lanes of the widest register: centres are at least this many, so that one can be loaded.
pub(super) const WIDEST: usize = 16;
/// The largest weight.
const LARGEST_WEIGHT: f64 = (1_u64 << 60) as f64;
/// The most columns for which the bounds are proven.
const MOST_COLUMNS: usize = 1 << 17;
/// Limits beyond this keep every row.
const LARGEST_LIMIT: f64 = 1e37;
/// Widens bounds by far more than `f64` arithmetic on them, or in the definition, can lose.
const WIDEN: f64 = 1e-9;

/// Shift and error bounds.
pub(super) struct Geometry<T> {
    /// `c` for each column, 0 for those of categories; at least a register.
    pub centre: Vec<T>,
    /// `w'`.
    pub weight: f32,
    /// Relative error of `v`.
    error: f64,
    /// What subnormals can add to it, and to the root of `S`.
    tiny: f64,
}

impl<T: Element> Geometry<T> {
    /// `None` if the screen cannot serve. Every choice of `c` gives the same neighbours.
    pub fn new(request: &Request<'_, T>, mixed: &Mixed) -> Option<Self> {
        let d = request.rows.n_features();
        if d > MOST_COLUMNS || mixed.weight > LARGEST_WEIGHT {
            return None;
        }
        let n = request.rows.len();
        let step = n.div_ceil(SAMPLE).max(1);
        let mut centre = vec![T::default(); d.max(WIDEST)];
        for &j in &mixed.numeric {
            let sample = (0..n).step_by(step).map(|i| request.rows.row(i)[j].to_f64());
            let (sum, count) =
                sample.filter(|x| x.is_finite()).fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
            let mean = T::from_f64(if count == 0.0 { 0.0 } else { sum / count });
            centre[j] = if mean.is_finite() { mean } else { T::default() };
        }
        Some(Self {
            centre,
            weight: down(mixed.weight),
            error: (2.0 * d as f64 + 16.0) * U,
            tiny: d as f64 * 2.0_f64.powi(-140),
        })
    }

    /// `e` for rows and a query whose norms are at most these.
    pub fn root_error(&self, row_norm: f64, query_norm: f64) -> f64 {
        1.1 * U * (row_norm + query_norm) + self.tiny
    }

    /// The `v` above which a row is farther than `limit`.
    pub fn threshold(&self, root_error: f64, limit: f64) -> f32 {
        let limit = limit * (1.0 + WIDEN);
        if limit > LARGEST_LIMIT {
            return f32::INFINITY;
        }
        let root = root_error + (root_error * root_error + limit).sqrt();
        -down(-(root * root * (1.0 + WIDEN) * (1.0 + 1.1 * self.error) + self.tiny))
    }

    /// The largest `n'` up to 255 with which `n_missing + w' n'`, the least that `V` can be, is within a threshold; in
    /// exact arithmetic `V` itself need not exceed it by more for the row to be out.
    pub fn most_different(&self, threshold: f32, n_missing: f32) -> u8 {
        let left = (f64::from(threshold) - f64::from(n_missing)) * (1.0 + WIDEN) + WIDEN;
        let weight = f64::from(self.weight);
        if weight * 255.0 <= left {
            255
        } else {
            (left / weight) as u8
        }
    }
}

/// The largest `f32` at or below `x`.
fn down(x: f64) -> f32 {
    let rounded = x as f32;
    if f64::from(rounded) > x {
        rounded.next_down()
    } else {
        rounded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;

    #[test]
    fn categories_alone_decide_where_they_exceed_a_threshold() {
        let rows = Rows::new(&[0.0_f64; 2], 2).expect("a row");
        for weight in [1.0, 0.3, 0.0, 1e-9, 1e9] {
            let mixed = Mixed::new(&[false, true], weight).expect("a weight");
            let ids = RowIds::From(0);
            let request =
                Request { queries: rows, rows, ids, n_neighbors: 1, limits: None, mixed: Some(&mixed) };
            let geometry = Geometry::new(&request, &mixed).expect("in range");
            for (n_missing, n) in [(0.0, 0_u8), (3.0, 7), (1000.0, 200), (5.0, 254)] {
                let sum = f64::from(n_missing) + f64::from(geometry.weight) * f64::from(n);
                // The smallest threshold that this many do not exceed.
                let threshold = -down(-sum);
                assert!(geometry.most_different(threshold, n_missing) >= n, "{weight} {n}");
                let one_less = n > 0 && (0.3..=1.0).contains(&weight);
                assert!(!one_less || geometry.most_different(threshold - 0.1, n_missing) == n - 1);
            }
            assert_eq!(geometry.most_different(f32::INFINITY, 1.0), 255);
            assert_eq!(geometry.most_different(-1.0, 0.0), 0);
        }
    }

    #[test]
    fn sums_that_are_rounded_up_at_every_term_are_covered() {
        for d in [2, 1000, 100_000] {
            let row = crate::test_data::terms_rounded_up(d);
            let values: Vec<f64> =
                row.iter().map(|&x| f64::from(x)).chain(row.iter().map(|&x| -f64::from(x))).collect();
            let rows = Rows::new(&values, d).expect("two rows");
            let mixed = Mixed::new(&vec![false; d], 1.0).expect("a weight");
            let zeros = vec![0.0; d];
            let queries = Rows::new(&zeros, d).expect("a row");
            let ids = RowIds::From(0);
            let request = Request { queries, rows, ids, n_neighbors: 1, limits: None, mixed: Some(&mixed) };
            let geometry = Geometry::new(&request, &mixed).expect("in range");
            assert!(geometry.centre.iter().all(|&c| c == 0.0));
            let distance: f64 = row.iter().map(|&x| f64::from(x).powi(2)).sum();
            let v = row.iter().fold(0.0_f32, |sum, x| sum + x * x);
            assert!(f64::from(v) > distance * (1.0 + (d - 1) as f64 / 2.0 * U));
            let root_error = geometry.root_error(distance.sqrt(), 0.0);
            assert!(v <= geometry.threshold(root_error, distance), "{d}");
        }
    }
}
