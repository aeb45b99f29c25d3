//! `eth_subscribe`: what a client is told as it happens, over WebSocket.

use super::{
	chain::Chain,
	error::Error,
	follow::Change,
	logs::Wanted,
	pool::Pool,
	types::{Filter, Header, Log},
};
use jsonrpsee::{
	core::{async_trait, SubscriptionResult},
	proc_macros::rpc,
	types::ErrorObjectOwned,
	PendingSubscriptionSink, SubscriptionMessage, SubscriptionSink,
};
use openledger_runtime::Hash;
use sc_rpc::SubscriptionTaskExecutor;
use serde::{Deserialize, Serialize};
use sp_core::H256;
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
	/// The headers of blocks as they join the best chain.
	NewHeads,
	/// Logs, and once more, as removed, those of blocks that leave the best chain.
	Logs,
	/// The hashes of transactions that wait.
	NewPendingTransactions,
}

/// `eth_subscribe` and `eth_unsubscribe`.
#[rpc(server, namespace = "eth")]
pub(super) trait EthPubSub {
	/// Subscribes; `filter` is for logs alone.
	#[subscription(name = "subscribe" => "subscription", unsubscribe = "unsubscribe", item = serde_json::Value)]
	async fn subscribe(&self, kind: Kind, filter: Option<Filter>) -> SubscriptionResult;
}

/// Serves subscriptions.
pub(super) struct EthPubSubRpc {
	/// The chain.
	pub(super) chain: Arc<Chain>,
	/// The transactions that wait.
	pub(super) pool: Arc<Pool>,
	/// How the best chain changes.
	pub(super) changes: broadcast::Sender<Change>,
	/// Runs what a subscription does.
	pub(super) executor: SubscriptionTaskExecutor,
}

#[async_trait]
impl EthPubSubServer for EthPubSubRpc {
	async fn subscribe(
		&self,
		pending: PendingSubscriptionSink,
		kind: Kind,
		filter: Option<Filter>,
	) -> SubscriptionResult {
		let wanted = match Wanted::new(&filter.unwrap_or_default()) {
			Ok(wanted) => wanted,
			Err(error) => {
				pending.reject(ErrorObjectOwned::from(error)).await;
				return Ok(());
			}
		};
		// Before the client knows of it, so that it misses nothing from then on.
		let (changes, arrivals) = (self.changes.subscribe(), self.pool.arrivals());
		let sink = pending.accept().await?;
		let chain = self.chain.clone();
		let task = async move {
			match kind {
				Kind::NewPendingTransactions => transactions(sink, arrivals).await,
				_ => blocks(sink, chain, changes, (kind == Kind::Logs).then_some(wanted)).await,
			}
		};
		self.executor
			.spawn("ethereum-subscription", Some("rpc"), Box::pin(task));
		Ok(())
	}
}

/// Sends. Returns whether the client still listens.
async fn send(sink: &SubscriptionSink, item: &impl Serialize) -> bool {
	match SubscriptionMessage::from_json(item) {
		Ok(message) => sink.send(message).await.is_ok(),
		Err(_) => false,
	}
}

async fn transactions(sink: SubscriptionSink, mut arrivals: broadcast::Receiver<H256>) {
	loop {
		tokio::select! {
			() = sink.closed() => return,
			arrival = arrivals.recv() => match arrival {
				Ok(hash) if !send(&sink, &hash).await => return,
				Ok(_) => {}
				// The client reads too slowly to be told of all.
				Err(RecvError::Lagged(_)) => {}
				Err(RecvError::Closed) => return,
			}
		}
	}
}

/// What a subscriber is told.
#[derive(Serialize)]
#[serde(untagged)]
enum Message {
	Header(Box<Header>),
	Log(Box<Log>),
}

/// What has changed: headers, or logs if some are wanted.
fn messages(
	chain: &Chain,
	change: &Change,
	wanted: Option<&Wanted>,
) -> Result<Vec<Message>, Error> {
	if let Some(wanted) = wanted {
		let logs = change.logs(chain, wanted)?;
		return Ok(logs.into_iter().map(Box::new).map(Message::Log).collect());
	}
	let header = |block: &Hash| {
		let header = chain.blocks.read(*block)?.header();
		Ok(Message::Header(Box::new(header)))
	};
	change.enacted.iter().map(header).collect()
}

async fn blocks(
	sink: SubscriptionSink,
	chain: Arc<Chain>,
	mut changes: broadcast::Receiver<Change>,
	wanted: Option<Wanted>,
) {
	loop {
		let change = tokio::select! {
			() = sink.closed() => return,
			change = changes.recv() => match change {
				Ok(change) => change,
				// It can't be told any more what it has missed: better that it subscribes anew than that it
				// believes to know all.
				Err(_) => return,
			}
		};
		match messages(&chain, &change, wanted.as_ref()) {
			Ok(messages) => {
				for message in messages {
					if !send(&sink, &message).await {
						return;
					}
				}
			}
			Err(error) => {
				log::warn!(target: "ethereum", "a subscription ends: {error}");
				return;
			}
		}
	}
}
