//! One row of mixed columns: numbers and categories, either of which may miss values, which are NaN.
//!
//! Of its two parents one is the donor. Categories are the donor's, bit for bit; so is what is missing. A number that
//! both parents have is their weighted sum, as in `weighted`; one that the other parent misses is the donor's
//! `x + noise_std z`. Normals are numbered over the numeric columns: that of the `j`-th of them in row `i` is
//! number `i * n_numeric + j` of its stream.

use crate::random::{Key, NormalStream, Purpose, NORMALS_PER_BLOCK};
use crate::rows::Element;
use crate::simd::Isa;
use crate::Error;

/// Values mixed together.
const SPAN: usize = 16;

/// Checks that `categorical` is about this many columns.
pub(super) fn check_kinds(categorical: Option<&[bool]>, expected: usize) -> Result<(), Error> {
    match categorical.map(<[bool]>::len) {
        Some(got) if got != expected => Err(Error::Length { what: "categorical", expected, got }),
        _ => Ok(()),
    }
}

/// Checks that values are finite, or missing where their donor misses them.
#[inline(always)]
pub(super) fn check_present<T: Element>(made: &[T], donor: &[T]) -> Result<(), Error> {
    let mut all = true;
    for (x, d) in made.iter().zip(donor) {
        all &= present(*x, *d);
    }
    if all {
        return Ok(());
    }
    let column = made.iter().zip(donor).position(|(&x, &d)| !present(x, d)).unwrap_or_default();
    let (number, largest) = T::NUMBER;
    Err(Error::Overflow { what: "new rows", column, number, largest })
}

#[inline(always)]
fn present<T: Element>(made: T, donor: T) -> bool {
    made.is_finite() | (made.is_nan() & donor.is_nan())
}

/// Two parents of a row, and how they are weighted.
pub(super) struct Parents<'a, T> {
    /// The parent whose categories and missing values the row has.
    pub donor: &'a [T],
    /// The other one.
    pub other: &'a [T],
    /// Weights of the donor, of the other parent and of the noise where both are present.
    pub weights: [T; 3],
}

impl<'a, T: Element> Parents<'a, T> {
    /// The donor is the anchor or the partner; `weights` are theirs and that of the noise.
    #[inline(always)]
    pub fn new(donor_is_anchor: bool, anchor: &'a [T], partner: &'a [T], weights: [T; 3]) -> Self {
        let [w_anchor, w_partner, w_noise] = weights;
        // A sum of two is the same whichever comes first.
        if donor_is_anchor {
            Self { donor: anchor, other: partner, weights }
        } else {
            Self { donor: partner, other: anchor, weights: [w_partner, w_anchor, w_noise] }
        }
    }

    /// The row without noise.
    #[inline(always)]
    pub fn without_noise(&self, categorical: &[bool], out: &mut [T]) -> Result<(), Error> {
        mix_row::<T, false>(self, T::default(), categorical, &[], out);
        check_present(out, self.donor)
    }

    /// The row with noise, for each column its normal.
    #[inline(always)]
    pub fn with_noise(
        &self,
        noise_std: T,
        categorical: &[bool],
        normals: &[f32],
        out: &mut [T],
    ) -> Result<(), Error> {
        mix_row::<T, true>(self, noise_std, categorical, normals, out);
        check_present(out, self.donor)
    }
}

/// The normals of one row after the other, column by column.
pub(super) struct Normals {
    stream: NormalStream,
    /// Numbers of the numeric columns.
    numeric: Vec<usize>,
    /// The normals of a row; categorical columns keep their 0.
    row: Vec<f32>,
}

impl Normals {
    pub fn new(isa: Isa, key: Key, purpose: Purpose, categorical: &[bool]) -> Self {
        let numeric = (0..categorical.len()).filter(|&column| !categorical[column]).collect();
        Self { stream: NormalStream::new(isa, key, purpose), numeric, row: vec![0.0; categorical.len()] }
    }

    /// Those of row number `row` of the output, which will go to `out`.
    #[inline(always)]
    pub fn of<T>(&mut self, row: u64, out: &[T]) -> &[f32] {
        let n = self.numeric.len();
        let mut element = row.wrapping_mul(n as u64);
        let whole = (element % NORMALS_PER_BLOCK as u64) as usize + n <= NORMALS_PER_BLOCK;
        if n == self.row.len() && whole {
            // No column is left out, and the block has all of them.
            return self.stream.of(element, out);
        }
        let mut done = 0;
        while done < n {
            let normals = self.stream.of(element, &out[done..n]);
            for (&column, &normal) in self.numeric[done..].iter().zip(normals) {
                self.row[column] = normal;
            }
            done += normals.len();
            element = element.wrapping_add(normals.len() as u64);
        }
        &self.row
    }
}

/// A row, with noise or without.
#[inline(always)]
fn mix_row<T: Element, const NOISY: bool>(
    parents: &Parents<'_, T>,
    noise_std: T,
    categorical: &[bool],
    normals: &[f32],
    out: &mut [T],
) {
    let n = out.len();
    let (donor, other, categorical) = (&parents.donor[..n], &parents.other[..n], &categorical[..n]);
    let normals = if NOISY { &normals[..n] } else { normals };
    let weights = (parents.weights, noise_std);
    if n < SPAN {
        for i in 0..n {
            let normal = if NOISY { normals[i] } else { 0.0 };
            out[i] = value::<T, NOISY>(weights, donor[i], other[i], categorical[i], normal);
        }
        return;
    }
    let mut at = 0;
    loop {
        let span = at..at + SPAN;
        let (d, o, c) = (&donor[span.clone()], &other[span.clone()], &categorical[span.clone()]);
        let z = if NOISY { &normals[span.clone()] } else { &[0.0; SPAN] };
        // Into a local array, stored at once: whole registers at any width.
        let mut mixed = [T::default(); SPAN];
        for i in 0..SPAN {
            mixed[i] = value::<T, NOISY>(weights, d[i], o[i], c[i], z[i]);
        }
        out[span].copy_from_slice(&mixed);
        if at + SPAN == n {
            return;
        }
        // The last span overlaps the one before and makes the same values again.
        at = (at + SPAN).min(n - SPAN);
    }
}

/// One value: every case is computed and one is taken, without a branch.
#[inline(always)]
fn value<T: Element, const NOISY: bool>(
    (weights, noise_std): ([T; 3], T),
    donor: T,
    other: T,
    categorical: bool,
    normal: f32,
) -> T {
    let (both, alone) = if NOISY {
        (T::mix(weights, donor, other, normal), donor + noise_std * T::from_f32(normal))
    } else {
        (T::mix_noiseless(weights, donor, other), donor)
    };
    let number = if other.is_nan() { alone } else { both };
    let present = if categorical { donor } else { number };
    if donor.is_nan() {
        // One NaN for all, whatever bits came.
        T::NAN
    } else {
        present
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::normals_from;

    const NAN: f64 = f64::NAN;

    /// Rows with values, categories and holes at every place of a span.
    fn cases(d: usize) -> ([Vec<f64>; 2], Vec<bool>) {
        let value = |salt: usize| {
            let hole = move |j: usize| (j * 7 + salt).is_multiple_of(5);
            (0..d).map(|j| if hole(j) { NAN } else { (j * 31 + salt) as f64 }).collect()
        };
        ([value(1), value(4)], (0..d).map(|j| j % 3 == 1).collect())
    }

    #[test]
    fn every_width_is_what_the_definition_says() {
        for d in [1, 2, 15, 16, 17, 31, 33, 1025, 2100] {
            let ([anchor, partner], categorical) = cases(d);
            let numeric: Vec<usize> = (0..d).filter(|&j| !categorical[j]).collect();
            let (key, row, weights) = (Key([6; 8]), 77, [0.3, 0.7, 0.05]);
            let mut drawn = vec![0.0; numeric.len()];
            normals_from(key, Purpose::Noise, row * numeric.len() as u64, &mut drawn);
            let mut normals = Normals::new(Isa::best(), key, Purpose::Noise, &categorical);
            let (mut noisy, mut plain) = (vec![0.0; d], vec![0.0; d]);
            for donor_is_anchor in [true, false] {
                let parents = Parents::new(donor_is_anchor, &anchor, &partner, weights);
                let z = normals.of(row, &noisy).to_vec();
                parents.with_noise(0.07, &categorical, &z, &mut noisy).expect("finite");
                parents.without_noise(&categorical, &mut plain).expect("finite");
                for j in 0..d {
                    let z =
                        numeric.iter().position(|&column| column == j).map_or(0.0, |k| f64::from(drawn[k]));
                    let donor = if donor_is_anchor { anchor[j] } else { partner[j] };
                    let sum = 0.3 * anchor[j] + 0.7 * partner[j];
                    let expected = if donor.is_nan() || categorical[j] {
                        [donor, donor]
                    } else if sum.is_nan() {
                        [donor + 0.07 * z, donor]
                    } else {
                        [sum + 0.05 * z, sum]
                    };
                    assert_eq!([noisy[j], plain[j]].map(f64::to_bits), expected.map(f64::to_bits), "{d} {j}");
                }
            }
        }
    }

    #[test]
    fn missing_values_pass_where_the_donor_misses_them_and_infinity_never() {
        assert_eq!(check_present(&[1.0, NAN], &[3.0, NAN]), Ok(()));
        for (made, donor) in [([1.0, NAN], [3.0, 1.0]), ([1.0, f64::INFINITY], [3.0, NAN])] {
            let done = check_present(&made, &donor);
            assert!(matches!(done, Err(Error::Overflow { column: 1, .. })), "{done:?}");
        }
        // Noise beyond the type of the rows leaves categories alone.
        let parents = Parents::new(true, &[1.0_f32, 2.0], &[1.0, 2.0], [1.0, 0.0, f32::INFINITY]);
        let mut out = [0.0; 2];
        assert!(parents.with_noise(f32::INFINITY, &[true, true], &[0.0, 0.0], &mut out).is_ok());
        assert_eq!(out, [1.0, 2.0]);
        assert!(parents.with_noise(f32::INFINITY, &[true, false], &[0.0, 0.1], &mut out).is_err());
    }

    #[test]
    fn kinds_are_those_of_all_columns() {
        assert!(check_kinds(None, 3).is_ok() && check_kinds(Some(&[true; 3]), 3).is_ok());
        let wrong = Error::Length { what: "categorical", expected: 3, got: 2 };
        assert_eq!(check_kinds(Some(&[true; 2]), 3), Err(wrong));
    }
}
