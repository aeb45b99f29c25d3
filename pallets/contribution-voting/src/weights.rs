//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;
use openledger_pallet_support::equal_weights;

/// The weights of the calls.
pub trait WeightInfo {
	/// Votes in a poll, with all other ballots that there may be.
	fn vote_new() -> Weight;
	/// Changes a vote, with as many ballots.
	fn vote_existing() -> Weight;
	/// Delegates to an account with `r` ballots in running polls.
	fn delegate(r: u32) -> Weight;
	/// Takes back a delegation from an account with `r` ballots in running polls.
	fn undelegate(r: u32) -> Weight;
	/// Removes a vote from a running poll.
	fn remove_vote() -> Weight;
	/// Removes a vote from a poll that is over.
	fn remove_other_vote() -> Weight;
	/// Lowers a ballot.
	fn reweigh_vote() -> Weight;
	/// Lowers a delegation to an account with `r` ballots in running polls.
	fn reweigh_delegation(r: u32) -> Weight;
}

equal_weights! {
	Weight::from_parts(100_000_000, 16_384);
	vote_new() vote_existing() delegate(_r) undelegate(_r) remove_vote() remove_other_vote()
	reweigh_vote() reweigh_delegation(_r)
}
