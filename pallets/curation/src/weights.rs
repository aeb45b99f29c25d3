//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;

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
	/// Of [`advance`](crate::Pallet::advance) if it draws the largest jury among as many curators as a
	/// Datanet can have.
	fn advance_draw() -> Weight;
	/// Of [`advance`](crate::Pallet::advance) if it ends a round after two appeals, without what the
	/// Datanet and the points cost. Each of 25 jurors is slashed and ejected: to be credited instead costs
	/// what [`Config::CreditWeight`](crate::Config::CreditWeight) says.
	fn advance_end() -> Weight;
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
	/// Of [`prove_rows`](crate::Pallet::prove_rows) with 16 rows and the longest proofs. The smallest link
	/// of two batches is in it, but not what clusters can make of it.
	fn prove_rows() -> Weight;
	/// Of [`Curation::open`](openledger_primitives::traits::Curation::open), for the pallet that calls it.
	fn open() -> Weight;
	/// Of [`Curation::abandon`](openledger_primitives::traits::Curation::abandon), for the pallet that
	/// calls it: the draw of a first jury included.
	fn abandon() -> Weight;
}

openledger_pallet_support::equal_weights! {
	Weight::from_parts(60_000_000, 16_384);
	on_initialize() open_qualification() commit_answers() reveal_answers() reveal_solution()
	claim_qualification() close_qualification() drop_qualification() bond() unbond() withdraw_unbonded() retire()
	advance_draw() advance_end() commit_verdict() reveal_verdict() appeal() report_duplicate() challenge_rows()
	prove_rows() open() abandon()
}
