//! The one door to SIMD: which instruction set runs is decided once, at run time.

mod isa;
mod prefetch;
mod vector;
mod wide;
mod words;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use isa::dispatch;
pub use isa::Isa;
pub(crate) use prefetch::{Ahead, Lines};
pub(crate) use vector::Portable;
pub(crate) use vector::{Vector, CODES};
pub(crate) use wide::Wide;
pub(crate) use words::Words;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};
