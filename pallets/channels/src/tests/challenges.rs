//! What becomes of a challenge.

use frame_support::{assert_noop, assert_ok, weights::Weight};
use openledger_primitives::{
	receipt::{call_seed, Receipt, SignedReceipt},
	traits::{Offence, Ruling},
	Outcome,
};
use sp_runtime::DispatchError;

use super::E;
use crate::{mock::*, Event, HoldReason, Reruns, Stage};

/// A batch of five calls, which is number 0.
fn ready() -> Served {
	posted(open(), 5)
}

fn open_until(served: &Served) -> u32 {
	match batch(served.id, 0).stage {
		Stage::Open { until } => until,
		stage => panic!("not open: {stage:?}"),
	}
}

#[test]
fn a_wrong_result_is_undone_and_paid_for() {
	execute(|| {
		let served = ready();
		let request = contested(CHALLENGER, &served, 0, 3);
		assert_eq!(held(HoldReason::Challenge, CHALLENGER), CHALLENGE_BOND);
		rule(request, Ruling::WrongResult);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::WrongResult, Some(CHALLENGER))]
		);
		assert_eq!(wealth(CHALLENGER), RICH, "the re-run is paid for");
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
		assert_eq!(wealth(PAYER), RICH, "nothing was spent");
		assert_eq!(free(PAYER), RICH, "and nothing is held");
		assert_eq!(free(TREASURY), RICH + BATCH_BOND - RERUN_FEE);
		assert!(events().contains(&Event::Upheld {
			channel: served.id,
			batch: 0,
			unlocked: 5 * FEE,
			lost: BATCH_BOND,
			compensated: RERUN_FEE,
		}));
	});
}

#[test]
fn the_bond_pays_for_a_rerun_however_dear() {
	execute(|| {
		RerunPrice::set(BATCH_BOND);
		let served = ready();
		assert_eq!(batch(served.id, 0).bond, 2 * BATCH_BOND);
		assert_eq!(held(HoldReason::Bond, AGENT), 2 * BATCH_BOND);
		let request = contested(CHALLENGER, &served, 0, 3);
		rule(request, Ruling::WrongResult);
		assert_eq!(wealth(AGENT), RICH - 2 * BATCH_BOND);
		assert_eq!(wealth(CHALLENGER), RICH);
	});
}

#[test]
fn a_committee_is_asked_exactly_what_the_agent_was() {
	execute(|| {
		let served = ready();
		let request = contested(CHALLENGER, &served, 0, 3);
		let (payer, asked) = Asked::get()[request as usize].clone();
		assert_eq!(payer, CHALLENGER);
		assert_eq!(asked.version, 0);
		assert_eq!(asked.input, input(3));
		assert_eq!(asked.said, good());
		assert_eq!(asked.seed, call_seed(&channel(served.id).seed, 3));
		assert_eq!(asked.excluded, [AGENT, CHALLENGER]);
	});
}

#[test]
fn a_false_attribution_is_called_so() {
	execute(|| {
		let request = contested(CHALLENGER, &ready(), 0, 0);
		rule(request, Ruling::FalseAttribution);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::FalseAttribution, Some(CHALLENGER))]
		);
	});
}

#[test]
fn a_challenger_who_is_wrong_loses_its_bond() {
	execute(|| {
		let served = ready();
		let request = contested(CHALLENGER, &served, 0, 4);
		run(RECOMPUTE);
		rule(request, Ruling::Confirmed);
		let half = CHALLENGE_BOND / 2;
		assert_eq!(wealth(CHALLENGER), RICH - RERUN_FEE - CHALLENGE_BOND);
		assert_eq!(wealth(AGENT), RICH + half);
		assert_eq!(free(TREASURY), RICH + CHALLENGE_BOND - half);
		assert_eq!(Offences::get(), []);
		assert!(is_open(served.id, 0));
		run(WINDOW);
		assert!(!is_open(served.id, 0), "it is settled");
		assert_eq!(wealth(PAYER), RICH - 5 * FEE);
	});
}

#[test]
fn where_there_is_no_agreement_nobody_loses() {
	execute(|| {
		let served = ready();
		let request = contested(CHALLENGER, &served, 0, 4);
		rule(request, Ruling::Undecided);
		assert_eq!(free(CHALLENGER), RICH);
		assert_eq!(Offences::get(), []);
		run(WINDOW);
		assert_eq!(wealth(PAYER), RICH - 5 * FEE);
	});
}

#[test]
fn who_does_not_disclose_was_wrong() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 2));
		run(DISCLOSE - 1);
		assert!(is_open(served.id, 0));
		run(1);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::WrongResult, Some(CHALLENGER))]
		);
		assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
		assert_eq!(free(CHALLENGER), RICH);
		assert_eq!(free(PAYER), RICH);
	});
}

#[test]
fn anybody_can_disclose() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 2));
		let payers = Served {
			agent: PAYER,
			..served
		};
		assert_ok!(payers.disclose(0, 2));
	});
}

#[test]
fn only_the_call_itself_is_a_disclosure() {
	execute(|| {
		let served = ready();
		assert_noop!(served.disclose(0, 2), E::NotChallenged);
		assert_noop!(served.disclose(1, 2), E::UnknownBatch);
		assert_ok!(challenge(CHALLENGER, served.id, 0, 2));
		assert_noop!(served.disclose(0, 1), E::OtherCall);
		let disclose = |step, index| {
			Channels::disclose(signed(AGENT), served.id, 0, step, bounded_input(index))
		};
		assert_noop!(disclose(served.step(2), 1), E::OtherInput);
		let mut step = served.step(2);
		step.outcome = answer(&[]);
		assert_noop!(disclose(step, 2), E::OtherOutcome);
		let mut step = served.step(2);
		step.before.fee += 1;
		assert_noop!(disclose(step, 2), E::OtherTotals);
		let mut step = served.step(2);
		step.previous = None;
		assert_noop!(disclose(step, 2), E::NotInBatch);
		let mut step = served.step(2);
		step.receipt.signed.signature.0[0] ^= 1;
		assert_noop!(disclose(step, 2), E::NotInBatch);
		run(DISCLOSE - 1);
		assert_ok!(served.disclose(0, 2));
		assert_noop!(served.disclose(0, 2), E::NotChallenged);
	});
}

#[test]
fn a_disclosure_can_be_too_late() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 2));
		DueWeight::set(Weight::zero());
		run(DISCLOSE);
		assert_noop!(served.disclose(0, 2), E::TooLate);
		DueWeight::set(Weight::MAX);
		run(1);
		assert_eq!(Offences::get().len(), 1);
	});
}

/// A batch of one call, whose receipt names this outcome and version, posted.
fn post_forged(outcome: Outcome, version: u32) -> (Served, SignedReceipt) {
	let id = open();
	let mut served = serve(id, 1);
	let receipt = Receipt {
		outcome: outcome.hash(),
		version,
		..served.last().signed.receipt
	};
	let receipt = sign(AGENT, receipt);
	let mut calls = served.calls();
	calls.root = receipt.leaf();
	let mut last = served.last();
	last.signed = receipt;
	let spent = served.spent();
	let totals = *served.log.totals();
	assert_ok!(served.post_all(spent, voucher(PAYER, id, spent), calls, last, totals));
	served.outcomes = vec![outcome];
	(served, receipt)
}

fn disclose_receipt(served: &Served, signed_receipt: SignedReceipt) {
	assert_ok!(challenge(CHALLENGER, served.id, 0, 0));
	let mut step = served.step(0);
	step.receipt.signed = signed_receipt;
	assert_ok!(Channels::disclose(
		signed(AGENT),
		served.id,
		0,
		step,
		bounded_input(0)
	));
}

#[test]
fn an_outcome_that_cannot_be_is_wrong_at_once() {
	for (outcome, version) in [
		(Outcome::Failed(openledger_primitives::Failure::Internal), 0),
		(answer(&[(7, 1_000_000)]), 0),
		(good(), 1),
	] {
		execute(|| {
			let (served, receipt) = post_forged(outcome, version);
			disclose_receipt(&served, receipt);
			assert_eq!(
				Offences::get(),
				[(AGENT, Offence::WrongResult, Some(CHALLENGER))]
			);
			assert_eq!(free(PAYER), RICH);
			assert_eq!(free(CHALLENGER), RICH);
		});
	}
}

#[test]
fn a_disclosed_step_must_be_right() {
	execute(|| {
		// The outcome names one batch of data, the totals two.
		let (served, receipt) = post_forged(answer(&[(0, 1_000_000)]), 0);
		disclose_receipt(&served, receipt);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::FalseAttribution, Some(CHALLENGER))]
		);
	});
}

#[test]
fn who_may_challenge_what() {
	execute(|| {
		let served = ready();
		let id = served.id;
		assert_noop!(challenge(AGENT, id, 0, 0), E::OwnBatch);
		assert_noop!(challenge(OTHER, id, 0, 5), E::NotInBatch);
		assert_noop!(challenge(OTHER, id, 1, 0), E::UnknownBatch);
		assert_noop!(challenge(OTHER, 9, 0, 0), E::UnknownChannel);
		assert_ok!(challenge(OTHER, id, 0, 0));
		assert_noop!(challenge(CHALLENGER, id, 0, 1), E::AlreadyChallenged);
	});
}

#[test]
fn the_payer_cannot_be_kept_out() {
	for disclosed in [false, true] {
		execute(|| {
			let served = ready();
			assert_ok!(challenge(FRIEND, served.id, 0, 0));
			if disclosed {
				assert_ok!(served.disclose(0, 0));
			}
			assert_noop!(challenge(OTHER, served.id, 0, 1), E::AlreadyChallenged);
			assert_ok!(challenge(PAYER, served.id, 0, 1));
			assert_eq!(held(HoldReason::Challenge, FRIEND), 0);
			assert_eq!(wealth(FRIEND), RICH, "nothing was decided");
			assert!(events().contains(&Event::Overtaken {
				channel: served.id,
				batch: 0,
				challenger: account(FRIEND),
			}));
			assert_noop!(served.disclose(0, 0), E::OtherCall);
			assert_ok!(served.disclose(0, 1));
			assert_noop!(rerun(FRIEND, &served, 0, 0), E::NotChallenger);
			assert_ok!(rerun(PAYER, &served, 0, 1));
			rule(request_of(served.id, 0), Ruling::WrongResult);
			assert_eq!(wealth(AGENT), RICH - BATCH_BOND);
			assert_eq!(wealth(PAYER), RICH);
		});
	}
}

#[test]
fn the_payer_overtakes_once() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(PAYER, served.id, 0, 0));
		assert_noop!(challenge(PAYER, served.id, 0, 1), E::AlreadyChallenged);
		assert_ok!(served.disclose(0, 0));
		assert_ok!(rerun(PAYER, &served, 0, 0));
		rule(request_of(served.id, 0), Ruling::Undecided);
		assert_ok!(challenge(CHALLENGER, served.id, 0, 0));
		assert_ok!(challenge(PAYER, served.id, 0, 1));
		assert_ok!(served.disclose(0, 1));
		assert_ok!(rerun(PAYER, &served, 0, 1));
		assert_noop!(challenge(CHALLENGER, served.id, 0, 0), E::AlreadyChallenged);
		rule(request_of(served.id, 0), Ruling::Undecided);
		assert_ok!(challenge(CHALLENGER, served.id, 0, 0));
		assert_noop!(challenge(PAYER, served.id, 0, 2), E::AlreadyChallenged,);
	});
}

#[test]
fn the_last_word_is_the_payers() {
	execute(|| {
		let served = ready();
		let posted_at = now();
		run_to(posted_at + WINDOW - 1);
		// A friend of the agent's uses up the time that others have.
		let request = contested(FRIEND, &served, 0, 0);
		run_to(posted_at + MAX_WINDOW - REOPEN - 1);
		rule(request, Ruling::Confirmed);
		run_to(posted_at + MAX_WINDOW - REOPEN);
		assert_noop!(challenge(OTHER, served.id, 0, 1), E::TooLate);
		run_to(posted_at + MAX_WINDOW - 2);
		assert_ok!(challenge(PAYER, served.id, 0, 1));
	});
}

#[test]
fn the_window_has_an_end() {
	execute(|| {
		let served = ready();
		DueWeight::set(Weight::zero());
		run(WINDOW);
		assert_noop!(challenge(OTHER, served.id, 0, 0), E::TooLate);
	});
}

#[test]
fn only_the_challenger_has_it_run_again() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 1));
		assert_noop!(rerun(CHALLENGER, &served, 0, 1), E::NotDisclosed);
		assert_ok!(served.disclose(0, 1));
		assert_noop!(rerun(OTHER, &served, 0, 1), E::NotChallenger);
		assert_noop!(rerun(CHALLENGER, &served, 0, 2), E::OtherInput);
		let rerun_with = |outcome, max_fee| {
			Channels::rerun(
				signed(CHALLENGER),
				served.id,
				0,
				bounded_input(1),
				outcome,
				max_fee,
			)
		};
		assert_noop!(rerun_with(answer(&[]), RERUN_FEE), E::OtherOutcome);
		assert_noop!(
			rerun_with(good(), RERUN_FEE - 1),
			DispatchError::Unavailable
		);
		assert_ok!(rerun_with(good(), RERUN_FEE));
		assert_noop!(rerun_with(good(), RERUN_FEE), E::NotDisclosed);
		// What it waits for takes as long as it takes.
		run(RERUN + 1);
		assert!(matches!(batch(served.id, 0).stage, Stage::Rerunning { .. }));
	});
}

#[test]
fn who_challenges_and_gives_up_loses_its_bond() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 1));
		assert_ok!(served.disclose(0, 1));
		DueWeight::set(Weight::zero());
		run(RERUN);
		assert_noop!(rerun(CHALLENGER, &served, 0, 1), E::TooLate);
		DueWeight::set(Weight::MAX);
		run(1);
		assert_eq!(wealth(CHALLENGER), RICH - CHALLENGE_BOND);
		assert_eq!(wealth(AGENT), RICH + CHALLENGE_BOND / 2);
		assert!(is_open(served.id, 0));
	});
}

#[test]
fn without_a_committee_nobody_loses() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 1));
		assert_ok!(served.disclose(0, 1));
		Committees::set(false);
		assert_noop!(rerun(CHALLENGER, &served, 0, 1), DispatchError::Unavailable);
		run(RERUN);
		assert_eq!(free(CHALLENGER), RICH);
		assert!(is_open(served.id, 0));
	});
}

#[test]
fn a_version_that_is_gone_is_the_agents_fault() {
	execute(|| {
		let served = ready();
		assert_ok!(Models::new_version(signed(OWNER), MODEL, spec("new")));
		run(5);
		assert_ok!(challenge(CHALLENGER, served.id, 0, 1));
		assert_ok!(served.disclose(0, 1));
		assert_ok!(Models::remove_version(signed(OWNER), MODEL, 0));
		Committees::set(false);
		run(RERUN);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::WrongResult, Some(CHALLENGER))]
		);
		assert_eq!(free(PAYER), RICH);
	});
}

#[test]
fn after_a_challenge_others_have_their_time() {
	execute(|| {
		let served = ready();
		let usual = open_until(&served);
		run(WINDOW - 1);
		let request = contested(CHALLENGER, &served, 0, 1);
		rule(request, Ruling::Undecided);
		assert_eq!(
			open_until(&served),
			now() + REOPEN,
			"the usual time is over"
		);
		// Early ones take nothing from the usual time.
		let early = posted(open(), 1);
		let request = contested(CHALLENGER, &early, 0, 0);
		rule(request, Ruling::Undecided);
		assert_eq!(open_until(&early), now() + WINDOW);
		assert!(usual < now() + REOPEN);
	});
}

#[test]
fn challenges_end() {
	execute(|| {
		let served = ready();
		let posted_at = now();
		let mut times = 0;
		loop {
			let Stage::Open { until } = batch(served.id, 0).stage else {
				panic!("it is open")
			};
			run_to(until - 1);
			if now() >= posted_at + MAX_WINDOW {
				break;
			}
			if challenge(FRIEND, served.id, 0, 0).is_err() {
				break;
			}
			assert_ok!(served.disclose(0, 0));
			run(RERUN - 1);
			assert_ok!(rerun(FRIEND, &served, 0, 0));
			run(RECOMPUTE);
			rule(request_of(served.id, 0), Ruling::Confirmed);
			times += 1;
		}
		assert!(times >= 2);
		assert_noop!(challenge(FRIEND, served.id, 0, 0), E::TooLate);
		run_to(posted_at + Channels::longest_life());
		assert!(!is_open(served.id, 0));
		assert_eq!(wealth(PAYER), RICH - 5 * FEE);
	});
}

#[test]
fn false_totals_are_proven_without_a_committee() {
	execute(|| {
		let served = ready();
		let report = |step| Channels::report_totals(signed(OTHER), served.id, 0, step);
		assert_noop!(report(served.step(3)), E::StepIsRight);
		let mut step = served.step(3);
		step.outcome = answer(&[]);
		assert_noop!(report(step), E::OtherOutcome);
		assert_noop!(
			Channels::report_totals(signed(OTHER), served.id, 1, served.step(3)),
			E::UnknownBatch
		);
	});
}

#[test]
fn two_receipts_for_one_call() {
	execute(|| {
		let served = ready();
		let id = served.id;
		let first = served.step(2).receipt.signed;
		let second = sign(
			AGENT,
			Receipt {
				fee: FEE + 1,
				..first.receipt
			},
		);
		let report =
			|first, second, n| Channels::report_double(signed(OTHER), id, first, second, n);
		assert_noop!(report(first, first, None), E::NoEquivocation);
		// Signed anew, it is the same receipt.
		assert_noop!(
			report(first, sign(AGENT, first.receipt), None),
			E::NoEquivocation
		);
		let rebatched = sign(
			AGENT,
			Receipt {
				totals: Default::default(),
				..first.receipt
			},
		);
		assert_noop!(report(first, rebatched, None), E::NoEquivocation);
		let later = served.step(3).receipt.signed;
		assert_noop!(report(first, later, None), E::NoEquivocation);
		let elsewhere = sign(
			AGENT,
			Receipt {
				channel: 8,
				..first.receipt
			},
		);
		assert_noop!(report(first, elsewhere, None), E::NoEquivocation);
		let forged = SignedReceipt {
			signature: first.signature,
			..second
		};
		assert_noop!(report(first, forged, None), E::BadSignature);
		assert_noop!(report(first, second, Some(1)), E::UnknownBatch);
		posted(id, 1);
		assert_noop!(report(first, second, Some(1)), E::NotInBatch);

		let result = report(first, second, Some(0)).expect("it is proven");
		assert_eq!(result.pays_fee, frame_support::dispatch::Pays::No);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::Equivocation, Some(OTHER))]
		);
		assert!(!is_open(id, 0), "the batch is undone");
		assert!(is_open(id, 1), "others go their own ways");
		assert_eq!(held(HoldReason::Funds, PAYER), FEE);
		assert_noop!(report(first, second, None), E::AlreadyReported);
		run(WINDOW);
		assert_eq!(wealth(PAYER), RICH - FEE);
	});
}

#[test]
fn an_equivocation_before_anything_is_posted_ends_the_channel() {
	execute(|| {
		let id = open();
		let first = serve(id, 1).last().signed;
		let second = sign(
			AGENT,
			Receipt {
				version: 1,
				..first.receipt
			},
		);
		assert_ok!(Channels::report_double(
			signed(OTHER),
			id,
			first,
			second,
			None
		));
		assert_eq!(free(PAYER), RICH);
		assert!(!crate::Channels::<Test>::contains_key(id));
	});
}

#[test]
fn a_report_overtakes_a_challenge() {
	execute(|| {
		let served = ready();
		let request = contested(CHALLENGER, &served, 0, 1);
		let first = served.step(2).receipt.signed;
		let second = sign(
			AGENT,
			Receipt {
				version: 1,
				..first.receipt
			},
		);
		assert_ok!(Channels::report_double(
			signed(OTHER),
			served.id,
			first,
			second,
			Some(0)
		));
		assert_eq!(wealth(CHALLENGER), RICH, "bond and fee are back");
		assert_eq!(Reruns::<Test>::iter().count(), 0);
		check();
		// What the committee comes to, nobody asks for any more.
		rule(request, Ruling::Confirmed);
		assert_eq!(wealth(CHALLENGER), RICH);
	});
}

#[test]
fn while_the_chain_is_stopped_nobody_loses() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 1));
		run(1);
		SafeMode::set(true);
		run(1);
		SafeMode::set(false);
		run(DISCLOSE);
		assert_eq!(Offences::get(), []);
		assert_eq!(free(CHALLENGER), RICH);

		// It can be challenged again, for a while longer if the chain was stopped then.
		let until = open_until(&served);
		run_to(until - 2);
		SafeMode::set(true);
		run(1);
		SafeMode::set(false);
		run(1);
		assert_eq!(open_until(&served), until + REOPEN);
		run(REOPEN);
		assert!(!is_open(served.id, 0));
	});
}

#[test]
fn a_challenger_is_not_to_blame_for_a_stopped_chain() {
	execute(|| {
		let served = ready();
		assert_ok!(challenge(CHALLENGER, served.id, 0, 1));
		assert_ok!(served.disclose(0, 1));
		SafeMode::set(true);
		run(1);
		SafeMode::set(false);
		run(RERUN);
		assert_eq!(free(CHALLENGER), RICH);
	});
}

#[test]
fn who_reports_first_may_have_spared_the_batch() {
	execute(|| {
		let served = ready();
		let first = served.step(2).receipt.signed;
		let second = sign(
			AGENT,
			Receipt {
				version: 1,
				..first.receipt
			},
		);
		let report = |who, n| Channels::report_double(signed(who), served.id, first, second, n);
		// A friend of the agent does not name the batch.
		assert_ok!(report(FRIEND, None));
		assert_noop!(report(OTHER, None), E::AlreadyReported);
		assert!(is_open(served.id, 0));
		assert_ok!(report(OTHER, Some(0)));
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::Equivocation, Some(FRIEND))],
			"once"
		);
		assert_eq!(free(PAYER), RICH);
	});
}
