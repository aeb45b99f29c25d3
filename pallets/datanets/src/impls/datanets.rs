//! Datanets: their descriptions, owners and lists.

use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use openledger_primitives::{
	text::{is_licence, is_name},
	Balance, DatanetId,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	text, Config, Datanet, DatanetDetails, DatanetRules, Datanets, Descriptions, Error, Event,
	Frozen, HoldReason, Listed, Metadata, NextDatanetId, Pallet, Pools, Rules, RulesOf,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn known(id: DatanetId) -> Result<Datanet<T::AccountId>, DispatchError> {
		Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet.into())
	}

	pub(crate) fn owned(
		who: &T::AccountId,
		id: DatanetId,
	) -> Result<Datanet<T::AccountId>, DispatchError> {
		let datanet = Self::known(id)?;
		ensure!(datanet.owner == *who, Error::<T>::NotOwner);
		Ok(datanet)
	}

	fn ensure_describes(details: &DatanetDetails) -> DispatchResult {
		ensure!(is_name(&details.name), Error::<T>::BadName);
		ensure!(
			text::is_metadata(&details.metadata),
			Error::<T>::BadMetadata
		);
		ensure!(text::is_domain(&details.domain), Error::<T>::BadDomain);
		ensure!(
			text::is_content_type(&details.content_type),
			Error::<T>::BadContentType
		);
		ensure!(
			text::is_language(&details.language),
			Error::<T>::BadLanguage
		);
		ensure!(is_licence(&details.licence), Error::<T>::BadLicence);
		let names: BTreeSet<_> = details.fields.iter().map(|field| &field.name).collect();
		ensure!(
			names.len() == details.fields.len() && names.iter().all(|name| is_name(name)),
			Error::<T>::BadFields
		);
		Ok(())
	}

	pub(crate) fn do_create_datanet(
		owner: T::AccountId,
		details: DatanetDetails,
		rules: Rules,
	) -> DispatchResult {
		Self::ensure_describes(&details)?;
		Self::ensure_permitted(&rules)?;
		let id = NextDatanetId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = Self::deposit_for_datanet(&details)?;
		Self::hold(HoldReason::DatanetDeposit, &owner, deposit)?;

		NextDatanetId::<T>::put(next);
		Descriptions::<T>::insert(id, details);
		let record = DatanetRules {
			current: rules.clone(),
			proposed: None,
		};
		RulesOf::<T>::insert(id, record);
		let datanet = Datanet {
			owner: owner.clone(),
			offered_to: None,
			deposit,
			list_deposit: 0,
			listed: 0,
			batches: 0,
			live: 0,
			pinned: 0,
			pending: 0,
		};
		Datanets::<T>::insert(id, datanet);
		Self::deposit_event(Event::DatanetCreated {
			datanet: id,
			owner,
			rules,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_update_metadata(
		who: T::AccountId,
		id: DatanetId,
		metadata: Metadata,
	) -> DispatchResult {
		let mut datanet = Self::owned(&who, id)?;
		ensure!(text::is_metadata(&metadata), Error::<T>::BadMetadata);
		let mut details = Descriptions::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		details.metadata = metadata;
		let deposit = Self::deposit_for_datanet(&details)?;
		Self::adjust(HoldReason::DatanetDeposit, &who, datanet.deposit, deposit)?;

		datanet.deposit = deposit;
		Datanets::<T>::insert(id, datanet);
		Descriptions::<T>::insert(id, details);
		Self::deposit_event(Event::MetadataUpdated {
			datanet: id,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_close_datanet(who: T::AccountId, id: DatanetId) -> DispatchResult {
		let Datanet {
			owner,
			deposit,
			listed,
			live,
			pinned,
			pending,
			..
		} = Self::owned(&who, id)?;
		ensure!(live == 0 && pending == 0, Error::<T>::DatanetNotEmpty);
		ensure!(pinned == 0, Error::<T>::DatanetInUse);
		ensure!(listed == 0, Error::<T>::ListNotEmpty);
		Self::release(HoldReason::DatanetDeposit, &owner, deposit)?;
		// Without batches nothing can be claimed: what is left was too little to divide.
		let remainder = Pools::<T>::get(id).balance;
		Self::take_out(&owner, remainder)?;

		Pools::<T>::remove(id);
		Datanets::<T>::remove(id);
		Descriptions::<T>::remove(id);
		RulesOf::<T>::remove(id);
		Frozen::<T>::remove(id);
		Self::deposit_event(Event::DatanetClosed {
			datanet: id,
			owner,
			deposit,
			remainder,
		});
		Ok(())
	}

	pub(crate) fn do_list_contributor(
		owner: T::AccountId,
		id: DatanetId,
		who: T::AccountId,
	) -> DispatchResult {
		let mut datanet = Self::owned(&owner, id)?;
		ensure!(
			!Listed::<T>::contains_key(id, &who),
			Error::<T>::AlreadyListed
		);
		let deposit = T::ListingDeposit::get();
		datanet.list_deposit = datanet
			.list_deposit
			.checked_add(deposit)
			.ok_or(Error::<T>::DepositOverflow)?;
		datanet.listed = datanet
			.listed
			.checked_add(1)
			.ok_or(Error::<T>::IdsExhausted)?;
		Self::hold(HoldReason::DatanetDeposit, &owner, deposit)?;

		Datanets::<T>::insert(id, datanet);
		Listed::<T>::insert(id, &who, deposit);
		Self::deposit_event(Event::ContributorListed {
			datanet: id,
			who,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_unlist_contributor(
		owner: T::AccountId,
		id: DatanetId,
		who: T::AccountId,
	) -> DispatchResult {
		let mut datanet = Self::owned(&owner, id)?;
		let deposit = Listed::<T>::get(id, &who).ok_or(Error::<T>::NotListed)?;
		datanet.list_deposit = datanet.list_deposit.saturating_sub(deposit);
		datanet.listed = datanet.listed.saturating_sub(1);
		Self::release(HoldReason::DatanetDeposit, &owner, deposit)?;

		Datanets::<T>::insert(id, datanet);
		Listed::<T>::remove(id, &who);
		Self::deposit_event(Event::ContributorUnlisted {
			datanet: id,
			who,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_offer_ownership(
		who: T::AccountId,
		id: DatanetId,
		to: T::AccountId,
	) -> DispatchResult {
		let mut datanet = Self::owned(&who, id)?;
		ensure!(to != who, Error::<T>::AlreadyOwner);
		datanet.offered_to = Some(to.clone());
		Datanets::<T>::insert(id, datanet);
		Self::deposit_event(Event::OwnershipOffered { datanet: id, to });
		Ok(())
	}

	pub(crate) fn do_cancel_offer(who: T::AccountId, id: DatanetId) -> DispatchResult {
		let mut datanet = Self::owned(&who, id)?;
		ensure!(datanet.offered_to.is_some(), Error::<T>::NoOffer);
		datanet.offered_to = None;
		Datanets::<T>::insert(id, datanet);
		Self::deposit_event(Event::OfferCancelled { datanet: id });
		Ok(())
	}

	pub(crate) fn do_accept_ownership(
		who: T::AccountId,
		id: DatanetId,
		max_deposit: Balance,
	) -> DispatchResult {
		let mut datanet = Self::known(id)?;
		ensure!(
			datanet.offered_to.as_ref() == Some(&who),
			Error::<T>::NotOffered
		);
		let deposit = datanet
			.deposit
			.checked_add(datanet.list_deposit)
			.ok_or(Error::<T>::DepositOverflow)?;
		ensure!(deposit <= max_deposit, Error::<T>::DepositTooHigh);
		Self::hold(HoldReason::DatanetDeposit, &who, deposit)?;
		Self::release(HoldReason::DatanetDeposit, &datanet.owner, deposit)?;

		let from = core::mem::replace(&mut datanet.owner, who.clone());
		datanet.offered_to = None;
		Datanets::<T>::insert(id, datanet);
		Self::deposit_event(Event::OwnershipTransferred {
			datanet: id,
			from,
			to: who,
			deposit,
		});
		Ok(())
	}
}
