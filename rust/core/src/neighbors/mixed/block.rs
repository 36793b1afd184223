//! A block of rows as the kernel takes them: in scattered order, since sorted rows would all be candidates, and those
//! that miss no number before those that do.

use std::ops::Range;

use super::codes::encode;
use super::columns::Mixed;
use super::geometry::{Geometry, LARGEST_NORM, WIDEST};
use crate::neighbors::request::Request;
use crate::neighbors::screen::scattered;
use crate::rows::Element;
use crate::simd::Vector;
use crate::Error;

/// Values of a block: with their codes well inside a second-level cache.
const BLOCK_VALUES: usize = 32 * 1024;

/// Rows of a block.
pub(super) fn block_rows(n_features: usize) -> usize {
    (BLOCK_VALUES / n_features).max(64)
}

/// Columns that are converted at once. The last ones may overlap those before.
pub(super) struct Register {
    pub first: usize,
    /// 1 for each column of numbers that no register before has, else 0, and the same as bits.
    pub counted: [f32; WIDEST],
    numbers: u32,
}

/// Some rows.
pub(super) struct Block {
    registers: Vec<Register>,
    /// Values from one row to the next: the columns, or a whole register.
    stride: usize,
    /// Where among the columns of numbers each column is.
    nth_number: Vec<u32>,
    categorical: Vec<usize>,
    /// Where each lies in the rows searched.
    pub positions: Vec<usize>,
    /// The values of each in the screen's coordinates, 0 where missing.
    values: Vec<f32>,
    /// 1 for each that is there, 0 where missing; of rows that miss any.
    there: Vec<f32>,
    /// Numbers that are missing, one row after the other, and which of them are each row's.
    missing: Vec<u32>,
    missing_of: Vec<Range<u32>>,
    /// The codes of the categories of each, four times over: a register is filled from 32 bits at once.
    codes: Vec<u32>,
    encoded: Vec<u8>,
    /// Rows the kernel judges: those that miss no number, and those that do.
    pub complete: Vec<u32>,
    pub partial: Vec<u32>,
    /// The largest norm of those.
    pub norm: f64,
    /// Rows the kernel cannot judge: each is a candidate of every query.
    pub beyond: Vec<usize>,
}

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub values: &'a [f32],
    /// Holds what it should only if any number is missing.
    pub there: &'a [f32],
    /// Which numbers are missing.
    pub missing: &'a [u32],
}

impl Block {
    /// Room for rows with columns of these kinds.
    pub fn new<V: Vector>(mixed: &Mixed) -> Self {
        let d = mixed.numeric.len() + mixed.categorical.len();
        let mut nth_number = vec![0; d];
        mixed.numeric.iter().enumerate().for_each(|(nth, &j)| nth_number[j] = nth as u32);
        let registers = (0..d).step_by(V::LANES).map(|seen| {
            let first = seen.min(d.saturating_sub(V::LANES));
            let counts = |lane: &usize| {
                let j = first + lane;
                *lane < V::LANES && j >= seen && mixed.numeric.binary_search(&j).is_ok()
            };
            let mut register = Register { first, counted: [0.0; WIDEST], numbers: 0 };
            for lane in (0..WIDEST).filter(counts) {
                register.counted[lane] = 1.0;
                register.numbers |= 1 << lane;
            }
            register
        });
        Self {
            registers: registers.collect(),
            stride: d.max(WIDEST),
            nth_number,
            categorical: mixed.categorical.clone(),
            positions: Vec::new(),
            values: Vec::new(),
            there: Vec::new(),
            missing: Vec::new(),
            missing_of: Vec::new(),
            codes: Vec::new(),
            encoded: Vec::new(),
            complete: Vec::new(),
            partial: Vec::new(),
            norm: 0.0,
            beyond: Vec::new(),
        }
    }

    /// Takes in the rows of a range; an error if one has an infinite value.
    #[inline(always)]
    pub fn fill<V: Vector, T: Element>(
        &mut self,
        request: &Request<'_, T>,
        range: Range<usize>,
        geometry: &Geometry<T>,
    ) -> Result<(), Error> {
        let (n, c) = (range.len(), self.categorical.len());
        self.values.resize(n * self.stride, 0.0);
        self.there.resize(n * self.stride, 0.0);
        self.codes.resize(n * c, 0);
        self.positions.resize(n, 0);
        self.missing_of.resize(n, 0..0);
        self.missing.clear();
        self.beyond.clear();
        let d = request.rows.n_features();
        if c > 0 {
            self.encoded.resize(n * d, 0);
            encode(request.rows.slice(range.clone()).values(), &mut self.encoded);
        }
        let (step, mut at, mut largest) = (scattered(n)(1) % n, 0, 0.0);
        for (nth, position) in range.clone().enumerate() {
            let row = request.rows.row(position);
            let begin = self.missing.len() as u32;
            // SAFETY: the machine has V's instructions, as this runs inside its dispatch.
            let square = unsafe { self.convert::<V, T>(row, geometry, at) };
            self.positions[at] = position;
            self.missing_of[at] = begin..self.missing.len() as u32;
            // Not `<`, so that NaN, of an infinite category, is beyond.
            if square <= LARGEST_NORM {
                largest = if square > largest { square } else { largest };
            } else {
                self.beyond.push(at);
            }
            if c > 0 {
                let encoded = &self.encoded[nth * d..][..d];
                let (first, last) = (self.categorical[0], self.categorical[c - 1]);
                let codes = self.codes[at * c..][..c].iter_mut();
                let repeated = |code: u8| u32::from(code) * 0x0101_0101;
                if last - first < c {
                    // Side by side, as they mostly are.
                    codes.zip(&encoded[first..=last]).for_each(|(to, &code)| *to = repeated(code));
                } else {
                    codes.zip(&self.categorical).for_each(|(to, &j)| *to = repeated(encoded[j]));
                }
            }
            at += step;
            at -= if at >= n { n } else { 0 };
        }
        if !self.beyond.is_empty() {
            request.check_values(range)?;
        }
        // Covers the rounding of the sum.
        self.norm = f64::from(largest).sqrt() * 1.01;
        self.complete.clear();
        self.partial.clear();
        self.beyond.sort_unstable();
        let mut beyond = self.beyond.iter().copied().peekable();
        for (at, missing) in self.missing_of.iter().enumerate() {
            if beyond.next_if_eq(&at).is_none() {
                let rows = if missing.is_empty() { &mut self.complete } else { &mut self.partial };
                rows.push(at as u32);
            }
        }
        Ok(())
    }

    /// Writes a row's values, notes the numbers it misses, and returns the square of its norm.
    ///
    /// # Safety
    /// The machine has V's instructions.
    #[inline(always)]
    unsafe fn convert<V: Vector, T: Element>(&mut self, row: &[T], geometry: &Geometry<T>, at: usize) -> f32 {
        let stride = self.stride;
        let values = &mut self.values[at * stride..][..stride];
        let mut padded = [T::default(); WIDEST];
        let from = if row.len() < WIDEST {
            padded[..row.len()].copy_from_slice(row);
            &padded
        } else {
            row
        };
        assert!(V::LANES <= WIDEST && from.len() == stride && geometry.centre.len() >= stride);
        // SAFETY: a register begins at 0 or ends inside the row's columns, and values and centres are as many, as
        // asserted; V's instructions are the caller's.
        unsafe {
            let centred = |first: usize| {
                let (from, centre) = (from.as_ptr().add(first), geometry.centre.as_ptr().add(first));
                T::centred_lanes::<V>(from, T::from_f64(1.0), centre)
            };
            let (zero, one, mut squares) = (V::splat(0.0), V::splat(1.0), V::splat(0.0));
            let mut missing = 0;
            for register in &self.registers {
                let x = centred(register.first);
                missing |= register.numbers & !x.at_least(x);
                // Of NaN and 0 either is 0; of others one is the value.
                let x = one.mul_add(x.max(zero), x.min(zero));
                x.store(values.as_mut_ptr().add(register.first));
                squares = x.mul_add(V::load(register.counted.as_ptr()), zero).mul_add(x, squares);
            }
            if missing != 0 {
                // Once more: a loop that notes nothing keeps all it needs in registers.
                let there = &mut self.there[at * stride..][..stride];
                there.fill(1.0);
                for register in &self.registers {
                    let x = centred(register.first);
                    let mut missing = register.numbers & !x.at_least(x);
                    while missing != 0 {
                        let j = register.first + missing.trailing_zeros() as usize;
                        missing &= missing - 1;
                        there[j] = 0.0;
                        self.missing.push(self.nth_number[j]);
                    }
                }
            }
            squares.sum()
        }
    }

    /// Registers that hold all columns of a row.
    #[inline(always)]
    pub fn registers(&self) -> &[Register] {
        &self.registers
    }

    /// Row `at`.
    #[inline(always)]
    pub fn row(&self, at: u32) -> Row<'_> {
        let at = at as usize;
        let missing = &self.missing_of[at];
        Row {
            values: &self.values[at * self.stride..][..self.stride],
            there: &self.there[at * self.stride..][..self.stride],
            missing: &self.missing[missing.start as usize..missing.end as usize],
        }
    }

    /// The codes of the categories of row `at`.
    #[inline(always)]
    pub fn codes(&self, at: u32) -> &[u32] {
        let c = self.categorical.len();
        &self.codes[at as usize * c..][..c]
    }
}
