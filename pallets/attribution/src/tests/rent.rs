//! Rent: where it goes, and what of it nobody can take.

use frame_support::{
	assert_ok,
	traits::{
		fungible::Balanced,
		tokens::{Fortitude, Precision, Preservation},
		Imbalance,
	},
};
use openledger_primitives::{
	split::{Parts, Shares},
	traits::{Rent, Settlement, Source},
	Balance, ModelId,
};

use crate::{mock::*, Event, Records, Role};

/// Divides rent that the payer has, and checks what must hold each time. Returns where it went.
fn rent(model: ModelId, amount: Balance) -> Parts {
	let (exact, keep) = (Precision::Exact, Preservation::Preserve);
	let paid = Balances::withdraw(&PAYER, amount, exact, keep, Fortitude::Polite).unwrap();
	let issuance = Balances::total_issuance();
	assert_eq!(paid.peek(), amount);
	let rent = Rent {
		rental: 7,
		tenant: &PAYER,
		model,
		version: 0,
	};
	let weight = <Attribution as Settlement<_>>::settle_rent(rent, paid);
	assert!(weight.all_lte(<Attribution as Settlement<AccountId>>::weight_of_rent()));
	let Some(Event::Settled {
		source, fee, parts, ..
	}) = events().pop()
	else {
		panic!("the last event says what went where");
	};
	assert_eq!((source, fee), (Source::Rental(7), amount));
	assert_eq!(parts.total(), Some(amount));
	assert_eq!(issuance - Balances::total_issuance(), parts.burn);
	assert_eq!(Records::<Test>::iter().count(), 0, "no record is kept");
	parts
}

/// What contributors have got.
fn income() -> Balance {
	pallet_datanets::Pools::<Test>::get(0).balance
}

fn diverted(role: Role) -> Balance {
	let amounts = events().into_iter().filter_map(|event| match event {
		Event::Diverted {
			role: of, amount, ..
		} if of == role => Some(amount),
		_ => None,
	});
	amounts.sum()
}

#[test]
fn rent_goes_to_model_and_data_to_the_unit() {
	ExtBuilder::default().build_and_execute(|| {
		for amount in [1, 2, 3, 99, 1_000_003, 130_000] {
			let (credited, data) = (credit(OWNER), income());
			let parts = rent(MODEL, amount);
			let split = Shares::DEFAULT.split_without_operators(amount);
			assert_eq!(Some(parts), split);
			assert_eq!(credit(OWNER) - credited, parts.model);
			assert_eq!(income() - data, parts.data);
			check();
		}
	});
}

#[test]
fn rent_of_an_unknown_model_is_the_treasurys() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = rent(9, 130_000);
		assert_eq!((parts.model, parts.data), (0, 0));
		assert_eq!((parts.burn, parts.treasury), (6_500, 123_500));
		assert_eq!(diverted(Role::Model), 45_000);
		assert_eq!(diverted(Role::Data), 72_000);
	});
}

#[test]
fn without_the_pot_all_but_the_burn_is_the_treasurys() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		let parts = rent(MODEL, 130_000);
		assert_eq!((parts.burn, parts.treasury), (6_500, 123_500));
		assert_eq!((credit(OWNER), income()), (0, 0));
		assert_eq!(Reputation::pending(OWNER), 0);
	});
}

#[test]
fn what_contributors_cannot_be_paid_leaves_the_pot_again() {
	ExtBuilder::default().build_and_execute(|| {
		rent(MODEL, 130_000);
		assert_ok!(Balances::force_set_balance(
			frame_system::RawOrigin::Root.into(),
			Datanets::pot_account(),
			MINIMUM
		));
		let pot = Balances::free_balance(Attribution::pot());
		let parts = rent(MODEL, 130_000);
		assert_eq!((parts.model, parts.data), (45_000, 0));
		assert_eq!(diverted(Role::Data), 72_000);
		assert_eq!(Balances::free_balance(Attribution::pot()), pot + 45_000);
		// Back in order, as the invariants demand.
		assert_ok!(Balances::force_set_balance(
			frame_system::RawOrigin::Root.into(),
			Datanets::pot_account(),
			MINIMUM + income()
		));
	});
}

#[test]
fn the_author_earns_the_models_part_of_the_loss_and_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = rent(MODEL, 130_000);
		let lost = parts.burn + parts.treasury;
		assert_eq!(
			Reputation::pending(OWNER),
			lost * parts.model / (parts.model + parts.data)
		);
		for who in [CONTRIBUTOR, SECOND_CONTRIBUTOR, PAYER] {
			assert_eq!(Reputation::pending(who), 0);
		}
	});
}

#[test]
fn a_linked_tenants_rent_earns_no_voice() {
	ExtBuilder::default().build_and_execute(|| {
		Party::set(vec![OWNER, PAYER]);
		rent(MODEL, 130_000);
		assert_eq!(Reputation::pending(OWNER), 0);
		assert_eq!(credit(OWNER), 45_000);
	});
}
