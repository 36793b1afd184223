//! The executor: turns a plan into rows, with no decision left to take.
//!
//! Row `i` is `(lam a + (1 - lam) p) + (noise_std sqrt(lam^2 + (1 - lam)^2)) z`. The three weights are computed in
//! `f64` and rounded to the type of the rows.

use super::mixed::mix_mixed_rows;
use super::plan::{draw, Choices, Plan, PlanMut};
use super::sources::{Sources, FETCHED_VALUES, GROUP};
use crate::methods::donor::donors_of;
use crate::methods::execute::in_own_tasks;
use crate::methods::mixed::Normals;
use crate::methods::weighted::{with_noise, without_noise};
use crate::parallel::{Cancel, Pool};
use crate::random::{NormalStream, Purpose};
use crate::rows::{check_made, Element};
use crate::simd::{dispatch, Isa, Lines, Vector};
use crate::Error;

/// Rows whose plan is drawn together when no plan is kept.
const DRAWN_ROWS: usize = 256;

impl<T: Element> Sources<'_, T> {
    /// Mixes the rows of a plan kept as data; `start` is the number of its first row.
    pub fn execute(
        &self,
        start: u64,
        plan: Plan<'_>,
        out: &mut [T],
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        self.check()?;
        let (d, n_rows, isa) = (self.anomalies.n_features(), plan.n_rows()?, Isa::current()?);
        if let Some(categorical) = self.categorical {
            return in_own_tasks(out, d, &[n_rows], pool, cancel, |first, out| {
                mix_mixed_rows(isa, self, start, &plan, first, out, &mut self.normals(isa, categorical))
            });
        }
        in_own_tasks(out, d, &[n_rows], pool, cancel, |first, out| {
            mix_rows(isa, self, start, &plan, first, out, &mut self.noise(isa))
        })
    }

    /// Draws and mixes rows straight into `out`, keeping no plan.
    pub fn generate(
        &self,
        choices: &Choices,
        start: u64,
        out: &mut [T],
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        self.check()?;
        choices.check()?;
        let (d, isa) = (self.anomalies.n_features(), Isa::current()?);
        if let Some(categorical) = self.categorical {
            return in_own_tasks(out, d, &[], pool, cancel, |first, out| {
                let mut normals = self.normals(isa, categorical);
                self.draw_parts(
                    isa,
                    choices,
                    start.wrapping_add(first as u64),
                    out,
                    cancel,
                    |row, plan, out| {
                        let mut donors = [false; DRAWN_ROWS];
                        donors_of(
                            isa,
                            self.key,
                            choices.purpose,
                            row,
                            plan.lam,
                            &mut donors[..plan.lam.len()],
                        );
                        let plan = Plan { donor_is_anchor: Some(&donors), ..*plan };
                        mix_mixed_rows(isa, self, row, &plan, 0, out, &mut normals)
                    },
                )
            });
        }
        in_own_tasks(out, d, &[], pool, cancel, |first, out| {
            let mut noise = self.noise(isa);
            self.draw_parts(isa, choices, start.wrapping_add(first as u64), out, cancel, |row, plan, out| {
                mix_rows(isa, self, row, plan, 0, out, &mut noise)
            })
        })
    }

    /// Calls `mix` with the plan of each part of the rows from `start` on.
    fn draw_parts(
        &self,
        isa: Isa,
        choices: &Choices,
        start: u64,
        out: &mut [T],
        cancel: &Cancel,
        mut mix: impl FnMut(u64, &Plan<'_>, &mut [T]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let d = self.anomalies.n_features();
        for (part, out) in out.chunks_mut(DRAWN_ROWS * d).enumerate() {
            cancel.check()?;
            let (mut anchor, mut neighbor) = ([0; DRAWN_ROWS], [0; DRAWN_ROWS]);
            let (mut unlabeled, mut lam) = ([false; DRAWN_ROWS], [0.0; DRAWN_ROWS]);
            let n = out.len() / d;
            let mut plan = PlanMut {
                anchor: &mut anchor[..n],
                unlabeled: &mut unlabeled[..n],
                neighbor: &mut neighbor[..n],
                lam: &mut lam[..n],
            };
            let row = start.wrapping_add((part * DRAWN_ROWS) as u64);
            draw(isa, choices, self.key, row, &mut plan);
            let plan = Plan {
                anchor: &anchor[..n],
                unlabeled: &unlabeled[..n],
                neighbor: &neighbor[..n],
                lam: &lam[..n],
                donor_is_anchor: None,
            };
            mix(row, &plan, out)?;
        }
        Ok(())
    }

    fn normals(&self, isa: Isa, categorical: &[bool]) -> Normals {
        Normals::new(isa, self.key, Purpose::Noise, categorical)
    }

    fn noise(&self, isa: Isa) -> NormalStream {
        NormalStream::new(isa, self.key, Purpose::Noise)
    }
}

dispatch! {
    /// Makes the rows of a plan from `first` on, as many as `out` takes; row 0 of the plan is output row `start`.
    fn mix_rows[T: Element](
        sources: &Sources<'_, T>,
        start: u64,
        plan: &Plan<'_>,
        first: usize,
        out: &mut [T],
        noise: &mut NormalStream,
    ) -> Result<(), Error> = mix_rows_impl
}

#[inline(always)]
fn mix_rows_impl<V: Vector, T: Element>(
    sources: &Sources<'_, T>,
    start: u64,
    plan: &Plan<'_>,
    first: usize,
    out: &mut [T],
    noise: &mut NormalStream,
) -> Result<(), Error> {
    let d = sources.anomalies.n_features();
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
        for (i, made) in out.chunks_exact_mut(d).enumerate() {
            let weights = [weights[0][i], weights[1][i], weights[2][i]];
            let (anchor, partner) = pairs[i];
            if sources.noise_std == 0.0 {
                without_noise(weights, anchor, partner, made);
            } else {
                with_noise(weights, anchor, partner, noise, start.wrapping_add((first + i) as u64), made);
            }
        }
        // While they are in the nearest cache.
        check_made(out, d, "new rows")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Beta, Key};
    use crate::rows::Rows;

    fn check<T: Element>(d: usize, noise_std: f64) {
        let (n, slots, n_rows) = (5, 3, 2500 / d + 3);
        let value = |i: usize| T::from_f64(((i * 7919) % 1009) as f64 / 100.0 - 5.0);
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
            categorical: None,
        };
        let choices = Choices {
            n_anomalies: n,
            n_neighbors: slots,
            n_neighbors_anomaly: 2,
            unlabeled_fraction: 0.5,
            weight: Beta::new(0.2, 0.2).expect("valid"),
            purpose: Purpose::Plan,
        };
        let made = |isa: Isa| -> (Vec<f64>, Vec<T>) {
            let (mut anchor, mut neighbor) = (vec![0; n_rows], vec![0; n_rows]);
            let (mut unlabeled, mut lam) = (vec![false; n_rows], vec![0.0; n_rows]);
            let mut plan = PlanMut {
                anchor: &mut anchor,
                unlabeled: &mut unlabeled,
                neighbor: &mut neighbor,
                lam: &mut lam,
            };
            draw(isa, &choices, sources.key, 1000, &mut plan);
            let mut out = vec![T::default(); n_rows * d];
            let plan = Plan {
                anchor: &anchor,
                unlabeled: &unlabeled,
                neighbor: &neighbor,
                lam: &lam,
                donor_is_anchor: None,
            };
            mix_rows(isa, &sources, 1000, &plan, 0, &mut out, &mut sources.noise(isa)).expect("valid plan");
            (lam, out)
        };
        let expected = made(Isa::Baseline);
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            assert_eq!(made(isa), expected, "{isa:?} d = {d}");
        }
        let mut out = vec![T::default(); n_rows * d];
        for n_threads in [1, 3] {
            let pool = Pool::new(n_threads).expect("threads");
            sources.generate(&choices, 1000, &mut out, &pool, &Cancel::default()).expect("valid");
            assert_eq!(out, expected.1, "{n_threads} threads, d = {d}");
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bytes() {
        for d in [1, 2, 7, 8, 9, 15, 16, 17, 30, 31, 33, 64, 65, 1023, 1025, 2500] {
            for noise_std in [0.0, 0.3] {
                check::<f32>(d, noise_std);
                check::<f64>(d, noise_std);
            }
        }
    }

    #[test]
    fn a_plan_that_points_outside_is_refused_by_name() {
        let anomalies = [0.0_f64, 1.0];
        let sources = Sources {
            anomalies: Rows::new(&anomalies, 1).expect("rows"),
            neighbor_rows: &anomalies,
            slots: 1,
            anomaly_neighbors: &[1, 5],
            anomaly_slots: 1,
            noise_std: 0.1,
            key: Key([0; 8]),
            categorical: None,
        };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        for (anchor, unlabeled, neighbor, what) in [
            (2, true, 0, "anchor"),
            (-1, true, 0, "anchor"),
            (0, true, 1, "neighbor"),
            (0, false, 1, "neighbor"),
            (1, false, 0, "anomaly neighbour"),
        ] {
            let plan = Plan {
                anchor: &[anchor],
                unlabeled: &[unlabeled],
                neighbor: &[neighbor],
                lam: &[0.5],
                donor_is_anchor: None,
            };
            let done = sources.execute(0, plan, &mut [0.0], &pool, &cancel);
            assert!(matches!(done, Err(Error::Plan { row: 0, what: got, .. }) if got == what), "{done:?}");
        }
    }
}
