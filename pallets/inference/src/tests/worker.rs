//! What the off-chain worker does.

use openledger_primitives::{protocol::INFERENCE_URL_KEY, ContentHash, Failure, Outcome, Output};
use serde_json::{json, Value};
use sp_core::offchain::StorageKind;

use super::node::*;
use crate::{mock::*, types::Phase, Call, Ending, Requests};

#[test]
fn from_question_to_settlement() {
	on_node(1, &[AGENT], |node| {
		// Ahead of any request, the data are handed over.
		node.work();
		let calls = node.calls();
		assert_eq!(
			calls.iter().map(Asked::what).collect::<Vec<_>>(),
			["GET /health", "PUT /v1/corpora"]
		);
		let put = &calls[1];
		assert_eq!(put.uri, format!("{URL}/v1/corpora/{}", corpus_id()));
		assert_eq!(put.headers["Authorization"], "Bearer sesame");
		assert_eq!(put.headers["Content-Type"], "application/json");
		let body = put.json();
		assert_eq!(
			body["graph"],
			hex::encode(sp_crypto_hashing::sha2_256(b"graph"))
		);
		assert_eq!(
			body["tokenizer"],
			hex::encode(sp_crypto_hashing::sha2_256(b"tokenizer"))
		);
		assert_eq!(body["texts"], false);
		assert_eq!(
			body["batches"].as_array().expect("a list").len(),
			2,
			"not the later one"
		);
		assert_eq!(
			body["batches"][1],
			json!({
				"batch": SECOND,
				"content": hex::encode(sp_crypto_hashing::sha2_256(&SECOND.to_le_bytes())),
				"root": format!("{:064x}", SECOND + 1),
				"rows": ROWS,
				"bytes": 900,
				"locator": "https://example.org/batch",
			})
		);

		node.block();
		assert!(node.asked().is_empty(), "once is enough");

		let id = drawn();
		let asked_at = now();
		node.work();
		let calls = node.calls();
		assert_eq!(
			calls.iter().map(Asked::what).collect::<Vec<_>>(),
			["GET /health", "POST /v1/jobs", "GET /v1/jobs"]
		);
		let job = calls[1].json();
		assert_eq!(job["kind"], "search");
		assert_eq!(job["corpus"], corpus_id());
		assert_eq!(
			job["graph"],
			hex::encode(sp_crypto_hashing::sha2_256(b"graph"))
		);
		assert_eq!(
			job["tokenizer"],
			hex::encode(sp_crypto_hashing::sha2_256(b"tokenizer"))
		);
		assert_eq!(job["input"], hex::encode("What is a bit?"));
		assert_eq!(job["top_k"], TOP_K);
		assert_eq!(job["max_run_ms"], 10_000);
		assert_eq!(job["id"], hex::encode(question(id)));

		node.block();
		assert_eq!(
			Requests::<Test>::get(id).expect("open").phase,
			Phase::Reveal
		);
		node.block();
		let Outcome::Answered(expected) = good() else {
			unreachable!("it is an answer")
		};
		assert_eq!(ending(id), Ending::Answered(expected));
		assert!(
			now() - asked_at <= 2,
			"settled in the second block after the request's"
		);
		assert!(node.asked().is_empty(), "nothing is left to ask");
	});
}

#[test]
fn a_slow_answer_is_collected_later() {
	on_node(1, &[AGENT], |node| {
		node.service().takes = 7;
		node.work();
		let id = drawn();
		for _ in 0..2 {
			node.block();
			assert!(node.sent().is_empty());
		}
		for _ in 0..3 {
			node.block();
		}
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(
			node.service().jobs.len(),
			1,
			"one job, asked for again and again"
		);
	});
}

#[test]
fn a_service_that_restarted_is_told_again() {
	on_node(1, &[AGENT], |node| {
		node.work();
		node.service().corpora.clear();
		drawn();
		node.asked();
		node.work();
		assert_eq!(
			node.asked(),
			[
				"GET /health",
				"POST /v1/jobs",
				"PUT /v1/corpora",
				"POST /v1/jobs",
				"GET /v1/jobs"
			]
		);
		assert_eq!(node.sent().len(), 1);

		// Without a request it is found out in time.
		node.service().corpora.clear();
		for _ in 0..10 {
			node.block();
		}
		assert_eq!(node.service().corpora.len(), 1);
	});
}

#[test]
fn what_failed_to_be_indexed_is_tried_again() {
	on_node(1, &[AGENT], |node| {
		node.work();
		node.service().corpora.insert(corpus_id(), json!("failed"));
		node.asked();
		for _ in 0..10 {
			node.block();
		}
		assert_eq!(
			node.asked(),
			["GET /health", "GET /v1/corpora", "PUT /v1/corpora"]
		);
	});
}

#[test]
fn failures_reach_the_chain() {
	for (code, failure) in [
		("missing_library", Failure::MissingLibrary),
		("model_not_found", Failure::ModelNotFound),
		("wrong_hash", Failure::WrongHash),
		("bad_model", Failure::BadModel),
		("bad_input", Failure::BadInput),
		("out_of_time", Failure::OutOfTime),
		("data_unavailable", Failure::DataUnavailable),
		("data_mismatch", Failure::DataMismatch),
		("internal", Failure::Internal),
		("something new", Failure::Internal),
	] {
		on_node(1, &[AGENT], |node| {
			node.service().result = failed(code);
			let id = drawn();
			node.work();
			node.block();
			node.block();
			assert_eq!(ending(id), Ending::Failed(failure), "{code}");
		});
	}
}

#[test]
fn a_missing_library_is_no_reason_to_be_silent() {
	on_node(1, &[AGENT], |node| {
		node.service().onnxruntime = Value::Null;
		node.service().result = failed("missing_library");
		let id = drawn();
		node.work();
		node.block();
		node.block();
		assert_eq!(ending(id), Ending::Failed(Failure::MissingLibrary));
	});
}

#[test]
fn another_version_does_not_take_part() {
	on_node(1, &[AGENT], |node| {
		node.service().onnxruntime = json!("1.30.0");
		drawn();
		node.work();
		assert_eq!(node.asked(), ["GET /health"]);
		assert!(node.sent().is_empty());
		run_to(now() + COMMIT);
	});
}

#[test]
fn another_provider_does_not_take_part() {
	on_node(1, &[AGENT], |node| {
		node.service().provider = "cuda";
		drawn();
		node.work();
		assert_eq!(node.asked(), ["GET /health"]);
		assert!(node.sent().is_empty());
	});
}

#[test]
fn a_node_without_service_or_key_is_silent() {
	on_node(1, &[AGENT], |node| {
		drawn();
		set_text(INFERENCE_URL_KEY, "");
		node.work();
		sp_io::offchain::local_storage_clear(StorageKind::PERSISTENT, INFERENCE_URL_KEY);
		node.work();
		assert!(node.asked().is_empty());
	});
	on_node(1, &[], |node| {
		drawn();
		node.work();
		assert!(node.asked().is_empty());
	});
	// A key that is no agent's.
	on_node(1, &[AGENT + 1], |node| {
		drawn();
		node.work();
		assert!(node.asked().is_empty());
	});
}

#[test]
fn a_service_that_is_down_is_asked_once_a_block() {
	on_node(1, &[AGENT], |node| {
		node.service().down = true;
		let ids = [ask(), drawn()];
		for _ in 0..3 {
			node.block();
			assert_eq!(node.asked().len(), 1);
			assert!(node.sent().is_empty());
		}
		node.service().down = false;
		for _ in 0..3 {
			node.block();
		}
		for id in ids {
			assert!(matches!(ending(id), Ending::Answered(_)));
		}
	});
}

#[test]
fn a_full_queue_is_no_failure() {
	on_node(1, &[AGENT], |node| {
		node.work();
		node.service().queue_full = true;
		let id = drawn();
		node.block();
		assert!(node.sent().is_empty());
		node.service().queue_full = false;
		for _ in 0..3 {
			node.block();
		}
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn an_operator_does_not_contradict_itself() {
	on_node(1, &[AGENT], |node| {
		let id = drawn();
		node.work();
		let first = node.sent();
		assert_eq!(first.len(), 1);
		// The transaction gets lost, the service forgets, and now says something else.
		node.service().jobs.clear();
		node.service().result = found(&[(SECOND, 1, 900_000)]);
		node.work();
		assert!(node.sent().is_empty(), "once in a block");
		run_to(now() + 1);
		node.work();
		let mut again = node.sent();
		let commitment = |calls: &[Call<Test>]| match calls {
			[Call::commit {
				commitment,
				request,
				..
			}] if *request == id => *commitment,
			other => panic!("one commit: {other:?}"),
		};
		assert_eq!(commitment(&first), commitment(&again));
		assert_ne!(
			first, again,
			"signed anew: pools that refused the first look at it"
		);

		// The same for the reveal.
		send(again.remove(0)).expect("valid").1.expect("dispatched");
		node.work();
		assert_eq!(node.sent().len(), 1, "lost as well");
		node.block();
		node.block();
		let Outcome::Answered(expected) = good() else {
			unreachable!("it is an answer")
		};
		assert_eq!(ending(id), Ending::Answered(expected));
	});
}

#[test]
fn an_answer_that_the_chain_refuses_becomes_a_failure() {
	for result in [
		found(&[(LATER, 0, 5)]),
		found(&[(FIRST, ROWS, 5)]),
		found(&[(FIRST, 0, 0)]),
		json!({"state": "done", "result": null, "error": null, "run_ms": 1}),
	] {
		on_node(1, &[AGENT], |node| {
			node.service().result = result;
			let id = drawn();
			node.work();
			node.block();
			node.block();
			assert_eq!(ending(id), Ending::Failed(Failure::Internal));
		});
	}
}

#[test]
fn rounding_above_one_is_put_right() {
	on_node(1, &[AGENT], |node| {
		node.service().result = found(&[(SECOND, 0, 1_000_001), (FIRST, 4, 1_000_000)]);
		let id = drawn();
		node.work();
		node.block();
		node.block();
		let Ending::Answered(answer) = ending(id) else {
			panic!("{:?}", ending(id))
		};
		assert_eq!(
			answer.citations.to_vec(),
			[cite(FIRST, 4, 1_000_000), cite(SECOND, 0, 1_000_000)]
		);
	});
}

#[test]
fn two_keys_on_one_node_share_a_job() {
	on_node(2, &[AGENT, AGENT + 1], |node| {
		let id = drawn();
		node.work();
		node.block();
		assert_eq!(node.service().jobs.len(), 1);
		node.block();
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn a_run_that_has_not_ended_is_not_disturbed() {
	use sp_runtime::offchain::{
		storage_lock::{StorageLock, Time},
		Duration,
	};
	on_node(1, &[AGENT], |node| {
		drawn();
		let mut lock = StorageLock::<Time>::with_deadline(
			b"openledger::inference::lock",
			Duration::from_millis(10_000),
		);
		let guard = lock.try_lock().expect("free");
		node.work();
		assert!(node.asked().is_empty());
		drop(guard);
		node.work();
		assert!(!node.asked().is_empty());
	});
}

#[test]
fn a_run_is_forgotten_after_its_request() {
	on_node(1, &[AGENT], |node| {
		let runs = || {
			sp_io::offchain::local_storage_get(
				StorageKind::PERSISTENT,
				b"openledger::inference::runs",
			)
			.expect("stored")
		};
		let id = drawn();
		node.work();
		let with_one = runs();
		node.block();
		node.block();
		assert!(matches!(ending(id), Ending::Answered(_)));
		for _ in 0..3 {
			node.block();
		}
		assert!(runs().len() >= with_one.len(), "the fork may not last");
		for _ in 0..256 {
			node.block();
		}
		assert_eq!(runs(), vec![0], "an empty list");
	});
}

/// What the service says of generated text.
fn wrote(output: &str, fingerprint: &[i32]) -> Value {
	json!({
		"state": "done",
		"result": {
			"output": hex::encode(output),
			"tokens": [504, 3575, 2],
			"prompt_tokens": 37,
			"finish": "stop",
			"fingerprint": fingerprint,
		},
		"error": null,
		"run_ms": 700,
	})
}

#[test]
fn text_is_generated_from_prompt_and_seed() {
	for (policy, provider, fingerprint) in
		[(EXACT, "cpu", &[][..]), (TOLERANT, "cuda", &[70, -69][..])]
	{
		on_node_of(ExtBuilder::default().generates(policy), &[AGENT], |node| {
			node.service().provider = provider;
			node.service().result = wrote("Paris.", &[70, -69]);
			let id = drawn();
			node.work();
			let calls = node.calls();
			assert_eq!(
				calls.iter().map(Asked::what).collect::<Vec<_>>(),
				["GET /health", "POST /v1/jobs", "GET /v1/jobs"],
				"there is no corpus to put"
			);
			let hash_of = |name: &str| hex::encode(sp_crypto_hashing::sha2_256(name.as_bytes()));
			let seed = Requests::<Test>::get(id)
				.and_then(|request| request.question)
				.expect("drawn")
				.seed;
			assert_eq!(
				calls[1].json(),
				json!({
					"kind": "generate",
					"id": hex::encode(question(id)),
					"graph": hash_of("graph"),
					"tokenizer": hash_of("tokenizer"),
					"generation": hash_of("generation"),
					"input": hex::encode("What is a bit?"),
					"max_tokens": MAX_TOKENS,
					"sampler": {
						"kind": "seeded",
						"seed": hex::encode(seed),
						"temperature": 700,
						"top_k": 40,
						"top_p": 950_000,
					},
					"max_run_ms": 10_000,
				})
			);
			node.block();
			node.block();
			let Outcome::Answered(expected) = said("Paris.", fingerprint) else {
				unreachable!("it is an answer")
			};
			assert_eq!(ending(id), Ending::Answered(expected));
		});
	}
}

#[test]
fn a_question_is_answered_from_the_data() {
	on_node_of(ExtBuilder::default().answers(SAMPLER), &[AGENT], |node| {
		let hash_of = |name: &str| hex::encode(sp_crypto_hashing::sha2_256(name.as_bytes()));
		let passage = |batch, row, score| json!({ "batch": batch, "row": row, "score": score });
		node.service().result = json!({
			"state": "done",
			"result": {
				"output": hex::encode("Paris."),
				"citations": [passage(SECOND, 8, 7_000), passage(FIRST, 3, 30)],
				"passages": [
					{ "batch": SECOND, "row": 8, "relevance": 500_000, "drop": 14_000 },
				],
				"tokens": [504, 3575, 2],
				"prompt_tokens": 300,
				"finish": "stop",
			},
			"error": null,
			"run_ms": 4_000,
		});
		// Ahead of any request, the data are handed over, with their texts.
		node.work();
		let calls = node.calls();
		assert_eq!(
			calls.iter().map(Asked::what).collect::<Vec<_>>(),
			["GET /health", "PUT /v1/corpora"]
		);
		let body = calls[1].json();
		assert_eq!(body["graph"], hash_of("retriever"));
		assert_eq!(body["tokenizer"], hash_of("retriever tokenizer"));
		assert_eq!(body["texts"], true);
		assert_eq!(body["batches"].as_array().map(Vec::len), Some(2));

		let id = drawn();
		node.work();
		let seed = Requests::<Test>::get(id)
			.and_then(|request| request.question)
			.expect("drawn")
			.seed;
		assert_eq!(
			node.calls()[1].json(),
			json!({
				"kind": "answer",
				"id": hex::encode(question(id)),
				"graph": hash_of("graph"),
				"tokenizer": hash_of("tokenizer"),
				"generation": hash_of("generation"),
				"retriever": hash_of("retriever"),
				"retriever_tokenizer": hash_of("retriever tokenizer"),
				"corpus": corpus_id(),
				"input": hex::encode("What is a bit?"),
				"top_k": TOP_K,
				"max_tokens": MAX_TOKENS,
				"sampler": {
					"kind": "seeded",
					"seed": hex::encode(seed),
					"temperature": 700,
					"top_k": 40,
					"top_p": 950_000,
				},
				"max_run_ms": 10_000,
			})
		);
		node.block();
		node.block();
		let expected = grounded("Paris.", &[cite(SECOND, 8, 7_000), cite(FIRST, 3, 30)]);
		let Outcome::Answered(expected) = expected else {
			unreachable!("it is an answer")
		};
		assert_eq!(ending(id), Ending::Answered(expected));
	});
}

#[test]
fn an_answer_that_says_nothing_or_cites_nothing_it_could_becomes_a_failure() {
	let passage = |batch| json!([{ "batch": batch, "row": 8, "score": 7_000 }]);
	for (output, citations) in [("", passage(SECOND)), ("Paris.", passage(LATER))] {
		on_node_of(ExtBuilder::default().answers(SAMPLER), &[AGENT], |node| {
			node.service().result = json!({
				"state": "done",
				"result": { "output": hex::encode(output), "citations": citations },
				"error": null,
			});
			node.work();
			let id = drawn();
			node.work();
			node.block();
			node.block();
			assert_eq!(ending(id), Ending::Failed(Failure::Internal));
		});
	}
}

#[test]
fn a_linked_question_is_handed_over_with_its_locator() {
	on_node_of(ExtBuilder::default().generates(EXACT), &[AGENT], |node| {
		node.service().result = wrote("Paris.", &[]);
		let id = ask_linked();
		run_to(now() + DELAY);
		node.work();
		let calls = node.calls();
		assert_eq!(
			calls[1].json()["input"],
			json!({
				"content": hex::encode(sp_crypto_hashing::sha2_256(b"What is a bit?")),
				"bytes": 14,
				"locator": "https://example.org/input",
			})
		);
		node.block();
		node.block();
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn a_missing_input_is_a_failure_of_its_own_if_it_is_linked() {
	for (is_linked, failure) in [
		(true, Failure::InputUnavailable),
		(false, Failure::Internal),
	] {
		on_node(1, &[AGENT], |node| {
			node.service().result = failed("input_unavailable");
			let id = if is_linked { ask_linked() } else { ask() };
			run_to(now() + DELAY);
			node.work();
			node.block();
			node.block();
			assert_eq!(ending(id), Ending::Failed(failure));
		});
	}
}

#[test]
fn long_text_reaches_the_chain_as_its_hash() {
	let linked_text = |content: &str, bytes: u32| {
		let mut result = wrote("", &[]);
		result["result"]["output"] = json!({ "content": content, "bytes": bytes });
		result
	};
	let content = hex::encode([0xAB; 32]);
	for (result, expected) in [
		(linked_text(&content, 5_000), true),
		// Not what the chain would take.
		(linked_text(&content, 4_096), false),
		(linked_text("abcd", 5_000), false),
		(wrote(&"x".repeat(4_097), &[]), false),
	] {
		on_node_of(ExtBuilder::default().generates(EXACT), &[AGENT], |node| {
			node.service().result = result.clone();
			let id = drawn();
			node.work();
			node.block();
			node.block();
			let Ending::Answered(answer) = ending(id) else {
				assert!(!expected, "{result}");
				assert_eq!(ending(id), Ending::Failed(Failure::Internal));
				return;
			};
			assert!(expected, "{result}");
			assert_eq!(
				answer.output,
				Output::Linked {
					content: ContentHash([0xAB; 32]),
					bytes: 5_000
				}
			);
		});
	}
}

#[test]
fn a_result_of_another_kind_is_a_failure() {
	on_node_of(ExtBuilder::default().generates(EXACT), &[AGENT], |node| {
		let id = drawn();
		node.work();
		node.block();
		node.block();
		assert_eq!(ending(id), Ending::Failed(Failure::Internal));
	});
	on_node(1, &[AGENT], |node| {
		node.service().result = wrote("Paris.", &[]);
		let id = drawn();
		node.work();
		node.block();
		node.block();
		assert_eq!(ending(id), Ending::Failed(Failure::Internal));
	});
}

#[test]
fn a_newcomer_answers_the_same_question() {
	let chain = ExtBuilder::default().agents(7).committee(3);
	let keys: Vec<_> = (AGENT..AGENT + 7).collect();
	// A node with all keys, most of which it does not use at first.
	on_node_of(chain, &keys, |node| {
		let id = drawn();
		node.service().down = true;
		for _ in 0..COMMIT + DELAY {
			node.block();
		}
		assert_eq!(committee(id).len(), 7);
		node.service().down = false;
		for _ in 0..3 {
			node.block();
		}
		assert!(matches!(ending(id), Ending::Answered(_)), "four of seven");
		assert_eq!(node.service().jobs.len(), 1);
		assert_eq!(Offences::get().len(), 3, "those that missed their turn");
	});
}
