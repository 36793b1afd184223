//! What rows are mixed from: the parents of a row of the plan, and their weights.

use std::hint::select_unpredictable;

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
    pub(super) fn pair(&self, plan: &Plan<'_>, row: usize) -> Result<(&'a [T], &'a [T]), Error> {
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

    /// Weights of anchor, partner and noise of some rows.
    #[inline(always)]
    pub(super) fn weights(&self, lam: [f64; GROUP]) -> [[T; 3]; GROUP] {
        let mut weights = [[T::default(); 3]; GROUP];
        for (weights, lam) in weights.iter_mut().zip(lam) {
            let rest = 1.0 - lam;
            let noise = self.noise_std * (lam * lam + rest * rest).sqrt();
            *weights = [T::from_f64(lam), T::from_f64(rest), T::from_f64(noise)];
        }
        weights
    }
}
