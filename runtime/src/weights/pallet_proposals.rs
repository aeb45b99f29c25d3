
//! Weights for `pallet_proposals`
//!
//! All of it is an estimate, by what alike calls of other pallets were measured to take: it is to be measured by
//! `scripts/benchmark.sh`.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_proposals`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_proposals::WeightInfo for WeightInfo<T> {
	/// Storage: `Proposals::NextId` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Proposals::Proposals` (r:0 w:1)
	fn propose() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4000))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	fn name_builder() -> Weight {
		Weight::from_parts(25_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn cancel() -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn accept() -> Weight {
		Weight::from_parts(55_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Proposals::Backers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Models::NextModelId` (r:1 w:0)
	fn back() -> Weight {
		Weight::from_parts(120_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Models::Versions` (r:1 w:0)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `Proposals::Delivered` (r:1 w:1)
	fn deliver() -> Weight {
		Weight::from_parts(50_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Proposals::Backers` (r:1 w:1)
	fn vote() -> Weight {
		Weight::from_parts(40_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Models::Versions` (r:1 w:0)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn resolve() -> Weight {
		Weight::from_parts(140_000_000, 0)
			.saturating_add(Weight::from_parts(0, 5206))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn expire() -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(0, 5206))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(4))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Proposals::Delivered` (r:0 w:1)
	fn give_up() -> Weight {
		Weight::from_parts(105_000_000, 0)
			.saturating_add(Weight::from_parts(0, 5206))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Proposals::Backers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn refund() -> Weight {
		Weight::from_parts(140_000_000, 0)
			.saturating_add(Weight::from_parts(0, 5206))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Storage: `Proposals::Proposals` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Proposals::Delivered` (r:0 w:1)
	fn close() -> Weight {
		Weight::from_parts(65_000_000, 0)
			.saturating_add(Weight::from_parts(0, 4175))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
