//! Minimum and maximum of every column.

use super::matrix::Matrix;
use super::spans::{period, task_rows, SPAN};
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Widens each column's range so that it holds the values; NaN is passed by if it is a missing value. With an
/// error, for a value that is not finite or a cancelled call, nothing is changed.
pub fn widen<T: Element>(
    matrix: Matrix<'_, T>,
    minimum: &mut [f64],
    maximum: &mut [f64],
    missing: bool,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = matrix.n_features();
    for got in [minimum.len(), maximum.len()] {
        if got != d {
            return Err(Error::Length { what: "ranges", expected: d, got });
        }
    }
    let isa = Isa::current()?;
    let found = pool.map(matrix.parts(pool.n_threads())?, |part| {
        let d = part.columns.len();
        let mut ranges = Ranges::new(d);
        for start in (0..part.rows.len()).step_by(task_rows(d)) {
            cancel.check()?;
            let rows = part.rows.slice(start..(start + task_rows(d)).min(part.rows.len()));
            let finite = ranges_of(isa, rows, &mut ranges);
            if !(finite || missing && ranges.are_finite()) {
                return Ok(None);
            }
        }
        Ok(Some((part.columns, ranges)))
    });
    let found = found.into_iter().collect::<Result<Option<Vec<_>>, Error>>()?;
    let Some(found) = found else {
        // Parts are not read to their ends: look for the first.
        matrix.check(missing)?;
        return Err(Error::Interrupted);
    };
    for (columns, ranges) in found {
        for (at, (low, high)) in ranges.minimum.into_iter().zip(ranges.maximum).enumerate() {
            let column = columns.start + at % columns.len();
            minimum[column] = minimum[column].min(low.to_f64());
            maximum[column] = maximum[column].max(high.to_f64());
        }
    }
    Ok(())
}

/// Ranges of every value of a period.
struct Ranges<T> {
    minimum: Vec<T>,
    maximum: Vec<T>,
}

impl<T: Element> Ranges<T> {
    fn new(d: usize) -> Self {
        let all = |value| vec![T::from_f64(value); period(d)];
        Self { minimum: all(f64::INFINITY), maximum: all(f64::NEG_INFINITY) }
    }

    /// Whether no infinite value was met; no comparison lets a NaN in.
    fn are_finite(&self) -> bool {
        let least = self.minimum.iter().all(|low| low.to_f64() > f64::NEG_INFINITY);
        least && self.maximum.iter().all(|high| high.to_f64() < f64::INFINITY)
    }
}

dispatch! {
    /// Widens ranges; whether all values were finite.
    fn ranges_of[T: Element](rows: Rows<'_, T>, ranges: &mut Ranges<T>) -> bool = ranges_of_impl
}

#[inline(always)]
fn ranges_of_impl<V: Vector, T: Element>(rows: Rows<'_, T>, ranges: &mut Ranges<T>) -> bool {
    // 0 as long as all values are finite, else NaN for ever.
    let (zero, mut poison) = (T::default(), [T::default(); SPAN]);
    for values in rows.values().chunks(ranges.minimum.len()) {
        let (minimum, low) = ranges.minimum[..values.len()].as_chunks_mut::<SPAN>();
        let (maximum, high) = ranges.maximum[..values.len()].as_chunks_mut::<SPAN>();
        let (spans, rest) = values.as_chunks::<SPAN>();
        for ((x, low), high) in spans.iter().zip(minimum).zip(maximum) {
            for i in 0..SPAN {
                low[i] = if x[i] < low[i] { x[i] } else { low[i] };
                high[i] = if x[i] > high[i] { x[i] } else { high[i] };
                poison[i] = poison[i] + zero * x[i];
            }
        }
        for ((&x, low), high) in rest.iter().zip(low).zip(high) {
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
            poison[0] = poison[0] + zero * x;
        }
    }
    poison.iter().all(|sum| sum.is_finite())
}

#[cfg(test)]
mod tests {
    use super::super::matrix::tests::columns_of;
    use super::*;

    fn value<T: Element>(i: usize) -> T {
        T::from_f64(((i * 7919) % 1009) as f64 / 7.0 - 50.0)
    }

    fn every_isa() -> impl Iterator<Item = Isa> {
        Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best())
    }

    fn check<T: Element>(d: usize, n: usize) {
        let values: Vec<T> = (0..n * d).map(value).collect();
        let rows = Rows::new(&values, d).expect("whole rows");
        let (mut low, mut high) = (vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
        for i in 0..n {
            for (j, x) in rows.row(i).iter().enumerate() {
                low[j] = low[j].min(x.to_f64());
                high[j] = high[j].max(x.to_f64());
            }
        }
        let columns = columns_of(rows);
        let columns: Vec<&[T]> = columns.iter().map(Vec::as_slice).collect();
        for n_threads in [1, 3] {
            let (pool, cancel) = (Pool::new(n_threads).expect("threads"), Cancel::default());
            for missing in [false, true] {
                let (mut minimum, mut maximum) = (vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
                let matrix = if missing { Matrix::Columns(&columns) } else { Matrix::Rows(rows) };
                widen(matrix, &mut minimum, &mut maximum, missing, &pool, &cancel).expect("finite");
                assert_eq!((&minimum, &maximum), (&low, &high), "{d} {n}");
            }
        }
        for isa in every_isa() {
            let mut ranges = Ranges::new(d);
            assert!(ranges_of(isa, rows, &mut ranges));
            let (mut minimum, mut maximum) = (vec![f64::INFINITY; d], vec![f64::NEG_INFINITY; d]);
            for (at, (least, most)) in ranges.minimum.iter().zip(&ranges.maximum).enumerate() {
                minimum[at % d] = minimum[at % d].min(least.to_f64());
                maximum[at % d] = maximum[at % d].max(most.to_f64());
            }
            assert_eq!((&minimum, &maximum), (&low, &high), "{isa:?} {d} {n}");
        }
    }

    #[test]
    fn every_width_and_length_is_that_of_the_definition() {
        for d in [1, 2, 3, 7, 15, 16, 17, 30, 31, 127, 128, 129, 500] {
            for n in [1, 2, 15, 16, 17, 100, 1100] {
                check::<f32>(d, n);
                check::<f64>(d, n);
            }
        }
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_named_at_every_place() {
        for d in [1, 3, 29, 130] {
            let values: Vec<f64> = (0..70 * d).map(value).collect();
            for at in 0..values.len() {
                let mut bad = values.clone();
                bad[at] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][at % 3];
                *bad.last_mut().expect("values") = f64::NAN;
                let (mut low, mut high) = (vec![0.0; d], vec![0.0; d]);
                let pool = Pool::new(1 + at % 2).expect("threads");
                let rows = Rows::new(&bad, d).expect("whole rows");
                let columns = columns_of(rows);
                let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                for matrix in [Matrix::Rows(rows), Matrix::Columns(&columns)] {
                    // With missing values the two infinite ones are named, and NaN is not.
                    for missing in [false, bad[at].is_infinite()] {
                        let done = widen(matrix, &mut low, &mut high, missing, &pool, &Cancel::default());
                        assert_eq!(done, Err(Error::NotFinite { row: at / d, column: at % d }));
                        assert_eq!((&low, &high), (&vec![0.0; d], &vec![0.0; d]));
                    }
                }
            }
        }
    }

    #[test]
    fn missing_values_are_passed_by_and_a_column_of_them_is_empty() {
        let nan = f64::NAN;
        let values = [nan, 2.0, nan, -1.0, nan, nan, 0.5, 3.0, nan];
        let rows = Rows::new(&values, 3).expect("three rows");
        let columns = columns_of(rows);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let pool = Pool::new(1).expect("one");
        for matrix in [Matrix::Rows(rows), Matrix::Columns(&columns)] {
            let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
            widen(matrix, &mut low, &mut high, true, &pool, &Cancel::default()).expect("no infinite one");
            assert_eq!((low, high), ([-1.0, 2.0, f64::INFINITY], [0.5, 3.0, f64::NEG_INFINITY]));
        }
    }

    #[test]
    fn ranges_that_do_not_fit_are_refused() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let rows = Rows::new(&[1.0; 6], 2).expect("three rows");
        assert!(widen(Matrix::Rows(rows), &mut [0.0], &mut [0.0; 2], false, &pool, &cancel).is_err());
    }
}
