//! Selling models and shares.

use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{traits::ModelOwnership, Balance, ModelId};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	pallet::{Config, Error, Event, HoldReason, ListingOf, Listings, Pallet, ShareListings},
	types::{Listing, ShareListing},
};

impl<T: Config> Pallet<T> {
	/// Whether something that ends with block `until` can still be bought.
	fn is_open(until: Option<BlockNumberFor<T>>) -> bool {
		until.is_none_or(|until| Self::now() < until)
	}

	fn ensure_ahead(until: Option<BlockNumberFor<T>>) -> DispatchResult {
		ensure!(Self::is_open(until), Error::<T>::ExpiresAtOnce);
		Ok(())
	}

	/// A listing, if the model can be bought by it.
	pub(crate) fn live_listing(model: ModelId) -> Result<ListingOf<T>, DispatchError> {
		let listing = Listings::<T>::get(model).ok_or(Error::<T>::NotListed)?;
		let standing = T::Models::standing(model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(standing.owner == listing.seller, Error::<T>::Lapsed);
		ensure!(Self::is_open(listing.until), Error::<T>::Expired);
		ensure!(!standing.deprecated, Error::<T>::Deprecated);
		Ok(listing)
	}

	/// Shares of somebody that are for sale: no more than the seller has by now.
	pub(crate) fn live_shares(
		model: ModelId,
		seller: &T::AccountId,
	) -> Result<ShareListing<BlockNumberFor<T>>, DispatchError> {
		let mut listing =
			ShareListings::<T>::get(model, seller).ok_or(Error::<T>::SharesNotListed)?;
		ensure!(Self::is_open(listing.until), Error::<T>::Expired);
		listing.amount = listing.amount.min(T::Models::shares(model, seller));
		ensure!(listing.amount > 0, Error::<T>::Lapsed);
		Ok(listing)
	}

	fn drop_listing(model: ModelId, listing: &ListingOf<T>) -> DispatchResult {
		Self::release(HoldReason::Record, &listing.seller, listing.deposit)?;
		Listings::<T>::remove(model);
		Ok(())
	}

	pub(crate) fn do_list(
		who: T::AccountId,
		model: ModelId,
		price: Balance,
		buyer: Option<T::AccountId>,
		until: Option<BlockNumberFor<T>>,
	) -> DispatchResult {
		let standing = Self::owned(&who, model)?;
		ensure!(!standing.deprecated, Error::<T>::Deprecated);
		ensure!(price > 0, Error::<T>::NoPrice);
		ensure!(buyer.as_ref() != Some(&who), Error::<T>::OwnListing);
		Self::ensure_ahead(until)?;
		if let Some(old) = Listings::<T>::get(model) {
			Self::drop_listing(model, &old)?;
		}
		let deposit = T::ListingDeposit::get();
		Self::hold(HoldReason::Record, &who, deposit)?;

		let listing = Listing {
			seller: who.clone(),
			price,
			buyer: buyer.clone(),
			until,
			deposit,
		};
		Listings::<T>::insert(model, listing);
		Self::deposit_event(Event::ModelListed {
			model,
			seller: who,
			price,
			buyer,
			until,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_unlist(who: T::AccountId, model: ModelId) -> DispatchResult {
		let listing = Listings::<T>::get(model).ok_or(Error::<T>::NotListed)?;
		let stands = || {
			Self::is_open(listing.until)
				&& T::Models::standing(model)
					.is_some_and(|standing| standing.owner == listing.seller)
		};
		ensure!(listing.seller == who || !stands(), Error::<T>::NotSeller);
		Self::drop_listing(model, &listing)?;
		Self::deposit_event(Event::ModelUnlisted {
			model,
			seller: listing.seller,
		});
		Ok(())
	}

	pub(crate) fn do_buy(
		who: T::AccountId,
		model: ModelId,
		max_price: Balance,
		max_deposit: Balance,
		divided: bool,
	) -> DispatchResult {
		let listing = Self::live_listing(model)?;
		let Listing {
			seller,
			price,
			buyer,
			..
		} = listing.clone();
		ensure!(seller != who, Error::<T>::OwnListing);
		ensure!(
			buyer.is_none_or(|buyer| buyer == who),
			Error::<T>::NotForSigner
		);
		ensure!(price <= max_price, Error::<T>::PriceTooHigh);
		Self::pay(&who, &seller, price)?;
		T::Models::pass(model, &seller, &who, max_deposit, divided)?;
		Self::drop_listing(model, &listing)?;
		Self::deposit_event(Event::ModelSold {
			model,
			seller,
			buyer: who,
			price,
		});
		Ok(())
	}

	pub(crate) fn do_list_shares(
		who: T::AccountId,
		model: ModelId,
		amount: u32,
		price: Balance,
		until: Option<BlockNumberFor<T>>,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::NoShares);
		ensure!(
			amount <= T::Models::shares(model, &who),
			Error::<T>::NotEnoughShares
		);
		ensure!(price > 0, Error::<T>::NoPrice);
		Self::ensure_ahead(until)?;
		if let Some(old) = ShareListings::<T>::get(model, &who) {
			Self::release(HoldReason::Record, &who, old.deposit)?;
		}
		let deposit = T::ListingDeposit::get();
		Self::hold(HoldReason::Record, &who, deposit)?;

		let listing = ShareListing {
			amount,
			price,
			until,
			deposit,
		};
		ShareListings::<T>::insert(model, &who, listing);
		Self::deposit_event(Event::SharesListed {
			model,
			seller: who,
			amount,
			price,
			until,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_unlist_shares(
		who: T::AccountId,
		model: ModelId,
		seller: T::AccountId,
	) -> DispatchResult {
		let listing = ShareListings::<T>::get(model, &seller).ok_or(Error::<T>::SharesNotListed)?;
		ensure!(
			seller == who || Self::live_shares(model, &seller).is_err(),
			Error::<T>::NotSeller
		);
		Self::release(HoldReason::Record, &seller, listing.deposit)?;
		ShareListings::<T>::remove(model, &seller);
		Self::deposit_event(Event::SharesUnlisted { model, seller });
		Ok(())
	}

	/// Returns how many holders of shares the model had.
	pub(crate) fn do_buy_shares(
		who: T::AccountId,
		model: ModelId,
		seller: T::AccountId,
		amount: u32,
		max_price: Balance,
	) -> Result<u32, DispatchError> {
		let mut listing = Self::live_shares(model, &seller)?;
		ensure!(seller != who, Error::<T>::OwnListing);
		ensure!(amount > 0, Error::<T>::NoShares);
		ensure!(listing.price <= max_price, Error::<T>::PriceTooHigh);
		listing.amount = listing
			.amount
			.checked_sub(amount)
			.ok_or(Error::<T>::NotEnoughShares)?;
		let price = listing
			.price
			.checked_mul(amount.into())
			.ok_or(Error::<T>::AmountOverflow)?;
		let holders = T::Models::pass_shares(model, &seller, &who, amount)?;
		Self::pay(&who, &seller, price)?;
		if listing.amount == 0 {
			Self::release(HoldReason::Record, &seller, listing.deposit)?;
			ShareListings::<T>::remove(model, &seller);
		} else {
			ShareListings::<T>::insert(model, &seller, listing);
		}
		Self::deposit_event(Event::SharesSold {
			model,
			seller,
			buyer: who,
			amount,
			price,
		});
		Ok(holders)
	}
}
