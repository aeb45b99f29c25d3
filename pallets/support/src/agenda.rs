//! An agenda: what falls due when.
//!
//! Items are put on the agenda of blocks that are yet to come, in queues. Each block begins with what has
//! fallen due, as far as [`Keeper::limit`] goes: one queue after the other, and in each the blocks in their
//! order. What does not fit is left to the next blocks, which go on from a cursor.
//!
//! ## How long an item can wait
//!
//! An item of the first queue waits for no more than [`longest_delay`] blocks, if there are never more than
//! `m` items in that queue at a time. Let `k` be so that the limit allows for `base + k × (2 × block + item)`,
//! all at their dearest.
//!
//! - A block that does not come to its end with a queue has served `k` items of it, or else passed `2 × k`
//!   blocks of its agenda, nearly empty ones: less would have fitted.
//! - All that is before an item when it falls due are the others that have fallen due by then, fewer than
//!   `m`, as what is scheduled later falls due later. So no more than `m / k` blocks are kept busy by them.
//! - The cursor lags no further behind than the item waits that keeps it, so by no more than the longest
//!   delay `d`: there are no more than `d / 2k` blocks of the other kind.
//!
//! Hence `d ≤ m / k + d / 2k`, which is to say `d ≤ m / k + (m / k) / (2k - 1)`.

use codec::FullCodec;
use frame_support::{
	storage::{IterableStorageDoubleMap, StorageDoubleMap, StorageMap},
	weights::{Weight, WeightMeter},
};
use sp_runtime::traits::{AtLeast32BitUnsigned, Saturating};

/// A pallet that keeps an agenda.
pub trait Keeper {
	/// What is served apart, so that what can wait never delays what cannot.
	type Queue: FullCodec + Copy + 'static;

	/// The number of a block.
	type Block: FullCodec + AtLeast32BitUnsigned + Copy;

	/// Who has something on the agenda: no more than once in each block of a queue.
	type Item: FullCodec;

	/// What is to be done for it.
	type Task: FullCodec;

	/// What falls due, by queue and block.
	type Entries: IterableStorageDoubleMap<(Self::Queue, Self::Block), Self::Item, Self::Task>;

	/// The first block of a queue that has not been served to its end.
	type Cursors: StorageMap<Self::Queue, Self::Block, Query = Option<Self::Block>>;

	/// The queues, the most urgent first.
	const QUEUES: &'static [Self::Queue];

	/// What a block spends on the agenda at most: at least [`dearest_item`], or it may never get anywhere.
	fn limit() -> Weight;

	/// Of looking up how far the queues were served.
	fn base_weight() -> Weight;

	/// Of looking at the agenda of a block, nothing being on it.
	fn block_weight() -> Weight;

	/// The most that [`Keeper::serve`] weighs for this item.
	fn item_weight(item: &Self::Item, task: &Self::Task) -> Weight;

	/// The most that it weighs for any item.
	fn max_item_weight() -> Weight;

	/// Does what is due, and returns what it weighed: no more than [`Keeper::item_weight`]. The item is off the
	/// agenda; what is put on it must lie ahead of the present block.
	fn serve(item: Self::Item, task: Self::Task) -> Weight;
}

/// Does what has fallen due up to block `now`. Returns the weight of it.
pub fn serve<K: Keeper>(now: K::Block) -> Weight {
	let mut meter = WeightMeter::with_limit(K::limit());
	meter.consume(K::base_weight());
	for queue in K::QUEUES {
		let mut block = K::Cursors::get(queue).unwrap_or(now);
		while block <= now && meter.try_consume(K::block_weight()).is_ok() {
			if !serve_block::<K>(*queue, block, &mut meter) {
				break;
			}
			block.saturating_inc();
		}
		K::Cursors::insert(queue, block);
	}
	meter.consumed()
}

/// Does what is due in one block of a queue. Returns whether all of it fitted.
pub fn serve_block<K: Keeper>(queue: K::Queue, block: K::Block, meter: &mut WeightMeter) -> bool {
	for (item, task) in K::Entries::iter_prefix((queue, block)) {
		if !meter.can_consume(K::item_weight(&item, &task)) {
			return false;
		}
		K::Entries::remove((queue, block), &item);
		meter.consume(K::serve(item, task));
	}
	true
}

/// The most that one item can weigh, with what it takes to get to it: if it fits, whatever is due is served
/// some day.
pub fn dearest_item<K: Keeper>() -> Weight {
	K::base_weight().saturating_add(share::<K>())
}

/// For how many blocks an item of the first queue can wait after the block in which it falls due, if that
/// queue never holds more than `items`. See [the proof](self).
pub fn longest_delay<K: Keeper>(items: u32) -> u32 {
	let per_block = K::limit()
		.saturating_sub(K::base_weight())
		.checked_div_per_component(&share::<K>())
		.map_or(1, |items| u32::try_from(items).unwrap_or(u32::MAX).max(1));
	let busy = items.div_ceil(per_block);
	busy.saturating_add(busy.div_ceil(per_block.saturating_mul(2).saturating_sub(1)))
}

/// Whether something is on the agenda of a block that the cursor has left behind, and would stay there.
pub fn was_passed_over<K: Keeper>() -> bool {
	K::Entries::iter()
		.any(|((queue, block), ..)| K::Cursors::get(queue).is_some_and(|cursor| block < cursor))
}

/// What an item takes at most: no less than a look at a block, and two such looks.
fn share<K: Keeper>() -> Weight {
	let block = K::block_weight();
	K::max_item_weight()
		.max(block)
		.saturating_add(block)
		.saturating_add(block)
}

#[cfg(test)]
mod tests;
