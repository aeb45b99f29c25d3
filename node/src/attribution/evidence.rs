//! The file that proves the story of an answer to a third party.

use openledger_data::proof::RowProof;
use openledger_primitives::{BatchId, RequestId};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use sp_core::Bytes;
use std::{
	fs::{self, File},
	io::Write,
	path::Path,
};

/// The version of the format.
pub const VERSION: u32 = 1;

/// The most bytes of a file: 32 passages of 1 MiB, escaped as JSON, and the chain's part.
const MAX_FILE: u64 = 256 << 20;

/// All that a verifier needs besides a block's hash.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Evidence {
	/// The version of this format: [`VERSION`].
	pub version: u32,
	/// The request.
	pub request: RequestId,
	/// The header of the block in whose state it is proved, SCALE-encoded. Its BLAKE2b-256 is the block's hash.
	pub header: Bytes,
	/// The nodes of the state's trie that lead from the header's state root to the values.
	pub state: Vec<Bytes>,
	/// The passages, in the order of the citations. Those that no store handed out are missing.
	pub passages: Vec<PassageProof>,
}

/// That a passage stands in a batch.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PassageProof {
	/// The batch.
	pub batch: BatchId,
	/// The row with its Merkle path.
	pub row: RowProof,
}

/// A proof that names the version of its format.
pub(super) trait Versioned {
	/// The version.
	fn version(&self) -> u32;
}

impl Versioned for Evidence {
	fn version(&self) -> u32 {
		self.version
	}
}

impl Evidence {
	/// Reads a file. Nothing in it is checked yet but its form.
	pub fn read(path: &Path) -> Result<Self, String> {
		read(path)
	}

	/// Writes a new file.
	pub fn write(&self, path: &Path) -> Result<(), String> {
		write(path, self)
	}
}

/// Reads a proof of the version that this program knows.
pub(super) fn read<Proof: DeserializeOwned + Versioned>(path: &Path) -> Result<Proof, String> {
	let explain = |problem: String| format!("{}: {problem}", path.display());
	let size = fs::metadata(path)
		.map_err(|error| explain(error.to_string()))?
		.len();
	if size > MAX_FILE {
		return Err(explain(format!("{size} bytes are more than a proof has")));
	}
	let text = fs::read(path).map_err(|error| explain(error.to_string()))?;
	let proof: Proof =
		serde_json::from_slice(&text).map_err(|error| explain(format!("no proof: {error}")))?;
	ensure_version(&proof).map_err(explain)?;
	Ok(proof)
}

/// Fails if a proof has another version than this program knows.
pub(super) fn ensure_version(proof: &impl Versioned) -> Result<(), String> {
	match proof.version() {
		VERSION => Ok(()),
		other => Err(format!(
			"the proof has version {other}, and this program knows {VERSION}"
		)),
	}
}

/// Writes a proof to a new file.
pub(super) fn write(path: &Path, proof: &impl Serialize) -> Result<(), String> {
	let text = serde_json::to_string_pretty(proof).map_err(|error| error.to_string())?;
	File::create_new(path)
		.and_then(|mut file| writeln!(file, "{text}"))
		.map_err(|error| format!("{}: {error}", path.display()))
}
