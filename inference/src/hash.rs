//! Content names: 256-bit hashes written as 64 lower-case hexadecimal digits.

use std::{fmt, io::Read, str::FromStr};

use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// A 256-bit hash: SHA-256 for files, keccak-256 for Merkle roots, or an opaque id given by the caller.
///
/// Its text form is exactly 64 lower-case hexadecimal digits without a prefix, so that one hash has
/// one spelling and can be a file name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash256(pub [u8; 32]);

impl Hash256 {
	/// The SHA-256 of `bytes`.
	pub fn sha256(bytes: &[u8]) -> Self {
		Self(Sha256::digest(bytes).into())
	}

	/// The SHA-256 of all that `reader` yields, read in pieces of 64 KiB, and how many bytes that were.
	pub fn sha256_of(mut reader: impl Read) -> std::io::Result<(Self, u64)> {
		let mut hasher = Sha256::new();
		let mut buffer = vec![0u8; 64 * 1024];
		let mut total = 0u64;
		loop {
			match reader.read(&mut buffer) {
				Ok(0) => return Ok((Self(hasher.finalize().into()), total)),
				Ok(n) => {
					hasher.update(&buffer[..n]);
					total += n as u64;
				}
				Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
				Err(e) => return Err(e),
			}
		}
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

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 lower-case hexadecimal digits without a prefix")]
pub struct ParseHashError;

impl FromStr for Hash256 {
	type Err = ParseHashError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		if text.len() != 64 || text.bytes().any(|b| b.is_ascii_uppercase()) {
			return Err(ParseHashError);
		}
		let mut bytes = [0u8; 32];
		hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseHashError)?;
		Ok(Self(bytes))
	}
}

impl Serialize for Hash256 {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for Hash256 {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct Visitor;
		impl de::Visitor<'_> for Visitor {
			type Value = Hash256;

			fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str("64 lower-case hexadecimal digits")
			}

			fn visit_str<E: de::Error>(self, text: &str) -> Result<Hash256, E> {
				text.parse().map_err(E::custom)
			}
		}
		deserializer.deserialize_str(Visitor)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn one_hash_has_one_spelling() {
		let hash = Hash256::sha256(b"abc");
		let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
		assert_eq!(hash.to_string(), text);
		assert_eq!(text.parse(), Ok(hash));
		assert_eq!(Hash256::sha256_of(&b"abc"[..]).unwrap(), (hash, 3));
		for bad in [
			text.to_uppercase(),
			format!("0x{text}"),
			text[1..].to_owned(),
			String::new(),
			format!("0x{}", &text[2..]),
			format!("+{}", &text[1..]),
		] {
			assert_eq!(bad.parse::<Hash256>(), Err(ParseHashError), "{bad}");
		}
		assert_eq!(serde_json::to_string(&hash).unwrap(), format!("\"{text}\""));
		assert_eq!(
			serde_json::from_str::<Hash256>(&format!("\"{text}\"")).unwrap(),
			hash
		);
		assert!(serde_json::from_str::<Hash256>("\"zz\"").is_err());
	}
}
