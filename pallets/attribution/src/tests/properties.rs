//! What holds for any fee, any shares and any roles.

use crate::{mock::*, FeeShares, TotalCredits};
use frame_support::traits::fungible::{Balanced, Inspect};
use openledger_primitives::{attribution::weigh, split::Shares, Balance, Citation};
use proptest::prelude::*;

/// Accounts 0 to 7: two of them do not exist at the beginning.
const ACCOUNTS: AccountId = 8;

#[derive(Clone, Debug)]
struct Case {
	fee: Balance,
	payer: AccountId,
	operators: Vec<AccountId>,
	royalties: Vec<(AccountId, u32)>,
	citations: Vec<(u64, u32)>,
	claims: Vec<AccountId>,
}

fn shares() -> impl Strategy<Value = Shares> {
	(
		100u32..=2_000,
		100u32..=2_000,
		500u32..=5_000,
		1_000u32..=5_000,
	)
		.prop_filter_map(
			"the data's share is out of its bounds",
			|(burn, treasury, model, operators)| {
				let shares = Shares {
					burn,
					treasury,
					model,
					operators,
					data: 10_000u32.checked_sub(burn + treasury + model + operators)?,
				};
				shares.is_valid().then_some(shares)
			},
		)
}

fn case() -> impl Strategy<Value = Case> {
	let fee = prop_oneof![
		0u128..30,
		0u128..1_000_000,
		1_000_000_000_000u128..1_000_000_000_000_000_000,
		0u128..u128::MAX / 64,
	];
	(
		fee,
		0..ACCOUNTS,
		prop::collection::vec(0..ACCOUNTS, 0..4),
		prop::collection::vec((0..ACCOUNTS, 0u32..1_000), 0..4),
		// Batches 0 to 11 exist, the others do not.
		prop::collection::vec((0u64..15, 0u32..1_000_000), 0..20),
		prop::collection::vec(0..ACCOUNTS, 0..3),
	)
		.prop_map(
			|(fee, payer, operators, royalties, citations, claims)| Case {
				fee,
				payer,
				operators,
				royalties,
				citations,
				claims,
			},
		)
}

/// Runs cases one after the other; returns nothing, panics on what must not be.
fn drive(shares: Shares, batches: Vec<(AccountId, u64)>, cases: Vec<Case>) {
	FeeShares::<Test>::put(shares);
	for (contributor, earlier) in batches {
		let batch = add_batch(contributor);
		if earlier < batch {
			link(batch, earlier);
		}
	}
	for (request, case) in (0u64..).zip(cases) {
		Lineage::set(Some(case.royalties));
		let citations: Vec<_> = case
			.citations
			.into_iter()
			.map(|(batch, score)| Citation {
				batch,
				row: 0,
				score,
			})
			.collect();
		let run = TestRun {
			request,
			payer: case.payer,
			model: MODEL,
			operators: case.operators,
			attribution: weigh(&citations).into_inner(),
		};
		let earned = || (0..ACCOUNTS).map(Reputation::pending).sum::<Balance>();
		let (credits, treasury, points, own) = (
			TotalCredits::<Test>::get(),
			Balances::balance(&TREASURY),
			earned(),
			Reputation::pending(case.payer),
		);
		let parts = run.settle_with(Balances::issue(case.fee)).parts;
		assert_eq!(
			TotalCredits::<Test>::get() - credits,
			parts.model + parts.operators + parts.data
		);
		assert_eq!(Balances::balance(&TREASURY) - treasury, parts.treasury);
		assert!(earned() - points <= parts.burn + parts.treasury);
		assert_eq!(Reputation::pending(case.payer), own);
		let expected = shares.split(case.fee).unwrap();
		assert_eq!(parts.burn, expected.burn);
		assert!(parts.treasury >= expected.treasury);
		assert!(parts.operators <= expected.operators);
		check();

		for who in case.claims {
			let (credit, balance) = (credit(who), Balances::balance(&who));
			let paid = Attribution::claim(RuntimeOrigin::signed(who)).is_ok();
			assert_eq!(paid, credit > 0 && balance + credit >= MINIMUM);
			let gained = Balances::balance(&who) - balance;
			assert_eq!(gained, if paid { credit } else { 0 });
			check();
		}
	}
	// In the end each claimable credit is paid, and all that is left in the pot is owed or its own.
	for who in 0..ACCOUNTS {
		let _ = Attribution::claim(RuntimeOrigin::signed(who));
	}
	assert_eq!(
		Balances::balance(&Attribution::pot()),
		TotalCredits::<Test>::get() + MINIMUM
	);
	assert!((0..ACCOUNTS).all(|who| credit(who) < MINIMUM));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(300))]

	#[test]
	fn no_unit_is_lost_or_made(
		shares in shares(),
		batches in prop::collection::vec((PAYER..=SECOND_CONTRIBUTOR, 0u64..20), 10),
		cases in prop::collection::vec(case(), 1..10)
	) {
		ExtBuilder::default().build_and_execute(|| drive(shares, batches, cases));
	}
}
