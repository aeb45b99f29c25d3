//! Rounds without appeals.

use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use openledger_primitives::{
	data::{Decision, Reason, Verdict},
	traits::{Curation as _, PointsSink, Submissions},
	Balance,
};
use sp_core::H256;

use super::E;
use crate::{mock::*, tally, types::*, Event, HoldReason, Rounds, Seeds};

#[test]
fn a_jury_accepts_a_batch() {
	ExtBuilder::default()
		.curators(10, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			let jury = draw_jury(subject);
			assert_eq!(jury.iter().map(|(_, seats)| seats).sum::<u8>(), 3);
			for (n, seats) in &jury {
				assert_eq!(curator(*n).seats, u32::from(*seats));
			}
			vote(subject, |_| Some(good(80)));
			assert_eq!(round(subject).juries[0].finding, Some(good(80)));
			assert_eq!(decision(batch), None, "it can be appealed yet");
			assert_noop!(Curation::advance(signed(STRANGER), subject), E::NotDue);
			finish(subject);
			assert_eq!(decision(batch), Some(Decision::Found(good(80))));
			for (n, seats) in jury {
				let curator = curator(n);
				assert_eq!((curator.seats, curator.bond), (0, 5 * SEAT));
				assert_eq!(
					points(n),
					100 * u64::from(seats),
					"full accuracy, no dispute"
				);
			}
			assert_noop!(
				Curation::advance(signed(STRANGER), subject),
				E::UnknownRound
			);
		});
}

#[test]
fn the_minority_and_the_absent_lose_a_part_of_their_seats_bonds() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			draw_jury(subject);
			// The first jury comes to no majority, so that there is one of seven.
			vote(subject, |_| None);
			let jury = draw_jury(subject);
			assert_eq!(jury.len(), 7, "with this seed all are different");
			let (outvoted, absent) = (jury[0].0, jury[1].0);
			vote(subject, |n| match n {
				_ if n == absent => None,
				_ if n == outvoted => Some(good(100)),
				_ => Some(bad(Reason::Harmful)),
			});
			let treasury = wealth(TREASURY);
			finish(subject);
			assert_eq!(decision(batch), Some(Decision::Found(bad(Reason::Harmful))));
			assert_eq!(curator(outvoted).bond, 5 * SEAT - 20 * UNIT);
			assert_eq!(curator(outvoted).accuracy, ONE - ONE / 16);
			assert_eq!(curator(absent).bond, 5 * SEAT - 5 * UNIT);
			assert_eq!(curator(absent).accuracy, ONE - ONE / 32);
			assert_eq!((points(outvoted), points(absent)), (0, 0));
			// One of six seats was against, at the second level: 200 + 200 / 6.
			assert_eq!(points(jury[2].0), 233);
			let first = 3 * 5 * UNIT;
			assert_eq!(wealth(TREASURY), treasury + 25 * UNIT + first);
		});
}

#[test]
fn accuracy_grows_by_a_sixteenth_of_what_is_missing() {
	ExtBuilder::default().build_and_execute(|| {
		for n in 10..13 {
			qualify(DATANET, n, 500_000);
			assert_ok!(Curation::bond(signed(n), DATANET, SEAT));
		}
		let subject = Subject::Batch(submit());
		judge(subject, |_| Some(good(1)));
		finish(subject);
		for n in 10..13 {
			assert_eq!(curator(n).accuracy, 531_250);
			assert_eq!(points(n), 50);
		}
	});
}

#[test]
fn phases_end_early_when_all_have_done_their_part() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let jury = draw_jury(subject);
			let begin = now();
			for (n, _) in &jury {
				assert!(matches!(round(subject).phase, Phase::Commit { .. }));
				commit(subject, *n, good(1));
			}
			for (n, _) in &jury {
				assert_eq!(
					round(subject).phase,
					Phase::Reveal {
						until: begin + REVEAL
					}
				);
				reveal(subject, *n, good(1));
			}
			assert_eq!(
				round(subject).phase,
				Phase::Found {
					until: begin + APPEAL
				}
			);
		});
}

#[test]
fn phases_end_in_time_when_somebody_is_absent() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let jury = draw_jury(subject);
			let until = now() + COMMIT;
			commit(subject, jury[0].0, good(1));
			commit(subject, jury[1].0, good(1));
			run_to(until - 1);
			assert_noop!(Curation::advance(signed(STRANGER), subject), E::NotDue);
			run_to(until);
			let late = seal(subject, jury[2].0, &good(1));
			assert_noop!(
				Curation::commit_verdict(signed(jury[2].0), subject, late),
				E::TooLate
			);
			advance(subject);
			reveal(subject, jury[0].0, good(1));
			run(REVEAL - 1);
			assert_noop!(Curation::advance(signed(STRANGER), subject), E::NotDue);
			run(1);
			assert_noop!(
				Curation::reveal_verdict(signed(jury[1].0), subject, good(1), [jury[1].0; 32]),
				E::TooLate
			);
			advance(subject);
			// One of three is no quorum of 60 %: a larger jury is called, for free.
			assert!(matches!(round(subject).phase, Phase::Draw { .. }));
			assert_eq!(round(subject).juries[0].finding, None);
		});
}

#[test]
fn who_may_commit_and_reveal_what() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let commit_as = |n: u8, seal: H256| Curation::commit_verdict(signed(n), subject, seal);
			let reveal_as = |n: u8, verdict: Verdict| {
				Curation::reveal_verdict(signed(n), subject, verdict, [n; 32])
			};
			let unknown = Subject::Batch(99);
			assert_noop!(
				Curation::commit_verdict(signed(CURATOR), unknown, H256::zero()),
				E::UnknownRound
			);
			assert_noop!(
				Curation::reveal_verdict(signed(CURATOR), unknown, good(1), [0; 32]),
				E::UnknownRound
			);
			assert_noop!(commit_as(CURATOR, H256::zero()), E::NotCommitting);
			draw_jury(subject);
			assert_noop!(commit_as(STRANGER, H256::zero()), E::NotJuror);
			assert_noop!(reveal_as(CURATOR, good(1)), E::NotRevealing);
			commit(subject, CURATOR, good(101));
			assert_noop!(commit_as(CURATOR, H256::zero()), E::AlreadyCommitted);
			commit(subject, CURATOR + 1, good(1));
			run(COMMIT);
			advance(subject);
			assert_noop!(commit_as(CURATOR + 2, H256::zero()), E::NotCommitting);
			assert_noop!(reveal_as(CURATOR, good(101)), E::ScoreTooHigh);
			assert_noop!(reveal_as(CURATOR + 2, good(1)), E::NotCommitted);
			assert_noop!(reveal_as(STRANGER, good(1)), E::NotJuror);
			assert_noop!(reveal_as(CURATOR + 1, good(2)), E::CommitmentMismatch);
			assert_ok!(reveal_as(CURATOR + 1, good(1)));
			assert_noop!(reveal_as(CURATOR + 1, good(1)), E::AlreadyRevealed);
		});
}

#[test]
fn without_a_majority_up_to_the_last_jury_it_ends_undecided() {
	ExtBuilder::default()
		.curators(40, 5 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| None);
			// Even sides: of seven seats one is absent, three are on either side.
			let jury = draw_jury(subject);
			assert_eq!(jury.len(), 7, "with this seed all are different");
			vote(subject, |n| {
				match jury.iter().position(|(who, _)| *who == n) {
					Some(0) => None,
					Some(1..=3) => Some(good(1)),
					_ => Some(bad(Reason::Junk)),
				}
			});
			assert_eq!(round(subject).juries[1].finding, None);
			let last: Vec<_> = draw_jury(subject);
			vote(subject, |_| None);
			assert_noop!(Curation::appeal(signed(STRANGER), subject), E::Final);
			advance(subject);
			assert_eq!(decision(batch), Some(Decision::Undecided));
			// Who revealed loses nothing, who was absent does.
			let in_last = |n: u8| last.iter().any(|(who, _)| *who == n);
			for (n, _) in jury.iter().skip(1).filter(|(n, _)| !in_last(*n)) {
				assert_eq!(points(*n), 0);
			}
			for (n, seats) in last {
				assert!(
					curator(n).bond <= 5 * SEAT - ABSENCE * (SEAT * Balance::from(seats)),
					"{n}"
				);
			}
		});
}

#[test]
fn a_batch_waits_for_curators() {
	ExtBuilder::default()
		.curators(2, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			assert_noop!(Curation::advance(signed(STRANGER), subject), E::NotDue);
			for _ in 0..20 {
				let Phase::Draw { at, .. } = round(subject).phase else {
					panic!("two seats are no jury")
				};
				run_to(at);
				let info = Curation::advance(signed(STRANGER), subject).expect("it is put off");
				assert_eq!(info.pays_fee, Pays::Yes, "nothing was achieved");
			}
			qualify(DATANET, 10, ONE);
			assert_ok!(Curation::bond(signed(10), DATANET, SEAT));
			let Phase::Draw { at, .. } = round(subject).phase else {
				unreachable!("it waits")
			};
			run_to(at);
			let info = Curation::advance(signed(STRANGER), subject).expect("there are three now");
			assert_eq!(info.pays_fee, Pays::No);
			assert_eq!(jury(subject).len(), 3);
		});
}

#[test]
fn a_larger_jury_that_cannot_be_drawn_is_given_up() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| None);
			let called = now();
			while Rounds::<Test>::contains_key(subject) {
				assert_eq!(decision(batch), None);
				let Phase::Draw { at, .. } = round(subject).phase else {
					panic!("three seats are no jury of seven")
				};
				run_to(at);
				advance(subject);
			}
			assert!(now() >= called + TIMEOUT);
			assert_eq!(decision(batch), Some(Decision::Undecided));
			assert_eq!(curator(CURATOR).seats, 0);
		});
}

#[test]
fn a_seed_that_nobody_used_in_time_is_replaced() {
	ExtBuilder::default()
		.curators(9, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let at = now() + DELAY;
			run_to(at + WINDOW);
			assert!(!Seeds::<Test>::contains_key(at));
			assert_eq!(Seeds::<Test>::iter().count() as u64, WINDOW);
			advance(subject);
			System::assert_last_event(
				Event::DrawPostponed {
					subject,
					draw_at: now() + DELAY,
				}
				.into(),
			);
			draw_jury(subject);
		});
}

#[test]
fn a_bond_that_comes_with_the_seed_is_not_drawn() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			qualify(DATANET, 10, ONE);
			let subject = Subject::Batch(submit());
			run(DELAY);
			assert_ok!(Curation::bond(signed(10), DATANET, 9_000 * SEAT));
			advance(subject);
			assert!(jury(subject).iter().all(|(n, _)| *n != 10));
			assert!(
				draw_jury(Subject::Batch(submit()))
					.iter()
					.any(|(n, _)| *n == 10),
				"in the next one it is"
			);
		});
}

#[test]
fn nobody_has_more_seats_than_its_bond_stands_for() {
	ExtBuilder::default()
		.curators(5, 2 * SEAT)
		.build_and_execute(|| {
			for _ in 0..3 {
				draw_jury(Subject::Batch(submit()));
				Curation::do_try_state().expect("bonds stand for seats");
			}
			assert_eq!(
				(CURATOR..CURATOR + 5)
					.map(|n| curator(n).seats)
					.sum::<u32>(),
				9
			);
			// One seat is left: no jury of three.
			let subject = Subject::Batch(submit());
			run(DELAY);
			advance(subject);
			assert!(round(subject).juries.is_empty());
		});
}

#[test]
fn a_contributor_does_not_judge_its_own_batch() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			qualify(DATANET, CONTRIBUTOR, ONE);
			assert_ok!(Curation::bond(signed(CONTRIBUTOR), DATANET, 1_000 * SEAT));
			let jury = draw_jury(Subject::Batch(submit()));
			assert!(jury.iter().all(|(n, _)| *n != CONTRIBUTOR), "{jury:?}");
		});
}

#[test]
fn opening_and_abandoning() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			assert_noop!(Curation::open(99), E::UnknownBatch);
			assert_noop!(Curation::open(accepted(&[1])), E::NotPending);
			assert_noop!(Curation::abandon(99), E::UnknownRound);
			let batch = submit();
			assert_noop!(Curation::open(batch), E::NotPending);
			assert_ok!(Curation::abandon(batch));
			assert!(!Rounds::<Test>::contains_key(Subject::Batch(batch)));
			remove(batch);

			// Not once it is known who would judge.
			let batch = submit();
			run(DELAY - 1);
			frame_support::storage::with_storage_layer(|| -> sp_runtime::DispatchResult {
				assert_ok!(Curation::abandon(batch));
				Err(sp_runtime::DispatchError::Other("only tried"))
			})
			.expect_err("it is undone");
			run(1);
			assert_noop!(Curation::abandon(batch), E::JuryDrawn);
			draw_jury(Subject::Batch(batch));
			assert_noop!(Curation::abandon(batch), E::JuryDrawn);
			vote(Subject::Batch(batch), |_| None);
			assert_noop!(Curation::abandon(batch), E::JuryDrawn);

			// All seats are free again only at the end; who finds no jury can go.
			let batch = submit();
			run(DELAY);
			assert_ok!(Curation::abandon(batch));
			remove(batch);
		});
}

#[test]
fn a_datanet_that_is_full_sends_the_batch_back() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			judge(subject, |_| Some(good(1)));
			set_full();
			finish(subject);
			assert_eq!(decision(batch), Some(Decision::Undecided));
			assert!(points(CURATOR) > 0, "the jurors are not to blame");
			System::assert_has_event(
				Event::NotTaken {
					batch,
					error: sp_runtime::DispatchError::Exhausted,
				}
				.into(),
			);
		});
}

#[test]
fn steps_are_free_for_who_takes_them() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let step = || {
				Curation::advance(signed(STRANGER), subject)
					.expect("it is due")
					.pays_fee
			};
			run(DELAY);
			assert_eq!(step(), Pays::No);
			commit(subject, CURATOR, good(1));
			commit(subject, CURATOR + 1, good(1));
			run(COMMIT);
			assert_eq!(step(), Pays::No);
			reveal(subject, CURATOR, good(1));
			reveal(subject, CURATOR + 1, good(1));
			run(APPEAL);
			assert_eq!(step(), Pays::No);
			assert!(!Rounds::<Test>::contains_key(subject));
		});
}

#[test]
fn a_juror_with_several_seats_judges_once_for_all() {
	ExtBuilder::default()
		.curators(1, 3 * SEAT)
		.build_and_execute(|| {
			let batch = submit();
			let subject = Subject::Batch(batch);
			assert_eq!(draw_jury(subject), vec![(CURATOR, 3)]);
			assert_eq!(curator(CURATOR).seats, 3);
			assert_eq!(Curation::curators_of(DATANET)[0].free, 0);
			vote(subject, |_| Some(good(7)));
			let jurors = &round(subject).juries[0].jurors;
			assert_eq!(tally::sides(jurors), (3, 0));
			finish(subject);
			assert_eq!(points(CURATOR), 300);
			assert_eq!(held(HoldReason::Bond, CURATOR), 3 * SEAT);
		});
}

/// The mock of the points' sink and the ledger are what the traits say.
#[test]
fn the_ledger_keeps_to_its_trait() {
	ExtBuilder::default().build_and_execute(|| {
		let (one, two) = (accepted(&[1]), accepted(&[2]));
		assert_ok!(Ledger::link(two, one));
		assert_eq!(cluster(two), Some(one));
		assert!(Ledger::link(one, two).is_err());
		assert!(Ledger::decide(one, Decision::Undecided).is_err());
		Points::credit(
			&account(5),
			DATANET,
			openledger_primitives::data::Merit::Curation,
			3,
		);
		assert_eq!(points(5), 3);
	});
}
