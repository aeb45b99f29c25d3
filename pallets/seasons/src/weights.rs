//! What the calls, and earning points, weigh.
//!
//! The figures are estimates, made by hand from each call's reads and writes with a margin on top, and
//! stand until the calls have been benchmarked.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// The weights of the calls, and of what other pallets call.
pub trait WeightInfo {
	/// An account earns points; closes the season before if these are the first of a season.
	fn credit() -> Weight;
	/// Sets a conversion.
	fn set_conversion() -> Weight;
	/// Lists an account, or takes it off the list.
	fn set_listed() -> Weight;
	/// Adds to a pot.
	fn fund() -> Weight;
	/// Closes a season.
	fn close_season() -> Weight;
	/// Pays a reward.
	fn claim_reward() -> Weight;
	/// Sweeps `n` records away.
	fn sweep_season(n: u32) -> Weight;
}

/// The proof of a record: its size, rounded up, and its path in the trie.
const PROOF_PER_READ: u64 = 4_096;

fn estimate(db: RuntimeDbWeight, ref_time: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(ref_time, PROOF_PER_READ.saturating_mul(reads))
		.saturating_add(db.reads_writes(reads, writes))
}

macro_rules! weights {
	($db:expr) => {
		// Season and its leaderboard, score, list, latest; the season before and its leaderboard. A
		// leaderboard is as large as two other records.
		fn credit() -> Weight {
			estimate($db, 120_000_000, 9, 5)
		}
		// Season.
		fn set_conversion() -> Weight {
			estimate($db, 30_000_000, 1, 1)
		}
		// Season, list, score.
		fn set_listed() -> Weight {
			estimate($db, 40_000_000, 3, 2)
		}
		// Season, two accounts.
		fn fund() -> Weight {
			estimate($db, 90_000_000, 3, 3)
		}
		// Season and its leaderboard.
		fn close_season() -> Weight {
			estimate($db, 60_000_000, 3, 1)
		}
		// Season, score, list, two accounts.
		fn claim_reward() -> Weight {
			estimate($db, 100_000_000, 5, 4)
		}
		// Season and its leaderboard, two accounts; two reads and a write for each record.
		fn sweep_season(n: u32) -> Weight {
			let n = u64::from(n);
			estimate($db, 120_000_000, 6, 3).saturating_add(estimate(
				$db,
				n.saturating_mul(10_000_000),
				n.saturating_mul(2),
				n,
			))
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
