//! How plans are executed: rows looked up with their bounds checked, and the output cut into tasks.

use super::mixed::{check_kinds, check_present};
use crate::parallel::{Cancel, Pool};
use crate::random::NORMALS_PER_BLOCK;
use crate::rows::{check_made, Element, Rows};
use crate::Error;

/// Values of one task: enough blocks of normals that the two cut at its ends do not matter.
const TASK_VALUES: usize = 64 * NORMALS_PER_BLOCK;

/// `value` as an index below `bound`, or an error that names the column of the plan.
#[inline(always)]
pub(super) fn index(row: usize, what: &'static str, value: i64, bound: usize) -> Result<usize, Error> {
    match usize::try_from(value) {
        Ok(index) if index < bound => Ok(index),
        _ => Err(Error::Plan { row, what, bound, got: value }),
    }
}

/// The anomalies and behind them the unlabelled rows, numbered through.
#[derive(Debug, Clone, Copy)]
pub struct AllRows<'a, T> {
    /// `A`.
    pub anomalies: Rows<'a, T>,
    /// `U`, of the same columns; may be empty.
    pub unlabeled: Rows<'a, T>,
    /// Which columns are categories, in rows whose NaN is a missing value; None for finite numbers.
    pub categorical: Option<&'a [bool]>,
}

impl<'a, T: Element> AllRows<'a, T> {
    /// Checks that all have the same columns.
    pub fn check(&self) -> Result<(), Error> {
        let (expected, got) = (self.anomalies.n_features(), self.unlabeled.n_features());
        if expected != got {
            return Err(Error::Length { what: "a row of the unlabelled rows", expected, got });
        }
        check_kinds(self.categorical, expected)
    }

    /// The partner of a row of the plan.
    #[inline(always)]
    pub(super) fn partner(&self, row: usize, number: i64) -> Result<&'a [T], Error> {
        let n_anomalies = self.anomalies.len();
        let at = index(row, "partner", number, n_anomalies + self.unlabeled.len())?;
        Ok(if at < n_anomalies { self.anomalies.row(at) } else { self.unlabeled.row(at - n_anomalies) })
    }
}

/// The anchor of a row of the plan.
#[inline(always)]
pub(super) fn anchor<'a, T: Element>(
    anomalies: Rows<'a, T>,
    row: usize,
    number: i64,
) -> Result<&'a [T], Error> {
    Ok(anomalies.row(index(row, "anchor", number, anomalies.len())?))
}

/// Calls `make` with the first row and the values of each task, and sees that what it made is finite. `columns` are
/// the lengths of the plan's.
pub(super) fn in_tasks<T: Element>(
    out: &mut [T],
    n_features: usize,
    columns: &[usize],
    pool: &Pool,
    cancel: &Cancel,
    make: impl Fn(usize, &mut [T]) -> Result<(), Error> + Sync + Send,
) -> Result<(), Error> {
    in_own_tasks(out, n_features, columns, pool, cancel, |first, out| {
        make(first, out)?;
        check_made(out, n_features, "new rows")
    })
}

/// The same for copies, in which NaN may be a missing value.
pub(super) fn in_tasks_of_copies<T: Element>(
    missing: bool,
    out: &mut [T],
    n_features: usize,
    columns: &[usize],
    pool: &Pool,
    cancel: &Cancel,
    make: impl Fn(usize, &mut [T]) -> Result<(), Error> + Sync + Send,
) -> Result<(), Error> {
    if !missing {
        return in_tasks(out, n_features, columns, pool, cancel, make);
    }
    in_own_tasks(out, n_features, columns, pool, cancel, |first, out| {
        make(first, out)?;
        out.chunks_exact(n_features).try_for_each(|row| check_present(row, row))
    })
}

/// The same for rows that may miss values: `make` sees to them itself.
pub(super) fn in_own_tasks<T: Element>(
    out: &mut [T],
    n_features: usize,
    columns: &[usize],
    pool: &Pool,
    cancel: &Cancel,
    make: impl Fn(usize, &mut [T]) -> Result<(), Error> + Sync + Send,
) -> Result<(), Error> {
    for &n_rows in columns {
        let (expected, got) = (n_rows * n_features, out.len());
        if expected != got {
            return Err(Error::Length { what: "out", expected, got });
        }
    }
    let rows = (TASK_VALUES / n_features).max(1);
    let tasks: Vec<_> = out.chunks_mut(rows * n_features).enumerate().collect();
    let done = pool.map(tasks, |(task, out)| {
        cancel.check()?;
        make(task * rows, out)
    });
    done.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_whole_rows_that_cover_the_output() {
        let (pool, cancel) = (Pool::new(3).expect("threads"), Cancel::default());
        for (d, n) in [(1, 200_000), (7, 50_000), (100_000, 3)] {
            let mut out = vec![-1.0_f64; n * d];
            let made = in_tasks(&mut out, d, &[n, n], &pool, &cancel, |first, out| {
                out.chunks_exact_mut(d).enumerate().for_each(|(row, out)| out.fill((first + row) as f64));
                Ok(())
            });
            assert_eq!(made, Ok(()));
            assert!(out.iter().enumerate().all(|(at, &value)| value == (at / d) as f64));
            assert!(in_tasks(&mut out, d, &[n, n + 1], &pool, &cancel, |_, _| Ok(())).is_err());
            let made = in_tasks(&mut out, d, &[n], &pool, &cancel, |first, out| {
                out[d - 1] = if first == 0 { f64::INFINITY } else { 0.0 };
                Ok(())
            });
            assert!(matches!(made, Err(Error::Overflow { column, .. }) if column == d - 1), "{made:?}");
        }
    }

    #[test]
    fn rows_are_numbered_through_and_looked_up_with_care() {
        let (anomalies, unlabeled) = ([1.0_f32, 2.0], [3.0_f32]);
        let anomalies = Rows::new(&anomalies, 1).expect("rows");
        let all =
            AllRows { anomalies, unlabeled: Rows::new(&unlabeled, 1).expect("rows"), categorical: None };
        assert_eq!(all.check(), Ok(()));
        assert!(AllRows { categorical: Some(&[true; 2]), ..all }.check().is_err());
        assert_eq!([0, 1, 2].map(|number| all.partner(0, number).expect("inside")[0]), [1.0, 2.0, 3.0]);
        assert_eq!(all.partner(5, 3), Err(Error::Plan { row: 5, what: "partner", bound: 3, got: 3 }));
        assert_eq!(anchor(anomalies, 4, -1), Err(Error::Plan { row: 4, what: "anchor", bound: 2, got: -1 }));
        assert_eq!(anchor(anomalies, 4, 1), Ok(&[2.0_f32][..]));
    }
}
