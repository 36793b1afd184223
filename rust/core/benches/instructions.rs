//! One kernel by name, a fixed amount of work: what `benches/instructions.py` counts the instructions of.

mod workloads;

use workloads::{
    drawing_normals, generating, planning, ranging, scaling, searching, searching_mixed, summing,
};

/// The part that is counted, after the data is there.
#[inline(never)]
fn counted(mut work: impl FnMut()) {
    work();
}

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    match name.as_str() {
        "search-f32" => counted(searching::<f32>(64, 20_000, 32)),
        "search-f64" => counted(searching::<f64>(64, 20_000, 30)),
        "search-long" => counted(searching::<f32>(64, 2_000, 512)),
        "search-small" => counted(searching::<f64>(50, 50, 30)),
        "search-codes" => counted(searching::<f32>(64, 4_000, 256)),
        "search-many" => counted(searching::<f64>(2_048, 16_000, 4)),
        "search-mixed" => counted(searching_mixed::<f32>(50, 10_000, 30)),
        "normals" => counted(drawing_normals(1 << 18)),
        "plans" => counted(planning(1 << 14)),
        "rows-f32" => counted(generating::<f32>(1 << 13, 30)),
        "rows-f64" => counted(generating::<f64>(1 << 13, 30)),
        "ranges" => counted(ranging::<f64>(1 << 13)),
        "scaled-f32" => counted(scaling::<f32>(1 << 13)),
        "scaled-f64" => counted(scaling::<f64>(1 << 13)),
        "sums" => counted(summing::<f64>(1 << 13)),
        // `cargo test` and `cargo bench` run every target: without a name there is nothing to do.
        _ => {}
    }
}
