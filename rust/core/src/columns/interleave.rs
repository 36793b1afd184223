//! Columns, as tables on disk have them, put side by side into rows.

use crate::parallel::{Cancel, Pool};
use crate::rows::Element;
use crate::simd::Lines;
use crate::Error;

/// Rows written together: a line or two of each column is read, and the rows stay in the first-level cache.
const TILE_ROWS: usize = 16;
/// Columns read together: a row gets this many neighbouring values at once.
const GROUP: usize = 8;
/// How far ahead values are asked for: a processor follows too few columns by itself.
const ROWS_AHEAD: usize = 64;
/// Values of one task.
const TASK_VALUES: usize = 1 << 16;

/// Writes value `i` of column `j` to `out[i * columns.len() + j]`.
pub fn interleave<T: Element>(
    columns: &[&[T]],
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = columns.len();
    let n = columns.first().map_or(0, |column| column.len());
    for column in columns {
        if column.len() != n {
            return Err(Error::Length { what: "column", expected: n, got: column.len() });
        }
    }
    if out.len() != n * d {
        return Err(Error::Length { what: "out", expected: n * d, got: out.len() });
    }
    if out.is_empty() {
        return Ok(());
    }
    let rows = (TASK_VALUES / d).max(1).next_multiple_of(TILE_ROWS);
    let done = pool.map(out.chunks_mut(rows * d).enumerate().collect(), |(task, out)| {
        cancel.check()?;
        for (tile, out) in out.chunks_mut(TILE_ROWS * d).enumerate() {
            let start = task * rows + tile * TILE_ROWS;
            let part = start..start + out.len() / d;
            for column in columns {
                let ahead = &column[(start + ROWS_AHEAD).min(n)..(part.end + ROWS_AHEAD).min(n)];
                Lines::of(ahead.as_ptr(), ahead.len()).read_all();
            }
            let (groups, mut single) = columns.as_chunks::<GROUP>();
            let mut last = None;
            if !groups.is_empty() && !single.is_empty() {
                // Some columns once more in a last group: column by column the rest costs as much as four groups.
                last = columns.last_chunk::<GROUP>().map(|group| (group, d - GROUP));
                single = &[];
            }
            for (group, j) in groups.iter().zip((0..).step_by(GROUP)).chain(last) {
                let group = group.map(|column| &column[part.clone()]);
                for (i, row) in out.chunks_exact_mut(d).enumerate() {
                    for (to, values) in row[j..j + GROUP].iter_mut().zip(group) {
                        *to = values[i];
                    }
                }
            }
            for (column, j) in single.iter().zip(GROUP * groups.len()..) {
                // The end of the tile bounds both sides: no index is checked in the loop.
                for (to, &value) in out[j..].iter_mut().step_by(d).zip(&column[part.clone()]) {
                    *to = value;
                }
            }
        }
        Ok(())
    });
    done.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_side_by_side_at_every_width() {
        for d in [1, 2, 7, 30, 128, 5000] {
            for n in [0, 1, 15, 16, 17, 100, 4099] {
                if n * d > 1 << 20 {
                    continue;
                }
                let columns: Vec<Vec<f64>> =
                    (0..d).map(|j| (0..n).map(|i| (i * d + j) as f64).collect()).collect();
                let borrowed: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                for n_threads in [1, 3] {
                    let pool = Pool::new(n_threads).expect("threads");
                    let mut out = vec![-1.0; n * d];
                    interleave(&borrowed, &mut out, &pool, &Cancel::default()).expect("room");
                    assert!(out.iter().enumerate().all(|(at, &value)| value == at as f64), "{d} {n}");
                }
            }
        }
    }

    #[test]
    fn lengths_that_differ_are_errors() {
        let pool = Pool::new(1).expect("threads");
        let (a, b) = ([1.0f32; 4], [2.0f32; 3]);
        assert!(interleave(&[&a[..], &b[..]], &mut [0.0; 8], &pool, &Cancel::default()).is_err());
        assert!(interleave(&[&a[..], &a[..]], &mut [0.0; 7], &pool, &Cancel::default()).is_err());
    }
}
