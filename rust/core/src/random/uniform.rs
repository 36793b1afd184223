//! Uniforms in the open unit interval and bounded integers, both from one 64-bit word.

/// The 64-bit word of two 32-bit words, low word first.
#[inline(always)]
pub fn word64(low: u32, high: u32) -> u64 {
    u64::from(low) | (u64::from(high) << 32)
}

/// A uniform in the open interval (0, 1): the upper 52 bits, centred in their cell, so that neither
/// bound can come up and every value is exact.
#[inline(always)]
pub fn open_unit(word: u64) -> f64 {
    const CELL: f64 = 1.0 / (1_u64 << 52) as f64;
    // 2^52 with the bits as its mantissa: a conversion that every instruction set has for whole vectors.
    let integer = f64::from_bits((word >> 12) | 0x4330_0000_0000_0000) - (1_u64 << 52) as f64;
    (integer + 0.5) * CELL
}

/// A uniform integer below `bound` by multiply-shift; its bias is below `bound / 2^64`.
#[inline(always)]
pub fn bounded(word: u64, bound: usize) -> usize {
    ((u128::from(word) * bound as u128) >> 64) as usize
}

/// The same for bounds below 2^32, in halves, which every instruction set multiplies in whole vectors.
#[inline(always)]
pub fn bounded_in_halves(word: u64, bound: u32) -> i64 {
    let (low, high, bound) = (word & u64::from(u32::MAX), word >> 32, u64::from(bound));
    ((high * bound + ((low * bound) >> 32)) >> 32) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert!(open_unit(0) > 0.0);
        assert!(open_unit(u64::MAX) < 1.0);
        assert_eq!(open_unit(1 << 63), 0.5 + f64::EPSILON / 2.0);
    }

    #[test]
    fn bounded_integers_reach_both_ends() {
        assert_eq!(bounded(0, 7), 0);
        assert_eq!(bounded(u64::MAX, 7), 6);
        assert_eq!(bounded(u64::MAX, 1), 0);
    }

    #[test]
    fn halves_give_the_same_integers() {
        for i in 0..10_000_u64 {
            let word = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let bound = [1, 7, 450, u32::MAX][i as usize % 4];
            assert_eq!(bounded_in_halves(word, bound) as usize, bounded(word, bound as usize));
        }
        assert_eq!(bounded_in_halves(u64::MAX, u32::MAX), i64::from(u32::MAX) - 1);
    }
}
