//! The kernel on codes in the registers of x86-64: the same loop for each way to multiply.

use std::arch::x86_64::*;

use super::{Ahead, Block, Isa, Panel, Survivors, GROUP, TILE};
use crate::neighbors::screen::scatter::scattered;

/// Rows of the tallest tile.
const MOST_ROWS: usize = 12;

/// Lanes of a register.
pub(super) fn lanes(isa: Isa) -> usize {
    if isa < Isa::Avx512 {
        8
    } else {
        16
    }
}

macro_rules! kernel {
    ($(#[$about:meta])* $name:ident, $features:literal, $register:ty, $lanes:literal, $set1:ident, $load:ident,
     $store:ident, $max:ident, |$sum:ident, $x:ident, $q:ident| $dot:expr, |$a:ident, $b:ident| $at_least:expr) => {
        $(#[$about])*
        pub(super) mod $name {
            use super::*;

            /// # Safety
            /// The machine has the instructions; rows, starts and thresholds are there, as `screen_codes` asserts.
            #[target_feature(enable = $features)]
            pub unsafe fn rows<const R: usize, const C: usize>(
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
                        let mut sums = [[$set1(0); C]; R];
                        for (r, sums) in sums.iter_mut().enumerate() {
                            *sums = [$set1(block.code_start[row + r]); C];
                        }
                        let codes = block.codes.as_ptr().add(row * stride);
                        let queries = panel.codes.as_ptr();
                        for g in 0..n_groups {
                            let mut q = [$set1(0); C];
                            for (c, q) in q.iter_mut().enumerate() {
                                *q = $load(queries.add((g * C + c) * $lanes * GROUP).cast());
                            }
                            for (r, sums) in sums.iter_mut().enumerate() {
                                let four = codes.add(r * stride + g * GROUP).cast::<i32>().read_unaligned();
                                let $x = $set1(four);
                                for (sum, &$q) in sums.iter_mut().zip(&q) {
                                    let $sum = *sum;
                                    *sum = $dot;
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
            #[target_feature(enable = $features)]
            unsafe fn finish<const R: usize, const C: usize>(
                sums: &[[$register; C]; R],
                row: usize,
                first_lane: usize,
                survivors: &mut impl Survivors<i32>,
            ) {
                // SAFETY: the caller's.
                unsafe {
                    let thresholds = survivors.thresholds().as_ptr().add(first_lane);
                    let mut any = 0;
                    for c in 0..C {
                        let largest = sums[1..].iter().fold(sums[0][c], |largest, sums| $max(largest, sums[c]));
                        let ($a, $b) = (largest, $load(thresholds.add(c * $lanes).cast()));
                        any |= $at_least;
                    }
                    if any != 0 {
                        let (mut values, mut hits) = ([0_i32; TILE], [0_u64; MOST_ROWS]);
                        for (r, sums) in sums.iter().enumerate() {
                            for (c, &sum) in sums.iter().enumerate() {
                                // A tile has R * C registers, at most TILE values.
                                $store(values.as_mut_ptr().add((r * C + c) * $lanes).cast(), sum);
                                let ($a, $b) = (sum, $load(thresholds.add(c * $lanes).cast()));
                                hits[r] |= u64::from($at_least) << (c * $lanes);
                            }
                        }
                        survivors.offer(row, first_lane, C * $lanes, &values, &hits[..R]);
                    }
                }
            }
        }
    };
}

/// One bit a lane: `a >= b`.
///
/// # Safety
/// The machine has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn at_least(a: __m256i, b: __m256i) -> u32 {
    !(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a))) as u32) & 0xff
}

kernel!(
    /// AVX2: pairs of products of 7 and 8 bits are added up in 16 bits, which hold them, then in 32.
    pairs, "avx2", __m256i, 8, _mm256_set1_epi32, _mm256_loadu_si256, _mm256_storeu_si256, _mm256_max_epi32,
    |sum, x, q| _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, q), _mm256_set1_epi16(1))),
    |a, b| at_least(a, b)
);
kernel!(
    /// AVX-VNNI: four products of 8 bits at once.
    fours, "avx2,avxvnni", __m256i, 8, _mm256_set1_epi32, _mm256_loadu_si256, _mm256_storeu_si256,
    _mm256_max_epi32, |sum, x, q| _mm256_dpbusd_avx_epi32(sum, x, q), |a, b| at_least(a, b)
);
kernel!(
    /// The same instruction as machines with AVX-512 encode it.
    fours_of_512, "avx2,avx512f,avx512vl,avx512vnni", __m256i, 8, _mm256_set1_epi32, _mm256_loadu_si256,
    _mm256_storeu_si256, _mm256_max_epi32, |sum, x, q| _mm256_dpbusd_epi32(sum, x, q), |a, b| at_least(a, b)
);
kernel!(
    /// VNNI of AVX-512.
    wide_fours, "avx512f,avx512bw,avx512vl,avx512vnni", __m512i, 16, _mm512_set1_epi32, _mm512_loadu_si512,
    _mm512_storeu_si512, _mm512_max_epi32, |sum, x, q| _mm512_dpbusd_epi32(sum, x, q),
    |a, b| u32::from(_mm512_cmpge_epi32_mask(a, b))
);
