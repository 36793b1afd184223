//! Categories as codes of 8 bits: a lower bound of whether two values differ, exact for the first [`CODES`] categories.

use crate::rows::Element;

/// Codes of values; those beyond are for missing ones. Categories beyond share the last.
const CODES: u8 = 254;
/// The code of a missing value of a row, and of a query: no code equals either.
pub(super) const OF_ROW: u8 = 254;
pub(super) const OF_QUERY: u8 = 255;
/// Added to a whole number below it, leaves that in the last bits.
const WHOLE: f32 = (1_u32 << 23) as f32;

/// Equal values have equal codes; NaN has the code `missing`.
#[inline(always)]
pub(super) fn code<T: Element>(value: T, missing: u8) -> u8 {
    // Equal values become equal sums, whatever they were; no conversion to an integer, which is slow in registers.
    let code = ((value.to_f64() as f32 + WHOLE).to_bits() as u8).min(CODES - 1);
    if value.is_nan() {
        missing
    } else {
        code
    }
}

/// The codes of the values of rows: of many at a time, so that the loop becomes one of whole registers.
#[inline(always)]
pub(super) fn encode<T: Element>(values: &[T], codes: &mut [u8]) {
    codes.iter_mut().zip(values).for_each(|(to, &value)| *to = code(value, OF_ROW));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_codes_and_missing_ones_match_nothing() {
        let ranks: Vec<f64> = (0..254).map(f64::from).collect();
        for n in [1, 15, 16, 17, 254] {
            let mut codes = vec![0; n];
            encode(&ranks[..n], &mut codes);
            assert!(codes.iter().enumerate().all(|(rank, &code)| usize::from(code) == rank));
        }
        for value in [0.0, 254.0, 255.0, 1e5, 9e15, 1e300, -3.0, 0.5] {
            assert!(code(value, OF_ROW) < OF_ROW);
        }
        assert_eq!(code(-0.0, OF_ROW), code(0.0, OF_QUERY));
        assert_eq!((code(f64::NAN, OF_ROW), code(f32::NAN, OF_QUERY)), (254, 255));
    }
}
