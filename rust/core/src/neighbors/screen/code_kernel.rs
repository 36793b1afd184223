//! The kernel on codes: a block of rows against a panel of queries, four columns at a time.

use super::block::{Block, ROW_MULTIPLE};
use super::codes::GROUP;
use super::panels::Panel;
use super::scatter::scattered;
use super::survivors::Survivors;
use crate::simd::{Ahead, Isa};

/// Queries in a register.
const LANES: usize = 16;
/// Values of the widest tiles: 6 x 64, 8 x 48 and 12 x 32.
const TILE: usize = 384;
/// Rows of the tallest tile.
const MOST_ROWS: usize = 12;

/// Runs a whole block of codes against a panel of queries packed for registers of 16 lanes.
pub(super) fn screen_codes(
    isa: Isa,
    block: &Block,
    panel: &Panel<'_>,
    ahead: &mut Ahead,
    survivors: &mut impl Survivors<i32>,
) {
    let n_groups = panel.codes.len() / (panel.registers * LANES * GROUP);
    let n_rows = block.n_rows.next_multiple_of(ROW_MULTIPLE);
    assert!(panel.registers >= 1 && panel.codes.len() == n_groups * panel.registers * LANES * GROUP);
    assert!(block.code_stride >= n_groups * GROUP && block.codes.len() >= n_rows * block.code_stride);
    assert!(block.code_start.len() >= n_rows);
    assert!(survivors.thresholds().len() >= panel.first + panel.registers * LANES);
    #[cfg(target_arch = "x86_64")]
    if isa == Isa::Avx512Vnni && Isa::best() >= isa {
        // SAFETY: `Isa::best` has found the instructions; what the pointers reach has just been asserted.
        unsafe {
            match panel.registers {
                1 => x86::rows::<12, 1>(block, n_rows, n_groups, panel, ahead, survivors),
                2 => x86::rows::<12, 2>(block, n_rows, n_groups, panel, ahead, survivors),
                3 => x86::rows::<8, 3>(block, n_rows, n_groups, panel, ahead, survivors),
                _ => x86::rows::<6, 4>(block, n_rows, n_groups, panel, ahead, survivors),
            }
        }
        return;
    }
    let _ = (isa, ahead);
    plain(block, n_rows, n_groups, panel, survivors);
}

/// The definition: one sum at a time.
fn plain(
    block: &Block,
    n_rows: usize,
    n_groups: usize,
    panel: &Panel<'_>,
    survivors: &mut impl Survivors<i32>,
) {
    let lanes = panel.registers * LANES;
    for row in 0..n_rows {
        let codes = &block.codes[row * block.code_stride..][..n_groups * GROUP];
        let mut sums = [0; TILE];
        let mut hits = 0_u64;
        for (lane, sum) in sums[..lanes].iter_mut().enumerate() {
            let query = |j: usize| i32::from(panel.codes[(j / GROUP * lanes + lane) * GROUP + j % GROUP]);
            let products = codes.iter().enumerate().map(|(j, &x)| i32::from(x) * query(j));
            *sum = block.code_start[row] + products.sum::<i32>();
            hits |= u64::from(*sum >= survivors.thresholds()[panel.first + lane]) << lane;
        }
        if hits != 0 {
            survivors.offer(row, panel.first, lanes, &sums, &[hits]);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::*;
    use std::arch::x86_64::*;

    /// # Safety
    /// The machine has the instructions; rows, starts and thresholds are there, as `screen_codes` asserts.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) unsafe fn rows<const R: usize, const C: usize>(
        block: &Block,
        n_rows: usize,
        n_groups: usize,
        panel: &Panel<'_>,
        ahead: &mut Ahead,
        survivors: &mut impl Survivors<i32>,
    ) {
        let stride = block.code_stride;
        let (n_tiles, nth) = (n_rows / R, scattered(n_rows / R));
        for turn in 0..n_tiles {
            let row = nth(turn) * R;
            ahead.fetch(turn + 1, n_tiles);
            // SAFETY: the caller's: rows `row..row + R`, since R divides ROW_MULTIPLE.
            unsafe {
                let mut sums = [[_mm512_setzero_si512(); C]; R];
                for (r, sums) in sums.iter_mut().enumerate() {
                    *sums = [_mm512_set1_epi32(block.code_start[row + r]); C];
                }
                let codes = block.codes.as_ptr().add(row * stride);
                let queries = panel.codes.as_ptr();
                for g in 0..n_groups {
                    let mut q = [_mm512_setzero_si512(); C];
                    for (c, q) in q.iter_mut().enumerate() {
                        *q = _mm512_loadu_si512(queries.add((g * C + c) * LANES * GROUP).cast());
                    }
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let four = codes.add(r * stride + g * GROUP).cast::<i32>().read_unaligned();
                        let x = _mm512_set1_epi32(four);
                        for (sum, &q) in sums.iter_mut().zip(&q) {
                            *sum = _mm512_dpbusd_epi32(*sum, x, q);
                        }
                    }
                }
                finish::<R, C>(&sums, row, panel.first, survivors);
            }
        }
    }

    /// Hands the tile over if any sum reaches its threshold.
    ///
    /// # Safety
    /// The machine has the instructions; there are thresholds for the tile's lanes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn finish<const R: usize, const C: usize>(
        sums: &[[__m512i; C]; R],
        row: usize,
        first_lane: usize,
        survivors: &mut impl Survivors<i32>,
    ) {
        // SAFETY: the caller's.
        unsafe {
            let thresholds = survivors.thresholds().as_ptr().add(first_lane);
            let threshold = |c: usize| _mm512_loadu_si512(thresholds.add(c * LANES).cast());
            let mut any = 0;
            for c in 0..C {
                let largest =
                    sums[1..].iter().fold(sums[0][c], |largest, sums| _mm512_max_epi32(largest, sums[c]));
                any |= _mm512_cmpge_epi32_mask(largest, threshold(c));
            }
            if any != 0 {
                let (mut values, mut hits) = ([0_i32; TILE], [0_u64; MOST_ROWS]);
                for (r, sums) in sums.iter().enumerate() {
                    for (c, &sum) in sums.iter().enumerate() {
                        // A tile has R * C registers, at most TILE values.
                        _mm512_storeu_si512(values.as_mut_ptr().add((r * C + c) * LANES).cast(), sum);
                        hits[r] |= u64::from(_mm512_cmpge_epi32_mask(sum, threshold(c))) << (c * LANES);
                    }
                }
                survivors.offer(row, first_lane, C * LANES, &values, &hits[..R]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kept {
        thresholds: Vec<i32>,
        rows: Vec<(usize, usize, i32)>,
    }

    impl Survivors<i32> for Kept {
        fn offer(&mut self, first_row: usize, first_lane: usize, lanes: usize, sums: &[i32], hits: &[u64]) {
            for (r, &hits) in hits.iter().enumerate() {
                let lanes_hit = (0..lanes).filter(|lane| hits >> lane & 1 == 1);
                self.rows.extend(lanes_hit.map(|l| (first_row + r, first_lane + l, sums[r * lanes + l])));
            }
        }
        fn thresholds(&self) -> &[i32] {
            &self.thresholds
        }
    }

    #[test]
    fn every_tile_equals_the_plain_sums() {
        if Isa::best() < Isa::Avx512Vnni {
            return;
        }
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for d in [8, 9, 15, 31, 64, 130, 700] {
            let n_groups = usize::div_ceil(d, GROUP);
            let mut block = Block::new::<crate::simd::Avx512>(48, d, true);
            block.n_rows = 25;
            block.codes.iter_mut().for_each(|code| *code = byte());
            block.code_start.iter_mut().for_each(|start| *start = -i32::from(byte()));
            for registers in 1..=4 {
                let codes: Vec<i8> =
                    (0..registers * LANES * n_groups * GROUP).map(|_| byte() as i8).collect();
                let lanes = registers * LANES;
                let panel = Panel { values: &[], codes: &codes, registers, lanes, first: 0 };
                let [mut fast, mut slow] = [(); 2].map(|()| {
                    let thresholds = (0..registers * LANES).map(|lane| lane as i32 * 50_000 - 900_000);
                    Kept { thresholds: thresholds.collect(), rows: Vec::new() }
                });
                screen_codes(Isa::Avx512Vnni, &block, &panel, &mut Ahead::new(&[0.0_f32; 9]), &mut fast);
                screen_codes(Isa::Baseline, &block, &panel, &mut Ahead::new(&[0.0_f32; 9]), &mut slow);
                assert!(!slow.rows.is_empty(), "{d}");
                fast.rows.sort_unstable();
                slow.rows.sort_unstable();
                assert_eq!(fast.rows, slow.rows, "{d} columns, {registers} registers");
            }
        }
    }
}
