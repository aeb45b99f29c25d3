//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;

/// The weights of the calls.
pub trait WeightInfo {
	/// Asks for access.
	fn request_access() -> Weight;
	/// Approves a request: pays treasury, owner and contributors, and may replace a grant.
	fn approve() -> Weight;
	/// Refuses a request.
	fn refuse() -> Weight;
	/// Cancels a request.
	fn cancel_request() -> Weight;
	/// Hands a wrapped key over.
	fn hand_over_key() -> Weight;
	/// Revokes a grant.
	fn revoke() -> Weight;
	/// Removes a grant that is over.
	fn end_grant() -> Weight;
	/// Appoints stewards.
	fn set_stewards() -> Weight;
	/// Dismisses stewards.
	fn dismiss_stewards() -> Weight;
	/// Looks up whether an account may read: for other pallets.
	fn may() -> Weight;
}

macro_rules! alike {
	($($call:ident)*) => {
		/// For tests, in which every call weighs the same.
		impl WeightInfo for () {
			$(fn $call() -> Weight {
				Weight::from_parts(60_000_000, 16_384)
			})*
		}
	};
}

alike! {
	request_access approve refuse cancel_request hand_over_key revoke end_grant set_stewards
	dismiss_stewards may
}
