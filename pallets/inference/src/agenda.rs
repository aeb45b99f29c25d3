//! What falls due when.

use alloc::vec::Vec;
use frame_support::{
	defensive,
	traits::Get,
	weights::{Weight, WeightMeter},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::RequestId;
use sp_runtime::traits::Saturating;

use crate::{
	types::{Due, Task},
	Agenda, Config, Cursor, Error, Pallet, WeightInfo, AGENDA_TRIES,
};

impl<T: Config> Pallet<T> {
	/// Puts a task into the first block from `wanted` on that has room, and says into which.
	pub(crate) fn schedule(
		request: RequestId,
		task: Task,
		wanted: BlockNumberFor<T>,
	) -> Result<BlockNumberFor<T>, Error<T>> {
		let last = wanted.saturating_add(AGENDA_TRIES.into());
		Self::first_room(Due { request, task }, wanted, last).ok_or(Error::Busy)
	}

	/// Moves a task from block `at` to the first one from `wanted` on that has room, and says where it
	/// is now. It stays where it is if there is no room, or if it would move away from `wanted`.
	pub(crate) fn reschedule(
		request: RequestId,
		task: Task,
		at: BlockNumberFor<T>,
		wanted: BlockNumberFor<T>,
	) -> BlockNumberFor<T> {
		if wanted == at {
			return at;
		}
		let last = wanted.saturating_add(AGENDA_TRIES.into());
		let last = if wanted < at { last.min(at) } else { last };
		match Self::first_room(Due { request, task }, wanted, last) {
			Some(block) => {
				Self::unschedule(request, task, at);
				block
			}
			None => at,
		}
	}

	fn first_room(
		due: Due,
		from: BlockNumberFor<T>,
		below: BlockNumberFor<T>,
	) -> Option<BlockNumberFor<T>> {
		let mut block = from;
		while block < below {
			if Agenda::<T>::try_append(block, due).is_ok() {
				return Some(block);
			}
			block.saturating_inc();
		}
		None
	}

	/// Takes a task out of block `at`.
	pub(crate) fn unschedule(request: RequestId, task: Task, at: BlockNumberFor<T>) {
		Agenda::<T>::mutate_exists(at, |list| {
			let Some(tasks) = list else {
				defensive!("what was scheduled is in the agenda until it is served");
				return;
			};
			let before = tasks.len();
			tasks.retain(|due| *due != Due { request, task });
			if tasks.len() == before {
				defensive!("what was scheduled is in the agenda until it is served");
			}
			if tasks.is_empty() {
				*list = None;
			}
		});
	}

	/// The most that one item of the agenda can weigh, with what it takes to get to it.
	pub(crate) fn dearest_item() -> Weight {
		T::WeightInfo::agenda_base()
			.saturating_add(T::WeightInfo::agenda_block())
			.saturating_add(
				Self::weight_of(Task::EndCommit)
					.max(Self::weight_of(Task::EndReveal))
					.max(Self::weight_of(Task::Forget)),
			)
	}

	fn weight_of(task: Task) -> Weight {
		match task {
			Task::EndCommit => T::WeightInfo::end_commit(),
			Task::EndReveal => Self::weight_of_end(),
			Task::Forget => T::WeightInfo::forget(),
		}
	}

	/// What the end of a request weighs at most.
	pub(crate) fn weight_of_end() -> Weight {
		T::WeightInfo::end().saturating_add(T::SettleWeight::get())
	}

	/// Does what has fallen due up to block `now`, as far as [`Config::MaxDueWeight`] goes.
	pub(crate) fn serve_agenda(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::with_limit(T::MaxDueWeight::get());
		meter.consume(T::WeightInfo::agenda_base());
		let mut block = Cursor::<T>::get().unwrap_or(now);
		while block <= now && meter.try_consume(T::WeightInfo::agenda_block()).is_ok() {
			if !Self::serve_block(block, &mut meter) {
				break;
			}
			block.saturating_inc();
		}
		Cursor::<T>::put(block);
		meter.consumed()
	}

	/// Whether all of the block's agenda was served.
	fn serve_block(block: BlockNumberFor<T>, meter: &mut WeightMeter) -> bool {
		let mut list = Agenda::<T>::take(block).into_iter();
		let mut left = Vec::new();
		for due in list.by_ref() {
			if meter.try_consume(Self::weight_of(due.task)).is_err() {
				left.push(due);
				break;
			}
			match due.task {
				Task::EndCommit => Self::end_commit(due.request),
				Task::EndReveal => Self::end_reveal(due.request),
				Task::Forget => Self::forget_due(due.request),
			}
		}
		left.extend(list);
		if left.is_empty() {
			return true;
		}
		Agenda::<T>::insert(block, BoundedVec::truncate_from(left));
		false
	}
}
