//! Proposals, builders and backers.

use frame_support::{assert_noop, assert_ok, traits::fungible::Mutate};
use sp_runtime::{DispatchError::BadOrigin, TokenError};

use crate::{mock::*, types::Title, Backers, Event, HoldReason::*, NextId, Proposals, Stage};

#[test]
fn a_proposal_is_recorded_for_a_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = proposed(terms());
		let deposit = 100 + codec::Encode::encoded_size(&terms()) as u128;
		assert_eq!(held(Deposit, PROPOSER), deposit);
		assert_eq!((proposal(id).terms, stage(id)), (terms(), Stage::Open));
		let event = Event::Proposed {
			proposal: id,
			proposer: PROPOSER,
			goal: GOAL,
			builder: Some(BUILDER),
			deposit,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(NextId::<Test>::get(), id + 1);
	});
}

#[test]
fn terms_are_checked() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = |terms, error: E| {
			assert_noop!(Escrow::propose(signed(PROPOSER), terms, None), error);
		};
		let with = |change: fn(&mut crate::Terms<AccountId, u64>)| {
			let mut terms = terms();
			change(&mut terms);
			terms
		};
		refused(with(|terms| terms.title = Title::default()), E::BadTitle);
		refused(
			with(|terms| terms.link = b"not a link".to_vec().try_into().unwrap()),
			E::BadLink,
		);
		refused(terms_of(&[]), E::NoMilestones);
		refused(terms_of(&[100, 0]), E::EmptyMilestone);
		refused(with(|terms| terms.goal += 1), E::GoalMismatch);
		refused(with(|terms| terms.goal -= 1), E::GoalMismatch);
		refused(terms_of(&[LEAST - 1]), E::GoalTooLow);
		for short in [
			with(|terms| terms.funding = MIN_PERIOD - 1),
			with(|terms| terms.voting = MIN_PERIOD - 1),
			with(|terms| terms.milestones[1].within = MIN_PERIOD - 1),
		] {
			refused(short, E::PeriodTooShort);
		}
		for long in [
			with(|terms| terms.funding = MAX_FUNDING + 1),
			with(|terms| terms.milestones[0].within = u64::MAX),
			// Three votes and the other two milestones count too.
			with(|terms| terms.milestones[0].within = MAX_BUILDING - 3 * VOTING - 2 * WITHIN + 1),
		] {
			refused(long, E::PeriodTooLong);
		}
		let mut longest = terms();
		longest.milestones[0].within = MAX_BUILDING - 3 * VOTING - 2 * WITHIN;
		let mut huge = terms_of(&[1]);
		huge.milestones[0].amount = u128::MAX;
		huge.milestones.try_push(milestone(1)).unwrap();
		refused(huge, E::AmountOverflow);
		assert_ok!(Escrow::propose(signed(PROPOSER), longest, None));
		NextId::<Test>::put(u32::MAX);
		refused(terms(), E::IdsExhausted);
		assert_noop!(
			Escrow::propose(signed(PAUPER), terms(), None),
			E::IdsExhausted
		);
		NextId::<Test>::put(1);
		assert_noop!(
			Escrow::propose(signed(PAUPER), terms(), None),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			Escrow::propose(RuntimeOrigin::root(), terms(), None),
			BadOrigin
		);
	});
}

#[test]
fn the_proposer_names_a_builder_until_one_has_accepted() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Escrow::propose(signed(PROPOSER), terms(), None));
		assert_noop!(
			Escrow::name_builder(signed(STRANGER), 0, Some(STRANGER)),
			E::NotProposer
		);
		assert_noop!(
			Escrow::name_builder(signed(PROPOSER), 1, None),
			E::UnknownProposal
		);
		assert_noop!(Escrow::accept(signed(BUILDER), 0), E::NotBuilder);
		assert_noop!(Escrow::accept(signed(BUILDER), 1), E::UnknownProposal);
		assert_ok!(Escrow::name_builder(signed(PROPOSER), 0, Some(STRANGER)));
		assert_ok!(Escrow::name_builder(signed(PROPOSER), 0, Some(BUILDER)));
		let event = Event::BuilderNamed {
			proposal: 0,
			builder: Some(BUILDER),
		};
		assert_eq!(last_event(), event.into());
		assert_noop!(Escrow::accept(signed(STRANGER), 0), E::NotBuilder);
		assert_ok!(Escrow::accept(signed(BUILDER), 0));
		let until = 1 + FUNDING;
		let event = Event::Accepted {
			proposal: 0,
			builder: BUILDER,
			bond: BOND,
			until,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(held(Bond, BUILDER), BOND);
		assert_eq!(stage(0), Stage::Funding { until });
		assert_noop!(
			Escrow::name_builder(signed(PROPOSER), 0, Some(STRANGER)),
			E::NotOpen
		);
		assert_noop!(Escrow::accept(signed(BUILDER), 0), E::NotOpen);
		assert_noop!(Escrow::cancel(signed(PROPOSER), 0), E::NotOpen);
	});
}

#[test]
fn a_bond_is_a_part_of_the_goal_rounded_up_and_at_least_so_much() {
	ExtBuilder::default().build_and_execute(|| {
		for (goal, bond) in [(100, 60), (1_200, 60), (1_201, 61), (10_000, 500)] {
			let id = proposed(terms_of(&[goal]));
			assert_eq!(Escrow::bond_of(id), Some(bond));
		}
		assert_eq!(Escrow::bond_of(9), None);
		assert_ok!(Escrow::propose(signed(PROPOSER), terms(), Some(PAUPER)));
		assert_noop!(
			Escrow::accept(signed(PAUPER), 4),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn an_open_proposal_can_be_taken_back() {
	ExtBuilder::default().build_and_execute(|| {
		let id = proposed(terms());
		assert_noop!(Escrow::cancel(signed(BUILDER), id), E::NotProposer);
		assert_noop!(Escrow::cancel(signed(PROPOSER), 7), E::UnknownProposal);
		assert_ok!(Escrow::cancel(signed(PROPOSER), id));
		assert_eq!(last_event(), Event::Closed { proposal: id }.into());
		assert!(!Proposals::<Test>::contains_key(id));
		assert_eq!(held(Deposit, PROPOSER), 0);
	});
}

#[test]
fn backers_give_until_the_goal_is_reached_and_no_further() {
	ExtBuilder::default().build_and_execute(|| {
		let id = proposed(terms());
		assert_noop!(Escrow::back(signed(ALICE), id, 100), E::NotFunding);
		assert_noop!(Escrow::back(signed(ALICE), 7, 100), E::UnknownProposal);
		assert_ok!(Escrow::accept(signed(BUILDER), id));
		assert_noop!(Escrow::back(signed(ALICE), id, LEAST - 1), E::TooLittle);
		back(id, ALICE, 5_000);
		back(id, ALICE, 960);
		let event = Event::Backed {
			proposal: id,
			who: ALICE,
			amount: 960,
			raised: 5_960,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(held(Deposit, ALICE), DEPOSIT);
		assert_eq!(Backers::<Test>::get(id, ALICE).unwrap().amount, 5_960);
		assert_eq!((proposal(id).backers, pot()), (1, 5_960));
		assert_noop!(
			Escrow::back(signed(PAUPER), id, 60),
			TokenError::FundsUnavailable
		);
		back(id, BOB, 4_000);
		// Less than the least is missing.
		assert_noop!(Escrow::back(signed(CAROL), id, 39), E::TooLittle);
		let before = wealth(CAROL);
		pass(3);
		back(id, CAROL, RICH);
		assert_eq!(wealth(CAROL), before - 40);
		let until = 4 + WITHIN;
		let event = Event::GoalReached {
			proposal: id,
			until,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(stage(id), Stage::Building { until });
		assert_eq!((proposal(id).weight, proposal(id).escrow), (GOAL, GOAL));
		assert_noop!(Escrow::back(signed(ALICE), id, 100), E::NotFunding);
		let mut backers = Escrow::backers_of(id, None, 100);
		backers.sort_unstable();
		assert_eq!(backers, [(ALICE, 5_960), (BOB, 4_000), (CAROL, 40)]);
	});
}

#[test]
fn the_treasury_backs_by_referendum() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		assert_ok!(Escrow::back(RuntimeOrigin::root(), id, GOAL));
		assert_eq!(wealth(TREASURY), RICH - GOAL);
		deliver(id, file());
		assert_ok!(Escrow::vote(RuntimeOrigin::root(), id, 0, false));
		resolve(id);
		refund(id, TREASURY);
		assert_eq!(wealth(TREASURY), RICH + BOND);
		assert_noop!(Escrow::back(RuntimeOrigin::none(), id, 1), BadOrigin);
	});
}

#[test]
fn a_referendum_gives_up_to_its_limit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms_of(&[10 * GOAL]));
		let give = |amount| Escrow::back(RuntimeOrigin::root(), id, amount);
		assert_noop!(give(GOAL + 1), E::AboveLimit);
		assert_noop!(give(u128::MAX), E::AboveLimit);
		assert_ok!(give(GOAL));
		assert_ok!(give(GOAL - 1));
		assert_eq!(wealth(TREASURY), RICH - 2 * GOAL + 1);
		assert_ok!(Escrow::back(signed(ALICE), id, GOAL + 1));
		Limit::set(None);
		assert_ok!(give(u128::MAX));
		assert_eq!(proposal(id).escrow, 10 * GOAL);
	});
}

#[test]
fn voting_needs_no_limit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		assert_ok!(Escrow::back(RuntimeOrigin::root(), id, GOAL));
		Limit::set(Some(0));
		deliver(id, file());
		assert_ok!(Escrow::vote(RuntimeOrigin::root(), id, 0, true));
		assert_noop!(Escrow::back(RuntimeOrigin::root(), id, 1), E::AboveLimit);
	});
}

#[test]
fn without_a_pot_nobody_can_give() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		let id = funding(terms());
		assert_noop!(Escrow::back(signed(ALICE), id, 100), E::PotMissing);
		assert_ok!(<Balances as Mutate<_>>::transfer(
			&STRANGER,
			&Escrow::pot(),
			10,
			frame_support::traits::tokens::Preservation::Preserve
		));
		back(id, ALICE, 100);
	});
}

#[test]
fn a_missed_goal_gives_everything_back() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		back(id, ALICE, 5_000);
		back(id, BOB, 4_999);
		pass(FUNDING - 1);
		assert_noop!(Escrow::expire(signed(STRANGER), id), E::NotDue);
		assert_noop!(Escrow::refund(signed(ALICE), id, ALICE), E::NothingToRefund);
		pass(1);
		assert_noop!(Escrow::back(signed(CAROL), id, 100), E::NotFunding);
		assert_ok!(Escrow::expire(signed(STRANGER), id));
		let event = Event::Stopped {
			proposal: id,
			failure: crate::Failure::GoalMissed,
			left: 9_999,
			forfeited: 0,
		};
		assert_eq!(last_event(), event.into());
		assert_eq!(held(Bond, BUILDER), 0);
		assert_noop!(Escrow::close(signed(STRANGER), id), E::BackersLeft);
		for who in [BOB, ALICE] {
			refund(id, who);
			assert_eq!(wealth(who), RICH);
			assert_eq!(held(Deposit, who), 0);
		}
		assert_ok!(Escrow::close(signed(STRANGER), id));
		assert_eq!((wealth(PROPOSER), held(Deposit, PROPOSER)), (RICH, 0));
		assert_eq!((wealth(BUILDER), pot()), (RICH, 0));
		assert_noop!(Escrow::expire(signed(STRANGER), id), E::UnknownProposal);
	});
}

#[test]
fn a_builder_may_step_back_for_nothing_before_the_goal() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		back(id, ALICE, 5_000);
		assert_noop!(Escrow::give_up(signed(PROPOSER), id), E::NotBuilder);
		assert_ok!(Escrow::give_up(signed(BUILDER), id));
		refund(id, ALICE);
		assert_eq!((wealth(ALICE), wealth(BUILDER)), (RICH, RICH));
		assert_eq!(held(Bond, BUILDER), 0);
		assert_noop!(Escrow::give_up(signed(BUILDER), id), E::NotBuilding);
		assert_noop!(Escrow::give_up(signed(BUILDER), 7), E::UnknownProposal);
	});
}
