//! Casting and changing votes, and what comes of them.

use frame_support::{assert_noop, assert_ok, traits::VoteTally};
use sp_runtime::{DispatchError, Perbill};

use crate::{mock::*, AccountVote, Ballot, Event, Voting, VotingFor};
use AccountVote::{Abstain, Aye, Nay};

#[test]
fn a_vote_weighs_what_its_voter_has() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		assert_eq!(
			last_event(),
			Event::Voted {
				who: ALICE,
				vote: Aye,
				poll_index: poll,
				weight: 1_000
			}
			.into()
		);
		assert_eq!(sums(poll), (1_000, 0, 1_000));
		assert_eq!(
			ballot(ALICE, poll),
			Ballot {
				vote: Aye,
				own: 1_000,
				delegated: 0
			}
		);
	});
}

#[test]
fn each_vote_counts_where_it_says() {
	build_and_execute(|| {
		for who in [ALICE, BOB, CAROL, DAVE] {
			set_power(who, 1_000);
		}
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		vote(BOB, poll, Nay);
		assert_eq!(sums(poll), (1_000, 1_000, 1_000));
		vote(CAROL, poll, Abstain);
		assert_eq!(sums(poll), (1_000, 1_000, 2_000));
		vote(DAVE, poll, split(50, 20));
		assert_eq!(sums(poll), (1_500, 1_200, 2_800));
		assert_eq!(approval(poll), Perbill::from_rational(1_500u32, 2_700));
		assert_eq!(support(poll), Perbill::from_percent(70));
	});
}

#[test]
fn parts_of_a_split_are_rounded_down_and_the_rest_abstains() {
	let ballot = |vote, own| Ballot {
		vote,
		own,
		delegated: 1,
	};
	let third = Perbill::from_rational(1u32, 3);
	let vote = AccountVote::Split {
		aye: third,
		nay: third,
	};
	assert_eq!(
		ballot(vote, 100).contribution(),
		Some(contribution(33, 33, 68))
	);
	assert_eq!(
		ballot(split(100, 0), 100).contribution(),
		ballot(Aye, 100).contribution()
	);
	assert_eq!(
		ballot(split(0, 100), 100).contribution(),
		ballot(Nay, 100).contribution()
	);
	assert_eq!(
		ballot(split(0, 0), 100).contribution(),
		ballot(Abstain, 100).contribution()
	);
	assert_eq!(ballot(Aye, u128::MAX).contribution(), None);
}

#[test]
fn voting_again_takes_the_place_of_the_vote_and_the_present_power() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 300);
		let poll = submit(ROOT);
		vote(BOB, poll, Nay);
		vote(ALICE, poll, Aye);
		set_power(ALICE, 5_000);
		assert_eq!(sums(poll), (1_000, 300, 1_000));
		vote(ALICE, poll, Nay);
		assert_eq!(sums(poll), (0, 5_300, 0));
		set_power(ALICE, 400);
		vote(ALICE, poll, split(25, 25));
		assert_eq!(sums(poll), (100, 400, 300));
	});
}

#[test]
fn ballots_are_kept_in_the_order_of_their_polls() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let polls = [submit(ROOT), submit(SMALL), submit(ROOT), submit(ROOT)];
		for index in [3, 0, 2, 1] {
			vote(ALICE, polls[index], Aye);
		}
		let indices = |class| match VotingFor::<Test>::get(ALICE, class) {
			Voting::Casting { votes, .. } => votes.iter().map(|(index, _)| *index).collect(),
			Voting::Delegating { .. } => vec![],
		};
		assert_eq!(indices(ROOT), [polls[0], polls[2], polls[3]]);
		assert_eq!(indices(SMALL), [polls[1]]);
	});
}

#[test]
fn who_votes_must_sign() {
	build_and_execute(|| {
		let poll = submit(ROOT);
		assert_noop!(
			Votes::vote(RuntimeOrigin::root(), poll, Aye),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn only_running_polls_are_voted_in() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		assert_noop!(Votes::vote(signed(ALICE), 0, Aye), E::NotOngoing);
		let poll = submit(ROOT);
		end(poll);
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::NotOngoing);
		let poll = submit_for_decision(ROOT);
		run(PREPARE + DECISION + 1);
		assert!(is_rejected(poll));
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::NotOngoing);
	});
}

#[test]
fn a_split_is_at_most_the_whole() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		assert_noop!(Votes::vote(signed(ALICE), poll, split(60, 41)), E::BadSplit);
		assert_ok!(Votes::vote(signed(ALICE), poll, split(60, 40)));
	});
}

#[test]
fn too_little_power_does_not_vote() {
	build_and_execute(|| {
		let poll = submit(ROOT);
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::TooLittlePower);
		set_power(ALICE, MIN_POWER - 1);
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::TooLittlePower);
		set_power(ALICE, MIN_POWER);
		vote(ALICE, poll, Aye);
		// The points of an old poll are smaller than present ones, and as many as before are not enough.
		pass(HALF_LIFE);
		assert_noop!(Votes::vote(signed(ALICE), poll, Nay), E::TooLittlePower);
		// With what is delegated it may be enough.
		set_power(BOB, MIN_POWER);
		delegate(BOB, ROOT, ALICE);
		vote(ALICE, poll, Nay);
		assert_eq!(sums(poll), (0, 3 * MIN_POWER, 0));
	});
}

#[test]
fn an_account_has_so_many_ballots_in_each_class() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		for _ in 0..MAX_VOTES {
			vote(ALICE, submit(ROOT), Aye);
		}
		let poll = submit(ROOT);
		assert_noop!(Votes::vote(signed(ALICE), poll, Aye), E::MaxVotesReached);
		vote(ALICE, 2, Nay);
		vote(ALICE, submit(SMALL), Aye);
		end(3);
		assert_ok!(Votes::remove_other_vote(signed(STRANGER), ALICE, ROOT, 3));
		vote(ALICE, poll, Aye);
	});
}

#[test]
fn what_is_beyond_all_bounds_does_not_vote() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		go_to(3 * HALF_LIFE);
		Boundless::set(1 << 126);
		assert_noop!(Votes::vote(signed(DAVE), poll, Aye), E::Overflow);
		// The total is beyond all bounds too, and nothing passes by that.
		assert_eq!(support(poll), Perbill::zero());
		Boundless::set((1 << 126) - 1);
		vote(DAVE, poll, Nay);
		set_power(BOB, 1_000);
		assert_noop!(Votes::vote(signed(BOB), poll, Nay), E::Overflow);
		assert_eq!(sums(poll), (1_000, ((1 << 126) - 1) << 2, 1_000));
	});
}

#[test]
fn where_nobody_has_anything_nothing_is_supported() {
	build_and_execute(|| {
		let poll = submit(ROOT);
		assert_eq!(support(poll), Perbill::zero());
		assert_eq!(approval(poll), Perbill::zero());
		set_power(ALICE, 1_000);
		vote(ALICE, poll, Abstain);
		assert_eq!(support(poll), Perbill::one());
		assert_eq!(approval(poll), Perbill::zero());
		// It is all forfeited, and the ballot still there: still no division by zero.
		forfeit(ALICE, 100);
		assert_eq!(support(poll), Perbill::zero());
	});
}

#[test]
fn parts_are_rounded_down_to_the_last_unit() {
	build_and_execute(|| {
		set_power(ALICE, (1 << 100) - 1);
		set_power(BOB, 1_000);
		let poll = submit(ROOT);
		vote(ALICE, poll, Aye);
		vote(BOB, poll, Nay);
		let most = Perbill::from_parts(999_999_999);
		assert_eq!(tally(poll).approval(ROOT), most);
		assert_eq!(tally(poll).support(ROOT), most);
	});
}

#[test]
fn a_majority_of_the_power_passes_a_referendum() {
	build_and_execute(|| {
		set_power(ALICE, 6_000);
		set_power(BOB, 4_000);
		let poll = submit_for_decision(ROOT);
		vote(ALICE, poll, Aye);
		vote(BOB, poll, Nay);
		run(PREPARE + DECISION + CONFIRM + 2);
		assert!(is_approved(poll));
		run(2);
		assert_eq!(Balances::free_balance(GIFTED), GIFT);
	});
}

#[test]
fn without_support_no_referendum_passes() {
	build_and_execute(|| {
		set_power(ALICE, 900);
		set_power(BOB, 9_100);
		let poll = submit_for_decision(ROOT);
		vote(ALICE, poll, Aye);
		run(PREPARE + DECISION + CONFIRM + 2);
		assert!(is_rejected(poll));
		assert_eq!(Balances::free_balance(GIFTED), 0);

		// An abstention supports, and decides nothing.
		let poll = submit_for_decision(ROOT);
		vote(ALICE, poll, Aye);
		vote(BOB, poll, Abstain);
		run(PREPARE + DECISION + CONFIRM + 2);
		assert!(is_approved(poll));
	});
}
