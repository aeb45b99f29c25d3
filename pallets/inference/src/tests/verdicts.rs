//! How agents are said to have done, and what they are reported for.

use openledger_primitives::{
	answer::Entries,
	traits::{Offence, Performance},
	Entry, Failure, Outcome,
};
use sp_runtime::Percent;

use crate::{mock::*, Ending, Event};

fn failed(failure: Failure) -> Outcome {
	Outcome::Failed(failure)
}

/// Three operators with these outcomes: how each did, and what was reported.
fn told(outcomes: [Outcome; 3]) -> ([Performance; 3], Vec<(u8, Offence)>) {
	ExtBuilder::default()
		.agents(3)
		.build_and_execute(|| verdict_on(outcomes))
}

fn verdict_on(outcomes: [Outcome; 3]) -> ([Performance; 3], Vec<(u8, Offence)>) {
	let id = drawn();
	run_committee(id, &(AGENT..).zip(outcomes).collect::<Vec<_>>());
	run_to(now() + DELAY);
	let blamed = Offences::get()
		.into_iter()
		.map(|(n, offence, reporter)| {
			assert_eq!(reporter, None);
			assert!(has_event(Event::Offended {
				request: id,
				agent: account(n),
				offence,
				reporter: None,
			}));
			(n - AGENT, offence)
		})
		.collect();
	([0, 1, 2].map(|n| released(AGENT + n)), blamed)
}

#[test]
fn who_is_outvoted_is_wrong() {
	let (did, blamed) = told([good(), other(), good()]);
	assert_eq!(did, [agreed(0), Performance::Disagreed, agreed(0)]);
	assert_eq!(blamed, [(1, Offence::WrongResult)]);
}

#[test]
fn who_fails_alone_was_as_good_as_absent() {
	for failure in [Failure::DataUnavailable, Failure::BadInput] {
		let (did, blamed) = told([good(), failed(failure), good()]);
		assert_eq!(did, [agreed(0), Performance::Absent, agreed(0)]);
		assert_eq!(blamed, [(1, Offence::NoCommit)]);
	}
}

#[test]
fn who_answers_where_others_fail_is_not_blamed() {
	let out_of_time = || failed(Failure::OutOfTime);
	let (did, blamed) = told([out_of_time(), good(), out_of_time()]);
	assert_eq!(did, [Performance::Released; 3]);
	assert_eq!(blamed, []);
	let (did, blamed) = told([out_of_time(), failed(Failure::Internal), out_of_time()]);
	assert_eq!(did, [Performance::Released; 3]);
	assert_eq!(blamed, []);
}

#[test]
fn there_is_merit_in_finding_the_question_bad_and_none_in_ones_own_failure() {
	for (failure, merit) in [
		(Failure::BadInput, true),
		(Failure::BadModel, true),
		(Failure::MissingLibrary, false),
		(Failure::ModelNotFound, false),
		(Failure::DataUnavailable, false),
		(Failure::OutOfTime, false),
		(Failure::Internal, false),
	] {
		let (did, blamed) = told([failed(failure), failed(failure), failed(failure)]);
		let expected = if merit {
			agreed(0)
		} else {
			Performance::Released
		};
		assert_eq!(did, [expected; 3], "{failure:?}");
		assert_eq!(blamed, []);
	}
}

#[test]
fn a_right_result_with_other_attribution_is_a_false_attribution() {
	let attributed = |text, list: &[(u64, u32)]| {
		let Outcome::Answered(mut answer) = said(text, &[]) else {
			unreachable!("it is an answer")
		};
		let list = list
			.iter()
			.map(|(batch, weight)| Entry {
				batch: *batch,
				weight: *weight,
			})
			.collect::<Vec<_>>();
		answer.attribution = Entries::try_from(list).expect("few");
		Outcome::Answered(answer)
	};
	let right = || attributed("Paris", &[(FIRST, 400_000), (SECOND, 600_000)]);
	for (said, offence) in [
		(
			attributed("Paris", &[(SECOND, 1_000_000)]),
			Offence::FalseAttribution,
		),
		(attributed("Paris", &[]), Offence::FalseAttribution),
		(
			attributed("Lyon", &[(FIRST, 400_000), (SECOND, 600_000)]),
			Offence::WrongResult,
		),
	] {
		ExtBuilder::default()
			.agents(3)
			.generates(EXACT)
			.build_and_execute(|| {
				let (did, blamed) = verdict_on([right(), right(), said]);
				assert_eq!(did[2], Performance::Disagreed);
				assert_eq!(blamed, [(2, offence)]);
			});
	}
}

#[test]
fn the_same_text_on_other_passages_is_a_false_attribution() {
	let right = || grounded("Paris", &[cite(FIRST, 3, 7_000), cite(SECOND, 8, 30)]);
	for (said, offence) in [
		(
			grounded("Paris", &[cite(SECOND, 8, 7_000)]),
			Offence::FalseAttribution,
		),
		(
			grounded("Paris", &[cite(FIRST, 3, 7_001), cite(SECOND, 8, 30)]),
			Offence::FalseAttribution,
		),
		(grounded("Paris", &[]), Offence::FalseAttribution),
		(
			grounded("Lyon", &[cite(FIRST, 3, 7_000), cite(SECOND, 8, 30)]),
			Offence::WrongResult,
		),
	] {
		ExtBuilder::default()
			.agents(3)
			.answers(SAMPLER)
			.build_and_execute(|| {
				let (did, blamed) = verdict_on([right(), right(), said]);
				assert_eq!(did[2], Performance::Disagreed);
				assert_eq!(blamed, [(2, offence)]);
			});
	}
}

#[test]
fn two_that_differ_blame_nobody() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = drawn();
		run_committee(id, &[(AGENT, good()), (AGENT + 1, other())]);
		run_to(now() + DELAY);
		assert_eq!(ending(id), Ending::Disputed);
		assert_eq!(released(AGENT), Performance::Released);
		assert_eq!(released(AGENT + 1), Performance::Released);
		assert!(Offences::get().is_empty());
	});
}

#[test]
fn the_absent_are_told_apart() {
	ExtBuilder::default().agents(5).build_and_execute(|| {
		let id = drawn();
		for n in 0..4 {
			commit(AGENT + n, id, &good());
		}
		run_to(now() + COMMIT);
		for n in 0..3 {
			reveal(AGENT + n, id, &good());
		}
		run_to(now() + REVEAL);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(
			Offences::get(),
			committee(id)
				.into_iter()
				.filter_map(|n| match n - AGENT {
					3 => Some((n, Offence::NoReveal, None)),
					4 => Some((n, Offence::NoCommit, None)),
					_ => None,
				})
				.collect::<Vec<_>>()
		);
		assert_eq!(released(AGENT + 3), Performance::Absent);
		assert_eq!(released(AGENT + 4), Performance::Absent);
	});
}

#[test]
fn nobody_is_blamed_for_what_it_could_not_send() {
	for (safe_at, excused) in [(0, false), (1, true), (COMMIT, true)] {
		ExtBuilder::default().agents(3).build_and_execute(|| {
			if safe_at == 0 {
				// Before the phase began.
				SafeMode::set(true);
				run_to(now() + 1);
				SafeMode::set(false);
			}
			let id = drawn();
			for n in [AGENT, AGENT + 1] {
				commit(n, id, &good());
			}
			let since = now();
			for block in 1..=COMMIT {
				SafeMode::set(block == safe_at);
				run_to(since + block);
			}
			SafeMode::set(false);
			reveal(AGENT, id, &good());
			reveal(AGENT + 1, id, &good());
			assert!(matches!(ending(id), Ending::Answered(_)));
			if excused {
				assert_eq!(released(AGENT + 2), Performance::Released);
				assert!(Offences::get().is_empty());
			} else {
				assert_eq!(released(AGENT + 2), Performance::Absent);
				assert_eq!(Offences::get(), [(AGENT + 2, Offence::NoCommit, None)]);
			}
		});
	}
}

#[test]
fn lateness_runs_from_the_first_block_to_the_last() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		let since = now();
		run_to(since + 1);
		commit(AGENT, id, &good());
		run_to(since + COMMIT / 2);
		commit(AGENT + 1, id, &good());
		run_to(since + COMMIT - 1);
		commit(AGENT + 2, id, &good());
		for n in AGENT..AGENT + 3 {
			reveal(n, id, &good());
		}
		assert_eq!(released(AGENT), agreed(0));
		let middle = Percent::from_rational(COMMIT / 2 - 1, COMMIT - 2);
		assert_eq!(
			released(AGENT + 1),
			Performance::Agreed { lateness: middle }
		);
		assert_eq!(released(AGENT + 2), agreed(100));
	});
}
