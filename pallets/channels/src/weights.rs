//! The weights of the calls and of what falls due.

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::RocksDbWeight, RuntimeDbWeight, Weight},
};

/// What the calls, and the items of the agenda, cost.
pub trait WeightInfo {
	/// Of [`open`](crate::Pallet::open).
	fn open() -> Weight;
	/// Of [`top_up`](crate::Pallet::top_up).
	fn top_up() -> Weight;
	/// Of [`close`](crate::Pallet::close), which may finalise.
	fn close() -> Weight;
	/// Of [`finalise`](crate::Pallet::finalise), or of the same when it falls due.
	fn finalise() -> Weight;
	/// Of [`post`](crate::Pallet::post).
	fn post() -> Weight;
	/// Of [`challenge`](crate::Pallet::challenge).
	fn challenge() -> Weight;
	/// Of [`disclose`](crate::Pallet::disclose), which may uphold.
	fn disclose() -> Weight;
	/// Of [`rerun`](crate::Pallet::rerun), without what
	/// [`Recompute`](openledger_primitives::traits::Recompute) does.
	fn rerun() -> Weight;
	/// Of [`report_totals`](crate::Pallet::report_totals).
	fn report_totals() -> Weight;
	/// Of [`report_double`](crate::Pallet::report_double).
	fn report_double() -> Weight;
	/// Of what every block begins with, without its agenda.
	fn begin_block() -> Weight;
	/// Of looking at the agenda at all.
	fn agenda_base() -> Weight;
	/// Of a block's agenda, nothing being on it.
	fn agenda_block() -> Weight;
	/// Of settling a batch that falls due, without what
	/// [`Settlement`](openledger_primitives::traits::Settlement) does.
	fn settle() -> Weight;
	/// Of another end of a batch's stage.
	fn batch_due() -> Weight;
	/// Of a ruling: at most of upholding.
	fn ruled() -> Weight;
}

/// Conservative estimates from what is read and written, until they are benchmarked.
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

macro_rules! weights {
	($db:expr) => {
		// Agent, twice; model, version; the payer's account and holds; id, seed, channel.
		fn open() -> Weight {
			estimate($db, 70, 9, 4)
		}
		// The channel; the payer's account and holds.
		fn top_up() -> Weight {
			estimate($db, 40, 3, 3)
		}
		fn close() -> Weight {
			estimate($db, 70, 5, 6)
		}
		// The channel and its place on the agenda; the payer's account and holds, twice.
		fn finalise() -> Weight {
			estimate($db, 60, 4, 5)
		}
		// Channel, agent, count, batch, agenda; the agent's account and holds. Voucher, receipt, proof,
		// the sum of 64 weights.
		fn post() -> Weight {
			estimate($db, 80 + 2 * SIGNATURE + PROOF, 8, 7)
		}
		// Channel, batch, two places on the agenda; the challenger's account and holds.
		fn challenge() -> Weight {
			estimate($db, 50, 5, 5)
		}
		// Two proofs, a signature, two totals; the model's version, and as many batches of data as an
		// answer cites and names; then what upholding takes.
		fn disclose() -> Weight {
			estimate($db, 300 + SIGNATURE + 2 * PROOF, 100, 2).saturating_add(Self::ruled())
		}
		// Channel, batch, agenda, re-runs, and the hashes of input and outcome.
		fn rerun() -> Weight {
			estimate($db, 80, 4, 4)
		}
		fn report_totals() -> Weight {
			estimate($db, 100 + SIGNATURE + 2 * PROOF, 2, 0).saturating_add(Self::ruled())
		}
		fn report_double() -> Weight {
			estimate($db, 40 + 2 * SIGNATURE, 2, 1).saturating_add(Self::ruled())
		}
		fn begin_block() -> Weight {
			estimate($db, 5, 4, 1)
		}
		fn agenda_base() -> Weight {
			estimate($db, 5, 2, 2)
		}
		fn agenda_block() -> Weight {
			estimate($db, 5, 1, 0)
		}
		// Batch, channel, count, agenda; accounts and holds of payer and agent; finalising the channel.
		fn settle() -> Weight {
			estimate($db, 150, 12, 12)
		}
		// Version and servers of the model, and each of 64, then the same as by a ruling.
		fn batch_due() -> Weight {
			estimate($db, 100, 70, 0).saturating_add(Self::ruled())
		}
		// As when it is settled; the challenger's and the treasury's accounts; the offence: agent, its
		// models' lists, the queue of slashes.
		fn ruled() -> Weight {
			estimate($db, 200, 40, 40)
		}
	};
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	weights!(T::DbWeight::get());
}

impl WeightInfo for () {
	weights!(RocksDbWeight::get());
}
