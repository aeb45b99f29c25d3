//! Filters that a client makes and then asks what is new, over HTTP where there are no subscriptions.

use super::{
	chain::Chain,
	error::Error,
	follow::change,
	logs::{self, Wanted},
	pool::Pool,
	types::{Filter, Log},
};
use openledger_runtime::Hash;
use serde::Serialize;
use sp_core::{H256, U256};
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};
use tokio::sync::broadcast;

/// How long a filter lives that nobody asks.
const LIFETIME: Duration = Duration::from_secs(300);
/// The most filters at a time, of all clients together.
const MAX_FILTERS: usize = 10_000;

enum Kind {
	/// Logs; and the filter as it was given, of which the first block may lie in the future.
	Logs {
		wanted: Box<Wanted>,
		filter: Box<Filter>,
	},
	/// Hashes of blocks.
	Blocks,
	/// Hashes of transactions that wait.
	Transactions(broadcast::Receiver<H256>),
}

struct Entry {
	kind: Kind,
	/// The best block when it was last asked.
	seen: Hash,
	asked: Instant,
}

/// What is new.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum News {
	/// Logs; those of blocks that are no longer of the best chain are marked as removed.
	Logs(Vec<Log>),
	/// Hashes of blocks or transactions.
	Hashes(Vec<H256>),
}

/// All filters.
pub(super) struct Filters {
	chain: Arc<Chain>,
	pool: Arc<Pool>,
	entries: Mutex<HashMap<U256, Entry>>,
}

impl Filters {
	/// None yet.
	pub(super) fn new(chain: Arc<Chain>, pool: Arc<Pool>) -> Self {
		Self {
			chain,
			pool,
			entries: Mutex::default(),
		}
	}

	/// Makes a filter for logs.
	pub(super) fn logs(&self, filter: Filter) -> Result<U256, Error> {
		if filter.block_hash.is_some() {
			return Err(Error::Params(
				"a filter for what is new can't be for one block".into(),
			));
		}
		let wanted = Box::new(Wanted::new(&filter)?);
		let filter = Box::new(filter);
		self.add(Kind::Logs { wanted, filter })
	}

	/// Makes a filter for blocks.
	pub(super) fn blocks(&self) -> Result<U256, Error> {
		self.add(Kind::Blocks)
	}

	/// Makes a filter for transactions that come.
	pub(super) fn transactions(&self) -> Result<U256, Error> {
		self.add(Kind::Transactions(self.pool.arrivals()))
	}

	fn add(&self, kind: Kind) -> Result<U256, Error> {
		let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
		entries.retain(|_, entry| entry.asked.elapsed() < LIFETIME);
		if entries.len() >= MAX_FILTERS {
			return Err(Error::Limit(format!(
				"there are {MAX_FILTERS} filters already: remove some, or subscribe over WebSocket"
			)));
		}
		// Nobody guesses another's filter.
		let id = U256::from(rand::random::<u128>());
		let entry = Entry {
			kind,
			seen: self.chain.best().hash,
			asked: Instant::now(),
		};
		entries.insert(id, entry);
		Ok(id)
	}

	/// Removes a filter. Returns whether it was there.
	pub(super) fn remove(&self, id: U256) -> bool {
		let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
		entries.remove(&id).is_some()
	}

	/// What is new since a filter was made or last asked.
	pub(super) fn changes(&self, id: U256) -> Result<News, Error> {
		let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
		let entry = entries
			.get_mut(&id)
			.filter(|entry| entry.asked.elapsed() < LIFETIME)
			.ok_or(Error::UnknownFilter)?;
		entry.asked = Instant::now();
		if let Kind::Transactions(arrivals) = &mut entry.kind {
			let mut hashes = Vec::new();
			loop {
				match arrivals.try_recv() {
					Ok(hash) => hashes.push(hash),
					// It was asked too seldom: the oldest are lost.
					Err(broadcast::error::TryRecvError::Lagged(_)) => {}
					Err(_) => return Ok(News::Hashes(hashes)),
				}
			}
		}
		let best = self.chain.best().hash;
		let change = change(&self.chain, entry.seen, best)?;
		let news = match &entry.kind {
			Kind::Logs { wanted, filter } => {
				let (first, last) = logs::range(&self.chain, filter)?;
				// Without a range it is for all that comes.
				let first = filter.from_block.map_or(0, |_| first);
				let last = filter.to_block.map_or(u64::MAX, |_| last);
				let mut found = change.logs(&self.chain, wanted)?;
				let range = U256::from(first)..=U256::from(last);
				found.retain(|log| range.contains(&log.block_number));
				News::Logs(found)
			}
			Kind::Blocks | Kind::Transactions(_) => {
				let hashes = change
					.enacted
					.iter()
					.map(|block| Ok(self.chain.blocks.read(*block)?.hash));
				News::Hashes(hashes.collect::<Result<_, Error>>()?)
			}
		};
		entry.seen = best;
		Ok(news)
	}

	/// All logs that a filter is for.
	pub(super) fn all(&self, id: U256) -> Result<Vec<Log>, Error> {
		let filter = {
			let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
			let entry = entries.get_mut(&id).ok_or(Error::UnknownFilter)?;
			entry.asked = Instant::now();
			match &entry.kind {
				Kind::Logs { filter, .. } => filter.clone(),
				_ => {
					return Err(Error::Params(
						"filter not found: this one is not for logs".into(),
					))
				}
			}
		};
		logs::query(&self.chain, &filter)
	}
}
