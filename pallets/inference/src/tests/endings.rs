//! Who waits for the end of a request is told of it, once, whichever it is.

use frame_support::assert_ok;
use openledger_primitives::traits::{Closing, OnEnd, Payers};
use sp_core::H256;

use crate::{mock::*, weights::WeightInfo};

#[test]
fn an_answer_is_told_with_its_hash() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		assert_eq!(Inference::payer(id), Some(account(PAYER)));
		run_to(1 + DELAY);
		let all = committee(id).into_iter().map(|n| (n, good()));
		let all: Vec<_> = all.collect();
		assert_eq!(Ended::get(), []);
		run_committee(id, &all);
		let expected = (id, Closing::Answered, good().hash());
		assert_eq!(Ended::get(), [expected]);
		assert_eq!(Inference::payer(id), None);
	});
}

#[test]
fn a_failure_is_told_with_its_hash() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		let all: Vec<_> = committee(id)
			.into_iter()
			.map(|n| {
				(
					n,
					openledger_primitives::Outcome::Failed(
						openledger_primitives::Failure::BadInput,
					),
				)
			})
			.collect();
		run_committee(id, &all);
		let expected = (id, Closing::Failed, all[0].1.hash());
		assert_eq!(Ended::get(), [expected]);
	});
}

#[test]
fn other_ends_are_told_without_one() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let cancelled = ask();
		assert_ok!(Inference::cancel(signed(PAYER), cancelled));
		assert_eq!(
			Ended::take(),
			[(cancelled, Closing::Cancelled, H256::zero())]
		);
		let silent = drawn();
		// All that can be asked are silent, then those of a second committee.
		run_to(now() + 4 * (DELAY + COMMIT + REVEAL));
		assert_eq!(Ended::take(), [(silent, Closing::Unanswered, H256::zero())]);
	});
	ExtBuilder::default().agents(1).build_and_execute(|| {
		let id = ask();
		Agents::set_active(AGENT, false);
		run_to(now() + DELAY);
		assert_eq!(Ended::take(), [(id, Closing::NoOperator, H256::zero())]);
	});
}

#[test]
fn it_is_in_the_weights() {
	use frame_support::dispatch::GetDispatchInfo;

	let cancel = crate::Call::<Test>::cancel { request: 0 };
	assert_eq!(
		cancel.get_dispatch_info().call_weight,
		<() as WeightInfo>::cancel() + <Listener as OnEnd>::weight()
	);
}
