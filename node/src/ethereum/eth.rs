//! The methods `eth_…`, apart from subscriptions.

use super::{
	chain::Chain,
	error::Error,
	filters::{Filters, News},
	logs,
	pool::Pool,
	types::{
		Block, BlockId, FeeHistory, Filter, Header, Log, Quantity, Receipt, Syncing, Transaction,
		Transactions,
	},
};
use jsonrpsee::{
	core::{async_trait, RpcResult},
	proc_macros::rpc,
};
use openledger_runtime::{constants::time::SLOT_DURATION_MS, opaque};
use pallet_revive::{
	evm::Bytes,
	pallet_revive_types::runtime_api::{GenericTransactionV1, StateOverrideSetV1},
};
use sc_network_sync::SyncingService;
use sp_core::{H160, H256, U256};
use std::sync::Arc;

/// The most blocks of which the fees are told at a time.
const MAX_FEE_HISTORY: u64 = 1_024;

/// `eth_…`, as in Ethereum's execution API.
#[rpc(server, namespace = "eth")]
pub(super) trait Eth {
	/// The number by which signatures are bound to this chain.
	#[method(name = "chainId")]
	fn chain_id(&self) -> RpcResult<U256>;

	/// The newest block's number.
	#[method(name = "blockNumber")]
	fn block_number(&self) -> RpcResult<U256>;

	/// What an account has, in wei.
	#[method(name = "getBalance", blocking)]
	fn balance(&self, address: H160, block: Option<BlockId>) -> RpcResult<U256>;

	/// The nonce of an account's next transaction; those that wait count for `pending` only.
	#[method(name = "getTransactionCount", blocking)]
	fn transaction_count(&self, address: H160, block: Option<BlockId>) -> RpcResult<U256>;

	/// The code at an address.
	#[method(name = "getCode", blocking)]
	fn code(&self, address: H160, block: Option<BlockId>) -> RpcResult<Bytes>;

	/// A word of a contract's storage.
	#[method(name = "getStorageAt", blocking)]
	fn storage_at(&self, address: H160, slot: U256, block: Option<BlockId>) -> RpcResult<H256>;

	/// What a call would return.
	#[method(name = "call", blocking)]
	fn call(
		&self,
		transaction: GenericTransactionV1,
		block: Option<BlockId>,
		overrides: Option<StateOverrideSetV1>,
	) -> RpcResult<Bytes>;

	/// The gas that a transaction needs.
	#[method(name = "estimateGas", blocking)]
	fn estimate_gas(
		&self,
		transaction: GenericTransactionV1,
		block: Option<BlockId>,
		overrides: Option<StateOverrideSetV1>,
	) -> RpcResult<U256>;

	/// The price of a unit of gas.
	#[method(name = "gasPrice", blocking)]
	fn gas_price(&self) -> RpcResult<U256>;

	/// What to offer beyond the price: nothing, it would not be taken.
	#[method(name = "maxPriorityFeePerGas")]
	fn max_priority_fee_per_gas(&self) -> RpcResult<U256>;

	/// The fees of past blocks.
	#[method(name = "feeHistory", blocking)]
	fn fee_history(
		&self,
		count: Quantity,
		newest: BlockId,
		percentiles: Option<Vec<f64>>,
	) -> RpcResult<FeeHistory>;

	/// Takes a signed transaction. Returns its hash.
	#[method(name = "sendRawTransaction")]
	async fn send_raw_transaction(&self, transaction: Bytes) -> RpcResult<H256>;

	/// A block by its hash.
	#[method(name = "getBlockByHash", blocking)]
	fn block_by_hash(&self, hash: H256, full: bool) -> RpcResult<Option<Block>>;

	/// A block by its number.
	#[method(name = "getBlockByNumber", blocking)]
	fn block_by_number(&self, number: BlockId, full: bool) -> RpcResult<Option<Block>>;

	/// The receipts of a block's transactions.
	#[method(name = "getBlockReceipts", blocking)]
	fn block_receipts(&self, block: BlockId) -> RpcResult<Option<Vec<Receipt>>>;

	/// How many transactions a block has, by its hash.
	#[method(name = "getBlockTransactionCountByHash", blocking)]
	fn block_transaction_count_by_hash(&self, hash: H256) -> RpcResult<Option<U256>>;

	/// How many transactions a block has, by its number.
	#[method(name = "getBlockTransactionCountByNumber", blocking)]
	fn block_transaction_count_by_number(&self, number: BlockId) -> RpcResult<Option<U256>>;

	/// A transaction, in a block or waiting.
	#[method(name = "getTransactionByHash", blocking)]
	fn transaction_by_hash(&self, hash: H256) -> RpcResult<Option<Transaction>>;

	/// A transaction by its block's hash and its place.
	#[method(name = "getTransactionByBlockHashAndIndex", blocking)]
	fn transaction_by_block_hash_and_index(
		&self,
		hash: H256,
		index: Quantity,
	) -> RpcResult<Option<Transaction>>;

	/// A transaction by its block's number and its place.
	#[method(name = "getTransactionByBlockNumberAndIndex", blocking)]
	fn transaction_by_block_number_and_index(
		&self,
		number: BlockId,
		index: Quantity,
	) -> RpcResult<Option<Transaction>>;

	/// What a transaction came to; nothing while it waits.
	#[method(name = "getTransactionReceipt", blocking)]
	fn transaction_receipt(&self, hash: H256) -> RpcResult<Option<Receipt>>;

	/// Logs.
	#[method(name = "getLogs", blocking)]
	fn logs(&self, filter: Filter) -> RpcResult<Vec<Log>>;

	/// How far the node has come.
	#[method(name = "syncing")]
	async fn syncing(&self) -> RpcResult<Syncing>;

	/// The accounts for which the node signs: none.
	#[method(name = "accounts")]
	fn accounts(&self) -> RpcResult<Vec<H160>>;

	/// Makes a filter for logs.
	#[method(name = "newFilter", blocking)]
	fn new_filter(&self, filter: Filter) -> RpcResult<U256>;

	/// Makes a filter for blocks.
	#[method(name = "newBlockFilter", blocking)]
	fn new_block_filter(&self) -> RpcResult<U256>;

	/// Makes a filter for transactions that come.
	#[method(name = "newPendingTransactionFilter", blocking)]
	fn new_pending_transaction_filter(&self) -> RpcResult<U256>;

	/// What is new since a filter was made or last asked.
	#[method(name = "getFilterChanges", blocking)]
	fn filter_changes(&self, id: U256) -> RpcResult<News>;

	/// All logs that a filter is for.
	#[method(name = "getFilterLogs", blocking)]
	fn filter_logs(&self, id: U256) -> RpcResult<Vec<Log>>;

	/// Removes a filter.
	#[method(name = "uninstallFilter", blocking)]
	fn uninstall_filter(&self, id: U256) -> RpcResult<bool>;
}

/// Answers the methods.
pub(super) struct EthRpc {
	/// The chain.
	pub(super) chain: Arc<Chain>,
	/// The transactions that wait.
	pub(super) pool: Arc<Pool>,
	/// The filters.
	pub(super) filters: Filters,
	/// What the node knows of others' blocks.
	pub(super) sync: Arc<SyncingService<opaque::Block>>,
	/// The number by which signatures are bound to this chain.
	pub(super) chain_id: u64,
}

impl EthRpc {
	/// What would be the next block, as far as it can be said.
	fn pending(&self, full: bool) -> Result<Block, Error> {
		let best = self.chain.best();
		let parent = self.chain.blocks.read(best.hash)?;
		let ready = self.pool.ready()?;
		let transactions = if full {
			Transactions::Full(
				ready
					.into_iter()
					.map(|(_, transaction)| transaction)
					.collect(),
			)
		} else {
			Transactions::Hashes(ready.into_iter().map(|(hash, _)| hash).collect())
		};
		let header = Header {
			base_fee_per_gas: self.chain.gas_price(best.hash)?,
			gas_limit: parent.gas_limit,
			number: parent.number.saturating_add(1).into(),
			parent_hash: parent.hash,
			timestamp: parent
				.timestamp
				.saturating_add(SLOT_DURATION_MS / 1_000)
				.into(),
			..Default::default()
		};
		Ok(Block {
			header,
			transactions,
			uncles: Vec::new(),
			withdrawals: Vec::new(),
		})
	}

	fn count(&self, id: BlockId) -> Result<Option<U256>, Error> {
		if id == BlockId::Pending {
			return Ok(Some(self.pool.ready()?.len().into()));
		}
		Ok(self
			.chain
			.block(id)?
			.map(|block| block.own().count().into()))
	}

	fn at(&self, id: BlockId, Quantity(index): Quantity) -> Result<Option<Transaction>, Error> {
		let Ok(place) = usize::try_from(index) else {
			return Ok(None);
		};
		if id == BlockId::Pending {
			return Ok(self
				.pool
				.ready()?
				.into_iter()
				.nth(place)
				.map(|(_, transaction)| transaction));
		}
		match self.chain.block(id)? {
			Some(block) if place < block.own().count() => Ok(Some(block.transaction(place)?)),
			_ => Ok(None),
		}
	}

	fn fees(
		&self,
		count: u64,
		newest: BlockId,
		percentiles: Option<&[f64]>,
	) -> Result<FeeHistory, Error> {
		let sorted = |given: &[f64]| {
			given
				.windows(2)
				.all(|pair| matches!(pair, [a, b] if a <= b))
		};
		let percentiles = percentiles.unwrap_or_default();
		if !sorted(percentiles) || !percentiles.iter().all(|each| (0.0..=100.0).contains(each)) {
			return Err(Error::Params(
				"percentiles have to rise, from 0 to 100".into(),
			));
		}
		let last = self
			.chain
			.find(newest)?
			.ok_or_else(|| Error::unknown_block(newest))?;
		let count = count
			.min(MAX_FEE_HISTORY)
			.min(last.number.saturating_add(1));
		let first = last.number.saturating_add(1).saturating_sub(count);
		let mut history = FeeHistory {
			oldest_block: first.into(),
			base_fee_per_gas: Vec::new(),
			gas_used_ratio: Vec::new(),
			reward: (!percentiles.is_empty()).then(Vec::new),
		};
		for number in first..first.saturating_add(count) {
			let hash = self
				.chain
				.blocks
				.by_number(number)?
				.ok_or_else(|| Error::unknown_block(BlockId::Number(number)))?;
			let block = self.chain.blocks.read(hash)?;
			history.base_fee_per_gas.push(block.base_fee);
			history
				.gas_used_ratio
				.push(ratio(block.gas_used, block.gas_limit));
			if let Some(rewards) = &mut history.reward {
				rewards.push(block.rewards(percentiles));
			}
		}
		// The price for the block after the last.
		history.base_fee_per_gas.push(self.next_price(last.number)?);
		Ok(history)
	}

	fn next_price(&self, number: u64) -> Result<U256, Error> {
		match self.chain.blocks.by_number(number.saturating_add(1))? {
			Some(next) => Ok(self.chain.blocks.read(next)?.base_fee),
			None => self.chain.gas_price(self.chain.best().hash),
		}
	}
}

/// A part of a whole, as a fraction.
fn ratio(part: U256, whole: U256) -> f64 {
	let float = |value: U256| value.to_string().parse::<f64>().unwrap_or_default();
	if whole.is_zero() {
		0.0
	} else {
		float(part) / float(whole)
	}
}

#[async_trait]
impl EthServer for EthRpc {
	fn chain_id(&self) -> RpcResult<U256> {
		Ok(self.chain_id.into())
	}

	fn block_number(&self) -> RpcResult<U256> {
		Ok(self.chain.best().number.into())
	}

	fn balance(&self, address: H160, block: Option<BlockId>) -> RpcResult<U256> {
		let at = self.chain.state(block.unwrap_or_default())?;
		Ok(self.chain.balance(at, address)?)
	}

	fn transaction_count(&self, address: H160, block: Option<BlockId>) -> RpcResult<U256> {
		let block = block.unwrap_or_default();
		if block == BlockId::Pending {
			return Ok(self.pool.nonce(address)?.into());
		}
		Ok(self.chain.nonce(self.chain.state(block)?, address)?.into())
	}

	fn code(&self, address: H160, block: Option<BlockId>) -> RpcResult<Bytes> {
		let at = self.chain.state(block.unwrap_or_default())?;
		Ok(Bytes(self.chain.code(at, address)?))
	}

	fn storage_at(&self, address: H160, slot: U256, block: Option<BlockId>) -> RpcResult<H256> {
		let at = self.chain.state(block.unwrap_or_default())?;
		Ok(self.chain.storage(at, address, slot)?)
	}

	fn call(
		&self,
		transaction: GenericTransactionV1,
		block: Option<BlockId>,
		overrides: Option<StateOverrideSetV1>,
	) -> RpcResult<Bytes> {
		let at = self.chain.state(block.unwrap_or_default())?;
		Ok(Bytes(self.chain.call(at, transaction, overrides)?))
	}

	fn estimate_gas(
		&self,
		transaction: GenericTransactionV1,
		block: Option<BlockId>,
		overrides: Option<StateOverrideSetV1>,
	) -> RpcResult<U256> {
		let at = self.chain.state(block.unwrap_or_default())?;
		Ok(self.chain.estimate(at, transaction, overrides)?)
	}

	fn gas_price(&self) -> RpcResult<U256> {
		Ok(self.chain.gas_price(self.chain.best().hash)?)
	}

	fn max_priority_fee_per_gas(&self) -> RpcResult<U256> {
		Ok(U256::zero())
	}

	fn fee_history(
		&self,
		Quantity(count): Quantity,
		newest: BlockId,
		percentiles: Option<Vec<f64>>,
	) -> RpcResult<FeeHistory> {
		Ok(self.fees(count, newest, percentiles.as_deref())?)
	}

	async fn send_raw_transaction(&self, transaction: Bytes) -> RpcResult<H256> {
		Ok(self.pool.submit(transaction.0).await?)
	}

	fn block_by_hash(&self, hash: H256, full: bool) -> RpcResult<Option<Block>> {
		let block = self.chain.block(BlockId::Hash(hash, false))?;
		Ok(block.map(|block| block.block(full)).transpose()?)
	}

	fn block_by_number(&self, number: BlockId, full: bool) -> RpcResult<Option<Block>> {
		if number == BlockId::Pending {
			return Ok(Some(self.pending(full)?));
		}
		let block = self.chain.block(number)?;
		Ok(block.map(|block| block.block(full)).transpose()?)
	}

	fn block_receipts(&self, block: BlockId) -> RpcResult<Option<Vec<Receipt>>> {
		let Some(block) = self.chain.block(block)? else {
			return Ok(None);
		};
		let receipts: Result<Vec<_>, Error> = (0..block.own().count())
			.map(|place| block.receipt(place))
			.collect();
		Ok(Some(receipts?))
	}

	fn block_transaction_count_by_hash(&self, hash: H256) -> RpcResult<Option<U256>> {
		Ok(self.count(BlockId::Hash(hash, false))?)
	}

	fn block_transaction_count_by_number(&self, number: BlockId) -> RpcResult<Option<U256>> {
		Ok(self.count(number)?)
	}

	fn transaction_by_hash(&self, hash: H256) -> RpcResult<Option<Transaction>> {
		if let Some((_, block, place)) = self.chain.blocks.by_transaction(hash)? {
			return Ok(Some(block.transaction(place)?));
		}
		Ok(self.pool.find(hash)?)
	}

	fn transaction_by_block_hash_and_index(
		&self,
		hash: H256,
		index: Quantity,
	) -> RpcResult<Option<Transaction>> {
		Ok(self.at(BlockId::Hash(hash, false), index)?)
	}

	fn transaction_by_block_number_and_index(
		&self,
		number: BlockId,
		index: Quantity,
	) -> RpcResult<Option<Transaction>> {
		Ok(self.at(number, index)?)
	}

	fn transaction_receipt(&self, hash: H256) -> RpcResult<Option<Receipt>> {
		let found = self.chain.blocks.by_transaction(hash)?;
		Ok(found
			.map(|(_, block, place)| block.receipt(place))
			.transpose()?)
	}

	fn logs(&self, filter: Filter) -> RpcResult<Vec<Log>> {
		Ok(logs::query(&self.chain, &filter)?)
	}

	async fn syncing(&self) -> RpcResult<Syncing> {
		let Ok(status) = self.sync.status().await else {
			return Ok(Syncing::Done(false));
		};
		if !status.state.is_major_syncing() {
			return Ok(Syncing::Done(false));
		}
		let best = self.chain.best().number;
		let highest = status.best_seen_block.map_or(best, u64::from);
		Ok(Syncing::Going {
			starting_block: U256::zero(),
			current_block: best.into(),
			highest_block: highest.max(best).into(),
		})
	}

	fn accounts(&self) -> RpcResult<Vec<H160>> {
		Ok(Vec::new())
	}

	fn new_filter(&self, filter: Filter) -> RpcResult<U256> {
		Ok(self.filters.logs(filter)?)
	}

	fn new_block_filter(&self) -> RpcResult<U256> {
		Ok(self.filters.blocks()?)
	}

	fn new_pending_transaction_filter(&self) -> RpcResult<U256> {
		Ok(self.filters.transactions()?)
	}

	fn filter_changes(&self, id: U256) -> RpcResult<News> {
		Ok(self.filters.changes(id)?)
	}

	fn filter_logs(&self, id: U256) -> RpcResult<Vec<Log>> {
		Ok(self.filters.all(id)?)
	}

	fn uninstall_filter(&self, id: U256) -> RpcResult<bool> {
		Ok(self.filters.remove(id))
	}
}
