//! The phases of a request: draw, commit, reveal, and once more if need be.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	defensive,
	traits::{Defensive, Get, Randomness},
	weights::Weight,
	BoundedVec,
};
use openledger_primitives::{
	model::ModelSpec,
	protocol::{self, OperatorKey, OperatorSignature, Salt},
	traits::{AgentPool, ModelRegistry, Performance},
	Outcome, RequestId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{
	traits::{One, Saturating, UniqueSaturatedInto},
	DispatchResult, Percent,
};

use crate::{
	tally::is_majority,
	types::{Absence, Ending, Phase, Question, Request, Seat, Task},
	Assignments, Config, Error, Event, ExcusedAt, Outcomes, Pallet, Recomputations, Requests,
	WeightInfo,
};

type Seats<T> = Vec<Seat<<T as frame_system::Config>::AccountId>>;

impl<T: Config> Pallet<T> {
	/// Begins a phase, and puts its end on the agenda.
	pub(crate) fn enter(id: RequestId, request: &mut Request<T>, phase: Phase) {
		let blocks = match phase {
			Phase::Draw => T::DrawDelay::get(),
			Phase::Commit => T::CommitBlocks::get(),
			Phase::Reveal => T::RevealBlocks::get(),
		};
		request.phase = phase;
		request.since = Self::now();
		request.until = request.since.saturating_add(blocks);
		Self::schedule(id, Task::ending(phase), request.until);
	}

	/// The request whose phase has come to its end.
	fn due(id: RequestId, phase: Phase) -> Option<Request<T>> {
		let request = Requests::<T>::get(id).defensive()?;
		if request.phase != phase {
			defensive!("a phase leaves the agenda when it ends");
			return None;
		}
		Some(request)
	}

	/// Returns what it weighed.
	pub(crate) fn draw_due(id: RequestId) -> Weight {
		let drawing = T::WeightInfo::draw();
		let Some(mut request) = Self::due(id, Phase::Draw) else {
			return drawing;
		};
		let drawn = T::Models::spec(request.model, request.version)
			.and_then(|spec| Self::draw(id, &request, &spec));
		let Some((question, seats)) = drawn else {
			let ending = if request.question.is_some() {
				let verdict = Self::verdict(id, &request);
				Self::end(id, request, verdict)
			} else {
				Self::end_undrawn(id, request)
			};
			return drawing.saturating_add(ending);
		};
		let agents = seats
			.iter()
			.map(|seat| seat.agent.clone())
			.collect::<Vec<_>>();
		for seat in seats {
			Assignments::<T>::insert(&seat.agent, id, ());
			if request.committee.try_push(seat).is_err() {
				defensive!("no more are drawn than there is room for");
			}
		}
		request.question = Some(question);
		Self::enter(id, &mut request, Phase::Commit);
		Self::deposit_event(Event::Drawn {
			request: id,
			question: question.hash,
			seed: question.seed,
			committee: BoundedVec::truncate_from(agents),
			commit_until: request.until,
		});
		Requests::<T>::insert(id, request);
		drawing
	}

	/// Draws the committee, or who is to join it. `None`, and nobody is held to it, if too few are there.
	fn draw(id: RequestId, request: &Request<T>, spec: &ModelSpec) -> Option<(Question, Seats<T>)> {
		let room = T::MaxCommittee::get()
			.saturating_sub(request.committee.len().try_into().unwrap_or(u32::MAX));
		let wanted = if request.widened { room } else { request.seats };
		let available = T::Agents::available(request.model, &spec.policy, wanted);
		if !request.widened && available < request.min_committee {
			return None;
		}
		let (random, _) = T::Randomness::random(b"openledger/committee");
		let seed = H256(blake2_256(&(b"openledger/committee", random, id).encode()));
		let excluded = request
			.committee
			.iter()
			.map(|seat| seat.agent.clone())
			.chain(Self::barred(id))
			.collect::<Vec<_>>();
		let mut seats = Vec::new();
		for agent in T::Agents::assign(request.model, &spec.policy, wanted, &excluded, seed) {
			match T::Agents::operator_key(&agent).defensive() {
				Some(operator) => seats.push(Seat::new(agent, operator, request.widened)),
				None => T::Agents::release(&agent, Performance::Released),
			}
		}
		let enough = if request.widened {
			!seats.is_empty() && Self::can_agree(id, request, seats.len())
		} else {
			seats.len() >= usize::try_from(request.min_committee).unwrap_or(usize::MAX)
		};
		if !enough {
			for seat in seats {
				T::Agents::release(&seat.agent, Performance::Released);
			}
			return None;
		}
		let question = request.question.unwrap_or_else(|| {
			let seed = Recomputations::<T>::get(id).map_or(seed, |again| again.seed);
			let input = request.input.digest();
			let hash = protocol::question(&Self::genesis(), id, &spec.id(), &seed, &input);
			Question { seed, hash }
		});
		Some((question, seats))
	}

	/// Whether there can be an agreement with so many more seats, if all that can reveal yet agree with
	/// the most that have.
	fn can_agree(id: RequestId, request: &Request<T>, newcomers: usize) -> bool {
		let verdict = Self::verdict(id, request);
		let to_come = request
			.committee
			.iter()
			.filter(|seat| seat.owes_reveal())
			.count();
		is_majority(
			verdict
				.members()
				.saturating_add(to_come)
				.saturating_add(newcomers),
			verdict.seats.saturating_add(newcomers),
		)
	}

	pub(crate) fn do_commit(
		id: RequestId,
		operator: OperatorKey,
		commitment: H256,
		signature: OperatorSignature,
	) -> DispatchResult {
		let (mut request, place) = Self::check_commit(id, &operator, &commitment, &signature)?;
		let lateness = Self::lateness(&request);
		let seat = request
			.committee
			.get_mut(place)
			.ok_or(Error::<T>::NotInCommittee)?;
		seat.commitment = Some(commitment);
		seat.lateness = lateness;
		let agent = seat.agent.clone();
		Self::deposit_event(Event::Committed {
			request: id,
			agent,
			commitment,
		});
		if request.committee.iter().any(|seat| seat.owes_commit()) {
			Requests::<T>::insert(id, request);
		} else {
			Self::unschedule(id, Task::EndCommit, request.until);
			Self::open_reveals(id, request);
		}
		Ok(())
	}

	/// Which part of the present phase is over, in the blocks in which a transaction can be included.
	fn lateness(request: &Request<T>) -> Percent {
		let first = request.since.saturating_add(One::one());
		let last = request.until.saturating_sub(One::one());
		let passed: u32 = Self::now().saturating_sub(first).unique_saturated_into();
		let all: u32 = last.saturating_sub(first).unique_saturated_into();
		Percent::from_rational(passed, all.max(1))
	}

	/// Goes on to the reveals if those that committed can agree. Returns what it weighed.
	pub(crate) fn commits_due(id: RequestId) -> Weight {
		let counting = T::WeightInfo::end_commit();
		let Some(mut request) = Self::due(id, Phase::Commit) else {
			return counting;
		};
		let missed = Self::blamed(&request, Absence::NoCommit);
		for seat in request
			.committee
			.iter_mut()
			.filter(|seat| seat.owes_commit())
		{
			seat.absence = Some(missed);
		}
		let awaited = request.committee.iter().any(|seat| seat.owes_reveal());
		if awaited && Self::can_agree(id, &request, 0) {
			Self::open_reveals(id, request);
			counting
		} else {
			counting.saturating_add(Self::conclude(id, request))
		}
	}

	fn open_reveals(id: RequestId, mut request: Request<T>) {
		Self::enter(id, &mut request, Phase::Reveal);
		Self::deposit_event(Event::RevealOpened {
			request: id,
			reveal_until: request.until,
		});
		Requests::<T>::insert(id, request);
	}

	/// Returns what it weighed.
	pub(crate) fn do_reveal(
		id: RequestId,
		operator: OperatorKey,
		outcome: Outcome,
		salt: Salt,
		signature: OperatorSignature,
	) -> Result<Weight, Error<T>> {
		let (mut request, place) = Self::check_reveal(id, &operator, &outcome, &salt, &signature)?;
		let weight = T::WeightInfo::reveal(outcome.lookups());
		let hash = outcome.hash();
		let seat = request
			.committee
			.get_mut(place)
			.ok_or(Error::<T>::NotInCommittee)?;
		seat.revealed = Some(hash);
		let agent = seat.agent.clone();
		Outcomes::<T>::insert(id, hash, outcome);
		Self::deposit_event(Event::Revealed {
			request: id,
			agent,
			outcome: hash,
		});
		if request.committee.iter().any(|seat| seat.owes_reveal()) {
			Requests::<T>::insert(id, request);
			return Ok(weight);
		}
		Self::unschedule(id, Task::EndReveal, request.until);
		Ok(weight.saturating_add(Self::conclude(id, request)))
	}

	/// Returns what it weighed.
	pub(crate) fn reveals_due(id: RequestId) -> Weight {
		let Some(mut request) = Self::due(id, Phase::Reveal) else {
			return T::WeightInfo::end();
		};
		let missed = Self::blamed(&request, Absence::NoReveal);
		for seat in request
			.committee
			.iter_mut()
			.filter(|seat| seat.owes_reveal())
		{
			seat.absence = Some(missed);
		}
		Self::conclude(id, request)
	}

	/// What those are told that missed the present phase.
	fn blamed(request: &Request<T>, missed: Absence) -> Absence {
		let excused = ExcusedAt::<T>::get().is_some_and(|at| at >= request.since);
		if excused {
			Absence::Excused
		} else {
			missed
		}
	}

	/// Ends a request that has nothing on the agenda, if there is an agreement that needs no second look, or
	/// if no more agents can be asked; else has its committee widened. Returns what it weighed.
	///
	/// A second look is due where an input is missing that some could fetch, and before somebody is held to
	/// be wrong.
	fn conclude(id: RequestId, mut request: Request<T>) -> Weight {
		let verdict = Self::verdict(id, &request);
		let settled = verdict.is_agreed()
			&& !verdict.is_withheld(&request.committee)
			&& !verdict.accuses(&request.committee, request.class, T::SlashQuorum::get());
		if settled || request.widened || !Self::has_room(&request) {
			return Self::end(id, request, verdict);
		}
		request.widened = true;
		Self::enter(id, &mut request, Phase::Draw);
		Self::deposit_event(Event::Widened {
			request: id,
			draw_at: request.until,
		});
		Requests::<T>::insert(id, request);
		T::WeightInfo::end()
	}

	/// Whether more agents can be drawn for a request.
	pub(crate) fn has_room(request: &Request<T>) -> bool {
		request.committee.len() < usize::try_from(T::MaxCommittee::get()).unwrap_or(0)
	}

	/// Returns what it weighed.
	fn end_undrawn(id: RequestId, request: Request<T>) -> Weight {
		let refunded = Self::refund(&request);
		Self::deposit_event(Event::NotDrawn {
			request: id,
			payer: request.payer.clone(),
			refunded,
		});
		Self::decide(id, &request.payer, None, None);
		let ruling = Self::rule(id, request.class, None);
		let told = Self::close(id, request, Ending::NoOperator, H256::zero());
		T::WeightInfo::end()
			.saturating_add(ruling)
			.saturating_add(told)
	}
}
