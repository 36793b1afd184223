//! A second look at what the codes let through: the squared distance of each pair in `f32`, from rows and queries as
//! they came. What it can get wrong grows with the distance alone, so that hardly a row stays a candidate that is none.

use super::block::Block;
use super::worker::{Shared, Worker};
use crate::neighbors::distance::squared_distance;
use crate::rows::Element;
use crate::simd::{dispatch, Vector};

/// Pairs looked at together, before thresholds follow.
pub(super) const TOGETHER: usize = 1 << 10;

dispatch! {
    /// Makes candidates of the worker's pairs of a row of the block and a query.
    pub(super) fn look_again[T: Element](worker: &mut Worker<'_, T>, block: &Block) -> () = look_again_impl
}

#[inline(always)]
fn look_again_impl<V: Vector, T: Element>(worker: &mut Worker<'_, T>, block: &Block) {
    let Shared { request, geometry, .. } = *worker.shared;
    let mut pairs = std::mem::take(&mut worker.pairs);
    worker.survivors += pairs.len();
    for (row, query) in pairs.drain(..) {
        let (position, query) = (worker.first_row + row as usize, query as usize);
        let (x, q) = (request.rows.row(position), request.queries.row(query));
        let sum = squares::<V, T>(x, q, geometry.scale, &block.tail);
        // Values near the largest of their type can be farther apart than it.
        let bounds = if sum.is_finite() {
            geometry.pair_bounds(sum)
        } else {
            geometry.exact_bounds(squared_distance(q, x))
        };
        worker.take(query, position, bounds);
    }
    worker.pairs = pairs;
}

/// The sum of squares of `(x - q) scale`.
#[inline(always)]
fn squares<V: Vector, T: Element>(x: &[T], q: &[T], scale: T, tail: &[f32]) -> f32 {
    let d = x.len();
    assert!(q.len() == d && tail.len() == V::LANES);
    if d < V::LANES {
        let mut sums = [0.0; 4];
        for (x, q) in x.chunks(4).zip(q.chunks(4)) {
            for ((sum, &x), &q) in sums.iter_mut().zip(x).zip(q) {
                let difference = x.difference(q, scale);
                *sum += difference * difference;
            }
        }
        return (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
    // SAFETY: every register of values lies inside the `d >= LANES` values of `x` and `q`, `tail` has one; the
    // machine has V's instructions, as this runs inside its dispatch.
    unsafe {
        let part = |at: usize| T::difference_lanes::<V>(x.as_ptr().add(at), q.as_ptr().add(at), scale);
        // Four sums side by side: one alone would wait for itself.
        let mut sums = [V::splat(0.0); 4];
        let mut at = 0;
        while at + 4 * V::LANES <= d {
            for (i, sum) in sums.iter_mut().enumerate() {
                let difference = part(at + i * V::LANES);
                *sum = difference.mul_add(difference, *sum);
            }
            at += 4 * V::LANES;
        }
        while at + V::LANES <= d {
            let difference = part(at);
            sums[0] = difference.mul_add(difference, sums[0]);
            at += V::LANES;
        }
        if at < d {
            // The last register overlaps the one before; the mask leaves out what has been counted.
            let difference = part(d - V::LANES);
            let uncounted = difference.mul_add(V::load(tail.as_ptr()), V::splat(0.0));
            sums[1] = uncounted.mul_add(uncounted, sums[1]);
        }
        let one = V::splat(1.0);
        sums[0].mul_add(one, sums[1]).mul_add(one, sums[2].mul_add(one, sums[3])).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::{Request, RowIds};
    use crate::neighbors::screen::geometry::Geometry;
    use crate::neighbors::screen::panels::Panels;
    use crate::parallel::Cancel;
    use crate::rows::Rows;
    use crate::simd::{Isa, Portable};
    use crate::test_data::uniforms;

    dispatch! {
        fn sum_of_squares[T: Element](x: &[T], q: &[T], scale: T) -> f32 = sum_of_squares_impl
    }

    #[inline(always)]
    fn sum_of_squares_impl<V: Vector, T: Element>(x: &[T], q: &[T], scale: T) -> f32 {
        let tail: Vec<f32> =
            (0..V::LANES).map(|lane| f32::from(lane >= V::LANES - x.len() % V::LANES)).collect();
        squares::<V, T>(x, q, scale, &tail)
    }

    #[test]
    fn every_width_is_summed_up_once() {
        for (d, isa) in
            [1, 7, 8, 15, 16, 30, 64, 67, 200].into_iter().flat_map(|d| Isa::ALL.map(|isa| (d, isa)))
        {
            let (x, q) = (uniforms(1, d), uniforms(2, d));
            let narrow = |values: &[f64]| -> Vec<f32> { values.iter().map(|&x| x as f32).collect() };
            let expected: f64 = x.iter().zip(&q).map(|(x, q)| ((x - q) * 4.0).powi(2)).sum();
            for found in
                [sum_of_squares(isa, &x, &q, 4.0), sum_of_squares(isa, &narrow(&x), &narrow(&q), 4.0)]
            {
                assert!((f64::from(found) / expected - 1.0).abs() < 1e-5, "{d} {isa:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn pairs_become_candidates_however_far_apart_they_are() {
        let values = [3e38_f32, -3e38, 1e38, 2e38];
        let rows = Rows::new(&values, 1).expect("rows");
        let request = Request {
            queries: rows.slice(0..1),
            rows,
            ids: RowIds::From(0),
            n_neighbors: 4,
            limits: None,
            mixed: None,
        };
        let geometry = Geometry::new(&request).expect("in range");
        let panels = Panels::new::<Portable, f32>(request.queries, &geometry, None).expect("room");
        let shared = Shared {
            request: &request,
            isa: Isa::Baseline,
            geometry: &geometry,
            coding: None,
            panels: &panels,
            cancel: &Cancel::default(),
        };
        let mut worker = Worker::new::<Portable>(&shared, 0..1, 24).expect("room");
        let block = std::mem::take(&mut worker.block);
        worker.pairs.extend([(1, 0), (3, 0), (0, 0)]);
        look_again(Isa::Baseline, &mut worker, &block);
        assert!((worker.survivors, worker.pairs.len()) == (3, 0));
        for &(lower, position) in worker.candidates.get(0) {
            let s = f64::from(geometry.scale);
            let scaled = (s * (f64::from(values[position as usize]) - f64::from(values[0]))).powi(2);
            // The query itself, at 0, has a bound a little below.
            let least = 0.99 * scaled - geometry.tiny;
            assert!((least..=scaled).contains(&f64::from(lower)), "{lower} {scaled}");
        }
        assert_eq!(worker.candidates.get(0).iter().map(|row| row.1).collect::<Vec<_>>(), [1, 3, 0]);
    }
}
