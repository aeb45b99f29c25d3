//! What several pallets do alike.
//!
//! - [`agenda`]: serving what falls due, in bounded work.
//! - [`holds`]: comparing what is held with what is recorded, for `try_state`.
//! - [`equal_weights`]: weights for tests.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

pub mod agenda;
pub mod holds;
mod weights;
