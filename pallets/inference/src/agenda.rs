//! What falls due when.

use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{traits::OnRuling, RequestId};
use sp_runtime::traits::Saturating;

use crate::{
	types::{Queue, Task},
	Agenda, Config, Cursors, ExcusedAt, Pallet, WeightInfo,
};

/// The most phases that a request has: all of them twice.
const PHASES: u32 = 6;

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

	/// The most that one item of the agenda can weigh, with what it takes to get to it.
	pub(crate) fn dearest_item() -> Weight {
		let dearest = [Task::Draw, Task::EndCommit, Task::EndReveal, Task::Forget]
			.into_iter()
			.map(Self::weight_of)
			.fold(Weight::zero(), |most, weight| most.max(weight));
		T::WeightInfo::agenda_base()
			.saturating_add(T::WeightInfo::agenda_block())
			.saturating_add(dearest)
	}

	fn weight_of(task: Task) -> Weight {
		match task {
			Task::Draw => T::WeightInfo::draw().saturating_add(T::Rulings::weight()),
			Task::EndCommit => T::WeightInfo::end_commit().saturating_add(T::Rulings::weight()),
			Task::EndReveal => Self::weight_of_end(),
			Task::Forget => T::WeightInfo::forget(),
		}
	}

	/// What the end of a request weighs at most.
	pub(crate) fn weight_of_end() -> Weight {
		T::WeightInfo::end()
			.saturating_add(T::SettleWeight::get())
			.saturating_add(T::Rulings::weight())
	}

	/// For how many blocks a request can be open at most: each phase at its longest, and the end of each
	/// put off by the deadlines of as many other requests as there may be. For the runtime, to which
	/// what a request needs must stay for so long.
	pub fn longest_life() -> BlockNumberFor<T> {
		let phases = T::DrawDelay::get()
			.saturating_add(T::CommitBlocks::get())
			.saturating_add(T::RevealBlocks::get())
			.saturating_mul(2u32.into());
		let per_block = T::MaxDueWeight::get()
			.checked_div_per_component(&Self::dearest_item())
			.map_or(1, |items| u32::try_from(items).unwrap_or(u32::MAX).max(1));
		let delay = T::MaxOpen::get().div_ceil(per_block);
		phases.saturating_add(delay.saturating_mul(PHASES).into())
	}

	/// Does what has fallen due up to block `now`, as far as [`Config::MaxDueWeight`] goes: deadlines
	/// first, receipts with what they leave.
	pub(crate) fn serve_agenda(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::with_limit(T::MaxDueWeight::get());
		meter.consume(T::WeightInfo::agenda_base());
		Self::serve_queue(Queue::Deadlines, now, &mut meter);
		Self::serve_queue(Queue::Receipts, now, &mut meter);
		meter.consumed()
	}

	fn serve_queue(queue: Queue, now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let mut block = Cursors::<T>::get(queue).unwrap_or(now);
		while block <= now && meter.try_consume(T::WeightInfo::agenda_block()).is_ok() {
			if !Self::serve_block(queue, block, meter) {
				break;
			}
			block.saturating_inc();
		}
		Cursors::<T>::insert(queue, block);
	}

	/// Takes note of what may keep operators' transactions out of the block, and moves the prices.
	pub(crate) fn begin_block(now: BlockNumberFor<T>) {
		if T::Excuse::get() {
			ExcusedAt::<T>::put(now);
		}
		Self::move_prices();
	}

	/// Whether all of the block's agenda was served. Nothing that it does touches what is left of it: all
	/// that it schedules lies ahead of the present block.
	pub(crate) fn serve_block(
		queue: Queue,
		block: BlockNumberFor<T>,
		meter: &mut WeightMeter,
	) -> bool {
		for (request, task) in Agenda::<T>::iter_prefix((queue, block)) {
			if meter.try_consume(Self::weight_of(task)).is_err() {
				return false;
			}
			Agenda::<T>::remove((queue, block), request);
			match task {
				Task::Draw => Self::draw_due(request),
				Task::EndCommit => Self::commits_due(request),
				Task::EndReveal => Self::reveals_due(request),
				Task::Forget => Self::forget_due(request),
			}
		}
		true
	}
}
