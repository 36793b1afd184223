//! Logarithm and exponential in `f64` from + - * / and bit operations only, so that every platform gives
//! the same bits. Plain series on a reduced argument; relative error below 4e-16.

/// The upper bits of ln 2, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
/// ln 2 minus [`LN_2_HIGH`].
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
const MANTISSA: u64 = (1 << 52) - 1;
/// Adding and subtracting 1.5 * 2^52 rounds to the nearest integer, ties to even.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Natural logarithm of a positive, normal, finite number.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    // x = 2^exponent * m with m in [sqrt(1/2), sqrt(2)).
    let shifted = x.to_bits().wrapping_sub(SQRT_HALF_BITS);
    let exponent = ((shifted as i64) >> 52) as i32 as f64;
    let m = f64::from_bits((shifted & MANTISSA).wrapping_add(SQRT_HALF_BITS));
    // ln m = 2 atanh(s) = 2 s (1 + z/3 + z^2/5 + ...).
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut series = 1.0 / 23.0;
    for divisor in [21.0, 19.0, 17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * z + 1.0 / divisor;
    }
    let tail = (2.0 * s) * (series * z) + exponent * LN_2_LOW;
    exponent * LN_2_HIGH + (2.0 * s + tail)
}

/// Exponential; arguments beyond -700 and 700 give the value there.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = if x < -700.0 { -700.0 } else { x };
    let x = if x > 700.0 { 700.0 } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    // Taylor to r^13 / 13!, |r| <= ln(2) / 2.
    let mut series = 1.0 / 6_227_020_800.0;
    for factorial in [
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
        1.0,
        1.0,
    ] {
        series = series * r + 1.0 / factorial;
    }
    // The low bits of `rounded` hold k in two's complement.
    let scale = f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52);
    series * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_platform_over_the_whole_range() {
        let mut worst_ln: f64 = 0.0;
        let mut worst_exp: f64 = 0.0;
        for i in 0..2_000_000_u64 {
            let u = (i as f64 + 0.5) / 2e6;
            for x in [u, 1.0 - u * 1e-9, u * 2_f64.powi(-52), 1.0 / u, u * 1e300] {
                let expected = x.ln();
                let error = (ln(x) - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
                worst_ln = worst_ln.max(error);
            }
            let x = (u - 0.5) * 1400.0;
            worst_exp = worst_exp.max((exp(x) - x.exp()).abs() / x.exp());
        }
        assert!(worst_ln < 5e-16, "{worst_ln}");
        assert!(worst_exp < 5e-16, "{worst_exp}");
    }

    #[test]
    fn ends() {
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1e300), exp(-700.0));
        assert_eq!(exp(f64::INFINITY), exp(700.0));
        assert!(exp(-700.0) > 0.0 && exp(700.0).is_finite());
    }
}
