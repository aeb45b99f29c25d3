//! What is paid for access, and who gets it.

use frame_support::{
	assert_noop, assert_ok,
	traits::{tokens::fungible::Mutate, tokens::Preservation},
};
use sp_runtime::TokenError;

use crate::{mock::*, Batches, Event, Pool, Pools, TotalIncome};

fn claim(batch: u64) -> sp_runtime::DispatchResult {
	Datanets::claim_income(signed(ALICE), batch)
}

fn pot() -> u128 {
	wealth(Datanets::pot_account())
}

#[test]
fn income_goes_by_score_and_nothing_is_lost_to_rounding() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		for (n, (who, score)) in (0u64..).zip([(BOB, 50), (CAROL, 20), (CAROL, 0)]) {
			assert_ok!(submit(who, 0, n));
			assert_ok!(accept(n, score));
		}
		assert_ok!(pay(ALICE, 0, 1_000));
		assert_eq!(
			last_event(),
			Event::ContributorsPaid {
				datanet: 0,
				payer: ALICE,
				amount: 1_000
			}
			.into()
		);
		// 14 for each of 70 shares, and 20 left.
		let income = |batch| Datanets::income_of(batch).unwrap();
		assert_eq!((income(0), income(1), income(2)), (700, 280, 0));
		assert_eq!(
			Pools::<Test>::get(0),
			Pool {
				shares: 70,
				per_share: 14,
				remainder: 20,
				balance: 1_000
			}
		);
		assert_eq!(pot(), MINIMUM + 1_000);
		assert_ok!(pay(ALICE, 0, 50));
		assert_eq!((income(0), income(1)), (750, 300), "the rest came along");
		assert_eq!(Pools::<Test>::get(0).remainder, 0);

		assert_ok!(claim(0));
		assert_eq!(
			last_event(),
			Event::IncomePaid {
				batch: 0,
				who: BOB,
				amount: 750
			}
			.into()
		);
		assert_eq!(wealth(BOB), RICH + 750);
		assert_eq!(income(0), 0);
		assert_noop!(claim(0), E::NothingToClaim);
		assert_noop!(claim(2), E::NothingToClaim);
		assert_noop!(claim(9), E::UnknownBatch);
		assert_eq!(TotalIncome::<Test>::get(), 300);
		assert_eq!(Datanets::income_of(9), None);
	});
}

#[test]
fn nobody_is_paid_for_what_came_before() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(pay(ALICE, 0, 800));
		assert_ok!(submit(CAROL, 0, 1));
		assert_eq!(Datanets::income_of(1), Some(0));
		assert_noop!(claim(1), E::NothingToClaim);
		assert_ok!(accept(1, SCORE));
		assert_eq!(Datanets::income_of(1), Some(0));
		assert_ok!(pay(ALICE, 0, 800));
		assert_eq!(Datanets::income_of(0), Some(1_200));
		assert_eq!(Datanets::income_of(1), Some(400));
	});
}

#[test]
fn withdrawing_and_linking_pay_first() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(add(CAROL, 0, 1));
		assert_ok!(pay(ALICE, 0, 800));
		assert_ok!(link(0, 1));
		assert_eq!(wealth(CAROL), RICH + 400);
		assert_eq!(Datanets::income_of(1), Some(0));
		assert_ok!(pay(ALICE, 0, 800));
		assert_eq!(
			Datanets::income_of(0),
			Some(1_200),
			"the head alone is paid"
		);
		assert_noop!(claim(1), E::NothingToClaim);
		assert_ok!(withdraw(CAROL, 1));
		assert_eq!(wealth(CAROL), RICH + 400);
		assert_ok!(withdraw(BOB, 0));
		assert_eq!(wealth(BOB), RICH + 1_200);
		assert_eq!(pot(), MINIMUM);
	});
}

#[test]
fn somebody_must_be_there_to_be_paid() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_noop!(pay(ALICE, 0, 100), E::NoContributors);
		assert_noop!(pay(ALICE, 1, 100), E::UnknownDatanet);
		assert_ok!(submit(BOB, 0, 0));
		assert_noop!(pay(ALICE, 0, 100), E::NoContributors);
		assert_ok!(accept(0, 0));
		assert_noop!(pay(ALICE, 0, 100), E::NoContributors);
		assert_ok!(add(BOB, 0, 1));
		assert_noop!(pay(PAUPER, 0, 100), TokenError::FundsUnavailable);
		assert_noop!(pay(PAUPER, 0, 50), TokenError::NotExpendable,);
		assert_ok!(pay(PAUPER, 0, 40));
		assert_noop!(pay(ALICE, 0, u128::MAX), E::IncomeOverflow);
	});
}

#[test]
fn the_pot_needs_its_existential_deposit() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		let out = Preservation::Expendable;
		assert_ok!(Balances::transfer(
			&Datanets::pot_account(),
			&ALICE,
			MINIMUM,
			out
		));
		assert_noop!(pay(ALICE, 0, 800), E::PotUnfunded);
		assert_ok!(Balances::transfer(
			&ALICE,
			&Datanets::pot_account(),
			MINIMUM,
			out
		));
		assert_ok!(pay(ALICE, 0, 800));
	});
}

#[test]
fn what_was_too_little_to_divide_is_the_owners_at_the_end() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		assert_ok!(add(BOB, 0, 0));
		assert_ok!(pay(CAROL, 0, 79));
		assert_eq!(Datanets::income_of(0), Some(0));
		assert_ok!(withdraw(BOB, 0));
		assert_ok!(Datanets::close_datanet(signed(ALICE), 0));
		let crate::mock::RuntimeEvent::Datanets(Event::DatanetClosed { remainder, .. }) =
			last_event()
		else {
			panic!("another event")
		};
		assert_eq!(remainder, 79);
		assert_eq!(wealth(ALICE), RICH + 79);
		assert_eq!(pot(), MINIMUM);
		assert!(!Pools::<Test>::contains_key(0));
	});
}

#[test]
fn a_claimed_batch_takes_its_income_along() {
	ExtBuilder::default().datanet(ALICE).build_and_execute(|| {
		let details = batch(0);
		let hash = crate::reservation_commitment(&BOB, &details.root, &details.content, &[1; 32]);
		assert_ok!(Datanets::reserve(signed(BOB), hash));
		System::set_block_number(2);
		assert_ok!(add(CAROL, 0, 0));
		assert_ok!(pay(ALICE, 0, 800));
		assert_ok!(Datanets::claim_batch(signed(BOB), 0, [1; 32]));
		assert_ok!(claim(0));
		assert_eq!(wealth(BOB), RICH + 800);
		assert_eq!(Batches::<Test>::get(0).unwrap().paid, 10);
	});
}
