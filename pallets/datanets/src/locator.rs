//! Which locators are taken.

use openledger_primitives::data::Locator;

use crate::text::is_url;

/// The multihash code of SHA-256, and the length of its digest.
const SHA2_256: u64 = 0x12;
const SHA2_256_BYTES: usize = 32;

/// The lengths of digests that a content identifier may have. What is shorter binds to no content.
const DIGEST_BYTES: core::ops::RangeInclusive<usize> = 20..=64;

/// Whether a locator can lead to a file.
pub(crate) fn is_locator(locator: &Locator) -> bool {
	match locator {
		Locator::None => true,
		Locator::Url(url) => is_url(url),
		Locator::Ipfs(cid) => is_cid(cid),
		Locator::EigenDa(commitment) => !commitment.is_empty(),
		Locator::Inline(file) => !file.is_empty(),
	}
}

/// An unsigned varint of the multiformats, and what follows: at most nine bytes, none too many.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
	let end = bytes.iter().take(9).position(|byte| byte & 0x80 == 0)?;
	let (number, rest) = bytes.split_at_checked(end.checked_add(1)?)?;
	let (last, others) = number.split_last()?;
	if *last == 0 && !others.is_empty() {
		return None;
	}
	let value = number
		.iter()
		.rev()
		.fold(0u64, |value, byte| (value << 7) | u64::from(byte & 0x7f));
	Some((value, rest))
}

fn is_multihash(bytes: &[u8]) -> bool {
	let parsed = varint(bytes).and_then(|(code, rest)| {
		let (length, digest) = varint(rest)?;
		Some((code, usize::try_from(length).ok()?, digest))
	});
	parsed.is_some_and(|(code, length, digest)| {
		length == digest.len()
			&& DIGEST_BYTES.contains(&length)
			&& code != 0
			&& (code != SHA2_256 || length == SHA2_256_BYTES)
	})
}

/// A binary CIDv1, version, codec and multihash; or a CIDv0, the multihash of SHA-256 alone.
fn is_cid(bytes: &[u8]) -> bool {
	match varint(bytes) {
		Some((1, rest)) => varint(rest).is_some_and(|(_, hash)| is_multihash(hash)),
		Some((SHA2_256, _)) => is_multihash(bytes),
		_ => false,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn cid(head: &[u8], digest: usize) -> Locator {
		let bytes = [head, &vec![7; digest][..]].concat();
		Locator::Ipfs(bytes.try_into().unwrap())
	}

	#[test]
	fn content_identifiers() {
		for (head, digest) in [
			(&[0x12, 0x20][..], 32),                     // CIDv0
			(&[0x01, 0x55, 0x12, 0x20], 32),             // raw, SHA-256
			(&[0x01, 0x70, 0x12, 0x20], 32),             // dag-pb
			(&[0x01, 0x55, 0x13, 0x40], 64),             // SHA-512
			(&[0x01, 0x55, 0xa0, 0xe4, 0x02, 0x20], 32), // BLAKE2b-256
			(&[0x01, 0x71, 0x11, 0x14], 20),             // SHA-1 of git
			(&[0x01, 0x80, 0xe0, 0x03, 0x12, 0x20], 32), // a codec of three bytes
		] {
			assert!(is_locator(&cid(head, digest)), "{head:x?} is refused");
		}
		for (head, digest) in [
			(&[][..], 0),
			(&[0x01], 0),
			(&[0x01, 0x55], 0),
			(&[0x01, 0x55, 0x12], 0),
			(&[0x01, 0x55, 0x12, 0x20], 31),
			(&[0x01, 0x55, 0x12, 0x20], 33),
			(&[0x01, 0x55, 0x12, 0x14], 20), // SHA-256, cut
			(&[0x01, 0x55, 0x00, 0x20], 32), // the content in place of its hash
			(&[0x01, 0x55, 0x13, 0x04], 4),
			(&[0x00, 0x55, 0x12, 0x20], 32), // version 0, spelled out
			(&[0x02, 0x55, 0x12, 0x20], 32),
			(&[0x81, 0x00, 0x55, 0x12, 0x20], 32), // a varint with a byte too many
			(&[0x12, 0x20], 31),
			(&[0x13, 0x40], 64), // a CIDv0 is of SHA-256
			(&[0xff; 12], 32),
		] {
			assert!(!is_locator(&cid(head, digest)), "{head:x?} is taken");
		}
	}

	#[test]
	fn other_locators() {
		assert!(is_locator(&Locator::None));
		assert!(is_locator(&Locator::Url(
			b"https://a.example/".to_vec().try_into().unwrap()
		)));
		assert!(!is_locator(&Locator::Url(
			b"file:///etc/passwd".to_vec().try_into().unwrap()
		)));
		assert!(!is_locator(&Locator::Url(Default::default())));
		assert!(is_locator(&Locator::EigenDa(vec![1].try_into().unwrap())));
		assert!(!is_locator(&Locator::EigenDa(Default::default())));
		assert!(is_locator(&Locator::Inline(vec![1].try_into().unwrap())));
		assert!(!is_locator(&Locator::Inline(Default::default())));
	}
}
