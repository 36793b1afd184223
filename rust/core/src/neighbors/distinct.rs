//! Rows that come again and again. Equal queries have the same neighbours; and of equal rows only the first
//! `n_neighbors` can be among the nearest of any query, for their smaller ids come first (see `order`). Where a
//! sample says that there are many, each is looked at once.

use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet};

use super::lists::Lists;
use super::request::{Request, RowIds};
use crate::memory::room;
use crate::parallel::Cancel;
use crate::rows::{Element, Rows};
use crate::Error;

/// Rows looked at to tell whether many are equal.
const SAMPLE: usize = 1024;
/// The share of them, or of the queries if those are fewer, that may be distinct.
const MOST_DISTINCT: f64 = 0.75;
/// Rows that may be kept in a copy, and their values: with what tells them apart well below 64 MiB.
const MOST_ROWS: usize = 1 << 18;
const MOST_VALUES: usize = 1 << 21;
/// Rows between two looks at a cancellation.
const CHECK_EVERY: usize = 1 << 14;

/// A row as a key. Rows that compare equal are equal, -0 and 0 too; a row with NaN equals none.
#[derive(Clone, Copy)]
struct Content<'a, T>(&'a [T]);

impl<T: Element> PartialEq for Content<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Element> Eq for Content<'_, T> {}

impl<T: Element> Hash for Content<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|value| state.write_u64(value.canonical().to_f64().to_bits()));
    }
}

/// Some rows of others, in their order.
struct Picked<T> {
    values: Vec<T>,
    n_features: usize,
    positions: Vec<u32>,
}

impl<T: Element> Picked<T> {
    fn none(n_features: usize) -> Self {
        Self { values: Vec::new(), n_features, positions: Vec::new() }
    }

    fn push(&mut self, position: usize, row: &[T]) {
        self.values.extend_from_slice(row);
        self.positions.push(position as u32);
    }

    fn rows(&self) -> Result<Rows<'_, T>, Error> {
        Rows::new(&self.values, self.n_features)
    }
}

/// What `find` finds, which is asked only for the distinct queries and the rows that matter.
pub(super) fn through_distinct<T: Element>(
    request: &Request<'_, T>,
    cancel: &Cancel,
    find: impl Fn(&Request<'_, T>) -> Result<Lists, Error>,
) -> Result<Lists, Error> {
    let (queries, rows) = (distinct_queries(request.queries), rows_that_matter(request, cancel)?);
    let mut inner = *request;
    let limits;
    if let Some((distinct, of)) = &queries {
        inner.queries = distinct.rows()?;
        limits = request.limits.map(|limits| widest(limits, of, distinct.positions.len()));
        inner.limits = limits.as_deref();
    }
    if let Some(kept) = &rows {
        // Their ids ascend as their positions do.
        (inner.rows, inner.ids) = (kept.rows()?, RowIds::From(0));
    }
    let mut found = find(&inner)?;
    if let Some(kept) = &rows {
        found.renumber(|position| kept.positions[position] as usize);
    }
    let Some((_, of)) = &queries else { return Ok(found) };
    let mut lists = Lists::none(request.n_neighbors);
    for (query, &distinct) in of.iter().enumerate() {
        let limit = request.limit(query);
        let all = found.get(distinct as usize);
        let within = all.partition_point(|candidate| candidate.squared_distance <= limit);
        let mut list = room(within)?;
        list.extend_from_slice(&all[..within]);
        lists.push(list);
    }
    Ok(lists)
}

/// Whether so many rows of a sample are equal that `n_queries` pay for a pass over all rows.
fn repeats<T: Element>(rows: Rows<'_, T>, n_queries: usize) -> bool {
    if rows.len() < SAMPLE {
        return false;
    }
    let most = MOST_DISTINCT * n_queries.min(SAMPLE) as f64;
    let sample = (0..SAMPLE).map(|i| Content(rows.row(i * (rows.len() / SAMPLE))));
    sample.collect::<FxHashSet<_>>().len() as f64 <= most
}

/// The distinct queries, and which of them each query is.
fn distinct_queries<T: Element>(queries: Rows<'_, T>) -> Option<(Picked<T>, Vec<u32>)> {
    if !repeats(queries, queries.len()) {
        return None;
    }
    let mut picked = Picked::none(queries.n_features());
    let mut known = FxHashMap::default();
    let of = (0..queries.len()).map(|i| {
        *known.entry(Content(queries.row(i))).or_insert_with(|| {
            picked.push(i, queries.row(i));
            picked.positions.len() as u32 - 1
        })
    });
    let of = of.collect();
    Some((picked, of))
}

/// For each distinct query the largest limit of its equals.
fn widest(limits: &[f64], of: &[u32], n_distinct: usize) -> Vec<f64> {
    let mut widest = vec![f64::NEG_INFINITY; n_distinct];
    for (&limit, &distinct) in limits.iter().zip(of) {
        let widest = &mut widest[distinct as usize];
        *widest = widest.max(limit);
    }
    widest
}

/// All rows but those that follow `n_neighbors` equal ones; `None` if that is not worth it, or too large to copy.
fn rows_that_matter<T: Element>(
    request: &Request<'_, T>,
    cancel: &Cancel,
) -> Result<Option<Picked<T>>, Error> {
    let rows = request.rows;
    if !request.ids_ascend() || rows.len() > u32::MAX as usize || !repeats(rows, request.queries.len()) {
        return Ok(None);
    }
    let most =
        MOST_ROWS.min(MOST_VALUES / rows.n_features()).min((MOST_DISTINCT * rows.len() as f64) as usize);
    let mut picked = Picked::none(rows.n_features());
    let mut seen: FxHashMap<Content<'_, T>, usize> = FxHashMap::default();
    for i in 0..rows.len() {
        if i.is_multiple_of(CHECK_EVERY) {
            cancel.check()?;
        }
        match seen.entry(Content(rows.row(i))) {
            Entry::Occupied(times) if *times.get() == request.n_neighbors => continue,
            Entry::Occupied(mut times) => *times.get_mut() += 1,
            Entry::Vacant(place) => {
                place.insert(1);
            }
        }
        if picked.positions.len() == most {
            return Ok(None);
        }
        picked.push(i, rows.row(i));
    }
    Ok(Some(picked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::lists::Candidate;
    use crate::neighbors::scan::scanned;
    use crate::parallel::Pool;

    /// `n` rows of -1, -0, 0 and 1.
    fn digits(n: usize, d: usize, mut state: u64) -> Vec<f64> {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            [-1.0, -0.0, 0.0, 1.0][(state >> 62) as usize]
        };
        (0..n * d).map(|_| next()).collect()
    }

    #[test]
    fn distinct_rows_give_what_all_rows_give() {
        let (d, one, cancel) = (3, Pool::new(1).expect("one"), Cancel::default());
        let (queries, rows) = (digits(2000, d, 1), digits(3000, d, 2));
        let (queries, rows) = (Rows::new(&queries, d).expect("rows"), Rows::new(&rows, d).expect("rows"));
        let limits: Vec<f64> = (0..queries.len()).map(|i| (i % 5) as f64).collect();
        let given: Vec<i64> = (0..rows.len() as i64).rev().collect();
        for n_neighbors in [1, 10, 100] {
            for ids in [RowIds::From(7), RowIds::Given(&given)] {
                for limits in [None, Some(limits.as_slice())] {
                    let request = Request { queries, rows, ids, n_neighbors, limits, mixed: None };
                    let plain = |s: &Request<'_, f64>| scanned(s, &one, &cancel);
                    let looked_at = std::cell::Cell::new((0, 0));
                    let found = through_distinct(&request, &cancel, |s| {
                        looked_at.set((s.queries.len(), s.rows.len()));
                        plain(s)
                    });
                    let (found, expected) = (found.expect("finite"), plain(&request).expect("finite"));
                    for i in 0..queries.len() {
                        let list: &[Candidate] = found.get(i);
                        assert_eq!(list, expected.get(i), "{n_neighbors} neighbours, query {i}");
                    }
                    let (n_queries, n_rows) = looked_at.get();
                    assert!(n_queries <= 27);
                    if matches!(ids, RowIds::Given(_)) {
                        assert_eq!(n_rows, rows.len());
                    } else {
                        // More than 27 x 100 of 3,000 would not be worth a copy.
                        assert!(n_rows <= 27 * n_neighbors, "{n_rows} rows for {n_neighbors}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_with_nan_are_never_left_out() {
        let mut rows = vec![1.0_f64; 2000];
        rows[1990] = f64::NAN;
        rows[1995] = f64::NAN;
        let queries = vec![1.0; 300];
        let request = Request {
            queries: Rows::new(&queries, 1).expect("rows"),
            rows: Rows::new(&rows, 1).expect("rows"),
            ids: RowIds::From(0),
            n_neighbors: 2,
            limits: None,
            mixed: None,
        };
        let kept = rows_that_matter(&request, &Cancel::default()).expect("not cancelled").expect("repeats");
        assert_eq!(kept.positions, [0, 1, 1990, 1995]);
    }
}
