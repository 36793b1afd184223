//! What rows are mixed from: the parents of a row of the plan, and their weights.

use std::hint::select_unpredictable;
use std::ops::Range;

use super::plan::Plan;
use crate::methods::execute::index;
use crate::methods::mixed::check_kinds;
use crate::methods::weighted::check_noise_std;
use crate::random::Key;
use crate::rows::{Element, Rows};
use crate::Error;

/// Rows whose weights are computed together.
pub(super) const GROUP: usize = 16;

/// Values of a partner that are fetched before its turn; the processor follows by itself.
pub(super) const FETCHED_VALUES: usize = 64;

/// Anchor and partner.
pub(super) type Pair<'a, T> = (&'a [T], &'a [T]);

/// What rows are mixed from.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a, T> {
    /// `A`.
    pub anomalies: Rows<'a, T>,
    /// Contents of the nearest unlabelled rows, `slots` for each anomaly.
    pub neighbor_rows: &'a [T],
    /// Slots of each anomaly in `neighbor_rows`.
    pub slots: usize,
    /// Indices of the nearest other anomalies, `anomaly_slots` for each anomaly.
    pub anomaly_neighbors: &'a [i64],
    /// Slots of each anomaly in `anomaly_neighbors`; 0 makes the anchor its own partner.
    pub anomaly_slots: usize,
    /// Standard deviation of the noise added to anchor and partner.
    pub noise_std: f64,
    /// Key of the noise stream.
    pub key: Key,
    /// Which columns are categories, in rows whose NaN is a missing value; None for finite numbers.
    pub categorical: Option<&'a [bool]>,
}

impl<'a, T: Element> Sources<'a, T> {
    /// Checks shapes and parameters.
    pub fn check(&self) -> Result<(), Error> {
        let n = self.anomalies.len();
        let lengths = [
            ("neighbour rows", n * self.slots * self.anomalies.n_features(), self.neighbor_rows.len()),
            ("anomaly neighbours", n * self.anomaly_slots, self.anomaly_neighbors.len()),
        ];
        for (what, expected, got) in lengths {
            if expected != got {
                return Err(Error::Length { what, expected, got });
            }
        }
        check_kinds(self.categorical, self.anomalies.n_features())?;
        check_noise_std(self.noise_std)
    }

    /// Anchor and partner of one row, or which column of the plan points outside.
    #[inline(always)]
    pub(super) fn pair(&self, plan: &Plan<'_>, row: usize) -> Result<Pair<'a, T>, Error> {
        let (n, d) = (self.anomalies.len(), self.anomalies.n_features());
        let at = index(row, "anchor", plan.anchor[row], n)?;
        let (anchor, unlabeled) = (self.anomalies.row(at), plan.unlabeled[row]);
        if self.anomaly_slots == 0 && !unlabeled {
            return Ok((anchor, anchor));
        }
        // Selected, not branched on: pools come at random, so that every other branch would be mispredicted.
        let slots = select_unpredictable(unlabeled, self.slots, self.anomaly_slots);
        let at = at * slots + index(row, "neighbor", plan.neighbor[row], slots)?;
        let other = self.anomaly_neighbors.get(select_unpredictable(unlabeled, 0, at));
        let partner = select_unpredictable(unlabeled, at as i64, other.copied().unwrap_or(0));
        let bound = select_unpredictable(unlabeled, n * self.slots, n);
        let partner = index(row, "anomaly neighbour", partner, bound)?;
        let rows = select_unpredictable(unlabeled, self.neighbor_rows, self.anomalies.values());
        Ok((anchor, &rows[partner * d..(partner + 1) * d]))
    }

    /// Anchors and partners of up to a group of rows, each as [`Self::pair`] would give it.
    #[inline(always)]
    pub(super) fn pairs(&self, plan: &Plan<'_>, rows: Range<usize>) -> Result<[Pair<'a, T>; GROUP], Error> {
        let mut pairs = [(&[][..], &[][..]); GROUP];
        if !self.fill_pairs(plan, rows.start, &mut pairs) {
            // At the end of the plan, or to find the row that is at fault.
            for (pair, row) in pairs.iter_mut().zip(rows) {
                *pair = self.pair(plan, row)?;
            }
        }
        Ok(pairs)
    }

    /// The pairs of a whole group, places and bounds in whole registers; false if the plan is too short for it or
    /// points outside.
    #[inline(always)]
    fn fill_pairs(&self, plan: &Plan<'_>, first: usize, pairs: &mut [Pair<'a, T>; GROUP]) -> bool {
        let (n, d) = (self.anomalies.len(), self.anomalies.n_features());
        let (Some(anchor), Some(neighbor), Some(unlabeled)) = (
            plan.anchor[first..].first_chunk::<GROUP>(),
            plan.neighbor[first..].first_chunk::<GROUP>(),
            plan.unlabeled[first..].first_chunk::<GROUP>(),
        ) else {
            return false;
        };
        // By value: a choice between places in memory would be a gather.
        let (nearest, others) = (self.slots, self.anomaly_slots);
        let (mut at, mut outside) = ([0; GROUP], others == 0);
        for row in 0..GROUP {
            let slots = others
                .wrapping_add(nearest.wrapping_sub(others) & usize::from(unlabeled[row]).wrapping_neg());
            // What is negative is large without its sign.
            outside |= (anchor[row] as usize >= n) | (neighbor[row] as usize >= slots);
            at[row] = (anchor[row] as usize).wrapping_mul(slots).wrapping_add(neighbor[row] as usize);
        }
        if outside {
            return false;
        }
        for row in 0..GROUP {
            // Selected, not branched on: pools come at random, so that every other branch would be mispredicted.
            let other = self.anomaly_neighbors[select_unpredictable(unlabeled[row], 0, at[row])];
            let partner = select_unpredictable(unlabeled[row], at[row], other as usize);
            let bound = select_unpredictable(unlabeled[row], n * nearest, n);
            if partner >= bound {
                return false;
            }
            let rows = select_unpredictable(unlabeled[row], self.neighbor_rows, self.anomalies.values());
            pairs[row] = (self.anomalies.row(anchor[row] as usize), &rows[partner * d..(partner + 1) * d]);
        }
        true
    }

    /// Weights of anchor, partner and noise, of a row each.
    #[inline(always)]
    pub(super) fn weights(&self, lam: [f64; GROUP]) -> [[T; GROUP]; 3] {
        let mut weights = [[T::default(); GROUP]; 3];
        for row in 0..GROUP {
            let rest = 1.0 - lam[row];
            let noise = self.noise_std * (lam[row] * lam[row] + rest * rest).sqrt();
            weights[0][row] = T::from_f64(lam[row]);
            weights[1][row] = T::from_f64(rest);
            weights[2][row] = T::from_f64(noise);
        }
        weights
    }
}
