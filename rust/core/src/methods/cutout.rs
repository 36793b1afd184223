//! Cutout: a window of columns set to 0.

use super::draw::{check_rows, Choose, Words};
use super::execute::{anchor, in_tasks};
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

/// Copies the anchors into `out` and sets their windows to 0.
pub fn cutout<T: Element>(
    anomalies: Rows<'_, T>,
    plan: CutoutPlan<'_>,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = anomalies.n_features();
    let lengths = [plan.anchor, plan.begin, plan.width].map(<[i64]>::len);
    in_tasks(out, d, &lengths, pool, cancel, |first, out| {
        for (row, out) in out.chunks_exact_mut(d).enumerate() {
            let row = first + row;
            let (from, to) = span(row, "begin", plan.begin[row], plan.width[row], d)?;
            out.copy_from_slice(anchor(anomalies, row, plan.anchor[row])?);
            out[from..to].fill(T::default());
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
        let mut made = |a, b, w| {
            let plan = CutoutPlan { anchor: &[a], begin: &[b], width: &[w] };
            cutout(rows, plan, &mut out, &pool, &cancel).map(|()| out)
        };
        assert_eq!(made(0, 1, 2), Ok([1.0, 0.0, 0.0]));
        assert_eq!(made(0, 0, 0), Ok([1.0, 2.0, 3.0]));
        for (a, b, w, what) in [
            (1, 0, 1, "anchor"),
            (0, 2, 2, "begin"),
            (0, -1, 2, "begin"),
            (0, 0, 4, "width"),
            (0, 0, -1, "width"),
        ] {
            let done = made(a, b, w);
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
