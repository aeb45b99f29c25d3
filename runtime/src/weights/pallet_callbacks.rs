//! Weights for `pallet_callbacks`
//!
//! Not measured yet: an upper estimate, by the storage that each function reads and writes at its dearest, and
//! times of computation that are some twice those measured for holds, transfers and events in other pallets. To be
//! replaced by what `scripts/benchmark.sh pallet_callbacks` writes; then the weight of a contract's call, which is
//! added here from `pallet_revive`'s own figures, will be in the measured one.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};
use pallet_revive::WeightInfo as _;

/// Weight functions for `pallet_callbacks`.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_callbacks::WeightInfo for WeightInfo<T> {
	/// Reads: the request, the callback, the count, the tail, the fee multiplier, the payer's holds and
	/// account, the author and its account. Writes: the callback, the count, the payer's holds and account, the
	/// author's account.
	fn register() -> Weight {
		Weight::from_parts(250_000_000, 0)
			.saturating_add(Weight::from_parts(0, 32_768))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}
	/// Reads: the callback, the tail. Writes: both, and the queue's entry.
	fn ended() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(Weight::from_parts(0, 8_192))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}
	/// Reads: safe mode, the paused call, the tail, the head, the queue's entry.
	fn look() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(Weight::from_parts(0, 16_384))
			.saturating_add(T::DbWeight::get().reads(5))
	}
	/// Reads: the contract's account, the payer's holds and account, the caller's account and address, the
	/// count, the next head and entry. Writes: the entry, the head, the count, the payer's holds and account, the
	/// caller's account, made and removed, and its address. And a call of a contract that does nothing.
	fn run() -> Weight {
		Weight::from_parts(500_000_000, 0)
			.saturating_add(Weight::from_parts(0, 32_768))
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(9))
			.saturating_add(pallet_revive::weights::SubstrateWeight::<T>::call())
	}
}
