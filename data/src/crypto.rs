//! Encryption with age (X25519, ChaCha20-Poly1305): nothing here but calls of the `age` crate.
//!
//! A Datanet has a data key: an age identity whose recipient, 32 bytes, stands on the chain. Its
//! batches are encrypted to that recipient. To let someone read them, the data key is *wrapped*: the
//! identity, as text, is itself encrypted to the grantee's recipient.

use crate::{output::write_secret, Error};
use age::{
	secrecy::ExposeSecret,
	x25519::{self, Identity},
	DecryptError, Decryptor, Encryptor,
};
use bech32::{FromBase32, ToBase32, Variant};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use std::{
	fmt, fs,
	io::{self, Read, Write},
	path::Path,
	str::FromStr,
};

/// The most bytes of a wrapped key: the chain keeps no more.
pub const MAX_WRAPPED: usize = 1_024;

/// A writer that encrypts: see [`encrypting`].
pub type Encrypting<W> = age::stream::StreamWriter<W>;

/// Whom a file is encrypted to: an X25519 public key.
///
/// Read from `age1…` or, as it stands on the chain, from 64 hexadecimal digits; written as `age1…`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recipient(pub [u8; 32]);

impl fmt::Display for Recipient {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let text = bech32::encode("age", self.0.to_base32(), Variant::Bech32);
		f.write_str(&text.map_err(|_| fmt::Error)?)
	}
}

impl FromStr for Recipient {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let wrong = || format!("\"{text}\" is neither \"age1…\" nor 64 hexadecimal digits");
		let mut key = [0; 32];
		let digits = text.strip_prefix("0x").unwrap_or(text);
		if hex::decode_to_slice(digits, &mut key).is_ok() {
			return Ok(Self(key));
		}
		match bech32::decode(text) {
			Ok((prefix, data, Variant::Bech32)) if prefix == "age" => Vec::from_base32(&data)
				.ok()
				.and_then(|bytes| bytes.try_into().ok())
				.map(Self)
				.ok_or_else(wrong),
			_ => Err(wrong()),
		}
	}
}

impl Serialize for Recipient {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(self)
	}
}

impl<'de> Deserialize<'de> for Recipient {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let text = String::deserialize(deserializer)?;
		text.parse().map_err(de::Error::custom)
	}
}

/// The recipient of an identity.
pub fn recipient(identity: &Identity) -> Result<Recipient, Error> {
	let text = identity.to_public().to_string();
	text.parse().map_err(Error::Refuted)
}

/// Writes an identity to a new file that only its owner can read, in the form of `age-keygen`.
pub fn write_identity(path: &Path, identity: &Identity) -> Result<Recipient, Error> {
	let recipient = recipient(identity)?;
	let secret = identity.to_string();
	let text = format!("# public key: {recipient}\n{}\n", secret.expose_secret());
	write_secret(path, &text)?;
	Ok(recipient)
}

/// Makes a new identity and writes it to a file.
pub fn keygen(path: &Path) -> Result<Recipient, Error> {
	write_identity(path, &Identity::generate())
}

/// Reads the first identity of a file in the form of `age-keygen`.
pub fn read_identity(path: &Path) -> Result<Identity, Error> {
	let text = fs::read_to_string(path).map_err(Error::io(path))?;
	parse_identity(&text).ok_or_else(|| {
		Error::file(
			path,
			"there is no line \"AGE-SECRET-KEY-1…\" in it; make one with \"keygen\"",
		)
	})
}

fn parse_identity(text: &str) -> Option<Identity> {
	text.lines().find_map(|line| line.trim().parse().ok())
}

/// A writer that encrypts to recipients. It needs to be finished.
pub fn encrypting<W: Write>(output: W, recipients: &[Recipient]) -> Result<Encrypting<W>, Error> {
	let keys: Vec<x25519::Recipient> = recipients
		.iter()
		.map(|recipient| recipient.to_string().parse())
		.collect::<Result<_, &str>>()
		.map_err(|error| Error::Request(error.to_owned()))?;
	Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient))
		.map_err(|error| Error::Request(error.to_string()))?
		.wrap_output(output)
		.map_err(|error| Error::Request(error.to_string()))
}

/// A reader of what is encrypted to an identity.
pub fn decrypting<'a>(
	input: impl Read + 'a,
	identity: &'a Identity,
) -> Result<impl Read + 'a, Error> {
	let explain = |error| {
		Error::Refuted(match error {
			DecryptError::NoMatchingKeys => {
				"it is not encrypted to this key; use the identity that was wrapped to you"
					.to_owned()
			}
			DecryptError::Io(error) => error.to_string(),
			other => format!("it is no file of age, or a damaged one: {other}"),
		})
	};
	Decryptor::new(input)
		.and_then(|decryptor| decryptor.decrypt(std::iter::once(identity as &dyn age::Identity)))
		.map_err(explain)
}

/// Encrypts an identity to a grantee, in at most [`MAX_WRAPPED`] bytes.
pub fn wrap(identity: &Identity, grantee: Recipient) -> Result<Vec<u8>, Error> {
	let failed = |error: io::Error| Error::Request(error.to_string());
	let mut writer = encrypting(Vec::new(), &[grantee])?;
	let secret = identity.to_string();
	writer
		.write_all(secret.expose_secret().as_bytes())
		.map_err(failed)?;
	let wrapped = writer.finish().map_err(failed)?;
	if wrapped.len() > MAX_WRAPPED {
		return Err(Error::Request(format!(
			"the wrapped key has {} bytes, and the chain takes {MAX_WRAPPED}",
			wrapped.len()
		)));
	}
	Ok(wrapped)
}

/// Gets the identity out that was wrapped to this one.
pub fn unwrap(wrapped: &[u8], identity: &Identity) -> Result<Identity, Error> {
	if wrapped.len() > MAX_WRAPPED {
		return Err(Error::Refuted(format!(
			"a wrapped key has at most {MAX_WRAPPED} bytes"
		)));
	}
	let mut text = String::new();
	decrypting(wrapped, identity)?
		.read_to_string(&mut text)
		.map_err(|error| Error::Refuted(format!("the wrapped key is damaged: {error}")))?;
	parse_identity(&text)
		.ok_or_else(|| Error::Refuted("what was wrapped is no identity of age".to_owned()))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_recipient_has_two_spellings() {
		// The key pair of the X25519 test vectors of the age specification's authors.
		let text = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
		let recipient: Recipient = text.parse().unwrap();
		assert_eq!(recipient.to_string(), text);
		let digits = hex::encode(recipient.0);
		assert_eq!(digits.parse(), Ok(recipient));
		assert_eq!(format!("0x{digits}").parse(), Ok(recipient));
		for wrong in ["", "age1", &text[..60], &digits[..62], "npub1qqqqqq"] {
			assert!(wrong.parse::<Recipient>().is_err(), "{wrong}");
		}
	}

	#[test]
	fn the_recipient_is_the_public_key_of_rfc_7748() {
		// Section 6.1: Bob's private key, in bech32, and his public key.
		let secret = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
		let public = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";
		let bytes = hex::decode(secret).unwrap();
		let text = bech32::encode("age-secret-key-", bytes.to_base32(), Variant::Bech32).unwrap();
		let identity: Identity = text.to_uppercase().parse().unwrap();
		assert_eq!(hex::encode(recipient(&identity).unwrap().0), public);
	}

	#[test]
	fn what_is_encrypted_is_read_by_recipients_only() {
		let (alice, bob, eve) = (
			Identity::generate(),
			Identity::generate(),
			Identity::generate(),
		);
		let to = [recipient(&alice).unwrap(), recipient(&bob).unwrap()];
		let text = vec![b'x'; 200_000];
		let mut writer = encrypting(Vec::new(), &to).unwrap();
		writer.write_all(&text).unwrap();
		let mut sealed = writer.finish().unwrap();
		for reader in [&alice, &bob] {
			let mut read = Vec::new();
			decrypting(&sealed[..], reader)
				.unwrap()
				.read_to_end(&mut read)
				.unwrap();
			assert_eq!(read, text);
		}
		assert!(matches!(
			decrypting(&sealed[..], &eve).err(),
			Some(Error::Refuted(_))
		));
		assert!(encrypting(Vec::new(), &[]).is_err());

		// A changed byte is noticed, and a missing end.
		let short = &sealed[..sealed.len() - 1];
		assert!(decrypting(short, &alice)
			.unwrap()
			.read_to_end(&mut Vec::new())
			.is_err());
		*sealed.last_mut().unwrap() ^= 1;
		let mut reader = decrypting(&sealed[..], &alice).unwrap();
		assert!(reader.read_to_end(&mut Vec::new()).is_err());
	}

	#[test]
	fn a_wrapped_key_fits_the_chain_and_opens_for_its_grantee() {
		let (data, grantee, other) = (
			Identity::generate(),
			Identity::generate(),
			Identity::generate(),
		);
		let mut wrapped = wrap(&data, recipient(&grantee).unwrap()).unwrap();
		// How long it is varies: age adds a stanza of random length, so that readers get used to unknown ones.
		assert!(wrapped.len() <= MAX_WRAPPED, "{}", wrapped.len());
		let unwrapped = unwrap(&wrapped, &grantee).unwrap();
		assert_eq!(recipient(&unwrapped).unwrap(), recipient(&data).unwrap());
		assert!(unwrap(&wrapped, &other).is_err());
		*wrapped.last_mut().unwrap() ^= 1;
		assert!(unwrap(&wrapped, &grantee).is_err());
		assert!(unwrap(&[0; MAX_WRAPPED + 1], &grantee).is_err());
	}

	#[test]
	fn a_key_file_is_private_and_never_overwritten() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("key.txt");
		let public = keygen(&path).unwrap();
		assert_eq!(recipient(&read_identity(&path).unwrap()).unwrap(), public);
		#[cfg(unix)]
		{
			use std::os::unix::fs::PermissionsExt;
			assert_eq!(
				fs::metadata(&path).unwrap().permissions().mode() & 0o777,
				0o600
			);
		}
		let before = fs::read(&path).unwrap();
		assert!(keygen(&path).is_err());
		assert_eq!(fs::read(&path).unwrap(), before);
	}
}
