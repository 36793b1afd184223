//! The first limits of a long search. Rows that come sorted, from far to near, are all candidates until near ones
//! turn up: so some rows spread over all of the table are looked at before the first block. They are no candidates
//! yet, but as many neighbours as are wanted are at most as far as the nearest of them.

use super::block::block_rows;
use super::kernel::Kernel;
use super::repeats::Repeats;
use super::scatter::scattered;
use super::worker::{Shared, Worker};
use crate::memory::room;
use crate::neighbors::request::Request;
use crate::rows::{Element, Rows};
use crate::simd::Vector;
use crate::Error;

/// In a table of fewer blocks the probe would cost more than it saves.
const FEWEST_BLOCKS: usize = 24;

/// Copies of the rows of the probe, spread over all rows; `None` where no probe pays.
pub(super) fn probe<T: Element>(request: &Request<'_, T>) -> Result<Option<Vec<T>>, Error> {
    let (n_rows, size) = (request.rows.len(), block_rows(request));
    if n_rows < FEWEST_BLOCKS * size || request.n_neighbors > size {
        return Ok(None);
    }
    // A permutation, so that no row counts twice.
    let nth = scattered(n_rows);
    let mut values = room(size * request.rows.n_features())?;
    (0..size).for_each(|turn| values.extend_from_slice(request.rows.row(nth(turn))));
    Ok(Some(values))
}

impl<T: Element> Worker<'_, T> {
    /// Makes the probe the block, for a kernel on `f32`; returns the kernel to go on with.
    #[inline(always)]
    pub fn fill_probe<V: Vector>(&mut self, values: &[T]) -> Result<Kernel, Error> {
        let Shared { request, geometry, .. } = *self.shared;
        let rows = Rows::new(values, request.rows.n_features())?;
        let kernel = std::mem::replace(&mut self.kernel, Kernel::Dot);
        self.block.fill::<V, T>(rows, geometry, Repeats::none());
        Ok(kernel)
    }
}
