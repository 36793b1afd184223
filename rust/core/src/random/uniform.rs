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
}
