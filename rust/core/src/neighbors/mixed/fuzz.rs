//! The screen at every instruction set against the plain scan: columns of either kind, few and many categories,
//! values missing by row and by column, ties, numbers that a `f32` cannot tell apart, limits and threads.

use super::columns::Mixed;
use super::threads::screened;
use crate::neighbors::distinct::through_distinct;
use crate::neighbors::lists::Lists;
use crate::neighbors::request::{Request, RowIds};
use crate::neighbors::scan::scanned;
use crate::neighbors::select::selected;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::Isa;
use crate::test_data::uniform;

/// A few seconds; `NNGMIX_FUZZ_CASES` sets another number and `NNGMIX_FUZZ_SEED` the first.
const CASES: u64 = 60;

fn assert_equal(found: &Lists, expected: &Lists, said: &str) {
    for i in 0..expected.len() {
        let bits = |lists: &Lists| -> Vec<(u64, usize)> {
            lists.get(i).iter().map(|c| (c.squared_distance.to_bits(), c.position)).collect()
        };
        assert_eq!(bits(found), bits(expected), "{said}, query {i}");
    }
}

fn check<T: Element>(said: &str, values: &[f64], mixed: &Mixed, d: usize, n_queries: usize, k: usize) {
    let values: Vec<T> = values.iter().map(|&x| T::from_f64(x.clamp(-T::NUMBER.1, T::NUMBER.1))).collect();
    let all = Rows::new(&values, d).expect("rows");
    let (queries, rows) = (all.slice(0..n_queries), all.slice(n_queries..all.len()));
    let ids: Vec<i64> = (0..rows.len() as i64).map(|i| i * 7919 % 1_000_003).collect();
    let cancel = Cancel::default();
    for ids in [RowIds::From(3), RowIds::Given(&ids)] {
        let request = Request { queries, rows, ids, n_neighbors: k, limits: None, mixed: Some(mixed) };
        let expected = scanned(&request, &Pool::new(1).expect("one"), &cancel).expect("finite");
        // Limits that are the result's own distances, ties included, change nothing.
        let limits: Vec<f64> = (0..n_queries)
            .map(|i| expected.get(i).last().map_or(0.0, |candidate| candidate.squared_distance))
            .collect();
        for n_threads in [1, 3] {
            let pool = Pool::new(n_threads).expect("threads");
            for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
                for limits in [None, Some(&limits[..])] {
                    let limited = Request { limits, ..request };
                    let found = screened(&limited, mixed, isa, &pool, &cancel).expect("finite");
                    assert_equal(&found, &expected, &format!("{said} {isa:?} {n_threads}"));
                }
            }
            assert_equal(&selected(&request, &pool, &cancel).expect("finite"), &expected, said);
            let found = through_distinct(&request, &cancel, |rest| {
                screened(rest, mixed, Isa::best(), &pool, &cancel)
            });
            assert_equal(&found.expect("finite"), &expected, said);
        }
    }
}

#[test]
fn every_kind_of_column_gives_the_neighbours_of_the_plain_scan() {
    let asked = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok());
    let first: u64 = asked("NNGMIX_FUZZ_SEED").unwrap_or(1);
    for seed in first..first + asked("NNGMIX_FUZZ_CASES").unwrap_or(CASES) {
        let mut next = uniform(seed);
        let mut of = |choices: &[f64]| choices[(next() * choices.len() as f64) as usize];
        let [n_numeric, n_categorical] =
            [(); 2].map(|()| of(&[0.0, 0.0, 1.0, 3.0, 20.0, 40.0, 70.0]) as usize);
        let d = (n_numeric + n_categorical).max(1);
        let (n_queries, k) = (of(&[1.0, 5.0, 70.0]) as usize, of(&[1.0, 3.0, 12.0]) as usize);
        let n = n_queries + (of(&[1.0, 60.0, 3000.0]) as usize).min(400_000 / (n_queries * d));
        let n_categories = of(&[1.0, 2.0, 50.0, 254.0, 300.0, 1e5]);
        let (scale, shift) = (of(&[1.0, 1.0, 1e5, 1e-3, 1e25, 1e-30]), of(&[0.0, 0.0, 100.0, 1e7]));
        // Whole tenths tie; a row in a hundred lies far away.
        let (digits, far) = (of(&[3.0, 1e9]), of(&[1.0, 1e6, 1e30]));
        let (by_row, by_column) = (of(&[0.0, 0.1, 1.0]), of(&[0.0, 0.1, 1.0]));
        let weight = of(&[1.0, 1.0, 0.3, 0.0, 1e-9, 1e9, 1e300]);
        let categorical: Vec<bool> = (0..d).map(|j| (j * 7 + 3) % d < n_categorical).collect();
        let mixed = Mixed::new(&categorical, weight).expect("a weight");
        let holes: Vec<f64> = (0..d).map(|_| by_column * next() * next()).collect();
        let mut values = Vec::with_capacity(n * d);
        for _ in 0..n {
            let (hole, own) = (by_row * next(), if next() < 0.01 { far } else { 1.0 });
            for j in 0..d {
                let x = if categorical[j] {
                    (next() * n_categories).floor()
                } else {
                    ((next() * digits).floor() / digits * own + shift) * scale
                };
                values.push(if next() < hole * holes[j] { f64::NAN } else { x });
            }
        }
        let said = format!("seed {seed}");
        check::<f64>(&said, &values, &mixed, d, n_queries, k);
        check::<f32>(&said, &values, &mixed, d, n_queries, k);
    }
}
