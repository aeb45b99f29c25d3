//! The technical committee can shorten, and nothing else.

use super::*;
use crate::{configs::governance::TechnicalInstance, RuntimeEvent, SafeMode};
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
use sp_runtime::{
	traits::{BadOrigin, BlakeTwo256, Hash},
	DispatchResult, Weight,
};

type Call = pallet_collective::Call<Runtime, TechnicalInstance>;

fn replace() -> RuntimeCall {
	frame_system::Call::set_storage {
		items: vec![(b"mine".to_vec(), b"all".to_vec())],
	}
	.into()
}

fn replaced(chain: &mut Chain) -> bool {
	chain.execute(|| sp_io::storage::get(b"mine")).is_some()
}

/// What comes of a motion on which these members agree, out of the three; `None` if it fails.
fn motion(
	chain: &mut Chain,
	agreed: &[Sr25519Keyring],
	call: RuntimeCall,
) -> Option<DispatchResult> {
	chain.take_events();
	let threshold = 2;
	let length_bound = call.encoded_size() as u32;
	let proposal = BlakeTwo256::hash_of(&call);
	let index = chain.execute(pallet_collective::ProposalCount::<Runtime, TechnicalInstance>::get);
	assert_ok!(chain.call(
		Alice,
		Call::propose {
			threshold,
			proposal: Box::new(call),
			length_bound
		}
	));
	for member in agreed {
		let approve = true;
		assert_ok!(chain.call(
			*member,
			Call::vote {
				proposal,
				index,
				approve
			}
		));
	}
	// Those who are silent have their time.
	chain.blocks(4);
	assert_ok!(chain.call(
		Eve,
		Call::close {
			proposal_hash: proposal,
			index,
			proposal_weight_bound: Weight::from_parts(50_000_000_000, 1 << 20),
			length_bound,
		}
	));
	let executed = |event| match event {
		RuntimeEvent::TechnicalCommittee(pallet_collective::Event::Executed { result, .. }) => {
			Some(result)
		}
		_ => None,
	};
	chain.take_events().into_iter().find_map(executed)
}

fn whitelist(call: &RuntimeCall) -> RuntimeCall {
	pallet_whitelist::Call::whitelist_call {
		call_hash: BlakeTwo256::hash_of(call),
	}
	.into()
}

fn dispatch(call: RuntimeCall) -> RuntimeCall {
	pallet_whitelist::Call::dispatch_whitelisted_call_with_preimage {
		call: Box::new(call),
	}
	.into()
}

#[test]
fn unanimous_as_it_is_it_decides_nothing() {
	let mut chain = chain(&[(Dave, 1_000)]);
	let all = [Alice, Bob, Charlie];
	let enter = pallet_safe_mode::Call::force_enter {}.into();
	for call in [replace(), enter] {
		let result = motion(&mut chain, &all, call.clone());
		assert_eq!(result, Some(Err(BadOrigin.into())));
		// Nor by finding it urgent: nobody has approved it.
		assert_eq!(motion(&mut chain, &all, whitelist(&call)), Some(Ok(())));
		let result = motion(&mut chain, &all, dispatch(call));
		assert_eq!(result, Some(Err(BadOrigin.into())));
	}
	assert!(!replaced(&mut chain));
	assert!(!chain.execute(SafeMode::is_entered));
	checked(chain);
}

#[test]
fn what_it_finds_urgent_is_decided_sooner_by_the_same_majority() {
	let took = |urgent: bool| {
		let mut chain = chain(&[(Dave, 400), (Eve, 600)]);
		if urgent {
			let result = motion(&mut chain, &[Alice, Bob], whitelist(&replace()));
			assert_eq!(result, Some(Ok(())));
		}
		let (origin, call) = if urgent {
			(Origin::WhitelistedCaller.into(), dispatch(replace()))
		} else {
			(RawOrigin::Root.into(), replace())
		};
		let index = referendum(&mut chain, Alice, origin, call);
		assert_ok!(chain.call(Dave, aye(index)));
		let begun = chain.number();
		// Two fifths are enough when support has fallen that far, as nobody is against it.
		assert_eq!(wait(&mut chain, index, 60), Outcome::Approved);
		let took = chain.number() - begun;
		chain.blocks(4);
		assert!(replaced(&mut chain));
		checked(chain);
		took
	};
	let (urgent, ordinary) = (took(true), took(false));
	assert!(urgent * 4 < ordinary, "{urgent} and {ordinary} blocks");
}

#[test]
fn a_majority_does_not_get_the_fast_track_without_two_thirds_of_it() {
	let mut chain = chain(&[(Dave, 1_000)]);
	// One of three, and who is silent has not agreed.
	assert_eq!(motion(&mut chain, &[Alice], whitelist(&replace())), None);
	let origin = Origin::WhitelistedCaller.into();
	let index = referendum(&mut chain, Eve, origin, dispatch(replace()));
	assert_ok!(chain.call(Dave, aye(index)));
	assert_eq!(wait(&mut chain, index, 60), Outcome::Approved);
	chain.blocks(4);
	assert!(!replaced(&mut chain));
	// And not on the track's word alone: its origin is nothing but a word.
	let index = referendum(&mut chain, Eve, Origin::WhitelistedCaller.into(), replace());
	assert_ok!(chain.call(Dave, aye(index)));
	assert_eq!(wait(&mut chain, index, 60), Outcome::Approved);
	chain.blocks(4);
	assert!(!replaced(&mut chain));
	checked(chain);
}
