//! Conservative estimates from what is read and written, until they are benchmarked: for committees of at
//! most 7, drawn from at most 64 agents.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

use crate::WeightInfo;

/// The estimates on the database that the runtime names.
pub struct SubstrateWeight<T>(PhantomData<T>);

const COMMITTEE: u64 = 7;
const SERVERS: u64 = 64;

// An sr25519 verification takes some 50 microseconds.
const SIGNATURE: u64 = 60_000_000;

fn base() -> Weight {
	Weight::from_parts(60_000_000, 32_768)
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// Model, version, servers with their agents, markets, counters, account, holds, the agenda.
	fn request(i: u32) -> Weight {
		base()
			.saturating_add(Weight::from_parts(2_000, 1).saturating_mul(i.into()))
			.saturating_add(Weight::from_parts(5_000_000, 512).saturating_mul(SERVERS))
			.saturating_add(T::DbWeight::get().reads_writes(10 + SERVERS, 8))
	}

	// Request, counter, market, account, holds, the agenda.
	fn cancel() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}

	// Request, the agenda's two entries.
	fn commit() -> Weight {
		base()
			.saturating_add(Weight::from_parts(SIGNATURE, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(2, 3))
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

	// Request or receipt, agent, what it has on record, what is due; two signatures.
	fn report_equivocation() -> Weight {
		base()
			.saturating_add(Weight::from_parts(2 * SIGNATURE, 16_384))
			.saturating_add(T::DbWeight::get().reads_writes(8, 6))
	}

	// Canary, account, holds.
	fn commit_canary() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}

	fn drop_canary() -> Weight {
		Self::commit_canary()
	}

	// Receipt, canary, re-run.
	fn reveal_canary(i: u32, c: u32) -> Weight {
		Self::request(i)
			.saturating_add(Self::authorize_reveal(c))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}

	// Request, version, receipt, re-run, holds, the agenda; per seat the outcome, the assignment, and the agent
	// with its record and what is due for it, and the same for those that a canary accused. Each two outcomes are compared, in some 20 microseconds.
	fn end() -> Weight {
		base()
			.saturating_add(Weight::from_parts(10_000_000, 8_192).saturating_mul(COMMITTEE))
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(COMMITTEE * COMMITTEE))
			.saturating_add(
				T::DbWeight::get().reads_writes(16 + 12 * COMMITTEE, 12 + 11 * COMMITTEE),
			)
	}

	// Receipt, holds, the record of the settlement, the agenda's slot.
	fn forget() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(6, 6))
	}

	// The excuse, when it last applied, the number of agents, the markets.
	fn begin_block() -> Weight {
		Weight::from_parts(10_000_000, 2_048).saturating_add(T::DbWeight::get().reads_writes(5, 2))
	}

	fn agenda_base() -> Weight {
		Weight::from_parts(5_000_000, 1_024).saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}

	// Of looking for an entry; its removal is counted with what is done for it.
	fn agenda_block() -> Weight {
		Weight::from_parts(5_000_000, 4_096).saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// Twice the servers with their agents, the randomness, the genesis hash; the seats' agents and
	// assignments.
	fn draw() -> Weight {
		base()
			.saturating_add(Weight::from_parts(10_000_000, 1_024).saturating_mul(SERVERS))
			.saturating_add(
				T::DbWeight::get().reads_writes(6 + SERVERS + COMMITTEE, 4 + 2 * COMMITTEE),
			)
	}

	// What was revealed before.
	fn end_commit() -> Weight {
		base()
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(COMMITTEE * COMMITTEE))
			.saturating_add(T::DbWeight::get().reads_writes(4 + COMMITTEE, 3))
	}
}
