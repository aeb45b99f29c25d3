//! Weights for `pallet_contribution_voting`, estimated: they are to be measured by `scripts/benchmark.sh`.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use frame_support::{traits::Get, weights::Weight};
use core::marker::PhantomData;

/// Weight functions for `pallet_contribution_voting`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_contribution_voting::WeightInfo for WeightInfo<T> {
	/// Estimate, to be measured: the ballots of the account, with as many as there may be, the poll and its place
	/// in the queue, the total; the poll's alarm.
	fn vote_new() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// Estimate, to be measured: the same.
	fn vote_existing() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// Estimate, to be measured: both accounts' records with as many ballots as there may be, the delegator's
	/// reputation; and of each running ballot the poll, its place in the queue, and its alarm.
	/// The range of component `r` is `[0, 100]`.
	fn delegate(r: u32, ) -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(Weight::from_parts(70_000_000, 30_000).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(r.into())))
	}
	/// Estimate, to be measured: the same.
	/// The range of component `r` is `[0, 100]`.
	fn undelegate(r: u32, ) -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(Weight::from_parts(70_000_000, 30_000).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(r.into())))
	}
	/// Estimate, to be measured: the ballots of the account, the poll and its place in the queue; the poll's alarm.
	fn remove_vote() -> Weight {
		Weight::from_parts(160_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Estimate, to be measured: the ballots of the account, the poll.
	fn remove_other_vote() -> Weight {
		Weight::from_parts(90_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	/// Estimate, to be measured: as for a vote.
	fn reweigh_vote() -> Weight {
		Weight::from_parts(180_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(6))
	}
	/// Estimate, to be measured: as for a delegation.
	/// The range of component `r` is `[0, 100]`.
	fn reweigh_delegation(r: u32, ) -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(Weight::from_parts(0, 60_000))
			.saturating_add(Weight::from_parts(70_000_000, 30_000).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(r.into())))
	}
}
