//! Throughput of the kernels on one thread: `cargo bench --bench kernels`. `NNGMIX_FORCE_ISA` chooses the
//! instruction set.

mod workloads;

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use workloads::{
    drawing_normals, generating, planning, ranging, scaling, searching, searching_mixed, summing,
};

fn searches(c: &mut Criterion) {
    let mut group = c.benchmark_group("search, pairs x columns");
    for (n_queries, n_rows, d) in [(50, 50_000, 30), (500, 20_000, 32), (500, 50_000, 3), (500, 2_000, 512)] {
        group.throughput(Throughput::Elements((n_queries * n_rows * d) as u64));
        let mut single = searching::<f32>(n_queries, n_rows, d);
        group.bench_function(format!("{n_queries} x {n_rows} x {d} f32"), |b| b.iter(&mut single));
        let mut double = searching::<f64>(n_queries, n_rows, d);
        group.bench_function(format!("{n_queries} x {n_rows} x {d} f64"), |b| b.iter(&mut double));
    }
    group.throughput(Throughput::Elements(50 * 50_000 * 30));
    let mut mixed = searching_mixed::<f32>(50, 50_000, 30);
    group.bench_function("50 x 50000 x 30 f32, mixed", |b| b.iter(&mut mixed));
}

fn generation(c: &mut Criterion) {
    let mut group = c.benchmark_group("generation");
    let n = 1 << 18;
    group.throughput(Throughput::Elements(n as u64));
    let mut normals = drawing_normals(n);
    group.bench_function("normals", |b| b.iter(&mut normals));
    let mut plans = planning(n);
    group.bench_function("plans", |b| b.iter(&mut plans));
    for d in [30, 128] {
        let n = (1 << 18) / d;
        group.throughput(Throughput::Bytes((n * d * 4) as u64));
        let mut single = generating::<f32>(n, d);
        group.bench_function(format!("rows of {d} f32"), |b| b.iter(&mut single));
        group.throughput(Throughput::Bytes((n * d * 8) as u64));
        let mut double = generating::<f64>(n, d);
        group.bench_function(format!("rows of {d} f64"), |b| b.iter(&mut double));
    }
}

fn columns(c: &mut Criterion) {
    let mut group = c.benchmark_group("columns");
    let n = 1 << 14;
    group.throughput(Throughput::Bytes((n * 29 * 8) as u64));
    let (mut ranging, mut scaling, mut summing) = (ranging::<f64>(n), scaling::<f64>(n), summing::<f64>(n));
    group.bench_function("ranges", |b| b.iter(&mut ranging));
    group.bench_function("scaled rows", |b| b.iter(&mut scaling));
    group.bench_function("exact sums", |b| b.iter(&mut summing));
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = searches, generation, columns
}
criterion_main!(benches);
