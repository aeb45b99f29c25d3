//! What the calls, and earning points, weigh. The runtime has the measured figures.

use frame_support::weights::Weight;

/// The weights of the calls, and of what other pallets call.
pub trait WeightInfo {
	/// An account earns points; closes the season before if these are the first of a season.
	fn credit() -> Weight;
	/// Sets a conversion.
	fn set_conversion() -> Weight;
	/// Lists an account, or takes it off the list.
	fn set_listed() -> Weight;
	/// Adds to a pot.
	fn fund() -> Weight;
	/// Closes a season.
	fn close_season() -> Weight;
	/// Pays a reward.
	fn claim_reward() -> Weight;
	/// Sweeps `n` records away.
	fn sweep_season(n: u32) -> Weight;
}

macro_rules! alike {
	($($call:ident)*) => {
		/// For tests, in which every call, and every record that is swept away, weighs the same.
		impl WeightInfo for () {
			$(fn $call() -> Weight {
				ALIKE
			})*

			fn sweep_season(n: u32) -> Weight {
				ALIKE.saturating_mul(n.into())
			}
		}
	};
}

const ALIKE: Weight = Weight::from_parts(100_000_000, 4_096);

alike! { credit set_conversion set_listed fund close_season claim_reward }
