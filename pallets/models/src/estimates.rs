//! Estimates, made by hand from each call's reads and writes with a margin on top, until the calls are
//! benchmarked.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{RuntimeDbWeight, Weight},
};

use crate::WeightInfo;

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

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn register(d: u32) -> Weight {
		register(T::DbWeight::get(), d)
	}
	fn new_version(d: u32) -> Weight {
		new_version(T::DbWeight::get(), d)
	}
	fn remove_version() -> Weight {
		remove_version(T::DbWeight::get())
	}
	fn pause() -> Weight {
		change(T::DbWeight::get())
	}
	fn resume() -> Weight {
		change(T::DbWeight::get())
	}
	fn set_price() -> Weight {
		change(T::DbWeight::get())
	}
	fn transfer_ownership() -> Weight {
		change(T::DbWeight::get())
	}
	fn cancel_transfer() -> Weight {
		change(T::DbWeight::get())
	}
	fn accept_ownership() -> Weight {
		accept_ownership(T::DbWeight::get())
	}
	fn retire() -> Weight {
		retire(T::DbWeight::get())
	}
}
