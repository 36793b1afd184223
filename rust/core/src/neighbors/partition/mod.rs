//! Many queries among rows of few columns: only the rows near a query are looked at.
//!
//! The rows are put in an order in which those near each other stand together ([`order`]), cut into blocks of some
//! hundred with a box round each ([`boxes`]). Queries, ordered alike, come in groups ([`group`]): a block whose box
//! is farther from every query of a group than the rows it already has is left out, the others go through the
//! screen as everywhere. Whether that pays, a sample tells ([`dimension`]), then some groups ([`threads`]).
//!
//! Some hundred queries are enough where one column alone parts the rows ([`bands`], [`band_search`]).

mod band_search;
mod bands;
mod boxes;
mod dimension;
mod group;
mod order;
mod reach;
mod threads;

pub(super) use bands::Bands;
pub(super) use dimension::few_directions;
pub(super) use threads::{through_blocks, MOST_PAIRS};
