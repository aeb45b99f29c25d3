//! 256-bit hashes, written as 64 lower-case hexadecimal digits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A 256-bit hash: SHA-256 of a file or line, keccak-256 in Merkle trees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hash256(pub [u8; 32]);

impl Hash256 {
	/// The SHA-256 of `bytes`.
	pub fn sha256(bytes: &[u8]) -> Self {
		Self(Sha256::digest(bytes).into())
	}
}

impl fmt::Display for Hash256 {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&hex::encode(self.0))
	}
}

impl fmt::Debug for Hash256 {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		fmt::Display::fmt(self, f)
	}
}

impl From<Hash256> for String {
	fn from(hash: Hash256) -> Self {
		hash.to_string()
	}
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 lower-case hexadecimal digits without a prefix")]
pub struct ParseHashError;

impl FromStr for Hash256 {
	type Err = ParseHashError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
			return Err(ParseHashError);
		}
		let mut bytes = [0; 32];
		hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseHashError)?;
		Ok(Self(bytes))
	}
}

impl TryFrom<String> for Hash256 {
	type Error = ParseHashError;

	fn try_from(text: String) -> Result<Self, Self::Error> {
		text.parse()
	}
}
