//! What the calls weigh. The runtime has the measured figures.

use frame_support::weights::Weight;

/// The weights of the calls.
pub trait WeightInfo {
	/// Registers a model built on `d` Datanets, with `a` ancestors.
	fn register(d: u32, a: u32) -> Weight;
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
	/// Retires a model with `a` ancestors and `h` holders of shares.
	fn retire(a: u32, h: u32) -> Weight;
	/// Sets a model's terms.
	fn set_terms() -> Weight;
	/// Lets an account build on a model.
	fn admit() -> Weight;
	/// Takes an account from the list of those that may.
	fn dismiss() -> Weight;
	/// Deprecates a model.
	fn deprecate() -> Weight;
	/// Names a version's trainer.
	fn name_trainer() -> Weight;
	/// Attests a training.
	fn attest() -> Weight;
	/// Divides a model among `h` holders of shares.
	fn divide(h: u32) -> Weight;
	/// Passes shares in a model on that has `h` holders, with what the revenue's distribution takes.
	fn transfer_shares(h: u32) -> Weight;
	/// Distributes a model's revenue among `h` holders, with what crediting them takes.
	fn distribute(h: u32) -> Weight;
	/// Ends the shares in a model, with what the distribution to its one holder takes.
	fn reunite() -> Weight;
	/// Sets whom a model answers.
	fn set_audience() -> Weight;
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
	register(_d, _a) new_version(_d) remove_version() pause() resume() set_price()
	transfer_ownership() cancel_transfer() accept_ownership() retire(_a, _h) set_terms()
	admit() dismiss() deprecate() name_trainer() attest() divide(_h) transfer_shares(_h) distribute(_h)
	reunite() set_audience()
}
