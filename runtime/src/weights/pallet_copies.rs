
//! Weights for `pallet_copies`, estimated: they are to be measured by `scripts/benchmark.sh`.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_copies`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_copies::WeightInfo for WeightInfo<T> {
	/// Estimate, to be measured: the model and its version, the rules.
	fn set_rules() -> Weight {
		Weight::from_parts(25_000_000, 0)
			.saturating_add(Weight::from_parts(0, 8_000))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Estimate, to be measured: the rules, a claim and its pair, the hold, two models with a version and a naming
	/// each, the ancestors; and what a request takes, with the longest input.
	fn claim() -> Weight {
		Weight::from_parts(700_000_000, 0)
			.saturating_add(Weight::from_parts(0, 280_000))
			.saturating_add(T::DbWeight::get().reads(95))
			.saturating_add(T::DbWeight::get().writes(10))
	}
	/// Estimate, to be measured: the claim and its pair, the request and its receipt, the hold, the treasury.
	fn decide() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(Weight::from_parts(0, 40_000))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Estimate, to be measured: the claim and its pair, the hold, two models and seven ancestors, of which six are
	/// written.
	fn enforce() -> Weight {
		Weight::from_parts(200_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(18))
			.saturating_add(T::DbWeight::get().writes(11))
	}
	/// Estimate, to be measured: the claim and its pair, the hold.
	fn dismiss() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(0, 8_000))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Estimate, to be measured: the claim and its pair, the hold.
	fn withdraw() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(0, 8_000))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
