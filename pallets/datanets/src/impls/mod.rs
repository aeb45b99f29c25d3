//! The work behind the calls, what other pallets see, and the invariants.

mod bans;
mod batches;
mod clusters;
mod datanets;
mod deposits;
mod pool;
mod registry;
pub(crate) mod reservations;
mod rules;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
