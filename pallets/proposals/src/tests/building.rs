//! Deliveries, votes and payments.

use frame_support::{assert_noop, assert_ok};
use sp_runtime::DispatchError::BadOrigin;

use crate::{mock::*, Delivered, Event, Evidence, Failure, HoldReason::*, Stage};

#[test]
fn milestones_are_paid_to_the_unit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		let mut paid = 0;
		for (milestone, amount) in [(0, 2_000), (1, 3_000)] {
			pay_silently(id);
			paid += amount;
			let event = Event::MilestonePaid {
				proposal: id,
				milestone,
				amount,
				left: 0,
			};
			assert_eq!(last_event(), event.into());
			assert_eq!(wealth(BUILDER), RICH + paid);
			assert_eq!(pot(), GOAL - paid);
		}
		let model = model(BUILDER);
		deliver(id, version(model));
		pass(VOTING);
		resolve(id);
		assert_eq!(
			last_event(),
			Event::Completed {
				proposal: id,
				model
			}
			.into()
		);
		assert_eq!(wealth(BUILDER), RICH + GOAL);
		assert_eq!((held(Bond, BUILDER), pot()), (0, 0));
		assert_eq!(Escrow::funded_by(model), Some(id));
	});
}

#[test]
fn only_the_builder_delivers_and_only_what_is_due() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		let deliver_by = |who, evidence| Escrow::deliver(signed(who), id, evidence);
		assert_noop!(deliver_by(BUILDER, file()), E::NotBuilding);
		back(id, ALICE, GOAL);
		assert_noop!(deliver_by(ALICE, file()), E::NotBuilder);
		assert_noop!(
			Escrow::deliver(signed(BUILDER), 7, file()),
			E::UnknownProposal
		);
		let early = model(BUILDER);
		assert_noop!(deliver_by(BUILDER, version(early)), E::FileExpected);
		let bad = Evidence::File {
			content: Default::default(),
			link: b"a b".to_vec().try_into().unwrap(),
		};
		assert_noop!(deliver_by(BUILDER, bad), E::BadLink);
		assert_ok!(deliver_by(BUILDER, file()));
		let event = Event::MilestoneDelivered {
			proposal: id,
			milestone: 0,
			evidence: file(),
			until: 1 + VOTING,
		};
		assert_eq!(last_event(), event.into());
		assert_noop!(deliver_by(BUILDER, file()), E::NotBuilding);
		pass(VOTING);
		resolve(id);
		pay_silently(id);
		assert_noop!(deliver_by(BUILDER, file()), E::ModelExpected);
		assert_noop!(
			deliver_by(
				BUILDER,
				Evidence::Model {
					model: early,
					version: 1
				}
			),
			E::ModelNotOwned
		);
		assert_noop!(deliver_by(BUILDER, version(9)), E::ModelNotOwned);
		let others = model(STRANGER);
		assert_noop!(deliver_by(BUILDER, version(others)), E::ModelNotOwned);
		pass(WITHIN);
		assert_noop!(deliver_by(BUILDER, version(early)), E::TooLate);
	});
}

#[test]
fn the_terms_may_say_whose_the_model_has_to_be() {
	ExtBuilder::default().build_and_execute(|| {
		let mut terms = terms_of(&[GOAL]);
		terms.owner = Some(CAROL);
		let id = funding(terms);
		back(id, ALICE, GOAL);
		let own = model(BUILDER);
		assert_noop!(
			Escrow::deliver(signed(BUILDER), id, version(own)),
			E::ModelNotOwned
		);
		Owners::mutate(|owners| owners.insert(own, CAROL));
		deliver(id, version(own));
		pass(VOTING);
		resolve(id);
		assert_eq!(Escrow::funded_by(own), Some(id));
	});
}

#[test]
fn backers_vote_by_what_they_gave_and_may_change_their_minds() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		let vote_by = |who, milestone| Escrow::vote(signed(who), id, milestone, true);
		assert_noop!(vote_by(ALICE, 0), E::NotJudging);
		deliver(id, file());
		assert_noop!(vote_by(STRANGER, 0), E::UnknownBacker);
		assert_noop!(vote_by(ALICE, 1), E::WrongMilestone);
		assert_noop!(Escrow::vote(signed(ALICE), 7, 0, true), E::UnknownProposal);
		vote(id, ALICE, 0, false);
		let event = Event::Voted {
			proposal: id,
			milestone: 0,
			who: ALICE,
			approve: false,
			weight: 5_000,
		};
		assert_eq!(last_event(), event.into());
		vote(id, BOB, 0, true);
		vote(id, ALICE, 0, true);
		vote(id, ALICE, 0, true);
		let tallies = || match stage(id) {
			Stage::Judging {
				approvals,
				objections,
				..
			} => (approvals, objections),
			_ => panic!("it is voted on"),
		};
		assert_eq!(tallies(), (8_000, 0));
		assert_noop!(Escrow::resolve(signed(STRANGER), id), E::VoteOpen);
		pass(VOTING - 1);
		vote(id, BOB, 0, false);
		assert_eq!(tallies(), (5_000, 3_000));
		pass(1);
		assert_noop!(vote_by(BOB, 0), E::TooLate);
		assert_noop!(Escrow::resolve(RuntimeOrigin::root(), id), BadOrigin);
		resolve(id);
		assert_noop!(Escrow::resolve(signed(STRANGER), id), E::NotJudging);
		assert_noop!(Escrow::resolve(signed(STRANGER), 7), E::UnknownProposal);
	});
}

#[test]
fn a_vote_of_all_is_over_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		deliver(id, file());
		vote(id, ALICE, 0, true);
		vote(id, BOB, 0, true);
		assert_noop!(Escrow::resolve(signed(STRANGER), id), E::VoteOpen);
		vote(id, CAROL, 0, false);
		resolve(id);
		// The time for the next one begins now: it is not the vote's that is left over.
		let until = 1 + WITHIN;
		assert_eq!(stage(id), Stage::Building { until });
	});
}

#[test]
fn time_goes_on_from_the_end_of_the_vote() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		deliver(id, file());
		pass(VOTING + 7);
		resolve(id);
		let until = 1 + VOTING + WITHIN;
		assert_eq!(stage(id), Stage::Building { until });
	});
}

/// What comes of a vote in which those vote who gave 5,000, 3,000 and 2,000.
fn comes_to(votes: [Option<bool>; 3]) -> &'static str {
	let mut outcome = "";
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		deliver(id, file());
		for (who, approve) in [ALICE, BOB, CAROL].into_iter().zip(votes) {
			if let Some(approve) = approve {
				vote(id, who, 0, approve);
			}
		}
		let early = Escrow::resolve(signed(STRANGER), id).is_ok();
		pass(VOTING);
		if !early {
			resolve(id);
		}
		outcome = match (stage(id), early) {
			(Stage::Building { .. }, false) => "paid",
			(Stage::Building { .. }, true) => "paid at once",
			(Stage::Stopped, false) => "stopped",
			(Stage::Stopped, true) => "stopped at once",
			other => panic!("{other:?}"),
		};
	});
	outcome
}

#[test]
fn what_votes_come_to() {
	const FOR: Option<bool> = Some(true);
	const AGAINST: Option<bool> = Some(false);
	for (votes, outcome) in [
		([None, None, None], "paid"),
		([FOR, FOR, FOR], "paid at once"),
		// A fifth cannot stop what the others are silent about, three tenths can.
		([None, None, AGAINST], "paid"),
		([None, AGAINST, None], "stopped"),
		// Unless as many approve.
		([FOR, AGAINST, None], "paid"),
		([None, AGAINST, FOR], "stopped"),
		([FOR, AGAINST, AGAINST], "paid at once"),
		// Half of it can if fewer approve; more than half at once.
		([AGAINST, None, None], "stopped"),
		([AGAINST, FOR, FOR], "paid at once"),
		([AGAINST, FOR, None], "stopped"),
		([AGAINST, None, AGAINST], "stopped at once"),
		([AGAINST, AGAINST, FOR], "stopped at once"),
	] {
		assert_eq!(comes_to(votes), outcome, "{votes:?}");
	}
}

#[test]
fn a_rejected_milestone_costs_the_bond_and_not_the_backers() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		pay_silently(id);
		deliver(id, file());
		vote(id, ALICE, 1, false);
		vote(id, BOB, 1, false);
		resolve(id);
		let event = Event::Stopped {
			proposal: id,
			failure: Failure::Rejected,
			left: 8_000,
			forfeited: BOND,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(wealth(BUILDER), RICH + 2_000 - BOND);
		assert_eq!(wealth(TREASURY), RICH + BOND);
		for (who, lost) in [(ALICE, 1_000), (BOB, 600), (CAROL, 400)] {
			refund(id, who);
			assert_eq!(wealth(who), RICH - lost);
		}
		assert_eq!(pot(), 0);
	});
}

#[test]
fn a_missed_deadline_stops_it() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		pass(WITHIN - 1);
		assert_noop!(Escrow::expire(signed(STRANGER), id), E::NotDue);
		pass(1);
		assert_noop!(Escrow::deliver(signed(BUILDER), id, file()), E::TooLate);
		assert_ok!(Escrow::expire(signed(STRANGER), id));
		let event = Event::Stopped {
			proposal: id,
			failure: Failure::TooLate,
			left: GOAL,
			forfeited: BOND,
		};
		assert_eq!(last_event(), event.into());
		assert_noop!(Escrow::expire(signed(STRANGER), id), E::NoDeadline);
		let other = building();
		deliver(other, file());
		pass(100);
		assert_noop!(Escrow::expire(signed(STRANGER), other), E::NoDeadline);
	});
}

#[test]
fn who_gives_up_loses_its_bond() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		pay_silently(id);
		pay_silently(id);
		let model = model(BUILDER);
		deliver(id, version(model));
		assert_eq!(Delivered::<Test>::get(model), Some(id));
		assert_eq!(Escrow::funded_by(model), None);
		assert_ok!(Escrow::give_up(signed(BUILDER), id));
		assert!(!Delivered::<Test>::contains_key(model));
		assert_eq!(wealth(BUILDER), RICH + 5_000 - BOND);
		assert_eq!(wealth(TREASURY), RICH + BOND);
	});
}
