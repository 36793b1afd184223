//! Queries packed for the kernels: panels of as many queries as a tile has lanes, column by column.

use super::codes::{CodedQuery, Coding, GROUP, SHIFT};
use super::geometry::Geometry;
use crate::rows::{Element, Rows};
use crate::simd::Vector;

/// All queries, panel after panel; within a panel column after column, query after query.
pub(super) struct Panels {
    /// The packed values; lanes without a query hold zeros.
    values: Vec<f32>,
    /// The packed codes, four columns of a query together; empty without a coding.
    codes: Vec<i8>,
    /// Squared norm of each query as packed.
    pub squared_norms: Vec<f64>,
    /// `geometry.query_part` of each query.
    pub query_parts: Vec<f64>,
    /// What is known of each query's codes.
    pub coded: Vec<CodedQuery>,
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
    /// Four codes of each lane for each group of columns.
    pub codes: &'a [i8],
    /// Registers of a column.
    pub registers: usize,
    /// Values of a column, one for each query and padding.
    pub lanes: usize,
    /// Number of its first query, and of the first lane in arrays that are padded like panels.
    pub first: usize,
}

impl Panels {
    #[inline(always)]
    pub fn new<V: Vector, T: Element>(
        queries: Rows<'_, T>,
        geometry: &Geometry<T>,
        coding: Option<&Coding>,
    ) -> Self {
        let (n, d) = (queries.len(), queries.n_features());
        let (width, lanes) = (V::WIDTH * V::LANES, V::LANES);
        let padded = n.next_multiple_of(lanes);
        let n_groups = d.div_ceil(GROUP);
        let mut panels = Self {
            values: vec![0.0; padded * d],
            codes: vec![0; if coding.is_some() { padded * n_groups * GROUP } else { 0 }],
            squared_norms: Vec::with_capacity(n),
            query_parts: Vec::with_capacity(n),
            coded: Vec::with_capacity(n),
            n_features: d,
            width,
            lanes,
        };
        // As many queries together as a register holds, so that what is written lies side by side.
        let mut rows = vec![0.0_f32; lanes * d];
        for first in (0..n).step_by(lanes) {
            let together = lanes.min(n - first);
            for (i, row) in rows.chunks_exact_mut(d).take(together).enumerate() {
                for ((out, &x), &centre) in row.iter_mut().zip(queries.row(first + i)).zip(&geometry.centre) {
                    *out = x.centred(geometry.scale, centre);
                }
                let squared_norm = sum_of_squares(row);
                panels.squared_norms.push(squared_norm);
                panels.query_parts.push(geometry.query_part(squared_norm));
            }
            let (panel, lane) = (first / width, first % width);
            let panel_width = width.min(padded - panel * width);
            let columns = panels.values[panel * width * d..].chunks_exact_mut(panel_width).take(d);
            for (j, column) in columns.enumerate() {
                for (i, value) in column[lane..lane + together].iter_mut().enumerate() {
                    *value = rows[i * d + j];
                }
            }
            if let Some(coding) = coding {
                let codes = &mut panels.codes[panel * width * n_groups * GROUP..];
                for (i, row) in rows.chunks_exact(d).take(together).enumerate() {
                    let (mut sum, mut lost) = (0, 0.0);
                    for (j, &x) in row.iter().enumerate() {
                        let (code, loss) = coding.encode(x);
                        codes[(j / GROUP * panel_width + lane + i) * GROUP + j % GROUP] = code;
                        sum += i32::from(code);
                        lost += loss * loss;
                    }
                    let squared_norm = panels.squared_norms[first + i];
                    panels.coded.push(CodedQuery {
                        squared_norm,
                        norm: squared_norm.sqrt(),
                        residual: lost.sqrt(),
                        excess: SHIFT * sum,
                    });
                }
            }
        }
        panels
    }

    /// Number of queries.
    pub fn len(&self) -> usize {
        self.squared_norms.len()
    }

    /// Number of panels.
    pub fn n_panels(&self) -> usize {
        self.len().div_ceil(self.width)
    }

    /// Lanes in all, with those that hold no query.
    pub fn n_lanes(&self) -> usize {
        self.values.len() / self.n_features
    }

    /// The queries of some panels.
    pub fn queries(&self, panels: std::ops::Range<usize>) -> std::ops::Range<usize> {
        panels.start * self.width..(panels.end * self.width).min(self.len())
    }

    /// Panel `i`.
    pub fn get(&self, i: usize) -> Panel<'_> {
        let first = i * self.width;
        let width = self.width.min(self.n_lanes() - first);
        let n_codes = if self.codes.is_empty() { 0 } else { self.n_features.div_ceil(GROUP) * GROUP };
        Panel {
            values: &self.values[first * self.n_features..][..width * self.n_features],
            codes: &self.codes[first * n_codes..][..width * n_codes],
            registers: width / self.lanes,
            lanes: width,
            first,
        }
    }
}

/// Eight sums side by side: one alone would wait for itself at every value.
#[inline(always)]
fn sum_of_squares(values: &[f32]) -> f64 {
    let mut sums = [0.0; 8];
    let (whole, rest) = values.as_chunks::<8>();
    for part in whole {
        for (sum, &x) in sums.iter_mut().zip(part) {
            *sum += f64::from(x) * f64::from(x);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>()
}
