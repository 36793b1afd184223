//! Logarithm and exponential in `f64` from + - * / and bit operations only, so that every platform gives
//! the same bits. Plain series on a reduced argument; relative error below 4e-16.
//!
//! A series is one long chain, of which a processor's scheduler holds hardly two at once. So each function takes
//! many values and goes over them stage by stage: what is under way together is independent.

/// The upper bits of ln 2, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
/// ln 2 minus [`LN_2_HIGH`].
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_667f_3bcd;
const MANTISSA: u64 = (1 << 52) - 1;
/// Adding and subtracting 1.5 * 2^52 rounds to the nearest integer, ties to even.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// Natural logarithms of positive, normal, finite numbers.
#[inline(always)]
pub fn ln<const N: usize>(x: [f64; N]) -> [f64; N] {
    let [mut exponent, mut s, mut series] = [[0.0; N]; 3];
    for i in 0..N {
        // x = 2^exponent * m with m in [sqrt(1/2), sqrt(2)).
        let shifted = x[i].to_bits().wrapping_sub(SQRT_HALF_BITS);
        exponent[i] = ((shifted as i64) >> 52) as i32 as f64;
        let m = f64::from_bits((shifted & MANTISSA).wrapping_add(SQRT_HALF_BITS));
        s[i] = (m - 1.0) / (m + 1.0);
    }
    // ln m = 2 atanh(s) = 2 s (1 + z/3 + z^2/5 + ...).
    for i in 0..N {
        let z = s[i] * s[i];
        series[i] = 1.0 / 23.0;
        for divisor in [21.0, 19.0, 17.0, 15.0, 13.0] {
            series[i] = series[i] * z + 1.0 / divisor;
        }
    }
    for i in 0..N {
        let z = s[i] * s[i];
        for divisor in [11.0, 9.0, 7.0, 5.0, 3.0] {
            series[i] = series[i] * z + 1.0 / divisor;
        }
    }
    for i in 0..N {
        let (s, z) = (s[i], s[i] * s[i]);
        let tail = (2.0 * s) * (series[i] * z) + exponent[i] * LN_2_LOW;
        series[i] = exponent[i] * LN_2_HIGH + (2.0 * s + tail);
    }
    series
}

/// Exponentials; arguments beyond -700 and 700 give the value there.
#[inline(always)]
pub fn exp<const N: usize>(x: [f64; N]) -> [f64; N] {
    let [mut rounded, mut r, mut series] = [[0.0; N]; 3];
    for i in 0..N {
        let x = if x[i] < -700.0 { -700.0 } else { x[i] };
        let x = if x > 700.0 { 700.0 } else { x };
        rounded[i] = x * std::f64::consts::LOG2_E + ROUND;
        let k = rounded[i] - ROUND;
        r[i] = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    }
    // Taylor to r^13 / 13!, |r| <= ln(2) / 2.
    for i in 0..N {
        series[i] = 1.0 / 6_227_020_800.0;
        for factorial in [479_001_600.0, 39_916_800.0, 3_628_800.0, 362_880.0, 40_320.0, 5_040.0] {
            series[i] = series[i] * r[i] + 1.0 / factorial;
        }
    }
    for i in 0..N {
        for factorial in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
            series[i] = series[i] * r[i] + 1.0 / factorial;
        }
        // The low bits of `rounded` hold k in two's complement.
        series[i] *= f64::from_bits(rounded[i].to_bits().wrapping_add(1023) << 52);
    }
    series
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
                let error = (ln([x])[0] - expected).abs() / expected.abs().max(f64::MIN_POSITIVE);
                worst_ln = worst_ln.max(error);
            }
            let x = (u - 0.5) * 1400.0;
            worst_exp = worst_exp.max((exp([x])[0] - x.exp()).abs() / x.exp());
        }
        assert!(worst_ln < 5e-16, "{worst_ln}");
        assert!(worst_exp < 5e-16, "{worst_exp}");
    }

    #[test]
    fn ends() {
        assert_eq!(ln([1.0])[0], 0.0);
        assert_eq!(exp([0.0])[0], 1.0);
        assert_eq!(exp([-1e300])[0], exp([-700.0])[0]);
        assert_eq!(exp([f64::INFINITY])[0], exp([700.0])[0]);
        assert!(exp([-700.0])[0] > 0.0 && exp([700.0])[0].is_finite());
    }
}
