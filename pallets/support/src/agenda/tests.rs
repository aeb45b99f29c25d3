//! A keeper whose items come back as often as their tasks say.

use super::*;
use frame_support::{parameter_types, storage_alias, Twox64Concat};
use proptest::prelude::*;
use sp_io::TestExternalities;

const BASE: u64 = 7;
const BLOCK: u64 = 3;
/// What the items of the urgent queue weigh at most.
const DEAR: u64 = 40;
const CHEAP: u64 = 10;

const URGENT: u8 = 1;
const PATIENT: u8 = 0;

#[storage_alias]
type Entries = StorageDoubleMap<Test, Twox64Concat, (u8, u32), Twox64Concat, u32, Vec<(u32, u64)>>;
#[storage_alias]
type Cursors = StorageMap<Test, Twox64Concat, u8, u32>;

parameter_types! {
	static Limit: Weight = Weight::MAX;
	static Now: u32 = 0;
	/// What is served weighs this much less than it might.
	static Cheaper: u64 = 1;
	/// What was served: when, and which.
	static Served: Vec<(u32, u32)> = Vec::new();
}

struct Test;

/// Both parts of a weight count.
fn weight(of: u64) -> Weight {
	Weight::from_parts(of, 5 * of)
}

impl Keeper for Test {
	type Queue = u8;
	type Block = u32;
	type Item = u32;
	/// When to come back, after how many blocks, and how much each of those times weighs; the first is what is
	/// due.
	type Task = Vec<(u32, u64)>;
	type Entries = Entries;
	type Cursors = Cursors;

	const QUEUES: &'static [u8] = &[URGENT, PATIENT];

	fn limit() -> Weight {
		Limit::get()
	}

	fn base_weight() -> Weight {
		weight(BASE)
	}

	fn block_weight() -> Weight {
		weight(BLOCK)
	}

	fn item_weight(_: &u32, task: &Self::Task) -> Weight {
		weight(task[0].1)
	}

	fn max_item_weight() -> Weight {
		weight(DEAR)
	}

	fn serve(item: u32, mut task: Self::Task) -> Weight {
		Served::mutate(|served| served.push((Now::get(), item)));
		let (_, most) = task.remove(0);
		if let Some((blocks, _)) = task.first() {
			Entries::insert((URGENT, Now::get() + blocks), item, task);
		}
		weight(most / Cheaper::get())
	}
}

fn put(queue: u8, block: u32, item: u32, weight: u64) {
	Entries::insert((queue, block), item, vec![(0, weight)]);
}

/// Begins a block, which spends no more than it may. Returns what it served.
fn begin(block: u32) -> Vec<u32> {
	Now::set(block);
	let spent = serve::<Test>(block);
	assert!(spent.all_lte(Limit::get()));
	assert!(!was_passed_over::<Test>());
	Served::get()
		.into_iter()
		.filter(|(at, _)| *at == block)
		.map(|(_, item)| item)
		.collect()
}

fn execute<R>(limit: u64, test: impl FnOnce() -> R) -> R {
	Limit::set(weight(limit));
	Served::set(Vec::new());
	Cheaper::set(1);
	TestExternalities::default().execute_with(test)
}

#[test]
fn what_is_due_is_served_and_nothing_else() {
	execute(1_000, || {
		put(URGENT, 2, 0, DEAR);
		put(PATIENT, 2, 1, CHEAP);
		put(URGENT, 3, 2, DEAR);
		assert!(begin(1).is_empty());
		assert_eq!(begin(2), [0, 1]);
		assert_eq!(begin(3), [2]);
		assert_eq!(Entries::iter().count(), 0);
	});
}

#[test]
fn what_weighed_less_than_it_might_leaves_room() {
	execute(BASE + BLOCK + 3 * DEAR, || {
		Cheaper::set(4);
		(0..20).for_each(|item| put(URGENT, 1, item, DEAR));
		// The last one that is begun may yet weigh as much as any.
		assert_eq!(begin(1).len(), 9);
	});
}

#[test]
fn a_block_does_what_fits_and_the_next_goes_on_from_there() {
	execute(BASE + BLOCK + 3 * DEAR, || {
		(0..10).for_each(|item| put(URGENT, 1, item, DEAR));
		put(URGENT, 3, 10, DEAR);
		let mut served = Vec::new();
		for (block, fits) in [(1, 3), (2, 3), (3, 3)] {
			let now = begin(block);
			assert_eq!(now.len(), fits);
			served.extend(now);
			assert_eq!(
				Cursors::get(URGENT),
				Some(1),
				"the block has not come to its end"
			);
		}
		// What is left of the first block, then the next two.
		served.extend(begin(4));
		assert_eq!(served.pop(), Some(10));
		served.sort_unstable();
		assert_eq!(served, (0..10).collect::<Vec<_>>());
		assert_eq!(Cursors::get(URGENT), Some(5));
	});
}

#[test]
fn either_part_of_a_weight_runs_out() {
	execute(1_000, || {
		(0..4).for_each(|item| put(URGENT, 1, item, DEAR));
		let room = weight(BASE + BLOCK + 2 * DEAR);
		Limit::set(Weight::from_parts(u64::MAX, room.proof_size()));
		assert_eq!(begin(1).len(), 2);
		Limit::set(Weight::from_parts(
			weight(BASE + BLOCK + DEAR).ref_time(),
			u64::MAX,
		));
		assert_eq!(begin(2).len(), 1);
	});
}

#[test]
fn what_fell_due_first_is_served_first() {
	execute(BASE + 2 * BLOCK + DEAR, || {
		// In an order that is neither that of the items nor that of their keys.
		let order = [5, 0, 3, 1, 4, 2];
		for (block, item) in (1..).zip(order) {
			put(URGENT, block, item, DEAR);
		}
		Now::set(6);
		Cursors::insert(URGENT, 1);
		let served: Vec<_> = (6..12).flat_map(begin).collect();
		assert_eq!(served, order);
	});
}

#[test]
fn a_queue_waits_for_those_before_it_and_for_none_after_it() {
	execute(BASE + 2 * BLOCK + DEAR, || {
		(0..5).for_each(|item| put(PATIENT, 1, item, CHEAP));
		(5..8).for_each(|item| put(URGENT, 2, item, DEAR));
		assert_eq!(begin(1).len(), 4);
		for block in 2..5 {
			let served = begin(block);
			assert_eq!(served.len(), 1);
			assert!(served[0] >= 5);
		}
		assert_eq!(begin(5).len(), 1);
		assert_eq!(Entries::iter().count(), 0);
	});
}

#[test]
fn a_cheaper_item_does_not_overtake() {
	execute(BASE + BLOCK + DEAR, || {
		put(URGENT, 1, 0, DEAR);
		put(URGENT, 2, 1, DEAR);
		put(URGENT, 2, 2, 1);
		assert_eq!(begin(1), [0]);
		let served: Vec<_> = (2..5).flat_map(begin).collect();
		assert_eq!(served.len(), 2, "in either order");
		put(URGENT, 6, 3, DEAR);
		put(URGENT, 7, 4, 1);
		Limit::set(weight(BASE + BLOCK + DEAR - 1));
		assert!(begin(6).is_empty());
		assert!(begin(7).is_empty());
		Limit::set(weight(BASE + 2 * BLOCK + DEAR));
		assert_eq!(begin(8), [3]);
		assert_eq!(begin(9), [4]);
	});
}

#[test]
fn nothing_is_passed_over_while_there_is_no_room() {
	execute(BASE, || {
		put(URGENT, 1, 0, DEAR);
		for block in 1..20 {
			assert!(begin(block).is_empty());
		}
		assert_eq!(Cursors::get(URGENT), Some(1));
		Limit::set(weight(1_000));
		assert_eq!(begin(20), [0]);
		assert_eq!(Cursors::get(URGENT), Some(21));
	});
}

#[test]
fn what_lies_behind_the_cursor_is_noticed() {
	execute(1_000, || {
		begin(5);
		put(PATIENT, 6, 0, CHEAP);
		assert!(!was_passed_over::<Test>());
		put(PATIENT, 5, 1, CHEAP);
		assert!(was_passed_over::<Test>());
	});
}

#[test]
fn an_agenda_begins_with_the_present() {
	execute(BASE + 2 * BLOCK, || {
		assert!(begin(1_000_000).is_empty());
		for queue in [URGENT, PATIENT] {
			assert_eq!(Cursors::get(queue), Some(1_000_001));
		}
	});
}

/// The longest wait if all of them fall due at once.
fn wait_together(items: u32) -> u32 {
	(0..items).for_each(|item| put(URGENT, 10, item, DEAR));
	(10..)
		.find(|block| {
			begin(*block);
			Entries::iter().next().is_none()
		})
		.map_or(0, |last| last - 10)
}

#[test]
fn the_bound_is_near_to_what_happens() {
	for (per_block, items) in [(1, 50), (2, 50), (7, 100), (30, 3_000)] {
		let limit = BASE + per_block * (2 * BLOCK + DEAR);
		execute(limit, || {
			begin(9);
			let waited = wait_together(items);
			let bound = longest_delay::<Test>(items);
			assert!(waited <= bound, "{waited} > {bound}");
			assert!(bound <= 3 * waited, "{bound} for {waited}");
		});
	}
	execute(BASE + 30 * (2 * BLOCK + DEAR), || {
		assert_eq!(longest_delay::<Test>(3_000), 100 + 2);
		assert_eq!(longest_delay::<Test>(0), 0);
	});
	execute(BASE + 2 * BLOCK + DEAR, || {
		assert_eq!(dearest_item::<Test>(), Limit::get());
		assert_eq!(longest_delay::<Test>(50), 100);
	});
	// Nothing overflows, whatever the limit.
	for limit in [0, u64::MAX / 5] {
		execute(limit, || longest_delay::<Test>(u32::MAX));
	}
}

/// Even nearly empty blocks must be passed: what one would take to be the bound is none.
#[test]
fn an_item_can_wait_for_longer_than_the_others_take() {
	const ITEMS: u32 = 40;
	execute(BASE + 2 * BLOCK + DEAR, || {
		(0..ITEMS).for_each(|item| put(URGENT, 1, item, DEAR));
		// One after the other, all of them are put off to the same block, and the cursor comes late.
		let again = ITEMS + 1;
		for block in 1..again {
			let served = begin(block);
			assert_eq!(served.len(), 1);
			put(URGENT, again, served[0], DEAR);
		}
		let last = (again..).find(|block| {
			begin(*block);
			Entries::iter().next().is_none()
		});
		let waited = last.expect("all are served") - again;
		assert!(waited > ITEMS);
		assert!(waited <= longest_delay::<Test>(ITEMS));
	});
}

/// How the items come back: after how many blocks, and how much they weigh then.
fn lives() -> impl Strategy<Value = Vec<Vec<(u32, u64)>>> {
	let blocks = prop_oneof![4 => 1..4u32, 2 => 4..40u32, 1 => Just(60u32)];
	let weights = prop_oneof![3 => Just(DEAR), 1 => 1..=DEAR];
	let life = prop::collection::vec((blocks, weights), 1..12);
	prop::collection::vec(life, 1..40)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(400))]

	/// However the items come back, however much room there is beside the least, and whatever they weighed in
	/// the end.
	#[test]
	fn no_item_waits_for_longer_than_the_bound(lives in lives(), spare in 0..400u64, cheaper in 1..5u64) {
		execute(BASE + 2 * BLOCK + DEAR + spare, || {
			Cheaper::set(cheaper);
			let bound = longest_delay::<Test>(lives.len() as u32);
			let mut last = 0;
			for (item, life) in (0..).zip(&lives) {
				put_life(item, life);
				last = last.max(life.iter().map(|(blocks, _)| blocks + bound).sum());
			}
			for block in 1..=last {
				begin(block);
				for ((_, due), item, _) in Entries::iter() {
					let waited = (block + 1).saturating_sub(due);
					assert!(waited <= bound, "{item} waits for {waited}, not {bound}");
				}
			}
			assert_eq!(Entries::iter().count(), 0);
			let visits: usize = lives.iter().map(Vec::len).sum();
			assert_eq!(Served::get().len(), visits, "each as often as it was due");
		});
	}
}

fn put_life(item: u32, life: &[(u32, u64)]) {
	Entries::insert((URGENT, life[0].0), item, life.to_vec());
}
