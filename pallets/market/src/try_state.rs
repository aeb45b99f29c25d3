//! The invariants, checked.

use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use openledger_pallet_support::holds::{add, check, Sums};
use openledger_primitives::Balance;
use sp_runtime::TryRuntimeError;

use crate::pallet::{
	Config, HoldReason, Listings, NextRental, Pallet, Rentals, ShareListings, Terms,
};

impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut records = Sums::<T::AccountId, Balance>::new();
		for listing in Listings::<T>::iter_values() {
			ensure!(listing.price > 0, "3: a model for nothing");
			ensure!(
				listing.buyer.as_ref() != Some(&listing.seller),
				"3: a model for its seller alone"
			);
			add(&mut records, &listing.seller, listing.deposit)?;
		}
		for (_, seller, listing) in ShareListings::<T>::iter() {
			ensure!(listing.price > 0, "3: shares for nothing");
			ensure!(listing.amount > 0, "3: no shares for sale");
			add(&mut records, &seller, listing.deposit)?;
		}
		for terms in Terms::<T>::iter_values() {
			ensure!(terms.price_per_day > 0, "4: a day for nothing");
			ensure!(
				(1..=T::MaxDays::get()).contains(&terms.max_days),
				"4: a longest term out of bounds"
			);
			add(&mut records, &terms.owner, terms.deposit)?;
		}
		let rents = Self::check_rentals(&mut records)?;
		check::<T, T::Currency>(
			HoldReason::Record,
			records,
			"1: the deposits are not what is held",
		)?;
		check::<T, T::Currency>(HoldReason::Rent, rents, "2: the rent is not what is held")
	}

	/// Adds the rentals' deposits to those for other records. Returns the rents.
	fn check_rentals(
		records: &mut Sums<T::AccountId, Balance>,
	) -> Result<Sums<T::AccountId, Balance>, TryRuntimeError> {
		let mut rents = Sums::<T::AccountId, Balance>::new();
		let mut ids = BTreeSet::new();
		let now = Self::now();
		for (_, tenant, rental) in Rentals::<T>::iter() {
			ensure!(
				rental.id < NextRental::<T>::get(),
				"5: a rental with an id not given out"
			);
			ensure!(ids.insert(rental.id), "5: two rentals with one id");
			ensure!(
				rental.since <= now && rental.since < rental.until,
				"6: a rental without a term"
			);
			ensure!(rental.rent > 0, "6: a term without rent");
			add(records, &tenant, rental.deposit)?;
			add(&mut rents, &tenant, rental.rent)?;
		}
		Ok(rents)
	}
}
