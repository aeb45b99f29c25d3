//! Reports of duplicates: by a jury, or by showing rows.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{fungible::MutateHold, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{
	data::Merit,
	merkle,
	traits::{PointsSink, Submission, Submissions},
	BatchId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

use crate::{
	draw::draw_rows,
	types::{DuplicateEvidence, Ground, Report, ReportEnd, RowProofs, Subject},
	Config, Error, Event, HoldReason, Pallet, Reports, Seeds, REPORT_POINTS,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_report_duplicate(
		who: T::AccountId,
		batch: BatchId,
		of: BatchId,
		evidence: DuplicateEvidence,
	) -> DispatchResult {
		let later = Self::check_pair(batch, of)?;
		Self::active(later.datanet, &who)?;

		Self::insert_report(&who, batch, of, Ground::Similar(evidence))?;
		Self::deposit_event(Event::DuplicateReported {
			batch,
			of,
			reporter: who,
			evidence,
		});
		Self::open_round(
			Subject::Duplicate { batch, of },
			later.datanet,
			later.quorum,
		);
		Ok(())
	}

	pub(crate) fn do_challenge_rows(
		who: T::AccountId,
		batch: BatchId,
		of: BatchId,
	) -> DispatchResult {
		Self::check_pair(batch, of)?;
		let at = Self::now().saturating_add(T::DrawDelay::get());
		let until = at.saturating_add(T::ProofPeriod::get());

		Self::insert_report(&who, batch, of, Ground::Rows { at, until })?;
		Self::deposit_event(Event::RowsChallenged {
			batch,
			of,
			reporter: who,
			draw_at: at,
			until,
		});
		Ok(())
	}

	pub(crate) fn do_prove_rows(
		who: T::AccountId,
		batch: BatchId,
		proofs: &RowProofs,
	) -> DispatchResult {
		let report = Reports::<T>::get(batch).ok_or(Error::<T>::NotReported)?;
		let Ground::Rows { at, until } = report.ground else {
			return Err(Error::<T>::NotChallenged.into());
		};
		ensure!(who == report.reporter, Error::<T>::NotReporter);
		let now = Self::now();
		ensure!(now >= at, Error::<T>::NotDrawn);
		ensure!(now < until, Error::<T>::TooLate);
		let later = T::Data::submission(batch).ok_or(Error::<T>::UnknownBatch)?;
		let earlier = T::Data::submission(report.of).ok_or(Error::<T>::UnknownBatch)?;
		let rows = Self::drawn_rows(batch).ok_or(Error::<T>::NotDrawn)?;
		ensure!(
			proofs.iter().map(|proof| proof.row).eq(rows),
			Error::<T>::WrongRows
		);
		for shown in proofs {
			let leaf = &shown.leaf;
			ensure!(
				merkle::verify(&later.root, leaf, shown.row, later.rows, &shown.proof),
				Error::<T>::NotInBatch
			);
			ensure!(
				merkle::verify(
					&earlier.root,
					leaf,
					shown.other_row,
					earlier.rows,
					&shown.other_proof
				),
				Error::<T>::NotInEarlier
			);
		}

		Self::close_report(batch, ReportEnd::Confirmed)
	}

	/// Ends a challenge whose rows were not shown in time.
	pub(crate) fn lapse(subject: Subject) -> DispatchResult {
		let Subject::Duplicate { batch, of } = subject else {
			return Err(Error::<T>::UnknownRound.into());
		};
		let report = Reports::<T>::get(batch)
			.filter(|report| report.of == of)
			.ok_or(Error::<T>::UnknownRound)?;
		let Ground::Rows { until, .. } = report.ground else {
			return Err(Error::<T>::UnknownRound.into());
		};
		ensure!(Self::now() >= until, Error::<T>::NotDue);
		let end = if Self::is_moot(batch, of) {
			ReportEnd::Moot
		} else {
			ReportEnd::Refuted
		};
		Self::close_report(batch, end)
	}

	/// Whether two batches are linked or gone by now.
	fn is_moot(batch: BatchId, of: BatchId) -> bool {
		match (T::Data::cluster(batch), T::Data::cluster(of)) {
			(Some(one), Some(other)) => one == other,
			_ => true,
		}
	}

	/// Ends a report. A confirmed one links the batches, unless it is moot: it fails if they cannot be
	/// linked now.
	pub(crate) fn close_report(batch: BatchId, end: ReportEnd) -> DispatchResult {
		let Some(report) = Reports::<T>::take(batch) else {
			frame_support::defensive!("who reports is on record");
			return Ok(());
		};
		let Report {
			of, reporter, bond, ..
		} = report;
		let mut end = end;
		if end == ReportEnd::Confirmed {
			let datanet = T::Data::submission(batch).map(|batch| batch.datanet);
			let linked = with_storage_layer(|| T::Data::link(batch, of));
			match (linked, datanet) {
				(Ok(()), Some(datanet)) => {
					T::Points::credit(&reporter, datanet, Merit::Curation, REPORT_POINTS);
				}
				(Err(error), _) if !Self::is_moot(batch, of) => return Err(error),
				_ => end = ReportEnd::Moot,
			}
		}
		if end == ReportEnd::Refuted {
			Self::forfeit(HoldReason::Report, &reporter, bond);
		} else {
			Self::give_back(HoldReason::Report, &reporter, bond);
		}
		Self::deposit_event(Event::ReportClosed {
			batch,
			of,
			reporter,
			end,
		});
		Ok(())
	}

	/// The rows of a challenged batch that have to be shown; `None` before they are drawn.
	pub(crate) fn drawn_rows(batch: BatchId) -> Option<Vec<u32>> {
		let Report { of, ground, .. } = Reports::<T>::get(batch)?;
		let Ground::Rows { at, .. } = ground else {
			return None;
		};
		let seed = Seeds::<T>::get(at)?;
		let rows = T::Data::submission(batch)?.rows;
		let seed = H256(blake2_256(&("openledger/rows", seed, batch, of).encode()));
		Some(draw_rows(&seed, rows))
	}

	/// The later one of two batches of which it can duplicate the other.
	fn check_pair(batch: BatchId, of: BatchId) -> Result<Submission<T::AccountId>, DispatchError> {
		ensure!(of < batch, Error::<T>::NotEarlier);
		ensure!(
			!Reports::<T>::contains_key(batch),
			Error::<T>::AlreadyReported
		);
		let later = T::Data::submission(batch).ok_or(Error::<T>::UnknownBatch)?;
		let earlier = T::Data::submission(of).ok_or(Error::<T>::UnknownBatch)?;
		ensure!(later.datanet == earlier.datanet, Error::<T>::OtherDatanet);
		ensure!(!later.pending && !earlier.pending, Error::<T>::NotAccepted);
		ensure!(
			T::Data::cluster(batch) != T::Data::cluster(of),
			Error::<T>::AlreadyLinked
		);
		Ok(later)
	}

	fn insert_report(
		who: &T::AccountId,
		batch: BatchId,
		of: BatchId,
		ground: Ground<BlockNumberFor<T>>,
	) -> DispatchResult {
		let bond = T::ReportBond::get();
		T::Currency::hold(&HoldReason::Report.into(), who, bond)?;
		Reports::<T>::insert(
			batch,
			Report {
				of,
				reporter: who.clone(),
				bond,
				ground,
			},
		);
		Ok(())
	}
}
