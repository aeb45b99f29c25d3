//! The invariants that the pallet's documentation numbers.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use openledger_pallet_support::holds::{self, add};
use openledger_primitives::{traits::Submissions, Balance, DatanetId};
use sp_runtime::TryRuntimeError;

use crate::{
	tally,
	types::{weight, Ground, Phase, Status, Subject, JURY_SIZES},
	Candidates, Config, Curators, Exams, HoldReason, Pallet, Pools, Qualifications, Reports,
	Rounds,
};

type Sums<T> = holds::Sums<<T as frame_system::Config>::AccountId, Balance>;
type SeatsOf<T> = BTreeMap<(DatanetId, <T as frame_system::Config>::AccountId), u32>;

impl<T: Config> Pallet<T> {
	/// Checks the invariants that the pallet's documentation numbers.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let seats = Self::check_rounds()?;
		Self::check_reports()?;
		Self::check_curators(seats)?;
		Self::check_candidates()?;
		Self::check_holds()
	}

	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut bonds = Sums::<T>::new();
		for (_, who, curator) in Curators::<T>::iter() {
			add(&mut bonds, &who, curator.bond)?;
		}
		holds::check::<T, T::Currency>(
			HoldReason::Bond,
			bonds,
			"1: the bonds held are not the curators'",
		)?;

		let mut deposits = Sums::<T>::new();
		for exam in Exams::<T>::iter_values() {
			add(&mut deposits, &exam.owner, exam.deposit)?;
		}
		for (_, who, candidate) in Candidates::<T>::iter() {
			add(&mut deposits, &who, candidate.deposit)?;
		}
		for (_, who, record) in Qualifications::<T>::iter() {
			add(&mut deposits, &who, record.deposit)?;
		}
		holds::check::<T, T::Currency>(
			HoldReason::Qualification,
			deposits,
			"2: the deposits held are not those of qualifications",
		)?;

		let mut appeals = Sums::<T>::new();
		for appeal in Rounds::<T>::iter_values().flat_map(|round| round.appeals) {
			add(&mut appeals, &appeal.who, appeal.deposit)?;
		}
		holds::check::<T, T::Currency>(
			HoldReason::Appeal,
			appeals,
			"3: the deposits held are not those of appeals",
		)?;

		let mut reports = Sums::<T>::new();
		for report in Reports::<T>::iter_values() {
			add(&mut reports, &report.reporter, report.bond)?;
		}
		holds::check::<T, T::Currency>(
			HoldReason::Report,
			reports,
			"4: the bonds held are not those of reports",
		)
	}

	/// Checks the rounds, and counts the seats in them.
	fn check_rounds() -> Result<SeatsOf<T>, TryRuntimeError> {
		let mut seats = SeatsOf::<T>::new();
		for (subject, round) in Rounds::<T>::iter() {
			match subject {
				Subject::Batch(batch) => ensure!(
					T::Data::submission(batch).is_some_and(|batch| batch.pending),
					"7: a round about a batch that is not pending"
				),
				Subject::Duplicate { batch, of } => ensure!(
					Reports::<T>::get(batch).is_some_and(
						|report| report.of == of && matches!(report.ground, Ground::Similar(_))
					),
					"7: a round about a duplicate that nobody reported"
				),
			}
			let drawn = round.juries.len();
			let fits = match round.phase {
				Phase::Draw { .. } => drawn < JURY_SIZES.len(),
				Phase::Commit { .. } | Phase::Reveal { .. } => round
					.juries
					.last()
					.is_some_and(|jury| jury.finding.is_none()),
				Phase::Found { .. } => round
					.juries
					.last()
					.is_some_and(|jury| jury.finding.is_some() || drawn == JURY_SIZES.len()),
			};
			ensure!(fits, "9: the juries do not fit the phase");
			for (jury, size) in round.juries.iter().zip(JURY_SIZES) {
				ensure!(
					tally::seats(&jury.jurors, |_| true) == u32::from(size),
					"9: a jury's seats do not add up to its size"
				);
				let mut distinct = BTreeSet::new();
				for juror in &jury.jurors {
					ensure!(
						juror.seats > 0 && distinct.insert(&juror.who),
						"9: a juror without a seat, or twice in a jury"
					);
					ensure!(
						juror.verdict.is_none() || juror.commitment.is_some(),
						"9: revealed without having committed"
					);
					let count = seats.entry((round.datanet, juror.who.clone())).or_default();
					*count = count.saturating_add(juror.seats.into());
				}
			}
		}
		Ok(seats)
	}

	fn check_reports() -> Result<(), TryRuntimeError> {
		for (batch, report) in Reports::<T>::iter() {
			let of = report.of;
			ensure!(of < batch, "7: a batch duplicates a later one");
			ensure!(
				Rounds::<T>::contains_key(Subject::Duplicate { batch, of })
					== matches!(report.ground, Ground::Similar(_)),
				"7: a report of a similar batch without a round"
			);
		}
		Ok(())
	}

	fn check_curators(mut seats: SeatsOf<T>) -> Result<(), TryRuntimeError> {
		let mut active = BTreeMap::<DatanetId, usize>::new();
		for (datanet, who, curator) in Curators::<T>::iter() {
			let counted = seats.remove(&(datanet, who.clone())).unwrap_or_default();
			ensure!(
				curator.seats == counted,
				"5: the open seats are not those in the juries"
			);
			ensure!(
				curator.bond >= T::SeatBond::get().saturating_mul(counted.into()),
				"5: a bond does not stand for its seats"
			);
			if curator.status != Status::Active {
				continue;
			}
			let count = active.entry(datanet).or_default();
			*count = count.saturating_add(1);
			let pool = Pools::<T>::get(datanet);
			let mut entries = pool.iter().filter(|member| member.who == who);
			let until = Qualifications::<T>::get(datanet, &who).map(|record| record.until);
			ensure!(
				entries.next().is_some_and(|member| {
					member.weight == weight(curator.bond, curator.accuracy)
						&& member.free == Self::free_seats(&curator)
						&& Some(member.until) == until
				}),
				"6: an active curator is not in its pool as it is"
			);
			ensure!(
				entries.next().is_none(),
				"6: a curator is twice in its pool"
			);
		}
		ensure!(seats.is_empty(), "5: a juror is not a curator");
		for (datanet, pool) in Pools::<T>::iter() {
			ensure!(
				pool.len() == active.remove(&datanet).unwrap_or_default(),
				"6: a member of a pool is not an active curator"
			);
		}
		Ok(())
	}

	fn check_candidates() -> Result<(), TryRuntimeError> {
		let mut counts = BTreeMap::<DatanetId, u32>::new();
		for (datanet, ..) in Candidates::<T>::iter() {
			let count = counts.entry(datanet).or_default();
			*count = count.saturating_add(1);
		}
		for (datanet, exam) in Exams::<T>::iter() {
			ensure!(
				counts.remove(&datanet).unwrap_or_default() == exam.candidates,
				"8: a qualification round miscounts its candidates"
			);
		}
		ensure!(
			counts.is_empty(),
			"8: a candidate without a qualification round"
		);
		Ok(())
	}
}
