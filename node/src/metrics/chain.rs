//! Counts what the chain's events say: of all operators, and apart from that of this node's agents.

use super::{
	notice::{self, Notice, Progress},
	open, Made, Maker,
};
use openledger_primitives::{traits::Offence, RequestId};
use openledger_runtime::{AccountId, BlockNumber, Runtime, RuntimeEvent};
use pallet_agents::Event as AgentsEvent;
use pallet_attribution::{Event as AttributionEvent, Role};
use pallet_channels::Event as ChannelsEvent;
use pallet_inference::Event as InferenceEvent;
use std::collections::{BTreeSet, HashMap};
use substrate_prometheus_endpoint::{
	prometheus::core::Atomic, Counter, CounterVec, HistogramVec, Registry, F64, U64,
};

/// Upper bounds of the buckets of latencies, in blocks.
const BLOCKS: [f64; 9] = [1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0];

const OFFENCES: [&str; 5] = [
	"no_commit",
	"no_reveal",
	"wrong_result",
	"false_attribution",
	"equivocation",
];
const ENDINGS: [&str; 6] = [
	"answered",
	"failed",
	"not_drawn",
	"unanswered",
	"disputed",
	"cancelled",
];

fn name_of(offence: Offence) -> &'static str {
	match offence {
		Offence::NoCommit => "no_commit",
		Offence::NoReveal => "no_reveal",
		Offence::WrongResult => "wrong_result",
		Offence::FalseAttribution => "false_attribution",
		Offence::Equivocation => "equivocation",
	}
}

/// A counter of all agents (`openledger_chain_<name>`), and one for each of this node's
/// (`openledger_agent_<name>`).
struct Pair<P: Atomic> {
	all: CounterVec<P>,
	own: CounterVec<P>,
	/// The values of its only further label; none if it has none.
	values: &'static [&'static str],
}

impl<P: Atomic + 'static> Pair<P> {
	fn new(
		maker: &Maker<'_>,
		name: &str,
		help: &str,
		label: Option<(&'static str, &'static [&'static str])>,
	) -> Made<Self> {
		let (labels, values) = match label {
			Some((label, values)) => (vec![label], values),
			None => (Vec::new(), [].as_slice()),
		};
		let of_agent = [vec!["agent"], labels.clone()].concat();
		let all = maker.counters(
			&format!("openledger_chain_{name}"),
			&format!("{help}, by all agents"),
			&labels,
		)?;
		let own = maker.counters(
			&format!("openledger_agent_{name}"),
			&format!("{help}, by an agent whose key this node holds"),
			&of_agent,
		)?;
		let pair = Self { all, own, values };
		pair.each(|label| drop(pair.all.with_label_values(label)));
		Ok(pair)
	}

	fn each(&self, mut with: impl FnMut(&[&'static str])) {
		if self.values.is_empty() {
			with(&[]);
		}
		self.values.iter().for_each(|value| with(&[value]));
	}

	/// Shows an agent's with zero: monitors see an increase only of what they have seen before.
	fn begin(&self, agent: &str) {
		self.each(|label| drop(self.own.with_label_values(&[&[agent], label].concat())));
	}

	fn add(&self, who: &Who, label: &[&str], amount: P::T) {
		self.all.with_label_values(label).inc_by(amount);
		if who.is_own {
			let labels = [&[who.name.as_str()], label].concat();
			self.own.with_label_values(&labels).inc_by(amount);
		}
	}
}

/// An agent, and whether its key is here.
struct Who {
	name: String,
	is_own: bool,
}

/// An agent's seat in the committee of an open request.
struct Seat {
	drawn: BlockNumber,
	progress: Progress,
}

/// Counts events.
pub struct ChainMetrics {
	requests: Counter<U64>,
	endings: CounterVec<U64>,
	widened: Counter<U64>,
	seats: Pair<U64>,
	commits: Pair<U64>,
	reveals: Pair<U64>,
	missed: Pair<U64>,
	offences: Pair<U64>,
	slashes: Pair<U64>,
	slashed: Pair<F64>,
	earned: Pair<F64>,
	commit_latency: [HistogramVec; 2],
	reveal_latency: [HistogramVec; 2],
	/// The committees of open requests, as far as their draw was seen.
	open: HashMap<RequestId, HashMap<AccountId, Seat>>,
	/// This node's agents that were seen.
	begun: BTreeSet<AccountId>,
}

impl ChainMetrics {
	/// Creates the metrics and registers them if there is a registry.
	pub fn new(registry: Option<&Registry>) -> Made<Self> {
		let maker = Maker(registry);
		let latency = |what: &str, help: &str| -> Made<[HistogramVec; 2]> {
			Ok([
				maker.histograms(
					&format!("openledger_chain_{what}_latency_blocks"),
					&format!("{help}, by all agents"),
					&[],
					&BLOCKS,
				)?,
				maker.histograms(
					&format!("openledger_agent_{what}_latency_blocks"),
					&format!("{help}, by an agent whose key this node holds"),
					&["agent"],
					&BLOCKS,
				)?,
			])
		};
		let endings: CounterVec<U64> = maker.counters(
			"openledger_chain_requests_ended_total",
			"Requests that ended, by how",
			&["ending"],
		)?;
		for ending in ENDINGS {
			endings.with_label_values(&[ending]);
		}
		Ok(Self {
			requests: maker.counter("openledger_chain_requests_total", "Requests made")?,
			endings,
			widened: maker.counter(
				"openledger_chain_requests_widened_total",
				"Requests for which more agents than the first committee were to be asked",
			)?,
			seats: Pair::new(&maker, "seats_drawn_total", "Seats in committees", None)?,
			commits: Pair::new(&maker, "commits_total", "Commits included", None)?,
			reveals: Pair::new(&maker, "reveals_total", "Reveals included", None)?,
			missed: Pair::new(
				&maker,
				"missed_total",
				"Commits and reveals missed and blamed for",
				Some(("what", &["commit", "reveal"])),
			)?,
			offences: Pair::new(
				&maker,
				"offences_total",
				"Offences reported",
				Some(("offence", &OFFENCES)),
			)?,
			slashes: Pair::new(
				&maker,
				"slashes_total",
				"Slashes, by what became of them",
				Some(("state", &["deferred", "cancelled", "applied"])),
			)?,
			slashed: Pair::new(
				&maker,
				"slashed_open_total",
				"OPEN lost to slashes",
				Some(("whose", &["own", "delegated"])),
			)?,
			earned: Pair::new(
				&maker,
				"earned_open_total",
				"OPEN earned with answers",
				Some(("whose", &["own", "delegated"])),
			)?,
			commit_latency: latency("commit", "Blocks from the draw to the commit")?,
			reveal_latency: latency("reveal", "Blocks from the draw to the reveal")?,
			open: HashMap::new(),
			begun: BTreeSet::new(),
		})
	}

	/// Counts the events of a block. Returns what the operator is to be told about `own`, the agents
	/// whose keys this node holds.
	pub fn count(
		&mut self,
		number: BlockNumber,
		events: &[RuntimeEvent],
		own: &BTreeSet<AccountId>,
	) -> Vec<Notice> {
		for agent in own {
			if self.begun.insert(agent.clone()) {
				self.begin(&agent.to_string());
			}
		}
		events
			.iter()
			.filter_map(|event| match event {
				RuntimeEvent::Inference(event) => self.inference(number, event, own),
				RuntimeEvent::Channels(event) => self.channels(event, own),
				RuntimeEvent::Agents(event) => self.agents(event, own),
				RuntimeEvent::Attribution(event) => {
					self.attribution(event, own);
					None
				}
				_ => None,
			})
			.collect()
	}

	fn begin(&self, agent: &str) {
		let plain = [
			&self.seats,
			&self.commits,
			&self.reveals,
			&self.missed,
			&self.offences,
			&self.slashes,
		];
		plain.iter().for_each(|pair| pair.begin(agent));
		[&self.slashed, &self.earned]
			.iter()
			.for_each(|pair| pair.begin(agent));
		for [_, own] in [&self.commit_latency, &self.reveal_latency] {
			own.with_label_values(&[agent]);
		}
	}

	fn inference(
		&mut self,
		number: BlockNumber,
		event: &InferenceEvent<Runtime>,
		own: &BTreeSet<AccountId>,
	) -> Option<Notice> {
		match event {
			InferenceEvent::Requested { .. } => self.requests.inc(),
			InferenceEvent::Widened { .. } => self.widened.inc(),
			InferenceEvent::Drawn {
				request, committee, ..
			} => {
				let seats = self.open.entry(*request).or_default();
				for agent in committee {
					let seat = Seat {
						drawn: number,
						progress: Progress::default(),
					};
					seats.insert(agent.clone(), seat);
					self.seats.add(&who(agent, own), &[], 1);
				}
			}
			InferenceEvent::Committed { request, agent, .. } => {
				let who = who(agent, own);
				self.commits.add(&who, &[], 1);
				if let Some(seat) = self.seat(*request, agent) {
					seat.progress.committed = true;
					let drawn = seat.drawn;
					observe(&self.commit_latency, &who, number, drawn);
				}
			}
			InferenceEvent::Revealed { request, agent, .. } => {
				let who = who(agent, own);
				self.reveals.add(&who, &[], 1);
				if let Some(seat) = self.seat(*request, agent) {
					seat.progress.revealed = true;
					let drawn = seat.drawn;
					observe(&self.reveal_latency, &who, number, drawn);
				}
			}
			InferenceEvent::Offended {
				request,
				agent,
				offence,
				..
			} => {
				let who = who(agent, own);
				let progress = self.seat(*request, agent).map(|seat| seat.progress);
				let progress = progress.unwrap_or_default();
				self.offences.add(&who, &[name_of(*offence)], 1);
				match offence {
					Offence::NoCommit if !progress.committed => {
						self.missed.add(&who, &["commit"], 1)
					}
					Offence::NoReveal => self.missed.add(&who, &["reveal"], 1),
					_ => {}
				}
				return who
					.is_own
					.then(|| notice::offended(agent, *request, *offence, progress));
			}
			InferenceEvent::Answered { request, .. } => self.ended(request, "answered"),
			InferenceEvent::RunFailed { request, .. } => self.ended(request, "failed"),
			InferenceEvent::NotDrawn { request, .. } => self.ended(request, "not_drawn"),
			InferenceEvent::Unanswered { request, .. } => self.ended(request, "unanswered"),
			InferenceEvent::Disputed { request, .. } => self.ended(request, "disputed"),
			InferenceEvent::Cancelled { request, .. } => self.ended(request, "cancelled"),
			_ => {}
		}
		None
	}

	fn channels(
		&self,
		event: &ChannelsEvent<Runtime>,
		own: &BTreeSet<AccountId>,
	) -> Option<Notice> {
		let ChannelsEvent::Offended {
			channel,
			agent,
			offence,
			..
		} = event
		else {
			return None;
		};
		let who = who(agent, own);
		self.offences.add(&who, &[name_of(*offence)], 1);
		who.is_own
			.then(|| notice::offended_in_channel(agent, *channel, *offence))
	}

	fn agents(&self, event: &AgentsEvent<Runtime>, own: &BTreeSet<AccountId>) -> Option<Notice> {
		let (who, notice) = match event {
			AgentsEvent::SlashDeferred {
				id,
				agent,
				offence,
				part,
				base,
				due,
			} => {
				let who = who(agent, own);
				self.slashes.add(&who, &["deferred"], 1);
				(
					who,
					notice::slash_deferred(agent, *id, *offence, *part, *base, *due),
				)
			}
			AgentsEvent::SlashCancelled { id, agent } => {
				let who = who(agent, own);
				self.slashes.add(&who, &["cancelled"], 1);
				(who, notice::slash_cancelled(agent, *id))
			}
			AgentsEvent::Slashed {
				id,
				agent,
				offence,
				own: lost,
				delegated,
				..
			} => {
				let who = who(agent, own);
				self.slashes.add(&who, &["applied"], 1);
				self.slashed.add(&who, &["own"], open(*lost));
				self.slashed.add(&who, &["delegated"], open(*delegated));
				(
					who,
					notice::slashed(agent, *id, *offence, *lost, *delegated),
				)
			}
			AgentsEvent::Paused { agent, cause } => {
				(who(agent, own), notice::paused(agent, *cause))
			}
			AgentsEvent::Suspended { agent } => (who(agent, own), notice::suspended(agent)),
			AgentsEvent::Resumed { agent } => (
				who(agent, own),
				Notice::info(format!("Agent {agent} gets requests again")),
			),
			_ => return None,
		};
		who.is_own.then_some(notice)
	}

	fn attribution(&self, event: &AttributionEvent<Runtime>, own: &BTreeSet<AccountId>) {
		match event {
			AttributionEvent::Credited {
				who: agent,
				role: Role::Operator,
				amount,
				..
			} => self.earned.add(&who(agent, own), &["own"], open(*amount)),
			AttributionEvent::Delegated { agent, amount, .. } => {
				self.earned
					.add(&who(agent, own), &["delegated"], open(*amount))
			}
			_ => {}
		}
	}

	fn seat(&mut self, request: RequestId, agent: &AccountId) -> Option<&mut Seat> {
		self.open.get_mut(&request)?.get_mut(agent)
	}

	fn ended(&mut self, request: &RequestId, ending: &str) {
		self.endings.with_label_values(&[ending]).inc();
		self.open.remove(request);
	}
}

fn who(account: &AccountId, own: &BTreeSet<AccountId>) -> Who {
	Who {
		name: account.to_string(),
		is_own: own.contains(account),
	}
}

fn observe([all, own]: &[HistogramVec; 2], who: &Who, now: BlockNumber, drawn: BlockNumber) {
	let blocks = f64::from(now.saturating_sub(drawn));
	all.with_label_values(&[]).observe(blocks);
	if who.is_own {
		own.with_label_values(&[&who.name]).observe(blocks);
	}
}
