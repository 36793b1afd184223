//! What one thread does: blocks of rows, one after the other, against its panels of queries.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::block::{block_rows, ROW_MULTIPLE};
use super::candidates::Candidates;
use super::code_kernel::screen_codes;
use super::first_block::FirstSums;
use super::float_kernel::screen_panel;
use super::kernel::{Kernel, Record, Screened};
use super::panels::Panel;
use super::probe::probe;
use super::scatter::scattered;
use super::screening::Screening;
use super::second_look::look_again;
use super::worker::{Shared, Worker};
use crate::rows::Element;
use crate::simd::{dispatch, Ahead, Vector};
use crate::Error;

/// Takes blocks from `next` until there are none, and returns the candidates of the queries of `panels`.
#[inline(always)]
pub(super) fn sweep<V: Vector, T: Element>(
    shared: &Shared<'_, T>,
    panels: Range<usize>,
    next: &AtomicUsize,
) -> Result<Candidates, Error> {
    let Shared { request, cancel, .. } = *shared;
    let (n_rows, d) = (request.rows.len(), request.rows.n_features());
    let size = block_rows(request);
    let n_blocks = n_rows.div_ceil(size);
    let nth = scattered(n_blocks);
    let first_of = |turn: usize| nth(turn) * size;
    let rows_of = |turn: usize| request.rows.slice(first_of(turn)..(first_of(turn) + size).min(n_rows));

    let mut worker = Worker::new::<V>(shared, shared.panels.queries(panels.clone()), size)?;
    let mut record = Record::default();
    let mut first_sums = FirstSums::default();
    if let Some(values) = probe(request)? {
        first_sums.probe = true;
        let kernel = worker.fill_probe::<V>(&values)?;
        for panel in panels.clone() {
            let panel = shared.panels.get(panel);
            screen_block(V::ISA, &mut worker, &panel, &mut Ahead::new::<T>(&[]), Some(&mut first_sums));
        }
        worker.choose(kernel);
    }
    let mut turn = next.fetch_add(1, Ordering::Relaxed);
    while turn < n_blocks {
        let rows = rows_of(turn);
        worker.first_row = first_of(turn);
        worker.fill::<V>(rows)?;
        turn = next.fetch_add(1, Ordering::Relaxed);
        // The next block lies far away in memory.
        let mut ahead = Ahead::new(if turn < n_blocks { rows_of(turn).values() } else { &[] });
        let kernel = worker.kernel;
        let mut first = (record.is_empty() && !first_sums.probe).then_some(&mut first_sums);
        for panel in panels.clone() {
            cancel.check()?;
            let panel = shared.panels.get(panel);
            screen_block(V::ISA, &mut worker, &panel, &mut ahead, first.as_deref_mut());
        }
        let screened = Screened {
            n_rows: rows.len(),
            n_queries: worker.queries.len(),
            n_features: d,
            n_neighbors: request.n_neighbors,
            survivors: worker.survivors,
        };
        if let Some(other) = record.judge(kernel, screened) {
            worker.choose(other);
        }
    }
    Ok(worker.candidates)
}

dispatch! {
    /// Runs the worker's block against a panel; `first` helps if nothing is known of its queries yet.
    pub(in crate::neighbors) fn screen_block[T: Element](
        worker: &mut Worker<'_, T>, panel: &Panel<'_>, ahead: &mut Ahead, first: Option<&mut FirstSums>
    ) -> () = screen_block_impl
}

#[inline(always)]
fn screen_block_impl<V: Vector, T: Element>(
    worker: &mut Worker<'_, T>,
    panel: &Panel<'_>,
    ahead: &mut Ahead,
    first: Option<&mut FirstSums>,
) {
    let request = worker.shared.request;
    let (d, block) = (request.rows.n_features(), std::mem::take(&mut worker.block));
    let mut screening = Screening { worker, block: &block };
    match (screening.worker.kernel, first) {
        (Kernel::Codes, _) => {
            screen_codes(screening.worker.shared.isa, &block, panel, ahead, &mut screening);
            look_again(V::ISA, worker, &block);
        }
        (Kernel::Dot, Some(first)) => {
            first.prepare(block.n_rows.next_multiple_of(ROW_MULTIPLE), panel.first, panel.lanes);
            screen_panel::<V, false>(&block, d, panel, ahead, first);
            let known = first.largest::<V>(request.n_neighbors);
            screening.worker.know(panel.first, &known, &block);
            if !first.probe {
                first.hand_over::<V>(panel.first, &mut screening);
            }
        }
        (Kernel::Dot, None) => screen_panel::<V, false>(&block, d, panel, ahead, &mut screening),
        (Kernel::Difference, _) => screen_panel::<V, true>(&block, d, panel, ahead, &mut screening),
    }
    worker.block = block;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::{Request, RowIds};
    use crate::neighbors::screen::candidates::exact;
    use crate::neighbors::screen::geometry::Geometry;
    use crate::neighbors::screen::panels::Panels;
    use crate::parallel::Cancel;
    use crate::rows::Rows;
    use crate::simd::{Isa, Portable};
    use crate::test_data::uniforms;

    #[test]
    fn blocks_are_taken_once_and_hold_the_nearest_rows() {
        let (d, n) = (4, 30_000);
        let (queries, rows) = (uniforms(1, 10 * d), uniforms(2, n * d));
        let (queries, rows) = (Rows::new(&queries, d).expect("rows"), Rows::new(&rows, d).expect("rows"));
        let request =
            Request { queries, rows, ids: RowIds::From(0), n_neighbors: 6, limits: None, mixed: None };
        let geometry = Geometry::new(&request).expect("in range");
        let panels = Panels::new::<Portable, f64>(queries, &geometry, None).expect("room");
        let shared = Shared {
            request: &request,
            isa: Isa::Baseline,
            geometry: &geometry,
            coding: None,
            panels: &panels,
            cancel: &Cancel::default(),
        };
        let next = AtomicUsize::new(0);
        let all: Vec<u32> = (0..n as u32).collect();
        let candidates = sweep::<Portable, f64>(&shared, 0..panels.n_panels(), &next).expect("finite");
        for query in 0..10 {
            let left: Vec<u32> = candidates.get(query).iter().map(|row| row.1).collect();
            assert!(left.len() < 100);
            assert_eq!(exact(query, &left, &request, Vec::new()), exact(query, &all, &request, Vec::new()));
        }
        // Nothing is left for a second thread.
        let candidates = sweep::<Portable, f64>(&shared, 0..1, &next).expect("finite");
        assert!((0..8).all(|query| candidates.get(query).is_empty()));
    }
}
