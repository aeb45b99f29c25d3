//! Weights, estimated from what each function touches, rounded up, until they are benchmarked.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

use crate::WeightInfo;

/// What an entry reads at most: five batches' links on the way to the head of its cluster, and the head.
pub(crate) const ENTRY_READS: u64 = 6;

/// Estimates for a chain whose database costs `T::DbWeight`.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn claim() -> Weight {
		<() as WeightInfo>::claim().saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}

	fn set_shares() -> Weight {
		<() as WeightInfo>::set_shares().saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	fn settle(entries: u32, takers: u32) -> Weight {
		let settling = <() as WeightInfo>::settle(entries, takers);
		let (entries, takers) = (u64::from(entries), u64::from(takers));
		let paid = entries.saturating_add(takers);
		// Shares, total issuance, total of credits, pot, treasury, the record; what each entry
		// reads, for each taker three, and for each that is paid its credit and its reputation.
		let reads = entries
			.saturating_mul(ENTRY_READS)
			.saturating_add(takers.saturating_mul(3))
			.saturating_add(paid.saturating_mul(2))
			.saturating_add(8);
		let writes = paid
			.saturating_mul(2)
			.saturating_add(takers.saturating_mul(2))
			.saturating_add(8);
		settling.saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}

	fn forget() -> Weight {
		<() as WeightInfo>::forget().saturating_add(T::DbWeight::get().writes(1))
	}
}
