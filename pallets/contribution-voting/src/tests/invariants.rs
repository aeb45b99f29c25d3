//! What breaks an invariant is found.

use frame_support::storage::{with_transaction, TransactionOutcome};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use sp_runtime::DispatchError;

use crate::{mock::*, AccountVote::*, Ballot, Delegations, Tally, Voting, VotingFor};

/// What is found after a change of what is stored, which is undone then.
fn found(change: impl FnOnce()) -> &'static str {
	let found = with_transaction(|| {
		change();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(Votes::do_try_state()))
	});
	match found.unwrap() {
		Err(DispatchError::Other(text)) => text,
		other => panic!("{other:?}"),
	}
}

fn with_tally(poll: u32, change: impl FnOnce(&mut Tally<Test>)) {
	ReferendumInfoFor::<Test>::mutate(poll, |info| match info {
		Some(ReferendumInfo::Ongoing(status)) => change(&mut status.tally),
		_ => panic!("it runs"),
	});
}

fn with_ballots(who: AccountId, change: impl FnOnce(&mut [(u32, Ballot)])) {
	VotingFor::<Test>::mutate(who, ROOT, |voting| match voting {
		Voting::Casting { votes, .. } => change(votes.as_mut()),
		Voting::Delegating { .. } => panic!("it votes"),
	});
}

fn with_delegations(who: AccountId, change: impl FnOnce(&mut Delegations)) {
	VotingFor::<Test>::mutate(who, ROOT, |voting| match voting {
		Voting::Casting { delegations, .. } | Voting::Delegating { delegations, .. } => {
			change(delegations)
		}
	});
}

fn with_delegating(to: AccountId, since: u32) {
	VotingFor::<Test>::mutate(ALICE, ROOT, |voting| match voting {
		Voting::Delegating { target, period, .. } => (*target, *period) = (to, since),
		Voting::Casting { .. } => panic!("Alice delegates"),
	});
}

/// Alice delegates to Bob, who votes in two polls.
fn prepared() -> u32 {
	set_power(ALICE, 1_000);
	set_power(BOB, 500);
	delegate(ALICE, ROOT, BOB);
	let poll = submit(ROOT);
	vote(BOB, poll, Aye);
	vote(BOB, submit(ROOT), split(20, 50));
	poll
}

#[test]
fn a_tally_that_is_not_the_sum_of_its_ballots() {
	build_and_execute(|| {
		let poll = prepared();
		let text = "1: a tally is not the sum of its ballots";
		assert_eq!(found(|| with_tally(poll, |tally| tally.ayes += 1)), text);
		assert_eq!(found(|| with_tally(poll, |tally| tally.nays += 1)), text);
		assert_eq!(found(|| with_tally(poll, |tally| tally.support -= 1)), text);
		assert_eq!(
			found(|| with_ballots(BOB, |votes| votes[1].1.vote = Nay)),
			text
		);
		assert_eq!(
			found(|| with_ballots(BOB, |votes| votes[0].1.own -= 1)),
			text
		);
	});
}

#[test]
fn ballots_that_are_not_in_order() {
	build_and_execute(|| {
		prepared();
		assert_eq!(
			found(|| with_ballots(BOB, |votes| votes.swap(0, 1))),
			"2: ballots out of order"
		);
		assert_eq!(
			found(|| with_ballots(BOB, |votes| votes[0].1.vote = split(60, 60))),
			"2: a split above the whole"
		);
		let voting = VotingFor::<Test>::get(BOB, ROOT);
		assert_eq!(
			found(|| {
				undelegate(ALICE, ROOT);
				VotingFor::<Test>::insert(BOB, SMALL, VotingFor::<Test>::take(BOB, ROOT));
			}),
			"2: a ballot in the wrong class"
		);
		assert_eq!(VotingFor::<Test>::get(BOB, ROOT), voting);
	});
}

#[test]
fn delegators_that_are_not_counted() {
	build_and_execute(|| {
		prepared();
		assert_eq!(
			found(|| with_delegations(BOB, |of| of.count += 1)),
			"3: delegators are counted wrong"
		);
		assert_eq!(
			found(|| with_delegating(ALICE, 1)),
			"3: an account delegates to itself"
		);
		assert_eq!(
			found(|| {
				VotingFor::<Test>::remove(BOB, ROOT);
			}),
			"3: delegations to an account without a record"
		);
	});
}

#[test]
fn more_delegated_than_there_is() {
	build_and_execute(|| {
		prepared();
		assert_eq!(
			found(|| with_delegations(BOB, |of| of.weight += 1)),
			"4: more is delegated than there is"
		);
		assert_eq!(
			found(|| with_ballots(BOB, |votes| votes[1].1.delegated += 1)),
			"4: a ballot weighs more than was delegated"
		);
	});
}

#[test]
fn records_that_should_not_be() {
	build_and_execute(|| {
		let poll = prepared();
		assert_eq!(
			found(|| VotingFor::<Test>::insert(CAROL, ROOT, Voting::default())),
			"5: an empty record"
		);
		assert_eq!(found(|| with_delegating(BOB, 2)), "5: a period to come");
		assert_eq!(
			found(|| with_delegations(BOB, |of| of.period = 2)),
			"5: a period to come"
		);
		assert_eq!(
			found(|| with_tally(poll, |tally| tally.period = 2)),
			"5: a poll of a period to come"
		);
	});
}
