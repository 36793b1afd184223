//! The vector operations of the cipher on `u32`, once for each instruction set. All are exact.

/// A register of `u32` lanes.
///
/// # Safety
/// As for [`super::Vector`]: the machine has the instructions, and every pointer has `LANES` values behind it.
#[allow(clippy::missing_safety_doc)]
pub trait Words: Copy {
    /// Words in a register.
    const LANES: usize;
    /// `x` in every lane.
    unsafe fn splat(x: u32) -> Self;
    /// Unaligned load.
    unsafe fn load(from: *const u32) -> Self;
    /// Unaligned store.
    unsafe fn store(self, to: *mut u32);
    /// `self + other`, modulo 2^32.
    unsafe fn add(self, other: Self) -> Self;
    /// `self ^ other`, its bits rotated to the left; `LEFT + RIGHT` is 32.
    unsafe fn xor_rotate<const LEFT: i32, const RIGHT: i32>(self, other: Self) -> Self;
}

/// The widest register that every machine of the target has.
#[cfg(target_arch = "x86_64")]
pub type PortableWords = std::arch::x86_64::__m128i;
#[cfg(not(target_arch = "x86_64"))]
pub type PortableWords = [u32; 4];

/// Four lanes in plain Rust.
impl Words for [u32; 4] {
    const LANES: usize = 4;
    #[inline(always)]
    unsafe fn splat(x: u32) -> Self {
        [x; 4]
    }
    #[inline(always)]
    unsafe fn load(from: *const u32) -> Self {
        // SAFETY: the caller gives four values.
        unsafe { from.cast::<Self>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut u32) {
        // SAFETY: the caller gives room for four values.
        unsafe { to.cast::<Self>().write_unaligned(self) }
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        std::array::from_fn(|i| self[i].wrapping_add(other[i]))
    }
    #[inline(always)]
    unsafe fn xor_rotate<const LEFT: i32, const RIGHT: i32>(self, other: Self) -> Self {
        std::array::from_fn(|i| (self[i] ^ other[i]).rotate_left(LEFT as u32))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Words;
    use std::arch::x86_64::*;

    macro_rules! impl_words {
        ($register:ty, $lanes:literal, $splat:ident, $load:ident, $store:ident, $add:ident, $xor:ident,
         |$x:ident| $rotated:expr) => {
            // SAFETY of every block below: the trait's contract is the caller's.
            #[allow(clippy::undocumented_unsafe_blocks)]
            impl Words for $register {
                const LANES: usize = $lanes;
                #[inline(always)]
                unsafe fn splat(x: u32) -> Self {
                    unsafe { $splat(x as i32) }
                }
                #[inline(always)]
                unsafe fn load(from: *const u32) -> Self {
                    unsafe { $load(from.cast()) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut u32) {
                    unsafe { $store(to.cast(), self) }
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    unsafe { $add(self, other) }
                }
                #[inline(always)]
                unsafe fn xor_rotate<const LEFT: i32, const RIGHT: i32>(self, other: Self) -> Self {
                    unsafe {
                        let $x = $xor(self, other);
                        $rotated
                    }
                }
            }
        };
    }

    impl_words!(
        __m128i,
        4,
        _mm_set1_epi32,
        _mm_loadu_si128,
        _mm_storeu_si128,
        _mm_add_epi32,
        _mm_xor_si128,
        |x| _mm_or_si128(_mm_slli_epi32::<LEFT>(x), _mm_srli_epi32::<RIGHT>(x))
    );
    // The compiler knows this pair of shifts: by 8 and by 16 it is one shuffle of bytes.
    impl_words!(
        __m256i,
        8,
        _mm256_set1_epi32,
        _mm256_loadu_si256,
        _mm256_storeu_si256,
        _mm256_add_epi32,
        _mm256_xor_si256,
        |x| _mm256_or_si256(_mm256_slli_epi32::<LEFT>(x), _mm256_srli_epi32::<RIGHT>(x))
    );
    impl_words!(
        __m512i,
        16,
        _mm512_set1_epi32,
        _mm512_loadu_si512,
        _mm512_storeu_si512,
        _mm512_add_epi32,
        _mm512_xor_si512,
        |x| _mm512_rol_epi32::<LEFT>(x)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{dispatch, Isa, Vector};

    dispatch! {
        fn check[]() -> () = check_impl
    }

    #[inline(always)]
    fn check_impl<V: Vector>() {
        check_words::<V::Words>();
    }

    #[inline(always)]
    fn check_words<W: Words>() {
        let a: [u32; 16] = std::array::from_fn(|i| (i as u32).wrapping_mul(0x9e37_79b9));
        let b = a.map(|x| x.wrapping_mul(x) ^ 0x8000_0001);
        let mut out = [[0_u32; 16]; 4];
        // SAFETY: the arrays hold 16 >= LANES values, and this runs inside its dispatch.
        unsafe {
            let (va, vb) = (W::load(a.as_ptr()), W::load(b.as_ptr()));
            va.add(vb).store(out[0].as_mut_ptr());
            va.xor_rotate::<7, 25>(vb).store(out[1].as_mut_ptr());
            va.xor_rotate::<16, 16>(vb).store(out[2].as_mut_ptr());
            W::splat(9).store(out[3].as_mut_ptr());
        }
        for i in 0..16 {
            let x = a[i] ^ b[i];
            let expected = [a[i].wrapping_add(b[i]), x.rotate_left(7), x.rotate_left(16), 9];
            let expected = if i < W::LANES { expected } else { [0; 4] };
            assert_eq!(out.map(|lanes| lanes[i]), expected);
        }
    }

    #[test]
    fn every_instruction_set_does_as_plain_code() {
        Isa::ALL.into_iter().for_each(check);
        check_words::<[u32; 4]>();
    }
}
