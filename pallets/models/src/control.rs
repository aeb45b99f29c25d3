//! What the owner decides on a model that is there, and passing it on.

use frame_support::ensure;
use openledger_primitives::{model::Audience, Balance, ModelId};
use sp_runtime::DispatchResult;

use crate::{
	types::{Builder, Deprecation},
	Builders, Config, Error, Event, Models, Pallet,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_pause(who: T::AccountId, id: ModelId) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		ensure!(model.paused_since.is_none(), Error::<T>::AlreadyPaused);
		model.paused_since = Some(frame_system::Pallet::<T>::block_number());
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelPaused { model: id });
		Ok(())
	}

	pub(crate) fn do_resume(who: T::AccountId, id: ModelId) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		ensure!(model.paused_since.is_some(), Error::<T>::NotPaused);
		model.paused_since = None;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelResumed { model: id });
		Ok(())
	}

	pub(crate) fn do_set_price(
		who: T::AccountId,
		id: ModelId,
		price_per_unit: Balance,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		Self::ensure_price(price_per_unit)?;
		model.price_per_unit = price_per_unit;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::PriceSet {
			model: id,
			price_per_unit,
		});
		Ok(())
	}

	pub(crate) fn do_set_audience(
		who: T::AccountId,
		id: ModelId,
		audience: Audience,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		model.audience = audience;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::AudienceSet {
			model: id,
			audience,
		});
		Ok(())
	}

	pub(crate) fn do_set_terms(
		who: T::AccountId,
		id: ModelId,
		royalty: u32,
		open: bool,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		Self::ensure_royalty(royalty)?;
		model.terms.royalty = royalty;
		model.terms.open = open;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::TermsSet {
			model: id,
			royalty,
			open,
		});
		Ok(())
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
		let mut model = Self::owned(&who, id)?;
		if let Some(successor) = successor {
			ensure!(successor != id, Error::<T>::OwnSuccessor);
			Self::known(successor)?;
		}
		let since = model
			.deprecated
			.map_or_else(frame_system::Pallet::<T>::block_number, |deprecation| {
				deprecation.since
			});
		model.deprecated = Some(Deprecation { since, successor });
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelDeprecated {
			model: id,
			successor,
		});
		Ok(())
	}

	pub(crate) fn do_transfer_ownership(
		who: T::AccountId,
		id: ModelId,
		to: T::AccountId,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		ensure!(to != who, Error::<T>::AlreadyOwner);
		model.offered_to = Some(to.clone());
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::OwnershipOffered { model: id, to });
		Ok(())
	}

	pub(crate) fn do_cancel_transfer(who: T::AccountId, id: ModelId) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		ensure!(model.offered_to.is_some(), Error::<T>::NoOffer);
		model.offered_to = None;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::OfferCancelled { model: id });
		Ok(())
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
