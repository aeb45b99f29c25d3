//! What models of a lineage get, who earns the reputation for it, and what becomes of shares.

use crate::{mock::*, Error, Event, TotalCredits};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, Mutate},
};
use openledger_primitives::{
	split::apportion,
	traits::{ModelRegistry, RewardCredits, Run, Settlement, Source},
	Balance, ModelId,
};
use pallet_models::{fixtures::terms, Descent, Terms};
use proptest::prelude::*;

const AUTHOR: AccountId = OPERATOR;
const BUYER: AccountId = SECOND_OPERATOR;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn takes(royalty: u32) -> Terms {
	Terms { royalty, ..terms() }
}

fn on(base: ModelId) -> Descent {
	Descent::Adapter { base }
}

/// A model of the author's on the owner's, to which it passes a fifth on.
fn adapter() -> ModelId {
	assert_ok!(Models::set_terms(signed(OWNER), MODEL, 2_000, true));
	register_on(AUTHOR, takes(0), on(MODEL))
}

/// Runs a model for the payer, with nobody else to be credited but whom the model's part is for.
fn run(request: u64, model: ModelId, payer: AccountId, fee: Balance) {
	TestRun {
		request,
		payer,
		model,
		operators: Vec::new(),
		attribution: Vec::new(),
	}
	.settle(fee);
}

fn sell(model: ModelId, from: AccountId, to: AccountId) {
	assert_ok!(Models::transfer_ownership(signed(from), model, to));
	assert_ok!(Models::accept_ownership(signed(to), model, RICH, false));
}

fn divide(model: ModelId, owner: AccountId, holders: &[(AccountId, u32)]) {
	let holders = holders.to_vec().try_into().unwrap();
	assert_ok!(Models::divide(signed(owner), model, holders));
}

#[test]
fn a_lineage_is_paid_by_royalty_and_its_authors_earn_the_reputation() {
	ExtBuilder::default().build_and_execute(|| {
		let model = adapter();
		run(1, model, PAYER, 10_000);
		assert_eq!((credit(AUTHOR), credit(OWNER)), (2_000, 500));
		assert_eq!(
			(Reputation::pending(AUTHOR), Reputation::pending(OWNER)),
			// A thousand was lost, and what found no taker besides.
			(6_000, 1_500)
		);
	});
}

#[test]
fn who_buys_a_model_gets_its_revenue_and_no_voice() {
	ExtBuilder::default().build_and_execute(|| {
		let model = adapter();
		sell(model, AUTHOR, BUYER);
		run(1, model, PAYER, 10_000);
		assert_eq!((credit(AUTHOR), credit(BUYER)), (0, 2_000));
		assert_eq!(
			(Reputation::pending(AUTHOR), Reputation::pending(BUYER)),
			(6_000, 0)
		);
	});
}

#[test]
fn who_pays_for_its_own_model_earns_nobody_a_voice() {
	for payer in [AUTHOR, BUYER] {
		ExtBuilder::default().build_and_execute(|| {
			let model = adapter();
			sell(model, AUTHOR, BUYER);
			run(1, model, payer, 10_000);
			assert_eq!(credit(BUYER), 2_000);
			assert_eq!(
				(Reputation::pending(AUTHOR), Reputation::pending(BUYER)),
				(0, 0)
			);
			assert_eq!(Reputation::pending(OWNER), 1_500, "that part was others'");
		});
	}
}

#[test]
fn one_owner_of_a_whole_lineage_is_credited_once() {
	ExtBuilder::default().build_and_execute(|| {
		let model = adapter();
		sell(model, AUTHOR, OWNER);
		run(1, model, PAYER, 10_000);
		assert_eq!(credit(OWNER), 2_500);
		let credited = events()
			.into_iter()
			.filter(|event| matches!(event, Event::Credited { .. }))
			.count();
		assert_eq!(credited, 1);
	});
}

#[test]
fn a_settlement_weighs_what_its_lineage_takes() {
	ExtBuilder::default().build_and_execute(|| {
		let weigh = |model| {
			let run = Run {
				source: Source::Request(1),
				payer: &PAYER,
				model,
				operators: &[],
				attribution: &[],
			};
			<Attribution as Settlement<_>>::settle(run, Default::default())
		};
		let (base, descendant) = (weigh(MODEL), weigh(adapter()));
		assert!(base.all_lt(descendant));
		assert!(descendant.all_lt(Attribution::weight(0, 0)));
	});
}

#[test]
fn shares_are_paid_to_the_unit_whoever_claims_first() {
	// Left in the pot, claimed for the revenue account, or sent to that besides.
	for (claimed, sent) in [(false, 0), (true, 0), (false, 57), (true, 57)] {
		ExtBuilder::default().build_and_execute(|| {
			let revenue = Models::revenue_account(MODEL);
			divide(MODEL, OWNER, &[(OWNER, 5_001), (BUYER, 4_999)]);
			run(1, MODEL, PAYER, 10_004);
			assert_eq!((credit(revenue), credit(OWNER)), (2_501, 0));
			if claimed {
				assert_ok!(Attribution::claim_for(signed(PAYER), revenue));
			}
			if sent > 0 {
				assert_ok!(Balances::transfer_allow_death(signed(PAYER), revenue, sent));
			}
			assert_ok!(Models::distribute(signed(PAYER), MODEL));
			assert_eq!(credit(OWNER) + credit(BUYER), 2_501 + sent);
			let parts = apportion(2_501 + sent, &[5_001, 4_999]).unwrap();
			assert_eq!([credit(OWNER), credit(BUYER)], parts[..]);
			assert_eq!((credit(revenue), Balances::balance(&revenue)), (0, 0));
			assert!(events().contains(&Event::PassedOn {
				from: revenue,
				who: BUYER,
				amount: parts[1],
			}));
			assert_eq!(TotalCredits::<Test>::get(), 2_501 + sent);
		});
	}
}

#[test]
fn neither_buyer_nor_seller_of_shares_gains_by_claiming_before_they_pass() {
	for claimed in [false, true] {
		ExtBuilder::default().build_and_execute(|| {
			divide(MODEL, OWNER, &[(OWNER, 5_000), (BUYER, 5_000)]);
			run(1, MODEL, PAYER, 10_000);
			if claimed {
				let revenue = Models::revenue_account(MODEL);
				assert_ok!(Attribution::claim_for(signed(CONTRIBUTOR), revenue));
			}
			assert_ok!(Models::transfer_shares(
				signed(OWNER),
				MODEL,
				CONTRIBUTOR,
				5_000
			));
			assert_ok!(Models::distribute(signed(CONTRIBUTOR), MODEL));
			assert_eq!([OWNER, BUYER, CONTRIBUTOR].map(credit), [1_250, 1_250, 0]);
			run(2, MODEL, PAYER, 10_000);
			assert_ok!(Models::distribute(signed(OWNER), MODEL));
			assert_eq!(
				[OWNER, BUYER, CONTRIBUTOR].map(credit),
				[1_250, 2_500, 1_250]
			);
		});
	}
}

#[test]
fn dust_for_holders_that_do_not_exist_is_kept_for_them() {
	ExtBuilder::default().build_and_execute(|| {
		divide(MODEL, OWNER, &[(OWNER, 9_000), (NOBODY, 1_000)]);
		run(1, MODEL, PAYER, 40);
		assert_ok!(Models::distribute(signed(PAYER), MODEL));
		assert_eq!((credit(OWNER), credit(NOBODY)), (9, 1));
		assert_noop!(
			Attribution::claim(signed(NOBODY)),
			Error::<Test>::BelowMinimum
		);
		run(2, MODEL, PAYER, 400);
		assert_ok!(Models::distribute(signed(PAYER), MODEL));
		assert_ok!(Attribution::claim(signed(NOBODY)));
		assert_eq!(Balances::balance(&NOBODY), 11);
	});
}

#[test]
fn shares_earn_their_holders_no_voice() {
	ExtBuilder::default().build_and_execute(|| {
		divide(MODEL, OWNER, &[(BUYER, 10_000)]);
		run(1, MODEL, PAYER, 10_000);
		assert_ok!(Models::distribute(signed(PAYER), MODEL));
		assert_eq!((credit(BUYER), credit(OWNER)), (2_500, 0));
		assert_eq!(Reputation::pending(BUYER), 0);
		assert_eq!(Reputation::pending(OWNER), 7_500);
		let revenue = Models::revenue_account(MODEL);
		assert_eq!(Reputation::pending(revenue), 0);
	});
}

#[test]
fn what_cannot_be_divided_stays() {
	ExtBuilder::default().build_and_execute(|| {
		run(1, MODEL, PAYER, 1_000);
		assert_noop!(
			<Attribution as RewardCredits<_>>::divide(&OWNER, &[]),
			Error::<Test>::NobodyToCredit
		);
		assert_eq!(
			<Attribution as RewardCredits<_>>::divide(&NOBODY, &[]),
			Ok(0)
		);
	});
	ExtBuilder::default().without_pot().build_and_execute(|| {
		divide(MODEL, OWNER, &[(BUYER, 10_000)]);
		let revenue = Models::revenue_account(MODEL);
		assert_ok!(Balances::mint_into(&revenue, 500));
		let failed = Models::distribute(signed(PAYER), MODEL).unwrap_err();
		assert_eq!(failed.error, Error::<Test>::PotMissing.into());
		assert_eq!(Balances::balance(&revenue), 500);
	});
}

/// One step of a market of models.
#[derive(Clone, Debug)]
enum Action {
	Register(AccountId, u32, Vec<ModelId>),
	Run(ModelId, AccountId, Balance),
	Divide(ModelId, Vec<(AccountId, u32)>),
	Transfer(ModelId, AccountId, AccountId, u32),
	Distribute(ModelId),
	ClaimFor(ModelId),
	Claim(AccountId),
}

fn action() -> impl Strategy<Value = Action> {
	let who = || PAYER..=NOBODY;
	let owner = || PAYER..=SECOND_CONTRIBUTOR;
	let model = || 0..6u32;
	prop_oneof![
		4 => (owner(), 0..=5_000u32, prop::collection::vec(model(), 0..3))
			.prop_map(|(w, r, p)| Action::Register(w, r, p)),
		6 => (model(), owner(), 0..100_000u128).prop_map(|(m, p, f)| Action::Run(m, p, f)),
		3 => (model(), who(), who(), 100..9_900u32).prop_map(|(m, a, b, s)| {
			let mut holders = vec![(a, s), (b, 10_000 - s)];
			if a == b {
				holders = vec![(a, 10_000)];
			}
			Action::Divide(m, holders)
		}),
		3 => (model(), who(), who(), 1..9_000u32)
			.prop_map(|(m, f, t, s)| Action::Transfer(m, f, t, s)),
		2 => model().prop_map(Action::Distribute),
		2 => model().prop_map(Action::ClaimFor),
		1 => who().prop_map(Action::Claim),
	]
}

/// All that is credited to, or held by, those who may share in fees.
fn wealth() -> Balance {
	let revenue = (0..pallet_models::NextModelId::<Test>::get()).map(Models::revenue_account);
	(PAYER..=NOBODY)
		.chain(revenue)
		.map(|who| credit(who) + Balances::total_balance(&who))
		.sum()
}

fn drive(action: Action, request: u64) {
	let before = wealth();
	let earned = || (PAYER..=NOBODY).map(Reputation::pending).sum::<Balance>();
	let points = earned();
	let mut lost = 0;
	match action {
		Action::Register(who, royalty, parents) => {
			let known = pallet_models::NextModelId::<Test>::get();
			let mut parents: Vec<_> = parents.into_iter().filter(|id| *id < known).collect();
			parents.sort_unstable();
			parents.dedup();
			let descent = match parents[..] {
				[] => Descent::Base,
				[base] => on(base),
				_ => Descent::Merge {
					parts: parents
						.iter()
						.map(|id| (*id, id + 1))
						.collect::<Vec<_>>()
						.try_into()
						.unwrap(),
				},
			};
			let _ = try_register(who, takes(royalty), descent);
		}
		Action::Run(model, payer, fee) => {
			let shares = Models::royalties(model);
			let part = fee / 4;
			run(request, model, payer, fee);
			// What is not the model's found no taker.
			let spent = fee - if shares.is_empty() { 0 } else { part };
			lost = before - wealth();
			assert!(lost <= spent && lost + 1 >= spent);
		}
		Action::Divide(model, holders) => {
			if let Some(record) = pallet_models::Models::<Test>::get(model) {
				let _ = Models::divide(signed(record.owner), model, holders.try_into().unwrap());
			}
		}
		Action::Transfer(model, from, to, amount) => {
			let _ = Models::transfer_shares(signed(from), model, to, amount);
		}
		Action::Distribute(model) => {
			let _ = Models::distribute(signed(PAYER), model);
		}
		Action::ClaimFor(model) => {
			let _ = Attribution::claim_for(signed(PAYER), Models::revenue_account(model));
		}
		Action::Claim(who) => {
			let _ = Attribution::claim(signed(who));
		}
	}
	assert_eq!(wealth() + lost, before, "only fees are spent");
	assert!(earned() - points <= lost, "no voice without a loss");
	check();
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(100))]

	#[test]
	fn trees_of_models_and_their_shares_make_and_lose_no_unit(
		actions in prop::collection::vec(action(), 1..60)
	) {
		ExtBuilder::default().build_and_execute(|| {
			for (request, action) in (0u64..).zip(actions) {
				drive(action, request);
			}
			for model in 0..pallet_models::NextModelId::<Test>::get() {
				if Models::distribute(signed(PAYER), model).is_ok() {
					let revenue = Models::revenue_account(model);
					assert_eq!(credit(revenue) + Balances::balance(&revenue), 0);
				}
			}
		});
	}
}
