//! Rows in the units of a scale, `(x - offset) / width`, and back.

use super::finish::Finish;
use super::spans::{period, task_rows};
use crate::parallel::{Cancel, Pool};
use crate::rows::{check_made, Element, Rows};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// What an error calls rows that were scaled.
const UNSCALED: &str = "rows back in their units";

/// `(x - offset) / width` of every column.
#[derive(Debug, Clone, Copy)]
pub struct Scale<'a, T> {
    /// What becomes 0.
    pub offset: &'a [T],
    /// What becomes a difference of 1.
    pub width: &'a [T],
    /// What is done to values on the way back; nothing if it is none.
    pub finish: Option<Finish<'a, T>>,
}

impl<T: Element> Scale<'_, T> {
    fn check(&self, expected: usize) -> Result<(), Error> {
        match [self.offset.len(), self.width.len()].into_iter().find(|&got| got != expected) {
            Some(got) => Err(Error::Length { what: "columns of the scale", expected, got }),
            None => Ok(()),
        }
    }

    /// Offsets and widths of a whole period.
    fn tiled(&self) -> [Vec<T>; 2] {
        let times = period(self.offset.len()) / self.offset.len().max(1);
        [self.offset.repeat(times), self.width.repeat(times)]
    }

    /// Back to the units before, in place.
    pub fn invert(&self, values: &mut [T], pool: &Pool, cancel: &Cancel) -> Result<(), Error> {
        let d = Rows::new(values, self.offset.len())?.n_features();
        self.check(d)?;
        let finish = self.finish.map(|finish| finish.tiled(d)).transpose()?;
        let (isa, tiled) = (Isa::current()?, self.tiled());
        let done = pool.map(values.chunks_mut(task_rows(d) * d).collect(), |values| {
            cancel.check()?;
            inverted(isa, values, &tiled);
            let Some(finish) = &finish else { return check_made(values, d, UNSCALED) };
            // Apart, while the values are in the cache: rows without a finish pay nothing.
            finish.apply(isa, values);
            finish.check(values, d, UNSCALED)
        });
        done.into_iter().collect()
    }
}

/// Copies the chosen rows, all if none are named, into `out`, in the units of the scale if there is one.
pub fn take<T: Element>(
    rows: Rows<'_, T>,
    chosen: Option<&[bool]>,
    scale: Option<Scale<'_, T>>,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = rows.n_features();
    if let Some(got) = chosen.map(<[bool]>::len).filter(|&got| got != rows.len()) {
        return Err(Error::Length { what: "chosen", expected: rows.len(), got });
    }
    scale.map_or(Ok(()), |scale| scale.check(d))?;
    let step = task_rows(d);
    let mut tasks = Vec::with_capacity(rows.len() / step + 1);
    let (got, mut rest) = (out.len(), out);
    let mut expected = 0;
    for start in (0..rows.len()).step_by(step) {
        let part = start..(start + step).min(rows.len());
        let chosen = chosen.map(|chosen| &chosen[part.clone()]);
        let n = chosen.map_or(part.len(), |chosen| chosen.iter().filter(|&&taken| taken).count());
        expected += n * d;
        let (now, later) = rest.split_at_mut((n * d).min(rest.len()));
        tasks.push((rows.slice(part), chosen, now));
        rest = later;
    }
    if expected != got {
        return Err(Error::Length { what: "out", expected, got });
    }
    let (isa, tiled) = (Isa::current()?, scale.map(|scale| scale.tiled()));
    let copy = |values: &[T], out: &mut [T]| match &tiled {
        Some(tiled) => scaled(isa, values, tiled, out),
        None => out.copy_from_slice(values),
    };
    let done = pool.map(tasks, |(rows, chosen, out)| {
        cancel.check()?;
        let Some(chosen) = chosen else {
            copy(rows.values(), out);
            return Ok(());
        };
        // Few rows are left out: runs of chosen ones are long.
        let (mut values, mut out) = (rows.values(), out);
        for run in chosen.chunk_by(|a, b| a == b) {
            let (now, later) = values.split_at(run.len() * d);
            values = later;
            if run[0] {
                let (to, rest) = std::mem::take(&mut out).split_at_mut(now.len());
                copy(now, to);
                out = rest;
            }
        }
        Ok(())
    });
    done.into_iter().collect()
}

dispatch! {
    /// Whole rows in the units of a scale.
    fn scaled[T: Element](values: &[T], tiled: &[Vec<T>; 2], out: &mut [T]) -> () = scaled_impl
}

#[inline(always)]
fn scaled_impl<V: Vector, T: Element>(values: &[T], tiled: &[Vec<T>; 2], out: &mut [T]) {
    let [offset, width] = tiled;
    for (values, out) in values.chunks(offset.len()).zip(out.chunks_mut(offset.len())) {
        // One plain loop: the compiler leaves unrolled spans of 16 scalar with AVX-512.
        for (((out, &x), &offset), &width) in out.iter_mut().zip(values).zip(offset).zip(width) {
            *out = (x - offset) / width;
        }
    }
}

dispatch! {
    /// Whole rows back in the units before the scale.
    fn inverted[T: Element](values: &mut [T], tiled: &[Vec<T>; 2]) -> () = inverted_impl
}

#[inline(always)]
fn inverted_impl<V: Vector, T: Element>(values: &mut [T], tiled: &[Vec<T>; 2]) {
    let [offset, width] = tiled;
    for values in values.chunks_mut(offset.len()) {
        for ((x, &offset), &width) in values.iter_mut().zip(offset).zip(width) {
            *x = *x * width + offset;
        }
    }
}

#[cfg(test)]
mod tests {
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
        let offset: Vec<T> = (0..d).map(|j| value(j + 3)).collect();
        let width: Vec<T> =
            (0..d).map(|j| value::<T>(j + 5) * value::<T>(j + 5) + T::from_f64(0.1)).collect();
        let scale = Scale { offset: &offset, width: &width, finish: None };
        let chosen: Vec<bool> = (0..n).map(|i| i * i % 7 != 4).collect();
        let scaled_rows: Vec<T> = (0..n)
            .filter(|&i| chosen[i])
            .flat_map(|i| (0..d).map(move |j| (i, j)))
            .map(|(i, j)| (rows.row(i)[j] - offset[j]) / width[j])
            .collect();
        for n_threads in [1, 3] {
            let (pool, cancel) = (Pool::new(n_threads).expect("threads"), Cancel::default());
            let mut out = vec![T::default(); scaled_rows.len()];
            take(rows, Some(&chosen), Some(scale), &mut out, &pool, &cancel).expect("room");
            assert_eq!(out, scaled_rows, "{d} {n}");
            scale.invert(&mut out, &pool, &cancel).expect("whole rows");
            for (at, (&x, &y)) in out.iter().zip(&scaled_rows).enumerate() {
                assert_eq!(x, y * width[at % d] + offset[at % d]);
            }
            let mut copy = vec![T::default(); values.len()];
            take(rows, None, None, &mut copy, &pool, &cancel).expect("room");
            assert_eq!(copy, values);
        }
        for isa in every_isa() {
            let mut out = vec![T::default(); values.len()];
            scaled(isa, &values, &scale.tiled(), &mut out);
            for (at, &x) in out.iter().enumerate() {
                assert_eq!(x, (values[at] - offset[at % d]) / width[at % d], "{isa:?}");
            }
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
    fn buffers_that_do_not_fit_are_refused() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let values = [1.0; 6];
        let rows = Rows::new(&values, 2).expect("three rows");
        for (chosen, room) in [(Some(&[true, true][..]), 4), (Some(&[true, false, true][..]), 6), (None, 4)] {
            let done = take(rows, chosen, None, &mut vec![0.0; room], &pool, &cancel);
            assert!(matches!(done, Err(Error::Length { .. })), "{done:?}");
        }
        let scale = Scale { offset: &[0.0], width: &[1.0], finish: None };
        assert!(take(rows, None, Some(scale), &mut [0.0; 6], &pool, &cancel).is_err());
        let scale = Scale { offset: &[0.0; 2], width: &[1.0], finish: None };
        assert!(scale.invert(&mut [0.0; 6], &pool, &cancel).is_err());
    }
}
