//! Cutout sets a window of neighbouring columns to 0, CutMix replaces it by a window of a partner's columns.
//!
//! Of the 64-bit words of a row, word 3 is the width, word 4 the first column of the window and, for CutMix,
//! word 5 the first column of what is taken from the partner.

use super::draw::{check_rows, other_than, Choose, Words};
use super::execute::{anchor, in_tasks, index, AllRows};
use crate::parallel::{Cancel, Pool};
use crate::random::{bounded, open_unit, Purpose};
use crate::rows::{Element, Rows};
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
    fn check(&self) -> Result<(), Error> {
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

    #[inline]
    fn width(&self, word: u64) -> usize {
        let share = self.min_width + (self.max_width - self.min_width) * open_unit(word);
        ((share * self.n_features as f64) as usize).clamp(1, self.n_features)
    }

    /// The first column of a window of that width, uniform among those where it fits.
    #[inline]
    fn place(&self, word: u64, width: usize) -> i64 {
        bounded(word, self.n_features - width + 1) as i64
    }
}

/// Chooses anchor, begin and width.
#[derive(Debug, Clone, Copy)]
pub struct Cutout {
    /// Rows of `A`.
    pub n_anomalies: usize,
    /// Widths of the window.
    pub widths: Widths,
}

impl Choose<3> for Cutout {
    fn purpose(&self) -> Purpose {
        Purpose::Cutout
    }
    fn check(&self) -> Result<(), Error> {
        check_rows(self.n_anomalies, self.n_anomalies)?;
        self.widths.check()
    }
    #[inline]
    fn choose(&self, words: Words) -> [i64; 3] {
        let width = self.widths.width(words[3]);
        [bounded(words[1], self.n_anomalies) as i64, self.widths.place(words[4], width), width as i64]
    }
}

/// Chooses anchor, partner, origin, begin and width.
#[derive(Debug, Clone, Copy)]
pub struct CutMix {
    /// Rows of `A`.
    pub n_anomalies: usize,
    /// Rows partners are taken from: those of `A`, or of `A` and `U`.
    pub n_rows: usize,
    /// Widths of the window.
    pub widths: Widths,
}

impl Choose<5> for CutMix {
    fn purpose(&self) -> Purpose {
        Purpose::CutMix
    }
    fn check(&self) -> Result<(), Error> {
        check_rows(self.n_anomalies, self.n_rows)?;
        self.widths.check()
    }
    #[inline]
    fn choose(&self, words: Words) -> [i64; 5] {
        let anchor = bounded(words[1], self.n_anomalies) as i64;
        let partner = other_than(anchor, words[2], self.n_rows);
        let width = self.widths.width(words[3]);
        let (begin, origin) = (self.widths.place(words[4], width), self.widths.place(words[5], width));
        [anchor, partner, origin, begin, width as i64]
    }
}

/// First column and column behind the last of a window, which must lie within the row.
#[inline]
fn span(row: usize, what: &'static str, begin: i64, width: i64, d: usize) -> Result<(usize, usize), Error> {
    let width = index(row, "width", width, d + 1)?;
    let begin = index(row, what, begin, d + 1 - width)?;
    Ok((begin, begin + width))
}

/// Columns of a plan of cutout: anchor, begin, width.
pub type CutoutPlan<'a> = [&'a [i64]; 3];

/// Copies the anchors into `out` and sets their windows to 0.
pub fn cutout<T: Element>(
    anomalies: Rows<'_, T>,
    plan: CutoutPlan<'_>,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = anomalies.n_features();
    in_tasks(out, d, &plan.map(<[i64]>::len), pool, cancel, |first, out| {
        for (row, out) in out.chunks_exact_mut(d).enumerate() {
            let row = first + row;
            let [a, begin, width] = plan.map(|column| column[row]);
            let (from, to) = span(row, "begin", begin, width, d)?;
            out.copy_from_slice(anchor(anomalies, row, a)?);
            out[from..to].fill(T::default());
        }
        Ok(())
    })
}

/// Columns of a plan of CutMix: anchor, partner, origin, begin, width.
pub type CutMixPlan<'a> = [&'a [i64]; 5];

/// Copies the anchors into `out` and pastes the windows of their partners.
pub fn cutmix<T: Element>(
    rows: AllRows<'_, T>,
    plan: CutMixPlan<'_>,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    rows.check()?;
    let d = rows.anomalies.n_features();
    in_tasks(out, d, &plan.map(<[i64]>::len), pool, cancel, |first, out| {
        for (row, out) in out.chunks_exact_mut(d).enumerate() {
            let row = first + row;
            let [a, p, origin, begin, width] = plan.map(|column| column[row]);
            let (from, to) = span(row, "begin", begin, width, d)?;
            let (origin, origin_end) = span(row, "origin", origin, width, d)?;
            out.copy_from_slice(anchor(rows.anomalies, row, a)?);
            out[from..to].copy_from_slice(&rows.partner(row, p)?[origin..origin_end]);
        }
        Ok(())
    })
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
    fn windows_are_cut_and_pasted_where_the_plan_says() {
        let (anomalies, unlabeled) = ([1.0_f64, 2.0, 3.0], [10.0_f64, 20.0, 30.0]);
        let rows = AllRows {
            anomalies: Rows::new(&anomalies, 3).expect("rows"),
            unlabeled: Rows::new(&unlabeled, 3).expect("rows"),
        };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let mut out = [0.0; 3];
        cutout(rows.anomalies, [&[0], &[1], &[2]], &mut out, &pool, &cancel).expect("valid");
        assert_eq!(out, [1.0, 0.0, 0.0]);
        cutmix(rows, [&[0], &[1], &[0], &[1], &[2]], &mut out, &pool, &cancel).expect("valid");
        assert_eq!(out, [1.0, 10.0, 20.0]);
        for (plan, what) in [
            ([1, 0, 0, 0, 1], "anchor"),
            ([0, 2, 0, 0, 1], "partner"),
            ([0, 0, 3, 0, 1], "origin"),
            ([0, 0, 0, 2, 2], "begin"),
            ([0, 0, 0, -1, 2], "begin"),
            ([0, 0, 0, 0, 4], "width"),
            ([0, 0, 0, 0, -1], "width"),
        ] {
            let columns: [&[i64]; 5] = std::array::from_fn(|at| &plan[at..=at]);
            let done = cutmix(rows, columns, &mut out, &pool, &cancel);
            assert!(matches!(done, Err(Error::Plan { row: 0, what: got, .. }) if got == what), "{done:?}");
            if what != "partner" && what != "origin" {
                let columns = [columns[0], columns[3], columns[4]];
                assert!(cutout(rows.anomalies, columns, &mut out, &pool, &cancel).is_err(), "{what}");
            }
        }
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
