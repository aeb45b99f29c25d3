//! Calls of the optimistic tier that are run again.

use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	model::Task,
	traits::{Contested, Offence, Recompute, Ruling},
	Balance, Failure, Outcome, RequestId,
};
use sp_core::H256;
use sp_runtime::DispatchError;

use super::E;
use crate::{mock::*, Receipts, Recomputations, Requests};

const SEED: H256 = H256::repeat_byte(7);

fn seven() -> ExtBuilder {
	ExtBuilder::default().agents(7).committee(3)
}

fn again_with(
	said: &Outcome,
	version: u32,
	input: &[u8],
	max_fee: Balance,
) -> Result<(RequestId, Balance), DispatchError> {
	<Inference as Recompute<_>>::rerun(
		&account(PAYER),
		Contested {
			model: MODEL,
			version,
			seed: SEED,
			input: input.to_vec(),
			said,
			excluded: &[account(AGENT), account(OTHER)],
		},
		max_fee,
	)
}

/// The payer doubts what the first agent said. A committee of the others is drawn.
fn again(said: &Outcome) -> RequestId {
	let (id, _) =
		again_with(said, 0, b"What is a bit?", Balance::MAX).expect("it can be run again");
	run_to(now() + DELAY);
	id
}

/// The first so many members find one thing, the others another.
fn find(id: RequestId, first: usize, one: &Outcome, other: &Outcome) {
	let seats: Vec<_> = committee(id)
		.into_iter()
		.enumerate()
		.map(|(place, n)| (n, if place < first { one } else { other }.clone()))
		.collect();
	run_committee(id, &seats);
}

fn ruled(id: RequestId) -> Ruling {
	match Ruled::get()[..] {
		[(of, ruling)] if of == id => ruling,
		ref list => panic!("one ruling is told, once: {list:?}"),
	}
}

#[test]
fn all_others_answer_with_the_calls_own_seed() {
	seven().build_and_execute(|| {
		let id = again(&good());
		let request = Requests::<Test>::get(id).expect("open");
		let question = request.question.expect("drawn");
		assert_eq!(question.seed, SEED);
		assert_eq!(committee(id).len(), 6);
		assert!(!committee(id).contains(&AGENT));
		assert_noop!(Inference::cancel(signed(PAYER), id), E::AlreadyDrawn);
		find(id, 6, &good(), &good());
		assert_eq!(ruled(id), Ruling::Confirmed);
		assert_eq!(Recomputations::<Test>::iter().count(), 0);
		assert!(Receipts::<Test>::contains_key(id), "it was paid for");
	});
}

#[test]
fn a_doubt_cannot_be_taken_back() {
	seven().build_and_execute(|| {
		let (id, fee) = again_with(&good(), 0, b"x", Balance::MAX).expect("it can");
		assert_eq!(Requests::<Test>::get(id).expect("open").fee, fee);
		assert_noop!(Inference::cancel(signed(PAYER), id), E::IsRerun);
		assert_noop!(again_with(&good(), 0, b"x", fee - 1), E::FeeCapTooLow);
		assert_noop!(
			again_with(&good(), 0, &[b'x'; 513], Balance::MAX),
			E::InputTooLarge
		);
		assert_noop!(again_with(&good(), 1, b"x", Balance::MAX), E::Superseded);
	});
}

#[test]
fn a_wrong_result_needs_a_majority() {
	seven().build_and_execute(|| {
		let id = again(&good());
		find(id, 6, &other(), &other());
		assert_eq!(ruled(id), Ruling::WrongResult);
		assert_eq!(Offences::get(), [], "who asked for it reports");
	});
	seven().build_and_execute(|| {
		let id = again(&good());
		find(id, 3, &other(), &good());
		assert_eq!(Ruled::get(), [], "others are looked for");
		run_to(now() + DELAY);
		assert_eq!(ruled(id), Ruling::Undecided);
		assert_eq!(held(crate::HoldReason::Fee, PAYER), 0, "the fee is back");
	});
}

#[test]
fn members_that_are_wrong_are_reported() {
	seven().build_and_execute(|| {
		let id = again(&good());
		find(id, 1, &other(), &good());
		run_to(now() + DELAY);
		assert_eq!(ruled(id), Ruling::Confirmed);
		assert!(matches!(
			Offences::get()[..],
			[(_, Offence::WrongResult, None)]
		));
	});
}

#[test]
fn a_false_attribution_is_told_apart() {
	let generates = || {
		ExtBuilder::default()
			.agents(7)
			.committee(3)
			.generates(EXACT)
	};
	let attributed = |batch| {
		let Outcome::Answered(cited) = answer(&[cite(batch, 0, 5)]) else {
			unreachable!("it is an answer")
		};
		let Outcome::Answered(mut answer) = said("Paris", &[]) else {
			unreachable!("it is an answer")
		};
		answer.attribution = cited.attribution;
		Outcome::Answered(answer)
	};
	generates().build_and_execute(|| {
		let id = again(&attributed(FIRST));
		find(id, 6, &attributed(SECOND), &good());
		assert_eq!(ruled(id), Ruling::FalseAttribution);
	});
	generates().build_and_execute(|| {
		let id = again(&attributed(FIRST));
		find(id, 6, &said("Lyon", &[]), &good());
		assert_eq!(ruled(id), Ruling::WrongResult);
	});
}

#[test]
fn failures_and_silence_decide_nothing() {
	seven().build_and_execute(|| {
		let id = again(&good());
		let failed = Outcome::Failed(Failure::OutOfTime);
		find(id, 6, &failed, &failed);
		assert_eq!(ruled(id), Ruling::Undecided);
	});
	seven().build_and_execute(|| {
		let id = again(&good());
		run_to(now() + 2 * (DELAY + COMMIT + REVEAL));
		assert_eq!(ruled(id), Ruling::Undecided);
	});
}

#[test]
fn without_a_committee_nothing_is_decided() {
	seven().build_and_execute(|| {
		let (id, _) = again_with(&good(), 0, b"x", Balance::MAX).expect("it can be asked for");
		for n in 2..7 {
			Agents::set_active(AGENT + n, false);
		}
		run_to(now() + DELAY);
		assert_eq!(ruled(id), Ruling::Undecided, "one is too few");
		assert_eq!(held(crate::HoldReason::Fee, PAYER), 0);
	});
}

#[test]
fn a_superseded_version_is_run_as_long_as_it_is_there() {
	seven().build_and_execute(|| {
		assert_ok!(Models::new_version(
			signed(OWNER),
			MODEL,
			inputs(Task::Search { top_k: 1 }, EXACT)
		));
		// Three passages: what the first version returns and the second does not.
		let id = again(&good());
		assert_eq!(Requests::<Test>::get(id).expect("open").version, 0);
		find(id, 6, &good(), &good());
		assert_eq!(ruled(id), Ruling::Confirmed);
	});
}

#[test]
fn what_is_possible_and_available() {
	seven().build_and_execute(|| {
		let possible = |version, outcome: &Outcome| {
			<Inference as Recompute<_>>::is_possible(MODEL, version, outcome)
		};
		assert!(possible(0, &good()));
		assert!(!possible(1, &good()), "there is no such version");
		assert!(!possible(0, &answer(&[cite(LATER, 0, 5)])));
		assert!(!possible(0, &Outcome::Failed(Failure::BadInput)));
		let available = |excluded| <Inference as Recompute<_>>::is_available(MODEL, 0, excluded);
		assert!(available(2) && available(5));
		assert!(!available(6), "seven agents, of whom two must remain");
	});
}

#[test]
fn an_owner_cannot_keep_a_call_from_being_run_again() {
	seven().build_and_execute(|| {
		let fee = || {
			again_with(&good(), 0, b"x", Balance::MAX)
				.expect("it can")
				.1
		};
		let price = || <Inference as Recompute<_>>::price(MODEL, 0).expect("known");
		let before = fee();
		assert!(before <= price(), "the longest input costs no less");
		assert_ok!(Models::set_price(signed(OWNER), MODEL, 1_000_000 * PRICE));
		assert_eq!(fee(), before, "only the compute is paid");
		assert_ok!(Models::pause(signed(OWNER), MODEL));
		assert_eq!(fee(), before);
		assert!(<Inference as Recompute<_>>::is_available(MODEL, 0, 2));
		let id = again(&good());
		find(id, 6, &other(), &other());
		assert_eq!(Ruled::get().pop(), Some((id, Ruling::WrongResult)));
	});
}
