//! Queries packed for the kernels: panels of as many queries as a tile has lanes, column by column.

use super::codes::{CodedQuery, Coding, GROUP};
use super::geometry::Geometry;
use crate::memory::zeros;
use crate::rows::{Element, Rows};
use crate::simd::Vector;
use crate::Error;

/// All queries, panel after panel; within a panel column after column, query after query.
pub(in crate::neighbors) struct Panels {
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
pub(in crate::neighbors) struct Panel<'a> {
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
    ) -> Result<Self, Error> {
        let (n, d) = (queries.len(), queries.n_features());
        let (width, lanes) = (V::WIDTH * V::LANES, V::LANES);
        let padded = n.next_multiple_of(lanes);
        let n_groups = d.div_ceil(GROUP);
        let mut panels = Self {
            values: zeros(padded.saturating_mul(d))?,
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
                        excess: coding.shift() * sum,
                    });
                }
            }
        }
        Ok(panels)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::request::{Request, RowIds};
    use crate::simd::{Isa, Portable};
    use crate::test_data::uniforms;

    #[test]
    fn every_value_and_code_stands_in_its_lane() {
        // Panels of two registers of four lanes.
        for (n, d) in [(1, 3), (4, 8), (5, 9), (8, 4), (11, 13), (21, 30)] {
            let values = uniforms(n as u64, n * d);
            let queries = Rows::new(&values, d).expect("rows");
            let request = Request {
                queries,
                rows: queries,
                ids: RowIds::From(0),
                n_neighbors: 1,
                limits: None,
                mixed: None,
            };
            let geometry = Geometry::new(&request).expect("in range");
            let coding = Coding::new(&geometry, Isa::Baseline);
            let panels = Panels::new::<Portable, f64>(queries, &geometry, coding.as_ref()).expect("room");
            assert_eq!((panels.len(), panels.n_panels()), (n, n.div_ceil(8)));
            assert_eq!(panels.n_lanes(), n.next_multiple_of(4));
            for at in 0..panels.n_panels() {
                let panel = panels.get(at);
                assert_eq!(panels.queries(at..at + 1), panel.first..(panel.first + 8).min(n));
                assert_eq!(panel.lanes, panel.registers * 4);
                for (lane, j) in (0..panel.lanes).flat_map(|lane| (0..d).map(move |j| (lane, j))) {
                    let packed = panel.values[j * panel.lanes + lane];
                    let query = panel.first + lane;
                    if query >= n {
                        assert_eq!(packed, 0.0);
                        continue;
                    }
                    assert_eq!(packed, queries.row(query)[j].centred(geometry.scale, geometry.centre[j]));
                    if let Some(coding) = &coding {
                        let code = panel.codes[(j / GROUP * panel.lanes + lane) * GROUP + j % GROUP];
                        assert_eq!(code, coding.encode(packed).0);
                    }
                }
            }
            for (query, norm) in panels.squared_norms.iter().enumerate() {
                let moved = queries.row(query).iter().zip(&geometry.centre);
                let expected: f64 =
                    moved.map(|(x, &c)| f64::from(x.centred(geometry.scale, c)).powi(2)).sum();
                assert!((norm - expected).abs() <= 1e-12 * expected);
            }
        }
    }
}
