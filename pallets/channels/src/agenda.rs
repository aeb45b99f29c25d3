//! What falls due when.

use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::traits::Saturating;

use crate::{
	types::{Item, Queue},
	Agenda, Config, Cursors, ExcusedAt, Pallet, WeightInfo,
};

/// How many deadlines of a batch can be put off, one after the other, once it can't be challenged any
/// more: disclosure, re-run, and settlement before and after.
const DEADLINES: u32 = 4;

impl<T: Config> Pallet<T> {
	/// Puts an item on the agenda of a block that is yet to come.
	pub(crate) fn schedule(item: Item, at: BlockNumberFor<T>) {
		Agenda::<T>::insert((item.queue(), at), item, ());
	}

	/// Takes an item off the agenda, if it is there.
	pub(crate) fn unschedule(item: Item, at: BlockNumberFor<T>) {
		Agenda::<T>::remove((item.queue(), at), item);
	}

	fn weight_of(queue: Queue) -> Weight {
		match queue {
			// Settled twice where a part is not attributed.
			Queue::Batches => T::WeightInfo::batch_due().max(
				T::WeightInfo::settle()
					.saturating_add(T::SettleWeight::get())
					.saturating_add(T::UnattributedWeight::get()),
			),
			Queue::Channels => T::WeightInfo::finalise(),
		}
	}

	/// The most that one item can weigh, with what it takes to get to it.
	pub(crate) fn dearest_item() -> Weight {
		T::WeightInfo::agenda_base()
			.saturating_add(T::WeightInfo::agenda_block())
			.saturating_add(T::WeightInfo::agenda_block())
			.saturating_add(Self::weight_of(Queue::Batches).max(Self::weight_of(Queue::Channels)))
	}

	/// For how many blocks a batch can stay unsettled at most: challenged in the last block in which that
	/// can be, each deadline used up, and put off by those of as many other batches as there may be. For
	/// the runtime: agents' bonds and models' versions must stay for longer.
	pub fn longest_life() -> BlockNumberFor<T> {
		let per_block = T::MaxDueWeight::get()
			.checked_div_per_component(&Self::dearest_item())
			.map_or(1, |items| u32::try_from(items).unwrap_or(u32::MAX).max(1));
		let delay = T::MaxBatches::get()
			.div_ceil(per_block)
			.saturating_add(1)
			.saturating_mul(DEADLINES);
		T::MaxChallengeBlocks::get()
			.saturating_add(T::DiscloseBlocks::get())
			.saturating_add(T::RerunBlocks::get())
			.saturating_add(T::RecomputeBlocks::get())
			.saturating_add(delay.into())
	}

	/// Does what has fallen due up to block `now`, as far as [`Config::MaxDueWeight`] goes, batches first.
	pub(crate) fn serve_agenda(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::with_limit(T::MaxDueWeight::get());
		meter.consume(T::WeightInfo::agenda_base());
		for queue in [Queue::Batches, Queue::Channels] {
			let mut block = Cursors::<T>::get(queue).unwrap_or(now);
			while block <= now && meter.try_consume(T::WeightInfo::agenda_block()).is_ok() {
				if !Self::serve_block(queue, block, &mut meter) {
					break;
				}
				block.saturating_inc();
			}
			Cursors::<T>::insert(queue, block);
		}
		meter.consumed()
	}

	/// Takes note of what may keep transactions out of the block.
	pub(crate) fn begin_block(now: BlockNumberFor<T>) {
		if T::Excuse::get() {
			ExcusedAt::<T>::put(now);
		}
	}

	/// Whether all of the block's agenda was served. Nothing that it does touches what is left of it in
	/// this queue, but that it takes the end of a channel off: all that it schedules lies ahead.
	pub(crate) fn serve_block(
		queue: Queue,
		block: BlockNumberFor<T>,
		meter: &mut WeightMeter,
	) -> bool {
		for item in Agenda::<T>::iter_key_prefix((queue, block)) {
			if meter.try_consume(Self::weight_of(queue)).is_err() {
				return false;
			}
			Agenda::<T>::remove((queue, block), item);
			match item {
				Item::Batch(channel, batch) => Self::batch_due(channel, batch),
				Item::Channel(channel) => Self::channel_due(channel),
			}
		}
		true
	}
}
