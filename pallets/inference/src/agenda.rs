//! What falls due when.

use frame_support::{defensive, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_pallet_support::agenda;
use openledger_primitives::{
	answer::MAX_ENTRIES,
	traits::{OnEnd, OnRuling, Settlement},
	RequestId,
};
use sp_runtime::traits::Saturating;

use crate::{
	types::{Queue, Task},
	Agenda, Config, Cursors, ExcusedAt, Pallet, WeightInfo,
};

/// The most phases that a request has: all of them twice.
const PHASES: u32 = 6;

impl<T: Config> agenda::Keeper for Pallet<T> {
	type Queue = Queue;
	type Block = BlockNumberFor<T>;
	type Item = RequestId;
	type Task = Task;
	type Entries = Agenda<T>;
	type Cursors = Cursors<T>;

	const QUEUES: &'static [Queue] = &[Queue::Deadlines, Queue::Receipts];

	fn limit() -> Weight {
		T::MaxDueWeight::get()
	}

	fn base_weight() -> Weight {
		T::WeightInfo::agenda_base()
	}

	fn block_weight() -> Weight {
		T::WeightInfo::agenda_block()
	}

	fn item_weight(_: &RequestId, task: &Task) -> Weight {
		Self::weight_of(*task)
	}

	fn max_item_weight() -> Weight {
		[Task::Draw, Task::EndCommit, Task::EndReveal, Task::Forget]
			.into_iter()
			.map(Self::weight_of)
			.fold(Weight::zero(), |most, weight| most.max(weight))
	}

	fn serve(request: RequestId, task: Task) -> Weight {
		match task {
			Task::Draw => Self::draw_due(request),
			Task::EndCommit => Self::commits_due(request),
			Task::EndReveal => Self::reveals_due(request),
			Task::Forget => {
				Self::forget_due(request);
				T::WeightInfo::forget()
			}
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Puts a task on the agenda of a block that is yet to come.
	pub(crate) fn schedule(request: RequestId, task: Task, at: BlockNumberFor<T>) {
		Agenda::<T>::insert((task.queue(), at), request, task);
	}

	/// Takes a task off the agenda.
	pub(crate) fn unschedule(request: RequestId, task: Task, at: BlockNumberFor<T>) {
		if Agenda::<T>::take((task.queue(), at), request) != Some(task) {
			defensive!("what was scheduled is on the agenda until it is served");
		}
	}

	/// What a task weighs at most.
	fn weight_of(task: Task) -> Weight {
		match task {
			Task::Draw => T::WeightInfo::draw().saturating_add(Self::weight_of_end()),
			Task::EndCommit => T::WeightInfo::end_commit().saturating_add(Self::weight_of_end()),
			Task::EndReveal => Self::weight_of_end(),
			Task::Forget => T::WeightInfo::forget(),
		}
	}

	/// What the end of a request weighs at most.
	pub(crate) fn weight_of_end() -> Weight {
		T::WeightInfo::end()
			.saturating_add(T::Settlement::weight(T::MaxCommittee::get(), MAX_ENTRIES))
			.saturating_add(T::Rulings::weight())
			.saturating_add(T::OnEnd::weight())
	}

	/// The most that one item of the agenda can weigh, with what it takes to get to it.
	pub(crate) fn dearest_item() -> Weight {
		agenda::dearest_item::<Self>()
	}

	/// For how many blocks a request can be open at most: each phase at its longest, and the end of each
	/// put off by the deadlines of as many other requests as there may be. For the runtime, to which
	/// what a request needs must stay for so long.
	pub fn longest_life() -> BlockNumberFor<T> {
		let phases = T::DrawDelay::get()
			.saturating_add(T::CommitBlocks::get())
			.saturating_add(T::RevealBlocks::get())
			.saturating_mul(2u32.into());
		let delay = agenda::longest_delay::<Self>(T::MaxOpen::get()).saturating_mul(PHASES);
		phases.saturating_add(delay.into())
	}

	/// Does what has fallen due up to block `now`, as far as [`Config::MaxDueWeight`] goes: deadlines
	/// first, receipts with what they leave.
	pub(crate) fn serve_agenda(now: BlockNumberFor<T>) -> Weight {
		agenda::serve::<Self>(now)
	}

	/// Takes note of what may keep operators' transactions out of the block, and moves the prices.
	pub(crate) fn begin_block(now: BlockNumberFor<T>) {
		if T::Excuse::get() {
			ExcusedAt::<T>::put(now);
		}
		Self::move_prices();
	}
}
