//! What view functions return.

use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::ModelId;

use crate::{
	pallet::{Config, Pallet, RentalOf, Rentals, ShareListings},
	types::{ShareListing, MAX_PAGE},
};

/// A view's limit as a number of entries.
fn entries(limit: u32) -> usize {
	usize::try_from(limit.min(MAX_PAGE)).unwrap_or(0)
}

impl<T: Config> Pallet<T> {
	/// A page of the shares in a model that can be bought now.
	pub(crate) fn page_of_shares(
		model: ModelId,
		after: Option<T::AccountId>,
		limit: u32,
	) -> Vec<(T::AccountId, ShareListing<BlockNumberFor<T>>)> {
		let sellers = match after {
			Some(after) => ShareListings::<T>::iter_key_prefix_from(
				model,
				ShareListings::<T>::hashed_key_for(model, after),
			),
			None => ShareListings::<T>::iter_key_prefix(model),
		};
		sellers
			.take(entries(limit))
			.filter_map(|seller| {
				let listing = Self::live_shares(model, &seller).ok()?;
				Some((seller, listing))
			})
			.collect()
	}

	/// A page of a model's rentals.
	pub(crate) fn page_of_rentals(
		model: ModelId,
		after: Option<T::AccountId>,
		limit: u32,
	) -> Vec<(T::AccountId, RentalOf<T>)> {
		let rentals = match after {
			Some(after) => {
				Rentals::<T>::iter_prefix_from(model, Rentals::<T>::hashed_key_for(model, after))
			}
			None => Rentals::<T>::iter_prefix(model),
		};
		rentals.take(entries(limit)).collect()
	}
}
