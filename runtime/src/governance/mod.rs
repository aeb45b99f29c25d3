//! Who decides what, how, and for how long.
//!
//! Referenda decide, by reputation: what was burned and paid to the treasury for an account's work, see
//! `pallet-reputation`. Tokens pay deposits and buy no vote. Each kind of decision has an [origin](origins) of
//! its own, so that a call which can do little harm need not wait as long as one that can do much, and each
//! origin a [track](tracks) with the times and majorities of its referenda.
//!
//! A technical committee can say that a call is urgent. Its referendum is then decided in days rather than
//! weeks, by the same majorities. That is all it can do.

#![warn(missing_docs)]

pub mod origins;
pub mod tracks;

use crate::{AccountId, BlockNumber, Runtime};
use frame_support::traits::EitherOf;
use frame_system::EnsureRoot;

/// Root, or another origin.
pub type RootOr<Other> = EitherOf<EnsureRoot<AccountId>, Other>;

/// A period of governance on this chain: the one that a public chain has, divided by the chain's
/// [pace](origins::Pace), rounded down, and one block at least.
pub fn paced(blocks: BlockNumber) -> BlockNumber {
	blocks
		.checked_div(origins::Pace::<Runtime>::get())
		.unwrap_or(blocks)
		.max(1)
}
