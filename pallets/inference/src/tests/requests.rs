//! Asking, and what is held and given back.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::Failure;
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::TokenError;

use super::E;
use crate::{mock::*, types::Phase, Ending, Event, HoldReason, Outcomes, Receipts, Requests};
use openledger_primitives::Outcome;

const QUESTION: &str = "What is a bit?";

#[test]
fn asking_holds_fee_and_deposit_and_draws_the_committee() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			text(QUESTION),
			PRICE,
			MAX_LIFETIME
		));
		let deposit = RECORD + PER_BYTE * QUESTION.len() as u128;
		assert_eq!(held(HoldReason::Fee, PAYER), PRICE);
		assert_eq!(held(HoldReason::Record, PAYER), deposit);
		let request = Requests::<Test>::get(0).expect("open");
		assert_eq!(request.payer, account(PAYER));
		assert_eq!((request.model, request.version), (MODEL, 0));
		assert_eq!(request.input.to_vec(), QUESTION.as_bytes());
		assert_eq!(request.phase, Phase::Commit);
		assert_eq!(request.made_at, 1);
		assert_eq!(request.commit_until, 1 + COMMIT);
		assert_eq!(request.reveal_until, 1 + COMMIT + REVEAL);
		assert_eq!(request.forget_at, 1 + COMMIT + REVEAL + RETENTION);
		let mut members = committee(0);
		System::assert_last_event(
			Event::Requested {
				request: 0,
				payer: account(PAYER),
				model: MODEL,
				version: 0,
				fee: PRICE,
				deposit,
				commit_until: 1 + COMMIT,
				reveal_until: 1 + COMMIT + REVEAL,
				committee: members
					.iter()
					.map(|n| account(*n))
					.collect::<Vec<_>>()
					.try_into()
					.expect("few"),
			}
			.into(),
		);
		members.sort();
		assert_eq!(members, [AGENT, AGENT + 1, AGENT + 2]);
		for n in members {
			assert_eq!(Inference::assigned_to(account(n)), vec![0]);
		}
		assert_eq!(ask(), 1, "ids ascend");
	});
}

#[test]
fn asking_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let ask = |model, input: &str, cap, lifetime| {
			Inference::request(signed(PAYER), model, text(input), cap, lifetime)
		};
		assert_noop!(ask(MODEL, "", PRICE, MAX_LIFETIME), E::EmptyInput);
		assert_noop!(ask(MODEL, "x", PRICE - 1, MAX_LIFETIME), E::FeeCapTooLow);
		assert_noop!(
			ask(MODEL, "x", PRICE, MIN_LIFETIME - 1),
			E::LifetimeOutOfRange
		);
		assert_noop!(
			ask(MODEL, "x", PRICE, MAX_LIFETIME + 1),
			E::LifetimeOutOfRange
		);
		assert_noop!(
			ask(MODEL + 1, "x", PRICE, MAX_LIFETIME),
			pallet_models::Error::<Test>::UnknownModel
		);
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_noop!(
			ask(MODEL, "x", PRICE, MAX_LIFETIME),
			pallet_models::Error::<Test>::Paused
		);
		assert_ok!(Models::resume(signed(OWNER), MODEL));
		assert_noop!(
			Inference::request(RuntimeOrigin::none(), MODEL, text("x"), PRICE, MAX_LIFETIME),
			sp_runtime::DispatchError::BadOrigin
		);
		assert_ok!(Balances::force_set_balance(
			RuntimeOrigin::root(),
			account(PAYER),
			PRICE + RECORD
		));
		assert_noop!(
			ask(MODEL, "x", PRICE, MAX_LIFETIME),
			TokenError::FundsUnavailable
		);
		assert_ok!(Agents::deregister(signed(AGENT)));
		assert_noop!(ask(MODEL, "x", PRICE, MAX_LIFETIME), E::NoOperator);
	});
}

#[test]
fn an_answer_is_paid_for() {
	ExtBuilder::default().build_and_execute(|| {
		let issuance = Balances::total_issuance();
		let before = free(PAYER);
		let id = ask();
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());

		let Outcome::Answered(expected) = good() else {
			unreachable!("it is an answer")
		};
		let receipt = Receipts::<Test>::get(id).expect("it has ended");
		assert_eq!(receipt.ending, Ending::Answered(expected));
		assert_eq!(receipt.input_hash, H256(blake2_256(QUESTION.as_bytes())));
		assert_eq!(
			(receipt.fee, receipt.made_at, receipt.ended_at),
			(PRICE, 1, 1)
		);
		assert!(Requests::<Test>::get(id).is_none());
		assert_eq!(Outcomes::<Test>::iter().count(), 0);
		assert!(has_event(Event::Answered {
			request: id,
			payer: account(PAYER),
			model: MODEL,
			version: 0,
			fee: PRICE,
			outcome: good().hash(),
			operators: vec![account(AGENT)].try_into().expect("one"),
		}));

		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		let deposit = held(HoldReason::Record, PAYER);
		assert_eq!(free(PAYER), before - PRICE - deposit);
		let burned = issuance - Balances::total_issuance();
		// 5 % burned, 5 % to the treasury, the rest credited: all of it, to the last unit.
		assert!(burned.abs_diff(PRICE / 20) <= 1, "{burned}");
		let treasury = free(TREASURY) - RICH;
		assert!(treasury.abs_diff(PRICE / 20) <= 1, "{treasury}");
		let credit = |n| pallet_attribution::Credits::<Test>::get(account(n));
		let (first, second) = (credit(CONTRIBUTOR), credit(SECOND_CONTRIBUTOR));
		assert_eq!(
			burned + treasury + credit(OWNER) + credit(AGENT) + first + second,
			PRICE
		);
		assert!(
			first > second && second > 0,
			"the weights are 700,000 against 599,999"
		);
		let record = pallet_agents::Agents::<Test>::get(account(AGENT))
			.expect("there")
			.record;
		assert_eq!(record.agreed, 1);
	});
}

#[test]
fn an_agreed_failure_is_refunded() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(PAYER);
		let id = ask();
		let failed = Outcome::Failed(Failure::WrongHash);
		commit(AGENT, id, &failed);
		reveal(AGENT, id, &failed);
		assert_eq!(ending(id), Ending::Failed(Failure::WrongHash));
		assert!(has_event(Event::RunFailed {
			request: id,
			payer: account(PAYER),
			failure: Failure::WrongHash,
			refunded: PRICE,
		}));
		assert_ok!(Inference::forget(signed(PAYER), id));
		assert_eq!(free(PAYER), before, "to the last unit");
	});
}

#[test]
fn an_operator_that_never_answers_costs_the_payer_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(PAYER);
		let issuance = Balances::total_issuance();
		let id = ask();
		run_to(COMMIT);
		assert_eq!(held(HoldReason::Fee, PAYER), PRICE);
		run_to(1 + COMMIT);
		assert_eq!(ending(id), Ending::Unanswered);
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
		assert!(has_event(Event::Unanswered {
			request: id,
			payer: account(PAYER),
			refunded: PRICE
		}));
		assert_ok!(Inference::forget(signed(PAYER), id));
		assert_eq!(free(PAYER), before, "to the last unit");
		assert_eq!(Balances::total_issuance(), issuance);
		let record = pallet_agents::Agents::<Test>::get(account(AGENT))
			.expect("there")
			.record;
		assert_eq!(record.absent, 1);
	});
}

#[test]
fn a_short_life_ends_early() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			text("x"),
			PRICE,
			MIN_LIFETIME
		));
		let request = Requests::<Test>::get(0).expect("open");
		assert_eq!(request.commit_until, 1 + MIN_LIFETIME - REVEAL);
		assert_eq!(request.reveal_until, 1 + MIN_LIFETIME);
		run_to(1 + MIN_LIFETIME);
		assert_eq!(ending(0), Ending::Unanswered);
	});
}

#[test]
fn a_receipt_is_forgotten_by_its_payer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		assert_noop!(Inference::forget(signed(PAYER), id), E::UnknownReceipt);
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());
		assert!(pallet_attribution::Records::<Test>::contains_key(id));
		assert_noop!(Inference::forget(signed(OTHER), id), E::NotPayer);
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
		let id = ask();
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());
		run_to(COMMIT + REVEAL + RETENTION);
		assert!(Receipts::<Test>::contains_key(id));
		run_to(1 + COMMIT + REVEAL + RETENTION);
		assert!(!Receipts::<Test>::contains_key(id));
		assert_eq!(held(HoldReason::Record, PAYER), 0);
		assert!(!pallet_attribution::Records::<Test>::contains_key(id));
	});
}

#[test]
fn the_price_can_be_asked_for() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Inference::price(MODEL, 10), Some(PRICE));
		assert_eq!(Inference::price(MODEL + 1, 10), None);
	});
}
