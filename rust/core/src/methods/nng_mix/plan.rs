//! Every random choice of every row, as data.
//!
//! Row `i` reads block `i` of the stream: words 0-1 choose the pool, 2-3 the anchor, 4-5 the partner
//! among the anchor's neighbours, 6-7 and 8-9 are the two uniforms of the first attempt at lam. Attempt `t`
//! reads words 6-9 of the row's block with attempt `t` in the nonce. Words 12-13 are the donor's: `methods::donor`.

use crate::methods::draw::TASK_ROWS;
use crate::parallel::{Cancel, Pool};
use crate::random::{bounded_in_halves, open_unit, word64, Beta, Key, Lanes, Purpose, LANES};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Rows drawn together: enough that independent chains of arithmetic keep the processor busy.
const DRAWN: usize = 32;

/// What the choices are drawn from.
#[derive(Debug, Clone, Copy)]
pub struct Choices {
    /// Rows of `A`.
    pub n_anomalies: usize,
    /// Neighbours of each anomaly among the unlabelled rows.
    pub n_neighbors: usize,
    /// Neighbours of each anomaly among the other anomalies; 0 makes the anchor its own partner.
    pub n_neighbors_anomaly: usize,
    /// Probability that the partner is an unlabelled row.
    pub unlabeled_fraction: f64,
    /// Distribution of lam, the weight of the anchor.
    pub weight: Beta,
    /// The stream: [`Purpose::Plan`], or that of another method which chooses in this way.
    pub purpose: Purpose,
}

/// The choices of consecutive rows, one column each.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// Row of `A`.
    pub anchor: &'a [i64],
    /// Whether the partner is an unlabelled row.
    pub unlabeled: &'a [bool],
    /// Which of the anchor's neighbours is the partner, 0 the nearest.
    pub neighbor: &'a [i64],
    /// Weight of the anchor.
    pub lam: &'a [f64],
    /// Whether the anchor is the donor, else the partner; None where columns are of one kind.
    pub donor_is_anchor: Option<&'a [bool]>,
}

/// The columns of a [`Plan`], to be written.
#[derive(Debug)]
pub struct PlanMut<'a> {
    /// See [`Plan::anchor`].
    pub anchor: &'a mut [i64],
    /// See [`Plan::unlabeled`].
    pub unlabeled: &'a mut [bool],
    /// See [`Plan::neighbor`].
    pub neighbor: &'a mut [i64],
    /// See [`Plan::lam`].
    pub lam: &'a mut [f64],
}

impl Plan<'_> {
    /// Number of rows; an error if the columns differ in length.
    pub fn n_rows(&self) -> Result<usize, Error> {
        let expected = self.lam.len();
        let donors = self.donor_is_anchor.map_or(expected, <[bool]>::len);
        let lengths = [self.anchor.len(), self.unlabeled.len(), self.neighbor.len(), donors];
        match lengths.into_iter().find(|&got| got != expected) {
            Some(got) => Err(Error::Length { what: "columns of the plan", expected, got }),
            None => Ok(expected),
        }
    }
}

impl<'a> PlanMut<'a> {
    /// The columns in parts of at most `n` rows.
    fn chunks(self, n: usize) -> Vec<PlanMut<'a>> {
        let columns = self.anchor.chunks_mut(n).zip(self.unlabeled.chunks_mut(n));
        let columns = columns.zip(self.neighbor.chunks_mut(n)).zip(self.lam.chunks_mut(n));
        columns
            .map(|(((anchor, unlabeled), neighbor), lam)| PlanMut { anchor, unlabeled, neighbor, lam })
            .collect()
    }
}

impl Choices {
    /// Checks that there is something to choose from.
    pub fn check(&self) -> Result<(), Error> {
        if self.n_anomalies == 0 {
            return Err(Error::Parameter { what: "n_anomalies", expected: "at least 1", got: "0".into() });
        }
        for (what, n) in [
            ("n_anomalies", self.n_anomalies),
            ("n_neighbors", self.n_neighbors),
            ("n_neighbors_anomaly", self.n_neighbors_anomaly),
        ] {
            if u32::try_from(n).is_err() {
                return Err(Error::Parameter { what, expected: "below 2^32", got: n.to_string() });
            }
        }
        if !(0.0..=1.0).contains(&self.unlabeled_fraction) {
            let got = self.unlabeled_fraction.to_string();
            return Err(Error::Parameter { what: "unlabeled_fraction", expected: "between 0 and 1", got });
        }
        if self.unlabeled_fraction > 0.0 && self.n_neighbors == 0 {
            let expected = "at least 1 unless unlabeled_fraction is 0";
            return Err(Error::Parameter { what: "n_neighbors", expected, got: "0".into() });
        }
        Ok(())
    }

    /// Draws the rows from `start` on, as many as the plan has, on all threads of the pool.
    pub fn draw_all(
        &self,
        key: Key,
        start: u64,
        plan: PlanMut<'_>,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        self.check()?;
        let isa = Isa::current()?;
        let tasks: Vec<_> = plan.chunks(TASK_ROWS).into_iter().enumerate().collect();
        let done = pool.map(tasks, |(task, mut plan)| {
            cancel.check()?;
            draw(isa, self, key, start.wrapping_add((task * TASK_ROWS) as u64), &mut plan);
            Ok(())
        });
        done.into_iter().collect()
    }

    #[inline(always)]
    fn draw<V: Vector>(&self, key: Key, start: u64, plan: &mut PlanMut<'_>) {
        let [n_anomalies, n_neighbors, n_others] = self.bounds();
        let mut waiting = Waiting { rows: [0; 2 * LANES], attempts: [0; 2 * LANES], n: 0 };
        for at in (0..plan.lam.len()).step_by(DRAWN) {
            // Whole vectors into local arrays, which are stored at once.
            let (mut unlabeled, mut anchor, mut neighbor) = ([false; DRAWN], [0; DRAWN], [0; DRAWN]);
            let [mut u, mut v] = [[0.5; DRAWN]; 2];
            let n = DRAWN.min(plan.lam.len() - at);
            for first in (0..n).step_by(LANES) {
                let lanes = key.lanes::<V>(self.purpose, start.wrapping_add((at + first) as u64));
                for lane in 0..LANES {
                    let (row, pool) = (first + lane, word64(lanes[0][lane], lanes[1][lane]));
                    unlabeled[row] = open_unit(pool) < self.unlabeled_fraction;
                    let n_partners = if unlabeled[row] { n_neighbors } else { n_others };
                    anchor[row] = bounded_in_halves(word64(lanes[2][lane], lanes[3][lane]), n_anomalies);
                    neighbor[row] = bounded_in_halves(word64(lanes[4][lane], lanes[5][lane]), n_partners);
                    [u[row], v[row]] = uniforms(&lanes, lane);
                }
            }
            let (accepted, lam) = self.weight.attempt(u, v);
            plan.unlabeled[at..at + n].copy_from_slice(&unlabeled[..n]);
            plan.anchor[at..at + n].copy_from_slice(&anchor[..n]);
            plan.neighbor[at..at + n].copy_from_slice(&neighbor[..n]);
            plan.lam[at..at + n].copy_from_slice(&lam[..n]);
            for (group, accepted) in accepted[..n].chunks(LANES).enumerate() {
                for (lane, &accepted) in accepted.iter().enumerate() {
                    waiting.push_unless(accepted, at + group * LANES + lane, 1);
                }
                while waiting.n >= LANES {
                    self.try_again::<V>(key, start, &mut waiting, plan.lam);
                }
            }
        }
        while waiting.n > 0 {
            self.try_again::<V>(key, start, &mut waiting, plan.lam);
        }
    }

    /// Rows to choose from: anchors, unlabelled partners, other partners.
    fn bounds(&self) -> [u32; 3] {
        // `check` has refused more than `u32` can count.
        [self.n_anomalies, self.n_neighbors, self.n_neighbors_anomaly].map(|n| n as u32)
    }

    /// The next attempt of up to sixteen of the rows that wait for one.
    #[inline(always)]
    fn try_again<V: Vector>(&self, key: Key, start: u64, waiting: &mut Waiting, all_lam: &mut [f64]) {
        let left = waiting.n.saturating_sub(LANES);
        let tried = std::mem::replace(&mut waiting.n, left) - left;
        let (mut rows, mut attempts, mut counters) = ([0; LANES], [0; LANES], [0; LANES]);
        for lane in 0..LANES {
            rows[lane] = waiting.rows[left + lane];
            attempts[lane] = waiting.attempts[left + lane];
            counters[lane] = start.wrapping_add(rows[lane] as u64);
        }
        let lanes = key.lanes_at::<V>(self.purpose, attempts, counters);
        let [mut u, mut v] = [[0.0; LANES]; 2];
        for lane in 0..LANES {
            [u[lane], v[lane]] = uniforms(&lanes, lane);
        }
        let (accepted, lam) = self.weight.attempt(u, v);
        for lane in 0..tried {
            if accepted[lane] {
                all_lam[rows[lane]] = lam[lane];
            }
            waiting.push_unless(accepted[lane], rows[lane], attempts[lane] + 1);
        }
    }
}

/// The uniforms of an attempt at lam.
#[inline(always)]
fn uniforms(lanes: &Lanes, lane: usize) -> [f64; 2] {
    [open_unit(word64(lanes[6][lane], lanes[7][lane])), open_unit(word64(lanes[8][lane], lanes[9][lane]))]
}

/// Rows whose lam was rejected, and the attempt each waits for; unused lanes repeat old rows.
struct Waiting {
    rows: [usize; 2 * LANES],
    attempts: [u32; 2 * LANES],
    n: usize,
}

impl Waiting {
    /// Without a branch, which would be mispredicted for every rejected row.
    #[inline(always)]
    fn push_unless(&mut self, accepted: bool, row: usize, attempt: u32) {
        self.rows[self.n] = row;
        self.attempts[self.n] = attempt;
        self.n += usize::from(!accepted);
    }
}

dispatch! {
    /// Draws the rows from `start` on, as many as the plan has.
    pub(super) fn draw[](choices: &Choices, key: Key, start: u64, plan: &mut PlanMut<'_>) -> () = draw_impl
}

#[inline(always)]
fn draw_impl<V: Vector>(choices: &Choices, key: Key, start: u64, plan: &mut PlanMut<'_>) {
    choices.draw::<V>(key, start, plan);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(fraction: f64) -> Choices {
        Choices {
            n_anomalies: 7,
            n_neighbors: 5,
            n_neighbors_anomaly: 3,
            unlabeled_fraction: fraction,
            weight: Beta::new(0.2, 0.2).expect("valid"),
            purpose: Purpose::Plan,
        }
    }

    fn draw(choices: &Choices, start: u64, n: usize) -> (Vec<i64>, Vec<bool>, Vec<i64>, Vec<f64>) {
        let mut out = (vec![0; n], vec![false; n], vec![0; n], vec![0.0; n]);
        let mut plan =
            PlanMut { anchor: &mut out.0, unlabeled: &mut out.1, neighbor: &mut out.2, lam: &mut out.3 };
        super::draw(Isa::best(), choices, Key([5; 8]), start, &mut plan);
        out
    }

    #[test]
    fn any_split_gives_the_same_rows() {
        let choices = choices(0.5);
        let whole = draw(&choices, 100, 333);
        for cut in [1, 16, 17, 200] {
            let (first, second) = (draw(&choices, 100, cut), draw(&choices, 100 + cut as u64, 333 - cut));
            assert_eq!([first.0, second.0].concat(), whole.0);
            assert_eq!([first.1, second.1].concat(), whole.1);
            assert_eq!([first.2, second.2].concat(), whole.2);
            assert_eq!([first.3, second.3].concat(), whole.3);
        }
    }

    #[test]
    fn the_share_of_the_pools_is_exact_at_both_ends() {
        assert!(draw(&choices(0.0), 0, 1000).1.iter().all(|unlabeled| !unlabeled));
        assert!(draw(&choices(1.0), 0, 1000).1.iter().all(|unlabeled| *unlabeled));
    }

    #[test]
    fn impossible_choices_are_refused() {
        assert!(Choices { n_anomalies: 0, ..choices(0.5) }.check().is_err());
        assert!(Choices { n_neighbors: 0, ..choices(0.5) }.check().is_err());
        assert!(Choices { n_neighbors: 0, ..choices(0.0) }.check().is_ok());
        assert!(Choices { n_anomalies: 1 << 32, ..choices(0.5) }.check().is_err());
        assert!(choices(f64::NAN).check().is_err());
    }
}
