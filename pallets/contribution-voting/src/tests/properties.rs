//! What holds for any order of calls.

use alloc::collections::BTreeMap;
use frame_support::traits::Polling;
use openledger_primitives::decay;
use proptest::prelude::*;
use sp_runtime::Perbill;

use crate::{mock::*, AccountVote, Voting, VotingFor};

const ACCOUNTS: u64 = 6;

#[derive(Clone, Debug)]
enum Step {
	Submit(u8),
	End(usize),
	Vote(AccountId, usize, AccountVote),
	Delegate(AccountId, u8, AccountId),
	Undelegate(AccountId, u8),
	Remove(AccountId, usize),
	RemoveOther(AccountId, u8, usize),
	ReweighVote(AccountId, usize),
	ReweighDelegation(AccountId, u8),
	Earn(AccountId, u128),
	Forfeit(AccountId, u128),
	Pass(u64),
}

fn any_vote() -> impl Strategy<Value = AccountVote> {
	let split =
		(0u32..=1_000_000_000, 0u32..=1_000_000_000).prop_map(|(aye, nay)| AccountVote::Split {
			aye: Perbill::from_parts(aye),
			nay: Perbill::from_parts(nay),
		});
	prop_oneof![
		2 => Just(AccountVote::Aye),
		2 => Just(AccountVote::Nay),
		1 => Just(AccountVote::Abstain),
		2 => split,
	]
}

fn any_step() -> impl Strategy<Value = Step> {
	let who = || 1..=ACCOUNTS;
	let class = || 0u8..2;
	let poll = || 0usize..64;
	prop_oneof![
		2 => class().prop_map(Step::Submit),
		1 => poll().prop_map(Step::End),
		8 => (who(), poll(), any_vote()).prop_map(|(who, poll, vote)| Step::Vote(who, poll, vote)),
		5 => (who(), class(), who()).prop_map(|(who, class, to)| Step::Delegate(who, class, to)),
		3 => (who(), class()).prop_map(|(who, class)| Step::Undelegate(who, class)),
		3 => (who(), poll()).prop_map(|(who, poll)| Step::Remove(who, poll)),
		2 => (who(), class(), poll()).prop_map(|(who, class, poll)| Step::RemoveOther(who, class, poll)),
		2 => (who(), poll()).prop_map(|(who, poll)| Step::ReweighVote(who, poll)),
		2 => (who(), class()).prop_map(|(who, class)| Step::ReweighDelegation(who, class)),
		4 => (who(), 1u128..1 << 50).prop_map(|(who, amount)| Step::Earn(who, amount)),
		1 => (who(), 1u128..=100).prop_map(|(who, percent)| Step::Forfeit(who, percent)),
		3 => (1u64..HALF_LIFE).prop_map(Step::Pass),
		1 => (HALF_LIFE..3 * HALF_LIFE).prop_map(Step::Pass),
	]
}

/// What is known of a run besides what is stored.
#[derive(Default)]
struct Run {
	/// The polls, with their classes.
	polls: Vec<(u32, u8)>,
	/// The most points at block 0 that an account ever had.
	most: BTreeMap<AccountId, u128>,
	/// How often delegations were touched: each time rounds off less than two units.
	touched: u128,
}

impl Run {
	fn poll(&self, pick: usize) -> Option<(u32, u8)> {
		let at = pick.checked_rem(self.polls.len())?;
		self.polls.get(at).copied()
	}

	/// Takes a step, and says whether it was done.
	fn step(&mut self, step: Step) -> bool {
		match step {
			Step::Submit(class) => {
				self.polls.push((submit(class), class));
				true
			}
			Step::End(pick) => self
				.poll(pick)
				.is_some_and(|(poll, _)| Referenda::cancel(RuntimeOrigin::root(), poll).is_ok()),
			Step::Vote(who, pick, vote) => self
				.poll(pick)
				.is_some_and(|(poll, _)| Votes::vote(signed(who), poll, vote).is_ok()),
			Step::Delegate(who, class, to) => {
				self.touched += 1;
				Votes::delegate(signed(who), class, to).is_ok()
			}
			Step::Undelegate(who, class) => {
				self.touched += 1;
				Votes::undelegate(signed(who), class).is_ok()
			}
			Step::Remove(who, pick) => self.poll(pick).is_some_and(|(poll, class)| {
				Votes::remove_vote(signed(who), Some(class), poll).is_ok()
			}),
			Step::RemoveOther(who, class, pick) => self.poll(pick).is_some_and(|(poll, _)| {
				Votes::remove_other_vote(signed(STRANGER), who, class, poll).is_ok()
			}),
			Step::ReweighVote(who, pick) => self
				.poll(pick)
				.is_some_and(|(poll, _)| Votes::reweigh_vote(signed(STRANGER), who, poll).is_ok()),
			Step::ReweighDelegation(who, class) => {
				self.touched += 2;
				Votes::reweigh_delegation(signed(STRANGER), who, class).is_ok()
			}
			Step::Earn(who, amount) => {
				set_power(who, power(who) + amount);
				let points = Points::get()[&who];
				let most = self.most.entry(who).or_default();
				*most = points.max(*most);
				true
			}
			Step::Forfeit(who, percent) => {
				forfeit(who, percent);
				true
			}
			Step::Pass(blocks) => {
				pass(blocks);
				true
			}
		}
	}

	/// In no poll does anybody's reputation count twice: all ballots together weigh at most what all accounts
	/// together ever had, in the poll's points, each rounded up.
	fn nobody_counts_twice(&self) {
		for (poll, _) in &self.polls {
			let Some((tally, class)) = Referenda::as_ongoing(*poll) else {
				continue;
			};
			let had: u128 = self
				.most
				.values()
				.map(|most| (most >> tally.period) + 1)
				.sum();
			let weighs: u128 = VotingFor::<Test>::iter()
				.filter(|(_, of, _)| *of == class)
				.filter_map(|(who, _, _)| Votes::ballot_of(who, *poll))
				.map(|ballot| ballot.weight().unwrap())
				.sum();
			assert!(weighs <= had, "{weighs} of {had}");
			assert!(tally.ayes + tally.nays <= weighs && tally.support <= weighs);
		}
	}

	/// What is delegated is worth what the delegations are, but for what rounding may have taken.
	fn nothing_is_lost(&self) {
		for (target, class, voting) in VotingFor::<Test>::iter() {
			let delegations = *voting.delegations();
			let worth: u128 = VotingFor::<Test>::iter()
				.filter(|(_, of, _)| *of == class)
				.filter_map(|(_, _, voting)| match voting {
					Voting::Delegating {
						target: to,
						weight,
						period,
						..
					} if to == target => Some(weight >> (delegations.period - period)),
					_ => None,
				})
				.sum();
			assert!(delegations.weight + 2 * self.touched >= worth);
		}
	}
}

/// A tally of votes that are all cast now, with these powers.
fn tallied(votes: &[(AccountId, u128, AccountVote)], poll: u32) -> (u128, u128, u128) {
	for (who, power, how) in votes {
		set_power(*who, *power);
		vote(*who, poll, *how);
	}
	sums(poll)
}

proptest! {
	#[test]
	fn the_invariants_hold_after_any_steps(
		steps in prop::collection::vec(any_step(), 1..80),
	) {
		build_and_execute(|| {
			let mut run = Run::default();
			for who in 1..=ACCOUNTS {
				run.step(Step::Earn(who, 1_000 * u128::from(who)));
			}
			run.step(Step::Submit(ROOT));
			run.step(Step::Submit(SMALL));
			for step in steps {
				run.step(step);
				check();
				run.nobody_counts_twice();
				run.nothing_is_lost();
			}
		});
	}

	#[test]
	fn splitting_power_gains_nothing_and_loses_a_unit_for_each_at_most(
		parts in prop::collection::vec(MIN_POWER..1 << 60, 1..8),
		before in 0..3 * HALF_LIFE,
		later in 0..3 * HALF_LIFE,
	) {
		build_and_execute(|| {
			pass(before);
			let (split, whole) = (submit(ROOT), submit(ROOT));
			pass(later);
			let votes: Vec<_> = (100..)
				.zip(&parts)
				.map(|(who, part)| (who, *part, AccountVote::Aye))
				.collect();
			let split = tallied(&votes, split).0;
			let whole = tallied(&[(ALICE, parts.iter().sum(), AccountVote::Aye)], whole).0;
			// A unit of present power has been so many points, rounded up, at the poll's start.
			let unit = 1u128 << ((before % HALF_LIFE + later).div_ceil(HALF_LIFE));
			assert!(split <= whole);
			assert!(whole - split <= parts.len() as u128 * unit);
		});
	}

	#[test]
	fn the_order_of_votes_does_not_matter(
		votes in prop::collection::vec((MIN_POWER..1 << 60, any_vote()), 1..8),
		rotated in 0usize..8,
		at in 0..3 * HALF_LIFE,
	) {
		let votes: Vec<_> = (100..)
			.zip(votes)
			.map(|(who, (power, vote))| (who, power, vote))
			.filter(|(_, _, vote)| vote.is_valid())
			.collect();
		let mut others = votes.clone();
		others.reverse();
		others.rotate_left(rotated.checked_rem(votes.len()).unwrap_or(0));
		build_and_execute(|| {
			let (one, other) = (submit(ROOT), submit(ROOT));
			pass(at);
			assert_eq!(tallied(&votes, one), tallied(&others, other));
		});
	}

	#[test]
	fn delegating_and_voting_weigh_the_same(
		powers in prop::collection::vec(MIN_POWER..1 << 60, 1..8),
		at in 0..3 * HALF_LIFE,
		late: bool,
	) {
		build_and_execute(|| {
			let (direct, delegated) = (submit(ROOT), submit(SMALL));
			pass(at);
			if !late {
				set_power(BOB, MIN_POWER);
				vote(BOB, delegated, AccountVote::Aye);
			}
			for (who, power) in (100..).zip(&powers) {
				set_power(who, *power);
				vote(who, direct, AccountVote::Aye);
				delegate(who, SMALL, BOB);
			}
			if late {
				set_power(BOB, MIN_POWER);
				vote(BOB, delegated, AccountVote::Aye);
			}
			vote(BOB, direct, AccountVote::Aye);
			assert_eq!(sums(direct), sums(delegated));
		});
	}

	#[test]
	fn the_share_of_a_ballot_stays_that_of_its_voter(
		one in 1u128 << 40..1 << 60,
		other in 1u128 << 40..1 << 60,
		before in 0..2 * HALF_LIFE,
		voted in 0..2 * HALF_LIFE,
		later in 0..4 * HALF_LIFE,
	) {
		build_and_execute(|| {
			set_power(ALICE, one);
			set_power(BOB, other);
			pass(before);
			let poll = submit(ROOT);
			pass(voted);
			vote(ALICE, poll, AccountVote::Aye);
			pass(later);
			let now = System::block_number();
			let ballot = decay::decay(
				sums(poll).0,
				now - u64::from(tally(poll).period) * HALF_LIFE,
				HALF_LIFE,
			);
			// The ballot, and the power it is compared with, are each rounded: by one, and by what that one
			// had been when it was voted.
			assert!(ballot <= power(ALICE) + 1 && ballot + 3 >= power(ALICE));
		});
	}
}
