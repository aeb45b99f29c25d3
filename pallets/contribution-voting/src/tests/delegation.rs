//! Delegating, and what it does to ballots.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, AccountVote::*, Delegations, Event, Voting, VotingFor};

fn delegations(who: AccountId, class: u8) -> Delegations {
	*VotingFor::<Test>::get(who, class).delegations()
}

#[test]
fn what_is_delegated_votes_with_the_target() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		let before = submit(ROOT);
		vote(BOB, before, Aye);
		delegate(ALICE, ROOT, BOB);
		assert_eq!(
			last_event(),
			Event::Delegated {
				who: ALICE,
				target: BOB,
				class: ROOT,
				power: 1_000
			}
			.into()
		);
		assert_eq!(sums(before), (1_500, 0, 1_500));
		let after = submit(ROOT);
		vote(BOB, after, split(40, 60));
		assert_eq!(sums(after), (600, 900, 600));
		assert_eq!(ballot(BOB, after).own, 500);
		assert_eq!(ballot(BOB, after).delegated, 1_000);

		undelegate(ALICE, ROOT);
		assert_eq!(
			last_event(),
			Event::Undelegated {
				who: ALICE,
				target: BOB,
				class: ROOT
			}
			.into()
		);
		assert_eq!(sums(before), (500, 0, 500));
		assert_eq!(sums(after), (200, 300, 200));
		assert_eq!(delegations(BOB, ROOT).count, 0);
		assert_eq!(delegations(BOB, ROOT).weight, 0);
		assert!(!VotingFor::<Test>::contains_key(ALICE, ROOT));
	});
}

#[test]
fn a_delegation_is_for_one_class() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		delegate(ALICE, ROOT, BOB);
		let poll = submit(SMALL);
		vote(BOB, poll, Aye);
		vote(ALICE, poll, Nay);
		assert_eq!(sums(poll), (500, 1_000, 500));
		assert_noop!(Votes::undelegate(signed(ALICE), SMALL), E::NotDelegating);
	});
}

#[test]
fn it_does_not_grow_with_its_delegator_until_renewed() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		let poll = submit(ROOT);
		vote(BOB, poll, Aye);
		delegate(ALICE, ROOT, BOB);
		set_power(ALICE, 3_000);
		vote(BOB, poll, Aye);
		assert_eq!(sums(poll), (1_500, 0, 1_500));
		undelegate(ALICE, ROOT);
		delegate(ALICE, ROOT, BOB);
		assert_eq!(sums(poll), (3_500, 0, 3_500));
	});
}

#[test]
fn a_target_votes_with_nothing_of_its_own() {
	build_and_execute(|| {
		set_power(ALICE, MIN_POWER);
		delegate(ALICE, ROOT, BOB);
		let poll = submit(ROOT);
		vote(BOB, poll, Nay);
		assert_eq!(sums(poll), (0, MIN_POWER, 0));
	});
}

#[test]
fn what_was_delegated_is_not_passed_on() {
	build_and_execute(|| {
		for (who, power) in [(ALICE, 1_000), (BOB, 500), (CAROL, 250)] {
			set_power(who, power);
		}
		let poll = submit(ROOT);
		vote(CAROL, poll, Aye);
		delegate(ALICE, ROOT, BOB);
		delegate(BOB, ROOT, CAROL);
		assert_eq!(sums(poll), (750, 0, 750));
		set_power(DAVE, 125);
		delegate(DAVE, ROOT, BOB);
		assert_eq!(sums(poll), (750, 0, 750));
		assert_eq!(delegations(BOB, ROOT).weight, 1_125);
		undelegate(BOB, ROOT);
		assert_eq!(sums(poll), (250, 0, 250));
		vote(BOB, poll, Nay);
		assert_eq!(sums(poll), (250, 1_625, 250));
	});
}

#[test]
fn who_delegates_does_not_vote_and_who_votes_does_not_delegate() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		assert_noop!(Votes::delegate(signed(ALICE), ROOT, BOB), E::AlreadyVoting);
		assert_ok!(Votes::remove_vote(signed(ALICE), None, poll));
		delegate(ALICE, ROOT, BOB);
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::AlreadyDelegating);
		assert_noop!(
			Votes::delegate(signed(ALICE), ROOT, CAROL),
			E::AlreadyDelegating
		);
	});
}

#[test]
fn delegations_that_make_no_sense_are_refused() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		assert_noop!(
			Votes::delegate(signed(ALICE), ROOT, ALICE),
			E::SelfDelegation
		);
		assert_noop!(Votes::delegate(signed(ALICE), 7, BOB), E::BadClass);
		assert_noop!(Votes::undelegate(signed(ALICE), ROOT), E::NotDelegating);
		set_power(ALICE, MIN_POWER - 1);
		assert_noop!(Votes::delegate(signed(ALICE), ROOT, BOB), E::TooLittlePower);
	});
}

#[test]
fn what_is_beyond_all_bounds_is_not_delegated() {
	build_and_execute(|| {
		set_power(BOB, 1_000);
		let poll = submit(ROOT);
		vote(BOB, poll, Aye);
		go_to(3 * HALF_LIFE);
		Boundless::set(1 << 126);
		assert_noop!(Votes::delegate(signed(DAVE), ROOT, BOB), E::Overflow);
		// Where there is no old ballot it can be, and such a vote cannot be cast.
		delegate(DAVE, ROOT, CAROL);
		assert_noop!(Votes::vote(signed(CAROL), poll, Aye), E::Overflow);
		vote(CAROL, submit(ROOT), Aye);
		undelegate(DAVE, ROOT);
	});
}

#[test]
fn both_are_weighed_by_the_ballots_of_the_target() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		for _ in 0..3 {
			vote(BOB, submit(ROOT), Aye);
		}
		let weight = |info: frame_support::dispatch::DispatchResultWithPostInfo| {
			info.unwrap().actual_weight.unwrap().ref_time()
		};
		assert_eq!(weight(Votes::delegate(signed(ALICE), ROOT, BOB)), 2_003);
		assert_eq!(weight(Votes::undelegate(signed(ALICE), ROOT)), 3_003);
		assert_eq!(weight(Votes::delegate(signed(ALICE), ROOT, CAROL)), 2_000);
		set_power(ALICE, 700);
		assert_eq!(
			weight(Votes::reweigh_delegation(signed(DAVE), ALICE, ROOT)),
			7_000
		);
	});
}

#[test]
fn ballots_in_polls_that_are_over_stay_as_they_are() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		let (over, running) = (submit(ROOT), submit(ROOT));
		vote(BOB, over, Aye);
		vote(BOB, running, Aye);
		end(over);
		delegate(ALICE, ROOT, BOB);
		let Voting::Casting { votes, .. } = VotingFor::<Test>::get(BOB, ROOT) else {
			panic!("Bob votes");
		};
		assert_eq!(votes[0].1.delegated, 0);
		assert_eq!(votes[1].1.delegated, 1_000);
	});
}

#[test]
fn many_delegate_to_one() {
	build_and_execute(|| {
		let poll = submit(ROOT);
		for who in 100..150 {
			set_power(who, u128::from(who));
			delegate(who, ROOT, BOB);
		}
		vote(BOB, poll, Aye);
		let all: u128 = (100..150).sum();
		assert_eq!(sums(poll), (all, 0, all));
		assert_eq!(delegations(BOB, ROOT).count, 50);
		for who in 100..149 {
			undelegate(who, ROOT);
		}
		assert_eq!(sums(poll), (149, 0, 149));
		undelegate(149, ROOT);
		assert_eq!(sums(poll), (0, 0, 0));
	});
}
