//! The few vector operations the screen needs, once for each instruction set.
//!
//! None of them decides a result: the screen only discards rows whose exact distance, by a proven bound, is
//! too large. That is why fused operations are allowed here and nowhere else.

/// A register of `f32` lanes.
///
/// # Safety
/// The methods may only run on a machine that has the implementor's instruction set; `load` and `store` need
/// `LANES` values behind the pointer.
pub(crate) trait Vector: Copy {
    /// Values in a register.
    const LANES: usize;
    /// Registers of queries in the widest tile: with 6 rows, as many accumulators as the registers can hold.
    const WIDTH: usize;
    unsafe fn splat(x: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// `self * b + c`.
    unsafe fn mul_add(self, b: Self, c: Self) -> Self;
    /// `self - (a - b)^2`.
    unsafe fn minus_square(self, a: Self, b: Self) -> Self;
    unsafe fn max(self, other: Self) -> Self;
    /// One bit a lane: `self >= other`.
    unsafe fn at_least(self, other: Self) -> u32;
}

/// Four lanes in plain Rust; the compiler turns them into SSE2 or NEON.
#[derive(Clone, Copy)]
#[repr(align(16))]
pub(crate) struct Portable([f32; 4]);

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
    unsafe fn at_least(self, other: Self) -> u32 {
        (0..4).map(|i| u32::from(self.0[i] >= other.0[i]) << i).sum()
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Vector;
    use std::arch::x86_64::*;

    macro_rules! impl_vector {
        ($name:ident($register:ty), $lanes:literal, $width:literal, $splat:ident, $load:ident, $store:ident, $fma:ident,
         $fnma:ident, $sub:ident, $max:ident, |$a:ident, $b:ident| $at_least:expr) => {
            /// See [`Vector`].
            #[derive(Clone, Copy)]
            pub(crate) struct $name($register);

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
                unsafe fn at_least(self, other: Self) -> u32 {
                    let ($a, $b) = (self.0, other.0);
                    unsafe { $at_least }
                }
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
        _mm512_max_ps,
        |a, b| u32::from(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(a, b))
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
        _mm256_max_ps,
        |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(a, b)) as u32
    );
}
