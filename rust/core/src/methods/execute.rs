//! Running a plan: rows looked up with their bounds checked, and the output cut into tasks.

use crate::mix::TASK_VALUES;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

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
}

impl<'a, T: Element> AllRows<'a, T> {
    /// Checks that both have the same columns.
    pub fn check(&self) -> Result<(), Error> {
        let (expected, got) = (self.anomalies.n_features(), self.unlabeled.n_features());
        if expected != got {
            return Err(Error::Length { what: "a row of the unlabelled rows", expected, got });
        }
        Ok(())
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

/// Calls `make` with the first row and the values of each task. `columns` are the lengths of the plan's.
pub(super) fn in_tasks<T: Element>(
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
