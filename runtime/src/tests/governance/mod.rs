//! Referenda on the whole runtime: who passes what, and who does not.

mod committee;
mod origins;
mod referenda;
mod table;

use super::chain::Chain;
use crate::{
	genesis_config_presets::LOCAL,
	governance::{origins::Origin, tracks},
	AccountId, Agents, Attribution, Balances, ContributionVoting, OriginCaller, Origins, Proposals,
	Reputation, Runtime, RuntimeCall,
};
use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{fungible::Mutate, schedule::DispatchTime, Bounded},
};
use frame_system::RawOrigin;
use pallet_contribution_voting::AccountVote;
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};
use serde_json::json;
use sp_keyring::Sr25519Keyring;
use tracks::TrackId;

/// A day of governance is a block.
const PACE: u32 = crate::constants::time::DAYS;

/// All tracks, and who calls what was decided on them.
fn all() -> [(TrackId, OriginCaller); 11] {
	[
		(tracks::ROOT, RawOrigin::Root.into()),
		(tracks::WHITELISTED_CALLER, Origin::WhitelistedCaller.into()),
		(tracks::PARAMETER_ADMIN, Origin::ParameterAdmin.into()),
		(tracks::AGENT_ADMIN, Origin::AgentAdmin.into()),
		(tracks::DATANET_ADMIN, Origin::DatanetAdmin.into()),
		(tracks::MODEL_FUNDER, Origin::ModelFunder.into()),
		(
			tracks::REFERENDUM_CANCELLER,
			Origin::ReferendumCanceller.into(),
		),
		(tracks::REFERENDUM_KILLER, Origin::ReferendumKiller.into()),
		(tracks::SMALL_SPENDER, Origin::SmallSpender.into()),
		(tracks::MEDIUM_SPENDER, Origin::MediumSpender.into()),
		(tracks::BIG_SPENDER, Origin::BigSpender.into()),
	]
}

/// Four validators, and reputation for whom it is granted to: in OPEN.
fn chain(grants: &[(Sr25519Keyring, u128)]) -> Chain {
	chain_at(PACE, grants)
}

/// The same with another pace.
fn chain_at(pace: u32, grants: &[(Sr25519Keyring, u128)]) -> Chain {
	let unit = crate::constants::currency::UNIT;
	let grants: Vec<(AccountId, u128)> = grants
		.iter()
		.map(|(who, open)| (who.to_account_id(), open * unit))
		.collect();
	let patch = json!({ "origins": { "pace": pace }, "reputation": { "grants": grants } });
	Chain::patched(LOCAL, patch)
}

/// What a referendum is about, if it is short.
fn inline(call: RuntimeCall) -> Bounded<RuntimeCall, sp_runtime::traits::BlakeTwo256> {
	Bounded::Inline(call.encode().try_into().expect("it is short"))
}

fn submit(origin: OriginCaller, call: RuntimeCall) -> RuntimeCall {
	pallet_referenda::Call::submit {
		proposal_origin: Box::new(origin),
		proposal: inline(call),
		enactment_moment: DispatchTime::After(0),
	}
	.into()
}

/// Submits a referendum and pays for its decision.
fn referendum(
	chain: &mut Chain,
	by: Sr25519Keyring,
	origin: OriginCaller,
	call: RuntimeCall,
) -> u32 {
	let index = chain.execute(pallet_referenda::ReferendumCount::<Runtime>::get);
	assert_ok!(chain.call(by, submit(origin, call)));
	assert_ok!(chain.call(by, pallet_referenda::Call::place_decision_deposit { index }));
	index
}

fn aye(poll_index: u32) -> RuntimeCall {
	pallet_contribution_voting::Call::vote {
		poll_index,
		vote: AccountVote::Aye,
	}
	.into()
}

fn nay(poll_index: u32) -> RuntimeCall {
	pallet_contribution_voting::Call::vote {
		poll_index,
		vote: AccountVote::Nay,
	}
	.into()
}

/// What became of a referendum.
#[derive(Debug, PartialEq)]
enum Outcome {
	Ongoing,
	Approved,
	Rejected,
	Cancelled,
	Killed,
	TimedOut,
}

fn outcome(chain: &mut Chain, index: u32) -> Outcome {
	let info = chain.execute(|| ReferendumInfoFor::<Runtime>::get(index));
	match info.expect("it was submitted") {
		ReferendumInfo::Ongoing(..) => Outcome::Ongoing,
		ReferendumInfo::Approved(..) => Outcome::Approved,
		ReferendumInfo::Rejected(..) => Outcome::Rejected,
		ReferendumInfo::Cancelled(..) => Outcome::Cancelled,
		ReferendumInfo::Killed(..) => Outcome::Killed,
		ReferendumInfo::TimedOut(..) => Outcome::TimedOut,
	}
}

/// Makes blocks until a referendum is over, or so many.
fn wait(chain: &mut Chain, index: u32, most: u32) -> Outcome {
	for _ in 0..most {
		if outcome(chain, index) != Outcome::Ongoing {
			break;
		}
		chain.blocks(1);
	}
	outcome(chain, index)
}

/// Gives an account tokens behind the chain's back.
fn endow(chain: &mut Chain, who: Sr25519Keyring, amount: u128) {
	chain
		.execute(|| Balances::mint_into(&who.to_account_id(), amount))
		.expect("there is room for it");
}

/// At the end of each test.
fn checked(mut chain: Chain) {
	chain.execute(|| {
		ContributionVoting::do_try_state().expect("ContributionVoting");
		Reputation::do_try_state().expect("Reputation");
		Origins::do_try_state().expect("Origins");
		Agents::do_try_state().expect("Agents");
		Attribution::do_try_state().expect("Attribution");
		Proposals::do_try_state().expect("Proposals");
	});
}
