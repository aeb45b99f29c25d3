//! Where a fee goes.

use crate::{mock::*, Event, PaidCluster, Records, Role, TotalCredits};
use frame_support::{
	assert_ok,
	traits::fungible::{Balanced, Inspect, Mutate},
};
use openledger_primitives::{
	split::{Parts, Shares},
	traits::{Settlement, Source},
	Balance, Entry,
};

#[test]
fn a_fee_is_divided_by_the_shares() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![OPERATOR, SECOND_OPERATOR],
			attribution: entries([(0, 600_000), (1, 400_000)]),
			..Default::default()
		};
		let record = run.settle(1_000);
		let parts = Parts {
			burn: 50,
			treasury: 50,
			model: 250,
			operators: 250,
			data: 400,
		};
		assert_eq!(record.payment.parts, parts);
		assert_eq!(record.payment.payer, PAYER);
		assert_eq!(record.payment.model, MODEL);
		assert_eq!(
			record.clusters.into_inner(),
			[
				PaidCluster {
					cluster: 0,
					weight: 600_000,
					amount: 240,
					contributor: Some(CONTRIBUTOR),
				},
				PaidCluster {
					cluster: 1,
					weight: 400_000,
					amount: 160,
					contributor: Some(SECOND_CONTRIBUTOR),
				},
			]
		);
		assert_eq!(credit(OWNER), 250);
		assert_eq!(credit(OPERATOR), 125);
		assert_eq!(credit(SECOND_OPERATOR), 125);
		assert_eq!(credit(CONTRIBUTOR), 240);
		assert_eq!(credit(SECOND_CONTRIBUTOR), 160);
		assert_eq!(TotalCredits::<Test>::get(), 900);
		assert_eq!(Balances::balance(&Attribution::pot()), 900 + MINIMUM);
		assert_eq!(Balances::balance(&TREASURY), MINIMUM + 50);
		let credited = |who, role, amount| Event::Credited {
			source: Source::Request(1),
			who,
			role,
			amount,
		};
		assert_eq!(
			events(),
			[
				credited(OWNER, Role::Model, 250),
				credited(OPERATOR, Role::Operator, 125),
				credited(SECOND_OPERATOR, Role::Operator, 125),
				credited(CONTRIBUTOR, Role::Data, 240),
				credited(SECOND_CONTRIBUTOR, Role::Data, 160),
				Event::Settled {
					source: Source::Request(1),
					payer: PAYER,
					model: MODEL,
					fee: 1_000,
					parts,
				},
			]
		);
	});
}

#[test]
fn the_events_alone_reconcile() {
	ExtBuilder::default().build_and_execute(|| {
		let mut held = 0;
		for (request, fee) in [(1, 7), (2, 12_345), (3, 999_999)] {
			let attribution = entries([(0, 333_333), (1, 333_333), (9, 333_334)]);
			TestRun {
				request,
				attribution,
				..Default::default()
			}
			.settle(fee);
			held += fee;
		}
		let (mut sums, mut credited, mut diverted) = (Parts::default(), [0; 3], 0);
		for event in events() {
			match event {
				Event::Settled { parts, .. } => {
					sums.burn += parts.burn;
					sums.treasury += parts.treasury;
					sums.model += parts.model;
					sums.operators += parts.operators;
					sums.data += parts.data;
				}
				Event::Credited { role, amount, .. } => {
					let roles = [Role::Model, Role::Operator, Role::Data];
					let index = roles.iter().position(|known| *known == role).unwrap();
					credited[index] += amount;
				}
				Event::Diverted { amount, .. } => diverted += amount,
				other => panic!("unexpected {other:?}"),
			}
		}
		assert_eq!(sums.total(), Some(held));
		assert_eq!(credited, [sums.model, sums.operators, sums.data]);
		assert!(diverted > 0 && diverted < sums.treasury);
	});
}

#[test]
fn one_account_in_all_roles_is_credited_for_each() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![OWNER],
			attribution: entries([(add_batch(OWNER), 1_000_000)]),
			..Default::default()
		};
		run.settle(1_000);
		assert_eq!(credit(OWNER), 900);
		let amounts: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::Credited { role, amount, .. } => Some((role, amount)),
				_ => None,
			})
			.collect();
		assert_eq!(
			amounts,
			[(Role::Model, 250), (Role::Operator, 250), (Role::Data, 400)]
		);
	});
}

#[test]
fn one_contributor_of_two_batches_is_credited_once() {
	ExtBuilder::default().build_and_execute(|| {
		let second = add_batch(CONTRIBUTOR);
		let run = TestRun {
			attribution: entries([(0, 600_000), (second, 400_000)]),
			..Default::default()
		};
		let record = run.settle(1_000);
		assert_eq!(credit(CONTRIBUTOR), 400);
		assert_eq!(record.clusters.len(), 2);
		let credited = events()
			.into_iter()
			.filter(|event| {
				matches!(
					event,
					Event::Credited {
						who: CONTRIBUTOR,
						..
					}
				)
			})
			.count();
		assert_eq!(credited, 1);
	});
}

#[test]
fn royalties_are_followed_to_the_unit() {
	ExtBuilder::default().build_and_execute(|| {
		Lineage::set(Some(vec![(OWNER, 2), (NOBODY, 1), (OWNER, 4)]));
		TestRun::default().settle(1_000);
		// 250 by 2 : 1 : 4 is 71.4 + 35.7 + 142.9.
		assert_eq!(credit(OWNER), 71 + 143);
		assert_eq!(credit(NOBODY), 36);
	});
}

#[test]
fn operators_share_evenly_and_the_first_takes_the_rest() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: vec![SECOND_OPERATOR, OPERATOR, NOBODY],
			..Default::default()
		};
		run.settle(1_000);
		assert_eq!(credit(SECOND_OPERATOR), 84);
		assert_eq!(credit(OPERATOR), 83);
		assert_eq!(credit(NOBODY), 83);
	});
}

/// Settles 1,000 units, of which `amount` that were meant for `role` must go to the treasury.
fn assert_diverted(run: TestRun, role: Role, amount: Balance) {
	let record = run.settle(1_000);
	assert_eq!(record.payment.parts.treasury, 50 + amount);
	assert_eq!(Balances::balance(&TREASURY), MINIMUM + 50 + amount);
	let diverted: Vec<_> = events()
		.into_iter()
		.filter(|event| matches!(event, Event::Diverted { .. }))
		.collect();
	assert_eq!(
		diverted,
		[Event::Diverted {
			source: Source::Request(1),
			role,
			amount,
		}]
	);
	check();
}

#[test]
fn data_without_entries_goes_to_the_treasury() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			attribution: Vec::new(),
			..Default::default()
		};
		assert_diverted(run, Role::Data, 400);
		assert_eq!(credit(OPERATOR), 250);
	});
}

#[test]
fn an_unknown_batchs_part_goes_to_the_treasury_and_to_no_other_batch() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			attribution: entries([(0, 250_000), (77, 750_000)]),
			..Default::default()
		};
		assert_diverted(run, Role::Data, 300);
		assert_eq!(credit(CONTRIBUTOR), 100);
		let record = Records::<Test>::get(1).unwrap();
		assert_eq!(
			record.clusters.last(),
			Some(&PaidCluster {
				cluster: 77,
				weight: 750_000,
				amount: 300,
				contributor: None,
			})
		);
	});
}

#[test]
fn a_withdrawn_batchs_part_goes_to_the_treasury() {
	ExtBuilder::default().build_and_execute(|| {
		let batch = add_batch(CONTRIBUTOR);
		withdraw_batch(batch);
		let run = TestRun {
			attribution: entries([(batch, 1_000_000)]),
			..Default::default()
		};
		assert_diverted(run, Role::Data, 400);
	});
}

#[test]
fn a_withdrawn_copys_part_goes_to_the_treasury_and_not_to_its_cluster() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, copy) = (add_batch(CONTRIBUTOR), add_batch(SECOND_CONTRIBUTOR));
		link(copy, first);
		withdraw_batch(copy);
		let run = TestRun {
			attribution: entries([(copy, 1_000_000)]),
			..Default::default()
		};
		assert_diverted(run, Role::Data, 400);
	});
}

#[test]
fn a_cluster_is_paid_once_however_far_its_batches_are_from_the_head() {
	ExtBuilder::default().build_and_execute(|| {
		let deepest = add_deepest(CONTRIBUTOR);
		let head = Datanets::cluster_of(deepest).unwrap();
		let others = (head..deepest).map(|batch| Entry { batch, weight: 1 });
		let weight = 1_000_000 - (head..deepest).count() as u32;
		let run = TestRun {
			attribution: others
				.chain([Entry {
					batch: deepest,
					weight,
				}])
				.collect(),
			..Default::default()
		};
		let record = run.settle(1_000);
		assert_eq!(
			record.clusters.into_inner(),
			[PaidCluster {
				cluster: head,
				weight,
				amount: 400,
				contributor: Some(CONTRIBUTOR),
			}]
		);
	});
}

#[test]
fn malformed_entries_pay_nobody() {
	let too_many = (0..65)
		.map(|batch| Entry {
			batch,
			weight: if batch == 0 { 1_000_000 - 64 } else { 1 },
		})
		.collect();
	for attribution in [
		entries([(0, 999_999)]),
		entries([(1, 500_000), (0, 500_000)]),
		entries([(0, 500_000), (0, 500_000)]),
		entries([(0, 1_000_000), (1, 0)]),
		entries([(0, u32::MAX), (1, u32::MAX)]),
		too_many,
	] {
		ExtBuilder::default().build_and_execute(|| {
			let run = TestRun {
				attribution,
				..Default::default()
			};
			assert_diverted(run, Role::Data, 400);
			assert!(Records::<Test>::get(1).unwrap().clusters.is_empty());
		});
	}
}

#[test]
fn as_many_entries_as_an_answer_can_have_are_paid() {
	ExtBuilder::default().build_and_execute(|| {
		let contributors = 1_000..1_064;
		let attribution = contributors
			.clone()
			.map(|who| {
				assert_ok!(Balances::mint_into(&who, RICH));
				Entry {
					batch: add_batch(who),
					weight: 15_625,
				}
			})
			.collect();
		let run = TestRun {
			attribution,
			..Default::default()
		};
		let record = run.settle(1_000);
		assert_eq!(record.clusters.len(), 64);
		assert_eq!(contributors.map(credit).sum::<u128>(), 400);
		assert_eq!(credit(1_000), 7, "400 = 64 × 6 + 16");
		assert_eq!(credit(1_063), 6);
	});
}

#[test]
fn the_part_of_a_model_without_owners_goes_to_the_treasury() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			model: 5,
			..Default::default()
		};
		assert_diverted(run, Role::Model, 250);
	});
}

#[test]
fn royalties_of_zero_are_no_royalties() {
	ExtBuilder::default().build_and_execute(|| {
		Lineage::set(Some(vec![(OWNER, 0)]));
		assert_diverted(TestRun::default(), Role::Model, 250);
		assert_eq!(credit(OWNER), 0);
	});
}

#[test]
fn the_part_of_a_run_without_operators_goes_to_the_treasury() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			operators: Vec::new(),
			..Default::default()
		};
		assert_diverted(run, Role::Operator, 250);
	});
}

#[test]
fn the_smallest_fees_lose_no_unit() {
	for fee in 0..=10 {
		ExtBuilder::default().build_and_execute(|| {
			let run = TestRun {
				attribution: entries([(0, 500_000), (1, 500_000)]),
				..Default::default()
			};
			let pot = Balances::balance(&Attribution::pot());
			let treasury = Balances::balance(&TREASURY);
			let record = run.settle(fee);
			let expected = Shares::DEFAULT.split(fee).unwrap();
			assert_eq!(record.payment.parts, expected);
			assert_eq!(
				Balances::balance(&Attribution::pot()) - pot,
				expected.model + expected.operators + expected.data
			);
			assert_eq!(Balances::balance(&TREASURY) - treasury, expected.treasury);
		});
	}
}

#[test]
fn the_largest_fee_does_not_overflow() {
	ExtBuilder::default().build_and_execute(|| {
		let fee = Balances::issue(u128::MAX - Balances::total_issuance());
		let run = TestRun {
			operators: vec![OPERATOR, SECOND_OPERATOR, NOBODY],
			attribution: entries([(0, 1), (1, 999_998), (77, 1)]),
			..Default::default()
		};
		let record = run.settle_with(fee);
		assert!(record.payment.parts.burn > u128::MAX / 21);
		assert_ok!(Attribution::claim_for(
			RuntimeOrigin::signed(PAYER),
			SECOND_CONTRIBUTOR
		));
		assert!(Balances::balance(&SECOND_CONTRIBUTOR) > u128::MAX / 3);
	});
}

#[test]
fn a_forgotten_records_credits_stay() {
	ExtBuilder::default().build_and_execute(|| {
		TestRun::default().settle(1_000);
		assert!(Attribution::record(1).is_some());
		<Attribution as Settlement<_>>::forget(1);
		assert!(Attribution::record(1).is_none());
		assert_eq!(credit(CONTRIBUTOR), 400);
		assert_eq!(TotalCredits::<Test>::get(), 900);
	});
}

#[test]
fn credits_of_several_runs_add_up() {
	ExtBuilder::default().build_and_execute(|| {
		for request in 1..=3 {
			TestRun {
				request,
				..Default::default()
			}
			.settle(1_000);
		}
		assert_eq!(credit(CONTRIBUTOR), 1_200);
		assert_eq!(Records::<Test>::iter_keys().count(), 3);
	});
}

#[test]
fn the_payers_loss_is_earned_by_those_who_were_credited() {
	ExtBuilder::default().build_and_execute(|| {
		TestRun::default().settle(9_000);
		// 900 lost, over 2,250 : 2,250 : 3,600.
		assert_eq!(Reputation::pending(OWNER), 250);
		assert_eq!(Reputation::pending(OPERATOR), 250);
		assert_eq!(Reputation::pending(CONTRIBUTOR), 400);
		assert_eq!(Reputation::pending(TREASURY), 0);
	});
}

#[test]
fn what_the_payer_would_earn_itself_falls_to_nobody_else() {
	ExtBuilder::default().build_and_execute(|| {
		let run = TestRun {
			payer: OWNER,
			..Default::default()
		};
		run.settle(9_000);
		assert_eq!(Reputation::pending(OWNER), 0);
		assert_eq!(Reputation::pending(OPERATOR), 250);
		assert_eq!(Reputation::pending(CONTRIBUTOR), 400);
	});
}

#[test]
fn delegators_get_their_part_of_what_their_operator_earns() {
	ExtBuilder::default().build_and_execute(|| {
		delegate(OPERATOR, 70);
		delegate(SECOND_OPERATOR, 100);
		let run = TestRun {
			operators: vec![OPERATOR, SECOND_OPERATOR],
			..Default::default()
		};
		let record = run.settle(1_002);
		// A quarter of the fee, in two; 70 % of 125 are 87 and a half.
		assert_eq!(record.payment.parts.operators, 250);
		assert_eq!(in_pools(), 87 + 125);
		assert_eq!((credit(OPERATOR), credit(SECOND_OPERATOR)), (38, 0));
		let shared = |agent, amount| Event::Delegated {
			source: Source::Request(1),
			agent,
			amount,
		};
		assert!(events().contains(&shared(OPERATOR, 87)));
		assert!(events().contains(&shared(SECOND_OPERATOR, 125)));
		// Whose money helped is paid by that; whose work was paid for has a voice by it.
		System::set_block_number(MATURITY + BUCKET + 1);
		assert!(Reputation::power(SECOND_OPERATOR) > 0);
	});
}

#[test]
fn what_delegators_cannot_take_stays_with_their_operator() {
	ExtBuilder::default().build_and_execute(|| {
		delegate(OPERATOR, 70);
		PoolsOpen::set(false);
		let record = TestRun::default().settle(1_000);
		assert_eq!(record.payment.parts.operators, 250);
		assert_eq!((in_pools(), credit(OPERATOR)), (0, 250));
	});
}

#[test]
fn without_a_pot_delegators_get_nothing_and_the_treasury_all() {
	ExtBuilder::default().without_pot().build_and_execute(|| {
		delegate(OPERATOR, 70);
		let record = TestRun::default().settle(1_000);
		assert_eq!((record.payment.parts.operators, in_pools()), (0, 0));
		assert_eq!(record.payment.parts.treasury, 950);
	});
}
