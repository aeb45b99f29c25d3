//! What the pallet tells.

use frame_support::pallet_macros::pallet_section;

/// The pallet's events: a section of it.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A Datanet's owner opened a qualification round.
		QualificationOpened {
			/// The Datanet.
			datanet: DatanetId,
			/// The hash of the file with the tasks.
			tasks: ContentHash,
			/// How many tasks there are.
			count: u8,
			/// The part of them that has to be answered rightly.
			pass_mark: Percent,
			/// The first block in which candidates reveal.
			commit_until: BlockNumberFor<T>,
			/// The first block in which the owner reveals.
			reveal_until: BlockNumberFor<T>,
			/// The first block in which it is too late for that.
			solution_until: BlockNumberFor<T>,
		},
		/// A candidate committed to its answers.
		AnswersCommitted {
			/// The Datanet.
			datanet: DatanetId,
			/// The candidate.
			who: T::AccountId,
		},
		/// A candidate revealed its answers.
		AnswersRevealed {
			/// The Datanet.
			datanet: DatanetId,
			/// The candidate.
			who: T::AccountId,
		},
		/// The owner revealed the solution of a qualification round.
		SolutionRevealed {
			/// The Datanet.
			datanet: DatanetId,
			/// The right answers.
			answers: Answers,
		},
		/// A candidate passed.
		Qualified {
			/// The Datanet.
			datanet: DatanetId,
			/// The candidate.
			who: T::AccountId,
			/// The accuracy with which it starts as a curator, in parts per million.
			accuracy: Ppm,
			/// The first block in which the qualification counts no more.
			until: BlockNumberFor<T>,
		},
		/// A candidate did not pass.
		NotQualified {
			/// The Datanet.
			datanet: DatanetId,
			/// The candidate.
			who: T::AccountId,
			/// What it lost for not revealing, in units of the token.
			lost: Balance,
		},
		/// A qualification round ended and was removed.
		QualificationClosed {
			/// The Datanet.
			datanet: DatanetId,
			/// What the owner lost for not revealing the solution, in units of the token.
			lost: Balance,
		},
		/// A record of a passed qualification was removed and its deposit given back.
		QualificationDropped {
			/// The Datanet.
			datanet: DatanetId,
			/// Whose it was.
			who: T::AccountId,
		},
		/// A curator bonded, or added to its bond.
		Bonded {
			/// The Datanet.
			datanet: DatanetId,
			/// The curator.
			who: T::AccountId,
			/// What it added, in units of the token.
			amount: Balance,
			/// Its bond now, in units of the token.
			bond: Balance,
		},
		/// A curator left the pool, by itself or because it was retired.
		Unbonding {
			/// The Datanet.
			datanet: DatanetId,
			/// The curator.
			who: T::AccountId,
			/// The first block in which its bond can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// A curator was put out of the pool, and is not qualified any more.
		Ejected {
			/// The Datanet.
			datanet: DatanetId,
			/// The curator.
			who: T::AccountId,
			/// The first block in which its bond can be withdrawn.
			until: BlockNumberFor<T>,
		},
		/// A curator took its bond back and is forgotten.
		Withdrawn {
			/// The Datanet.
			datanet: DatanetId,
			/// The curator.
			who: T::AccountId,
			/// What it took, in units of the token.
			amount: Balance,
		},
		/// A round opened.
		RoundOpened {
			/// What it is about.
			subject: Subject,
			/// The Datanet.
			datanet: DatanetId,
			/// The first block in which its jury can be drawn.
			draw_at: BlockNumberFor<T>,
		},
		/// A round ended because the contributor took its batch back before a jury was drawn.
		RoundAbandoned {
			/// What it was about.
			subject: Subject,
		},
		/// A jury could not be drawn, or nobody had it drawn in time: another seed will decide.
		DrawPostponed {
			/// What the round is about.
			subject: Subject,
			/// The first block in which the jury can be drawn.
			draw_at: BlockNumberFor<T>,
		},
		/// A jury was drawn.
		JuryDrawn {
			/// What it is about.
			subject: Subject,
			/// Which jury it is, from 0.
			level: u8,
			/// The jurors, with their seats.
			jurors: BoundedVec<(T::AccountId, u8), ConstU32<MAX_SEATS>>,
			/// The first block in which they cannot commit any more.
			commit_until: BlockNumberFor<T>,
		},
		/// A juror committed to a verdict.
		VerdictCommitted {
			/// What the jury is about.
			subject: Subject,
			/// The juror.
			who: T::AccountId,
			/// What it committed to.
			commitment: H256,
		},
		/// A jury's jurors can reveal from now on.
		RevealOpened {
			/// What the jury is about.
			subject: Subject,
			/// The first block in which they cannot any more.
			reveal_until: BlockNumberFor<T>,
		},
		/// A juror revealed its verdict.
		VerdictRevealed {
			/// What the jury is about.
			subject: Subject,
			/// The juror.
			who: T::AccountId,
			/// Its verdict.
			verdict: Verdict,
		},
		/// A jury came to its end.
		Found {
			/// What it is about.
			subject: Subject,
			/// Which jury it is, from 0.
			level: u8,
			/// What it found, if it came to a majority.
			finding: Option<Verdict>,
		},
		/// A finding was appealed.
		Appealed {
			/// What the round is about.
			subject: Subject,
			/// Who appealed.
			who: T::AccountId,
			/// What is held for it, in units of the token.
			deposit: Balance,
			/// The first block in which the next jury can be drawn.
			draw_at: BlockNumberFor<T>,
		},
		/// An appeal was right, or was never heard: its deposit was given back.
		AppealReturned {
			/// What the round was about.
			subject: Subject,
			/// Who appealed.
			who: T::AccountId,
			/// What was given back, in units of the token.
			deposit: Balance,
		},
		/// An appeal was in vain: its deposit went to the treasury.
		AppealLost {
			/// What the round was about.
			subject: Subject,
			/// Who appealed.
			who: T::AccountId,
			/// What it lost, in units of the token.
			deposit: Balance,
		},
		/// A curator lost a part of its bond.
		Slashed {
			/// The Datanet.
			datanet: DatanetId,
			/// The curator.
			who: T::AccountId,
			/// What it lost, in units of the token.
			amount: Balance,
			/// Why.
			fault: Fault,
		},
		/// A round ended.
		Decided {
			/// What it was about.
			subject: Subject,
			/// How it ended.
			decision: Decision,
		},
		/// A batch was accepted, but its Datanet could not take it: it ends as undecided.
		NotTaken {
			/// The batch.
			batch: BatchId,
			/// Why not.
			error: DispatchError,
		},
		/// A batch was reported to be a duplicate of an earlier one.
		DuplicateReported {
			/// The later batch.
			batch: BatchId,
			/// The earlier one.
			of: BatchId,
			/// Who reports.
			reporter: T::AccountId,
			/// What the report rests on.
			evidence: DuplicateEvidence,
		},
		/// Somebody claims to have all of a batch's rows in an earlier one.
		RowsChallenged {
			/// The later batch.
			batch: BatchId,
			/// The earlier one.
			of: BatchId,
			/// Who claims it.
			reporter: T::AccountId,
			/// The first block in which it is known which rows have to be shown.
			draw_at: BlockNumberFor<T>,
			/// The first block in which it is too late to show them.
			until: BlockNumberFor<T>,
		},
		/// A report of a duplicate came to its end.
		ReportClosed {
			/// The later batch.
			batch: BatchId,
			/// The earlier one.
			of: BatchId,
			/// Who reported.
			reporter: T::AccountId,
			/// How it ended.
			end: ReportEnd,
		},
	}
}
