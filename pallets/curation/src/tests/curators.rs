//! Bonds, pools, and who leaves them.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{data::Reason, Balance};
use sp_runtime::TokenError;

use super::E;
use crate::{mock::*, types::*, Curators, Event, HoldReason, Pools, Qualifications};

fn pool() -> Vec<PoolMember<openledger_primitives::AccountId, u64>> {
	Curation::curators_of(DATANET)
}

#[test]
fn a_bond_enters_the_pool() {
	ExtBuilder::default().build_and_execute(|| {
		qualify(DATANET, 10, 800_000);
		assert_ok!(Curation::bond(signed(10), DATANET, 3 * SEAT));
		assert_eq!(held(HoldReason::Bond, 10), 3 * SEAT);
		let member = pool().pop().expect("in the pool");
		// 300 tokens, in millionths, at 80 %.
		assert_eq!((member.weight, member.free), (240_000_000, 3));
		run(1);
		assert_ok!(Curation::bond(signed(10), DATANET, SEAT / 2));
		let member = pool().pop().expect("in the pool");
		assert_eq!((member.weight, member.free), (280_000_000, 3));
		assert_eq!(member.since, now());
		System::assert_last_event(
			Event::Bonded {
				datanet: DATANET,
				who: account(10),
				amount: SEAT / 2,
				bond: 3 * SEAT + SEAT / 2,
			}
			.into(),
		);
	});
}

#[test]
fn a_bond_needs_a_qualification_and_funds() {
	ExtBuilder::default().build_and_execute(|| {
		let bond = |amount| Curation::bond(signed(10), DATANET, amount);
		assert_noop!(bond(SEAT), E::NotQualified);
		qualify(OTHER_DATANET, 10, ONE);
		assert_noop!(bond(SEAT), E::NotQualified);
		qualify(DATANET, 10, ONE);
		assert_noop!(bond(0), E::NothingToBond);
		assert_noop!(bond(SEAT - 1), E::BondTooLow);
		assert_noop!(bond(RICH), TokenError::FundsUnavailable);
		assert_ok!(bond(SEAT));
		assert_noop!(bond(Balance::MAX), E::Overflow);
		assert_noop!(
			Curation::drop_qualification(signed(10), DATANET),
			E::StillCurator
		);
		run(QUALIFIED);
		assert_noop!(bond(SEAT), E::NotQualified);
	});
}

#[test]
fn a_pool_is_bounded() {
	ExtBuilder::default()
		.curators(2, SEAT)
		.build_and_execute(|| {
			MaxCurators::set(&2);
			qualify(DATANET, 10, ONE);
			assert_noop!(Curation::bond(signed(10), DATANET, SEAT), E::PoolFull);
			assert_ok!(Curation::unbond(signed(CURATOR), DATANET));
			assert_ok!(Curation::bond(signed(10), DATANET, SEAT));
		});
}

#[test]
fn unbonding_takes_its_time() {
	ExtBuilder::default()
		.curators(1, SEAT)
		.build_and_execute(|| {
			let who = CURATOR;
			assert_noop!(Curation::unbond(signed(STRANGER), DATANET), E::NotCurator);
			assert_noop!(
				Curation::withdraw_unbonded(signed(STRANGER), DATANET),
				E::NotCurator
			);
			assert_noop!(
				Curation::withdraw_unbonded(signed(who), DATANET),
				E::NotUnbonding
			);
			assert_ok!(Curation::unbond(signed(who), DATANET));
			assert!(pool().is_empty(), "it leaves at once");
			assert_noop!(Curation::unbond(signed(who), DATANET), E::Unbonding);
			assert_noop!(Curation::bond(signed(who), DATANET, SEAT), E::Unbonding);
			run(UNBONDING - 1);
			assert_noop!(
				Curation::withdraw_unbonded(signed(who), DATANET),
				E::StillUnbonding
			);
			run(1);
			assert_ok!(Curation::withdraw_unbonded(signed(who), DATANET));
			assert_eq!(held(HoldReason::Bond, who), 0);
			assert!(!Curators::<Test>::contains_key(DATANET, account(who)));
			assert_ok!(Curation::drop_qualification(signed(who), DATANET));
			assert_eq!(free(who), RICH);
		});
}

#[test]
fn whoever_has_a_seat_cannot_withdraw_and_slashes_reach_it() {
	ExtBuilder::default()
		.curators(3, 5 * SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let (who, seats) = draw_jury(subject)[0];
			assert_ok!(Curation::unbond(signed(who), DATANET));
			// Nobody advances the round for longer than a bond takes to unbond.
			run(UNBONDING);
			assert_noop!(Curation::withdraw_unbonded(signed(who), DATANET), E::Seated);
			advance(subject);
			assert_eq!(round(subject).juries.len(), 1, "nobody committed");
			judge(subject, |_| Some(good(50)));
			finish(subject);
			let lost = ABSENCE * (SEAT * Balance::from(seats));
			assert_eq!(curator(who).bond, 5 * SEAT - lost);
			assert_ok!(Curation::withdraw_unbonded(signed(who), DATANET));
			assert_eq!(wealth(who), RICH - lost);
		});
}

#[test]
fn leaving_launders_no_record() {
	ExtBuilder::default()
		.curators(1, SEAT)
		.build_and_execute(|| {
			Curators::<Test>::mutate(DATANET, account(CURATOR), |curator| {
				curator.as_mut().expect("there").accuracy = 300_000;
			});
			assert_ok!(Curation::unbond(signed(CURATOR), DATANET));
			run(UNBONDING);
			assert_ok!(Curation::withdraw_unbonded(signed(CURATOR), DATANET));
			assert_ok!(Curation::bond(signed(CURATOR), DATANET, SEAT));
			assert_eq!(curator(CURATOR).accuracy, 300_000);
		});
}

#[test]
fn who_is_not_qualified_any_more_is_not_drawn_and_can_be_retired() {
	ExtBuilder::default()
		.curators(3, 15 * SEAT)
		.build_and_execute(|| {
			assert_noop!(
				Curation::retire(signed(STRANGER), DATANET, account(CURATOR)),
				E::StillFit
			);
			assert_noop!(
				Curation::retire(signed(STRANGER), DATANET, account(STRANGER)),
				E::NotCurator
			);
			Qualifications::<Test>::mutate(DATANET, account(CURATOR), |record| {
				record.as_mut().expect("there").until = 2;
			});
			Pools::<Test>::mutate(DATANET, |pool| pool[0].until = 2);
			for _ in 0..5 {
				let jury = draw_jury(Subject::Batch(submit()));
				assert!(jury.iter().all(|(who, _)| *who != CURATOR), "{jury:?}");
			}
			assert_ok!(Curation::retire(
				signed(STRANGER),
				DATANET,
				account(CURATOR)
			));
			assert_eq!(pool().len(), 2);
			assert_noop!(
				Curation::retire(signed(STRANGER), DATANET, account(CURATOR)),
				E::Unbonding
			);
		});
}

#[test]
fn repeated_failure_ejects() {
	ExtBuilder::default()
		.curators(8, 15 * SEAT)
		.build_and_execute(|| {
			// One curator is never there.
			let absent = CURATOR;
			let mut failed = 0;
			while failed < MAX_FAILURES {
				assert_eq!(pool().len(), 8);
				let subject = Subject::Batch(submit());
				while draw_jury(subject)
					.iter()
					.all(|(who, seats)| *who != absent || *seats > 1)
				{
					vote(subject, |n| (n != absent).then_some(good(50)));
					if matches!(round(subject).phase, Phase::Found { .. }) {
						break;
					}
				}
				if jury(subject).iter().any(|(who, _)| *who == absent)
					&& matches!(round(subject).phase, Phase::Commit { .. })
				{
					vote(subject, |n| (n != absent).then_some(good(50)));
				}
				while !matches!(round(subject).phase, Phase::Found { .. }) {
					judge(subject, |n| (n != absent).then_some(good(50)));
				}
				finish(subject);
				failed = curator(absent).failures;
			}
			assert_eq!(pool().len(), 7);
			assert!(matches!(curator(absent).status, Status::Unbonding { .. }));
			assert!(!Qualifications::<Test>::contains_key(
				DATANET,
				account(absent)
			));
			assert_eq!(held(HoldReason::Qualification, absent), 0);
			let until = match curator(absent).status {
				Status::Unbonding { until } => until,
				Status::Active => unreachable!("it was ejected"),
			};
			System::assert_has_event(
				Event::Ejected {
					datanet: DATANET,
					who: account(absent),
					until,
				}
				.into(),
			);
			assert_noop!(
				Curation::bond(signed(absent), DATANET, SEAT),
				E::NotQualified
			);
			run_to(until);
			assert_ok!(Curation::withdraw_unbonded(signed(absent), DATANET));
		});
}

#[test]
fn being_right_once_clears_the_count() {
	ExtBuilder::default()
		.curators(3, 15 * SEAT)
		.build_and_execute(|| {
			let mut before = 0;
			for n in 0..20 {
				let subject = Subject::Batch(submit());
				// Even rounds: one juror is outvoted if it can be; odd ones: all agree.
				let jury = draw_jury(subject);
				let odd = (n % 2 == 0)
					.then(|| jury.iter().find(|(_, seats)| *seats == 1))
					.flatten()
					.map(|(who, _)| *who);
				vote(subject, |who| {
					Some(if Some(who) == odd {
						bad(Reason::Junk)
					} else {
						good(1)
					})
				});
				finish(subject);
				if let Some(odd) = odd {
					before += 1;
					assert!(curator(odd).failures > 0);
				} else {
					for (who, _) in jury {
						assert_eq!(curator(who).failures, 0);
					}
				}
			}
			assert!(before > 3, "it happened {before} times");
		});
}

#[test]
fn a_bond_below_a_seat_is_not_drawn_until_it_is_topped_up() {
	ExtBuilder::default()
		.curators(4, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			let (n, _) = draw_jury(subject)[0];
			vote(subject, |who| {
				Some(if who == n { bad(Reason::Junk) } else { good(9) })
			});
			finish(subject);
			assert_eq!(curator(n).bond, SEAT - MINORITY * SEAT);
			let jury = draw_jury(Subject::Batch(submit()));
			assert!(jury.iter().all(|(who, _)| *who != n), "{jury:?}");
			let retire = || Curation::retire(signed(STRANGER), DATANET, account(n));
			assert_ok!(Curation::bond(signed(n), DATANET, MINORITY * SEAT));
			assert_noop!(retire(), E::StillFit);
			assert_eq!(pool().len(), 4);
		});
}

#[test]
fn whoever_has_used_up_its_bond_can_be_retired() {
	ExtBuilder::default()
		.curators(3, SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			judge(subject, |n| {
				Some(if n == CURATOR {
					bad(Reason::Junk)
				} else {
					good(9)
				})
			});
			finish(subject);
			assert_eq!(pool().len(), 3);
			assert_ok!(Curation::retire(
				signed(STRANGER),
				DATANET,
				account(CURATOR)
			));
			assert_eq!(pool().len(), 2);
			assert!(
				Qualifications::<Test>::contains_key(DATANET, account(CURATOR)),
				"it stays qualified"
			);
		});
}
