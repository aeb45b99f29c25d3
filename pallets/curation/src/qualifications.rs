//! Qualification rounds: tasks with known answers.

use alloc::vec::Vec;
use frame_support::{
	defensive, ensure,
	traits::{fungible::MutateHold, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use openledger_primitives::{protocol::Salt, traits::Submissions, Balance, ContentHash, DatanetId};
use sp_core::H256;
use sp_runtime::{traits::Saturating, DispatchResult, Percent};

use crate::{
	answers_commitment, solution_commitment,
	types::{Answers, Candidate, Exam, Ppm, Qualification, Status, MAX_TASKS, ONE},
	Candidates, Config, Curators, Error, Event, ExamOf, Exams, HoldReason, Pallet, Pools,
	Qualifications, CLOSE_LIMIT,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_open_qualification(
		who: T::AccountId,
		datanet: DatanetId,
		tasks: ContentHash,
		count: u8,
		commitment: H256,
		pass_mark: Percent,
	) -> DispatchResult {
		let owner = T::Data::owner(datanet).ok_or(Error::<T>::UnknownDatanet)?;
		ensure!(who == owner, Error::<T>::NotOwner);
		ensure!(
			!Exams::<T>::contains_key(datanet),
			Error::<T>::QualificationOpen
		);
		ensure!(
			(1..=MAX_TASKS).contains(&count.into()),
			Error::<T>::TaskCount
		);
		let opened = Self::now();
		let phase = T::QualificationPhase::get();
		let commit_until = opened.saturating_add(phase);
		let reveal_until = commit_until.saturating_add(phase);
		let solution_until = reveal_until.saturating_add(phase);

		let deposit = T::QualificationDeposit::get();
		T::Currency::hold(&HoldReason::Qualification.into(), &who, deposit)?;
		Exams::<T>::insert(
			datanet,
			Exam {
				owner,
				opened,
				tasks,
				count,
				commitment,
				pass_mark,
				deposit,
				commit_until,
				reveal_until,
				solution_until,
				candidates: 0,
				solution: None,
			},
		);
		Self::deposit_event(Event::QualificationOpened {
			datanet,
			tasks,
			count,
			pass_mark,
			commit_until,
			reveal_until,
			solution_until,
		});
		Ok(())
	}

	pub(crate) fn do_commit_answers(
		who: T::AccountId,
		datanet: DatanetId,
		commitment: H256,
	) -> DispatchResult {
		let mut exam = Self::exam(datanet)?;
		ensure!(Self::now() < exam.commit_until, Error::<T>::WrongPhase);
		ensure!(
			!Candidates::<T>::contains_key(datanet, &who),
			Error::<T>::AlreadyCandidate
		);
		ensure!(
			exam.candidates < T::MaxCandidates::get(),
			Error::<T>::TooManyCandidates
		);

		let deposit = T::CandidateDeposit::get();
		T::Currency::hold(&HoldReason::Qualification.into(), &who, deposit)?;
		exam.candidates.saturating_inc();
		Exams::<T>::insert(datanet, exam);
		Candidates::<T>::insert(
			datanet,
			&who,
			Candidate {
				deposit,
				commitment,
				answers: None,
			},
		);
		Self::deposit_event(Event::AnswersCommitted { datanet, who });
		Ok(())
	}

	pub(crate) fn do_reveal_answers(
		who: T::AccountId,
		datanet: DatanetId,
		answers: Answers,
		salt: Salt,
	) -> DispatchResult {
		let exam = Self::exam(datanet)?;
		let now = Self::now();
		ensure!(
			now >= exam.commit_until && now < exam.reveal_until,
			Error::<T>::WrongPhase
		);
		let mut candidate = Candidates::<T>::get(datanet, &who).ok_or(Error::<T>::NotCandidate)?;
		ensure!(candidate.answers.is_none(), Error::<T>::AlreadyRevealed);
		Self::check_count(&exam, &answers)?;
		let genesis = Self::genesis();
		ensure!(
			candidate.commitment
				== answers_commitment(&genesis, datanet, &exam.opened, &who, &answers, &salt),
			Error::<T>::CommitmentMismatch
		);

		candidate.answers = Some(answers);
		Candidates::<T>::insert(datanet, &who, candidate);
		Self::deposit_event(Event::AnswersRevealed { datanet, who });
		Ok(())
	}

	pub(crate) fn do_reveal_solution(
		who: T::AccountId,
		datanet: DatanetId,
		answers: Answers,
		salt: Salt,
	) -> DispatchResult {
		let mut exam = Self::exam(datanet)?;
		ensure!(who == exam.owner, Error::<T>::NotOwner);
		let now = Self::now();
		ensure!(
			now >= exam.reveal_until && now < exam.solution_until,
			Error::<T>::WrongPhase
		);
		ensure!(exam.solution.is_none(), Error::<T>::AlreadyRevealed);
		Self::check_count(&exam, &answers)?;
		ensure!(
			exam.commitment
				== solution_commitment(&Self::genesis(), datanet, &who, &answers, &salt),
			Error::<T>::CommitmentMismatch
		);

		exam.solution = Some(answers.clone());
		Exams::<T>::insert(datanet, exam);
		Self::deposit_event(Event::SolutionRevealed { datanet, answers });
		Ok(())
	}

	pub(crate) fn do_claim_qualification(who: T::AccountId, datanet: DatanetId) -> DispatchResult {
		let mut exam = Self::gradable(datanet)?;
		let candidate = Candidates::<T>::get(datanet, &who).ok_or(Error::<T>::NotCandidate)?;

		Self::grade(datanet, &mut exam, who, candidate);
		Exams::<T>::insert(datanet, exam);
		Ok(())
	}

	pub(crate) fn do_close_qualification(datanet: DatanetId) -> DispatchResult {
		let mut exam = Self::gradable(datanet)?;

		let limit = usize::try_from(CLOSE_LIMIT).unwrap_or_default();
		let some: Vec<_> = Candidates::<T>::iter_prefix(datanet).take(limit).collect();
		for (who, candidate) in some {
			Self::grade(datanet, &mut exam, who, candidate);
		}
		if exam.candidates > 0 {
			Exams::<T>::insert(datanet, exam);
			return Ok(());
		}
		Exams::<T>::remove(datanet);
		let lost = if exam.solution.is_some() {
			Self::give_back(HoldReason::Qualification, &exam.owner, exam.deposit);
			0
		} else {
			Self::forfeit(HoldReason::Qualification, &exam.owner, exam.deposit);
			exam.deposit
		};
		Self::deposit_event(Event::QualificationClosed { datanet, lost });
		Ok(())
	}

	pub(crate) fn do_drop_qualification(who: T::AccountId, datanet: DatanetId) -> DispatchResult {
		let record = Qualifications::<T>::get(datanet, &who).ok_or(Error::<T>::NotQualified)?;
		ensure!(
			!Curators::<T>::contains_key(datanet, &who),
			Error::<T>::StillCurator
		);

		Qualifications::<T>::remove(datanet, &who);
		Self::give_back(HoldReason::Qualification, &who, record.deposit);
		Self::deposit_event(Event::QualificationDropped { datanet, who });
		Ok(())
	}

	fn exam(datanet: DatanetId) -> Result<ExamOf<T>, Error<T>> {
		Exams::<T>::get(datanet).ok_or(Error::NoQualification)
	}

	/// The round, if nobody can reveal anything any more.
	fn gradable(datanet: DatanetId) -> Result<ExamOf<T>, Error<T>> {
		let exam = Self::exam(datanet)?;
		ensure!(
			exam.solution.is_some() || Self::now() >= exam.solution_until,
			Error::<T>::WrongPhase
		);
		Ok(exam)
	}

	fn check_count(exam: &ExamOf<T>, answers: &Answers) -> Result<(), Error<T>> {
		ensure!(
			answers.len() == usize::from(exam.count),
			Error::<T>::AnswerCount
		);
		Ok(())
	}

	/// Ends a candidacy.
	fn grade(datanet: DatanetId, exam: &mut ExamOf<T>, who: T::AccountId, candidate: Candidate) {
		Candidates::<T>::remove(datanet, &who);
		exam.candidates.saturating_dec();
		let deposit = candidate.deposit;
		match (&exam.solution, &candidate.answers) {
			// Without a solution nobody is to blame but the owner.
			(None, _) => {
				Self::give_back(HoldReason::Qualification, &who, deposit);
				Self::deposit_event(Event::NotQualified {
					datanet,
					who,
					lost: 0,
				});
			}
			(Some(_), None) => {
				Self::forfeit(HoldReason::Qualification, &who, deposit);
				Self::deposit_event(Event::NotQualified {
					datanet,
					who,
					lost: deposit,
				});
			}
			(Some(solution), Some(answers)) => {
				let right = solution.iter().zip(answers).filter(|(a, b)| a == b).count();
				let right = u32::try_from(right).unwrap_or_default();
				let count = u32::from(exam.count);
				if right < exam.pass_mark.mul_ceil(count) {
					Self::give_back(HoldReason::Qualification, &who, deposit);
					Self::deposit_event(Event::NotQualified {
						datanet,
						who,
						lost: 0,
					});
					return;
				}
				let accuracy = right
					.saturating_mul(ONE)
					.checked_div(count)
					.unwrap_or_default();
				let until = exam
					.solution_until
					.saturating_add(T::QualificationPeriod::get());
				Self::qualify(datanet, who, accuracy, until, deposit);
			}
		}
	}

	/// Records a passed qualification, for which the candidate's deposit stays held.
	fn qualify(
		datanet: DatanetId,
		who: T::AccountId,
		accuracy: Ppm,
		until: BlockNumberFor<T>,
		deposit: Balance,
	) {
		let record = Qualification {
			until,
			accuracy,
			deposit,
		};
		if let Some(old) = Qualifications::<T>::get(datanet, &who) {
			Self::give_back(HoldReason::Qualification, &who, old.deposit);
		}
		Qualifications::<T>::insert(datanet, &who, record);
		// Who is a curator already keeps the accuracy that it has earned.
		let active = Curators::<T>::get(datanet, &who)
			.is_some_and(|curator| curator.status == Status::Active);
		if active {
			Pools::<T>::mutate(datanet, |pool| {
				match pool.iter_mut().find(|member| member.who == who) {
					Some(member) => member.until = until,
					None => {
						defensive!("an active curator is in its pool");
					}
				}
			});
		}
		Self::deposit_event(Event::Qualified {
			datanet,
			who,
			accuracy,
			until,
		});
	}
}
