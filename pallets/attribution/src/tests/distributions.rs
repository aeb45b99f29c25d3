//! The data's part of batches of calls: set apart, claimed, and what becomes of the rest.

use crate::{
	mock::*, Claims, Distributions, Error, Event, Role, TotalCredits, TotalSetApart, MAX_REMOVED,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Balanced, Inspect, Mutate},
};
use openledger_primitives::{
	earnings::{Earnings, Proof},
	split::{Parts, Shares},
	traits::Source,
	Balance, BatchId,
};
use sp_runtime::{DispatchResult, TokenError};

/// What claimants of a part that is no multiple of anything share.
const FEE: Balance = 9_999;

/// Three quarters of one contributor's, one of another's.
fn both() -> Earnings {
	earnings([(0, 7_500), (1, 2_500)])
}

fn close(n: u32) -> DispatchResult {
	Attribution::close_distribution(RuntimeOrigin::signed(NOBODY), calls(n))
		.map(|_| ())
		.map_err(|failed| failed.error)
}

#[test]
fn the_datas_part_is_set_apart_and_the_rest_is_paid_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = distribute(0, &both(), FEE);
		assert_eq!(parts, Shares::DEFAULT.split(FEE).unwrap());
		assert_eq!(credit(OPERATOR), parts.operators);
		assert_eq!(credit(OWNER), parts.model);
		assert_eq!(Balances::balance(&TREASURY), MINIMUM + parts.treasury);
		assert_eq!(credit(CONTRIBUTOR) + credit(SECOND_CONTRIBUTOR), 0);
		assert_eq!(TotalSetApart::<Test>::get(), parts.data);
		assert_eq!(TotalCredits::<Test>::get(), parts.operators + parts.model);
		let open = distribution(0).unwrap();
		assert_eq!((open.payment.payer, open.amount), (PAYER, parts.data));
		assert_eq!((open.claimed, open.claims), (0, 0));
		assert_eq!(open.earned, both().summary());
		assert_eq!(open.deposit, Some((OPERATOR, DISTRIBUTION_DEPOSIT)));
		assert_eq!(held(OPERATOR), DISTRIBUTION_DEPOSIT);
		assert!(events().contains(&Event::SetApart {
			source: calls(0),
			earned: both().summary(),
			amount: parts.data,
			expires_at: 1 + CLAIM_PERIOD,
		}));
	});
}

#[test]
fn a_claim_is_credited_rounded_down() {
	ExtBuilder::default().build_and_execute(|| {
		let data = distribute(0, &both(), FEE).data;
		assert_ok!(claim_share(0, &both(), 0));
		let first = data * 3 / 4;
		assert_eq!(credit(CONTRIBUTOR), first);
		assert_eq!(
			events()[events().len() - 2..],
			[
				Event::ShareClaimed {
					source: calls(0),
					batch: 0,
					cluster: 0,
					value: 7_500,
				},
				Event::Credited {
					source: calls(0),
					who: CONTRIBUTOR,
					role: Role::Data,
					amount: first,
				},
			]
		);
		assert!(Attribution::is_claimed(calls(0), 0));
		assert!(!Attribution::is_claimed(calls(0), 1));
		assert_eq!(held(CLAIMANT), CLAIM_DEPOSIT);
		assert_ok!(claim_share(0, &both(), 1));
		assert_eq!(credit(SECOND_CONTRIBUTOR), data / 4);
		assert_eq!(distribution(0).unwrap().claims, 2);
		assert_eq!(TotalSetApart::<Test>::get(), data - first - data / 4);

		// And paid out like any other credit.
		let before = Balances::balance(&CONTRIBUTOR);
		assert_ok!(Attribution::claim(RuntimeOrigin::signed(CONTRIBUTOR)));
		assert_eq!(Balances::balance(&CONTRIBUTOR), before + first);
	});
}

#[test]
fn of_a_cluster_the_largest_counts_in_any_order() {
	// The original, and copies with more and with less.
	let batches = [1, 2, 3];
	let earned = earnings([(0, 100), (1, 200), (2, 500), (3, 300)]);
	for order in [
		[0, 1, 2],
		[0, 2, 1],
		[1, 0, 2],
		[1, 2, 0],
		[2, 0, 1],
		[2, 1, 0],
	] {
		ExtBuilder::default().build_and_execute(|| {
			for _ in 2..4 {
				let copy = add_batch(CONTRIBUTOR);
				link(copy, 1);
			}
			let data = distribute(0, &earned, FEE).data;
			let mut largest = 0;
			for place in order {
				let batch = batches[place];
				let value = earned.get(batch).unwrap();
				if value > largest {
					assert_ok!(claim_share(0, &earned, batch));
					largest = value;
				} else {
					assert_noop!(claim_share(0, &earned, batch), Error::<Test>::NothingDue);
				}
				assert_eq!(credit(SECOND_CONTRIBUTOR), data * largest / 1_100);
			}
			assert_eq!(largest, 500);
			assert_eq!(credit(CONTRIBUTOR), 0);
			assert_ok!(claim_share(0, &earned, 0));
			assert_eq!(credit(CONTRIBUTOR), data * 100 / 1_100);
		});
	}
}

#[test]
fn a_claim_of_a_duplicate_takes_two_records() {
	ExtBuilder::default().build_and_execute(|| {
		let copy = add_batch(CONTRIBUTOR);
		link(copy, 1);
		let earned = earnings([(copy, 100)]);
		distribute(0, &earned, FEE);
		assert_ok!(claim_share(0, &earned, copy));
		assert_eq!(held(CLAIMANT), 2 * CLAIM_DEPOSIT);
		assert!(!Attribution::is_claimed(calls(0), 1));
		assert_noop!(claim_share(0, &earned, copy), Error::<Test>::AlreadyClaimed);
	});
}

#[test]
fn nobody_is_paid_for_a_banned_batch_or_a_copy_of_it() {
	ExtBuilder::default().build_and_execute(|| {
		let (banned, other) = (add_batch(CONTRIBUTOR), add_batch(CONTRIBUTOR));
		let copy = add_batch(CONTRIBUTOR);
		link(copy, banned);
		let earned = earnings([(banned, 5_000), (other, 5_000), (copy, 5_000)]);
		distribute(0, &earned, FEE);
		assert_ok!(Datanets::ban_batch(RuntimeOrigin::root(), banned));
		for batch in [banned, copy] {
			assert_noop!(claim_share(0, &earned, batch), Error::<Test>::NobodyToPay);
		}
		assert_ok!(claim_share(0, &earned, other));
	});
}

#[test]
fn what_cannot_be_claimed() {
	ExtBuilder::default().build_and_execute(|| {
		let withdrawn = add_batch(CONTRIBUTOR);
		let list = [(0, 10_000), (1, 1), (withdrawn, 5_000), (404, 5_000)];
		let earned = earnings(list);
		assert_noop!(
			claim_share(0, &earned, 0),
			Error::<Test>::UnknownDistribution
		);
		distribute(0, &earned, FEE);
		withdraw_batch(withdrawn);
		for batch in [withdrawn, 404] {
			assert_noop!(claim_share(0, &earned, batch), Error::<Test>::NobodyToPay);
		}
		assert_noop!(claim_share(0, &earned, 1), Error::<Test>::NothingDue);
		let claim = Attribution::claim_share;
		let by = RuntimeOrigin::signed(CLAIMANT);
		let proof = earned.prove(0).unwrap();
		assert_noop!(
			claim(RuntimeOrigin::none(), calls(0), 0, proof.clone()),
			sp_runtime::DispatchError::BadOrigin
		);
		assert_noop!(
			claim(by.clone(), Source::Request(0), 0, proof.clone()),
			Error::<Test>::UnknownDistribution
		);
		// None at all, and of one that is beside the way to another.
		for (batch, proof) in [(0, Proof::default()), (3, proof)] {
			assert_noop!(
				claim(by.clone(), calls(0), batch, proof),
				Error::<Test>::BadProof
			);
		}
		assert_ok!(claim_share(0, &earned, 0));
		assert_noop!(claim_share(0, &earned, 0), Error::<Test>::AlreadyClaimed);
		expire();
		assert_noop!(claim_share(0, &earned, 1), Error::<Test>::Expired);
	});
}

#[test]
fn who_cannot_pay_the_deposit_cannot_claim() {
	ExtBuilder::default().build_and_execute(|| {
		distribute(0, &both(), FEE);
		let proof = both().prove(0).unwrap();
		assert_noop!(
			Attribution::claim_share(RuntimeOrigin::signed(NOBODY), calls(0), 0, proof),
			TokenError::FundsUnavailable
		);
	});
}

#[test]
fn what_nobody_has_claimed_is_the_treasurys_in_the_end() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = distribute(0, &both(), FEE);
		assert_ok!(claim_share(0, &both(), 1));
		assert_noop!(close(0), Error::<Test>::NotExpired);
		assert_noop!(close(1), Error::<Test>::UnknownDistribution);
		assert_noop!(
			Attribution::close_distribution(RuntimeOrigin::none(), calls(0)),
			sp_runtime::DispatchError::BadOrigin
		);
		System::set_block_number(CLAIM_PERIOD);
		assert_noop!(close(0), Error::<Test>::NotExpired);
		System::set_block_number(CLAIM_PERIOD + 1);
		assert_ok!(close(0));
		let unclaimed = parts.data - parts.data / 4;
		assert_eq!(
			Balances::balance(&TREASURY),
			MINIMUM + parts.treasury + unclaimed
		);
		assert_eq!(
			events().pop(),
			Some(Event::DistributionClosed {
				source: calls(0),
				unclaimed,
			})
		);
		assert_eq!((held(OPERATOR), held(CLAIMANT)), (0, 0));
		assert_eq!(Distributions::<Test>::iter().count(), 0);
		assert_eq!(Claims::<Test>::iter().count(), 0);
		assert_eq!(TotalSetApart::<Test>::get(), 0);
		assert_noop!(close(0), Error::<Test>::UnknownDistribution);
	});
}

#[test]
fn many_claims_are_removed_in_several_calls() {
	ExtBuilder::default().build_and_execute(|| {
		let count = u64::from(MAX_REMOVED) + 5;
		let batches: Vec<BatchId> = (0..count).map(|_| add_batch(CONTRIBUTOR)).collect();
		let earned = Earnings::of(batches.iter().map(|batch| (*batch, 1))).unwrap();
		let data = distribute(0, &earned, 100 * FEE).data;
		for batch in batches {
			assert_ok!(claim_share(0, &earned, batch));
		}
		let claimed = distribution(0).unwrap().claimed;
		assert_eq!(claimed, data / u128::from(count) * u128::from(count));
		expire();
		assert_ok!(close(0));
		check();
		assert_eq!(distribution(0).unwrap().claims, 5);
		assert_eq!(held(CLAIMANT), 5 * CLAIM_DEPOSIT);
		let treasury = Balances::balance(&TREASURY);
		assert_ok!(close(0));
		assert_eq!(distribution(0), None);
		assert_eq!(Balances::balance(&TREASURY) - treasury, data - claimed);
	});
}

#[test]
fn a_treasury_that_cannot_take_the_rest_is_credited_with_it() {
	ExtBuilder::default()
		.without_treasury()
		.build_and_execute(|| {
			// Parts that are too small for an account.
			let parts = distribute(0, &both(), 20);
			assert_eq!(parts.data, 8);
			let before = credit(TREASURY);
			expire();
			assert_ok!(close(0));
			assert_eq!(credit(TREASURY) - before, 8);
		});
}

#[test]
fn without_a_pot_nothing_is_set_apart() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		let parts = distribute(0, &both(), FEE);
		let expected = Shares::DEFAULT.split(FEE).unwrap();
		assert_eq!(
			parts,
			Parts {
				burn: expected.burn,
				treasury: FEE - expected.burn,
				..Parts::default()
			}
		);
		assert_eq!(distribution(0), None);
		assert_eq!(held(OPERATOR), 0);
	});
}

#[test]
fn what_nobody_has_earned_is_the_treasurys_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = distribute(0, &Earnings::default(), FEE);
		assert_eq!(parts.data, 0);
		assert_eq!(distribution(0), None);
		// As is a part that is nothing.
		let parts = distribute(1, &both(), 0);
		assert_eq!(parts.data, 0);
		assert_eq!(distribution(1), None);
	});
}

/// A batch of calls is settled once by a root: another time would take away what was set apart.
#[test]
fn a_second_distribution_of_the_same_calls_is_the_treasurys() {
	ExtBuilder::default().build_and_execute(|| {
		let first = distribute(0, &both(), FEE).data;
		let second = distribute(0, &both(), FEE);
		assert_eq!(second.data, 0);
		assert_eq!(distribution(0).unwrap().amount, first);
	});
}

#[test]
fn the_data_does_not_suffer_from_an_agent_that_has_no_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::burn_from(
			&OPERATOR,
			RICH - MINIMUM,
			frame_support::traits::tokens::Preservation::Preserve,
			frame_support::traits::tokens::Precision::Exact,
			frame_support::traits::tokens::Fortitude::Polite,
		));
		distribute(0, &both(), FEE);
		assert_eq!(distribution(0).unwrap().deposit, None);
		assert_ok!(claim_share(0, &both(), 0));
		expire();
		assert_ok!(close(0));
	});
}

#[test]
fn the_payers_loss_is_earned_by_claiming() {
	ExtBuilder::default().build_and_execute(|| {
		let parts = distribute(0, &both(), FEE);
		let lost = parts.burn + parts.treasury;
		let at_once = Reputation::pending(OWNER) + Reputation::pending(OPERATOR);
		let later = distribution(0).unwrap().lost;
		assert_eq!(at_once + later, lost);
		// As large a part of the loss as of what was divided.
		let divided = parts.model + parts.operators + parts.data;
		assert!(later.abs_diff(lost * parts.data / divided) <= 1);
		assert_ok!(claim_share(0, &both(), 0));
		assert_eq!(Reputation::pending(CONTRIBUTOR), later * 3 / 4);
		assert_ok!(claim_share(0, &both(), 1));
		assert_eq!(Reputation::pending(SECOND_CONTRIBUTOR), later / 4);
	});
}

#[test]
fn what_the_payer_claims_for_itself_earns_it_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let fee = Balances::issue(FEE);
		settle_by_root(CONTRIBUTOR, 0, both().summary(), fee);
		assert_ok!(claim_share(0, &both(), 0));
		assert!(credit(CONTRIBUTOR) > 0);
		assert_eq!(Reputation::pending(CONTRIBUTOR), 0);
	});
}
