//! What attackers keep.

use frame_support::{
	assert_noop, assert_ok, dispatch_context::run_in_context, traits::fungible::Mutate,
};

use crate::{mock::*, HoldReason::*, Stage};

/// The builder gives more than half of the money itself, through another account, and approves of nothing.
#[test]
fn a_builder_that_outvotes_everybody_is_paid_its_own_money() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		back(id, STRANGER, 6_000);
		back(id, ALICE, 4_000);
		for milestone in 0..3 {
			let evidence = match milestone {
				2 => version(model(BUILDER)),
				_ => file(),
			};
			deliver(id, evidence);
			vote(id, STRANGER, milestone, true);
			if milestone == 0 {
				vote(id, ALICE, 0, false);
			}
			resolve(id);
		}
		refund(id, ALICE);
		assert_eq!(wealth(ALICE), RICH);
		assert_eq!(wealth(BUILDER) + wealth(STRANGER), 2 * RICH);
		assert_eq!(pot(), 0);
	});
}

/// The same, but the honest backer is away: it loses what it is silent about, and no more once it objects.
#[test]
fn silence_costs_what_is_paid_meanwhile() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		back(id, STRANGER, 6_000);
		back(id, ALICE, 4_000);
		deliver(id, file());
		vote(id, STRANGER, 0, true);
		// An approval of more than half does not end it: others have all the time to object.
		assert_noop!(Escrow::resolve(signed(STRANGER), id), E::VoteOpen);
		pass(VOTING);
		resolve(id);
		deliver(id, file());
		vote(id, ALICE, 1, false);
		vote(id, STRANGER, 1, true);
		resolve(id);
		refund(id, ALICE);
		assert_eq!(wealth(ALICE), RICH - 800);
	});
}

#[test]
fn a_proposer_cannot_change_what_backers_agreed_to() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		let before = proposal(id);
		assert_noop!(
			Escrow::name_builder(signed(PROPOSER), id, Some(STRANGER)),
			E::NotOpen
		);
		assert_noop!(Escrow::cancel(signed(PROPOSER), id), E::NotOpen);
		// Another proposal is another id, which nobody has backed.
		let other = proposed(terms_of(&[GOAL]));
		assert_ne!(other, id);
		assert_eq!(proposal(other).weight, 0);
		assert_eq!(proposal(id), before);
	});
}

#[test]
fn nobody_is_refunded_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		let other = building();
		deliver(id, file());
		vote(id, CAROL, 0, false);
		vote(id, ALICE, 0, true);
		vote(id, BOB, 0, true);
		// Paid and refunded in one block.
		resolve(id);
		refund(id, CAROL);
		assert_noop!(Escrow::refund(signed(CAROL), id, CAROL), E::UnknownBacker);
		assert_ok!(Escrow::give_up(signed(BUILDER), id));
		assert_noop!(Escrow::refund(signed(CAROL), id, CAROL), E::UnknownBacker);
		refund(id, ALICE);
		assert_noop!(Escrow::refund(signed(ALICE), id, ALICE), E::UnknownBacker);
		refund(id, BOB);
		// The other's money is untouched.
		assert_eq!(pot(), GOAL);
		assert_eq!(proposal(other).escrow, GOAL);
	});
}

#[test]
fn who_has_left_has_no_voice_and_does_not_come_back() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		deliver(id, file());
		vote(id, BOB, 0, false);
		vote(id, ALICE, 0, true);
		vote(id, CAROL, 0, true);
		resolve(id);
		deliver(id, file());
		assert_noop!(Escrow::vote(signed(BOB), id, 1, false), E::BackerLeft);
		assert_noop!(Escrow::vote(signed(BOB), id, 0, true), E::WrongMilestone);
		refund(id, BOB);
		assert_noop!(Escrow::vote(signed(BOB), id, 1, false), E::UnknownBacker);
		assert_noop!(Escrow::back(signed(BOB), id, 1_000), E::NotFunding);
		// All who are left have voted: it is over without him.
		vote(id, ALICE, 1, true);
		vote(id, CAROL, 1, true);
		resolve(id);
	});
}

#[test]
fn one_model_is_not_paid_for_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let order = || {
			let id = funding(terms_of(&[GOAL]));
			back(id, ALICE, GOAL);
			id
		};
		let (one, other) = (order(), order());
		let built = model(BUILDER);
		deliver(one, version(built));
		assert_noop!(
			Escrow::deliver(signed(BUILDER), other, version(built)),
			E::ModelDelivered
		);
		vote(one, ALICE, 0, true);
		resolve(one);
		assert_noop!(
			Escrow::deliver(signed(BUILDER), other, version(built)),
			E::ModelDelivered
		);
		// All who could remember it leave, but the other is over before the record is gone.
		assert_ok!(Escrow::refund(signed(ALICE), one, ALICE));
		assert_noop!(Escrow::close(signed(BUILDER), one), E::NotDue);
		pass(MAX_BUILDING);
		assert_noop!(
			Escrow::deliver(signed(BUILDER), other, version(built)),
			E::TooLate
		);
		assert_ok!(Escrow::close(signed(BUILDER), one));
		// Nor is it for one that began later.
		let later = order();
		assert_noop!(
			Escrow::deliver(signed(BUILDER), later, version(built)),
			E::ModelTooOld
		);
	});
}

#[test]
fn a_model_that_was_sold_before_the_end_of_the_vote_is_not_paid_for() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms_of(&[GOAL]));
		back(id, ALICE, GOAL);
		let built = model(BUILDER);
		deliver(id, version(built));
		vote(id, ALICE, 0, true);
		Owners::mutate(|owners| owners.insert(built, STRANGER));
		resolve(id);
		assert_eq!(stage(id), Stage::Stopped);
		refund(id, ALICE);
		assert_eq!(wealth(ALICE), RICH);
		assert_eq!(wealth(BUILDER), RICH - BOND);
	});
}

/// Half of the money in many accounts weighs as much as in one.
#[test]
fn splitting_gains_nothing() {
	for parts in [1, 10, 100] {
		ExtBuilder::default().build_and_execute(|| {
			let id = funding(terms());
			back(id, ALICE, 5_000);
			let sybils = 1_000..1_000 + parts;
			for who in sybils.clone() {
				let amount = 5_000 / u128::from(parts);
				let fund = amount + DEPOSIT + 10;
				assert_ok!(<Balances as Mutate<_>>::transfer(
					&STRANGER,
					&who,
					fund,
					frame_support::traits::tokens::Preservation::Preserve
				));
				back(id, who, amount);
			}
			deliver(id, file());
			for who in sybils {
				vote(id, who, 0, false);
			}
			assert_noop!(Escrow::resolve(signed(STRANGER), id), E::VoteOpen);
			vote(id, ALICE, 0, true);
			resolve(id);
			assert!(matches!(stage(id), Stage::Building { .. }));
		});
	}
}

/// Many small backers pay for their records and keep nobody from anything.
#[test]
fn dust_binds_its_own_deposits() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		let dust = 1_000..1_050;
		for who in dust.clone() {
			assert_ok!(<Balances as Mutate<_>>::transfer(
				&STRANGER,
				&who,
				LEAST + DEPOSIT + 10,
				frame_support::traits::tokens::Preservation::Preserve
			));
			assert_noop!(Escrow::back(signed(who), id, 1), E::TooLittle);
			back(id, who, LEAST);
			assert_eq!(held(Deposit, who), DEPOSIT);
		}
		back(id, ALICE, GOAL);
		pay_silently(id);
		assert_ok!(Escrow::give_up(signed(BUILDER), id));
		refund(id, ALICE);
		assert_eq!(wealth(ALICE), RICH - 7_500 / 5);
		for who in dust {
			refund(id, who);
			assert_eq!(wealth(who), LEAST * 4 / 5 + DEPOSIT + 10);
		}
		assert_ok!(Escrow::close(signed(ALICE), id));
		assert_eq!(pot(), 0);
	});
}

/// Whoever has half of the money can stop an honest builder, and gains nothing by it.
#[test]
fn stopping_an_honest_builder_brings_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms());
		back(id, STRANGER, 6_000);
		back(id, ALICE, 4_000);
		deliver(id, file());
		vote(id, STRANGER, 0, false);
		resolve(id);
		refund(id, STRANGER);
		refund(id, ALICE);
		assert_eq!((wealth(STRANGER), wealth(ALICE)), (RICH, RICH));
		assert_eq!(wealth(BUILDER), RICH - BOND);
		assert_eq!(wealth(TREASURY), RICH + BOND);
	});
}

#[test]
fn a_gift_to_the_pot_disturbs_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = building();
		assert_ok!(<Balances as Mutate<_>>::transfer(
			&STRANGER,
			&Escrow::pot(),
			777,
			frame_support::traits::tokens::Preservation::Preserve
		));
		pay_silently(id);
		assert_ok!(Escrow::give_up(signed(BUILDER), id));
		for who in [ALICE, BOB, CAROL] {
			refund(id, who);
		}
		assert_eq!(pot(), 777);
	});
}

/// A backer that spent all it had still gets a refund below the existential deposit.
#[test]
fn an_account_that_has_nothing_else_is_refunded() {
	ExtBuilder::default().build_and_execute(|| {
		let id = funding(terms_of(&[9_950, 50]));
		let poor = 1_000;
		assert_ok!(<Balances as Mutate<_>>::transfer(
			&STRANGER,
			&poor,
			LEAST + DEPOSIT + 10,
			frame_support::traits::tokens::Preservation::Preserve
		));
		back(id, poor, LEAST);
		back(id, ALICE, GOAL);
		pay_silently(id);
		pass(WITHIN);
		assert_ok!(Escrow::expire(signed(STRANGER), id));
		refund(id, ALICE);
		// 50 × 50 ÷ 10,000 is a quarter, and what Alice's rest was rounded by.
		refund(id, poor);
		assert_eq!(wealth(poor), DEPOSIT + 10 + 1);
		assert_eq!(wealth(ALICE), RICH - 9_950 + 49);
	});
}

/// A referendum enacts a batch, in which each call is within the limit of its origin.
#[test]
fn a_batch_gives_no_more_than_one_call() {
	ExtBuilder::default().build_and_execute(|| {
		let (one, two) = (funding(terms_of(&[GOAL])), funding(terms_of(&[GOAL])));
		let give = |id, amount| Escrow::back(RuntimeOrigin::root(), id, amount);
		run_in_context(|| {
			assert_ok!(give(one, GOAL - 100));
			assert_noop!(give(two, 101), E::AboveLimit);
			assert_ok!(give(two, 50));
			// Once in a batch is not once in all of them.
			assert_noop!(give(two, 51), E::AboveLimit);
			assert_ok!(give(two, 50));
			assert_noop!(give(one, 50), E::AboveLimit);
			// Others, who give what is theirs, are not counted.
			assert_ok!(Escrow::back(signed(ALICE), two, 1_000));
		});
		assert_eq!(wealth(TREASURY), RICH - GOAL);
		// The next referendum begins anew.
		run_in_context(|| {
			assert_ok!(give(two, GOAL - 1_100));
		});
		assert_eq!(proposal(two).escrow, GOAL);
	});
}
