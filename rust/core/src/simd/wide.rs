//! The vector operations of exact distances on `f64`, once for each instruction set. They decide results: each is
//! rounded once, none is fused, and every lane does what plain code does.

/// A register of `f64` lanes.
///
/// # Safety
/// As for [`super::Vector`]: the machine has the instructions, and every pointer has `LANES` values behind it.
#[allow(clippy::missing_safety_doc)]
pub trait Wide: Copy {
    /// Values in a register.
    const LANES: usize;
    /// `x` in every lane.
    unsafe fn splat(x: f64) -> Self;
    /// Unaligned load.
    unsafe fn load(from: *const f64) -> Self;
    /// The same, widened.
    unsafe fn load_f32(from: *const f32) -> Self;
    /// Unaligned store.
    unsafe fn store(self, to: *mut f64);
    /// `self + other`.
    unsafe fn add(self, other: Self) -> Self;
    /// `self + (a - b) * (a - b)`.
    unsafe fn add_square(self, a: Self, b: Self) -> Self;
    /// One bit a lane: `self <= other`.
    unsafe fn at_most(self, other: Self) -> u32;
    /// What stands at a place of an ascending list once `new` is in it: the key and label that stood there, `new`, or
    /// what stood one place `before`. Equal keys stay where they are.
    unsafe fn placed(new: (Self, Self), before: (Self, Self), here: (Self, Self)) -> (Self, Self);
    /// A register of each of eight rows, turned: column after column, each in as many registers as eight values fill.
    unsafe fn turned(rows: [Self; 8]) -> [Self; 8];
}

/// Two lanes in plain Rust.
#[derive(Clone, Copy)]
#[repr(align(16))]
pub struct PortableWide([f64; 2]);

impl Wide for PortableWide {
    const LANES: usize = 2;
    #[inline(always)]
    unsafe fn splat(x: f64) -> Self {
        Self([x; 2])
    }
    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: the caller gives two values.
        Self(unsafe { from.cast::<[f64; 2]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn load_f32(from: *const f32) -> Self {
        // SAFETY: the caller gives two values.
        Self(unsafe { from.cast::<[f32; 2]>().read_unaligned() }.map(f64::from))
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }
    #[inline(always)]
    unsafe fn turned(rows: [Self; 8]) -> [Self; 8] {
        std::array::from_fn(|i| Self([rows[i % 4 * 2].0[i / 4], rows[i % 4 * 2 + 1].0[i / 4]]))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: the caller gives room for two values.
        unsafe { to.cast::<[f64; 2]>().write_unaligned(self.0) }
    }
    #[inline(always)]
    unsafe fn add_square(self, a: Self, b: Self) -> Self {
        Self(std::array::from_fn(|i| {
            let difference = a.0[i] - b.0[i];
            self.0[i] + difference * difference
        }))
    }
    #[inline(always)]
    unsafe fn at_most(self, other: Self) -> u32 {
        u32::from(self.0[0] <= other.0[0]) | u32::from(self.0[1] <= other.0[1]) << 1
    }
    #[inline(always)]
    unsafe fn placed(new: (Self, Self), before: (Self, Self), here: (Self, Self)) -> (Self, Self) {
        let pick = |new: Self, before: Self, here: Self, at: [(bool, bool); 2]| {
            Self(std::array::from_fn(|i| match at[i] {
                (true, _) => before.0[i],
                (_, true) => new.0[i],
                _ => here.0[i],
            }))
        };
        let at = std::array::from_fn(|i| (new.0 .0[i] < before.0 .0[i], new.0 .0[i] < here.0 .0[i]));
        (pick(new.0, before.0, here.0, at), pick(new.1, before.1, here.1, at))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::Wide;
    use std::arch::x86_64::*;

    macro_rules! impl_wide {
        ($name:ident($register:ty), $lanes:literal, $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident,
         $mul:ident, $min:ident, $max:ident, |$from:ident| $load_f32:expr, |$a:ident, $b:ident| $at_most:expr,
         |$x:ident, $y:ident| $below:expr, |$mask:ident, $no:ident, $yes:ident| $pick:expr, |$rows:ident| $turned:expr) => {
            /// See [`Wide`].
            #[derive(Clone, Copy)]
            pub struct $name($register);

            // SAFETY of every block below: the trait's contract is the caller's.
            #[allow(clippy::undocumented_unsafe_blocks)]
            impl Wide for $name {
                const LANES: usize = $lanes;
                #[inline(always)]
                unsafe fn splat(x: f64) -> Self {
                    Self(unsafe { $splat(x) })
                }
                #[inline(always)]
                unsafe fn load(from: *const f64) -> Self {
                    Self(unsafe { $load(from) })
                }
                #[inline(always)]
                unsafe fn load_f32($from: *const f32) -> Self {
                    Self(unsafe { $load_f32 })
                }
                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    Self(unsafe { $add(self.0, other.0) })
                }
                #[inline(always)]
                unsafe fn turned(rows: [Self; 8]) -> [Self; 8] {
                    let $rows = rows.map(|row| row.0);
                    unsafe { $turned }.map(Self)
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut f64) {
                    unsafe { $store(to, self.0) }
                }
                #[inline(always)]
                unsafe fn add_square(self, a: Self, b: Self) -> Self {
                    unsafe {
                        let difference = $sub(a.0, b.0);
                        Self($add(self.0, $mul(difference, difference)))
                    }
                }
                #[inline(always)]
                unsafe fn at_most(self, other: Self) -> u32 {
                    let ($a, $b) = (self.0, other.0);
                    unsafe { $at_most }
                }
                #[inline(always)]
                unsafe fn placed(
                    new: (Self, Self),
                    before: (Self, Self),
                    here: (Self, Self),
                ) -> (Self, Self) {
                    unsafe {
                        let key = $min(here.0 .0, $max(before.0 .0, new.0 .0));
                        let ($x, $y) = (new.0 .0, before.0 .0);
                        let ($mask, $no, $yes) = ($below, new.1 .0, before.1 .0);
                        let label = $pick;
                        let ($x, $y) = (new.0 .0, here.0 .0);
                        let ($mask, $no, $yes) = ($below, here.1 .0, label);
                        (Self(key), Self($pick))
                    }
                }
            }
        };
    }

    impl_wide!(
        Avx512Wide(__m512d),
        8,
        _mm512_set1_pd,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_add_pd,
        _mm512_sub_pd,
        _mm512_mul_pd,
        _mm512_min_pd,
        _mm512_max_pd,
        |from| _mm512_cvtps_pd(_mm256_loadu_ps(from)),
        |a, b| u32::from(_mm512_cmp_pd_mask::<_CMP_LE_OQ>(a, b)),
        |x, y| _mm512_cmp_pd_mask::<_CMP_LT_OQ>(x, y),
        |below, no, yes| _mm512_mask_blend_pd(below, no, yes),
        |rows| turned_512(rows)
    );
    impl_wide!(
        Avx2Wide(__m256d),
        4,
        _mm256_set1_pd,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_add_pd,
        _mm256_sub_pd,
        _mm256_mul_pd,
        _mm256_min_pd,
        _mm256_max_pd,
        |from| _mm256_cvtps_pd(_mm_loadu_ps(from)),
        |a, b| _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LE_OQ>(a, b)) as u32,
        |x, y| _mm256_cmp_pd::<_CMP_LT_OQ>(x, y),
        |below, no, yes| _mm256_blendv_pd(no, yes, below),
        |rows| turned_256(rows)
    );

    /// See [`Wide::turned`].
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn turned_512([a, b, c, d, e, f, g, h]: [__m512d; 8]) -> [__m512d; 8] {
        let [c0, c4, c2, c6] = four_of_512([
            _mm512_unpacklo_pd(a, b),
            _mm512_unpacklo_pd(c, d),
            _mm512_unpacklo_pd(e, f),
            _mm512_unpacklo_pd(g, h),
        ]);
        let [c1, c5, c3, c7] = four_of_512([
            _mm512_unpackhi_pd(a, b),
            _mm512_unpackhi_pd(c, d),
            _mm512_unpackhi_pd(e, f),
            _mm512_unpackhi_pd(g, h),
        ]);
        [c0, c1, c2, c3, c4, c5, c6, c7]
    }

    /// Every other column of four pairs of rows: the first and third of them, then the second and fourth.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn four_of_512([ab, cd, ef, gh]: [__m512d; 4]) -> [__m512d; 4] {
        let (near, far) = (_mm512_shuffle_f64x2::<0x88>(ab, cd), _mm512_shuffle_f64x2::<0x88>(ef, gh));
        let (next, last) = (_mm512_shuffle_f64x2::<0xdd>(ab, cd), _mm512_shuffle_f64x2::<0xdd>(ef, gh));
        [
            _mm512_shuffle_f64x2::<0x88>(near, far),
            _mm512_shuffle_f64x2::<0xdd>(near, far),
            _mm512_shuffle_f64x2::<0x88>(next, last),
            _mm512_shuffle_f64x2::<0xdd>(next, last),
        ]
    }

    /// See [`Wide::turned`].
    #[inline]
    #[target_feature(enable = "avx2")]
    fn turned_256([a, b, c, d, e, f, g, h]: [__m256d; 8]) -> [__m256d; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (four_of_256([a, b, c, d]), four_of_256([e, f, g, h]));
        [a, e, b, f, c, g, d, h]
    }

    /// Four rows of four columns, turned.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn four_of_256([a, b, c, d]: [__m256d; 4]) -> [__m256d; 4] {
        let (even, other_even) = (_mm256_unpacklo_pd(a, b), _mm256_unpacklo_pd(c, d));
        let (odd, other_odd) = (_mm256_unpackhi_pd(a, b), _mm256_unpackhi_pd(c, d));
        [
            _mm256_permute2f128_pd::<0x20>(even, other_even),
            _mm256_permute2f128_pd::<0x20>(odd, other_odd),
            _mm256_permute2f128_pd::<0x31>(even, other_even),
            _mm256_permute2f128_pd::<0x31>(odd, other_odd),
        ]
    }
}
#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2Wide, Avx512Wide};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::{dispatch, Isa, Vector};

    dispatch! {
        fn check[]() -> () = check_impl
    }

    #[inline(always)]
    fn check_impl<V: Vector>() {
        // Thirds: a fused operation would give other last digits.
        let a: [f64; 8] = std::array::from_fn(|i| i as f64 / 3.0 - 1.1);
        let b: [f64; 8] = std::array::from_fn(|i| (i as f64 * 7.0) % 5.0 / 7.0);
        let n = V::Wide::LANES;
        // SAFETY: the arrays hold 8 >= LANES values, and this runs inside its dispatch.
        unsafe {
            let [va, vb] = [a, b].map(|values| V::Wide::load(values.as_ptr()));
            let same = |v: V::Wide, f: &dyn Fn(usize) -> f64| {
                let mut out = [0.0_f64; 8];
                v.store(out.as_mut_ptr());
                assert!((0..n).all(|i| out[i].to_bits() == f(i).to_bits()), "{out:?}");
            };
            same(V::Wide::splat(0.1), &|_| 0.1);
            same(V::Wide::splat(0.1).add_square(va, vb), &|i| {
                let difference = a[i] - b[i];
                let square = difference * difference;
                0.1 + square
            });
            assert_eq!(va.at_most(vb), (0..n).filter(|&i| a[i] <= b[i]).fold(0, |bits, i| bits | 1 << i));
            let [one, two, three] = [1.0, 2.0, 3.0].map(|label| V::Wide::splat(label));
            let (before, here) = ((va, two), (va.add(V::Wide::splat(0.5)), three));
            let (key, label) = V::Wide::placed((vb, one), before, here);
            let beyond = |i: usize| b[i] >= a[i] + 0.5;
            same(key, &|i| b[i].max(a[i]).min(a[i] + 0.5));
            same(label, &|i| if b[i] < a[i] { 2.0 } else { 1.0 + 2.0 * f64::from(u8::from(beyond(i))) });
            // An equal key stays before the new one.
            same(V::Wide::placed((va, one), before, here).1, &|_| 1.0);
            same(V::Wide::placed((here.0, one), before, here).1, &|_| 3.0);
            same(va.add(vb), &|i| a[i] + b[i]);
            let narrow = a.map(|x| x as f32);
            same(V::Wide::load_f32(narrow.as_ptr()), &|i| f64::from(narrow[i]));
            // Ten times the row and the column: values of row 0 fill the first lanes of the first register.
            let rows = std::array::from_fn(|row| {
                let values: [f64; 8] = std::array::from_fn(|column| (10 * row + column) as f64);
                V::Wide::load(values.as_ptr())
            });
            for (at, register) in V::Wide::turned(rows).into_iter().enumerate() {
                let (column, first) = (at / (8 / n), at % (8 / n) * n);
                same(register, &|i| (10 * (first + i) + column) as f64);
            }
        }
    }

    #[test]
    fn every_instruction_set_does_what_each_operation_says() {
        Isa::ALL.into_iter().filter(|&isa| isa <= Isa::best()).for_each(check);
    }
}
