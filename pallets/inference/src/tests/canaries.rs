//! Answers that somebody knew beforehand.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	model::Sampler,
	protocol::Salt,
	traits::{Offence, Performance},
	Balance, Failure, Outcome, RequestId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::DispatchResult;

use super::E;
use crate::{canary_hash, mock::*, Canaries, Ending, Event, HoldReason, Reruns};

const QUESTION: &str = "What is a bit?";
const SALT: Salt = [5; 32];

/// What a run by seven costs.
const RERUN_FEE: Balance = (7 * MIN_BASE).div_ceil(3);

fn hash(expected: &Outcome) -> H256 {
	let input = H256(blake2_256(QUESTION.as_bytes()));
	canary_hash(&account(OTHER), MODEL, 0, &input, &expected.hash(), &SALT)
}

/// Somebody commits to an answer; the payer has the question asked a block later.
fn asked(expected: &Outcome) -> RequestId {
	assert_ok!(Inference::commit_canary(signed(OTHER), hash(expected)));
	run_to(now() + 1);
	drawn()
}

fn reveal_canary(id: RequestId, expected: &Outcome) -> DispatchResult {
	Inference::reveal_canary(
		signed(OTHER),
		id,
		inline(QUESTION),
		expected.clone(),
		SALT,
		u128::MAX,
	)
}

/// Seven agents, of whom three answer.
fn seven() -> ExtBuilder {
	ExtBuilder::default().agents(7).committee(3)
}

/// A committee says the first; whoever expected the second has it run again by those that say the last.
/// Returns the committee.
fn contested(said: &[Outcome; 3], expected: &Outcome, others: &Outcome) -> Vec<u8> {
	let id = asked(expected);
	let first = committee(id);
	run_committee(
		id,
		&first.iter().copied().zip(said.clone()).collect::<Vec<_>>(),
	);
	assert_ok!(reveal_canary(id, expected));
	let rerun = id + 1;
	assert!(has_event(Event::Contested {
		request: id,
		owner: account(OTHER),
		canary: hash(expected),
		rerun,
	}));
	assert_noop!(reveal_canary(id, expected), E::UnknownCanary);
	assert_noop!(Inference::cancel(signed(OTHER), rerun), E::IsRerun);
	// The compute alone; four seats above the usual three cost in proportion.
	assert_eq!(held(HoldReason::Fee, OTHER), RERUN_FEE);
	run_to(now() + DELAY);
	let second = committee(rerun);
	assert_eq!(second.len(), 4);
	assert!(second.iter().all(|n| !first.contains(n)), "none sits again");
	run_committee(
		rerun,
		&second
			.iter()
			.map(|n| (*n, others.clone()))
			.collect::<Vec<_>>(),
	);
	assert!(matches!(ending(rerun), Ending::Answered(_)));
	assert_eq!(Reruns::<Test>::iter().count(), 0);
	assert_eq!(held(HoldReason::Canary, OTHER), 0);
	first
}

#[test]
fn a_right_answer_gives_the_deposit_back() {
	seven().build_and_execute(|| {
		let before = free(OTHER);
		let id = asked(&good());
		assert_eq!(held(HoldReason::Canary, OTHER), CANARY);
		let seats: Vec<_> = committee(id).into_iter().map(|n| (n, good())).collect();
		run_committee(id, &seats);
		assert_ok!(reveal_canary(id, &good()));
		System::assert_last_event(
			Event::CanaryReturned {
				owner: account(OTHER),
				canary: hash(&good()),
				deposit: CANARY,
			}
			.into(),
		);
		assert_eq!(free(OTHER), before);
		assert!(Offences::get().is_empty());
	});
}

#[test]
fn a_lazy_committee_is_caught() {
	seven().build_and_execute(|| {
		let before = free(OTHER);
		let accused = contested(&[other(), other(), other()], &good(), &good());
		let blamed: Vec<_> = Offences::get()
			.into_iter()
			.filter(|(_, _, reporter)| reporter.is_some())
			.collect();
		let expected: Vec<_> = accused
			.into_iter()
			.map(|n| (n, Offence::WrongResult, Some(OTHER)))
			.collect();
		assert_eq!(blamed, expected);
		// The re-run was paid for like any other request.
		let record = held(HoldReason::Record, OTHER);
		assert_eq!(free(OTHER), before - RERUN_FEE - record);
	});
}

#[test]
fn a_false_alarm_costs_the_deposit() {
	seven().build_and_execute(|| {
		let treasury = free(TREASURY);
		let first = contested(&[good(), good(), good()], &other(), &good());
		assert!(Offences::get().is_empty());
		for n in first {
			assert!(matches!(released(n), Performance::Agreed { .. }));
		}
		assert!(has_event(Event::CanaryLost {
			owner: account(OTHER),
			canary: hash(&other()),
			deposit: CANARY,
		}));
		let fees = FEE / 20 + RERUN_FEE / 20;
		assert!((free(TREASURY) - treasury - CANARY).abs_diff(fees) <= 3);
	});
}

#[test]
fn a_third_answer_decides_nothing() {
	seven().build_and_execute(|| {
		let third = answer(&[cite(FIRST, 5, 123_456)]);
		let said = [good(), good(), good()];
		contested(&said, &other(), &third);
		assert!(Offences::get().is_empty());
		assert!(has_event(Event::CanaryReturned {
			owner: account(OTHER),
			canary: hash(&other()),
			deposit: CANARY,
		}));
	});
}

#[test]
fn fewer_do_not_overrule_more() {
	// Five agree; of the next five three agree on something else.
	ExtBuilder::default()
		.agents(10)
		.committee(5)
		.build_and_execute(|| {
			let id = asked(&good());
			let seats: Vec<_> = committee(id).into_iter().map(|n| (n, other())).collect();
			run_committee(id, &seats);
			assert_ok!(reveal_canary(id, &good()));
			run_to(now() + DELAY);
			let second = committee(id + 1);
			assert_eq!(second.len(), 5);
			let say = [good(), good(), good(), other(), other()];
			run_committee(id + 1, &second.into_iter().zip(say).collect::<Vec<_>>());
			run_to(now() + DELAY);
			assert!(matches!(ending(id + 1), Ending::Answered(_)));
			assert!(Offences::get()
				.iter()
				.all(|(_, _, reporter)| reporter.is_none()));
			assert_eq!(held(HoldReason::Canary, OTHER), 0);
		});
}

#[test]
fn without_others_to_run_it_nothing_is_decided() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(OTHER);
		let id = asked(&good());
		let seats: Vec<_> = committee(id).into_iter().map(|n| (n, other())).collect();
		run_committee(id, &seats);
		assert_ok!(reveal_canary(id, &good()));
		run_to(now() + DELAY);
		assert_eq!(ending(id + 1), Ending::NoOperator);
		assert!(Offences::get().is_empty());
		assert_eq!(free(OTHER) + held(HoldReason::Record, OTHER), before);
	});
}

#[test]
fn a_canary_is_given_up() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(OTHER);
		let canary = hash(&good());
		assert_ok!(Inference::commit_canary(signed(OTHER), canary));
		assert_noop!(
			Inference::commit_canary(signed(OTHER), canary),
			E::CanaryKnown
		);
		// Who copies it cannot reveal it, nor does it stand in the way.
		assert_ok!(Inference::commit_canary(signed(PAYER), canary));
		assert_ok!(Inference::drop_canary(signed(PAYER), canary));
		assert_ok!(Inference::drop_canary(signed(OTHER), canary));
		assert_noop!(
			Inference::drop_canary(signed(OTHER), canary),
			E::UnknownCanary
		);
		assert_eq!(free(OTHER), before);
	});
}

#[test]
fn a_canary_comes_before_its_question() {
	ExtBuilder::default().build_and_execute(|| {
		// Committed to in the block of the request: it may have been made for the answer.
		let id = ask();
		assert_ok!(Inference::commit_canary(signed(OTHER), hash(&other())));
		run_to(now() + DELAY);
		run_committee(id, &[(AGENT, good())]);
		assert_noop!(reveal_canary(id, &other()), E::CanaryTooLate);
	});
}

#[test]
fn what_is_no_proof_is_refused() {
	seven().build_and_execute(|| {
		let wrong = other();
		let id = asked(&wrong);
		assert_noop!(reveal_canary(id, &wrong), E::UnknownReceipt);
		let seats: Vec<_> = committee(id).into_iter().map(|n| (n, good())).collect();
		run_committee(id, &seats);
		let reveal = |who, input: &str, expected: &Outcome, salt| {
			Inference::reveal_canary(
				signed(who),
				id,
				inline(input),
				expected.clone(),
				salt,
				u128::MAX,
			)
		};
		assert_noop!(reveal(PAYER, QUESTION, &wrong, SALT), E::UnknownCanary);
		assert_noop!(reveal(OTHER, "What?", &wrong, SALT), E::UnknownCanary);
		assert_noop!(reveal(OTHER, QUESTION, &good(), SALT), E::UnknownCanary);
		assert_noop!(reveal(OTHER, QUESTION, &wrong, [6; 32]), E::UnknownCanary);
		assert_noop!(
			Inference::reveal_canary(
				signed(OTHER),
				id,
				inline(QUESTION),
				wrong.clone(),
				SALT,
				RERUN_FEE - 1
			),
			E::FeeCapTooLow
		);
		assert_ok!(reveal(OTHER, QUESTION, &wrong, SALT));
		assert!(Canaries::<Test>::iter().next().is_none());
		run_to(now() + DELAY + COMMIT + DELAY + COMMIT + REVEAL);
		assert_eq!(Reruns::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_answer_is_contested_once() {
	seven().build_and_execute(|| {
		let third = answer(&[cite(FIRST, 5, 123_456)]);
		for expected in [other(), third.clone()] {
			assert_ok!(Inference::commit_canary(signed(OTHER), hash(&expected)));
		}
		run_to(now() + 1);
		let id = drawn();
		let seats: Vec<_> = committee(id).into_iter().map(|n| (n, good())).collect();
		run_committee(id, &seats);
		assert_ok!(reveal_canary(id, &other()));
		assert_noop!(reveal_canary(id, &third), E::AlreadyContested);
	});
}

#[test]
fn only_what_can_be_run_again_is_contested() {
	// Another version by now is no way out for those that answered.
	seven().build_and_execute(|| {
		let id = asked(&other());
		let seats: Vec<_> = committee(id).into_iter().map(|n| (n, good())).collect();
		run_committee(id, &seats);
		let task = openledger_primitives::model::Task::Search { top_k: 1 };
		assert_ok!(Models::new_version(
			signed(OWNER),
			MODEL,
			inputs(task, EXACT)
		));
		assert_ok!(reveal_canary(id, &other()));
		assert_eq!(
			crate::Requests::<Test>::get(id + 1).expect("open").version,
			0
		);
	});
	// Another question.
	seven().build_and_execute(|| {
		assert_ok!(Inference::commit_canary(signed(OTHER), hash(&other())));
		run_to(now() + 1);
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			inline("x"),
			FEE,
			1
		));
		run_to(now() + DELAY);
		let seats: Vec<_> = committee(0).into_iter().map(|n| (n, good())).collect();
		run_committee(0, &seats);
		assert_noop!(reveal_canary(0, &other()), E::OtherInput);
	});
	// No answer; and an expectation that is none.
	let failed = Outcome::Failed(Failure::BadInput);
	seven().build_and_execute(|| {
		let id = asked(&good());
		let seats: Vec<_> = committee(id)
			.into_iter()
			.map(|n| (n, failed.clone()))
			.collect();
		run_committee(id, &seats);
		assert_noop!(reveal_canary(id, &good()), E::NotAnswered);
	});
	for (expected, error) in [
		(failed.clone(), E::MalformedAnswer),
		(answer(&[cite(LATER, 0, 5)]), E::ForeignBatch),
	] {
		seven().build_and_execute(|| {
			let id = asked(&expected);
			let seats: Vec<_> = committee(id).into_iter().map(|n| (n, good())).collect();
			run_committee(id, &seats);
			assert_noop!(reveal_canary(id, &expected), error);
		});
	}
	// What depends on a seed.
	ExtBuilder::default()
		.generates(EXACT)
		.build_and_execute(|| {
			let id = asked(&said("Paris", &[]));
			run_committee(id, &[(AGENT, said("Paris", &[]))]);
			assert_noop!(reveal_canary(id, &said("Paris", &[])), E::NotRepeatable);
		});
	let paris = grounded("Paris", &[cite(FIRST, 3, 7_000)]);
	ExtBuilder::default()
		.answers(SAMPLER)
		.build_and_execute(|| {
			let id = asked(&paris);
			run_committee(id, &[(AGENT, paris.clone())]);
			assert_noop!(reveal_canary(id, &paris), E::NotRepeatable);
		});
	ExtBuilder::default()
		.answers(Sampler::Greedy)
		.build_and_execute(|| {
			let id = asked(&paris);
			run_committee(id, &[(AGENT, paris.clone())]);
			assert_ok!(reveal_canary(id, &paris));
		});
}
