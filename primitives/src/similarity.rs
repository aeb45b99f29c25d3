//! How much of one adapter is in another, as a committee says it.
//!
//! What a model of [`Task::Compare`](crate::model::Task::Compare) is asked is an encoded [`Comparison`], and
//! what it answers is [text](to_text): a whole number of millionths, 0 to [`WHOLE`]. The comparison itself is
//! the inference service's; by which measure is written there.

use alloc::{string::ToString, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{data::Locator, input::LinkedInput};

/// The similarity of an adapter to itself.
pub const WHOLE: u32 = 1_000_000;

/// The most bytes of an adapter's file that is compared.
pub const MAX_ADAPTER_BYTES: u32 = 64 * 1_024 * 1_024;

/// Two adapters' files, as PEFT writes them to `adapter_model.safetensors`.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Comparison {
	/// The earlier one, which is looked for.
	pub original: LinkedInput,
	/// The one that it is looked for in.
	pub other: LinkedInput,
}

impl Comparison {
	/// Whether operators can be asked to fetch both files.
	pub fn is_well_formed(&self) -> bool {
		[&self.original, &self.other].into_iter().all(|file| {
			(1..=MAX_ADAPTER_BYTES).contains(&file.bytes) && file.locator != Locator::None
		})
	}

	/// What a model's input says, if it is a comparison of files that can be fetched.
	pub fn parse(mut input: &[u8]) -> Option<Self> {
		let comparison = Self::decode(&mut input).ok()?;
		(input.is_empty() && comparison.is_well_formed()).then_some(comparison)
	}
}

/// A similarity as it is answered.
pub fn to_text(millionths: u32) -> Vec<u8> {
	millionths.to_string().into_bytes()
}

/// The similarity that an answer states. It has one form: digits, with no zeros before them.
pub fn from_text(text: &[u8]) -> Option<u32> {
	let millionths: u32 = core::str::from_utf8(text).ok()?.parse().ok()?;
	(millionths <= WHOLE && to_text(millionths) == text).then_some(millionths)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::types::ContentHash;

	fn file(bytes: u32, locator: Locator) -> LinkedInput {
		LinkedInput {
			content: ContentHash::of(b"an adapter"),
			bytes,
			locator,
		}
	}

	fn url() -> Locator {
		Locator::Url(b"https://example.org/a".to_vec().try_into().unwrap())
	}

	#[test]
	fn a_similarity_has_one_form() {
		for millionths in [0, 7, 999_999, WHOLE] {
			assert_eq!(from_text(&to_text(millionths)), Some(millionths));
		}
		for text in ["", "1000001", "007", "+7", "-7", " 7", "7.0", "4294967296"] {
			assert_eq!(from_text(text.as_bytes()), None, "{text}");
		}
		assert_eq!(from_text(&[0xFF]), None);
	}

	#[test]
	fn a_comparison_names_two_files_that_can_be_fetched() {
		let comparison = |original, other| Comparison { original, other };
		let good = comparison(file(1, url()), file(MAX_ADAPTER_BYTES, url()));
		let bytes = good.encode();
		assert_eq!(Comparison::parse(&bytes), Some(good));
		assert_eq!(Comparison::parse(&[&bytes[..], &[0]].concat()), None);
		assert_eq!(Comparison::parse(&bytes[..bytes.len() - 1]), None);
		assert_eq!(Comparison::parse(b""), None);
		for bad in [
			comparison(file(0, url()), file(1, url())),
			comparison(file(1, url()), file(MAX_ADAPTER_BYTES + 1, url())),
			comparison(file(1, url()), file(1, Locator::None)),
			comparison(file(1, Locator::None), file(1, url())),
		] {
			assert!(!bad.is_well_formed());
			assert_eq!(Comparison::parse(&bad.encode()), None);
		}
	}
}
