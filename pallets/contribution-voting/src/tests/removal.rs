//! Removing votes.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, AccountVote::*, Event, VotingFor};

#[test]
fn a_running_poll_forgets_a_removed_vote() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 400);
		set_power(CAROL, 200);
		let poll = submit(ROOT);
		vote(ALICE, poll, split(50, 30));
		vote(BOB, poll, Nay);
		delegate(CAROL, ROOT, ALICE);
		assert_ok!(Votes::remove_vote(signed(ALICE), None, poll));
		assert_eq!(
			last_event(),
			Event::VoteRemoved {
				who: ALICE,
				vote: split(50, 30),
				poll_index: poll
			}
			.into()
		);
		assert_eq!(sums(poll), (0, 400, 0));
		assert!(Votes::ballot_of(ALICE, poll).is_none());
		// What is delegated stays, and votes with the next ballot.
		vote(ALICE, poll, Aye);
		assert_eq!(sums(poll), (1_200, 400, 1_200));
	});
}

#[test]
fn no_empty_record_is_kept() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		assert_ok!(Votes::remove_vote(signed(ALICE), Some(ROOT), poll));
		assert!(!VotingFor::<Test>::contains_key(ALICE, ROOT));
		delegate(ALICE, ROOT, BOB);
		undelegate(ALICE, ROOT);
		assert_eq!(VotingFor::<Test>::iter().count(), 0);
	});
}

#[test]
fn the_class_of_a_poll_that_is_over_has_to_be_named() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		end(poll);
		assert_noop!(
			Votes::remove_vote(signed(ALICE), None, poll),
			E::ClassNeeded
		);
		assert_noop!(
			Votes::remove_vote(signed(ALICE), Some(SMALL), poll),
			E::NotVoter
		);
		assert_ok!(Votes::remove_vote(signed(ALICE), Some(ROOT), poll));
		assert_eq!(VotingFor::<Test>::iter().count(), 0);
	});
}

#[test]
fn only_the_voter_removes_a_running_vote() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		assert_noop!(
			Votes::remove_other_vote(signed(BOB), ALICE, ROOT, poll),
			E::NoPermission
		);
		assert_ok!(Votes::remove_other_vote(signed(ALICE), ALICE, ROOT, poll));
		assert_eq!(sums(poll), (0, 0, 0));
	});
}

#[test]
fn anybody_removes_what_is_over() {
	build_and_execute(|| {
		set_power(ALICE, 6_000);
		let cancelled = submit(ROOT);
		vote(ALICE, cancelled, Aye);
		end(cancelled);
		let (approved, rejected) = (submit_for_decision(ROOT), submit_for_decision(ROOT));
		vote(ALICE, approved, Aye);
		vote(ALICE, rejected, Nay);
		run(PREPARE + DECISION + CONFIRM + 2);
		assert!(is_approved(approved) && is_rejected(rejected));
		for poll in [rejected, cancelled, approved] {
			assert_ok!(Votes::remove_other_vote(signed(BOB), ALICE, ROOT, poll));
		}
		assert_eq!(VotingFor::<Test>::iter().count(), 0);
	});
}

#[test]
fn there_has_to_be_a_vote() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		assert_noop!(Votes::remove_vote(signed(ALICE), None, poll), E::NotVoter);
		assert_noop!(
			Votes::remove_other_vote(signed(BOB), ALICE, ROOT, poll),
			E::NotVoter
		);
		delegate(ALICE, ROOT, BOB);
		assert_noop!(Votes::remove_vote(signed(ALICE), None, poll), E::NotVoter);
		assert_noop!(Votes::remove_vote(signed(ALICE), None, 9), E::ClassNeeded);
	});
}
