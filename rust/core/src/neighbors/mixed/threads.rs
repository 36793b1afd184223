//! The screen over all threads.

use std::ops::Range;
use std::sync::atomic::AtomicUsize;

use super::columns::Mixed;
use super::geometry::Geometry;
use super::panels::Panel;
use super::sweep::{sweep, Shared};
use crate::neighbors::lists::Lists;
use crate::neighbors::request::Request;
use crate::neighbors::scan::scanned;
use crate::parallel::{split, Cancel, Pool};
use crate::rows::Element;
use crate::simd::{dispatch, Isa};
use crate::Error;

/// Threads have queries of their own if each gets this many panels of them, and share the rows otherwise: to find
/// thresholds of their own costs them more than to convert the rows again.
const MANY_PANELS: usize = 4;

/// The nearest rows of every query, exactly as the plain scan finds them, which takes over where the screen cannot serve.
pub(in crate::neighbors) fn screened<T: Element>(
    request: &Request<'_, T>,
    mixed: &Mixed,
    isa: Isa,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let Some(geometry) = Geometry::new(request, mixed) else { return scanned(request, pool, cancel) };
    let Some(panels) = Panel::all(request.queries, mixed, &geometry)? else {
        return scanned(request, pool, cancel);
    };
    let shared = Shared { request, mixed, geometry: &geometry, panels: &panels, cancel };
    let n_threads = pool.n_threads();
    let groups = split(panels.len(), (panels.len() / MANY_PANELS).clamp(1, n_threads));
    let tasks: Vec<(Range<usize>, usize)> =
        (0..n_threads).map(|i| (groups[i % groups.len()].clone(), i % groups.len())).collect();
    // Threads with the same panels share their blocks.
    let next: Vec<AtomicUsize> = groups.iter().map(|_| AtomicUsize::new(0)).collect();
    let found = pool.map(tasks, |(panels, group)| screen(isa, &shared, panels, &next[group]));
    let mut found: Vec<Lists> = found.into_iter().collect::<Result<_, _>>()?;
    let others = found.split_off(groups.len().min(found.len()));
    for (i, other) in others.iter().enumerate() {
        found[i % groups.len()].absorb(other, request);
    }
    let mut lists = Lists::none(request.n_neighbors);
    found.into_iter().for_each(|part| lists.append(part));
    Ok(lists)
}

dispatch! {
    fn screen[T: Element](shared: &Shared<'_, T>, panels: Range<usize>, next: &AtomicUsize) -> Result<Lists, Error> = sweep
}
