//! Squared distances of a few rows and registers of queries.

use crate::memory::zeros;
use crate::rows::{Element, Rows};
use crate::simd::Wide;
use crate::Error;

/// Rows of a tile, and registers of queries: with eight sums none waits for itself.
const ROWS: usize = 4;
const REGISTERS: usize = 2;

/// Queries packed for registers: one after the other, column by column, a query in each lane.
pub(super) struct Packed {
    values: Vec<f64>,
    n_features: usize,
}

impl Packed {
    #[inline(always)]
    pub fn new<W: Wide, T: Element>(queries: Rows<'_, T>) -> Result<Self, Error> {
        let d = queries.n_features();
        let mut values = zeros(queries.len().next_multiple_of(W::LANES).saturating_mul(d))?;
        for i in 0..queries.len() {
            let lane = &mut values[i / W::LANES * W::LANES * d + i % W::LANES..];
            for (value, x) in lane.iter_mut().step_by(W::LANES).zip(queries.row(i)) {
                *value = x.to_f64();
            }
        }
        Ok(Self { values, n_features: d })
    }

    pub fn n_registers<W: Wide>(&self) -> usize {
        self.values.len() / (W::LANES * self.n_features)
    }
}

/// Takes the distances of one row and the queries of one register.
pub(super) trait Sink {
    /// # Safety
    /// The machine has W's instructions.
    unsafe fn take<W: Wide>(&mut self, register: usize, row: usize, distances: W);
}

/// Hands the distances of all rows, which lie in `rows`, and of some registers of queries to `sink`.
#[inline(always)]
pub(super) fn sweep<W: Wide>(packed: &Packed, registers: &[usize], rows: &[f64], sink: &mut impl Sink) {
    let mut pairs = registers.chunks_exact(REGISTERS);
    for pair in &mut pairs {
        pass::<W, REGISTERS>(packed, [pair[0], pair[1]], rows, sink);
    }
    if let [register] = *pairs.remainder() {
        pass::<W, 1>(packed, [register], rows, sink);
    }
}

#[inline(always)]
fn pass<W: Wide, const C: usize>(packed: &Packed, registers: [usize; C], rows: &[f64], sink: &mut impl Sink) {
    let d = packed.n_features;
    let queries = registers.map(|register| &packed.values[register * W::LANES * d..][..W::LANES * d]);
    let mut tiles = rows.chunks_exact(ROWS * d);
    let mut row = 0;
    for tile in &mut tiles {
        distances::<W, ROWS, C>(tile, &queries, registers, row, sink);
        row += ROWS;
    }
    for one in tiles.remainder().chunks_exact(d) {
        distances::<W, 1, C>(one, &queries, registers, row, sink);
        row += 1;
    }
}

#[inline(always)]
fn distances<W: Wide, const R: usize, const C: usize>(
    rows: &[f64],
    queries: &[&[f64]; C],
    registers: [usize; C],
    row: usize,
    sink: &mut impl Sink,
) {
    let d = rows.len() / R;
    assert!(queries.iter().all(|queries| queries.len() == d * W::LANES));
    // SAFETY: `rows` holds R rows of d values, and each register of queries d columns of LANES, as asserted; the
    // machine has W's instructions, as this runs inside its dispatch.
    unsafe {
        let mut sums = [[W::splat(0.0); C]; R];
        for j in 0..d {
            let q: [W; C] = std::array::from_fn(|c| W::load(queries[c].as_ptr().add(j * W::LANES)));
            for (r, sums) in sums.iter_mut().enumerate() {
                let x = W::splat(*rows.as_ptr().add(r * d + j));
                for (sum, &q) in sums.iter_mut().zip(&q) {
                    *sum = sum.add_square(x, q);
                }
            }
        }
        for (c, &register) in registers.iter().enumerate() {
            for (r, sums) in sums.iter().enumerate() {
                sink.take(register, row + r, sums[c]);
            }
        }
    }
}
