//! Sums that do not depend on the order of their terms.
//!
//! The mean and variance that scale a table must be the same bits however the table is cut. A column's sum
//! is kept as a fixed-point number wide enough for every finite `f64`: signed limbs of 32 bits in `i64`, so
//! that additions need no carry for 2^30 terms. Adding two such sums limb by limb merges them. The caller
//! rounds once, at the end. (The idea of a small superaccumulator: Neal, arXiv 1505.05571.)

use super::matrix::{present, Matrix};
use super::strip::{Strip, STRIP};
use crate::parallel::{Cancel, Pool};
use crate::rows::{Element, Rows};
use crate::simd::{dispatch, Isa, Vector};
use crate::Error;

/// Limbs of one sum: limb `i` counts multiples of `2^(32 i - LOWEST_BIT)`.
pub const LIMBS: usize = 68;
/// The weight of the lowest limb is 2^-1074, the smallest subnormal.
pub const LOWEST_BIT: i32 = 1074;
const LIMB_MASK: u64 = 0xffff_ffff;
/// Limbs of a column: of its values, then of their squares.
const COLUMN: usize = 2 * LIMBS;
/// Values from here on are refused, since their squares could overflow.
const LARGEST: f64 = 1e150;
/// Rows summed in floating point before their sums go to the limbs.
const BLOCK_ROWS: usize = 1 << 10;

/// Adds a finite value to a sum.
#[inline]
fn add(limbs: &mut [i64], value: f64) {
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as usize;
    let fraction = bits & ((1 << 52) - 1);
    // Subnormals share the exponent of the smallest normals but have no hidden bit.
    let mantissa = if exponent == 0 { fraction } else { fraction | (1 << 52) };
    let shift = exponent.saturating_sub(1);
    let (limb, bit) = (shift / 32, shift % 32);
    let wide = u128::from(mantissa) << bit;
    let sign = if value < 0.0 { -1 } else { 1 };
    for part in 0..3 {
        limbs[limb + part] += sign * ((wide >> (32 * part)) as u64 & LIMB_MASK) as i64;
    }
}

/// Moves what exceeds 32 bits of each limb to the next, keeping the value.
pub fn carry(limbs: &mut [i64]) {
    for i in 0..limbs.len() - 1 {
        let over = limbs[i] >> 32;
        limbs[i] -= over << 32;
        limbs[i + 1] += over;
    }
}

/// The exact square of `x` as a sum of two numbers (Veltkamp and Dekker 1971), for |x| below 1e150.
#[inline]
fn exact_square(x: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * x;
    let high = scaled - (scaled - x);
    let low = x - high;
    let square = x * x;
    (square, ((high * high - square) + 2.0 * (high * low)) + low * low)
}

/// Adds every column's values and squares to `sums`: for each column `LIMBS` of the values, then `LIMBS` of
/// the squares. Values must be finite and below 1e150; with an error nothing is added. With `counts`, of the values
/// of each column, NaN is a missing value.
pub fn add_columns<T: Element>(
    matrix: Matrix<'_, T>,
    sums: &mut [i64],
    counts: Option<&mut [i64]>,
    pool: &Pool,
    cancel: &Cancel,
) -> Result<(), Error> {
    let (d, missing) = (matrix.n_features(), counts.is_some());
    for (expected, got) in [(d * COLUMN, sums.len()), (d, counts.as_ref().map_or(d, |counts| counts.len()))] {
        if expected != got {
            return Err(Error::Length { what: "sums", expected, got });
        }
    }
    let isa = Isa::current()?;
    let found = pool.map(matrix.parts(pool.n_threads())?, |part| {
        let d = part.columns.len();
        let (mut sums, mut counts) = (vec![0; d * COLUMN], vec![0; d]);
        for start in (0..part.rows.len()).step_by(BLOCK_ROWS) {
            cancel.check()?;
            let rows = part.rows.slice(start..(start + BLOCK_ROWS).min(part.rows.len()));
            if missing {
                let present = present(rows, &mut counts);
                add_block(isa, Rows::new(&present, d)?, &mut sums)?;
            } else {
                add_block(isa, rows, &mut sums)?;
            }
        }
        Ok((part.columns, sums, counts))
    });
    let found = found.into_iter().collect::<Result<Vec<_>, Error>>();
    if found.is_err() {
        // Parts count their rows from their own first, and end at whatever they meet first.
        matrix.check(missing)?;
    }
    let mut counts = counts;
    for (columns, part, present) in found? {
        let sums = &mut sums[columns.start * COLUMN..columns.end * COLUMN];
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        sums.chunks_exact_mut(LIMBS).for_each(carry);
        if let Some(counts) = &mut counts {
            counts[columns].iter_mut().zip(present).for_each(|(count, present)| *count += present);
        }
    }
    Ok(())
}

/// Adds up to [`BLOCK_ROWS`] rows: columns in strips, in floating point where that is exact, else value by value.
fn add_block<T: Element>(isa: Isa, rows: Rows<'_, T>, sums: &mut [i64]) -> Result<(), Error> {
    rows.check_finite()?;
    let d = rows.n_features();
    // Narrow rows are taken several at a time, so that a strip fits; the last few are left over.
    let wide = d * STRIP.div_ceil(d);
    let (whole, rest) = rows.values().split_at(rows.values().len() / wide * wide);
    let mut largest = vec![0.0; wide];
    largest_of(isa, rows.values(), &mut largest);
    if largest.iter().any(|&largest| largest >= LARGEST) {
        let found = rows.values().iter().map(|x| x.to_f64()).find(|x| x.abs() >= LARGEST);
        let got = found.map(|x| x.to_string()).unwrap_or_default();
        return Err(Error::Parameter { what: "values", expected: "below 1e150 to be standardised", got });
    }
    let mut next = 0;
    while next < wide {
        // The last strip may overlap the one before.
        let first = next.min(wide - STRIP);
        let mut strip = Strip::default();
        let exact = strip.set_grids(&largest[first..]) && strip.sum(isa, whole, wide, first);
        for column in next..first + STRIP {
            let sums = &mut sums[column % d * COLUMN..][..COLUMN];
            if exact {
                add_strip(&strip, column - first, sums);
            } else {
                whole.iter().skip(column).step_by(wide).for_each(|x| add_value(sums, x.to_f64()));
            }
        }
        next = first + STRIP;
    }
    for (at, x) in rest.iter().enumerate() {
        add_value(&mut sums[at % d * COLUMN..][..COLUMN], x.to_f64());
    }
    sums.chunks_exact_mut(LIMBS).for_each(carry);
    Ok(())
}

/// Adds the sums of one column of a strip.
fn add_strip(strip: &Strip, lane: usize, sums: &mut [i64]) {
    let (plain, squares) = sums.split_at_mut(LIMBS);
    strip.values(lane).into_iter().for_each(|sum| add(plain, sum));
    strip.squares(lane).into_iter().for_each(|sum| add(squares, sum));
}

/// Adds a value and its square to the sums of a column.
#[inline]
fn add_value(sums: &mut [i64], value: f64) {
    let (plain, squares) = sums.split_at_mut(LIMBS);
    add(plain, value);
    let (high, low) = exact_square(value);
    add(squares, high);
    add(squares, low);
}

dispatch! {
    /// The largest absolute value of each column of rows as wide as `largest`.
    fn largest_of[T: Element](values: &[T], largest: &mut [f64]) -> () = largest_of_impl
}

#[inline(always)]
fn largest_of_impl<V: Vector, T: Element>(values: &[T], largest: &mut [f64]) {
    for row in values.chunks(largest.len()) {
        for (largest, x) in largest.iter_mut().zip(row) {
            let x = x.to_f64().abs();
            *largest = if x > *largest { x } else { *largest };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::tests::columns_of;
    use super::*;

    fn sums(values: &[f64]) -> Vec<i64> {
        let mut sums = vec![0; COLUMN];
        let (pool, cancel) = (Pool::new(1).expect("one"), Cancel::default());
        add_columns(Matrix::Columns(&[values]), &mut sums, None, &pool, &cancel).expect("finite");
        sums
    }

    #[test]
    fn strips_threads_and_instruction_sets_sum_like_single_values() {
        // Scales: benign, one that leaves bits below the pieces, one whose products underflow.
        let scale = |at: usize| [1.0, 3e7, 1e-12, 1e140, 1e-130, 0.0][at % 6];
        for d in [1, 2, 3, 7, 8, 9, 29, 40] {
            for n in [1, 7, 1023, 1025, 2500] {
                let mixed = |at: usize| if at.is_multiple_of(17) && at / d > 1200 { 1e-25 } else { 1.0 };
                let value = |at: usize| ((at * 7919) % 10_007) as f64 / 3.0 - 1500.0;
                let values: Vec<f64> = (0..n * d).map(|at| value(at) * scale(at % d) * mixed(at)).collect();
                let mut expected = vec![0; d * COLUMN];
                for (at, &x) in values.iter().enumerate() {
                    add_value(&mut expected[at % d * COLUMN..][..COLUMN], x);
                }
                expected.chunks_exact_mut(LIMBS).for_each(carry);
                let rows = Rows::new(&values, d).expect("whole rows");
                let columns = columns_of(rows);
                let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                for n_threads in [1, 2, 3] {
                    let (pool, cancel) = (Pool::new(n_threads).expect("threads"), Cancel::default());
                    for matrix in [Matrix::Rows(rows), Matrix::Columns(&columns)] {
                        let mut sums = vec![0; d * COLUMN];
                        add_columns(matrix, &mut sums, None, &pool, &cancel).expect("finite");
                        assert_eq!(sums, expected, "{d} {n} {n_threads}");
                    }
                }
                for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
                    let mut sums = vec![0; d * COLUMN];
                    for start in (0..n).step_by(BLOCK_ROWS) {
                        let part = rows.slice(start..(start + BLOCK_ROWS).min(n));
                        add_block(isa, part, &mut sums).expect("finite");
                    }
                    assert_eq!(sums, expected, "{d} {n} {isa:?}");
                }
            }
        }
    }

    #[test]
    fn an_error_adds_nothing() {
        let (pool, cancel) = (Pool::new(2).expect("two"), Cancel::default());
        for (bad, row) in [(f64::NAN, 3000), (1e150, 10), (f64::NEG_INFINITY, 0)] {
            let mut values = vec![1.0; 8000];
            values[row * 2 + 1] = bad;
            let mut sums = vec![0; 2 * COLUMN];
            let rows = Rows::new(&values, 2).expect("whole rows");
            let done = add_columns(Matrix::Rows(rows), &mut sums, None, &pool, &cancel);
            if bad.is_finite() {
                assert!(matches!(done, Err(Error::Parameter { what: "values", .. })), "{done:?}");
            } else {
                assert_eq!(done, Err(Error::NotFinite { row, column: 1 }));
            }
            assert!(sums.iter().all(|&sum| sum == 0));
        }
    }

    #[test]
    fn missing_values_are_passed_by_and_the_others_counted() {
        let (nan, pool, cancel) = (f64::NAN, Pool::new(2).expect("two"), Cancel::default());
        let mut values = vec![nan; 6000];
        (values[3], values[4001], values[5998]) = (2.5, -1.0, 1e-300);
        let rows = Rows::new(&values, 3).expect("whole rows");
        let columns = columns_of(rows);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let expected = [sums(&[2.5]), sums(&[1e-300]), sums(&[-1.0])].concat();
        for matrix in [Matrix::Rows(rows), Matrix::Columns(&columns)] {
            let (mut got, mut counts) = (vec![0; 3 * COLUMN], [0; 3]);
            add_columns(matrix, &mut got, Some(&mut counts), &pool, &cancel).expect("no infinite one");
            assert_eq!((&got, counts), (&expected, [1, 1, 1]));
        }
        values[5] = f64::INFINITY;
        let matrix = Matrix::Rows(Rows::new(&values, 3).expect("whole rows"));
        let (mut got, mut counts) = (vec![0; 3 * COLUMN], [0; 3]);
        let done = add_columns(matrix, &mut got, Some(&mut counts), &pool, &cancel);
        assert_eq!((done, counts), (Err(Error::NotFinite { row: 1, column: 2 }), [0; 3]));
    }

    #[test]
    fn order_does_not_matter_and_nothing_is_lost() {
        let values = [1e100, 1.0, -1e100, 1e-300, 3.5, -2.25, 5e-324, 1e17];
        let mut reversed = values;
        reversed.reverse();
        assert_eq!(sums(&values), sums(&reversed));
        let without_the_large = [1.0, 1e-300, 3.5, -2.25, 5e-324, 1e17];
        assert_eq!(sums(&values)[..LIMBS], sums(&without_the_large)[..LIMBS]);
        assert_ne!(sums(&values)[..LIMBS], sums(&values[..7])[..LIMBS]);
    }

    #[test]
    fn small_integers_come_out_exactly() {
        let total = sums(&[3.0, -5.0, 10.0]);
        let unit = LOWEST_BIT as usize;
        // 8 = 2^3 sits at bit 1074 + 3; the squares sum to 134.
        assert_eq!(total[(unit + 3) / 32], 1 << ((unit + 3) % 32));
        let squares: i128 = (0..3).map(|i| i128::from(total[LIMBS + unit / 32 + i]) << (32 * i)).sum();
        assert_eq!(squares >> (unit % 32), 134);
    }

    #[test]
    fn squares_are_exact() {
        for x in [1.0 / 3.0, 123_456_789.123, -7e140, 1e-100] {
            let (high, low) = exact_square(x);
            assert_eq!(x.mul_add(x, -high), low, "{x}");
        }
    }
}
