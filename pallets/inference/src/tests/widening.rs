//! Committees that come to no agreement, and are widened.

use openledger_primitives::{traits::Offence, traits::Performance, Failure, Outcome};

use super::{assert_invalid, E};
use crate::{mock::*, types::Phase, Ending, Event, HoldReason, Requests};

/// Seven agents, of whom three are drawn at first.
fn seven() -> ExtBuilder {
	ExtBuilder::default().agents(7).committee(3)
}

fn phase(id: u64) -> Phase {
	Requests::<Test>::get(id).expect("open").phase
}

#[test]
fn a_dispute_is_decided_by_all() {
	seven().build_and_execute(|| {
		let id = drawn();
		let first = committee(id);
		let failed = Outcome::Failed(Failure::OutOfTime);
		let outcomes = [good(), other(), failed];
		let seats: Vec<_> = first.iter().copied().zip(outcomes).collect();
		run_committee(id, &seats);
		assert_eq!(phase(id), Phase::Draw);
		assert!(has_event(Event::Widened {
			request: id,
			draw_at: now() + DELAY,
		}));
		assert_eq!(
			frame_support::storage::with_transaction(|| {
				sp_runtime::TransactionOutcome::Rollback(Inference::cancel(signed(PAYER), id))
			}),
			Err(E::AlreadyDrawn.into())
		);
		let before = question(id);
		run_to(now() + DELAY);
		assert_eq!(question(id), before, "it is the same question");
		let all = committee(id);
		assert_eq!(all[..3], first[..], "nobody leaves");
		let mut sorted = all.clone();
		sorted.sort();
		assert_eq!(sorted, (AGENT..AGENT + 7).collect::<Vec<_>>());
		assert_invalid(
			send(commit_call(first[0], id, &good())),
			E::AlreadyCommitted,
		);
		for n in &all[3..] {
			commit(*n, id, &good());
		}
		assert_eq!(phase(id), Phase::Reveal);
		assert_invalid(send(reveal_call(first[0], id, &good())), E::AlreadyRevealed);
		for n in &all[3..] {
			reveal(*n, id, &good());
		}
		assert!(matches!(ending(id), Ending::Answered(_)));
		for n in all[3..].iter().chain(&first[..1]) {
			assert!(matches!(released(*n), Performance::Agreed { .. }));
			assert!(credit(*n) > 0);
		}
		assert_eq!(released(first[1]), Performance::Disagreed);
		assert_eq!(released(first[2]), Performance::Absent);
		let mut blamed = Offences::get();
		blamed.sort_by_key(|(_, offence, _)| *offence);
		assert_eq!(
			blamed,
			[
				(first[2], Offence::NoCommit, None),
				(first[1], Offence::WrongResult, None)
			]
		);
	});
}

#[test]
fn it_is_widened_once() {
	seven().build_and_execute(|| {
		let before = free(PAYER);
		let id = drawn();
		let first = committee(id);
		run_committee(
			id,
			&[(first[0], good()), (first[1], good()), (first[2], other())][..0],
		);
		for n in &first {
			commit(*n, id, &good());
		}
		// Nobody reveals.
		run_to(now() + REVEAL);
		assert_eq!(phase(id), Phase::Draw);
		run_to(now() + DELAY);
		let all = committee(id);
		assert_invalid(send(reveal_call(first[0], id, &good())), E::NotRevealing);
		// Of the newcomers three of four say the same: three of seven.
		let newcomers = &all[3..];
		let outcomes: Vec<_> = newcomers
			.iter()
			.map(|n| (*n, if *n == newcomers[0] { other() } else { good() }))
			.collect();
		for (n, outcome) in &outcomes {
			commit(*n, id, outcome);
		}
		assert_invalid(send(reveal_call(first[0], id, &good())), E::MissedItsTurn);
		for (n, outcome) in &outcomes {
			reveal(*n, id, outcome);
		}
		assert_eq!(ending(id), Ending::Disputed);
		assert!(has_event(Event::Disputed {
			request: id,
			payer: account(PAYER),
			refunded: FEE
		}));
		forget(id);
		assert_eq!(free(PAYER), before, "to the last unit");
		for n in newcomers {
			assert_eq!(
				released(*n),
				Performance::Released,
				"nobody knows who is right"
			);
		}
		let mut blamed = Offences::get();
		blamed.sort();
		let mut expected: Vec<_> = first
			.iter()
			.map(|n| (*n, Offence::NoReveal, None))
			.collect();
		expected.sort();
		assert_eq!(blamed, expected);
	});
}

#[test]
fn who_committed_reveals_with_the_newcomers() {
	seven().build_and_execute(|| {
		let id = drawn();
		let first = committee(id);
		commit(first[0], id, &good());
		run_to(now() + COMMIT);
		assert_eq!(phase(id), Phase::Draw, "one of three is no majority");
		run_to(now() + DELAY);
		assert_invalid(send(commit_call(first[1], id, &good())), E::MissedItsTurn);
		let newcomers = committee(id)[3..].to_vec();
		for n in &newcomers[..3] {
			commit(*n, id, &good());
		}
		assert_eq!(phase(id), Phase::Commit);
		run_to(now() + COMMIT);
		assert_eq!(phase(id), Phase::Reveal);
		for n in &newcomers[..3] {
			reveal(*n, id, &good());
		}
		assert_eq!(phase(id), Phase::Reveal, "its outcome was secret until now");
		reveal(first[0], id, &good());
		assert!(matches!(ending(id), Ending::Answered(_)), "four of seven");
		assert!(matches!(released(first[0]), Performance::Agreed { .. }));
		for n in [first[1], first[2], newcomers[3]] {
			assert_eq!(released(n), Performance::Absent);
		}
	});
}

#[test]
fn newcomers_that_could_not_decide_are_not_bothered() {
	ExtBuilder::default()
		.agents(5)
		.committee(3)
		.build_and_execute(|| {
			let id = drawn();
			run_to(now() + COMMIT);
			assert_eq!(phase(id), Phase::Draw);
			// Two more would be two of five.
			run_to(now() + DELAY);
			assert_eq!(ending(id), Ending::Unanswered);
			assert_eq!(committee(id).len(), 3);
			let list = Released::get();
			let unbothered = list
				.iter()
				.filter(|(_, performance)| *performance == Performance::Released)
				.count();
			assert_eq!((list.len(), unbothered), (5, 2));
		});
}

#[test]
fn without_others_it_ends() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(PAYER);
		let id = drawn();
		let outcomes = [good(), other(), Outcome::Failed(Failure::OutOfTime)];
		run_committee(id, &(AGENT..).zip(outcomes).collect::<Vec<_>>());
		run_to(now() + DELAY);
		assert_eq!(ending(id), Ending::Disputed);
		assert!(Offences::get().is_empty());
		forget(id);
		assert_eq!(free(PAYER), before);
	});
}

#[test]
fn too_few_commits_are_refunded_at_last() {
	ExtBuilder::default().agents(4).build_and_execute(|| {
		let id = drawn();
		commit(AGENT, id, &good());
		commit(AGENT + 1, id, &good());
		run_to(now() + COMMIT + DELAY);
		assert_eq!(ending(id), Ending::Unanswered, "half is no majority");
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		for n in [AGENT, AGENT + 1] {
			assert_eq!(released(n), Performance::Released, "it was not heard");
		}
		assert_eq!(Offences::get().len(), 2);
	});
}

#[test]
fn a_committee_of_the_largest_size_is_not_widened() {
	ExtBuilder::default().agents(7).build_and_execute(|| {
		let id = drawn();
		run_to(now() + COMMIT);
		assert_eq!(ending(id), Ending::Unanswered);
	});
}
