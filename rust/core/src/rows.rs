//! Borrowed row-major matrices and the order of their rows.

use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Range, Sub};

use crate::memory::Zero;
use crate::simd::{Vector, Wide};
use crate::Error;

/// Values checked together.
const FINITE_CHUNK: usize = 1024;

/// A value of a row: `f32` or `f64`. Distances are always computed in `f64`.
pub trait Element:
    Copy
    + Zero
    + Send
    + Sync
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + std::fmt::Debug
    + 'static
{
    /// `self * scale - centre`, rounded to `f32`.
    fn centred(self, scale: Self, centre: Self) -> f32;
    /// The same for a register of values.
    ///
    /// # Safety
    /// As for the methods of `Vector`: the machine has its instructions, and `LANES` values are behind each pointer.
    unsafe fn centred_lanes<V: Vector>(from: *const Self, scale: Self, centre: *const Self) -> V;
    /// `(self - other) * scale`, rounded to `f32`.
    fn difference(self, other: Self, scale: Self) -> f32;
    /// The same for a register of values.
    ///
    /// # Safety
    /// As for `centred_lanes`.
    unsafe fn difference_lanes<V: Vector>(from: *const Self, other: *const Self, scale: Self) -> V;
    /// NumPy's name of the type, and its largest value.
    const NUMBER: (&'static str, f64);
    /// A missing value, as it is written.
    const NAN: Self;
    /// The largest power of two at or below `x` that is a normal number with a normal reciprocal.
    fn power_of_two_below(x: f64) -> Self;
    /// Exact widening.
    fn to_f64(self) -> f64;
    /// A register of values, widened.
    ///
    /// # Safety
    /// As for the methods of `Wide`: the machine has its instructions, and `LANES` values are behind the pointer.
    unsafe fn load_wide<W: Wide>(from: *const Self) -> W;
    /// The values as `f64`: themselves if they are, else in `room`.
    fn widened<'a>(values: &'a [Self], room: &'a mut Vec<f64>) -> &'a [f64];
    /// Rounds to nearest.
    fn from_f64(value: f64) -> Self;
    /// Exact widening of a normal variate.
    fn from_f32(value: f32) -> Self;
    /// The value itself, with -0 turned into 0.
    fn canonical(self) -> Self;
    /// The nearest whole number, the even one of two.
    fn rounded(self) -> Self;
    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
    /// What stands for a missing value.
    fn is_nan(self) -> bool;
    /// One row of the output: `(w_anchor * a + w_partner * p) + w_noise * z`, each operation rounded once.
    fn mix(weights: [Self; 3], anchor: Self, partner: Self, normal: f32) -> Self;
    /// The same without noise.
    fn mix_noiseless(weights: [Self; 3], anchor: Self, partner: Self) -> Self;
}

macro_rules! impl_element {
    ($type:ty, $name:literal, $largest_exponent:literal, $centred_lanes:ident, $difference_lanes:ident, $load_wide:ident, |$values:ident, $room:ident| $widened:expr) => {
        impl Element for $type {
            const NUMBER: (&'static str, f64) = ($name, <$type>::MAX as f64);
            const NAN: Self = <$type>::NAN;
            #[inline(always)]
            fn centred(self, scale: Self, centre: Self) -> f32 {
                (self * scale - centre) as f32
            }
            #[inline(always)]
            unsafe fn centred_lanes<V: Vector>(from: *const Self, scale: Self, centre: *const Self) -> V {
                // SAFETY: the caller's.
                unsafe { V::$centred_lanes(from, scale, centre) }
            }
            #[inline(always)]
            fn difference(self, other: Self, scale: Self) -> f32 {
                ((self - other) * scale) as f32
            }
            #[inline(always)]
            unsafe fn difference_lanes<V: Vector>(from: *const Self, other: *const Self, scale: Self) -> V {
                // SAFETY: the caller's.
                unsafe { V::$difference_lanes(from, other, scale) }
            }
            fn power_of_two_below(x: f64) -> Self {
                let exponent = if x.is_finite() { x.max(f64::MIN_POSITIVE).log2().floor() as i32 } else { 0 };
                (2.0 as $type).powi(exponent.clamp(-$largest_exponent, $largest_exponent))
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            unsafe fn load_wide<W: Wide>(from: *const Self) -> W {
                // SAFETY: the caller's.
                unsafe { W::$load_wide(from) }
            }
            #[inline(always)]
            fn widened<'a>($values: &'a [Self], $room: &'a mut Vec<f64>) -> &'a [f64] {
                $widened
            }
            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $type
            }
            #[inline(always)]
            fn from_f32(value: f32) -> Self {
                value.into()
            }
            #[inline(always)]
            fn canonical(self) -> Self {
                self + 0.0
            }
            #[inline(always)]
            fn rounded(self) -> Self {
                self.round_ties_even()
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$type>::is_finite(self)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                <$type>::is_nan(self)
            }
            #[inline(always)]
            fn mix(weights: [Self; 3], anchor: Self, partner: Self, normal: f32) -> Self {
                (weights[0] * anchor + weights[1] * partner) + weights[2] * Self::from_f32(normal)
            }
            #[inline(always)]
            fn mix_noiseless(weights: [Self; 3], anchor: Self, partner: Self) -> Self {
                weights[0] * anchor + weights[1] * partner
            }
        }
    };
}
impl_element!(f32, "float32", 126, centred_f32, difference_f32, load_f32, |values, room| {
    room.clear();
    room.extend(values.iter().map(|&x| f64::from(x)));
    room
});
impl_element!(f64, "float64", 500, centred_f64, difference_f64, load, |values, _room| values);

/// A borrowed matrix, row after row without gaps.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, T> {
    values: &'a [T],
    n_features: usize,
}

impl<'a, T: Element> Rows<'a, T> {
    /// Wraps `values` as rows of `n_features`; an incomplete last row is an error.
    pub fn new(values: &'a [T], n_features: usize) -> Result<Self, Error> {
        if n_features == 0 {
            return Err(Error::Parameter { what: "n_features", expected: "at least 1", got: "0".into() });
        }
        if !values.len().is_multiple_of(n_features) {
            let expected = values.len().next_multiple_of(n_features);
            return Err(Error::Length { what: "rows", expected, got: values.len() });
        }
        Ok(Self { values, n_features })
    }

    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.values.len() / self.n_features
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Number of columns.
    #[inline]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// Row `i`.
    #[inline]
    pub fn row(&self, i: usize) -> &'a [T] {
        &self.values[i * self.n_features..(i + 1) * self.n_features]
    }

    /// The rows of `range`.
    pub fn slice(&self, range: Range<usize>) -> Rows<'a, T> {
        let values = &self.values[range.start * self.n_features..range.end * self.n_features];
        Rows { values, n_features: self.n_features }
    }

    /// All values, row after row.
    pub fn values(&self) -> &'a [T] {
        self.values
    }

    /// An error that names the first row and column that is NaN or infinite.
    #[inline(always)]
    pub fn check_finite(&self) -> Result<(), Error> {
        self.check(|value| value.is_finite())
    }

    /// The same where NaN is a missing value.
    pub fn check_not_infinite(&self) -> Result<(), Error> {
        self.check(|value| value.is_finite() | value.is_nan())
    }

    #[inline(always)]
    fn check(&self, good: impl Fn(T) -> bool) -> Result<(), Error> {
        // Chunk by chunk, since a loop that can end at every value is not turned into vectors.
        for (chunk, values) in self.values.chunks(FINITE_CHUNK).enumerate() {
            if values.iter().fold(true, |all, &value| all & good(value)) {
                continue;
            }
            if let Some(at) = values.iter().position(|&value| !good(value)) {
                let at = chunk * FINITE_CHUNK + at;
                return Err(Error::NotFinite { row: at / self.n_features, column: at % self.n_features });
            }
        }
        Ok(())
    }
}

/// Whole rows that were just made, still in the cache: an error unless they are finite.
#[inline(always)]
pub(crate) fn check_made<T: Element>(made: &[T], n_features: usize, what: &'static str) -> Result<(), Error> {
    Rows::new(made, n_features)?.check_finite().map_err(|error| overflow::<T>(error, what))
}

/// The same where NaN is a missing value.
pub(crate) fn check_made_or_missing<T: Element>(
    made: &[T],
    n_features: usize,
    what: &'static str,
) -> Result<(), Error> {
    Rows::new(made, n_features)?.check_not_infinite().map_err(|error| overflow::<T>(error, what))
}

fn overflow<T: Element>(error: Error, what: &'static str) -> Error {
    match (error, T::NUMBER) {
        (Error::NotFinite { column, .. }, (number, largest)) => {
            Error::Overflow { what, column, number, largest }
        }
        (error, _) => error,
    }
}

/// The order of two rows by content: numeric, first differing column decides, -0 equals 0, and NaN, which is a
/// missing value, comes last and equals NaN.
pub fn compare_content<T: Element>(a: &[T], b: &[T]) -> Ordering {
    for (x, y) in a.iter().zip(b) {
        match x.partial_cmp(y) {
            Some(Ordering::Equal) => {}
            Some(order) => return order,
            None => match x.is_nan().cmp(&y.is_nan()) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_rows_are_refused() {
        assert!(matches!(Rows::new(&[1.0_f32; 7], 3), Err(Error::Length { expected: 9, got: 7, .. })));
        assert!(matches!(Rows::<f32>::new(&[], 0), Err(Error::Parameter { .. })));
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_named() {
        let mut values = [0.0_f64; 12];
        values[10] = f64::NAN;
        values[7] = f64::INFINITY;
        let rows = Rows::new(&values, 3).expect("four rows");
        assert_eq!(rows.check_finite(), Err(Error::NotFinite { row: 2, column: 1 }));
        assert_eq!(rows.check_not_infinite(), Err(Error::NotFinite { row: 2, column: 1 }));
        values[7] = f64::NAN;
        let rows = Rows::new(&values, 3).expect("four rows");
        assert_eq!(rows.check_finite(), Err(Error::NotFinite { row: 2, column: 1 }));
        assert_eq!(rows.check_not_infinite(), Ok(()));
    }

    #[test]
    fn rows_that_overflowed_are_told_from_rows_that_came_so() {
        assert_eq!(check_made(&[1.0_f32, 2.0], 2, "new rows"), Ok(()));
        let error = check_made(&[1.0_f32, f32::INFINITY], 2, "new rows");
        assert!(matches!(error, Err(Error::Overflow { column: 1, number: "float32", .. })), "{error:?}");
    }

    #[test]
    fn content_order_is_numeric_and_ignores_the_sign_of_zero() {
        assert_eq!(compare_content(&[0.0, 1.0], &[-0.0, 1.0]), Ordering::Equal);
        assert_eq!(compare_content(&[-1.0, 9.0], &[0.0, 1.0]), Ordering::Less);
        assert_eq!(compare_content(&[0.0, 2.0], &[0.0, 1.0]), Ordering::Greater);
        let nan = f64::NAN;
        assert_eq!(compare_content(&[nan, 1.0], &[-nan, 1.0]), Ordering::Equal);
        assert_eq!(compare_content(&[nan, 1.0], &[9.0, 2.0]), Ordering::Greater);
        assert_eq!(compare_content(&[nan, 1.0], &[nan, nan]), Ordering::Less);
    }

    #[test]
    fn powers_of_two_lie_below_and_are_normal() {
        for x in [1.0, 0.3, 7e10, 1e-30, f64::INFINITY, f64::NAN, 0.0] {
            let power = f64::power_of_two_below(x);
            assert!(power.is_normal() && power.recip().is_normal(), "{x}");
            assert!(!(1e-30..1e30).contains(&x) || (power <= x && 2.0 * power > x), "{x}");
            assert!(f32::power_of_two_below(x).recip().is_normal(), "{x}");
        }
    }
}
