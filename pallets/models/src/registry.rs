//! What other pallets see of the models.

use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use openledger_primitives::{
	model::{Audience, ModelSpec, Task},
	traits::{ModelOwners, ModelRegistry, Quote, Royalty, Tenancies},
	Balance, DatanetId, ModelId,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	types::{READ_PER_UNIT, TOKENS_PER_UNIT, UNITS_PER_COMPARISON, UNITS_PER_PROMPT},
	Config, Error, Model, Models, NextModelId, Pallet, Version, Versions,
};

impl<T: Config> Pallet<T> {
	/// How many units of compute a task takes with an input of so many bytes.
	pub(crate) fn units_of(task: Task, input_bytes: u32) -> Option<u32> {
		let units = input_bytes
			.checked_div(T::BytesPerUnit::get())?
			.checked_add(1)?;
		match task {
			Task::Search { .. } => Some(units),
			Task::Compare => units.checked_add(UNITS_PER_COMPARISON),
			Task::Generate { max_tokens, .. } => {
				units.checked_add(max_tokens.div_ceil(TOKENS_PER_UNIT))
			}
			Task::Answer {
				top_k, max_tokens, ..
			} => {
				// With all passages, and without each of them.
				let runs = top_k.checked_add(1)?;
				let each = max_tokens
					.div_ceil(READ_PER_UNIT)
					.checked_add(UNITS_PER_PROMPT)?;
				units
					.checked_add(max_tokens.div_ceil(TOKENS_PER_UNIT))?
					.checked_add(runs.checked_mul(each)?)
			}
		}
	}

	pub(crate) fn quoted(id: ModelId, input_bytes: u32) -> Result<Quote, DispatchError> {
		let model = Self::known(id)?;
		ensure!(model.paused_since.is_none(), Error::<T>::Paused);
		Self::quote_of(id, model.current_version, model.price_per_unit, input_bytes)
	}

	fn quote_of(
		id: ModelId,
		version: u32,
		price_per_unit: Balance,
		input_bytes: u32,
	) -> Result<Quote, DispatchError> {
		let Version { spec, .. } =
			Versions::<T>::get(id, version).ok_or(Error::<T>::UnknownVersion)?;
		let units = Self::units_of(spec.task, input_bytes).ok_or(Error::<T>::FeeOverflow)?;
		let fee = price_per_unit
			.checked_mul(units.into())
			.ok_or(Error::<T>::FeeOverflow)?;
		Ok(Quote {
			version,
			class: spec.task.class(),
			units,
			fee,
		})
	}
}

impl<T: Config> ModelRegistry<T::AccountId> for Pallet<T> {
	fn quote(model: ModelId, input_bytes: u32) -> Result<Quote, DispatchError> {
		Self::quoted(model, input_bytes)
	}

	fn quote_rerun(model: ModelId, version: u32, input_bytes: u32) -> Result<Quote, DispatchError> {
		Self::quote_of(model, version, 0, input_bytes)
	}

	fn current_version(model: ModelId) -> Option<u32> {
		Models::<T>::get(model).map(|model| model.current_version)
	}

	fn spec(model: ModelId, version: u32) -> Option<ModelSpec> {
		Versions::<T>::get(model, version).map(|version| version.spec)
	}

	fn is_built_on(model: ModelId, version: u32, datanet: DatanetId, index: u32) -> bool {
		Versions::<T>::get(model, version).is_some_and(|version| {
			version
				.spec
				.snapshots
				.iter()
				.any(|snapshot| snapshot.datanet == datanet && index < snapshot.batches)
		})
	}

	fn ensure_served(id: ModelId, who: &T::AccountId) -> DispatchResult {
		let is_refused = Models::<T>::get(id).is_some_and(|model| {
			model.audience == Audience::Tenants
				&& model.owner != *who
				&& !T::Tenants::is_tenant(id, who)
		});
		ensure!(!is_refused, Error::<T>::TenantsOnly);
		Ok(())
	}

	fn royalties(model: ModelId) -> Vec<Royalty<T::AccountId>> {
		let Some(asked) = Models::<T>::get(model) else {
			return Vec::new();
		};
		let paid = asked.lineage.iter().filter(|(_, weight)| *weight > 0);
		paid.filter_map(|(id, weight)| {
			// An ancestor stays for as long as it has descendants.
			let Model {
				owner,
				author,
				divided,
				..
			} = if *id == model {
				asked.clone()
			} else {
				Models::<T>::get(id)?
			};
			Some(Royalty {
				model: *id,
				taker: if divided {
					Self::revenue_account(*id)
				} else {
					owner
				},
				author,
				weight: *weight,
			})
		})
		.collect()
	}
}

impl<T: Config> ModelOwners<T::AccountId> for Pallet<T> {
	fn owner(model: ModelId, version: u32) -> Option<T::AccountId> {
		if !Versions::<T>::contains_key(model, version) {
			return None;
		}
		Models::<T>::get(model).map(|model| model.owner)
	}

	fn next_id() -> ModelId {
		NextModelId::<T>::get()
	}
}
