//! What an attacker gains: nothing.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::Reason, traits::AccessRegistry, traits::DataRegistry, ContentHash, Hash,
};
use sp_runtime::Percent;

use crate::{
	mock::*, reservation_commitment, BatchDetails, Contributors, HoldReason, NextBatchId, Pools,
	Rules,
};

#[test]
fn a_copy_under_another_account_or_in_another_datanet_is_refused() {
	ExtBuilder::default()
		.datanet(ALICE)
		.datanet(CAROL)
		.build_and_execute(|| {
			assert_ok!(add(BOB, 0, 0));
			for (thief, datanet) in [(CAROL, 0), (CAROL, 1), (BOB, 0), (BOB, 1)] {
				assert_noop!(
					Datanets::add_batch(signed(thief), datanet, batch(0)),
					E::DuplicateRoot
				);
			}
			let same_rows = BatchDetails {
				content: ContentHash::of(b"new line ends"),
				..batch(0)
			};
			assert_noop!(
				Datanets::add_batch(signed(CAROL), 1, same_rows),
				E::DuplicateRoot
			);
			let same_file = BatchDetails {
				root: Hash::repeat_byte(1),
				..batch(0)
			};
			assert_noop!(
				Datanets::add_batch(signed(CAROL), 1, same_file),
				E::DuplicateContent
			);
			assert_eq!(held(HoldReason::BatchDeposit, CAROL), 0);
		});
}

#[test]
fn withdrawing_and_adding_anew_makes_a_batch_no_older() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let first = add(BOB, 0, 0).unwrap();
		let second = add(CAROL, 0, 1).unwrap();
		assert_ok!(withdraw(BOB, first));
		let again = add(BOB, 0, 0).unwrap();
		assert!(again > second);
		assert_eq!(again, NextBatchId::<Test>::get() - 1);
	});
}

#[test]
fn a_contributor_cannot_take_back_what_others_built_on() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let batch = add(BOB, 0, 0).unwrap();
		assert_ok!(<Datanets as DataRegistry<_>>::pin(0, 1));
		assert_noop!(withdraw(BOB, batch), E::BatchInUse);
		assert_noop!(
			Datanets::close_datanet(signed(ALICE), 0),
			E::DatanetNotEmpty
		);
		assert_eq!(Datanets::contributor(batch), Some(BOB));
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_HELD);
	});
}

#[test]
fn making_empty_places_moves_nobody_elses_batch() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		for n in 1..5 {
			let batch = add(CAROL, 0, n).unwrap();
			assert_ok!(withdraw(CAROL, batch));
		}
		assert_ok!(add(BOB, 0, 9));
		assert_eq!(Datanets::batch_at(0, 0), Some(0));
		assert_eq!(Datanets::batch_at(0, 5), Some(5));
		assert_noop!(
			Datanets::add_batch(signed(CAROL), 0, batch(10)),
			E::DatanetFull
		);
	});
}

#[test]
fn who_copies_a_batch_out_of_the_pool_keeps_nothing_and_loses_the_deposit() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let details = batch(0);
		let commitment = |who: AccountId, salt| {
			reservation_commitment(&who, &details.root, &details.content, &salt)
		};
		assert_ok!(Datanets::reserve(signed(BOB), commitment(BOB, [1; 32])));
		System::set_block_number(2);
		// Bob's batch is in the pool. Carol sees it, reserves it too, and is in the block before it.
		assert_ok!(Datanets::reserve(signed(CAROL), commitment(CAROL, [2; 32])));
		assert_ok!(submit(CAROL, 0, 0));
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, batch(0)),
			E::DuplicateRoot
		);
		assert_ok!(Datanets::claim_batch(signed(BOB), 0, [1; 32]));
		// What Carol did on the way gets her nothing back.
		assert_noop!(withdraw(CAROL, 0), E::NotContributor);
		assert_noop!(
			Datanets::claim_batch(signed(CAROL), 0, [2; 32]),
			E::ReservedTooLate
		);
		assert_ok!(accept(0, SCORE));
		assert_ok!(pay(ALICE, 0, 8_000));
		assert_ok!(Datanets::claim_income(signed(CAROL), 0));
		assert_ok!(Datanets::cancel_reservation(
			signed(CAROL),
			commitment(CAROL, [2; 32])
		));

		assert_eq!(wealth(CAROL), RICH - BATCH_HELD, "the copier");
		assert_eq!(wealth(TREASURY), BATCH_HELD);
		assert_eq!(wealth(BOB), RICH + 8_000, "who had the batch");
		assert!(Points::get().iter().all(|(who, ..)| *who == BOB));
	});
}

#[test]
fn a_copier_cannot_run_from_the_claim_with_the_deposit() {
	WithdrawalDelay::set(5);
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let details = batch(0);
		let commitment = reservation_commitment(&BOB, &details.root, &details.content, &[1; 32]);
		assert_ok!(Datanets::reserve(signed(BOB), commitment));
		System::set_block_number(2);
		assert_ok!(submit(CAROL, 0, 0));
		System::set_block_number(3);
		// Bob's claim is in the pool. Carol's way out would be in the block before it.
		assert_noop!(withdraw(CAROL, 0), E::TooEarly);
		assert_ok!(Datanets::claim_batch(signed(BOB), 0, [1; 32]));
		assert_eq!(wealth(CAROL), RICH - BATCH_HELD);
	});
	WithdrawalDelay::set(0);
}

#[test]
fn who_reserves_what_is_there_already_takes_nothing() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let details = batch(0);
		let commitment = reservation_commitment(&CAROL, &details.root, &details.content, &[2; 32]);
		// In the very block of the batch, before it: Carol has seen it in the pool.
		assert_ok!(Datanets::reserve(signed(CAROL), commitment));
		assert_ok!(submit(BOB, 0, 0));
		for block in [1, 2, 50] {
			System::set_block_number(block);
			assert_noop!(
				Datanets::claim_batch(signed(CAROL), 0, [2; 32]),
				E::ReservedTooLate
			);
		}
		// Another one's reservation is of no use either: the account is part of it.
		let bobs = reservation_commitment(&BOB, &details.root, &details.content, &[3; 32]);
		assert_ok!(Datanets::reserve(signed(CAROL), bobs));
		assert_noop!(
			Datanets::claim_batch(signed(CAROL), 0, [3; 32]),
			E::NoReservation
		);
		assert_eq!(Datanets::batch_of(0).unwrap().contributor, BOB);
	});
}

#[test]
fn a_copier_who_was_accepted_before_the_claim_keeps_what_was_claimed_alone() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let details = batch(0);
		let commitment = reservation_commitment(&BOB, &details.root, &details.content, &[1; 32]);
		assert_ok!(Datanets::reserve(signed(BOB), commitment));
		System::set_block_number(2);
		assert_ok!(add(CAROL, 0, 0));
		assert_ok!(pay(ALICE, 0, 80));
		assert_ok!(Datanets::claim_income(signed(CAROL), 0));
		assert_ok!(pay(ALICE, 0, 800));
		assert_ok!(Datanets::claim_batch(signed(BOB), 0, [1; 32]));
		assert_ok!(Datanets::claim_income(signed(BOB), 0));
		assert_eq!(wealth(CAROL), RICH + 80 - BATCH_HELD);
		assert_eq!(wealth(BOB), RICH + 800);
	});
}

#[test]
fn a_duplicate_earns_nothing_once_it_is_linked_however_many_there_are() {
	MaxBatchesPerDatanet::set(20);
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(ALICE, 0, 1));
		let copies: Vec<_> = (2..12).map(|n| add(CAROL, 0, n).unwrap()).collect();
		for copy in &copies {
			assert_ok!(link(0, *copy));
		}
		assert_ok!(pay(ALICE, 0, 16_000));
		for batch in 0..12 {
			let _ = Datanets::claim_income(signed(CAROL), batch);
		}
		assert_eq!(wealth(CAROL), RICH, "ten copies");
		assert_eq!(wealth(BOB), RICH + 8_000);
		assert_eq!(Pools::<Test>::get(0).shares, 2 * u64::from(SCORE));
		for copy in copies {
			assert_eq!(<Datanets as DataRegistry<_>>::cluster(copy), 0);
		}
	});
	MaxBatchesPerDatanet::set(6);
}

#[test]
fn splitting_a_file_over_ten_accounts_gains_nothing_in_the_pool() {
	MaxBatchesPerDatanet::set(20);
	// One batch, or ten tenths of it: a jury that scores by worth gives the tenths a tenth each.
	let income = |parts: u64| {
		let mut income = 0;
		ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
			assert_ok!(submit(BOB, 0, 100));
			assert_ok!(accept(0, 100));
			let accounts = 1_000..1_000 + parts;
			for who in accounts.clone() {
				assert_ok!(Balances::transfer_allow_death(signed(CAROL), who, 1_000));
				let batch = submit(who, 0, who).unwrap();
				assert_ok!(accept(batch, (100 / parts) as u8));
			}
			assert_ok!(pay(ALICE, 0, 100_000));
			for batch in 0..=parts {
				assert_ok!(Datanets::claim_income(signed(BOB), batch));
			}
			income = accounts.map(wealth).sum::<u128>() - u128::from(parts) * 1_000;
		});
		income
	};
	assert_eq!(income(1), 50_000);
	assert_eq!(income(10), 50_000);
	MaxBatchesPerDatanet::set(6);
}

#[test]
fn junk_costs_its_deposit_each_time() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..30 {
			let batch = submit(CAROL, 0, n).unwrap();
			assert_ok!(reject(batch, Reason::Junk));
		}
		assert_eq!(wealth(CAROL), RICH - 30 * BATCH_HELD);
		assert_eq!(Forfeits::get().len(), 30);
		assert!(Points::get().is_empty());
	});
}

#[test]
fn a_spammer_keeps_others_out_only_until_the_juries_are_through() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let spam: Vec<_> = (0..3).map(|n| submit(CAROL, 0, n).unwrap()).collect();
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, batch(9)),
			E::TooManyPending
		);
		for batch in spam {
			Drawn::mutate(|drawn| drawn.insert(batch));
			assert!(withdraw(CAROL, batch).is_err());
			assert_ok!(reject(batch, Reason::Junk));
		}
		assert_eq!(
			wealth(CAROL),
			RICH - 3 * BATCH_HELD,
			"all that was at stake"
		);
		assert_ok!(add(BOB, 0, 9));
		assert_eq!(Datanets::batch_at(0, 0), Some(3), "no place was lost");
	});
}

#[test]
fn an_owner_cannot_change_the_rules_under_a_contributors_feet() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let trap = Rules {
			contributors: Contributors::Listed,
			curation: Some(Percent::one()),
			batch_deposit: 1_000,
			mebibyte_deposit: 70,
			..rules()
		};
		assert_ok!(submit(BOB, 0, 0));
		assert_ok!(Datanets::propose_rules(signed(ALICE), 0, trap));
		// What was signed now and is valid for less than the notice costs what it did.
		System::set_block_number(RulesNotice::get());
		assert_ok!(submit(BOB, 0, 1));
		assert_eq!(held(HoldReason::BatchDeposit, BOB), 2 * BATCH_HELD);
		System::set_block_number(1_000);
		assert_eq!(
			Datanets::batch_of(0).unwrap().quorum,
			Some(Percent::from_percent(60))
		);
		assert_ok!(accept(0, SCORE));
		assert_ok!(withdraw(BOB, 0));
		assert_ok!(withdraw(BOB, 1));
		assert_eq!(wealth(BOB), RICH);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), 0);
	});
}

#[test]
fn the_worst_that_an_owner_can_ask_is_bounded() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let worst = Rules {
			batch_deposit: 1_000,
			mebibyte_deposit: 70,
			access_price_per_day: 5_000,
			owner_share: Percent::from_percent(30),
			..rules()
		};
		for greedy in [
			Rules {
				batch_deposit: 1_001,
				..worst.clone()
			},
			Rules {
				mebibyte_deposit: 71,
				..worst.clone()
			},
			Rules {
				access_price_per_day: 5_001,
				..worst.clone()
			},
			Rules {
				owner_share: Percent::from_percent(31),
				..worst.clone()
			},
		] {
			assert!(Datanets::propose_rules(signed(ALICE), 0, greedy).is_err());
		}
		change(ALICE, 0, worst);
		let terms = Datanets::terms(0).unwrap();
		assert_eq!(terms.price_per_day, 5_000);
		assert_eq!(terms.owner_share, Percent::from_percent(30));
		assert_eq!(Datanets::batch_deposit(0, 2 * MEBIBYTE, false), Some(1_140));
	});
}

#[test]
fn paying_in_and_claiming_makes_no_money_for_a_contributor_who_pays() {
	// Bob buys access to a Datanet where half of the shares are his own, again and again.
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
		for _ in 0..50 {
			assert_ok!(pay(BOB, 0, 1_237));
			assert_ok!(Datanets::claim_income(signed(BOB), 0));
		}
		assert!(wealth(BOB) <= RICH - 50 * 1_237 / 2);
		assert_ok!(Datanets::claim_income(signed(CAROL), 1));
		let left = Pools::<Test>::get(0).remainder;
		assert_eq!(wealth(BOB) + wealth(CAROL) + left, 2 * RICH);
	});
}
