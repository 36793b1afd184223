//! The kernel on `f32`: a block of rows against a panel of queries, a few rows at a time in registers.

use super::block::{Block, ROW_MULTIPLE};
use super::panels::Panel;
use super::scatter::scattered;
use super::survivors::Survivors;
use crate::simd::{Ahead, Vector};

/// Columns after which a long row's sums are put aside, so that the panel stays in the first-level cache.
const LONG: usize = 128;
/// Rows whose sums are put aside together.
const STRIP: usize = 2 * ROW_MULTIPLE;
/// Values of the widest tiles: 6 x 64, 8 x 48 and 12 x 32.
const TILE: usize = 384;
/// Rows of the tallest tile.
const MOST_ROWS: usize = 12;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Portable;
    use crate::test_data::uniform;

    struct Kept {
        thresholds: Vec<f32>,
        rows: Vec<(usize, usize, f32)>,
    }

    impl Survivors<f32> for Kept {
        fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[f32], hits: &[u64]) {
            for (r, &hits) in hits.iter().enumerate() {
                let lanes_hit = (0..lanes).filter(|lane| hits >> lane & 1 == 1);
                self.rows.extend(lanes_hit.map(|l| (first_row + r, first_lane + l, sums[r * lanes + l])));
            }
        }
        fn thresholds(&self) -> &[f32] {
            &self.thresholds
        }
    }

    fn check<const DIFFERENCE: bool>(d: usize, registers: usize) {
        let (lanes, n_rows) = (registers * 4, 25);
        // Small integers, whose sums are exact in any order.
        let mut next = uniform(d as u64);
        let mut digit = || (next() * 8.0).floor() as f32;
        let mut block = Block::new::<Portable>(48, d, false);
        block.n_rows = n_rows;
        block.values.iter_mut().for_each(|value| *value = digit());
        block.start[..n_rows].iter_mut().for_each(|start| *start = -digit());
        let values: Vec<f32> = (0..lanes * d).map(|_| digit()).collect();
        let panel = Panel { values: &values, codes: &[], registers, lanes, first: 4 };
        let mut expected = Vec::new();
        let middle = d as f32 * if DIFFERENCE { -10.0 } else { 12.0 };
        for (row, lane) in (0..n_rows).flat_map(|row| (0..lanes).map(move |lane| (row, lane))) {
            let begin = if DIFFERENCE { 0.0 } else { block.start[row] };
            let sum = (0..d).fold(begin, |sum, j| {
                let (x, q) = (block.values[row * block.stride + j], values[j * lanes + lane]);
                sum + if DIFFERENCE { -(x - q) * (x - q) } else { x * q }
            });
            if sum >= middle {
                expected.push((row, 4 + lane, sum));
            }
        }
        let mut kept = Kept { thresholds: vec![middle; 4 + lanes], rows: Vec::new() };
        screen_panel::<Portable, DIFFERENCE>(&block, d, &panel, &mut Ahead::new::<f32>(&[]), &mut kept);
        kept.rows.sort_by_key(|&(row, lane, _)| (row, lane));
        assert!(!expected.is_empty());
        assert_eq!(kept.rows, expected, "{d} columns, {registers} registers");
    }

    #[test]
    fn every_tile_and_length_gives_the_plain_sums() {
        for d in [1, 7, 127, 128, 129, 300] {
            for registers in [1, 2] {
                check::<false>(d, registers);
                check::<true>(d, registers);
            }
        }
    }
}
