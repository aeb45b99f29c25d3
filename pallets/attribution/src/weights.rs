//! Weights, in reads, writes and bytes of proof.
//!
//! Estimated from what each function touches, rounded up; benchmarks will replace them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of the calls, and of settling.
pub trait WeightInfo {
	/// Paying out one credit.
	fn claim() -> Weight;
	/// Moving the shares.
	fn set_shares() -> Weight;
	/// Settling a run with `entries` attribution entries, and `takers` model owners and operators
	/// together. Includes what it calls in the registries and for reputation.
	fn settle(entries: u32, takers: u32) -> Weight;
	/// Forgetting a record.
	fn forget() -> Weight;
}

/// A storage item of some hundred bytes, with the nodes of the trie on the way to it.
const ITEM_PROOF: u64 = 4_000;

/// A record with all its clusters, and the same.
const RECORD_PROOF: u64 = 8_000;

/// What an entry reads: its batch, the way to the head of its cluster (nine steps at most), and who is
/// paid for that.
const ENTRY_READS: u64 = 11;

fn settling(entries: u64, takers: u64) -> Weight {
	// A taker: its royalty, or what its delegators get: agent, pool, and the account of all pools.
	let entry = Weight::from_parts(30_000_000, ITEM_PROOF.saturating_mul(ENTRY_READS));
	let taker = Weight::from_parts(40_000_000, ITEM_PROOF.saturating_mul(3));
	// Each that is paid: its credit, its reputation and the total's.
	let paid = Weight::from_parts(50_000_000, ITEM_PROOF.saturating_mul(3));
	Weight::from_parts(
		120_000_000,
		RECORD_PROOF.saturating_add(ITEM_PROOF.saturating_mul(6)),
	)
	.saturating_add(entry.saturating_mul(entries))
	.saturating_add(taker.saturating_mul(takers))
	.saturating_add(paid.saturating_mul(entries.saturating_add(takers)))
}

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
		settling(entries, takers).saturating_add(T::DbWeight::get().reads_writes(reads, writes))
	}

	fn forget() -> Weight {
		<() as WeightInfo>::forget().saturating_add(T::DbWeight::get().writes(1))
	}
}

/// The estimates without a database's costs, for tests.
impl WeightInfo for () {
	fn claim() -> Weight {
		Weight::from_parts(70_000_000, ITEM_PROOF.saturating_mul(4))
	}

	fn set_shares() -> Weight {
		Weight::from_parts(12_000_000, ITEM_PROOF)
	}

	fn settle(entries: u32, takers: u32) -> Weight {
		settling(entries.into(), takers.into())
	}

	fn forget() -> Weight {
		Weight::from_parts(8_000_000, RECORD_PROOF)
	}
}
