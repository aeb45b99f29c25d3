//! What the calls weigh, and what is done without one. The runtime has the figures.

use frame_support::weights::Weight;
use openledger_pallet_support::equal_weights;

/// The weights.
pub trait WeightInfo {
	/// Of [`register`](crate::Pallet::register).
	fn register() -> Weight;
	/// Of the end of a request that has a callback.
	fn ended() -> Weight;
	/// Of looking whether something is due that runs, and of looking at one that does not fit any more.
	fn look() -> Weight;
	/// Of a callback, without what the contract uses of its limit.
	fn run() -> Weight;
}

equal_weights! {
	Weight::from_parts(60_000_000, 16_384);
	register() ended() look() run()
}
