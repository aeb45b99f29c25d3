//! Conservative estimates from what the calls read and write, until they are benchmarked.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{RuntimeDbWeight, Weight},
};

use crate::WeightInfo;

/// The estimates on the database that the runtime names.
pub struct SubstrateWeight<T>(PhantomData<T>);

/// The proof of a record: its size, rounded up, and its path in the trie.
const PROOF_PER_READ: u64 = 4_096;

fn estimate(db: RuntimeDbWeight, microseconds: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(
		microseconds.saturating_mul(1_000_000),
		PROOF_PER_READ.saturating_mul(reads),
	)
	.saturating_add(db.reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// The queue's ends; per slash: itself, agent, its account and holds, pot, reporter, treasury and
	// what it is due, and the pause of an agent with 16 models.
	fn on_initialize(n: u32) -> Weight {
		let slash = estimate(T::DbWeight::get(), 150, 8, 8).saturating_add(Self::pause(16));
		estimate(T::DbWeight::get(), 10, 2, 1).saturating_add(slash.saturating_mul(n.into()))
	}
	// Agent, key, account, holds, count; per model its version and its list.
	fn register(m: u32) -> Weight {
		estimate(T::DbWeight::get(), 80, 5, 5)
			.saturating_add(estimate(T::DbWeight::get(), 15, 2, 1).saturating_mul(m.into()))
	}
	// Agent; per model its list, and for a new one its version.
	fn set_models(o: u32, n: u32) -> Weight {
		estimate(T::DbWeight::get(), 60, 1, 1)
			.saturating_add(estimate(T::DbWeight::get(), 15, 1, 1).saturating_mul(o.into()))
			.saturating_add(estimate(T::DbWeight::get(), 15, 2, 1).saturating_mul(n.into()))
	}
	// Agent.
	fn set_profile() -> Weight {
		estimate(T::DbWeight::get(), 40, 1, 1)
	}
	// Agent.
	fn set_endpoint() -> Weight {
		estimate(T::DbWeight::get(), 40, 1, 1)
	}
	// Agent, old and new key, lapsed keys.
	fn set_operator_key() -> Weight {
		estimate(T::DbWeight::get(), 60, 2, 7)
	}
	// Agent.
	fn set_commission() -> Weight {
		estimate(T::DbWeight::get(), 40, 1, 1)
	}
	// Agent, count; per model its list.
	fn pause(m: u32) -> Weight {
		estimate(T::DbWeight::get(), 40, 2, 2)
			.saturating_add(estimate(T::DbWeight::get(), 15, 1, 1).saturating_mul(m.into()))
	}
	// Agent, count; per model its list.
	fn resume(m: u32) -> Weight {
		estimate(T::DbWeight::get(), 40, 2, 2)
			.saturating_add(estimate(T::DbWeight::get(), 15, 1, 1).saturating_mul(m.into()))
	}
	// Agent, account, holds.
	fn bond_more() -> Weight {
		estimate(T::DbWeight::get(), 60, 3, 3)
	}
	// Agent.
	fn unbond() -> Weight {
		estimate(T::DbWeight::get(), 40, 1, 1)
	}
	// Agent, keys, account, holds.
	fn withdraw_unbonded() -> Weight {
		estimate(T::DbWeight::get(), 80, 3, 8)
	}
	// Agent, count; per model its list.
	fn deregister(m: u32) -> Weight {
		estimate(T::DbWeight::get(), 40, 2, 2)
			.saturating_add(estimate(T::DbWeight::get(), 15, 1, 1).saturating_mul(m.into()))
	}
	// Agent, delegation, account, holds, pot.
	fn delegate() -> Weight {
		estimate(T::DbWeight::get(), 100, 5, 5)
	}
	// Agent, delegation.
	fn undelegate() -> Weight {
		estimate(T::DbWeight::get(), 50, 2, 2)
	}
	// Agent, delegation, account, holds, pot; the agent's keys, account and holds if it is forgotten.
	fn withdraw_delegation() -> Weight {
		estimate(T::DbWeight::get(), 140, 7, 12)
	}
	// The parameters.
	fn set_slashing() -> Weight {
		estimate(T::DbWeight::get(), 20, 0, 1)
	}
	// Slash, agent, count; pot, treasury and what it is due.
	fn cancel_slash() -> Weight {
		estimate(T::DbWeight::get(), 80, 6, 6)
	}
	// The model's list; per agent its record, per seat its change.
	fn assign(s: u32, n: u32) -> Weight {
		estimate(T::DbWeight::get(), 20, 1, 0)
			.saturating_add(estimate(T::DbWeight::get(), 15, 1, 0).saturating_mul(s.into()))
			.saturating_add(estimate(T::DbWeight::get(), 50, 0, 1).saturating_mul(n.into()))
	}
	// Agent.
	fn release() -> Weight {
		estimate(T::DbWeight::get(), 30, 1, 1)
	}
	// Agent, parameters, the queue's end, slash, count.
	fn offend() -> Weight {
		estimate(T::DbWeight::get(), 60, 4, 4)
	}
	// Agent, pot.
	fn reward_delegators() -> Weight {
		estimate(T::DbWeight::get(), 60, 2, 2)
	}
}
