//! The few vector operations the screen needs, once for each instruction set.
//!
//! None of them decides a result: the screen only discards rows whose exact distance, by a proven bound, is
//! too large. That is why fused operations are allowed here and nowhere else.

/// A register of `f32` lanes.
///
/// # Safety
/// The methods may only run on a machine that has the implementor's instruction set; every pointer needs `LANES`
/// values behind it.
#[allow(clippy::missing_safety_doc)]
pub trait Vector: Copy {
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
    /// Writes `round(self * inverse)`, between -127 and 127, plus 128 as bytes, and returns what that loses:
    /// `self - round(self * inverse) * step`. NaN loses NaN.
    #[inline(always)]
    unsafe fn encode(self, step: Self, inverse: Self, to: *mut u8) -> Self {
        // One register of any implementor fits.
        let [mut values, mut steps, mut inverses] = [[0.0_f32; 16]; 3];
        // SAFETY: the caller's; the arrays hold 16 >= LANES values.
        unsafe {
            self.store(values.as_mut_ptr());
            step.store(steps.as_mut_ptr());
            inverse.store(inverses.as_mut_ptr());
            for lane in 0..Self::LANES {
                let code = (values[lane] * inverses[lane]).round_ties_even().clamp(-127.0, 127.0);
                to.add(lane).write((code + 128.0) as u8);
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

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    macro_rules! impl_vector {
        ($name:ident($register:ty), $lanes:literal, $width:literal, $splat:ident, $load:ident, $store:ident, $fma:ident,
         $fnma:ident, $sub:ident, $max:ident, $min:ident, $mul:ident,
         f64: $lanes64:literal, $splat64:ident, $load64:ident, $mul64:ident, $sub64:ident,
         |$low:ident, $high:ident| $narrow:expr, |$x:ident| $sum:expr, |$a:ident, $b:ident| $at_least:expr
         $(, $own:item)*) => {
            /// See [`Vector`].
            #[derive(Clone, Copy)]
            pub struct $name($register);

            // SAFETY of every block below: the trait's contract, that the machine has the instructions and that
            // pointers have enough values behind them, is the caller's.
            #[allow(clippy::undocumented_unsafe_blocks)]
            impl Vector for $name {
                const LANES: usize = $lanes;
                const WIDTH: usize = $width;
                #[inline(always)]
                unsafe fn splat(x: f32) -> Self {
                    Self(unsafe { $splat(x) })
                }
                #[inline(always)]
                unsafe fn load(from: *const f32) -> Self {
                    Self(unsafe { $load(from) })
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut f32) {
                    unsafe { $store(to, self.0) }
                }
                #[inline(always)]
                unsafe fn centred_f32(from: *const f32, scale: f32, centre: *const f32) -> Self {
                    Self(unsafe { $sub($mul($load(from), $splat(scale)), $load(centre)) })
                }
                #[inline(always)]
                unsafe fn centred_f64(from: *const f64, scale: f64, centre: *const f64) -> Self {
                    unsafe {
                        let scale = $splat64(scale);
                        let $low = $sub64($mul64($load64(from), scale), $load64(centre));
                        let (from, centre) = (from.add($lanes64), centre.add($lanes64));
                        let $high = $sub64($mul64($load64(from), scale), $load64(centre));
                        Self($narrow)
                    }
                }
                #[inline(always)]
                unsafe fn sum(self) -> f32 {
                    let $x = self.0;
                    unsafe { $sum }
                }
                #[inline(always)]
                unsafe fn mul_add(self, b: Self, c: Self) -> Self {
                    Self(unsafe { $fma(self.0, b.0, c.0) })
                }
                #[inline(always)]
                unsafe fn minus_square(self, a: Self, b: Self) -> Self {
                    unsafe {
                        let difference = $sub(a.0, b.0);
                        Self($fnma(difference, difference, self.0))
                    }
                }
                #[inline(always)]
                unsafe fn max(self, other: Self) -> Self {
                    Self(unsafe { $max(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn min(self, other: Self) -> Self {
                    Self(unsafe { $min(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn at_least(self, other: Self) -> u32 {
                    let ($a, $b) = (self.0, other.0);
                    unsafe { $at_least }
                }
                $($own)*
            }
        };
    }

    impl_vector!(
        Avx512(__m512),
        16,
        4,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_fmadd_ps,
        _mm512_fnmadd_ps,
        _mm512_sub_ps,
        _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps,
        f64: 8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_mul_pd, _mm512_sub_pd,
        |low, high| _mm512_insertf32x8::<1>(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high)),
        |x| _mm512_reduce_add_ps(x),
        |a, b| u32::from(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(a, b)),
        #[inline(always)]
        unsafe fn encode(self, step: Self, inverse: Self, to: *mut u8) -> Self {
            unsafe {
                let largest = _mm512_set1_ps(127.0);
                let code = _mm512_min_ps(_mm512_mul_ps(self.0, inverse.0), largest);
                let code = _mm512_cvtps_epi32(_mm512_max_ps(code, _mm512_sub_ps(_mm512_setzero_ps(), largest)));
                let bytes = _mm_xor_si128(_mm512_cvtepi32_epi8(code), _mm_set1_epi8(-128));
                _mm_storeu_si128(to.cast(), bytes);
                Self(_mm512_fnmadd_ps(_mm512_cvtepi32_ps(code), step.0, self.0))
            }
        }
    );
    impl_vector!(
        Avx2(__m256),
        8,
        2,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_fmadd_ps,
        _mm256_fnmadd_ps,
        _mm256_sub_ps,
        _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps,
        f64: 4, _mm256_set1_pd, _mm256_loadu_pd, _mm256_mul_pd, _mm256_sub_pd,
        |low, high| _mm256_set_m128(_mm256_cvtpd_ps(high), _mm256_cvtpd_ps(low)),
        |x| {
            let half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps::<1>(x));
            let pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_add_ss(pair, _mm_movehdup_ps(pair)))
        },
        |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(a, b)) as u32
    );
}
