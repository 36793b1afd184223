//! Cutout: a window of columns set to 0, or to missing where that is kept.

use super::draw::{check_rows, Choose, Words};
use super::execute::{anchor, in_tasks_of_copies};
use super::mixed::check_kinds;
use super::windows::{span, Widths};
use crate::parallel::{Cancel, Pool};
use crate::random::{bounded, Purpose};
use crate::rows::{Element, Rows};
use crate::Error;

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

/// The choices of consecutive rows, one column each.
#[derive(Debug, Clone, Copy)]
pub struct CutoutPlan<'a> {
    /// Row of `A`.
    pub anchor: &'a [i64],
    /// First column of the window.
    pub begin: &'a [i64],
    /// Columns of the window.
    pub width: &'a [i64],
}

/// What a window becomes in mixed columns.
#[derive(Debug, Clone, Copy)]
pub struct Blank<'a> {
    /// Which columns are categories, in rows whose NaN is a missing value.
    pub categorical: &'a [bool],
    /// Whether the window becomes missing; else its numbers become 0 and its categories stay.
    pub missing: bool,
}

/// Copies the anchors into `out` and blanks their windows: to 0, unless a `blank` says otherwise.
pub fn cutout<T: Element>(
    anomalies: Rows<'_, T>,
    plan: CutoutPlan<'_>,
    blank: Option<Blank<'_>>,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = anomalies.n_features();
    let lengths = [plan.anchor, plan.begin, plan.width].map(<[i64]>::len);
    check_kinds(blank.map(|blank| blank.categorical), d)?;
    in_tasks_of_copies(blank.is_some(), out, d, &lengths, pool, cancel, |first, out| {
        for (row, out) in out.chunks_exact_mut(d).enumerate() {
            let row = first + row;
            let (from, to) = span(row, "begin", plan.begin[row], plan.width[row], d)?;
            out.copy_from_slice(anchor(anomalies, row, plan.anchor[row])?);
            match blank {
                None => out[from..to].fill(T::default()),
                Some(Blank { missing: true, .. }) => out[from..to].fill(T::NAN),
                Some(Blank { categorical, .. }) => {
                    for (x, &categorical) in out[from..to].iter_mut().zip(&categorical[from..to]) {
                        *x = if categorical { *x } else { T::default() };
                    }
                }
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::draw;
    use crate::random::Key;

    #[test]
    fn windows_are_cut_where_the_plan_says() {
        let rows = [1.0_f64, 2.0, 3.0];
        let rows = Rows::new(&rows, 3).expect("a row");
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let mut out = [0.0; 3];
        let mut made = |blank, a, b, w| {
            let plan = CutoutPlan { anchor: &[a], begin: &[b], width: &[w] };
            cutout(rows, plan, blank, &mut out, &pool, &cancel).map(|()| out)
        };
        assert_eq!(made(None, 0, 1, 2), Ok([1.0, 0.0, 0.0]));
        assert_eq!(made(None, 0, 0, 0), Ok([1.0, 2.0, 3.0]));
        let blank = |missing| Some(Blank { categorical: &[false, false, true], missing });
        assert_eq!(made(blank(false), 0, 1, 2), Ok([1.0, 0.0, 3.0]));
        let missing = made(blank(true), 0, 1, 2).expect("a window within the row");
        assert!(missing[0] == 1.0 && missing[1].is_nan() && missing[2].is_nan());
        let few = Blank { categorical: &[false], missing: false };
        assert!(matches!(made(Some(few), 0, 1, 2), Err(Error::Length { what: "categorical", .. })));
        for (a, b, w, what) in [
            (1, 0, 1, "anchor"),
            (0, 2, 2, "begin"),
            (0, -1, 2, "begin"),
            (0, 0, 4, "width"),
            (0, 0, -1, "width"),
        ] {
            let done = made(None, a, b, w);
            assert!(matches!(done, Err(Error::Plan { row: 0, what: got, .. }) if got == what), "{done:?}");
        }
    }

    #[test]
    fn drawn_windows_lie_within_the_row() {
        let widths = Widths { n_features: 10, min_width: 0.2, max_width: 0.7 };
        let method = Cutout { n_anomalies: 3, widths };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let [mut anchor, mut begin, mut width] = [(); 3].map(|()| vec![0; 500]);
        draw(&method, Key([1; 8]), 0, [&mut anchor, &mut begin, &mut width], &pool, &cancel).expect("valid");
        assert!(anchor.iter().all(|a| (0..3).contains(a)) && width.iter().all(|w| (2..7).contains(w)));
        assert!(begin.iter().zip(&width).all(|(b, w)| *b >= 0 && b + w <= 10));
        assert!(begin.iter().zip(&width).any(|(b, w)| b + w == 10) && begin.contains(&0));
    }
}
