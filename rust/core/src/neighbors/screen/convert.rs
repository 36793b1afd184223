//! One row in the screen's coordinates, as `f32` or as codes.

use super::codes::Coding;
use super::geometry::Geometry;
use crate::rows::Element;
use crate::simd::Vector;

/// Writes a row in the screen's coordinates and returns its squared norm.
#[inline(always)]
pub(super) fn centre_row<V: Vector, T: Element>(
    row: &[T],
    geometry: &Geometry<T>,
    tail: &[f32],
    out: &mut [f32],
) -> f32 {
    let (scale, centre, d) = (geometry.scale, &geometry.centre, row.len());
    if d < V::LANES {
        let mut sum = 0.0;
        for ((out, &x), &c) in out.iter_mut().zip(row).zip(centre) {
            *out = x.centred(scale, c);
            sum += *out * *out;
        }
        return sum;
    }
    assert!(centre.len() == d && out.len() == d && tail.len() == V::LANES);
    // SAFETY: every register of values read or written lies inside the `d >= LANES` values of row, centre and
    // out, `tail` has one; the machine has V's instructions, as this runs inside its dispatch.
    unsafe {
        let part = |at: usize| T::centred_lanes::<V>(row.as_ptr().add(at), scale, centre.as_ptr().add(at));
        let mut sums = V::splat(0.0);
        for at in (0..=d - V::LANES).step_by(V::LANES) {
            let x = part(at);
            x.store(out.as_mut_ptr().add(at));
            sums = x.mul_add(x, sums);
        }
        if !d.is_multiple_of(V::LANES) {
            // The last register overlaps the one before; the mask leaves out what has been counted.
            let at = d - V::LANES;
            let x = part(at);
            x.store(out.as_mut_ptr().add(at));
            sums = x.mul_add(V::load(tail.as_ptr()), V::splat(0.0)).mul_add(x, sums);
        }
        sums.sum()
    }
}

/// Writes the codes of a row and returns its squared norm and the sum of squares of what the codes lose.
#[inline(always)]
pub(super) fn encode_row<V: Vector, T: Element>(
    row: &[T],
    geometry: &Geometry<T>,
    coding: &Coding,
    tail: &[f32],
    out: &mut [u8],
) -> (f32, f32) {
    let (scale, centre, d) = (geometry.scale, &geometry.centre, row.len());
    assert!(centre.len() == d && out.len() == d && tail.len() == V::LANES);
    // SAFETY: the machine has V's instructions, as this runs inside its dispatch. Every register of values read
    // or written lies inside the padded copies of a short row, or inside the `d >= LANES` values of row, centre
    // and out; `tail` has one.
    unsafe {
        let steps = [coding.step, coding.inverse, coding.largest].map(|x| V::splat(x));
        if d < V::LANES {
            let (mut values, mut codes) = ([0.0_f32; 16], [0_u8; 16]);
            for ((value, &x), &c) in values.iter_mut().zip(row).zip(centre) {
                *value = x.centred(scale, c);
            }
            let x = V::load(values.as_ptr());
            let lost = x.encode(steps, codes.as_mut_ptr());
            out.copy_from_slice(&codes[..d]);
            return (x.mul_add(x, V::splat(0.0)).sum(), lost.mul_add(lost, V::splat(0.0)).sum());
        }
        let part = |at: usize| T::centred_lanes::<V>(row.as_ptr().add(at), scale, centre.as_ptr().add(at));
        let (mut sums, mut losses) = (V::splat(0.0), V::splat(0.0));
        for at in (0..=d - V::LANES).step_by(V::LANES) {
            let x = part(at);
            let lost = x.encode(steps, out.as_mut_ptr().add(at));
            sums = x.mul_add(x, sums);
            losses = lost.mul_add(lost, losses);
        }
        if !d.is_multiple_of(V::LANES) {
            let at = d - V::LANES;
            let (x, tail) = (part(at), V::load(tail.as_ptr()));
            let lost = x.encode(steps, out.as_mut_ptr().add(at));
            sums = x.mul_add(tail, V::splat(0.0)).mul_add(x, sums);
            losses = lost.mul_add(tail, V::splat(0.0)).mul_add(lost, losses);
        }
        (sums.sum(), losses.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::{Request, RowIds};
    use crate::rows::Rows;
    use crate::simd::{Isa, Portable};
    use crate::test_data::uniforms;

    #[test]
    fn rows_of_every_width_are_moved_value_by_value() {
        for d in [1, 3, 4, 5, 7, 8, 9, 30] {
            let values = uniforms(d as u64, 20 * d);
            let rows = Rows::new(&values, d).expect("rows");
            let request = Request {
                queries: rows,
                rows,
                ids: RowIds::From(0),
                n_neighbors: 1,
                limits: None,
                mixed: None,
            };
            let geometry = Geometry::new(&request).expect("in range");
            let coding = Coding::new(&geometry, Isa::Baseline).expect("a step");
            let tail: Vec<f32> = (0..4).map(|lane| f32::from(lane >= 4 - d % 4)).collect();
            let expected: Vec<f32> = rows
                .row(7)
                .iter()
                .zip(&geometry.centre)
                .map(|(x, &c)| x.centred(geometry.scale, c))
                .collect();
            let square: f32 = expected.iter().map(|x| x * x).sum();
            let (mut moved, mut codes) = (vec![0.0; d], vec![0; d]);
            let norm = centre_row::<Portable, f64>(rows.row(7), &geometry, &tail, &mut moved);
            assert_eq!(moved, expected);
            assert!((norm / square - 1.0).abs() < 1e-5, "{d}: {norm} {square}");
            let (norm, lost) =
                encode_row::<Portable, f64>(rows.row(7), &geometry, &coding, &tail, &mut codes);
            assert!((norm / square - 1.0).abs() < 1e-5, "{d}: {norm} {square}");
            let mut expected_loss = 0.0;
            for (&code, &x) in codes.iter().zip(&expected) {
                let value = (f32::from(code) - 128.0) * coding.step;
                assert!((value - x).abs() <= 0.501 * coding.step, "{d}");
                expected_loss += (x - value) * (x - value);
            }
            assert!((lost - expected_loss).abs() <= 1e-4 * expected_loss, "{d}: {lost} {expected_loss}");
        }
    }
}
