//! Batches: how they come, are judged and go.

use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use openledger_primitives::{
	data::{Decision, Locator, Merit, Verdict, MAX_SCORE},
	merkle,
	traits::{Curation, PointsSink, ReputationSink},
	BatchId, ContentHash, DatanetId, Hash,
};
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	locator::is_locator, types::MAX_PAGE, Batch, BatchAt, BatchDetails, BatchOf, BatchOfContent,
	BatchOfRoot, BatchState, Batches, Config, Datanets, Error, Event, Frozen, HoldReason, Links,
	NextBatchId, Pallet, Rules,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn known_batch(id: BatchId) -> Result<BatchOf<T>, DispatchError> {
		Batches::<T>::get(id).ok_or(Error::<T>::UnknownBatch.into())
	}

	fn ensure_acceptable(rules: &Rules, details: &BatchDetails) -> DispatchResult {
		ensure!(!details.root.is_zero(), Error::<T>::NoRoot);
		ensure!(details.rows > 0, Error::<T>::NoRows);
		ensure!(details.rows <= T::MaxRows::get(), Error::<T>::TooManyRows);
		ensure!(details.bytes > 0, Error::<T>::NoBytes);
		ensure!(
			details.bytes <= T::MaxBytes::get(),
			Error::<T>::TooManyBytes
		);
		ensure!(is_locator(&details.locator), Error::<T>::BadLocator);
		if let Locator::Inline(file) = &details.locator {
			ensure!(
				u64::try_from(file.len()) == Ok(details.bytes)
					&& ContentHash::of(file) == details.content,
				Error::<T>::InlineMismatch
			);
		}
		ensure!(
			!details.encrypted || rules.data_key.is_some(),
			Error::<T>::NoDataKey
		);
		Ok(())
	}

	pub(crate) fn do_add_batch(
		contributor: T::AccountId,
		id: DatanetId,
		details: BatchDetails,
	) -> DispatchResult {
		let mut datanet = Self::known(id)?;
		ensure!(!Frozen::<T>::contains_key(id), Error::<T>::DatanetFrozen);
		let rules = Self::rules_now(id)?.current;
		Self::ensure_may_contribute(id, &rules, &contributor)?;
		Self::ensure_acceptable(&rules, &details)?;
		let BatchDetails {
			root,
			content,
			rows,
			bytes,
			locator,
			minhash,
			encrypted,
		} = details;
		ensure!(
			!BatchOfRoot::<T>::contains_key(root),
			Error::<T>::DuplicateRoot
		);
		ensure!(
			!BatchOfContent::<T>::contains_key(content),
			Error::<T>::DuplicateContent
		);
		// A pending batch has its place kept free, so that a jury's work is never in vain.
		let taken = datanet.batches.saturating_add(datanet.pending);
		ensure!(
			taken < T::MaxBatchesPerDatanet::get(),
			Error::<T>::DatanetFull
		);
		ensure!(
			datanet.pending < T::MaxPending::get() || rules.curation.is_none(),
			Error::<T>::TooManyPending
		);
		datanet.pending = datanet
			.pending
			.checked_add(1)
			.ok_or(Error::<T>::TooManyPending)?;
		let batch = NextBatchId::<T>::get();
		let next = batch.checked_add(1).ok_or(Error::<T>::IdsExhausted)?;
		let deposit = Self::deposit_for_batch(&rules, bytes, Self::inline_bytes(&locator))?;
		Self::hold(HoldReason::BatchDeposit, &contributor, deposit)?;

		NextBatchId::<T>::put(next);
		Datanets::<T>::insert(id, datanet);
		BatchOfRoot::<T>::insert(root, batch);
		BatchOfContent::<T>::insert(content, batch);
		let record = Batch {
			datanet: id,
			contributor: contributor.clone(),
			added: frame_system::Pallet::<T>::block_number(),
			root,
			content,
			rows,
			bytes,
			locator,
			minhash,
			encrypted,
			deposit,
			quorum: rules.curation,
			state: BatchState::Pending,
			paid: 0,
		};
		Batches::<T>::insert(batch, &record);
		Self::deposit_event(Event::BatchAdded {
			batch,
			datanet: id,
			contributor,
			root,
			content,
			rows,
			bytes,
			encrypted,
			quorum: rules.curation,
			deposit,
		});
		match rules.curation {
			Some(_) => T::Curation::open(batch),
			None => Self::accept(batch, record, MAX_SCORE),
		}
	}

	/// Gives a pending batch its place, and its shares in the pool.
	fn accept(id: BatchId, mut batch: BatchOf<T>, score: u8) -> DispatchResult {
		let mut datanet = Self::known(batch.datanet)?;
		let index = datanet.batches;
		ensure!(
			index < T::MaxBatchesPerDatanet::get(),
			Error::<T>::DatanetFull
		);
		datanet.batches = index.checked_add(1).ok_or(Error::<T>::DatanetFull)?;
		datanet.live = datanet.live.checked_add(1).ok_or(Error::<T>::DatanetFull)?;
		datanet.pending = datanet
			.pending
			.checked_sub(1)
			.ok_or(Error::<T>::NotPending)?;
		batch.state = BatchState::Accepted { index, score };
		Self::join_pool(&mut batch, score)?;

		let (datanet_id, contributor) = (batch.datanet, batch.contributor.clone());
		Datanets::<T>::insert(datanet_id, datanet);
		BatchAt::<T>::insert(datanet_id, index, id);
		Batches::<T>::insert(id, batch);
		Self::deposit_event(Event::BatchAccepted {
			batch: id,
			datanet: datanet_id,
			index,
			contributor,
			score,
		});
		Ok(())
	}

	/// Ends a jury's work on a batch.
	pub(crate) fn do_decide(id: BatchId, decision: Decision) -> DispatchResult {
		let batch = Self::known_batch(id)?;
		ensure!(batch.state == BatchState::Pending, Error::<T>::NotPending);
		let (datanet, contributor, deposit) =
			(batch.datanet, batch.contributor.clone(), batch.deposit);
		match decision {
			Decision::Found(Verdict::Accept { score }) => {
				let score = score.min(MAX_SCORE);
				Self::accept(id, batch, score)?;
				// Only a jury's finding is worth points: a batch that an owner vouched for is none.
				T::Points::credit(&contributor, datanet, Merit::Contribution, score.into());
			}
			Decision::Found(Verdict::Reject { reason }) => {
				Self::forfeit(&contributor, deposit)?;
				Self::remove_pending(id, &batch)?;
				T::Reputation::forfeit(&contributor, T::RejectionForfeit::get());
				Self::deposit_event(Event::BatchRejected {
					batch: id,
					datanet,
					contributor,
					reason,
					forfeited: deposit,
				});
			}
			Decision::Undecided => {
				Self::release(HoldReason::BatchDeposit, &contributor, deposit)?;
				Self::remove_pending(id, &batch)?;
				Self::deposit_event(Event::BatchUndecided {
					batch: id,
					datanet,
					contributor,
					deposit,
				});
			}
		}
		Ok(())
	}

	fn remove_pending(id: BatchId, batch: &BatchOf<T>) -> DispatchResult {
		let mut datanet = Self::known(batch.datanet)?;
		datanet.pending = datanet
			.pending
			.checked_sub(1)
			.ok_or(Error::<T>::NotPending)?;
		Datanets::<T>::insert(batch.datanet, datanet);
		Self::forget(id, batch);
		Ok(())
	}

	fn forget(id: BatchId, batch: &BatchOf<T>) {
		Batches::<T>::remove(id);
		BatchOfRoot::<T>::remove(batch.root);
		BatchOfContent::<T>::remove(batch.content);
	}

	pub(crate) fn do_withdraw_batch(who: T::AccountId, id: BatchId) -> DispatchResult {
		let mut batch = Self::known_batch(id)?;
		ensure!(batch.contributor == who, Error::<T>::NotContributor);
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(
			now >= batch.added.saturating_add(T::WithdrawalDelay::get()),
			Error::<T>::TooEarly
		);
		let index = match batch.state {
			BatchState::Pending => {
				T::Curation::abandon(id)?;
				Self::remove_pending(id, &batch)?;
				None
			}
			BatchState::Accepted { index, .. } => {
				let mut datanet = Self::known(batch.datanet)?;
				ensure!(index >= datanet.pinned, Error::<T>::BatchInUse);
				let link = Links::<T>::get(id);
				ensure!(link.is_leaf(), Error::<T>::HasDuplicates);
				datanet.live = datanet
					.live
					.checked_sub(1)
					.ok_or(Error::<T>::UnknownBatch)?;
				if link.parent.is_none() {
					Self::leave_pool(id, &mut batch)?;
				}
				Self::unlink(id, link)?;
				Datanets::<T>::insert(batch.datanet, datanet);
				BatchAt::<T>::remove(batch.datanet, index);
				Self::forget(id, &batch);
				Some(index)
			}
			BatchState::Banned { .. } => return Err(Error::<T>::BatchBanned.into()),
		};
		Self::release(HoldReason::BatchDeposit, &who, batch.deposit)?;
		Self::deposit_event(Event::BatchWithdrawn {
			batch: id,
			datanet: batch.datanet,
			index,
			contributor: who,
			deposit: batch.deposit,
		});
		Ok(())
	}

	/// Whether a batch belongs to what is built on its Datanet.
	pub(crate) fn is_pinned(batch: &BatchOf<T>) -> bool {
		batch.state.index().is_some_and(|index| {
			Datanets::<T>::get(batch.datanet).is_some_and(|datanet| index < datanet.pinned)
		})
	}

	pub(crate) fn page(datanet: DatanetId, from: u32, limit: u32) -> Vec<(BatchId, BatchOf<T>)> {
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
