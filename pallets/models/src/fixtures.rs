//! What tests register models with, also those of other pallets.

use frame_support::{dispatch::RawOrigin, pallet_prelude::DispatchResult};
use openledger_primitives::Balance;

use crate::{Config, Descent, Name, Pallet, SpecInputs, Terms};

/// Anybody may build on the model, at no royalty.
pub fn terms() -> Terms {
	Terms {
		licence: b"Apache-2.0".to_vec().try_into().unwrap_or_default(),
		royalty: 0,
		open: true,
	}
}

/// Registers a model that is built on no other.
pub fn register<T: Config>(
	owner: T::AccountId,
	name: Name,
	inputs: SpecInputs,
	price_per_unit: Balance,
) -> DispatchResult {
	let origin = RawOrigin::Signed(owner).into();
	Pallet::<T>::register(
		origin,
		name,
		inputs,
		price_per_unit,
		terms(),
		Descent::Base,
		0,
	)
}
