//! What Ethereum's JSON-RPC takes and gives. Amounts are in wei, numbers and bytes in hexadecimal.

use pallet_revive::{
	evm::{Bytes, Bytes256, Bytes8},
	pallet_revive_types::runtime_api::{TransactionInfoV1, TransactionSignedV1},
};
use serde::{de::Error as _, Deserialize, Deserializer, Serialize};
use sp_core::{H160, H256, U256};

/// A number that is given in hexadecimal, as Ethereum's clients do, or as a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Quantity(pub u64);

impl<'de> Deserialize<'de> for Quantity {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(untagged)]
		enum Given {
			Number(u64),
			Text(String),
		}
		match Given::deserialize(deserializer)? {
			Given::Number(number) => Ok(Self(number)),
			Given::Text(text) => parse_quantity(&text).map(Self).ok_or_else(|| {
				D::Error::custom(format!("{text} is no hexadecimal number of 64 bits"))
			}),
		}
	}
}

fn parse_quantity(text: &str) -> Option<u64> {
	u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}

/// Which block is meant: by its number, its hash, or what it is to the chain.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BlockId {
	/// The first.
	Earliest,
	/// The newest that GRANDPA has made final: nothing takes it back. `safe` means the same.
	Finalized,
	/// The newest of the best chain.
	#[default]
	Latest,
	/// What would be the next: the newest, with the transactions that wait.
	Pending,
	/// By its number.
	Number(u64),
	/// By its hash, and whether it must be of the best chain.
	Hash(H256, bool),
}

impl<'de> Deserialize<'de> for BlockId {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		#[serde(rename_all = "camelCase")]
		struct Object {
			block_hash: Option<H256>,
			block_number: Option<Quantity>,
			#[serde(default)]
			require_canonical: bool,
		}
		#[derive(Deserialize)]
		#[serde(untagged)]
		enum Given {
			Number(u64),
			Text(String),
			Object(Object),
		}
		match Given::deserialize(deserializer)? {
			Given::Number(number) => Ok(Self::Number(number)),
			Given::Object(Object {
				block_hash: Some(hash),
				block_number: None,
				require_canonical,
			}) => Ok(Self::Hash(hash, require_canonical)),
			Given::Object(Object {
				block_hash: None,
				block_number: Some(Quantity(number)),
				..
			}) => Ok(Self::Number(number)),
			Given::Object(_) => Err(D::Error::custom("either blockHash or blockNumber has to be given")),
			Given::Text(text) => match text.as_str() {
				"earliest" => Ok(Self::Earliest),
				"finalized" | "safe" => Ok(Self::Finalized),
				"latest" => Ok(Self::Latest),
				"pending" => Ok(Self::Pending),
				_ if text.len() == 66 => text
					.parse()
					.map(|hash| Self::Hash(hash, false))
					.map_err(|_| D::Error::custom(format!("{text} is no block hash"))),
				_ => parse_quantity(&text).map(Self::Number).ok_or_else(|| {
					D::Error::custom(format!(
						"{text} is no block: give a number in hexadecimal, a hash, or one of earliest, finalized, safe, latest, pending"
					))
				}),
			},
		}
	}
}

/// A log of a contract.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
	/// The contract.
	pub address: H160,
	/// At most four.
	pub topics: Vec<H256>,
	/// The rest, by the contract's ABI.
	pub data: Bytes,
	/// The block.
	pub block_hash: H256,
	/// Its number.
	pub block_number: U256,
	/// When it was made, in seconds since 1970.
	pub block_timestamp: U256,
	/// The transaction; of an extrinsic that no Ethereum key signed, that extrinsic's hash.
	pub transaction_hash: H256,
	/// The transaction's place in the block.
	pub transaction_index: U256,
	/// The log's place in the block.
	pub log_index: U256,
	/// Whether the block is no longer of the best chain.
	pub removed: bool,
}

/// What a transaction came to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
	/// The block.
	pub block_hash: H256,
	/// Its number.
	pub block_number: U256,
	/// The contract that the transaction created.
	pub contract_address: Option<H160>,
	/// The gas of the block's transactions up to and with this.
	pub cumulative_gas_used: U256,
	/// What a unit of gas has cost.
	pub effective_gas_price: U256,
	/// Who signed it.
	pub from: H160,
	/// The gas that it took.
	pub gas_used: U256,
	/// The logs of the contracts that it ran.
	pub logs: Vec<Log>,
	/// Their Bloom filter.
	pub logs_bloom: Bytes256,
	/// 1 if it succeeded, 0 if not.
	pub status: U256,
	/// Whom it called; nobody if it created a contract.
	pub to: Option<H160>,
	/// Its hash.
	pub transaction_hash: H256,
	/// Its place in the block.
	pub transaction_index: U256,
	/// The kind of transaction.
	pub r#type: U256,
}

/// A transaction in a block, or one that waits.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Transaction {
	/// It is in a block.
	Included(TransactionInfoV1),
	/// It waits for one.
	Waiting(WaitingTransaction),
	/// An extrinsic that no Ethereum key signed, or what runs before and after them, that made logs.
	Foreign(ForeignTransaction),
}

/// A transaction that waits for a block.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitingTransaction {
	/// None yet.
	pub block_hash: Option<H256>,
	/// None yet.
	pub block_number: Option<U256>,
	/// None yet.
	pub transaction_index: Option<U256>,
	/// Who signed it.
	pub from: H160,
	/// Its hash.
	pub hash: H256,
	/// What was signed.
	#[serde(flatten)]
	pub signed: TransactionSignedV1,
}

/// What ran contracts without an Ethereum transaction. Without a signature, so that nobody can take it for one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeignTransaction {
	/// The block.
	pub block_hash: H256,
	/// Its number.
	pub block_number: U256,
	/// Behind those of Ethereum.
	pub transaction_index: U256,
	/// The address of who signed the extrinsic; zero where the chain itself acted.
	pub from: H160,
	/// The extrinsic's hash.
	pub hash: H256,
	/// Nothing: what it calls is in no Ethereum transaction.
	pub to: Option<H160>,
	/// Empty.
	pub input: Bytes,
	/// Zero.
	pub value: U256,
	/// Zero: the extrinsic's fee is not counted in gas.
	pub gas: U256,
	/// Zero.
	pub gas_price: U256,
	/// Zero.
	pub nonce: U256,
	/// Zero.
	pub r#type: U256,
	/// Zero.
	pub v: U256,
	/// Zero.
	pub r: U256,
	/// Zero.
	pub s: U256,
}

/// A block.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
	#[serde(flatten)]
	/// All but its transactions.
	pub header: Header,
	/// The hashes of its transactions, or the transactions.
	pub transactions: Transactions,
	/// None.
	pub uncles: Vec<H256>,
	/// None.
	pub withdrawals: Vec<()>,
}

/// The transactions of a block.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Transactions {
	/// Their hashes.
	Hashes(Vec<H256>),
	/// All of them.
	Full(Vec<Transaction>),
}

/// A block without its transactions, as `newHeads` has it. What is `None` is so for a block that isn't made yet.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Header {
	/// The price of gas.
	pub base_fee_per_gas: U256,
	/// Zero.
	pub blob_gas_used: U256,
	/// Zero.
	pub difficulty: U256,
	/// Zero.
	pub excess_blob_gas: U256,
	/// Empty.
	pub extra_data: Bytes,
	/// The gas that a block can take.
	pub gas_limit: U256,
	/// The gas that its transactions took.
	pub gas_used: U256,
	/// Its hash.
	pub hash: Option<H256>,
	/// The Bloom filter of its transactions' logs.
	pub logs_bloom: Bytes256,
	/// Who made it.
	pub miner: Option<H160>,
	/// A constant: what PREVRANDAO gives.
	pub mix_hash: H256,
	/// Zero.
	pub nonce: Option<Bytes8>,
	/// Its number, that of the chain's own block.
	pub number: U256,
	/// The hash of the block before.
	pub parent_hash: H256,
	/// The root of the trie of receipts.
	pub receipts_root: H256,
	/// Zero, not the hash of an empty list: that is what the block's hash is made of.
	#[serde(rename = "sha3Uncles")]
	pub sha3_uncles: H256,
	/// In bytes.
	pub size: U256,
	/// The root of the trie of transactions, again: the root of the state is in the chain's own block alone.
	pub state_root: H256,
	/// When it was made, in seconds since 1970.
	pub timestamp: U256,
	/// The root of the trie of transactions.
	pub transactions_root: H256,
	/// Zero, as with `sha3Uncles`.
	pub withdrawals_root: H256,
}

/// Fees of past blocks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FeeHistory {
	/// The first block.
	pub oldest_block: U256,
	/// The price of gas in each block, and in the one after the last.
	pub base_fee_per_gas: Vec<U256>,
	/// The part of the gas that was used in each block.
	pub gas_used_ratio: Vec<f64>,
	/// What was paid beyond the price, at each percentile that was asked for, in each block.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub reward: Option<Vec<Vec<U256>>>,
}

/// How far the node has come with synchronising.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Syncing {
	/// `false`: it is up to date.
	Done(bool),
	/// It is not.
	#[serde(rename_all = "camelCase")]
	Going {
		/// Where it began.
		starting_block: U256,
		/// Where it is.
		current_block: U256,
		/// The highest that it knows of.
		highest_block: U256,
	},
}

/// One, or any of several.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(untagged)]
pub enum OneOrMany<T> {
	/// One.
	One(T),
	/// Any of these; of none, whatever.
	Many(Vec<T>),
}

impl<T: PartialEq> OneOrMany<T> {
	/// Whether a value is among them.
	pub fn contains(&self, value: &T) -> bool {
		match self {
			Self::One(one) => one == value,
			Self::Many(many) => many.is_empty() || many.contains(value),
		}
	}

	/// All of them; empty for whatever.
	pub fn as_slice(&self) -> &[T] {
		match self {
			Self::One(one) => std::slice::from_ref(one),
			Self::Many(many) => many,
		}
	}
}

/// Which logs are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Filter {
	/// From this block on; from the newest if nothing is given.
	pub from_block: Option<BlockId>,
	/// Up to this block; the newest if nothing is given.
	pub to_block: Option<BlockId>,
	/// Of this block alone.
	pub block_hash: Option<H256>,
	/// Of these contracts.
	pub address: Option<OneOrMany<H160>>,
	/// With these topics, place by place; `null` is any.
	#[serde(default)]
	pub topics: Vec<Option<OneOrMany<H256>>>,
}
