//! Weights of the hook, and of the functions that other pallets call. The runtime has the measured
//! figures.

use frame_support::weights::Weight;

/// Weights of the hook and of the functions that other pallets call.
pub trait WeightInfo {
	/// Finding out whether there is something to remove: constant, each block.
	fn sweep_base() -> Weight;
	/// Looking at one account, and removing it.
	fn sweep_account() -> Weight;
	/// One account earning points.
	fn earned() -> Weight;
	/// One account losing a part of its points.
	fn forfeit() -> Weight;
	/// Reading one account's power, or the total.
	fn power() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn sweep_base() -> Weight {
		Weight::from_parts(5_000_000, 5_000)
	}

	fn sweep_account() -> Weight {
		Weight::from_parts(25_000_000, 5_000)
	}

	fn earned() -> Weight {
		Weight::from_parts(40_000_000, 5_000)
	}

	fn forfeit() -> Weight {
		Weight::from_parts(60_000_000, 5_000)
	}

	fn power() -> Weight {
		Weight::from_parts(15_000_000, 5_000)
	}
}
