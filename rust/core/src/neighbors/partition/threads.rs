//! All groups of queries over all threads, after a few that tell whether blocks pay.

use std::ops::Range;

use super::boxes::Boxes;
use super::group::{search_group, Found, BLOCK_ROWS};
use super::order::compact_order;
use crate::memory::{filled, room};
use crate::neighbors::lists::{Candidate, Lists};
use crate::neighbors::request::{Request, RowIds};
use crate::neighbors::screen::{scattered, Geometry};
use crate::parallel::{split, Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::Isa;
use crate::Error;

/// Queries that visit blocks together: a power of two of runs of the order.
const GROUP: usize = 512;
/// Of this many groups one is searched first, and at most [`MOST_TRIED`].
const ONE_OF: usize = 32;
const MOST_TRIED: usize = 8;
/// The largest share of all pairs of a query and a row that the trial may look at: the rest is left out at the cost
/// of queries and rows put in order.
pub(in crate::neighbors) const MOST_PAIRS: f64 = 0.2;
/// Values of the rows that are copied at a time, in their own type: at most 128 MiB.
const MOST_VALUES: usize = 1 << 24;

/// The nearest rows of every query; what `otherwise` finds if more than `most_pairs` of all pairs are near.
pub(in crate::neighbors) fn through_blocks<T: Element>(
    request: &Request<'_, T>,
    isa: Isa,
    most_pairs: f64,
    pool: &Pool,
    cancel: &Cancel,
    otherwise: impl Fn(&Request<'_, T>) -> Result<Lists, Error>,
) -> Result<Lists, Error> {
    let Some(queries) = Queries::new(request, pool, cancel)? else { return otherwise(request) };
    let n_parts = request.rows.values().len().div_ceil(MOST_VALUES);
    let mut all: Option<Lists> = None;
    for part in split(request.rows.len(), n_parts) {
        let first = part.start;
        let limits: Option<Vec<f64>> = all.as_ref().map(|all| {
            (0..request.queries.len()).map(|query| all.worst(query).min(request.limit(query))).collect()
        });
        let ids = match request.ids {
            RowIds::From(id) => RowIds::From(id + first as i64),
            RowIds::Given(ids) => RowIds::Given(&ids[part.clone()]),
        };
        let limits = limits.as_deref().or(request.limits);
        let inner = Request { rows: request.rows.slice(part), ids, limits, ..*request };
        let found = queries.among(&inner, isa, most_pairs, pool, cancel)?;
        all = Some(match (all, found) {
            (None, None) => return otherwise(request),
            (None, Some(found)) => found,
            (Some(mut all), found) => {
                let mut found = found.map_or_else(|| otherwise(&inner), Ok)?;
                found.renumber(|position| first + position);
                all.absorb(&found, request);
                all
            }
        });
    }
    all.map_or_else(|| otherwise(request), Ok)
}

/// The order of the queries; `None` if it is that of the rows.
struct Queries(Option<Vec<u32>>);

impl Queries {
    /// `None` if values are too large or too small for the screen's arithmetic.
    fn new<T: Element>(
        request: &Request<'_, T>,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<Option<Self>, Error> {
        if request.queries.check_finite().is_err() || Geometry::new(request).is_none() {
            return Ok(None);
        }
        let same = std::ptr::eq(request.queries.values(), request.rows.values());
        let order = if same && request.rows.values().len() <= MOST_VALUES {
            None
        } else {
            Some(compact_order(request.queries, pool, cancel)?)
        };
        Ok(Some(Self(order)))
    }

    /// Their nearest among the rows of the request; `None` if another search is faster.
    fn among<T: Element>(
        &self,
        request: &Request<'_, T>,
        isa: Isa,
        most_pairs: f64,
        pool: &Pool,
        cancel: &Cancel,
    ) -> Result<Option<Lists>, Error> {
        let d = request.rows.n_features();
        let order = compact_order(request.rows, pool, cancel)?;
        let queries = self.0.as_ref().unwrap_or(&order);
        let values = gathered(request.rows, &order)?;
        let mut ids = room(order.len())?;
        ids.extend(order.iter().map(|&position| request.id(position as usize)));
        let (rows, ids) = (Rows::new(&values, d)?, RowIds::Given(&ids));
        let boxes = Boxes::new(rows, BLOCK_ROWS)?;

        let search = |group: Range<usize>| -> Result<Option<Found>, Error> {
            // Before its first blocks: hundreds of groups may be waiting.
            cancel.check()?;
            let group = &queries[group];
            let values = gathered(request.queries, group)?;
            let limits: Option<Vec<f64>> =
                request.limits.map(|limits| group.iter().map(|&query| limits[query as usize]).collect());
            let (queries, limits) = (Rows::new(&values, d)?, limits.as_deref());
            search_group(isa, &Request { queries, rows, ids, limits, ..*request }, &boxes, isa, cancel)
        };
        let mut lists: Vec<Vec<Candidate>> = filled(Vec::new(), queries.len())?;
        let n_groups = queries.len().div_ceil(GROUP);
        let nth = scattered(n_groups);
        let n_tried = n_groups.div_ceil(ONE_OF).min(MOST_TRIED);
        for turns in [0..n_tried, n_tried..n_groups] {
            let is_trial = turns.end < n_groups;
            let groups: Vec<Range<usize>> =
                turns.map(|turn| nth(turn) * GROUP..((nth(turn) + 1) * GROUP).min(queries.len())).collect();
            let (mut pairs, mut all_pairs) = (0, 0.0);
            for (group, found) in groups.iter().zip(pool.map(groups.clone(), search)) {
                let Some(found) = found? else { return Ok(None) };
                pairs += found.pairs;
                all_pairs += (group.len() * rows.len()) as f64;
                for (&query, mut list) in queries[group.clone()].iter().zip(found.lists) {
                    list.iter_mut().for_each(|row| row.position = order[row.position] as usize);
                    lists[query as usize] = list;
                }
            }
            let share = pairs as f64 / all_pairs;
            if is_trial && share > most_pairs {
                return Ok(None);
            }
        }
        let mut all = Lists::none(request.n_neighbors);
        lists.into_iter().for_each(|list| all.push(list));
        Ok(Some(all))
    }
}

/// Copies of some rows, in the order given.
fn gathered<T: Element>(rows: Rows<'_, T>, order: &[u32]) -> Result<Vec<T>, Error> {
    let mut values = room(order.len() * rows.n_features())?;
    order.iter().for_each(|&position| values.extend_from_slice(rows.row(position as usize)));
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::scan::scanned;
    use crate::test_data::uniform;

    /// Some clusters, with far rows, rows that repeat and a constant column.
    fn clustered(seed: u64, n: usize, d: usize) -> Vec<f64> {
        let mut next = uniform(seed);
        let mut values = Vec::with_capacity(n * d);
        for i in 0..n {
            let cluster = (next() * 7.0).floor();
            for column in 0..d {
                let x = cluster * ((column * 3 + 1) % 5) as f64 + next() * 0.1 * (1.0 + cluster);
                let x = if i % 900 == 7 { x * 1e6 } else { x };
                values.push(if column == 1 { 3.0 } else { x });
            }
            if i % 11 == 5 {
                let from = (next() * i as f64) as usize;
                values.copy_within(from * d..(from + 1) * d, i * d);
            }
        }
        values
    }

    fn check(name: &str, request: &Request<'_, f64>) {
        let cancel = Cancel::default();
        let expected = scanned(request, &Pool::new(2).expect("threads"), &cancel).expect("finite");
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
            for n_threads in [1, 3] {
                let pool = Pool::new(n_threads).expect("threads");
                let never = |_: &Request<'_, f64>| -> Result<Lists, Error> { panic!("{name} is in range") };
                let found =
                    through_blocks(request, isa, f64::INFINITY, &pool, &cancel, never).expect("finite");
                for query in 0..expected.len() {
                    assert_eq!(found.get(query), expected.get(query), "{name} {isa:?} query {query}");
                }
            }
        }
    }

    #[test]
    fn blocks_find_what_the_plain_scan_finds() {
        for (d, k) in [(1, 3), (2, 40), (3, 1), (5, 10), (9, 6), (33, 2)] {
            let (values, others) = (clustered(d as u64, 2600, d), clustered(77, 700, d));
            let (rows, others) = (Rows::new(&values, d).expect("rows"), Rows::new(&others, d).expect("rows"));
            let ids: Vec<i64> = (0..2600).map(|i| i * 7919 % 10_007).collect();
            let all = Request {
                queries: rows,
                rows,
                ids: RowIds::From(4),
                n_neighbors: k,
                limits: None,
                mixed: None,
            };
            check("all rows", &all);
            let limits: Vec<f64> = (0..700).map(|i| f64::from(i) * 1e-3).collect();
            let few = Request { queries: others, ids: RowIds::Given(&ids), limits: Some(&limits), ..all };
            check("others", &few);
            check("few rows", &Request { rows: rows.slice(0..3), ids: RowIds::From(0), ..few });
        }
    }

    #[test]
    fn another_search_takes_over_where_blocks_do_not_pay_or_values_are_out_of_range() {
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let mut values = clustered(1, GROUP * 3, 2);
        for (most_pairs, large, expected) in [(1.0, 1.0, false), (1e-9, 1.0, true), (1.0, 1e200, true)] {
            values[0] = large;
            let rows = Rows::new(&values, 2).expect("rows");
            let request = Request {
                queries: rows,
                rows,
                ids: RowIds::From(0),
                n_neighbors: 1,
                limits: None,
                mixed: None,
            };
            let asked = std::cell::Cell::new(false);
            let otherwise = |rest: &Request<'_, f64>| {
                asked.set(true);
                Lists::new(rest.queries.len(), 1, 0)
            };
            through_blocks(&request, Isa::best(), most_pairs, &pool, &cancel, otherwise).expect("finite");
            assert_eq!(asked.get(), expected, "{most_pairs} {large}");
        }
        values[0] = f64::NAN;
        let rows = Rows::new(&values, 2).expect("rows");
        let queries = rows.slice(1..GROUP);
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
        let search = |cancel: &Cancel| {
            through_blocks(&request, Isa::best(), 1.0, &pool, cancel, |rest| scanned(rest, &pool, cancel))
        };
        assert!(matches!(search(&cancel), Err(Error::NotFinite { .. })));
        cancel.cancel();
        assert!(matches!(search(&cancel), Err(Error::Interrupted)));
    }
}
