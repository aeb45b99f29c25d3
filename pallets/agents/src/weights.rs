//! The weights of the calls, and of what other pallets call.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// What the calls cost.
pub trait WeightInfo {
	/// Of the start of a block that serves `n` places of the queue of slashes, without the pause of
	/// those that fall below the minimum.
	fn on_initialize(n: u32) -> Weight;
	/// Of [`register`](crate::Pallet::register) with `m` models.
	fn register(m: u32) -> Weight;
	/// Of [`set_models`](crate::Pallet::set_models) with `m` models, old and new ones together.
	fn set_models(m: u32) -> Weight;
	/// Of [`set_profile`](crate::Pallet::set_profile).
	fn set_profile() -> Weight;
	/// Of [`set_endpoint`](crate::Pallet::set_endpoint).
	fn set_endpoint() -> Weight;
	/// Of [`set_operator_key`](crate::Pallet::set_operator_key).
	fn set_operator_key() -> Weight;
	/// Of [`set_commission`](crate::Pallet::set_commission).
	fn set_commission() -> Weight;
	/// Of [`pause`](crate::Pallet::pause) with `m` models.
	fn pause(m: u32) -> Weight;
	/// Of [`resume`](crate::Pallet::resume) with `m` models.
	fn resume(m: u32) -> Weight;
	/// Of [`bond_more`](crate::Pallet::bond_more).
	fn bond_more() -> Weight;
	/// Of [`unbond`](crate::Pallet::unbond).
	fn unbond() -> Weight;
	/// Of [`withdraw_unbonded`](crate::Pallet::withdraw_unbonded).
	fn withdraw_unbonded() -> Weight;
	/// Of [`deregister`](crate::Pallet::deregister) with `m` models.
	fn deregister(m: u32) -> Weight;
	/// Of [`delegate`](crate::Pallet::delegate).
	fn delegate() -> Weight;
	/// Of [`undelegate`](crate::Pallet::undelegate).
	fn undelegate() -> Weight;
	/// Of [`withdraw_delegation`](crate::Pallet::withdraw_delegation).
	fn withdraw_delegation() -> Weight;
	/// Of [`set_slashing`](crate::Pallet::set_slashing).
	fn set_slashing() -> Weight;
	/// Of [`cancel_slash`](crate::Pallet::cancel_slash).
	fn cancel_slash() -> Weight;
	/// Of a draw of `n` seats among `s` agents.
	fn assign(s: u32, n: u32) -> Weight;
	/// Of the end of an assignment.
	fn release() -> Weight;
	/// Of an offence by an agent with `m` models.
	fn offend(m: u32) -> Weight;
	/// Of finding out the delegators' part of a reward, and paying it.
	fn reward_delegators() -> Weight;
}

/// Conservative estimates from what the calls read and write, until they are benchmarked.
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

macro_rules! weights {
	($db:expr) => {
		// The queue's ends; per slash: itself, agent, its account and holds, pot, reporter, treasury and
		// what it is due.
		fn on_initialize(n: u32) -> Weight {
			estimate($db, 10, 2, 1)
				.saturating_add(estimate($db, 150, 8, 8).saturating_mul(n.into()))
		}
		// Agent, key, account, holds, count; per model its version and its list.
		fn register(m: u32) -> Weight {
			estimate($db, 80, 5, 5).saturating_add(estimate($db, 15, 2, 1).saturating_mul(m.into()))
		}
		// Agent; per model its version and its list.
		fn set_models(m: u32) -> Weight {
			estimate($db, 60, 1, 1).saturating_add(estimate($db, 15, 2, 1).saturating_mul(m.into()))
		}
		// Agent.
		fn set_profile() -> Weight {
			estimate($db, 40, 1, 1)
		}
		// Agent.
		fn set_endpoint() -> Weight {
			estimate($db, 40, 1, 1)
		}
		// Agent, old and new key, lapsed keys.
		fn set_operator_key() -> Weight {
			estimate($db, 60, 2, 7)
		}
		// Agent.
		fn set_commission() -> Weight {
			estimate($db, 40, 1, 1)
		}
		// Agent, count; per model its list.
		fn pause(m: u32) -> Weight {
			estimate($db, 40, 2, 2).saturating_add(estimate($db, 15, 1, 1).saturating_mul(m.into()))
		}
		// Agent, count; per model its list.
		fn resume(m: u32) -> Weight {
			estimate($db, 40, 2, 2).saturating_add(estimate($db, 15, 1, 1).saturating_mul(m.into()))
		}
		// Agent, account, holds.
		fn bond_more() -> Weight {
			estimate($db, 60, 3, 3)
		}
		// Agent.
		fn unbond() -> Weight {
			estimate($db, 40, 1, 1)
		}
		// Agent, keys, account, holds.
		fn withdraw_unbonded() -> Weight {
			estimate($db, 80, 3, 8)
		}
		// Agent, count; per model its list.
		fn deregister(m: u32) -> Weight {
			estimate($db, 40, 2, 2).saturating_add(estimate($db, 15, 1, 1).saturating_mul(m.into()))
		}
		// Agent, delegation, account, holds, pot.
		fn delegate() -> Weight {
			estimate($db, 100, 5, 5)
		}
		// Agent, delegation.
		fn undelegate() -> Weight {
			estimate($db, 50, 2, 2)
		}
		// Agent, delegation, account, holds, pot; the agent's keys, account and holds if it is forgotten.
		fn withdraw_delegation() -> Weight {
			estimate($db, 140, 7, 12)
		}
		// The parameters.
		fn set_slashing() -> Weight {
			estimate($db, 20, 0, 1)
		}
		// Slash, agent; pot, treasury and what it is due.
		fn cancel_slash() -> Weight {
			estimate($db, 80, 5, 5)
		}
		// The model's list; per agent its record, per seat its change.
		fn assign(s: u32, n: u32) -> Weight {
			estimate($db, 20, 1, 0)
				.saturating_add(estimate($db, 15, 1, 0).saturating_mul(s.into()))
				.saturating_add(estimate($db, 50, 0, 1).saturating_mul(n.into()))
		}
		// Agent.
		fn release() -> Weight {
			estimate($db, 30, 1, 1)
		}
		// Agent, parameters, the queue's end, slash, count; per model its list.
		fn offend(m: u32) -> Weight {
			estimate($db, 60, 4, 4).saturating_add(estimate($db, 15, 1, 1).saturating_mul(m.into()))
		}
		// Agent, pot.
		fn reward_delegators() -> Weight {
			estimate($db, 60, 2, 2)
		}
	};
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	weights!(T::DbWeight::get());
}

impl WeightInfo for () {
	weights!(RocksDbWeight::get());
}
