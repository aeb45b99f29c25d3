//! Weights, in reads, writes and bytes of proof, estimated from what each function touches, rounded up,
//! until they are benchmarked.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

use crate::WeightInfo;

/// A record of points is at most 16 + 8 + 1 + 31 × 24 bytes; with its key and the nodes of the trie on
/// the way to it this is a generous bound.
const RECORD_PROOF: u64 = 5_000;

/// Estimates for a chain whose database costs `T::DbWeight`.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn sweep_base() -> Weight {
		Weight::from_parts(5_000_000, RECORD_PROOF)
			.saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	fn sweep_account() -> Weight {
		Weight::from_parts(25_000_000, RECORD_PROOF.saturating_mul(3))
			.saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}

	fn earned() -> Weight {
		Weight::from_parts(40_000_000, RECORD_PROOF.saturating_mul(2))
			.saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}

	fn forfeit() -> Weight {
		Weight::from_parts(60_000_000, RECORD_PROOF.saturating_mul(2))
			.saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}

	fn power() -> Weight {
		Weight::from_parts(15_000_000, RECORD_PROOF).saturating_add(T::DbWeight::get().reads(1))
	}
}
