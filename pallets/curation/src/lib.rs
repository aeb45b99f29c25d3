//! # Curation
//!
//! Bonded curators, drawn at random, judge the batches of a Datanet by commit and reveal; who doubts a
//! finding appeals to a larger jury. They also report duplicates, and pay for false reports.
//!
//! ## Terminology
//!
//! - **Curator**: an account with a bond for one Datanet, whose qualification it has passed.
//! - **Seat**: a place in a jury, with one *seat bond* at stake. A curator may be drawn for several
//!   seats of one jury, and has no more open seats than its bond stands for. Whoever has more seats
//!   commits and reveals once for all of them.
//! - **Jury**: 3 seats, on appeal or without a majority 7, then 15.
//! - **Round**: the curation of a batch, or of a report of a near-duplicate, up to its end.
//! - **Side**: to accept or to reject. Reasons and scores are found within the side that won.
//! - **Accuracy**: how often a curator was on the final side, as an exponential average over some 16
//!   juries, in parts per million. It begins with the score of the qualification.
//! - **Seed**: the randomness of a block, recorded at its start and kept for [`Config::SeedWindow`].
//!
//! ## Lifecycle
//!
//! *Qualification.* A Datanet's owner opens a round with the hash of its tasks and a commitment to the
//! answers ([`open_qualification`](Pallet::open_qualification)). Candidates commit to theirs, reveal
//! them, and only then the owner reveals the solution; [`claim_qualification`](Pallet::claim_qualification)
//! grades. An owner that does not reveal in time loses its deposit, and nobody passes.
//!
//! *Curators.* [`bond`](Pallet::bond) enters the Datanet's pool. [`unbond`](Pallet::unbond) leaves it, and
//! too many failures in a row put a curator out; anybody may [`retire`](Pallet::retire) one whose
//! qualification has lapsed or whose bond is used up. The bond stays within reach of slashes for
//! [`Config::UnbondingPeriod`], and for as long as the curator has a seat.
//!
//! *Rounds.* Draw → commit → reveal → found → (appeal → draw → …) → end. Anybody may
//! [`advance`](Pallet::advance) a round that is due, for free. Commit ends early when all have
//! committed, reveal when all of those have revealed. Without the quorum or with even sides the next
//! jury is drawn without an appeal; if the last one finds nothing either, the round ends undecided. At
//! the end all seats of all its juries are settled by the final side: who agreed earns points and
//! accuracy, who was outvoted or absent loses a part of the seat bond to the treasury.
//!
//! *A pool that is too small.* A jury is drawn in full or not at all. The draw is put off by
//! [`Config::DrawDelay`], and a first jury waits for as long as it takes (the contributor may withdraw
//! meanwhile). A larger jury that cannot be drawn within [`Config::DrawTimeout`] is given up: an
//! appealed finding stands and its deposit goes back; without a finding the round ends undecided.
//!
//! *Duplicates.* [`report_duplicate`](Pallet::report_duplicate) opens a round in which to accept means
//! "it is one". [`challenge_rows`](Pallet::challenge_rows) needs no jury: the chain draws up to 16 rows
//! of the later batch, and who shows all of them in the earlier one has the two linked. Should the Datanet be
//! unable to link them for now, as their clusters are too deep, the call that would do so fails and nothing
//! is lost: it succeeds once somebody has compressed them, which both can do in one transaction.
//!
//! ## Invariants
//!
//! 1. What is held for [`HoldReason::Bond`] on an account is the sum of its bonds as curator.
//! 2. What is held for [`HoldReason::Qualification`] is the sum of the deposits of its open
//!    qualification rounds, candidacies and passed qualifications.
//! 3. What is held for [`HoldReason::Appeal`] is the sum of the deposits of its appeals in open rounds.
//! 4. What is held for [`HoldReason::Report`] is the sum of the bonds of its open reports.
//! 5. A curator's open seats are those that it has in the juries of its Datanet's open rounds, and its
//!    bond is at least as many seat bonds.
//! 6. [`Pools`] has each active curator once, with its weight, free seats and qualification's end, and
//!    no other.
//! 7. Each open round about a batch has a pending batch; each one about a duplicate has its report, and
//!    each report of a similar batch its round; a batch is reported to duplicate an earlier one.
//! 8. A qualification round counts its candidates, and there is no candidate without a round.
//! 9. A jury's seats add up to its size and are of different curators, nobody has revealed without
//!    having committed, and the juries fit the round's phase.
//!
//! ## Security considerations
//!
//! - **The seed.** A jury is drawn by the seed of a block that is [`Config::DrawDelay`] after the one in
//!   which the round was opened: a contributor cannot know it when it submits. That seed decides
//!   whenever `advance` is called, bonds that grew at or after that block do not count, and who leaves
//!   moves no seat between the others (see [`draw`]), so that neither the caller nor a curator can wait
//!   for a jury that it likes. The author of the block before can only skip its slot, which costs its
//!   reward and gives one new draw.
//! - **Splitting** a bond over accounts changes no chance and no sum: seats go by weight with
//!   replacement, stakes, slashes and points by seats. For the same reason earlier jurors are not
//!   barred from an appeal's jury: that would bind only those who don't split. Barred are the
//!   contributors of the batches at issue and the reporter; against their other accounts only the bond
//!   and the qualification help.
//! - **Copying.** A commitment names its juror, so that a copied one opens for nobody else: its copier
//!   is absent.
//! - **Slashes** go to the treasury, so that nobody lives on another's loss. One seat costs at most 20 %
//!   of a seat bond.
//! - **Cartels.** The chance that a cartel with share `s` of the weight has a majority falls with the
//!   jury's size: for 40 %, 35 % of 3 seats, 29 % of 7, 21 % of 15. An appeal costs as much as the next
//!   jury has seats, and comes back if the final side is another one.
//! - **Blocking.** Absent seats can deny a quorum, and an undecided batch goes back to its contributor;
//!   each absence is slashed and counts as a failure. An open report keeps other reports about the batch
//!   out until its end; if it is false, that costs its bond each time. Who makes the later batch's cluster
//!   too deep to be linked holds up the end of a round, and its seats, until anybody compresses it.
//! - **Accuracy** survives unbonding, and ejection takes the qualification with it: a record is cleared
//!   by nothing but another qualification round.
//! - **Qualifications** are as honest as the Datanet's owner: it can tell friends the solution. It cannot
//!   see the answers before its commitment, nor fail those who were right. Who fills a round with
//!   candidates that fail gets their deposits back: [`Config::MaxCandidates`] has to be dear to fill.
//! - **Points.** An owner that qualifies only itself can feed its own Datanet with batches and earn points
//!   for fees alone: points may be worth something only where somebody else vouches for the Datanet.
//!   There, who gives up a seat to the minority makes the question harder by less than 200 points for
//!   all others together, so a point has to be worth less than a 200th of what being outvoted costs.
//! - **Shown rows.** A batch of which a share `d` is copied passes a challenge with `d^16`: 44 % for
//!   0.95, 0.03 % for 0.6, and a challenger pays its bond for each that does not. Rows that are alike
//!   count each.

#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::expect_used,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod commitments;
mod curators;
pub mod draw;
mod events;
mod qualifications;
mod reports;
mod rounds;
mod settlement;
pub mod tally;
#[cfg(any(feature = "try-runtime", feature = "std"))]
mod try_state;
pub mod types;
pub mod weights;

#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use commitments::{answers_commitment, solution_commitment, verdict_commitment};
pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// How many candidates [`Pallet::close_qualification`] grades at a time.
pub const CLOSE_LIMIT: u32 = 32;

/// The points for a report of a duplicate that was confirmed.
pub const REPORT_POINTS: u64 = 300;

/// The pallet.
#[import_section(events::events)]
#[allow(clippy::expect_used, reason = "FRAME's macros use it")]
#[frame_support::pallet]
pub mod pallet {
	use crate::{types::*, weights::WeightInfo};
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::Pays,
		pallet_prelude::*,
		traits::{
			fungible::{Balanced, BalancedHold, Inspect, InspectHold, MutateHold},
			Randomness, StorageVersion,
		},
	};
	use frame_system::pallet_prelude::*;
	use openledger_primitives::{
		data::{Decision, Verdict},
		merkle::MAX_PROOF_LEN,
		protocol::Salt,
		traits::{PointsSink, Submissions},
		Balance, BatchId, ContentHash, DatanetId,
	};
	use sp_core::H256;
	use sp_runtime::{
		traits::{Saturating, Zero},
		Percent,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	/// The most of a seat bond that being outvoted may cost.
	const MAX_SLASH: Percent = Percent::from_percent(20);

	/// What the pallet needs from the runtime.
	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256, RuntimeEvent: From<Event<Self>>> {
		/// The token in which bonds and deposits are held.
		type Currency: Inspect<Self::AccountId, Balance = Balance>
			+ InspectHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ MutateHold<Self::AccountId>
			+ Balanced<Self::AccountId>
			+ BalancedHold<Self::AccountId>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The batches that are judged.
		type Data: Submissions<Self::AccountId>;

		/// Who takes note of points.
		type Points: PointsSink<Self::AccountId>;

		/// The seed of each block. What it returns in a block must not be known before the one before
		/// it.
		type Randomness: Randomness<H256, BlockNumberFor<Self>>;

		/// Who gets what is slashed. Has to exist: what it cannot take is burned.
		type TreasuryAccount: Get<Self::AccountId>;

		/// What [`Submissions::decide`] and [`Submissions::link`] weigh at most, each.
		type DecideWeight: Get<Weight>;

		/// What [`PointsSink::credit`] weighs at most.
		type CreditWeight: Get<Weight>;

		/// What is at stake for each seat, in units of the token; also the smallest bond.
		#[pallet::constant]
		type SeatBond: Get<Balance>;

		/// The part of a seat bond that being outvoted costs, at most 20 %.
		#[pallet::constant]
		type MinoritySlash: Get<Percent>;

		/// The part of a seat bond that revealing no verdict costs, below
		/// [`Config::MinoritySlash`].
		#[pallet::constant]
		type AbsenceSlash: Get<Percent>;

		/// How many failures in a row eject a curator.
		#[pallet::constant]
		type MaxFailures: Get<u32>;

		/// The most curators of a Datanet: the bound of a draw.
		#[pallet::constant]
		type MaxCurators: Get<u32>;

		/// For how many blocks a bond stays held after its curator has left.
		#[pallet::constant]
		type UnbondingPeriod: Get<BlockNumberFor<Self>>;

		/// How many blocks lie between what wants a draw and its seed, at least 2.
		#[pallet::constant]
		type DrawDelay: Get<BlockNumberFor<Self>>;

		/// After how many blocks a larger jury that cannot be drawn is given up.
		#[pallet::constant]
		type DrawTimeout: Get<BlockNumberFor<Self>>;

		/// For how many blocks seeds are kept, at least [`Config::ProofPeriod`].
		#[pallet::constant]
		type SeedWindow: Get<BlockNumberFor<Self>>;

		/// For how many blocks jurors can commit, at most.
		#[pallet::constant]
		type CommitPeriod: Get<BlockNumberFor<Self>>;

		/// For how many blocks jurors can reveal, at most.
		#[pallet::constant]
		type RevealPeriod: Get<BlockNumberFor<Self>>;

		/// For how many blocks a finding can be appealed.
		#[pallet::constant]
		type AppealPeriod: Get<BlockNumberFor<Self>>;

		/// The deposit of an appeal for each seat of the jury that it calls, in units of the token.
		#[pallet::constant]
		type AppealDeposit: Get<Balance>;

		/// The bond of a report or a challenge, in units of the token.
		#[pallet::constant]
		type ReportBond: Get<Balance>;

		/// For how many blocks a challenger can show the rows.
		#[pallet::constant]
		type ProofPeriod: Get<BlockNumberFor<Self>>;

		/// For how many blocks each of the three phases of a qualification round lasts.
		#[pallet::constant]
		type QualificationPhase: Get<BlockNumberFor<Self>>;

		/// For how many blocks after its round a passed qualification counts.
		#[pallet::constant]
		type QualificationPeriod: Get<BlockNumberFor<Self>>;

		/// The deposit of a Datanet's owner for a qualification round, in units of the token.
		#[pallet::constant]
		type QualificationDeposit: Get<Balance>;

		/// The deposit of a candidate, in units of the token.
		#[pallet::constant]
		type CandidateDeposit: Get<Balance>;

		/// The most candidates of a qualification round.
		#[pallet::constant]
		type MaxCandidates: Get<u32>;

		/// The weights of the calls.
		type WeightInfo: WeightInfo;

		/// What the benchmarks need of the Datanets.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// The pallet's handle.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Why funds are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A curator's bond.
		Bond,
		/// A qualification round, a candidacy, or a passed qualification.
		Qualification,
		/// An appeal.
		Appeal,
		/// A report of a duplicate.
		Report,
	}

	/// A round as it is stored.
	pub type RoundOf<T> = Round<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// A qualification round as it is stored.
	pub type ExamOf<T> = Exam<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

	/// A Datanet's pool as it is stored, in the order in which curators came.
	pub type PoolOf<T> = BoundedVec<
		PoolMember<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>,
		<T as Config>::MaxCurators,
	>;

	/// The seeds of the latest blocks.
	#[pallet::storage]
	pub type Seeds<T: Config> = StorageMap<_, Twox64Concat, BlockNumberFor<T>, H256>;

	/// The open qualification rounds, by Datanet.
	#[pallet::storage]
	pub type Exams<T: Config> = StorageMap<_, Twox64Concat, DatanetId, ExamOf<T>>;

	/// The candidates that were not graded yet.
	#[pallet::storage]
	pub type Candidates<T: Config> =
		StorageDoubleMap<_, Twox64Concat, DatanetId, Blake2_128Concat, T::AccountId, Candidate>;

	/// Who has passed a Datanet's qualification.
	#[pallet::storage]
	pub type Qualifications<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Blake2_128Concat,
		T::AccountId,
		Qualification<BlockNumberFor<T>>,
	>;

	/// The curators of a Datanet, those included that are unbonding.
	#[pallet::storage]
	pub type Curators<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		DatanetId,
		Blake2_128Concat,
		T::AccountId,
		Curator<BlockNumberFor<T>>,
	>;

	/// Who can be drawn for a Datanet.
	#[pallet::storage]
	pub type Pools<T: Config> = StorageMap<_, Twox64Concat, DatanetId, PoolOf<T>, ValueQuery>;

	/// The open rounds.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Blake2_128Concat, Subject, RoundOf<T>>;

	/// The open reports, by the later batch.
	#[pallet::storage]
	pub type Reports<T: Config> =
		StorageMap<_, Twox64Concat, BatchId, Report<T::AccountId, BlockNumberFor<T>>>;

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such Datanet. Check its id.
		UnknownDatanet,
		/// Only the Datanet's owner can do this. Sign with its account.
		NotOwner,
		/// The Datanet has an open qualification round. Close it first.
		QualificationOpen,
		/// The Datanet has no open qualification round. Wait for one.
		NoQualification,
		/// There must be between 1 and 64 tasks. Take as many.
		TaskCount,
		/// This phase of the qualification round has not begun, or is over. Look at its deadlines.
		WrongPhase,
		/// The account has committed in this qualification round. It cannot change its mind.
		AlreadyCandidate,
		/// The account has not committed in the open qualification round. Wait for the next one.
		NotCandidate,
		/// The qualification round has all the candidates that it can have. Wait for the next one.
		TooManyCandidates,
		/// There must be one answer for each task. Send as many.
		AnswerCount,
		/// What is revealed is not what was committed to. Send the same content and salt.
		CommitmentMismatch,
		/// It was revealed before.
		AlreadyRevealed,
		/// The account is not qualified for the Datanet, or no longer. Pass a qualification round.
		NotQualified,
		/// The account is a curator, if only an unbonding one. Withdraw the bond first.
		StillCurator,
		/// The account is not a curator of the Datanet. Bond first.
		NotCurator,
		/// The curator is unbonding. Wait, withdraw, and bond again.
		Unbonding,
		/// The curator is active. Unbond first.
		NotUnbonding,
		/// The bond stays held for some more blocks: the curator's status says until when.
		StillUnbonding,
		/// The curator has seats in open rounds. Wait until they have ended.
		Seated,
		/// The curator is qualified, and its bond stands for a seat: it cannot be retired.
		StillFit,
		/// The bond is below the seat bond. Offer more.
		BondTooLow,
		/// The amount is zero.
		NothingToBond,
		/// The bond would exceed what can be counted. Offer less.
		Overflow,
		/// The Datanet has all the curators that it can have. Wait until one leaves.
		PoolFull,
		/// There is no such batch, or no longer. Check its id.
		UnknownBatch,
		/// The batch is not pending, or has a round already.
		NotPending,
		/// There is no such round, or no longer. Check the subject.
		UnknownRound,
		/// Nothing is due yet. Look at the deadline of the phase.
		NotDue,
		/// A jury was drawn, or is about to be: the batch cannot be taken back.
		JuryDrawn,
		/// The jury does not commit in this phase of the round.
		NotCommitting,
		/// The jury does not reveal in this phase of the round. Wait until all have committed.
		NotRevealing,
		/// The phase is over. Nothing can be done.
		TooLate,
		/// The account has no seat in the present jury.
		NotJuror,
		/// The juror has committed. It cannot change its mind.
		AlreadyCommitted,
		/// The juror has not committed, so it has nothing to reveal.
		NotCommitted,
		/// The score is above 100. Give a lower one; a commitment to it cannot be revealed.
		ScoreTooHigh,
		/// There is no finding that can be appealed in this phase of the round.
		NotAppealable,
		/// It was the last jury: its finding is final.
		Final,
		/// A batch duplicates an earlier one: the second one must have the smaller id.
		NotEarlier,
		/// The batches are not of one Datanet.
		OtherDatanet,
		/// One of the batches was not accepted yet. Wait for its curation.
		NotAccepted,
		/// The batches are in one cluster already. Nothing is to be done.
		AlreadyLinked,
		/// There is an open report about the batch. Wait for its end.
		AlreadyReported,
		/// There is no open report about the batch.
		NotReported,
		/// The report is judged by a jury: no rows have to be shown.
		NotChallenged,
		/// Only who challenged can show the rows. Sign with its account.
		NotReporter,
		/// The rows are not drawn yet. Wait for the block that draws them.
		NotDrawn,
		/// Other rows than the drawn ones are shown, or not all. Show them in the order of the draw.
		WrongRows,
		/// A row is not shown to be in the batch. Check leaf, index and proof.
		NotInBatch,
		/// A row is not shown to be in the earlier batch. Check leaf, index and proof.
		NotInEarlier,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::SeatBond::get() > 0, "a free seat invites sybils");
			assert!(
				T::MinoritySlash::get() <= MAX_SLASH,
				"being outvoted must not ruin"
			);
			assert!(
				T::AbsenceSlash::get() < T::MinoritySlash::get(),
				"no-shows lose less"
			);
			assert!(T::MaxFailures::get() > 0, "everybody may fail once");
			assert!(
				T::DrawDelay::get() >= 2u32.into(),
				"the seed must not be known to who wants the draw"
			);
			assert!(
				T::SeedWindow::get() >= T::ProofPeriod::get(),
				"rows are drawn for as long as they can be shown"
			);
			assert!(
				!T::CommitPeriod::get().is_zero()
					&& !T::RevealPeriod::get().is_zero()
					&& !T::AppealPeriod::get().is_zero()
					&& !T::ProofPeriod::get().is_zero()
					&& !T::QualificationPhase::get().is_zero(),
				"phases have blocks"
			);
			assert!(T::MaxCurators::get() > 0, "somebody must judge");
			assert!(
				usize::try_from(MAX_SIBLINGS) == Ok(MAX_PROOF_LEN),
				"proofs are as long as trees are high"
			);
			assert!(
				JURY_SIZES.iter().all(|size| u32::from(*size) <= MAX_SEATS),
				"juries have room"
			);
		}

		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let (seed, _) = T::Randomness::random(b"openledger/curation");
			Seeds::<T>::insert(now, seed);
			Seeds::<T>::remove(now.saturating_sub(T::SeedWindow::get()));
			T::WeightInfo::on_initialize()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight = T::WeightInfo)]
	impl<T: Config> Pallet<T> {
		/// Opens a qualification round for a Datanet of the caller.
		///
		/// - `tasks`: the hash of the file with the tasks.
		/// - `count`: how many there are, from 1 to 64.
		/// - `commitment`: to the right answers, see
		///   [`solution_commitment`](crate::solution_commitment).
		/// - `pass_mark`: the part of the tasks that has to be answered rightly.
		#[pallet::call_index(0)]
		pub fn open_qualification(
			origin: OriginFor<T>,
			datanet: DatanetId,
			tasks: ContentHash,
			count: u8,
			commitment: H256,
			pass_mark: Percent,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_open_qualification(who, datanet, tasks, count, commitment, pass_mark)
		}

		/// Makes the caller a candidate, with a deposit, by a commitment to its answers: see
		/// [`answers_commitment`](crate::answers_commitment).
		#[pallet::call_index(1)]
		pub fn commit_answers(
			origin: OriginFor<T>,
			datanet: DatanetId,
			commitment: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_answers(who, datanet, commitment)
		}

		/// Reveals the caller's answers, once nobody can commit any more.
		#[pallet::call_index(2)]
		pub fn reveal_answers(
			origin: OriginFor<T>,
			datanet: DatanetId,
			answers: Answers,
			salt: Salt,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reveal_answers(who, datanet, answers, salt)
		}

		/// Reveals the right answers, once no candidate can reveal any more.
		#[pallet::call_index(3)]
		pub fn reveal_solution(
			origin: OriginFor<T>,
			datanet: DatanetId,
			answers: Answers,
			salt: Salt,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reveal_solution(who, datanet, answers, salt)
		}

		/// Grades the caller. Its deposit comes back; if it passed, when the record is dropped; if it
		/// did not reveal, never.
		#[pallet::call_index(4)]
		pub fn claim_qualification(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim_qualification(who, datanet)
		}

		/// Grades up to [`CLOSE_LIMIT`](crate::CLOSE_LIMIT) candidates that have not claimed, and ends
		/// the round when there is none left. Anybody may call it once the solution is revealed, or
		/// too late.
		#[pallet::call_index(5)]
		pub fn close_qualification(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_close_qualification(datanet)
		}

		/// Drops the record that the caller is qualified, and gives its deposit back.
		#[pallet::call_index(6)]
		pub fn drop_qualification(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_drop_qualification(who, datanet)
		}

		/// Makes the caller a curator of a Datanet for which it is qualified, or adds to its bond.
		///
		/// - `amount`: in units of the token; at first at least [`Config::SeatBond`].
		#[pallet::call_index(7)]
		pub fn bond(origin: OriginFor<T>, datanet: DatanetId, amount: Balance) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_bond(who, datanet, amount)
		}

		/// Takes the caller out of a Datanet's pool: it is never drawn again, but bound to the seats
		/// that it has.
		#[pallet::call_index(8)]
		pub fn unbond(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_unbond(who, datanet)
		}

		/// Gives the caller its bond back once it is unbonded and has no seat.
		#[pallet::call_index(9)]
		pub fn withdraw_unbonded(origin: OriginFor<T>, datanet: DatanetId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw_unbonded(who, datanet)
		}

		/// Takes a curator out of its pool whose qualification has lapsed, or whose bond is below the
		/// seat bond. Anybody may.
		#[pallet::call_index(10)]
		pub fn retire(
			origin: OriginFor<T>,
			datanet: DatanetId,
			curator: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_retire(curator, datanet)
		}

		/// Takes a round's next step, or ends a challenge that is too late. Free for the caller, unless
		/// it only put off a draw. Fails, and the round waits, while what was found a duplicate cannot be
		/// linked: compress the batches' clusters first.
		#[pallet::call_index(11)]
		#[pallet::weight(
			T::WeightInfo::advance_end()
				.saturating_add(T::DecideWeight::get().saturating_mul(2))
				.saturating_add(T::CreditWeight::get().saturating_mul(26))
				.max(T::WeightInfo::advance_draw())
		)]
		pub fn advance(origin: OriginFor<T>, subject: Subject) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let pays: Pays = Self::do_advance(subject)?;
			Ok(pays.into())
		}

		/// Commits the caller to a verdict: see [`verdict_commitment`](crate::verdict_commitment).
		#[pallet::call_index(12)]
		pub fn commit_verdict(
			origin: OriginFor<T>,
			subject: Subject,
			commitment: H256,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_commit_verdict(who, subject, commitment)
		}

		/// Reveals the verdict that the caller committed to.
		#[pallet::call_index(13)]
		pub fn reveal_verdict(
			origin: OriginFor<T>,
			subject: Subject,
			verdict: Verdict,
			salt: Salt,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_reveal_verdict(who, subject, verdict, salt)
		}

		/// Appeals a finding, with a deposit of [`Config::AppealDeposit`] for each seat of the next
		/// jury. It comes back if the final side is not the one appealed.
		#[pallet::call_index(14)]
		pub fn appeal(origin: OriginFor<T>, subject: Subject) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_appeal(who, subject)
		}

		/// Reports, as an active curator and with a bond, that a batch is nearly the same as an earlier
		/// one of its Datanet. A jury decides.
		#[pallet::call_index(15)]
		pub fn report_duplicate(
			origin: OriginFor<T>,
			batch: BatchId,
			earlier: BatchId,
			evidence: DuplicateEvidence,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_report_duplicate(who, batch, earlier, evidence)
		}

		/// Claims, with a bond, that a batch's rows are in an earlier one of its Datanet. The chain then
		/// draws the rows that the caller has to show.
		#[pallet::call_index(16)]
		pub fn challenge_rows(
			origin: OriginFor<T>,
			batch: BatchId,
			earlier: BatchId,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_challenge_rows(who, batch, earlier)
		}

		/// Shows the rows that were drawn, in the order of [`rows_to_show`](Pallet::rows_to_show). Fails
		/// while the batches cannot be linked: compress their clusters first.
		#[pallet::call_index(17)]
		#[pallet::weight(
			T::WeightInfo::prove_rows()
				.saturating_add(T::DecideWeight::get())
				.saturating_add(T::CreditWeight::get())
		)]
		pub fn prove_rows(
			origin: OriginFor<T>,
			batch: BatchId,
			proofs: RowProofs,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_prove_rows(who, batch, &proofs)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An open round, with its phase and deadline.
		pub fn round_of(subject: Subject) -> Option<RoundOf<T>> {
			Rounds::<T>::get(subject)
		}

		/// Who can be drawn for a Datanet.
		pub fn curators_of(datanet: DatanetId) -> Vec<PoolMember<T::AccountId, BlockNumberFor<T>>> {
			Pools::<T>::get(datanet).into_inner()
		}

		/// An account's seats in the present jury of a round.
		pub fn seat_of(subject: Subject, who: T::AccountId) -> Option<SeatView> {
			Self::seat_view(subject, &who)
		}

		/// A Datanet's open qualification round, with its deadlines.
		pub fn qualification_of(datanet: DatanetId) -> Option<ExamOf<T>> {
			Exams::<T>::get(datanet)
		}

		/// The open report about a batch.
		pub fn report_of(batch: BatchId) -> Option<Report<T::AccountId, BlockNumberFor<T>>> {
			Reports::<T>::get(batch)
		}

		/// Which rows of a challenged batch have to be shown, once they are drawn.
		pub fn rows_to_show(batch: BatchId) -> Option<Vec<u32>> {
			Self::drawn_rows(batch)
		}
	}
}
