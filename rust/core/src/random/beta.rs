//! Beta variates by rejection. Each attempt takes two uniforms and says whether they are accepted and the
//! value they give; which method is used depends on the parameters alone.

use super::elementary::{exp, ln};
use crate::Error;

/// Parameters beyond these give a distribution that is one or two points to all intents, and arithmetic
/// that loses its digits.
const RANGE: std::ops::RangeInclusive<f64> = 1e-300..=1e6;
const LN_4: f64 = 1.386_294_361_119_890_6;

/// A Beta(alpha, beta) distribution.
#[derive(Debug, Clone, Copy)]
pub struct Beta(Method);

#[derive(Debug, Clone, Copy)]
enum Method {
    /// Joehnk 1964, both parameters at most 1: reciprocals of alpha and beta.
    Joehnk { a: f64, b: f64 },
    /// Cheng 1978, algorithms BB (both above 1, `a` the smaller) and BC (else, `a` the larger), without
    /// the squeezes, which only save time. `slope` multiplies the logit; `swapped`: `a` stands for beta.
    Cheng { a: f64, b: f64, slope: f64, offset: f64, swapped: bool },
}

impl Beta {
    /// Both parameters above 0 and at most 1e6.
    pub fn new(alpha: f64, beta: f64) -> Result<Self, Error> {
        for (what, value) in [("alpha", alpha), ("beta", beta)] {
            if !RANGE.contains(&value) {
                let expected = "above 0 and at most 1e6";
                return Err(Error::Parameter { what, expected, got: value.to_string() });
            }
        }
        let (small, large) = if alpha < beta { (alpha, beta) } else { (beta, alpha) };
        let sum = small + large;
        Ok(Self(if large <= 1.0 {
            Method::Joehnk { a: 1.0 / alpha, b: 1.0 / beta }
        } else if small > 1.0 {
            let slope = ((sum - 2.0) / (2.0 * small * large - sum)).sqrt();
            Method::Cheng { a: small, b: large, slope, offset: small + 1.0 / slope, swapped: alpha != small }
        } else {
            // gamma = a + 1 / slope is sum for BC: a + b.
            Method::Cheng { a: large, b: small, slope: 1.0 / small, offset: sum, swapped: alpha != large }
        }))
    }

    /// Whether pairs of uniforms in (0, 1) are accepted, and the variates they give.
    #[inline(always)]
    pub fn attempt<const N: usize>(&self, u: [f64; N], v: [f64; N]) -> ([bool; N], [f64; N]) {
        match self.0 {
            Method::Joehnk { a, b } => joehnk(a, b, u, v),
            Method::Cheng { a, b, slope, offset, swapped } => {
                let (accepted, w) = cheng([a, b, slope, offset], u, v);
                let mut value = [0.0; N];
                for i in 0..N {
                    value[i] = if swapped { b } else { w[i] } / (b + w[i]);
                }
                (accepted, value)
            }
        }
    }
}

#[inline(always)]
fn joehnk<const N: usize>(a: f64, b: f64, u: [f64; N], v: [f64; N]) -> ([bool; N], [f64; N]) {
    // u^(1/alpha) and v^(1/beta) by their logarithms: small parameters underflow otherwise.
    let (mut x, mut y, mut difference) = (ln(u), ln(v), [0.0; N]);
    for i in 0..N {
        x[i] *= a;
        y[i] *= b;
        difference[i] = y[i] - x[i];
    }
    let (x, y, odds) = (exp(x), exp(y), exp(difference));
    let (mut accepted, mut value) = ([false; N], [0.0; N]);
    for i in 0..N {
        accepted[i] = x[i] + y[i] <= 1.0;
        value[i] = 1.0 / (1.0 + odds[i]);
    }
    (accepted, value)
}

#[inline(always)]
fn cheng<const N: usize>([a, b, slope, offset]: [f64; 4], u: [f64; N], v: [f64; N]) -> ([bool; N], [f64; N]) {
    let sum = a + b;
    let [mut odds, mut z, mut ratio] = [[0.0; N]; 3];
    for i in 0..N {
        odds[i] = u[i] / (1.0 - u[i]);
        z[i] = u[i] * u[i] * v[i];
    }
    let (mut logit, ln_z) = (ln(odds), ln(z));
    for logit in &mut logit {
        // Beyond 600 the weight is 0 or 1; clamped so that `w` stays finite in both terms of the test.
        *logit = (slope * *logit).clamp(-600.0, 600.0);
    }
    let mut w = exp(logit);
    for i in 0..N {
        w[i] *= a;
        ratio[i] = sum / (b + w[i]);
    }
    let (ln_ratio, mut accepted) = (ln(ratio), [false; N]);
    for i in 0..N {
        accepted[i] = offset * logit[i] - LN_4 + sum * ln_ratio[i] >= ln_z[i];
    }
    (accepted, w)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_1_belong_to_joehnk() {
        for (alpha, beta) in [(1.0, 1.0), (0.2, 1.0), (1.0, 0.2)] {
            assert!(
                matches!(Beta::new(alpha, beta).expect("in range").0, Method::Joehnk { .. }),
                "{alpha} {beta}"
            );
        }
    }

    #[test]
    fn parameters_outside_their_range_are_refused() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
            assert!(Beta::new(bad, 1.0).is_err() && Beta::new(1.0, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn mean_and_variance_over_the_regions_of_all_methods() {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            super::super::open_unit(state ^ (state >> 31))
        };
        let parameters = [0.05, 0.2, 0.7, 1.0, 1.3, 5.0, 20.0];
        let n = 200_000;
        for alpha in parameters {
            for beta in parameters {
                let distribution = Beta::new(alpha, beta).expect("valid");
                let (mut sum, mut squares, mut accepted, mut tried) = (0.0, 0.0, 0, 0);
                while accepted < n {
                    tried += 1;
                    if let ([true], [value]) = distribution.attempt([uniform()], [uniform()]) {
                        assert!((0.0..=1.0).contains(&value));
                        sum += value;
                        squares += value * value;
                        accepted += 1;
                    }
                }
                let n = f64::from(n);
                let total = alpha + beta;
                let mean = alpha / total;
                let variance = alpha * beta / (total * total * (total + 1.0));
                let mean_got = sum / n;
                assert!((mean_got - mean).abs() < 5.0 * (variance / n).sqrt(), "{alpha} {beta} {mean_got}");
                let variance_got = squares / n - mean_got * mean_got;
                assert!((variance_got / variance - 1.0).abs() < 0.08, "{alpha} {beta} {variance_got}");
                assert!(f64::from(tried) < 4.5 * n, "{alpha} {beta}: {tried} attempts");
            }
        }
    }

    #[test]
    fn extreme_parameters_still_end() {
        for (alpha, beta) in
            [(1e-10, 1e-10), (1e6, 1e6), (1e6, 1e-6), (1e-300, 1.0), (1.0 + 1e-9, 1.0 + 1e-9)]
        {
            let distribution = Beta::new(alpha, beta).expect("valid");
            let accepted = (1..10_000)
                .filter(|&i| {
                    let v = f64::from(i * 7919 % 10_000).max(0.5) / 1e4;
                    distribution.attempt([f64::from(i) / 1e4], [v]).0 == [true]
                })
                .count();
            assert!(accepted > 100, "{alpha} {beta} {accepted}");
        }
    }
}
