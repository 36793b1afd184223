//! The search and its tables against a plain sort, over generated rows full of ties.

use crate::neighbors::{search, Request, RowIds, Table};
use crate::parallel::{Cancel, Pool};
use crate::rows::{compare_content, Rows};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const ANOMALIES: usize = 5;

/// Every row's squared distance and position, by the total order.
fn sorted(query: &[f64], rows: Rows<'_, f64>, ids: &[i64]) -> Vec<(f64, usize)> {
    let distance = |i: usize| -> f64 {
        let differences = query.iter().zip(rows.row(i)).map(|(q, x)| x - q);
        differences.fold(0.0, |sum, difference| sum + difference * difference)
    };
    let mut all: Vec<_> = (0..rows.len()).map(|i| (distance(i), i)).collect();
    all.sort_by(|&(a, i), &(b, j)| {
        a.total_cmp(&b).then(compare_content(rows.row(i), rows.row(j))).then(ids[i].cmp(&ids[j]))
    });
    all
}

/// Width, values of the anomalies and of up to 300 rows: few distinct ones, zeros of both signs.
fn data() -> impl Strategy<Value = (usize, Vec<f64>, Vec<f64>)> {
    let value = || prop::sample::select(vec![-1.0, -0.0, 0.0, 0.5, 1.0, 1e200]);
    (1..4_usize, 0..300_usize).prop_flat_map(move |(width, n)| {
        let anomalies = prop::collection::vec(value(), ANOMALIES * width);
        (Just(width), anomalies, prop::collection::vec(value(), n * width))
    })
}

/// Distinct ids in an order that is not that of the rows.
fn ids(n: usize) -> Vec<i64> {
    (0..n as i64).map(|i| i * 7919 % 1_000_003).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2024),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_search_is_a_sort((width, anomalies, values) in data(), k in 0..12_usize, n_threads in 1..4_usize) {
        let queries = Rows::new(&anomalies, width).expect("whole rows");
        let rows = Rows::new(&values, width).expect("whole rows");
        let ids = ids(rows.len());
        let request = Request { queries, rows, ids: RowIds::Given(&ids), n_neighbors: k, limits: None, mixed: None };
        let pool = Pool::new(n_threads).expect("threads");
        let found = search(&request, &pool, &Cancel::default()).expect("finite");
        prop_assert_eq!(found.len(), ANOMALIES);
        for i in 0..ANOMALIES {
            let got: Vec<_> = found.get(i).iter().map(|c| (c.squared_distance, c.position)).collect();
            let mut expected = sorted(queries.row(i), rows, &ids);
            expected.truncate(k);
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn blocks_and_merges_are_one_search(
        (width, anomalies, values) in data(),
        k in 1..12_usize,
        cut in 0.0..1.0_f64,
        turned in any::<bool>(),
    ) {
        let queries = Rows::new(&anomalies, width).expect("whole rows");
        let rows = Rows::new(&values, width).expect("whole rows");
        let ids = ids(rows.len());
        let (pool, cancel) = (Pool::new(2).expect("threads"), Cancel::default());
        let empty = Table::new(ANOMALIES, k, width).expect("room");
        let with = |table: &Table<f64>, part: std::ops::Range<usize>| {
            let ids = RowIds::Given(&ids[part.clone()]);
            table.view().updated(queries, rows.slice(part), ids, None, &pool, &cancel).expect("finite")
        };
        let n = rows.len();
        let cut = (cut * n as f64) as usize;
        let whole = with(&empty, 0..n);
        prop_assert_eq!(&with(&with(&empty, 0..cut), cut..n), &whole);
        let (first, second) = (with(&empty, 0..cut), with(&empty, cut..n));
        let (a, b) = if turned { (&second, &first) } else { (&first, &second) };
        let merged = a.view().merged(&b.view(), &pool, &cancel);
        prop_assert_eq!(&merged.expect("same shape"), &whole);
        for i in 0..ANOMALIES {
            let expected = sorted(queries.row(i), rows, &ids);
            for (slot, &(squared_distance, position)) in expected.iter().take(k).enumerate() {
                let at = i * k + slot;
                prop_assert_eq!(whole.squared_distances[at], squared_distance);
                prop_assert_eq!(whole.ids[at], ids[position]);
                let kept = &whole.rows[at * width..(at + 1) * width];
                prop_assert_eq!(kept, rows.row(position));
                prop_assert!(kept.iter().all(|x| *x != 0.0 || x.is_sign_positive()));
            }
        }
    }
}

#[test]
fn values_that_are_not_finite_are_found_whichever_thread_meets_them() {
    let mut values = vec![0.0_f32; 4000];
    values[3999] = f32::NAN;
    values[1500] = f32::INFINITY;
    let rows = Rows::new(&values, 2).expect("whole rows");
    for n_threads in [1, 3] {
        let queries = Rows::new(&[0.0, 0.0], 2).expect("one row");
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 3, limits: None, mixed: None };
        let pool = Pool::new(n_threads).expect("threads");
        let error = search(&request, &pool, &Cancel::default()).expect_err("not finite");
        assert_eq!(error, crate::Error::NotFinite { row: 750, column: 0 });
    }
}

#[test]
fn a_cancelled_search_gives_nothing() {
    let cancel = Cancel::default();
    cancel.cancel();
    let rows = Rows::new(&[1.0_f64, 2.0], 1).expect("two rows");
    let request =
        Request { queries: rows, rows, ids: RowIds::From(0), n_neighbors: 1, limits: None, mixed: None };
    let error = search(&request, &Pool::new(1).expect("threads"), &cancel).expect_err("cancelled");
    assert_eq!(error, crate::Error::Interrupted);
}
