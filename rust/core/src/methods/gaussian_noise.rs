//! Gaussian noise: `a + noise_std z`.

use super::execute::{anchor, in_own_tasks, in_tasks};
use super::mixed::{check_kinds, check_present, Normals, Parents};
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
    /// Which columns are categories, in rows whose NaN is a missing value; None for finite numbers.
    pub categorical: Option<&'a [bool]>,
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
        let (d, isa) = (self.anomalies.n_features(), Isa::current()?);
        check_kinds(self.categorical, d)?;
        if let Some(categorical) = self.categorical {
            return in_own_tasks(out, d, &[anchors.len()], pool, cancel, |first, out| {
                noisy_mixed_rows(isa, self, categorical, start, anchors, first, out)
            });
        }
        in_tasks(out, d, &[anchors.len()], pool, cancel, |first, out| {
            noisy_rows(isa, self, start, anchors, first, out)
        })
    }

    /// Of a mix of the anchor with itself in which the second counts nothing: 1 a + 0 a is a, bit for bit.
    #[inline(always)]
    fn weights(&self) -> [T; 3] {
        [1.0, 0.0, self.noise_std].map(T::from_f64)
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
    let (d, weights) = (noisy.anomalies.n_features(), noisy.weights());
    let mut noise = NormalStream::new(V::ISA, noisy.key, Purpose::GaussianNoiseNormals);
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

dispatch! {
    /// The same for mixed columns: the anchor is both parents.
    fn noisy_mixed_rows[T: Element](
        noisy: &Noisy<'_, T>,
        categorical: &[bool],
        start: u64,
        anchors: &[i64],
        first: usize,
        out: &mut [T],
    ) -> Result<(), Error> = noisy_mixed_rows_impl
}

#[inline(always)]
fn noisy_mixed_rows_impl<V: Vector, T: Element>(
    noisy: &Noisy<'_, T>,
    categorical: &[bool],
    start: u64,
    anchors: &[i64],
    first: usize,
    out: &mut [T],
) -> Result<(), Error> {
    let (d, weights) = (noisy.anomalies.n_features(), noisy.weights());
    let mut normals = Normals::new(V::ISA, noisy.key, Purpose::GaussianNoiseNormals, categorical);
    for (row, out) in out.chunks_exact_mut(d).enumerate() {
        let row = first + row;
        let a = anchor(noisy.anomalies, row, anchors[row])?;
        if noisy.noise_std == 0.0 {
            out.copy_from_slice(a);
            check_present(out, a)?;
        } else {
            let normals = normals.of(start.wrapping_add(row as u64), out);
            Parents::new(true, a, a, weights).with_noise(weights[2], categorical, normals, out)?;
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
        let noisy = Noisy {
            anomalies: Rows::new(&anomalies, d).expect("rows"),
            noise_std: 0.3,
            key: Key([7; 8]),
            categorical: None,
        };
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
        check_mixed(Noisy { categorical: Some(&vec![false; d]), ..noisy }, &anchors, Some(&expected));
        let holes: Vec<T> =
            anomalies.iter().enumerate().map(|(i, &x)| if i % 5 == 2 { T::NAN } else { x }).collect();
        let categorical: Vec<bool> = (0..d).map(|j| j % 3 == 0).collect();
        let anomalies = Rows::new(&holes, d).expect("rows");
        check_mixed(Noisy { anomalies, categorical: Some(&categorical), ..noisy }, &anchors, None);
    }

    /// Every instruction set and any threads; categories and holes are the anchors'.
    fn check_mixed<T: Element>(noisy: Noisy<'_, T>, anchors: &[i64], expected: Option<&[T]>) {
        let (d, kinds) = (noisy.anomalies.n_features(), noisy.categorical.expect("kinds"));
        let bits = |values: &[T]| values.iter().map(|x| x.to_f64().to_bits()).collect::<Vec<_>>();
        let mut out = vec![T::default(); anchors.len() * d];
        noisy_mixed_rows(Isa::Baseline, &noisy, kinds, 1000, anchors, 0, &mut out).expect("valid plan");
        let made = bits(&out);
        assert!(expected.is_none_or(|expected| made == bits(expected)));
        for (at, x) in out.iter().enumerate() {
            let a = noisy.anomalies.row(anchors[at / d] as usize)[at % d];
            assert_eq!(x.is_nan(), a.is_nan());
            assert_eq!(*x == a, kinds[at % d] && !a.is_nan(), "column {} of {d}", at % d);
        }
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            noisy_mixed_rows(isa, &noisy, kinds, 1000, anchors, 0, &mut out).expect("valid plan");
            assert_eq!(bits(&out), made, "{isa:?} d = {d}");
        }
        let pool = Pool::new(3).expect("threads");
        noisy.execute(1000, anchors, &mut out, &pool, &Cancel::default()).expect("valid");
        assert_eq!(bits(&out), made);
    }

    #[test]
    fn every_instruction_set_gives_the_same_bytes() {
        for d in [1, 2, 7, 8, 9, 15, 16, 17, 30, 31, 33, 64, 65, 1023, 1025, 2500] {
            check::<f32>(d);
            check::<f64>(d);
        }
    }
}
