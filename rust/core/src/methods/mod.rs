//! The methods, NNG-Mix and those it is compared with: each draws its choices first and then makes rows of them.
//!
//! | module             | method                                      | choices of a row                       |
//! |--------------------|---------------------------------------------|----------------------------------------|
//! | [`nng_mix`]        | `lam a + (1 - lam) p + noise`, `p` near `a` | anchor, pool, neighbour, lam           |
//! | [`mixup`]          | `lam a + (1 - lam) p`                       | anchor, partner, lam                   |
//! | [`cutout`]         | columns of `a` set to 0                     | anchor, begin, width                   |
//! | [`cutmix`]         | columns of `a` replaced by others of `p`    | anchor, partner, origin, begin, width  |
//! | [`gaussian_noise`] | `a + noise_std z`                           | anchor                                 |
//! | [`duplicate`]      | `a`                                         | anchor                                 |
//!
//! Below them stand `draw` (choices that are integers), `donor` (whose categories a row has), `execute` (how plans
//! become rows on all threads), `weighted` (one row as a weighted sum), `mixed` (one row of numbers and categories,
//! some of them missing) and [`windows`]. Methods that know which columns are categories take NaN for a missing value.
//!
//! But for NNG-Mix, partners are numbered through: first the anomalies, then the unlabelled rows. No method takes
//! -0 for 0: what is not changed keeps its bits.

pub mod cutmix;
pub mod cutout;
mod donor;
mod draw;
pub mod duplicate;
mod execute;
pub mod gaussian_noise;
mod mixed;
pub mod mixup;
pub mod nng_mix;
mod weighted;
pub mod windows;

pub use donor::draw_donors;
pub use draw::{draw, Anchors, Choose};
pub use execute::AllRows;
