//! Throughput of the kernels on one thread: `cargo bench --bench kernels`. `NNGMIX_FORCE_ISA` chooses the
//! instruction set.

mod workloads;

use divan::counter::{BytesCount, ItemsCount};
use divan::Bencher;
use nngmix_core::rows::Element;

/// The items are pairs of values.
#[divan::bench(types = [f32, f64], args = [(50, 50_000, 30), (500, 20_000, 32), (500, 50_000, 3), (500, 2_000, 512)])]
fn search<T: Element>(bencher: Bencher, (n_queries, n_rows, d): (usize, usize, usize)) {
    let pairs = ItemsCount::new(n_queries * n_rows * d);
    bencher.counter(pairs).bench_local(workloads::searching::<T>(n_queries, n_rows, d));
}

#[divan::bench]
fn search_in_mixed_columns(bencher: Bencher) {
    let pairs = ItemsCount::new(50_usize * 50_000 * 30);
    bencher.counter(pairs).bench_local(workloads::searching_mixed::<f32>(50, 50_000, 30));
}

#[divan::bench(args = [1 << 18])]
fn normals(bencher: Bencher, n: usize) {
    bencher.counter(ItemsCount::new(n)).bench_local(workloads::drawing_normals(n));
}

#[divan::bench(args = [1 << 18])]
fn plans(bencher: Bencher, n: usize) {
    bencher.counter(ItemsCount::new(n)).bench_local(workloads::planning(n));
}

#[divan::bench(types = [f32, f64], args = [30, 128])]
fn rows<T: Element>(bencher: Bencher, d: usize) {
    let n = (1 << 18) / d;
    bencher.counter(BytesCount::of_many::<T>(n * d)).bench_local(workloads::generating::<T>(n, d));
}

const N: usize = 1 << 14;

#[divan::bench]
fn ranges(bencher: Bencher) {
    bencher.counter(BytesCount::of_many::<f64>(N * 29)).bench_local(workloads::ranging::<f64>(N));
}

#[divan::bench]
fn scaled_rows(bencher: Bencher) {
    bencher.counter(BytesCount::of_many::<f64>(N * 29)).bench_local(workloads::scaling::<f64>(N));
}

#[divan::bench]
fn exact_sums(bencher: Bencher) {
    bencher.counter(BytesCount::of_many::<f64>(N * 29)).bench_local(workloads::summing::<f64>(N));
}

fn main() {
    divan::main();
}
