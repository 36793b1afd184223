//! The few vector operations the screen needs, once for each instruction set.
//!
//! None of them decides a result: the screen only discards rows whose exact distance, by a proven bound, is
//! too large. That is why fused operations are allowed here and nowhere else.

use super::isa::Isa;
use super::wide::{PortableWide, Wide};
use super::words::{PortableWords, Words};

/// Codes of 8 bits that are compared at once: a register of the widest kind.
pub const CODES: usize = 64;

/// A register of `f32` lanes.
///
/// # Safety
/// The methods may only run on a machine that has the implementor's instruction set; every pointer needs `LANES`
/// values behind it.
#[allow(clippy::missing_safety_doc)]
pub trait Vector: Copy {
    /// The same register as `f64`.
    type Wide: Wide;
    /// The same register as `u32`.
    type Words: Words;
    /// The lowest instruction set that has it.
    const ISA: Isa;
    /// Values in a register.
    const LANES: usize;
    /// Registers of queries in the widest tile: with 6 rows, as many accumulators as the registers can hold.
    const WIDTH: usize;
    /// `x` in every lane.
    unsafe fn splat(x: f32) -> Self;
    /// Unaligned load.
    unsafe fn load(from: *const f32) -> Self;
    /// Unaligned store.
    unsafe fn store(self, to: *mut f32);
    /// `from * scale - centre`, lane by lane.
    unsafe fn centred_f32(from: *const f32, scale: f32, centre: *const f32) -> Self;
    /// The same in `f64`, then rounded to `f32`.
    unsafe fn centred_f64(from: *const f64, scale: f64, centre: *const f64) -> Self;
    /// `(from - other) * scale`, lane by lane.
    unsafe fn difference_f32(from: *const f32, other: *const f32, scale: f32) -> Self;
    /// The same in `f64`, then rounded to `f32`.
    unsafe fn difference_f64(from: *const f64, other: *const f64, scale: f64) -> Self;
    /// The sum of the lanes, in any order.
    unsafe fn sum(self) -> f32;
    /// `self * b + c`.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    /// `self - (a - b)^2`.
    unsafe fn minus_square(self, a: Self, b: Self) -> Self;
    /// The larger, lane by lane.
    unsafe fn max(self, other: Self) -> Self;
    /// The smaller, lane by lane.
    unsafe fn min(self, other: Self) -> Self;
    /// One bit a lane: `self >= other`.
    unsafe fn at_least(self, other: Self) -> u32;
    /// How many of at most 255 `codes`, each four times over, differ from those of each lane of `columns`.
    #[inline(always)]
    unsafe fn differing(columns: &[[u8; CODES]], codes: &[u32]) -> [u8; CODES] {
        let mut counts = [0_u8; CODES];
        for (column, &code) in columns.iter().zip(codes) {
            for (count, &other) in counts.iter_mut().zip(column) {
                *count += u8::from(other != code as u8);
            }
        }
        counts
    }
    /// One bit a byte: whether a count is at most what is allowed.
    #[inline(always)]
    unsafe fn at_most(counts: &[u8; CODES], most: &[u8; CODES]) -> u64 {
        counts.iter().zip(most).rev().fold(0, |bits, (count, most)| bits << 1 | u64::from(count <= most))
    }
    /// Writes `round(self * inverse)`, between `-largest` and `largest`, plus `largest + 1` as bytes, and returns what
    /// that loses: `self - round(self * inverse) * step`. NaN loses NaN. `largest` is at most 127.
    #[inline(always)]
    unsafe fn encode(self, [step, inverse, largest]: [Self; 3], to: *mut u8) -> Self {
        // One register of any implementor fits.
        let [mut values, mut steps, mut inverses, mut most] = [[0.0_f32; 16]; 4];
        // SAFETY: the caller's; the arrays hold 16 >= LANES values.
        unsafe {
            self.store(values.as_mut_ptr());
            step.store(steps.as_mut_ptr());
            inverse.store(inverses.as_mut_ptr());
            largest.store(most.as_mut_ptr());
            for lane in 0..Self::LANES {
                let code = (values[lane] * inverses[lane]).round_ties_even().clamp(-most[lane], most[lane]);
                to.add(lane).write((code + (most[lane] + 1.0)) as u8);
                values[lane] -= code * steps[lane];
            }
            Self::load(values.as_ptr())
        }
    }
}

/// Four lanes in plain Rust; the compiler turns them into SSE2 or NEON.
#[derive(Clone, Copy)]
#[repr(align(16))]
pub struct Portable([f32; 4]);

impl Vector for Portable {
    type Wide = PortableWide;
    type Words = PortableWords;
    const ISA: Isa = Isa::Baseline;
    const LANES: usize = 4;
    const WIDTH: usize = 2;
    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        Self([x; 4])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller gives four values.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller gives room for four values.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn centred_f32(from: *const f32, scale: f32, centre: *const f32) -> Self {
        // SAFETY: the caller gives four values each.
        let (x, c) =
            unsafe { (from.cast::<[f32; 4]>().read_unaligned(), centre.cast::<[f32; 4]>().read_unaligned()) };
        Self(std::array::from_fn(|i| x[i] * scale - c[i]))
    }
    #[inline(always)]
    unsafe fn centred_f64(from: *const f64, scale: f64, centre: *const f64) -> Self {
        // SAFETY: the caller gives four values each.
        let (x, c) =
            unsafe { (from.cast::<[f64; 4]>().read_unaligned(), centre.cast::<[f64; 4]>().read_unaligned()) };
        Self(std::array::from_fn(|i| (x[i] * scale - c[i]) as f32))
    }
    #[inline(always)]
    unsafe fn difference_f32(from: *const f32, other: *const f32, scale: f32) -> Self {
        // SAFETY: the caller gives four values each.
        let (x, q) =
            unsafe { (from.cast::<[f32; 4]>().read_unaligned(), other.cast::<[f32; 4]>().read_unaligned()) };
        Self(std::array::from_fn(|i| (x[i] - q[i]) * scale))
    }
    #[inline(always)]
    unsafe fn difference_f64(from: *const f64, other: *const f64, scale: f64) -> Self {
        // SAFETY: the caller gives four values each.
        let (x, q) =
            unsafe { (from.cast::<[f64; 4]>().read_unaligned(), other.cast::<[f64; 4]>().read_unaligned()) };
        Self(std::array::from_fn(|i| ((x[i] - q[i]) * scale) as f32))
    }
    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        (self.0[0] + self.0[1]) + (self.0[2] + self.0[3])
    }
    #[inline(always)]
    unsafe fn mul_add(self, b: Self, c: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * b.0[i] + c.0[i]))
    }
    #[inline(always)]
    unsafe fn minus_square(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|i| {
            let difference = a.0[i] - b.0[i];
            self.0[i] - difference * difference
        }))
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| if self.0[i] > other.0[i] { self.0[i] } else { other.0[i] }))
    }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| if self.0[i] < other.0[i] { self.0[i] } else { other.0[i] }))
    }
    #[inline(always)]
    unsafe fn at_least(self, other: Self) -> u32 {
        (0..4).map(|i| u32::from(self.0[i] >= other.0[i]) << i).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{dispatch, Isa};

    dispatch! {
        fn check[]() -> () = check_impl
    }

    #[inline(always)]
    fn check_impl<V: Vector>() {
        // Small integers and halves: every operation is exact, fused or not.
        let a: [f32; 16] = std::array::from_fn(|i| i as f32 - 5.5);
        let b: [f32; 16] = std::array::from_fn(|i| (i as f32 * 7.0) % 5.0 - 2.0);
        let wide: [f64; 17] = std::array::from_fn(|i| i as f64 - 5.5);
        let n = V::LANES;
        // SAFETY: the arrays hold 16 >= LANES values, and this runs inside its dispatch.
        unsafe {
            let (va, vb) = (V::load(a.as_ptr()), V::load(b.as_ptr()));
            let lanes = |v: V| {
                let mut out = [0.0_f32; 16];
                v.store(out.as_mut_ptr());
                out
            };
            let same = |v: V, f: &dyn Fn(usize) -> f32| {
                let out = lanes(v);
                assert!((0..n).all(|i| out[i] == f(i)), "{out:?}");
            };
            same(V::splat(2.5), &|_| 2.5);
            same(va.mul_add(vb, V::splat(1.0)), &|i| a[i] * b[i] + 1.0);
            same(va.minus_square(vb, V::splat(1.0)), &|i| a[i] - (b[i] - 1.0) * (b[i] - 1.0));
            same(va.max(vb), &|i| a[i].max(b[i]));
            same(va.min(vb), &|i| a[i].min(b[i]));
            same(V::centred_f32(a.as_ptr(), 4.0, b.as_ptr()), &|i| a[i] * 4.0 - b[i]);
            same(V::centred_f64(wide.as_ptr(), 4.0, wide.as_ptr()), &|i| a[i] * 3.0);
            same(V::difference_f32(a.as_ptr(), b.as_ptr(), 4.0), &|i| (a[i] - b[i]) * 4.0);
            same(V::difference_f64(wide[1..].as_ptr(), wide.as_ptr(), 4.0), &|_| 4.0);
            assert_eq!(va.sum(), a[..n].iter().sum::<f32>());
            let at_least = (0..n).filter(|&i| a[i] >= b[i]).fold(0, |bits, i| bits | 1 << i);
            assert_eq!(va.at_least(vb), at_least);
            let mut codes = [0_u8; 16];
            let steps = |step: f32, largest: f32| [step, 1.0 / step, largest].map(|x| V::splat(x));
            let lost = va.encode(steps(0.5, 127.0), codes.as_mut_ptr());
            same(lost, &|_| 0.0);
            assert!((0..n).all(|i| f32::from(codes[i]) == a[i] * 2.0 + 128.0));
            let columns: [[u8; CODES]; 255] =
                std::array::from_fn(|j| std::array::from_fn(|lane| (j as u8).wrapping_mul(lane as u8) % 5));
            let row: [u32; 255] = std::array::from_fn(|j| j as u32 % 5 * 0x0101_0101);
            for n in [0, 1, 30, 255] {
                let counts = V::differing(&columns[..n], &row[..n]);
                let count = |lane: usize| (0..n).filter(|&j| columns[j][lane] != row[j] as u8).count();
                assert!((0..CODES).all(|lane| usize::from(counts[lane]) == count(lane)), "{n}");
                let most: [u8; CODES] = std::array::from_fn(|lane| (lane * 41 % 256) as u8);
                let at_most = V::at_most(&counts, &most);
                assert!((0..CODES).all(|lane| (at_most >> lane & 1 == 1) == (counts[lane] <= most[lane])));
            }
            for (largest, highest) in [(127.0, 255), (63.0, 127)] {
                let lost = V::splat(1e3).encode(steps(1.0, largest), codes.as_mut_ptr());
                same(lost, &|_| 1e3 - largest);
                assert!(codes[..n].iter().all(|&code| code == highest));
                let lost = V::splat(-1e3).encode(steps(1.0, largest), codes.as_mut_ptr());
                same(lost, &|_| largest - 1e3);
                assert!(codes[..n].iter().all(|&code| code == 1));
            }
            let lost = V::splat(f32::NAN).encode(steps(1.0, 127.0), codes.as_mut_ptr());
            assert!(lanes(lost)[..n].iter().all(|x| x.is_nan()));
        }
    }

    #[test]
    fn every_instruction_set_does_what_each_operation_says() {
        Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()).for_each(check);
    }
}
