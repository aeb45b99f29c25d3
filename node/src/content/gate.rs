//! Who may read which files of the content store.
//!
//! The chain says whether a file is anybody's or for those with a grant. Who has one signs for each file,
//! and for a short time: an [`AccessProof`], SCALE-encoded, in hexadecimal digits.

use codec::DecodeAll;
use openledger_inference::hash::Hash256;
use openledger_primitives::{
	access::{AccessProof, ProofError, MAX_VALIDITY_MS},
	ContentHash, DatanetId,
};
use openledger_runtime::{
	content_access::{ContentAccess, Readers},
	opaque::Block,
	AccountId, Hash,
};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use std::{
	sync::Arc,
	time::{SystemTime, UNIX_EPOCH},
};

/// A file may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
	/// To anybody.
	Public,
	/// To the one who asks.
	Private,
}

/// A file may not go out.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
	/// Nobody signed.
	#[error(
		"the file belongs to Datanet {0}, whose readers need a grant: show a proof of it, see \
		 docs/datanets.md"
	)]
	NoProof(DatanetId),
	/// The proof is not one, or not for this.
	#[error("{0}")]
	BadProof(String),
	/// The one who signed may not read it.
	#[error("{who} has no grant for Datanet {datanet}: ask for one with access.requestAccess")]
	NoGrant {
		/// Who asked.
		who: AccountId,
		/// The Datanet of the file.
		datanet: DatanetId,
	},
	/// The chain could not be asked.
	#[error("the chain's state can't be read: {0}")]
	Chain(String),
}

/// Lets files out of the store.
pub trait Gate: Send + Sync {
	/// Whether the file with that hash goes to whoever shows `proof`.
	fn pass(&self, content: &Hash256, proof: Option<&str>) -> Result<Passage, Refused>;
}

/// The gate that the chain keeps.
pub struct ChainGate<C> {
	client: Arc<C>,
	genesis: Hash,
}

impl<C: HeaderBackend<Block>> ChainGate<C> {
	/// A gate that asks at the best block of `client`.
	pub fn new(client: Arc<C>) -> Self {
		Self {
			genesis: client.info().genesis_hash,
			client,
		}
	}
}

impl<C> Gate for ChainGate<C>
where
	C: HeaderBackend<Block> + ProvideRuntimeApi<Block> + Send + Sync,
	C::Api: ContentAccess<Block>,
{
	fn pass(&self, content: &Hash256, proof: Option<&str>) -> Result<Passage, Refused> {
		let content = ContentHash(content.0);
		let who = proof
			.map(|proof| check(proof, content, &self.genesis, now_ms()))
			.transpose()?;
		let readers = self
			.client
			.runtime_api()
			.readers(self.client.info().best_hash, content, who.clone())
			.map_err(|error| Refused::Chain(error.to_string()))?;
		match (readers, who) {
			(Readers::Anybody, _) => Ok(Passage::Public),
			(Readers::Granted, _) => Ok(Passage::Private),
			(Readers::Grantees(datanet), None) => Err(Refused::NoProof(datanet)),
			(Readers::Grantees(datanet), Some(who)) => Err(Refused::NoGrant { who, datanet }),
		}
	}
}

/// Milliseconds since the Unix epoch.
fn now_ms() -> u64 {
	SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.ok()
		.and_then(|since| u64::try_from(since.as_millis()).ok())
		.unwrap_or_default()
}

/// Who signed `proof` for `content`.
fn check(
	proof: &str,
	content: ContentHash,
	genesis: &Hash,
	now_ms: u64,
) -> Result<AccountId, Refused> {
	let bad = |why: String| Refused::BadProof(format!("the proof is not good: {why}"));
	let bytes = hex::decode(proof.trim_start_matches("0x"))
		.map_err(|_| bad("it is not hexadecimal".into()))?;
	let proof = AccessProof::decode_all(&mut &bytes[..])
		.map_err(|_| bad("it is not an encoded AccessProof".into()))?;
	if proof.content != content {
		return Err(bad("it is for another file".into()));
	}
	proof.check(genesis, now_ms).map_err(|error| {
		bad(match error {
			ProofError::Expired => "its time is over".into(),
			ProofError::TooLong => {
				format!(
					"it holds for longer than {} minutes",
					MAX_VALIDITY_MS / 60_000
				)
			}
			ProofError::BadSignature => {
				"it is not signed by its account for this chain, file and time".into()
			}
		})
	})?;
	Ok(proof.who)
}
