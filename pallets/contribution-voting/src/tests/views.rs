//! What is told to those who ask.

use sp_runtime::Perbill;

use crate::{mock::*, AccountVote::*, Ballot, Standing};

#[test]
fn power_is_that_of_the_next_ballot() {
	build_and_execute(|| {
		assert_eq!(Votes::power_of(ALICE, ROOT), 0);
		set_power(ALICE, 1_000);
		set_power(BOB, 500);
		delegate(BOB, ROOT, ALICE);
		assert_eq!(Votes::power_of(ALICE, ROOT), 1_500);
		assert_eq!(Votes::power_of(ALICE, SMALL), 1_000);
		assert_eq!(Votes::power_of(BOB, ROOT), 0);
		assert_eq!(Votes::power_of(BOB, SMALL), 500);
		pass(HALF_LIFE);
		assert_eq!(Votes::power_of(ALICE, ROOT), 750);
	});
}

#[test]
fn a_ballot_is_shown_while_its_poll_runs() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		let poll = submit(ROOT);
		assert_eq!(Votes::ballot_of(ALICE, poll), None);
		vote(ALICE, poll, Nay);
		assert_eq!(
			Votes::ballot_of(ALICE, poll),
			Some(Ballot {
				vote: Nay,
				own: 1_000,
				delegated: 0
			})
		);
		end(poll);
		assert_eq!(Votes::ballot_of(ALICE, poll), None);
	});
}

#[test]
fn a_poll_stands_in_present_points() {
	build_and_execute(|| {
		set_power(ALICE, 1_000);
		set_power(BOB, 600);
		set_power(CAROL, 400);
		let poll = submit(ROOT);
		vote(ALICE, poll, split(50, 25));
		vote(BOB, poll, Nay);
		let standing = Standing {
			ayes: 500,
			nays: 850,
			support: 750,
			total: 2_000,
			approval: Perbill::from_rational(500u32, 1_350),
			support_part: Perbill::from_rational(750u32, 2_000),
		};
		assert_eq!(Votes::standing_of(poll), Some(standing.clone()));
		pass(HALF_LIFE);
		assert_eq!(
			Votes::standing_of(poll),
			Some(Standing {
				ayes: 250,
				nays: 425,
				support: 375,
				total: 1_000,
				..standing
			})
		);
		end(poll);
		assert_eq!(Votes::standing_of(poll), None);
	});
}
