//! Tests by topic. Each ends in `do_try_state`.

mod attacks;
mod batches;
mod datanets;
mod invariants;
mod properties;
mod registry;
mod views;
