//! Follows the chain: keeps what Ethereum's methods need of each block, and tells who listens what the best chain
//! has gained and lost.

use super::{chain::Chain, error::Error, logs::Wanted, types::Log};
use futures::{FutureExt, StreamExt};
use openledger_runtime::Hash;
use sc_client_api::{BlockchainEvents, HeaderBackend};
use std::sync::Arc;
use tokio::sync::broadcast;

/// How the best chain has changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
	/// Blocks that are no longer of it, the newest first.
	pub(super) retracted: Vec<Hash>,
	/// Blocks that now are, the oldest first.
	pub(super) enacted: Vec<Hash>,
}

impl Change {
	/// The logs of all these blocks that are wanted; of those that are no longer of the best chain as removed.
	pub(super) fn logs(&self, chain: &Chain, wanted: &Wanted) -> Result<Vec<Log>, Error> {
		let retracted = self.retracted.iter().map(|block| (block, true));
		let enacted = self.enacted.iter().map(|block| (block, false));
		let mut found = Vec::new();
		for (block, removed) in retracted.chain(enacted) {
			found.extend(wanted.of_block(&chain.blocks.read(*block)?, removed));
		}
		Ok(found)
	}
}

/// What a change from one best block to another comes to.
pub(super) fn change(chain: &Chain, from: Hash, to: Hash) -> Result<Change, Error> {
	let route = sp_blockchain::tree_route(&**chain.client(), from, to)?;
	Ok(Change {
		retracted: route.retracted().iter().map(|block| block.hash).collect(),
		enacted: route.enacted().iter().map(|block| block.hash).collect(),
	})
}

/// Keeps the blocks of the best chain that were imported without being kept, as far back as their state goes.
fn catch_up(chain: &Chain) {
	let mut number = chain.best().number;
	let (mut kept, newest) = (0_u64, number);
	while let Ok(Some(block)) = chain.blocks.by_number(number) {
		match chain.blocks.has_record(block) {
			Ok(true) => break,
			_ if chain.blocks.read(block).is_err() => break,
			_ => kept = kept.saturating_add(1),
		}
		let Some(before) = number.checked_sub(1) else {
			break;
		};
		number = before;
	}
	if kept > 0 {
		log::info!(target: "ethereum", "Ethereum's view of {kept} blocks up to {newest} is kept now");
	}
}

/// Follows the chain until the node stops.
pub(super) async fn follow(chain: Arc<Chain>, changes: broadcast::Sender<Change>) {
	let client = chain.client().clone();
	let mut imports = client.every_import_notification_stream();
	let mut finality = client.finality_notification_stream();
	let mut best = client.info().best_hash;
	{
		let chain = chain.clone();
		let _ = tokio::task::spawn_blocking(move || catch_up(&chain)).await;
	}
	loop {
		futures::select! {
			import = imports.next().fuse() => {
				let Some(import) = import else { return };
				if let Err(error) = chain.blocks.read(import.hash) {
					log::warn!(target: "ethereum", "Ethereum's view of block {}: {error}", import.header.number);
				}
				if !import.is_new_best || import.hash == best {
					continue;
				}
				match change(&chain, best, import.hash) {
					// Nobody may be listening.
					Ok(change) => drop(changes.send(change)),
					Err(error) => log::warn!(target: "ethereum", "the best chain's change: {error}"),
				}
				best = import.hash;
			}
			finalized = finality.next().fuse() => {
				let Some(finalized) = finalized else { return };
				for stale in finalized.stale_blocks.iter() {
					if let Err(error) = chain.blocks.forget(stale.hash) {
						log::warn!(target: "ethereum", "a block that lost: {error}");
					}
				}
			}
		}
	}
}
