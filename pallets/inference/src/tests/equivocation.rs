//! Operators that sign two commitments for one question.

use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use openledger_primitives::{
	protocol,
	traits::{Offence, Performance},
	RequestId,
};
use sp_core::{Pair, H256};

use super::E;
use crate::{mock::*, Ending, Event, SignedCommitment};

/// A commitment that an operator signs for a question.
fn signed_for(question: &H256, n: u8, commitment: H256) -> SignedCommitment {
	SignedCommitment {
		commitment,
		signature: operator(n).sign(&protocol::commit_message(question, &commitment)),
	}
}

fn pair(request: RequestId, n: u8) -> [SignedCommitment; 2] {
	let question = question(request);
	[1, 2].map(|byte| signed_for(&question, n, H256::repeat_byte(byte)))
}

fn report(
	request: RequestId,
	n: u8,
) -> sp_runtime::DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo> {
	let [first, second] = pair(request, n);
	Inference::report_equivocation(signed(OTHER), request, key(n), first, second)
}

#[test]
fn two_signed_commitments_are_proof() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		let info = report(id, AGENT).expect("it is true");
		assert_eq!(info.pays_fee, Pays::No);
		assert_eq!(
			Offences::get(),
			[(AGENT, Offence::Equivocation, Some(OTHER))]
		);
		System::assert_last_event(
			Event::Offended {
				request: id,
				agent: account(AGENT),
				offence: Offence::Equivocation,
				reporter: Some(account(OTHER)),
			}
			.into(),
		);
		assert_noop!(report(id, AGENT), E::AlreadyReported);
		assert_ok!(report(id, AGENT + 1));
	});
}

#[test]
fn it_can_be_proven_after_the_end_once() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		run_committee(id, &[(AGENT, good())]);
		assert_ok!(report(id, AGENT));
		assert_noop!(report(id, AGENT), E::AlreadyReported);
		forget(id);
		assert_noop!(report(id, AGENT), E::UnknownRequest);
		assert_eq!(Offences::get().len(), 1);
	});
}

#[test]
fn its_vote_counts_for_nothing() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		for (n, outcome) in [(0, good()), (1, good()), (2, good())] {
			commit(AGENT + n, id, &outcome);
		}
		assert_ok!(report(id, AGENT));
		for n in 0..3 {
			reveal(AGENT + n, id, &good());
		}
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(credit(AGENT), 0);
		assert!(credit(AGENT + 1) > 0);
		assert_eq!(released(AGENT), Performance::Disagreed);
		assert_eq!(Offences::get().len(), 1, "one offence for one fault");
	});
}

#[test]
fn the_innocent_cannot_be_accused() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let waiting = ask();
		let [first, second] = pair(waiting, AGENT);
		let accuse = |id, n, first, second| {
			Inference::report_equivocation(signed(OTHER), id, key(n), first, second)
		};
		assert_noop!(accuse(waiting, AGENT, first, second), E::NotInCommittee);
		let id = drawn();
		let other_request = waiting;
		assert_noop!(accuse(id + 9, AGENT, first, second), E::UnknownRequest);
		let [first, second] = pair(id, AGENT);
		assert_noop!(accuse(id, AGENT, first, first), E::SameCommitment);
		assert_noop!(accuse(id, AGENT + 1, first, second), E::BadSignature);
		assert_noop!(accuse(id, 77, first, second), E::NotInCommittee);
		assert_noop!(accuse(other_request, AGENT, first, second), E::BadSignature);
		let forged = SignedCommitment {
			commitment: H256::repeat_byte(3),
			..second
		};
		assert_noop!(accuse(id, AGENT, first, forged), E::BadSignature);
		// One commitment for each of two questions, as on two forks, is none.
		let elsewhere = signed_for(&question(other_request), AGENT, second.commitment);
		assert_noop!(accuse(id, AGENT, first, elsewhere), E::BadSignature);
		assert_noop!(
			Inference::report_equivocation(RuntimeOrigin::none(), id, key(AGENT), first, second),
			sp_runtime::DispatchError::BadOrigin
		);
		assert!(Offences::get().is_empty());
	});
}
