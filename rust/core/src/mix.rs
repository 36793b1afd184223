//! The executor: turns a plan into rows, with no decision left to take.
//!
//! Row `i` is `(lam a + (1 - lam) p) + (noise_std sqrt(lam^2 + (1 - lam)^2)) z`. The three weights are
//! computed in `f64` and rounded to the type of the rows; every product and sum is rounded once. The normal
//! of column `j` is number `i * n_features + j` of the noise stream, so that any range of rows can be made
//! alone.

use crate::parallel::{Cancel, Pool};
use crate::plan::{Choices, Plan, PlanMut};
use crate::random::{fill_normals, Key, NORMALS_PER_BLOCK};
use crate::rows::{Element, Rows};
use crate::Error;

/// Values of one task: enough noise blocks that the two cut at its ends do not matter.
const TASK_VALUES: usize = 64 * NORMALS_PER_BLOCK;
/// Rows whose plan is drawn together when no plan is kept.
const DRAWN_ROWS: usize = 256;

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
}

/// One row of a plan.
#[derive(Debug, Clone, Copy)]
struct Choice {
    anchor: i64,
    unlabeled: bool,
    neighbor: i64,
    lam: f64,
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
        if !(self.noise_std >= 0.0 && self.noise_std.is_finite()) {
            let got = self.noise_std.to_string();
            return Err(Error::Parameter { what: "noise_std", expected: "finite and not negative", got });
        }
        Ok(())
    }

    /// Anchor and partner of one row, or which column of the plan points outside.
    fn pair(&self, row: usize, choice: Choice) -> Result<(&'a [T], &'a [T]), Error> {
        let index = |what, value: i64, bound: usize| match usize::try_from(value) {
            Ok(index) if index < bound => Ok(index),
            _ => Err(Error::Plan { row, what, bound, got: value }),
        };
        let anchor = index("anchor", choice.anchor, self.anomalies.len())?;
        let partner = if choice.unlabeled {
            let at = anchor * self.slots + index("neighbor", choice.neighbor, self.slots)?;
            let d = self.anomalies.n_features();
            &self.neighbor_rows[at * d..(at + 1) * d]
        } else if self.anomaly_slots == 0 {
            self.anomalies.row(anchor)
        } else {
            let at = anchor * self.anomaly_slots + index("neighbor", choice.neighbor, self.anomaly_slots)?;
            let partner = self.anomaly_neighbors[at];
            self.anomalies.row(index("anomaly neighbour", partner, self.anomalies.len())?)
        };
        Ok((self.anomalies.row(anchor), partner))
    }

    fn weights(&self, lam: f64) -> [T; 3] {
        let rest = 1.0 - lam;
        let noise = self.noise_std * (lam * lam + rest * rest).sqrt();
        [T::from_f64(lam), T::from_f64(rest), T::from_f64(noise)]
    }

    /// Mixes consecutive rows; `start` is the number of the first in the whole output.
    fn mix_rows(
        &self,
        start: u64,
        first_of_plan: usize,
        choices: impl Iterator<Item = Choice>,
        out: &mut [T],
        noise: &mut Noise,
    ) -> Result<(), Error> {
        let d = self.anomalies.n_features();
        for (i, (out, choice)) in out.chunks_exact_mut(d).zip(choices).enumerate() {
            let (anchor, partner) = self.pair(first_of_plan + i, choice)?;
            let weights = self.weights(choice.lam);
            if self.noise_std == 0.0 {
                for ((x, &a), &p) in out.iter_mut().zip(anchor).zip(partner) {
                    *x = T::mix_noiseless(weights, a, p);
                }
                continue;
            }
            let mut element = start.wrapping_add(i as u64).wrapping_mul(d as u64);
            let mut done = 0;
            while done < d {
                let normals = noise.from(self.key, element, d - done);
                let to = done + normals.len();
                let columns = out[done..to].iter_mut().zip(&anchor[done..to]).zip(&partner[done..to]);
                for (((x, &a), &p), &z) in columns.zip(normals) {
                    *x = T::mix(weights, a, p, z);
                }
                element = element.wrapping_add(normals.len() as u64);
                done = to;
            }
        }
        Ok(())
    }

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
        let d = self.anomalies.n_features();
        let (expected, got) = (plan.n_rows()? * d, out.len());
        if expected != got {
            return Err(Error::Length { what: "out", expected, got });
        }
        let rows = (TASK_VALUES / d).max(1);
        let tasks: Vec<_> = out.chunks_mut(rows * d).enumerate().collect();
        let done = pool.map(tasks, |(task, out)| {
            cancel.check()?;
            let first = task * rows;
            let choices = (first..first + out.len() / d).map(|i| Choice {
                anchor: plan.anchor[i],
                unlabeled: plan.unlabeled[i],
                neighbor: plan.neighbor[i],
                lam: plan.lam[i],
            });
            self.mix_rows(start.wrapping_add(first as u64), first, choices, out, &mut Noise::default())
        });
        done.into_iter().collect()
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
        let d = self.anomalies.n_features();
        let rows = (TASK_VALUES / d).max(1);
        let tasks: Vec<_> = out.chunks_mut(rows * d).enumerate().collect();
        let done = pool.map(tasks, |(task, out)| {
            let mut noise = Noise::default();
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
                let first = task * rows + part * DRAWN_ROWS;
                let row = start.wrapping_add(first as u64);
                choices.draw(self.key, row, &mut plan);
                let drawn = (0..n).map(|i| Choice {
                    anchor: anchor[i],
                    unlabeled: unlabeled[i],
                    neighbor: neighbor[i],
                    lam: lam[i],
                });
                self.mix_rows(row, first, drawn, out, &mut noise)?;
            }
            Ok(())
        });
        done.into_iter().collect()
    }
}

/// The block of normals in use.
struct Noise {
    block: Option<u64>,
    normals: [f32; NORMALS_PER_BLOCK],
}

impl Default for Noise {
    fn default() -> Self {
        Self { block: None, normals: [0.0; NORMALS_PER_BLOCK] }
    }
}

impl Noise {
    /// The normals from `element` on: at least one, at most `wanted`, up to the end of their block.
    #[inline]
    fn from(&mut self, key: Key, element: u64, wanted: usize) -> &[f32] {
        let block = element / NORMALS_PER_BLOCK as u64;
        if self.block != Some(block) {
            fill_normals(key, block, &mut self.normals);
            self.block = Some(block);
        }
        let at = (element % NORMALS_PER_BLOCK as u64) as usize;
        &self.normals[at..NORMALS_PER_BLOCK.min(at + wanted)]
    }
}
