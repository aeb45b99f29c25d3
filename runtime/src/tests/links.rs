//! Who is known to belong together, and who funded whom, however it was done.

use super::{chain::Chain, conservation};
use crate::{
	configs::{
		links::{DeclaredLinks, Pots},
		money::TreasuryAccount,
		transfers::{BlockTransfers, MOST},
		utility::ProxyType,
	},
	constants::currency::{EXISTENTIAL_DEPOSIT, UNIT},
	genesis_config_presets::{ethereum_account, DEVELOPMENT},
	AccountId, Agents, Attribution, Balance, Balances, Reputation, Runtime, RuntimeCall,
	RuntimeEvent, System,
};
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, Inspect},
		tokens::{Fortitude, Precision, Preservation},
		Contains, Hooks,
	},
};
use openledger_primitives::{
	answer::{Entry, TOTAL_WEIGHT},
	traits::{Link, Links, ReputationSink, Run, Settlement, Source},
	RequestId,
};
use pallet_reputation::funding::{Transfer, Transfers};
use pallet_revive::AddressMapper;
use proptest::prelude::*;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_runtime::MultiAddress;

const FEE: Balance = 10 * UNIT;

/// An account that does not exist yet.
fn fresh(n: u8) -> AccountId {
	[n; 32].into()
}

fn declared(chain: &mut Chain, one: &AccountId, other: &AccountId) -> Option<Link> {
	let (here, there) = chain.execute(|| {
		(
			DeclaredLinks::between(one, other),
			DeclaredLinks::between(other, one),
		)
	});
	assert_eq!(here, there, "whichever way round");
	here
}

/// What links a payer to whom it pays, funding included.
fn link(chain: &mut Chain, payer: &AccountId, who: &AccountId) -> Option<Link> {
	chain.execute(|| {
		System::reset_events();
		Reputation::earned(who, payer, UNIT);
		System::events()
			.into_iter()
			.find_map(|record| match record.event {
				RuntimeEvent::Reputation(pallet_reputation::Event::LinkedPayment {
					link, ..
				}) => Some(link),
				_ => None,
			})
	})
}

fn transfer(to: &AccountId, value: Balance) -> RuntimeCall {
	pallet_balances::Call::transfer_keep_alive {
		dest: to.clone().into(),
		value,
	}
	.into()
}

fn add_proxy(delegate: Sr25519Keyring, proxy_type: ProxyType) -> RuntimeCall {
	pallet_proxy::Call::add_proxy {
		delegate: delegate.to_account_id().into(),
		proxy_type,
		delay: 0,
	}
	.into()
}

fn create_pure(chain: &mut Chain, by: Sr25519Keyring, index: u16) -> AccountId {
	let create = pallet_proxy::Call::create_pure {
		proxy_type: ProxyType::Any,
		delay: 0,
		index,
	};
	assert_ok!(chain.call(by, create));
	chain
		.events()
		.into_iter()
		.find_map(|event| match event {
			RuntimeEvent::Proxy(pallet_proxy::Event::PureCreated { pure, .. }) => Some(pure),
			_ => None,
		})
		.expect("it was created")
}

#[test]
fn proxies_belong_to_those_for_whom_they_act() {
	let mut chain = Chain::new(DEVELOPMENT);
	let [bob, charlie, dave, eve, ferdie] =
		[Bob, Charlie, Dave, Eve, Ferdie].map(|key| key.to_account_id());
	assert_ok!(chain.call(Bob, add_proxy(Charlie, ProxyType::Staking)));
	assert_eq!(declared(&mut chain, &bob, &charlie), Some(Link::Proxy));
	assert_eq!(declared(&mut chain, &bob, &dave), None);

	// Who may do everything for two accounts has both in hand; who may do less has not.
	assert_ok!(chain.call(Dave, add_proxy(Charlie, ProxyType::Staking)));
	assert_eq!(declared(&mut chain, &bob, &dave), None);
	assert_ok!(chain.call(Eve, add_proxy(Charlie, ProxyType::Any)));
	assert_eq!(declared(&mut chain, &eve, &dave), None);
	assert_ok!(chain.call(Ferdie, add_proxy(Charlie, ProxyType::Any)));
	assert_eq!(declared(&mut chain, &eve, &ferdie), Some(Link::Proxy));
}

#[test]
fn pure_proxies_belong_to_who_created_them_and_to_each_other() {
	let mut chain = Chain::new(DEVELOPMENT);
	let [one, other] = [0, 1].map(|index| create_pure(&mut chain, Bob, index));
	let third = create_pure(&mut chain, Charlie, 0);
	let bob = Bob.to_account_id();
	assert_eq!(declared(&mut chain, &one, &bob), Some(Link::Proxy));
	assert_eq!(declared(&mut chain, &one, &other), Some(Link::Proxy));
	assert_eq!(declared(&mut chain, &one, &third), None);
}

#[test]
fn sub_accounts_belong_to_an_identity_and_strangers_cannot_be_made_siblings() {
	let mut chain = Chain::new(DEVELOPMENT);
	let set = pallet_identity::Call::set_identity {
		info: Default::default(),
	};
	assert_ok!(chain.call(Bob, set));
	for sub in [Charlie, Dave] {
		let add = pallet_identity::Call::add_sub {
			sub: sub.to_account_id().into(),
			data: pallet_identity::Data::None,
		};
		assert_ok!(chain.call(Bob, add));
	}
	let [bob, charlie, dave] = [Bob, Charlie, Dave].map(|key| key.to_account_id());
	assert_eq!(declared(&mut chain, &bob, &charlie), Some(Link::Identity));
	assert_eq!(declared(&mut chain, &bob, &dave), Some(Link::Identity));
	// Bob did not ask them.
	assert_eq!(declared(&mut chain, &charlie, &dave), None);
}

#[test]
fn a_delegator_belongs_to_its_agent() {
	let mut chain = conservation::chain();
	let [alice, eve, ferdie] = [Alice, Eve, Ferdie].map(|key| key.to_account_id());
	assert_eq!(declared(&mut chain, &ferdie, &eve), None);
	let delegate = pallet_agents::Call::delegate {
		agent: eve.clone(),
		amount: UNIT,
	};
	for by in [Ferdie, Alice] {
		assert_ok!(chain.call(by, delegate.clone()));
	}
	assert_eq!(declared(&mut chain, &ferdie, &eve), Some(Link::Delegation));
	// Two that back the same agent need not know each other.
	assert_eq!(declared(&mut chain, &ferdie, &alice), None);
}

#[test]
fn an_account_and_what_was_sent_to_its_address_are_one_owners() {
	let mut chain = Chain::new(DEVELOPMENT);
	let bob = Bob.to_account_id();
	type Mapper = <Runtime as pallet_revive::Config>::AddressMapper;
	let unmapped = ethereum_account(Mapper::to_address(&bob));
	assert_eq!(declared(&mut chain, &bob, &unmapped), Some(Link::Owner));
	let other = ethereum_account(sp_core::H160::repeat_byte(7));
	assert_eq!(declared(&mut chain, &bob, &other), None);
}

#[test]
fn a_funding_is_seen_however_it_is_made() {
	let mut chain = Chain::new(DEVELOPMENT);
	assert_ok!(chain.call(Bob, add_proxy(Charlie, ProxyType::Any)));
	let others = vec![Dave.to_account_id()];
	let multisig = pallet_multisig::Pallet::<Runtime>::multi_account_id(
		&{
			let mut all = vec![Bob.to_account_id(), Dave.to_account_id()];
			all.sort();
			all
		},
		1,
	);
	let amount = 5 * UNIT;
	let ways: Vec<(Sr25519Keyring, AccountId, RuntimeCall, AccountId)> = vec![
		(
			Bob,
			Bob.to_account_id(),
			transfer(&fresh(1), amount),
			fresh(1),
		),
		(
			Bob,
			Bob.to_account_id(),
			// In pieces, each of them below the least funding.
			pallet_utility::Call::batch_all {
				calls: vec![transfer(&fresh(2), UNIT / 5); 5],
			}
			.into(),
			fresh(2),
		),
		(
			Charlie,
			Bob.to_account_id(),
			pallet_proxy::Call::proxy {
				real: Bob.to_account_id().into(),
				force_proxy_type: None,
				call: Box::new(transfer(&fresh(3), amount)),
			}
			.into(),
			fresh(3),
		),
		(
			Bob,
			Bob.to_account_id(),
			transfer(&multisig, 10 * amount),
			multisig.clone(),
		),
		(
			Bob,
			multisig.clone(),
			pallet_multisig::Call::as_multi_threshold_1 {
				other_signatories: others,
				call: Box::new(transfer(&fresh(4), amount)),
			}
			.into(),
			fresh(4),
		),
		(
			Bob,
			Bob.to_account_id(),
			pallet_revive::Call::call {
				dest: sp_core::H160::repeat_byte(9),
				value: amount,
				weight_limit: frame_support::weights::Weight::from_parts(10_000_000_000, 1_000_000),
				storage_deposit_limit: UNIT,
				data: Vec::new(),
			}
			.into(),
			ethereum_account(sp_core::H160::repeat_byte(9)),
		),
	];
	for (by, funder, call, to) in ways {
		assert_ok!(chain.call(by, call.clone()));
		let funded = chain.execute(|| Reputation::funded_by(to.clone()));
		assert_eq!(funded, Some(funder.clone()), "{call:?}");
		assert_eq!(link(&mut chain, &funder, &to), Some(Link::Funding));
	}
	assert_eq!(
		link(&mut chain, &fresh(1), &fresh(2)),
		Some(Link::Funding),
		"the same account funded both"
	);
}

#[test]
fn a_small_gift_links_nobody() {
	let mut chain = Chain::new(DEVELOPMENT);
	let batch = pallet_utility::Call::batch_all {
		calls: [1, UNIT, 1_000 * UNIT]
			.into_iter()
			.flat_map(|value| [Dave, Eve].map(|to| transfer(&to.to_account_id(), value)))
			.chain([transfer(&fresh(1), EXISTENTIAL_DEPOSIT)])
			.collect(),
	};
	assert_ok!(chain.call(Bob, batch));
	let [dave, eve] = [Dave, Eve].map(|key| key.to_account_id());
	assert_eq!(link(&mut chain, &dave, &eve), None);
	assert_eq!(link(&mut chain, &fresh(1), &eve), None);
}

#[test]
fn what_is_claimed_links_nobody() {
	let mut chain = conservation::chain();
	let takers = [fresh(1), fresh(2)];
	chain.execute(|| {
		pay(&Bob.to_account_id(), &takers, Vec::new(), FEE, 7);
	});
	for who in &takers {
		let claim = pallet_attribution::Call::claim_for { who: who.clone() };
		assert_ok!(chain.call(Ferdie, claim));
		assert!(chain.execute(|| Balances::total_balance(who)) >= UNIT);
		assert_eq!(chain.execute(|| Reputation::funded_by(who.clone())), None);
	}
	assert_eq!(link(&mut chain, &fresh(1), &fresh(2)), None);
	chain.execute(|| {
		assert!(Pots::contains(&TreasuryAccount::get()));
		assert!(Pots::contains(&Agents::pot()));
		assert!(Pots::contains(&crate::Proposals::pot()));
		assert!(!Pots::contains(&Bob.to_account_id()));
	});
}

#[test]
fn transfers_are_found_among_more_events_than_are_in_memory_at_a_time() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	chain.execute(|| {
		System::reset_events();
		let [bob, charlie] = [Bob, Charlie].map(|key| key.to_account_id());
		let send = |amount| {
			assert_ok!(Balances::transfer_keep_alive(
				crate::RuntimeOrigin::signed(bob.clone()),
				MultiAddress::Id(charlie.clone()),
				amount
			));
		};
		send(1);
		for _ in 0..10_000 {
			System::deposit_event(frame_system::Event::<Runtime>::Remarked {
				sender: bob.clone(),
				hash: Default::default(),
			});
		}
		send(2);
		let show = |events| {
			let mut seen = Vec::new();
			let left = BlockTransfers::show(events, |transfer| seen.push(transfer));
			(seen, left)
		};
		let one = |amount| Transfer {
			from: bob.clone(),
			to: charlie.clone(),
			amount,
		};
		let all = System::event_count();
		assert_eq!(show(all), (vec![one(1), one(2)], 0));
		assert_eq!(show(all - 1), (vec![one(1)], 1));
		System::reset_events();
		assert_eq!(show(all), (Vec::new(), 0));
	});
}

/// Each read copies all events, so that large ones would make many reads dear, whoever emits them.
#[test]
fn the_large_events_of_others_are_not_read_to_their_end() {
	let mut chain = Chain::new(DEVELOPMENT);
	chain.blocks(1);
	chain.execute(|| {
		System::reset_events();
		let bob = Bob.to_account_id();
		let send = |n| {
			assert_ok!(Balances::transfer_keep_alive(
				crate::RuntimeOrigin::signed(bob.clone()),
				MultiAddress::Id(fresh(n)),
				UNIT
			));
		};
		send(1);
		// The most that a contract can emit at once.
		let data = vec![7; 64 * 1024];
		let fitting = MOST / data.len() - 1;
		let emit = || {
			System::deposit_event(pallet_revive::Event::<Runtime>::ContractEmitted {
				contract: Default::default(),
				data: data.clone(),
				topics: Vec::new(),
			});
		};
		(0..fitting).for_each(|_| emit());
		send(2);
		let looked_at = System::event_count();
		emit();
		send(3);
		let overlooked = System::event_count() - looked_at;
		let mut seen = Vec::new();
		let left = BlockTransfers::show(u32::MAX, |transfer| seen.push(transfer.to));
		assert_eq!((seen, left), (vec![fresh(1), fresh(2)], overlooked));

		Reputation::on_finalize(System::block_number());
		let funded = [1, 2, 3].map(|n| Reputation::funded_by(fresh(n)));
		assert_eq!(funded, [Some(bob.clone()), Some(bob), None]);
		System::assert_last_event(
			pallet_reputation::Event::Overlooked {
				transfers: 0,
				events: overlooked,
			}
			.into(),
		);
	});
}

/// Pays for a run of model 0 with an account's own money.
fn pay(
	payer: &AccountId,
	operators: &[AccountId],
	attribution: Vec<Entry>,
	fee: Balance,
	request: RequestId,
) {
	let fee = Balances::withdraw(
		payer,
		fee,
		Precision::Exact,
		Preservation::Preserve,
		Fortitude::Polite,
	)
	.expect("the payer has it");
	let run = Run {
		source: Source::Request(request),
		payer,
		model: 0,
		operators,
		attribution: &attribution,
	};
	Attribution::settle(run, fee);
}

/// Bob owns the model, Charlie and Dave gave the data, Eve is the agent, Alice and Ferdie delegate to it.
const ROLES: [Sr25519Keyring; 6] = [Bob, Charlie, Dave, Eve, Alice, Ferdie];

/// One payment of a party.
#[derive(Clone, Debug)]
struct Deal {
	payer: usize,
	fee: Balance,
	/// Whether the agent runs the model, or nobody.
	served: bool,
	/// The first contributor's part of the data's, in millionths; nobody's if it is more than all.
	first: u32,
}

fn deals() -> impl Strategy<Value = Vec<Deal>> {
	let deal = (
		any::<usize>(),
		1_000_000u128..1_000 * UNIT,
		any::<bool>(),
		0..TOTAL_WEIGHT + TOTAL_WEIGHT / 5,
	);
	let deal = deal.prop_map(|(payer, fee, served, first)| Deal {
		payer,
		fee,
		served,
		first,
	});
	prop::collection::vec(deal, 1..8)
}

/// A party of these roles pays for its own model, data and agent. If it is `known`, the same account may do
/// everything for all of it.
fn self_deal(roles: &[bool], deals: &[Deal], known: bool) {
	let mut chain = conservation::chain();
	for by in [Alice, Ferdie] {
		let delegate = pallet_agents::Call::delegate {
			agent: Eve.to_account_id(),
			amount: 100 * UNIT,
		};
		assert_ok!(chain.call(by, delegate));
	}
	let members: Vec<_> = ROLES
		.into_iter()
		.zip(roles)
		.filter(|(_, is_member)| **is_member)
		.map(|(key, _)| key)
		.collect();
	for member in members.iter().filter(|_| known) {
		assert_ok!(chain.call(
			*member,
			add_proxy(Sr25519Keyring::AliceStash, ProxyType::Any)
		));
	}
	let party: Vec<_> = members.iter().map(|key| key.to_account_id()).collect();
	let others: Vec<_> = ROLES
		.map(|key| key.to_account_id())
		.into_iter()
		.filter(|who| !party.contains(who))
		.collect();
	chain.execute(|| {
		let wealth = |of: &[AccountId]| -> Balance {
			of.iter()
				.map(|who| Balances::total_balance(who) + Attribution::credit(who.clone()))
				.sum()
		};
		let pending = |of: &[AccountId]| -> u128 {
			of.iter().map(|who| Reputation::pending(who.clone())).sum()
		};
		let pools = || Balances::total_balance(&Agents::pot());
		for (request, deal) in (1_000..).zip(deals) {
			let entry = |batch, weight| Entry { batch, weight };
			let mut attribution = vec![
				entry(0, deal.first),
				entry(1, TOTAL_WEIGHT.saturating_sub(deal.first)),
			];
			attribution.retain(|entry| entry.weight > 0 && deal.first <= TOTAL_WEIGHT);
			let operators = vec![Eve.to_account_id(); usize::from(deal.served)];
			let before = (wealth(&party), wealth(&others), pools());
			let points = (pending(&party), pending(&others));
			let payer = &party[deal.payer % party.len()];
			pay(payer, &operators, attribution, deal.fee, request);
			let parts = Attribution::record(request)
				.expect("it is kept")
				.payment
				.parts;

			let lost = parts.burn + parts.treasury;
			let given = wealth(&others) - before.1;
			let pooled = pools() - before.2;
			// Even if all that the delegators get were the party's.
			assert_eq!(wealth(&party) + pooled + given + lost, before.0);
			assert!(lost + 2 >= deal.fee / 10);
			let gained = pending(&party) - points.0;
			if known {
				assert_eq!(gained, 0);
			}
			assert!(gained + pending(&others) - points.1 <= lost);
		}
		Attribution::do_try_state().expect("Attribution");
		Reputation::do_try_state().expect("Reputation");
	});
}

fn roles() -> impl Strategy<Value = Vec<bool>> {
	prop::collection::vec(any::<bool>(), ROLES.len())
		.prop_filter("somebody has to pay", |roles| roles.contains(&true))
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 100, ..Default::default() })]

	#[test]
	fn who_is_known_to_deal_with_itself_loses_and_earns_no_voice(
		roles in roles(),
		deals in deals()
	) {
		self_deal(&roles, &deals, true);
	}

	#[test]
	fn who_is_not_known_to_pays_a_unit_for_each_point(roles in roles(), deals in deals()) {
		self_deal(&roles, &deals, false);
	}
}
