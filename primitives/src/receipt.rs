//! Receipts: what an agent signs for every call that it serves through a payment channel, and the log that
//! turns thousands of them into one batch on-chain.
//!
//! Each receipt names the hash of the batch's [`Totals`] after its call, so that the last receipt's are the
//! batch's. They are of one size whatever the calls name: for what the data has earned stands the root of a
//! map ([`crate::earnings`]). Nobody has to trust the agent's sums: a [`Step`], two neighbouring receipts with
//! what lies between them, proves a wrong one. The batch is the Merkle tree ([`crate::merkle`]) over the
//! encoded signed receipts.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::{bounded::BoundedVec, ConstU32, H256};
use sp_crypto_hashing::blake2_256;
use sp_runtime::traits::Verify;

use crate::{
	answer::{Entries, Entry, Outcome, TOTAL_WEIGHT},
	attribution::is_well_formed,
	earnings::{Earnings, EarningsError, Summary, Witness, MAX_EARNERS},
	merkle,
	protocol::{OperatorKey, OperatorSignature},
	types::Balance,
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

/// The running totals of a batch of calls.
#[derive(
	Clone,
	Copy,
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
pub struct Totals {
	/// The index of the first call.
	pub first: u64,
	/// How many calls there are.
	pub calls: u32,
	/// The sum of their fees, in units of the token.
	pub fee: Balance,
	/// The fees of the calls that no data shaped, in units of the token.
	pub unattributed: Balance,
	/// How many batches of data have earned something.
	pub earners: u32,
	/// The root of the map of what they have earned: the sum of fee × weight over the calls, in millionths
	/// of a unit of the token.
	pub earned: H256,
}

/// Why there are no totals after a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TotalsError {
	/// There is no place for it in the batch: it brings in one batch of data too many, its attribution is
	/// not well formed, or a sum overflows.
	NoPlace,
	/// Not all is shown of what the data has earned that the call adds to.
	Hidden,
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

	/// The part of the fee that is for data, in units of the token. `None` if it is below zero.
	pub fn attributed(&self) -> Option<Balance> {
		self.fee.checked_sub(self.unattributed)
	}

	/// What the map of what the data has earned must amount to: a million times the part of the fee that is
	/// for data. `None` if that cannot be counted.
	pub fn earnings(&self) -> Option<Summary> {
		Some(Summary {
			hash: self.earned,
			sum: self.attributed()?.checked_mul(TOTAL_WEIGHT.into())?,
		})
	}

	/// The totals after one more call, and what the data has earned then. Before it, that is `earnings`, or
	/// a part of it that stands for the same.
	pub fn after(
		&self,
		earnings: &Earnings,
		fee: Balance,
		attribution: &[Entry],
	) -> Result<(Self, Earnings), TotalsError> {
		let no_place = TotalsError::NoPlace;
		if !is_well_formed(attribution) {
			return Err(no_place);
		}
		let (mut next, mut earnings) = (*self, earnings.clone());
		next.calls = next.calls.checked_add(1).ok_or(no_place)?;
		next.fee = next.fee.checked_add(fee).ok_or(no_place)?;
		if attribution.is_empty() {
			next.unattributed = next.unattributed.checked_add(fee).ok_or(no_place)?;
		}
		for Entry { batch, weight } in attribution {
			let more = fee.checked_mul((*weight).into()).ok_or(no_place)?;
			let (with, is_new) = earnings.with(*batch, more).map_err(|error| match error {
				EarningsError::Hidden => TotalsError::Hidden,
				EarningsError::Overflow => no_place,
			})?;
			earnings = with;
			next.earners = next.earners.checked_add(is_new.into()).ok_or(no_place)?;
		}
		if next.earners > MAX_EARNERS {
			return Err(no_place);
		}
		next.earned = earnings.summary().hash;
		Ok((next, earnings))
	}

	/// Whether they can be a batch's: somebody has earned something exactly if something is for data, and no
	/// more batches of data than may be.
	pub fn add_up(&self) -> bool {
		self.earnings().is_some_and(|earnings| {
			let nothing = earnings.sum == 0;
			nothing == (earnings.hash == Summary::EMPTY.hash)
				&& nothing == (self.earners == 0)
				&& self.earners <= MAX_EARNERS
		})
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
	/// What the data that shaped it had earned before it.
	pub earned: Witness,
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
	/// What is shown of what the data had earned is not of the totals before it, or not all that it takes.
	OtherEarnings,
}

impl Step {
	/// How many parts show what the data had earned.
	pub fn parts(&self) -> u32 {
		self.earned.len().try_into().unwrap_or(u32::MAX)
	}

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
		let earned = Earnings::from_parts(&self.earned)
			.filter(|earned| Some(earned.summary()) == self.before.earnings())
			.ok_or(StepError::OtherEarnings)?;
		match self.before.after(&earned, receipt.fee, &answer.attribution) {
			Ok((after, _)) => Ok(after.hash() == receipt.totals),
			Err(TotalsError::NoPlace) => Ok(false),
			Err(TotalsError::Hidden) => Err(StepError::OtherEarnings),
		}
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
	earnings: Earnings,
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
			earnings: Earnings::default(),
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
		let (totals, earnings) = self.after(outcome, receipt.fee)?;
		if receipt.totals != totals.hash() {
			return Err(LogError::WrongTotals);
		}
		if !signed.is_signed(&self.genesis, &self.operator) {
			return Err(LogError::BadSignature);
		}
		self.totals = totals;
		self.earnings = earnings;
		let entries = attribution(outcome).cloned().unwrap_or_default();
		self.calls.push((signed, entries));
		Ok(())
	}

	fn after(&self, outcome: &Outcome, fee: Balance) -> Result<(Totals, Earnings), LogError> {
		let attribution = attribution(outcome).ok_or(LogError::NotAnswered)?;
		self.totals
			.after(&self.earnings, fee, attribution)
			.ok()
			.filter(|(totals, _)| totals.calls <= self.most)
			.ok_or(LogError::Full)
	}

	fn next_index(&self) -> u64 {
		self.totals.first.saturating_add(self.totals.calls.into())
	}

	/// The totals of all calls so far: what a voucher has to pay is their fee, on top of what was paid
	/// before.
	pub fn totals(&self) -> &Totals {
		&self.totals
	}

	/// What the data has earned so far. Once the batch is posted, all that it takes to claim its part: the
	/// contributors need to have it.
	pub fn earnings(&self) -> &Earnings {
		&self.earnings
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
		let (before, earned) = self.calls.iter().take(place).try_fold(
			(Totals::new(self.totals.first), Earnings::default()),
			|(totals, earnings), (signed, entries)| {
				totals.after(&earnings, signed.receipt.fee, entries).ok()
			},
		)?;
		let named: Vec<_> = attribution(&outcome)
			.into_iter()
			.flatten()
			.map(|entry| entry.batch)
			.collect();
		Some(Step {
			previous,
			before,
			earned: earned.witness(&named)?,
			receipt,
			outcome,
		})
	}
}

/// Which data shaped an answer; `None` if it is a failure.
fn attribution(outcome: &Outcome) -> Option<&Entries> {
	match outcome {
		Outcome::Answered(answer) => Some(&answer.attribution),
		Outcome::Failed(_) => None,
	}
}

#[cfg(test)]
mod tests;
