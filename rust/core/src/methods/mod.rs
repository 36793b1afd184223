//! The methods NNG-Mix is compared with, each as choices drawn first and rows made from them.
//!
//! | module        | method                                            | choices of a row                        |
//! |---------------|---------------------------------------------------|-----------------------------------------|
//! | [`mixup`]     | `lam a + (1 - lam) p`                             | anchor, partner, lam                    |
//! | [`windows`]   | cutout: columns of `a` set to 0                   | anchor, begin, width                    |
//! | [`windows`]   | CutMix: columns of `a` replaced by others of `p`  | anchor, partner, origin, begin, width   |
//! | [`noise`]     | `a + noise_std z`                                 | anchor                                  |
//! | [`duplicate`] | `a`                                               | anchor                                  |
//!
//! Partners are numbered through: first the anomalies, then the unlabelled rows. No method takes -0 for 0:
//! what is not changed keeps its bits.

mod draw;
pub mod duplicate;
mod execute;
pub mod mixup;
pub mod noise;
pub mod windows;

pub use draw::{draw, Anchors, Choose};
pub use execute::AllRows;
