//! Codes of 8 bits: a coarser screen that multiplies four columns at once, and what it can get wrong.
//!
//! With steps `t`, `s` and integers `X`, `Y` of 8 bits, a row is `x' = t X + r` and a query `q' = s Y + p`. Dot
//! products of integers are exact, so that
//!
//! ```text
//! |x'.q' - s t X.Y|  <=  |r| |q'| + (|x'| + |r|) |p|  =  e
//! ```
//!
//! is all that the codes lose. With `a`, `b` and `E` as in the geometry,
//!
//! ```text
//! a + b - 2 s t X.Y - 2 e - E (a + b)  <=  D
//! ```
//!
//! and a row with `D <= limit` has `X.Y - h >= threshold`, where
//!
//! ```text
//! h = floor(a (1 - 2 E) / 2 s t),   threshold = floor(((b (1 - E) - limit) / 2 - e) / s t),
//! ```
//!
//! if `e` takes the largest `|r|` and `|x'|` of the rows. A row with a value outside the range of the codes has
//! no such `r` and is judged by its exact distance.
//!
//! Queries always have codes of 8 bits, and so have rows, but of 7 where the machine adds up pairs of products in
//! 16 bits: `2 * 127 * 127` fits, twice that would saturate.

use super::geometry::{Geometry, LARGEST, WIDEN};
use crate::rows::Element;
use crate::simd::Isa;

/// Columns multiplied by one instruction.
pub(super) const GROUP: usize = 4;
/// The largest code, of a query and of a row of 8 bits; the steps leave room for rows beyond the sample.
const LARGEST_CODE: f32 = 127.0;
/// The largest code of a row of 7 bits.
const LARGEST_NARROW: f32 = 63.0;
const ROOM: f64 = 1.25;
/// The sum of more products could overflow 32 bits.
const MOST: usize = 1 << 14;
/// The kernel's sum for rows it must not report, and the lowest threshold, which every other row reaches.
pub(super) const NEVER: i32 = -1_500_000_000;
const LOWEST: i32 = -900_000_000;

/// Step and error bounds of the codes.
#[derive(Debug, Clone, Copy)]
pub(in crate::neighbors) struct Coding {
    /// `t`.
    pub step: f32,
    /// `1 / t`.
    pub inverse: f32,
    /// The largest `X`.
    pub largest: f32,
    /// `s`.
    query_step: f64,
    /// `(1 - 2 E) / 2 s t`: makes `h` of a squared norm.
    pub row_factor: f32,
    /// The largest sum of squares of `r` of a row whose values are all in range.
    pub largest_residual: f32,
    /// `s t`.
    product: f64,
    error: f64,
    tiny: f64,
}

/// What is known of a coded query.
#[derive(Debug, Clone, Copy)]
pub(in crate::neighbors) struct CodedQuery {
    /// `b`.
    pub squared_norm: f64,
    /// `|q'|`.
    pub norm: f64,
    /// `|p|`.
    pub residual: f64,
    /// What the kernel adds to `X.Y`, since rows are coded from 0 on.
    pub excess: i32,
}

/// The largest `|x'|` and `|r|` of some rows.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::neighbors) struct Extent {
    pub norm: f64,
    pub residual: f64,
}

impl Coding {
    /// `None` if codes cannot serve: too many columns, or no step.
    pub fn new<T: Element>(geometry: &Geometry<T>, isa: Isa) -> Option<Self> {
        let d = geometry.centre.len();
        let largest = if isa == Isa::Avx2 { LARGEST_NARROW } else { LARGEST_CODE };
        let step_to = |largest: f32| (geometry.largest * ROOM / f64::from(largest)) as f32;
        let step = step_to(largest);
        // Powers of the step have to stay normal.
        if d > MOST || !(1e-9..1e9).contains(&step) {
            return None;
        }
        let query_step = f64::from(step_to(LARGEST_CODE));
        let product = f64::from(step) * query_step;
        let half_step = 0.5 * f64::from(step) * 1.0001;
        Some(Self {
            step,
            inverse: 1.0 / step,
            largest,
            query_step,
            row_factor: ((1.0 - 2.0 * geometry.error) / (2.0 * product)) as f32,
            largest_residual: (half_step * half_step * d as f64) as f32,
            product,
            error: geometry.error,
            tiny: geometry.tiny,
        })
    }

    /// Rows are coded from 0 on, by this much above `X`.
    pub fn shift(&self) -> i32 {
        self.largest as i32 + 1
    }

    /// The code of a query's value, and what it loses.
    pub fn encode(&self, x: f32) -> (i8, f64) {
        let code = (f64::from(x) / self.query_step).round_ties_even().clamp(-127.0, 127.0);
        (code as i8, f64::from(x) - code * self.query_step)
    }

    /// `e` of rows within `extent`.
    fn loss(&self, query: &CodedQuery, extent: Extent) -> f64 {
        let loss = extent.residual * query.norm + (extent.norm + extent.residual) * query.residual;
        loss * (1.0 + WIDEN)
    }

    /// The sum below which a row within `extent` is farther than `limit`.
    pub fn threshold(&self, query: &CodedQuery, extent: Extent, limit: f32) -> i32 {
        let limit = f64::from(limit);
        if limit > LARGEST {
            return LOWEST;
        }
        let b = query.squared_norm * (1.0 - self.error) - self.tiny;
        let threshold = ((b - limit) * 0.5 - self.loss(query, extent)) / self.product;
        // The cast saturates, and -0.5 takes what the division may have rounded up.
        let threshold = ((threshold - 0.5).floor() as i64).saturating_add(i64::from(query.excess));
        threshold.clamp(i64::from(LOWEST), i64::from(i32::MAX)) as i32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::{Request, RowIds};
    use crate::rows::Rows;
    use crate::test_data::uniforms;

    #[test]
    fn thresholds_hold_the_true_distance() {
        for d in [8, 30, 200] {
            assert_thresholds_hold(d, &uniforms(d as u64, 40 * d));
        }
    }

    #[test]
    fn losses_that_all_go_one_way_are_covered() {
        for (d, isa) in [8, 30, 200].into_iter().flat_map(|d| [(d, Isa::Avx2), (d, Isa::AvxVnni)]) {
            let rows_of = |values: [f64; 40]| values.map(|x| vec![x; d]).concat();
            // Both ends, with the centre between them.
            let ends = |i: usize| [1.0, -1.0][i % 2];
            let values = rows_of(std::array::from_fn(ends));
            let coding = coding(&geometry(&request(Rows::new(&values, d).expect("rows"))), isa);
            let almost_half = |i: usize, step: f64| ends(i) * ((i / 2 * 2) as f64 + 0.499) * step;
            // What the codes of rows lose, seen by queries at the ends.
            let of_row = |i| if i < 4 { ends(i) } else { almost_half(i, f64::from(coding.step)) };
            assert_thresholds_hold(d, &rows_of(std::array::from_fn(of_row)));
            // What the codes of queries lose, seen by rows there.
            let of_query = |i| if i < 4 { almost_half(96 + i, coding.query_step) } else { ends(i) };
            assert_thresholds_hold(d, &rows_of(std::array::from_fn(of_query)));
        }
    }

    fn request(rows: Rows<'_, f64>) -> Request<'_, f64> {
        Request {
            queries: rows.slice(0..4),
            rows,
            ids: RowIds::From(0),
            n_neighbors: 3,
            limits: None,
            mixed: None,
        }
    }

    fn geometry(request: &Request<'_, f64>) -> Geometry<f64> {
        Geometry::new(request).expect("in range")
    }

    fn coding(geometry: &Geometry<f64>, isa: Isa) -> Coding {
        Coding::new(geometry, isa).expect("a step")
    }

    /// That none of 40 rows is taken for farther from one of the first four than it is.
    fn assert_thresholds_hold(d: usize, values: &[f64]) {
        let rows = Rows::new(values, d).expect("rows");
        let geometry = geometry(&request(rows));
        for isa in [Isa::Avx2, Isa::AvxVnni] {
            let coding = coding(&geometry, isa);
            let coded = |row: &[f64], code: &dyn Fn(f32) -> (i8, f64)| {
                let moved = row.iter().zip(&geometry.centre).map(|(x, &c)| x.centred(geometry.scale, c));
                let moved: Vec<f32> = moved.collect();
                let square: f64 = moved.iter().map(|&x| f64::from(x).powi(2)).sum();
                let codes: Vec<(i8, f64)> = moved.into_iter().map(code).collect();
                let residual = codes.iter().map(|(_, lost)| lost * lost).sum::<f64>().sqrt();
                (codes, square, residual)
            };
            let of_row = |x: f32| {
                let code = (x * coding.inverse).round_ties_even();
                assert!(code.abs() <= coding.largest);
                (code as i8, f64::from(x) - f64::from(code) * f64::from(coding.step))
            };
            for (q, x) in (0..4).flat_map(|q| (0..40).map(move |x| (q, x))) {
                let (query, b, p) = coded(rows.row(q), &|x| coding.encode(x));
                let (row, a, r) = coded(rows.row(x), &of_row);
                let excess = coding.shift() * query.iter().map(|&(code, _)| i32::from(code)).sum::<i32>();
                let query_of = CodedQuery { squared_norm: b, norm: b.sqrt(), residual: p, excess };
                let products =
                    query.iter().zip(&row).map(|(q, x)| i32::from(q.0) * (i32::from(x.0) + coding.shift()));
                let sum: i32 = products.sum();
                let s = geometry.scale;
                let distance: f64 =
                    rows.row(q).iter().zip(rows.row(x)).map(|(q, x)| ((x - q) * s).powi(2)).sum();
                let extent = Extent { norm: a.sqrt() * 1.001, residual: r * 1.001 };
                let start = -((a as f32 * coding.row_factor) as i32);
                let threshold = coding.threshold(&query_of, extent, geometry.upper(distance));
                assert!(sum + start >= threshold, "{d} columns, query {q}, row {x}");
            }
        }
    }

    #[test]
    fn rows_without_a_usable_step_are_not_coded() {
        let far = [0.0_f64, 0.0];
        let rows = Rows::new(&far, 1).expect("rows");
        let request =
            Request { queries: rows, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
        assert!(Coding::new(&Geometry::new(&request).expect("in range"), Isa::Baseline).is_none());
        let wide = vec![1.0_f32; 2 * (MOST + 1)];
        let rows = Rows::new(&wide, MOST + 1).expect("rows");
        let queries = Rows::new(&[0.0; MOST + 1], MOST + 1).expect("a row");
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
        assert!(Coding::new(&Geometry::new(&request).expect("in range"), Isa::Baseline).is_none());
    }
}
