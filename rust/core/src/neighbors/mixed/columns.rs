//! Which columns are categories, and what those weigh.

use crate::Error;

/// The kinds of the columns of rows in which NaN is a missing value. A category is the number of its value among
/// the sorted ones of its column.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixed {
    /// Columns of numbers, ascending.
    pub(super) numeric: Vec<usize>,
    /// Columns of categories, ascending.
    pub(super) categorical: Vec<usize>,
    /// What a column of categories adds to the squared distance of rows that differ in it.
    pub(super) weight: f64,
}

impl Mixed {
    /// `categorical` says of each column whether it holds categories.
    pub fn new(categorical: &[bool], weight: f64) -> Result<Self, Error> {
        if !(0.0..f64::INFINITY).contains(&weight) {
            let (what, expected) = ("categorical_weight", "finite and not negative");
            return Err(Error::Parameter { what, expected, got: weight.to_string() });
        }
        let of_kind = |kind: bool| (0..categorical.len()).filter(|&j| categorical[j] == kind).collect();
        Ok(Self { numeric: of_kind(false), categorical: of_kind(true), weight })
    }

    /// Whether no column holds categories.
    pub(in crate::neighbors) fn all_numbers(&self) -> bool {
        self.categorical.is_empty()
    }

    /// Checks that it is about this many columns.
    pub(in crate::neighbors) fn check(&self, n_features: usize) -> Result<(), Error> {
        let got = self.numeric.len() + self.categorical.len();
        if got != n_features {
            return Err(Error::Length { what: "categorical", expected: n_features, got });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_parted_by_kind_and_counted() {
        let mixed = Mixed::new(&[false, true, true, false], 0.5).expect("a weight");
        assert_eq!((&mixed.numeric[..], &mixed.categorical[..]), (&[0, 3][..], &[1, 2][..]));
        assert_eq!(mixed.check(4), Ok(()));
        assert_eq!(mixed.check(3), Err(Error::Length { what: "categorical", expected: 3, got: 4 }));
    }

    #[test]
    fn a_weight_that_is_none_is_refused() {
        for weight in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                Mixed::new(&[true], weight),
                Err(Error::Parameter { what: "categorical_weight", .. })
            ));
        }
        assert!(Mixed::new(&[true], 0.0).is_ok() && Mixed::new(&[true], f64::MAX).is_ok());
    }
}
