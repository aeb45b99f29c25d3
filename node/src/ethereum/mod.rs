//! Ethereum's JSON-RPC, on the port of the node's own: wallets, libraries and tools of Ethereum work against it.
//!
//! What a block is to Ethereum (hashes, transactions, receipts, logs) the runtime says; the node asks it once, while
//! the block's state is there, and keeps the answer in its database ([`blocks`]). Block numbers are the chain's own,
//! block and transaction hashes are Ethereum's.

mod blocks;
mod chain;
mod debug;
mod error;
mod eth;
mod filters;
mod follow;
mod logs;
mod net;
mod pool;
mod pubsub;
mod types;

use crate::service::{FullBackend, FullClient, TransactionPool};
use chain::Chain;
use debug::{DebugRpc, DebugServer};
use eth::{EthRpc, EthServer};
use filters::Filters;
use follow::Change;
use jsonrpsee::{core::RegisterMethodError, RpcModule};
use net::{NetRpc, NetServer, Web3Rpc, Web3Server};
use openledger_runtime::{constants::ETH_CHAIN_ID, opaque};
use pool::Pool;
use pubsub::{EthPubSubRpc, EthPubSubServer};
use sc_network_sync::SyncingService;
use sc_rpc::SubscriptionTaskExecutor;
use sc_service::SpawnTaskHandle;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many changes of the best chain a slow subscriber may be behind.
const BACKLOG: usize = 256;

/// What serves Ethereum's methods.
#[derive(Clone)]
pub struct Ethereum {
	chain: Arc<Chain>,
	pool: Arc<Pool>,
	changes: broadcast::Sender<Change>,
	sync: Arc<SyncingService<opaque::Block>>,
}

impl Ethereum {
	/// Starts to follow the chain and the pool.
	pub fn start(
		client: Arc<FullClient>,
		backend: Arc<FullBackend>,
		pool: Arc<TransactionPool>,
		sync: Arc<SyncingService<opaque::Block>>,
		spawner: &SpawnTaskHandle,
	) -> Self {
		let chain = Arc::new(Chain::new(client, backend));
		let pool = Arc::new(Pool::new(chain.clone(), pool));
		let changes = broadcast::channel(BACKLOG).0;
		spawner.spawn(
			"ethereum-blocks",
			Some("ethereum"),
			follow::follow(chain.clone(), changes.clone()),
		);
		spawner.spawn("ethereum-pool", Some("ethereum"), pool.clone().follow());
		Self {
			chain,
			pool,
			changes,
			sync,
		}
	}

	/// The methods.
	pub fn methods(
		&self,
		executor: SubscriptionTaskExecutor,
	) -> Result<RpcModule<()>, RegisterMethodError> {
		let mut module = RpcModule::new(());
		let (chain, pool) = (self.chain.clone(), self.pool.clone());
		let eth = EthRpc {
			chain: chain.clone(),
			pool: pool.clone(),
			filters: Filters::new(chain.clone(), pool.clone()),
			sync: self.sync.clone(),
			chain_id: ETH_CHAIN_ID,
		};
		module.merge(eth.into_rpc())?;
		let subscriptions = EthPubSubRpc {
			chain: chain.clone(),
			pool,
			changes: self.changes.clone(),
			executor,
		};
		module.merge(subscriptions.into_rpc())?;
		module.merge(DebugRpc { chain }.into_rpc())?;
		module.merge(
			NetRpc {
				chain_id: ETH_CHAIN_ID,
				sync: self.sync.clone(),
			}
			.into_rpc(),
		)?;
		module.merge(Web3Rpc.into_rpc())?;
		Ok(module)
	}
}
