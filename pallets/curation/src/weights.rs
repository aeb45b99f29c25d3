//! The weights of the calls.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls cost.
pub trait WeightInfo {
	/// Of the start of a block.
	fn on_initialize() -> Weight;
	/// Of [`open_qualification`](crate::Pallet::open_qualification).
	fn open_qualification() -> Weight;
	/// Of [`commit_answers`](crate::Pallet::commit_answers).
	fn commit_answers() -> Weight;
	/// Of [`reveal_answers`](crate::Pallet::reveal_answers).
	fn reveal_answers() -> Weight;
	/// Of [`reveal_solution`](crate::Pallet::reveal_solution).
	fn reveal_solution() -> Weight;
	/// Of [`claim_qualification`](crate::Pallet::claim_qualification).
	fn claim_qualification() -> Weight;
	/// Of [`close_qualification`](crate::Pallet::close_qualification) with as many candidates as it grades at a time.
	fn close_qualification() -> Weight;
	/// Of [`drop_qualification`](crate::Pallet::drop_qualification).
	fn drop_qualification() -> Weight;
	/// Of [`bond`](crate::Pallet::bond).
	fn bond() -> Weight;
	/// Of [`unbond`](crate::Pallet::unbond).
	fn unbond() -> Weight;
	/// Of [`withdraw_unbonded`](crate::Pallet::withdraw_unbonded).
	fn withdraw_unbonded() -> Weight;
	/// Of [`retire`](crate::Pallet::retire).
	fn retire() -> Weight;
	/// Of [`advance`](crate::Pallet::advance) at its dearest, without what the Datanet and the points cost: the draw of 15 seats among 128
	/// curators, or the settlement of 25 jurors.
	fn advance() -> Weight;
	/// Of [`commit_verdict`](crate::Pallet::commit_verdict).
	fn commit_verdict() -> Weight;
	/// Of [`reveal_verdict`](crate::Pallet::reveal_verdict).
	fn reveal_verdict() -> Weight;
	/// Of [`appeal`](crate::Pallet::appeal).
	fn appeal() -> Weight;
	/// Of [`report_duplicate`](crate::Pallet::report_duplicate).
	fn report_duplicate() -> Weight;
	/// Of [`challenge_rows`](crate::Pallet::challenge_rows).
	fn challenge_rows() -> Weight;
	/// Of [`prove_rows`](crate::Pallet::prove_rows) with `r` rows, without what the Datanet and the points
	/// cost.
	fn prove_rows(r: u32) -> Weight;
	/// Of [`Curation::open`](openledger_primitives::traits::Curation::open), for the pallet that calls it.
	fn open() -> Weight;
	/// Of [`Curation::abandon`](openledger_primitives::traits::Curation::abandon), for the pallet that
	/// calls it: the draw of a first jury included.
	fn abandon() -> Weight;
}

/// Conservative estimates from what the calls read and write, until they are benchmarked: for pools of
/// at most 128 curators.
pub struct SubstrateWeight<T>(PhantomData<T>);

fn base() -> Weight {
	Weight::from_parts(60_000_000, 16_384)
}

/// Beyond the base: computing, in microseconds, and bytes of proof.
fn more(microseconds: u64, proof: u64) -> Weight {
	Weight::from_parts(microseconds.saturating_mul(1_000_000), proof)
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// What the runtime's randomness reads; the seed that comes and the one that goes.
	fn on_initialize() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}

	// Owner, round, account, holds.
	fn open_qualification() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	// Round, candidate, account, holds.
	fn commit_answers() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}

	// Round, candidate, genesis hash.
	fn reveal_answers() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(3, 1))
	}

	// Round, genesis hash.
	fn reveal_solution() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// Round, candidate, old record, curator, pool; account, holds, the treasury's account.
	fn claim_qualification() -> Weight {
		base()
			.saturating_add(more(0, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(8, 7))
	}

	// Round, owner's and treasury's account, holds; per candidate as a claim.
	fn close_qualification() -> Weight {
		base()
			.saturating_add(more(500, 65_536))
			.saturating_add(T::DbWeight::get().reads_writes(196, 196))
	}

	// Record, curator, account, holds.
	fn drop_qualification() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(4, 3))
	}

	// Record, curator, pool, account, holds.
	fn bond() -> Weight {
		base()
			.saturating_add(more(0, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(5, 4))
	}

	// Curator, pool.
	fn unbond() -> Weight {
		base()
			.saturating_add(more(0, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(2, 2))
	}

	// Curator, record, account, holds.
	fn withdraw_unbonded() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}

	// Curator, record, pool.
	fn retire() -> Weight {
		base()
			.saturating_add(more(0, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(3, 2))
	}

	// Round, report, submissions, seed, pool; per juror its curator, record, account and holds; three
	// appellants' and the treasury's accounts and holds. The draw hashes and takes a logarithm for
	// each seat and curator: 1,920 times some 3 microseconds.
	fn advance() -> Weight {
		base()
			.saturating_add(more(6_000, 59_392))
			.saturating_add(T::DbWeight::get().reads_writes(117, 113))
	}

	// Round.
	fn commit_verdict() -> Weight {
		base()
			.saturating_add(more(0, 4_096))
			.saturating_add(T::DbWeight::get().reads_writes(1, 1))
	}

	// Round, genesis hash.
	fn reveal_verdict() -> Weight {
		base()
			.saturating_add(more(0, 4_096))
			.saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// Round, account, holds.
	fn appeal() -> Weight {
		base()
			.saturating_add(more(0, 4_096))
			.saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}

	// Report, two submissions, two clusters, curator, account, holds, round.
	fn report_duplicate() -> Weight {
		base()
			.saturating_add(more(0, 4_096))
			.saturating_add(T::DbWeight::get().reads_writes(9, 4))
	}

	// Report, two submissions, two clusters, account, holds.
	fn challenge_rows() -> Weight {
		base()
			.saturating_add(more(0, 4_096))
			.saturating_add(T::DbWeight::get().reads_writes(7, 3))
	}

	// Report, two submissions, seed, account, holds, the treasury's account; per row 64 hashes and two
	// proofs.
	fn prove_rows(r: u32) -> Weight {
		base()
			.saturating_add(more(150, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads_writes(7, 4))
	}

	// Submission, round.
	fn open() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(2, 1))
	}

	// Round, submission, seed, pool; three seats for each of 128 curators.
	fn abandon() -> Weight {
		base()
			.saturating_add(more(1_200, 8_192))
			.saturating_add(T::DbWeight::get().reads_writes(4, 1))
	}
}

impl WeightInfo for () {
	fn on_initialize() -> Weight {
		base()
	}
	fn open_qualification() -> Weight {
		base()
	}
	fn commit_answers() -> Weight {
		base()
	}
	fn reveal_answers() -> Weight {
		base()
	}
	fn reveal_solution() -> Weight {
		base()
	}
	fn claim_qualification() -> Weight {
		base()
	}
	fn close_qualification() -> Weight {
		base()
	}
	fn drop_qualification() -> Weight {
		base()
	}
	fn bond() -> Weight {
		base()
	}
	fn unbond() -> Weight {
		base()
	}
	fn withdraw_unbonded() -> Weight {
		base()
	}
	fn retire() -> Weight {
		base()
	}
	fn advance() -> Weight {
		base()
	}
	fn commit_verdict() -> Weight {
		base()
	}
	fn reveal_verdict() -> Weight {
		base()
	}
	fn appeal() -> Weight {
		base()
	}
	fn report_duplicate() -> Weight {
		base()
	}
	fn challenge_rows() -> Weight {
		base()
	}
	fn prove_rows(_: u32) -> Weight {
		base()
	}
	fn open() -> Weight {
		base()
	}
	fn abandon() -> Weight {
		base()
	}
}
