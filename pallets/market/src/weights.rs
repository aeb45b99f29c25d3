//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;
use openledger_pallet_support::equal_weights;

/// The weights of the calls, with what the registry of models does for them, and without dividing rent: that
/// comes on top, by `Settlement::weight_of_rent`.
pub trait WeightInfo {
	/// Lists a model, in place of a listing that somebody else left behind.
	fn list() -> Weight;
	/// Removes a listing.
	fn unlist() -> Weight;
	/// Buys a model.
	fn buy() -> Weight;
	/// Lists shares.
	fn list_shares() -> Weight;
	/// Removes a listing of shares.
	fn unlist_shares() -> Weight;
	/// Buys shares in a model that has `h` holders.
	fn buy_shares(h: u32) -> Weight;
	/// Publishes the terms of a model, in place of those that somebody else left behind.
	fn set_terms() -> Weight;
	/// Removes terms.
	fn clear_terms() -> Weight;
	/// Rents a model, or goes on renting it.
	fn rent() -> Weight;
	/// Collects rent, and removes the rental.
	fn collect() -> Weight;
	/// Ends a rental.
	fn end_rental() -> Weight;
	/// Looks up whether an account rents a model: for other pallets.
	fn is_tenant() -> Weight;
}

equal_weights! {
	Weight::from_parts(100_000_000, 16_384);
	list() unlist() buy() list_shares() unlist_shares() buy_shares(_h) set_terms() clear_terms()
	rent() collect() end_rental() is_tenant()
}
