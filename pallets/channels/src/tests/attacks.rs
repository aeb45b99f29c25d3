//! Each test runs an attack and measures what the attacker keeps.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	earnings::{Earnings, MAX_WITNESS_PARTS},
	merkle,
	model::Audience,
	receipt::{Commitment, ProvenReceipt, Receipt, Siblings, SignedReceipt, Step, Totals},
	traits::{Offence, Ruling},
	voucher::Voucher,
	Signature,
};
use sp_core::{Pair, H256};
use sp_runtime::TokenError;

use super::E;
use crate::{mock::*, HoldReason, Stage};

/// A voucher is good for one chain, one channel and one amount, and only once.
#[test]
fn a_voucher_is_good_for_nothing_else() {
	execute(|| {
		let (id, other) = (open(), open());
		let served = serve(id, 2);
		let spent = served.spent();
		assert_noop!(
			served.post_with(spent, voucher(PAYER, other, spent)),
			E::BadVoucher
		);
		assert_noop!(
			served.post_with(spent, voucher(PAYER, id, spent - 1)),
			E::BadVoucher
		);
		assert_noop!(
			served.post_with(spent, voucher(HOT_KEY, id, spent)),
			E::BadVoucher
		);
		let voucher_of = Voucher { channel: id, spent };
		let elsewhere = signer(PAYER).sign(&voucher_of.message(&H256::zero()));
		assert_noop!(served.post_with(spent, elsewhere.into()), E::BadVoucher);
		// As a transaction or other text would be signed: not wrapped.
		let bare = signer(PAYER).sign(&voucher_of.text(&Channels::genesis()));
		assert_noop!(served.post_with(spent, bare.into()), E::BadVoucher);
		let garbage = Signature::Ed25519(Default::default());
		assert_noop!(served.post_with(spent, garbage), E::BadVoucher);

		assert_ok!(served.post());
		assert_noop!(served.post(), E::NotNext);
		run(WINDOW);
		assert_eq!(wealth(PAYER), RICH - spent);
	});
}

/// Whoever has opened a channel before a model was closed to all but its tenants has calls answered as far as the
/// channel was funded, if the agent will: it was paid for. It gets no further.
#[test]
fn a_channel_from_before_a_model_was_closed_runs_out() {
	execute(|| {
		let id = open();
		assert_ok!(Models::set_audience(
			signed(OWNER),
			MODEL,
			Audience::Tenants
		));
		let served = serve(id, 2);
		assert_ok!(served.post());
		assert_noop!(
			Channels::top_up(signed(PAYER), id, DEPOSIT),
			pallet_models::Error::<Test>::TenantsOnly
		);
		assert_noop!(
			Channels::open(signed(PAYER), account(AGENT), MODEL, DEPOSIT, None),
			pallet_models::Error::<Test>::TenantsOnly
		);
		run(WINDOW);
		assert_eq!(wealth(PAYER), RICH - served.spent());
	});
}

/// An older voucher pays for nothing once a later one was posted.
#[test]
fn an_old_voucher_is_worth_nothing() {
	execute(|| {
		let id = open();
		posted(id, 3);
		let mut served = Served::begin(id);
		served.call(good(), FEE);
		for spent in [FEE, 3 * FEE] {
			assert_noop!(
				served.post_with(spent, voucher(PAYER, id, spent)),
				E::NotPaid
			);
		}
	});
}

/// Two agents cannot be promised the same money.
#[test]
fn a_payer_cannot_spend_twice() {
	execute(|| {
		let rest = free(PAYER) - 2 * CHANNEL_DEPOSIT - DEPOSIT - DEPOSIT / 2;
		assert_ok!(Balances::transfer_allow_death(
			signed(PAYER),
			account(OTHER),
			rest
		));
		let first = open();
		assert_noop!(
			Channels::open(signed(PAYER), account(SECOND_AGENT), MODEL, DEPOSIT, None),
			TokenError::FundsUnavailable
		);
		let second = open_by(PAYER, SECOND_AGENT, DEPOSIT / 4);
		// Nor can what was locked be taken back.
		assert!(Balances::transfer_allow_death(signed(PAYER), account(OTHER), DEPOSIT).is_err());
		let mut both = [serve(first, 3), serve(second, 3)];
		for served in &mut both {
			assert_ok!(served.post());
		}
		run(WINDOW);
		assert_eq!(
			held(HoldReason::Funds, PAYER),
			DEPOSIT + DEPOSIT / 4 - 6 * FEE
		);
	});
}

/// A voucher for more than there is: the agent sees it, and does not serve.
#[test]
fn an_uncovered_voucher_pays_nothing() {
	execute(|| {
		let id = open_by(PAYER, AGENT, FEE);
		let served = serve(id, 2);
		assert_noop!(served.post(), E::Overspent);
		assert_ok!(Channels::top_up(signed(PAYER), id, FEE));
		assert_ok!(served.post());
	});
}

/// The agent posts calls twice, or leaves a gap.
#[test]
fn calls_are_posted_once_and_in_order() {
	execute(|| {
		let id = open();
		let served = serve(id, 2);
		assert_ok!(served.post());
		let spent = 4 * FEE;
		assert_noop!(
			served.post_with(spent, voucher(PAYER, id, spent)),
			E::NotNext
		);
		let mut ahead = served.clone();
		let operator = operator(AGENT).public();
		ahead.log = openledger_primitives::receipt::ReceiptLog::new(
			Channels::genesis(),
			id,
			operator,
			3,
			10,
		);
		let receipt = ahead.log.next(0, b"x", &good(), FEE).expect("it fits");
		ahead
			.log
			.push(sign(AGENT, receipt), &good())
			.expect("right");
		assert_noop!(
			ahead.post_with(3 * FEE, voucher(PAYER, id, 3 * FEE)),
			E::NotNext
		);
	});
}

/// The agent posts more calls than the payer has paid for.
#[test]
fn calls_that_nobody_paid_for_are_not_posted() {
	execute(|| {
		let id = open();
		let served = serve(id, 5);
		let paid = 4 * FEE;
		assert_noop!(served.post_with(paid, voucher(PAYER, id, paid)), E::NotPaid);
	});
}

fn proven(receipts: &[SignedReceipt], place: usize) -> ProvenReceipt {
	let leaves: Vec<_> = receipts.iter().map(SignedReceipt::leaf).collect();
	ProvenReceipt {
		signed: receipts[place],
		proof: Siblings::truncate_from(merkle::prove(&leaves, place).expect("there")),
	}
}

/// Three calls, whose third receipt claims that the first batch of data has earned it all.
fn post_false_sum() -> (u64, Step) {
	let id = open();
	let honest = serve(id, 3);
	let right = honest.step(2);
	let mut totals = *honest.log.totals();
	let all = totals.earnings().expect("a sum");
	let friends = Earnings::of([(FIRST, all.sum)]).expect("a sum");
	(totals.earned, totals.earners) = (friends.summary().hash, 1);
	assert!(totals.add_up());
	let mut receipts: Vec<_> = (0..3)
		.map(|index| honest.step(index).receipt.signed)
		.collect();
	receipts[2] = sign(
		AGENT,
		Receipt {
			totals: totals.hash(),
			..receipts[2].receipt
		},
	);
	let leaves: Vec<_> = receipts.iter().map(SignedReceipt::leaf).collect();
	let calls = Commitment {
		root: merkle::root(&leaves).expect("three"),
		..honest.calls()
	};
	let spent = honest.spent();
	assert_ok!(honest.post_all(
		spent,
		voucher(PAYER, id, spent),
		calls,
		proven(&receipts, 2),
		totals
	));
	let step = Step {
		previous: Some(proven(&receipts, 1)),
		receipt: proven(&receipts, 2),
		..right
	};
	(id, step)
}

/// The agent's sums favour its own data: anybody proves it, and it loses more than it could have won.
#[test]
fn a_false_sum_is_found_out() {
	execute(|| {
		let (id, step) = post_false_sum();
		// Not by hiding what the data had earned, or by inventing it.
		let others = [
			Vec::new(),
			Earnings::default().show(&[]),
			Earnings::of([(FIRST, 1)]).expect("a sum").show(&[FIRST]),
		];
		for parts in others {
			let other = Step {
				earned: parts.try_into().expect("few"),
				..step.clone()
			};
			assert_noop!(
				Channels::report_totals(signed(OTHER), id, 0, other),
				E::OtherEarnings
			);
		}
		let result = Channels::report_totals(signed(OTHER), id, 0, step).expect("it is proven");
		assert_eq!(result.pays_fee, frame_support::dispatch::Pays::No);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::FalseAttribution, Some(OTHER))]
		);
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
		assert_eq!(free(PAYER), RICH);
		run(WINDOW);
		assert_eq!(credit(CONTRIBUTOR), 0);
	});
}

/// A root that is no map at all: what it would pay cannot be claimed, and the receipt that names it is proven
/// wrong.
#[test]
fn a_root_of_nothing_pays_nobody_and_is_found_out() {
	execute(|| {
		let id = open();
		let honest = serve(id, 1);
		let totals = Totals {
			earned: H256::repeat_byte(7),
			..*honest.log.totals()
		};
		let receipt = sign(
			AGENT,
			Receipt {
				totals: totals.hash(),
				..honest.last().signed.receipt
			},
		);
		let calls = Commitment {
			root: receipt.leaf(),
			..honest.calls()
		};
		let spent = honest.spent();
		let voucher = voucher(PAYER, id, spent);
		let last = proven(&[receipt], 0);
		assert_ok!(honest.post_all(spent, voucher, calls, last.clone(), totals));
		let step = Step {
			receipt: last,
			..honest.step(0)
		};
		let still_open = frame_support::storage::with_transaction(|| {
			use frame_support::storage::TransactionOutcome::Rollback;
			Rollback(
				Channels::report_totals(signed(OTHER), id, 0, step)
					.map(|_| ())
					.map_err(|failed| failed.error),
			)
		});
		assert_ok!(still_open);
		run(WINDOW);
		let claim = claim_share(&honest, 0, FIRST);
		assert_eq!(
			claim,
			Err(pallet_attribution::Error::<Test>::BadProof.into())
		);
		assert!(set_apart(id, 0) > 0, "it is the treasury's in the end");
	});
}

/// Totals that have not yet begun cannot be invented either.
#[test]
fn the_first_sum_is_checked_against_nothing() {
	execute(|| {
		let id = open();
		let honest = serve(id, 1);
		let mut totals = *honest.log.totals();
		let [(_, first), (_, second)] = honest.log.earnings().entries()[..] else {
			panic!("two have earned");
		};
		let moved = Earnings::of([(FIRST, first + 5), (SECOND, second - 5)]);
		totals.earned = moved.expect("a sum").summary().hash;
		let receipt = sign(
			AGENT,
			Receipt {
				totals: totals.hash(),
				..honest.last().signed.receipt
			},
		);
		let calls = Commitment {
			root: receipt.leaf(),
			..honest.calls()
		};
		let spent = honest.spent();
		let last = proven(&[receipt], 0);
		assert_ok!(honest.post_all(
			spent,
			voucher(PAYER, id, spent),
			calls,
			last.clone(),
			totals
		));
		let step = Step {
			previous: None,
			before: Totals::new(0),
			earned: Earnings::default().show(&[]).try_into().expect("one"),
			receipt: last,
			outcome: good(),
		};
		assert_ok!(Channels::report_totals(signed(OTHER), id, 0, step));
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
	});
}

/// An agent that computes nothing is paid nothing, loses its bond for the batch, and is slashed.
#[test]
fn a_wrong_answer_costs_more_than_it_brings() {
	execute(|| {
		let served = posted(open(), 500);
		let request = contested(CHALLENGER, &served, 0, 250);
		rule(request, Ruling::WrongResult);
		run(WINDOW);
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
		assert_eq!(wealth(CHALLENGER), RICH);
		assert_eq!(wealth(PAYER), RICH);
		assert_eq!(Offences::get().len(), 1);
	});
}

/// False challenges cost the re-run and the bond; what the agent gets of it does not pay for a friend's.
#[test]
fn a_false_challenge_is_a_loss_even_among_friends() {
	execute(|| {
		let served = posted(open(), 5);
		let request = contested(FRIEND, &served, 0, 0);
		rule(request, Ruling::Confirmed);
		let together = wealth(FRIEND) + wealth(AGENT);
		let lost = 2 * RICH - together;
		assert_eq!(lost, RERUN_FEE + CHALLENGE_BOND - CHALLENGE_BOND / 2);
	});
}

/// A friend of the agent challenges first and gives up, to keep others out: they have their time after it,
/// and each round costs the two half a bond.
#[test]
fn a_friend_cannot_shield_a_batch() {
	execute(|| {
		let served = posted(open(), 5);
		run(WINDOW - 1);
		assert_ok!(challenge(FRIEND, served.id, 0, 0));
		assert_noop!(challenge(CHALLENGER, served.id, 0, 3), E::AlreadyChallenged);
		run(DISCLOSE - 1);
		assert_ok!(served.disclose(0, 0));
		run(RERUN);
		let Stage::Open { until } = batch(served.id, 0).stage else {
			panic!("it is open again")
		};
		assert_eq!(until, now() + REOPEN);
		assert_eq!(
			2 * RICH - wealth(FRIEND) - wealth(AGENT),
			CHALLENGE_BOND - CHALLENGE_BOND / 2
		);
		run(REOPEN - 1);
		let request = contested(CHALLENGER, &served, 0, 3);
		rule(request, Ruling::WrongResult);
		assert!(!is_open(served.id, 0));
		assert_eq!(free(PAYER), RICH);
		assert_eq!(wealth(CHALLENGER), RICH);
	});
}

/// Silence and the disclosure of another call come to the same.
#[test]
fn an_agent_cannot_hide_a_call() {
	execute(|| {
		let served = posted(open(), 5);
		assert_ok!(challenge(CHALLENGER, served.id, 0, 3));
		for index in [0, 1, 2, 4] {
			assert_noop!(served.disclose(0, index), E::OtherCall);
		}
		assert_noop!(
			Channels::disclose(
				signed(AGENT),
				served.id,
				0,
				served.step(3),
				bounded_input(2)
			),
			E::OtherInput
		);
		run(DISCLOSE);
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
		assert_eq!(free(PAYER), RICH);
	});
}

/// What the agent signed for the payer, it cannot replace in the batch: two receipts are an equivocation.
#[test]
fn an_agent_cannot_post_other_calls_than_it_served() {
	execute(|| {
		let id = open();
		let told = serve(id, 1).last().signed;
		let mut posted = Served::begin(id);
		posted.call(answer(&[(0, 1_000_000)]), FEE);
		assert_ok!(posted.post());
		let in_batch = posted.last().signed;
		assert_ok!(Channels::report_double(
			signed(PAYER),
			id,
			told,
			in_batch,
			Some(0)
		));
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::Equivocation, Some(PAYER))]
		);
		assert_eq!(wealth(PAYER), RICH);
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
	});
}

/// The payer closes when only a part was posted: the agent posts the rest within the notice.
#[test]
fn a_payer_cannot_run_away() {
	execute(|| {
		let id = open();
		let all = serve(id, 10);
		// The payer hopes that what was posted is all: 4 of 10 calls.
		posted(id, 4);
		assert_ok!(Channels::close(signed(PAYER), id));
		run(CLOSING - 1);
		let mut rest = Served::begin(id);
		for _ in 4..10 {
			rest.call(good(), FEE);
		}
		assert_eq!(rest.spent(), all.spent());
		assert_ok!(rest.post());
		run(1);
		assert_noop!(serve(id, 1).post(), E::Over);
		run(WINDOW);
		assert_eq!(free(PAYER), RICH - 10 * FEE);
	});
}

/// The agent posts, then leaves: what it posted can be challenged all the same. And it cannot leave first.
#[test]
fn an_agent_cannot_run_away() {
	execute(|| {
		let id = open();
		let served = posted(id, 5);
		Agents::leave(AGENT);
		assert_noop!(serve(id, 1).post(), E::NotBonded);
		let request = contested(CHALLENGER, &served, 0, 0);
		rule(request, Ruling::WrongResult);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::WrongResult, Some(CHALLENGER))]
		);
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
		assert_eq!(free(PAYER), RICH);
	});
}

/// A batch that is undone leaves the others of its channel as they are, and nothing more is posted.
#[test]
fn one_wrong_batch_ends_the_channel() {
	execute(|| {
		let id = open();
		let first = posted(id, 2);
		posted(id, 3);
		let third = posted(id, 4);
		let request = contested(CHALLENGER, &first, 0, 0);
		let late = contested(OTHER, &third, 2, 5);
		rule(request, Ruling::WrongResult);
		assert_eq!(held(HoldReason::Funds, PAYER), 7 * FEE, "of two batches");
		assert_noop!(serve(id, 1).post(), E::Over);
		check();
		run(WINDOW);
		rule(late, Ruling::WrongResult);
		assert_eq!(wealth(PAYER), RICH - 3 * FEE);
		assert_eq!(held(HoldReason::Record, PAYER), 0, "the channel is gone");
		assert_eq!(wealth(OTHER), RICH);
	});
}

/// Self-dealing: payer, agent and owner are one. Burn and treasury shares are lost all the same.
#[test]
fn self_dealing_is_a_loss() {
	execute(|| {
		let id = open();
		let all = |list: &[u8]| list.iter().map(|n| wealth(*n)).sum::<u128>();
		let ring = [PAYER, AGENT, OWNER, CONTRIBUTOR, SECOND_CONTRIBUTOR];
		let before = all(&ring);
		let served = posted(id, 10);
		run(WINDOW);
		assert_ok!(Channels::close(signed(AGENT), id));
		for data in [FIRST, SECOND] {
			assert_ok!(claim_share(&served, 0, data));
		}
		let fee = 10 * FEE;
		let parts = openledger_primitives::split::Shares::DEFAULT
			.split(fee)
			.expect("valid");
		let dust = set_apart(id, 0);
		assert!(dust < 2);
		assert_eq!(before - all(&ring), parts.burn + parts.treasury + dust);
	});
}

/// An agent names data whose ids are told apart by their last bits only, so that a step takes the longest
/// proof that there is: it can be shown all the same.
#[test]
fn the_longest_proof_of_a_step_can_be_shown() {
	execute(|| {
		let id = open();
		let named = |last: u64| -> Vec<_> {
			let ids = (100..164).map(|n| n | last);
			ids.map(|batch| (batch, 15_625)).collect()
		};
		let mut served = Served::begin(id);
		for last in [0, 1 << 63, 0] {
			served.call(answer(&named(last)), FEE);
		}
		assert_ok!(served.post());
		let step = served.step(2);
		assert_eq!(step.parts(), MAX_WITNESS_PARTS);
		assert_noop!(
			Channels::report_totals(signed(OTHER), id, 0, step),
			E::StepIsRight
		);
		assert_ok!(challenge(CHALLENGER, id, 0, 2));
		assert_ok!(served.disclose(0, 2));
	});
}
