//! Random streams addressed by counter, so that any part of them can be made alone, in any order.
//!
//! | module          | what it holds                                                        |
//! |-----------------|----------------------------------------------------------------------|
//! | `chacha`        | the cipher: sixteen blocks of words at a time, and what each is for   |
//! | `uniform`       | uniforms and bounded integers of a word                              |
//! | `elementary`    | logarithm and exponential that are the same bits everywhere          |
//! | `beta`          | Beta variates by rejection                                           |
//! | `normal`        | blocks of normals                                                    |
//! | `normal_stream` | normals in the order in which rows need them                         |

mod beta;
mod chacha;
mod elementary;
mod normal;
mod normal_stream;
mod uniform;

pub use beta::Beta;
pub use chacha::{Key, Lanes, Purpose, BLOCK_WORDS, LANES};
pub use normal::{normals_from, NORMALS_PER_BLOCK};
pub(crate) use normal_stream::NormalStream;
pub use uniform::{bounded, bounded_in_halves, open_unit, word64};

/// Version of the streams, part of every nonce. A change of bytes for one seed needs a new number.
pub const STREAM_VERSION: u32 = 1;
