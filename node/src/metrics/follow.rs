//! Follows the chain: shows, counts and tells, block by finalised block.

use super::{
	agents::{AgentMetrics, Operator},
	chain::ChainMetrics,
	notice::Notice,
	state::{events, DatabaseState, StateAt, Unreadable},
	Made, Maker,
};
use crate::service::{FullBackend, FullClient};
use futures::StreamExt;
use openledger_runtime::BlockNumber;
use sc_client_api::BlockchainEvents;
use sc_service::SpawnTaskHandle;
use sp_blockchain::HeaderBackend;
use std::{collections::BTreeSet, sync::Arc};
use substrate_prometheus_endpoint::{Counter, Gauge, PrometheusError, Registry, U64};

/// All that follows the chain's blocks.
pub struct Watch {
	agents: AgentMetrics,
	chain: ChainMetrics,
	counted: Gauge<U64>,
	unread: Counter<U64>,
	/// The last block that was counted.
	last: Option<BlockNumber>,
	/// Why the block before could not be read.
	obstacle: Option<String>,
}

impl Watch {
	/// Creates the metrics and registers them if there is a registry.
	pub fn new(operator: Operator, registry: Option<&Registry>) -> Made<Self> {
		let maker = Maker(registry);
		Ok(Self {
			agents: AgentMetrics::new(operator, registry)?,
			chain: ChainMetrics::new(registry)?,
			counted: maker.gauge(
				"openledger_chain_counted_block",
				"The last finalised block whose events are counted",
			)?,
			unread: maker.counter(
				"openledger_chain_unread_blocks_total",
				"Finalised blocks whose events or agents could not be read",
			)?,
			last: None,
			obstacle: None,
		})
	}

	/// Takes in a finalised block, unless it or a later one was taken in before. Returns what the
	/// operator is to be told.
	pub fn block(&mut self, number: BlockNumber, state: &dyn StateAt) -> Vec<Notice> {
		if self.last.is_some_and(|last| number <= last) {
			return Vec::new();
		}
		self.last = Some(number);
		match self.read(number, state) {
			Ok(notices) => {
				self.obstacle = None;
				self.counted.set(number.into());
				notices
			}
			Err(error) => {
				self.unread.inc();
				let obstacle = error.to_string();
				let is_new = self.obstacle.as_ref() != Some(&obstacle);
				let notice = Notice::warn(format!(
					"Block {number} and those after it are missing in the metrics of the chain and its \
					 agents: {obstacle}"
				));
				self.obstacle = Some(obstacle);
				is_new.then_some(notice).into_iter().collect()
			}
		}
	}

	fn read(
		&mut self,
		number: BlockNumber,
		state: &dyn StateAt,
	) -> Result<Vec<Notice>, Unreadable> {
		let events = events(state)?;
		let looked = self.agents.look(number, state);
		// What can be counted without knowing whose it is, is.
		let nobody = BTreeSet::new();
		let own = looked.as_ref().map_or(&nobody, |(own, _)| own);
		let happened = self.chain.count(number, &events, own);
		let (_, mut notices) = looked?;
		notices.extend(happened);
		Ok(notices)
	}
}

/// Starts to follow the chain.
pub fn start(
	client: Arc<FullClient>,
	operator: Operator,
	registry: Option<&Registry>,
	spawner: &SpawnTaskHandle,
) -> Result<(), PrometheusError> {
	let mut watch = Watch::new(operator, registry)?;
	let mut finalised = client.finality_notification_stream();
	// It reads from the database.
	spawner.spawn_blocking("openledger-metrics", Some("metrics"), async move {
		while let Some(block) = finalised.next().await {
			for hash in block.tree_route.iter().chain([&block.hash]) {
				let Ok(Some(number)) = client.number(*hash) else {
					continue;
				};
				let state = DatabaseState::<_, FullBackend>::new(client.clone(), *hash);
				for notice in watch.block(number, &state) {
					notice.log();
				}
			}
		}
	});
	Ok(())
}
