//! What is demanded of versions, prices and those who call, and what is held for records.

use alloc::{collections::BTreeSet, vec::Vec};
use codec::{Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision::Exact, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	lineage::MAX_ROYALTY,
	model::{
		Artifact, ArtifactKind, ModelSpec, Policy, Sampler, Snapshot, Task, MAX_PASSAGES,
		MAX_TOKENS, MAX_TOP_K,
	},
	text,
	traits::DataRegistry,
	Balance, DatanetId, ModelId,
};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	types::{Licence, Naming, ANSWER_ARTIFACTS, MAX_DISTANCE, MAX_SAMPLED, MAX_TEMPERATURE, ONE},
	Config, Descent, Error, HoldReason, Model, Models, Name, Pallet, SpecInputs, Terms,
};

/// A model of a runtime.
pub(crate) type ModelOf<T> = Model<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	/// The deposit for a record: a part that is the same for all, and one for its bytes.
	pub(crate) fn deposit_for(base: Balance, bytes: usize) -> Result<Balance, DispatchError> {
		Balance::try_from(bytes)
			.ok()
			.and_then(|bytes| T::ByteDeposit::get().checked_mul(bytes))
			.and_then(|bytes| base.checked_add(bytes))
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	/// The deposit for a record that has no other part than its bytes, at its longest.
	pub(crate) fn deposit_for_bytes<Record: MaxEncodedLen>() -> Result<Balance, DispatchError> {
		Self::deposit_for(0, Record::max_encoded_len())
	}

	pub(crate) fn deposit_for_model(
		name: &Name,
		licence: &Licence,
	) -> Result<Balance, DispatchError> {
		Self::deposit_for(
			T::ModelDeposit::get(),
			name.len().saturating_add(licence.len()),
		)
	}

	pub(crate) fn deposit_for_version(spec: &ModelSpec) -> Result<Balance, DispatchError> {
		// Its model's record of the adapter may outlive the version, and is counted for each that names it.
		let record = match spec.artifact(ArtifactKind::Adapter) {
			Some(_) => Naming::max_encoded_len(),
			None => 0,
		};
		Self::deposit_for(
			T::VersionDeposit::get(),
			spec.encoded_size().saturating_add(record),
		)
	}

	pub(crate) fn deposit_for_registration(
		name: &Name,
		inputs: SpecInputs,
		licence: &Licence,
	) -> Result<Balance, DispatchError> {
		// A snapshot's size does not depend on what it counts.
		let spec = Self::spec_from(inputs, |_| Ok(0))?;
		Self::deposit_for_model(name, licence)?
			.checked_add(Self::deposit_for_version(&spec)?)
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	pub(crate) fn hold(who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&HoldReason::ModelDeposit.into(), who, amount)
	}

	pub(crate) fn release(who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::release(&HoldReason::ModelDeposit.into(), who, amount, Exact).map(|_| ())
	}

	/// Holds more for a model.
	pub(crate) fn hold_for(model: &mut ModelOf<T>, amount: Balance) -> DispatchResult {
		model.held = model
			.held
			.checked_add(amount)
			.ok_or(Error::<T>::DepositOverflow)?;
		Self::hold(&model.owner, amount)
	}

	/// Returns some of what is held for a model.
	pub(crate) fn release_for(model: &mut ModelOf<T>, amount: Balance) -> DispatchResult {
		model.held = model
			.held
			.checked_sub(amount)
			.ok_or(Error::<T>::DepositOverflow)?;
		Self::release(&model.owner, amount)
	}

	pub(crate) fn known(id: ModelId) -> Result<ModelOf<T>, DispatchError> {
		Models::<T>::get(id).ok_or(Error::<T>::UnknownModel.into())
	}

	pub(crate) fn owned(who: &T::AccountId, id: ModelId) -> Result<ModelOf<T>, DispatchError> {
		let model = Self::known(id)?;
		ensure!(model.owner == *who, Error::<T>::NotOwner);
		Ok(model)
	}

	pub(crate) fn ensure_price(price: Balance) -> DispatchResult {
		ensure!(price >= T::MinPrice::get(), Error::<T>::PriceTooLow);
		ensure!(price <= T::MaxPrice::get(), Error::<T>::PriceTooHigh);
		Ok(())
	}

	pub(crate) fn ensure_terms(terms: &Terms) -> DispatchResult {
		ensure!(text::is_licence(&terms.licence), Error::<T>::BadLicence);
		Self::ensure_royalty(terms.royalty)
	}

	pub(crate) fn ensure_royalty(royalty: u32) -> DispatchResult {
		ensure!(royalty <= MAX_ROYALTY, Error::<T>::RoyaltyTooHigh);
		Ok(())
	}

	/// Whether `RemovalDelay` blocks have passed, so that no request from before can be open.
	pub(crate) fn ensure_settled(since: BlockNumberFor<T>) -> DispatchResult {
		let due = since.saturating_add(T::RemovalDelay::get());
		ensure!(
			frame_system::Pallet::<T>::block_number() >= due,
			Error::<T>::TooEarly
		);
		Ok(())
	}

	pub(crate) fn ensure_runnable(
		descent: &Descent,
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
				Self::ensure_generation(max_tokens, sampler)?;
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
				Self::ensure_generation(max_tokens, sampler)?;
				ensure!(
					ANSWER_ARTIFACTS.into_iter().all(|kind| count(kind) == 1),
					Error::<T>::WrongArtifacts
				);
				ensure!(!datanets.is_empty(), Error::<T>::NoDatanets);
			}
			Task::Compare => {
				ensure!(artifacts.is_empty(), Error::<T>::WrongArtifacts);
				ensure!(datanets.is_empty(), Error::<T>::DataUnused);
			}
		}
		let adapters = usize::from(matches!(descent, Descent::Adapter { .. }));
		ensure!(
			count(ArtifactKind::Adapter) <= adapters,
			Error::<T>::WrongArtifacts
		);
		if let Policy::Tolerance { max_distance, .. } = policy {
			match task {
				Task::Search { .. } | Task::Compare => {
					return Err(Error::<T>::NothingToCompare.into())
				}
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

	fn ensure_generation(max_tokens: u32, sampler: Sampler) -> DispatchResult {
		ensure!(
			(1..=MAX_TOKENS).contains(&max_tokens),
			Error::<T>::BadMaxTokens
		);
		ensure!(is_sampler(sampler), Error::<T>::BadSampler);
		Ok(())
	}

	pub(crate) fn spec_from(
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
	pub(crate) fn specify(
		descent: &Descent,
		inputs: SpecInputs,
	) -> Result<ModelSpec, DispatchError> {
		let SpecInputs {
			task,
			policy,
			artifacts,
			datanets,
		} = &inputs;
		Self::ensure_runnable(descent, *task, *policy, artifacts, datanets)?;
		let spec = Self::spec_from(inputs, |datanet| {
			let batches = T::Data::batch_count(datanet).ok_or(Error::<T>::UnknownDatanet)?;
			ensure!(batches > 0, Error::<T>::EmptyDatanet);
			Ok(batches)
		})?;
		Self::ensure_snapshots(&spec.snapshots)?;
		Ok(spec)
	}

	pub(crate) fn ensure_snapshots(snapshots: &[Snapshot]) -> DispatchResult {
		let total = snapshots
			.iter()
			.try_fold(0u32, |total, snapshot| total.checked_add(snapshot.batches));
		ensure!(
			total.is_some_and(|total| total <= T::MaxSnapshotBatches::get()),
			Error::<T>::TooManyBatches
		);
		Ok(())
	}

	pub(crate) fn pin(spec: &ModelSpec) -> DispatchResult {
		spec.snapshots
			.iter()
			.try_for_each(|snapshot| T::Data::pin(snapshot.datanet, snapshot.batches))
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
