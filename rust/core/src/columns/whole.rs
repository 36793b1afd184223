//! Which columns hold whole numbers alone.

use super::matrix::Matrix;
use super::spans::task_rows;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Values of a column looked at before it may be given up.
const LOOK: usize = 32;

/// Clears the mark of each column that shows a fraction; of those without a mark nothing is read. NaN is passed
/// by. With an error, for a cancelled call, nothing is changed.
pub fn keep_whole<T: Element>(
    matrix: Matrix<'_, T>,
    whole: &mut [bool],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let (expected, got) = (matrix.n_features(), whole.len());
    if expected != got {
        return Err(Error::Length { what: "whole", expected, got });
    }
    let isa = Isa::current()?;
    let known: &[bool] = whole;
    let found = pool.map(matrix.parts(pool.n_threads())?, |part| {
        let mut whole = known[part.columns.clone()].to_vec();
        let step = task_rows(whole.len());
        for start in (0..part.rows.len()).step_by(step) {
            if !whole.contains(&true) {
                break;
            }
            cancel.check()?;
            keep(isa, part.rows.slice(start..(start + step).min(part.rows.len())), &mut whole);
        }
        Ok((part.columns, whole))
    });
    for (columns, part) in found.into_iter().collect::<Result<Vec<_>, Error>>()? {
        whole[columns].iter_mut().zip(part).for_each(|(whole, part)| *whole &= part);
    }
    Ok(())
}

dispatch! {
    /// Clears the mark of each column of a few rows that shows a fraction.
    fn keep[T: Element](rows: Rows<'_, T>, whole: &mut [bool]) -> () = keep_impl
}

#[inline(always)]
fn keep_impl<V: Vector, T: Element>(rows: Rows<'_, T>, whole: &mut [bool]) {
    let d = rows.n_features();
    for (j, mark) in whole.iter_mut().enumerate().filter(|(_, mark)| **mark) {
        // Most columns of fractions show one at once; the values of a look are one loop without a branch.
        *mark = rows.values().chunks(LOOK * d).all(|values| {
            let column = values[j..].iter().step_by(d);
            !column.fold(false, |fraction, x| fraction | has_fraction(x.to_f64()))
        });
    }
}

/// Whether a number is not whole; neither NaN nor infinity is a fraction.
#[inline(always)]
fn has_fraction(x: f64) -> bool {
    // From 2^52 on all numbers are whole; below it the sum has no room for a fraction.
    const LARGE: f64 = (1_u64 << 52) as f64;
    let size = x.abs();
    (size < LARGE) & ((size + LARGE) - LARGE != size)
}

#[cfg(test)]
mod tests {
    use super::super::matrix::tests::columns_of;
    use super::*;

    #[test]
    fn a_fraction_is_what_no_integer_equals() {
        let whole = [0.0, -0.0, 1.0, -3.0, 4503599627370495.0, 4503599627370497.0, 9007199254740993.0, 1e300];
        for x in whole.into_iter().chain([f64::NAN, f64::INFINITY]) {
            assert!(!has_fraction(x) && !has_fraction(-x), "{x}");
        }
        for x in [5e-324, 0.5, 1.5, 2.5, 1.0 - f64::EPSILON, 2251799813685248.5, 4503599627370495.5] {
            assert!(has_fraction(x) && has_fraction(-x), "{x}");
        }
    }

    fn check<T: Element>(d: usize, n: usize) {
        for at in [0, d * n / 2, d * n - 1] {
            let mut values: Vec<T> = (0..d * n).map(|i| T::from_f64((i % 1000) as f64 - 500.0)).collect();
            values[at] = T::from_f64(0.25);
            let rows = Rows::new(&values, d).expect("whole rows");
            let columns = columns_of(rows);
            let columns: Vec<&[T]> = columns.iter().map(Vec::as_slice).collect();
            let mut expected = vec![true; d];
            expected[0] = false;
            expected[at % d] = false;
            for matrix in [Matrix::Rows(rows), Matrix::Columns(&columns)] {
                for n_threads in [1, 3] {
                    let pool = Pool::new(n_threads).expect("threads");
                    let mut whole = vec![true; d];
                    whole[0] = false;
                    keep_whole(matrix, &mut whole, &pool, &Cancel::default()).expect("room");
                    assert_eq!(whole, expected, "{d} {n}");
                }
            }
            for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
                let mut whole = vec![true; d];
                keep(isa, rows, &mut whole);
                expected[0] = at % d != 0;
                assert_eq!(whole, expected, "{isa:?} {d} {n}");
            }
        }
    }

    #[test]
    fn a_fraction_anywhere_is_seen_and_no_mark_comes_back() {
        for d in [1, 3, 16, 130] {
            for n in [1, 31, 33, 1500] {
                check::<f32>(d, n);
                check::<f64>(d, n);
            }
        }
    }

    #[test]
    fn marks_that_do_not_fit_are_refused() {
        let (pool, column) = (Pool::new(1).expect("one"), [1.0]);
        let done = keep_whole(Matrix::Columns(&[&column]), &mut [true; 2], &pool, &Cancel::default());
        assert!(matches!(done, Err(Error::Length { .. })));
    }
}
