//! Conservative estimates from what is read and written, until they are benchmarked.

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

/// A signature's verification, in microseconds.
const SIGNATURE: u64 = 60;

/// A Merkle proof with its leaf and the hash of the totals, in microseconds.
const PROOF: u64 = 30;

fn estimate(db: RuntimeDbWeight, microseconds: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(
		microseconds.saturating_mul(1_000_000),
		PROOF_PER_READ.saturating_mul(reads),
	)
	.saturating_add(db.reads_writes(reads, writes))
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// Agent, twice; model, version; the payer's account and holds; id, seed, channel.
	fn open() -> Weight {
		estimate(T::DbWeight::get(), 70, 9, 4)
	}
	// The channel; the payer's account and holds.
	fn top_up() -> Weight {
		estimate(T::DbWeight::get(), 40, 3, 3)
	}
	fn close() -> Weight {
		estimate(T::DbWeight::get(), 70, 5, 6)
	}
	// The channel and its place on the agenda; the payer's account and holds, twice.
	fn finalise() -> Weight {
		estimate(T::DbWeight::get(), 60, 4, 5)
	}
	// Channel, agent, count, batch, agenda; the agent's account and holds. Voucher, receipt, proof,
	// the sum of 64 weights.
	fn post() -> Weight {
		estimate(T::DbWeight::get(), 80 + 2 * SIGNATURE + PROOF, 8, 7)
	}
	// Channel, batch, two places on the agenda; the challenger's account and holds.
	fn challenge() -> Weight {
		estimate(T::DbWeight::get(), 50, 5, 5)
	}
	// Two proofs, a signature, two totals; the model's version, and the batches of data that the answer
	// cites and names; then what upholding takes.
	fn disclose(c: u32) -> Weight {
		let lookup = estimate(T::DbWeight::get(), 8, 1, 0);
		estimate(T::DbWeight::get(), 100 + SIGNATURE + 2 * PROOF, 4, 2)
			.saturating_add(lookup.saturating_mul(c.into()))
			.saturating_add(Self::ruled())
	}
	// Channel, batch, agenda, re-runs, and the hashes of input and outcome; model, version, the 64 agents
	// that serve it, markets, counters, the request, account and holds.
	fn rerun() -> Weight {
		estimate(T::DbWeight::get(), 500, 80, 14)
	}
	fn report_totals() -> Weight {
		estimate(T::DbWeight::get(), 100 + SIGNATURE + 2 * PROOF, 2, 0)
			.saturating_add(Self::ruled())
	}
	fn report_double() -> Weight {
		estimate(T::DbWeight::get(), 40 + 2 * SIGNATURE, 2, 1).saturating_add(Self::ruled())
	}
	fn begin_block() -> Weight {
		estimate(T::DbWeight::get(), 5, 4, 1)
	}
	fn agenda_base() -> Weight {
		estimate(T::DbWeight::get(), 5, 2, 2)
	}
	fn agenda_block() -> Weight {
		estimate(T::DbWeight::get(), 5, 1, 0)
	}
	// Batch, channel, count, agenda; accounts and holds of payer and agent; finalising the channel.
	fn settle() -> Weight {
		estimate(T::DbWeight::get(), 150, 12, 12)
	}
	// Version and servers of the model, and each of 64, then the same as by a ruling.
	fn batch_due() -> Weight {
		estimate(T::DbWeight::get(), 100, 70, 0).saturating_add(Self::ruled())
	}
	// As when it is settled; the challenger's and the treasury's accounts; the offence: agent, its
	// models' lists, the queue of slashes.
	fn ruled() -> Weight {
		estimate(T::DbWeight::get(), 200, 40, 40)
	}
}
