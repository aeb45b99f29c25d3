//! What is kept of a payment tells where each unit of the fee went.

use crate::{
	mock::*, Distributions, PaidModel, PaidOperator, Payment, Records, TotalCredits, TotalSetApart,
};
use frame_support::{assert_ok, traits::fungible::Balanced};
use openledger_primitives::{
	earnings::Summary,
	split::{Parts, Shares},
	traits::{Run, Settlement},
	Balance,
};

fn paid_model(model: u32, weight: u32, taker: AccountId, amount: Balance) -> PaidModel<AccountId> {
	PaidModel {
		model,
		weight,
		taker,
		amount,
	}
}

fn paid_operator(
	operator: AccountId,
	amount: Balance,
	delegated: Balance,
) -> PaidOperator<AccountId> {
	PaidOperator {
		operator,
		amount,
		delegated,
	}
}

/// A model on another one, run by two operators, one of which has delegators.
fn shared() -> TestRun {
	Lineage::set(Some(vec![(OWNER, 700_000), (NOBODY, 300_000)]));
	delegate(SECOND_OPERATOR, 40);
	TestRun {
		operators: vec![SECOND_OPERATOR, OPERATOR],
		attribution: entries([(0, 600_000), (1, 400_000)]),
		..Default::default()
	}
}

#[test]
fn a_record_names_all_that_got_something() {
	ExtBuilder::default().build_and_execute(|| {
		let Payment {
			models, operators, ..
		} = shared().settle(1_000).payment;
		assert_eq!(
			models.into_inner(),
			[
				paid_model(0, 700_000, OWNER, 175),
				paid_model(1, 300_000, NOBODY, 75),
			]
		);
		assert_eq!(
			operators.into_inner(),
			[
				paid_operator(SECOND_OPERATOR, 125, 50),
				paid_operator(OPERATOR, 125, 0),
			]
		);
		assert_eq!((credit(OWNER), credit(NOBODY)), (175, 75));
		assert_eq!((credit(SECOND_OPERATOR), credit(OPERATOR)), (75, 125));
		assert_eq!(in_pools(), 50);
	});
}

#[test]
fn what_delegators_cannot_take_is_not_said_to_be_theirs() {
	ExtBuilder::default().build_and_execute(|| {
		PoolsOpen::set(false);
		let operators = shared().settle(1_000).payment.operators;
		assert_eq!(operators[0], paid_operator(SECOND_OPERATOR, 125, 0));
		assert_eq!(credit(SECOND_OPERATOR), 125);
	});
}

#[test]
fn without_a_pot_a_record_names_who_would_have_been_paid_with_nothing() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		let payment = shared().settle(1_000).payment;
		assert_eq!(payment.models[1], paid_model(1, 300_000, NOBODY, 0));
		assert_eq!(payment.operators[1], paid_operator(OPERATOR, 0, 0));
		assert_eq!(payment.parts.treasury, 950);
		assert_eq!((payment.of_models(), payment.of_operators()), (0, 0));
	});
}

#[test]
fn without_a_pot_an_operator_that_has_only_delegators_keeps_nothing_they_cannot_take() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		Lineage::set(Some(vec![]));
		PoolsOpen::set(false);
		delegate(OPERATOR, 100);
		let run = TestRun {
			attribution: vec![],
			..Default::default()
		};
		let payment = run.settle(1_000).payment;
		assert_eq!(
			payment.operators.into_inner(),
			[paid_operator(OPERATOR, 0, 0)]
		);
		assert_eq!(payment.parts.treasury, 950);
	});
}

#[test]
fn who_is_named_twice_gets_two_parts_in_one_entry() {
	ExtBuilder::default().build_and_execute(|| {
		delegate(OPERATOR, 10);
		let run = TestRun {
			operators: vec![OPERATOR, SECOND_OPERATOR, OPERATOR],
			..Default::default()
		};
		let operators = run.settle(1_200).payment.operators;
		assert_eq!(
			operators.into_inner(),
			[
				paid_operator(OPERATOR, 200, 20),
				paid_operator(SECOND_OPERATOR, 100, 0),
			]
		);
	});
}

#[test]
fn more_than_a_committee_of_operators_and_a_lineage_of_models_are_not_paid() {
	ExtBuilder::default().build_and_execute(|| {
		Lineage::set(Some((100..110).map(|who| (who, 1)).collect()));
		let run = TestRun {
			operators: (200..210).collect(),
			..Default::default()
		};
		let payment = run.settle(8_000).payment;
		assert!(payment.models.is_full() && payment.operators.is_full());
		assert_eq!((credit(107), credit(108)), (250, 0));
		assert_eq!((credit(206), credit(207)), (285, 0));
		assert_eq!(payment.of_operators(), 2_000);
	});
}

#[test]
fn a_record_that_does_not_add_up_is_found() {
	let changes: [fn(&mut crate::AttributionRecord<AccountId>); 7] = [
		|record| record.payment.fee += 1,
		|record| record.payment.parts.burn += 1,
		|record| record.payment.models[1].amount += 1,
		|record| record.payment.operators[0].amount -= 1,
		|record| record.payment.operators[0].delegated = 126,
		|record| record.clusters[1].amount += 1,
		|record| record.clusters[1].contributor = None,
	];
	for change in changes {
		ExtBuilder::default().build().execute_with(|| {
			shared().settle(1_000);
			check();
			Records::<Test>::mutate(1, |record| change(record.as_mut().unwrap()));
			let found = Attribution::do_try_state().unwrap_err();
			let problem = "3: what a record says was paid does not sum up to its fee";
			assert_eq!(found, problem.into());
		});
	}
}

/// Settles what a batch's calls cost that data shaped, then what the others did.
fn distribute_both(fee: Balance, unattributed: Balance) -> (Parts, Parts) {
	let earned = earnings([(0, 1)]);
	let first = distribute(0, &earned, fee);
	let rest = Balances::issue(unattributed);
	(first, settle_by_root(PAYER, 0, Summary::EMPTY, rest))
}

#[test]
fn a_distribution_has_the_whole_fee_and_who_got_it() {
	ExtBuilder::default().build_and_execute(|| {
		delegate(OPERATOR, 20);
		let (first, second) = distribute_both(10_000, 1_000);
		assert_eq!((first.data, second.data), (4_000, 0));
		let Payment {
			payer,
			model,
			fee,
			parts,
			models,
			operators,
		} = distribution(0).unwrap().payment;
		assert_eq!((payer, model, fee), (PAYER, MODEL, 11_000));
		assert_eq!(
			parts,
			Parts {
				burn: 550,
				treasury: 550 + 400,
				model: 2_750,
				operators: 2_750,
				data: 4_000,
			}
		);
		assert_eq!(
			models.into_inner(),
			[paid_model(0, 1_000_000, OWNER, 2_750)]
		);
		assert_eq!(
			operators.into_inner(),
			[paid_operator(OPERATOR, 2_750, 550)]
		);
		assert_eq!((credit(OWNER), credit(OPERATOR)), (2_750, 2_200));
	});
}

#[test]
fn claims_do_not_change_what_was_paid() {
	ExtBuilder::default().build_and_execute(|| {
		distribute_both(10_000, 1_000);
		let before = distribution(0).unwrap().payment;
		assert_ok!(claim_share(0, &earnings([(0, 1)]), 0));
		assert_eq!(distribution(0).unwrap().payment, before);
	});
}

#[test]
fn of_calls_without_data_nothing_is_kept() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = settle_by_root(PAYER, 0, Summary::EMPTY, Balances::issue(1_000));
		assert_eq!(parts.data, 0);
		assert_eq!(Distributions::<Test>::iter().count(), 0);
	});
}

#[test]
fn without_a_pot_nothing_is_set_apart_and_nothing_is_kept() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		distribute_both(10_000, 1_000);
		assert_eq!(Distributions::<Test>::iter().count(), 0);
		assert_eq!(
			TotalSetApart::<Test>::get() + TotalCredits::<Test>::get(),
			0
		);
	});
}

/// The sums of two payers would be nobody's proof.
#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "one payer"))]
fn what_another_paid_is_not_added() {
	ExtBuilder::default().build_and_execute(|| {
		distribute(0, &earnings([(0, 1)]), 10_000);
		let before = distribution(0).unwrap();
		settle_by_root(OWNER, 0, Summary::EMPTY, Balances::issue(1_000));
		assert_eq!(distribution(0).unwrap(), before);
	});
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "one payer"))]
fn what_other_operators_or_owners_got_is_not_added() {
	ExtBuilder::default().build_and_execute(|| {
		distribute(0, &earnings([(0, 1)]), 10_000);
		let before = distribution(0).unwrap();
		let settle = |operators: &[AccountId]| {
			let run = Run {
				source: calls(0),
				payer: &PAYER,
				model: MODEL,
				operators,
				attribution: &[],
			};
			Attribution::settle_by_root(run, Summary::EMPTY, Balances::issue(1_000));
		};
		settle(&[SECOND_OPERATOR]);
		settle(&[OPERATOR, SECOND_OPERATOR]);
		Lineage::set(Some(vec![(NOBODY, 1_000_000)]));
		settle(&[OPERATOR]);
		assert_eq!(distribution(0).unwrap(), before);
	});
}

#[test]
fn a_distribution_that_does_not_add_up_is_found() {
	let changes: [fn(&mut Payment<AccountId>); 5] = [
		|payment| payment.fee += 1,
		|payment| {
			payment.parts.data += 1;
			payment.parts.treasury -= 1;
		},
		|payment| payment.models[0].amount += 1,
		|payment| payment.operators[0].amount -= 1,
		|payment| payment.operators[0].delegated = 2_501,
	];
	for change in changes {
		ExtBuilder::default().build().execute_with(|| {
			distribute(0, &earnings([(0, 1)]), 10_000);
			check();
			Distributions::<Test>::mutate(calls(0), |it| change(&mut it.as_mut().unwrap().payment));
			let found = Attribution::do_try_state().unwrap_err();
			let problem = "8: what a distribution says was paid does not sum up to its fee";
			assert_eq!(found, problem.into());
		});
	}
}

#[test]
fn what_is_kept_follows_from_the_shares() {
	ExtBuilder::default().build_and_execute(|| {
		let payment = shared().settle(9_999).payment;
		assert_eq!(payment.parts, Shares::DEFAULT.split(9_999).unwrap());
	});
}
