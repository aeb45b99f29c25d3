//! Commit, reveal, agreement.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{ContentHash, Outcome, Output};
use sp_runtime::{traits::Dispatchable, DispatchError};

use super::{assert_invalid, E};
use crate::{mock::*, types::Phase, Ending, Event, Requests};

#[test]
fn valid_transactions_are_one_per_seat_and_phase() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
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
fn what_is_sent_again_takes_the_place_of_what_was_sent_before() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = drawn();
		let (early, _) = send(commit_call(AGENT, id, &good())).expect("valid");
		run_to(now() + 1);
		let (late, _) = send(commit_call(AGENT + 1, id, &good())).expect("valid");
		assert_eq!(late.priority, early.priority + 1);
		let (early, _) = send(reveal_call(AGENT, id, &good())).expect("valid");
		run_to(now() + 3);
		let (late, _) = send(reveal_call(AGENT + 1, id, &good())).expect("valid");
		assert_eq!(late.priority, early.priority + 3);
	});
}

#[test]
fn all_commits_open_the_reveals_at_once() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		for n in [AGENT, AGENT + 1] {
			commit(n, id, &good());
			assert_eq!(
				Requests::<Test>::get(id).expect("open").phase,
				Phase::Commit
			);
		}
		assert_invalid(send(reveal_call(AGENT, id, &good())), E::NotRevealing);
		run_to(now() + 3);
		commit(AGENT + 2, id, &good());
		let request = Requests::<Test>::get(id).expect("open");
		assert_eq!(request.phase, Phase::Reveal);
		assert_eq!(
			request.until,
			now() + REVEAL,
			"no need to wait for those that are there"
		);
		System::assert_last_event(
			Event::RevealOpened {
				request: id,
				reveal_until: now() + REVEAL,
			}
			.into(),
		);
		assert_invalid(send(commit_call(AGENT, id, &good())), E::NotCommitting);
	});
}

#[test]
fn the_majority_wins() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		run_committee(
			id,
			&[(AGENT, good()), (AGENT + 2, good()), (AGENT + 1, other())],
		);
		run_to(now() + DELAY);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert!(credit(AGENT) > 0);
		assert!(credit(AGENT).abs_diff(credit(AGENT + 2)) <= 1);
		assert_eq!(credit(AGENT + 1), 0);
	});
}

#[test]
fn those_that_committed_in_time_may_be_enough() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		commit(AGENT, id, &good());
		commit(AGENT + 2, id, &good());
		run_to(now() + COMMIT);
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
	});
}

#[test]
fn a_majority_of_reveals_is_enough_at_the_deadline() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		for n in AGENT..AGENT + 3 {
			commit(n, id, &good());
		}
		reveal(AGENT, id, &good());
		reveal(AGENT + 1, id, &good());
		assert!(
			Requests::<Test>::contains_key(id),
			"the third may still disagree"
		);
		run_to(now() + REVEAL);
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn an_empty_answer_is_an_answer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		commit(AGENT, id, &answer(&[]));
		reveal(AGENT, id, &answer(&[]));
		assert!(matches!(ending(id), Ending::Answered(_)));
	});
}

#[test]
fn answers_must_be_in_form() {
	ExtBuilder::default().build_and_execute(|| {
		let check =
			|outcome| Inference::check_outcome(MODEL, 0, &outcome).map_err(DispatchError::from);
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
			with(|answer| answer.output = Output::Inline(text("42"))),
			Err(E::MalformedAnswer.into())
		);
		assert_eq!(
			with(|answer| answer.fingerprint = vec![1].try_into().expect("short")),
			Err(E::WrongFingerprint.into())
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
		let id = drawn();
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
fn generated_answers_must_be_in_form() {
	let checked = |policy, outcome: Outcome| {
		ExtBuilder::default()
			.generates(policy)
			.build_and_execute(|| {
				Inference::check_outcome(MODEL, 0, &outcome).map_err(DispatchError::from)
			})
	};
	let with = |change: fn(&mut openledger_primitives::Answer)| {
		let Outcome::Answered(mut answer) = said("Paris", &[]) else {
			unreachable!("it is an answer")
		};
		change(&mut answer);
		Outcome::Answered(answer)
	};
	let entries = |list: &[(u64, u32)]| {
		let list = list
			.iter()
			.map(|(batch, weight)| openledger_primitives::Entry {
				batch: *batch,
				weight: *weight,
			})
			.collect::<Vec<_>>();
		openledger_primitives::answer::Entries::try_from(list).expect("few")
	};
	for good in [
		said("Paris", &[]),
		said("", &[]),
		answer(&[cite(FIRST, 0, 5)]),
	] {
		assert_eq!(checked(EXACT, good), Ok(()));
	}
	for good in [said("Paris", &[7, -3]), said("", &[]), said("", &[9])] {
		assert_eq!(checked(TOLERANT, good), Ok(()));
	}
	assert_eq!(
		checked(EXACT, said("Paris", &[7])),
		Err(E::WrongFingerprint.into())
	);
	assert_eq!(
		checked(TOLERANT, said("Paris", &[])),
		Err(E::WrongFingerprint.into())
	);
	let no_text =
		with(|answer| answer.output = Output::Inline(vec![0xC3, 0x28].try_into().expect("short")));
	assert_eq!(checked(EXACT, no_text), Err(E::MalformedAnswer.into()));

	let Outcome::Answered(mut answer) = said("Paris", &[]) else {
		unreachable!("it is an answer")
	};
	for (list, expected) in [
		(vec![(FIRST, 400_000), (SECOND, 600_000)], Ok(())),
		(vec![(FIRST, 999_999)], Err(E::MalformedAnswer.into())),
		(vec![(LATER, 1_000_000)], Err(E::ForeignBatch.into())),
		(vec![(77, 1_000_000)], Err(E::ForeignBatch.into())),
	] {
		answer.attribution = entries(&list);
		assert_eq!(checked(EXACT, Outcome::Answered(answer.clone())), expected);
	}
}

#[test]
fn answers_from_passages_must_be_in_form() {
	ExtBuilder::default()
		.answers(SAMPLER)
		.build_and_execute(|| {
			let check =
				|outcome| Inference::check_outcome(MODEL, 0, &outcome).map_err(DispatchError::from);
			let cited = [cite(FIRST, 3, 7_000), cite(SECOND, 8, 30)];
			assert_eq!(check(grounded("Paris.", &cited)), Ok(()));
			assert_eq!(check(grounded("Paris.", &[])), Ok(()), "it rests on none");
			let linked = Output::Linked {
				content: ContentHash::of(b"a long text"),
				bytes: 5_000,
			};
			let with = |change: &dyn Fn(&mut openledger_primitives::Answer)| {
				let Outcome::Answered(mut answer) = grounded("Paris.", &cited) else {
					unreachable!("it is an answer")
				};
				change(&mut answer);
				check(Outcome::Answered(answer))
			};
			assert_eq!(with(&|answer| answer.output = linked.clone()), Ok(()));

			let malformed: Result<(), DispatchError> = Err(E::MalformedAnswer.into());
			assert_eq!(check(grounded("", &cited)), malformed, "it says nothing");
			assert_eq!(
				with(&|answer| {
					answer.output = Output::Inline(vec![0xC3, 0x28].try_into().expect("short"))
				}),
				malformed
			);
			let many: Vec<_> = (0..=TOP_K).map(|row| cite(FIRST, row, 5)).collect();
			for citations in [
				&many[..],
				&[cite(FIRST, 0, 0)],
				&[cite(FIRST, 0, 5), cite(FIRST, 1, 6)],
				&[cite(FIRST, 1, 5), cite(FIRST, 1, 5)],
			] {
				assert_eq!(check(grounded("Paris.", citations)), malformed);
			}
			assert_eq!(
				check(grounded("Paris.", &[cite(FIRST, ROWS, 5)])),
				Err(E::NoSuchRow.into())
			);
			assert_eq!(
				check(grounded("Paris.", &[cite(LATER, 0, 5)])),
				Err(E::ForeignBatch.into())
			);
			assert_eq!(
				with(&|answer| answer.attribution = Default::default()),
				Err(E::WrongAttribution.into())
			);
			assert_eq!(
				with(&|answer| answer.fingerprint = vec![1].try_into().expect("short")),
				Err(E::WrongFingerprint.into())
			);
		});
}

#[test]
fn what_comes_late_stays_out_of_blocks() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = drawn();
		let since = now();
		commit(AGENT, id, &good());
		// As the pool sees it: the block has begun, what is due in it not been done.
		System::set_block_number(since + COMMIT);
		assert_invalid(send(commit_call(AGENT + 1, id, &good())), E::TooLate);
		System::set_block_number(since + COMMIT - 1);
		commit(AGENT + 1, id, &good());
		let until = Requests::<Test>::get(id).expect("open").until;
		assert_eq!(until, since + COMMIT - 1 + REVEAL);
		System::set_block_number(until);
		assert_invalid(send(reveal_call(AGENT, id, &good())), E::TooLate);
		System::set_block_number(until - 1);
		reveal(AGENT, id, &good());
	});
}

#[test]
fn nobody_calls_what_authorizes_itself() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
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
		let id = drawn();
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
