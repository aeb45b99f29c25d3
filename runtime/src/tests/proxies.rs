//! What each kind of proxy may do.

use crate::{configs::utility::ProxyType, RuntimeCall};
use frame_support::traits::InstanceFilter;
use openledger_primitives::data::Purpose;
use sp_keyring::Sr25519Keyring::{Alice, Bob};

fn calls() -> Vec<(&'static str, RuntimeCall)> {
	vec![
		(
			"transfer",
			pallet_balances::Call::transfer_allow_death {
				dest: Bob.to_account_id().into(),
				value: 1,
			}
			.into(),
		),
		("chill", pallet_staking::Call::chill {}.into()),
		("purge", pallet_session::Call::purge_keys {}.into()),
		("deregister", pallet_agents::Call::deregister {}.into()),
		(
			"delegate",
			pallet_agents::Call::delegate {
				agent: Bob.to_account_id(),
				amount: 1,
			}
			.into(),
		),
		("pause", pallet_models::Call::pause { model: 0 }.into()),
		(
			"share",
			pallet_models::Call::transfer_shares {
				model: 0,
				to: Bob.to_account_id().into(),
				amount: 1,
			}
			.into(),
		),
		(
			"sell",
			pallet_market::Call::list {
				model: 0,
				price: 1,
				buyer: None,
				until: None,
			}
			.into(),
		),
		(
			"sell shares",
			pallet_market::Call::list_shares {
				model: 0,
				amount: 1,
				price: 1,
				until: None,
			}
			.into(),
		),
		(
			"buy",
			pallet_market::Call::buy {
				model: 0,
				max_price: 1,
				max_deposit: 1,
				divided: false,
			}
			.into(),
		),
		(
			"rent",
			pallet_market::Call::rent {
				model: 0,
				days: 1,
				max_price: 1,
			}
			.into(),
		),
		(
			"let",
			pallet_market::Call::set_terms {
				model: 0,
				price_per_day: 1,
				max_days: 1,
			}
			.into(),
		),
		(
			"close",
			pallet_datanets::Call::close_datanet { datanet: 0 }.into(),
		),
		(
			"approve",
			pallet_access::Call::approve {
				request: 0,
				wrapped_key: None,
			}
			.into(),
		),
		("revoke", pallet_access::Call::revoke { grant: 0 }.into()),
		(
			"ask",
			pallet_access::Call::request_access {
				datanet: 0,
				purpose: Purpose::Research,
				price: 1,
				term: 1,
				key: [1; 32],
			}
			.into(),
		),
		(
			"fund",
			pallet_seasons::Call::fund {
				season: 0,
				amount: 1,
			}
			.into(),
		),
		("judge", pallet_curation::Call::unbond { datanet: 0 }.into()),
		("claim", pallet_attribution::Call::claim {}.into()),
		(
			"vote",
			pallet_proposals::Call::vote {
				proposal: 0,
				milestone: 0,
				approve: true,
			}
			.into(),
		),
		(
			"deliver",
			pallet_proposals::Call::deliver {
				proposal: 0,
				evidence: pallet_proposals::Evidence::Model {
					model: 0,
					version: 0,
				},
			}
			.into(),
		),
		(
			"back",
			pallet_proposals::Call::back {
				proposal: 0,
				amount: 1,
			}
			.into(),
		),
		(
			"give up",
			pallet_proposals::Call::give_up { proposal: 0 }.into(),
		),
		(
			"vote on a referendum",
			pallet_contribution_voting::Call::vote {
				poll_index: 0,
				vote: pallet_contribution_voting::AccountVote::Aye,
			}
			.into(),
		),
		(
			"submit",
			pallet_referenda::Call::submit {
				proposal_origin: Box::new(crate::governance::origins::Origin::AgentAdmin.into()),
				proposal: frame_support::traits::Bounded::Inline(Default::default()),
				enactment_moment: frame_support::traits::schedule::DispatchTime::After(0),
			}
			.into(),
		),
		(
			"have decided",
			pallet_referenda::Call::place_decision_deposit { index: 0 }.into(),
		),
		(
			"reject",
			pallet_proxy::Call::reject_announcement {
				delegate: Alice.to_account_id().into(),
				call_hash: Default::default(),
			}
			.into(),
		),
		(
			"batch",
			pallet_utility::Call::batch { calls: Vec::new() }.into(),
		),
	]
}

fn allowed(kind: ProxyType) -> Vec<&'static str> {
	calls()
		.into_iter()
		.filter(|(_, call)| kind.filter(call))
		.map(|(name, _)| name)
		.collect()
}

#[test]
fn each_kind_may_do_its_own() {
	assert_eq!(allowed(ProxyType::Any).len(), calls().len());
	assert_eq!(
		allowed(ProxyType::NonTransfer),
		[
			"chill",
			"purge",
			"deregister",
			"pause",
			"let",
			"close",
			"approve",
			"judge",
			"claim",
			"vote",
			"deliver",
			"vote on a referendum",
			"submit",
			"reject",
			"batch"
		]
	);
	assert_eq!(allowed(ProxyType::Staking), ["chill", "purge", "batch"]);
	assert_eq!(allowed(ProxyType::CancelProxy), ["reject"]);
	assert_eq!(allowed(ProxyType::Agents), ["deregister", "batch"]);
	assert_eq!(
		allowed(ProxyType::Publishing),
		["pause", "let", "close", "approve", "deliver", "batch"]
	);
	assert_eq!(
		allowed(ProxyType::Governance),
		["vote on a referendum", "submit", "batch"]
	);
}

#[test]
fn nobody_gains_rights_by_a_proxy_of_a_proxy() {
	use ProxyType::{Agents, Any, CancelProxy, Governance, NonTransfer, Publishing, Staking};
	let kinds = [
		Any,
		NonTransfer,
		Staking,
		CancelProxy,
		Agents,
		Publishing,
		Governance,
	];
	for one in kinds {
		for other in kinds {
			if one.is_superset(&other) {
				let more = allowed(one);
				assert!(
					allowed(other).iter().all(|call| more.contains(call)),
					"{one:?} over {other:?}"
				);
			}
		}
	}
}
