//! Choices that are integers. Row `i` reads block `i` of its method's stream as eight 64-bit words, two
//! 32-bit words each, low word first: word 1 is the anchor, word 2 the partner, the others are the method's.

use crate::parallel::{Cancel, Pool};
use crate::random::{bounded, word64, Key, Lanes, Purpose, LANES};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Rows drawn by one task.
pub(super) const TASK_ROWS: usize = 4096;

/// 64-bit words of one row.
pub type Words = [u64; 8];

/// A method that chooses `K` integers for each row.
pub trait Choose<const K: usize>: Sync {
    /// The stream it reads.
    fn purpose(&self) -> Purpose;
    /// Checks that there is something to choose from.
    fn check(&self) -> Result<(), Error>;
    /// The choices of one row.
    fn choose(&self, words: Words) -> [i64; K];
}

/// Draws the rows from `start` on, as many as the columns have.
pub fn draw<const K: usize>(
    method: &impl Choose<K>,
    key: Key,
    start: u64,
    columns: [&mut [i64]; K],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    method.check()?;
    let expected = columns.first().map_or(0, |column| column.len());
    if let Some(other) = columns.iter().find(|column| column.len() != expected) {
        return Err(Error::Length { what: "columns of the plan", expected, got: other.len() });
    }
    let isa = Isa::current()?;
    let mut parts = columns.map(|column| column.chunks_mut(TASK_ROWS));
    let tasks = (0..expected.div_ceil(TASK_ROWS))
        .map(|task| (task, parts.each_mut().map(|part| part.next().unwrap_or_default())))
        .collect();
    let done = pool.map(tasks, |(task, mut columns): (usize, [&mut [i64]; K])| {
        cancel.check()?;
        let n = expected.min((task + 1) * TASK_ROWS) - task * TASK_ROWS;
        for at in (0..n).step_by(LANES) {
            let lanes = lanes(isa, key, method.purpose(), start.wrapping_add((task * TASK_ROWS + at) as u64));
            for lane in 0..LANES.min(n - at) {
                let words = std::array::from_fn(|k| word64(lanes[2 * k][lane], lanes[2 * k + 1][lane]));
                for (column, choice) in columns.iter_mut().zip(method.choose(words)) {
                    column[at + lane] = choice;
                }
            }
        }
        Ok(())
    });
    done.into_iter().collect()
}

dispatch! {
    /// The sixteen blocks from `counter` on.
    fn lanes[](key: Key, purpose: Purpose, counter: u64) -> Lanes = lanes_impl
}

#[inline(always)]
fn lanes_impl<V: Vector>(key: Key, purpose: Purpose, counter: u64) -> Lanes {
    key.lanes::<V>(purpose, counter)
}

/// The anchor alone.
#[derive(Debug, Clone, Copy)]
pub struct Anchors {
    /// Rows of `A`.
    pub n_anomalies: usize,
    /// The method's stream.
    pub purpose: Purpose,
}

impl Choose<1> for Anchors {
    fn purpose(&self) -> Purpose {
        self.purpose
    }
    fn check(&self) -> Result<(), Error> {
        check_rows(self.n_anomalies, self.n_anomalies)
    }
    #[inline]
    fn choose(&self, words: Words) -> [i64; 1] {
        [bounded(words[1], self.n_anomalies) as i64]
    }
}

/// Checks the number of anomalies and of all rows.
pub(super) fn check_rows(n_anomalies: usize, n_rows: usize) -> Result<(), Error> {
    if n_anomalies == 0 {
        return Err(Error::Parameter { what: "n_anomalies", expected: "at least 1", got: "0".into() });
    }
    if n_rows < n_anomalies {
        let expected = "at least the number of anomalies";
        return Err(Error::Parameter { what: "n_rows", expected, got: n_rows.to_string() });
    }
    if u32::try_from(n_rows).is_err() {
        return Err(Error::Parameter { what: "n_rows", expected: "below 2^32", got: n_rows.to_string() });
    }
    Ok(())
}

/// Row number `among_others` of all rows but `anchor`.
#[inline]
pub(super) fn skip(anchor: i64, among_others: i64) -> i64 {
    among_others + i64::from(among_others >= anchor)
}

/// A uniform row of `n_rows` other than `anchor`; `anchor` itself if it is the only one.
#[inline]
pub(super) fn other_than(anchor: i64, word: u64, n_rows: usize) -> i64 {
    if n_rows == 1 {
        return anchor;
    }
    skip(anchor, bounded(word, n_rows - 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_and_any_number_of_threads_gives_the_same_rows() {
        let anchors = Anchors { n_anomalies: 7, purpose: Purpose::Duplicate };
        let drawn = |start: u64, n: usize, n_threads: usize| {
            let mut column = vec![0; n];
            let (pool, cancel) = (Pool::new(n_threads).expect("threads"), Cancel::default());
            draw(&anchors, Key([5; 8]), start, [&mut column], &pool, &cancel).expect("valid");
            column
        };
        let whole = drawn(100, 10_000, 1);
        assert_eq!(drawn(100, 10_000, 3), whole);
        for cut in [1, 16, 17, 4096, 5000] {
            assert_eq!([drawn(100, cut, 1), drawn(100 + cut as u64, 10_000 - cut, 2)].concat(), whole);
        }
    }

    #[test]
    fn the_others_are_all_rows_but_the_anchor() {
        for anchor in 0..4 {
            let others: Vec<i64> = (0..3).map(|number| skip(anchor, number)).collect();
            assert_eq!(others, (0..4).filter(|&row| row != anchor).collect::<Vec<_>>());
            assert_eq!(other_than(anchor, u64::MAX, 4), others[2]);
            assert_eq!(other_than(anchor, 0, 4), others[0]);
        }
        assert_eq!(other_than(0, u64::MAX, 1), 0);
    }

    #[test]
    fn impossible_choices_are_refused() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let none = Anchors { n_anomalies: 0, purpose: Purpose::Duplicate };
        assert!(draw(&none, Key([0; 8]), 0, [&mut [0]], &pool, &cancel).is_err());
        assert!(check_rows(3, 2).is_err());
        assert!(check_rows(3, 1 << 32).is_err());
    }
}
