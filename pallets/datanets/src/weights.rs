//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;

/// The weights of the calls, and of what other pallets have done here. None depends on how many batches
/// there are, or how many rows they have.
pub trait WeightInfo {
	/// Creates a Datanet.
	fn create_datanet() -> Weight;
	/// Replaces a Datanet's metadata.
	fn update_metadata() -> Weight;
	/// Closes a Datanet.
	fn close_datanet() -> Weight;
	/// Adds a batch and opens its curation.
	fn add_curated_batch() -> Weight;
	/// Adds a batch that is accepted at once.
	fn add_vouched_batch() -> Weight;
	/// Withdraws a pending batch, without [`Config::AbandonWeight`](crate::Config::AbandonWeight).
	fn withdraw_pending() -> Weight;
	/// Withdraws an accepted batch.
	fn withdraw_accepted() -> Weight;
	/// Proposes rules.
	fn propose_rules() -> Weight;
	/// Takes proposed rules back.
	fn cancel_rules() -> Weight;
	/// Lists a contributor.
	fn list_contributor() -> Weight;
	/// Takes a contributor off the list.
	fn unlist_contributor() -> Weight;
	/// Offers a Datanet.
	fn offer_ownership() -> Weight;
	/// Takes an offer back.
	fn cancel_offer() -> Weight;
	/// Takes a Datanet over.
	fn accept_ownership() -> Weight;
	/// Reserves a batch.
	fn reserve() -> Weight;
	/// Gives a reservation up.
	fn cancel_reservation() -> Weight;
	/// Claims a reserved batch.
	fn claim_batch() -> Weight;
	/// Claims a batch's income.
	fn claim_income() -> Weight;
	/// Shortens a batch's way to the head of its cluster.
	fn compress() -> Weight;
	/// Bans a batch.
	fn ban_batch() -> Weight;
	/// Freezes a Datanet, or thaws it.
	fn set_frozen() -> Weight;
	/// For the pallet that judges: accepts a batch, without what points cost at most.
	fn decide_accepted() -> Weight;
	/// For the pallet that judges: removes a batch, without what a loss of reputation costs at most.
	fn decide_rejected() -> Weight;
	/// For the pallet that judges: joins two clusters.
	fn link() -> Weight;
	/// For the pallet that sells access: pays into a pool.
	fn pay_contributors() -> Weight;

	/// Adds a batch, curated or not.
	fn add_batch() -> Weight {
		Self::add_curated_batch().max(Self::add_vouched_batch())
	}
}

macro_rules! alike {
	($($call:ident)*) => {
		/// For tests, in which every call weighs the same.
		impl WeightInfo for () {
			$(fn $call() -> Weight {
				Weight::from_parts(100_000_000, 4_096)
			})*
		}
	};
}

alike! {
	create_datanet update_metadata close_datanet add_curated_batch add_vouched_batch withdraw_pending
	withdraw_accepted propose_rules cancel_rules list_contributor unlist_contributor offer_ownership
	cancel_offer accept_ownership reserve cancel_reservation claim_batch claim_income compress
	ban_batch set_frozen
	decide_accepted decide_rejected link pay_contributors
}
