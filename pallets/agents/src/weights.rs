//! The weights of the calls.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// What the calls cost.
pub trait WeightInfo {
	/// Of [`register`](crate::Pallet::register) with `m` models.
	fn register(m: u32) -> Weight;
	/// Of [`set_models`](crate::Pallet::set_models) with `m` models, old and new ones together.
	fn set_models(m: u32) -> Weight;
	/// Of [`bond_more`](crate::Pallet::bond_more).
	fn bond_more() -> Weight;
	/// Of [`set_operator_key`](crate::Pallet::set_operator_key).
	fn set_operator_key() -> Weight;
	/// Of [`deregister`](crate::Pallet::deregister) with `m` models.
	fn deregister(m: u32) -> Weight;
	/// Of [`withdraw_unbonded`](crate::Pallet::withdraw_unbonded).
	fn withdraw_unbonded() -> Weight;
}

/// Conservative estimates from what the calls read and write, until they are benchmarked.
pub struct SubstrateWeight<T>(PhantomData<T>);

fn base() -> Weight {
	Weight::from_parts(60_000_000, 16_384)
}

fn per_model() -> Weight {
	Weight::from_parts(15_000_000, 8_192)
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	// Agent, key, account, holds; per model its version and its list.
	fn register(m: u32) -> Weight {
		base()
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
			.saturating_add(per_model().saturating_mul(m.into()))
			.saturating_add(
				T::DbWeight::get()
					.reads_writes(2, 1)
					.saturating_mul(m.into()),
			)
	}

	// Agent; per model its version and its list.
	fn set_models(m: u32) -> Weight {
		base()
			.saturating_add(T::DbWeight::get().reads_writes(1, 1))
			.saturating_add(per_model().saturating_mul(m.into()))
			.saturating_add(
				T::DbWeight::get()
					.reads_writes(2, 1)
					.saturating_mul(m.into()),
			)
	}

	// Agent, account, holds.
	fn bond_more() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}

	// Agent, old and new key.
	fn set_operator_key() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(3, 3))
	}

	// Agent; per model its list.
	fn deregister(m: u32) -> Weight {
		base()
			.saturating_add(T::DbWeight::get().reads_writes(1, 1))
			.saturating_add(per_model().saturating_mul(m.into()))
			.saturating_add(
				T::DbWeight::get()
					.reads_writes(1, 1)
					.saturating_mul(m.into()),
			)
	}

	// Agent, key, account, holds.
	fn withdraw_unbonded() -> Weight {
		base().saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
}

impl WeightInfo for () {
	fn register(_: u32) -> Weight {
		base()
	}
	fn set_models(_: u32) -> Weight {
		base()
	}
	fn bond_more() -> Weight {
		base()
	}
	fn set_operator_key() -> Weight {
		base()
	}
	fn deregister(_: u32) -> Weight {
		base()
	}
	fn withdraw_unbonded() -> Weight {
		base()
	}
}
