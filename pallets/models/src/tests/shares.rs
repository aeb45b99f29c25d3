//! Shares in a model's revenue.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{traits::ModelRegistry, ModelId};
use sp_runtime::TokenError;

use crate::{mock::*, types::SHARES, Event, Holders, Models as Records};

fn divide(model: ModelId, holders: &[(AccountId, u32)]) -> sp_runtime::DispatchResult {
	Models::divide(signed(ALICE), model, holders.to_vec().try_into().unwrap())
}

/// A model of Alice's, of which she holds seven tenths and Bob three.
fn divided(test: impl FnOnce()) {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			assert_ok!(divide(0, &[(ALICE, 7_000), (BOB, 3_000)]));
			test();
		});
}

fn earn(amount: u128) {
	credit(Models::revenue_account(0), amount);
}

fn shares_of(who: AccountId) -> Option<u32> {
	Holders::<Test>::get(0).unwrap().holders.get(&who).copied()
}

#[test]
fn a_divided_models_part_goes_to_its_revenue_account() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.model(ALICE)
		.build_and_execute(|| {
			let before = held(ALICE);
			let holders = vec![(ALICE, 7_000), (BOB, 3_000)];
			assert_ok!(divide(0, &holders));
			assert_eq!(
				last_event(),
				Event::ModelDivided {
					model: 0,
					holders: holders.try_into().unwrap()
				}
				.into()
			);
			let royalties = Models::royalties(0);
			assert_eq!(royalties.len(), 1);
			assert_eq!(royalties[0].taker, Models::revenue_account_of(0));
			assert_eq!(royalties[0].author, ALICE);
			assert_ne!(Models::revenue_account(0), Models::revenue_account(1));
			let deposit = Holders::<Test>::get(0).unwrap().deposit;
			// A hundred holders with their shares, how many they are, and the deposit.
			assert_eq!(deposit, 2 * (100 * 20 + 2 + 16));
			assert_eq!(held(ALICE) - before, deposit);
			// The owner still decides.
			assert_ok!(Models::pause(signed(ALICE), 0));
			assert_noop!(Models::pause(signed(BOB), 0), E::NotOwner);
		});
}

#[test]
fn revenue_is_distributed_to_the_unit_by_anybody() {
	divided(|| {
		earn(1_001);
		assert_ok!(Models::distribute(signed(CAROL), 0));
		assert_eq!(
			last_event(),
			Event::Distributed {
				model: 0,
				amount: 1_001
			}
			.into()
		);
		// 700.7 and 300.3.
		assert_eq!((credit_of(ALICE), credit_of(BOB)), (701, 300));
		assert_eq!(credit_of(Models::revenue_account(0)), 0);
		System::reset_events();
		assert_ok!(Models::distribute(signed(CAROL), 0));
		assert!(System::events().is_empty(), "there is nothing left");
		assert_noop!(Models::distribute(signed(CAROL), 1), E::NotDivided);
	});
}

#[test]
fn shares_are_all_held_by_different_accounts_each_a_hundredth_at_least() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			for holders in [
				vec![],
				vec![(ALICE, 9_999)],
				vec![(ALICE, 10_001)],
				vec![(ALICE, u32::MAX), (BOB, 10_001)],
				vec![(ALICE, 5_000), (ALICE, 5_000)],
				vec![(ALICE, 10_000), (BOB, 0)],
				vec![(ALICE, 9_901), (BOB, 99)],
			] {
				assert_noop!(divide(0, &holders), E::BadShares);
			}
			assert_noop!(
				divide(0, &[(Models::revenue_account(0), SHARES)]),
				E::OwnShares
			);
			assert_noop!(divide(1, &[(ALICE, SHARES)]), E::UnknownModel);
			let all: Vec<_> = (1..=100).map(|who| (who, 100)).collect();
			assert_noop!(
				Models::divide(signed(BOB), 0, all.clone().try_into().unwrap()),
				E::NotOwner
			);
			assert_ok!(divide(0, &all));
			assert_noop!(divide(0, &all), E::AlreadyDivided);
		});
}

#[test]
fn dividing_needs_the_deposit() {
	ExtBuilder::default()
		.datanet(1)
		.model(ALICE)
		.build_and_execute(|| {
			ByteDeposit::set(u128::MAX);
			assert_noop!(divide(0, &[(ALICE, SHARES)]), E::DepositOverflow);
			ByteDeposit::set(RICH);
			assert_noop!(divide(0, &[(ALICE, SHARES)]), TokenError::FundsUnavailable);
		});
}

#[test]
fn shares_pass_on_with_what_was_earned_before_paid() {
	divided(|| {
		earn(1_000);
		assert_ok!(Models::transfer_shares(signed(BOB), 0, CAROL, 1_000));
		assert_eq!(
			last_event(),
			Event::SharesTransferred {
				model: 0,
				from: BOB,
				to: CAROL,
				amount: 1_000
			}
			.into()
		);
		assert_eq!((credit_of(BOB), credit_of(CAROL)), (300, 0));
		assert_eq!(
			(shares_of(BOB), shares_of(CAROL)),
			(Some(2_000), Some(1_000))
		);

		earn(1_000);
		assert_ok!(Models::transfer_shares(signed(BOB), 0, ALICE, 2_000));
		assert_eq!((credit_of(BOB), credit_of(CAROL)), (500, 100));
		assert_eq!((shares_of(BOB), shares_of(ALICE)), (None, Some(9_000)));
	});
}

#[test]
fn nobody_transfers_what_is_not_held_or_leaves_too_little() {
	divided(|| {
		let transfer = |who, to, amount| Models::transfer_shares(signed(who), 0, to, amount);
		assert_noop!(transfer(CAROL, BOB, 100), E::NotEnoughShares);
		assert_noop!(transfer(BOB, CAROL, 3_001), E::NotEnoughShares);
		assert_noop!(transfer(BOB, CAROL, 0), E::NothingToTransfer);
		assert_noop!(transfer(BOB, BOB, 100), E::NothingToTransfer);
		assert_noop!(transfer(BOB, CAROL, 99), E::TooFewShares);
		assert_noop!(transfer(BOB, CAROL, 2_901), E::TooFewShares);
		assert_noop!(transfer(BOB, Models::revenue_account(0), 100), E::OwnShares);
		assert_noop!(
			Models::transfer_shares(signed(BOB), 1, CAROL, 100),
			E::NotDivided
		);
		assert_ok!(transfer(BOB, ALICE, 1));
	});
}

#[test]
fn an_owner_of_all_shares_reunites_the_model() {
	divided(|| {
		let deposit = held(ALICE);
		assert_noop!(Models::reunite(signed(ALICE), 1), E::UnknownModel);
		assert_noop!(Models::reunite(signed(BOB), 0), E::NotOwner);
		assert_noop!(Models::reunite(signed(ALICE), 0), E::NotEnoughShares);
		assert_ok!(Models::transfer_shares(signed(BOB), 0, ALICE, 3_000));
		earn(70);
		assert_ok!(Models::reunite(signed(ALICE), 0));
		assert_eq!(last_event(), Event::ModelReunited { model: 0 }.into());
		assert_eq!(credit_of(ALICE), 70);
		assert_eq!(Models::royalties(0)[0].taker, ALICE);
		assert_eq!(deposit - held(ALICE), 2 * (100 * 20 + 2 + 16));
		assert_noop!(Models::reunite(signed(ALICE), 0), E::NotDivided);
		assert_ok!(divide(0, &[(BOB, SHARES)]));
	});
}

#[test]
fn shares_stay_when_the_owner_changes() {
	divided(|| {
		assert_ok!(Models::transfer_ownership(signed(ALICE), 0, CAROL));
		assert_ok!(Models::accept_ownership(signed(CAROL), 0, RICH, true));
		assert_eq!(held(ALICE), 0);
		earn(100);
		assert_ok!(Models::distribute(signed(CAROL), 0));
		assert_eq!((credit_of(ALICE), credit_of(BOB)), (70, 30));
		// Who holds all shares and does not own the model keeps its revenue so.
		assert_ok!(Models::transfer_shares(signed(ALICE), 0, BOB, 7_000));
		assert_noop!(Models::reunite(signed(BOB), 0), E::NotOwner);
		assert_noop!(Models::reunite(signed(CAROL), 0), E::NotEnoughShares);
	});
}

#[test]
fn a_divided_model_is_retired_with_its_revenue_paid() {
	divided(|| {
		assert_ok!(Models::pause(signed(ALICE), 0));
		run_to(30);
		earn(10);
		assert_ok!(Models::retire(signed(ALICE), 0));
		assert_eq!((credit_of(ALICE), credit_of(BOB)), (7, 3));
		assert_eq!(held(ALICE), 0);
		assert!(Records::<Test>::get(0).is_none() && Holders::<Test>::get(0).is_none());
	});
}

#[test]
fn calls_weigh_by_the_holders_that_there_are() {
	divided(|| {
		let weight = |result: frame_support::pallet_prelude::DispatchResultWithPostInfo| {
			result.unwrap().actual_weight
		};
		assert!(weight(Models::distribute(signed(CAROL), 0)).is_some());
		assert!(weight(Models::transfer_shares(signed(BOB), 0, CAROL, 100)).is_some());
	});
}
