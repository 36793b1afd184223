//! Queries packed for the kernel: panels of [`LANES`] queries, column by column.

use super::codes::{code, OF_QUERY};
use super::columns::Mixed;
use super::geometry::{Geometry, LARGEST_NORM, WIDEST};
use crate::memory::{filled, room};
use crate::rows::{Element, Rows};
use crate::simd::CODES;
use crate::Error;

/// Queries of a panel.
pub(super) const LANES: usize = CODES;

/// Some queries.
pub(super) struct Panel {
    /// Number of its first query, and how many it has.
    pub first: usize,
    pub n_queries: usize,
    /// The columns of numbers.
    pub numeric: Vec<usize>,
    /// `-q'` of each column of numbers, 0 where it is missing.
    pub negated: Vec<[f32; LANES]>,
    /// 1 for each value that is there, 0 where it is missing.
    pub present: Vec<[f32; LANES]>,
    /// Whether any is missing.
    pub holes: bool,
    /// How many each query misses.
    pub n_missing: [f32; LANES],
    /// `-q'` and what is there again, query by query and for all columns.
    by_row: Vec<f32>,
    present_by_row: Vec<f32>,
    stride: usize,
    /// The codes of each column of categories.
    pub codes: Vec<[u8; LANES]>,
    /// Norm of each query.
    pub norms: [f64; LANES],
}

impl Panel {
    /// All queries; `None` if one is too large for the screen.
    pub fn all<T: Element>(
        queries: Rows<'_, T>,
        mixed: &Mixed,
        geometry: &Geometry<T>,
    ) -> Result<Option<Vec<Panel>>, Error> {
        let mut panels = room(queries.len().div_ceil(LANES))?;
        for first in (0..queries.len()).step_by(LANES) {
            let part = queries.slice(first..(first + LANES).min(queries.len()));
            let panel = Panel::new(first, part, mixed, geometry)?;
            // Not `>`, so that NaN is none either.
            if !panel.norms.iter().all(|norm| norm * norm <= f64::from(LARGEST_NORM)) {
                return Ok(None);
            }
            panels.push(panel);
        }
        Ok(Some(panels))
    }

    fn new<T: Element>(
        first: usize,
        queries: Rows<'_, T>,
        mixed: &Mixed,
        geometry: &Geometry<T>,
    ) -> Result<Panel, Error> {
        let stride = queries.n_features().max(WIDEST);
        let mut panel = Panel {
            first,
            n_queries: queries.len(),
            numeric: mixed.numeric.clone(),
            negated: filled([0.0; LANES], mixed.numeric.len())?,
            present: filled([1.0; LANES], mixed.numeric.len())?,
            holes: false,
            n_missing: [0.0; LANES],
            by_row: filled(0.0, LANES * stride)?,
            present_by_row: filled(0.0, LANES * stride)?,
            stride,
            codes: filled([OF_QUERY; LANES], mixed.categorical.len())?,
            norms: [0.0; LANES],
        };
        for lane in 0..queries.len() {
            let (query, mut square) = (queries.row(lane), 0.0);
            for (at, &j) in mixed.numeric.iter().enumerate() {
                if query[j].is_nan() {
                    panel.present[at][lane] = 0.0;
                    panel.n_missing[lane] += 1.0;
                    panel.holes = true;
                    continue;
                }
                let q = query[j].centred(T::from_f64(1.0), geometry.centre[j]);
                panel.negated[at][lane] = -q;
                panel.by_row[lane * stride + j] = -q;
                panel.present_by_row[lane * stride + j] = 1.0;
                square += f64::from(q) * f64::from(q);
            }
            panel.norms[lane] = square.sqrt();
            for (codes, &j) in panel.codes.iter_mut().zip(&mixed.categorical) {
                codes[lane] = code(query[j], OF_QUERY);
            }
        }
        Ok(panel)
    }

    /// The query of a lane.
    #[inline(always)]
    pub fn row(&self, lane: usize) -> Query<'_> {
        let columns = lane * self.stride..(lane + 1) * self.stride;
        Query { negated: &self.by_row[columns.clone()], present: &self.present_by_row[columns] }
    }
}

/// One query, its columns side by side as those of a row of a block.
pub(super) struct Query<'a> {
    /// `-q'`, 0 for what is missing and for categories.
    pub negated: &'a [f32],
    /// 1 for each number that is there, else 0.
    pub present: &'a [f32],
}
