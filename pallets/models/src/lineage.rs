//! What a model is built on, and who shares in its part of fees.

use alloc::{collections::BTreeSet, vec, vec::Vec};
use frame_support::ensure;
use openledger_primitives::{
	lineage::{lineage, Parent, MAX_DEPTH},
	ModelId,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{checks::ModelOf, types::Lineage, Builders, Config, Descent, Error, Models, Pallet};

impl<T: Config> Pallet<T> {
	/// The lineage and the number of generations of a model of such a descent, if `who` may register it and
	/// no model that it is built on takes more than `max_royalty`.
	pub(crate) fn trace(
		id: ModelId,
		who: &T::AccountId,
		descent: &Descent,
		max_royalty: u32,
	) -> Result<(Lineage, u32), DispatchError> {
		let named = match descent {
			Descent::Base => Vec::new(),
			Descent::Adapter { base } => vec![(*base, 1)],
			Descent::Merge { parts } => parts.to_vec(),
		};
		let parents = named
			.into_iter()
			.map(|(parent, weight)| Ok((parent, weight, Self::known(parent)?)))
			.collect::<Result<Vec<_>, DispatchError>>()?;
		if let Descent::Merge { .. } = descent {
			Self::ensure_mergeable(&parents)?;
		}
		for (parent, _, model) in &parents {
			Self::ensure_buildable(*parent, model, who)?;
			ensure!(
				model.terms.royalty <= max_royalty,
				Error::<T>::RoyaltyAboveLimit
			);
		}
		let depth = parents
			.iter()
			.map(|(_, _, model)| model.depth)
			.max()
			.unwrap_or_default()
			.saturating_add(1);
		ensure!(depth <= MAX_DEPTH, Error::<T>::LineageTooDeep);
		let shares: Vec<_> = parents
			.iter()
			.map(|(_, weight, model)| Parent {
				weight: *weight,
				royalty: model.terms.royalty,
				lineage: &model.lineage,
			})
			.collect();
		let lineage = lineage(id, &shares)
			.ok_or(Error::<T>::BadParts)?
			.try_into()
			.map_err(|_| Error::<T>::LineageTooLong)?;
		Ok((lineage, depth))
	}

	/// Whether a merge can be made of these: adapters on one model, none twice, each with a weight.
	fn ensure_mergeable(parts: &[(ModelId, u32, ModelOf<T>)]) -> DispatchResult {
		let ids: BTreeSet<_> = parts.iter().map(|(id, _, _)| id).collect();
		ensure!(
			!parts.is_empty()
				&& ids.len() == parts.len()
				&& parts.iter().all(|(_, weight, _)| *weight > 0),
			Error::<T>::BadParts
		);
		let bases = parts
			.iter()
			.map(|(_, _, model)| match model.descent {
				Descent::Adapter { base } => Some(base),
				_ => None,
			})
			.collect::<Option<BTreeSet<_>>>()
			.ok_or(Error::<T>::NotAnAdapter)?;
		ensure!(bases.len() == 1, Error::<T>::DifferentBases);
		Ok(())
	}

	/// Whether an account may build on a model now.
	fn ensure_buildable(id: ModelId, model: &ModelOf<T>, who: &T::AccountId) -> DispatchResult {
		ensure!(model.deprecated.is_none(), Error::<T>::Deprecated);
		ensure!(
			model.terms.open
				|| model.owner == *who
				|| Builders::<T>::get(id).iter().any(|entry| entry.who == *who),
			Error::<T>::NotAdmitted
		);
		Ok(())
	}

	/// Counts a model among the descendants of its ancestors, which cannot be retired from now on.
	pub(crate) fn count_descendant(id: ModelId, lineage: &Lineage) -> DispatchResult {
		Self::each_ancestor(id, lineage, |descendants| descendants.checked_add(1))
	}

	/// Counts a model no longer among the descendants of its ancestors.
	pub(crate) fn discount_descendant(id: ModelId, lineage: &Lineage) -> DispatchResult {
		Self::each_ancestor(id, lineage, |descendants| descendants.checked_sub(1))
	}

	fn each_ancestor(
		id: ModelId,
		lineage: &Lineage,
		count: impl Fn(u32) -> Option<u32>,
	) -> DispatchResult {
		for (ancestor, _) in lineage.iter().filter(|(ancestor, _)| *ancestor != id) {
			let mut model = Self::known(*ancestor)?;
			model.descendants = count(model.descendants).ok_or(Error::<T>::IdsExhausted)?;
			Models::<T>::insert(ancestor, model);
		}
		Ok(())
	}
}
