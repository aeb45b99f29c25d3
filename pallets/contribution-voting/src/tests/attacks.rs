//! Attacks, and what they gain.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, AccountVote::*, Voting, VotingFor};
use sp_runtime::Perbill;

#[test]
fn tokens_buy_no_vote() {
	build_and_execute(|| {
		assert!(Balances::free_balance(WHALE) * 100 > Balances::total_issuance() * 51);
		set_power(ALICE, 1_000);
		for class in [ROOT, SMALL] {
			let poll = submit_for_decision(class);
			assert_noop!(Votes::vote(signed(WHALE), poll, Aye), E::TooLittlePower);
			assert_noop!(
				Votes::delegate(signed(WHALE), class, BOB),
				E::TooLittlePower
			);
			run(PREPARE + DECISION + CONFIRM + 2);
			assert!(is_rejected(poll));
		}
	});
}

#[test]
fn tokens_and_the_least_power_weigh_the_least_power() {
	build_and_execute(|| {
		set_power(WHALE, MIN_POWER);
		set_power(ALICE, 99 * MIN_POWER);
		let poll = submit_for_decision(ROOT);
		vote(WHALE, poll, Aye);
		assert_eq!(support(poll), Perbill::from_percent(1));
		vote(ALICE, poll, Nay);
		run(PREPARE + DECISION + CONFIRM + 2);
		assert!(is_rejected(poll));
	});
}

#[test]
fn a_vote_does_not_grow_with_later_reputation() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		set_power(ALICE, 1_000_000);
		vote(BOB, poll, Nay);
		assert_eq!(sums(poll), (1_000, 1_000, 1_000));
	});
}

#[test]
fn voting_delegating_and_voting_again_counts_once() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 10);
		let poll = submit(ROOT);
		delegate(ALICE, ROOT, BOB);
		vote(BOB, poll, Aye);
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::AlreadyDelegating);
		undelegate(ALICE, ROOT);
		vote(ALICE, poll, Aye);
		assert_eq!(sums(poll).0, 1_010);
		assert_noop!(Votes::delegate(signed(ALICE), ROOT, BOB), E::AlreadyVoting);
		assert_ok!(Votes::remove_vote(signed(ALICE), None, poll));
		delegate(ALICE, ROOT, CAROL);
		vote(CAROL, poll, Aye);
		assert_eq!(sums(poll).0, 1_010);
		undelegate(ALICE, ROOT);
		delegate(ALICE, ROOT, BOB);
		assert_eq!(sums(poll).0, 1_010);
		assert_ok!(Votes::remove_vote(signed(BOB), None, poll));
		assert_eq!(sums(poll), (0, 0, 0));
	});
}

#[test]
fn delegating_in_a_circle_votes_with_nothing() {
	build_and_execute(|| {
		let poll = submit(ROOT);
		for who in [ALICE, BOB, CAROL] {
			set_power(who, 1_000);
		}
		delegate(ALICE, ROOT, BOB);
		delegate(BOB, ROOT, CAROL);
		delegate(CAROL, ROOT, ALICE);
		for who in [ALICE, BOB, CAROL] {
			assert_noop!(Votes::vote(signed(who), poll, Aye), E::AlreadyDelegating);
		}
		assert_eq!(sums(poll), (0, 0, 0));
		undelegate(BOB, ROOT);
		vote(BOB, poll, Aye);
		assert_eq!(sums(poll).0, 2_000);
		check();
		undelegate(ALICE, ROOT);
		undelegate(CAROL, ROOT);
		assert_eq!(sums(poll).0, 1_000);
	});
}

#[test]
fn a_delegate_cannot_be_made_heavier_than_its_ballots_allow() {
	build_and_execute(|| {
		set_power(BOB, 1_000);
		set_power(ALICE, 1_000);
		for _ in 0..20 {
			let poll = submit(ROOT);
			let voted = Votes::vote(signed(BOB), poll, Aye);
			assert_eq!(voted.is_ok(), poll < MAX_VOTES);
		}
		// All others can do is to delegate to it: which adds no ballot.
		for who in 100..130 {
			set_power(who, 200);
			delegate(who, ROOT, BOB);
		}
		let done = Votes::delegate(signed(ALICE), ROOT, BOB).unwrap();
		assert_eq!(
			done.actual_weight.unwrap().ref_time(),
			2_000 + u64::from(MAX_VOTES)
		);
		let Voting::Casting { votes, .. } = VotingFor::<Test>::get(BOB, ROOT) else {
			panic!("Bob votes");
		};
		assert_eq!(votes.len(), MAX_VOTES as usize);
		// And what all these ballots weigh is right.
		for (index, _) in votes {
			assert_eq!(sums(index).0, 1_000 + 30 * 200 + 1_000);
		}
	});
}

#[test]
fn splitting_gains_nothing() {
	build_and_execute(|| {
		pass(HALF_LIFE / 3);
		let (whole, split) = (submit(ROOT), submit(ROOT));
		set_power(ALICE, 1_000_003);
		vote(ALICE, whole, Aye);
		for who in 100..103 {
			set_power(who, 250_000);
			vote(who, split, Aye);
		}
		set_power(103, 250_003);
		vote(103, split, Aye);
		let (whole, split) = (sums(whole).0, sums(split).0);
		assert!(split <= whole && whole <= split + 4);
	});
}

#[test]
fn forfeited_reputation_votes_no_longer() {
	build_and_execute(|| {
		set_power(ALICE, 6_000);
		set_power(BOB, 4_000);
		let poll = submit_for_decision(ROOT);
		vote(ALICE, poll, Aye);
		vote(BOB, poll, Nay);
		run(10);
		forfeit(ALICE, 100);
		// Somebody has to say so.
		assert_ok!(Votes::reweigh_vote(signed(BOB), ALICE, poll));
		assert_eq!(sums(poll).0, 0);
		run(PREPARE + DECISION + CONFIRM);
		assert!(is_rejected(poll));
	});
}

#[test]
fn forfeited_reputation_is_not_saved_by_delegating_it() {
	build_and_execute(|| {
		set_power(ALICE, 6_000);
		set_power(BOB, 4_000);
		let poll = submit(ROOT);
		delegate(ALICE, ROOT, CAROL);
		vote(CAROL, poll, Aye);
		vote(BOB, poll, Nay);
		forfeit(ALICE, 100);
		assert_ok!(Votes::reweigh_delegation(signed(BOB), ALICE, ROOT));
		assert_eq!(sums(poll), (0, 4_000, 0));
	});
}

#[test]
fn an_old_poll_is_not_carried_by_old_weights() {
	build_and_execute(|| {
		// Alice had everything, voted, and did nothing more.
		set_power(ALICE, 1_000_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		assert_eq!(support(poll), Perbill::one());
		// Three half-lives on, Bob has earned seven times of what is left of that.
		go_to(4 * HALF_LIFE);
		set_power(BOB, 7 * 125_000);
		assert_eq!(support(poll), Perbill::from_rational(1u32, 8));
		vote(BOB, poll, Nay);
		assert_eq!(approval(poll), Perbill::from_rational(1u32, 8));
	});
}

#[test]
fn a_vote_after_the_end_changes_nothing() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 9_000);
		set_power(CAROL, 5_000);
		let poll = submit_for_decision(ROOT);
		vote(ALICE, poll, Aye);
		vote(CAROL, poll, Nay);
		run(PREPARE + DECISION + CONFIRM + 2);
		assert!(is_rejected(poll));
		assert_noop!(Votes::vote(signed(BOB), poll, Aye), E::NotOngoing);
		delegate(BOB, ROOT, ALICE);
		assert!(is_rejected(poll));
		assert_noop!(Votes::reweigh_vote(signed(BOB), ALICE, poll), E::NotOngoing);
	});
}
