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
	/// Asks for access.
	fn request_access() -> Weight;
	/// Approves a request: pays treasury, owner and contributors, and may replace a grant.
	fn approve() -> Weight;
	/// Refuses a request.
	fn refuse() -> Weight;
	/// Cancels a request.
	fn cancel_request() -> Weight;
	/// Hands a wrapped key over.
	fn hand_over_key() -> Weight;
	/// Revokes a grant.
	fn revoke() -> Weight;
	/// Removes a grant that is over.
	fn end_grant() -> Weight;
	/// Appoints stewards.
	fn set_stewards() -> Weight;
	/// Dismisses stewards.
	fn dismiss_stewards() -> Weight;
	/// Looks up whether an account may read: for other pallets.
	fn may() -> Weight;
}

/// The proof of a record: its size, rounded up, and its path in the trie.
const PROOF_PER_READ: u64 = 4_096;

fn estimate(db: RuntimeDbWeight, ref_time: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(ref_time, PROOF_PER_READ.saturating_mul(reads))
		.saturating_add(db.reads_writes(reads, writes))
}

macro_rules! weights {
	($db:expr) => {
		// Two of the Datanet, count, id, live grant, account, holds; request, index.
		fn request_access() -> Weight {
			estimate($db, 90_000_000, 8, 6)
		}
		// Request, two of the Datanet, stewards, count, live grant and its id, index; three accounts,
		// holds; eight for the contributors' pool.
		fn approve() -> Weight {
			estimate($db, 250_000_000, 22, 18)
		}
		// Request, two of the Datanet, stewards, count, account, holds; index.
		fn refuse() -> Weight {
			estimate($db, 90_000_000, 7, 5)
		}
		// Request, count, account, holds; index.
		fn cancel_request() -> Weight {
			estimate($db, 80_000_000, 4, 5)
		}
		// Grant, two of the Datanet, stewards.
		fn hand_over_key() -> Weight {
			estimate($db, 40_000_000, 4, 1)
		}
		// Grant and its id, two of the Datanet, stewards, two accounts, holds; index.
		fn revoke() -> Weight {
			estimate($db, 120_000_000, 8, 6)
		}
		// Grant and its id, account, holds; index.
		fn end_grant() -> Weight {
			estimate($db, 80_000_000, 4, 5)
		}
		// Two of the Datanet, stewards, two accounts with their holds.
		fn set_stewards() -> Weight {
			estimate($db, 100_000_000, 7, 5)
		}
		// Two of the Datanet, stewards, account, holds.
		fn dismiss_stewards() -> Weight {
			estimate($db, 70_000_000, 5, 3)
		}
		// Grant and its id.
		fn may() -> Weight {
			estimate($db, 10_000_000, 2, 0)
		}
	};
}

/// Estimates on the database that the runtime names.
pub struct SubstrateWeight<T>(PhantomData<T>);

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	weights!(T::DbWeight::get());
}

impl WeightInfo for () {
	weights!(RocksDbWeight::get());
}
