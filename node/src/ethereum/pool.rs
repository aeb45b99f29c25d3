//! Ethereum transactions that wait for a block.

use super::{
	blocks::signer,
	chain::Chain,
	error::Error,
	types::{Transaction, WaitingTransaction},
};
use crate::service::TransactionPool;
use codec::Encode;
use futures::StreamExt;
use openledger_runtime::{
	constants::ETH_CHAIN_ID,
	ethereum::{EthereumBlocks, Origin},
	opaque, Hash,
};
use pallet_revive::evm::{GenericTransaction, TransactionSigned};
use sc_transaction_pool_api::{InPoolTransaction, TransactionPool as _, TransactionSource};
use sp_api::ProvideRuntimeApi;
use sp_core::{H160, H256, U256};
use sp_io::hashing::keccak_256;
use std::{
	collections::{HashMap, VecDeque},
	sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::broadcast;

/// How many transactions are remembered by their Ethereum hash: as many as the pool can hold, by default.
const REMEMBERED: usize = 8_192;

/// Transactions by their Ethereum hash, in the order in which they came.
#[derive(Default)]
struct Known {
	by_hash: HashMap<H256, (Hash, Vec<u8>)>,
	order: VecDeque<H256>,
}

/// Ethereum transactions in the node's pool.
pub(super) struct Pool {
	chain: Arc<Chain>,
	pool: Arc<TransactionPool>,
	known: Mutex<Known>,
	arrivals: broadcast::Sender<H256>,
}

impl Pool {
	/// Reads from this pool.
	pub(super) fn new(chain: Arc<Chain>, pool: Arc<TransactionPool>) -> Self {
		Self {
			chain,
			pool,
			known: Mutex::default(),
			arrivals: broadcast::channel(1_024).0,
		}
	}

	/// The hashes of transactions as they come.
	pub(super) fn arrivals(&self) -> broadcast::Receiver<H256> {
		self.arrivals.subscribe()
	}

	/// Follows the pool, so that transactions of other nodes are known by their Ethereum hash too.
	pub(super) async fn follow(self: Arc<Self>) {
		let mut imports = self.pool.import_notification_stream();
		while let Some(hash) = imports.next().await {
			let Some(transaction) = self.pool.ready_transaction(&hash) else {
				continue;
			};
			match self.payloads(vec![(**transaction.data()).clone()]) {
				Ok(payloads) => {
					for payload in payloads.into_iter().flatten() {
						self.remember(hash, payload);
					}
				}
				Err(error) => log::debug!(target: "ethereum", "a transaction of the pool: {error}"),
			}
		}
	}

	/// Takes a signed transaction. Returns its hash.
	pub(super) async fn submit(&self, payload: Vec<u8>) -> Result<H256, Error> {
		let signed = TransactionSigned::decode(&payload)
			.map_err(|error| Error::Params(format!("this is no signed transaction: {error}")))?;
		match signed {
			TransactionSigned::Transaction4844Signed(_) => {
				return Err(Error::Refused(
					"transaction type not supported: there are no blobs here (EIP-4844)".into(),
				))
			}
			TransactionSigned::Transaction7702Signed(_) => return Err(Error::Refused(
				"transaction type not supported: accounts can't delegate to code here (EIP-7702)"
					.into(),
			)),
			_ => {}
		}
		let from = signed
			.recover_eth_address()
			.map_err(|()| Error::Refused("invalid sender: the signature fits no address".into()))?;
		let hash = keccak_256(&payload).into();
		let at = self.chain.best().hash;
		self.check(at, signed, from)?;
		let extrinsic = self
			.chain
			.client()
			.runtime_api()
			.carry(at, payload.clone())?;
		let pooled = self
			.pool
			.submit_one(at, TransactionSource::External, extrinsic)
			.await
			.map_err(Error::from_pool)?;
		self.remember(pooled, payload);
		Ok(hash)
	}

	/// Refuses what the pool would refuse with less to say about it.
	fn check(&self, at: Hash, signed: TransactionSigned, from: H160) -> Result<(), Error> {
		let base_fee = self.chain.gas_price(at)?;
		let transaction = GenericTransaction::from_signed(signed, base_fee, Some(from));
		let chain_id = U256::from(ETH_CHAIN_ID);
		if let Some(given) = transaction.chain_id.filter(|given| *given != chain_id) {
			return Err(Error::Refused(format!(
				"invalid chain id for signer: have {given}, want {chain_id}"
			)));
		}
		let offered = transaction
			.max_fee_per_gas
			.or(transaction.gas_price)
			.unwrap_or_default();
		if offered < base_fee {
			return Err(Error::Refused(format!(
				"max fee per gas less than block base fee: have {offered}, want {base_fee}"
			)));
		}
		let fee = base_fee.checked_mul(transaction.gas.unwrap_or_default());
		let cost = fee.and_then(|fee| fee.checked_add(transaction.value.unwrap_or_default()));
		let balance = self.chain.balance(at, from)?;
		match cost {
			Some(cost) if cost <= balance => Ok(()),
			cost => Err(Error::Refused(format!(
				"insufficient funds for gas * price + value: have {balance}, want {}",
				cost.map_or("more than there can be".into(), |cost| cost.to_string())
			))),
		}
	}

	/// A transaction that waits.
	pub(super) fn find(&self, hash: H256) -> Result<Option<Transaction>, Error> {
		let known = {
			let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
			known.by_hash.get(&hash).cloned()
		};
		let Some((pooled, payload)) = known else {
			return Ok(None);
		};
		let waits = self.pool.ready_transaction(&pooled).is_some()
			|| self
				.pool
				.futures()
				.iter()
				.any(|each| *each.hash() == pooled);
		Ok(waits.then(|| waiting(hash, &payload)).flatten())
	}

	/// The hashes of all that are ready for the next block, and the transactions.
	pub(super) fn ready(&self) -> Result<Vec<(H256, Transaction)>, Error> {
		let extrinsics = self
			.pool
			.ready()
			.map(|each| (**each.data()).clone())
			.collect();
		let payloads = self.payloads(extrinsics)?.into_iter().flatten();
		Ok(payloads
			.filter_map(|payload| {
				let hash = keccak_256(&payload).into();
				Some((hash, waiting(hash, &payload)?))
			})
			.collect())
	}

	/// The nonce of an account's next transaction, those that wait counted.
	pub(super) fn nonce(&self, address: H160) -> Result<u32, Error> {
		let at = self.chain.best().hash;
		let account = self.chain.account(at, address)?;
		let mut nonce = self.chain.nonce(at, address)?;
		// What a transaction with a nonce provides, by `CheckNonce`.
		let tags: std::collections::HashSet<Vec<u8>> = self
			.pool
			.ready()
			.flat_map(|each| each.provides().to_vec())
			.collect();
		while tags.contains(&(&account, nonce).encode()) {
			nonce = nonce.saturating_add(1);
		}
		Ok(nonce)
	}

	fn payloads(
		&self,
		extrinsics: Vec<opaque::UncheckedExtrinsic>,
	) -> Result<Vec<Option<Vec<u8>>>, Error> {
		if extrinsics.is_empty() {
			return Ok(Vec::new());
		}
		let origins = self
			.chain
			.client()
			.runtime_api()
			.origins(self.chain.best().hash, extrinsics)?;
		let payload = |origin| match origin {
			Origin::Ethereum(payload) => Some(payload),
			_ => None,
		};
		Ok(origins.into_iter().map(payload).collect())
	}

	fn remember(&self, pooled: Hash, payload: Vec<u8>) {
		let hash: H256 = keccak_256(&payload).into();
		let new = {
			let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
			let new = known.by_hash.insert(hash, (pooled, payload)).is_none();
			if new {
				known.order.push_back(hash);
				if known.order.len() > REMEMBERED {
					if let Some(oldest) = known.order.pop_front() {
						known.by_hash.remove(&oldest);
					}
				}
			}
			new
		};
		if new {
			// Nobody may be listening.
			let _ = self.arrivals.send(hash);
		}
	}
}

fn waiting(hash: H256, payload: &[u8]) -> Option<Transaction> {
	let signed = TransactionSigned::decode(payload).ok()?;
	Some(Transaction::Waiting(WaitingTransaction {
		block_hash: None,
		block_number: None,
		transaction_index: None,
		from: signer(payload)?,
		hash,
		signed: signed.into(),
	}))
}
