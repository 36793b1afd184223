//! The executor for rows of mixed columns, whose plan has a donor: as that for numbers, with `methods::mixed` for
//! each row.

use super::mix::{Sources, FETCHED_VALUES, GROUP};
use super::plan::Plan;
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
        let mut pairs = [(&[][..], &[][..]); GROUP];
        for (pair, row) in pairs.iter_mut().zip(rows.clone()) {
            *pair = sources.pair(plan, row)?;
            // Partners lie anywhere: those of a whole group are on their way together.
            Lines::of(pair.1.as_ptr(), d.min(FETCHED_VALUES)).read_all();
        }
        for (((row, out), weights), (anchor, partner)) in
            rows.zip(out.chunks_exact_mut(d)).zip(weights).zip(pairs)
        {
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
