//! Comparisons of adapters, and requests that other pallets make.

use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::Locator,
	input::LinkedInput,
	similarity::Comparison,
	traits::{Committees, Performance, Reply},
	Answer, ContentHash, Failure, Outcome, Output, RequestId,
};
use serde_json::json;
use sp_runtime::{DispatchError, DispatchResult};

use super::{node::*, E};
use crate::{mock::*, Ending, HoldReason, Input, Requests};

fn file(name: &str) -> LinkedInput {
	LinkedInput {
		content: ContentHash::of(name.as_bytes()),
		bytes: 5_000,
		locator: Locator::Url(text(&format!("https://example.org/{name}"))),
	}
}

fn comparison() -> Comparison {
	Comparison {
		original: file("original"),
		other: file("other"),
	}
}

fn input(comparison: &Comparison) -> Input<Test> {
	Input::Inline(comparison.encode().try_into().expect("short enough"))
}

fn request(input: Input<Test>) -> DispatchResult {
	Inference::request(signed(PAYER), MODEL, input, u128::MAX, 1)
}

/// Asks on the payer's behalf, and has the committee drawn.
fn asked(min_committee: u32) -> RequestId {
	let (payer, input) = (account(PAYER), comparison().encode());
	let id = Inference::ask(&payer, MODEL, input, u128::MAX, min_committee).expect("it compares");
	assert_eq!(Inference::reply(id), Reply::Pending);
	run_to(now() + DELAY);
	id
}

fn similarity(text: &str) -> Outcome {
	said(text, &[])
}

fn all(id: RequestId, outcome: Outcome) -> Vec<(u8, Outcome)> {
	let members = committee(id).into_iter();
	members.map(|n| (n, outcome.clone())).collect()
}

#[test]
fn a_committee_agrees_on_a_similarity() {
	ExtBuilder::default()
		.agents(3)
		.compares()
		.build_and_execute(|| {
			let id = asked(3);
			run_committee(id, &all(id, similarity("912345")));
			let Reply::Answered(Output::Inline(said)) = Inference::reply(id) else {
				panic!("they agreed")
			};
			assert_eq!(&said[..], b"912345");
			assert_eq!(held(HoldReason::Fee, PAYER), 0);
			assert!(credit(AGENT) > 0, "who compared is paid");
			assert_eq!(Inference::reply(id + 1), Reply::Unknown);
			forget(id);
			assert_eq!(Inference::reply(id), Reply::Unknown);
		});
}

#[test]
fn without_an_agreement_there_is_no_reply() {
	ExtBuilder::default()
		.agents(3)
		.compares()
		.build_and_execute(|| {
			let id = asked(3);
			run_committee(id, &all(id, Outcome::Failed(Failure::BadInput)));
			assert_eq!(Inference::reply(id), Reply::Unanswered);
			assert_eq!(ending(id), Ending::Failed(Failure::BadInput));
		});
}

#[test]
fn what_is_no_comparison_is_not_asked() {
	ExtBuilder::default()
		.agents(3)
		.compares()
		.build_and_execute(|| {
			assert_noop!(request(inline("What is a bit?")), E::BadComparison);
			assert_noop!(request(linked("What is a bit?")), E::BadComparison);
			let nowhere = Comparison {
				other: LinkedInput {
					locator: Locator::None,
					..file("other")
				},
				..comparison()
			};
			assert_noop!(request(input(&nowhere)), E::BadComparison);
			assert_ok!(request(input(&comparison())));

			let ask = |input, committee| {
				Inference::ask(&account(PAYER), MODEL, input, u128::MAX, committee)
			};
			assert_noop!(ask(comparison().encode(), 0), E::CommitteeOutOfRange);
			assert_noop!(ask(comparison().encode(), 8), E::CommitteeOutOfRange);
			assert_noop!(ask(comparison().encode(), 4), E::NoOperator);
			assert_noop!(ask(vec![0; 513], 1), E::InputTooLarge);
		});
}

#[test]
fn only_similarities_are_answers() {
	ExtBuilder::default().compares().build_and_execute(|| {
		let id = asked(1);
		let request = Requests::<Test>::get(id).expect("open");
		let check = |outcome: &Outcome| {
			Inference::check_outcome_of(&request, outcome).map_err(DispatchError::from)
		};
		for text in ["0", "700000", "1000000"] {
			assert_eq!(check(&similarity(text)), Ok(()));
		}
		for text in ["", "1000001", "-5", "05", "0.7", "alike"] {
			assert_eq!(
				check(&similarity(text)),
				Err(E::MalformedAnswer.into()),
				"{text}"
			);
		}
		let cites = grounded("700000", &[cite(FIRST, 0, 1)]);
		assert_eq!(check(&cites), Err(E::MalformedAnswer.into()));
		let long = Outcome::Answered(Answer {
			output: Output::Linked {
				content: ContentHash::of(b"700000"),
				bytes: 5_000,
			},
			..Answer::default()
		});
		assert_eq!(check(&long), Err(E::MalformedAnswer.into()));
		assert_eq!(
			check(&said("700000", &[1])),
			Err(E::WrongFingerprint.into()),
			"the policy is exact"
		);
		// Its files are not on the chain, and whoever claims serves them.
		assert_eq!(check(&unavailable()), Ok(()));
	});
}

/// The claimant serves the files to one agent of three only, to have the others slashed.
#[test]
fn who_could_not_fetch_an_adapter_is_not_to_blame() {
	ExtBuilder::default()
		.agents(3)
		.compares()
		.build_and_execute(|| {
			let id = asked(3);
			let members = committee(id);
			let outcomes = [
				(members[0], similarity("912345")),
				(members[1], similarity("912345")),
				(members[2], unavailable()),
			];
			run_committee(id, &outcomes);
			assert!(matches!(Inference::reply(id), Reply::Answered(_)));
			assert_eq!(released(members[2]), Performance::Released);
			assert!(Offences::get().is_empty());
		});
}

#[test]
fn a_node_has_its_service_compare() {
	on_node_of(ExtBuilder::default().compares(), &[AGENT], |node| {
		node.service().result = json!({
			"state": "done",
			"result": { "similarity": 912_345 },
			"error": null,
			"run_ms": 40,
		});
		let id = asked(1);
		node.work();
		let hash_of = |name: &str| hex::encode(sp_crypto_hashing::sha2_256(name.as_bytes()));
		let file = |name: &str| {
			json!({
				"content": hash_of(name),
				"bytes": 5_000,
				"locator": format!("https://example.org/{name}"),
			})
		};
		let calls = node.calls();
		let job = calls
			.iter()
			.find(|call| call.what() == "POST /v1/jobs")
			.expect("it was asked");
		assert_eq!(
			job.json(),
			json!({
				"kind": "compare",
				"id": hex::encode(question(id)),
				"original": file("original"),
				"other": file("other"),
				"max_run_ms": 10_000,
			})
		);
		while Requests::<Test>::contains_key(id) {
			node.block();
		}
		let Ending::Answered(answer) = ending(id) else {
			panic!("it was answered")
		};
		assert_eq!(answer.output, Output::Inline(text("912345")));
	});
}
