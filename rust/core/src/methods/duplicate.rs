//! Duplication: copies of anomalies drawn with replacement, bit for bit.

use super::execute::{anchor, in_tasks_of_copies};
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

/// Copies the anchors into `out`. NaN is a missing value if `missing`, else an error.
pub fn duplicate<T: Element>(
    anomalies: Rows<'_, T>,
    anchors: &[i64],
    missing: bool,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let d = anomalies.n_features();
    in_tasks_of_copies(missing, out, d, &[anchors.len()], pool, cancel, |first, out| {
        for (row, out) in out.chunks_exact_mut(d).enumerate() {
            out.copy_from_slice(anchor(anomalies, first + row, anchors[first + row])?);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_keep_every_bit_and_wrong_anchors_are_refused() {
        let anomalies = [0.0_f64, -0.0, 5e-324, 1e300];
        let rows = Rows::new(&anomalies, 2).expect("rows");
        let (pool, cancel) = (Pool::new(2).expect("threads"), Cancel::default());
        let mut out = [1.0; 6];
        duplicate(rows, &[1, 0, 1], false, &mut out, &pool, &cancel).expect("valid");
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&out), bits(&[5e-324, 1e300, 0.0, -0.0, 5e-324, 1e300]));
        for wrong in [-1, 2] {
            let done = duplicate(rows, &[0, wrong, 0], false, &mut out, &pool, &cancel);
            assert!(matches!(done, Err(Error::Plan { row: 1, what: "anchor", .. })), "{done:?}");
        }
        assert!(duplicate(rows, &[0], false, &mut out, &pool, &cancel).is_err());
    }

    #[test]
    fn missing_values_are_copied_where_they_are_allowed_and_infinity_nowhere() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let made = |value: f64, missing| {
            let anomalies = [1.0, value];
            let rows = Rows::new(&anomalies, 2).expect("rows");
            duplicate(rows, &[0, 0], missing, &mut [0.0; 4], &pool, &cancel)
        };
        assert_eq!(made(f64::NAN, true), Ok(()));
        for (value, missing) in [(f64::NAN, false), (f64::INFINITY, true)] {
            assert!(matches!(made(value, missing), Err(Error::Overflow { column: 1, .. })));
        }
    }
}
