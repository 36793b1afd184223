//! A block of rows in the screen's coordinates.

use super::codes::{Coding, Extent, GROUP, NEVER};
use super::convert::{centre_row, encode_row};
use super::geometry::Geometry;
use super::kernel::FIRST_ROWS;
use super::repeats::Repeats;
use crate::neighbors::request::Request;
use crate::rows::{Element, Rows};
use crate::simd::Vector;

/// Values of a block: with the rows it is cut from, well inside a second-level cache.
const BLOCK_VALUES: usize = 32 * 1024;
/// Values of a table that is one block, in a second-level cache with nothing else.
const SMALL_VALUES: usize = 8 * BLOCK_VALUES;
/// Rows of every tile divide this.
pub(super) const ROW_MULTIPLE: usize = 24;

/// Some hundred rows as `f32` or as codes, padded to whole tiles.
#[derive(Default)]
pub(in crate::neighbors) struct Block {
    /// Row after row, `stride` apart.
    pub values: Vec<f32>,
    /// The same as codes, `code_stride` apart.
    pub codes: Vec<u8>,
    /// Distance of rows in `values`.
    pub stride: usize,
    /// Distance of rows in `codes`.
    pub code_stride: usize,
    /// What the kernel starts each row's sum from, `-h`; minus infinity for rows it must not report.
    pub start: Vec<f32>,
    /// The same for codes, `NEVER` for rows it must not report.
    pub code_start: Vec<i32>,
    /// Rows the kernel cannot judge: each is a candidate of every query.
    pub beyond: Vec<usize>,
    /// The largest `h`.
    pub largest_h: f32,
    /// The largest norms of coded rows.
    pub extent: Extent,
    /// Rows in use.
    pub n_rows: usize,
    /// 1 for the last lanes of a row's last register, which the register before does not hold.
    pub tail: Vec<f32>,
}

/// Long rows start an odd number of cache lines apart: at a power of two they would evict each other.
fn row_stride(n: usize, line: usize) -> usize {
    if n <= 8 * line {
        n
    } else {
        (n.div_ceil(line) | 1) * line
    }
}

/// Rows of a block: all of a small table, whose first rows would be half of its work.
pub(super) fn block_rows<T: Element>(request: &Request<'_, T>) -> usize {
    let (n_rows, d) = (request.rows.len(), request.rows.n_features());
    if n_rows <= FIRST_ROWS * request.n_neighbors && n_rows * d <= SMALL_VALUES {
        return n_rows.next_multiple_of(ROW_MULTIPLE);
    }
    (BLOCK_VALUES / d / ROW_MULTIPLE).max(2) * ROW_MULTIPLE
}

impl Block {
    /// Room for `n` rows, a multiple of `ROW_MULTIPLE`.
    pub fn new<V: Vector>(n: usize, n_features: usize, with_codes: bool) -> Self {
        let uncounted = n_features % V::LANES;
        let tail = (0..V::LANES).map(|lane| f32::from(lane >= V::LANES - uncounted)).collect();
        let stride = row_stride(n_features, 16);
        let code_stride = row_stride(n_features.next_multiple_of(GROUP), 64);
        let n_coded = if with_codes { n } else { 0 };
        Self {
            values: vec![0.0; n * stride],
            codes: vec![0; n_coded * code_stride],
            stride,
            code_stride,
            start: vec![f32::NEG_INFINITY; n],
            code_start: vec![NEVER; n_coded],
            beyond: Vec::new(),
            largest_h: 0.0,
            extent: Extent::default(),
            n_rows: 0,
            tail,
        }
    }

    /// Takes in `rows` as `f32`.
    #[inline(always)]
    pub fn fill<V: Vector, T: Element>(
        &mut self,
        rows: Rows<'_, T>,
        geometry: &Geometry<T>,
        mut repeats: Repeats,
    ) {
        self.n_rows = rows.len();
        self.largest_h = 0.0;
        self.beyond.clear();
        let half = geometry.half as f32;
        for i in 0..rows.len() {
            let centred = &mut self.values[i * self.stride..][..rows.n_features()];
            let h = centre_row::<V, T>(rows.row(i), geometry, &self.tail, centred) * half;
            let too_often = repeats.too_often(rows, i);
            self.start[i] = -h;
            if !h.is_finite() {
                self.beyond.push(i);
                self.start[i] = f32::NEG_INFINITY;
                centred.fill(0.0);
            } else if too_often {
                self.start[i] = f32::NEG_INFINITY;
            } else if h > self.largest_h {
                self.largest_h = h;
            }
        }
        self.start[rows.len()..].fill(f32::NEG_INFINITY);
    }

    /// Takes in `rows` as codes.
    #[inline(always)]
    pub fn encode<V: Vector, T: Element>(
        &mut self,
        rows: Rows<'_, T>,
        geometry: &Geometry<T>,
        coding: &Coding,
        mut repeats: Repeats,
    ) {
        self.n_rows = rows.len();
        self.beyond.clear();
        let (mut largest_norm, mut largest_residual) = (0.0_f32, 0.0_f32);
        // Covers the rounding of the sum of squares.
        let widen = 1.0 + geometry.error as f32;
        for i in 0..rows.len() {
            let codes = &mut self.codes[i * self.code_stride..][..rows.n_features()];
            let (a, lost) = encode_row::<V, T>(rows.row(i), geometry, coding, &self.tail, codes);
            let too_often = repeats.too_often(rows, i);
            self.code_start[i] = NEVER;
            // A row that is not finite has no finite loss, and a row out of range a larger one.
            if !(lost <= coding.largest_residual && a.is_finite()) {
                self.beyond.push(i);
            } else if !too_often {
                // Truncated, which is down, for `a` is not negative.
                self.code_start[i] = -((a * coding.row_factor) as i32);
                let residual = lost.sqrt() * widen;
                largest_norm = if a > largest_norm { a } else { largest_norm };
                largest_residual = if residual > largest_residual { residual } else { largest_residual };
            }
        }
        self.code_start[rows.len()..].fill(NEVER);
        self.extent = Extent {
            norm: f64::from(largest_norm).sqrt() * (1.0 + geometry.error),
            residual: f64::from(largest_residual),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::simd::{Isa, Portable};
    use crate::test_data::uniforms;

    #[test]
    fn rows_the_kernel_must_not_report_never_start() {
        let d = 9;
        let mut values = uniforms(3, 10 * d);
        values.copy_within(4 * d..5 * d, 5 * d);
        values.copy_within(4 * d..5 * d, 6 * d);
        values[8 * d + 2] = 1e300;
        let rows = Rows::new(&values, d).expect("rows");
        let sample = Rows::new(&values[..8 * d], d).expect("rows");
        let request = Request {
            queries: sample,
            rows: sample,
            ids: RowIds::From(0),
            n_neighbors: 2,
            limits: None,
            mixed: None,
        };
        let geometry = Geometry::new(&request).expect("in range");
        let coding = Coding::new(&geometry, Isa::Baseline).expect("a step");
        let given: Vec<i64> = (0..8).collect();
        for (ids, silent) in [(RowIds::From(0), vec![6, 8]), (RowIds::Given(&given), vec![8])] {
            let repeats = || Repeats::from(&Request { ids, ..request }, 0);
            let mut block = Block::new::<Portable>(24, d, true);
            block.fill::<Portable, f64>(rows, &geometry, repeats());
            let started = |row: &usize| block.start[*row] > f32::NEG_INFINITY;
            assert_eq!((0..10).filter(|row| !started(row)).collect::<Vec<_>>(), silent);
            assert!((10..24).all(|row| !started(&row)));
            assert_eq!((block.n_rows, &block.beyond[..]), (10, &[8][..]));
            let largest =
                block.start.iter().filter(|start| start.is_finite()).fold(0.0_f32, |h, start| h.max(-start));
            assert_eq!(block.largest_h, largest);
            block.encode::<Portable, f64>(rows, &geometry, &coding, repeats());
            assert_eq!((0..10).filter(|&row| block.code_start[row] == NEVER).collect::<Vec<_>>(), silent);
            assert!(block.code_start[10..].iter().all(|&start| start == NEVER));
            assert_eq!(block.beyond, [8]);
            let norms = block
                .start
                .iter()
                .filter(|start| start.is_finite())
                .map(|start| f64::from(-start) / geometry.half);
            assert!(norms.fold(0.0, f64::max).sqrt() <= block.extent.norm);
        }
    }

    #[test]
    fn long_rows_do_not_start_a_power_of_two_apart() {
        assert_eq!((row_stride(30, 16), row_stride(512, 16), row_stride(520, 16)), (30, 528, 528));
    }
}
