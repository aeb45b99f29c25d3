//! Weights from one half-life period to another.

use crate::{mock::*, AccountVote::*, VotingFor};
use openledger_primitives::traits::VotingPower;

#[test]
fn the_same_points_weigh_the_same_at_any_time() {
	build_and_execute(|| {
		let poll = submit(ROOT);
		for who in 20..25 {
			set_power(who, 1 << 60);
		}
		for who in 20..25 {
			vote(who, poll, Aye);
			let weight = ballot(who, poll).own;
			// Between the starts of periods power is rounded down; there it is not.
			assert!(((1 << 60) - 64..=1 << 60).contains(&weight));
			pass(HALF_LIFE);
		}
		assert_eq!(ballot(24, poll).own, 1 << 60);
		pass(HALF_LIFE / 3);
		set_power(25, 1 << 60);
		vote(25, poll, Aye);
		assert!(ballot(25, poll).own > 1 << 65);
	});
}

#[test]
fn a_ballot_keeps_its_part_of_all_reputation() {
	build_and_execute(|| {
		let one = 1_000_000_000_000;
		set_power(ALICE, 3 * one);
		set_power(BOB, 7 * one);
		pass(HALF_LIFE / 2);
		let poll = submit(ROOT);
		pass(HALF_LIFE / 7);
		vote(ALICE, poll, Aye);
		for _ in 0..30 {
			pass(HALF_LIFE / 6);
			// In millionths: 30 %.
			let part = support(poll).deconstruct() / 1_000;
			assert!((299_999..=300_000).contains(&part), "{part}");
			// And what it is worth now is what its voter has now, but for rounding.
			let standing = Votes::standing_of(poll).unwrap();
			assert!(standing.support.abs_diff(power(ALICE)) <= 2);
			assert!(standing.support <= power(ALICE));
		}
	});
}

#[test]
fn what_is_delegated_decays_until_it_is_used() {
	build_and_execute(|| {
		set_power(ALICE, 1_001);
		set_power(BOB, 1_003);
		delegate(ALICE, ROOT, CAROL);
		delegate(BOB, ROOT, CAROL);
		let before = submit(ROOT);
		go_to(2 * HALF_LIFE);
		let after = submit(ROOT);
		vote(CAROL, before, Aye);
		vote(CAROL, after, Aye);
		assert_eq!(sums(before).0, 2_004);
		assert_eq!(sums(after).0, 1_002);
		// What leaves is rounded up.
		undelegate(ALICE, ROOT);
		assert_eq!(sums(before).0, 1_003);
		assert_eq!(sums(after).0, 1_002 - 501);
		assert_eq!(
			VotingFor::<Test>::get(CAROL, ROOT).delegations().weight,
			1_002 - 501
		);
		check();
		undelegate(BOB, ROOT);
		assert_eq!(sums(before).0, 0);
		assert_eq!(sums(after).0, 0);
	});
}

#[test]
fn nothing_is_left_of_a_delegation_whatever_was_rounded() {
	build_and_execute(|| {
		for who in 20..30 {
			set_power(who, 4_097 + 2 * u128::from(who));
			delegate(who, ROOT, BOB);
			go_to(System::block_number() + HALF_LIFE / 3 + 1);
		}
		let poll = submit(ROOT);
		vote(BOB, poll, Aye);
		for who in 20..30 {
			undelegate(who, ROOT);
			check();
			pass(HALF_LIFE / 2);
		}
		assert_eq!(sums(poll), (0, 0, 0));
		assert_eq!(VotingFor::<Test>::get(BOB, ROOT).delegations().weight, 0);
	});
}

#[test]
fn points_too_old_to_count_are_nothing_and_do_no_harm() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 1_000);
		delegate(ALICE, ROOT, BOB);
		let poll = submit(ROOT);
		vote(BOB, poll, Aye);
		go_to(400 * HALF_LIFE);
		assert_eq!(Power::total(), 0);
		assert_eq!(Votes::power_of(BOB, ROOT), 0);
		assert_eq!(support(poll), sp_runtime::Perbill::zero());
		undelegate(ALICE, ROOT);
		assert_eq!(sums(poll), (1_000, 0, 1_000));
	});
}
