//! Who makes a call.

use super::{Step, ACTORS};
use crate::{AccountId, Runtime, RuntimeCall};
use sp_keyring::Sr25519Keyring;

/// The account that may make a call; `None` if anyone may, or nobody.
fn rightful(call: &RuntimeCall) -> Option<AccountId> {
	use pallet_agents::Call as A;
	use pallet_datanets::Call as D;
	use pallet_market::Call as K;
	use pallet_models::Call as M;
	let owner = |datanet| Some(pallet_datanets::Datanets::<Runtime>::get(datanet)?.owner);
	let model = pallet_models::Models::<Runtime>::get;
	match call {
		RuntimeCall::Datanets(D::withdraw_batch { batch }) => {
			Some(pallet_datanets::Batches::<Runtime>::get(batch)?.contributor)
		}
		RuntimeCall::Datanets(
			D::close_datanet { datanet }
			| D::update_metadata { datanet, .. }
			| D::list_contributor { datanet, .. }
			| D::propose_rules { datanet, .. },
		)
		| RuntimeCall::Curation(pallet_curation::Call::open_qualification { datanet, .. }) => {
			owner(datanet)
		}
		RuntimeCall::Access(pallet_access::Call::approve { request, .. }) => {
			owner(&pallet_access::Requests::<Runtime>::get(request)?.datanet)
		}
		RuntimeCall::Access(pallet_access::Call::revoke { grant }) => {
			owner(&pallet_access::Grants::<Runtime>::get(grant)?.datanet)
		}
		RuntimeCall::Models(M::accept_ownership { model: id, .. }) => model(id)?.offered_to,
		RuntimeCall::Models(
			M::new_version { model: id, .. }
			| M::pause { model: id }
			| M::resume { model: id }
			| M::set_price { model: id, .. }
			| M::transfer_ownership { model: id, .. }
			| M::divide { model: id, .. }
			| M::set_audience { model: id, .. }
			| M::cancel_transfer { model: id },
		)
		| RuntimeCall::Market(
			K::list { model: id, .. }
			| K::unlist { model: id }
			| K::set_terms { model: id, .. }
			| K::clear_terms { model: id },
		) => Some(model(id)?.owner),
		RuntimeCall::Market(K::list_shares { model: id, .. }) => {
			let holders = pallet_models::Holders::<Runtime>::get(id)?.holders;
			holders.keys().next().cloned()
		}
		RuntimeCall::Market(K::end_rental { model: id }) => {
			pallet_market::Rentals::<Runtime>::iter_key_prefix(id).next()
		}
		RuntimeCall::Models(M::transfer_shares { model: id, .. }) => {
			let holders = pallet_models::Holders::<Runtime>::get(id)?.holders;
			holders.keys().next().cloned()
		}
		RuntimeCall::Agents(A::bond_more { .. } | A::deregister {} | A::unbond { .. }) => {
			pallet_agents::Agents::<Runtime>::iter_keys().next()
		}
		RuntimeCall::Agents(A::undelegate { agent, .. }) => {
			pallet_agents::Delegations::<Runtime>::iter()
				.find(|(whose, _, _)| whose == agent)
				.map(|(_, delegator, _)| delegator)
		}
		RuntimeCall::Inference(pallet_inference::Call::drop_canary { .. }) => {
			pallet_inference::Canaries::<Runtime>::iter_keys()
				.next()
				.map(|(owner, _)| owner)
		}
		RuntimeCall::Inference(pallet_inference::Call::forget { request }) => {
			Some(pallet_inference::Receipts::<Runtime>::get(request)?.payer)
		}
		RuntimeCall::Attribution(pallet_attribution::Call::claim {}) => {
			pallet_attribution::Credits::<Runtime>::iter_keys().next()
		}
		RuntimeCall::Preimage(pallet_preimage::Call::unnote_preimage { hash }) => {
			match pallet_preimage::RequestStatusFor::<Runtime>::get(hash)? {
				pallet_preimage::RequestStatus::Unrequested {
					ticket: (who, _), ..
				} => Some(who),
				_ => None,
			}
		}
		_ => None,
	}
}

/// Who makes the call of a step: in three of four cases the one who may.
pub(super) fn caller(step: Step, call: &RuntimeCall) -> Sr25519Keyring {
	rightful(call)
		.filter(|_| !step.a.is_multiple_of(4))
		.and_then(|who| {
			ACTORS
				.into_iter()
				.find(|actor| actor.to_account_id() == who)
		})
		.unwrap_or(ACTORS[step.actor])
}
