//! The vector operations in the registers of x86-64: eight lanes with AVX2, sixteen with AVX-512.

use std::arch::x86_64::*;

use super::isa::Isa;
use super::vector::{Vector, CODES};
use super::wide::{Avx2Wide, Avx512Wide};

macro_rules! impl_vector {
    ($name:ident($register:ty), $wide:ty, $words:ty, $lanes:literal, $width:literal, $splat:ident, $load:ident, $store:ident, $fma:ident,
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
            type Wide = $wide;
            type Words = $words;
            const ISA: Isa = Isa::$name;
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
            unsafe fn difference_f32(from: *const f32, other: *const f32, scale: f32) -> Self {
                Self(unsafe { $mul($sub($load(from), $load(other)), $splat(scale)) })
            }
            #[inline(always)]
            unsafe fn difference_f64(from: *const f64, other: *const f64, scale: f64) -> Self {
                unsafe {
                    let scale = $splat64(scale);
                    let $low = $mul64($sub64($load64(from), $load64(other)), scale);
                    let (from, other) = (from.add($lanes64), other.add($lanes64));
                    let $high = $mul64($sub64($load64(from), $load64(other)), scale);
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
    Avx512Wide,
    __m512i,
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
    unsafe fn differing(columns: &[[u8; CODES]], codes: &[u32]) -> [u8; CODES] {
        let mut found = [0; CODES];
        unsafe {
            // A 1 that the compiler knows would become a mask turned into bytes, then a subtraction.
            let one = _mm512_set1_epi8(std::hint::black_box(1));
            let mut counts = _mm512_setzero_si512();
            for (column, &code) in columns.iter().zip(codes) {
                let column = _mm512_loadu_si512(column.as_ptr().cast());
                let differ = _mm512_cmpneq_epi8_mask(column, _mm512_set1_epi32(code as i32));
                counts = _mm512_mask_add_epi8(counts, differ, counts, one);
            }
            _mm512_storeu_si512(found.as_mut_ptr().cast(), counts);
        }
        found
    },
    #[inline(always)]
    unsafe fn at_most(counts: &[u8; CODES], most: &[u8; CODES]) -> u64 {
        unsafe {
            let load = |from: &[u8; CODES]| _mm512_loadu_si512(from.as_ptr().cast());
            _mm512_cmple_epu8_mask(load(counts), load(most))
        }
    },
    #[inline(always)]
    unsafe fn encode(self, [step, inverse, largest]: [Self; 3], to: *mut u8) -> Self {
        unsafe {
            let code = _mm512_min_ps(_mm512_mul_ps(self.0, inverse.0), largest.0);
            let code = _mm512_cvtps_epi32(_mm512_max_ps(code, _mm512_sub_ps(_mm512_setzero_ps(), largest.0)));
            let shift = _mm512_add_epi32(_mm512_cvtps_epi32(largest.0), _mm512_set1_epi32(1));
            _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(_mm512_add_epi32(code, shift)));
            Self(_mm512_fnmadd_ps(_mm512_cvtepi32_ps(code), step.0, self.0))
        }
    }
);
impl_vector!(
    Avx2(__m256),
    Avx2Wide,
    __m256i,
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
    |a, b| _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(a, b)) as u32,
    #[inline(always)]
    unsafe fn differing(columns: &[[u8; CODES]], codes: &[u32]) -> [u8; CODES] {
        let mut found = [0; CODES];
        unsafe {
            // An equal pair is -1: as many as there are columns, less the equal ones.
            let all = _mm256_set1_epi8(columns.len().min(codes.len()) as i8);
            let mut counts = [all; 2];
            for (column, &code) in columns.iter().zip(codes) {
                for (half, count) in counts.iter_mut().enumerate() {
                    let column = _mm256_loadu_si256(column.as_ptr().add(32 * half).cast());
                    *count = _mm256_add_epi8(*count, _mm256_cmpeq_epi8(column, _mm256_set1_epi32(code as i32)));
                }
            }
            for (half, &count) in counts.iter().enumerate() {
                _mm256_storeu_si256(found.as_mut_ptr().add(32 * half).cast(), count);
            }
        }
        found
    },
    #[inline(always)]
    unsafe fn at_most(counts: &[u8; CODES], most: &[u8; CODES]) -> u64 {
        unsafe {
            let load = |from: &[u8; CODES], half: usize| _mm256_loadu_si256(from.as_ptr().add(32 * half).cast());
            let [low, high] = [0, 1].map(|half| {
                let count = load(counts, half);
                let smaller = _mm256_min_epu8(count, load(most, half));
                _mm256_movemask_epi8(_mm256_cmpeq_epi8(smaller, count)) as u32
            });
            u64::from(high) << 32 | u64::from(low)
        }
    },
    #[inline(always)]
    unsafe fn encode(self, [step, inverse, largest]: [Self; 3], to: *mut u8) -> Self {
        unsafe {
            let code = _mm256_min_ps(_mm256_mul_ps(self.0, inverse.0), largest.0);
            let code = _mm256_cvtps_epi32(_mm256_max_ps(code, _mm256_sub_ps(_mm256_setzero_ps(), largest.0)));
            let shift = _mm256_add_epi32(_mm256_cvtps_epi32(largest.0), _mm256_set1_epi32(1));
            let shifted = _mm256_add_epi32(code, shift);
            let words = _mm_packs_epi32(_mm256_castsi256_si128(shifted), _mm256_extracti128_si256::<1>(shifted));
            _mm_storel_epi64(to.cast(), _mm_packus_epi16(words, words));
            Self(_mm256_fnmadd_ps(_mm256_cvtepi32_ps(code), step.0, self.0))
        }
    }
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{dispatch, Isa};

    dispatch! {
        fn codes[](values: &[f32; 16], codes: &mut [u8; 16]) -> () = codes_impl
    }

    #[inline(always)]
    fn codes_impl<V: Vector>(values: &[f32; 16], codes: &mut [u8; 16]) {
        for at in (0..16).step_by(V::LANES) {
            // SAFETY: LANES divides 16, and this runs inside its dispatch.
            unsafe {
                let steps = [1.0, 1.0, 127.0].map(|x| V::splat(x));
                V::load(values.as_ptr().add(at)).encode(steps, codes.as_mut_ptr().add(at));
            }
        }
    }

    #[test]
    fn codes_are_rounded_alike_by_every_instruction_set() {
        let values = std::array::from_fn(|i| (i as f32 - 8.0) * 17.5);
        let expected: [u8; 16] =
            values.map(|x: f32| (x.round_ties_even().clamp(-127.0, 127.0) + 128.0) as u8);
        for isa in Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()) {
            let mut found = [0; 16];
            codes(isa, &values, &mut found);
            assert_eq!(found, expected, "{isa:?}");
        }
    }
}
