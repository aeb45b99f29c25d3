//! Inputs that operators fetch, outputs that they hand out, and payers that serve only some.

use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	answer::{MAX_LINKED_OUTPUT, MAX_OUTPUT},
	data::Locator,
	input::LinkedInput,
	protocol,
	traits::{ModelRegistry, Offence, Performance},
	Answer, ContentHash, Failure, Outcome, Output, RequestId,
};
use sp_runtime::{DispatchError, DispatchResult};

use super::{assert_invalid, E};
use crate::{canary_hash, mock::*, Ending, Event, HoldReason, Input, Receipts, Requests};

const QUESTION: &str = "What is a bit?";

fn with(change: impl FnOnce(&mut LinkedInput)) -> Input<Test> {
	let Input::Linked(mut input) = linked(QUESTION) else {
		unreachable!("it is linked")
	};
	change(&mut input);
	Input::Linked(input)
}

fn request(input: Input<Test>, cap: u128) -> DispatchResult {
	Inference::request(signed(PAYER), MODEL, input, cap, 1)
}

/// A linked question, and its committee.
fn drawn_linked() -> (RequestId, Vec<u8>) {
	let id = ask_linked();
	run_to(now() + DELAY);
	(id, committee(id))
}

/// Seven agents, of whom three answer.
fn seven() -> ExtBuilder {
	ExtBuilder::default().agents(7).committee(3)
}

#[test]
fn a_linked_input_costs_what_it_says_and_a_deposit_for_what_is_kept() {
	ExtBuilder::default().build_and_execute(|| {
		let input = with(|input| input.bytes = 20_000);
		// 20,000 bytes and what the chain keeps of them.
		let fee = FEE * 20_000u128.div_ceil(256);
		assert_noop!(request(input.clone(), fee - 1), E::FeeCapTooLow);
		assert_ok!(request(input.clone(), fee));
		assert_eq!(held(HoldReason::Fee, PAYER), fee);
		let Input::Linked(kept) = &input else {
			unreachable!("it is linked")
		};
		assert_eq!(
			held(HoldReason::Record, PAYER),
			RECORD + PER_BYTE * kept.encoded_size() as u128
		);
		assert_eq!(Requests::<Test>::get(0).expect("open").input, input);
	});
}

#[test]
fn a_linked_input_that_cannot_be_fetched_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let refused = |change: fn(&mut LinkedInput)| request(with(change), u128::MAX);
		assert_noop!(refused(|input| input.bytes = 0), E::EmptyInput);
		assert_noop!(
			refused(|input| input.bytes = MAX_LINKED + 1),
			E::InputTooLarge
		);
		assert_noop!(refused(|input| input.locator = Locator::None), E::NoLocator);
		assert_ok!(refused(|input| input.bytes = MAX_LINKED));
	});
}

#[test]
fn operators_sign_for_the_hash_of_what_they_fetch() {
	ExtBuilder::default().build_and_execute(|| {
		let (id, _) = drawn_linked();
		let question = Requests::<Test>::get(id).expect("open").question;
		let question = question.expect("drawn");
		let spec = Models::spec(MODEL, 0).expect("there").id();
		let signed_for = |input: Input<Test>| {
			let genesis = System::block_hash(0);
			protocol::question(&genesis, id, &spec, &question.seed, &input.digest())
		};
		assert_eq!(question.hash, signed_for(linked(QUESTION)));
		assert_ne!(question.hash, signed_for(inline(QUESTION)));
		run_committee(id, &[(AGENT, good())]);
		let receipt = Receipts::<Test>::get(id).expect("it has ended");
		assert_eq!(receipt.input_hash, linked(QUESTION).digest());
		assert!(matches!(receipt.ending, Ending::Answered(_)));
	});
}

#[test]
fn a_rubbish_locator_is_refunded() {
	seven().build_and_execute(|| {
		let before = free(PAYER);
		let (id, seats) = drawn_linked();
		run_committee(
			id,
			&seats
				.iter()
				.map(|n| (*n, unavailable()))
				.collect::<Vec<_>>(),
		);
		assert_eq!(ending(id), Ending::Failed(Failure::InputUnavailable));
		assert!(has_event(Event::RunFailed {
			request: id,
			payer: account(PAYER),
			failure: Failure::InputUnavailable,
			refunded: FEE,
		}));
		for n in seats {
			assert_eq!(released(n), Performance::Released, "no merit in it");
			assert_eq!(credit(n), 0);
		}
		assert!(Offences::get().is_empty());
		forget(id);
		assert_eq!(free(PAYER), before, "to the last unit");
	});
}

#[test]
fn whom_the_payer_did_not_serve_is_not_blamed() {
	seven().build_and_execute(|| {
		let (id, seats) = drawn_linked();
		run_committee(
			id,
			&[
				(seats[0], good()),
				(seats[1], unavailable()),
				(seats[2], good()),
			],
		);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(released(seats[0]), agreed(0));
		assert_eq!(released(seats[1]), Performance::Released);
		assert!(Offences::get().is_empty(), "nobody is slashed");
		assert_eq!(credit(seats[1]), 0, "nor paid");
		assert!(credit(seats[0]) > 0);
	});
	// It protects from nothing else: who could fetch it and failed otherwise is as good as absent.
	seven().build_and_execute(|| {
		let (id, seats) = drawn_linked();
		let failed = Outcome::Failed(Failure::DataUnavailable);
		run_committee(
			id,
			&[(seats[0], good()), (seats[1], failed), (seats[2], good())],
		);
		assert_eq!(released(seats[1]), Performance::Absent);
		assert_eq!(Offences::get(), [(seats[1], Offence::NoCommit, None)]);
	});
}

#[test]
fn an_input_on_the_chain_is_there() {
	seven().build_and_execute(|| {
		let id = drawn();
		let seats = committee(id);
		for n in &seats[..2] {
			commit(*n, id, &good());
		}
		commit(seats[2], id, &unavailable());
		assert_invalid(
			send(reveal_call(seats[2], id, &unavailable())),
			E::MalformedAnswer,
		);
		reveal(seats[0], id, &good());
		reveal(seats[1], id, &good());
		run_to(now() + REVEAL);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(Offences::get(), [(seats[2], Offence::NoReveal, None)]);
	});
}

/// One of three gets the input and answers, so that others are asked. Returns all seats.
fn served_to_one(id: RequestId, seats: &[u8]) -> Vec<u8> {
	run_committee(
		id,
		&[
			(seats[0], good()),
			(seats[1], unavailable()),
			(seats[2], unavailable()),
		],
	);
	assert_eq!(held(HoldReason::Fee, PAYER), FEE, "nothing is decided yet");
	run_to(now() + DELAY);
	committee(id)
}

#[test]
fn serving_few_buys_no_answers_for_nothing() {
	seven().build_and_execute(|| {
		let issuance = Balances::total_issuance();
		let (before, treasury) = (free(PAYER), free(TREASURY));
		let (id, seats) = drawn_linked();
		let seats = served_to_one(id, &seats);
		assert_eq!(seats.len(), 7);
		// The newcomers do not get it either, but the first answer is public.
		let say = [good(), good(), unavailable(), unavailable()];
		run_committee(id, &seats[3..].iter().copied().zip(say).collect::<Vec<_>>());
		assert_eq!(ending(id), Ending::Failed(Failure::InputUnavailable));
		assert!(has_event(Event::Forfeited {
			request: id,
			payer: account(PAYER),
			forfeited: FEE,
		}));
		assert!(has_event(Event::RunFailed {
			request: id,
			payer: account(PAYER),
			failure: Failure::InputUnavailable,
			refunded: 0,
		}));
		for n in seats {
			assert_eq!(
				credit(n),
				0,
				"nor does it pay to answer what nobody can check"
			);
			assert_eq!(released(n), Performance::Released);
		}
		assert!(Offences::get().is_empty());
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		forget(id);
		assert_eq!(free(PAYER), before - FEE);
		assert_eq!(free(TREASURY), treasury + FEE);
		assert_eq!(Balances::total_issuance(), issuance);
	});
	// Nor does it help to ask for the largest committee at once.
	seven().build_and_execute(|| {
		let fee = (7 * FEE).div_ceil(3);
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			linked(QUESTION),
			fee,
			7
		));
		run_to(now() + DELAY);
		let mut say = vec![unavailable(); 7];
		say[3] = good();
		run_committee(0, &committee(0).into_iter().zip(say).collect::<Vec<_>>());
		assert!(has_event(Event::Forfeited {
			request: 0,
			payer: account(PAYER),
			forfeited: fee,
		}));
	});
}

#[test]
fn two_that_get_nowhere_do_not_cost_an_honest_payer_its_fee() {
	seven().build_and_execute(|| {
		let (id, seats) = drawn_linked();
		let seats = served_to_one(id, &seats);
		run_committee(
			id,
			&seats[3..].iter().map(|n| (*n, good())).collect::<Vec<_>>(),
		);
		assert!(matches!(ending(id), Ending::Answered(_)), "five of seven");
		for n in &seats[1..3] {
			assert_eq!(released(*n), Performance::Released);
			assert_eq!(credit(*n), 0);
		}
		assert!(credit(seats[0]) > 0);
		assert!(Offences::get().is_empty());
	});
	// Without others to ask nobody knows whose fault it is.
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(PAYER);
		let (id, seats) = drawn_linked();
		let seats = served_to_one(id, &seats);
		assert_eq!(seats.len(), 3);
		assert_eq!(ending(id), Ending::Failed(Failure::InputUnavailable));
		assert!(Offences::get().is_empty());
		forget(id);
		assert_eq!(free(PAYER), before);
	});
}

#[test]
fn what_an_equivocator_said_forfeits_nothing() {
	use openledger_primitives::protocol::commit_message;
	use sp_core::{Pair, H256};
	seven().build_and_execute(|| {
		let before = free(PAYER);
		let (id, seats) = drawn_linked();
		for (n, outcome) in [
			(seats[0], good()),
			(seats[1], unavailable()),
			(seats[2], unavailable()),
		] {
			commit(n, id, &outcome);
		}
		reveal(seats[0], id, &good());
		let [one, two] = [1, 2].map(|byte| {
			let commitment = H256::repeat_byte(byte);
			crate::SignedCommitment {
				commitment,
				signature: operator(seats[0]).sign(&commit_message(&question(id), &commitment)),
			}
		});
		assert_ok!(Inference::report_equivocation(
			signed(OTHER),
			id,
			key(seats[0]),
			one,
			two
		));
		reveal(seats[1], id, &unavailable());
		reveal(seats[2], id, &unavailable());
		assert_eq!(ending(id), Ending::Failed(Failure::InputUnavailable));
		forget(id);
		assert_eq!(free(PAYER), before);
	});
}

#[test]
fn always_saying_that_it_is_not_there_earns_nothing() {
	seven().build_and_execute(|| {
		let lazy = AGENT;
		let mut served = 0;
		for luck in 0..12 {
			Luck::set(luck);
			let (id, seats) = drawn_linked();
			let say = |n: u8| if n == lazy { unavailable() } else { good() };
			run_committee(id, &seats.iter().map(|n| (*n, say(*n))).collect::<Vec<_>>());
			assert!(matches!(ending(id), Ending::Answered(_)));
			if seats.contains(&lazy) {
				served += 1;
				assert_eq!(released(lazy), Performance::Released);
			}
		}
		assert!(served > 0, "it was drawn");
		assert_eq!(credit(lazy), 0);
	});
}

#[test]
fn canaries_know_linked_questions_too() {
	let asked = |expected: &Outcome| {
		let digest = linked(QUESTION).digest();
		let hash = canary_hash(
			&account(OTHER),
			MODEL,
			0,
			&digest,
			&expected.hash(),
			&[5; 32],
		);
		assert_ok!(Inference::commit_canary(signed(OTHER), hash));
		run_to(now() + 1);
		drawn_linked()
	};
	let reveal_canary = |id, input, expected: &Outcome| {
		Inference::reveal_canary(
			signed(OTHER),
			id,
			input,
			expected.clone(),
			[5; 32],
			u128::MAX,
		)
	};
	// Right, wherever its owner has the question from.
	seven().build_and_execute(|| {
		let (id, seats) = asked(&good());
		run_committee(id, &seats.iter().map(|n| (*n, good())).collect::<Vec<_>>());
		assert_noop!(
			reveal_canary(id, inline(QUESTION), &good()),
			E::UnknownCanary
		);
		let elsewhere = with(|input| input.locator = Locator::None);
		assert_ok!(reveal_canary(id, elsewhere, &good()));
		assert_eq!(held(HoldReason::Canary, OTHER), 0);
	});
	// Wrong: others run it again, if they can fetch it from where the owner says.
	for (again, blamed) in [(good(), 3), (unavailable(), 0)] {
		seven().build_and_execute(|| {
			let (id, seats) = asked(&good());
			run_committee(id, &seats.iter().map(|n| (*n, other())).collect::<Vec<_>>());
			let nowhere = with(|input| input.locator = Locator::None);
			assert_noop!(reveal_canary(id, nowhere, &good()), E::NoLocator);
			assert_ok!(reveal_canary(id, linked(QUESTION), &good()));
			run_to(now() + DELAY);
			let second = committee(id + 1);
			run_committee(
				id + 1,
				&second
					.iter()
					.map(|n| (*n, again.clone()))
					.collect::<Vec<_>>(),
			);
			assert_eq!(Offences::get().len(), blamed);
			assert_eq!(held(HoldReason::Canary, OTHER), 0);
			assert!(has_event(Event::CanaryReturned {
				owner: account(OTHER),
				canary: canary_hash(
					&account(OTHER),
					MODEL,
					0,
					&linked(QUESTION).digest(),
					&good().hash(),
					&[5; 32]
				),
				deposit: CANARY,
			}));
		});
	}
}

/// Text that is too long for the chain, of so many bytes.
fn long(bytes: u32, text: &str) -> Outcome {
	Outcome::Answered(Answer {
		output: Output::Linked {
			content: ContentHash::of(text.as_bytes()),
			bytes,
		},
		..Answer::default()
	})
}

#[test]
fn long_output_is_agreed_on_by_its_hash() {
	ExtBuilder::default()
		.agents(3)
		.generates(EXACT)
		.build_and_execute(|| {
			let id = drawn();
			run_committee(
				id,
				&[
					(AGENT, long(5_000, "a story")),
					(AGENT + 1, long(5_000, "another story")),
					(AGENT + 2, long(5_000, "a story")),
				],
			);
			run_to(now() + DELAY);
			let Outcome::Answered(expected) = long(5_000, "a story") else {
				unreachable!("it is an answer")
			};
			assert_eq!(ending(id), Ending::Answered(expected));
			assert_eq!(Offences::get(), [(AGENT + 1, Offence::WrongResult, None)]);
		});
}

#[test]
fn an_output_has_the_form_for_its_size() {
	for (bytes, good) in [
		(0, false),
		(MAX_OUTPUT, false),
		(MAX_OUTPUT + 1, true),
		(MAX_LINKED_OUTPUT, true),
		(MAX_LINKED_OUTPUT + 1, false),
	] {
		let checked = |builder: ExtBuilder| {
			builder.build_and_execute(|| {
				Inference::check_outcome(MODEL, 0, &long(bytes, "x")).map_err(DispatchError::from)
			})
		};
		let expected = if good {
			Ok(())
		} else {
			Err(E::MalformedAnswer.into())
		};
		assert_eq!(
			checked(ExtBuilder::default().generates(EXACT)),
			expected,
			"{bytes}"
		);
		// Passages are no text.
		assert_eq!(
			checked(ExtBuilder::default()),
			Err(E::MalformedAnswer.into())
		);
	}
}
