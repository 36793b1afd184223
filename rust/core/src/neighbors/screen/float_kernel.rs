//! The kernel: a block of rows against a panel of queries, a few rows at a time in registers.

use super::block::{Block, ROW_MULTIPLE};
use super::panels::Panel;
use super::scatter::scattered;
use crate::simd::{Ahead, Vector};

/// Columns after which a long row's sums are put aside, so that the panel stays in the first-level cache.
const LONG: usize = 128;
/// Rows whose sums are put aside together.
const STRIP: usize = 2 * ROW_MULTIPLE;
/// Values of the widest tiles: 6 x 64, 8 x 48 and 12 x 32.
const TILE: usize = 384;
/// Rows of the tallest tile.
const MOST_ROWS: usize = 12;

/// What a kernel adds up, from `-h` or from 0: either way nearer rows give larger sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// `X.Y - h` of codes.
    Codes,
    /// `x'.q' - h`.
    Dot,
    /// `-|x' - q'|^2`.
    Difference,
}

/// Takes survivors, whose sums are of type `N`.
pub(super) trait Survivors<N> {
    /// Called for tiles in which some sum reaches its query's threshold: the sums row after row, `lanes` each,
    /// and for each row the lanes that reach it.
    fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[N], hits: &[u64]);
    /// The thresholds of all lanes, which `offer` may raise.
    fn thresholds(&self) -> &[N];
}

/// Runs a whole block of `f32` against a panel, adding up products or, if `DIFFERENCE`, squared differences.
#[inline(always)]
pub(super) fn screen_panel<V: Vector, const DIFFERENCE: bool>(
    block: &Block,
    n_features: usize,
    panel: &Panel<'_>,
    ahead: &mut Ahead,
    survivors: &mut impl Survivors<f32>,
) {
    // The more registers a row of the tile has, the fewer rows fit.
    match panel.registers {
        1 => rows::<V, 12, 1, DIFFERENCE>(block, n_features, panel, ahead, survivors),
        2 if V::WIDTH == 2 => rows::<V, 6, 2, DIFFERENCE>(block, n_features, panel, ahead, survivors),
        2 => rows::<V, 12, 2, DIFFERENCE>(block, n_features, panel, ahead, survivors),
        3 => rows::<V, 8, 3, DIFFERENCE>(block, n_features, panel, ahead, survivors),
        _ => rows::<V, 6, 4, DIFFERENCE>(block, n_features, panel, ahead, survivors),
    }
}

#[inline(always)]
fn rows<V: Vector, const R: usize, const C: usize, const DIFFERENCE: bool>(
    block: &Block,
    d: usize,
    panel: &Panel<'_>,
    ahead: &mut Ahead,
    survivors: &mut impl Survivors<f32>,
) {
    let (lanes, stride) = (C * V::LANES, block.stride);
    let n_rows = block.n_rows.next_multiple_of(ROW_MULTIPLE);
    assert!(stride >= d && block.values.len() >= n_rows * stride && block.start.len() >= n_rows);
    assert!(panel.values.len() == d * lanes && survivors.thresholds().len() >= panel.first + lanes);
    if d <= LONG {
        let (n_tiles, nth) = (n_rows / R, scattered(n_rows / R));
        for turn in 0..n_tiles {
            let row = nth(turn) * R;
            ahead.fetch(turn + 1, n_tiles);
            // SAFETY: rows `row..row + R` and `d` columns of the panel lie inside the buffers, as asserted; the
            // machine has V's instructions, as this runs inside its dispatch.
            unsafe {
                let mut sums = begin::<V, R, C, DIFFERENCE>(&block.start[row..]);
                add::<V, R, C, DIFFERENCE>(
                    block.values.as_ptr().add(row * stride),
                    stride,
                    d,
                    panel.values.as_ptr(),
                    &mut sums,
                );
                finish(&sums, row, panel.first, survivors);
            }
        }
        return;
    }
    let n_parts = d.div_ceil(LONG);
    let mut aside = [[0.0_f32; TILE]; STRIP / 6];
    for strip in (0..n_rows).step_by(STRIP) {
        let tiles = (n_rows - strip).min(STRIP) / R;
        ahead.fetch(strip + tiles * R, n_rows);
        for part in 0..n_parts {
            let columns = part * d / n_parts..(part + 1) * d / n_parts;
            for (tile, aside) in aside[..tiles].iter_mut().enumerate() {
                let row = strip + tile * R;
                // SAFETY: as above; `columns` is part of `0..d`, and a tile has at most TILE values.
                unsafe {
                    let mut sums = begin::<V, R, C, DIFFERENCE>(&block.start[row..]);
                    if part > 0 {
                        for (i, sum) in sums.iter_mut().flatten().enumerate() {
                            *sum = V::load(aside.as_ptr().add(i * V::LANES));
                        }
                    }
                    add::<V, R, C, DIFFERENCE>(
                        block.values.as_ptr().add(row * stride + columns.start),
                        stride,
                        columns.len(),
                        panel.values.as_ptr().add(columns.start * lanes),
                        &mut sums,
                    );
                    if part + 1 == n_parts {
                        finish(&sums, row, panel.first, survivors);
                    } else {
                        for (i, sum) in sums.iter().flatten().enumerate() {
                            sum.store(aside.as_mut_ptr().add(i * V::LANES));
                        }
                    }
                }
            }
        }
    }
}

/// # Safety
/// The machine has V's instructions.
#[inline(always)]
unsafe fn begin<V: Vector, const R: usize, const C: usize, const DIFFERENCE: bool>(
    start: &[f32],
) -> [[V; C]; R] {
    // SAFETY: the caller's.
    let mut sums = [[unsafe { V::splat(0.0) }; C]; R];
    for (sums, &start) in sums.iter_mut().zip(start) {
        if !DIFFERENCE || start == f32::NEG_INFINITY {
            // SAFETY: the caller's.
            *sums = [unsafe { V::splat(start) }; C];
        }
    }
    sums
}

/// Adds `columns` columns of `R` rows, `stride` apart, to the sums.
///
/// # Safety
/// The machine has V's instructions; the rows and `columns * C * V::LANES` values of the panel are readable.
#[inline(always)]
unsafe fn add<V: Vector, const R: usize, const C: usize, const DIFFERENCE: bool>(
    rows: *const f32,
    stride: usize,
    columns: usize,
    panel: *const f32,
    sums: &mut [[V; C]; R],
) {
    // A local copy: behind a reference the sums would be written back to memory at every column.
    let mut local = *sums;
    for j in 0..columns {
        // SAFETY: the caller's.
        unsafe {
            let mut queries = [V::splat(0.0); C];
            for (c, query) in queries.iter_mut().enumerate() {
                *query = V::load(panel.add((j * C + c) * V::LANES));
            }
            for (r, sums) in local.iter_mut().enumerate() {
                let x = V::splat(*rows.add(r * stride + j));
                for (sum, &q) in sums.iter_mut().zip(&queries) {
                    *sum = if DIFFERENCE { sum.minus_square(x, q) } else { x.mul_add(q, *sum) };
                }
            }
        }
    }
    *sums = local;
}

/// Hands the tile over if any sum reaches its threshold.
///
/// # Safety
/// The machine has V's instructions; there are thresholds for the tile's lanes.
#[inline(always)]
unsafe fn finish<V: Vector, const R: usize, const C: usize>(
    sums: &[[V; C]; R],
    row: usize,
    first_lane: usize,
    survivors: &mut impl Survivors<f32>,
) {
    // SAFETY: the caller's; `rows` asserted that the thresholds are there.
    unsafe {
        let thresholds = survivors.thresholds().as_ptr().add(first_lane);
        let mut any = 0;
        for c in 0..C {
            let largest = sums[1..].iter().fold(sums[0][c], |largest, sums| largest.max(sums[c]));
            any |= largest.at_least(V::load(thresholds.add(c * V::LANES)));
        }
        if any != 0 {
            let (mut values, mut hits) = ([0.0_f32; TILE], [0_u64; MOST_ROWS]);
            for (r, sums) in sums.iter().enumerate() {
                for (c, sum) in sums.iter().enumerate() {
                    let lane = c * V::LANES;
                    // A tile has R * C registers, at most TILE values.
                    sum.store(values.as_mut_ptr().add(r * C * V::LANES + lane));
                    hits[r] |= u64::from(sum.at_least(V::load(thresholds.add(lane)))) << lane;
                }
            }
            survivors.offer(row, first_lane, C * V::LANES, &values, &hits[..R]);
        }
    }
}
