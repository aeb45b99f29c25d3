//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;

/// The weights of the calls.
pub trait WeightInfo {
	/// Registers a model built on `d` Datanets.
	fn register(d: u32) -> Weight;
	/// Adds a version built on `d` Datanets.
	fn new_version(d: u32) -> Weight;
	/// Removes a superseded version.
	fn remove_version() -> Weight;
	/// Pauses a model.
	fn pause() -> Weight;
	/// Resumes a model.
	fn resume() -> Weight;
	/// Sets a model's price.
	fn set_price() -> Weight;
	/// Offers a model to another account.
	fn transfer_ownership() -> Weight;
	/// Takes an offer back.
	fn cancel_transfer() -> Weight;
	/// Takes a model over.
	fn accept_ownership() -> Weight;
	/// Retires a model.
	fn retire() -> Weight;
}

macro_rules! alike {
	($($call:ident($($count:ident),*))*) => {
		/// For tests, in which every call weighs the same.
		impl WeightInfo for () {
			$(fn $call($($count: u32),*) -> Weight {
				Weight::from_parts(100_000_000, 4_096)
			})*
		}
	};
}

alike! {
	register(_d) new_version(_d) remove_version() pause() resume() set_price()
	transfer_ownership() cancel_transfer() accept_ownership() retire()
}
