//! What is stored of curators, juries, qualifications and reports.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{data::Verdict, Balance, BatchId, ContentHash, DatanetId};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::Percent;

/// A share of one in parts per million.
pub type Ppm = u32;

/// The whole, in parts per million.
pub const ONE: Ppm = 1_000_000;

/// How many seats the first jury has, and those that appeals lead to.
pub const JURY_SIZES: [u8; 3] = [3, 7, 15];

/// The most seats of a jury.
pub const MAX_SEATS: u32 = 15;

/// How many juries one subject can have.
pub const MAX_JURIES: u32 = 3;

/// The most tasks of a qualification.
pub const MAX_TASKS: u32 = 64;

/// The most rows that a challenger has to show.
pub const MAX_ROWS: u32 = 16;

/// The most siblings of a row: [`openledger_primitives::merkle::MAX_PROOF_LEN`].
pub const MAX_SIBLINGS: u32 = 32;

/// The answers to a qualification's tasks, one byte each.
pub type Answers = BoundedVec<u8, ConstU32<MAX_TASKS>>;

/// The siblings that lead from a row to a batch's root.
pub type Proof = BoundedVec<H256, ConstU32<MAX_SIBLINGS>>;

/// What a challenger shows, in the order in which the rows were drawn.
pub type RowProofs = BoundedVec<RowProof, ConstU32<MAX_ROWS>>;

/// What a jury is asked about.
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
pub enum Subject {
	/// Whether a batch belongs into its Datanet.
	Batch(BatchId),
	/// Whether a batch is nearly the same as an earlier one: accept means yes.
	Duplicate {
		/// The later batch.
		batch: BatchId,
		/// The earlier one.
		of: BatchId,
	},
}

/// How far a round is.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Phase<BlockNumber> {
	/// The next jury waits for its draw.
	Draw {
		/// The block whose seed decides.
		at: BlockNumber,
		/// Since when the jury is wanted.
		since: BlockNumber,
	},
	/// Jurors commit to their verdicts.
	Commit {
		/// The first block in which they cannot any more.
		until: BlockNumber,
	},
	/// Those that committed reveal.
	Reveal {
		/// The first block in which they cannot any more.
		until: BlockNumber,
	},
	/// The jury has found; its finding can be appealed, unless it is the last jury.
	Found {
		/// The first block in which it cannot any more.
		until: BlockNumber,
	},
}

/// A curator's place in a jury: all its seats there.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Juror<AccountId> {
	/// The curator.
	pub who: AccountId,
	/// How many seats it was drawn for, each with one seat bond at stake.
	pub seats: u8,
	/// What it committed to, once it has.
	pub commitment: Option<H256>,
	/// What it revealed, once it has.
	pub verdict: Option<Verdict>,
}

/// A jury.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Jury<AccountId> {
	/// Its jurors, in the order in which they were first drawn.
	pub jurors: BoundedVec<Juror<AccountId>, ConstU32<MAX_SEATS>>,
	/// What it found; `None` before its end, or if it came to no majority.
	pub finding: Option<Verdict>,
}

/// An appeal against a jury's finding.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Appeal<AccountId> {
	/// Who appealed.
	pub who: AccountId,
	/// What is held for it, in units of the token.
	pub deposit: Balance,
	/// Whether the finding was to accept.
	pub accepted: bool,
	/// Which jury it called for, from 0.
	pub jury: u8,
}

/// The curation of a batch or of a report.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Round<AccountId, BlockNumber> {
	/// The Datanet whose curators judge.
	pub datanet: DatanetId,
	/// The part of a jury's seats that has to reveal.
	pub quorum: Percent,
	/// How far it is.
	pub phase: Phase<BlockNumber>,
	/// The juries that were drawn, the present one last.
	pub juries: BoundedVec<Jury<AccountId>, ConstU32<MAX_JURIES>>,
	/// The appeals, the latest last.
	pub appeals: BoundedVec<Appeal<AccountId>, ConstU32<MAX_JURIES>>,
}

/// What a curator's seat looks like to its client.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq, TypeInfo)]
pub struct SeatView {
	/// Which jury, from 0: what the commitment has to name as its level.
	pub level: u8,
	/// How many seats the curator has in it.
	pub seats: u8,
	/// What it committed to, once it has.
	pub commitment: Option<H256>,
	/// What it revealed, once it has.
	pub verdict: Option<Verdict>,
}

/// Whether a curator can be drawn.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Status<BlockNumber> {
	/// It is in the pool.
	Active,
	/// It has left the pool, or was ejected.
	Unbonding {
		/// The first block in which its bond can be withdrawn.
		until: BlockNumber,
	},
}

/// A Datanet's curator.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Curator<BlockNumber> {
	/// What is held on its account for this Datanet, in units of the token.
	pub bond: Balance,
	/// How often it was right: an exponential average.
	pub accuracy: Ppm,
	/// The seats that it has in open rounds.
	pub seats: u32,
	/// How often in a row it was outvoted or absent.
	pub failures: u32,
	/// Whether it can be drawn.
	pub status: Status<BlockNumber>,
}

/// What the draw has to know of an active curator.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct PoolMember<AccountId, BlockNumber> {
	/// The curator.
	pub who: AccountId,
	/// Its bond times its accuracy, see [`weight`].
	pub weight: u64,
	/// How many more seats its bond can stand for.
	pub free: u32,
	/// When it last added to its bond: only later seeds can draw it.
	pub since: BlockNumber,
	/// The first block in which it is not qualified any more.
	pub until: BlockNumber,
}

/// A curator's weight in the draw: its bond in millionths of a token of 12 decimals, times its
/// accuracy, rounded down.
pub fn weight(bond: Balance, accuracy: Ppm) -> u64 {
	let product = bond.saturating_mul(accuracy.into());
	u64::try_from(product.checked_div(1_000_000_000_000).unwrap_or_default()).unwrap_or(u64::MAX)
}

/// That an account has passed a Datanet's qualification.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Qualification<BlockNumber> {
	/// The first block in which it counts no more.
	pub until: BlockNumber,
	/// The accuracy that a curator starts with: its score, or what it left with.
	pub accuracy: Ppm,
	/// What is held for the record, in units of the token.
	pub deposit: Balance,
}

/// A qualification round.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Exam<AccountId, BlockNumber> {
	/// Who opened it and reveals its solution: the Datanet's owner at the time.
	pub owner: AccountId,
	/// When it was opened: the round's name in the candidates' commitments.
	pub opened: BlockNumber,
	/// The hash of the file with the tasks.
	pub tasks: ContentHash,
	/// How many tasks there are.
	pub count: u8,
	/// What the owner committed to, see [`solution_commitment`](crate::solution_commitment).
	pub commitment: H256,
	/// The part of the tasks that has to be answered rightly.
	pub pass_mark: Percent,
	/// What is held on the owner's account, in units of the token.
	pub deposit: Balance,
	/// The first block in which candidates cannot commit any more, but reveal.
	pub commit_until: BlockNumber,
	/// The first block in which candidates cannot reveal any more, but the owner.
	pub reveal_until: BlockNumber,
	/// The first block in which the owner cannot reveal any more.
	pub solution_until: BlockNumber,
	/// The candidates that were not graded yet.
	pub candidates: u32,
	/// The right answers, once revealed.
	pub solution: Option<Answers>,
}

/// A candidate of a qualification round.
#[derive(Clone, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Candidate {
	/// What is held on its account, in units of the token.
	pub deposit: Balance,
	/// What it committed to, see [`answers_commitment`](crate::answers_commitment).
	pub commitment: H256,
	/// Its answers, once revealed.
	pub answers: Option<Answers>,
}

/// What a report of a near-duplicate rests on.
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
pub struct DuplicateEvidence {
	/// The similarity that the reporter measured.
	pub similarity: Percent,
	/// The hash of the file that shows it.
	pub content: ContentHash,
}

/// On what ground a batch is called a duplicate.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub enum Ground<BlockNumber> {
	/// It is similar: a jury decides.
	Similar(DuplicateEvidence),
	/// It has the same rows: the reporter shows those that the chain draws.
	Rows {
		/// The block whose seed draws the rows.
		at: BlockNumber,
		/// The first block in which it is too late to show them.
		until: BlockNumber,
	},
}

/// An open report of a duplicate.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo)]
pub struct Report<AccountId, BlockNumber> {
	/// The earlier batch.
	pub of: BatchId,
	/// Who reports.
	pub reporter: AccountId,
	/// What is held on its account, in units of the token.
	pub bond: Balance,
	/// On what ground.
	pub ground: Ground<BlockNumber>,
}

/// That a row of a batch is a row of an earlier batch too.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct RowProof {
	/// Which row of the batch.
	pub row: u32,
	/// Its leaf, see [`openledger_primitives::merkle::leaf`].
	pub leaf: H256,
	/// From the leaf to the batch's root.
	pub proof: Proof,
	/// Which row of the earlier batch.
	pub other_row: u32,
	/// From the leaf to the earlier batch's root.
	pub other_proof: Proof,
}

/// Why a curator lost part of its bond.
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
pub enum Fault {
	/// Its verdict was not the final one.
	Outvoted,
	/// It revealed no verdict.
	Absent,
}

/// How a report of a duplicate ended.
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
pub enum ReportEnd {
	/// It was right: the batches are in one cluster now, and the bond was given back.
	Confirmed,
	/// It was wrong, or not shown in time: the bond went to the treasury.
	Refuted,
	/// No jury came to a majority, a batch was withdrawn, or the two were linked by another way: the
	/// bond was given back.
	Moot,
}
