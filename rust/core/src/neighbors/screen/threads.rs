//! The screen over all threads, then the exact distances of what is left.

use std::ops::Range;
use std::sync::atomic::AtomicUsize;

use super::block::block_rows;
use super::candidates::{exact, Candidates};
use super::codes::Coding;
use super::geometry::{Geometry, LARGEST_NORM};
use super::panels::Panels;
use super::sweep::sweep;
use super::worker::Shared;
use crate::memory::room;
use crate::neighbors::coincident::coincident;
use crate::neighbors::lists::{Candidate, Lists};
use crate::neighbors::request::Request;
use crate::neighbors::scan::scanned;
use crate::parallel::{split, Cancel, Pool};
use crate::rows::Element;
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Threads have queries of their own as long as each gets this many panels of them, and share the rows beyond
/// that: every thread has to find its own thresholds, which costs more than reading the rows again.
const MANY_PANELS: usize = 8;
/// The longer the lists, the more it costs to find thresholds: up to this many neighbours as much as above.
const SHORT_LIST: usize = 10;
/// Rows of at most this many values cost next to nothing to read: one panel is enough.
const FEW_VALUES: usize = 1 << 22;

/// The nearest rows of every query, exactly as the plain scan finds them, which takes over where values are too
/// large or too small for the screen's arithmetic; `codes` allows the kernel on codes.
pub(in crate::neighbors) fn screened<T: Element>(
    request: &Request<'_, T>,
    isa: Isa,
    codes: bool,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let Some(geometry) = Geometry::new(request) else {
        return coincident(request, pool, cancel)?.map_or_else(|| scanned(request, pool, cancel), Ok);
    };
    let coding = if codes { Coding::new(&geometry, isa) } else { None };
    let panels = pack(isa, request, &geometry, coding.as_ref())?;
    // Not `>`, so that NaN is none either.
    if !panels.squared_norms.iter().all(|&norm| norm <= LARGEST_NORM) {
        return scanned(request, pool, cancel);
    }
    let (n_panels, n_threads) = (panels.n_panels(), pool.n_threads());
    let n_blocks = request.rows.len().div_ceil(block_rows(request));
    let shared =
        Shared { request, isa, geometry: &geometry, coding: coding.as_ref(), panels: &panels, cancel };
    let few = if request.rows.values().len() <= FEW_VALUES {
        1
    } else {
        (MANY_PANELS * SHORT_LIST / request.n_neighbors).clamp(1, MANY_PANELS)
    };
    let groups = split(n_panels, (n_panels / few).clamp(1, n_threads));
    let n_tasks = n_threads.min(n_blocks * groups.len());
    let tasks: Vec<(Range<usize>, usize)> =
        (0..n_tasks).map(|i| (groups[i % groups.len()].clone(), i % groups.len())).collect();
    // Threads with the same panels share their blocks.
    let next: Vec<AtomicUsize> = groups.iter().map(|_| AtomicUsize::new(0)).collect();
    let found = pool.map(tasks, |(panels, counter)| screen(isa, &shared, panels, &next[counter]));
    let found: Vec<Candidates> = found.into_iter().collect::<Result<_, _>>()?;
    let tasks = split(request.queries.len(), 8 * n_threads);
    let resolved = pool.map(tasks, |queries| -> Result<_, Error> {
        let resolved = queries.map(|query| {
            cancel.check()?;
            resolve(query, &found, request)
        });
        resolved.collect::<Result<Vec<_>, _>>()
    });
    let mut lists = Lists::none(request.n_neighbors);
    for part in resolved {
        part?.into_iter().for_each(|list| lists.push(list));
    }
    Ok(lists)
}

/// The nearest rows of one query among the candidates of all threads.
pub(in crate::neighbors) fn resolve<T: Element>(
    query: usize,
    found: &[Candidates],
    request: &Request<'_, T>,
) -> Result<Vec<Candidate>, Error> {
    let holding = || found.iter().filter(|candidates| candidates.queries().contains(&query));
    let mut uppers: Vec<f32> = holding().flat_map(|candidates| candidates.uppers(query)).copied().collect();
    uppers.sort_unstable_by(f32::total_cmp);
    let limit = uppers[request.n_neighbors - 1];
    let left = holding().flat_map(|candidates| candidates.get(query)).filter(|row| row.0 <= limit);
    let left: Vec<u32> = left.map(|row| row.1).collect();
    let mut list = exact(query, &left, request, room(left.len())?);
    let beyond = request.limit(query);
    list.retain(|candidate| candidate.squared_distance <= beyond);
    Ok(list)
}

dispatch! {
    fn pack[T: Element](
        request: &Request<'_, T>, geometry: &Geometry<T>, coding: Option<&Coding>
    ) -> Result<Panels, Error> = pack_impl
}
dispatch! {
    fn screen[T: Element](shared: &Shared<'_, T>, panels: Range<usize>, next: &AtomicUsize) -> Result<Candidates, Error> = sweep
}

#[inline(always)]
fn pack_impl<V: Vector, T: Element>(
    request: &Request<'_, T>,
    geometry: &Geometry<T>,
    coding: Option<&Coding>,
) -> Result<Panels, Error> {
    Panels::new::<V, T>(request.queries, geometry, coding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;
    use crate::test_data::uniforms;

    #[test]
    fn threads_that_share_rows_or_queries_find_what_one_finds() {
        let d = 5;
        // Two panels of 64 queries and one begun; blocks of 6,552 rows.
        let (queries, rows) = (uniforms(1, 150 * d), uniforms(2, 20_000 * d));
        let (queries, rows) = (Rows::new(&queries, d).expect("rows"), Rows::new(&rows, d).expect("rows"));
        let limits: Vec<f64> = (0..150).map(|i| f64::from(i) * 1e-3).collect();
        let request = Request {
            queries,
            rows,
            ids: RowIds::From(0),
            n_neighbors: 7,
            limits: Some(&limits),
            mixed: None,
        };
        let cancel = Cancel::default();
        let expected = scanned(&request, &Pool::new(1).expect("one"), &cancel).expect("finite");
        for n_threads in [1, 2, 5] {
            let pool = Pool::new(n_threads).expect("threads");
            let found = screened(&request, Isa::best(), false, &pool, &cancel).expect("finite");
            assert!((0..150).all(|query| found.get(query) == expected.get(query)), "{n_threads} threads");
        }
        cancel.cancel();
        let pool = Pool::new(2).expect("threads");
        assert_eq!(screened(&request, Isa::best(), false, &pool, &cancel).err(), Some(Error::Interrupted));
    }
}
