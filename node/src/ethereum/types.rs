//! What Ethereum's JSON-RPC takes and gives. Amounts are in wei, numbers and bytes in hexadecimal.

use pallet_revive::{
	evm::{Bytes, Bytes256, Bytes8},
	pallet_revive_types::runtime_api::{TransactionInfoV1, TransactionSignedV1},
};
use serde::{de::Error as _, Deserialize, Deserializer, Serialize};
use sp_core::{H160, H256, U256};

/// A number that is given in hexadecimal, as Ethereum's clients do, or as a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Quantity(pub u64);

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
pub(super) enum BlockId {
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
pub(super) struct Log {
	/// The contract.
	pub(super) address: H160,
	/// At most four.
	pub(super) topics: Vec<H256>,
	/// The rest, by the contract's ABI.
	pub(super) data: Bytes,
	/// The block.
	pub(super) block_hash: H256,
	/// Its number.
	pub(super) block_number: U256,
	/// When it was made, in seconds since 1970.
	pub(super) block_timestamp: U256,
	/// The transaction; of an extrinsic that no Ethereum key signed, that extrinsic's hash.
	pub(super) transaction_hash: H256,
	/// The transaction's place in the block.
	pub(super) transaction_index: U256,
	/// The log's place in the block.
	pub(super) log_index: U256,
	/// Whether the block is no longer of the best chain.
	pub(super) removed: bool,
}

/// What a transaction came to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
	/// The block.
	pub(super) block_hash: H256,
	/// Its number.
	pub(super) block_number: U256,
	/// The contract that the transaction created.
	pub(super) contract_address: Option<H160>,
	/// The gas of the block's transactions up to and with this.
	pub(super) cumulative_gas_used: U256,
	/// What a unit of gas has cost.
	pub(super) effective_gas_price: U256,
	/// Who signed it.
	pub(super) from: H160,
	/// The gas that it took.
	pub(super) gas_used: U256,
	/// The logs of the contracts that it ran.
	pub(super) logs: Vec<Log>,
	/// Their Bloom filter.
	pub(super) logs_bloom: Bytes256,
	/// 1 if it succeeded, 0 if not.
	pub(super) status: U256,
	/// Whom it called; nobody if it created a contract.
	pub(super) to: Option<H160>,
	/// Its hash.
	pub(super) transaction_hash: H256,
	/// Its place in the block.
	pub(super) transaction_index: U256,
	/// The kind of transaction.
	pub(super) r#type: U256,
}

/// A transaction in a block, or one that waits.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Transaction {
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
pub(super) struct WaitingTransaction {
	/// None yet.
	pub(super) block_hash: Option<H256>,
	/// None yet.
	pub(super) block_number: Option<U256>,
	/// None yet.
	pub(super) transaction_index: Option<U256>,
	/// Who signed it.
	pub(super) from: H160,
	/// Its hash.
	pub(super) hash: H256,
	/// What was signed.
	#[serde(flatten)]
	pub(super) signed: TransactionSignedV1,
}

/// What ran contracts without an Ethereum transaction. Without a signature, so that nobody can take it for one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ForeignTransaction {
	/// The block.
	pub(super) block_hash: H256,
	/// Its number.
	pub(super) block_number: U256,
	/// Behind those of Ethereum.
	pub(super) transaction_index: U256,
	/// The address of who signed the extrinsic; zero where the chain itself acted.
	pub(super) from: H160,
	/// The extrinsic's hash.
	pub(super) hash: H256,
	/// Nothing: what it calls is in no Ethereum transaction.
	pub(super) to: Option<H160>,
	/// Empty.
	pub(super) input: Bytes,
	/// Zero.
	pub(super) value: U256,
	/// Zero: the extrinsic's fee is not counted in gas.
	pub(super) gas: U256,
	/// Zero.
	pub(super) gas_price: U256,
	/// Zero.
	pub(super) nonce: U256,
	/// Zero.
	pub(super) r#type: U256,
	/// Zero.
	pub(super) v: U256,
	/// Zero.
	pub(super) r: U256,
	/// Zero.
	pub(super) s: U256,
}

/// A block.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block {
	#[serde(flatten)]
	/// All but its transactions.
	pub(super) header: Header,
	/// The hashes of its transactions, or the transactions.
	pub(super) transactions: Transactions,
	/// None.
	pub(super) uncles: Vec<H256>,
	/// None.
	pub(super) withdrawals: Vec<()>,
}

/// The transactions of a block.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Transactions {
	/// Their hashes.
	Hashes(Vec<H256>),
	/// All of them.
	Full(Vec<Transaction>),
}

/// A block without its transactions, as `newHeads` has it. What is `None` is so for a block that isn't made yet.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
	/// The price of gas.
	pub(super) base_fee_per_gas: U256,
	/// Zero.
	pub(super) blob_gas_used: U256,
	/// Zero.
	pub(super) difficulty: U256,
	/// Zero.
	pub(super) excess_blob_gas: U256,
	/// Empty.
	pub(super) extra_data: Bytes,
	/// The gas that a block can take.
	pub(super) gas_limit: U256,
	/// The gas that its transactions took.
	pub(super) gas_used: U256,
	/// Its hash.
	pub(super) hash: Option<H256>,
	/// The Bloom filter of its transactions' logs.
	pub(super) logs_bloom: Bytes256,
	/// Who made it.
	pub(super) miner: Option<H160>,
	/// A constant: what PREVRANDAO gives.
	pub(super) mix_hash: H256,
	/// Zero.
	pub(super) nonce: Option<Bytes8>,
	/// Its number, that of the chain's own block.
	pub(super) number: U256,
	/// The hash of the block before.
	pub(super) parent_hash: H256,
	/// The root of the trie of receipts.
	pub(super) receipts_root: H256,
	/// Zero, not the hash of an empty list: that is what the block's hash is made of.
	#[serde(rename = "sha3Uncles")]
	pub sha3_uncles: H256,
	/// In bytes.
	pub(super) size: U256,
	/// The root of the trie of transactions, again: the root of the state is in the chain's own block alone.
	pub(super) state_root: H256,
	/// When it was made, in seconds since 1970.
	pub(super) timestamp: U256,
	/// The root of the trie of transactions.
	pub(super) transactions_root: H256,
	/// Zero, as with `sha3Uncles`.
	pub(super) withdrawals_root: H256,
}

/// Fees of past blocks.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeeHistory {
	/// The first block.
	pub(super) oldest_block: U256,
	/// The price of gas in each block, and in the one after the last.
	pub(super) base_fee_per_gas: Vec<U256>,
	/// The part of the gas that was used in each block.
	pub(super) gas_used_ratio: Vec<f64>,
	/// What was paid beyond the price, at each percentile that was asked for, in each block.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub(super) reward: Option<Vec<Vec<U256>>>,
}

/// How far the node has come with synchronising.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Syncing {
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
pub(super) enum OneOrMany<T> {
	/// One.
	One(T),
	/// Any of these; of none, whatever.
	Many(Vec<T>),
}

impl<T: PartialEq> OneOrMany<T> {
	/// Whether a value is among them.
	pub(super) fn contains(&self, value: &T) -> bool {
		match self {
			Self::One(one) => one == value,
			Self::Many(many) => many.is_empty() || many.contains(value),
		}
	}

	/// All of them; empty for whatever.
	pub(super) fn as_slice(&self) -> &[T] {
		match self {
			Self::One(one) => std::slice::from_ref(one),
			Self::Many(many) => many,
		}
	}
}

/// Which logs are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Filter {
	/// From this block on; from the newest if nothing is given.
	pub(super) from_block: Option<BlockId>,
	/// Up to this block; the newest if nothing is given.
	pub(super) to_block: Option<BlockId>,
	/// Of this block alone.
	pub(super) block_hash: Option<H256>,
	/// Of these contracts.
	pub(super) address: Option<OneOrMany<H160>>,
	/// With these topics, place by place; `null` is any.
	#[serde(default)]
	pub(super) topics: Vec<Option<OneOrMany<H256>>>,
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{from_value, json, Value};

	fn id(given: Value) -> Result<BlockId, String> {
		from_value(given).map_err(|error| error.to_string())
	}

	#[test]
	fn a_block_is_named_in_every_way_that_clients_know() {
		let hash = H256::repeat_byte(7);
		for (given, expected) in [
			(json!("earliest"), BlockId::Earliest),
			(json!("safe"), BlockId::Finalized),
			(json!("finalized"), BlockId::Finalized),
			(json!("latest"), BlockId::Latest),
			(json!("pending"), BlockId::Pending),
			(json!("0x10"), BlockId::Number(16)),
			(json!(16), BlockId::Number(16)),
			(json!(hash), BlockId::Hash(hash, false)),
			(json!({ "blockNumber": "0x10" }), BlockId::Number(16)),
			(json!({ "blockHash": hash }), BlockId::Hash(hash, false)),
			(
				json!({ "blockHash": hash, "requireCanonical": true }),
				BlockId::Hash(hash, true),
			),
		] {
			assert_eq!(id(given.clone()), Ok(expected), "{given}");
		}
	}

	#[test]
	fn what_names_no_block_is_refused() {
		for given in [
			json!("newest"),
			json!("16"),
			json!("0x"),
			json!("0x10000000000000000"),
			json!(-1),
			json!({}),
			json!({ "blockNumber": "0x10", "blockHash": H256::zero() }),
		] {
			assert!(id(given.clone()).is_err(), "{given}");
		}
		assert!(id(json!("16")).unwrap_err().contains("hexadecimal"));
	}

	#[test]
	fn a_filter_is_read() {
		let topic = H256::repeat_byte(1);
		let filter: Filter = from_value(json!({
			"fromBlock": "0x1",
			"address": [H160::repeat_byte(2)],
			"topics": [null, [topic], topic],
		}))
		.expect("well formed");
		assert_eq!(filter.from_block, Some(BlockId::Number(1)));
		assert_eq!(
			filter.topics,
			[
				None,
				Some(OneOrMany::Many(vec![topic])),
				Some(OneOrMany::One(topic))
			]
		);
		// A word that is spelled wrong would else be a filter for everything.
		assert!(from_value::<Filter>(json!({ "adress": H160::zero() })).is_err());
	}
}
