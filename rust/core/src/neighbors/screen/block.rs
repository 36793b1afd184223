//! A block of rows in the screen's coordinates.

use super::codes::{Coding, Extent, GROUP, NEVER};
use super::geometry::Geometry;
use crate::neighbors::request::Request;
use crate::rows::{Element, Rows};
use crate::simd::Vector;

/// Values of a block: with the rows it is cut from, well inside a second-level cache.
const BLOCK_VALUES: usize = 32 * 1024;
/// Values of a table that is one block, in a second-level cache with nothing else.
const SMALL_VALUES: usize = 8 * BLOCK_VALUES;
/// So many rows for each neighbour are candidates whatever the kernel: none is judged by fewer.
pub(super) const FIRST_ROWS: usize = 64;
/// Rows of every tile divide this.
pub(super) const ROW_MULTIPLE: usize = 24;

/// Some hundred rows as `f32` or as codes, padded to whole tiles.
#[derive(Default)]
pub(super) struct Block {
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
    /// Squared norm of each coded row, and the norm of what its codes lose.
    pub coded: Vec<(f32, f32)>,
    /// Rows the kernel cannot judge: each is a candidate of every query.
    pub beyond: Vec<usize>,
    /// The largest `h`.
    pub largest_h: f32,
    /// The largest norms of coded rows.
    pub extent: Extent,
    /// Rows in use.
    pub n_rows: usize,
    /// 1 for the last lanes of a row's last register, which the register before does not hold.
    tail: Vec<f32>,
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

/// Tells rows that repeat as many rows before them as there are neighbours: those, whose ids are smaller, come
/// first, so that such a row cannot be among the nearest.
struct Repeats {
    in_a_row: usize,
    n_neighbors: usize,
    ids_ascend: bool,
}

impl Repeats {
    #[inline(always)]
    fn too_often<T: Element>(&mut self, rows: Rows<'_, T>, i: usize) -> bool {
        let repeats = self.ids_ascend && i > 0 && rows.row(i) == rows.row(i - 1);
        self.in_a_row = if repeats { self.in_a_row + 1 } else { 0 };
        self.in_a_row >= self.n_neighbors
    }
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
            coded: vec![(0.0, 0.0); n_coded],
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
        ids_ascend: bool,
        n_neighbors: usize,
    ) {
        self.n_rows = rows.len();
        self.largest_h = 0.0;
        self.beyond.clear();
        let half = geometry.half as f32;
        let mut repeats = Repeats { in_a_row: 0, n_neighbors, ids_ascend };
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
        ids_ascend: bool,
        n_neighbors: usize,
    ) {
        self.n_rows = rows.len();
        self.beyond.clear();
        let (mut largest_norm, mut largest_residual) = (0.0_f32, 0.0_f32);
        let mut repeats = Repeats { in_a_row: 0, n_neighbors, ids_ascend };
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
                self.coded[i] = (a, residual);
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

/// Writes a row in the screen's coordinates and returns its squared norm.
#[inline(always)]
fn centre_row<V: Vector, T: Element>(
    row: &[T],
    geometry: &Geometry<T>,
    tail: &[f32],
    out: &mut [f32],
) -> f32 {
    let (scale, centre, d) = (geometry.scale, &geometry.centre, row.len());
    if d < V::LANES {
        let mut sum = 0.0;
        for ((out, &x), &c) in out.iter_mut().zip(row).zip(centre) {
            *out = x.centred(scale, c);
            sum += *out * *out;
        }
        return sum;
    }
    assert!(centre.len() == d && out.len() == d && tail.len() == V::LANES);
    // SAFETY: every register of values read or written lies inside the `d >= LANES` values of row, centre and
    // out, `tail` has one; the machine has V's instructions, as this runs inside its dispatch.
    unsafe {
        let part = |at: usize| T::centred_lanes::<V>(row.as_ptr().add(at), scale, centre.as_ptr().add(at));
        let mut sums = V::splat(0.0);
        for at in (0..=d - V::LANES).step_by(V::LANES) {
            let x = part(at);
            x.store(out.as_mut_ptr().add(at));
            sums = x.mul_add(x, sums);
        }
        if !d.is_multiple_of(V::LANES) {
            // The last register overlaps the one before; the mask leaves out what has been counted.
            let at = d - V::LANES;
            let x = part(at);
            x.store(out.as_mut_ptr().add(at));
            sums = x.mul_add(V::load(tail.as_ptr()), V::splat(0.0)).mul_add(x, sums);
        }
        sums.sum()
    }
}

/// Writes the codes of a row and returns its squared norm and the sum of squares of what the codes lose.
#[inline(always)]
fn encode_row<V: Vector, T: Element>(
    row: &[T],
    geometry: &Geometry<T>,
    coding: &Coding,
    tail: &[f32],
    out: &mut [u8],
) -> (f32, f32) {
    let (scale, centre, d) = (geometry.scale, &geometry.centre, row.len());
    assert!(centre.len() == d && out.len() == d && tail.len() == V::LANES);
    // SAFETY: the machine has V's instructions, as this runs inside its dispatch. Every register of values read
    // or written lies inside the padded copies of a short row, or inside the `d >= LANES` values of row, centre
    // and out; `tail` has one.
    unsafe {
        let (step, inverse) = (V::splat(coding.step), V::splat(coding.inverse));
        if d < V::LANES {
            let (mut values, mut codes) = ([0.0_f32; 16], [0_u8; 16]);
            for ((value, &x), &c) in values.iter_mut().zip(row).zip(centre) {
                *value = x.centred(scale, c);
            }
            let x = V::load(values.as_ptr());
            let lost = x.encode(step, inverse, codes.as_mut_ptr());
            out.copy_from_slice(&codes[..d]);
            return (x.mul_add(x, V::splat(0.0)).sum(), lost.mul_add(lost, V::splat(0.0)).sum());
        }
        let part = |at: usize| T::centred_lanes::<V>(row.as_ptr().add(at), scale, centre.as_ptr().add(at));
        let (mut sums, mut losses) = (V::splat(0.0), V::splat(0.0));
        for at in (0..=d - V::LANES).step_by(V::LANES) {
            let x = part(at);
            let lost = x.encode(step, inverse, out.as_mut_ptr().add(at));
            sums = x.mul_add(x, sums);
            losses = lost.mul_add(lost, losses);
        }
        if !d.is_multiple_of(V::LANES) {
            let at = d - V::LANES;
            let (x, tail) = (part(at), V::load(tail.as_ptr()));
            let lost = x.encode(step, inverse, out.as_mut_ptr().add(at));
            sums = x.mul_add(tail, V::splat(0.0)).mul_add(x, sums);
            losses = lost.mul_add(tail, V::splat(0.0)).mul_add(lost, losses);
        }
        (sums.sum(), losses.sum())
    }
}
