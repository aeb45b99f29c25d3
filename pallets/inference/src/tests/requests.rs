//! Asking, taking back, and what is held and given back.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{protocol, traits::ModelRegistry, Failure, Outcome};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{DispatchError, TokenError};

use super::E;
use crate::{
	mock::*, types::Phase, Ending, Event, HoldReason, OpenRequests, Outcomes, Receipts, Requests,
};

const QUESTION: &str = "What is a bit?";

#[test]
fn asking_holds_fee_and_deposit_and_draws_nobody_yet() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			inline(QUESTION),
			FEE,
			2
		));
		let deposit = RECORD + PER_BYTE * QUESTION.len() as u128;
		assert_eq!(held(HoldReason::Fee, PAYER), FEE);
		assert_eq!(held(HoldReason::Record, PAYER), deposit);
		let request = Requests::<Test>::get(0).expect("open");
		assert_eq!(request.payer, account(PAYER));
		assert_eq!((request.model, request.version), (MODEL, 0));
		assert_eq!(request.input, inline(QUESTION));
		assert_eq!((request.units, request.min_committee), (1, 2));
		assert_eq!(request.phase, Phase::Draw);
		assert_eq!((request.made_at, request.since), (1, 1));
		assert_eq!(request.until, 1 + DELAY);
		assert_eq!(request.question, None);
		assert!(request.committee.is_empty());
		assert_eq!(OpenRequests::<Test>::get(), 1);
		System::assert_last_event(
			Event::Requested {
				request: 0,
				payer: account(PAYER),
				model: MODEL,
				version: 0,
				fee: FEE,
				deposit,
				draw_at: 1 + DELAY,
			}
			.into(),
		);
		assert_eq!(ask(), 1, "ids ascend");
	});
}

#[test]
fn the_committee_is_drawn_in_its_block() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		run_to(DELAY);
		assert!(committee(id).is_empty());
		run_to(1 + DELAY);
		let request = Requests::<Test>::get(id).expect("open");
		assert_eq!(request.phase, Phase::Commit);
		assert_eq!(request.since, 1 + DELAY);
		assert_eq!(request.until, 1 + DELAY + COMMIT);
		let question = request.question.expect("drawn");
		let spec = Models::spec(MODEL, 0).expect("there").id();
		let input = H256(blake2_256(QUESTION.as_bytes()));
		assert_eq!(
			question.hash,
			protocol::question(&System::block_hash(0), id, &spec, &question.seed, &input)
		);
		let mut members = committee(id);
		System::assert_last_event(
			Event::Drawn {
				request: id,
				question: question.hash,
				seed: question.seed,
				committee: members
					.iter()
					.map(|n| account(*n))
					.collect::<Vec<_>>()
					.try_into()
					.expect("few"),
				commit_until: 1 + DELAY + COMMIT,
			}
			.into(),
		);
		members.sort();
		assert_eq!(members, [AGENT, AGENT + 1, AGENT + 2]);
		for n in members {
			assert_eq!(Inference::assigned_to(account(n)), vec![0]);
		}
	});
}

#[test]
fn the_seed_is_that_of_the_draws_block_and_each_requests_own() {
	let seed_of = |luck| {
		ExtBuilder::default().agents(3).build_and_execute(|| {
			let ids = [ask(), ask()];
			run_to(DELAY);
			Luck::set(luck);
			run_to(1 + DELAY);
			ids.map(|id| {
				let question = Requests::<Test>::get(id).expect("open").question;
				question.expect("drawn").seed
			})
		})
	};
	let [first, second] = seed_of(0);
	assert_ne!(first, second);
	assert_ne!(
		first,
		seed_of(1)[0],
		"what is known before the draw does not decide it"
	);
}

#[test]
fn asking_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let ask = |model, input: &str, cap, least| {
			Inference::request(signed(PAYER), model, inline(input), cap, least)
		};
		assert_noop!(ask(MODEL, "", FEE, 1), E::EmptyInput);
		assert_noop!(ask(MODEL, "x", FEE - 1, 1), E::FeeCapTooLow);
		assert_noop!(ask(MODEL, "x", FEE, 0), E::CommitteeOutOfRange);
		assert_noop!(ask(MODEL, "x", FEE, 8), E::CommitteeOutOfRange);
		assert_noop!(ask(MODEL, "x", 7 * FEE, 2), E::NoOperator);
		assert_noop!(
			ask(MODEL + 1, "x", FEE, 1),
			pallet_models::Error::<Test>::UnknownModel
		);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_noop!(
			ask(MODEL, "x", FEE, 1),
			pallet_models::Error::<Test>::Paused
		);
		assert_ok!(Models::resume(signed(OWNER), MODEL));
		let tenants = openledger_primitives::model::Audience::Tenants;
		assert_ok!(Models::set_audience(signed(OWNER), MODEL, tenants));
		assert_noop!(
			ask(MODEL, "x", FEE, 1),
			pallet_models::Error::<Test>::TenantsOnly
		);
		Renter::set(Some(account(PAYER)));
		assert_noop!(
			Inference::request(RuntimeOrigin::none(), MODEL, inline("x"), FEE, 1),
			DispatchError::BadOrigin
		);
		assert_ok!(Balances::force_set_balance(
			RuntimeOrigin::root(),
			account(PAYER),
			FEE + RECORD
		));
		assert_noop!(ask(MODEL, "x", FEE, 1), TokenError::FundsUnavailable);
		MaxOpen::set(0);
		assert_noop!(ask(MODEL, "x", FEE, 1), E::Busy);
		MaxOpen::set(1);
		Agents::set_active(AGENT, false);
		assert_noop!(ask(MODEL, "x", FEE, 1), E::NoOperator);
	});
}

#[test]
fn only_agents_that_can_meet_the_policy_count() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let profile = |version| openledger_primitives::model::Profile {
			provider: openledger_primitives::model::Provider::Cpu,
			onnxruntime: version,
			memory: 1_024,
		};
		Agents::set_profile(AGENT, profile([1, 30, 0]));
		let id = drawn();
		assert_eq!(committee(id), [AGENT + 1]);
		Agents::set_profile(AGENT + 1, profile([1, 30, 0]));
		assert_noop!(
			Inference::request(signed(PAYER), MODEL, inline("x"), FEE, 1),
			E::NoOperator
		);
	});
}

#[test]
fn a_request_is_taken_back() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(PAYER);
		let id = ask();
		let deposit = held(HoldReason::Record, PAYER);
		assert_noop!(Inference::cancel(signed(OTHER), id), E::NotPayer);
		assert_noop!(Inference::cancel(signed(PAYER), id + 1), E::UnknownRequest);
		run_to(now() + DELAY - 2);
		assert_ok!(Inference::cancel(signed(PAYER), id));
		System::assert_last_event(
			Event::Cancelled {
				request: id,
				payer: account(PAYER),
				refunded: FEE,
				deposit,
			}
			.into(),
		);
		assert_eq!(free(PAYER), before, "to the last unit");
		assert!(Requests::<Test>::get(id).is_none());
		assert!(Receipts::<Test>::get(id).is_none());
		assert_noop!(Inference::cancel(signed(PAYER), id), E::UnknownRequest);
		run_to(now() + DELAY);
		assert!(Released::get().is_empty(), "nobody was assigned");
	});
}

#[test]
fn a_request_cannot_be_taken_back_once_the_seed_can_be_known() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		run_to(now() + DELAY - 1);
		assert_noop!(Inference::cancel(signed(PAYER), id), E::TooLate);
		run_to(now() + 1);
		assert_noop!(Inference::cancel(signed(PAYER), id), E::AlreadyDrawn);
	});
}

#[test]
fn too_few_agents_at_the_draw_are_refunded() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(PAYER);
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			inline("x"),
			FEE,
			2
		));
		Agents::set_active(AGENT, false);
		Agents::set_active(AGENT + 1, false);
		run_to(1 + DELAY);
		assert_eq!(ending(0), Ending::NoOperator);
		assert!(has_event(Event::NotDrawn {
			request: 0,
			payer: account(PAYER),
			refunded: FEE,
		}));
		assert!(Released::get().is_empty() && Offences::get().is_empty());
		assert_eq!(OpenRequests::<Test>::get(), 0);
		// There is no evidence that it would have to stay for.
		assert_ok!(Inference::forget(signed(PAYER), 0));
		assert_eq!(free(PAYER), before);
	});
}

#[test]
fn fewer_agents_than_usual_will_do_if_the_payer_accepts_it() {
	ExtBuilder::default()
		.agents(2)
		.committee(3)
		.build_and_execute(|| {
			let id = drawn();
			assert_eq!(committee(id).len(), 2);
			run_committee(id, &[(AGENT, good()), (AGENT + 1, good())]);
			assert!(matches!(ending(id), Ending::Answered(_)));
		});
}

#[test]
fn a_larger_committee_costs_in_proportion() {
	ExtBuilder::default()
		.agents(6)
		.committee(3)
		.build_and_execute(|| {
			let ask =
				|cap, least| Inference::request(signed(PAYER), MODEL, inline("x"), cap, least);
			// Five thirds, rounded up.
			let fee = (5 * FEE).div_ceil(3);
			assert_noop!(ask(fee - 1, 5), E::FeeCapTooLow);
			assert_ok!(ask(fee, 5));
			assert_eq!(held(HoldReason::Fee, PAYER), fee);
			assert_eq!(Requests::<Test>::get(0).expect("open").units, 2);
			run_to(1 + DELAY);
			assert_eq!(committee(0).len(), 5);
		});
}

#[test]
fn an_answer_is_paid_for() {
	ExtBuilder::default().build_and_execute(|| {
		let issuance = Balances::total_issuance();
		let before = free(PAYER);
		let id = drawn();
		run_committee(id, &[(AGENT, good())]);

		let Outcome::Answered(expected) = good() else {
			unreachable!("it is an answer")
		};
		let receipt = Receipts::<Test>::get(id).expect("it has ended");
		assert_eq!(receipt.ending, Ending::Answered(expected));
		assert_eq!(receipt.input_hash, H256(blake2_256(QUESTION.as_bytes())));
		assert_eq!(
			(receipt.fee, receipt.made_at, receipt.ended_at),
			(FEE, 1, 1 + DELAY)
		);
		assert!(Requests::<Test>::get(id).is_none());
		assert_eq!(Outcomes::<Test>::iter().count(), 0);
		assert!(has_event(Event::Answered {
			request: id,
			payer: account(PAYER),
			model: MODEL,
			version: 0,
			fee: FEE,
			outcome: good().hash(),
			operators: vec![account(AGENT)].try_into().expect("one"),
		}));

		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		let deposit = held(HoldReason::Record, PAYER);
		assert_eq!(free(PAYER), before - FEE - deposit);
		let burned = issuance - Balances::total_issuance();
		// 5 % burned, 5 % to the treasury, the rest credited: all of it, to the last unit.
		assert!(burned.abs_diff(FEE / 20) <= 1, "{burned}");
		let treasury = free(TREASURY) - RICH;
		assert!(treasury.abs_diff(FEE / 20) <= 1, "{treasury}");
		let (first, second) = (credit(CONTRIBUTOR), credit(SECOND_CONTRIBUTOR));
		assert_eq!(
			burned + treasury + credit(OWNER) + credit(AGENT) + first + second,
			FEE
		);
		assert!(
			first > second && second > 0,
			"the weights are 700,000 against 599,999"
		);
		assert_eq!(released(AGENT), agreed(0));
	});
}

#[test]
fn an_agreed_failure_is_refunded() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(PAYER);
		let id = drawn();
		run_committee(id, &[(AGENT, Outcome::Failed(Failure::WrongHash))]);
		assert_eq!(ending(id), Ending::Failed(Failure::WrongHash));
		assert!(has_event(Event::RunFailed {
			request: id,
			payer: account(PAYER),
			failure: Failure::WrongHash,
			refunded: FEE,
		}));
		forget(id);
		assert_eq!(free(PAYER), before, "to the last unit");
	});
}

#[test]
fn an_operator_that_never_answers_costs_the_payer_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(PAYER);
		let issuance = Balances::total_issuance();
		let id = drawn();
		run_to(now() + COMMIT - 1);
		assert_eq!(held(HoldReason::Fee, PAYER), FEE);
		run_to(now() + 1 + DELAY);
		assert_eq!(ending(id), Ending::Unanswered, "nobody else is there");
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		assert!(has_event(Event::Unanswered {
			request: id,
			payer: account(PAYER),
			refunded: FEE
		}));
		forget(id);
		assert_eq!(free(PAYER), before, "to the last unit");
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_receipt_is_forgotten_by_its_payer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		assert_noop!(Inference::forget(signed(PAYER), id), E::UnknownReceipt);
		run_committee(id, &[(AGENT, good())]);
		assert!(pallet_attribution::Records::<Test>::contains_key(id));
		assert_noop!(Inference::forget(signed(OTHER), id), E::NotPayer);
		run_to(now() + EVIDENCE - 1);
		assert_noop!(Inference::forget(signed(PAYER), id), E::TooEarly);
		run_to(now() + 1);
		let deposit = held(HoldReason::Record, PAYER);
		assert_ok!(Inference::forget(signed(PAYER), id));
		System::assert_last_event(
			Event::Forgotten {
				request: id,
				payer: account(PAYER),
				deposit,
			}
			.into(),
		);
		assert_eq!(held(HoldReason::Record, PAYER), 0);
		assert!(!pallet_attribution::Records::<Test>::contains_key(id));
		assert_noop!(Inference::forget(signed(PAYER), id), E::UnknownReceipt);
	});
}

#[test]
fn a_receipt_is_forgotten_in_time() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		run_committee(id, &[(AGENT, good())]);
		run_to(now() + RETENTION - 1);
		assert!(Receipts::<Test>::contains_key(id));
		run_to(now() + 1);
		assert!(!Receipts::<Test>::contains_key(id));
		assert_eq!(held(HoldReason::Record, PAYER), 0);
		assert!(!pallet_attribution::Records::<Test>::contains_key(id));
	});
}
