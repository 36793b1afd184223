//! Mixup: `lam a + (1 - lam) p`, the partner any row but the anchor. The weights are computed in `f64` and
//! rounded to the type of the rows.

use super::donor::donors;
use super::draw::{check_rows, skip};
use super::execute::{anchor, in_own_tasks, in_tasks, AllRows};
use super::mixed::Parents;
use super::nng_mix::{Choices, PlanMut};
use super::weighted::without_noise;
use crate::parallel::{Cancel, Pool};
use crate::random::{Beta, Key, Purpose};
use crate::rows::Element;
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// What the choices are drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Mixup {
    /// Rows of `A`.
    pub n_anomalies: usize,
    /// Rows partners are taken from: those of `A`, or of `A` and `U`.
    pub n_rows: usize,
    /// Distribution of lam, the weight of the anchor.
    pub weight: Beta,
}

/// The choices of consecutive rows, one column each.
#[derive(Debug, Clone, Copy)]
pub struct MixupPlan<'a> {
    /// Row of `A`.
    pub anchor: &'a [i64],
    /// Row of `A`, or `n_anomalies` plus row of `U`.
    pub partner: &'a [i64],
    /// Weight of the anchor.
    pub lam: &'a [f64],
    /// Whether the anchor is the donor, else the partner; rows of mixed columns have one.
    pub donor_is_anchor: Option<&'a [bool]>,
}

/// The columns of a [`MixupPlan`], to be written.
#[derive(Debug)]
pub struct MixupPlanMut<'a> {
    /// See [`MixupPlan::anchor`].
    pub anchor: &'a mut [i64],
    /// See [`MixupPlan::partner`].
    pub partner: &'a mut [i64],
    /// See [`MixupPlan::lam`].
    pub lam: &'a mut [f64],
}

impl Mixup {
    /// Draws the rows from `start` on into columns of one length.
    pub fn draw(
        &self,
        key: Key,
        start: u64,
        plan: MixupPlanMut<'_>,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        check_rows(self.n_anomalies, self.n_rows)?;
        let MixupPlanMut { anchor, partner, lam } = plan;
        // A plan of NNG-Mix in which every other row is a neighbour.
        let choices = Choices {
            n_anomalies: self.n_anomalies,
            n_neighbors: 0,
            n_neighbors_anomaly: self.n_rows - 1,
            unlabeled_fraction: 0.0,
            weight: self.weight,
            purpose: Purpose::Mixup,
        };
        let mut unlabeled = vec![false; lam.len()];
        let plan = PlanMut { anchor, unlabeled: &mut unlabeled, neighbor: partner, lam };
        choices.draw_all(key, start, plan, pool, cancel)?;
        for (partner, &anchor) in partner.iter_mut().zip(anchor.iter()) {
            *partner = if self.n_rows == 1 { anchor } else { skip(anchor, *partner) };
        }
        Ok(())
    }
}

/// Mixes the rows of a plan into `out`.
pub fn mixup<T: Element>(
    rows: AllRows<'_, T>,
    plan: MixupPlan<'_>,
    out: &mut [T],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    rows.check()?;
    let isa = Isa::current()?;
    let columns = [plan.anchor.len(), plan.partner.len(), plan.lam.len()];
    if let Some(categorical) = rows.categorical {
        let donors = donors(plan.donor_is_anchor)?;
        let columns = [columns[0], columns[1], columns[2], donors.len()];
        return in_own_tasks(out, rows.anomalies.n_features(), &columns, pool, cancel, |first, out| {
            mixed_rows(isa, &rows, &plan, categorical, donors, first, out)
        });
    }
    in_tasks(out, rows.anomalies.n_features(), &columns, pool, cancel, |first, out| {
        mixup_rows(isa, &rows, &plan, first, out)
    })
}

dispatch! {
    /// Makes the rows from `first` of the plan on, as many as `out` takes.
    fn mixup_rows[T: Element](
        rows: &AllRows<'_, T>,
        plan: &MixupPlan<'_>,
        first: usize,
        out: &mut [T],
    ) -> Result<(), Error> = mixup_rows_impl
}

#[inline(always)]
fn mixup_rows_impl<V: Vector, T: Element>(
    rows: &AllRows<'_, T>,
    plan: &MixupPlan<'_>,
    first: usize,
    out: &mut [T],
) -> Result<(), Error> {
    for (row, out) in out.chunks_exact_mut(rows.anomalies.n_features()).enumerate() {
        let row = first + row;
        let a = anchor(rows.anomalies, row, plan.anchor[row])?;
        let p = rows.partner(row, plan.partner[row])?;
        let weights = [T::from_f64(plan.lam[row]), T::from_f64(1.0 - plan.lam[row]), T::default()];
        without_noise(weights, a, p, out);
    }
    Ok(())
}

dispatch! {
    /// The same for mixed columns.
    fn mixed_rows[T: Element](
        rows: &AllRows<'_, T>,
        plan: &MixupPlan<'_>,
        categorical: &[bool],
        donor_is_anchor: &[bool],
        first: usize,
        out: &mut [T],
    ) -> Result<(), Error> = mixed_rows_impl
}

#[inline(always)]
fn mixed_rows_impl<V: Vector, T: Element>(
    rows: &AllRows<'_, T>,
    plan: &MixupPlan<'_>,
    categorical: &[bool],
    donor_is_anchor: &[bool],
    first: usize,
    out: &mut [T],
) -> Result<(), Error> {
    for (row, out) in out.chunks_exact_mut(rows.anomalies.n_features()).enumerate() {
        let row = first + row;
        let a = anchor(rows.anomalies, row, plan.anchor[row])?;
        let p = rows.partner(row, plan.partner[row])?;
        let weights = [T::from_f64(plan.lam[row]), T::from_f64(1.0 - plan.lam[row]), T::default()];
        Parents::new(donor_is_anchor[row], a, p, weights).without_noise(categorical, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Rows;

    #[test]
    fn a_row_is_the_weighted_sum_and_wrong_plans_are_refused() {
        let (anomalies, unlabeled) = ([1.0_f32, 2.0, 3.0, 4.0], [10.0_f32, 20.0]);
        let rows = AllRows {
            anomalies: Rows::new(&anomalies, 2).expect("rows"),
            unlabeled: Rows::new(&unlabeled, 2).expect("rows"),
            categorical: None,
        };
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let mut out = [0.0; 4];
        let plan = MixupPlan { anchor: &[0, 1], partner: &[2, 0], lam: &[0.5, 0.25], donor_is_anchor: None };
        mixup(rows, plan, &mut out, &pool, &cancel).expect("valid");
        assert_eq!(out, [5.5, 11.0, 1.5, 2.5]);
        let wrong = MixupPlan { partner: &[2, 3], ..plan };
        let done = mixup(rows, wrong, &mut out, &pool, &cancel);
        assert!(matches!(done, Err(Error::Plan { row: 1, what: "partner", bound: 3, got: 3 })), "{done:?}");
        let mixed = AllRows { categorical: Some(&[true, false]), ..rows };
        assert!(mixup(mixed, plan, &mut out, &pool, &cancel).is_err());
        let plan = MixupPlan { donor_is_anchor: Some(&[true, false]), ..plan };
        mixup(mixed, plan, &mut out, &pool, &cancel).expect("valid");
        assert_eq!(out, [1.0, 11.0, 1.0, 2.5]);
        let other = AllRows { unlabeled: Rows::new(&unlabeled, 1).expect("rows"), ..rows };
        assert!(mixup(other, plan, &mut out, &pool, &cancel).is_err());
    }

    #[test]
    fn the_partner_is_every_other_row_and_never_the_anchor() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let weight = Beta::new(0.2, 0.2).expect("valid");
        let (mut anchor, mut partner, mut lam) = (vec![0; 2000], vec![0; 2000], vec![0.0; 2000]);
        for (n_anomalies, n_rows) in [(1, 1), (1, 2), (3, 3), (3, 8)] {
            let columns = MixupPlanMut { anchor: &mut anchor, partner: &mut partner, lam: &mut lam };
            let method = Mixup { n_anomalies, n_rows, weight };
            method.draw(Key([3; 8]), 0, columns, &pool, &cancel).expect("valid");
            for at in 0..n_anomalies as i64 {
                let pairs = anchor.iter().zip(&partner).filter(|(&anchor, _)| anchor == at);
                let mut found: Vec<i64> = pairs.map(|(_, &partner)| partner).collect();
                found.sort_unstable();
                found.dedup();
                let others = (0..n_rows as i64).filter(|&row| row != at || n_rows == 1);
                assert_eq!(found, others.collect::<Vec<_>>());
            }
        }
    }
}
