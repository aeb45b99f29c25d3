//! What the calls weigh.
//!
//! The figures are estimates, made by hand from each call's reads and writes with a margin on top, and
//! stand until the calls have been benchmarked.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, Weight},
};

/// The weights of the calls.
pub trait WeightInfo {
	/// Creates a Datanet.
	fn create_datanet() -> Weight;
	/// Replaces a Datanet's metadata.
	fn update_metadata() -> Weight;
	/// Closes a Datanet.
	fn close_datanet() -> Weight;
	/// Adds a batch.
	fn add_batch() -> Weight;
	/// Withdraws a batch.
	fn withdraw_batch() -> Weight;
}

/// The proof of a record: its size, rounded up, and its path in the trie.
const PROOF_PER_READ: u64 = 4_096;

fn estimate(ref_time: u64, reads: u64) -> Weight {
	Weight::from_parts(ref_time, PROOF_PER_READ.saturating_mul(reads))
}

/// Estimates on the database that the runtime names.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// NextDatanetId, account, holds; the Datanet, its description.
	fn create_datanet() -> Weight {
		estimate(60_000_000, 3).saturating_add(T::DbWeight::get().reads_writes(3, 5))
	}
	// Datanet, description, account, holds.
	fn update_metadata() -> Weight {
		estimate(60_000_000, 4).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	// Datanet, account, holds; description.
	fn close_datanet() -> Weight {
		estimate(60_000_000, 4).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	// Datanet, NextBatchId, root, content, account, holds; batch, place.
	fn add_batch() -> Weight {
		estimate(80_000_000, 6).saturating_add(T::DbWeight::get().reads_writes(6, 8))
	}
	// Batch, Datanet, account, holds; place, root, content.
	fn withdraw_batch() -> Weight {
		estimate(80_000_000, 7).saturating_add(T::DbWeight::get().reads_writes(7, 7))
	}
}

impl WeightInfo for () {
	fn create_datanet() -> Weight {
		estimate(60_000_000, 3).saturating_add(RocksDbWeight::get().reads_writes(3, 5))
	}
	fn update_metadata() -> Weight {
		estimate(60_000_000, 4).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn close_datanet() -> Weight {
		estimate(60_000_000, 4).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn add_batch() -> Weight {
		estimate(80_000_000, 6).saturating_add(RocksDbWeight::get().reads_writes(6, 8))
	}
	fn withdraw_batch() -> Weight {
		estimate(80_000_000, 7).saturating_add(RocksDbWeight::get().reads_writes(7, 7))
	}
}
