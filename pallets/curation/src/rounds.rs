//! Rounds up to a jury's finding: draw, commit, reveal, appeal.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	defensive,
	dispatch::Pays,
	ensure,
	traits::{fungible::MutateHold, Get},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	data::{Verdict, MAX_SCORE},
	protocol::Salt,
	traits::{Curation, Submissions},
	BatchId, DatanetId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{
	traits::{Saturating, Zero},
	DispatchError, DispatchResult, Percent,
};

use crate::{
	draw::{draw, Eligible},
	tally,
	types::{Appeal, Juror, Jury, Phase, Round, SeatView, Subject, JURY_SIZES},
	verdict_commitment, Config, Curators, Error, Event, HoldReason, Pallet, Pools, Reports,
	RoundOf, Rounds, Seeds,
};

/// A jury as it is drawn: each juror once, with its seats.
type Drawn<T> = Vec<(<T as frame_system::Config>::AccountId, u8)>;

impl<T: Config> Pallet<T> {
	/// Opens a round, and says when its jury can be drawn.
	pub(crate) fn open_round(subject: Subject, datanet: DatanetId, quorum: Percent) {
		let phase = Self::next_draw(Self::now());
		let round = Round {
			datanet,
			quorum,
			phase,
			juries: BoundedVec::new(),
			appeals: BoundedVec::new(),
		};
		Rounds::<T>::insert(subject, round);
		Self::deposit_event(Event::RoundOpened {
			subject,
			datanet,
			draw_at: draw_block(phase),
		});
	}

	fn next_draw(since: BlockNumberFor<T>) -> Phase<BlockNumberFor<T>> {
		Phase::Draw {
			at: Self::now().saturating_add(T::DrawDelay::get()),
			since,
		}
	}

	/// Takes a round's next step, and says whether it is to be paid for.
	pub(crate) fn do_advance(subject: Subject) -> Result<Pays, DispatchError> {
		let Some(mut round) = Rounds::<T>::get(subject) else {
			Self::lapse(subject)?;
			return Ok(Pays::No);
		};
		let now = Self::now();
		match round.phase {
			Phase::Draw { at, since } => {
				ensure!(now >= at, Error::<T>::NotDue);
				return Self::advance_draw(subject, round, at, since);
			}
			Phase::Commit { until } => {
				ensure!(now >= until, Error::<T>::NotDue);
				Self::end_commit(subject, &mut round);
			}
			Phase::Reveal { until } => {
				ensure!(now >= until, Error::<T>::NotDue);
				Self::end_reveal(subject, &mut round);
			}
			Phase::Found { until } => {
				ensure!(now >= until, Error::<T>::NotDue);
				Self::end_round(subject, round)?;
				return Ok(Pays::No);
			}
		}
		Rounds::<T>::insert(subject, round);
		Ok(Pays::No)
	}

	fn advance_draw(
		subject: Subject,
		mut round: RoundOf<T>,
		at: BlockNumberFor<T>,
		since: BlockNumberFor<T>,
	) -> Result<Pays, DispatchError> {
		if let Some(drawn) = Self::find_jury(subject, &round, at) {
			Self::seat(subject, &mut round, drawn);
			Rounds::<T>::insert(subject, round);
			return Ok(Pays::No);
		}
		let overdue = Self::now() >= since.saturating_add(T::DrawTimeout::get());
		if overdue && !round.juries.is_empty() {
			Self::end_round(subject, round)?;
			return Ok(Pays::No);
		}
		round.phase = Self::next_draw(since);
		Self::deposit_event(Event::DrawPostponed {
			subject,
			draw_at: draw_block(round.phase),
		});
		Rounds::<T>::insert(subject, round);
		Ok(Pays::Yes)
	}

	/// The next jury by the seed of block `at`; `None` if too few seats are free, or the seed is not
	/// kept any more.
	pub(crate) fn find_jury(
		subject: Subject,
		round: &RoundOf<T>,
		at: BlockNumberFor<T>,
	) -> Option<Drawn<T>> {
		let seed = Seeds::<T>::get(at)?;
		let level = level_of(round.juries.len());
		let size = JURY_SIZES.get(round.juries.len())?;
		let barred = Self::barred(subject);
		let pool = Pools::<T>::get(round.datanet);
		let eligible: Vec<_> = pool
			.iter()
			.filter(|member| {
				member.since < at && member.until > at && !barred.contains(&member.who)
			})
			.map(|member| Eligible {
				who: &member.who,
				weight: member.weight,
				free: member.free,
			})
			.collect();
		let seed = H256(blake2_256(
			&("openledger/jury", seed, subject, level).encode(),
		));
		draw(&seed, *size, &eligible)
	}

	/// Who must not judge: whose batches are at issue, and who reports.
	fn barred(subject: Subject) -> Vec<T::AccountId> {
		let contributor = |batch| T::Data::submission(batch).map(|batch| batch.contributor);
		match subject {
			Subject::Batch(batch) => contributor(batch).into_iter().collect(),
			Subject::Duplicate { batch, of } => [
				contributor(batch),
				contributor(of),
				Reports::<T>::get(batch).map(|report| report.reporter),
			]
			.into_iter()
			.flatten()
			.collect(),
		}
	}

	pub(crate) fn seat(subject: Subject, round: &mut RoundOf<T>, drawn: Drawn<T>) {
		Pools::<T>::mutate(round.datanet, |pool| {
			for (who, seats) in &drawn {
				let Some(mut curator) = Curators::<T>::get(round.datanet, who) else {
					defensive!("who is in the pool is a curator");
					continue;
				};
				curator.seats = curator.seats.saturating_add((*seats).into());
				Self::refresh(pool, who, &curator);
				Curators::<T>::insert(round.datanet, who, curator);
			}
		});
		let level = level_of(round.juries.len());
		let commit_until = Self::now().saturating_add(T::CommitPeriod::get());
		let jurors = drawn
			.iter()
			.map(|(who, seats)| Juror {
				who: who.clone(),
				seats: *seats,
				commitment: None,
				verdict: None,
			})
			.collect();
		let jury = Jury {
			jurors: BoundedVec::truncate_from(jurors),
			finding: None,
		};
		if round.juries.try_push(jury).is_err() {
			defensive!("there are as many juries as sizes of juries");
		}
		round.phase = Phase::Commit {
			until: commit_until,
		};
		Self::deposit_event(Event::JuryDrawn {
			subject,
			level,
			jurors: BoundedVec::truncate_from(drawn),
			commit_until,
		});
	}

	pub(crate) fn do_commit_verdict(
		who: T::AccountId,
		subject: Subject,
		commitment: H256,
	) -> DispatchResult {
		let mut round = Rounds::<T>::get(subject).ok_or(Error::<T>::UnknownRound)?;
		let Phase::Commit { until } = round.phase else {
			return Err(Error::<T>::NotCommitting.into());
		};
		ensure!(Self::now() < until, Error::<T>::TooLate);
		let juror = juror_mut(&mut round, &who).ok_or(Error::<T>::NotJuror)?;
		ensure!(juror.commitment.is_none(), Error::<T>::AlreadyCommitted);

		juror.commitment = Some(commitment);
		Self::deposit_event(Event::VerdictCommitted {
			subject,
			who,
			commitment,
		});
		if jurors(&round).all(|juror| juror.commitment.is_some()) {
			Self::end_commit(subject, &mut round);
		}
		Rounds::<T>::insert(subject, round);
		Ok(())
	}

	pub(crate) fn do_reveal_verdict(
		who: T::AccountId,
		subject: Subject,
		verdict: Verdict,
		salt: Salt,
	) -> DispatchResult {
		let mut round = Rounds::<T>::get(subject).ok_or(Error::<T>::UnknownRound)?;
		let Phase::Reveal { until } = round.phase else {
			return Err(Error::<T>::NotRevealing.into());
		};
		ensure!(Self::now() < until, Error::<T>::TooLate);
		let level = level_of(round.juries.len().saturating_sub(1));
		let juror = juror_mut(&mut round, &who).ok_or(Error::<T>::NotJuror)?;
		let commitment = juror.commitment.ok_or(Error::<T>::NotCommitted)?;
		ensure!(juror.verdict.is_none(), Error::<T>::AlreadyRevealed);
		let genesis = Self::genesis();
		ensure!(
			commitment == verdict_commitment(&genesis, &subject, level, &who, &verdict, &salt),
			Error::<T>::CommitmentMismatch
		);
		if let Verdict::Accept { score } = verdict {
			ensure!(score <= MAX_SCORE, Error::<T>::ScoreTooHigh);
		}

		juror.verdict = Some(verdict);
		Self::deposit_event(Event::VerdictRevealed {
			subject,
			who,
			verdict,
		});
		if jurors(&round).all(|juror| juror.commitment.is_none() || juror.verdict.is_some()) {
			Self::end_reveal(subject, &mut round);
		}
		Rounds::<T>::insert(subject, round);
		Ok(())
	}

	fn end_commit(subject: Subject, round: &mut RoundOf<T>) {
		if jurors(round).all(|juror| juror.commitment.is_none()) {
			return Self::end_reveal(subject, round);
		}
		let reveal_until = Self::now().saturating_add(T::RevealPeriod::get());
		round.phase = Phase::Reveal {
			until: reveal_until,
		};
		Self::deposit_event(Event::RevealOpened {
			subject,
			reveal_until,
		});
	}

	/// Tallies the present jury. Its finding can be appealed, unless it is the last one's; without a
	/// finding the next jury is called.
	fn end_reveal(subject: Subject, round: &mut RoundOf<T>) {
		let quorum = round.quorum;
		let level = level_of(round.juries.len().saturating_sub(1));
		let last = round.juries.len() >= JURY_SIZES.len();
		let Some(jury) = round.juries.last_mut() else {
			defensive!("who reveals sits in a jury");
			return;
		};
		jury.finding = tally::finding(&jury.jurors, quorum);
		let finding = jury.finding;
		Self::deposit_event(Event::Found {
			subject,
			level,
			finding,
		});
		let now = Self::now();
		round.phase = if last {
			Phase::Found { until: now }
		} else if finding.is_some() {
			Phase::Found {
				until: now.saturating_add(T::AppealPeriod::get()),
			}
		} else {
			Self::next_draw(now)
		};
	}

	pub(crate) fn do_appeal(who: T::AccountId, subject: Subject) -> DispatchResult {
		let mut round = Rounds::<T>::get(subject).ok_or(Error::<T>::UnknownRound)?;
		let Phase::Found { until } = round.phase else {
			return Err(Error::<T>::NotAppealable.into());
		};
		let size = JURY_SIZES
			.get(round.juries.len())
			.ok_or(Error::<T>::Final)?;
		ensure!(Self::now() < until, Error::<T>::TooLate);
		let finding = round
			.juries
			.last()
			.and_then(|jury| jury.finding)
			.ok_or(Error::<T>::NotAppealable)?;
		let deposit = T::AppealDeposit::get().saturating_mul((*size).into());
		let appeal = Appeal {
			who: who.clone(),
			deposit,
			accepted: tally::accepts(&finding),
			jury: level_of(round.juries.len()),
		};
		round
			.appeals
			.try_push(appeal)
			.map_err(|_| Error::<T>::Final)?;

		T::Currency::hold(&HoldReason::Appeal.into(), &who, deposit)?;
		round.phase = Self::next_draw(Self::now());
		Self::deposit_event(Event::Appealed {
			subject,
			who,
			deposit,
			draw_at: draw_block(round.phase),
		});
		Rounds::<T>::insert(subject, round);
		Ok(())
	}

	pub(crate) fn seat_view(subject: Subject, who: &T::AccountId) -> Option<SeatView> {
		let round = Rounds::<T>::get(subject)?;
		let level = level_of(round.juries.len().checked_sub(1)?);
		let jury = round.juries.into_iter().next_back()?;
		let juror = jury.jurors.into_iter().find(|juror| juror.who == *who)?;
		Some(SeatView {
			level,
			seats: juror.seats,
			commitment: juror.commitment,
			verdict: juror.verdict,
		})
	}
}

/// A jury's number.
pub(crate) fn level_of(juries: usize) -> u8 {
	u8::try_from(juries).unwrap_or(u8::MAX)
}

fn draw_block<BlockNumber: Zero>(phase: Phase<BlockNumber>) -> BlockNumber {
	match phase {
		Phase::Draw { at, .. } => at,
		_ => BlockNumber::zero(),
	}
}

/// The jurors of a round's present jury.
fn jurors<AccountId, BlockNumber>(
	round: &Round<AccountId, BlockNumber>,
) -> impl Iterator<Item = &Juror<AccountId>> {
	round
		.juries
		.last()
		.into_iter()
		.flat_map(|jury| jury.jurors.iter())
}

fn juror_mut<'a, AccountId: PartialEq, BlockNumber>(
	round: &'a mut Round<AccountId, BlockNumber>,
	who: &AccountId,
) -> Option<&'a mut Juror<AccountId>> {
	round
		.juries
		.last_mut()?
		.jurors
		.iter_mut()
		.find(|juror| juror.who == *who)
}

impl<T: Config> Curation<T::AccountId> for Pallet<T> {
	fn open(batch: BatchId) -> DispatchResult {
		let subject = Subject::Batch(batch);
		let submission = T::Data::submission(batch).ok_or(Error::<T>::UnknownBatch)?;
		ensure!(
			submission.pending && !Rounds::<T>::contains_key(subject),
			Error::<T>::NotPending
		);
		Self::open_round(subject, submission.datanet, submission.quorum);
		Ok(())
	}

	fn abandon(batch: BatchId) -> DispatchResult {
		let subject = Subject::Batch(batch);
		let round = Rounds::<T>::get(subject).ok_or(Error::<T>::UnknownRound)?;
		let Phase::Draw { at, .. } = round.phase else {
			return Err(Error::<T>::JuryDrawn.into());
		};
		// Once the seed is known, nobody takes a batch back because of the jury that it leads to.
		ensure!(
			round.juries.is_empty()
				&& (Self::now() < at || Self::find_jury(subject, &round, at).is_none()),
			Error::<T>::JuryDrawn
		);
		Rounds::<T>::remove(subject);
		Self::deposit_event(Event::RoundAbandoned { subject });
		Ok(())
	}

	fn is_qualified(datanet: DatanetId, who: &T::AccountId) -> bool {
		Self::qualified(datanet, who)
	}
}
