//! Sums of a few columns in floating point, as long as these are exact: the fast part of exact sums.

use crate::rows::Element;
use crate::simd::{dispatch, Isa, Vector};

/// Columns summed together.
pub(super) const STRIP: usize = 8;
/// Pieces of a value.
const PIECES: usize = 4;
const PIECE_BITS: i32 = 20;

/// Sums of a strip of columns in floating point, exact as long as every value is the sum of four pieces of
/// twenty bits: `x = a + b + c + d`, each piece a multiple of its grid, `2^-20` of the one before. Pieces'
/// products have at most 41 bits, so that 2^10 of them add up without rounding.
#[derive(Default)]
pub(super) struct Strip {
    /// Adding and subtracting these rounds to a multiple of each piece's grid.
    round: [[f64; STRIP]; PIECES],
    /// Sums of each piece.
    pieces: [[f64; STRIP]; PIECES],
    /// Sums of a^2, ab, 2ac + b^2, ad + bc, 2bd + c^2, cd, d^2.
    products: [[f64; STRIP]; 2 * PIECES - 1],
}

impl Strip {
    /// Grids for columns whose largest values are given; false if products could underflow.
    pub fn set_grids(&mut self, largest: &[f64]) -> bool {
        for (lane, &largest) in largest.iter().take(STRIP).enumerate() {
            // 2^exponent is above all values.
            let exponent = ((largest.to_bits() >> 52) as i32) - 1022;
            if largest > 0.0 && exponent < -400 {
                return false;
            }
            for (piece, round) in self.round.iter_mut().enumerate() {
                round[lane] = 1.5 * 2_f64.powi(exponent.max(-400) + 32 - PIECE_BITS * piece as i32);
            }
        }
        true
    }

    /// Sums the columns from `first` on of rows of `wide` values; whether nothing was left of any value, so that the
    /// sums are exact.
    pub fn sum<T: Element>(&mut self, isa: Isa, values: &[T], wide: usize, first: usize) -> bool {
        strip_of(isa, values, wide, first, self)
    }

    /// What one column's values sum up to, in parts.
    pub fn values(&self, lane: usize) -> [f64; PIECES] {
        self.pieces.map(|sum| sum[lane])
    }

    /// What their squares sum up to, in parts.
    pub fn squares(&self, lane: usize) -> [f64; 2 * PIECES - 1] {
        // Products of two different pieces come up twice.
        std::array::from_fn(|i| if i % 2 == 1 { 2.0 } else { 1.0 } * self.products[i][lane])
    }
}

dispatch! {
    /// Sums the columns from `first` on of rows of `wide` values; whether nothing was left of any value.
    fn strip_of[T: Element](values: &[T], wide: usize, first: usize, strip: &mut Strip) -> bool = strip_of_impl
}

#[inline(always)]
fn strip_of_impl<V: Vector, T: Element>(values: &[T], wide: usize, first: usize, strip: &mut Strip) -> bool {
    let round = strip.round;
    let (mut pieces, mut products, mut left) = (strip.pieces, strip.products, [0.0_f64; STRIP]);
    for row in values.chunks_exact(wide) {
        let Some(x) = row[first..].first_chunk::<STRIP>() else { return false };
        for i in 0..STRIP {
            let x = x[i].to_f64();
            let a = (x + round[0][i]) - round[0][i];
            let x = x - a;
            let b = (x + round[1][i]) - round[1][i];
            let x = x - b;
            let c = (x + round[2][i]) - round[2][i];
            let x = x - c;
            let d = (x + round[3][i]) - round[3][i];
            left[i] += (x - d).abs();
            pieces[0][i] += a;
            pieces[1][i] += b;
            pieces[2][i] += c;
            pieces[3][i] += d;
            products[0][i] += a * a;
            products[1][i] += a * b;
            products[2][i] += 2.0 * (a * c) + b * b;
            products[3][i] += a * d + b * c;
            products[4][i] += 2.0 * (b * d) + c * c;
            products[5][i] += c * d;
            products[6][i] += d * d;
        }
    }
    (strip.pieces, strip.products) = (pieces, products);
    left.iter().all(|&left| left == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_or_say_that_they_are_not() {
        // Column 3 of rows of ten; fewer bits than a double has, so that these sums are exact too.
        let values: Vec<f64> = (0..200).map(|i| f64::from(i * 7919 % 1009) / 8.0 - 50.0).collect();
        let column = || values.iter().skip(3).step_by(10);
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            let mut strip = Strip::default();
            assert!(strip.set_grids(&[200.0; STRIP]));
            assert!(strip.sum(isa, &values, 10, 1));
            assert_eq!(strip.values(2).iter().sum::<f64>(), column().sum::<f64>(), "{isa:?}");
            assert_eq!(strip.squares(2).iter().sum::<f64>(), column().map(|x| x * x).sum::<f64>(), "{isa:?}");
            // Eighty bits below the largest value nothing of 1e-30 is kept.
            let small = [1e-30; STRIP];
            let mut strip = Strip::default();
            assert!(strip.set_grids(&[200.0; STRIP]) && !strip.sum(isa, &small, STRIP, 0));
        }
        assert!(!Strip::default().set_grids(&[1e-200; STRIP]));
    }
}
