//! Blocks as Ethereum's clients see them: what a node asks to serve Ethereum's JSON-RPC.
//!
//! The runtime takes its own transactions and events apart, so that a node of any age reads the blocks of
//! every version right.

use crate::{Block, Runtime, RuntimeCall, RuntimeEvent, System, UncheckedExtrinsic};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::traits::{InherentBuilder, IsSubType};
use frame_system::Phase;
use pallet_revive::AddressMapper;
use scale_info::TypeInfo;
use sp_core::{H160, H256};
use sp_runtime::{
	generic::Preamble,
	traits::{Block as BlockT, StaticLookup},
};

/// What an extrinsic is to Ethereum.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub enum Origin {
	/// An Ethereum transaction, as it was signed: RLP, with its type in front if it has one.
	Ethereum(Vec<u8>),
	/// A transaction of another wallet, whose signer has this address.
	Signed(H160),
	/// Nobody signed it, or it cannot be read.
	Unsigned,
}

/// A log of a contract.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Log {
	/// The contract.
	pub address: H160,
	/// At most four.
	pub topics: Vec<H256>,
	/// The rest, by the contract's own ABI.
	pub data: Vec<u8>,
}

/// What an extrinsic, or what runs before and after all of them, has come to.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct Outcome {
	/// The extrinsic's place in the block; `None` for hooks.
	pub extrinsic: Option<u32>,
	/// Whether the call succeeded: an Ethereum transaction that reverts has failed here.
	pub success: bool,
	/// In the order in which they were made.
	pub logs: Vec<Log>,
}

sp_api::decl_runtime_apis! {
	/// Blocks as Ethereum's clients see them.
	pub trait EthereumBlocks {
		/// What each of these extrinsics is to Ethereum.
		fn origins(extrinsics: Vec<Block::Extrinsic>) -> Vec<Origin>;
		/// What came of the block's extrinsics and hooks, in their order. Those that succeeded without a
		/// log are left out.
		fn outcomes() -> Vec<Outcome>;
		/// The extrinsic that carries a signed Ethereum transaction.
		fn carry(transaction: Vec<u8>) -> Block::Extrinsic;
	}
}

/// See [`EthereumBlocks`].
pub(crate) fn origins(extrinsics: Vec<UncheckedExtrinsic>) -> Vec<Origin> {
	extrinsics.into_iter().map(origin).collect()
}

fn origin(extrinsic: UncheckedExtrinsic) -> Origin {
	match extrinsic.0.preamble {
		Preamble::Signed(address, ..) => <Runtime as frame_system::Config>::Lookup::lookup(address)
			.map_or(Origin::Unsigned, |who| {
				Origin::Signed(<Runtime as pallet_revive::Config>::AddressMapper::to_address(&who))
			}),
		_ => match extrinsic.0.function.is_sub_type() {
			Some(pallet_revive::Call::<Runtime>::eth_transact { payload }) => {
				Origin::Ethereum(payload.clone())
			}
			_ => Origin::Unsigned,
		},
	}
}

/// See [`EthereumBlocks`].
pub(crate) fn outcomes() -> Vec<Outcome> {
	let mut outcomes: Vec<Outcome> = Vec::new();
	for record in System::read_events_no_consensus() {
		let extrinsic = match record.phase {
			Phase::ApplyExtrinsic(index) => Some(index),
			Phase::Initialization | Phase::Finalization => None,
		};
		// Events come in the order of what they are about.
		if outcomes
			.last()
			.is_none_or(|last| last.extrinsic != extrinsic)
		{
			outcomes.push(Outcome {
				extrinsic,
				success: true,
				logs: Vec::new(),
			});
		}
		let Some(outcome) = outcomes.last_mut() else {
			continue;
		};
		match record.event {
			RuntimeEvent::Revive(pallet_revive::Event::ContractEmitted {
				contract,
				data,
				topics,
			}) => outcome.logs.push(Log {
				address: contract,
				topics,
				data,
			}),
			RuntimeEvent::Revive(pallet_revive::Event::EthExtrinsicRevert { .. })
			| RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { .. }) => {
				outcome.success = false;
			}
			_ => {}
		}
	}
	outcomes.retain(|outcome| !outcome.success || !outcome.logs.is_empty());
	outcomes
}

/// See [`EthereumBlocks`].
pub(crate) fn carry(payload: Vec<u8>) -> <Block as BlockT>::Extrinsic {
	let call: RuntimeCall = pallet_revive::Call::eth_transact { payload }.into();
	UncheckedExtrinsic::new_inherent(call)
}
