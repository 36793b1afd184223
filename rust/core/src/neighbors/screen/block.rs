//! A block of rows in the screen's coordinates.

use super::geometry::Geometry;
use crate::rows::{Element, Rows};

/// Values of a block: with the rows it is cut from, well inside a second-level cache.
const BLOCK_VALUES: usize = 32 * 1024;
/// Rows of every tile divide this.
pub(super) const ROW_MULTIPLE: usize = 24;
/// Values converted together.
const CHUNK: usize = 16;

/// Some hundred rows in `f32`, padded to whole tiles.
pub(super) struct Block {
    /// Row after row.
    pub values: Vec<f32>,
    /// What the kernel starts each row's sum from, `-h`; minus infinity for rows it must not report.
    pub start: Vec<f32>,
    /// Rows whose squared norm `f32` cannot hold: each is a candidate of every query.
    pub beyond: Vec<usize>,
    /// The largest `h`.
    pub largest_h: f32,
    /// Rows in use.
    pub n_rows: usize,
    n_features: usize,
}

/// Rows of a block.
pub(super) fn block_rows(n_features: usize) -> usize {
    (BLOCK_VALUES / n_features / ROW_MULTIPLE).max(2) * ROW_MULTIPLE
}

impl Block {
    pub fn new(n_features: usize) -> Self {
        let n = block_rows(n_features);
        Self {
            values: vec![0.0; n * n_features],
            start: vec![f32::NEG_INFINITY; n],
            beyond: Vec::new(),
            largest_h: 0.0,
            n_rows: 0,
            n_features,
        }
    }

    /// Takes in `rows`. A row that repeats the `n_neighbors` rows before it, which have smaller ids, cannot be
    /// among the nearest and is left out.
    #[inline(always)]
    pub fn fill<T: Element>(
        &mut self,
        rows: Rows<'_, T>,
        geometry: &Geometry<T>,
        ids_ascend: bool,
        n_neighbors: usize,
    ) {
        let d = self.n_features;
        self.n_rows = rows.len();
        self.largest_h = 0.0;
        self.beyond.clear();
        let half = geometry.half as f32;
        let mut repeated = 0;
        for i in 0..rows.len() {
            let row = rows.row(i);
            let squared_norm = centre_row(row, geometry, &mut self.values[i * d..(i + 1) * d]);
            let h = squared_norm * half;
            let repeats = ids_ascend && i > 0 && row == rows.row(i - 1);
            repeated = if repeats { repeated + 1 } else { 0 };
            self.start[i] = -h;
            if !h.is_finite() {
                self.beyond.push(i);
                self.start[i] = f32::NEG_INFINITY;
                self.values[i * d..(i + 1) * d].fill(0.0);
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
fn centre_row<T: Element>(row: &[T], geometry: &Geometry<T>, out: &mut [f32]) -> f32 {
    let (scale, centre) = (geometry.scale, &geometry.centre[..row.len()]);
    let d = row.len();
    if d < CHUNK {
        let mut sum = 0.0;
        for ((out, &x), &c) in out.iter_mut().zip(row).zip(centre) {
            *out = x.centred(scale, c);
            sum += *out * *out;
        }
        return sum;
    }
    let mut sums = [0.0_f32; CHUNK];
    let mut chunk = |at: usize, from: usize| {
        let chunks = (row[at..].first_chunk::<CHUNK>(), centre[at..].first_chunk::<CHUNK>());
        let (Some(row), Some(centre)) = chunks else { return };
        let values: [f32; CHUNK] = std::array::from_fn(|i| row[i].centred(scale, centre[i]));
        out[at..at + CHUNK].copy_from_slice(&values);
        for (i, sum) in sums.iter_mut().enumerate() {
            let value = if i < from { 0.0 } else { values[i] };
            *sum += value * value;
        }
    };
    let whole = d / CHUNK * CHUNK;
    for at in (0..whole).step_by(CHUNK) {
        chunk(at, 0);
    }
    if whole < d {
        // The last chunk overlaps the one before it; its first values have been counted.
        chunk(d - CHUNK, CHUNK - (d - whole));
    }
    let mut half = CHUNK / 2;
    while half > 0 {
        for i in 0..half {
            sums[i] += sums[i + half];
        }
        half /= 2;
    }
    sums[0]
}
