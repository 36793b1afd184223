//! Categories as codes of 8 bits: a lower bound of whether two values differ, exact up to [`CODES`] categories.

use crate::rows::Element;

/// Codes of values; those beyond are for missing ones.
const CODES: u32 = 254;
/// The code of a missing value of a row, and of a query: no code equals either.
pub(super) const OF_ROW: u8 = 254;
pub(super) const OF_QUERY: u8 = 255;

/// Equal values have equal codes; NaN has the code `missing`.
#[inline(always)]
pub(super) fn code<T: Element>(value: T, missing: u8) -> u8 {
    // Equal values become equal ranks, whatever they were.
    let code = (value.to_f64() as f32) as u32 % CODES;
    if value.is_nan() {
        missing
    } else {
        code as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_codes_and_missing_ones_match_nothing() {
        let codes: Vec<u8> = (0..254).map(|rank| code(f64::from(rank), OF_ROW)).collect();
        assert!(codes.iter().enumerate().all(|(rank, &code)| usize::from(code) == rank));
        for value in [0.0, 254.0, 1e5, 9e15, 1e300, -3.0, 0.5] {
            assert!(code(value, OF_ROW) < OF_ROW);
        }
        assert_eq!(code(-0.0, OF_ROW), code(0.0, OF_QUERY));
        assert_eq!((code(f64::NAN, OF_ROW), code(f32::NAN, OF_QUERY)), (254, 255));
    }
}
