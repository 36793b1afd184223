//! Queries packed for the kernel: panels of as many queries as a tile has lanes, column by column.

use super::geometry::Geometry;
use crate::rows::{Element, Rows};
use crate::simd::Vector;

/// All queries in `f32`, panel after panel; within a panel column after column, query after query.
pub(super) struct Panels {
    /// The packed values; lanes without a query hold zeros.
    values: Vec<f32>,
    /// Squared norm of each query as packed.
    pub squared_norms: Vec<f64>,
    /// `geometry.query_part` of each query.
    pub query_parts: Vec<f64>,
    n_features: usize,
    /// Lanes of a whole panel.
    width: usize,
    /// Lanes of a register.
    lanes: usize,
}

/// One panel.
pub(super) struct Panel<'a> {
    /// `registers * lanes` values for each column.
    pub values: &'a [f32],
    /// Registers of a column.
    pub registers: usize,
    /// Number of its first query, and of the first lane in arrays that are padded like panels.
    pub first: usize,
}

impl Panels {
    pub fn new<V: Vector, T: Element>(queries: Rows<'_, T>, geometry: &Geometry<T>) -> Self {
        let (width, lanes, d) = (V::WIDTH * V::LANES, V::LANES, queries.n_features());
        let padded = queries.len().next_multiple_of(lanes);
        let mut values = vec![0.0; padded * d];
        let mut squared_norms = Vec::with_capacity(queries.len());
        for i in 0..queries.len() {
            let (panel, lane) = (i / width, i % width);
            let panel_width = width.min(padded - panel * width);
            let start = panel * width * d + lane;
            let mut squared_norm = 0.0;
            for (j, (&x, &centre)) in queries.row(i).iter().zip(&geometry.centre).enumerate() {
                let x = x.centred(geometry.scale, centre);
                values[start + j * panel_width] = x;
                squared_norm += f64::from(x) * f64::from(x);
            }
            squared_norms.push(squared_norm);
        }
        let query_parts = squared_norms.iter().map(|&b| geometry.query_part(b)).collect();
        Self { values, squared_norms, query_parts, n_features: d, width, lanes }
    }

    /// Number of queries.
    pub fn len(&self) -> usize {
        self.squared_norms.len()
    }

    /// Lanes in all, with those that hold no query.
    pub fn n_lanes(&self) -> usize {
        self.values.len() / self.n_features
    }

    /// The panels in order.
    pub fn iter(&self) -> impl Iterator<Item = Panel<'_>> {
        self.values.chunks(self.width * self.n_features).enumerate().map(|(i, values)| Panel {
            values,
            registers: values.len() / self.n_features / self.lanes,
            first: i * self.width,
        })
    }
}
