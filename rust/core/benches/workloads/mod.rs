//! The work that the kernels' benchmarks and the guard against slow code share.

use std::hint::black_box;

use nngmix_core::columns::matrix::Matrix;
use nngmix_core::columns::{exact_sum, ranges, scale};
use nngmix_core::methods::nng_mix::{Choices, PlanMut, Sources};
use nngmix_core::neighbors::{search, Mixed, Request, RowIds};
use nngmix_core::parallel::{Cancel, Pool};
use nngmix_core::random::{normals_from, Beta, Key, Purpose};
use nngmix_core::rows::{Element, Rows};

const KEY: Key = Key([1, 2, 3, 4, 5, 6, 7, 8]);

/// Uniform values that are the same in every run.
pub fn values<T: Element>(n: usize) -> Vec<T> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        T::from_f64((state >> 11) as f64 / (1_u64 << 53) as f64)
    };
    std::iter::repeat_with(next).take(n).collect()
}

/// A search on one thread, with data of its own.
pub fn searching<T: Element>(n_queries: usize, n_rows: usize, d: usize) -> impl FnMut() {
    searching_in(values::<T>((n_queries + n_rows) * d), n_queries, d, None)
}

/// A search in columns of which every third holds one of 50 categories.
pub fn searching_mixed<T: Element>(n_queries: usize, n_rows: usize, d: usize) -> impl FnMut() {
    let kinds: Vec<bool> = (0..d).map(|j| j % 3 == 2).collect();
    let mut rows = values::<T>((n_queries + n_rows) * d);
    for (x, _) in rows.iter_mut().zip(kinds.iter().cycle()).filter(|(_, &categorical)| categorical) {
        *x = T::from_f64((x.to_f64() * 50.0).floor());
    }
    searching_in(rows, n_queries, d, Some(Mixed::new(&kinds, 1.0).expect("a weight")))
}

/// The first rows are the queries.
fn searching_in<T: Element>(rows: Vec<T>, n_queries: usize, d: usize, mixed: Option<Mixed>) -> impl FnMut() {
    let pool = Pool::new(1).expect("the calling thread");
    move || {
        let (queries, rows) = rows.split_at(n_queries * d);
        let request = Request {
            queries: Rows::new(queries, d).expect("whole rows"),
            rows: Rows::new(rows, d).expect("whole rows"),
            ids: RowIds::From(0),
            n_neighbors: 10,
            limits: None,
            mixed: mixed.as_ref(),
        };
        black_box(search(&request, &pool, &Cancel::default()).expect("finite rows"));
    }
}

/// Normals of the noise stream.
pub fn drawing_normals(n: usize) -> impl FnMut() {
    let mut out = vec![0.0; n];
    move || {
        normals_from(KEY, Purpose::Noise, 0, &mut out);
        black_box(&out);
    }
}

fn choices() -> Choices {
    let weight = Beta::new(0.2, 0.2).expect("valid parameters");
    Choices {
        n_anomalies: 50,
        n_neighbors: 10,
        n_neighbors_anomaly: 9,
        unlabeled_fraction: 0.5,
        weight,
        purpose: Purpose::Plan,
    }
}

/// Plans.
pub fn planning(n: usize) -> impl FnMut() {
    let (mut anchor, mut neighbor) = (vec![0; n], vec![0; n]);
    let (mut unlabeled, mut lam) = (vec![false; n], vec![0.0; n]);
    let pool = Pool::new(1).expect("the calling thread");
    move || {
        let plan = PlanMut {
            anchor: &mut anchor,
            unlabeled: &mut unlabeled,
            neighbor: &mut neighbor,
            lam: &mut lam,
        };
        choices().draw_all(KEY, 0, plan, &pool, &Cancel::default()).expect("something to choose from");
        black_box(&lam);
    }
}

/// Rows, drawn and mixed on one thread into a buffer in use.
pub fn generating<T: Element>(n: usize, d: usize) -> impl FnMut() {
    let (anomalies, neighbor_rows) = (values::<T>(50 * d), values::<T>(500 * d));
    let anomaly_neighbors: Vec<i64> = (0..450).map(|i| (i * 7) % 50).collect();
    let mut out = vec![T::default(); n * d];
    let pool = Pool::new(1).expect("the calling thread");
    move || {
        let sources = Sources {
            anomalies: Rows::new(&anomalies, d).expect("whole rows"),
            neighbor_rows: &neighbor_rows,
            slots: 10,
            anomaly_neighbors: &anomaly_neighbors,
            anomaly_slots: 9,
            noise_std: 0.01,
            key: KEY,
            categorical: None,
        };
        sources.generate(&choices(), 0, &mut out, &pool, &Cancel::default()).expect("valid sources");
        black_box(&out);
    }
}

/// A pass over 29 columns that finds their ranges.
pub fn ranging<T: Element>(n: usize) -> impl FnMut() {
    let rows = values::<T>(n * 29);
    let pool = Pool::new(1).expect("the calling thread");
    move || {
        let (mut minimum, mut maximum) = ([f64::INFINITY; 29], [f64::NEG_INFINITY; 29]);
        let rows = Matrix::Rows(Rows::new(&rows, 29).expect("whole rows"));
        ranges::widen(rows, &mut minimum, &mut maximum, false, &pool, &Cancel::default())
            .expect("finite rows");
        black_box(&maximum);
    }
}

/// A pass over 29 columns that scales all rows but some.
pub fn scaling<T: Element>(n: usize) -> impl FnMut() {
    let (rows, offset, width) = (values::<T>(n * 29), values::<T>(29), values::<T>(29));
    let chosen: Vec<bool> = (0..n).map(|i| i % 500 != 7).collect();
    let mut out = vec![T::default(); chosen.iter().filter(|&&taken| taken).count() * 29];
    let pool = Pool::new(1).expect("the calling thread");
    move || {
        let units = Some(scale::Scale { offset: &offset, width: &width, finish: None });
        let rows = Rows::new(&rows, 29).expect("whole rows");
        scale::take(rows, Some(&chosen), units, &mut out, &pool, &Cancel::default()).expect("room");
        black_box(&out);
    }
}

/// A pass over 29 columns that sums them and their squares exactly.
pub fn summing<T: Element>(n: usize) -> impl FnMut() {
    let rows = values::<T>(n * 29);
    let mut sums = vec![0; 29 * 2 * exact_sum::LIMBS];
    let pool = Pool::new(1).expect("the calling thread");
    move || {
        let rows = Matrix::Rows(Rows::new(&rows, 29).expect("whole rows"));
        exact_sum::add_columns(rows, &mut sums, None, &pool, &Cancel::default()).expect("finite rows");
        black_box(&sums);
    }
}
