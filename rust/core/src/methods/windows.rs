//! Windows of neighbouring columns, which cutout sets to 0 and CutMix replaces by a partner's.
//!
//! Of the 64-bit words of a row, word 3 is the width, word 4 the first column of the window and, for CutMix,
//! word 5 the first column of what is taken from the partner.

use super::execute::index;
use crate::random::{bounded, open_unit};
use crate::Error;

/// The widths a window may have: uniform shares of the columns, rounded down, at least one column.
#[derive(Debug, Clone, Copy)]
pub struct Widths {
    /// Columns of a row.
    pub n_features: usize,
    /// Smallest share of the columns.
    pub min_width: f64,
    /// Largest share of the columns.
    pub max_width: f64,
}

impl Widths {
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.n_features == 0 {
            return Err(Error::Parameter { what: "n_features", expected: "at least 1", got: "0".into() });
        }
        if !(0.0 <= self.min_width && self.min_width <= self.max_width && self.max_width <= 1.0) {
            let expected = "an interval between 0 and 1";
            let got = format!("{} to {}", self.min_width, self.max_width);
            return Err(Error::Parameter { what: "min_width and max_width", expected, got });
        }
        Ok(())
    }

    /// The width a word stands for.
    #[inline]
    pub(super) fn width(&self, word: u64) -> usize {
        let share = self.min_width + (self.max_width - self.min_width) * open_unit(word);
        ((share * self.n_features as f64) as usize).clamp(1, self.n_features)
    }

    /// The first column of a window of that width, uniform among those where it fits.
    #[inline]
    pub(super) fn place(&self, word: u64, width: usize) -> i64 {
        bounded(word, self.n_features - width + 1) as i64
    }
}

/// First column and column behind the last of a window, which must lie within the row.
#[inline]
pub(super) fn span(
    row: usize,
    what: &'static str,
    begin: i64,
    width: i64,
    d: usize,
) -> Result<(usize, usize), Error> {
    let width = index(row, "width", width, d + 1)?;
    let begin = index(row, what, begin, d + 1 - width)?;
    Ok((begin, begin + width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_shares_rounded_down_of_at_least_one_column() {
        let widths = |n_features| Widths { n_features, min_width: 0.1, max_width: 0.3 };
        for (n_features, smallest, largest) in [(1, 1, 1), (3, 1, 1), (10, 1, 2), (100, 10, 29)] {
            assert_eq!(widths(n_features).width(0), smallest);
            assert_eq!(widths(n_features).width(u64::MAX), largest);
        }
        let whole = Widths { n_features: 7, min_width: 1.0, max_width: 1.0 };
        assert_eq!((whole.width(0), whole.width(u64::MAX)), (7, 7));
        assert_eq!(widths(10).place(u64::MAX, 4), 6);
    }

    #[test]
    fn widths_outside_the_row_are_refused() {
        for (min_width, max_width) in [(-0.1, 0.3), (0.4, 0.3), (0.1, 1.1), (f64::NAN, 0.3), (0.1, f64::NAN)]
        {
            assert!(Widths { n_features: 3, min_width, max_width }.check().is_err());
        }
        assert!(Widths { n_features: 0, min_width: 0.1, max_width: 0.3 }.check().is_err());
    }
}
