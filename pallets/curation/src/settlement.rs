//! The end of a round: everybody gets what the final side says.

use frame_support::{
	defensive,
	storage::with_storage_layer,
	traits::{Defensive, Get},
};
use openledger_primitives::{
	data::{Decision, Merit, Verdict},
	traits::{PointsSink, Submissions},
	BatchId, DatanetId,
};
use sp_runtime::{traits::Saturating, DispatchResult};

use crate::{
	rounds::level_of,
	tally,
	types::{Fault, Juror, ReportEnd, Subject, ONE},
	Config, Curators, Event, HoldReason, Pallet, PoolOf, Pools, Qualifications, RoundOf, Rounds,
};

/// The part of the way to right or wrong that one jury moves an accuracy; an absence moves it half as
/// far.
const ACCURACY_STEP: u32 = 16;

impl<T: Config> Pallet<T> {
	/// Ends a round with the last finding. Fails, and all must stay as it was, if what was found a duplicate
	/// cannot be linked now.
	pub(crate) fn end_round(subject: Subject, round: RoundOf<T>) -> DispatchResult {
		let finding = round.juries.last().and_then(|jury| jury.finding);
		Rounds::<T>::remove(subject);
		Self::settle_appeals(subject, &round, finding.as_ref());
		Self::settle_juries(&round, finding.as_ref());
		let decision = finding.map_or(Decision::Undecided, Decision::Found);
		match subject {
			Subject::Batch(batch) => Self::decide(batch, decision),
			Subject::Duplicate { batch, .. } => {
				let end = match finding.as_ref().map(tally::accepts) {
					Some(true) => ReportEnd::Confirmed,
					Some(false) => ReportEnd::Refuted,
					None => ReportEnd::Moot,
				};
				Self::close_report(batch, end)?;
			}
		}
		Self::deposit_event(Event::Decided { subject, decision });
		Ok(())
	}

	/// Tells the Datanet. If it cannot take an accepted batch, the batch goes back as undecided.
	fn decide(batch: BatchId, decision: Decision) {
		let Err(error) = with_storage_layer(|| T::Data::decide(batch, decision)) else {
			return;
		};
		Self::deposit_event(Event::NotTaken { batch, error });
		let _ = with_storage_layer(|| T::Data::decide(batch, Decision::Undecided))
			.defensive_proof("a pending batch can always go back");
	}

	fn settle_appeals(subject: Subject, round: &RoundOf<T>, finding: Option<&Verdict>) {
		let side = finding.map(tally::accepts);
		for appeal in &round.appeals {
			let (who, deposit) = (appeal.who.clone(), appeal.deposit);
			let unheard = level_of(round.juries.len()) <= appeal.jury;
			if unheard || side != Some(appeal.accepted) {
				Self::give_back(HoldReason::Appeal, &who, deposit);
				Self::deposit_event(Event::AppealReturned {
					subject,
					who,
					deposit,
				});
			} else {
				Self::forfeit(HoldReason::Appeal, &who, deposit);
				Self::deposit_event(Event::AppealLost {
					subject,
					who,
					deposit,
				});
			}
		}
	}

	fn settle_juries(round: &RoundOf<T>, finding: Option<&Verdict>) {
		let side = finding.map(tally::accepts);
		Pools::<T>::mutate(round.datanet, |pool| {
			for (level, jury) in (1u32..).zip(&round.juries) {
				let (accept, reject) = tally::sides(&jury.jurors);
				let against = if side == Some(true) { reject } else { accept };
				let difficulty = tally::difficulty(level, against, accept.saturating_add(reject));
				for juror in &jury.jurors {
					Self::settle_juror(round.datanet, pool, juror, side, difficulty);
				}
			}
		});
	}

	fn settle_juror(
		datanet: DatanetId,
		pool: &mut PoolOf<T>,
		juror: &Juror<T::AccountId>,
		side: Option<bool>,
		difficulty: u32,
	) {
		let who = &juror.who;
		let Some(mut curator) = Curators::<T>::get(datanet, who) else {
			defensive!("a curator with a seat cannot be forgotten");
			return;
		};
		curator.seats = curator
			.seats
			.checked_sub(juror.seats.into())
			.defensive_unwrap_or_default();
		let accuracy = curator.accuracy;
		let fault = match (&juror.verdict, side) {
			(None, _) => Some(Fault::Absent),
			(Some(verdict), Some(side)) if tally::accepts(verdict) != side => Some(Fault::Outvoted),
			(Some(_), Some(_)) => {
				let points = tally::points(juror.seats, difficulty, accuracy);
				T::Points::credit(who, datanet, Merit::Curation, points);
				let step = ONE.saturating_sub(accuracy).checked_div(ACCURACY_STEP);
				curator.accuracy = accuracy.saturating_add(step.unwrap_or_default());
				curator.failures = 0;
				None
			}
			(Some(_), None) => None,
		};
		if let Some(fault) = fault {
			let (part, parts) = match fault {
				Fault::Outvoted => (T::MinoritySlash::get(), ACCURACY_STEP),
				Fault::Absent => (T::AbsenceSlash::get(), ACCURACY_STEP.saturating_mul(2)),
			};
			let stake = T::SeatBond::get().saturating_mul(juror.seats.into());
			let amount = part.mul_floor(stake).min(curator.bond);
			Self::forfeit(HoldReason::Bond, who, amount);
			curator.bond = curator.bond.saturating_sub(amount);
			curator.accuracy =
				accuracy.saturating_sub(accuracy.checked_div(parts).unwrap_or_default());
			curator.failures.saturating_inc();
			Self::deposit_event(Event::Slashed {
				datanet,
				who: who.clone(),
				amount,
				fault,
			});
		}

		let failed = curator.failures >= T::MaxFailures::get();
		if Self::refresh(pool, who, &curator).is_some() && failed {
			let until = Self::leave(pool, who, &mut curator);
			if let Some(record) = Qualifications::<T>::take(datanet, who) {
				Self::give_back(HoldReason::Qualification, who, record.deposit);
			}
			Self::deposit_event(Event::Ejected {
				datanet,
				who: who.clone(),
				until,
			});
		}
		Curators::<T>::insert(datanet, who, curator);
	}
}
