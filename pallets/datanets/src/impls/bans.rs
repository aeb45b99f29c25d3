//! What governance takes out.

use frame_support::ensure;
use openledger_primitives::{data::Locator, BatchId, DatanetId};
use sp_runtime::DispatchResult;

use crate::{BatchState, Batches, Config, Datanets, Error, Event, Frozen, Links, Pallet};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_ban_batch(id: BatchId) -> DispatchResult {
		let mut batch = Self::known_batch(id)?;
		let index = match batch.state {
			// A jury is to look at it, and its place is not given out yet.
			BatchState::Pending => return Err(Error::<T>::NotAccepted.into()),
			BatchState::Banned { .. } => return Err(Error::<T>::BatchBanned.into()),
			BatchState::Accepted { index, .. } => index,
		};
		// A batch below a head left the pool, and was paid, when it was linked.
		let income = match Links::<T>::get(id).parent {
			Some(_) => 0,
			None => Self::strip(&mut batch)?,
		};
		Self::forfeit(&batch.contributor, batch.deposit)?;
		let forfeited = core::mem::take(&mut batch.deposit);
		batch.locator = Locator::None;
		batch.state = BatchState::Banned { index };
		let (datanet, contributor) = (batch.datanet, batch.contributor.clone());
		Batches::<T>::insert(id, batch);
		Self::deposit_event(Event::BatchBanned {
			batch: id,
			datanet,
			index,
			contributor,
			forfeited,
			income,
		});
		Ok(())
	}

	pub(crate) fn do_set_frozen(datanet: DatanetId, frozen: bool) -> DispatchResult {
		ensure!(
			Datanets::<T>::contains_key(datanet),
			Error::<T>::UnknownDatanet
		);
		Frozen::<T>::set(datanet, frozen.then_some(()));
		Self::deposit_event(Event::FrozenSet { datanet, frozen });
		Ok(())
	}
}
