//! Commit, reveal, agreement.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{Failure, Outcome};
use sp_runtime::{
	traits::Dispatchable,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError,
};

use super::E;
use crate::{mock::*, types::Phase, Ending, Event, HoldReason, Requests};

/// The transaction is not valid because of this error.
#[track_caller]
fn assert_invalid(applied: Applied, error: E) {
	let expected = match error {
		E::UnknownRequest | E::TooLate => InvalidTransaction::Stale,
		E::BadSignature => InvalidTransaction::BadProof,
		error => match DispatchError::from(error) {
			DispatchError::Module(module) => InvalidTransaction::Custom(module.error[0]),
			_ => unreachable!("it is the pallet's"),
		},
	};
	assert_eq!(applied, Err(TransactionValidityError::Invalid(expected)));
}

#[test]
fn valid_transactions_are_one_per_seat_and_phase() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		let (valid, result) = send(commit_call(AGENT, id, &good())).expect("valid");
		assert_ok!(result);
		assert_eq!(valid.provides.len(), 1);
		assert_eq!(valid.longevity, u64::from(COMMIT));
		assert!(valid.propagate);
		let (revealing, result) = send(reveal_call(AGENT, id, &good())).expect("valid");
		assert_ok!(result);
		assert_eq!(revealing.longevity, u64::from(REVEAL));
		assert_ne!(valid.provides, revealing.provides);
	});
}

#[test]
fn all_commits_open_the_reveals_at_once() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		for n in [AGENT, AGENT + 1] {
			commit(n, id, &good());
			assert_eq!(
				Requests::<Test>::get(id).expect("open").phase,
				Phase::Commit
			);
		}
		assert_invalid(send(reveal_call(AGENT, id, &good())), E::NotRevealing);
		run_to(3);
		commit(AGENT + 2, id, &good());
		let request = Requests::<Test>::get(id).expect("open");
		assert_eq!(request.phase, Phase::Reveal);
		assert_eq!(
			request.reveal_until,
			3 + REVEAL,
			"no need to wait for those that are there"
		);
		System::assert_last_event(
			Event::RevealOpened {
				request: id,
				reveal_until: 3 + REVEAL,
			}
			.into(),
		);
		assert_invalid(send(commit_call(AGENT, id, &good())), E::NotCommitting);
	});
}

#[test]
fn the_majority_wins() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		for n in [AGENT, AGENT + 2] {
			commit(n, id, &good());
		}
		commit(AGENT + 1, id, &other());
		for n in [AGENT, AGENT + 2] {
			reveal(n, id, &good());
		}
		reveal(AGENT + 1, id, &other());
		assert!(matches!(ending(id), Ending::Answered(_)));
		let record = |n| {
			pallet_agents::Agents::<Test>::get(account(n))
				.expect("there")
				.record
		};
		assert_eq!(record(AGENT).agreed, 1);
		assert_eq!(record(AGENT + 1).disagreed, 1);
		assert_eq!(record(AGENT + 2).agreed, 1);
		let credit = |n| pallet_attribution::Credits::<Test>::get(account(n));
		assert!(credit(AGENT) > 0 && credit(AGENT + 2) > 0);
		assert_eq!(credit(AGENT + 1), 0);
	});
}

#[test]
fn those_that_committed_in_time_may_be_enough() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		commit(AGENT, id, &good());
		commit(AGENT + 2, id, &good());
		run_to(1 + COMMIT);
		assert_eq!(
			Requests::<Test>::get(id).expect("open").phase,
			Phase::Reveal
		);
		assert_invalid(send(reveal_call(AGENT + 1, id, &good())), E::NotCommitted);
		reveal(AGENT, id, &good());
		reveal(AGENT + 2, id, &good());
		assert!(
			matches!(ending(id), Ending::Answered(_)),
			"nobody is left to wait for"
		);
		let record = pallet_agents::Agents::<Test>::get(account(AGENT + 1))
			.expect("there")
			.record;
		assert_eq!(record.absent, 1);
	});
}

#[test]
fn too_few_commits_are_refunded() {
	ExtBuilder::default().agents(4).build_and_execute(|| {
		let id = ask();
		commit(AGENT, id, &good());
		commit(AGENT + 1, id, &good());
		run_to(1 + COMMIT);
		assert_eq!(ending(id), Ending::Unanswered, "half is no majority");
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
	});
}

#[test]
fn a_majority_of_reveals_is_enough_at_the_deadline() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		for n in AGENT..AGENT + 3 {
			commit(n, id, &good());
		}
		reveal(AGENT, id, &good());
		reveal(AGENT + 1, id, &good());
		assert!(
			Requests::<Test>::contains_key(id),
			"the third may still disagree"
		);
		run_to(1 + REVEAL);
		assert!(matches!(ending(id), Ending::Answered(_)));
		let record = pallet_agents::Agents::<Test>::get(account(AGENT + 2))
			.expect("there")
			.record;
		assert_eq!(record.absent, 1);
	});
}

#[test]
fn a_dispute_is_refunded() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let before = free(PAYER);
		let id = ask();
		let outcomes = [good(), other(), Outcome::Failed(Failure::OutOfTime)];
		for (n, outcome) in (AGENT..).zip(&outcomes) {
			commit(n, id, outcome);
		}
		for (n, outcome) in (AGENT..).zip(&outcomes) {
			reveal(n, id, outcome);
		}
		assert_eq!(ending(id), Ending::Disputed);
		assert!(has_event(Event::Disputed {
			request: id,
			payer: account(PAYER),
			refunded: PRICE
		}));
		assert_ok!(Inference::forget(signed(PAYER), id));
		assert_eq!(free(PAYER), before);
		for n in AGENT..AGENT + 3 {
			let record = pallet_agents::Agents::<Test>::get(account(n))
				.expect("there")
				.record;
			assert_eq!(record.released, 1, "nobody knows who is right");
		}
	});
}

#[test]
fn an_empty_answer_is_an_answer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		commit(AGENT, id, &answer(&[]));
		reveal(AGENT, id, &answer(&[]));
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn answers_must_be_in_form() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		let request = Requests::<Test>::get(id).expect("open");
		let check =
			|outcome| Inference::check_outcome(&request, &outcome).map_err(DispatchError::from);
		assert_eq!(check(good()), Ok(()));
		assert_eq!(check(answer(&[cite(FIRST, 0, 1_000_000)])), Ok(()));

		let cases = [
			("a score of zero", vec![cite(FIRST, 0, 0)]),
			("a score above one", vec![cite(FIRST, 0, 1_000_001)]),
			("worse first", vec![cite(FIRST, 0, 5), cite(FIRST, 1, 6)]),
			(
				"later batch first",
				vec![cite(SECOND, 0, 5), cite(FIRST, 0, 5)],
			),
			(
				"later row first",
				vec![cite(FIRST, 1, 5), cite(FIRST, 0, 5)],
			),
			("twice", vec![cite(FIRST, 1, 5), cite(FIRST, 1, 5)]),
			(
				"too many",
				(0..=TOP_K).map(|row| cite(FIRST, row, 5)).collect(),
			),
		];
		for (what, citations) in cases {
			assert_eq!(
				check(answer(&citations)),
				Err(E::MalformedAnswer.into()),
				"{what}"
			);
		}
		let with = |change: fn(&mut openledger_primitives::Answer)| {
			let Outcome::Answered(mut answer) = good() else {
				unreachable!("it is an answer")
			};
			change(&mut answer);
			check(Outcome::Answered(answer))
		};
		assert_eq!(
			with(|answer| answer.output = text("42")),
			Err(E::MalformedAnswer.into())
		);
		assert_eq!(
			with(|answer| answer.attribution = Default::default()),
			Err(E::WrongAttribution.into())
		);
		assert_eq!(
			with(|answer| {
				let entries = answer.attribution.iter_mut().map(|entry| &mut entry.weight);
				for (weight, change) in entries.zip([1, -1]) {
					*weight = weight.saturating_add_signed(change);
				}
			}),
			Err(E::WrongAttribution.into())
		);
		assert_eq!(
			check(answer(&[cite(FIRST, ROWS, 5)])),
			Err(E::NoSuchRow.into())
		);
		assert_eq!(
			check(answer(&[cite(LATER, 0, 5)])),
			Err(E::ForeignBatch.into())
		);
		assert_eq!(
			check(answer(&[cite(77, 0, 5)])),
			Err(E::ForeignBatch.into())
		);
	});
}

#[test]
fn what_is_not_valid_stays_out_of_blocks() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		assert_invalid(send(commit_call(AGENT, id + 1, &good())), E::UnknownRequest);
		assert_invalid(send(commit_call(AGENT + 5, id, &good())), E::NotInCommittee);
		commit(AGENT, id, &good());
		assert_invalid(send(commit_call(AGENT, id, &good())), E::AlreadyCommitted);
		let mut call = commit_call(AGENT + 1, id, &good());
		if let crate::Call::commit { commitment, .. } = &mut call {
			commitment.0[0] ^= 1;
		}
		assert_invalid(send(call), E::BadSignature);
		commit(AGENT + 1, id, &good());
		commit(AGENT + 2, id, &good());

		assert_invalid(send(reveal_call(AGENT, id + 1, &good())), E::UnknownRequest);
		assert_invalid(send(reveal_call(AGENT + 5, id, &good())), E::NotInCommittee);
		assert_invalid(
			send(reveal_call(AGENT, id, &other())),
			E::CommitmentMismatch,
		);
		let mut call = reveal_call(AGENT, id, &good());
		if let crate::Call::reveal { signature, .. } = &mut call {
			signature.0[0] ^= 1;
		}
		assert_invalid(send(call), E::BadSignature);
		reveal(AGENT, id, &good());
		assert_invalid(send(reveal_call(AGENT, id, &good())), E::AlreadyRevealed);
	});
}

#[test]
fn what_comes_late_stays_out_of_blocks() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = ask();
		commit(AGENT, id, &good());
		// As the pool sees it: the block has begun, what is due in it not been done.
		System::set_block_number(1 + COMMIT);
		assert_invalid(send(commit_call(AGENT + 1, id, &good())), E::TooLate);
		System::set_block_number(COMMIT);
		commit(AGENT + 1, id, &good());
		let until = Requests::<Test>::get(id).expect("open").reveal_until;
		assert_eq!(until, COMMIT + REVEAL);
		System::set_block_number(until);
		assert_invalid(send(reveal_call(AGENT, id, &good())), E::TooLate);
		System::set_block_number(until - 1);
		reveal(AGENT, id, &good());
	});
}

#[test]
fn nobody_calls_what_authorizes_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		for origin in [RuntimeOrigin::none(), RuntimeOrigin::root(), signed(AGENT)] {
			let call = RuntimeCall::Inference(commit_call(AGENT, id, &good()));
			let error = call.dispatch(origin.clone()).expect_err("not authorized");
			assert_eq!(error.error, DispatchError::BadOrigin);
			let call = RuntimeCall::Inference(reveal_call(AGENT, id, &good()));
			let error = call.dispatch(origin).expect_err("not authorized");
			assert_eq!(error.error, DispatchError::BadOrigin);
		}
	});
}

#[test]
fn dispatch_checks_again() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		let origin = || RuntimeOrigin::from(frame_system::RawOrigin::Authorized);
		let crate::Call::commit {
			operator,
			commitment,
			..
		} = commit_call(AGENT, id, &good())
		else {
			unreachable!("it is a commit")
		};
		assert_noop!(
			Inference::commit(origin(), id, operator, commitment, Default::default()),
			E::BadSignature
		);
		commit(AGENT, id, &good());
		assert_noop!(
			Inference::reveal(origin(), id, operator, other(), [0; 32], Default::default()),
			E::CommitmentMismatch
		);
	});
}
