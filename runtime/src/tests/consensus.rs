//! Sessions, eras, and what happens to validators that cheat.

use super::chain::Chain;
use crate::{
	constants::time::{EPOCH_DURATION_IN_SLOTS, SESSIONS_PER_ERA},
	genesis_config_presets::{DEVELOPMENT, LOCAL, VALIDATOR_STAKE},
	Babe, Balances, BeefyMmrLeaf, Header, Historical, Mmr, Runtime, RuntimeCall, RuntimeEvent,
	Session, Staking, System, Treasury,
};
use codec::{Decode, Encode};
use frame_support::{assert_ok, traits::KeyOwnerProofSystem};
use sp_consensus_babe::digests::{CompatibleDigestItem, PreDigest, SecondaryPlainPreDigest};
use sp_consensus_beefy::{
	ecdsa_crypto::AuthorityId as BeefyId, known_payloads::MMR_ROOT_ID, test_utils as beefy,
	Commitment, DoubleVotingProof, Payload, VoteMessage,
};
use sp_core::Pair;
use sp_keyring::{
	Ed25519Keyring,
	Sr25519Keyring::{self, Alice, Bob},
};
use sp_runtime::{traits::Header as _, Digest, DigestItem};

/// Blocks in a session.
const SESSION: u32 = EPOCH_DURATION_IN_SLOTS as u32;

#[test]
fn every_block_adds_a_leaf_and_its_root_to_the_digest() {
	let mut chain = Chain::new(LOCAL);
	chain.blocks(5);
	chain.execute(|| {
		assert_eq!(pallet_mmr::NumberOfLeaves::<Runtime>::get(), 5);
		let root = System::digest().logs.into_iter().find_map(|log| match log {
			DigestItem::Consensus(sp_consensus_beefy::BEEFY_ENGINE_ID, data) => Some(data),
			_ => None,
		});
		let expected = sp_consensus_beefy::ConsensusLog::<
			sp_consensus_beefy::ecdsa_crypto::AuthorityId,
		>::MmrRoot(Mmr::mmr_root());
		assert_eq!(root, Some(expected.encode()));
		assert_eq!(BeefyMmrLeaf::authority_set_proof().len, 4);
		assert_eq!(BeefyMmrLeaf::next_authority_set_proof().id, 1);
	});
}

#[test]
fn sessions_follow_epochs_and_eras_follow_sessions() {
	let mut chain = Chain::new(DEVELOPMENT);
	let issuance = chain.execute(Balances::total_issuance);
	let treasury = chain.execute(|| Balances::free_balance(Treasury::account_id()));
	chain.blocks(SESSION + 1);
	chain.execute(|| {
		assert_eq!(Session::current_index(), 1);
		assert_eq!(
			*Babe::current_epoch().start_slot,
			880_000_001 + EPOCH_DURATION_IN_SLOTS
		);
	});
	chain.blocks(SESSION * SESSIONS_PER_ERA);
	chain.execute(|| {
		assert_eq!(Staking::active_era().unwrap().index, 1);
		assert_eq!(Session::validators(), [Alice.to_account_id()]);
		// What validators don't get of the inflation is the treasury's; theirs is paid on demand.
		let minted = Balances::total_issuance() - issuance;
		assert_eq!(
			Balances::free_balance(Treasury::account_id()) - treasury,
			minted
		);
	});
	let payout = pallet_staking::Call::payout_stakers {
		validator_stash: Alice.to_account_id(),
		era: 0,
	};
	assert_ok!(chain.call(Bob, payout));
	let reward = chain.events().into_iter().find_map(|event| match event {
		RuntimeEvent::Staking(pallet_staking::Event::Rewarded { amount, .. }) => Some(amount),
		_ => None,
	});
	let reward = reward.expect("the validator is paid");
	chain.execute(|| {
		let ledger = Staking::ledger(Alice.to_account_id().into()).unwrap();
		assert_eq!(ledger.active, VALIDATOR_STAKE + reward);
	});
}

/// A block header by a validator, sealed.
fn sealed(author: Sr25519Keyring, index: u32, number: u32, state: u8) -> Header {
	let slot = Babe::current_slot();
	let pre = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
		authority_index: index,
		slot,
	});
	let mut header = Header::new(
		number,
		Default::default(),
		sp_core::H256::repeat_byte(state),
		System::parent_hash(),
		Digest {
			logs: vec![DigestItem::babe_pre_digest(pre)],
		},
	);
	let seal = author.pair().sign(header.hash().as_ref());
	header.digest_mut().push(DigestItem::babe_seal(seal.into()));
	header
}

#[test]
fn two_blocks_in_one_slot_cost_stake() {
	let mut chain = Chain::new(LOCAL);
	chain.blocks(SESSION + 2);
	let call = chain.execute(|| {
		let index = index_of_bob();
		let offender: sp_consensus_babe::AuthorityId = Bob.public().into();
		let number = System::block_number();
		let proof = sp_consensus_babe::EquivocationProof {
			slot: Babe::current_slot(),
			offender: offender.clone(),
			first_header: sealed(Bob, index, number, 1),
			second_header: sealed(Bob, index, number, 2),
		};
		let owner = Historical::prove((sp_consensus_babe::KEY_TYPE, offender)).unwrap();
		pallet_babe::Call::report_equivocation {
			equivocation_proof: Box::new(proof),
			key_owner_proof: owner,
		}
	});
	assert_bob_is_punished(chain, call);
}

/// Reports what Bob did, and checks that it will cost him.
fn assert_bob_is_punished(mut chain: Chain, report: impl Into<RuntimeCall>) {
	assert_ok!(chain.call(Alice, report));
	chain.execute(|| {
		assert_eq!(pallet_offences::Reports::<Runtime>::iter().count(), 1);
		let disabled: Vec<_> = Session::disabled_validators();
		assert_eq!(disabled, [index_of_bob()]);
		let slashes: Vec<_> = pallet_staking::UnappliedSlashes::<Runtime>::iter_values().collect();
		assert!(!slashes.is_empty(), "a slash waits for its era");
	});
}

fn index_of_bob() -> u32 {
	let validators = Session::validators();
	let place = validators
		.iter()
		.position(|who| *who == Bob.to_account_id());
	place.expect("Bob is a validator") as u32
}

#[test]
fn two_finality_votes_in_one_round_cost_stake() {
	let mut chain = Chain::new(LOCAL);
	chain.blocks(SESSION + 2);
	let call = chain.execute(|| {
		let set_id = pallet_grandpa::CurrentSetId::<Runtime>::get();
		let round = 7;
		let pair = Ed25519Keyring::Bob.pair();
		let offender: sp_consensus_grandpa::AuthorityId = pair.public().into();
		// A prevote for a block, as the GRANDPA library encodes it.
		let vote = |block: u8| {
			let vote = (sp_core::H256::repeat_byte(block), 30u32);
			let message = sp_consensus_grandpa::localized_payload(round, set_id, &(0u8, vote));
			(vote, pair.sign(&message))
		};
		let equivocation = (0u8, round, &offender, vote(1), vote(2)).encode();
		let proof = sp_consensus_grandpa::EquivocationProof::new(
			set_id,
			Decode::decode(&mut &equivocation[..]).expect("an equivocation"),
		);
		let owner = Historical::prove((sp_consensus_grandpa::KEY_TYPE, offender.encode()));
		pallet_grandpa::Call::report_equivocation {
			equivocation_proof: Box::new(proof),
			key_owner_proof: owner.expect("Bob is a validator"),
		}
	});
	assert_bob_is_punished(chain, call);
}

#[test]
fn two_bridge_votes_for_one_block_cost_stake() {
	let mut chain = Chain::new(LOCAL);
	chain.blocks(SESSION + 2);
	let call = chain.execute(|| {
		let validator_set_id = pallet_beefy::ValidatorSetId::<Runtime>::get();
		let bob = beefy::Keyring::<BeefyId>::Bob;
		let vote = |root: u8| {
			let payload = Payload::from_single_entry(MMR_ROOT_ID, vec![root; 32]);
			let commitment = Commitment {
				payload,
				block_number: 30u32,
				validator_set_id,
			};
			let signature = bob.sign(&commitment.encode());
			VoteMessage {
				commitment,
				id: bob.public(),
				signature,
			}
		};
		let owner = Historical::prove((sp_consensus_beefy::KEY_TYPE, bob.public().encode()));
		pallet_beefy::Call::report_double_voting {
			equivocation_proof: Box::new(DoubleVotingProof {
				first: vote(1),
				second: vote(2),
			}),
			key_owner_proof: owner.expect("Bob is a validator"),
		}
	});
	assert_bob_is_punished(chain, call);
}
