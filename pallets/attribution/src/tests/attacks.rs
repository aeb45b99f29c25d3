//! Attacks on the money loop, and what the attacker keeps.

use crate::mock::*;
use crate::{Error, TotalSetApart};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Balanced, Inspect},
};
use openledger_primitives::{
	attribution::weigh,
	earnings::{Earnings, Part, Summary},
	Balance, BatchId, Citation, Entry,
};

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
		let parts = run.settle(10_000).payment.parts;
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
			let parts = run.settle(1_000).payment.parts;
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
		let parts = run.settle_with(fee).payment.parts;
		let earned: Balance = [OWNER, OPERATOR, ATTACKER]
			.into_iter()
			.map(Reputation::pending)
			.sum();
		assert_eq!(earned, parts.burn);
	});
}

/// Half of what a batch of calls has brought the attacker's batch, half an honest one's.
fn halves() -> Earnings {
	earnings([(0, 50), (1, 50)])
}

#[test]
fn a_share_is_claimed_once() {
	ExtBuilder::default().build_and_execute(|| {
		distribute(0, &halves(), 100_000);
		assert_ok!(claim_share(0, &halves(), 0));
		for _ in 0..3 {
			assert_noop!(claim_share(0, &halves(), 0), Error::<Test>::AlreadyClaimed);
		}
		assert_ok!(claim_share(0, &halves(), 1));
		assert_eq!((credit(ATTACKER), credit(HONEST)), (20_000, 20_000));
	});
}

#[test]
fn a_proof_is_good_for_its_own_distribution() {
	ExtBuilder::default().build_and_execute(|| {
		distribute(0, &halves(), 100_000);
		let (less, more) = (earnings([(0, 1), (1, 99)]), earnings([(0, 99), (1, 1)]));
		distribute(1, &less, 100_000);
		assert_noop!(claim_share(1, &more, 0), Error::<Test>::BadProof);
		assert_noop!(claim_share(1, &halves(), 0), Error::<Test>::BadProof);
		assert_ok!(claim_share(1, &less, 0));
		assert_eq!(credit(ATTACKER), 400);
		// Once for each.
		assert_ok!(claim_share(0, &halves(), 0));
		assert_eq!(credit(ATTACKER), 20_400);
	});
}

#[test]
fn neither_the_copy_nor_the_original_is_paid_besides_the_other() {
	ExtBuilder::default().build_and_execute(|| {
		let copies: Vec<_> = (0..4).map(|_| add_batch(ATTACKER)).collect();
		copies.iter().for_each(|copy| link(*copy, 0));
		let named = copies.iter().copied().chain([0, 1]);
		let earned = Earnings::of(named.map(|batch| (batch, 10))).unwrap();
		distribute(0, &earned, 60_000);
		assert_ok!(claim_share(0, &earned, copies[2]));
		for batch in [0, copies[0], copies[1], copies[3]] {
			assert_noop!(claim_share(0, &earned, batch), Error::<Test>::NothingDue);
		}
		assert_eq!(credit(ATTACKER), 4_000);
	});
}

/// A batch is claimed for the cluster that it is in, and again for the one that this becomes part of.
#[test]
fn joining_clusters_between_claims_pays_no_batch_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (add_batch(ATTACKER), add_batch(ATTACKER));
		link(second, first);
		let earned = earnings([(0, 10), (first, 40), (second, 50)]);
		let data = distribute(0, &earned, 100_000).data;
		assert_ok!(claim_share(0, &earned, second));
		link(first, 0);
		assert_noop!(
			claim_share(0, &earned, second),
			Error::<Test>::AlreadyClaimed
		);
		assert_ok!(claim_share(0, &earned, first));
		assert_noop!(claim_share(0, &earned, 0), Error::<Test>::NothingDue);
		assert_eq!(credit(ATTACKER), data * 9 / 10);
	});
}

/// Whoever made a root: all that is shown under it is not more than was set apart. What an agent can show
/// beyond its sum is nothing.
#[test]
fn a_forged_root_mints_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		// More for a friend's batch than there is in all.
		let inflated = earnings([(0, 100), (1, 100)]);
		let root = Summary {
			sum: 100,
			..inflated.summary()
		};
		let fee = Balances::issue(100_000);
		settle_by_root(PAYER, 0, root, fee);
		for batch in [0, 1] {
			assert_noop!(claim_share(0, &inflated, batch), Error::<Test>::BadProof);
		}
		// A leaf where another one belongs, and one that is there twice.
		let leaf = |batch| Part::Leaf { batch, value: 50 };
		for parts in [
			vec![Part::Node, leaf(1), leaf(0)],
			vec![Part::Node, leaf(0), leaf(0)],
		] {
			assert_eq!(Earnings::from_parts(&parts), None);
			let proof = parts.try_into().unwrap();
			let by = RuntimeOrigin::signed(ATTACKER);
			assert_noop!(
				Attribution::claim_share(by, calls(0), 0, proof),
				Error::<Test>::BadProof
			);
		}
		assert_eq!(TotalSetApart::<Test>::get(), 40_000);
	});
}

#[test]
fn who_claims_for_others_gains_nothing_and_takes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let copy = add_batch(ATTACKER);
		link(copy, 1);
		let earned = earnings([(0, 10), (1, 80), (copy, 10)]);
		distribute(0, &earned, 100_000);
		let (free, before) = (
			Balances::balance(&ATTACKER),
			Balances::total_balance(&ATTACKER),
		);
		let claim = |batch| {
			let proof = earned.prove(batch).unwrap();
			Attribution::claim_share(RuntimeOrigin::signed(ATTACKER), calls(0), batch, proof)
		};
		// The smaller one first: the larger is paid the difference.
		assert_ok!(claim(copy));
		assert_ok!(claim(1));
		assert_eq!(credit(HONEST), 32_000);
		assert_eq!(credit(ATTACKER), 0);
		assert_eq!(Balances::total_balance(&ATTACKER), before);
		expire();
		let by = RuntimeOrigin::signed(ATTACKER);
		assert_ok!(Attribution::close_distribution(by, calls(0)));
		assert_eq!(Balances::balance(&ATTACKER), free, "the deposits are back");
	});
}

#[test]
fn nothing_is_claimed_while_a_distribution_is_closed() {
	ExtBuilder::default().build_and_execute(|| {
		distribute(0, &halves(), 100_000);
		assert_ok!(claim_share(0, &halves(), 0));
		expire();
		for batch in [0, 1] {
			assert_noop!(claim_share(0, &halves(), batch), Error::<Test>::Expired);
		}
	});
}

#[test]
fn self_dealing_by_receipts_loses_as_much_as_by_requests() {
	ExtBuilder::default().build_and_execute(|| {
		Lineage::set(Some(vec![(PAYER, 1)]));
		let own = earnings([(0, 100)]);
		let together = || wealth(PAYER) + wealth(OPERATOR) + wealth(ATTACKER) + held(OPERATOR);
		let before = together();
		for n in 0..10 {
			distribute(n, &own, 10_000);
			assert_ok!(claim_share(n, &own, 0));
		}
		assert_eq!(before - together(), 10_000);
		let earned: Balance = [PAYER, OPERATOR, ATTACKER]
			.into_iter()
			.map(Reputation::pending)
			.sum();
		assert!(earned <= 10_000);
		assert_eq!(Reputation::pending(PAYER), 0);
	});
}
