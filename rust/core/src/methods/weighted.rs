//! One row as the weighted sum of two rows and noise: `(w_anchor a + w_partner p) + w_noise z`. Every product and
//! sum is rounded once. The normal of column `j` of row `i` is number `i * n_features + j` of its stream, so that
//! any range of rows can be made alone.

use crate::random::NormalStream;
use crate::rows::Element;
use crate::Error;

/// Checks a standard deviation.
pub(super) fn check_noise_std(noise_std: f64) -> Result<(), Error> {
    if !(noise_std >= 0.0 && noise_std.is_finite()) {
        let got = noise_std.to_string();
        return Err(Error::Parameter { what: "noise_std", expected: "finite and not negative", got });
    }
    Ok(())
}

/// A row without noise.
#[inline(always)]
pub(super) fn without_noise<T: Element>(weights: [T; 3], anchor: &[T], partner: &[T], out: &mut [T]) {
    for ((x, &a), &p) in out.iter_mut().zip(anchor).zip(partner) {
        *x = T::mix_noiseless(weights, a, p);
    }
}

/// Row number `row` of the output.
#[inline(always)]
pub(super) fn with_noise<T: Element>(
    weights: [T; 3],
    anchor: &[T],
    partner: &[T],
    noise: &mut NormalStream,
    row: u64,
    out: &mut [T],
) {
    let d = out.len();
    let mut element = row.wrapping_mul(d as u64);
    let mut done = 0;
    while done < d {
        let normals = noise.of(element, &out[done..]);
        let to = done + normals.len();
        mix_span(weights, &anchor[done..to], &partner[done..to], normals, &mut out[done..to]);
        element = element.wrapping_add(normals.len() as u64);
        done = to;
    }
}

/// Mixes part of a row.
#[inline(always)]
fn mix_span<T: Element>(weights: [T; 3], anchor: &[T], partner: &[T], normals: &[f32], out: &mut [T]) {
    if out.len() >= 16 {
        mix_spans::<T, 16>(weights, anchor, partner, normals, out);
    } else if out.len() >= 8 {
        mix_spans::<T, 8>(weights, anchor, partner, normals, out);
    } else if out.len() >= 4 {
        mix_spans::<T, 4>(weights, anchor, partner, normals, out);
    } else {
        for (((x, &a), &p), &z) in out.iter_mut().zip(anchor).zip(partner).zip(normals) {
            *x = T::mix(weights, a, p, z);
        }
    }
}

/// The same, `SPAN` values at a time, of which there are as many.
#[inline(always)]
fn mix_spans<T: Element, const SPAN: usize>(
    weights: [T; 3],
    anchor: &[T],
    partner: &[T],
    normals: &[f32],
    out: &mut [T],
) {
    let n = out.len();
    let (anchor, partner, normals) = (&anchor[..n], &partner[..n], &normals[..n]);
    let mut at = 0;
    // Not over chunks, whose loop would be made vectors of instead of its body.
    loop {
        let (a, p, z) = (&anchor[at..at + SPAN], &partner[at..at + SPAN], &normals[at..at + SPAN]);
        // Into a local array, stored at once: whole registers at any width.
        let mut mixed = [T::default(); SPAN];
        for i in 0..SPAN {
            mixed[i] = T::mix(weights, a[i], p[i], z[i]);
        }
        out[at..at + SPAN].copy_from_slice(&mixed);
        if at + SPAN == n {
            return;
        }
        // The last span overlaps the one before and makes the same values again.
        at = (at + SPAN).min(n - SPAN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{normals_from, Key, Purpose};
    use crate::simd::Isa;
    use crate::test_data::uniforms;

    #[test]
    fn every_width_is_the_plain_sum() {
        for d in [1, 3, 4, 7, 8, 13, 15, 16, 17, 31, 33, 1025, 2100] {
            let (anchor, partner) = (uniforms(1, d), uniforms(2, d));
            let (key, row, weights) = (Key([6; 8]), 77, [0.3, 0.7, 0.05]);
            let mut normals = vec![0.0; d];
            normals_from(key, Purpose::Noise, row * d as u64, &mut normals);
            let (mut noisy, mut plain) = (vec![0.0; d], vec![0.0; d]);
            with_noise(
                weights,
                &anchor,
                &partner,
                &mut NormalStream::new(Isa::best(), key, Purpose::Noise),
                row,
                &mut noisy,
            );
            without_noise(weights, &anchor, &partner, &mut plain);
            for j in 0..d {
                let sum = 0.3 * anchor[j] + 0.7 * partner[j];
                assert_eq!(plain[j], sum);
                assert_eq!(noisy[j], sum + 0.05 * f64::from(normals[j]));
            }
        }
    }

    #[test]
    fn deviations_that_are_none_are_refused() {
        assert!([0.0, 0.01, 1e300].into_iter().all(|std| check_noise_std(std).is_ok()));
        assert!([-0.1, f64::NAN, f64::INFINITY].into_iter().all(|std| check_noise_std(std).is_err()));
    }
}
