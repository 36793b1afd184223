//! One search: a block of rows, split over threads, merged by the total order.

use super::distinct::through_distinct;
use super::lists::Lists;
use super::scan::scan;
use super::screen::screened;
use super::table::RowIds;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::Isa;
use crate::Error;

/// What to look for, and where.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a, T> {
    /// The rows whose neighbours are wanted.
    pub queries: Rows<'a, T>,
    /// The rows searched.
    pub rows: Rows<'a, T>,
    /// The id of each row searched, the last key of the total order.
    pub ids: RowIds<'a>,
    /// Length of the lists.
    pub n_neighbors: usize,
    /// For each query, a squared distance beyond which rows are not wanted.
    pub limits: Option<&'a [f64]>,
}

impl<T: Element> Search<'_, T> {
    #[inline]
    pub(super) fn id(&self, position: usize) -> i64 {
        self.ids.get(position)
    }

    #[inline]
    pub(super) fn limit(&self, query: usize) -> f64 {
        self.limits.map_or(f64::INFINITY, |limits| limits[query])
    }

    fn check(&self) -> Result<(), Error> {
        let (expected, got) = (self.rows.n_features(), self.queries.n_features());
        if expected != got {
            return Err(Error::Length { what: "columns of the queries", expected, got });
        }
        if let RowIds::Given(ids) = self.ids {
            if ids.len() != self.rows.len() {
                let (expected, got) = (self.rows.len(), ids.len());
                return Err(Error::Length { what: "row ids", expected, got });
            }
        }
        match self.limits {
            Some(limits) if limits.len() != self.queries.len() => {
                let (expected, got) = (self.queries.len(), limits.len());
                Err(Error::Length { what: "limits", expected, got })
            }
            _ => Ok(()),
        }
    }
}

/// The nearest rows of every query, in the total order.
///
/// Fails without a result if a value of the rows is not finite, naming the first, or if cancelled.
pub fn search<T: Element>(search: &Search<'_, T>, pool: &Pool, cancel: &Cancel) -> Result<Lists, Error> {
    search.check()?;
    let (n_queries, n_rows) = (search.queries.len(), search.rows.len());
    if n_rows == 0 || search.n_neighbors == 0 {
        return Ok(Lists::new(n_queries, search.n_neighbors));
    }
    let found = through_distinct(search, cancel, |search| find(search, pool, cancel));
    if let Err(Error::NotFinite { .. }) = found {
        // Threads meet such values in any order: name the first.
        search.rows.check_finite()?;
    }
    found
}

/// The same by the screen or, where its preparations would not pay, by the plain scan.
fn find<T: Element>(search: &Search<'_, T>, pool: &Pool, cancel: &Cancel) -> Result<Lists, Error> {
    if !worth_screening(search) {
        return plain(search, pool, cancel);
    }
    let isa = Isa::current()?;
    let many = MANY_VALUES * search.n_neighbors <= search.rows.values().len();
    screened(search, isa, isa == Isa::Avx512Vnni && many, pool, cancel)
}

/// Among fewer values for each neighbour codes save less than their additional survivors cost.
const MANY_VALUES: usize = 1 << 16;

/// Whether the screen's preparations pay, and its bounds hold.
fn worth_screening<T: Element>(search: &Search<'_, T>) -> bool {
    let (n_queries, n_rows) = (search.queries.len(), search.rows.len());
    let d = search.rows.n_features();
    d <= 1 << 17 && n_rows < u32::MAX as usize && n_rows * n_queries * d > 1 << 15
}

/// The plain scan over threads: the definition, and what small searches use.
fn plain<T: Element>(search: &Search<'_, T>, pool: &Pool, cancel: &Cancel) -> Result<Lists, Error> {
    let (n_queries, n_rows) = (search.queries.len(), search.rows.len());
    let parts = pool.n_threads();
    if n_queries >= 64 * parts {
        let tasks = split(n_queries, 4 * parts);
        let found = pool.map(tasks, |queries| scan(search, queries, 0..n_rows, cancel));
        collect(found, |lists, other| lists.append(other))
    } else {
        let tasks = split(n_rows, parts);
        let found = pool.map(tasks, |rows| scan(search, 0..n_queries, rows, cancel));
        collect(found, |lists, other| lists.absorb(&other, search.rows, &|at| search.id(at)))
    }
}

/// `0..n` in at most `parts` ranges of nearly equal length.
pub(super) fn split(n: usize, parts: usize) -> Vec<std::ops::Range<usize>> {
    let parts = parts.clamp(1, n.max(1));
    (0..parts).map(|i| i * n / parts..(i + 1) * n / parts).collect()
}

fn collect(
    found: Vec<Result<Lists, Error>>,
    mut join: impl FnMut(&mut Lists, Lists),
) -> Result<Lists, Error> {
    let mut found = found.into_iter();
    let mut first = found.next().unwrap_or(Err(Error::Interrupted))?;
    for other in found {
        join(&mut first, other?);
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::lists::Candidate;

    /// A cheap deterministic stream for test data.
    fn uniform(seed: u64) -> impl FnMut() -> f64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    fn check<T: Element>(name: &str, queries: &[T], rows: &[T], d: usize, k: usize) {
        let ids: Vec<i64> = (0..rows.len() / d).map(|i| (i as i64 * 7919) % 1_000_003).collect();
        let (queries, rows) = (Rows::new(queries, d).expect("rows"), Rows::new(rows, d).expect("rows"));
        for ids in [RowIds::From(5), RowIds::Given(&ids)] {
            let request = Search { queries, rows, ids, n_neighbors: k, limits: None };
            let (one, cancel) = (Pool::new(1).expect("one"), Cancel::default());
            let expected = plain(&request, &one, &cancel).expect("finite");
            let levels = Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best());
            // The kernel on codes needs registers of 16 lanes; below VNNI it runs as its plain definition.
            for (isa, codes) in
                levels.map(|isa| (isa, false)).chain([(Isa::best(), Isa::best() >= Isa::Avx512)])
            {
                for n_threads in [1, 3] {
                    let pool = Pool::new(n_threads).expect("threads");
                    let found = screened(&request, isa, codes, &pool, &cancel).expect("finite");
                    for i in 0..queries.len() {
                        let keys = |list: &[Candidate]| -> Vec<(u64, i64)> {
                            list.iter().map(|c| (c.squared_distance.to_bits(), ids.get(c.position))).collect()
                        };
                        assert_eq!(
                            keys(found.get(i)),
                            keys(expected.get(i)),
                            "{name} {isa:?} {codes} query {i}"
                        );
                    }
                }
            }
            // Limits taken from the result itself, ties included, change nothing.
            let limits: Vec<f64> = (0..queries.len())
                .map(|i| expected.get(i).last().map_or(f64::INFINITY, |c| c.squared_distance))
                .collect();
            let limited = Search { limits: Some(&limits), ..request };
            let found =
                screened(&limited, Isa::best(), Isa::best() >= Isa::Avx512, &one, &cancel).expect("finite");
            for i in 0..queries.len() {
                assert_eq!(found.get(i), expected.get(i), "{name} limited, query {i}");
            }
        }
    }

    /// The same values as `f32` and `f64`.
    fn check_both(name: &str, queries: &[f64], rows: &[f64], d: usize, k: usize) {
        check(name, queries, rows, d, k);
        let narrow = |values: &[f64]| -> Vec<f32> { values.iter().map(|&x| x as f32).collect() };
        check(name, &narrow(queries), &narrow(rows), d, k);
    }

    #[test]
    fn every_width_and_instruction_set_equals_the_plain_scan() {
        for d in [1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33, 48, 64, 65, 127, 128, 129, 300] {
            let mut next = uniform(d as u64);
            let n_rows = 40_000 / d.max(20) + 7;
            let rows: Vec<f64> = (0..n_rows * d).map(|_| next()).collect();
            for n_queries in [1, 5, 17, 33, 50, 64, 130] {
                let queries: Vec<f64> = (0..n_queries * d).map(|_| next()).collect();
                check_both(&format!("{n_queries} x {d}"), &queries, &rows, d, 10);
            }
        }
    }

    #[test]
    fn hard_values_equal_the_plain_scan() {
        // Below the width from which codes serve, and above.
        hard_values(6);
        hard_values(9);
    }

    fn hard_values(d: usize) {
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
        for (name, f) in &cases {
            for k in [1, 10, 100] {
                check_both(name, &map(&near, f), &map(&base, f), d, k);
            }
        }
        for scale in [1e-300, 1e-170, 1e-150, 1e140, 1e153, 1e160, 1e300] {
            let f = |_: usize, x: f64| x * scale;
            check(&format!("scale {scale}"), &map(&near, &f), &map(&base, &f), d, 10);
        }
        // More neighbours than rows.
        check_both("few rows", &near, &base[..d * 30], d, 100);
        // Queries that lie among the rows, in a far corner, and on one row.
        check_both("own rows", &base[..d * 40], &base, d, 10);
        check_both("far queries", &map(&near, &|_, x| x + 1e5), &base, d, 10);
        let mut sorted: Vec<f64> = base.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        check_both("sorted", &near, &sorted, d, 10);
    }
}
