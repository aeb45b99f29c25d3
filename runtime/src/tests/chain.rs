//! Drives the whole runtime block by block, as a node does.

use crate::{
	configs::transactions::extension, constants::time::SLOT_DURATION_MS,
	genesis_config_presets::get_preset, Executive, Header, Runtime, RuntimeCall, RuntimeEvent,
	RuntimeGenesisConfig, SignedPayload, System, UncheckedExtrinsic,
};
use codec::{Decode, Encode};
use frame_support::genesis_builder_helper::build_state;
use pallet_revive::evm::tx_extension::SetOrigin;
use serde_json::Value;
use sp_consensus_babe::{
	digests::{PreDigest, SecondaryPlainPreDigest},
	Slot, BABE_ENGINE_ID,
};
use sp_core::{H160, H256};
use sp_io::TestExternalities;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{generic, ApplyExtrinsicResult, Digest, DigestItem};

/// The slot of a chain's first block: some day in 2025.
const FIRST_SLOT: u64 = 880_000_000;

/// A chain, and where it stands.
pub(crate) struct Chain {
	ext: TestExternalities,
	parent: H256,
	number: u32,
	log: Vec<RuntimeEvent>,
}

/// Lays `patch` over `base`, as a node does with a preset and the default genesis.
fn merge(base: &mut Value, patch: Value) {
	match (base, patch) {
		(Value::Object(base), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(Value::Null), value);
			}
		}
		(base, patch) => *base = patch,
	}
}

/// A preset's whole genesis.
pub(crate) fn genesis(preset: &str) -> Value {
	let mut genesis = serde_json::to_value(RuntimeGenesisConfig::default()).unwrap();
	let patch = get_preset(&preset.into()).expect("the preset exists");
	merge(&mut genesis, serde_json::from_slice(&patch).unwrap());
	genesis
}

impl Chain {
	/// A chain at its genesis.
	pub(crate) fn new(preset: &str) -> Self {
		Self::patched(preset, Value::Object(Default::default()))
	}

	/// A chain at a preset's genesis, with some of it replaced.
	pub(crate) fn patched(preset: &str, patch: Value) -> Self {
		let mut ext = TestExternalities::new_empty();
		let mut genesis = genesis(preset);
		merge(&mut genesis, patch);
		let genesis = serde_json::to_vec(&genesis).unwrap();
		ext.execute_with(|| build_state::<RuntimeGenesisConfig>(genesis))
			.expect("valid genesis");
		ext.commit_all().unwrap();
		let parent = ext.execute_with(|| System::block_hash(0));
		Self {
			ext,
			parent,
			number: 0,
			log: Vec::new(),
		}
	}

	/// Looks at the present state, or changes it behind the chain's back.
	pub(crate) fn execute<R>(&mut self, action: impl FnOnce() -> R) -> R {
		self.ext.execute_with(action)
	}

	/// Makes a block by the first validator. Transactions are built when the block has begun, and their
	/// results returned in order. A lazy iterator builds each on what those before it have done.
	pub(crate) fn block<F, T>(&mut self, transactions: F) -> Vec<ApplyExtrinsicResult>
	where
		F: FnOnce() -> T,
		T: IntoIterator<Item = UncheckedExtrinsic>,
	{
		self.number += 1;
		let slot = FIRST_SLOT + u64::from(self.number);
		let author = PreDigest::SecondaryPlain(SecondaryPlainPreDigest {
			authority_index: 0,
			slot: Slot::from(slot),
		});
		let header = Header {
			parent_hash: self.parent,
			number: self.number,
			state_root: Default::default(),
			extrinsics_root: Default::default(),
			digest: Digest {
				logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, author.encode())],
			},
		};
		let (header, results) = self.ext.execute_with(|| {
			Executive::initialize_block(&header);
			let now = pallet_timestamp::Call::set {
				now: slot * SLOT_DURATION_MS,
			};
			let inherent = generic::UncheckedExtrinsic::new_bare(now.into()).into();
			Executive::apply_extrinsic(inherent)
				.expect("valid")
				.expect("successful");
			let results = transactions()
				.into_iter()
				.map(|transaction| Executive::apply_extrinsic(recoded(&transaction)))
				.collect();
			(Executive::finalize_block(), results)
		});
		self.ext.commit_all().unwrap();
		self.parent = header.hash();
		let events = self.events();
		self.log.extend(events);
		results
	}

	/// The contract that was deployed in the last block.
	pub(crate) fn deployed(&mut self) -> H160 {
		let address = |event| match event {
			RuntimeEvent::Revive(pallet_revive::Event::Instantiated { contract, .. }) => {
				Some(contract)
			}
			_ => None,
		};
		let mut events = self.events().into_iter();
		events.find_map(address).expect("a contract was made")
	}

	/// Makes empty blocks.
	pub(crate) fn blocks(&mut self, count: u32) {
		for _ in 0..count {
			self.block(Vec::new);
		}
	}

	/// Makes a block with one signed call, which must be included; or two, since the block that starts a
	/// session has room for nothing but inherents. The call's result.
	pub(crate) fn call(
		&mut self,
		by: Sr25519Keyring,
		call: impl Into<RuntimeCall>,
	) -> sp_runtime::DispatchResult {
		let call = call.into();
		let result = match self.block(|| vec![signed(by, call.clone())]).remove(0) {
			Err(full) if full.exhausted_resources() => {
				self.block(|| vec![signed(by, call)]).remove(0)
			}
			result => result,
		};
		result.expect("valid")
	}

	/// The present block.
	pub(crate) fn number(&self) -> u32 {
		self.number
	}

	/// What happened since this was last asked.
	pub(crate) fn take_events(&mut self) -> Vec<RuntimeEvent> {
		std::mem::take(&mut self.log)
	}

	/// What happened in the last block.
	pub(crate) fn events(&mut self) -> Vec<RuntimeEvent> {
		self.execute(|| {
			System::read_events_no_consensus()
				.map(|record| record.event)
				.collect()
		})
	}
}

/// What a node makes of a transaction that comes over the network.
fn recoded(transaction: &UncheckedExtrinsic) -> UncheckedExtrinsic {
	UncheckedExtrinsic::decode(&mut &transaction.encode()[..]).expect("just encoded")
}

/// A call with an account's signature and its next nonce.
pub(crate) fn signed(by: Sr25519Keyring, call: RuntimeCall) -> UncheckedExtrinsic {
	signed_with_nonce(by, call, System::account_nonce(by.to_account_id()))
}

/// A call with an account's signature and a nonce.
pub(crate) fn signed_with_nonce(
	by: Sr25519Keyring,
	call: RuntimeCall,
	nonce: crate::Nonce,
) -> UncheckedExtrinsic {
	let extension = extension(
		generic::Era::Immortal,
		nonce,
		0,
		SetOrigin::<Runtime>::default(),
	);
	let payload = SignedPayload::new(call, extension).expect("all implicit data is there");
	let signature = payload.using_encoded(|bytes| by.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	let signer = by.to_account_id().into();
	generic::UncheckedExtrinsic::new_signed(call, signer, signature.into(), extension).into()
}
