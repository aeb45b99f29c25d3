//! Attacks on the money loop, and what the attacker keeps.

use crate::mock::*;
use frame_support::{assert_ok, traits::fungible::Inspect};
use openledger_primitives::{attribution::weigh, Balance, BatchId, Citation, Entry};

const ATTACKER: AccountId = CONTRIBUTOR;
const HONEST: AccountId = SECOND_CONTRIBUTOR;

/// Entries of an answer that cites one passage of each batch, all equally relevant.
fn cite(batches: impl IntoIterator<Item = BatchId>) -> Vec<Entry> {
	let citations: Vec<_> = batches
		.into_iter()
		.map(|batch| Citation {
			batch,
			row: 0,
			score: 800_000,
		})
		.collect();
	weigh(&citations).into_inner()
}

fn wealth(who: AccountId) -> Balance {
	Balances::balance(&who) + credit(who)
}

#[test]
fn self_dealing_loses_burn_and_treasury_on_each_call_and_gains_no_voice() {
	ExtBuilder::default().build_and_execute(|| {
		Lineage::set(Some(vec![(ATTACKER, 1)]));
		let before = wealth(ATTACKER);
		for request in 1..=20 {
			let run = TestRun {
				request,
				payer: ATTACKER,
				operators: vec![ATTACKER],
				..Default::default()
			};
			run.settle(10_000);
			assert_eq!(before - wealth(ATTACKER), u128::from(request) * 1_000);
			assert_eq!(Reputation::pending(ATTACKER), 0);
		}
		assert_ok!(Attribution::claim(RuntimeOrigin::signed(ATTACKER)));
		assert_eq!(Balances::balance(&ATTACKER), before - 20_000);
		System::set_block_number(2 * MATURITY);
		assert_eq!(Reputation::power(ATTACKER), 0);
		assert_eq!(Reputation::total(), 0);
	});
}

#[test]
fn self_dealing_through_sybils_costs_a_unit_for_each_point() {
	ExtBuilder::default().build_and_execute(|| {
		// Payer, owner, operator and contributor look like four strangers, and are one.
		let sybils = [PAYER, OWNER, OPERATOR, ATTACKER];
		let before: Balance = sybils.into_iter().map(wealth).sum();
		for request in 1..=10 {
			TestRun {
				request,
				..Default::default()
			}
			.settle(9_999);
		}
		let lost = before - sybils.into_iter().map(wealth).sum::<Balance>();
		let earned: Balance = sybils.into_iter().map(Reputation::pending).sum();
		assert_eq!(lost, earned);
		System::set_block_number(MATURITY + BUCKET);
		let power: u128 = sybils.into_iter().map(Reputation::power).sum();
		assert!(power > 0 && power <= lost);
	});
}

#[test]
fn naming_sybils_besides_an_honest_party_does_not_multiply_points() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			payer: ATTACKER,
			operators: vec![NOBODY],
			attribution: cite([0, 1]),
			..Default::default()
		};
		let parts = run.settle(10_000).parts;
		let everybody = [ATTACKER, NOBODY, HONEST, OWNER];
		let earned: Balance = everybody.into_iter().map(Reputation::pending).sum();
		// The payer is a contributor too: that portion is nobody's.
		assert_eq!(earned, 778);
		assert!(earned < parts.burn + parts.treasury);
		assert_eq!(Reputation::pending(ATTACKER), 0);
	});
}

#[test]
fn five_copies_earn_as_one() {
	ExtBuilder::default().build_and_execute(|| {
		let alone = TestRun {
			attribution: cite([0, 1]),
			..Default::default()
		};
		alone.settle(100_000);
		let (fair, honest) = (credit(ATTACKER), credit(HONEST));
		assert_eq!((fair, honest), (20_000, 20_000));

		// The same batch five times, recognised as duplicates of the first.
		for _ in 0..4 {
			link(add_batch(ATTACKER), 0);
		}
		let copied = TestRun {
			attribution: cite(0..6),
			..Default::default()
		};
		let record = copied.settle(100_000);
		assert_eq!(record.clusters.len(), 2);
		let (gained, left) = (credit(ATTACKER) - fair, credit(HONEST) - honest);
		assert!(gained <= fair, "gain of {gained} on {fair}");
		assert!(left >= honest);
	});
}

#[test]
fn copies_of_somebody_elses_batch_earn_the_copier_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..4 {
			link(add_batch(ATTACKER), 1);
		}
		let run = TestRun {
			attribution: cite(1..6),
			..Default::default()
		};
		run.settle(100_000);
		assert_eq!(credit(ATTACKER), 0);
		assert_eq!(credit(HONEST), 40_000);
	});
}

#[test]
fn a_copy_cited_alone_pays_the_first_contributor() {
	ExtBuilder::default().build_and_execute(|| {
		link(add_batch(ATTACKER), 1);
		let run = TestRun {
			attribution: cite([2]),
			..Default::default()
		};
		run.settle(1_000);
		assert_eq!((credit(ATTACKER), credit(HONEST)), (0, 400));
	});
}

#[test]
fn splitting_data_gains_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		// Two passages in one batch, or each in a batch of its own: the same weight.
		let two = [(0, 800_000), (0, 800_000), (1, 800_000), (1, 800_000)];
		let split = [(0, 800_000), (2, 800_000), (1, 800_000), (1, 800_000)];
		assert_eq!(add_batch(ATTACKER), 2);
		let pay = |request, list: [(BatchId, u32); 4]| {
			let citations = list.map(|(batch, score)| Citation {
				batch,
				row: 0,
				score,
			});
			let before = credit(ATTACKER);
			TestRun {
				request,
				attribution: weigh(&citations).into_inner(),
				..Default::default()
			}
			.settle(100_000);
			credit(ATTACKER) - before
		};
		assert_eq!(pay(1, two), pay(2, split));
	});
}

#[test]
fn an_operator_gains_nothing_by_hiding_or_inventing_attribution() {
	for attribution in [
		Vec::new(),
		cite([404]),
		cite([404, 405, 406]),
		vec![Entry {
			batch: 0,
			weight: 1,
		}],
	] {
		ExtBuilder::default().build_and_execute(|| {
			let run = TestRun {
				attribution,
				..Default::default()
			};
			let parts = run.settle(1_000).parts;
			assert_eq!(credit(OPERATOR), 250);
			assert_eq!(parts.data, 0);
			assert_eq!(parts.treasury, 450);
		});
	}
}

#[test]
fn the_treasury_as_payer_mints_no_voice_out_of_what_returns_to_it() {
	ExtBuilder::default().build_and_execute(|| {
		let fee = <Balances as frame_support::traits::fungible::Balanced<_>>::issue(9_000);
		let run = TestRun {
			payer: TREASURY,
			..Default::default()
		};
		let parts = run.settle_with(fee).parts;
		let earned: Balance = [OWNER, OPERATOR, ATTACKER]
			.into_iter()
			.map(Reputation::pending)
			.sum();
		assert_eq!(earned, parts.burn);
	});
}
