//! What new rows may hold, column by column: values are clipped to a range, then rounded where they are whole.

use super::spans::{period, SPAN};
use crate::rows::{check_made, check_made_or_missing, Element};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// What is done to the values of every column, in this order. A column of one value is clipped to it alone.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a, T> {
    /// What is below it becomes it; minus infinity for no bound.
    pub low: &'a [T],
    /// What is above it becomes it; infinity for no bound.
    pub high: &'a [T],
    /// Whether values are rounded, half to even.
    pub whole: &'a [bool],
    /// Whether NaN, which stays as it is, is a value that is missing instead of an error.
    pub missing: bool,
}

impl<T: Element> Finish<'_, T> {
    /// The bounds of a whole period of rows of `d` columns.
    pub(super) fn tiled(&self, d: usize) -> Result<Tiled<T>, Error> {
        let lengths = [self.low.len(), self.high.len(), self.whole.len()];
        if let Some(got) = lengths.into_iter().find(|&got| got != d) {
            return Err(Error::Length { what: "columns of the finish", expected: d, got });
        }
        let times = period(d) / d.max(1);
        Ok(Tiled {
            low: self.low.repeat(times),
            high: self.high.repeat(times),
            whole: self.whole.repeat(times),
            missing: self.missing,
        })
    }
}

/// A finish for a whole period.
pub(super) struct Tiled<T> {
    low: Vec<T>,
    high: Vec<T>,
    whole: Vec<bool>,
    missing: bool,
}

impl<T: Element> Tiled<T> {
    /// Finishes whole rows in place.
    pub(super) fn apply(&self, isa: Isa, values: &mut [T]) {
        finished(isa, values, self);
    }

    /// An error for a value that is infinite, or NaN where none may be missing.
    pub(super) fn check(&self, made: &[T], d: usize, what: &'static str) -> Result<(), Error> {
        if self.missing {
            check_made_or_missing(made, d, what)
        } else {
            check_made(made, d, what)
        }
    }
}

dispatch! {
    /// Whole rows, clipped and rounded.
    fn finished[T: Element](values: &mut [T], tiled: &Tiled<T>) -> () = finished_impl
}

#[inline(always)]
fn finished_impl<V: Vector, T: Element>(values: &mut [T], tiled: &Tiled<T>) {
    for values in values.chunks_mut(tiled.low.len()) {
        let n = values.len();
        let (lows, last_lows) = tiled.low[..n].as_chunks::<SPAN>();
        let (highs, last_highs) = tiled.high[..n].as_chunks::<SPAN>();
        let (wholes, last_wholes) = tiled.whole[..n].as_chunks::<SPAN>();
        let (spans, last) = values.as_chunks_mut::<SPAN>();
        for (((x, low), high), whole) in spans.iter_mut().zip(lows).zip(highs).zip(wholes) {
            for i in 0..SPAN {
                x[i] = one(x[i], low[i], high[i], whole[i]);
            }
        }
        for (((x, &low), &high), &whole) in last.iter_mut().zip(last_lows).zip(last_highs).zip(last_wholes) {
            *x = one(*x, low, high, whole);
        }
    }
}

/// One value; NaN passes every comparison by.
#[inline(always)]
fn one<T: Element>(x: T, low: T, high: T, whole: bool) -> T {
    let x = if x < low { low } else { x };
    let x = if x > high { high } else { x };
    let rounded = x.rounded();
    (if whole { rounded } else { x }).canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Element>(d: usize, n: usize) {
        let number = |i: usize| ((i * 7919) % 1009) as f64 / 7.0 - 50.0;
        let bound = |j: usize, free: f64, end: f64| T::from_f64(if j.is_multiple_of(3) { free } else { end });
        let low: Vec<T> = (0..d).map(|j| bound(j, f64::NEG_INFINITY, -20.25)).collect();
        let high: Vec<T> =
            (0..d).map(|j| bound(j, f64::INFINITY, if j % 5 == 1 { -20.25 } else { 30.5 })).collect();
        let whole: Vec<bool> = (0..d).map(|j| j % 2 == 0).collect();
        let finish = Finish { low: &low, high: &high, whole: &whole, missing: true };
        let tiled = finish.tiled(d).expect("bounds of every column");
        let mut values: Vec<T> = (0..n * d).map(|i| T::from_f64(number(i))).collect();
        // Halves, a zero with a sign, and a value that is missing.
        for (i, x) in [0.5, 1.5, -0.5, -0.0, f64::NAN].into_iter().enumerate().take(values.len()) {
            values[i] = T::from_f64(x);
        }
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            let mut made = values.clone();
            tiled.apply(isa, &mut made);
            for (at, (x, made)) in values.iter().zip(&made).enumerate() {
                let (x, j) = (x.to_f64(), at % d);
                let clipped = if x < low[j].to_f64() { low[j].to_f64() } else { x };
                let clipped = if clipped > high[j].to_f64() { high[j].to_f64() } else { clipped };
                let expected = if whole[j] { clipped.round_ties_even() } else { clipped } + 0.0;
                let same = made.to_f64().to_bits() == expected.to_bits() || (made.is_nan() && x.is_nan());
                assert!(same, "{isa:?}: {x} became {made:?}, not {expected}");
            }
        }
    }

    #[test]
    fn every_width_and_length_is_that_of_the_definition() {
        for d in [1, 2, 3, 7, 16, 17, 30, 128, 129, 300] {
            for n in [1, 2, 16, 17, 100] {
                check::<f32>(d, n);
                check::<f64>(d, n);
            }
        }
    }

    #[test]
    fn what_is_missing_passes_where_it_may_and_nothing_infinite_does() {
        for missing in [false, true] {
            let finish =
                Finish { low: &[f64::NEG_INFINITY], high: &[f64::INFINITY], whole: &[true], missing };
            let tiled = finish.tiled(1).expect("one column");
            assert_eq!(tiled.check(&[1.0, f64::NAN], 1, "rows").is_ok(), missing);
            assert!(tiled.check(&[1.0, f64::NAN, f64::INFINITY], 1, "rows").is_err());
            assert!(tiled.check(&[1.0, -2.0], 1, "rows").is_ok());
        }
    }

    #[test]
    fn bounds_that_do_not_fit_are_refused() {
        let finish = Finish { low: &[0.0; 2], high: &[1.0; 2], whole: &[true], missing: false };
        assert!(matches!(finish.tiled(2), Err(Error::Length { expected: 2, got: 1, .. })));
    }
}
