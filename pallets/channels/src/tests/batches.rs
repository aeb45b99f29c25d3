//! Posting and settling.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	receipt::{Commitment, Totals},
	split::Shares,
};

use super::E;
use crate::{mock::*, Event, HoldReason, OpenBatches};

#[test]
fn a_batch_is_paid_to_the_unit() {
	execute(|| {
		let id = open();
		let mut served = serve(id, 1_000);
		let issuance = Balances::total_issuance();
		assert_ok!(served.post());
		assert_eq!(channel(id).locked, 1_000 * FEE);
		assert_eq!(held(HoldReason::Record, AGENT), BATCH_DEPOSIT);
		assert_eq!(held(HoldReason::Bond, AGENT), BATCH_BOND);
		run(WINDOW - 1);
		assert!(is_open(id, 0));
		assert_eq!(credit(AGENT), 0);
		run(1);

		let fee = 1_000 * FEE;
		let parts = Shares::DEFAULT.split(fee).expect("valid");
		assert_eq!(
			free(AGENT),
			RICH - DISTRIBUTION_DEPOSIT,
			"deposit and bond are back"
		);
		assert_eq!(credit(AGENT), parts.operators);
		assert_eq!(credit(OWNER), parts.model);
		assert_eq!(set_apart(id, 0), parts.data);
		for batch in [FIRST, SECOND] {
			assert_ok!(claim_share(&served, 0, batch));
		}
		assert_eq!(credit(CONTRIBUTOR), parts.data * 3 / 10);
		assert_eq!(credit(SECOND_CONTRIBUTOR), parts.data * 7 / 10);
		assert!(set_apart(id, 0) <= 1);
		assert_eq!(free(TREASURY), RICH + parts.treasury);
		assert_eq!(issuance - Balances::total_issuance(), parts.burn);
		assert_eq!(channel(id).held, DEPOSIT - fee);
		assert_eq!(held(HoldReason::Funds, PAYER), DEPOSIT - fee);
		assert_eq!(
			pallet_attribution::Records::<Test>::iter().count(),
			0,
			"of receipts no record is kept"
		);

		// The next one follows on.
		served = serve(id, 3);
		assert_eq!(served.calls().first, 1_000);
		assert_ok!(served.post());
		assert_eq!(channel(id).calls, 1_003);
	});
}

#[test]
fn what_no_data_shaped_is_the_treasurys() {
	execute(|| {
		let id = open();
		let mut served = Served::begin(id);
		served.call(good(), FEE).call(answer(&[]), 2 * FEE);
		assert_ok!(served.post());
		run(WINDOW);
		let attributed = Shares::DEFAULT.split(FEE).expect("valid");
		let rest = Shares::DEFAULT.split(2 * FEE).expect("valid");
		assert_eq!(credit(AGENT), attributed.operators + rest.operators);
		assert_eq!(set_apart(id, 0), attributed.data);
		assert_ok!(claim_share(&served, 0, FIRST));
		assert_ok!(claim_share(&served, 0, SECOND));
		let paid = credit(CONTRIBUTOR) + credit(SECOND_CONTRIBUTOR);
		assert_eq!(set_apart(id, 0), attributed.data - paid);
		assert_eq!(
			free(TREASURY) - RICH,
			attributed.treasury + rest.treasury + rest.data
		);
		assert!(events().contains(&Event::Settled {
			channel: id,
			batch: 0,
			fee: 3 * FEE,
			unattributed: 2 * FEE,
		}));
	});
}

#[test]
fn nothing_but_unattributed_calls() {
	execute(|| {
		let id = open();
		let mut served = Served::begin(id);
		served.call(answer(&[]), FEE);
		assert_ok!(served.post());
		run(WINDOW);
		assert_eq!(set_apart(id, 0), 0);
		assert!(credit(AGENT) > 0);
	});
}

/// More batches of data than any list on the chain could hold.
#[test]
fn a_batch_of_calls_pays_any_number_of_contributors() {
	execute(|| {
		let id = open();
		let mut served = Served::begin(id);
		for call in 0..10 {
			let named: Vec<_> = (0..64).map(|n| (call * 64 + n, 15_625)).collect();
			served.call(answer(&named), FEE);
		}
		assert_eq!(served.log.totals().earners, 640);
		assert_ok!(served.post());
		let few = posted(id, 1);
		let stored = [0, 1].map(|n| codec::Encode::encoded_size(&batch(id, n)));
		assert_eq!(stored[0], stored[1]);
		run(WINDOW);
		let data = Shares::DEFAULT.split(10 * FEE).expect("valid").data;
		assert_ok!(claim_share(&served, 0, SECOND));
		assert_eq!(credit(SECOND_CONTRIBUTOR), data / 640);
		assert_ok!(claim_share(&few, 1, FIRST));
		assert!(claim_share(&served, 1, FIRST).is_err());
	});
}

#[test]
fn many_batches_wait_side_by_side() {
	execute(|| {
		let id = open();
		for _ in 0..4 {
			posted(id, 2);
			run(1);
		}
		assert_eq!(OpenBatches::<Test>::get(), 4);
		assert_eq!(channel(id).pending, 4);
		assert_eq!(channel(id).locked, 8 * FEE);
		run(WINDOW);
		assert_eq!(OpenBatches::<Test>::get(), 0);
		assert_eq!(channel(id).held, DEPOSIT - 8 * FEE);
	});
}

#[test]
fn who_may_post_and_when() {
	execute(|| {
		let id = open();
		let served = serve(id, 2);
		let by = |n| Served {
			agent: n,
			..served.clone()
		};
		assert_noop!(by(PAYER).post(), E::NotAgent);
		assert_noop!(by(SECOND_AGENT).post(), E::NotAgent);
		let elsewhere = Served {
			id: 9,
			..served.clone()
		};
		assert_noop!(elsewhere.post(), E::UnknownChannel);
		MaxBatches::set(0);
		assert_noop!(served.post(), E::Busy);
		MaxBatches::set(1);
		assert_ok!(served.post());
		assert_noop!(serve(id, 1).post(), E::Busy);
		Agents::leave(AGENT);
		assert_noop!(serve(id, 1).post(), E::NotBonded);
	});
}

#[test]
fn what_does_not_fit_is_refused() {
	execute(|| {
		let id = open();
		let served = serve(id, 3);
		let good = (served.calls(), served.last(), *served.log.totals());
		let spent = served.spent();
		let post = |(calls, last, totals), spent| {
			served.post_all(spent, voucher(PAYER, id, spent), calls, last, totals)
		};
		let (calls, last, totals) = good.clone();

		let none = Commitment { count: 0, ..calls };
		assert_noop!(post((none, last.clone(), totals), spent), E::BatchSize);
		let many = Commitment {
			count: 1_001,
			..calls
		};
		assert_noop!(post((many, last.clone(), totals), spent), E::BatchSize);
		let later = Commitment { first: 1, ..calls };
		assert_noop!(post((later, last.clone(), totals), spent), E::NotNext);
		let fewer = Totals { calls: 2, ..totals };
		assert_noop!(post((calls, last.clone(), fewer), spent), E::BadTotals);
		let nobody = Totals {
			earners: 0,
			..totals
		};
		assert_noop!(post((calls, last.clone(), nobody), spent), E::BadTotals);
		let too_much = Totals {
			unattributed: totals.fee + 1,
			..totals
		};
		assert_noop!(post((calls, last.clone(), too_much), spent), E::BadTotals);
		// They may add up, but are not what was signed.
		let others = [
			Totals {
				earned: calls.root,
				..totals
			},
			Totals {
				unattributed: 1,
				..totals
			},
			Totals {
				earners: 3,
				..totals
			},
		];
		for other in others {
			assert_noop!(post((calls, last.clone(), other), spent), E::OtherTotals);
		}
		let root = Commitment {
			root: Default::default(),
			..calls
		};
		assert_noop!(post((root, last.clone(), totals), spent), E::NotInBatch);
		let second = served.step(1).receipt;
		assert_noop!(post((calls, second, totals), spent), E::NotInBatch);
		for other in [spent - 1, spent + 1] {
			assert_noop!(post(good.clone(), other), E::NotPaid);
		}
		assert_noop!(post(good.clone(), DEPOSIT + 1), E::Overspent);
		assert_ok!(post(good, spent));
	});
}

#[test]
fn calls_have_a_least_price() {
	execute(|| {
		let id = open();
		let mut cheap = Served::begin(id);
		cheap.call(good(), PRICE).call(good(), PRICE - 1);
		assert_noop!(cheap.post(), E::BelowFloor);
		let mut average = Served::begin(id);
		average.call(good(), PRICE + 1).call(good(), PRICE - 1);
		// The owner cannot keep the agent from what it has served, by its price or by pausing.
		assert_ok!(Models::set_price(signed(OWNER), MODEL, 2 * PRICE));
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_ok!(average.post());
	});
}

#[test]
fn a_deposit_that_the_agent_does_not_have() {
	execute(|| {
		let id = open();
		let served = serve(id, 1);
		let all = free(AGENT);
		assert_ok!(Balances::transfer_allow_death(
			signed(AGENT),
			account(OTHER),
			all - BATCH_DEPOSIT - BATCH_BOND
		));
		assert!(served.post().is_err(), "the account has to stay alive");
		check();
		assert_eq!(OpenBatches::<Test>::get(), 0);
	});
}
