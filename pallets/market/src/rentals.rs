//! Letting models: terms, rent, and how it is earned.

use frame_support::{
	defensive, ensure,
	traits::{fungible::BalancedHold as _, Get},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	model::Audience,
	split::part_of,
	traits::{ModelOwnership, Rent, Settlement, Standing, Tenancies},
	Balance, ModelId,
};
use sp_runtime::{
	traits::{CheckedAdd, CheckedMul, CheckedSub, SaturatedConversion, Saturating},
	DispatchError, DispatchResult,
};

use crate::{
	pallet::{
		Config, Error, Event, HoldReason, NextRental, Pallet, RentalOf, Rentals, Terms, TermsOf,
	},
	types::{LettingTerms, Rental},
};

/// What becomes of a rental's rent at some time.
pub(crate) struct Account {
	/// What the model and its data have earned by then.
	pub(crate) earned: Balance,
	/// What is left.
	pub(crate) left: Balance,
}

impl<T: Config> Pallet<T> {
	/// Terms at which a model can be rented now.
	pub(crate) fn live_terms(model: ModelId) -> Result<TermsOf<T>, DispatchError> {
		let terms = Terms::<T>::get(model).ok_or(Error::<T>::NotToLet)?;
		let standing = T::Models::standing(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(standing.owner == terms.owner, Error::<T>::Lapsed);
		ensure!(
			standing.audience == Audience::Tenants,
			Error::<T>::OpenToEveryone
		);
		ensure!(standing.paused_since.is_none(), Error::<T>::Paused);
		Ok(terms)
	}

	pub(crate) fn price_of(terms: &TermsOf<T>, days: u32) -> Result<Balance, DispatchError> {
		ensure!(days > 0, Error::<T>::NoDays);
		ensure!(days <= terms.max_days, Error::<T>::TermTooLong);
		terms
			.price_per_day
			.checked_mul(days.into())
			.ok_or(Error::<T>::AmountOverflow.into())
	}

	fn blocks(days: u32) -> Result<BlockNumberFor<T>, DispatchError> {
		T::BlocksPerDay::get()
			.checked_mul(&days.into())
			.ok_or(Error::<T>::AmountOverflow.into())
	}

	fn drop_terms(model: ModelId, terms: &TermsOf<T>) -> DispatchResult {
		Self::release(HoldReason::Record, &terms.owner, terms.deposit)?;
		Terms::<T>::remove(model);
		Ok(())
	}

	pub(crate) fn do_set_terms(
		who: T::AccountId,
		model: ModelId,
		price_per_day: Balance,
		max_days: u32,
	) -> DispatchResult {
		Self::owned(&who, model)?;
		ensure!(price_per_day > 0, Error::<T>::NoPrice);
		ensure!(max_days > 0, Error::<T>::NoDays);
		ensure!(max_days <= T::MaxDays::get(), Error::<T>::TermTooLong);
		price_per_day
			.checked_mul(max_days.into())
			.ok_or(Error::<T>::AmountOverflow)?;
		if let Some(old) = Terms::<T>::get(model) {
			Self::drop_terms(model, &old)?;
		}
		let deposit = T::ListingDeposit::get();
		Self::hold(HoldReason::Record, &who, deposit)?;

		let terms = LettingTerms {
			owner: who.clone(),
			price_per_day,
			max_days,
			deposit,
		};
		Terms::<T>::insert(model, terms);
		Self::deposit_event(Event::TermsSet {
			model,
			owner: who,
			price_per_day,
			max_days,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_clear_terms(who: T::AccountId, model: ModelId) -> DispatchResult {
		let terms = Terms::<T>::get(model).ok_or(Error::<T>::NotToLet)?;
		let stands =
			|| T::Models::standing(model).is_some_and(|standing| standing.owner == terms.owner);
		ensure!(terms.owner == who || !stands(), Error::<T>::NotOwner);
		Self::drop_terms(model, &terms)?;
		Self::deposit_event(Event::TermsCleared {
			model,
			owner: terms.owner,
		});
		Ok(())
	}

	/// The block up to which a rental's rent is earned by now: none beyond its term, none while the model is
	/// paused, and none any more of a model that is gone.
	fn earned_until(
		rental: &RentalOf<T>,
		standing: Option<&Standing<T::AccountId, BlockNumberFor<T>>>,
	) -> BlockNumberFor<T> {
		let end = match standing {
			None => rental.since,
			Some(standing) => standing.paused_since.unwrap_or_else(Self::now),
		};
		end.min(Self::now()).min(rental.until).max(rental.since)
	}

	/// What a rental's rent is up to a block within what is left of its term. What is earned is rounded down, so
	/// that the last unit is earned with the last block.
	fn account(rental: &RentalOf<T>, end: BlockNumberFor<T>) -> Result<Account, DispatchError> {
		let overflow = Error::<T>::AmountOverflow;
		let passed = end.checked_sub(&rental.since).ok_or(overflow)?;
		let whole = rental
			.until
			.checked_sub(&rental.since)
			.ok_or(Error::<T>::AmountOverflow)?;
		let (passed, whole) = (passed.saturated_into(), whole.saturated_into());
		let earned = if passed == whole {
			rental.rent
		} else {
			part_of(rental.rent, passed, whole).ok_or(Error::<T>::AmountOverflow)?
		};
		let left = rental
			.rent
			.checked_sub(earned)
			.ok_or(Error::<T>::AmountOverflow)?;
		Ok(Account { earned, left })
	}

	/// What a rental's rent is by now.
	pub(crate) fn account_now(
		model: ModelId,
		rental: &RentalOf<T>,
	) -> Result<Account, DispatchError> {
		let standing = T::Models::standing(model);
		Self::account(rental, Self::earned_until(rental, standing.as_ref()))
	}

	/// Divides what a rental's rent has earned by now, which it is earned up to from then on. Returns how much
	/// it was, and what that weighed.
	fn settle(
		model: ModelId,
		tenant: &T::AccountId,
		rental: &mut RentalOf<T>,
		standing: Option<&Standing<T::AccountId, BlockNumberFor<T>>>,
	) -> Result<(Balance, Weight), DispatchError> {
		let end = Self::earned_until(rental, standing);
		let Account { earned, left } = Self::account(rental, end)?;
		rental.since = end;
		rental.rent = left;
		if earned == 0 {
			return Ok((0, Weight::zero()));
		}
		let (rent, missing) = T::Currency::slash(&HoldReason::Rent.into(), tenant, earned);
		if missing > 0 {
			defensive!("the rent of a rental is held");
		}
		let weight = T::Settlement::settle_rent(
			Rent {
				rental: rental.id,
				tenant,
				model,
				version: rental.version,
			},
			rent,
		);
		Ok((earned, weight))
	}

	/// Removes a rental, and gives the tenant back what is held for it.
	fn drop_rental(model: ModelId, tenant: &T::AccountId, rental: &RentalOf<T>) -> DispatchResult {
		Self::release(HoldReason::Rent, tenant, rental.rent)?;
		Self::release(HoldReason::Record, tenant, rental.deposit)?;
		Rentals::<T>::remove(model, tenant);
		Ok(())
	}

	/// A rental that begins now.
	fn begin(tenant: &T::AccountId) -> Result<RentalOf<T>, DispatchError> {
		let id = NextRental::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = T::RentalDeposit::get();
		Self::hold(HoldReason::Record, tenant, deposit)?;
		NextRental::<T>::put(next);
		Ok(Rental {
			id,
			version: 0,
			rent: 0,
			since: Self::now(),
			until: Self::now(),
			deposit,
		})
	}

	/// Returns what dividing the rent of a term before weighed.
	pub(crate) fn do_rent(
		who: T::AccountId,
		model: ModelId,
		days: u32,
		max_price: Balance,
	) -> Result<Weight, DispatchError> {
		let terms = Self::live_terms(model)?;
		let price = Self::price_of(&terms, days)?;
		ensure!(price <= max_price, Error::<T>::PriceTooHigh);
		let standing = T::Models::standing(model).ok_or(Error::<T>::UnknownModel)?;
		let (mut rental, weight) = match Rentals::<T>::get(model, &who) {
			Some(mut rental) => {
				let (_, weight) = Self::settle(model, &who, &mut rental, Some(&standing))?;
				(rental, weight)
			}
			None => (Self::begin(&who)?, Weight::zero()),
		};
		// One that is over goes on from now, with nothing left of it.
		let now = Self::now();
		let until = rental
			.until
			.max(now)
			.checked_add(&Self::blocks(days)?)
			.ok_or(Error::<T>::AmountOverflow)?;
		let longest = now.saturating_add(Self::blocks(terms.max_days)?);
		ensure!(until <= longest, Error::<T>::TermTooLong);
		Self::hold(HoldReason::Rent, &who, price)?;
		rental.rent = rental
			.rent
			.checked_add(price)
			.ok_or(Error::<T>::AmountOverflow)?;
		rental.version = standing.version;
		rental.since = now;
		rental.until = until;

		Rentals::<T>::insert(model, &who, &rental);
		Self::deposit_event(Event::Rented {
			rental: rental.id,
			model,
			tenant: who,
			price,
			until,
			deposit: rental.deposit,
		});
		Ok(weight)
	}

	/// Returns what dividing the rent weighed.
	pub(crate) fn do_collect(
		model: ModelId,
		tenant: T::AccountId,
	) -> Result<Weight, DispatchError> {
		let mut rental = Rentals::<T>::get(model, &tenant).ok_or(Error::<T>::UnknownRental)?;
		let standing = T::Models::standing(model);
		let (amount, weight) = Self::settle(model, &tenant, &mut rental, standing.as_ref())?;
		let id = rental.id;
		// Also of a model that is gone nothing can be earned any more.
		let is_over = Self::now() >= rental.until || standing.is_none();
		ensure!(amount > 0 || is_over, Error::<T>::NothingToCollect);
		if amount > 0 {
			Self::deposit_event(Event::RentCollected {
				rental: id,
				model,
				tenant: tenant.clone(),
				amount,
			});
		}
		if is_over {
			Self::drop_rental(model, &tenant, &rental)?;
			Self::deposit_event(Event::RentalEnded {
				rental: id,
				model,
				tenant,
				refunded: rental.rent,
			});
		} else {
			Rentals::<T>::insert(model, &tenant, rental);
		}
		Ok(weight)
	}

	/// Returns what dividing the rent weighed.
	pub(crate) fn do_end_rental(
		tenant: T::AccountId,
		model: ModelId,
	) -> Result<Weight, DispatchError> {
		let mut rental = Rentals::<T>::get(model, &tenant).ok_or(Error::<T>::UnknownRental)?;
		let standing = T::Models::standing(model);
		let is_served = standing.as_ref().is_some_and(|standing| {
			standing.paused_since.is_none() && standing.audience == Audience::Tenants
		});
		ensure!(!is_served, Error::<T>::StillServed);
		let (amount, weight) = Self::settle(model, &tenant, &mut rental, standing.as_ref())?;
		let id = rental.id;
		Self::drop_rental(model, &tenant, &rental)?;
		if amount > 0 {
			Self::deposit_event(Event::RentCollected {
				rental: id,
				model,
				tenant: tenant.clone(),
				amount,
			});
		}
		Self::deposit_event(Event::RentalEnded {
			rental: id,
			model,
			tenant,
			refunded: rental.rent,
		});
		Ok(weight)
	}
}

impl<T: Config> Tenancies<T::AccountId> for Pallet<T> {
	fn is_tenant(model: ModelId, who: &T::AccountId) -> bool {
		Rentals::<T>::get(model, who).is_some_and(|rental| Self::now() < rental.until)
	}
}
