//! Random streams addressed by counter, so that any part of them can be made alone, in any order.

mod beta;
mod chacha;
mod elementary;
mod normal;
mod uniform;

pub use beta::Beta;
pub use chacha::{Key, Lanes, Purpose, BLOCK_WORDS, LANES};
pub(crate) use normal::fill_normals;
pub use normal::{normals_from, NORMALS_PER_BLOCK};
pub use uniform::{bounded, bounded_in_halves, open_unit, word64};

/// Version of the streams, part of every nonce. A change of bytes for one seed needs a new number.
pub const STREAM_VERSION: u32 = 1;
