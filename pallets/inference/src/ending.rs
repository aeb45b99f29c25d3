//! The end of a request: what was agreed on, who is paid, who is blamed.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{traits::Get, weights::Weight, BoundedVec};
use openledger_primitives::{
	model::{ModelClass, Policy},
	traits::{AgentPool, Closing, ModelRegistry, Offence, OnEnd, Payers, Performance},
	Answer, Entry, Failure, Outcome, RequestId,
};
use sp_core::H256;
use sp_runtime::traits::Saturating;

use crate::{
	tally::{is_majority, is_same_result, largest, median, Agreement},
	types::{Absence, Ending, Request, Seat},
	Assignments, Config, Event, OpenRequests, Outcomes, Pallet, Requests, WeightInfo,
};

/// What a request's committee has come to so far.
pub(crate) struct Verdict {
	/// What was revealed, by its hash.
	outcomes: BTreeMap<H256, Outcome>,
	/// By what they are compared; `None` if the model's version is gone.
	pub(crate) policy: Option<Policy>,
	/// The largest set of outcomes that agree, if there are any.
	largest: Option<Agreement>,
	/// How many seats count: all but those of newcomers that were not heard. Else whoever differs from its
	/// committee, and has friends among the newcomers, could prevent an agreement by their silence.
	pub(crate) seats: usize,
	/// Whether a newcomer is of the largest set, or nobody else was there to be asked.
	confirmed: bool,
}

impl Verdict {
	/// How many agree at most.
	pub(crate) fn members(&self) -> usize {
		self.largest
			.as_ref()
			.map_or(0, |agreement| agreement.members)
	}

	pub(crate) fn is_agreed(&self) -> bool {
		is_majority(self.members(), self.seats)
	}

	/// What the majority agrees on, and its hash.
	pub(crate) fn agreed(&self) -> Option<(&Agreement, &Outcome)> {
		let agreement = self
			.largest
			.as_ref()
			.filter(|agreement| is_majority(agreement.members, self.seats))?;
		Some((agreement, self.outcomes.get(&agreement.leader)?))
	}

	/// Whether some could fetch the input that the majority could not: then its payer, who serves it, has
	/// their answers.
	pub(crate) fn is_withheld<AccountId>(&self, committee: &[Seat<AccountId>]) -> bool {
		let agreed = self.agreed().map(|(_, outcome)| outcome);
		let mut said = committee
			.iter()
			.filter_map(|seat| self.outcomes.get(&seat.vote()?));
		agreed == Some(&Outcome::Failed(Failure::InputUnavailable))
			&& said.any(|outcome| matches!(outcome, Outcome::Answered(_)))
	}

	/// Whether somebody is to be reported for what it revealed.
	pub(crate) fn accuses<AccountId>(
		&self,
		committee: &[Seat<AccountId>],
		class: ModelClass,
		quorum: u32,
	) -> bool {
		committee.iter().any(|seat| {
			let (performance, offence) = self.judge(seat, class, quorum);
			performance == Performance::Disagreed && offence.is_some()
		})
	}

	/// How the agent of a seat did, and what it is to be reported for.
	fn judge<AccountId>(
		&self,
		seat: &Seat<AccountId>,
		class: ModelClass,
		quorum: u32,
	) -> (Performance, Option<Offence>) {
		if seat.equivocated {
			return (Performance::Disagreed, None);
		}
		match seat.absence {
			Some(Absence::NoCommit) => return (Performance::Absent, Some(Offence::NoCommit)),
			Some(Absence::NoReveal) => return (Performance::Absent, Some(Offence::NoReveal)),
			Some(Absence::Excused) => return (Performance::Released, None),
			None => {}
		}
		let (Some(said), Some((agreement, right))) = (seat.revealed, self.agreed()) else {
			return (Performance::Released, None);
		};
		if agreement.includes(&said) {
			return (merit(right, seat), None);
		}
		match (right, self.outcomes.get(&said)) {
			// Whoever serves the input chooses who gets it.
			(Outcome::Answered(_), Some(Outcome::Failed(Failure::InputUnavailable))) => {
				(Performance::Released, None)
			}
			(Outcome::Answered(_), Some(Outcome::Failed(_))) => {
				(Performance::Absent, Some(Offence::NoCommit))
			}
			(Outcome::Answered(right), Some(Outcome::Answered(said))) => {
				let enough = self.confirmed
					&& u32::try_from(agreement.members).is_ok_and(|members| members >= quorum);
				let offence = self.offence(class, right, said);
				(Performance::Disagreed, enough.then_some(offence))
			}
			_ => (Performance::Released, None),
		}
	}

	/// What it is to reveal another answer than the right one. In a search the citations are the result.
	pub(crate) fn offence(&self, class: ModelClass, right: &Answer, said: &Answer) -> Offence {
		let same = self
			.policy
			.is_some_and(|policy| is_same_result(&policy, right, said));
		match class {
			ModelClass::Generate if same => Offence::FalseAttribution,
			_ => Offence::WrongResult,
		}
	}
}

/// There is merit in an agreement on an answer, or on what all can know from the question and the model's
/// files; none in agreeing that one's machine could not do it.
fn merit<AccountId>(agreed: &Outcome, seat: &Seat<AccountId>) -> Performance {
	match agreed {
		Outcome::Answered(_) | Outcome::Failed(Failure::BadInput | Failure::BadModel) => {
			Performance::Agreed {
				lateness: seat.lateness,
			}
		}
		Outcome::Failed(_) => Performance::Released,
	}
}

impl<T: Config> Pallet<T> {
	/// What a request's committee has come to so far.
	pub(crate) fn verdict(id: RequestId, request: &Request<T>) -> Verdict {
		let policy = T::Models::spec(request.model, request.version).map(|spec| spec.policy);
		let outcomes = request
			.committee
			.iter()
			.filter_map(|seat| seat.revealed)
			.filter_map(|hash| Some((hash, Outcomes::<T>::get(id, hash)?)))
			.collect::<BTreeMap<_, _>>();
		let votes = request
			.committee
			.iter()
			.filter_map(|seat| seat.vote())
			.filter_map(|hash| Some((hash, outcomes.get(&hash)?)))
			.collect::<Vec<_>>();
		let largest = policy.and_then(|policy| largest(&policy, &votes));
		let newcomers = || request.committee.iter().filter(|seat| seat.newcomer);
		let unheard = newcomers().filter(|seat| seat.absence.is_some()).count();
		let agrees = |seat: &Seat<T::AccountId>| {
			let said = largest.as_ref().zip(seat.vote());
			said.is_some_and(|(largest, said)| largest.includes(&said))
		};
		Verdict {
			policy,
			seats: request.committee.len().saturating_sub(unheard),
			confirmed: newcomers().next().is_none() || newcomers().any(agrees),
			largest,
			outcomes,
		}
	}

	/// Ends a request that has nothing on the agenda: settles or refunds, releases and reports the
	/// agents, leaves a receipt. Returns what it weighed.
	pub(crate) fn end(id: RequestId, mut request: Request<T>, verdict: Verdict) -> Weight {
		let mut weight = T::WeightInfo::end();
		for seat in &request.committee {
			let (performance, offence) = verdict.judge(seat, request.class, T::SlashQuorum::get());
			if let Some(offence) = offence {
				Self::offend(id, &seat.agent, offence, None);
			}
			Assignments::<T>::remove(&seat.agent, id);
			T::Agents::release(&seat.agent, performance);
			if let Some(hash) = seat.revealed {
				Outcomes::<T>::remove(id, hash);
			}
		}
		if let Some((agreement, _)) = verdict.agreed() {
			for seat in &mut request.committee {
				seat.agreed = seat.vote().is_some_and(|vote| agreement.includes(&vote));
			}
		}
		let ending = match verdict.agreed() {
			Some((agreement, Outcome::Answered(answer))) => {
				weight.saturating_accrue(Self::pay(id, &request, &verdict, agreement));
				Ending::Answered(answer.clone())
			}
			Some((_, Outcome::Failed(failure))) => {
				let refunded =
					if verdict.is_withheld(&request.committee) && Self::asked_all(&request) {
						let forfeited = Self::forfeit(&request);
						Self::deposit_event(Event::Forfeited {
							request: id,
							payer: request.payer.clone(),
							forfeited,
						});
						0
					} else {
						Self::refund(&request)
					};
				Self::deposit_event(Event::RunFailed {
					request: id,
					payer: request.payer.clone(),
					failure: *failure,
					refunded,
				});
				Ending::Failed(*failure)
			}
			None => {
				let refunded = Self::refund(&request);
				let payer = request.payer.clone();
				// They differ if those that agree are not all that were heard.
				let heard = request.committee.iter().filter_map(|seat| seat.vote());
				if heard.count() > verdict.members() {
					Self::deposit_event(Event::Disputed {
						request: id,
						payer,
						refunded,
					});
					Ending::Disputed
				} else {
					Self::deposit_event(Event::Unanswered {
						request: id,
						payer,
						refunded,
					});
					Ending::Unanswered
				}
			}
		};
		let agreed = verdict
			.agreed()
			.map(|(agreement, outcome)| (outcome, agreement.members));
		Self::decide(id, &request.payer, verdict.policy, agreed);
		weight.saturating_accrue(Self::rule(id, request.class, Some(&verdict)));
		let outcome = verdict
			.agreed()
			.map_or(H256::zero(), |(agreement, _)| agreement.leader);
		weight.saturating_add(Self::close(id, request, ending, outcome))
	}

	/// Whether others were asked after the first committee, or there was no room for any.
	fn asked_all(request: &Request<T>) -> bool {
		request.committee.iter().any(|seat| seat.newcomer) || !Self::has_room(request)
	}

	/// Divides the fee among all who made the agreed answer possible. Returns what that weighed.
	fn pay(
		id: RequestId,
		request: &Request<T>,
		verdict: &Verdict,
		agreement: &Agreement,
	) -> Weight {
		let agreed = || request.committee.iter().filter(|seat| seat.agreed);
		let attributions = agreed()
			.filter_map(|seat| match verdict.outcomes.get(&seat.revealed?)? {
				Outcome::Answered(answer) => Some(&answer.attribution[..]),
				Outcome::Failed(_) => None,
			})
			.collect::<Vec<&[Entry]>>();
		let operators = agreed().map(|seat| seat.agent.clone()).collect::<Vec<_>>();
		let weight = Self::settle(id, request, &operators, &median(&attributions));
		Self::deposit_event(Event::Answered {
			request: id,
			payer: request.payer.clone(),
			model: request.model,
			version: request.version,
			fee: request.fee,
			outcome: agreement.leader,
			operators: BoundedVec::truncate_from(operators),
		});
		weight
	}

	/// Reports an agent.
	pub(crate) fn offend(
		id: RequestId,
		agent: &T::AccountId,
		offence: Offence,
		reporter: Option<&T::AccountId>,
	) {
		T::Agents::offend(agent, offence, reporter);
		Self::deposit_event(Event::Offended {
			request: id,
			agent: agent.clone(),
			offence,
			reporter: reporter.cloned(),
		});
	}

	/// Turns a request whose money has gone its way into a receipt, and tells who waits for it. `outcome` is
	/// the hash of what was agreed on, zero if nothing was. Returns what it weighed to tell.
	pub(crate) fn close(
		id: RequestId,
		request: Request<T>,
		ending: Ending,
		outcome: H256,
	) -> Weight {
		Requests::<T>::remove(id);
		OpenRequests::<T>::mutate(|open| open.saturating_dec());
		let closing = Closing::from(&ending);
		Self::leave_receipt(id, request, ending);
		T::OnEnd::ended(id, closing, outcome);
		T::OnEnd::weight()
	}
}

impl From<&Ending> for Closing {
	fn from(ending: &Ending) -> Self {
		match ending {
			Ending::Answered(_) => Self::Answered,
			Ending::Failed(_) => Self::Failed,
			Ending::NoOperator => Self::NoOperator,
			Ending::Unanswered => Self::Unanswered,
			Ending::Disputed => Self::Disputed,
		}
	}
}

impl<T: Config> Payers<T::AccountId> for Pallet<T> {
	fn payer(request: RequestId) -> Option<T::AccountId> {
		Requests::<T>::get(request).map(|request| request.payer)
	}
}
