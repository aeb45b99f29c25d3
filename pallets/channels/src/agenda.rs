//! What falls due when.

use frame_support::{traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_pallet_support::agenda;
use openledger_primitives::traits::Settlement;
use sp_runtime::traits::Saturating;

use crate::{
	types::{Item, Queue},
	Agenda, Config, Cursors, ExcusedAt, Pallet, WeightInfo,
};

/// How many deadlines of a batch can be put off, one after the other, once it can't be challenged any
/// more: disclosure, re-run, and settlement before and after.
const DEADLINES: u32 = 4;

impl<T: Config> agenda::Keeper for Pallet<T> {
	type Queue = Queue;
	type Block = BlockNumberFor<T>;
	type Item = Item;
	type Task = ();
	type Entries = Agenda<T>;
	type Cursors = Cursors<T>;

	const QUEUES: &'static [Queue] = &[Queue::Batches, Queue::Channels];

	fn limit() -> Weight {
		T::MaxDueWeight::get()
	}

	fn base_weight() -> Weight {
		T::WeightInfo::agenda_base()
	}

	fn block_weight() -> Weight {
		T::WeightInfo::agenda_block()
	}

	fn item_weight(item: &Item, _: &()) -> Weight {
		Self::weight_of(item.queue())
	}

	fn max_item_weight() -> Weight {
		Self::weight_of(Queue::Batches).max(Self::weight_of(Queue::Channels))
	}

	fn serve(item: Item, _: ()) -> Weight {
		match item {
			Item::Batch(channel, batch) => Self::batch_due(channel, batch),
			Item::Channel(channel) => {
				Self::channel_due(channel);
				T::WeightInfo::finalise()
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Puts an item on the agenda of a block that is yet to come.
	pub(crate) fn schedule(item: Item, at: BlockNumberFor<T>) {
		Agenda::<T>::insert((item.queue(), at), item, ());
	}

	/// Takes an item off the agenda, if it is there.
	pub(crate) fn unschedule(item: Item, at: BlockNumberFor<T>) {
		Agenda::<T>::remove((item.queue(), at), item);
	}

	/// What an item of a queue weighs at most.
	fn weight_of(queue: Queue) -> Weight {
		match queue {
			// Settled twice where a part is not attributed.
			Queue::Batches => T::WeightInfo::batch_due().max(
				T::WeightInfo::settle()
					.saturating_add(T::Settlement::weight_by_root(1).saturating_mul(2)),
			),
			Queue::Channels => T::WeightInfo::finalise(),
		}
	}

	/// The most that one item of the agenda can weigh, with what it takes to get to it.
	pub(crate) fn dearest_item() -> Weight {
		agenda::dearest_item::<Self>()
	}

	/// For how many blocks a batch can stay unsettled at most: challenged in the last block in which that
	/// can be, each deadline used up, and put off by those of as many other batches as there may be. For
	/// the runtime: agents' bonds and models' versions must stay for longer.
	pub fn longest_life() -> BlockNumberFor<T> {
		let delay = agenda::longest_delay::<Self>(T::MaxBatches::get()).saturating_mul(DEADLINES);
		T::MaxChallengeBlocks::get()
			.saturating_add(T::DiscloseBlocks::get())
			.saturating_add(T::RerunBlocks::get())
			.saturating_add(T::RecomputeBlocks::get())
			.saturating_add(delay.into())
	}

	/// Does what has fallen due up to block `now`, as far as [`Config::MaxDueWeight`] goes: batches first.
	pub(crate) fn serve_agenda(now: BlockNumberFor<T>) -> Weight {
		agenda::serve::<Self>(now)
	}

	/// Takes note of what may keep transactions out of the block.
	pub(crate) fn begin_block(now: BlockNumberFor<T>) {
		if T::Excuse::get() {
			ExcusedAt::<T>::put(now);
		}
	}
}
