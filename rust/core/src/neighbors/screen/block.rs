//! A block of rows in the screen's coordinates.

use super::geometry::Geometry;
use crate::rows::{Element, Rows};
use crate::simd::Vector;

/// Values of a block: with the rows it is cut from, well inside a second-level cache.
const BLOCK_VALUES: usize = 32 * 1024;
/// Rows of every tile divide this.
pub(super) const ROW_MULTIPLE: usize = 24;

/// Some hundred rows in `f32`, padded to whole tiles.
pub(super) struct Block {
    /// Row after row, `stride` apart.
    pub values: Vec<f32>,
    /// Distance of rows in `values`.
    pub stride: usize,
    /// What the kernel starts each row's sum from, `-h`; minus infinity for rows it must not report.
    pub start: Vec<f32>,
    /// Rows whose squared norm `f32` cannot hold: each is a candidate of every query.
    pub beyond: Vec<usize>,
    /// The largest `h`.
    pub largest_h: f32,
    /// Rows in use.
    pub n_rows: usize,
    /// 1 for the last lanes of a row's last register, which the register before does not hold.
    tail: Vec<f32>,
}

/// Long rows start an odd number of cache lines apart: at a power of two they would evict each other.
fn row_stride(n_features: usize) -> usize {
    const LINE: usize = 16;
    if n_features <= 8 * LINE {
        n_features
    } else {
        (n_features.div_ceil(LINE) | 1) * LINE
    }
}

/// Rows of a block.
pub(super) fn block_rows(n_features: usize) -> usize {
    (BLOCK_VALUES / n_features / ROW_MULTIPLE).max(2) * ROW_MULTIPLE
}

impl Block {
    pub fn new<V: Vector>(n_features: usize) -> Self {
        let uncounted = n_features % V::LANES;
        let tail = (0..V::LANES).map(|lane| f32::from(lane >= V::LANES - uncounted)).collect();
        let (n, stride) = (block_rows(n_features), row_stride(n_features));
        Self {
            values: vec![0.0; n * stride],
            stride,
            start: vec![f32::NEG_INFINITY; n],
            beyond: Vec::new(),
            largest_h: 0.0,
            n_rows: 0,
            tail,
        }
    }

    /// Takes in `rows`. A row that repeats the `n_neighbors` rows before it, which have smaller ids, cannot be
    /// among the nearest and is left out.
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
        let mut repeated = 0;
        for i in 0..rows.len() {
            let row = rows.row(i);
            let centred = &mut self.values[i * self.stride..][..row.len()];
            let squared_norm = centre_row::<V, T>(row, geometry, &self.tail, centred);
            let h = squared_norm * half;
            let repeats = ids_ascend && i > 0 && row == rows.row(i - 1);
            repeated = if repeats { repeated + 1 } else { 0 };
            self.start[i] = -h;
            if !h.is_finite() {
                self.beyond.push(i);
                self.start[i] = f32::NEG_INFINITY;
                centred.fill(0.0);
            } else if repeated >= n_neighbors {
                self.start[i] = f32::NEG_INFINITY;
            } else if h > self.largest_h {
                self.largest_h = h;
            }
        }
        self.start[rows.len()..].fill(f32::NEG_INFINITY);
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
