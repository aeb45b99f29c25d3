//! The work behind the calls, the registry that other pallets see, and the invariants.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	ensure,
	traits::{fungible::hold::Mutate as _, tokens::Precision::Exact, Get},
};
use openledger_primitives::{
	merkle,
	text::is_name,
	traits::{BatchInfo, DataRegistry},
	Balance, BatchId, DatanetId, Hash,
};
use sp_runtime::{DispatchError, DispatchResult};

use crate::{
	text, types::MAX_PAGE, Batch, BatchAt, BatchDetails, BatchOfContent, BatchOfRoot, Batches,
	Config, Datanet, DatanetDetails, Datanets, Descriptions, Error, Event, HoldReason, Metadata,
	NextBatchId, NextDatanetId, Pallet,
};

/// The step by which the size of a batch file counts.
const MEBIBYTE: u64 = 1 << 20;

impl<T: Config> Pallet<T> {
	/// The deposit for a Datanet's description.
	pub(crate) fn deposit_for_datanet(details: &DatanetDetails) -> Result<Balance, DispatchError> {
		Self::deposit_for_length(details.encoded_size())
	}

	/// The deposit for a description of so many bytes, encoded.
	pub(crate) fn deposit_for_length(length: usize) -> Result<Balance, DispatchError> {
		Balance::try_from(length)
			.ok()
			.and_then(|length| T::ByteDeposit::get().checked_mul(length))
			.and_then(|bytes| T::DatanetDeposit::get().checked_add(bytes))
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	/// The deposit for a batch file of so many bytes: each MiB counts as soon as it is begun.
	pub(crate) fn deposit_for_batch(bytes: u64) -> Result<Balance, DispatchError> {
		T::MebibyteDeposit::get()
			.checked_mul(bytes.div_ceil(MEBIBYTE).into())
			.and_then(|size| T::BatchDeposit::get().checked_add(size))
			.ok_or(Error::<T>::DepositOverflow.into())
	}

	fn hold(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::hold(&reason.into(), who, amount)
	}

	fn release(reason: HoldReason, who: &T::AccountId, amount: Balance) -> DispatchResult {
		T::Currency::release(&reason.into(), who, amount, Exact).map(|_| ())
	}

	fn owned(who: &T::AccountId, id: DatanetId) -> Result<Datanet<T::AccountId>, DispatchError> {
		let datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
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
		ensure!(text::is_licence(&details.licence), Error::<T>::BadLicence);
		Ok(())
	}

	fn ensure_acceptable(details: &BatchDetails) -> DispatchResult {
		ensure!(!details.root.is_zero(), Error::<T>::NoRoot);
		ensure!(details.rows > 0, Error::<T>::NoRows);
		ensure!(details.rows <= T::MaxRows::get(), Error::<T>::TooManyRows);
		ensure!(details.bytes > 0, Error::<T>::NoBytes);
		ensure!(
			details.bytes <= T::MaxBytes::get(),
			Error::<T>::TooManyBytes
		);
		ensure!(text::is_locator(&details.locator), Error::<T>::BadLocator);
		Ok(())
	}

	pub(crate) fn do_create_datanet(
		owner: T::AccountId,
		details: DatanetDetails,
	) -> DispatchResult {
		Self::ensure_describes(&details)?;
		let id = NextDatanetId::<T>::get();
		let next = id.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = Self::deposit_for_datanet(&details)?;
		Self::hold(HoldReason::DatanetDeposit, &owner, deposit)?;

		NextDatanetId::<T>::put(next);
		Descriptions::<T>::insert(id, details);
		let datanet = Datanet {
			owner: owner.clone(),
			deposit,
			batches: 0,
			live: 0,
			pinned: 0,
		};
		Datanets::<T>::insert(id, datanet);
		Self::deposit_event(Event::DatanetCreated {
			datanet: id,
			owner,
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
		match (
			deposit.checked_sub(datanet.deposit),
			datanet.deposit.checked_sub(deposit),
		) {
			(Some(0), _) => {}
			(Some(more), _) => Self::hold(HoldReason::DatanetDeposit, &who, more)?,
			(None, less) => {
				Self::release(HoldReason::DatanetDeposit, &who, less.unwrap_or_default())?
			}
		}

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
			live,
			pinned,
			..
		} = Self::owned(&who, id)?;
		ensure!(live == 0, Error::<T>::DatanetNotEmpty);
		ensure!(pinned == 0, Error::<T>::DatanetInUse);
		Self::release(HoldReason::DatanetDeposit, &owner, deposit)?;

		Datanets::<T>::remove(id);
		Descriptions::<T>::remove(id);
		Self::deposit_event(Event::DatanetClosed {
			datanet: id,
			owner,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_add_batch(
		contributor: T::AccountId,
		id: DatanetId,
		details: BatchDetails,
	) -> DispatchResult {
		let mut datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		Self::ensure_acceptable(&details)?;
		let BatchDetails {
			root,
			content,
			rows,
			bytes,
			locator,
		} = details;
		ensure!(
			!BatchOfRoot::<T>::contains_key(root),
			Error::<T>::DuplicateRoot
		);
		ensure!(
			!BatchOfContent::<T>::contains_key(content),
			Error::<T>::DuplicateContent
		);
		let index = datanet.batches;
		ensure!(
			index < T::MaxBatchesPerDatanet::get(),
			Error::<T>::DatanetFull
		);
		datanet.batches = index.checked_add(1).ok_or(Error::<T>::DatanetFull)?;
		datanet.live = datanet.live.checked_add(1).ok_or(Error::<T>::DatanetFull)?;
		let batch = NextBatchId::<T>::get();
		let next = batch.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = Self::deposit_for_batch(bytes)?;
		Self::hold(HoldReason::BatchDeposit, &contributor, deposit)?;

		NextBatchId::<T>::put(next);
		Datanets::<T>::insert(id, datanet);
		BatchAt::<T>::insert(id, index, batch);
		BatchOfRoot::<T>::insert(root, batch);
		BatchOfContent::<T>::insert(content, batch);
		let record = Batch {
			datanet: id,
			index,
			contributor: contributor.clone(),
			root,
			content,
			rows,
			bytes,
			locator,
			deposit,
		};
		Batches::<T>::insert(batch, record);
		Self::deposit_event(Event::BatchAdded {
			batch,
			datanet: id,
			index,
			contributor,
			root,
			content,
			rows,
			bytes,
			deposit,
		});
		Ok(())
	}

	pub(crate) fn do_withdraw_batch(who: T::AccountId, id: BatchId) -> DispatchResult {
		let batch = Batches::<T>::get(id).ok_or(Error::<T>::UnknownBatch)?;
		ensure!(batch.contributor == who, Error::<T>::NotContributor);
		let mut datanet = Datanets::<T>::get(batch.datanet).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(batch.index >= datanet.pinned, Error::<T>::BatchInUse);
		datanet.live = datanet
			.live
			.checked_sub(1)
			.ok_or(Error::<T>::UnknownBatch)?;
		Self::release(HoldReason::BatchDeposit, &who, batch.deposit)?;

		Datanets::<T>::insert(batch.datanet, datanet);
		Batches::<T>::remove(id);
		BatchAt::<T>::remove(batch.datanet, batch.index);
		BatchOfRoot::<T>::remove(batch.root);
		BatchOfContent::<T>::remove(batch.content);
		Self::deposit_event(Event::BatchWithdrawn {
			batch: id,
			datanet: batch.datanet,
			index: batch.index,
			contributor: who,
			deposit: batch.deposit,
		});
		Ok(())
	}

	pub(crate) fn page(
		datanet: DatanetId,
		from: u32,
		limit: u32,
	) -> Vec<(BatchId, Batch<T::AccountId>)> {
		let end = Datanets::<T>::get(datanet)
			.map_or(0, |datanet| datanet.batches)
			.min(from.saturating_add(limit.min(MAX_PAGE)));
		(from..end)
			.filter_map(|index| BatchAt::<T>::get(datanet, index))
			.filter_map(|id| Some((id, Batches::<T>::get(id)?)))
			.collect()
	}

	pub(crate) fn includes(id: BatchId, row: u32, leaf: Hash, proof: Vec<Hash>) -> Option<bool> {
		let batch = Batches::<T>::get(id)?;
		Some(merkle::verify(&batch.root, &leaf, row, batch.rows, &proof))
	}
}

impl<T: Config> DataRegistry<T::AccountId> for Pallet<T> {
	fn batch_count(datanet: DatanetId) -> Option<u32> {
		Datanets::<T>::get(datanet).map(|datanet| datanet.batches)
	}

	fn pin(id: DatanetId, batches: u32) -> DispatchResult {
		let mut datanet = Datanets::<T>::get(id).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(batches <= datanet.batches, Error::<T>::TooFewBatches);
		ensure!(datanet.live > 0, Error::<T>::NothingToPin);
		if batches > datanet.pinned {
			datanet.pinned = batches;
			Datanets::<T>::insert(id, datanet);
			Self::deposit_event(Event::BatchesPinned {
				datanet: id,
				batches,
			});
		}
		Ok(())
	}

	fn batch_at(datanet: DatanetId, index: u32) -> Option<BatchId> {
		BatchAt::<T>::get(datanet, index)
	}

	fn batch(id: BatchId) -> Option<BatchInfo<T::AccountId>> {
		let batch = Batches::<T>::get(id)?;
		Some(BatchInfo {
			datanet: batch.datanet,
			index: batch.index,
			contributor: batch.contributor,
			cluster: id,
			content: batch.content,
			root: batch.root,
			rows: batch.rows,
			bytes: batch.bytes,
			locator: batch.locator.into_inner(),
		})
	}

	fn contributor(batch: BatchId) -> Option<T::AccountId> {
		Batches::<T>::get(batch).map(|batch| batch.contributor)
	}
}

#[cfg(any(feature = "std", feature = "try-runtime"))]
impl<T: Config> Pallet<T> {
	/// Checks the invariants of the crate's documentation, by their numbers.
	pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
		use alloc::collections::{BTreeMap, BTreeSet};
		use frame_support::traits::fungible::hold::Inspect as _;

		let mut held = BTreeMap::<T::AccountId, (Balance, Balance)>::new();
		let next = NextDatanetId::<T>::get();
		for (id, datanet) in Datanets::<T>::iter() {
			ensure!(
				Descriptions::<T>::contains_key(id),
				"1: a Datanet without a description"
			);
			ensure!(id < next, "1: a Datanet with an id not given out");
			ensure!(
				datanet.live <= datanet.batches,
				"2: more batches than places"
			);
			ensure!(
				datanet.pinned <= datanet.batches,
				"2: more places pinned than given out"
			);
			ensure!(
				datanet.batches <= T::MaxBatchesPerDatanet::get(),
				"2: more places than a Datanet may have"
			);
			let places: BTreeMap<u32, BatchId> = BatchAt::<T>::iter_prefix(id).collect();
			let ids: Vec<_> = places.into_values().collect();
			ensure!(
				u32::try_from(ids.len()).ok() == Some(datanet.live),
				"4: `live` is miscounted"
			);
			ensure!(
				ids.iter()
					.zip(ids.iter().skip(1))
					.all(|(left, right)| left < right),
				"5: places out of order"
			);
			let sums = held.entry(datanet.owner).or_default();
			sums.0 = sums
				.0
				.checked_add(datanet.deposit)
				.ok_or("8: deposits overflow")?;
		}
		for id in Descriptions::<T>::iter_keys() {
			ensure!(
				Datanets::<T>::contains_key(id),
				"1: a description without a Datanet"
			);
		}

		let next = NextBatchId::<T>::get();
		let mut ids = BTreeSet::new();
		for (id, batch) in Batches::<T>::iter() {
			ids.insert(id);
			ensure!(id < next, "3: a batch with an id not given out");
			let datanet =
				Datanets::<T>::get(batch.datanet).ok_or("3: a batch without a Datanet")?;
			ensure!(
				batch.index < datanet.batches,
				"3: a batch beyond the places given out"
			);
			ensure!(
				BatchAt::<T>::get(batch.datanet, batch.index) == Some(id),
				"3: a batch that is not at its place"
			);
			ensure!(
				BatchOfRoot::<T>::get(batch.root) == Some(id),
				"6: a batch that its root does not name"
			);
			ensure!(
				BatchOfContent::<T>::get(batch.content) == Some(id),
				"6: a batch that its content does not name"
			);
			ensure!(
				!batch.root.is_zero()
					&& (1..=T::MaxRows::get()).contains(&batch.rows)
					&& (1..=T::MaxBytes::get()).contains(&batch.bytes),
				"7: a batch out of bounds"
			);
			let sums = held.entry(batch.contributor).or_default();
			sums.1 = sums
				.1
				.checked_add(batch.deposit)
				.ok_or("8: deposits overflow")?;
		}
		ensure!(
			BatchAt::<T>::iter_values().all(|id| ids.contains(&id)),
			"3: a place of no batch"
		);
		ensure!(
			BatchAt::<T>::iter().count() == ids.len(),
			"3: a batch at two places"
		);
		ensure!(
			BatchOfRoot::<T>::iter().count() == ids.len(),
			"6: a root of no batch"
		);
		ensure!(
			BatchOfContent::<T>::iter().count() == ids.len(),
			"6: a content of no batch"
		);

		for (who, (datanets, batches)) in held {
			let on_hold = |reason: HoldReason| T::Currency::balance_on_hold(&reason.into(), &who);
			ensure!(
				on_hold(HoldReason::DatanetDeposit) == datanets,
				"8: the deposits for Datanets are not what is held"
			);
			ensure!(
				on_hold(HoldReason::BatchDeposit) == batches,
				"8: the deposits for batches are not what is held"
			);
		}
		Ok(())
	}
}
