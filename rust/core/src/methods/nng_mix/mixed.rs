//! The executor for rows of mixed columns, whose plan has a donor: as that for numbers, with `methods::mixed` for
//! each row.

use super::plan::Plan;
use super::sources::{Sources, FETCHED_VALUES, GROUP};
use crate::methods::donor::donors;
use crate::methods::mixed::{Normals, Parents};
use crate::rows::Element;
use crate::simd::{dispatch, Lines, Vector};
use crate::Error;

dispatch! {
    /// Makes the rows of a plan from `first` on, as many as `out` takes; row 0 of the plan is output row `start`.
    pub(super) fn mix_mixed_rows[T: Element](
        sources: &Sources<'_, T>,
        start: u64,
        plan: &Plan<'_>,
        first: usize,
        out: &mut [T],
        normals: &mut Normals,
    ) -> Result<(), Error> = mix_mixed_rows_impl
}

#[inline(always)]
fn mix_mixed_rows_impl<V: Vector, T: Element>(
    sources: &Sources<'_, T>,
    start: u64,
    plan: &Plan<'_>,
    first: usize,
    out: &mut [T],
    normals: &mut Normals,
) -> Result<(), Error> {
    let d = sources.anomalies.n_features();
    let (categorical, donor_is_anchor) =
        (sources.categorical.unwrap_or_default(), donors(plan.donor_is_anchor)?);
    let noise_std = T::from_f64(sources.noise_std);
    for (group, out) in out.chunks_mut(GROUP * d).enumerate() {
        let first = first + group * GROUP;
        let rows = first..first + out.len() / d;
        let mut lam = [0.0; GROUP];
        lam[..rows.len()].copy_from_slice(&plan.lam[rows.clone()]);
        let weights = sources.weights(lam);
        let pairs = sources.pairs(plan, rows.clone())?;
        for (_, partner) in &pairs {
            // Partners lie anywhere: those of a whole group are on their way together.
            Lines::of(partner.as_ptr(), d.min(FETCHED_VALUES)).read_all();
        }
        for (i, (row, out)) in rows.zip(out.chunks_exact_mut(d)).enumerate() {
            let weights = [weights[0][i], weights[1][i], weights[2][i]];
            let (anchor, partner) = pairs[i];
            let parents = Parents::new(donor_is_anchor[row], anchor, partner, weights);
            if sources.noise_std == 0.0 {
                parents.without_noise(categorical, out)?;
            } else {
                let normals = normals.of(start.wrapping_add(row as u64), out);
                parents.with_noise(noise_std, categorical, normals, out)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::donor::donors_of;
    use crate::methods::nng_mix::{Choices, PlanMut};
    use crate::parallel::{Cancel, Pool};
    use crate::random::{Beta, Key, Purpose};
    use crate::rows::Rows;
    use crate::simd::Isa;

    const START: u64 = 1000;

    /// The rows of every instruction set, of any threads, and of any split; the rows as numbers.
    fn check<T: Element>(d: usize, noise_std: f64, categorical: &[bool], holes: bool) -> (Vec<T>, Vec<T>) {
        let (n, slots, n_rows) = (5, 3, 2500 / d + 19);
        let value = |i: usize| match (i * 31) % 7 {
            0 if holes => T::NAN,
            _ => T::from_f64(((i * 7919) % 1009) as f64 / 100.0 - 5.0),
        };
        let anomalies: Vec<T> = (0..n * d).map(value).collect();
        let neighbor_rows: Vec<T> = (0..n * slots * d).map(|i| value(i + 77)).collect();
        let anomaly_neighbors: Vec<i64> =
            (0..n).flat_map(|i| [(i as i64 + 1) % 5, (i as i64 + 2) % 5]).collect();
        let sources = Sources {
            anomalies: Rows::new(&anomalies, d).expect("rows"),
            neighbor_rows: &neighbor_rows,
            slots,
            anomaly_neighbors: &anomaly_neighbors,
            anomaly_slots: 2,
            noise_std,
            key: Key([7; 8]),
            categorical: Some(categorical),
        };
        let choices = Choices {
            n_anomalies: n,
            n_neighbors: slots,
            n_neighbors_anomaly: 2,
            unlabeled_fraction: 0.5,
            weight: Beta::new(0.2, 0.2).expect("valid"),
            purpose: Purpose::Plan,
        };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let (mut anchor, mut neighbor) = (vec![0; n_rows], vec![0; n_rows]);
        let (mut unlabeled, mut lam, mut donors) =
            (vec![false; n_rows], vec![0.0; n_rows], vec![false; n_rows]);
        let plan = PlanMut {
            anchor: &mut anchor,
            unlabeled: &mut unlabeled,
            neighbor: &mut neighbor,
            lam: &mut lam,
        };
        choices.draw_all(sources.key, START, plan, &pool, &cancel).expect("valid choices");
        donors_of(Isa::Baseline, sources.key, Purpose::Plan, START, &lam, &mut donors);
        let plan = Plan {
            anchor: &anchor,
            unlabeled: &unlabeled,
            neighbor: &neighbor,
            lam: &lam,
            donor_is_anchor: Some(&donors),
        };
        let made = |isa: Isa, first: usize| {
            let mut out = vec![T::default(); (n_rows - first) * d];
            let mut normals = Normals::new(isa, sources.key, Purpose::Noise, categorical);
            mix_mixed_rows(isa, &sources, START, &plan, first, &mut out, &mut normals).expect("valid plan");
            out
        };
        let expected = made(Isa::Baseline, 0);
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            for first in [0, 1, 17] {
                assert_same(&made(isa, first), &expected[first * d..]);
            }
        }
        let mut out = vec![T::default(); n_rows * d];
        for n_threads in [1, 3] {
            let pool = Pool::new(n_threads).expect("threads");
            sources.generate(&choices, START, &mut out, &pool, &cancel).expect("valid choices");
            assert_same(&out, &expected);
        }
        sources.execute(START, plan, &mut out, &pool, &cancel).expect("valid plan");
        assert_same(&out, &expected);
        for (row, out) in out.chunks(d).enumerate() {
            let (a, p) = sources.pair(&plan, row).expect("inside");
            let donor = if donors[row] { a } else { p };
            for j in 0..d {
                assert_eq!(out[j].is_nan(), donor[j].is_nan());
                assert!(!categorical[j] || out[j] == donor[j] || donor[j].is_nan());
            }
        }
        let numbers = Sources { categorical: None, ..sources };
        let mut plain = vec![T::default(); n_rows * d];
        let done = numbers.execute(START, plan, &mut plain, &pool, &cancel);
        assert_eq!(done.is_err(), holes);
        (out, plain)
    }

    /// Bit for bit, NaN included.
    fn assert_same<T: Element>(got: &[T], expected: &[T]) {
        let bits = |values: &[T]| values.iter().map(|x| x.to_f64().to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(got), bits(expected));
    }

    #[test]
    fn every_instruction_set_gives_the_same_bytes_whose_donor_gave_what_is_no_number() {
        for d in [1, 2, 7, 15, 16, 17, 30, 33, 65, 1025] {
            for period in [1, 2, 3, 10] {
                let categorical: Vec<bool> = (0..d).map(|j| j % period == 0).collect();
                for noise_std in [0.0, 0.3] {
                    check::<f32>(d, noise_std, &categorical, true);
                    check::<f64>(d, noise_std, &categorical, true);
                }
            }
        }
    }

    #[test]
    fn without_categories_and_holes_the_bytes_are_those_of_numbers() {
        for d in [1, 7, 16, 33] {
            for noise_std in [0.0, 0.3] {
                let (mixed, numbers) = check::<f32>(d, noise_std, &vec![false; d], false);
                assert_same(&mixed, &numbers);
                let (mixed, numbers) = check::<f64>(d, noise_std, &vec![false; d], false);
                assert_same(&mixed, &numbers);
            }
        }
    }

    #[test]
    fn a_plan_without_donors_is_refused() {
        let values = [0.0_f64, 1.0];
        let sources = Sources {
            anomalies: Rows::new(&values, 2).expect("a row"),
            neighbor_rows: &values,
            slots: 1,
            anomaly_neighbors: &[],
            anomaly_slots: 0,
            noise_std: 0.0,
            key: Key([0; 8]),
            categorical: Some(&[true, false]),
        };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let plan =
            Plan { anchor: &[0], unlabeled: &[true], neighbor: &[0], lam: &[0.5], donor_is_anchor: None };
        let made = |plan| sources.execute(0, plan, &mut [0.0; 2], &pool, &cancel);
        assert!(matches!(made(plan), Err(Error::Parameter { what: "donor_is_anchor", .. })));
        assert!(made(Plan { donor_is_anchor: Some(&[true]), ..plan }).is_ok());
        assert!(matches!(made(Plan { donor_is_anchor: Some(&[]), ..plan }), Err(Error::Length { .. })));
        let few = Sources { categorical: Some(&[true]), ..sources };
        let done = few.execute(0, plan, &mut [0.0; 2], &pool, &cancel);
        assert!(matches!(done, Err(Error::Length { what: "categorical", .. })), "{done:?}");
    }
}
