//! The work behind the calls, the registry that other pallets see, and the invariants.

use alloc::{collections::BTreeSet, vec, vec::Vec};
use codec::Encode;
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision::Exact, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	model::{
		Artifact, ArtifactKind, ModelSpec, Policy, Sampler, Snapshot, Task, MAX_PASSAGES,
		MAX_TOKENS, MAX_TOP_K,
	},
	text,
	traits::{DataRegistry, ModelRegistry, Quote},
	Balance, DatanetId, ModelId,
};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	types::{
		ANSWER_ARTIFACTS, MAX_DISTANCE, MAX_SAMPLED, MAX_TEMPERATURE, ONE, READ_PER_UNIT,
		TOKENS_PER_UNIT, UNITS_PER_PROMPT,
	},
	Config, Error, Event, HoldReason, Model, Models, Name, NextModelId, Pallet, SpecInputs,
	Version, Versions,
};

type ModelOf<T> = Model<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	/// The deposit for a record: a part that is the same for all, and one for its bytes.
	pub(crate) fn deposit_for(base: Balance, bytes: usize) -> Result<Balance, DispatchError> {
		Balance::try_from(bytes)
			.ok()
			.and_then(|bytes| T::ByteDeposit::get().checked_mul(bytes))
			.and_then(|bytes| base.checked_add(bytes))
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	fn deposit_for_model(name: &Name) -> Result<Balance, DispatchError> {
		Self::deposit_for(T::ModelDeposit::get(), name.len())
	}

	fn deposit_for_version(spec: &ModelSpec) -> Result<Balance, DispatchError> {
		Self::deposit_for(T::VersionDeposit::get(), spec.encoded_size())
	}

	pub(crate) fn deposit_for_registration(
		name: &Name,
		inputs: SpecInputs,
	) -> Result<Balance, DispatchError> {
		// A snapshot's size does not depend on what it counts.
		let spec = Self::spec_from(inputs, |_| Ok(0))?;
		Self::deposit_for_model(name)?
			.checked_add(Self::deposit_for_version(&spec)?)
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	fn hold(who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::ModelDeposit.into(), who, amount)
	}

	fn release(who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::ModelDeposit.into(), who, amount, Exact).map(|_| ())
	}

	fn owned(who: &T::AccountId, id: ModelId) -> Result<ModelOf<T>, DispatchError> {
		let model = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
		ensure!(model.owner == *who, Error::<T>::NotOwner);
		Ok(model)
	}

	fn ensure_price(price: Balance) -> DispatchResult {
		ensure!(price >= T::MinPrice::get(), Error::<T>::PriceTooLow);
		ensure!(price <= T::MaxPrice::get(), Error::<T>::PriceTooHigh);
		Ok(())
	}

	/// Whether `RemovalDelay` blocks have passed, so that no request from before can be open.
	fn ensure_settled(since: BlockNumberFor<T>) -> DispatchResult {
		let due = since.saturating_add(T::RemovalDelay::get());
		ensure!(
			frame_system::Pallet::<T>::block_number() >= due,
			Error::<T>::TooEarly
		);
		Ok(())
	}

	fn ensure_runnable(
		task: Task,
		policy: Policy,
		artifacts: &[Artifact],
		datanets: &[DatanetId],
	) -> DispatchResult {
		let count = |kind| {
			artifacts
				.iter()
				.filter(|artifact| artifact.kind == kind)
				.count()
		};
		match task {
			Task::Search { top_k } => {
				ensure!((1..=MAX_TOP_K).contains(&top_k), Error::<T>::BadTopK);
				ensure!(
					count(ArtifactKind::Graph) == 1 && count(ArtifactKind::Tokenizer) == 1,
					Error::<T>::WrongArtifacts
				);
				ensure!(!datanets.is_empty(), Error::<T>::NoDatanets);
			}
			Task::Generate {
				max_tokens,
				sampler,
			} => {
				ensure!(
					(1..=MAX_TOKENS).contains(&max_tokens),
					Error::<T>::BadMaxTokens
				);
				ensure!(is_sampler(sampler), Error::<T>::BadSampler);
				ensure!(
					count(ArtifactKind::Graph) == 1
						&& count(ArtifactKind::Tokenizer) == 1
						&& count(ArtifactKind::Generation) == 1,
					Error::<T>::WrongArtifacts
				);
			}
			Task::Answer {
				top_k,
				max_tokens,
				sampler,
			} => {
				ensure!((1..=MAX_PASSAGES).contains(&top_k), Error::<T>::BadTopK);
				ensure!(
					(1..=MAX_TOKENS).contains(&max_tokens),
					Error::<T>::BadMaxTokens
				);
				ensure!(is_sampler(sampler), Error::<T>::BadSampler);
				ensure!(
					ANSWER_ARTIFACTS.into_iter().all(|kind| count(kind) == 1),
					Error::<T>::WrongArtifacts
				);
				ensure!(!datanets.is_empty(), Error::<T>::NoDatanets);
			}
		}
		if let Policy::Tolerance { max_distance, .. } = policy {
			match task {
				Task::Search { .. } => return Err(Error::<T>::NothingToCompare.into()),
				Task::Generate { .. } => {}
				Task::Answer { .. } => return Err(Error::<T>::ScoresNotTolerated.into()),
			}
			ensure!(
				(1..=MAX_DISTANCE).contains(&max_distance),
				Error::<T>::BadDistance
			);
		}
		let hashes: BTreeSet<_> = artifacts.iter().map(|artifact| artifact.hash).collect();
		ensure!(
			hashes.len() == artifacts.len(),
			Error::<T>::DuplicateArtifact
		);
		let unique: BTreeSet<_> = datanets.iter().collect();
		ensure!(unique.len() == datanets.len(), Error::<T>::DuplicateDatanet);
		Ok(())
	}

	fn spec_from(
		inputs: SpecInputs,
		count: impl Fn(DatanetId) -> Result<u32, DispatchError>,
	) -> Result<ModelSpec, DispatchError> {
		let SpecInputs {
			task,
			artifacts,
			policy,
			datanets,
		} = inputs;
		let snapshots = datanets
			.into_iter()
			.map(|datanet| {
				Ok(Snapshot {
					datanet,
					batches: count(datanet)?,
				})
			})
			.collect::<Result<Vec<_>, DispatchError>>()?;
		Ok(ModelSpec {
			task,
			artifacts,
			policy,
			snapshots: snapshots
				.try_into()
				.map_err(|_| Error::<T>::TooManyBatches)?,
		})
	}

	/// Checks what is to become a version, and takes its snapshots.
	fn specify(inputs: SpecInputs) -> Result<ModelSpec, DispatchError> {
		let SpecInputs {
			task,
			policy,
			artifacts,
			datanets,
		} = &inputs;
		Self::ensure_runnable(*task, *policy, artifacts, datanets)?;
		let spec = Self::spec_from(inputs, |datanet| {
			let batches = T::Data::batch_count(datanet).ok_or(Error::<T>::UnknownDatanet)?;
			ensure!(batches > 0, Error::<T>::EmptyDatanet);
			Ok(batches)
		})?;
		Self::ensure_snapshots(&spec.snapshots)?;
		Ok(spec)
	}

	fn ensure_snapshots(snapshots: &[Snapshot]) -> DispatchResult {
		let total = snapshots
			.iter()
			.try_fold(0u32, |total, snapshot| total.checked_add(snapshot.batches));
		ensure!(
			total.is_some_and(|total| total <= T::MaxSnapshotBatches::get()),
			Error::<T>::TooManyBatches
		);
		Ok(())
	}

	fn pin(spec: &ModelSpec) -> DispatchResult {
		spec.snapshots
			.iter()
			.try_for_each(|snapshot| T::Data::pin(snapshot.datanet, snapshot.batches))
	}

	pub(crate) fn do_register(
		owner: T::AccountId,
		name: Name,
		inputs: SpecInputs,
		price_per_unit: Balance,
	) -> DispatchResult {
		ensure!(text::is_name(&name), Error::<T>::BadName);
		Self::ensure_price(price_per_unit)?;
		let spec = Self::specify(inputs)?;
		let id = NextModelId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = Self::deposit_for_model(&name)?;
		let version_deposit = Self::deposit_for_version(&spec)?;
		let held = deposit
			.checked_add(version_deposit)
			.ok_or(Error::<T>::DepositOverflow)?;
		Self::hold(&owner, held)?;
		Self::pin(&spec)?;

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
			offered_to: None,
			name,
			price_per_unit,
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
		let spec = Self::specify(inputs)?;
		let before = model.current_version;
		let version = before.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let mut superseded = Versions::<T>::get(id, before).ok_or(Error::<T>::UnknownVersion)?;
		let deposit = Self::deposit_for_version(&spec)?;
		model.current_version = version;
		model.versions = model
			.versions
			.checked_add(1)
			.ok_or(Error::<T>::IdsExhausted)?;
		model.held = model
			.held
			.checked_add(deposit)
			.ok_or(Error::<T>::DepositOverflow)?;
		superseded.superseded_at = Some(frame_system::Pallet::<T>::block_number());
		Self::hold(&who, deposit)?;
		Self::pin(&spec)?;

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
			deposit,
			superseded_at,
			..
		} = Versions::<T>::get(id, version).ok_or(Error::<T>::UnknownVersion)?;
		Self::ensure_settled(superseded_at.ok_or(Error::<T>::VersionInUse)?)?;
		model.versions = model
			.versions
			.checked_sub(1)
			.ok_or(Error::<T>::UnknownVersion)?;
		model.held = model
			.held
			.checked_sub(deposit)
			.ok_or(Error::<T>::DepositOverflow)?;
		Self::release(&who, deposit)?;

		Versions::<T>::remove(id, version);
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::VersionRemoved {
			model: id,
			version,
			deposit,
		});
		Ok(())
	}

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
	) -> DispatchResult {
		let mut model = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
		ensure!(
			model.offered_to.as_ref() == Some(&who),
			Error::<T>::NotOffered
		);
		let deposit = model.held;
		ensure!(deposit <= max_deposit, Error::<T>::DepositTooHigh);
		Self::hold(&who, deposit)?;
		Self::release(&model.owner, deposit)?;

		let from = core::mem::replace(&mut model.owner, who.clone());
		model.offered_to = None;
		Models::<T>::insert(id, model);
		Self::deposit_event(Event::OwnershipTransferred {
			model: id,
			from,
			to: who,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_retire(who: T::AccountId, id: ModelId) -> DispatchResult {
		let model = Self::owned(&who, id)?;
		Self::ensure_settled(model.paused_since.ok_or(Error::<T>::NotPaused)?)?;
		ensure!(model.versions == 1, Error::<T>::OldVersionsLeft);
		Self::release(&who, model.held)?;

		Versions::<T>::remove(id, model.current_version);
		Models::<T>::remove(id);
		Self::deposit_event(Event::ModelRetired {
			model: id,
			owner: who,
			deposit: model.held,
		});
		Ok(())
	}

	/// How many units of compute a task takes with an input of so many bytes.
	pub(crate) fn units_of(task: Task, input_bytes: u32) -> Option<u32> {
		let units = input_bytes
			.checked_div(T::BytesPerUnit::get())?
			.checked_add(1)?;
		match task {
			Task::Search { .. } => Some(units),
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
		let model = Models::<T>::get(id).ok_or(Error::<T>::UnknownModel)?;
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

/// Whether tokens can be chosen so.
fn is_sampler(sampler: Sampler) -> bool {
	match sampler {
		Sampler::Greedy => true,
		Sampler::Seeded {
			temperature,
			top_k,
			top_p,
		} => {
			(1..=MAX_TEMPERATURE).contains(&temperature)
				&& (1..=MAX_SAMPLED).contains(&top_k)
				&& (1..=ONE).contains(&top_p)
		}
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

	fn royalties(model: ModelId) -> Vec<(T::AccountId, u32)> {
		Models::<T>::get(model).map_or_else(Vec::new, |model| vec![(model.owner, 1)])
	}
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		use alloc::collections::BTreeMap;
		use frame_support::traits::fungible::hold::Inspect as _;

		let now = frame_system::Pallet::<T>::block_number();
		let next = NextModelId::<T>::get();
		let mut owed = BTreeMap::<T::AccountId, Balance>::new();
		for (id, model) in Models::<T>::iter() {
			ensure!(id < next, "1: a model with an id not given out");
			ensure!(text::is_name(&model.name), "1: a model with a bad name");
			ensure!(
				Self::ensure_price(model.price_per_unit).is_ok(),
				"1: a model with a price out of bounds"
			);
			ensure!(
				model.offered_to.as_ref() != Some(&model.owner),
				"1: a model offered to its owner"
			);
			let (mut kept, mut sum) = (0u32, model.deposit);
			for (number, version) in Versions::<T>::iter_prefix(id) {
				ensure!(
					number <= model.current_version,
					"2: a version above the current one"
				);
				kept = kept.checked_add(1).ok_or("2: versions overflow")?;
				sum = sum
					.checked_add(version.deposit)
					.ok_or("6: deposits overflow")?;
				ensure!(
					version.superseded_at.is_none() == (number == model.current_version),
					"3: the current version is superseded, or another one is not"
				);
				ensure!(
					version.superseded_at.is_none_or(|since| since <= now),
					"3: a version superseded in the future"
				);
			}
			ensure!(kept == model.versions, "2: `versions` is miscounted");
			ensure!(
				Versions::<T>::contains_key(id, model.current_version),
				"3: the current version is missing"
			);
			ensure!(sum == model.held, "6: `held` is not the sum of its parts");
			let owed = owed.entry(model.owner).or_default();
			*owed = owed.checked_add(model.held).ok_or("6: deposits overflow")?;
		}
		for (id, _, Version { spec, .. }) in Versions::<T>::iter() {
			ensure!(
				Models::<T>::contains_key(id),
				"2: a version without a model"
			);
			let datanets: Vec<_> = spec.snapshots.iter().map(|s| s.datanet).collect();
			ensure!(
				Self::ensure_runnable(spec.task, spec.policy, &spec.artifacts, &datanets).is_ok(),
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
		}
		for (who, owed) in owed {
			ensure!(
				T::Currency::balance_on_hold(&HoldReason::ModelDeposit.into(), &who) == owed,
				"6: the deposits are not what is held"
			);
		}
		Ok(())
	}
}
