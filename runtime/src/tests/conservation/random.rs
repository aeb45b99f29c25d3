//! Random steps: that they lead somewhere, and that nothing is lost or made on the way.

use super::{driver::run, steps};
use crate::RuntimeEvent;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use std::collections::BTreeSet;

/// How many kinds of events random steps should lead to, see [`name`].
const KINDS: usize = 39;

/// A kind of event that random steps should lead to.
fn name(event: &RuntimeEvent) -> Option<&'static str> {
	use pallet_access::Event as X;
	use pallet_agents::Event as A;
	use pallet_attribution::Event as P;
	use pallet_channels::Event as H;
	use pallet_curation::Event as C;
	use pallet_datanets::Event as D;
	use pallet_inference::Event as I;
	use pallet_market::Event as K;
	use pallet_models::Event as M;
	use pallet_proposals::Event as O;
	Some(match event {
		RuntimeEvent::Channels(H::ToppedUp { .. }) => "more put into a channel",
		RuntimeEvent::Channels(H::Posted { .. }) => "a batch of calls",
		RuntimeEvent::Channels(H::Challenged { .. }) => "a challenge",
		RuntimeEvent::Channels(H::Disclosed { .. }) => "a call disclosed",
		RuntimeEvent::Channels(H::Upheld { .. }) => "an agent caught",
		RuntimeEvent::Channels(H::Closed { .. }) => "a channel's end",
		RuntimeEvent::Proposals(O::MilestonePaid { .. }) => "a milestone paid",
		RuntimeEvent::Proposals(O::Stopped { .. }) => "a proposal stopped",
		RuntimeEvent::Proposals(O::Refunded { .. }) => "a backer refunded",
		RuntimeEvent::Datanets(D::BatchWithdrawn { .. }) => "a batch withdrawn",
		RuntimeEvent::Datanets(D::MetadataUpdated { .. }) => "metadata changed",
		RuntimeEvent::Datanets(D::ReservationEnded { .. }) => "a reservation given up",
		RuntimeEvent::Datanets(D::RulesProposed { .. }) => "rules proposed",
		RuntimeEvent::Curation(C::RoundOpened { .. }) => "a round opened",
		RuntimeEvent::Curation(C::AnswersCommitted { .. }) => "a candidate",
		RuntimeEvent::Access(X::AccessGranted { .. }) => "access granted",
		RuntimeEvent::Access(X::GrantRevoked { .. }) => "access revoked",
		RuntimeEvent::Models(M::VersionAdded { .. }) => "a new version",
		RuntimeEvent::Models(M::ModelDivided { .. }) => "a model divided",
		RuntimeEvent::Models(M::SharesTransferred { .. }) => "shares passed on",
		RuntimeEvent::Models(M::OwnershipTransferred { .. }) => "a model handed over",
		RuntimeEvent::Market(K::ModelSold { .. }) => "a model sold",
		RuntimeEvent::Market(K::SharesSold { .. }) => "shares sold",
		RuntimeEvent::Market(K::RentCollected { .. }) => "rent collected",
		RuntimeEvent::Agents(A::Deregistered { .. }) => "an agent leaving",
		RuntimeEvent::Agents(A::Delegated { .. }) => "a delegation",
		RuntimeEvent::Agents(A::Undelegated { .. }) => "a delegation taken back",
		RuntimeEvent::Attribution(P::Delegated { .. }) => "delegators rewarded",
		RuntimeEvent::Inference(I::Cancelled { .. }) => "a request taken back",
		RuntimeEvent::Inference(I::NotDrawn { .. }) => "too few operators",
		RuntimeEvent::Inference(I::CanaryReturned { .. }) => "a canary given up",
		RuntimeEvent::Inference(I::Answered { .. }) => "an answer",
		RuntimeEvent::Inference(I::RunFailed { .. }) => "a failure",
		RuntimeEvent::Inference(I::Unanswered { .. }) => "an expiry",
		RuntimeEvent::Attribution(P::Claimed { .. }) => "a claim",
		RuntimeEvent::Attribution(P::Diverted { .. }) => "a part without a taker",
		RuntimeEvent::Balances(pallet_balances::Event::Burned { .. }) => "tokens burnt",
		RuntimeEvent::Staking(pallet_staking::Event::Unbonded { .. }) => "stake unbonded",
		RuntimeEvent::Preimage(pallet_preimage::Event::Cleared { .. }) => "a preimage cleared",
		_ => return None,
	})
}

#[test]
fn random_steps_lead_somewhere() {
	let mut runner = TestRunner::deterministic();
	let mut seen = BTreeSet::new();
	// Long ones: many events take several steps before them.
	for _ in 0..300 {
		if seen.len() == KINDS {
			break;
		}
		let steps = steps(400..600)
			.new_tree(&mut runner)
			.expect("a list of steps")
			.current();
		seen.extend(run(&steps).1.iter().filter_map(name));
	}
	assert_eq!(seen.len(), KINDS, "{seen:?}");
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 200, ..Default::default() })]

	#[test]
	fn nothing_is_lost_or_made(steps in steps(1..250)) {
		run(&steps);
	}
}
