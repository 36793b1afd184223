//! The kernel on codes: a block of rows against a panel of queries, four columns at a time.

use super::block::{Block, ROW_MULTIPLE};
use super::codes::GROUP;
use super::panels::Panel;
use super::survivors::Survivors;
use crate::simd::{Ahead, Isa};

/// Values of the widest tiles: 6 x 64, 8 x 48 and 12 x 32.
const TILE: usize = 384;

/// Runs a whole block of codes against a panel of queries packed for the registers of `isa`.
pub(super) fn screen_codes(
    isa: Isa,
    block: &Block,
    panel: &Panel<'_>,
    ahead: &mut Ahead,
    survivors: &mut impl Survivors<i32>,
) {
    let n_groups = panel.codes.len() / (panel.lanes * GROUP);
    let n_rows = block.n_rows.next_multiple_of(ROW_MULTIPLE);
    assert!(panel.registers >= 1 && panel.codes.len() == n_groups * panel.lanes * GROUP);
    assert!(block.code_stride >= n_groups * GROUP && block.codes.len() >= n_rows * block.code_stride);
    assert!(block.code_start.len() >= n_rows);
    assert!(survivors.thresholds().len() >= panel.first + panel.lanes);
    #[cfg(target_arch = "x86_64")]
    if isa.is_available() && panel.lanes == panel.registers * x86::lanes(isa) {
        // The more registers a row of the tile has, the fewer rows fit.
        macro_rules! rows {
            ($kernel:ident, $r:literal, $c:literal) => {
                // SAFETY: `is_available` has found the instructions; what the pointers reach has just been asserted.
                return unsafe { x86::$kernel::rows::<$r, $c>(block, n_rows, n_groups, panel, ahead, survivors) }
            };
        }
        match (isa, panel.registers) {
            (Isa::Avx2, 1) => rows!(pairs, 8, 1),
            (Isa::Avx2, 2) => rows!(pairs, 4, 2),
            (Isa::AvxVnni, 1) if is_x86_feature_detected!("avxvnni") => rows!(fours, 12, 1),
            (Isa::AvxVnni, 2) if is_x86_feature_detected!("avxvnni") => rows!(fours, 6, 2),
            (Isa::AvxVnni, 1) => rows!(fours_of_512, 12, 1),
            (Isa::AvxVnni, 2) => rows!(fours_of_512, 6, 2),
            (Isa::Avx512Vnni, 1) => rows!(wide_fours, 12, 1),
            (Isa::Avx512Vnni, 2) => rows!(wide_fours, 12, 2),
            (Isa::Avx512Vnni, 3) => rows!(wide_fours, 8, 3),
            (Isa::Avx512Vnni, 4) => rows!(wide_fours, 6, 4),
            _ => {}
        }
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
    let lanes = panel.lanes;
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
#[path = "code_kernel_x86.rs"]
mod x86;

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
        let mut state = 1_u32;
        let mut byte = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let levels = [(Isa::Avx2, 8, 2, 0x7f), (Isa::AvxVnni, 8, 2, 0xff), (Isa::Avx512Vnni, 16, 4, 0xff)];
        for (isa, lanes, widest, bits) in levels.into_iter().filter(|level| level.0.is_available()) {
            for (d, registers) in
                [8, 9, 15, 31, 64, 130, 700].map(|d| (1..=widest).map(move |c| (d, c))).into_iter().flatten()
            {
                let n_groups = usize::div_ceil(d, GROUP);
                let mut block = Block::new::<crate::simd::Portable>(48, d, true);
                block.n_rows = 25;
                block.codes.iter_mut().for_each(|code| *code = byte() & bits);
                // The largest sums of a pair, which must not saturate.
                block.codes[..d].fill(bits);
                block.code_start.iter_mut().for_each(|start| *start = -i32::from(byte()));
                let lanes = registers * lanes;
                let codes: Vec<i8> = (0..lanes * n_groups * GROUP)
                    .map(|at| if at < GROUP { 127 } else { byte() as i8 })
                    .collect();
                let panel = Panel { values: &[], codes: &codes, registers, lanes, first: 0 };
                let [mut fast, mut slow] = [(); 2].map(|()| {
                    let thresholds = (0..lanes).map(|lane| lane as i32 * 50_000 - 900_000);
                    Kept { thresholds: thresholds.collect(), rows: Vec::new() }
                });
                screen_codes(isa, &block, &panel, &mut Ahead::new(&[0.0_f32; 9]), &mut fast);
                screen_codes(Isa::Baseline, &block, &panel, &mut Ahead::new(&[0.0_f32; 9]), &mut slow);
                assert!(!slow.rows.is_empty(), "{d}");
                fast.rows.sort_unstable();
                slow.rows.sort_unstable();
                assert_eq!(fast.rows, slow.rows, "{isa:?}, {d} columns, {registers} registers");
            }
        }
    }
}
