//! The invariants, by their numbers in the crate's documentation.

use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec,
	vec::Vec,
};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};
use openledger_primitives::{
	lineage::{MAX_DEPTH, WHOLE},
	model::ArtifactKind,
	text,
	traits::DataRegistry,
	Balance, ModelId,
};
use sp_runtime::TryRuntimeError;

use crate::{
	checks::ModelOf,
	types::{MIN_SHARES, SHARES},
	Adapters, Builders, Config, Descent, HoldReason, Holders, Models, NextModelId, NextNaming,
	Pallet, Trainings, Version, Versions,
};

/// What a model is built on directly.
fn parents(descent: &Descent) -> Vec<ModelId> {
	match descent {
		Descent::Base => Vec::new(),
		Descent::Adapter { base } => vec![*base],
		Descent::Merge { parts } => parts.iter().map(|(part, _)| *part).collect(),
	}
}

impl<T: Config> Pallet<T> {
	/// Checks the invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		let mut descendants = BTreeMap::<ModelId, u32>::new();
		for (id, model) in Models::<T>::iter() {
			Self::check_model(id, &model)?;
			let versions = Self::check_versions(id, &model)?;
			Self::check_lineage(id, &model)?;
			for (ancestor, _) in model.lineage.iter().filter(|(other, _)| *other != id) {
				let count = descendants.entry(*ancestor).or_default();
				*count = count.checked_add(1).ok_or("7: descendants overflow")?;
			}
			let shares = Self::check_shares(id, &model)?;
			let others = Self::check_builders(id)?
				.checked_add(Self::check_trainings(id)?)
				.ok_or("6: deposits overflow")?;
			let sum = [model.deposit, versions, shares, others]
				.into_iter()
				.try_fold(0, |sum: Balance, deposit| sum.checked_add(deposit));
			ensure!(
				sum == Some(model.held),
				"6: `held` is not the sum of its parts"
			);
			let owed = owed.entry(model.owner).or_default();
			*owed = owed.checked_add(model.held).ok_or("6: deposits overflow")?;
		}
		for (id, model) in Models::<T>::iter() {
			ensure!(
				descendants.get(&id).copied().unwrap_or_default() == model.descendants,
				"7: `descendants` is miscounted"
			);
		}
		Self::check_namings()?;
		Self::check_orphans()?;
		for (who, owed) in owed {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::ModelDeposit.into(), &who) == owed,
				"6: the deposits are not what is held"
			);
		}
		Ok(())
	}

	fn check_model(id: ModelId, model: &ModelOf<T>) -> Result<(), TryRuntimeError> {
		ensure!(
			id < NextModelId::<T>::get(),
			"1: a model with an id not given out"
		);
		ensure!(text::is_name(&model.name), "1: a model with a bad name");
		ensure!(
			Self::ensure_terms(&model.terms).is_ok(),
			"1: a model with terms out of bounds"
		);
		ensure!(
			Self::ensure_price(model.price_per_unit).is_ok(),
			"1: a model with a price out of bounds"
		);
		ensure!(
			model.offered_to.as_ref() != Some(&model.owner),
			"1: a model offered to its owner"
		);
		Ok(())
	}

	/// Returns the sum of the versions' deposits.
	fn check_versions(id: ModelId, model: &ModelOf<T>) -> Result<Balance, TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let (mut kept, mut sum) = (0u32, 0);
		for (number, version) in Versions::<T>::iter_prefix(id) {
			ensure!(
				number <= model.current_version,
				"2: a version above the current one"
			);
			kept = kept.checked_add(1).ok_or("2: versions overflow")?;
			sum = Balance::checked_add(sum, version.deposit).ok_or("6: deposits overflow")?;
			ensure!(
				version.superseded_at.is_none() == (number == model.current_version),
				"3: the current version is superseded, or another one is not"
			);
			ensure!(
				version.superseded_at.is_none_or(|since| since <= now),
				"3: a version superseded in the future"
			);
			Self::check_spec(&model.descent, &version)?;
		}
		ensure!(kept == model.versions, "2: `versions` is miscounted");
		ensure!(
			Versions::<T>::contains_key(id, model.current_version),
			"3: the current version is missing"
		);
		Ok(sum)
	}

	fn check_spec<Number>(
		descent: &Descent,
		Version { spec, .. }: &Version<Number>,
	) -> Result<(), TryRuntimeError> {
		let datanets: Vec<_> = spec.snapshots.iter().map(|s| s.datanet).collect();
		ensure!(
			Self::ensure_runnable(descent, spec.task, spec.policy, &spec.artifacts, &datanets)
				.is_ok(),
			"4: a version that cannot run"
		);
		ensure!(
			spec.snapshots.iter().all(|snapshot| snapshot.batches > 0
				&& T::Data::batch_count(snapshot.datanet) >= Some(snapshot.batches)),
			"5: a snapshot beyond its Datanet"
		);
		ensure!(
			Self::ensure_snapshots(&spec.snapshots).is_ok(),
			"5: a version on too many batches"
		);
		Ok(())
	}

	fn check_lineage(id: ModelId, model: &ModelOf<T>) -> Result<(), TryRuntimeError> {
		let total = model
			.lineage
			.iter()
			.try_fold(0u32, |total, (_, weight)| total.checked_add(*weight));
		ensure!(total == Some(WHOLE), "7: a lineage that is not the whole");
		let mut ids = model.lineage.iter().map(|(id, _)| *id);
		ensure!(
			ids.next() == Some(id),
			"7: a lineage that does not begin with its model"
		);
		let ancestors: Vec<_> = ids.collect();
		ensure!(
			ancestors.is_sorted_by(|left, right| left < right) && !ancestors.contains(&id),
			"7: a lineage that does not ascend, or names its model twice"
		);
		ensure!(
			ancestors.iter().all(Models::<T>::contains_key),
			"7: an ancestor that is not there"
		);
		let mut depth = 0;
		for parent in parents(&model.descent) {
			let parent = Models::<T>::get(parent).ok_or("7: a parent that is not there")?;
			depth = parent.depth.max(depth);
		}
		// What a parent was found to descend from later is not its descendants' concern.
		let mut descent = parents(&model.descent);
		while let Some(ancestor) = descent.pop() {
			ensure!(
				ancestor < id && ancestors.contains(&ancestor),
				"7: a lineage without a parent's"
			);
			let ancestor = Models::<T>::get(ancestor).ok_or("7: a parent that is not there")?;
			descent.extend(parents(&ancestor.descent));
		}
		ensure!(
			depth.checked_add(1) == Some(model.depth) && model.depth <= MAX_DEPTH,
			"7: `depth` is not the number of generations"
		);
		Ok(())
	}

	/// Returns what is held for the record of a model's shares.
	fn check_shares(id: ModelId, model: &ModelOf<T>) -> Result<Balance, TryRuntimeError> {
		let holdings = Holders::<T>::get(id);
		ensure!(
			holdings.is_some() == model.divided,
			"8: shares in an undivided model, or none in a divided one"
		);
		let Some(holdings) = holdings else {
			return Ok(0);
		};
		let shares = || holdings.holders.values();
		let total = shares().try_fold(0u32, |total, shares| total.checked_add(*shares));
		ensure!(
			total == Some(SHARES),
			"8: the shares are not all that there are"
		);
		ensure!(
			shares().all(|shares| *shares >= MIN_SHARES),
			"8: a holder of too few shares"
		);
		ensure!(
			!holdings.holders.contains_key(&Self::revenue_account(id)),
			"8: a model holds shares in itself"
		);
		Ok(holdings.deposit)
	}

	/// Returns what is held for the list of those that may build.
	fn check_builders(id: ModelId) -> Result<Balance, TryRuntimeError> {
		let builders = Builders::<T>::get(id);
		ensure!(
			!builders.is_empty() || !Builders::<T>::contains_key(id),
			"9: an empty list of those that may build"
		);
		let accounts: BTreeSet<_> = builders.iter().map(|entry| &entry.who).collect();
		ensure!(
			accounts.len() == builders.len(),
			"9: an account is listed twice"
		);
		builders
			.iter()
			.try_fold(0, |sum: Balance, entry| sum.checked_add(entry.deposit))
			.ok_or("6: deposits overflow".into())
	}

	/// Returns what is held for what is said of a model's training.
	fn check_trainings(id: ModelId) -> Result<Balance, TryRuntimeError> {
		let mut sum = 0;
		for (version, training) in Trainings::<T>::iter_prefix(id) {
			ensure!(
				Versions::<T>::contains_key(id, version),
				"10: a training of a version that is not kept"
			);
			ensure!(
				training
					.attestation
					.is_none_or(|attestation| attestation.log_lines > 0),
				"10: a training without a log"
			);
			sum = Balance::checked_add(sum, training.deposit).ok_or("6: deposits overflow")?;
		}
		Ok(sum)
	}

	/// That namings are those of the versions that are kept.
	fn check_namings() -> Result<(), TryRuntimeError> {
		let mut kept = BTreeMap::<_, u32>::new();
		for (id, _, version) in Versions::<T>::iter() {
			if let Some(content) = version.spec.artifact(ArtifactKind::Adapter) {
				let count = kept.entry((id, content.0)).or_default();
				*count = count.checked_add(1).ok_or("11: versions overflow")?;
			}
		}
		let (mut named, mut places) = (BTreeMap::new(), BTreeSet::new());
		for (id, content, naming) in Adapters::<T>::iter() {
			ensure!(
				naming.order < NextNaming::<T>::get() && places.insert(naming.order),
				"11: a place that was not given out, or twice"
			);
			ensure!(
				Self::ensure_royalty(naming.royalty).is_ok(),
				"11: a naming with a royalty out of bounds"
			);
			named.insert((id, content.0), naming.versions);
		}
		ensure!(named == kept, "11: namings are not those of the versions");
		Ok(())
	}

	/// That nothing is kept for models that are gone.
	fn check_orphans() -> Result<(), TryRuntimeError> {
		let known = |id: &ModelId| Models::<T>::contains_key(id);
		ensure!(
			Versions::<T>::iter_keys().all(|(id, _)| known(&id)),
			"2: a version without a model"
		);
		ensure!(
			Holders::<T>::iter_keys().all(|id| known(&id)),
			"8: shares without a model"
		);
		ensure!(
			Builders::<T>::iter_keys().all(|id| known(&id)),
			"9: a list without a model"
		);
		ensure!(
			Trainings::<T>::iter_keys().all(|(id, _)| known(&id)),
			"10: a training without a model"
		);
		Ok(())
	}
}
