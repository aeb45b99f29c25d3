//! Registering models, their versions, and what ends them.

use frame_support::ensure;
use openledger_primitives::{lineage::MAX_LINEAGE, model::Audience, text, Balance, ModelId};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	Builders, Config, Descent, Error, Event, Holders, Model, Models, Name, NextModelId, Pallet,
	SpecInputs, Terms, Trainings, Version, Versions,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register(
		owner: T::AccountId,
		name: Name,
		inputs: SpecInputs,
		price_per_unit: Balance,
		terms: Terms,
		descent: Descent,
		max_royalty: u32,
	) -> DispatchResult {
		ensure!(text::is_name(&name), Error::<T>::BadName);
		Self::ensure_price(price_per_unit)?;
		Self::ensure_terms(&terms)?;
		let spec = Self::specify(&descent, inputs)?;
		let id = NextModelId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let (lineage, depth) = Self::trace(id, &owner, &descent, max_royalty)?;
		let deposit = Self::deposit_for_model(&name, &terms.licence)?;
		let version_deposit = Self::deposit_for_version(&spec)?;
		let held = deposit
			.checked_add(version_deposit)
			.ok_or(Error::<T>::DepositOverflow)?;
		Self::hold(&owner, held)?;
		Self::pin(&spec)?;
		Self::name_adapter(id, &spec, terms.royalty)?;
		Self::count_descendant(id, &lineage)?;

		let spec_id = spec.id();
		NextModelId::<T>::put(next);
		Versions::<T>::insert(
			id,
			0,
			Version {
				spec,
				deposit: version_deposit,
				superseded_at: None,
			},
		);
		let model = Model {
			owner: owner.clone(),
			author: owner.clone(),
			offered_to: None,
			name,
			terms,
			descent,
			lineage: lineage.clone(),
			depth,
			descendants: 0,
			divided: false,
			deprecated: None,
			price_per_unit,
			audience: Audience::Everyone,
			current_version: 0,
			versions: 1,
			paused_since: None,
			deposit,
			held,
		};
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::ModelRegistered {
			model: id,
			owner,
			spec_id,
			price_per_unit,
			lineage,
			deposit: held,
		});
		Ok(())
	}

	pub(crate) fn do_new_version(
		who: T::AccountId,
		id: ModelId,
		inputs: SpecInputs,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		let spec = Self::specify(&model.descent, inputs)?;
		let before = model.current_version;
		let version = before.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let mut superseded = Versions::<T>::get(id, before).ok_or(Error::<T>::UnknownVersion)?;
		let deposit = Self::deposit_for_version(&spec)?;
		model.current_version = version;
		model.versions = model
			.versions
			.checked_add(1)
			.ok_or(Error::<T>::IdsExhausted)?;
		superseded.superseded_at = Some(frame_system::Pallet::<T>::block_number());
		Self::hold_for(&mut model, deposit)?;
		Self::pin(&spec)?;
		Self::name_adapter(id, &spec, model.terms.royalty)?;

		let spec_id = spec.id();
		Versions::<T>::insert(id, before, superseded);
		Versions::<T>::insert(
			id,
			version,
			Version {
				spec,
				deposit,
				superseded_at: None,
			},
		);
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::VersionAdded {
			model: id,
			version,
			spec_id,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_remove_version(
		who: T::AccountId,
		id: ModelId,
		version: u32,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		let Version {
			spec,
			deposit,
			superseded_at,
		} = Versions::<T>::get(id, version).ok_or(Error::<T>::UnknownVersion)?;
		Self::ensure_settled(superseded_at.ok_or(Error::<T>::VersionInUse)?)?;
		model.versions = model
			.versions
			.checked_sub(1)
			.ok_or(Error::<T>::UnknownVersion)?;
		let training = Trainings::<T>::get(id, version).map_or(0, |training| training.deposit);
		let deposit = deposit
			.checked_add(training)
			.ok_or(Error::<T>::DepositOverflow)?;
		Self::release_for(&mut model, deposit)?;
		Self::unname_adapter(id, &spec)?;

		Trainings::<T>::remove(id, version);
		Versions::<T>::remove(id, version);
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::VersionRemoved {
			model: id,
			version,
			deposit,
		});
		Ok(())
	}

	/// Returns how many ancestors and how many holders of shares the model had.
	pub(crate) fn do_retire(who: T::AccountId, id: ModelId) -> Result<(u32, u32), DispatchError> {
		let mut model = Self::owned(&who, id)?;
		Self::ensure_settled(model.paused_since.ok_or(Error::<T>::NotPaused)?)?;
		ensure!(model.versions == 1, Error::<T>::OldVersionsLeft);
		ensure!(model.descendants == 0, Error::<T>::HasDescendants);
		let deposit = model.held;
		Self::release_for(&mut model, deposit)?;
		let holders = if model.divided {
			Self::do_distribute(id)?
		} else {
			0
		};
		Self::discount_descendant(id, &model.lineage)?;
		let last =
			Versions::<T>::get(id, model.current_version).ok_or(Error::<T>::UnknownVersion)?;
		Self::unname_adapter(id, &last.spec)?;

		Holders::<T>::remove(id);
		Builders::<T>::remove(id);
		Trainings::<T>::remove(id, model.current_version);
		Versions::<T>::remove(id, model.current_version);
		Models::<T>::remove(id);
		Self::deposit_event(Event::ModelRetired {
			model: id,
			owner: who,
			deposit,
		});
		let ancestors = model.lineage.len().saturating_sub(1);
		Ok((ancestors.try_into().unwrap_or(MAX_LINEAGE), holders))
	}
}
