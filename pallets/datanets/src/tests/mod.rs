//! Tests by topic. Each ends in `do_try_state`.

mod attacks;
mod bans;
mod batches;
mod clusters;
mod cost;
mod datanets;
mod invariants;
mod pool;
mod properties;
mod registry;
mod reservations;
mod rules;
mod views;
