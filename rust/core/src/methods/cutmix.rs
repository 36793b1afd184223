//! CutMix: a window of columns replaced by as many of a partner's. Where some columns are categories it is pasted at
//! the columns it came from.

use super::draw::{check_rows, other_than, Choose, Words};
use super::execute::{anchor, in_tasks_of_copies, AllRows};
use super::windows::{span, Widths};
use crate::parallel::{Cancel, Pool};
use crate::random::{bounded, Purpose};
use crate::rows::Element;
use crate::Error;

/// Chooses anchor, partner, origin, begin and width.
#[derive(Debug, Clone, Copy)]
pub struct CutMix {
    /// Rows of `A`.
    pub n_anomalies: usize,
    /// Rows partners are taken from: those of `A`, or of `A` and `U`.
    pub n_rows: usize,
    /// Widths of the window.
    pub widths: Widths,
    /// Whether the window stays where it came from.
    pub in_place: bool,
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
        let origin = self.widths.place(words[5], width);
        let begin = if self.in_place { origin } else { self.widths.place(words[4], width) };
        [anchor, partner, origin, begin, width as i64]
    }
}

/// The choices of consecutive rows, one column each.
#[derive(Debug, Clone, Copy)]
pub struct CutMixPlan<'a> {
    /// Row of `A`.
    pub anchor: &'a [i64],
    /// Row of `A`, or `n_anomalies` plus row of `U`.
    pub partner: &'a [i64],
    /// First column taken from the partner.
    pub origin: &'a [i64],
    /// First column of the window.
    pub begin: &'a [i64],
    /// Columns of the window.
    pub width: &'a [i64],
}

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
    let lengths = [plan.anchor, plan.partner, plan.origin, plan.begin, plan.width].map(<[i64]>::len);
    let (missing, in_place) =
        (rows.categorical.is_some(), rows.categorical.is_some_and(|kinds| kinds.contains(&true)));
    in_tasks_of_copies(missing, out, d, &lengths, pool, cancel, |first, out| {
        for (row, out) in out.chunks_exact_mut(d).enumerate() {
            let row = first + row;
            let width = plan.width[row];
            let (from, to) = span(row, "begin", plan.begin[row], width, d)?;
            let (origin, origin_end) = span(row, "origin", plan.origin[row], width, d)?;
            if in_place && from != origin {
                let (what, expected) = ("begin of the plan", "its origin where some columns are categories");
                return Err(Error::Parameter { what, expected, got: format!("{from} for {origin}") });
            }
            out.copy_from_slice(anchor(rows.anomalies, row, plan.anchor[row])?);
            out[from..to].copy_from_slice(&rows.partner(row, plan.partner[row])?[origin..origin_end]);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Rows;

    #[test]
    fn windows_are_pasted_where_the_plan_says() {
        let (anomalies, unlabeled) = ([1.0_f64, 2.0, 3.0], [10.0_f64, 20.0, 30.0]);
        let rows = AllRows {
            anomalies: Rows::new(&anomalies, 3).expect("rows"),
            unlabeled: Rows::new(&unlabeled, 3).expect("rows"),
            categorical: None,
        };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let mut out = [0.0; 3];
        let mut made = |rows, [a, p, o, b, w]: [i64; 5]| {
            let plan = CutMixPlan { anchor: &[a], partner: &[p], origin: &[o], begin: &[b], width: &[w] };
            cutmix(rows, plan, &mut out, &pool, &cancel).map(|()| out)
        };
        assert_eq!(made(rows, [0, 1, 0, 1, 2]), Ok([1.0, 10.0, 20.0]));
        let mixed = AllRows { categorical: Some(&[false, true, false]), ..rows };
        assert_eq!(made(mixed, [0, 1, 1, 1, 2]), Ok([1.0, 20.0, 30.0]));
        assert!(matches!(made(mixed, [0, 1, 0, 1, 2]), Err(Error::Parameter { .. })));
        for (plan, what) in [
            ([1, 0, 0, 0, 1], "anchor"),
            ([0, 2, 0, 0, 1], "partner"),
            ([0, 0, 3, 0, 1], "origin"),
            ([0, 0, 0, 2, 2], "begin"),
            ([0, 0, 0, -1, 2], "begin"),
            ([0, 0, 0, 0, 4], "width"),
            ([0, 0, 0, 0, -1], "width"),
        ] {
            let done = made(rows, plan);
            assert!(matches!(done, Err(Error::Plan { row: 0, what: got, .. }) if got == what), "{done:?}");
        }
    }

    #[test]
    fn the_partner_is_another_row_and_both_windows_fit() {
        let widths = Widths { n_features: 6, min_width: 0.1, max_width: 1.0 };
        let method = CutMix { n_anomalies: 2, n_rows: 5, widths, in_place: false };
        for seed in 0..200_u64 {
            let words =
                [0, 1, 2, 3, 4, 5, 6, 7].map(|i: u64| (seed * 8 + i).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let [_, _, origin, begin, _] = CutMix { in_place: true, ..method }.choose(words);
            assert_eq!(origin, begin);
            let [anchor, partner, origin, begin, width] = method.choose(words);
            assert!((0..2).contains(&anchor) && (0..5).contains(&partner) && anchor != partner);
            assert!(width >= 1 && begin >= 0 && begin + width <= 6 && origin >= 0 && origin + width <= 6);
        }
    }
}
