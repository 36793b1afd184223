//! A block of rows as the kernel takes them: in scattered order, since sorted rows would all be candidates, and the
//! numbers of a row that are there before those that are missing.

use std::ops::Range;

use super::codes::{code, OF_ROW};
use super::columns::Mixed;
use super::geometry::{Geometry, LARGEST_NORM};
use crate::neighbors::request::Request;
use crate::neighbors::screen::scattered;
use crate::rows::Element;

/// Values of a block: well inside a second-level cache.
const BLOCK_VALUES: usize = 32 * 1024;

/// Rows of a block.
pub(super) fn block_rows(n_features: usize) -> usize {
    (BLOCK_VALUES / n_features).max(64)
}

/// Some rows.
pub(super) struct Block {
    /// Columns of numbers, and of categories, that stand side by side.
    runs: [Vec<Range<usize>>; 2],
    /// Where each lies in the rows searched.
    pub positions: Vec<usize>,
    /// The numbers of each, as many as there are columns of them, those that are there first.
    values: Vec<f32>,
    /// Their columns, then those that are missing, if any is.
    columns: Vec<u32>,
    /// How many are there.
    n_present: Vec<u32>,
    /// The codes of the categories of each.
    codes: Vec<u8>,
    /// The largest norm.
    pub norm: f64,
    /// Rows the kernel cannot judge: each is a candidate of every query.
    pub beyond: Vec<usize>,
}

/// One row.
pub(super) struct Row<'a> {
    /// Numbers that are there.
    pub values: &'a [f32],
    /// Their columns, if any is missing.
    pub columns: &'a [u32],
    /// Columns of those that are missing.
    pub missing: &'a [u32],
    /// Codes of the categories.
    pub codes: &'a [u8],
}

impl Block {
    /// Room for rows with columns of these kinds.
    pub fn new(mixed: &Mixed) -> Self {
        Self {
            runs: [runs(&mixed.numeric), runs(&mixed.categorical)],
            positions: Vec::new(),
            values: Vec::new(),
            columns: Vec::new(),
            n_present: Vec::new(),
            codes: Vec::new(),
            norm: 0.0,
            beyond: Vec::new(),
        }
    }

    /// Takes in the rows of a range.
    #[inline(always)]
    pub fn fill<T: Element>(
        &mut self,
        request: &Request<'_, T>,
        range: Range<usize>,
        mixed: &Mixed,
        geometry: &Geometry<T>,
    ) {
        let (n, d, c) = (range.len(), mixed.numeric.len(), mixed.categorical.len());
        self.values.resize(n * d, 0.0);
        self.columns.resize(n * d, 0);
        self.codes.resize(n * c, 0);
        self.positions.clear();
        self.n_present.clear();
        self.beyond.clear();
        let mut largest = 0.0;
        let (step, mut next) = (scattered(n)(1) % n, 0);
        for _ in 0..n {
            let (position, at) = (range.start + next, self.positions.len());
            next += step;
            next -= if next >= n { n } else { 0 };
            let row = request.rows.row(position);
            let values = &mut self.values[at * d..][..d];
            centre(row, &self.runs[0], &geometry.centre, values);
            let (mut n_present, mut square) = (d, sum_of_squares(values));
            if square.is_nan() {
                n_present = part(values, &mut self.columns[at * d..][..d]);
                square = sum_of_squares(&values[..n_present]);
            }
            if square > LARGEST_NORM {
                self.beyond.push(position);
                continue;
            }
            largest = if square > largest { square } else { largest };
            encode(row, &self.runs[1], &mut self.codes[at * c..][..c]);
            self.positions.push(position);
            self.n_present.push(n_present as u32);
        }
        // Covers the rounding of the sum.
        self.norm = f64::from(largest).sqrt() * 1.01;
    }

    /// Row `i`, of `d` numbers and `c` categories.
    #[inline(always)]
    pub fn row(&self, i: usize, d: usize, c: usize) -> Row<'_> {
        let n_present = self.n_present[i] as usize;
        let (columns, missing) = self.columns[i * d..][..d].split_at(n_present);
        let values = &self.values[i * d..][..n_present];
        Row { values, columns, missing, codes: &self.codes[i * c..][..c] }
    }
}

/// Columns as ranges of those that stand side by side.
fn runs(columns: &[usize]) -> Vec<Range<usize>> {
    let parts = columns.chunk_by(|a, b| a + 1 == *b);
    parts.map(|part| part[0]..part[0] + part.len()).collect()
}

/// Writes the numbers of a row in the screen's coordinates.
#[inline(always)]
fn centre<T: Element>(row: &[T], runs: &[Range<usize>], centres: &[T], values: &mut [f32]) {
    let mut at = 0;
    for run in runs {
        let centres = &centres[at..at + run.len()];
        let values = &mut values[at..at + run.len()];
        for ((value, &x), &centre) in values.iter_mut().zip(&row[run.clone()]).zip(centres) {
            *value = x.centred(T::from_f64(1.0), centre);
        }
        at += run.len();
    }
}

/// Writes the codes of the categories of a row.
#[inline(always)]
fn encode<T: Element>(row: &[T], runs: &[Range<usize>], codes: &mut [u8]) {
    let mut at = 0;
    for run in runs {
        for (code_of, &value) in codes[at..at + run.len()].iter_mut().zip(&row[run.clone()]) {
            *code_of = code(value, OF_ROW);
        }
        at += run.len();
    }
}

/// Puts the numbers that are there first, and notes their columns, then those that are missing; how many are there.
#[cold]
fn part(values: &mut [f32], columns: &mut [u32]) -> usize {
    let (mut begin, mut end) = (0, values.len());
    for at in 0..values.len() {
        let missing = values[at].is_nan();
        end -= usize::from(missing);
        // What is overwritten has been moved, or is missing.
        values[begin] = values[at];
        columns[if missing { end } else { begin }] = at as u32;
        begin += usize::from(!missing);
    }
    begin
}

/// Eight sums side by side: one alone would wait for itself at every value.
#[inline(always)]
fn sum_of_squares(values: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let (whole, rest) = values.as_chunks::<8>();
    for part in whole {
        for (sum, &x) in sums.iter_mut().zip(part) {
            *sum += x * x;
        }
    }
    sums.iter().sum::<f32>() + rest.iter().map(|x| x * x).sum::<f32>()
}
