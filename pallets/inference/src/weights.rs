//! The weights of the calls and of what falls due.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls, their authorization, and the items of the agenda cost.
pub trait WeightInfo {
	/// Of [`request`](crate::Pallet::request) with an input of `i` bytes, the draw included.
	fn request(i: u32) -> Weight;
	/// Of [`commit`](crate::Pallet::commit).
	fn commit() -> Weight;
	/// Of checking that a [`commit`](crate::Pallet::commit) is authorized.
	fn authorize_commit() -> Weight;
	/// Of [`reveal`](crate::Pallet::reveal) of an outcome with `c` citations, if the request stays open.
	fn reveal(c: u32) -> Weight;
	/// Of checking that a [`reveal`](crate::Pallet::reveal) with `c` citations is authorized.
	fn authorize_reveal(c: u32) -> Weight;
	/// Of the end of a request, without what [`Settlement`](openledger_primitives::traits::Settlement)
	/// does.
	fn end() -> Weight;
	/// Of [`forget`](crate::Pallet::forget), or of the same when it falls due.
	fn forget() -> Weight;
	/// Of looking at the agenda at all.
	fn agenda_base() -> Weight;
	/// Of a block's agenda, nothing being on it.
	fn agenda_block() -> Weight;
	/// Of the end of a commit phase that falls due.
	fn end_commit() -> Weight;
}

/// Conservative estimates from what is read and written, until it is benchmarked: for committees of at
/// most 7, drawn from at most 64 agents.
pub struct SubstrateWeight<T>(PhantomData<T>);

const COMMITTEE: u64 = 7;
const SERVERS: u64 = 64;

// An sr25519 verification takes some 50 microseconds.
const SIGNATURE: u64 = 60_000_000;

fn base() -> Weight {
	Weight::from_parts(60_000_000, 32_768)
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// Model, version, randomness, servers with their agents, id, account, holds; three slots in the
	// agenda, each tried up to 16 times; the seats' assignments.
	fn request(i: u32) -> Weight {
		base()
			.saturating_add(Weight::from_parts(2_000, 1).saturating_mul(i.into()))
			.saturating_add(
				Weight::from_parts(5_000_000, 512).saturating_mul(SERVERS.saturating_add(48)),
			)
			.saturating_add(
				T::DbWeight::get().reads_writes(8 + SERVERS + 48 + COMMITTEE, 8 + 2 * COMMITTEE),
			)
	}

	// Request, genesis hash; the agenda's two slots.
	fn commit() -> Weight {
		base()
			.saturating_add(Weight::from_parts(SIGNATURE, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(20, 4))
	}

	fn authorize_commit() -> Weight {
		base()
			.saturating_add(Weight::from_parts(SIGNATURE, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(2, 0))
	}

	// Request, genesis hash, version; per citation its batch.
	fn reveal(c: u32) -> Weight {
		Self::authorize_reveal(c).saturating_add(T::DbWeight::get().reads_writes(2, 3))
	}

	fn authorize_reveal(c: u32) -> Weight {
		base()
			.saturating_add(Weight::from_parts(SIGNATURE, 16_384))
			.saturating_add(T::DbWeight::get().reads_writes(4, 0))
			.saturating_add(Weight::from_parts(8_000_000, 1_024).saturating_mul(c.into()))
			.saturating_add(
				T::DbWeight::get()
					.reads_writes(2, 0)
					.saturating_mul(c.into()),
			)
	}

	// Request, receipt, holds, the agenda's slot; per seat the agent, assignment and outcome.
	fn end() -> Weight {
		base()
			.saturating_add(Weight::from_parts(10_000_000, 8_192).saturating_mul(COMMITTEE))
			.saturating_add(T::DbWeight::get().reads_writes(12 + 3 * COMMITTEE, 8 + 3 * COMMITTEE))
	}

	// Receipt, holds, the record of the settlement, the agenda's slot.
	fn forget() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}

	fn agenda_base() -> Weight {
		Weight::from_parts(5_000_000, 1_024).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	fn agenda_block() -> Weight {
		Weight::from_parts(5_000_000, 4_096).saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	// It may end the request with a refund, or look for room in up to 16 blocks.
	fn end_commit() -> Weight {
		Self::end().saturating_add(T::DbWeight::get().reads_writes(16, 2))
	}
}
