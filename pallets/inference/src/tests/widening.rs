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

/// Seven agents of whom three answered, and the four that were drawn when it was widened.
fn widened(outcomes: [Outcome; 3]) -> (u64, Vec<u8>, Vec<u8>) {
	let id = drawn();
	let first = committee(id);
	run_committee(id, &first.iter().copied().zip(outcomes).collect::<Vec<_>>());
	assert_eq!(phase(id), Phase::Draw, "somebody would be slashed");
	assert_eq!(Offences::get(), [], "nobody is yet");
	run_to(now() + DELAY);
	let newcomers = committee(id)[3..].to_vec();
	(id, first, newcomers)
}

/// Has these answer, and waits for the others in vain.
fn answer(id: u64, seats: &[(u8, Outcome)]) {
	for (n, outcome) in seats {
		commit(*n, id, outcome);
	}
	if phase(id) == Phase::Commit {
		run_to(now() + COMMIT);
	}
	for (n, outcome) in seats {
		reveal(*n, id, outcome);
	}
}

#[test]
fn who_is_slashed_was_wrong_to_a_wider_committee_too() {
	seven().build_and_execute(|| {
		let (id, first, newcomers) = widened([good(), other(), good()]);
		let seats: Vec<_> = newcomers.iter().map(|n| (*n, good())).collect();
		answer(id, &seats);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(Offences::get(), [(first[1], Offence::WrongResult, None)]);
		assert_eq!(credit(first[1]), 0);
		for n in newcomers.iter().chain([&first[0], &first[2]]) {
			assert!(credit(*n) > 0, "six share the fee");
		}
	});
}

#[test]
fn two_of_three_that_collude_lose_to_one_that_is_right() {
	seven().build_and_execute(|| {
		let (id, first, newcomers) = widened([other(), good(), other()]);
		let seats: Vec<_> = newcomers.iter().map(|n| (*n, good())).collect();
		answer(id, &seats);
		assert_eq!(
			ending(id),
			match good() {
				Outcome::Answered(answer) => Ending::Answered(answer),
				Outcome::Failed(_) => unreachable!("it is an answer"),
			}
		);
		assert_eq!([credit(first[0]), credit(first[2])], [0, 0]);
		assert!(credit(first[1]) > 0);
		let mut blamed = Offences::get();
		blamed.sort();
		let mut wrong = [first[0], first[2]].map(|n| (n, Offence::WrongResult, None));
		wrong.sort();
		assert_eq!(blamed, wrong);
	});
}

#[test]
fn silent_newcomers_neither_prevent_an_answer_nor_confirm_an_accusation() {
	seven().build_and_execute(|| {
		let (id, first, newcomers) = widened([good(), other(), good()]);
		run_to(now() + COMMIT);
		assert!(
			matches!(ending(id), Ending::Answered(_)),
			"nothing is awaited"
		);
		assert!(credit(first[0]) > 0);
		assert_eq!(credit(first[1]), 0);
		assert_eq!(released(first[1]), Performance::Disagreed);
		let mut blamed = Offences::get();
		blamed.sort();
		let mut silent: Vec<_> = newcomers
			.iter()
			.map(|n| (*n, Offence::NoCommit, None))
			.collect();
		silent.sort();
		assert_eq!(blamed, silent);
	});
}

#[test]
fn friends_of_who_is_wrong_cannot_prevent_the_answer_by_silence() {
	seven().build_and_execute(|| {
		let (id, first, newcomers) = widened([good(), other(), good()]);
		// One newcomer is honest, one a friend that speaks, two are friends that don't.
		answer(id, &[(newcomers[0], good()), (newcomers[1], other())]);
		assert!(matches!(ending(id), Ending::Answered(_)), "three of five");
		let blamed = Offences::get();
		for n in [first[1], newcomers[1]] {
			assert!(blamed.contains(&(n, Offence::WrongResult, None)));
		}
		for n in &newcomers[2..] {
			assert!(blamed.contains(&(*n, Offence::NoCommit, None)));
		}
		assert_eq!(blamed.len(), 4);
	});
}

#[test]
fn where_as_many_contradict_the_fee_is_given_back() {
	seven().build_and_execute(|| {
		let before = free(PAYER);
		let (id, first, newcomers) = widened([good(), other(), good()]);
		answer(id, &[(newcomers[0], other())]);
		assert_eq!(ending(id), Ending::Disputed, "two against two");
		for n in first {
			assert_eq!(released(n), Performance::Released);
		}
		forget(id);
		assert_eq!(free(PAYER), before);
	});
}
