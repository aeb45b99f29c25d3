//! What holds for any fee, any shares and any roles.

use crate::{
	mock::*, AttributionRecord, Distributions, FeeShares, Payment, TotalCredits, TotalSetApart,
};
use frame_support::traits::fungible::{Balanced, Inspect};
use openledger_primitives::{
	attribution::weigh,
	earnings::{Earnings, Part, Summary},
	split::Shares,
	Balance, BatchId, Citation,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Accounts 0 to 7: two of them do not exist at the beginning.
const ACCOUNTS: AccountId = 8;

#[derive(Clone, Debug)]
struct Case {
	fee: Balance,
	payer: AccountId,
	operators: Vec<AccountId>,
	delegated: u8,
	pools: bool,
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
		(0u8..=100, any::<bool>()),
		prop::collection::vec((0..ACCOUNTS, 0u32..1_000), 0..4),
		// Batches 0 to 11 exist, the others do not.
		prop::collection::vec((0u64..15, 0u32..1_000_000), 0..20),
		prop::collection::vec(0..ACCOUNTS, 0..3),
	)
		.prop_map(
			|(fee, payer, operators, (delegated, pools), royalties, citations, claims)| Case {
				fee,
				payer,
				operators,
				delegated,
				pools,
				royalties,
				citations,
				claims,
			},
		)
}

/// What an account was credited with, as a record alone says.
fn credited(record: &AttributionRecord<AccountId>, who: AccountId) -> Balance {
	let Payment {
		models, operators, ..
	} = &record.payment;
	let models = models
		.iter()
		.filter(|paid| paid.taker == who)
		.map(|paid| paid.amount);
	let operators = operators
		.iter()
		.filter(|paid| paid.operator == who)
		.map(|paid| paid.amount - paid.delegated);
	let data = record
		.clusters
		.iter()
		.filter(|paid| paid.contributor == Some(who))
		.map(|paid| paid.amount);
	models.chain(operators).chain(data).sum()
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
		(0..ACCOUNTS).for_each(|who| delegate(who, case.delegated));
		PoolsOpen::set(case.pools);
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
		let (before, pools) = ((0..ACCOUNTS).map(credit).collect::<Vec<_>>(), in_pools());
		let record = run.settle_with(Balances::issue(case.fee));
		let parts = record.payment.parts;
		let delegated = in_pools() - pools;
		assert_eq!(
			TotalCredits::<Test>::get() - credits + delegated,
			parts.model + parts.operators + parts.data
		);
		for (who, before) in (0..).zip(before) {
			assert_eq!(credit(who) - before, credited(&record, who));
		}
		let operators = record.payment.operators.iter();
		assert_eq!(
			operators.map(|paid| paid.delegated).sum::<Balance>(),
			delegated
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

/// What may happen to distributions.
#[derive(Clone, Debug)]
enum Step {
	/// A batch of calls is settled, by what data has earned.
	Settle {
		payer: AccountId,
		fee: Balance,
		earned: BTreeMap<BatchId, u128>,
		/// What is paid for calls that no data shaped.
		unattributed: Balance,
	},
	/// Somebody claims, with the proof as it is or with one part changed.
	Claim {
		distribution: usize,
		batch: BatchId,
		changed: Option<(usize, u128)>,
	},
	/// Curators find that two batches are duplicates.
	Link { batch: BatchId, earlier: BatchId },
	/// A contributor is paid out.
	Pay(AccountId),
	/// Time passes.
	Wait(u64),
	/// Somebody closes a distribution.
	Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
	let value = prop_oneof![1u128..20, 1u128..1 << 90];
	let earned = prop::collection::btree_map(0u64..15, value, 0..12);
	let fee = prop_oneof![0u128..30, 0u128..1_000_000, 0u128..u128::MAX / 64];
	let changed = prop::option::weighted(0.2, (any::<usize>(), any::<u128>()));
	prop_oneof![
		2 => (0..ACCOUNTS, fee, earned, 0u128..1_000_000).prop_map(
			|(payer, fee, earned, unattributed)| Step::Settle { payer, fee, earned, unattributed }
		),
		12 => (0usize..4, 0u64..15, changed)
			.prop_map(|(distribution, batch, changed)| Step::Claim { distribution, batch, changed }),
		1 => (0u64..12, 0u64..12).prop_map(|(batch, earlier)| Step::Link { batch, earlier }),
		1 => (0..ACCOUNTS).prop_map(Step::Pay),
		1 => (1..CLAIM_PERIOD).prop_map(Step::Wait),
		2 => (0usize..4).prop_map(Step::Close),
	]
}

/// Changes a part of a proof by the bits of a number that is not zero.
fn change(parts: &mut [Part], at: usize, bits: u128) {
	let at = at % parts.len();
	match &mut parts[at] {
		Part::Leaf { value, .. } => *value ^= bits | 1,
		Part::Hidden(summary) => summary.sum ^= bits | 1,
		part => *part = Part::Leaf { batch: 0, value: 1 },
	}
}

fn take(step: Step, known: &mut Vec<Earnings>) {
	let number = |place: usize| known.len().checked_sub(1 + place);
	match step {
		Step::Settle {
			payer,
			fee,
			earned,
			unattributed,
		} => {
			let earned = Earnings::of(earned).unwrap();
			let lost_before = points();
			let n = known.len() as u32;
			let parts = settle_by_root(payer, n, earned.summary(), Balances::issue(fee));
			let later = distribution(n).map_or(0, |it| it.lost);
			assert!(points() - lost_before + later <= parts.burn + parts.treasury);
			let rest = settle_by_root(payer, n, Summary::EMPTY, Balances::issue(unattributed));
			if let Some(it) = distribution(n) {
				assert_eq!(it.payment.fee, fee + unattributed);
				assert_eq!(it.payment.parts.burn, parts.burn + rest.burn);
				assert_eq!(it.payment.of_operators(), parts.operators + rest.operators);
			}
			known.push(earned);
		}
		Step::Claim {
			distribution: place,
			batch,
			changed,
		} => {
			let Some(n) = number(place) else { return };
			let Some(mut proof) = known[n].prove(batch) else {
				return;
			};
			if let Some((at, bits)) = changed {
				change(proof.as_mut(), at, bits);
			}
			let (credits, before, earned) = (
				TotalCredits::<Test>::get(),
				distribution(n as u32),
				points(),
			);
			let by = RuntimeOrigin::signed(CLAIMANT);
			let paid = Attribution::claim_share(by, calls(n as u32), batch, proof).is_ok();
			assert!(!paid || changed.is_none(), "a forged proof is none");
			let after = distribution(n as u32);
			if let (Some(before), Some(after)) = (before, after) {
				let more = after.claimed - before.claimed;
				assert_eq!(paid, more > 0);
				assert_eq!(TotalCredits::<Test>::get() - credits, more);
				let value = known[n].get(batch).unwrap();
				assert!(more <= before.due(value));
				assert!(points() - earned <= before.merit(value));
			}
		}
		Step::Link { batch, earlier } => {
			let _ = <Datanets as openledger_primitives::traits::Submissions<_>>::link(
				batch.max(earlier),
				batch.min(earlier),
			);
		}
		Step::Pay(who) => {
			let _ = Attribution::claim(RuntimeOrigin::signed(who));
		}
		Step::Wait(blocks) => System::set_block_number(System::block_number() + blocks),
		Step::Close(place) => {
			if let Some(n) = number(place) {
				let by = RuntimeOrigin::signed(NOBODY);
				let _ = Attribution::close_distribution(by, calls(n as u32));
			}
		}
	}
}

/// What all have earned of payers' losses.
fn points() -> Balance {
	(0..ACCOUNTS).map(Reputation::pending).sum()
}

/// Claims all batches of a distribution in an order, and says what each account is credited with.
fn claimed_in(order: &[usize], links: &[(BatchId, BatchId)], earned: &Earnings) -> Vec<Balance> {
	let mut ext = ExtBuilder::default().build();
	ext.execute_with(|| {
		for n in 2..12 {
			add_batch(PAYER + n % 6);
		}
		for (batch, earlier) in links {
			take(
				Step::Link {
					batch: *batch,
					earlier: *earlier,
				},
				&mut Vec::new(),
			);
		}
		let entries = earned.entries();
		distribute(0, earned, RICH / 3);
		for place in order {
			if let Some((batch, _)) = entries.get(*place) {
				let _ = claim_share(0, earned, *batch);
			}
		}
		check();
		(0..ACCOUNTS).map(credit).collect()
	})
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

	/// Whatever is claimed, in whichever order, with whichever proofs: what was set apart is credited or
	/// goes to the treasury, to the unit.
	#[test]
	fn distributions_lose_and_make_nothing(
		batches in prop::collection::vec(PAYER..=SECOND_CONTRIBUTOR, 10),
		steps in prop::collection::vec(step(), 1..60),
	) {
		ExtBuilder::default().build_and_execute(|| {
			batches.into_iter().for_each(|contributor| {
				add_batch(contributor);
			});
			let mut known = Vec::new();
			for step in steps {
				take(step, &mut known);
				check();
			}
			expire();
			for place in 0..known.len() {
				take(Step::Close(place), &mut known);
			}
			check();
			assert_eq!(Distributions::<Test>::iter().count(), 0);
			assert_eq!(TotalSetApart::<Test>::get(), 0);
			assert_eq!(held(CLAIMANT) + held(OPERATOR), 0);
			assert_eq!(
				Balances::balance(&Attribution::pot()),
				TotalCredits::<Test>::get() + MINIMUM
			);
		});
	}

	#[test]
	fn the_order_of_claims_makes_no_difference(
		values in prop::collection::btree_map(0u64..12, 1u128..1 << 80, 1..12),
		links in prop::collection::vec((0u64..12, 0u64..12), 0..8),
		order in Just((0usize..12).collect::<Vec<_>>()).prop_shuffle(),
	) {
		let earned = Earnings::of(values).unwrap();
		let forwards: Vec<_> = (0..12).collect();
		prop_assert_eq!(
			claimed_in(&order, &links, &earned),
			claimed_in(&forwards, &links, &earned)
		);
	}
}
