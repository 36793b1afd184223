//! NNG-Mix: an anomaly mixed with one of its nearest rows, among the unlabelled ones or the other anomalies, and
//! noise. [`Choices`] draw a [`Plan`], [`Sources`] turn it into rows; or both at once, keeping no plan. `mixed` makes
//! the rows whose columns are of several kinds.

mod mix;
mod mixed;
mod plan;
mod sources;

pub use plan::{Choices, Plan, PlanMut};
pub use sources::Sources;
