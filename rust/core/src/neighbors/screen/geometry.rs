//! The coordinates of the screen and what `f32` arithmetic in them can get wrong.
//!
//! A value `x` becomes `x' = fl(x s - c)`, with `s` a power of two and `c` a `f32`, so that the rounding to
//! `f32` is its only error, at most `u = 2^-24` of itself (plus `2^-149` where it is subnormal). With
//! `a = |x'|^2`, `b = |q'|^2`, `g = d u (1 + d u)`, the screen's
//!
//! ```text
//! v = fl(x'.q' - h),   h = fl(a (1/2 - E)),   E = (2 d + 8) u
//! ```
//!
//! is off by at most `g (a + b / 2)` whatever the order of summation, fused or not, `h` by `(g + 3 u) a`,
//! and the true scaled `D = s^2 |x - q|^2` from `a + b - 2 x'.q'` by `4.2 u (a + b)`. Collecting the terms:
//!
//! ```text
//! 2 (b (1/2 - E) - v)  <=  D  <=  2 (b (1/2 - E) - v) + 4 E (a + b)
//! ```
//!
//! up to an absolute `TINY` for subnormals. The bound splits into a part of the row, hidden in `h`, and a
//! part of the query, so that the kernel compares `v` with one number for each query and nothing else.
//!
//! Where rows are far from the origin and near each other, `E (a + b)` exceeds their distances. The other
//! kernel sums `(x' - q')^2` instead: `sqrt(D)` is then within `u (|x'| + |q'|)` of the root of that sum,
//! whose own relative error is below `(d + 4) u`.
//!
//! All this holds as long as nothing overflows. Rows with a norm beyond `f32` are set aside as candidates of every
//! query; the other norms are below `2^64`, so that no sum of products overflows if the queries' are below
//! [`LARGEST_NORM`]; and the squares of scales between `2^-500` and `2^500` are normal in `f64`. Elsewhere there is
//! no geometry, and the plain scan decides.

use std::ops::RangeInclusive;

use crate::neighbors::request::Request;
use crate::rows::{Element, Rows};

const U: f64 = 1.0 / (1_u64 << 24) as f64;
/// Rows looked at to choose shift and scale.
const SAMPLE: usize = 256;
/// Beyond this scaled distance sums may overflow: everything is kept.
pub(super) const LARGEST: f64 = 1e37;
/// Extents whose scale has a square, and a reciprocal of it, that is normal in `f64`: from `2^-500` to `2^500`.
const EXTENTS: RangeInclusive<f64> = 3.054_936_363_499_605e-151..=3.273_390_607_896_142e150;
/// The largest squared norm of a query, `2^100`: its product with a row whose square is a `f32` is one too.
pub(in crate::neighbors) const LARGEST_NORM: f64 = (1_u128 << 100) as f64;
/// Widens bounds by far more than `f64` arithmetic on them can lose.
pub(super) const WIDEN: f64 = 1e-9;

/// Shift, scale and error bounds.
pub(in crate::neighbors) struct Geometry<T> {
    /// `s`, a power of two.
    pub scale: T,
    /// `c`, column by column.
    pub centre: Vec<T>,
    /// The largest value, in the screen's coordinates, of the queries and of the sample.
    pub largest: f64,
    /// `1/2 - E`, what squared norms are multiplied by.
    pub half: f64,
    /// `E`.
    pub error: f64,
    /// Relative error of a `f32` sum of squares, and of the exact distances in `f64` with it.
    sum_error: f64,
    /// What subnormals can add to a scaled squared distance.
    pub tiny: f64,
    /// What underflow in the definition's own `f64` arithmetic can hide, scaled, for two rows.
    underflow: f64,
    /// Scaled distance beyond which the definition's arithmetic may overflow.
    overflow: f64,
}

impl<T: Element> Geometry<T> {
    /// Chosen from a sample of the rows and from the queries, `None` if they are too large or too small for any.
    /// Every choice gives the same neighbours.
    pub fn new(request: &Request<'_, T>) -> Option<Self> {
        Self::around(request.rows, request)
    }

    /// The same with the centre among `middle`, some of the rows or queries.
    pub fn around(middle: Rows<'_, T>, request: &Request<'_, T>) -> Option<Self> {
        let d = request.rows.n_features();
        let share = 1.0 / sample(middle).count() as f64;
        let mut mean = vec![0.0_f64; d];
        for row in sample(middle) {
            for (mean, x) in mean.iter_mut().zip(row) {
                *mean += x.to_f64() * share;
            }
        }
        if mean.iter().any(|mean| !mean.is_finite()) {
            mean.fill(0.0);
        }
        // Column by column, which vectorises; one running maximum would wait for itself at every value.
        let mut spread = vec![0.0_f64; d];
        let queries = (0..request.queries.len()).map(|i| request.queries.row(i));
        for row in sample(request.rows).chain(queries) {
            for ((spread, x), mean) in spread.iter_mut().zip(row).zip(&mean) {
                let distance = (x.to_f64() - mean).abs();
                *spread = if distance > *spread { distance } else { *spread };
            }
        }
        let largest = spread.into_iter().fold(0.0, f64::max);
        if largest != 0.0 && !EXTENTS.contains(&largest) {
            return None;
        }
        let scale = T::power_of_two_below(1.0 / largest);
        let centre = mean.iter().map(|mean| T::from_f64(f64::from((mean * scale.to_f64()) as f32)));
        let (s, dims) = (scale.to_f64(), d as f64);
        let error = (2.0 * dims + 8.0) * U;
        Some(Self {
            scale,
            centre: centre.collect(),
            largest: largest * s,
            half: 0.5 - error,
            error,
            sum_error: (dims + 8.0) * U * 1.1,
            tiny: dims * 2.0_f64.powi(-140),
            underflow: dims * 2.0_f64.powi(-1068) * s * s,
            overflow: 1e307 * s * s,
        })
    }

    /// `b (1/2 - E)` of a query with squared norm `b`.
    pub fn query_part(&self, b: f64) -> f64 {
        b * self.half - self.tiny
    }

    /// Bounds of the distance of a row with `h` and a query, whose `v` the kernel gave.
    pub fn dot_bounds(&self, query_part: f64, b: f64, v: f32, h: f32) -> (f32, f32) {
        let lower = 2.0 * (query_part - f64::from(v));
        // a <= 2.1 h as long as E is below 0.02.
        let a = 2.1 * f64::from(h);
        (down(lower), self.upper(lower + 4.0 * (self.error * (a + b) + self.tiny)))
    }

    /// The `v` below which a row is farther than `limit`.
    pub fn dot_threshold(&self, query_part: f64, limit: f32) -> f32 {
        let limit = f64::from(limit);
        if limit > LARGEST {
            return f32::NEG_INFINITY;
        }
        down(query_part - 0.5 * limit)
    }

    /// How far the root of a sum of squared differences can be from the distance, for the largest `h` of some
    /// rows and a query with squared norm `b`.
    pub fn root_error(&self, h: f32, b: f64) -> f64 {
        1.1 * U * ((2.1 * f64::from(h)).sqrt() + b.sqrt()) + self.tiny.sqrt()
    }

    /// Bounds of the distance from minus the sum of squared differences.
    pub fn difference_bounds(&self, root_error: f64, v: f32) -> (f32, f32) {
        let sum = -f64::from(v);
        // A sum that overflowed is at least that.
        let lower = ((sum.min(LARGEST) * (1.0 - self.sum_error)).sqrt() - root_error).max(0.0);
        let upper = (sum * (1.0 + self.sum_error)).sqrt() + root_error;
        (down(lower * lower * (1.0 - WIDEN)), self.upper(upper * upper * (1.0 + WIDEN)))
    }

    /// Bounds from the sum of squares of `s (x - q)`, each difference rounded to `f32` once: nothing else is lost.
    pub fn pair_bounds(&self, sum: f32) -> (f32, f32) {
        let sum = f64::from(sum);
        (down(sum * (1.0 - self.sum_error) - self.tiny), self.upper(sum * (1.0 + self.sum_error) + self.tiny))
    }

    /// Minus the sum of squared differences below which a row is farther than `limit`.
    pub fn difference_threshold(&self, root_error: f64, limit: f32) -> f32 {
        let limit = f64::from(limit);
        if limit > LARGEST {
            return f32::NEG_INFINITY;
        }
        let root = limit.sqrt() + root_error;
        down(-(root * root * (1.0 + WIDEN) / (1.0 - self.sum_error)))
    }

    /// Bounds in the screen's coordinates of a squared distance computed exactly as the definition says.
    pub fn exact_bounds(&self, squared_distance: f64) -> (f32, f32) {
        let s = self.scale.to_f64();
        let scaled = squared_distance * s * s;
        (down(scaled * (1.0 - WIDEN) - self.underflow), self.upper(scaled * (1.0 + WIDEN)))
    }

    /// The squared distance, as the definition computes it, beyond which a row is farther than `limit`.
    pub fn reach(&self, limit: f32) -> f64 {
        let s = self.scale.to_f64();
        (f64::from(limit) + self.underflow) * (1.0 + 2.0 * WIDEN) / s / s
    }

    /// An upper bound as `f32`, with what the definition's own arithmetic can do.
    pub fn upper(&self, bound: f64) -> f32 {
        if bound > self.overflow {
            f32::INFINITY
        } else {
            up(bound + self.underflow)
        }
    }
}

/// Some hundred of the rows.
fn sample<T: Element>(rows: Rows<'_, T>) -> impl Iterator<Item = &[T]> {
    let step = rows.len().div_ceil(SAMPLE).max(1);
    (0..rows.len()).step_by(step).map(move |i| rows.row(i))
}

/// The largest `f32` at or below `x`.
pub(super) fn down(x: f64) -> f32 {
    let rounded = x as f32;
    if f64::from(rounded) > x {
        rounded.next_down()
    } else {
        rounded
    }
}

/// The smallest `f32` at or above `x`.
fn up(x: f64) -> f32 {
    -down(-x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::test_data::uniforms;

    #[test]
    fn bounds_hold_what_they_bound_at_every_scale() {
        for (d, scale, shift) in
            [(1, 1.0, 0.0), (7, 1e-22, 0.0), (30, 1e25, 0.0), (64, 1.0, 1e4), (200, 1e5, -1e9)]
        {
            let n = 60;
            let values: Vec<f64> = uniforms(d as u64, n * d).into_iter().map(|x| x * scale + shift).collect();
            let rows = Rows::new(&values, d).expect("rows");
            let queries = rows.slice(0..5);
            let request =
                Request { queries, rows, ids: RowIds::From(0), n_neighbors: 3, limits: None, mixed: None };
            let geometry = Geometry::new(&request).expect("in range");
            let s = geometry.scale;
            let moved = |row: &[f64]| -> Vec<f32> {
                row.iter().zip(&geometry.centre).map(|(x, &c)| x.centred(s, c)).collect()
            };
            let sum = |a: &[f32], b: &[f32]| a.iter().zip(b).fold(0.0_f32, |sum, (x, y)| sum + x * y);
            for (q, x) in (0..5).flat_map(|q| (0..n).map(move |x| (q, x))) {
                let true_distance: f64 =
                    queries.row(q).iter().zip(rows.row(x)).map(|(q, x)| ((x - q) * s).powi(2)).sum();
                let (query, row) = (moved(queries.row(q)), moved(rows.row(x)));
                let (b, h) = (f64::from(sum(&query, &query)), sum(&row, &row) * geometry.half as f32);
                let within = |name: &str, (lower, upper): (f32, f32)| {
                    let holds = f64::from(lower) <= true_distance && true_distance <= f64::from(upper);
                    assert!(holds, "{name} {d} {scale}: {lower} {true_distance} {upper}");
                };
                let part = geometry.query_part(b * (1.0 - 1e-6));
                let v = sum(&query, &row) - h;
                within("dot", geometry.dot_bounds(geometry.query_part(b), b, v, h));
                let limit = up(true_distance);
                assert!(v >= geometry.dot_threshold(part, limit), "{d} {scale}");
                let difference: Vec<f32> = query.iter().zip(&row).map(|(q, x)| x - q).collect();
                let (v, root_error) = (-sum(&difference, &difference), geometry.root_error(h, b));
                within("difference", geometry.difference_bounds(root_error, v));
                assert!(v >= geometry.difference_threshold(root_error, limit), "{d} {scale}");
                let pair: Vec<f32> =
                    queries.row(q).iter().zip(rows.row(x)).map(|(q, x)| x.difference(*q, s)).collect();
                within("pair", geometry.pair_bounds(sum(&pair, &pair)));
                within("exact", geometry.exact_bounds(true_distance / (s * s)));
            }
        }
    }

    #[test]
    fn sums_that_are_rounded_up_at_every_term_are_covered() {
        for d in [2, 1000, 10_000] {
            let row = crate::test_data::terms_rounded_up(d);
            let values: Vec<f32> = row.iter().copied().chain(row.iter().map(|x| -x)).collect();
            let (rows, zeros) = (Rows::new(&values, d).expect("two rows"), vec![0.0; d]);
            let queries = Rows::new(&zeros, d).expect("a row");
            let request =
                Request { queries, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
            let geometry = Geometry::new(&request).expect("in range");
            assert!(geometry.centre.iter().all(|&c| c == 0.0));
            let s = geometry.scale;
            let distance: f64 = row.iter().map(|&x| f64::from(x * s).powi(2)).sum();
            let sum = row.iter().fold(0.0_f32, |sum, x| sum + (x * s) * (x * s));
            assert!(f64::from(sum) > distance * (1.0 + (d - 1) as f64 / 2.0 * U));
            let limit = up(distance);
            let h = sum * geometry.half as f32;
            assert!(-h >= geometry.dot_threshold(geometry.query_part(0.0), limit), "{d}");
            let root_error = geometry.root_error(h, 0.0);
            assert!(-sum >= geometry.difference_threshold(root_error, limit), "{d}");
            assert!(f64::from(geometry.difference_bounds(root_error, -sum).0) <= distance, "{d}");
            assert!(f64::from(geometry.pair_bounds(sum).0) <= distance, "{d}");
        }
    }

    #[test]
    fn rounding_goes_the_way_it_says() {
        for x in [0.1, -0.1, 1e-50, -1e-50, 3.0] {
            assert!(f64::from(down(x)) <= x && x <= f64::from(up(x)), "{x}");
        }
        assert_eq!((down(0.5), up(0.5)), (0.5, 0.5));
    }
}
