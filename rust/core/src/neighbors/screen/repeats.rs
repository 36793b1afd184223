//! Rows that repeat as many rows before them as there are neighbours. Those, whose ids are smaller, come first, so
//! that such a row cannot be among the nearest.

use crate::neighbors::request::Request;
use crate::rows::{Element, Rows};

/// Tells them as a block is taken in row after row.
pub(in crate::neighbors) struct Repeats {
    in_a_row: usize,
    n_neighbors: usize,
    ids_ascend: bool,
}

impl Repeats {
    /// For a block that starts at `first`, and may begin amid equal rows.
    pub fn from<T: Element>(request: &Request<'_, T>, first: usize) -> Self {
        let (rows, n_neighbors, ids_ascend) = (request.rows, request.n_neighbors, request.ids_ascend());
        let before = if ids_ascend { (0..first).rev().take(n_neighbors) } else { (0..0).rev().take(0) };
        let in_a_row = before.take_while(|&i| rows.row(i) == rows.row(first)).count();
        Self { in_a_row, n_neighbors, ids_ascend }
    }

    /// For rows in no order, none of which is told.
    pub fn none() -> Self {
        Self { in_a_row: 0, n_neighbors: 1, ids_ascend: false }
    }

    /// Whether row `i` of the block repeats that many rows.
    #[inline(always)]
    pub fn too_often<T: Element>(&mut self, rows: Rows<'_, T>, i: usize) -> bool {
        if i > 0 {
            let repeats = self.ids_ascend && rows.row(i) == rows.row(i - 1);
            self.in_a_row = if repeats { self.in_a_row + 1 } else { 0 };
        }
        self.in_a_row >= self.n_neighbors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::RowIds;

    #[test]
    fn rows_count_from_before_the_block_on() {
        let values = [1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0];
        let rows = Rows::new(&values, 1).expect("rows");
        let request =
            Request { queries: rows, rows, ids: RowIds::From(0), n_neighbors: 2, limits: None, mixed: None };
        let too_often = |request: &Request<'_, f64>, first: usize| -> Vec<bool> {
            let (block, mut repeats) = (rows.slice(first..7), Repeats::from(request, first));
            (0..block.len()).map(|i| repeats.too_often(block, i)).collect()
        };
        let all = [false, false, false, true, true, false, false];
        for first in 0..7 {
            assert_eq!(too_often(&request, first), all[first..], "{first}");
        }
        // Ids that are given may descend: any of the equal rows can be the nearest.
        let given = Request { ids: RowIds::Given(&[6, 5, 4, 3, 2, 1, 0]), ..request };
        assert!(!too_often(&given, 3).contains(&true));
    }
}
