//! What state costs, and that no call costs more for more batches.

use codec::Encode;
use frame_support::assert_ok;
use openledger_primitives::{data::Locator, Balance, ContentHash, Hash};

use crate::{mock::*, BatchDetails, HoldReason};

/// The bytes of all keys and values in the state.
fn state_bytes() -> usize {
	let mut key = Vec::new();
	let mut bytes = 0;
	while let Some(next) = sp_io::storage::next_key(&key) {
		bytes += next.len() + sp_io::storage::get(&next).map_or(0, |value| value.len());
		key = next;
	}
	bytes
}

/// The runtime's prices: 20 milli-OPEN for an entry and 0.1 milli-OPEN for a byte, of 10^12 units.
const UNIT: Balance = 1_000_000_000_000;
const PER_BYTE: Balance = UNIT / 10_000;

fn deposit(items: Balance, bytes: Balance) -> Balance {
	items * UNIT / 50 + bytes * PER_BYTE
}

/// Does something a hundred times, and gives what is held more for each MB of state that it left, in
/// OPEN, at the runtime's prices.
fn price_of_a_megabyte(what: &str, reason: HoldReason, who: AccountId, act: impl Fn(u64)) {
	MaxBatchesPerDatanet::set(1_000);
	MaxPending::set(1_000);
	DatanetDeposit::set(UNIT);
	BatchDeposit::set(deposit(5, 1_100));
	MebibyteDeposit::set(UNIT / 10);
	ByteDeposit::set(PER_BYTE);
	ListingDeposit::set(deposit(1, 108));
	ReservationDeposit::set(deposit(1, 148));
	ExtBuilder::default().build().execute_with(|| {
		for who in [ALICE, BOB] {
			endow(who, 1_000_000 * UNIT);
		}
		assert_ok!(create(ALICE));
		act(0);
		System::reset_events();
		let (before, held_before) = (state_bytes(), held(reason, who));
		for n in 1..101 {
			act(n);
			System::reset_events();
		}
		let bytes = (state_bytes() - before) as Balance;
		let price = (held(reason, who) - held_before) * 1_000_000 / bytes / UNIT;
		println!(
			"{what}: {} bytes of state, {price} OPEN per MB",
			bytes / 100
		);
		// The runtime takes 100 OPEN for a MB anywhere.
		assert!(price >= 100);
		Datanets::do_try_state().unwrap();
	});
	MaxBatchesPerDatanet::set(6);
	MaxPending::set(3);
	DatanetDeposit::set(1_000);
	BatchDeposit::set(100);
	MebibyteDeposit::set(7);
	ByteDeposit::set(2);
	ListingDeposit::set(50);
	ReservationDeposit::set(30);
}

/// Bob adds batches that are accepted and linked: as much state as a batch can take.
fn price_of_batches(what: &str, details: impl Fn(u64) -> BatchDetails) {
	price_of_a_megabyte(what, HoldReason::BatchDeposit, BOB, |n| {
		assert_ok!(Datanets::add_batch(signed(BOB), 0, details(n)));
		assert_ok!(accept(n, SCORE));
		if n > 0 {
			assert_ok!(link(0, n));
		}
	});
}

#[test]
fn a_spammer_pays_for_every_byte_that_the_chain_keeps() {
	let small = |n| BatchDetails {
		bytes: 1,
		locator: Locator::None,
		..batch(n)
	};
	price_of_batches("a batch", small);
	price_of_batches("a batch with the longest locator", |n| BatchDetails {
		locator: Locator::EigenDa(vec![7; 512].try_into().unwrap()),
		minhash: Some(Hash::repeat_byte(1)),
		..small(n)
	});
	price_of_batches("a batch kept on the chain", |n| {
		let mut file = vec![7; 1_024];
		file[..8].copy_from_slice(&n.to_le_bytes());
		BatchDetails {
			bytes: 1_024,
			content: ContentHash::of(&file),
			locator: Locator::Inline(file.try_into().unwrap()),
			minhash: Some(Hash::repeat_byte(1)),
			..batch(n)
		}
	});
	price_of_a_megabyte("a reservation", HoldReason::Reservation, BOB, |n| {
		assert_ok!(Datanets::reserve(signed(BOB), Hash::from_low_u64_be(n)));
	});
	price_of_a_megabyte("a listing", HoldReason::DatanetDeposit, ALICE, |n| {
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, n));
	});
	price_of_a_megabyte("a Datanet", HoldReason::DatanetDeposit, ALICE, |n| {
		let datanet = create(ALICE).unwrap();
		assert_eq!(u64::from(datanet), n + 1);
		assert_ok!(Datanets::propose_rules(signed(ALICE), datanet, rules()));
	});
}

/// The keys that a call reads and those that it writes.
fn touched(ext: &mut sp_io::TestExternalities, call: impl FnOnce()) -> (usize, usize) {
	ext.commit_all().unwrap();
	let recorder = Default::default();
	ext.execute_with_recorder(Clone::clone(&recorder), call);
	let read = recorder
		.recorded_keys()
		.values()
		.map(|keys| keys.len())
		.sum();
	let written = ext.overlayed_changes().changes().count();
	(read, written)
}

/// What is touched by a batch's way from its adding to its withdrawal, in a Datanet of so many.
fn way_of_a_batch(others: u64) -> Vec<(usize, usize)> {
	let mut ext = ExtBuilder::default().datanet(ALICE).build();
	ext.execute_with(|| {
		endow(ALICE, 1_000 * RICH);
		endow(CAROL, 1_000 * RICH);
		assert_ok!(add(BOB, 0, 1_000_000));
		for n in 0..others {
			assert_ok!(add(CAROL, 0, n));
		}
		System::reset_events();
	});
	let batch = others + 1;
	let n = batch + 1_000_000;
	let calls: [Box<dyn FnOnce()>; 6] = [
		Box::new(move || assert_eq!(submit(BOB, 0, n), Ok(batch))),
		Box::new(move || accept(batch, SCORE).unwrap()),
		Box::new(|| pay(ALICE, 0, 1_000_000).unwrap()),
		Box::new(move || Datanets::claim_income(signed(BOB), batch).unwrap()),
		Box::new(move || link(0, batch).unwrap()),
		Box::new(move || withdraw(BOB, batch).unwrap()),
	];
	calls
		.into_iter()
		.map(|call| {
			let both = touched(&mut ext, call);
			ext.execute_with(System::reset_events);
			both
		})
		.collect()
}

#[test]
fn a_thousand_batches_make_no_call_touch_more_than_one_does() {
	MaxBatchesPerDatanet::set(10_000);
	let (few, many) = (way_of_a_batch(1), way_of_a_batch(1_000));
	MaxBatchesPerDatanet::set(6);
	println!("(read, written) by add, accept, pay, claim, link, withdraw: {many:?}");
	assert_eq!(few, many);
	assert!(few.iter().all(|(read, written)| *read > 0 && *written > 0));
}

#[test]
fn a_batch_of_a_million_rows_is_as_large_as_one_of_one() {
	let of = |rows| BatchDetails { rows, ..batch(0) }.encoded_size();
	assert_eq!(of(1), of(1_000_000));
}
