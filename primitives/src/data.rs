//! What the pallets around Datanets share: where a batch file is, how curators judge, what data is
//! asked for.

use alloc::{format, string::String};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// The most bytes of a URL.
pub const MAX_URL: u32 = 256;

/// The most bytes of an IPFS content identifier: a CIDv1 with a 512-bit hash has 71, in binary.
pub const MAX_CID: u32 = 80;

/// The most bytes of an EigenDA commitment.
pub const MAX_COMMITMENT: u32 = 512;

/// The most bytes of a batch file that the chain itself keeps.
pub const MAX_INLINE: u32 = 1_024;

/// The highest score that a curator gives.
pub const MAX_SCORE: u8 = 100;

/// Where a batch file, or a model's input, is to be fetched. Whatever comes from there is checked against its
/// hash.
#[derive(
	Clone,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Default,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Locator {
	/// Nowhere that the chain knows of: operators and curators have it, or get it by its hash.
	#[default]
	None,
	/// An `https` or `http` address in visible ASCII.
	Url(BoundedVec<u8, ConstU32<MAX_URL>>),
	/// An IPFS content identifier in its binary form: a CIDv1, or the multihash that is a CIDv0.
	Ipfs(BoundedVec<u8, ConstU32<MAX_CID>>),
	/// A commitment of EigenDA, as its proxy takes it.
	EigenDa(BoundedVec<u8, ConstU32<MAX_COMMITMENT>>),
	/// The file itself.
	Inline(BoundedVec<u8, ConstU32<MAX_INLINE>>),
}

impl Locator {
	/// The locator as one line of text, empty for none: an address, `ipfs://f<hex>` (the identifier in
	/// multibase 16), `eigenda:0x<hex>`, or `data:;hex,<hex>`.
	pub fn to_text(&self) -> String {
		match self {
			Self::None => String::new(),
			Self::Url(url) => String::from_utf8_lossy(url).into_owned(),
			Self::Ipfs(cid) => format!("ipfs://f{}", hex(cid)),
			Self::EigenDa(commitment) => format!("eigenda:0x{}", hex(commitment)),
			Self::Inline(file) => format!("data:;hex,{}", hex(file)),
		}
	}
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why curators reject a batch.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	Ord,
	PartialEq,
	PartialOrd,
	TypeInfo,
)]
pub enum Reason {
	/// Worthless: noise, off the Datanet's subject, another schema, not what its root says.
	Junk,
	/// Already there, exactly or nearly.
	Duplicate,
	/// Not under the licence that the Datanet names.
	Licence,
	/// Harmful: malware, personal data, what no one may pass on.
	Harmful,
}

/// What a curator says, and what a jury finds.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Verdict {
	/// It belongs into the Datanet.
	Accept {
		/// How good it is, from 0 to [`MAX_SCORE`].
		score: u8,
	},
	/// It does not.
	Reject {
		/// Why.
		reason: Reason,
	},
}

/// How a batch's curation ends.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Decision {
	/// A jury found so.
	Found(Verdict),
	/// Not even the largest jury came to a majority: nobody is to blame.
	Undecided,
}

/// What data is asked for.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Purpose {
	/// To look at it and measure with it; nothing is published or sold.
	Research,
	/// To train models that earn money.
	Training,
	/// To answer requests with it.
	Serving,
	/// To judge it.
	Curation,
}

impl Purpose {
	/// Whether money is made by it.
	pub fn is_commercial(self) -> bool {
		matches!(self, Self::Training | Self::Serving)
	}

	/// Whether something derived from the data is made and passed on.
	pub fn derives(self) -> bool {
		matches!(self, Self::Training)
	}
}

/// For what an account earns points.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub enum Merit {
	/// A batch that was accepted.
	Contribution,
	/// A verdict that became the jury's.
	Curation,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn locators_are_one_line_of_text() {
		let bytes = |bytes: &[u8]| bytes.to_vec();
		let cases = [
			(Locator::None, ""),
			(
				Locator::Url(bytes(b"https://example.org/a").try_into().unwrap()),
				"https://example.org/a",
			),
			(
				Locator::Ipfs(bytes(&[1, 0x55, 0x12]).try_into().unwrap()),
				"ipfs://f015512",
			),
			(
				Locator::EigenDa(bytes(&[0, 0xff]).try_into().unwrap()),
				"eigenda:0x00ff",
			),
			(
				Locator::Inline(bytes(b"a\n").try_into().unwrap()),
				"data:;hex,610a",
			),
		];
		for (locator, text) in cases {
			assert_eq!(locator.to_text(), text);
		}
	}
}
