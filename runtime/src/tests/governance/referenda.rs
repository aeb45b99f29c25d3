//! Referenda from end to end.

use super::*;
use crate::{
	constants::currency::{EXISTENTIAL_DEPOSIT, UNIT},
	RuntimeEvent, SafeMode, System,
};
use frame_support::traits::fungible::Inspect;
use openledger_primitives::split::Shares;
use pallet_attribution::FeeShares;
use sp_io::hashing::blake2_256;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Eve, Ferdie, One};

/// Longer than any referendum takes.
const LONG: u32 = 300;

/// A day of governance is eight blocks: time for several to vote on the shortest referendum.
const SLOWER: u32 = PACE / 8;

/// The five shares with a hundredth moved from the data to the operators.
fn moved() -> Shares {
	let shares = FeeShares::<Runtime>::get();
	Shares {
		operators: shares.operators + 100,
		data: shares.data - 100,
		..shares
	}
}

fn set_shares(chain: &mut Chain) -> (Shares, RuntimeCall) {
	let shares = chain.execute(moved);
	assert!(shares.is_valid());
	(
		shares,
		pallet_attribution::Call::set_shares { shares }.into(),
	)
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

/// Something that each track could do.
fn ends(chain: &mut Chain) -> Vec<(OriginCaller, RuntimeCall)> {
	let replace = || {
		RuntimeCall::from(frame_system::Call::set_storage {
			items: vec![(b"mine".to_vec(), b"all".to_vec())],
		})
	};
	let (_, set_shares) = set_shares(chain);
	let calls = [
		replace(),
		pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
			call: Box::new(replace()),
		}
		.into(),
		set_shares,
		pallet_agents::Call::eject {
			agent: Bob.to_account_id(),
		}
		.into(),
		pallet_seasons::Call::set_listed {
			season: 0,
			who: Eve.to_account_id(),
			listed: true,
		}
		.into(),
		pallet_proposals::Call::back {
			proposal: 0,
			amount: UNIT,
		}
		.into(),
		pallet_referenda::Call::cancel { index: 1_000 }.into(),
		pallet_referenda::Call::kill { index: 1_000 }.into(),
		spend(1_000 * UNIT),
		spend(20_000 * UNIT),
		spend(250_000 * UNIT),
	];
	all()
		.into_iter()
		.map(|(_, origin)| origin)
		.zip(calls)
		.collect()
}

/// The results of what referenda had called.
fn enacted(chain: &mut Chain) -> Vec<sp_runtime::DispatchResult> {
	let of = |event| match event {
		RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched {
			id: Some(_),
			result,
			..
		}) => Some(result),
		_ => None,
	};
	chain.take_events().into_iter().filter_map(of).collect()
}

#[test]
fn most_of_all_tokens_pass_nothing_on_any_track() {
	let mut chain = chain_at(SLOWER, &[(Alice, 500), (Bob, 500)]);
	let others = chain.execute(Balances::total_issuance);
	endow(&mut chain, Eve, others * 2);
	let ends = ends(&mut chain);
	let held = chain.execute(|| {
		let all = <Balances as Inspect<_>>::total_balance(&Eve.to_account_id());
		all * 100 / Balances::total_issuance()
	});
	assert!(held >= 51, "{held} % of all tokens");
	let powerless: sp_runtime::DispatchError =
		pallet_contribution_voting::Error::<Runtime>::TooLittlePower.into();
	let mut polls = Vec::new();
	for (origin, call) in ends {
		let poll = referendum(&mut chain, Eve, origin, call);
		assert_eq!(chain.call(Eve, aye(poll)), Err(powerless));
		polls.push(poll);
	}
	for poll in polls {
		assert_eq!(wait(&mut chain, poll, LONG), Outcome::Rejected, "{poll}");
	}
	chain.blocks(10);
	assert_eq!(enacted(&mut chain), []);
	assert_eq!(chain.execute(|| sp_io::storage::get(b"mine")), None);
	checked(chain);
}

#[test]
fn most_of_all_reputation_passes_on_every_track() {
	let mut chain = chain_at(SLOWER, &[(Alice, 600), (Bob, 400)]);
	let ends = ends(&mut chain);
	let mut polls = Vec::new();
	for (origin, call) in ends {
		let poll = referendum(&mut chain, Eve, origin, call);
		assert_ok!(chain.call(Alice, aye(poll)));
		polls.push(poll);
	}
	for poll in polls {
		assert_eq!(wait(&mut chain, poll, LONG), Outcome::Approved, "{poll}");
	}
	chain.blocks(10);
	let results = enacted(&mut chain);
	assert_eq!(results.len(), 11);
	let refused =
		|result: &sp_runtime::DispatchResult| *result == Err(sp_runtime::traits::BadOrigin.into());
	assert!(!results.iter().any(refused), "{results:?}");
	assert_eq!(
		chain.execute(|| sp_io::storage::get(b"mine")),
		Some(b"all".to_vec().into())
	);
	checked(chain);
}

#[test]
fn reputation_without_tokens_changes_a_parameter() {
	let mut chain = chain(&[(One, 600), (Alice, 300), (Bob, 100)]);
	// One's fee, and nothing else.
	endow(&mut chain, One, EXISTENTIAL_DEPOSIT + UNIT / 10);
	let (shares, call) = set_shares(&mut chain);
	let bytes = call.encode();
	let hash = blake2_256(&bytes).into();
	let proposal = Bounded::Lookup {
		hash,
		len: bytes.len() as u32,
	};
	assert_ok!(chain.call(Eve, pallet_preimage::Call::note_preimage { bytes }));
	let submit = pallet_referenda::Call::submit {
		proposal_origin: Box::new(Origin::ParameterAdmin.into()),
		proposal,
		enactment_moment: DispatchTime::After(0),
	};
	assert_ok!(chain.call(Eve, submit));
	let deposit = pallet_referenda::Call::place_decision_deposit { index: 0 };
	assert_ok!(chain.call(Ferdie, deposit));
	assert_ok!(chain.call(One, aye(0)));
	assert_ok!(chain.call(Bob, nay(0)));
	// Six in seven are for it: enough once approval has fallen that far.
	assert_eq!(wait(&mut chain, 0, LONG), Outcome::Approved);
	assert_ne!(chain.execute(FeeShares::<Runtime>::get), shares);
	chain.blocks(3);
	assert_eq!(enacted(&mut chain), [Ok(())]);
	assert_eq!(chain.execute(FeeShares::<Runtime>::get), shares);
	// Both deposits go back.
	for (who, call) in [
		(
			Ferdie,
			pallet_referenda::Call::refund_decision_deposit { index: 0 },
		),
		(
			Eve,
			pallet_referenda::Call::refund_submission_deposit { index: 0 },
		),
	] {
		assert_ok!(chain.call(who, call));
		let reserved = chain.execute(|| System::account(who.to_account_id()).data.reserved);
		assert!(
			reserved < UNIT,
			"the preimage's deposit at most: {reserved}"
		);
	}
	checked(chain);
}

#[test]
fn half_of_all_reputation_and_a_little_does_not_become_root_while_the_others_are_awake() {
	let mut chain = chain_at(SLOWER, &[(Alice, 510), (Bob, 490)]);
	let call = || RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
	let mut polls = Vec::new();
	for origin in [RawOrigin::Root.into(), Origin::WhitelistedCaller.into()] {
		let poll = referendum(&mut chain, Alice, origin, call());
		assert_ok!(chain.call(Bob, nay(poll)));
		assert_ok!(chain.call(Alice, aye(poll)));
		polls.push(poll);
	}
	for poll in polls {
		assert_eq!(wait(&mut chain, poll, LONG), Outcome::Rejected);
	}
	checked(chain);
}

#[test]
fn a_referendum_can_be_stopped_by_another_and_costs_its_deposits_if_killed() {
	let mut chain = chain(&[(Alice, 600), (Bob, 400)]);
	let call = || RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
	let [one, other] = [0, 1].map(|_| referendum(&mut chain, Eve, RawOrigin::Root.into(), call()));
	let reserved =
		|chain: &mut Chain| chain.execute(|| System::account(Eve.to_account_id()).data.reserved);
	let before = reserved(&mut chain);
	let cancel = pallet_referenda::Call::cancel { index: one };
	let kill = pallet_referenda::Call::kill { index: other };
	let cancel = referendum(
		&mut chain,
		Alice,
		Origin::ReferendumCanceller.into(),
		cancel.into(),
	);
	assert_ok!(chain.call(Alice, aye(cancel)));
	let kill = referendum(
		&mut chain,
		Alice,
		Origin::ReferendumKiller.into(),
		kill.into(),
	);
	assert_ok!(chain.call(Alice, aye(kill)));
	assert_eq!(wait(&mut chain, one, LONG), Outcome::Cancelled);
	for refund in [
		pallet_referenda::Call::refund_decision_deposit { index: one },
		pallet_referenda::Call::refund_submission_deposit { index: one },
	] {
		assert_ok!(chain.call(Eve, refund));
	}
	assert_eq!(wait(&mut chain, other, LONG), Outcome::Killed);
	assert_eq!(lost(&mut chain), before / 2);
	assert_eq!(reserved(&mut chain), 0);
	checked(chain);
}

/// What was lost so far of the deposits of a referendum on Root's track.
fn lost(chain: &mut Chain) -> u128 {
	let slashed = |event| match event {
		RuntimeEvent::Referenda(pallet_referenda::Event::DepositSlashed { amount, .. }) => {
			Some(amount)
		}
		_ => None,
	};
	chain.take_events().into_iter().filter_map(slashed).sum()
}

#[test]
fn safe_mode_is_ended_by_referendum() {
	let mut chain = chain(&[(Charlie, 600), (Bob, 400)]);
	chain.execute(|| {
		assert_ok!(SafeMode::force_enter(crate::RuntimeOrigin::root()));
	});
	let transfer = || pallet_balances::Call::transfer_keep_alive {
		dest: Bob.to_account_id().into(),
		value: UNIT,
	};
	let filtered = frame_system::Error::<Runtime>::CallFiltered;
	assert_eq!(chain.call(Eve, transfer()), Err(filtered.into()));
	let bytes = RuntimeCall::from(pallet_safe_mode::Call::force_exit {}).encode();
	assert_ok!(chain.call(Eve, pallet_preimage::Call::note_preimage { bytes }));
	let exit = pallet_safe_mode::Call::force_exit {}.into();
	let index = referendum(&mut chain, Eve, RawOrigin::Root.into(), exit);
	assert_ok!(chain.call(Charlie, aye(index)));
	assert_eq!(wait(&mut chain, index, LONG), Outcome::Approved);
	assert!(chain.execute(SafeMode::is_entered));
	chain.blocks(3);
	assert!(!chain.execute(SafeMode::is_entered));
	assert_ok!(chain.call(Eve, transfer()));
	checked(chain);
}
