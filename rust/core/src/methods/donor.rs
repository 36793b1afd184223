//! The donor of each row of mixed columns: the parent whose categories and missing values it has. It is the anchor
//! with probability lam, else the partner: the anchor if the uniform of words 12-13 of the row's block, which nothing
//! else reads, is below lam. The uniform is neither 0 nor 1, so that lam 0 makes it the partner and lam 1 the anchor.

use super::draw::TASK_ROWS;
use crate::parallel::{Cancel, Pool};
use crate::random::{open_unit, word64, Key, Purpose, LANES};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Draws whether the donor is the anchor, for the rows from `start` on whose lam were drawn for `purpose`.
pub fn draw_donors(
    key: Key,
    purpose: Purpose,
    start: u64,
    lam: &[f64],
    donor_is_anchor: &mut [bool],
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let (expected, got) = (lam.len(), donor_is_anchor.len());
    if expected != got {
        return Err(Error::Length { what: "columns of the plan", expected, got });
    }
    let isa = Isa::current()?;
    let tasks: Vec<_> =
        lam.chunks(TASK_ROWS).zip(donor_is_anchor.chunks_mut(TASK_ROWS)).enumerate().collect();
    let done = pool.map(tasks, |(task, (lam, donors))| {
        cancel.check()?;
        donors_of(isa, key, purpose, start.wrapping_add((task * TASK_ROWS) as u64), lam, donors);
        Ok(())
    });
    done.into_iter().collect()
}

/// The donors of a plan, without which there are no rows of mixed columns.
pub(super) fn donors(donor_is_anchor: Option<&[bool]>) -> Result<&[bool], Error> {
    let expected = "there where columns are mixed: draw the plan with donors";
    let missing = || Error::Parameter { what: "donor_is_anchor", expected, got: "none".into() };
    donor_is_anchor.ok_or_else(missing)
}

dispatch! {
    /// The same on one thread.
    pub(super) fn donors_of[](
        key: Key,
        purpose: Purpose,
        start: u64,
        lam: &[f64],
        donor_is_anchor: &mut [bool],
    ) -> () = donors_of_impl
}

#[inline(always)]
fn donors_of_impl<V: Vector>(
    key: Key,
    purpose: Purpose,
    start: u64,
    lam: &[f64],
    donor_is_anchor: &mut [bool],
) {
    for (group, (lam, donors)) in lam.chunks(LANES).zip(donor_is_anchor.chunks_mut(LANES)).enumerate() {
        let lanes = key.lanes::<V>(purpose, start.wrapping_add((group * LANES) as u64));
        for lane in 0..lam.len() {
            donors[lane] = open_unit(word64(lanes[12][lane], lanes[13][lane])) < lam[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn donors(start: u64, lam: &[f64], n_threads: usize) -> Vec<bool> {
        let mut donors = vec![false; lam.len()];
        let (pool, cancel) = (Pool::new(n_threads).expect("threads"), Cancel::default());
        draw_donors(Key([5; 8]), Purpose::Plan, start, lam, &mut donors, &pool, &cancel).expect("one length");
        donors
    }

    #[test]
    fn any_split_any_threads_and_every_instruction_set_give_the_same_donors() {
        let lam: Vec<f64> = (0..10_000).map(|i| f64::from(i % 11) / 10.0).collect();
        let whole = donors(100, &lam, 1);
        assert_eq!(donors(100, &lam, 3), whole);
        for cut in [1, 16, 17, 4096, 5000] {
            let parts = [donors(100, &lam[..cut], 1), donors(100 + cut as u64, &lam[cut..], 2)];
            assert_eq!(parts.concat(), whole);
        }
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            let mut got = vec![false; lam.len()];
            donors_of(isa, Key([5; 8]), Purpose::Plan, 100, &lam, &mut got);
            assert_eq!(got, whole, "{isa:?}");
        }
    }

    #[test]
    fn the_anchor_is_the_donor_with_probability_lam() {
        for (lam, least, most) in
            [(0.0, 0, 0), (0.3, 5_700, 6_300), (0.5, 9_700, 10_300), (1.0, 20_000, 20_000)]
        {
            let n = donors(7, &[lam; 20_000], 1).into_iter().filter(|&anchor| anchor).count();
            assert!((least..=most).contains(&n), "{lam}: {n}");
        }
    }

    #[test]
    fn columns_of_two_lengths_are_refused() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let done = draw_donors(Key([0; 8]), Purpose::Plan, 0, &[0.5; 3], &mut [false; 2], &pool, &cancel);
        assert!(matches!(done, Err(Error::Length { expected: 3, got: 2, .. })), "{done:?}");
    }
}
