//! Which accounts belong together, as far as the state of other pallets tells; and which ones everybody is
//! paid from. Who funded whom: [`super::transfers`].

use super::{money::TreasuryAccount, utility::ProxyType};
use crate::{
	AccountId, Agents, Attribution, Callbacks, Datanets, Proposals, Revive, Runtime, Seasons,
};
use alloc::vec::Vec;
use frame_support::traits::Contains;
use openledger_primitives::traits::{Link, Links};
use pallet_agents::Delegations;
use pallet_identity::SuperOf;
use pallet_proxy::Proxies;
use pallet_revive::AddressMapper;

/// What accounts have declared about themselves. Nobody else can declare it for them: that an identity counts
/// two accounts among its own does not link the two, as anybody can say so of strangers.
pub struct DeclaredLinks;

impl Links<AccountId> for DeclaredLinks {
	fn between(one: &AccountId, other: &AccountId) -> Option<Link> {
		if have_one_address(one, other) {
			Some(Link::Owner)
		} else if are_in_one_hand(one, other) {
			Some(Link::Proxy)
		} else if is_part_of(one, other) || is_part_of(other, one) {
			Some(Link::Identity)
		} else if backs(one, other) || backs(other, one) {
			Some(Link::Delegation)
		} else {
			None
		}
	}
}

/// Whether Ethereum wallets reach both by the same address: an account, and what was sent to its address
/// while that was not known to be its own.
fn have_one_address(one: &AccountId, other: &AccountId) -> bool {
	type Mapper = <Runtime as pallet_revive::Config>::AddressMapper;
	Mapper::to_address(one) == Mapper::to_address(other)
}

/// Whether one may act for the other in any way, as whoever created a pure proxy may for it; or the same
/// account may do everything for both.
fn are_in_one_hand(one: &AccountId, other: &AccountId) -> bool {
	let proxies = |who: &AccountId| {
		let (proxies, _) = Proxies::<Runtime>::get(who);
		proxies
			.into_iter()
			.map(|proxy| (proxy.delegate, proxy.proxy_type))
			.collect::<Vec<_>>()
	};
	let (of_one, of_other) = (proxies(one), proxies(other));
	let names = |list: &[(AccountId, ProxyType)], who: &AccountId| {
		list.iter().any(|(named, _)| named == who)
	};
	let is_shared = || {
		of_one
			.iter()
			.any(|proxy| proxy.1 == ProxyType::Any && of_other.contains(proxy))
	};
	names(&of_one, other) || names(&of_other, one) || is_shared()
}

/// Whether an account is a sub-account of another one's identity.
fn is_part_of(sub: &AccountId, whole: &AccountId) -> bool {
	SuperOf::<Runtime>::get(sub).is_some_and(|(parent, _)| parent == *whole)
}

/// Whether an account delegates to another's agent.
fn backs(delegator: &AccountId, agent: &AccountId) -> bool {
	Delegations::<Runtime>::contains_key(delegator, agent)
}

/// The accounts of pallets. What comes from them was earned, or is the account's own.
pub struct Pots;

impl Contains<AccountId> for Pots {
	fn contains(who: &AccountId) -> bool {
		[
			TreasuryAccount::get(),
			Attribution::pot(),
			Agents::pot(),
			Datanets::pot_account(),
			Seasons::pot(),
			Proposals::pot(),
			Callbacks::caller(),
			Revive::account_id(),
		]
		.contains(who)
	}
}
