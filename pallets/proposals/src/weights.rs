//! What the calls weigh. The runtime has the figures.

use frame_support::weights::Weight;

/// The weights of the calls.
pub trait WeightInfo {
	/// Makes a proposal.
	fn propose() -> Weight;
	/// Names a builder.
	fn name_builder() -> Weight;
	/// Takes a proposal back.
	fn cancel() -> Weight;
	/// Accepts to build.
	fn accept() -> Weight;
	/// Backs a proposal, with which its goal is reached.
	fn back() -> Weight;
	/// Delivers a milestone.
	fn deliver() -> Weight;
	/// Votes on it.
	fn vote() -> Weight;
	/// Counts the votes: pays the builder, or stops the proposal.
	fn resolve() -> Weight;
	/// Stops a proposal whose time is over.
	fn expire() -> Weight;
	/// Gives up building.
	fn give_up() -> Weight;
	/// Pays a backer's rest back.
	fn refund() -> Weight;
	/// Removes a proposal.
	fn close() -> Weight;
}

openledger_pallet_support::equal_weights! {
	Weight::from_parts(60_000_000, 16_384);
	propose() name_builder() cancel() accept() back() deliver() vote() resolve() expire() give_up()
	refund() close()
}
