//! Receipts: what an agent signs for every call that it serves through a payment channel, and the log that
//! turns thousands of them into one batch on-chain.
//!
//! Each receipt names the hash of the batch's [`Totals`] after its call, so that the last receipt's are the
//! batch's. Nobody has to trust the agent's sums: a [`Step`], two neighbouring receipts with what lies
//! between them, proves a wrong one. The batch is the Merkle tree ([`crate::merkle`]) over the encoded
//! signed receipts.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};
use sp_crypto_hashing::blake2_256;
use sp_runtime::traits::Verify;

use crate::{
	answer::{Entries, Entry, Outcome, MAX_ENTRIES, TOTAL_WEIGHT},
	attribution::is_well_formed,
	merkle,
	protocol::{OperatorKey, OperatorSignature},
	split::apportion,
	types::{Balance, BatchId},
	voucher::ChannelId,
};

/// The most siblings of a receipt's proof: as many as a tree of 2^32 leaves has levels.
pub const MAX_SIBLINGS: u32 = 32;

/// The siblings of a receipt, from its leaf upwards.
pub type Siblings = BoundedVec<H256, ConstU32<MAX_SIBLINGS>>;

/// The seed with which a seeded sampler begins in a call: public, and fixed when its channel is opened.
pub fn call_seed(channel_seed: &H256, index: u64) -> H256 {
	H256(blake2_256(
		&(b"openledger/call", channel_seed, index).encode(),
	))
}

/// What an agent says about one call.
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
pub struct Receipt {
	/// The channel that pays for it.
	pub channel: ChannelId,
	/// Which call of the channel it is, from 0.
	pub index: u64,
	/// The version of the channel's model that ran.
	pub version: u32,
	/// BLAKE2b-256 of the input.
	pub input: H256,
	/// The [hash](Outcome::hash) of the outcome, which is an answer: there are no receipts of failures.
	pub outcome: H256,
	/// What it costs, in units of the token.
	pub fee: Balance,
	/// The [hash](Totals::hash) of the batch's totals after it.
	pub totals: H256,
}

impl Receipt {
	/// The message that the agent's operator key signs. Signing two that [contradict](Self::contradicts) each
	/// other is an equivocation.
	pub fn message(&self, genesis: &H256) -> [u8; 32] {
		blake2_256(&(b"openledger/receipt", genesis, self).encode())
	}

	/// Whether it says something else about the same call than another one. Other totals are no
	/// contradiction: an unpaid call at the end of a batch is signed anew as the first of the next. They are
	/// proven wrong by a [`Step`].
	pub fn contradicts(&self, other: &Self) -> bool {
		let call = |receipt: &Self| (receipt.channel, receipt.index);
		let said = |receipt: &Self| (receipt.version, receipt.input, receipt.outcome, receipt.fee);
		call(self) == call(other) && said(self) != said(other)
	}

	/// Whether it is about this call: what a payer checks besides the log's rules.
	pub fn is_for(&self, version: u32, input: &[u8], fee: Balance) -> bool {
		self.version == version && self.input == H256(blake2_256(input)) && self.fee == fee
	}
}

/// A receipt with the agent's signature: a leaf of a batch.
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
pub struct SignedReceipt {
	/// What is signed.
	pub receipt: Receipt,
	/// By the operator key that the agent had when the channel was opened.
	pub signature: OperatorSignature,
}

impl SignedReceipt {
	/// Whether `operator` signed it for the chain with this genesis hash.
	pub fn is_signed(&self, genesis: &H256, operator: &OperatorKey) -> bool {
		self.signature
			.verify(&self.receipt.message(genesis)[..], operator)
	}

	/// Its leaf in the tree.
	pub fn leaf(&self) -> H256 {
		merkle::leaf(&self.encode())
	}
}

/// What one batch of data has earned by a batch of calls.
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
pub struct Earned {
	/// The batch of data.
	pub batch: BatchId,
	/// The sum of fee × weight over the calls, in millionths of a unit of the token.
	pub weight: u128,
}

/// The running totals of a batch of calls.
#[derive(
	Clone,
	Debug,
	Default,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Totals {
	/// The index of the first call.
	pub first: u64,
	/// How many calls there are.
	pub calls: u32,
	/// The sum of their fees, in units of the token.
	pub fee: Balance,
	/// What the data has earned, ascending by batch. The weights sum up to a million times the part of
	/// the fee that is attributed.
	pub weights: BoundedVec<Earned, ConstU32<MAX_ENTRIES>>,
	/// The fees of the calls that no data shaped, in units of the token.
	pub unattributed: Balance,
}

impl Totals {
	/// Of a batch that begins with this call, before it.
	pub fn new(first: u64) -> Self {
		Self {
			first,
			..Self::default()
		}
	}

	/// BLAKE2b-256 of the encoded totals behind a domain.
	pub fn hash(&self) -> H256 {
		H256(blake2_256(&(b"openledger/totals", self).encode()))
	}

	/// The totals after one more call. `None` if there is no place for it in the batch: it brings in one
	/// batch of data too many, its attribution is not well formed, or a sum overflows.
	pub fn after(&self, fee: Balance, attribution: &[Entry]) -> Option<Self> {
		if !is_well_formed(attribution) {
			return None;
		}
		let mut next = self.clone();
		next.calls = next.calls.checked_add(1)?;
		next.fee = next.fee.checked_add(fee)?;
		if attribution.is_empty() {
			next.unattributed = next.unattributed.checked_add(fee)?;
		}
		for Entry { batch, weight } in attribution {
			let more = fee.checked_mul((*weight).into())?;
			match next
				.weights
				.binary_search_by_key(batch, |earned| earned.batch)
			{
				Ok(at) => {
					let earned = next.weights.get_mut(at)?;
					earned.weight = earned.weight.checked_add(more)?;
				}
				Err(at) => {
					let earned = Earned {
						batch: *batch,
						weight: more,
					};
					next.weights.try_insert(at, earned).ok()?;
				}
			}
		}
		Some(next)
	}

	/// Whether data stands in order, and what it has earned adds up to the attributed part of the fee.
	pub fn add_up(&self) -> bool {
		let ascending = self
			.weights
			.iter()
			.zip(self.weights.iter().skip(1))
			.all(|(left, right)| left.batch < right.batch);
		let sum = self
			.weights
			.iter()
			.try_fold(0u128, |sum, earned| sum.checked_add(earned.weight));
		let attributed = self.fee.checked_sub(self.unattributed);
		ascending
			&& attributed
				.and_then(|fee| fee.checked_mul(TOTAL_WEIGHT.into()))
				.is_some_and(|expected| sum == Some(expected))
	}

	/// Whom the attributed part of the fee is for: what the data has earned, brought to
	/// [`TOTAL_WEIGHT`] by largest remainder. Batches whose part rounds to zero are left out.
	pub fn entries(&self) -> Entries {
		let weights = self
			.weights
			.iter()
			.map(|earned| earned.weight)
			.collect::<Vec<_>>();
		let parts = apportion(TOTAL_WEIGHT.into(), &weights).unwrap_or_default();
		let entries = self
			.weights
			.iter()
			.zip(parts)
			.filter_map(|(earned, part)| {
				let weight = u32::try_from(part).ok().filter(|weight| *weight > 0)?;
				Some(Entry {
					batch: earned.batch,
					weight,
				})
			})
			.collect();
		Entries::truncate_from(entries)
	}
}

/// A batch of calls, as it is posted.
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
pub struct Commitment {
	/// The index of its first call.
	pub first: u64,
	/// How many calls it has.
	pub count: u32,
	/// The Merkle root over the encoded signed receipts.
	pub root: H256,
}

impl Commitment {
	/// The place of a call in it; `None` if the call is not in it.
	pub fn place(&self, index: u64) -> Option<u32> {
		let place = index.checked_sub(self.first)?;
		u32::try_from(place)
			.ok()
			.filter(|place| *place < self.count)
	}
}

/// A receipt with the proof that it is in a batch.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct ProvenReceipt {
	/// The receipt.
	pub signed: SignedReceipt,
	/// Its siblings.
	pub proof: Siblings,
}

impl ProvenReceipt {
	/// Whether it is the batch's receipt of the call that it names.
	pub fn is_in(&self, channel: ChannelId, batch: &Commitment) -> bool {
		let receipt = &self.signed.receipt;
		receipt.channel == channel
			&& batch.place(receipt.index).is_some_and(|place| {
				merkle::verify(
					&batch.root,
					&self.signed.leaf(),
					place,
					batch.count,
					&self.proof,
				)
			})
	}
}

/// All that there is to a call on-chain: its receipt, its outcome, and how the totals came to be.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Step {
	/// The receipt before it; `None` for the batch's first.
	pub previous: Option<ProvenReceipt>,
	/// The totals before it.
	pub before: Totals,
	/// Its receipt.
	pub receipt: ProvenReceipt,
	/// What came of it.
	pub outcome: Outcome,
}

/// Why something is no step of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StepError {
	/// A receipt is not the batch's, or they are not neighbours.
	NotInBatch,
	/// The receipt is not signed by the agent.
	BadSignature,
	/// The totals are not those that the receipt before it names.
	OtherTotals,
	/// The outcome is not the one that the receipt names.
	OtherOutcome,
}

impl Step {
	/// Whether the receipt's totals follow from those before it and the outcome. An error says that it is
	/// not known, as this is no step of the batch.
	///
	/// The signature of the receipt before it is not looked at: whatever is under the root is the word of
	/// who posted it.
	pub fn is_right(
		&self,
		genesis: &H256,
		operator: &OperatorKey,
		channel: ChannelId,
		batch: &Commitment,
	) -> Result<bool, StepError> {
		let receipt = &self.receipt.signed.receipt;
		let begins = match &self.previous {
			None => receipt.index == batch.first,
			Some(previous) => {
				previous.is_in(channel, batch)
					&& previous.signed.receipt.index.checked_add(1) == Some(receipt.index)
			}
		};
		if !begins || !self.receipt.is_in(channel, batch) {
			return Err(StepError::NotInBatch);
		}
		let known = match &self.previous {
			None => self.before == Totals::new(batch.first),
			Some(previous) => self.before.hash() == previous.signed.receipt.totals,
		};
		if !known {
			return Err(StepError::OtherTotals);
		}
		if self.outcome.hash() != receipt.outcome {
			return Err(StepError::OtherOutcome);
		}
		if !self.receipt.signed.is_signed(genesis, operator) {
			return Err(StepError::BadSignature);
		}
		let Outcome::Answered(answer) = &self.outcome else {
			return Ok(false);
		};
		let after = self.before.after(receipt.fee, &answer.attribution);
		Ok(after.is_some_and(|after| after.hash() == receipt.totals))
	}
}

/// Why a receipt does not fit into a log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogError {
	/// The run failed: there is nothing to be paid for.
	NotAnswered,
	/// The batch has as many calls as it may, or the call brings in one batch of data too many. Post it,
	/// and begin another.
	Full,
	/// The receipt is of another channel, or not of the next call.
	OutOfOrder,
	/// The receipt names another outcome.
	OtherOutcome,
	/// The receipt's totals do not follow from those before it.
	WrongTotals,
	/// The agent has not signed it.
	BadSignature,
}

/// The receipts of a batch that is not posted yet. The agent keeps one to post from; the payer keeps one to
/// know that every receipt it gets is right, and to prove it if one is not.
///
/// The log of what is posted ends with the call of the highest voucher. A call that was served after it and
/// is paid later begins the next log.
#[derive(Clone, Debug)]
pub struct ReceiptLog {
	genesis: H256,
	channel: ChannelId,
	operator: OperatorKey,
	most: u32,
	totals: Totals,
	calls: Vec<(SignedReceipt, Entries)>,
}

impl ReceiptLog {
	/// An empty one.
	///
	/// - `operator`: the operator key that the agent had when the channel was opened.
	/// - `first`: the index of the first call.
	/// - `most`: how many calls a batch may have.
	pub fn new(
		genesis: H256,
		channel: ChannelId,
		operator: OperatorKey,
		first: u64,
		most: u32,
	) -> Self {
		Self {
			genesis,
			channel,
			operator,
			most,
			totals: Totals::new(first),
			calls: Vec::new(),
		}
	}

	/// The receipt of the next call, for the agent to sign.
	pub fn next(
		&self,
		version: u32,
		input: &[u8],
		outcome: &Outcome,
		fee: Balance,
	) -> Result<Receipt, LogError> {
		Ok(Receipt {
			channel: self.channel,
			index: self.next_index(),
			version,
			input: H256(blake2_256(input)),
			outcome: outcome.hash(),
			fee,
			totals: self.after(outcome, fee)?.0.hash(),
		})
	}

	/// Takes a receipt of the next call that fits; if not, the log stays as it is.
	pub fn push(&mut self, signed: SignedReceipt, outcome: &Outcome) -> Result<(), LogError> {
		let receipt = &signed.receipt;
		if receipt.channel != self.channel || receipt.index != self.next_index() {
			return Err(LogError::OutOfOrder);
		}
		if receipt.outcome != outcome.hash() {
			return Err(LogError::OtherOutcome);
		}
		let (totals, entries) = self.after(outcome, receipt.fee)?;
		if receipt.totals != totals.hash() {
			return Err(LogError::WrongTotals);
		}
		if !signed.is_signed(&self.genesis, &self.operator) {
			return Err(LogError::BadSignature);
		}
		self.totals = totals;
		self.calls.push((signed, entries));
		Ok(())
	}

	fn after(&self, outcome: &Outcome, fee: Balance) -> Result<(Totals, Entries), LogError> {
		let Outcome::Answered(answer) = outcome else {
			return Err(LogError::NotAnswered);
		};
		let totals = self
			.totals
			.after(fee, &answer.attribution)
			.filter(|totals| totals.calls <= self.most)
			.ok_or(LogError::Full)?;
		Ok((totals, answer.attribution.clone()))
	}

	fn next_index(&self) -> u64 {
		self.totals.first.saturating_add(self.totals.calls.into())
	}

	/// The totals of all calls so far: what a voucher has to pay is their fee, on top of what was paid
	/// before.
	pub fn totals(&self) -> &Totals {
		&self.totals
	}

	/// What is posted; `None` without receipts.
	pub fn commitment(&self) -> Option<Commitment> {
		Some(Commitment {
			first: self.totals.first,
			count: self.totals.calls,
			root: merkle::root(&self.leaves())?,
		})
	}

	fn leaves(&self) -> Vec<H256> {
		self.calls.iter().map(|(signed, _)| signed.leaf()).collect()
	}

	/// The last receipt with its proof; `None` without receipts.
	pub fn last(&self) -> Option<ProvenReceipt> {
		let place = self.calls.len().checked_sub(1)?;
		self.at(&self.leaves(), place)
	}

	fn at(&self, leaves: &[H256], place: usize) -> Option<ProvenReceipt> {
		let (signed, _) = self.calls.get(place)?;
		Some(ProvenReceipt {
			signed: *signed,
			proof: Siblings::truncate_from(merkle::prove(leaves, place)?),
		})
	}

	/// The step of the call with this index, whose outcome the log does not keep; `None` if it has no such
	/// call.
	pub fn step(&self, index: u64, outcome: Outcome) -> Option<Step> {
		let place = usize::try_from(index.checked_sub(self.totals.first)?).ok()?;
		let leaves = self.leaves();
		let receipt = self.at(&leaves, place)?;
		let previous = place
			.checked_sub(1)
			.and_then(|place| self.at(&leaves, place));
		let before = self.calls.iter().take(place).try_fold(
			Totals::new(self.totals.first),
			|totals, (signed, entries)| totals.after(signed.receipt.fee, entries),
		)?;
		Some(Step {
			previous,
			before,
			receipt,
			outcome,
		})
	}
}

#[cfg(test)]
mod tests;
