//! What other pallets see.

use frame_support::ensure;
use openledger_primitives::{
	data::Decision,
	traits::{AccessRegistry, AccessTerms, BatchInfo, DataRegistry, Submission, Submissions},
	Balance, BatchId, DatanetId,
};
use sp_runtime::{DispatchResult, Percent};

use crate::{BatchAt, BatchState, Batches, Config, Datanets, Descriptions, Error, Event, Pallet};

/// The quorum of juries on whether a batch is a duplicate, where the owner vouched for the batch.
const VOUCHED_QUORUM: Percent = Percent::from_percent(60);

impl<T: Config> DataRegistry<T::AccountId> for Pallet<T> {
	fn batch_count(datanet: DatanetId) -> Option<u32> {
		Datanets::<T>::get(datanet).map(|datanet| datanet.batches)
	}

	fn pin(id: DatanetId, batches: u32) -> DispatchResult {
		let mut datanet = Self::known(id)?;
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
		let index = batch.state.index()?;
		Some(BatchInfo {
			datanet: batch.datanet,
			index,
			contributor: batch.contributor,
			content: batch.content,
			root: batch.root,
			rows: batch.rows,
			bytes: batch.bytes,
			locator: batch.locator,
			encrypted: batch.encrypted,
		})
	}

	fn contributor(id: BatchId) -> Option<T::AccountId> {
		let batch = Batches::<T>::get(id)?;
		matches!(batch.state, BatchState::Accepted { .. }).then_some(batch.contributor)
	}

	fn cluster(batch: BatchId) -> BatchId {
		Self::head(batch).unwrap_or(batch)
	}
}

impl<T: Config> Submissions<T::AccountId> for Pallet<T> {
	fn owner(datanet: DatanetId) -> Option<T::AccountId> {
		Datanets::<T>::get(datanet).map(|datanet| datanet.owner)
	}

	fn submission(id: BatchId) -> Option<Submission<T::AccountId>> {
		let batch = Batches::<T>::get(id)?;
		Some(Submission {
			datanet: batch.datanet,
			contributor: batch.contributor,
			rows: batch.rows,
			root: batch.root,
			pending: batch.state == BatchState::Pending,
			quorum: batch.quorum.unwrap_or(VOUCHED_QUORUM),
		})
	}

	fn cluster(batch: BatchId) -> Option<BatchId> {
		Pallet::<T>::cluster(batch)
	}

	fn decide(batch: BatchId, decision: Decision) -> DispatchResult {
		Self::do_decide(batch, decision)
	}

	fn link(batch: BatchId, other: BatchId) -> DispatchResult {
		Self::do_link(batch, other)
	}
}

impl<T: Config> AccessRegistry<T::AccountId> for Pallet<T> {
	fn terms(id: DatanetId) -> Option<AccessTerms<T::AccountId>> {
		let owner = Datanets::<T>::get(id)?.owner;
		let licence = Descriptions::<T>::get(id)?.licence.into_inner();
		let rules = Self::rules_now(id).ok()?.current;
		Some(AccessTerms {
			owner,
			price_per_day: rules.access_price_per_day,
			licence,
			owner_share: rules.owner_share,
		})
	}

	fn pay_contributors(
		datanet: DatanetId,
		payer: &T::AccountId,
		amount: Balance,
	) -> DispatchResult {
		Self::do_pay_contributors(datanet, payer, amount)
	}
}
