//! Adding and withdrawing batches.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::{Decision, Locator, Merit, Reason},
	ContentHash, Hash,
};
use sp_runtime::{Percent, TokenError};

use crate::{
	mock::*, Batch, BatchAt, BatchDetails, BatchOfContent, BatchOfRoot, BatchState, Batches,
	Contributors, Datanets as Records, Event, HoldReason, NextBatchId, Rules,
};

#[test]
fn a_batch_is_added_at_the_price_of_its_size_and_waits() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_eq!(submit(BOB, 0, 0), Ok(0));
		let BatchDetails {
			root,
			content,
			rows,
			bytes,
			locator,
			minhash,
			encrypted,
		} = batch(0);
		let quorum = Some(Percent::from_percent(60));
		assert_eq!(
			last_event(),
			Event::BatchAdded {
				batch: 0,
				datanet: 0,
				contributor: BOB,
				root,
				content,
				rows,
				bytes,
				encrypted,
				quorum,
				deposit: BATCH_HELD,
			}
			.into()
		);
		assert_eq!(
			Batches::<Test>::get(0),
			Some(Batch {
				datanet: 0,
				contributor: BOB,
				added: 1,
				root,
				content,
				rows,
				bytes,
				locator,
				minhash,
				encrypted,
				deposit: BATCH_HELD,
				quorum,
				state: BatchState::Pending,
				paid: 0,
			})
		);
		assert!(Opened::get().contains(&0));
		assert_eq!(BatchAt::<Test>::get(0, 0), None);
		assert_eq!(BatchOfRoot::<Test>::get(root), Some(0));
		assert_eq!(BatchOfContent::<Test>::get(content), Some(0));
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_HELD);
		assert_eq!(held(HoldReason::BatchDeposit, ALICE), 0);
		let datanet = Records::<Test>::get(0).unwrap();
		assert_eq!((datanet.batches, datanet.live, datanet.pending), (0, 0, 1));
	});
}

#[test]
fn an_accepted_batch_gets_the_next_place_and_points() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(BOB, 0, 0));
		assert_ok!(submit(CAROL, 0, 1));
		assert_ok!(accept(1, 90));
		assert_eq!(
			last_event(),
			Event::BatchAccepted {
				batch: 1,
				datanet: 0,
				index: 0,
				contributor: CAROL,
				score: 90
			}
			.into()
		);
		assert_ok!(accept(0, 255));
		assert_eq!(
			BatchAt::<Test>::get(0, 0),
			Some(1),
			"in order of acceptance"
		);
		assert_eq!(BatchAt::<Test>::get(0, 1), Some(0));
		assert_eq!(
			Batches::<Test>::get(0).unwrap().state,
			BatchState::Accepted {
				index: 1,
				score: 100
			},
			"no score is above the highest"
		);
		assert_eq!(
			Points::get(),
			[
				(CAROL, 0, Merit::Contribution, 90),
				(BOB, 0, Merit::Contribution, 100)
			]
		);
		let datanet = Records::<Test>::get(0).unwrap();
		assert_eq!((datanet.batches, datanet.live, datanet.pending), (2, 2, 0));
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_HELD);
		let again = Decision::Undecided;
		assert_noop!(decide(0, again), E::NotPending);
		assert_noop!(decide(7, again), E::UnknownBatch);
	});
}

#[test]
fn a_rejected_batch_loses_deposit_and_standing() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let reasons = [
			Reason::Junk,
			Reason::Duplicate,
			Reason::Licence,
			Reason::Harmful,
		];
		for (n, reason) in (0u64..).zip(reasons) {
			assert_ok!(submit(BOB, 0, n));
			assert_ok!(reject(n, reason));
			assert_eq!(
				last_event(),
				Event::BatchRejected {
					batch: n,
					datanet: 0,
					contributor: BOB,
					reason,
					forfeited: BATCH_HELD
				}
				.into()
			);
			assert_eq!(Batches::<Test>::get(n), None);
		}
		assert_eq!(held(HoldReason::BatchDeposit, BOB), 0);
		assert_eq!(wealth(BOB), RICH - 4 * BATCH_HELD);
		assert_eq!(wealth(TREASURY), 4 * BATCH_HELD);
		assert_eq!(Forfeits::get(), [(BOB, Percent::from_percent(25)); 4]);
		assert!(Points::get().is_empty());
		assert_eq!(Records::<Test>::get(0).unwrap().pending, 0);
		assert_ok!(submit(CAROL, 0, 0));
	});
}

#[test]
fn an_undecided_batch_is_nobodys_fault() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(BOB, 0, 0));
		assert_ok!(decide(0, Decision::Undecided));
		assert_eq!(
			last_event(),
			Event::BatchUndecided {
				batch: 0,
				datanet: 0,
				contributor: BOB,
				deposit: BATCH_HELD
			}
			.into()
		);
		assert_eq!(wealth(BOB), RICH);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), 0);
		assert!(Forfeits::get().is_empty());
		assert_ok!(submit(BOB, 0, 0));
	});
}

#[test]
fn rules_say_who_contributes() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let with = |contributors| Rules {
			contributors,
			..rules()
		};
		change(ALICE, 0, with(Contributors::Listed));
		assert_noop!(Datanets::add_batch(signed(BOB), 0, batch(0)), E::NotListed);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, BOB));
		assert_ok!(submit(BOB, 0, 0));
		change(ALICE, 0, with(Contributors::Qualified));
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, batch(1)),
			E::NotQualified
		);
		Qualifications::mutate(|all| all.insert((0, CAROL)));
		assert_ok!(submit(CAROL, 0, 1));
	});
}

#[test]
fn an_owner_vouches_for_the_listed_without_points() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(create_with(ALICE, vouched()));
		assert_noop!(Datanets::add_batch(signed(BOB), 0, batch(0)), E::NotListed);
		assert_ok!(Datanets::list_contributor(signed(ALICE), 0, BOB));
		for n in 0..5 {
			assert_ok!(submit(BOB, 0, n));
		}
		let record = Batches::<Test>::get(4).unwrap();
		assert_eq!(
			record.state,
			BatchState::Accepted {
				index: 4,
				score: 100
			}
		);
		assert_eq!(record.quorum, None);
		assert!(Opened::get().is_empty());
		assert!(Points::get().is_empty());
	});
}

#[test]
fn encrypted_batches_need_the_datanets_key() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let encrypted = BatchDetails {
			encrypted: true,
			minhash: Some(Hash::repeat_byte(3)),
			..batch(0)
		};
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, encrypted.clone()),
			E::NoDataKey
		);
		let with_key = Rules {
			data_key: Some([9; 32]),
			..rules()
		};
		change(ALICE, 0, with_key);
		assert_ok!(Datanets::add_batch(signed(BOB), 0, encrypted));
		let record = Batches::<Test>::get(0).unwrap();
		assert!(record.encrypted);
		assert_eq!(record.minhash, Some(Hash::repeat_byte(3)));
		assert_ok!(submit(BOB, 0, 1));
	});
}

#[test]
fn an_inline_file_is_checked_and_paid_by_the_byte() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let BatchDetails { bytes, .. } = inline(0);
		for wrong in [
			BatchDetails {
				bytes: bytes + 1,
				..inline(0)
			},
			BatchDetails {
				content: ContentHash::of(b"something else"),
				..inline(0)
			},
			BatchDetails {
				locator: inline(1).locator,
				..inline(0)
			},
		] {
			assert_noop!(
				Datanets::add_batch(signed(BOB), 0, wrong),
				E::InlineMismatch
			);
		}
		let empty = BatchDetails {
			locator: Locator::Inline(Default::default()),
			..inline(0)
		};
		assert_noop!(Datanets::add_batch(signed(BOB), 0, empty), E::BadLocator);
		assert_ok!(Datanets::add_batch(signed(BOB), 0, inline(0)));
		let deposit = 107 + 2 * u128::from(bytes);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), deposit);
		assert_eq!(Datanets::batch_deposit(0, bytes, true), Some(deposit));
	});
}

#[test]
fn what_waits_is_bounded_and_keeps_its_place_free() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for n in 0..3 {
			assert_ok!(submit(BOB, 0, n));
		}
		assert_noop!(
			Datanets::add_batch(signed(CAROL), 0, batch(3)),
			E::TooManyPending
		);
		for n in 0..3 {
			assert_ok!(accept(n, 1));
		}
		for n in 3..6 {
			assert_ok!(submit(CAROL, 0, n));
		}
		MaxPending::set(4);
		assert_noop!(
			Datanets::add_batch(signed(CAROL), 0, batch(6)),
			E::DatanetFull
		);
		for n in 3..6 {
			assert_ok!(accept(n, 1));
		}
		MaxPending::set(3);
	});
}

#[test]
fn a_full_datanet_accepts_no_more_even_if_something_went_wrong() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(BOB, 0, 0));
		MaxBatchesPerDatanet::set(0);
		assert_noop!(accept(0, SCORE), E::DatanetFull);
		MaxBatchesPerDatanet::set(6);
		assert_ok!(accept(0, SCORE));
	});
}

#[test]
fn a_pending_batch_is_withdrawn_until_a_jury_is_drawn() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(BOB, 0, 0));
		assert_noop!(withdraw(CAROL, 0), E::NotContributor);
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(
			last_event(),
			Event::BatchWithdrawn {
				batch: 0,
				datanet: 0,
				index: None,
				contributor: BOB,
				deposit: BATCH_HELD,
			}
			.into()
		);
		assert!(Opened::get().is_empty());
		assert_eq!(wealth(BOB), RICH);
		assert_ok!(submit(BOB, 0, 0));
		Drawn::mutate(|drawn| drawn.insert(1));
		assert_noop!(
			withdraw(BOB, 1),
			sp_runtime::DispatchError::Other("a jury was drawn")
		);
		assert_ok!(accept(1, SCORE));
		assert_ok!(withdraw(BOB, 1));
	});
}

#[test]
fn a_mebibyte_counts_as_soon_as_it_is_begun() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for (bytes, deposit) in [
			(1, 107),
			(MEBIBYTE, 107),
			(MEBIBYTE + 1, 114),
			(4 * MEBIBYTE, 128),
		] {
			assert_eq!(Datanets::batch_deposit(0, bytes, false), Some(deposit));
		}
	});
}

#[test]
fn ids_ascend_over_all_datanets_and_places_within_each() {
	ExtBuilder::default()
		.datanet(ALICE)
		.datanet(BOB)
		.build_and_execute(|| {
			for (n, (datanet, index)) in [(0, 0), (1, 0), (0, 1), (1, 1)].into_iter().enumerate() {
				let id = n as u64;
				assert_eq!(add(CAROL, datanet, id), Ok(id));
				assert_eq!(BatchAt::<Test>::get(datanet, index), Some(id));
			}
			assert_eq!(held(HoldReason::BatchDeposit, CAROL), 4 * BATCH_HELD);
		});
}

#[test]
fn a_batch_out_of_bounds_is_refused() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let cases = [
			(
				BatchDetails {
					root: Hash::zero(),
					..batch(0)
				},
				E::NoRoot,
			),
			(
				BatchDetails {
					rows: 0,
					..batch(0)
				},
				E::NoRows,
			),
			(
				BatchDetails {
					rows: 1_001,
					..batch(0)
				},
				E::TooManyRows,
			),
			(
				BatchDetails {
					bytes: 0,
					..batch(0)
				},
				E::NoBytes,
			),
			(
				BatchDetails {
					bytes: 4 * MEBIBYTE + 1,
					..batch(0)
				},
				E::TooManyBytes,
			),
			(
				BatchDetails {
					locator: Locator::Url(text("file:///etc/passwd")),
					..batch(0)
				},
				E::BadLocator,
			),
		];
		for (details, error) in cases {
			assert_noop!(Datanets::add_batch(signed(BOB), 0, details), error);
		}
		let largest = BatchDetails {
			rows: 1_000,
			bytes: 4 * MEBIBYTE,
			locator: Locator::None,
			..batch(0)
		};
		assert_ok!(Datanets::add_batch(signed(BOB), 0, largest));
	});
}

#[test]
fn adding_needs_a_datanet_and_the_deposit() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(
			Datanets::add_batch(signed(BOB), 1, batch(0)),
			E::UnknownDatanet
		);
		assert_noop!(
			Datanets::add_batch(signed(PAUPER), 0, batch(0)),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn a_full_datanet_takes_no_more() {
	ExtBuilder::default()
		.datanet(ALICE)
		.datanet(ALICE)
		.build_and_execute(|| {
			for n in 0..6 {
				assert_ok!(add(BOB, 0, n));
			}
			assert_noop!(
				Datanets::add_batch(signed(BOB), 0, batch(6)),
				E::DatanetFull
			);
			assert_ok!(add(BOB, 1, 6));
		});
}

#[test]
fn ids_run_out_before_they_repeat() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		NextBatchId::<Test>::put(u64::MAX);
		assert_noop!(
			Datanets::add_batch(signed(BOB), 0, batch(0)),
			E::IdsExhausted
		);
	});
}

#[test]
fn a_withdrawn_batch_leaves_its_place_empty_and_its_rows_free() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(BOB, 0, 1));
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(
			last_event(),
			Event::BatchWithdrawn {
				batch: 0,
				datanet: 0,
				index: Some(0),
				contributor: BOB,
				deposit: BATCH_HELD,
			}
			.into()
		);
		assert_eq!(Batches::<Test>::get(0), None);
		assert_eq!(BatchAt::<Test>::get(0, 0), None);
		assert_eq!(held(HoldReason::BatchDeposit, BOB), BATCH_HELD);
		let datanet = Records::<Test>::get(0).unwrap();
		assert_eq!((datanet.batches, datanet.live), (2, 1));

		assert_eq!(
			add(CAROL, 0, 0),
			Ok(2),
			"a new commitment, later than all others"
		);
		assert_eq!(BatchAt::<Test>::get(0, 2), Some(2));
	});
}

#[test]
fn withdrawing_is_the_contributors() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_noop!(withdraw(ALICE, 0), E::NotContributor);
		assert_noop!(withdraw(BOB, 1), E::UnknownBatch);
		assert_ok!(withdraw(BOB, 0));
		assert_noop!(withdraw(BOB, 0), E::UnknownBatch);
	});
}

#[test]
fn a_batch_stays_for_a_while() {
	WithdrawalDelay::set(4);
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(submit(BOB, 0, 0));
		assert_ok!(add(BOB, 0, 1));
		System::set_block_number(4);
		for batch in 0..2 {
			assert_noop!(withdraw(BOB, batch), E::TooEarly);
		}
		System::set_block_number(5);
		for batch in 0..2 {
			assert_ok!(withdraw(BOB, batch));
		}
	});
	WithdrawalDelay::set(0);
}
