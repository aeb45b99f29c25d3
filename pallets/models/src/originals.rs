//! Who named an adapter's file first, and lineages that are corrected when it shows.

use alloc::vec::Vec;
use frame_support::ensure;
use openledger_primitives::{
	lineage::with_ancestor,
	model::{ArtifactKind, ModelSpec},
	traits::{NamedAdapter, Originals},
	ModelId,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	checks::ModelOf,
	types::{Lineage, Naming},
	Adapters, Config, Error, Event, Models, NextNaming, Pallet, Versions,
};

impl<T: Config> Pallet<T> {
	/// Takes note of the adapter that a version names, if it names one: of a model's first version that does so
	/// when that was, and what the model asks of those that are built on it.
	pub(crate) fn name_adapter(id: ModelId, spec: &ModelSpec, royalty: u32) -> DispatchResult {
		let Some(content) = spec.artifact(ArtifactKind::Adapter) else {
			return Ok(());
		};
		let mut naming = match Adapters::<T>::get(id, content) {
			Some(naming) => naming,
			None => {
				let order = NextNaming::<T>::get();
				NextNaming::<T>::put(order.checked_add(1).ok_or(Error::<T>::IdsExhausted)?);
				Naming {
					order,
					royalty,
					versions: 0,
				}
			}
		};
		naming.versions = naming
			.versions
			.checked_add(1)
			.ok_or(Error::<T>::IdsExhausted)?;
		Adapters::<T>::insert(id, content, naming);
		Ok(())
	}

	/// Forgets that a version names an adapter; and the model's naming of it, if it has no other such version.
	pub(crate) fn unname_adapter(id: ModelId, spec: &ModelSpec) -> DispatchResult {
		let Some(content) = spec.artifact(ArtifactKind::Adapter) else {
			return Ok(());
		};
		let mut naming = Adapters::<T>::get(id, content).ok_or(Error::<T>::UnknownVersion)?;
		naming.versions = naming
			.versions
			.checked_sub(1)
			.ok_or(Error::<T>::UnknownVersion)?;
		if naming.versions == 0 {
			Adapters::<T>::remove(id, content);
		} else {
			Adapters::<T>::insert(id, content, naming);
		}
		Ok(())
	}

	/// A model with the lineage that it has if it is a copy of another one, and the ancestors that are new in it.
	fn corrected(
		original: ModelId,
		copy: ModelId,
		royalty: u32,
	) -> Result<(ModelOf<T>, Vec<ModelId>), DispatchError> {
		Self::ensure_royalty(royalty)?;
		let mut model = Self::known(copy)?;
		let ancestor = Self::known(original)?;
		let has = |lineage: &Lineage, sought: ModelId| lineage.iter().any(|(id, _)| *id == sought);
		ensure!(!has(&model.lineage, original), Error::<T>::AlreadyAncestor);
		let mut new = Vec::new();
		for (id, _) in &ancestor.lineage {
			// Else neither could ever be retired.
			ensure!(
				!has(&Self::known(*id)?.lineage, copy),
				Error::<T>::BuiltOnCopy
			);
			if !has(&model.lineage, *id) {
				new.push(*id);
			}
		}
		model.lineage = with_ancestor(&model.lineage, royalty, &ancestor.lineage)
			.ok_or(Error::<T>::RoyaltyTooHigh)?
			.try_into()
			.map_err(|_| Error::<T>::LineageTooLong)?;
		Ok((model, new))
	}
}

impl<T: Config> Originals<T::AccountId> for Pallet<T> {
	fn owner(model: ModelId) -> Option<T::AccountId> {
		Models::<T>::get(model).map(|model| model.owner)
	}

	fn adapter(model: ModelId, version: u32) -> Option<NamedAdapter> {
		let content = Versions::<T>::get(model, version)?
			.spec
			.artifact(ArtifactKind::Adapter)?;
		let naming = Adapters::<T>::get(model, content)?;
		let asked = Models::<T>::get(model)?.terms.royalty;
		Some(NamedAdapter {
			content,
			order: naming.order,
			royalty: naming.royalty.min(asked),
		})
	}

	fn ensure_imposable(original: ModelId, copy: ModelId) -> DispatchResult {
		Self::corrected(original, copy, 0).map(drop)
	}

	fn impose(original: ModelId, copy: ModelId, royalty: u32) -> DispatchResult {
		let (model, new) = Self::corrected(original, copy, royalty)?;
		for id in new {
			let mut ancestor = Self::known(id)?;
			ancestor.descendants = ancestor
				.descendants
				.checked_add(1)
				.ok_or(Error::<T>::IdsExhausted)?;
			Models::<T>::insert(id, ancestor);
		}
		let lineage = model.lineage.clone();
		Models::<T>::insert(copy, model);
		Self::deposit_event(Event::AncestorImposed {
			ancestor: original,
			model: copy,
			lineage,
		});
		Ok(())
	}
}
