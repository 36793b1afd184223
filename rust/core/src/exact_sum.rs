//! Sums that do not depend on the order of their terms.
//!
//! The mean and variance that scale a table must be the same bits however the table is cut. A column's sum
//! is kept as a fixed-point number wide enough for every finite `f64`: signed limbs of 32 bits in `i64`, so
//! that additions need no carry for 2^30 terms. Adding two such sums limb by limb merges them. The caller
//! rounds once, at the end. (The idea of a small superaccumulator: Neal, arXiv 1505.05571.)

use crate::rows::{Element, Rows};
use crate::Error;

/// Limbs of one sum: limb `i` counts multiples of `2^(32 i - LOWEST_BIT)`.
pub const LIMBS: usize = 68;
/// The weight of the lowest limb is 2^-1074, the smallest subnormal.
pub const LOWEST_BIT: i32 = 1074;
const LIMB_MASK: u64 = 0xffff_ffff;

/// Adds a finite value to a sum.
#[inline]
fn add(limbs: &mut [i64], value: f64) {
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as usize;
    let fraction = bits & ((1 << 52) - 1);
    // Subnormals share the exponent of the smallest normals but have no hidden bit.
    let mantissa = if exponent == 0 { fraction } else { fraction | (1 << 52) };
    let shift = exponent.saturating_sub(1);
    let (limb, bit) = (shift / 32, shift % 32);
    let wide = u128::from(mantissa) << bit;
    let sign = if value < 0.0 { -1 } else { 1 };
    for part in 0..3 {
        limbs[limb + part] += sign * ((wide >> (32 * part)) as u64 & LIMB_MASK) as i64;
    }
}

/// Moves what exceeds 32 bits of each limb to the next, keeping the value.
pub fn carry(limbs: &mut [i64]) {
    for i in 0..limbs.len() - 1 {
        let over = limbs[i] >> 32;
        limbs[i] -= over << 32;
        limbs[i + 1] += over;
    }
}

/// The exact square of `x` as a sum of two numbers (Veltkamp and Dekker 1971), for |x| below 1e150.
#[inline]
fn exact_square(x: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * x;
    let high = scaled - (scaled - x);
    let low = x - high;
    let square = x * x;
    (square, ((high * high - square) + 2.0 * (high * low)) + low * low)
}

/// Adds every column's values and squares to `sums`: for each column `LIMBS` of the values, then `LIMBS` of
/// the squares. Values must be finite and below 1e150.
pub fn add_columns<T: Element>(rows: Rows<'_, T>, sums: &mut [i64]) -> Result<(), Error> {
    let (expected, got) = (rows.n_features() * 2 * LIMBS, sums.len());
    if expected != got {
        return Err(Error::Length { what: "sums", expected, got });
    }
    rows.check_finite()?;
    for row in 0..rows.len() {
        for (value, sums) in rows.row(row).iter().zip(sums.chunks_exact_mut(2 * LIMBS)) {
            let value = value.to_f64();
            if value.abs() >= 1e150 {
                let expected = "below 1e150 to be standardised";
                return Err(Error::Parameter { what: "values", expected, got: value.to_string() });
            }
            let (plain, squares) = sums.split_at_mut(LIMBS);
            add(plain, value);
            let (high, low) = exact_square(value);
            add(squares, high);
            add(squares, low);
        }
        // 2^20 rows add at most 2^54 to a limb.
        if row % (1 << 20) == (1 << 20) - 1 {
            sums.chunks_exact_mut(LIMBS).for_each(carry);
        }
    }
    sums.chunks_exact_mut(LIMBS).for_each(carry);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(values: &[f64]) -> Vec<i64> {
        let mut sums = vec![0; 2 * LIMBS];
        add_columns(Rows::new(values, 1).expect("one column"), &mut sums).expect("finite");
        sums
    }

    #[test]
    fn order_does_not_matter_and_nothing_is_lost() {
        let values = [1e100, 1.0, -1e100, 1e-300, 3.5, -2.25, 5e-324, 1e17];
        let mut reversed = values;
        reversed.reverse();
        assert_eq!(sums(&values), sums(&reversed));
        let without_the_large = [1.0, 1e-300, 3.5, -2.25, 5e-324, 1e17];
        assert_eq!(sums(&values)[..LIMBS], sums(&without_the_large)[..LIMBS]);
        assert_ne!(sums(&values)[..LIMBS], sums(&values[..7])[..LIMBS]);
    }

    #[test]
    fn small_integers_come_out_exactly() {
        let total = sums(&[3.0, -5.0, 10.0]);
        let unit = LOWEST_BIT as usize;
        // 8 = 2^3 sits at bit 1074 + 3; the squares sum to 134.
        assert_eq!(total[(unit + 3) / 32], 1 << ((unit + 3) % 32));
        let squares: i128 = (0..3).map(|i| i128::from(total[LIMBS + unit / 32 + i]) << (32 * i)).sum();
        assert_eq!(squares >> (unit % 32), 134);
    }

    #[test]
    fn squares_are_exact() {
        for x in [1.0 / 3.0, 123_456_789.123, -7e140, 1e-100] {
            let (high, low) = exact_square(x);
            assert_eq!(x.mul_add(x, -high), low, "{x}");
        }
    }
}
