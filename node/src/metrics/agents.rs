//! The agents whose operator keys this node holds: how the chain has them, and what is wrong about how
//! this node serves them.

use super::{
	notice::Notice,
	open,
	state::{read, StateAt, Unreadable},
	Made, Maker,
};
use openledger_primitives::{
	model::{ArtifactKind, ModelClass},
	protocol::{OperatorKey, OPERATOR_KEY_TYPE},
	ModelId,
};
use openledger_runtime::{AccountId, BlockNumber, Runtime};
use pallet_agents::{Agent, Agents, KeyOwner, Keys, Status};
use pallet_inference::Market;
use pallet_models::{Model, Models, Version, Versions};
use sp_keystore::KeystorePtr;
use std::{
	collections::{BTreeMap, BTreeSet},
	path::PathBuf,
};
use substrate_prometheus_endpoint::{Gauge, GaugeVec, Registry, F64, U64};

/// How many blocks lie between looks at the models' files.
const FILES_BLOCKS: BlockNumber = 15;

const STATUSES: [&str; 4] = ["active", "paused", "suspended", "unbonding"];

/// What this node is as an operator.
pub struct Operator {
	/// Where its keys are.
	pub keystore: KeystorePtr,
	/// Whether it has an inference service.
	pub serves: bool,
	/// The folder of models, if the service is the node's own.
	pub models: Option<PathBuf>,
}

/// An agent of this node.
type Own = BTreeMap<AccountId, Agent<Runtime>>;

/// Looks at the agents.
pub(super) struct AgentMetrics {
	operator: Operator,
	active: Gauge<U64>,
	requests: Gauge<U64>,
	base_price: GaugeVec<F64>,
	open: GaugeVec<U64>,
	bond: GaugeVec<F64>,
	delegated: GaugeVec<F64>,
	score: GaugeVec<F64>,
	status: GaugeVec<U64>,
	pending: GaugeVec<U64>,
	record: GaugeVec<U64>,
	/// Those that are shown.
	shown: BTreeSet<AccountId>,
	/// What is wrong about files, as of the last look.
	files: Vec<Notice>,
	files_at: Option<BlockNumber>,
	/// What the operator was told and still holds.
	told: Vec<Notice>,
}

impl AgentMetrics {
	pub(super) fn new(operator: Operator, registry: Option<&Registry>) -> Made<Self> {
		let maker = Maker(registry);
		let of_agent = ["agent"];
		Ok(Self {
			operator,
			active: maker.gauge("openledger_chain_active_agents", "Agents that can be drawn")?,
			requests: maker.gauge("openledger_chain_open_requests", "Requests that are open")?,
			base_price: maker.gauges(
				"openledger_chain_base_price_open",
				"Price of a unit of compute in OPEN, beside what the model asks",
				&["class"],
			)?,
			open: maker.gauges(
				"openledger_agent_open_assignments",
				"Open requests that the agent has a seat in",
				&of_agent,
			)?,
			bond: maker.gauges(
				"openledger_agent_bond_open",
				"Its own bond in OPEN",
				&of_agent,
			)?,
			delegated: maker.gauges(
				"openledger_agent_delegated_open",
				"What is delegated to it in OPEN",
				&of_agent,
			)?,
			score: maker.gauges(
				"openledger_agent_score",
				"How well it does, 0 to 1",
				&of_agent,
			)?,
			status: maker.gauges(
				"openledger_agent_status",
				"1 for the status that it has",
				&["agent", "status"],
			)?,
			pending: maker.gauges(
				"openledger_agent_pending_slashes",
				"Slashes that wait to be applied",
				&of_agent,
			)?,
			record: maker.gauges(
				"openledger_agent_assignments_ended",
				"Assignments that ended since it registered, by how, as the chain has it",
				&["agent", "how"],
			)?,
			shown: BTreeSet::new(),
			files: Vec::new(),
			files_at: None,
			told: Vec::new(),
		})
	}

	/// Shows how things stand at a block. Returns this node's agents, and what the operator has not been
	/// told yet.
	pub(super) fn look(
		&mut self,
		number: BlockNumber,
		state: &dyn StateAt,
	) -> Result<(BTreeSet<AccountId>, Vec<Notice>), Unreadable> {
		let mut standing = Vec::new();
		let own = self.own(state, &mut standing)?;
		self.show_chain(state)?;
		self.show(&own);
		for (id, agent) in &own {
			self.judge(id, agent, &mut standing);
		}
		if self
			.files_at
			.is_none_or(|then| number.saturating_sub(then) >= FILES_BLOCKS)
		{
			self.files = self.missing_files(state, &own)?;
			self.files_at = Some(number);
		}
		standing.extend(self.files.iter().cloned());
		let news = standing
			.iter()
			.filter(|notice| !self.told.contains(notice))
			.cloned()
			.collect();
		self.told = standing;
		Ok((own.into_keys().collect(), news))
	}

	/// The agents of the keys in the keystore.
	fn own(&self, state: &dyn StateAt, notices: &mut Vec<Notice>) -> Result<Own, Unreadable> {
		let keys = self
			.operator
			.keystore
			.sr25519_public_keys(OPERATOR_KEY_TYPE);
		let mut own = Own::new();
		for key in &keys {
			let owner: Option<KeyOwner<AccountId, BlockNumber>> = read(
				state,
				Keys::<Runtime>::hashed_key_for(key),
				"an agent's key",
			)?;
			let Some(owner) = owner else {
				// A development account's key is there without anybody having asked for it.
				if self.operator.serves {
					notices.push(foreign_key(key));
				}
				continue;
			};
			let id = owner.agent;
			let agent: Option<Agent<Runtime>> =
				read(state, Agents::<Runtime>::hashed_key_for(&id), "an agent")?;
			let Some(agent) = agent else { continue };
			if !keys.contains(&agent.operator_key) {
				notices.push(Notice::warn(format!(
					"This node holds a former operator key of agent {id} and not the present one, 0x{}: \
					 it cannot answer what the agent is drawn for from now on. Insert that key with \
					 `key insert --key-type oper --scheme sr25519`",
					hex::encode(agent.operator_key)
				)));
			}
			own.insert(id, agent);
		}
		Ok(own)
	}

	fn show_chain(&self, state: &dyn StateAt) -> Result<(), Unreadable> {
		let key = pallet_agents::ActiveAgents::<Runtime>::hashed_key();
		let active: Option<u32> = read(state, key, "the number of agents")?;
		self.active.set(active.unwrap_or_default().into());
		let key = pallet_inference::OpenRequests::<Runtime>::hashed_key();
		let requests: Option<u32> = read(state, key, "the number of requests")?;
		self.requests.set(requests.unwrap_or_default().into());
		let key = pallet_inference::Markets::<Runtime>::hashed_key();
		let markets: Option<[Market; ModelClass::ALL.len()]> = read(state, key, "a market")?;
		for (class, market) in ModelClass::ALL.into_iter().zip(markets.unwrap_or_default()) {
			let class = match class {
				ModelClass::Search => "search",
				ModelClass::Generate => "generate",
			};
			self.base_price
				.with_label_values(&[class])
				.set(open(market.base_price));
		}
		Ok(())
	}

	fn show(&mut self, own: &Own) {
		for gone in self.shown.iter().filter(|id| !own.contains_key(id)) {
			let name = gone.to_string();
			for gauges in [&self.open, &self.pending] {
				let _ = gauges.remove_label_values(&[&name]);
			}
			for gauges in [&self.bond, &self.delegated, &self.score] {
				let _ = gauges.remove_label_values(&[&name]);
			}
			for status in STATUSES {
				let _ = self.status.remove_label_values(&[&name, status]);
			}
			for how in ["agreed", "disagreed", "absent", "released"] {
				let _ = self.record.remove_label_values(&[&name, how]);
			}
		}
		for (id, agent) in own {
			let name = id.to_string();
			self.open.with_label_values(&[&name]).set(agent.open.into());
			self.pending
				.with_label_values(&[&name])
				.set(agent.pending.into());
			self.bond.with_label_values(&[&name]).set(open(agent.bond));
			self.delegated
				.with_label_values(&[&name])
				.set(open(agent.delegated.balance));
			self.score
				.with_label_values(&[&name])
				.set(f64::from(agent.score.deconstruct()) / 1e6);
			for status in STATUSES {
				self.status
					.with_label_values(&[&name, status])
					.set((status == status_of(agent)).into());
			}
			let record = agent.record;
			for (how, count) in [
				("agreed", record.agreed),
				("disagreed", record.disagreed),
				("absent", record.absent),
				("released", record.released),
			] {
				self.record.with_label_values(&[&name, how]).set(count);
			}
		}
		self.shown = own.keys().cloned().collect();
	}

	/// Whether this node can do what the agent is drawn for.
	fn judge(&self, id: &AccountId, agent: &Agent<Runtime>, notices: &mut Vec<Notice>) {
		notices.push(Notice::info(format!(
			"This node signs for agent {id}, which is {} and serves {}",
			status_of(agent),
			match agent.models.as_slice() {
				[] => "no models: tell which with agents.setModels".to_owned(),
				models => format!("the models {models:?}"),
			}
		)));
		if agent.status == Status::Active && !self.operator.serves {
			notices.push(Notice::warn(format!(
				"Agent {id} is drawn for requests and this node has no inference service: each will \
				 cost it. Start the node with --inference-models or --inference-url, or send \
				 agents.pause"
			)));
		}
		let least = <Runtime as pallet_agents::Config>::MinBond::get();
		if agent.status == Status::Paused && agent.bond < least {
			notices.push(Notice::warn(format!(
				"Agent {id} is paused and has a bond of {} OPEN, less than the minimum of {}: top up \
				 with agents.bondMore{}, then agents.resume",
				open(agent.bond),
				open(least),
				if agent.pending > 0 {
					" when no slash is pending"
				} else {
					""
				},
			)));
		}
	}

	/// The files that the agents' models need and the folder of models does not have.
	fn missing_files(&self, state: &dyn StateAt, own: &Own) -> Result<Vec<Notice>, Unreadable> {
		let Some(folder) = &self.operator.models else {
			return Ok(Vec::new());
		};
		let mut missing = Vec::new();
		for (id, agent) in own
			.iter()
			.filter(|(_, agent)| agent.status == Status::Active)
		{
			for model in &agent.models {
				for (kind, hash) in files(state, *model)? {
					if !folder.join(&hash).is_file() {
						missing.push(Notice::warn(format!(
							"Agent {id} serves model {model}, and {} {hash} is not in {}: requests \
							 for it will fail. Put the file there, or leave the model out with \
							 agents.setModels",
							match kind {
								ArtifactKind::Graph => "its graph",
								ArtifactKind::Weights => "its file of weights",
								ArtifactKind::Tokenizer => "its tokenizer",
								ArtifactKind::Generation => "its file of settings",
								ArtifactKind::Adapter => "its adapter",
								ArtifactKind::Retriever => "its graph that embeds",
								ArtifactKind::RetrieverTokenizer => "its tokenizer for that",
							},
							folder.display(),
						)));
					}
				}
			}
		}
		Ok(missing)
	}
}

/// The files that a model's current version runs with, by their names. Its adapter is merged into them already.
fn files(state: &dyn StateAt, model: ModelId) -> Result<Vec<(ArtifactKind, String)>, Unreadable> {
	let key = Models::<Runtime>::hashed_key_for(model);
	let found: Option<Model<AccountId, BlockNumber>> = read(state, key, "a model")?;
	let Some(found) = found else {
		return Ok(Vec::new());
	};
	let key = Versions::<Runtime>::hashed_key_for(model, found.current_version);
	let version: Option<Version<BlockNumber>> = read(state, key, "a model's version")?;
	Ok(version.map_or_else(Vec::new, |version| {
		let artifacts = version.spec.artifacts.iter();
		artifacts
			.filter(|artifact| artifact.kind != ArtifactKind::Adapter)
			.map(|artifact| (artifact.kind, hex::encode(artifact.hash)))
			.collect()
	}))
}

fn foreign_key(key: &OperatorKey) -> Notice {
	Notice::warn(format!(
		"Operator key 0x{} belongs to no agent, so that it is never asked for anything: send \
		 agents.register with it, or agents.setOperatorKey from your agent's account",
		hex::encode(key)
	))
}

fn status_of(agent: &Agent<Runtime>) -> &'static str {
	match agent.status {
		Status::Active => "active",
		Status::Paused => "paused",
		Status::Suspended { .. } => "suspended",
		Status::Unbonding { .. } => "unbonding",
	}
}
