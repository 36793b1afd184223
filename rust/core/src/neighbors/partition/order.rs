//! An order of rows in which rows near each other stand together: a k-d tree of which only the leaves are kept.

use crate::memory::room;
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::Error;

/// Rows that stand together in any order. Every run of a power of two times as many that starts at a multiple of
/// its own length is a subtree, so that the same order serves groups of several sizes.
pub(super) const RUN: usize = 64;
/// Rows looked at to find the widest column.
const SAMPLE: usize = 64;
/// Parts for each thread, so that none waits long for another.
const PARTS: usize = 4;

/// The positions of the rows, those near each other together.
pub(super) fn compact_order<T: Element>(
    rows: Rows<'_, T>,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<Vec<u32>, Error> {
    let mut order: Vec<u32> = room(rows.len())?;
    order.extend(0..rows.len() as u32);
    let mut parts = vec![&mut order[..]];
    while parts.len() < PARTS * pool.n_threads() && parts[0].len() > RUN {
        cancel.check()?;
        let halves = pool.map(parts, |part| halve(part, rows, &mut Vec::new()));
        parts = halves.into_iter().flat_map(<[_; 2]>::from).filter(|half| !half.is_empty()).collect();
    }
    let arranged = pool.map(parts, |part| arrange(part, rows, &mut Vec::new(), cancel));
    arranged.into_iter().collect::<Result<(), Error>>()?;
    Ok(order)
}

fn arrange<T: Element>(
    part: &mut [u32],
    rows: Rows<'_, T>,
    keys: &mut Vec<(f32, u32)>,
    cancel: &Cancel,
) -> Result<(), Error> {
    cancel.check()?;
    if part.len() <= RUN {
        return Ok(());
    }
    let (lower, upper) = halve(part, rows, keys);
    arrange(lower, rows, keys, cancel)?;
    arrange(upper, rows, keys, cancel)
}

/// Parts the rows at their widest column; the lower half has a power of two runs.
fn halve<'a, T: Element>(
    part: &'a mut [u32],
    rows: Rows<'_, T>,
    keys: &mut Vec<(f32, u32)>,
) -> (&'a mut [u32], &'a mut [u32]) {
    let middle = part.len().div_ceil(RUN).next_power_of_two() / 2 * RUN;
    if middle == 0 || middle >= part.len() {
        return (part, &mut []);
    }
    let column = widest(part, rows);
    keys.clear();
    // Rounding can only make the halves overlap, which no result depends on.
    keys.extend(part.iter().map(|&position| (rows.row(position as usize)[column].to_f64() as f32, position)));
    keys.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0));
    part.iter_mut().zip(keys.iter()).for_each(|(position, key)| *position = key.1);
    part.split_at_mut(middle)
}

/// The column of the largest extent in a sample of some rows.
fn widest<T: Element>(part: &[u32], rows: Rows<'_, T>) -> usize {
    let first = rows.row(part[0] as usize);
    let mut extents: Vec<(T, T)> = first.iter().map(|&x| (x, x)).collect();
    for &position in part.iter().step_by(part.len().div_ceil(SAMPLE)) {
        for ((low, high), &x) in extents.iter_mut().zip(rows.row(position as usize)) {
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
        }
    }
    let mut found = (0, f64::NEG_INFINITY);
    for (column, (low, high)) in extents.into_iter().enumerate() {
        let extent = high.to_f64() - low.to_f64();
        if extent > found.1 {
            found = (column, extent);
        }
    }
    found.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_data::uniforms;

    #[test]
    fn every_row_comes_once_and_runs_are_compact_whatever_the_threads() {
        let (n, d) = (RUN * 37 + 5, 2);
        let values = uniforms(3, n * d);
        let rows = Rows::new(&values, d).expect("rows");
        let orders = [1, 3].map(|n_threads| {
            let pool = Pool::new(n_threads).expect("threads");
            compact_order(rows, &pool, &Cancel::default()).expect("room")
        });
        assert_eq!(orders[0], orders[1]);
        let mut sorted = orders[0].clone();
        sorted.sort_unstable();
        assert!(sorted.iter().copied().eq(0..n as u32));
        // A share of the area of the unit square, with some room.
        for (size, most) in [(RUN, 0.06), (8 * RUN, 0.4)] {
            for run in orders[0].chunks_exact(size) {
                let side = |column: usize| {
                    let x = || run.iter().map(|&position| rows.row(position as usize)[column]);
                    x().fold(0.0, f64::max) - x().fold(1.0, f64::min)
                };
                assert!(side(0) * side(1) < most, "{size}");
            }
        }
    }
}
