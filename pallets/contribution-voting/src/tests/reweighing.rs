//! Lowering what reputation no longer stands behind.

use frame_support::{assert_noop, assert_ok};

use crate::{mock::*, votes::is_lost, AccountVote::*, Event, VotingFor};

#[test]
fn a_ballot_is_lowered_to_what_is_left() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		delegate(BOB, ROOT, ALICE);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		forfeit(ALICE, 40);
		assert_ok!(Votes::reweigh_vote(signed(STRANGER), ALICE, poll));
		assert_eq!(
			last_event(),
			Event::VoteReweighed {
				who: ALICE,
				poll_index: poll,
				own: 600
			}
			.into()
		);
		assert_eq!(sums(poll), (1_100, 0, 1_100));
		assert_noop!(
			Votes::reweigh_vote(signed(STRANGER), ALICE, poll),
			E::NothingLost
		);
	});
}

#[test]
fn it_never_raises_a_ballot() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		set_power(ALICE, 2_000);
		assert_noop!(
			Votes::reweigh_vote(signed(ALICE), ALICE, poll),
			E::NothingLost
		);
	});
}

#[test]
fn decay_alone_is_no_loss() {
	build_and_execute(|| {
		set_power(ALICE, 1_000_000);
		set_power(BOB, 1_000_000);
		delegate(BOB, ROOT, CAROL);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		for _ in 0..20 {
			pass(173);
			assert_noop!(
				Votes::reweigh_vote(signed(STRANGER), ALICE, poll),
				E::NothingLost
			);
			assert_noop!(
				Votes::reweigh_delegation(signed(STRANGER), BOB, ROOT),
				E::NothingLost
			);
		}
	});
}

#[test]
fn a_thousandth_is_tolerated() {
	assert!(!is_lost(10_000, 9_990));
	assert!(is_lost(10_000, 9_989));
	assert!(!is_lost(10_000, 20_000));
	assert!(!is_lost(0, 0));
	assert!(is_lost(1, 0));
}

#[test]
fn only_running_ballots_are_reweighed() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		assert_noop!(Votes::reweigh_vote(signed(BOB), ALICE, poll), E::NotVoter);
		vote(ALICE, poll, Aye);
		forfeit(ALICE, 50);
		end(poll);
		assert_noop!(Votes::reweigh_vote(signed(BOB), ALICE, poll), E::NotOngoing);
		let poll = submit(SMALL);
		delegate(ALICE, SMALL, BOB);
		assert_noop!(Votes::reweigh_vote(signed(BOB), ALICE, poll), E::NotVoter);
	});
}

#[test]
fn a_delegation_is_lowered_wherever_it_counts() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		let poll = submit(ROOT);
		vote(BOB, poll, Nay);
		delegate(ALICE, ROOT, BOB);
		forfeit(ALICE, 70);
		assert_ok!(Votes::reweigh_delegation(signed(STRANGER), ALICE, ROOT));
		assert_eq!(
			last_event(),
			Event::DelegationReweighed {
				who: ALICE,
				target: BOB,
				class: ROOT,
				power: 300
			}
			.into()
		);
		assert_eq!(sums(poll), (0, 800, 0));
		assert_eq!(Votes::power_of(BOB, ROOT), 800);
		assert_noop!(
			Votes::reweigh_delegation(signed(STRANGER), ALICE, ROOT),
			E::NothingLost
		);
		assert_noop!(
			Votes::reweigh_delegation(signed(STRANGER), BOB, ROOT),
			E::NotDelegating
		);
		undelegate(ALICE, ROOT);
		assert_eq!(sums(poll), (0, 500, 0));
	});
}

#[test]
fn a_delegation_of_next_to_nothing_is_removed() {
	build_and_execute(|| {
		set_power(ALICE, 150);
		delegate(ALICE, ROOT, BOB);
		let poll = submit(ROOT);
		vote(BOB, poll, Aye);
		pass(HALF_LIFE);
		assert_ok!(Votes::reweigh_delegation(signed(STRANGER), ALICE, ROOT));
		assert_eq!(
			last_event(),
			Event::Undelegated {
				who: ALICE,
				target: BOB,
				class: ROOT
			}
			.into()
		);
		assert!(!VotingFor::<Test>::contains_key(ALICE, ROOT));
		assert_eq!(sums(poll), (0, 0, 0));
	});
}
