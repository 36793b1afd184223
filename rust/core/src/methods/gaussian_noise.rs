//! Gaussian noise: `a + noise_std z`.

use super::execute::{anchor, in_tasks};
use super::weighted::{check_noise_std, with_noise};
use crate::parallel::{Cancel, Pool};
use crate::random::{Key, NormalStream, Purpose};
use crate::rows::{Element, Rows};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// What noise is added to.
#[derive(Debug, Clone, Copy)]
pub struct Noisy<'a, T> {
    /// `A`.
    pub anomalies: Rows<'a, T>,
    /// Standard deviation of the noise, in the units of the columns.
    pub noise_std: f64,
    /// Key of the streams.
    pub key: Key,
}

impl<T: Element> Noisy<'_, T> {
    /// Adds noise to the anchors; `start` is the number of the first row.
    pub fn execute(
        &self,
        start: u64,
        anchors: &[i64],
        out: &mut [T],
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        check_noise_std(self.noise_std)?;
        let isa = Isa::current()?;
        in_tasks(out, self.anomalies.n_features(), &[anchors.len()], pool, cancel, |first, out| {
            noisy_rows(isa, self, start, anchors, first, out)
        })
    }
}

dispatch! {
    /// Makes the rows from `first` of the plan on, as many as `out` takes.
    fn noisy_rows[T: Element](
        noisy: &Noisy<'_, T>,
        start: u64,
        anchors: &[i64],
        first: usize,
        out: &mut [T],
    ) -> Result<(), Error> = noisy_rows_impl
}

#[inline(always)]
fn noisy_rows_impl<V: Vector, T: Element>(
    noisy: &Noisy<'_, T>,
    start: u64,
    anchors: &[i64],
    first: usize,
    out: &mut [T],
) -> Result<(), Error> {
    let d = noisy.anomalies.n_features();
    // A mix of the anchor with itself in which the second counts nothing: 1 a + 0 a is a, bit for bit.
    let weights = [T::from_f64(1.0), T::from_f64(0.0), T::from_f64(noisy.noise_std)];
    let mut noise = NormalStream::new(noisy.key, Purpose::GaussianNoiseNormals);
    for (row, out) in out.chunks_exact_mut(d).enumerate() {
        let row = first + row;
        let a = anchor(noisy.anomalies, row, anchors[row])?;
        if noisy.noise_std == 0.0 {
            out.copy_from_slice(a);
        } else {
            with_noise(weights, a, a, &mut noise, start.wrapping_add(row as u64), out);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Element>(d: usize) {
        let n_rows = 2500 / d + 3;
        let anomalies: Vec<T> = (0..5 * d).map(|i| T::from_f64((i * 7919 % 1009) as f64 / 100.0)).collect();
        let anchors: Vec<i64> = (0..n_rows as i64).map(|i| i * 3 % 5).collect();
        let noisy =
            Noisy { anomalies: Rows::new(&anomalies, d).expect("rows"), noise_std: 0.3, key: Key([7; 8]) };
        let made = |isa: Isa| {
            let mut out = vec![T::default(); n_rows * d];
            noisy_rows(isa, &noisy, 1000, &anchors, 0, &mut out).expect("valid plan");
            out
        };
        let expected = made(Isa::Baseline);
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            assert_eq!(made(isa), expected, "{isa:?} d = {d}");
        }
        let mut out = vec![T::default(); n_rows * d];
        for n_threads in [1, 3] {
            let pool = Pool::new(n_threads).expect("threads");
            noisy.execute(1000, &anchors, &mut out, &pool, &Cancel::default()).expect("valid");
            assert_eq!(out, expected, "{n_threads} threads, d = {d}");
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bytes() {
        for d in [1, 2, 7, 8, 9, 15, 16, 17, 30, 31, 33, 64, 65, 1023, 1025, 2500] {
            check::<f32>(d);
            check::<f64>(d);
        }
    }
}
