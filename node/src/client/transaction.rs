//! Signing a call, submitting it, and waiting for what comes of it.

use super::{explain, Client};
use codec::Encode;
use openledger_runtime::{
	configs::transactions::extension, AccountId, BlockNumber, Hash, Nonce, RuntimeCall,
	RuntimeEvent, SignedPayload, UncheckedExtrinsic, VERSION,
};
use serde::Deserialize;
use serde_json::json;
use sp_core::{sr25519, Bytes, Pair};
use sp_runtime::{
	generic::{self, Era},
	traits::IdentifyAccount,
	MultiAddress, MultiSigner,
};
use std::time::Duration;

/// For how many blocks a transaction is valid.
const LIFETIME: u64 = 64;

/// Pause between two looks for a new block.
const PAUSE: Duration = Duration::from_millis(500);

/// A transaction that a block has.
#[derive(Debug)]
pub struct Included {
	/// The block's height.
	pub number: BlockNumber,
	/// The block's hash.
	pub block: Hash,
	/// What happened through the transaction.
	pub events: Vec<RuntimeEvent>,
}

#[derive(Deserialize)]
struct SignedBlock {
	block: BlockBody,
}

#[derive(Deserialize)]
struct BlockBody {
	extrinsics: Vec<Bytes>,
}

impl Client {
	/// Signs a call, submits it and waits until a block has it.
	///
	/// An error is a sentence: the node refused it, it failed in its block, or its time went by.
	pub async fn send(
		&self,
		signer: &sr25519::Pair,
		call: RuntimeCall,
	) -> Result<Included, String> {
		let finalized: Hash = self.call("chain_getFinalizedHead", json!([])).await?;
		let born = self.header(Some(finalized)).await?.number;
		let transaction = self.signed(signer, call, born).await?;
		let from = self.header(None).await?.number;
		let _: Hash = self
			.call(
				"author_submitExtrinsic",
				json!([Bytes(transaction.clone())]),
			)
			.await?;
		let until = u64::from(born).saturating_add(LIFETIME);
		for number in from.. {
			if u64::from(number) > until {
				break;
			}
			if let Some(included) = self.look(number, &transaction).await? {
				return Ok(included);
			}
		}
		Err(format!(
			"no block up to {until} took the transaction: it is void, send it again"
		))
	}

	async fn signed(
		&self,
		signer: &sr25519::Pair,
		call: RuntimeCall,
		born: BlockNumber,
	) -> Result<Vec<u8>, String> {
		let account: AccountId = MultiSigner::from(signer.public()).into_account();
		let nonce: Nonce = self
			.call("system_accountNextIndex", json!([account]))
			.await?;
		let era = Era::mortal(LIFETIME, born.into());
		let birth: Hash = self
			.call("chain_getBlockHash", json!([era.birth(born.into())]))
			.await?;
		let extension = extension(era, nonce, 0, Default::default());
		// In the order of the extensions.
		let implicit = (
			(),
			(),
			VERSION.spec_version,
			VERSION.transaction_version,
			self.genesis,
			birth,
			(),
			(),
			(),
			None,
			(),
			(),
		);
		let payload = SignedPayload::from_raw(call, extension, implicit);
		let signature = payload.using_encoded(|payload| signer.sign(payload));
		let (call, extension, _) = payload.deconstruct();
		let transaction: UncheckedExtrinsic = generic::UncheckedExtrinsic::new_signed(
			call,
			MultiAddress::Id(account),
			signature.into(),
			extension,
		)
		.into();
		Ok(transaction.encode())
	}

	/// Waits for the block of that height and looks for the transaction in it.
	async fn look(
		&self,
		number: BlockNumber,
		transaction: &[u8],
	) -> Result<Option<Included>, String> {
		let block = loop {
			let hash: Option<Hash> = self.call("chain_getBlockHash", json!([number])).await?;
			match hash {
				Some(hash) => break hash,
				None => tokio::time::sleep(PAUSE).await,
			}
		};
		let body: SignedBlock = self.call("chain_getBlock", json!([block])).await?;
		let place = body
			.block
			.extrinsics
			.iter()
			.position(|extrinsic| extrinsic[..] == *transaction);
		let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else {
			return Ok(None);
		};
		let key = frame_support::storage::storage_prefix(b"System", b"Events");
		let records: Vec<frame_system::EventRecord<RuntimeEvent, Hash>> =
			self.storage(&key, Some(block)).await?.unwrap_or_default();
		let events: Vec<_> = records
			.into_iter()
			.filter(|record| record.phase == frame_system::Phase::ApplyExtrinsic(place))
			.map(|record| record.event)
			.collect();
		for event in &events {
			if let RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
				dispatch_error,
				..
			}) = event
			{
				return Err(format!(
					"block {number} has the transaction, and it failed: {}",
					explain(*dispatch_error)
				));
			}
		}
		Ok(Some(Included {
			number,
			block,
			events,
		}))
	}
}
