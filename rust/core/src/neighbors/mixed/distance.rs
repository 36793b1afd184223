//! The heterogeneous Euclidean-overlap metric (Wilson and Martinez, JAIR 6, 1997): the one place where it is computed.

use super::columns::Mixed;
use crate::rows::Element;

/// Squared distance in `f64`: `(x_j - q_j)^2` of the numbers that both rows have, columns ascending, no fused
/// operation; then, in one addition, what is missing or differs, a sum of products of exact counts.
#[inline]
pub(in crate::neighbors) fn squared_distance<T: Element>(query: &[T], row: &[T], mixed: &Mixed) -> f64 {
    let (mut sum, mut n_missing, mut n_different) = (0.0, 0_usize, 0_usize);
    for &j in &mixed.numeric {
        // Of values that are finite or NaN, only with NaN.
        let difference = row[j].to_f64() - query[j].to_f64();
        let missing = difference.is_nan();
        n_missing += usize::from(missing);
        // To add 0 to a sum of squares changes no bit of it.
        sum += if missing { 0.0 } else { difference * difference };
    }
    for &j in &mixed.categorical {
        // NaN equals nothing.
        n_different += usize::from(row[j] != query[j]);
    }
    sum + (n_missing as f64 + mixed.weight * n_different as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAN: f64 = f64::NAN;

    #[test]
    fn what_is_missing_counts_one_and_what_differs_its_weight() {
        let mixed = Mixed::new(&[false, true, false, true], 0.25).expect("a weight");
        let distance = |row: [f64; 4]| squared_distance(&[1.0, 3.0, NAN, 0.0], &row, &mixed);
        assert_eq!(distance([1.5, 3.0, 9.0, -0.0]), 1.25);
        assert_eq!(distance([NAN, 3.0, NAN, 1.0]), 2.25);
        assert_eq!(distance([3.0, NAN, NAN, NAN]), 4.0 + 1.0 + 0.5);
        assert_eq!(distance([f64::MAX, 3.0, 0.0, 0.0]), f64::INFINITY);
    }

    #[test]
    fn counts_are_added_at_once() {
        // One after the other, the third of three thirds of the last place would be lost.
        let mixed = Mixed::new(&[false, true, true, true], f64::EPSILON * 0.4).expect("a weight");
        let distance = squared_distance(&[0.0_f64; 4], &[1.0; 4], &mixed);
        assert_eq!(distance, 1.0 + 0.4 * f64::EPSILON * 3.0);
        assert_ne!(distance, 1.0);
    }
}
