//! Ethereum's view of each block: derived from the runtime once, while the block's state is there, and kept in
//! the node's database, so that blocks, receipts and logs outlive the state.

use super::{
	error::Error,
	types::{Block, ForeignTransaction, Header, Log, Receipt, Transaction, Transactions},
};
use crate::service::{FullBackend, FullClient};
use codec::{Decode, Encode};
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
pub struct KeptLog {
	pub address: H160,
	pub topics: Vec<H256>,
	pub data: Vec<u8>,
}

/// Where a transaction came from.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub enum Source {
	/// An Ethereum wallet signed it: RLP.
	Ethereum(Vec<u8>),
	/// Another wallet did, or the chain itself acted. Its contracts made logs.
	Foreign,
}

/// A transaction and what came of it, as it is kept.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct KeptTransaction {
	pub hash: H256,
	pub source: Source,
	/// The extrinsic's place in the block; of hooks none.
	pub extrinsic: Option<u32>,
	pub from: H160,
	pub success: bool,
	pub gas_used: U256,
	pub gas_price: U256,
	pub logs: Vec<KeptLog>,
}

/// A block, as it is kept.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct Kept {
	pub hash: H256,
	pub parent: H256,
	pub number: u64,
	pub author: H160,
	pub timestamp: u64,
	pub base_fee: U256,
	pub gas_limit: U256,
	pub gas_used: U256,
	pub size: U256,
	pub mix_hash: H256,
	pub state_root: H256,
	pub transactions_root: H256,
	pub receipts_root: H256,
	/// The Bloom filter in the block, of Ethereum's own transactions; none if it is empty.
	pub bloom: Option<Box<[u8; 256]>>,
	/// Those of Ethereum in front, then the others that made logs.
	pub transactions: Vec<KeptTransaction>,
}

/// Blocks as Ethereum's clients see them.
pub struct Blocks {
	client: Arc<FullClient>,
	backend: Arc<FullBackend>,
}

impl Blocks {
	/// Reads from and keeps in this database.
	pub fn new(client: Arc<FullClient>, backend: Arc<FullBackend>) -> Self {
		Self { client, backend }
	}

	/// The block of the best chain with this number.
	pub fn by_number(&self, number: u64) -> Result<Option<Hash>, Error> {
		let Ok(number) = u32::try_from(number) else {
			return Ok(None);
		};
		Ok(self.client.hash(number)?)
	}

	/// The block with this Ethereum hash, whether or not it is of the best chain.
	pub fn by_hash(&self, hash: H256) -> Result<Option<Hash>, Error> {
		if hash.is_zero() {
			// The first block has no Ethereum block: its successor names zero as its parent.
			return Ok(Some(self.client.info().genesis_hash));
		}
		let found = self.client.get_aux(&key(BY_ETHEREUM_HASH, hash))?;
		Ok(found.and_then(|bytes| Hash::decode(&mut bytes.as_slice()).ok()))
	}

	/// The block of the best chain that has this transaction, and its place in [`Kept::transactions`].
	pub fn by_transaction(&self, hash: H256) -> Result<Option<(Hash, Kept, usize)>, Error> {
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
	pub fn is_canonical(&self, block: Hash) -> Result<bool, Error> {
		let Some(number) = self.client.number(block)? else {
			return Ok(false);
		};
		Ok(self.client.hash(number)? == Some(block))
	}

	/// Whether a block's state is still there.
	pub fn has_state(&self, block: Hash, number: u64) -> bool {
		u32::try_from(number).is_ok_and(|number| self.backend.have_state_at(block, number))
	}

	/// A block as it was kept; one that wasn't is derived and kept now.
	pub fn read(&self, block: Hash) -> Result<Kept, Error> {
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
	pub fn has_record(&self, block: Hash) -> Result<bool, Error> {
		let found = self.client.get_aux(&key(BY_BLOCK, block))?;
		Ok(found.is_some_and(|bytes| bytes.first() == Some(&VERSION)))
	}

	/// Forgets a block that lost against another.
	pub fn forget(&self, block: Hash) -> Result<(), Error> {
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
			bloom: (header.logs_bloom.0 != [0; 256]).then(|| Box::new(header.logs_bloom.0)),
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
pub fn signer(payload: &[u8]) -> Option<H160> {
	TransactionSigned::decode(payload)
		.ok()?
		.recover_eth_address()
		.ok()
}

/// Whether a Bloom filter may hold all of what is looked for: one of each set, where a set isn't empty.
pub fn may_hold(bloom: &[u8; 256], sets: &[Vec<Vec<u8>>]) -> bool {
	sets.iter().all(|set| {
		set.is_empty()
			|| set.iter().any(|item| {
				bits(item)
					.into_iter()
					.all(|(place, mask)| bloom.get(place).is_some_and(|byte| byte & mask != 0))
			})
	})
}

/// The three bits that an address or topic sets, as byte and mask: yellow paper, 4.3.1.
fn bits(item: &[u8]) -> [(usize, u8); 3] {
	let hash = keccak_256(item);
	[0, 2, 4].map(|at: usize| {
		let high = usize::from(hash.get(at).copied().unwrap_or_default());
		let low = usize::from(hash.get(at.saturating_add(1)).copied().unwrap_or_default());
		let bit = ((high << 8) | low) & 0x7FF;
		(255_usize.saturating_sub(bit >> 3), 1 << (bit & 7))
	})
}

/// The Bloom filter of logs.
fn bloom_of(logs: &[KeptLog]) -> [u8; 256] {
	let mut bloom = [0; 256];
	for log in logs {
		let topics = log.topics.iter().map(H256::as_bytes);
		for (place, mask) in std::iter::once(log.address.as_bytes())
			.chain(topics)
			.flat_map(bits)
		{
			if let Some(byte) = bloom.get_mut(place) {
				*byte |= mask;
			}
		}
	}
	bloom
}

impl Kept {
	/// The Ethereum transactions.
	pub fn own(&self) -> impl Iterator<Item = &KeptTransaction> {
		self.transactions
			.iter()
			.filter(|each| matches!(each.source, Source::Ethereum(_)))
	}

	/// Whether there can be a log of these contracts and topics; see [`may_hold`].
	pub fn may_hold(&self, sets: &[Vec<Vec<u8>>]) -> bool {
		let mut others = self
			.transactions
			.iter()
			.filter(|each| matches!(each.source, Source::Foreign));
		others.next().is_some()
			|| self
				.bloom
				.as_ref()
				.is_some_and(|bloom| may_hold(bloom, sets))
	}

	/// What was paid for gas beyond its price, at percentiles of the gas used, in rising order.
	pub fn rewards(&self, percentiles: &[f64]) -> Vec<U256> {
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
	pub fn header(&self) -> Header {
		Header {
			base_fee_per_gas: self.base_fee,
			gas_limit: self.gas_limit,
			gas_used: self.gas_used,
			hash: Some(self.hash),
			logs_bloom: Bytes256(self.bloom.as_ref().map_or([0; 256], |bloom| **bloom)),
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
	pub fn block(&self, full: bool) -> Result<Block, Error> {
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
	pub fn transaction(&self, place: usize) -> Result<Transaction, Error> {
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

	/// The logs of a transaction.
	pub fn logs(&self, place: usize, removed: bool) -> Vec<Log> {
		let before: usize = self
			.transactions
			.iter()
			.take(place)
			.map(|each| each.logs.len())
			.sum();
		let Some(kept) = self.transactions.get(place) else {
			return Vec::new();
		};
		let numbered = (before..).zip(&kept.logs);
		numbered
			.map(|(index, log)| Log {
				address: log.address,
				topics: log.topics.clone(),
				data: Bytes(log.data.clone()),
				block_hash: self.hash,
				block_number: self.number.into(),
				block_timestamp: self.timestamp.into(),
				transaction_hash: kept.hash,
				transaction_index: place.into(),
				log_index: index.into(),
				removed,
			})
			.collect()
	}

	/// A transaction's receipt.
	pub fn receipt(&self, place: usize) -> Result<Receipt, Error> {
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
			logs: self.logs(place, false),
			logs_bloom: Bytes256(bloom_of(&kept.logs)),
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
