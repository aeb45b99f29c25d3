//! What the calls weigh.
//!
//! The figures are estimates, made by hand from each call's reads and writes with a margin on top, and
//! stand until the calls have been benchmarked.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// The weights of the calls.
pub trait WeightInfo {
	/// Registers a model built on `d` Datanets.
	fn register(d: u32) -> Weight;
	/// Adds a version built on `d` Datanets.
	fn new_version(d: u32) -> Weight;
	/// Removes a superseded version.
	fn remove_version() -> Weight;
	/// Pauses a model.
	fn pause() -> Weight;
	/// Resumes a model.
	fn resume() -> Weight;
	/// Sets a model's price.
	fn set_price() -> Weight;
	/// Offers a model to another account.
	fn transfer_ownership() -> Weight;
	/// Takes an offer back.
	fn cancel_transfer() -> Weight;
	/// Takes a model over.
	fn accept_ownership() -> Weight;
	/// Retires a model.
	fn retire() -> Weight;
}

/// The proof of a record: its size, rounded up, and its path in the trie.
const PROOF_PER_READ: u64 = 4_096;

fn estimate(db: RuntimeDbWeight, ref_time: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(ref_time, PROOF_PER_READ.saturating_mul(reads))
		.saturating_add(db.reads_writes(reads, writes))
}

/// A Datanet is read for its snapshot, then read and written, with an event, for its pin.
fn snapshots(db: RuntimeDbWeight, d: u32) -> Weight {
	estimate(db, 20_000_000, 2, 1).saturating_mul(d.into())
}

// NextModelId, account, holds; model, version.
fn register(db: RuntimeDbWeight, d: u32) -> Weight {
	estimate(db, 80_000_000, 3, 5).saturating_add(snapshots(db, d))
}

// Model, version superseded, account, holds; version.
fn new_version(db: RuntimeDbWeight, d: u32) -> Weight {
	estimate(db, 80_000_000, 4, 5).saturating_add(snapshots(db, d))
}

// Model, version, account, holds.
fn remove_version(db: RuntimeDbWeight) -> Weight {
	estimate(db, 60_000_000, 4, 4)
}

// Model.
fn change(db: RuntimeDbWeight) -> Weight {
	estimate(db, 30_000_000, 1, 1)
}

// Model; account and holds of both.
fn accept_ownership(db: RuntimeDbWeight) -> Weight {
	estimate(db, 100_000_000, 5, 5)
}

// Model, version, account, holds.
fn retire(db: RuntimeDbWeight) -> Weight {
	estimate(db, 60_000_000, 4, 4)
}

/// Estimates on the database that the runtime names.
pub struct SubstrateWeight<T>(PhantomData<T>);

macro_rules! weights {
	($db:expr) => {
		fn register(d: u32) -> Weight {
			register($db, d)
		}
		fn new_version(d: u32) -> Weight {
			new_version($db, d)
		}
		fn remove_version() -> Weight {
			remove_version($db)
		}
		fn pause() -> Weight {
			change($db)
		}
		fn resume() -> Weight {
			change($db)
		}
		fn set_price() -> Weight {
			change($db)
		}
		fn transfer_ownership() -> Weight {
			change($db)
		}
		fn cancel_transfer() -> Weight {
			change($db)
		}
		fn accept_ownership() -> Weight {
			accept_ownership($db)
		}
		fn retire() -> Weight {
			retire($db)
		}
	};
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	weights!(T::DbWeight::get());
}

impl WeightInfo for () {
	weights!(RocksDbWeight::get());
}
