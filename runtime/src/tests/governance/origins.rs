//! Which origin reaches which calls.

use super::*;
use crate::{
	configs::governance::TechnicalInstance,
	constants::currency::UNIT,
	governance::tracks::{BIG_SPEND, MEDIUM_SPEND, MODEL_FUNDING, SMALL_SPEND},
	RuntimeOrigin, System,
};
use frame_support::storage::{with_transaction, TransactionOutcome};
use pallet_seasons::types::Conversion;
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::{
	traits::{BadOrigin, Dispatchable},
	DispatchError, Weight,
};

/// Those who might try.
fn everybody() -> Vec<(&'static str, RuntimeOrigin)> {
	use pallet_collective::RawOrigin::{Member, Members};
	type Committee = pallet_collective::RawOrigin<AccountId, TechnicalInstance>;
	let unanimous: Committee = Members(3, 3);
	let some: Committee = Members(1, 3);
	let member: Committee = Member(Alice.to_account_id());
	vec![
		("root", RuntimeOrigin::root()),
		("urgent", Origin::WhitelistedCaller.into()),
		("parameters", Origin::ParameterAdmin.into()),
		("agents", Origin::AgentAdmin.into()),
		("data", Origin::DatanetAdmin.into()),
		("models", Origin::ModelFunder.into()),
		("cancel", Origin::ReferendumCanceller.into()),
		("kill", Origin::ReferendumKiller.into()),
		("small", Origin::SmallSpender.into()),
		("medium", Origin::MediumSpender.into()),
		("big", Origin::BigSpender.into()),
		("committee", unanimous.into()),
		("few of the committee", some.into()),
		("member", member.into()),
		("anybody", RuntimeOrigin::signed(Alice.to_account_id())),
		("nobody", RuntimeOrigin::none()),
	]
}

fn spend(amount: u128) -> RuntimeCall {
	pallet_treasury::Call::spend {
		asset_kind: Box::new(()),
		amount,
		beneficiary: Box::new(Bob.to_account_id()),
		valid_from: None,
	}
	.into()
}

fn back(amount: u128) -> RuntimeCall {
	pallet_proposals::Call::back {
		proposal: 0,
		amount,
	}
	.into()
}

/// Calls that are not for everybody, and who may make them beside root.
fn privileged() -> Vec<(RuntimeCall, &'static [&'static str])> {
	let who = || Bob.to_account_id();
	let paused = || {
		(
			b"Balances".to_vec().try_into().unwrap(),
			b"burn".to_vec().try_into().unwrap(),
		)
	};
	vec![
		(frame_system::Call::set_heap_pages { pages: 64 }.into(), &[]),
		(
			frame_system::Call::set_storage { items: vec![] }.into(),
			&[],
		),
		(
			frame_system::Call::kill_storage { keys: vec![] }.into(),
			&[],
		),
		(
			frame_system::Call::authorize_upgrade {
				code_hash: Default::default(),
			}
			.into(),
			&[],
		),
		(
			pallet_balances::Call::force_set_balance {
				who: who().into(),
				new_free: UNIT,
			}
			.into(),
			&[],
		),
		(
			pallet_balances::Call::force_transfer {
				source: Alice.to_account_id().into(),
				dest: who().into(),
				value: 1,
			}
			.into(),
			&[],
		),
		(pallet_staking::Call::force_new_era {}.into(), &[]),
		(
			pallet_staking::Call::cancel_deferred_slash {
				era: 0,
				slash_indices: vec![0],
			}
			.into(),
			&[],
		),
		(
			pallet_utility::Call::dispatch_as {
				as_origin: Box::new(RawOrigin::Root.into()),
				call: Box::new(frame_system::Call::remark { remark: vec![] }.into()),
			}
			.into(),
			&[],
		),
		(
			pallet_scheduler::Call::schedule {
				when: 1_000,
				maybe_periodic: None,
				priority: 0,
				call: Box::new(frame_system::Call::remark { remark: vec![] }.into()),
			}
			.into(),
			&[],
		),
		(
			pallet_scheduler::Call::cancel {
				when: 1_000,
				index: 0,
			}
			.into(),
			&[],
		),
		(
			pallet_identity::Call::add_registrar {
				account: who().into(),
			}
			.into(),
			&[],
		),
		(pallet_safe_mode::Call::force_enter {}.into(), &[]),
		(pallet_safe_mode::Call::force_extend {}.into(), &[]),
		(pallet_safe_mode::Call::force_exit {}.into(), &[]),
		(
			pallet_tx_pause::Call::pause {
				full_name: paused(),
			}
			.into(),
			&[],
		),
		(
			pallet_tx_pause::Call::unpause { ident: paused() }.into(),
			&[],
		),
		(
			pallet_collective::Call::<Runtime, TechnicalInstance>::set_members {
				new_members: vec![who()],
				prime: None,
				old_count: 3,
			}
			.into(),
			&[],
		),
		(
			pallet_collective::Call::<Runtime, TechnicalInstance>::disapprove_proposal {
				proposal_hash: Default::default(),
			}
			.into(),
			&[],
		),
		(
			pallet_referenda::Call::cancel { index: 7 }.into(),
			&["cancel"],
		),
		(pallet_referenda::Call::kill { index: 7 }.into(), &["kill"]),
		(
			pallet_referenda::Call::nudge_referendum { index: 7 }.into(),
			&[],
		),
		(
			pallet_whitelist::Call::whitelist_call {
				call_hash: Default::default(),
			}
			.into(),
			&["committee", "not root"],
		),
		(
			pallet_whitelist::Call::dispatch_whitelisted_call {
				call_hash: Default::default(),
				call_encoded_len: 0,
				call_weight_witness: Weight::zero(),
			}
			.into(),
			// Anybody may relay what was put off, as no call was here.
			&["urgent", "anybody"],
		),
		(spend(1), &["small", "medium", "big"]),
		(
			pallet_treasury::Call::void_spend { index: 0 }.into(),
			&["big"],
		),
		(
			pallet_attribution::Call::set_shares {
				shares: pallet_attribution::FeeShares::<Runtime>::get(),
			}
			.into(),
			&["parameters"],
		),
		(
			pallet_agents::Call::set_slashing {
				slashing: pallet_agents::SlashingParameters::<Runtime>::get(),
			}
			.into(),
			&["parameters"],
		),
		(
			pallet_agents::Call::cancel_slash { id: 0 }.into(),
			&["agents"],
		),
		(
			pallet_agents::Call::eject { agent: who() }.into(),
			&["agents"],
		),
		(
			pallet_copies::Call::set_rules { rules: None }.into(),
			&["parameters"],
		),
		(
			pallet_copies::Call::dismiss { claim: 0 }.into(),
			&["parameters"],
		),
		(
			pallet_reputation::Call::set_hub {
				who: who(),
				is_hub: true,
			}
			.into(),
			&["parameters"],
		),
		(
			pallet_reputation::Call::decide {
				contest: 0,
				upheld: true,
			}
			.into(),
			&["data"],
		),
		(
			pallet_datanets::Call::ban_batch { batch: 0 }.into(),
			&["data"],
		),
		(
			pallet_datanets::Call::set_frozen {
				datanet: 0,
				frozen: true,
			}
			.into(),
			&["data"],
		),
		(
			pallet_seasons::Call::set_listed {
				season: 0,
				who: who(),
				listed: true,
			}
			.into(),
			&["data"],
		),
		(
			pallet_seasons::Call::set_conversion {
				season: 0,
				conversion: Conversion {
					per_point: 0,
					cap: 0,
					min_points: 1,
					listed_only: false,
				},
			}
			.into(),
			&["data"],
		),
		(back(UNIT), &["models", "anybody"]),
		(
			pallet_proposals::Call::vote {
				proposal: 0,
				milestone: 0,
				approve: true,
			}
			.into(),
			&["models", "anybody"],
		),
	]
}

/// What comes of a call. Nothing stays of it.
fn tried(call: RuntimeCall, origin: RuntimeOrigin) -> Result<(), DispatchError> {
	with_transaction(|| {
		let result = call
			.dispatch(origin)
			.map(|_| ())
			.map_err(|error| error.error);
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(result))
	})
	.expect("transactions are not nested so deeply")
}

#[test]
fn each_origin_reaches_its_calls_and_no_others() {
	Chain::new(LOCAL).execute(|| {
		System::set_block_number(1);
		for (call, may) in privileged() {
			for (name, origin) in everybody() {
				let result = tried(call.clone(), origin);
				let is_refused = result == Err(BadOrigin.into());
				let may_root = name == "root" && !may.contains(&"not root");
				let is_allowed = may.contains(&name) || may_root;
				assert_eq!(is_refused, !is_allowed, "{name}: {call:?}: {result:?}");
			}
		}
	});
}

#[test]
fn no_spend_is_above_the_cap_of_its_track() {
	let too_much = pallet_treasury::Error::<Runtime>::InsufficientPermission.into();
	let mut chain = Chain::new(LOCAL);
	let caps = [
		(Origin::SmallSpender, SMALL_SPEND),
		(Origin::MediumSpender, MEDIUM_SPEND),
		(Origin::BigSpender, BIG_SPEND),
	];
	for (origin, cap) in caps {
		chain.execute(|| {
			System::set_block_number(1);
			assert_ok!(tried(spend(cap), origin.into()));
			assert_eq!(tried(spend(cap + 1), origin.into()), Err(too_much));
			// Nor are two in a batch.
			let batch = pallet_utility::Call::batch_all {
				calls: vec![spend(cap), spend(1)],
			};
			assert_eq!(tried(batch.into(), origin.into()), Err(too_much));
			assert_ok!(tried(spend(BIG_SPEND + 1), RuntimeOrigin::root()));
		});
	}
	chain.execute(|| {
		let funder = || Origin::ModelFunder.into();
		let above = pallet_proposals::Error::<Runtime>::AboveLimit.into();
		let unknown = pallet_proposals::Error::<Runtime>::UnknownProposal.into();
		assert_eq!(tried(back(MODEL_FUNDING), funder()), Err(unknown));
		assert_eq!(tried(back(MODEL_FUNDING + 1), funder()), Err(above));
		let anybody = RuntimeOrigin::signed(Alice.to_account_id());
		assert_eq!(tried(back(MODEL_FUNDING + 1), anybody), Err(unknown));
	});
}

#[test]
fn root_may_cancel_what_others_have_scheduled_and_none_of_them_each_others() {
	use crate::governance::origins::RootOverOthers;
	use core::cmp::Ordering::{Equal, Greater, Less};
	use frame_support::traits::PrivilegeCmp;
	for (one, left) in all() {
		for (other, right) in all() {
			let expected = match (one, other) {
				_ if one == other => Some(Equal),
				(tracks::ROOT, _) => Some(Greater),
				(_, tracks::ROOT) => Some(Less),
				_ => None,
			};
			assert_eq!(RootOverOthers::cmp_privilege(&left, &right), expected);
		}
	}
}
