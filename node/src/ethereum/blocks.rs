//! Ethereum's view of each block: derived from the runtime once, while the block's state is there, and kept in
//! the node's database, so that blocks, receipts and logs outlive the state.

use super::{
	error::Error,
	types::{Block, ForeignTransaction, Header, Log, Receipt, Transaction, Transactions},
};
use crate::service::{FullBackend, FullClient};
use codec::{Decode, Encode};
use ethbloom::{Bloom, Input};
use openledger_runtime::{
	ethereum::{EthereumBlocks, Origin},
	Hash,
};
use pallet_revive::{
	evm::{Bytes, Bytes256, Bytes8, GenericTransaction, TransactionSigned},
	pallet_revive_types::runtime_api::{
		BlockInputPayloadV1, BlockVersionedOutputPayload, HashesOrTransactionInfosV1,
		ReceiptDataInputPayloadV1, ReceiptDataVersionedOutputPayload, TransactionInfoV1,
	},
	ReviveApi,
};
use sc_client_api::{AuxStore, Backend, BlockBackend, HeaderBackend};
use sp_api::ProvideRuntimeApi;
use sp_core::{H160, H256, U256};
use sp_io::hashing::{blake2_256, keccak_256};
use std::sync::Arc;

const BY_BLOCK: &[u8] = b"ethereum/block/";
const BY_ETHEREUM_HASH: &[u8] = b"ethereum/hash/";
const BY_TRANSACTION: &[u8] = b"ethereum/transaction/";

/// The version of what is kept. Records of another are derived anew, or missing.
const VERSION: u8 = 1;

/// A log, as it is kept.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(super) struct KeptLog {
	pub(super) address: H160,
	pub(super) topics: Vec<H256>,
	pub(super) data: Vec<u8>,
}

/// Where a transaction came from.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(super) enum Source {
	/// An Ethereum wallet signed it: RLP.
	Ethereum(Vec<u8>),
	/// Another wallet did, or the chain itself acted. Its contracts made logs.
	Foreign,
}

/// A transaction and what came of it, as it is kept.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(super) struct KeptTransaction {
	pub(super) hash: H256,
	pub(super) source: Source,
	/// The extrinsic's place in the block; of hooks none.
	pub(super) extrinsic: Option<u32>,
	pub(super) from: H160,
	pub(super) success: bool,
	pub(super) gas_used: U256,
	pub(super) gas_price: U256,
	pub(super) logs: Vec<KeptLog>,
}

/// A block, as it is kept.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub(super) struct Kept {
	pub(super) hash: H256,
	pub(super) parent: H256,
	pub(super) number: u64,
	pub(super) author: H160,
	pub(super) timestamp: u64,
	pub(super) base_fee: U256,
	pub(super) gas_limit: U256,
	pub(super) gas_used: U256,
	pub(super) size: U256,
	pub(super) mix_hash: H256,
	pub(super) state_root: H256,
	pub(super) transactions_root: H256,
	pub(super) receipts_root: H256,
	/// The Bloom filter in the block, of Ethereum's own transactions; none if it is empty.
	pub(super) bloom: Option<Box<Bloom>>,
	/// Those of Ethereum in front, then the others that made logs.
	pub(super) transactions: Vec<KeptTransaction>,
}

/// Blocks as Ethereum's clients see them.
pub(super) struct Blocks {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
}

impl Blocks {
	/// Reads from and keeps in this database.
	pub(super) fn new(client: Arc<FullClient>, backend: Arc<FullBackend>) -> Self {
		Self { client, backend }
	}

	/// The block of the best chain with this number.
	pub(super) fn by_number(&self, number: u64) -> Result<Option<Hash>, Error> {
		let Ok(number) = u32::try_from(number) else {
			return Ok(None);
		};
		Ok(self.client.hash(number)?)
	}

	/// The block with this Ethereum hash, whether or not it is of the best chain.
	pub(super) fn by_hash(&self, hash: H256) -> Result<Option<Hash>, Error> {
		let found = self.client.get_aux(&key(BY_ETHEREUM_HASH, hash))?;
		Ok(found.and_then(|bytes| Hash::decode(&mut bytes.as_slice()).ok()))
	}

	/// The block of the best chain that has this transaction, and its place in [`Kept::transactions`].
	pub(super) fn by_transaction(&self, hash: H256) -> Result<Option<(Hash, Kept, usize)>, Error> {
		let Some(bytes) = self.client.get_aux(&key(BY_TRANSACTION, hash))? else {
			return Ok(None);
		};
		for block in Vec::<Hash>::decode(&mut bytes.as_slice()).unwrap_or_default() {
			if !self.is_canonical(block)? {
				continue;
			}
			let kept = self.read(block)?;
			let place = kept
				.transactions
				.iter()
				.position(|transaction| transaction.hash == hash);
			if let Some(place) = place {
				return Ok(Some((block, kept, place)));
			}
		}
		Ok(None)
	}

	/// Whether a block is of the best chain.
	pub(super) fn is_canonical(&self, block: Hash) -> Result<bool, Error> {
		let Some(number) = self.client.number(block)? else {
			return Ok(false);
		};
		Ok(self.client.hash(number)? == Some(block))
	}

	/// Whether a block's state is still there.
	pub(super) fn has_state(&self, block: Hash, number: u64) -> bool {
		u32::try_from(number).is_ok_and(|number| self.backend.have_state_at(block, number))
	}

	/// A block as it was kept; one that wasn't is derived and kept now.
	pub(super) fn read(&self, block: Hash) -> Result<Kept, Error> {
		if let Some(bytes) = self.client.get_aux(&key(BY_BLOCK, block))? {
			if let Some((&VERSION, mut record)) = bytes.split_first() {
				if let Ok(kept) = Kept::decode(&mut record) {
					return Ok(kept);
				}
			}
		}
		let number = self
			.client
			.number(block)?
			.ok_or_else(|| Error::UnknownBlock("block not found".into()))?;
		if !self.has_state(block, number.into()) {
			return Err(Error::NotKept(number.into()));
		}
		let kept = self.derive(block)?;
		self.keep(block, &kept)?;
		Ok(kept)
	}

	/// Whether a block is kept.
	pub(super) fn has_record(&self, block: Hash) -> Result<bool, Error> {
		let found = self.client.get_aux(&key(BY_BLOCK, block))?;
		Ok(found.is_some_and(|bytes| bytes.first() == Some(&VERSION)))
	}

	/// Forgets a block that lost against another.
	pub(super) fn forget(&self, block: Hash) -> Result<(), Error> {
		let Some(bytes) = self.client.get_aux(&key(BY_BLOCK, block))? else {
			return Ok(());
		};
		let mut gone = vec![key(BY_BLOCK, block)];
		if let Ok(kept) = Kept::decode(&mut bytes.get(1..).unwrap_or_default()) {
			if self.by_hash(kept.hash)? == Some(block) {
				gone.push(key(BY_ETHEREUM_HASH, kept.hash));
			}
			let mut changed = Vec::new();
			for transaction in &kept.transactions {
				let place = key(BY_TRANSACTION, transaction.hash);
				let mut blocks = self.blocks_of(&place)?;
				blocks.retain(|each| *each != block);
				if blocks.is_empty() {
					gone.push(place);
				} else {
					changed.push((place, blocks.encode()));
				}
			}
			self.write(&changed, &[])?;
		}
		self.write(&[], &gone)
	}

	fn keep(&self, block: Hash, kept: &Kept) -> Result<(), Error> {
		let mut record = vec![VERSION];
		kept.encode_to(&mut record);
		let mut entries = vec![
			(key(BY_BLOCK, block), record),
			(key(BY_ETHEREUM_HASH, kept.hash), block.encode()),
		];
		for transaction in &kept.transactions {
			let place = key(BY_TRANSACTION, transaction.hash);
			// The same transaction can be in blocks of several forks.
			let mut blocks = self.blocks_of(&place)?;
			if !blocks.contains(&block) {
				blocks.push(block);
				entries.push((place, blocks.encode()));
			}
		}
		self.write(&entries, &[])
	}

	fn blocks_of(&self, place: &[u8]) -> Result<Vec<Hash>, Error> {
		let bytes = self.client.get_aux(place)?;
		Ok(bytes
			.and_then(|bytes| Decode::decode(&mut bytes.as_slice()).ok())
			.unwrap_or_default())
	}

	fn write(&self, entries: &[(Vec<u8>, Vec<u8>)], gone: &[Vec<u8>]) -> Result<(), Error> {
		let entries: Vec<(&[u8], &[u8])> = entries
			.iter()
			.map(|(key, value)| (key.as_slice(), value.as_slice()))
			.collect();
		let gone: Vec<&[u8]> = gone.iter().map(Vec::as_slice).collect();
		Ok(self.client.insert_aux(entries.iter(), gone.iter())?)
	}

	fn derive(&self, block: Hash) -> Result<Kept, Error> {
		let api = self.client.runtime_api();
		let BlockVersionedOutputPayload::V1(output) =
			api.eth_block_versioned(block, BlockInputPayloadV1.into())?;
		let ReceiptDataVersionedOutputPayload::V1(receipts) =
			api.eth_receipt_data_versioned(block, ReceiptDataInputPayloadV1.into())?;
		let extrinsics = self.client.block_body(block)?.unwrap_or_default();
		let origins = api.origins(block, extrinsics.clone())?;
		let outcomes = api.outcomes(block)?;
		let header = output.block;

		let outcome_of = |extrinsic: Option<u32>| {
			let mut success = true;
			let mut logs = Vec::new();
			for outcome in outcomes
				.iter()
				.filter(|outcome| outcome.extrinsic == extrinsic)
			{
				success &= outcome.success;
				logs.extend(outcome.logs.iter().map(|log| KeptLog {
					address: log.address,
					topics: log.topics.clone(),
					data: log.data.clone(),
				}));
			}
			(success, logs)
		};
		let mut receipts = receipts.receipt_data.into_iter();
		let (mut transactions, mut foreign) = (Vec::new(), Vec::new());
		let indices = (0_u32..).map(Some);
		for ((index, origin), extrinsic) in indices.zip(origins).zip(&extrinsics) {
			let (success, logs) = outcome_of(index);
			match origin {
				Origin::Ethereum(payload) => {
					let from = signer(&payload).unwrap_or_default();
					let receipt = receipts.next();
					transactions.push(KeptTransaction {
						hash: keccak_256(&payload).into(),
						source: Source::Ethereum(payload),
						extrinsic: index,
						from,
						success,
						gas_used: receipt
							.as_ref()
							.map_or(U256::zero(), |receipt| receipt.gas_used),
						gas_price: receipt
							.map_or(U256::zero(), |receipt| receipt.effective_gas_price),
						logs,
					});
				}
				Origin::Signed(from) if !logs.is_empty() => {
					foreign.push(foreign_transaction(
						blake2_256(&extrinsic.encode()).into(),
						index,
						from,
						logs,
					));
				}
				Origin::Unsigned if !logs.is_empty() => foreign.push(foreign_transaction(
					blake2_256(&extrinsic.encode()).into(),
					index,
					H160::zero(),
					logs,
				)),
				_ => {}
			}
		}
		let (_, logs) = outcome_of(None);
		if !logs.is_empty() {
			let hash = blake2_256(&(b"hooks", block).encode()).into();
			foreign.push(foreign_transaction(hash, None, H160::zero(), logs));
		}
		transactions.extend(foreign);

		let HashesOrTransactionInfosV1::Hashes(expected) = &header.transactions else {
			return Err(Error::Internal(
				"the runtime gave whole transactions where it gives hashes".into(),
			));
		};
		let own = transactions
			.iter()
			.filter(|each| matches!(each.source, Source::Ethereum(_)));
		if !own.map(|each| each.hash).eq(expected.iter().copied()) {
			return Err(Error::Internal(format!(
				"the Ethereum transactions of block {} are not those that it commits to",
				header.number
			)));
		}
		Ok(Kept {
			hash: header.hash,
			parent: header.parent_hash,
			number: header.number.as_u64(),
			author: header.miner,
			timestamp: header.timestamp.as_u64(),
			base_fee: header.base_fee_per_gas,
			gas_limit: header.gas_limit,
			gas_used: header.gas_used,
			size: header.size,
			mix_hash: header.mix_hash,
			state_root: header.state_root,
			transactions_root: header.transactions_root,
			receipts_root: header.receipts_root,
			bloom: (header.logs_bloom.0 != [0; 256]).then(|| Box::new(Bloom(header.logs_bloom.0))),
			transactions,
		})
	}
}

fn foreign_transaction(
	hash: H256,
	extrinsic: Option<u32>,
	from: H160,
	logs: Vec<KeptLog>,
) -> KeptTransaction {
	KeptTransaction {
		hash,
		source: Source::Foreign,
		extrinsic,
		from,
		success: true,
		gas_used: U256::zero(),
		gas_price: U256::zero(),
		logs,
	}
}

fn key(prefix: &[u8], hash: H256) -> Vec<u8> {
	[prefix, hash.as_bytes()].concat()
}

/// Who signed an Ethereum transaction.
pub(super) fn signer(payload: &[u8]) -> Option<H160> {
	TransactionSigned::decode(payload)
		.ok()?
		.recover_eth_address()
		.ok()
}

/// The Bloom filter of logs.
fn bloom_of(logs: &[KeptLog]) -> Bloom {
	let mut bloom = Bloom::zero();
	for log in logs {
		bloom.accrue(Input::Raw(log.address.as_bytes()));
		for topic in &log.topics {
			bloom.accrue(Input::Raw(topic.as_bytes()));
		}
	}
	bloom
}

impl Kept {
	/// The Ethereum transactions.
	pub(super) fn own(&self) -> impl Iterator<Item = &KeptTransaction> {
		self.transactions
			.iter()
			.filter(|each| matches!(each.source, Source::Ethereum(_)))
	}

	/// Whether there can be a log that has one of each set, where a set isn't empty. Of what is not in the block's
	/// filter, which has Ethereum's own transactions only, there always can.
	pub(super) fn may_hold(&self, sets: &[Vec<Bloom>]) -> bool {
		let foreign = |each: &KeptTransaction| matches!(each.source, Source::Foreign);
		self.transactions.iter().any(foreign)
			|| self.bloom.as_ref().is_some_and(|bloom| {
				let holds = |set: &Vec<Bloom>| {
					set.is_empty() || set.iter().any(|item| bloom.contains_bloom(item))
				};
				sets.iter().all(holds)
			})
	}

	/// What was paid for gas beyond its price, at percentiles of the gas used, in rising order.
	pub(super) fn rewards(&self, percentiles: &[f64]) -> Vec<U256> {
		let mut paid: Vec<(U256, U256)> = self
			.own()
			.map(|each| (each.gas_price.saturating_sub(self.base_fee), each.gas_used))
			.collect();
		paid.sort_unstable();
		let all = paid
			.iter()
			.fold(U256::zero(), |sum, (_, gas)| sum.saturating_add(*gas));
		let at = |percentile: &f64| {
			// To a millionth of a percent.
			let part = U256::from((percentile * 1e6) as u64);
			let wanted = all.saturating_mul(part) / U256::from(100_000_000_u64);
			let mut sum = U256::zero();
			let reached = paid.iter().find(|(_, gas)| {
				sum = sum.saturating_add(*gas);
				sum >= wanted
			});
			reached.map_or(U256::zero(), |(reward, _)| *reward)
		};
		percentiles.iter().map(at).collect()
	}

	/// The header.
	pub(super) fn header(&self) -> Header {
		Header {
			base_fee_per_gas: self.base_fee,
			gas_limit: self.gas_limit,
			gas_used: self.gas_used,
			hash: Some(self.hash),
			logs_bloom: Bytes256(self.bloom.as_ref().map_or([0; 256], |bloom| bloom.0)),
			miner: Some(self.author),
			nonce: Some(Bytes8::default()),
			number: self.number.into(),
			parent_hash: self.parent,
			receipts_root: self.receipts_root,
			size: self.size,
			mix_hash: self.mix_hash,
			state_root: self.state_root,
			timestamp: self.timestamp.into(),
			transactions_root: self.transactions_root,
			..Default::default()
		}
	}

	/// The block, with its transactions or their hashes.
	pub(super) fn block(&self, full: bool) -> Result<Block, Error> {
		let transactions = if full {
			let all = (0..self.own().count()).map(|place| self.transaction(place));
			Transactions::Full(all.collect::<Result<_, _>>()?)
		} else {
			Transactions::Hashes(self.own().map(|each| each.hash).collect())
		};
		Ok(Block {
			header: self.header(),
			transactions,
			uncles: Vec::new(),
			withdrawals: Vec::new(),
		})
	}

	fn at(&self, place: usize) -> Result<&KeptTransaction, Error> {
		self.transactions
			.get(place)
			.ok_or_else(|| Error::Internal("no such transaction".into()))
	}

	/// A transaction by its place.
	pub(super) fn transaction(&self, place: usize) -> Result<Transaction, Error> {
		let kept = self.at(place)?;
		let transaction_index = U256::from(place);
		match &kept.source {
			Source::Ethereum(payload) => {
				let mut signed = decode(payload)?;
				if let TransactionSigned::Transaction1559Signed(signed) = &mut signed {
					// What was paid, now that it is known.
					signed.transaction_1559_unsigned.gas_price = kept.gas_price;
				}
				Ok(Transaction::Included(TransactionInfoV1 {
					block_hash: self.hash,
					block_number: self.number.into(),
					from: kept.from,
					hash: kept.hash,
					transaction_index,
					transaction_signed: signed.into(),
				}))
			}
			Source::Foreign => Ok(Transaction::Foreign(ForeignTransaction {
				block_hash: self.hash,
				block_number: self.number.into(),
				transaction_index,
				from: kept.from,
				hash: kept.hash,
				to: None,
				input: Bytes::default(),
				value: U256::zero(),
				gas: U256::zero(),
				gas_price: U256::zero(),
				nonce: U256::zero(),
				r#type: U256::zero(),
				v: U256::zero(),
				r: U256::zero(),
				s: U256::zero(),
			})),
		}
	}

	/// The logs that are wanted, by their transaction's place and themselves.
	pub(super) fn logs(&self, removed: bool, wanted: impl Fn(usize, &KeptLog) -> bool) -> Vec<Log> {
		let transactions = self.transactions.iter().enumerate();
		let all = transactions.flat_map(|(place, each)| {
			let logs = each.logs.iter();
			logs.map(move |log| (place, each.hash, log))
		});
		// Numbered through the block, whatever is wanted of it.
		all.enumerate()
			.filter(|(_, (place, _, log))| wanted(*place, log))
			.map(|(index, (place, transaction_hash, log))| Log {
				address: log.address,
				topics: log.topics.clone(),
				data: Bytes(log.data.clone()),
				block_hash: self.hash,
				block_number: self.number.into(),
				block_timestamp: self.timestamp.into(),
				transaction_hash,
				transaction_index: place.into(),
				log_index: index.into(),
				removed,
			})
			.collect()
	}

	/// A transaction's receipt.
	pub(super) fn receipt(&self, place: usize) -> Result<Receipt, Error> {
		let kept = self.at(place)?;
		let (to, contract_address, kind) = match &kept.source {
			Source::Foreign => (None, None, U256::zero()),
			Source::Ethereum(payload) => {
				let signed = GenericTransaction::from_signed(
					decode(payload)?,
					kept.gas_price,
					Some(kept.from),
				);
				let nonce = signed.nonce.unwrap_or_default().low_u64();
				let created = (signed.to.is_none() && kept.success)
					.then(|| pallet_revive::create1(&kept.from, nonce));
				(
					signed.to,
					created,
					signed.r#type.map_or(U256::zero(), |kind| kind.0.into()),
				)
			}
		};
		let up_to = self.transactions.iter().take(place.saturating_add(1));
		Ok(Receipt {
			block_hash: self.hash,
			block_number: self.number.into(),
			contract_address,
			cumulative_gas_used: up_to
				.fold(U256::zero(), |sum, each| sum.saturating_add(each.gas_used)),
			effective_gas_price: kept.gas_price,
			from: kept.from,
			gas_used: kept.gas_used,
			logs: self.logs(false, |each, _| each == place),
			logs_bloom: Bytes256(bloom_of(&kept.logs).0),
			status: u32::from(kept.success).into(),
			to,
			transaction_hash: kept.hash,
			transaction_index: place.into(),
			r#type: kind,
		})
	}
}

fn decode(payload: &[u8]) -> Result<TransactionSigned, Error> {
	TransactionSigned::decode(payload).map_err(|error| {
		Error::Internal(format!("a transaction in a block can't be read: {error}"))
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	fn transaction(
		source: Source,
		gas_price: u64,
		gas_used: u64,
		logs: Vec<KeptLog>,
	) -> KeptTransaction {
		KeptTransaction {
			hash: H256::from_low_u64_be(gas_price),
			source,
			extrinsic: None,
			from: H160::zero(),
			success: true,
			gas_used: gas_used.into(),
			gas_price: gas_price.into(),
			logs,
		}
	}

	fn block(base_fee: u64, transactions: Vec<KeptTransaction>) -> Kept {
		let own = transactions
			.iter()
			.filter(|each| matches!(each.source, Source::Ethereum(_)));
		let mut bloom = Bloom::zero();
		for each in own {
			bloom.accrue_bloom(&bloom_of(&each.logs));
		}
		Kept {
			hash: H256::repeat_byte(1),
			parent: H256::zero(),
			number: 1,
			author: H160::zero(),
			timestamp: 0,
			base_fee: base_fee.into(),
			gas_limit: U256::MAX,
			gas_used: U256::zero(),
			size: U256::zero(),
			mix_hash: H256::zero(),
			state_root: H256::zero(),
			transactions_root: H256::zero(),
			receipts_root: H256::zero(),
			bloom: (!bloom.is_empty()).then(|| Box::new(bloom)),
			transactions,
		}
	}

	fn log(address: u8, topic: u8) -> KeptLog {
		KeptLog {
			address: H160::repeat_byte(address),
			topics: vec![H256::repeat_byte(topic)],
			data: Vec::new(),
		}
	}

	fn set(items: &[H256]) -> Vec<Bloom> {
		items
			.iter()
			.map(|item| Bloom::from(Input::Raw(item.as_bytes())))
			.collect()
	}

	#[test]
	fn a_block_is_passed_over_by_its_filter() {
		let [one, two] = [1, 2].map(H256::repeat_byte);
		let ours = block(
			1,
			vec![transaction(
				Source::Ethereum(Vec::new()),
				1,
				1,
				vec![log(9, 1)],
			)],
		);
		assert!(ours.may_hold(&[set(&[one])]));
		assert!(ours.may_hold(&[set(&[two, one]), set(&[])]));
		assert!(!ours.may_hold(&[set(&[two])]));
		assert!(!ours.may_hold(&[set(&[one]), set(&[two])]));
		assert!(!block(1, Vec::new()).may_hold(&[]));
		// Other wallets' logs are not in it.
		let foreign = block(1, vec![transaction(Source::Foreign, 0, 0, vec![log(9, 1)])]);
		assert!(foreign.may_hold(&[set(&[two])]));
	}

	#[test]
	fn rewards_are_weighed_by_gas() {
		let own = |price, gas| transaction(Source::Ethereum(Vec::new()), price, gas, Vec::new());
		let kept = block(10, vec![own(15, 70), own(10, 20), own(12, 10)]);
		let rewards = kept.rewards(&[0.0, 20.0, 21.0, 30.0, 31.0, 100.0]);
		assert_eq!(rewards, [0, 0, 2, 2, 5, 5].map(U256::from));
		assert_eq!(block(10, Vec::new()).rewards(&[50.0]), [U256::zero()]);
	}

	#[test]
	fn logs_are_numbered_through_the_block() {
		let kept = block(
			1,
			vec![
				transaction(
					Source::Ethereum(Vec::new()),
					1,
					1,
					vec![log(1, 1), log(2, 2)],
				),
				transaction(Source::Foreign, 0, 0, vec![log(3, 3)]),
			],
		);
		let numbers: Vec<_> = kept
			.logs(false, |_, _| true)
			.into_iter()
			.map(|log| (log.transaction_index.low_u64(), log.log_index.low_u64()))
			.collect();
		assert_eq!(numbers, [(0, 0), (0, 1), (1, 2)]);
	}

	#[test]
	fn what_is_kept_is_read_again() {
		let kept = block(1, vec![transaction(Source::Foreign, 0, 0, vec![log(3, 3)])]);
		assert_eq!(Kept::decode(&mut kept.encode().as_slice()), Ok(kept));
	}
}
