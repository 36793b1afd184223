//! The search: one block of rows, by the method that suits it.

use super::choice::{choose, Choice};
use super::direct::direct;
use super::distinct::through_distinct;
use super::estimate::estimated;
use super::lists::Lists;
use super::mixed;
use super::partition::{few_directions, through_blocks, Bands, MOST_PAIRS};
use super::request::Request;
use super::scan::scanned;
use super::screen::screened;
use super::select::selected;
use crate::parallel::{Cancel, Pool};
use crate::rows::Element;
use crate::simd::Isa;
use crate::Error;

/// The nearest rows of every query, in the total order.
///
/// Fails without a result if a value of the rows is not finite, naming the first, or if cancelled.
pub fn search<T: Element>(request: &Request<'_, T>, pool: &Pool, cancel: &Cancel) -> Result<Lists, Error> {
    request.check()?;
    if request.rows.is_empty() || request.n_neighbors == 0 {
        return Lists::new(request.queries.len(), request.n_neighbors, 0);
    }
    let isa = Isa::current()?;
    if request.mixed.is_some_and(|mixed| mixed.all_numbers()) && request.queries.check_finite().is_ok() {
        // Bit for bit the same distances, until a row misses a value; most that miss any soon do.
        let numbers = Request { mixed: None, ..*request };
        match found(&numbers, isa, true, pool, cancel) {
            Err(Error::NotFinite { .. }) => {}
            other => return other,
        }
    }
    let found = found(request, isa, true, pool, cancel);
    if let Err(Error::NotFinite { .. }) = found {
        // Threads meet such values in any order: name the first.
        request.check_values(0..request.rows.len())?;
    }
    found
}

fn found<T: Element>(
    request: &Request<'_, T>,
    isa: Isa,
    may_repeat: bool,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    match choose(request, isa, may_repeat) {
        Choice::Distinct => through_distinct(request, cancel, |rest| found(rest, isa, false, pool, cancel)),
        Choice::Direct => direct(request, isa, pool, cancel),
        Choice::Scan => scanned(request, pool, cancel),
        Choice::Select => selected(request, pool, cancel),
        Choice::Blocks { codes } => {
            let all = |rest: &Request<'_, T>| in_bands(rest, isa, codes, pool, cancel);
            if few_directions(request) {
                through_blocks(request, isa, MOST_PAIRS, pool, cancel, all)
            } else {
                all(request)
            }
        }
        Choice::Screen { codes } => match request.mixed {
            None => in_bands(request, isa, codes, pool, cancel),
            Some(kinds) => mixed::screened(request, kinds, isa, pool, cancel),
        },
    }
}

/// The screen; in bands where a column parts the rows.
fn in_bands<T: Element>(
    request: &Request<'_, T>,
    isa: Isa,
    codes: bool,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Lists, Error> {
    let all = |rest: &Request<'_, T>| {
        estimated(rest, |rest, whole| screened(rest, isa, codes && whole, pool, cancel))
    };
    match Bands::new(request) {
        Some(bands) => bands.search(request, pool, cancel, all),
        None => all(request),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::lists::Candidate;
    use crate::neighbors::request::RowIds;
    use crate::rows::Rows;
    use crate::test_data::uniform;

    /// Every kernel, with one thread or several, and ids of one kind: `turn` says which, and meets all in four turns.
    fn check<T: Element>(name: &str, turn: usize, queries: &[T], rows: &[T], d: usize, k: usize) {
        let ids: Vec<i64> = (0..rows.len() / d).map(|i| (i as i64 * 7919) % 1_000_003).collect();
        let (queries, rows) = (Rows::new(queries, d).expect("rows"), Rows::new(rows, d).expect("rows"));
        let ids = [RowIds::From(5), RowIds::Given(&ids)][turn / 2 % 2];
        let request = Request { queries, rows, ids, n_neighbors: k, limits: None, mixed: None };
        let (one, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        let expected = scanned(&request, &one, &cancel).expect("finite");
        let levels = Isa::ALL.into_iter().filter(|isa| isa.is_available());
        for (at, (isa, codes)) in levels.flat_map(|isa| [(isa, false), (isa, true)]).enumerate() {
            let pool = Pool::new([1, 3][(at + turn) % 2]).expect("threads");
            let found = screened(&request, isa, codes, &pool, &cancel).expect("finite");
            for i in 0..queries.len() {
                let keys = |list: &[Candidate]| -> Vec<(u64, i64)> {
                    list.iter().map(|c| (c.squared_distance.to_bits(), ids.get(c.position))).collect()
                };
                assert_eq!(keys(found.get(i)), keys(expected.get(i)), "{name} {isa:?} {codes} query {i}");
            }
        }
        // Limits taken from the result itself, ties included, change nothing.
        let limits: Vec<f64> = (0..queries.len())
            .map(|i| expected.get(i).last().map_or(f64::INFINITY, |c| c.squared_distance))
            .collect();
        let limited = Request { limits: Some(&limits), ..request };
        let found = screened(&limited, Isa::best(), true, &one, &cancel).expect("finite");
        for i in 0..queries.len() {
            assert_eq!(found.get(i), expected.get(i), "{name} limited, query {i}");
        }
    }

    /// The same values as `f32` and `f64`.
    fn check_both(name: &str, turn: usize, queries: &[f64], rows: &[f64], d: usize, k: usize) {
        check(name, turn, queries, rows, d, k);
        let narrow = |values: &[f64]| -> Vec<f32> { values.iter().map(|&x| x as f32).collect() };
        check(name, turn, &narrow(queries), &narrow(rows), d, k);
    }

    #[test]
    fn every_width_and_instruction_set_equals_the_plain_scan() {
        widths(&[1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25]);
    }

    #[test]
    fn wide_rows_equal_the_plain_scan() {
        widths(&[31, 33, 48, 64, 65, 127, 128, 129, 300]);
    }

    fn widths(all: &[usize]) {
        for (at, &d) in all.iter().enumerate() {
            let mut next = uniform(d as u64);
            let n_rows = 40_000 / d.max(20) + 7;
            let rows: Vec<f64> = (0..n_rows * d).map(|_| next()).collect();
            for (turn, n_queries) in [1, 5, 17, 33, 50, 64, 130].into_iter().enumerate() {
                let queries: Vec<f64> = (0..n_queries * d).map(|_| next()).collect();
                check_both(&format!("{n_queries} x {d}"), turn + at, &queries, &rows, d, 10);
            }
        }
    }

    #[test]
    fn hard_values_in_fewer_columns_than_codes_are_chosen_for() {
        hard_values(6, 0);
    }

    #[test]
    fn hard_values_equal_the_plain_scan() {
        // The same values, each kernel with the other threads and the other ids.
        hard_values(9, 3);
    }

    fn hard_values(d: usize, first: usize) {
        let (n, n_queries) = (5000, 20);
        let mut next = uniform(99);
        let base: Vec<f64> = (0..n * d).map(|_| next()).collect();
        let near: Vec<f64> = (0..n_queries * d).map(|_| next()).collect();
        let map = |values: &[f64], f: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
            values.iter().enumerate().map(|(i, &x)| f(i, x)).collect()
        };
        type Change = Box<dyn Fn(usize, f64) -> f64>;
        let cases: Vec<(&str, Change)> = vec![
            ("ties", Box::new(|_, x| (x * 3.0).floor())),
            ("all equal", Box::new(|_, _| 0.5)),
            ("signed zeros", Box::new(|i, x| if i % 3 == 0 { -0.0 } else { (x * 2.0).floor() })),
            ("two blobs", Box::new(move |i, x| x + if (i / d).is_multiple_of(2) { 1e4 } else { -1e4 })),
            ("far away", Box::new(|_, x| x + 1e7)),
            ("one wide column", Box::new(move |i, x| if i % d == 2 { x * 1e6 } else { x })),
            ("large", Box::new(|_, x| x * 1e25)),
            ("larger", Box::new(|_, x| (x - 0.5) * 6e38_f64.min(f64::from(f32::MAX)))),
            ("small", Box::new(|_, x| x * 1e-22)),
            ("subnormal in f32", Box::new(|_, x| x * 1e-40)),
            ("outliers", Box::new(move |i, x| if i / d % 50 == 3 { x * 1e30 } else { x })),
            ("beyond the screen", Box::new(move |i, x| if i / d % 50 == 3 { x * 1e37 } else { x * 1e-3 })),
        ];
        for (at, (name, f)) in cases.iter().enumerate() {
            for (turn, k) in [1, 10, 100].into_iter().enumerate() {
                check_both(name, first + at + turn, &map(&near, f), &map(&base, f), d, k);
            }
        }
        for (at, scale) in [1e-300, 1e-170, 1e-150, 1e140, 1e153, 1e160, 1e300].into_iter().enumerate() {
            let f = |_: usize, x: f64| x * scale;
            check(&format!("scale {scale}"), first + at, &map(&near, &f), &map(&base, &f), d, 10);
        }
        // More neighbours than rows.
        check_both("few rows", first, &near, &base[..d * 30], d, 100);
        // Queries that lie among the rows, in a far corner, and on one row.
        check_both("own rows", first, &base[..d * 40], &base, d, 10);
        check_both("far queries", first, &map(&near, &|_, x| x + 1e5), &base, d, 10);
        let mut sorted: Vec<f64> = base.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        check_both("sorted", first, &near, &sorted, d, 10);
    }
}
