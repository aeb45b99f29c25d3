//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;
use openledger_pallet_support::equal_weights;

/// The weights of the calls.
pub trait WeightInfo {
	/// Sets the rules.
	fn set_rules() -> Weight;
	/// Makes a claim, and opens its request.
	fn claim() -> Weight;
	/// Decides a claim whose bond is forfeited.
	fn decide() -> Weight;
	/// Enforces a claim between models of the longest lineages that fit.
	fn enforce() -> Weight;
	/// Dismisses a claim.
	fn dismiss() -> Weight;
	/// Withdraws a claim.
	fn withdraw() -> Weight;
}

equal_weights! {
	Weight::from_parts(60_000_000, 16_384);
	set_rules() claim() decide() enforce() dismiss() withdraw()
}
