
//! Weights for `pallet_market`
//!
//! Estimated, by what was measured of calls that do the like in other pallets: to be measured by
//! `scripts/benchmark.sh`.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_market`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_market::WeightInfo for WeightInfo<T> {
	/// The model, the old listing and its seller's account and holds, and the signer's.
	fn list() -> Weight {
		Weight::from_parts(85_000_000, 18_900)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// The listing, the model, the seller's account and holds.
	fn unlist() -> Weight {
		Weight::from_parts(60_000_000, 10_800)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// The listing, the model, and the accounts and holds of both.
	fn buy() -> Weight {
		Weight::from_parts(175_000_000, 16_200)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// The listing, the holders, the account and its holds.
	fn list_shares() -> Weight {
		Weight::from_parts(75_000_000, 10_800)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// The listing, the holders, the seller's account and holds.
	fn unlist_shares() -> Weight {
		Weight::from_parts(60_000_000, 10_800)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// The listing, the accounts and the seller's holds; and what the registry takes to pass shares on (see
	/// `pallet_models`). The range of component `h` is `[1, 100]`.
	fn buy_shares(h: u32, ) -> Weight {
		<crate::weights::pallet_models::WeightInfo<T> as pallet_models::WeightInfo>::transfer_shares(h)
			.saturating_add(Weight::from_parts(120_000_000, 9_000))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// The model, the old terms and their maker's account and holds, and the signer's.
	fn set_terms() -> Weight {
		Weight::from_parts(85_000_000, 18_900)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// The terms, the model, their maker's account and holds.
	fn clear_terms() -> Weight {
		Weight::from_parts(60_000_000, 10_800)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// The terms, the model, the rental, the next id, the account and its holds, the issuance.
	fn rent() -> Weight {
		Weight::from_parts(120_000_000, 18_900)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// The rental, the model, the tenant's account and holds, the issuance.
	fn collect() -> Weight {
		Weight::from_parts(110_000_000, 13_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// The rental, the model, the tenant's account and holds, the issuance.
	fn end_rental() -> Weight {
		Weight::from_parts(110_000_000, 13_500)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// The rental.
	fn is_tenant() -> Weight {
		Weight::from_parts(8_000_000, 2_700)
			.saturating_add(T::DbWeight::get().reads(1))
	}
}
