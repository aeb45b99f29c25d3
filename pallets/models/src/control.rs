//! What the owner decides on a model that is there, and passing it on.

use frame_support::ensure;
use openledger_primitives::{model::Audience, Balance, ModelId};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	checks::ModelOf,
	types::{Builder, Deprecation},
	Builders, Config, Error, Event, Models, Pallet,
};

impl<T: Config> Pallet<T> {
	/// Changes nothing but the model's record, as its owner wishes, and tells what was changed.
	fn change(
		who: &T::AccountId,
		id: ModelId,
		change: impl FnOnce(&mut ModelOf<T>) -> Result<Event<T>, DispatchError>,
	) -> DispatchResult {
		let mut model = Self::owned(who, id)?;
		let event = change(&mut model)?;
		Models::<T>::insert(id, model);
		Self::deposit_event(event);
		Ok(())
	}

	pub(crate) fn do_pause(who: T::AccountId, id: ModelId) -> DispatchResult {
		Self::change(&who, id, |model| {
			ensure!(model.paused_since.is_none(), Error::<T>::AlreadyPaused);
			model.paused_since = Some(frame_system::Pallet::<T>::block_number());
			Ok(Event::ModelPaused { model: id })
		})
	}

	pub(crate) fn do_resume(who: T::AccountId, id: ModelId) -> DispatchResult {
		Self::change(&who, id, |model| {
			ensure!(model.paused_since.is_some(), Error::<T>::NotPaused);
			model.paused_since = None;
			Ok(Event::ModelResumed { model: id })
		})
	}

	pub(crate) fn do_set_price(
		who: T::AccountId,
		id: ModelId,
		price_per_unit: Balance,
	) -> DispatchResult {
		Self::change(&who, id, |model| {
			Self::ensure_price(price_per_unit)?;
			model.price_per_unit = price_per_unit;
			Ok(Event::PriceSet {
				model: id,
				price_per_unit,
			})
		})
	}

	pub(crate) fn do_set_audience(
		who: T::AccountId,
		id: ModelId,
		audience: Audience,
	) -> DispatchResult {
		Self::change(&who, id, |model| {
			model.audience = audience;
			Ok(Event::AudienceSet {
				model: id,
				audience,
			})
		})
	}

	pub(crate) fn do_set_terms(
		who: T::AccountId,
		id: ModelId,
		royalty: u32,
		open: bool,
	) -> DispatchResult {
		Self::change(&who, id, |model| {
			Self::ensure_royalty(royalty)?;
			model.terms.royalty = royalty;
			model.terms.open = open;
			Ok(Event::TermsSet {
				model: id,
				royalty,
				open,
			})
		})
	}

	pub(crate) fn do_admit(
		who: T::AccountId,
		id: ModelId,
		builder: T::AccountId,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		let mut builders = Builders::<T>::get(id);
		ensure!(
			builders.iter().all(|entry| entry.who != builder),
			Error::<T>::AlreadyAdmitted
		);
		let deposit = Self::deposit_for_bytes::<Builder<T::AccountId>>()?;
		builders
			.try_push(Builder {
				who: builder.clone(),
				deposit,
			})
			.map_err(|_| Error::<T>::TooManyBuilders)?;
		Self::hold_for(&mut model, deposit)?;

		Builders::<T>::insert(id, builders);
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::BuilderAdmitted { model: id, builder });
		Ok(())
	}

	pub(crate) fn do_dismiss(
		who: T::AccountId,
		id: ModelId,
		builder: T::AccountId,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		let mut builders = Builders::<T>::get(id);
		let place = builders
			.iter()
			.position(|entry| entry.who == builder)
			.ok_or(Error::<T>::NotAdmitted)?;
		let entry = builders.swap_remove(place);
		Self::release_for(&mut model, entry.deposit)?;

		if builders.is_empty() {
			Builders::<T>::remove(id);
		} else {
			Builders::<T>::insert(id, builders);
		}
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::BuilderDismissed { model: id, builder });
		Ok(())
	}

	pub(crate) fn do_deprecate(
		who: T::AccountId,
		id: ModelId,
		successor: Option<ModelId>,
	) -> DispatchResult {
		Self::change(&who, id, |model| {
			if let Some(successor) = successor {
				ensure!(successor != id, Error::<T>::OwnSuccessor);
				Self::known(successor)?;
			}
			let since = match &model.deprecated {
				Some(deprecation) => deprecation.since,
				None => frame_system::Pallet::<T>::block_number(),
			};
			model.deprecated = Some(Deprecation { since, successor });
			Ok(Event::ModelDeprecated {
				model: id,
				successor,
			})
		})
	}

	pub(crate) fn do_transfer_ownership(
		who: T::AccountId,
		id: ModelId,
		to: T::AccountId,
	) -> DispatchResult {
		Self::change(&who, id, |model| {
			ensure!(to != who, Error::<T>::AlreadyOwner);
			model.offered_to = Some(to.clone());
			Ok(Event::OwnershipOffered { model: id, to })
		})
	}

	pub(crate) fn do_cancel_transfer(who: T::AccountId, id: ModelId) -> DispatchResult {
		Self::change(&who, id, |model| {
			ensure!(model.offered_to.is_some(), Error::<T>::NoOffer);
			model.offered_to = None;
			Ok(Event::OfferCancelled { model: id })
		})
	}

	pub(crate) fn do_accept_ownership(
		who: T::AccountId,
		id: ModelId,
		max_deposit: Balance,
		divided: bool,
	) -> DispatchResult {
		let model = Self::known(id)?;
		ensure!(
			model.offered_to.as_ref() == Some(&who),
			Error::<T>::NotOffered
		);
		Self::hand_over(id, model, who, max_deposit, divided)
	}
}
