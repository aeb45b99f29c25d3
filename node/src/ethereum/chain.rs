//! What the methods read: blocks by what clients call them, and their state.

use super::{
	blocks::{Blocks, Kept},
	error::Error,
	types::BlockId,
};
use crate::service::{FullBackend, FullClient};
use openledger_runtime::{AccountId, Hash};
use pallet_revive::{
	pallet_revive_types::runtime_api::{
		AccountIdInputPayloadV1, AccountIdVersionedOutputPayload, BalanceInputPayloadV1,
		BalanceVersionedOutputPayload, CodeInputPayloadV1, CodeVersionedOutputPayload,
		EstimateGasInputPayloadV1, EstimateGasVersionedOutputPayload, GasPriceInputPayloadV1,
		GasPriceVersionedOutputPayload, GenericTransactionV1, GetStorageInputPayloadV1,
		GetStorageVersionedOutputPayload, NonceInputPayloadV1, NonceVersionedOutputPayload,
		StateOverrideSetV1, StorageKeyV1, TransactInputPayloadV1, TransactVersionedOutputPayload,
	},
	ReviveApi,
};
use sc_client_api::HeaderBackend;
use sp_api::ProvideRuntimeApi;
use sp_core::{H160, H256, U256};
use std::sync::Arc;

/// A block, and its state.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
	/// The chain's own hash.
	pub(super) hash: Hash,
	/// Its number.
	pub(super) number: u64,
}

/// The chain as Ethereum's clients see it.
pub(super) struct Chain {
	client: Arc<FullClient>,
	/// Blocks, receipts and logs.
	pub(super) blocks: Blocks,
}

impl Chain {
	/// Reads from this client.
	pub(super) fn new(client: Arc<FullClient>, backend: Arc<FullBackend>) -> Self {
		let blocks = Blocks::new(client.clone(), backend);
		Self { client, blocks }
	}

	/// The client.
	pub(super) fn client(&self) -> &Arc<FullClient> {
		&self.client
	}

	/// The newest block of the best chain.
	pub(super) fn best(&self) -> At {
		let info = self.client.info();
		At {
			hash: info.best_hash,
			number: info.best_number.into(),
		}
	}

	/// The block that a client means, which for `pending` is the newest; `None` if there is no such.
	pub(super) fn find(&self, id: BlockId) -> Result<Option<At>, Error> {
		let info = self.client.info();
		let found = match id {
			BlockId::Earliest => Some(info.genesis_hash),
			BlockId::Finalized => Some(info.finalized_hash),
			BlockId::Latest | BlockId::Pending => return Ok(Some(self.best())),
			BlockId::Number(number) => self.blocks.by_number(number)?,
			BlockId::Hash(hash, canonical) => match self.blocks.by_hash(hash)? {
				Some(block) if canonical && !self.blocks.is_canonical(block)? => None,
				other => other,
			},
		};
		let Some(hash) = found else {
			return Ok(None);
		};
		let number = self.client.number(hash)?;
		Ok(number.map(|number| At {
			hash,
			number: number.into(),
		}))
	}

	/// A block as Ethereum's clients see it; `None` if there is no such.
	pub(super) fn block(&self, id: BlockId) -> Result<Option<Kept>, Error> {
		self.find(id)?
			.map(|at| self.blocks.read(at.hash))
			.transpose()
	}

	/// A block whose state is to be read.
	pub(super) fn state(&self, id: BlockId) -> Result<Hash, Error> {
		let at = self.find(id)?.ok_or_else(|| Error::unknown_block(id))?;
		if self.blocks.has_state(at.hash, at.number) {
			Ok(at.hash)
		} else {
			Err(Error::Pruned(at.number))
		}
	}

	/// What an account has, in wei.
	pub(super) fn balance(&self, at: Hash, address: H160) -> Result<U256, Error> {
		let input = BalanceInputPayloadV1 { address };
		let BalanceVersionedOutputPayload::V1(output) = self
			.client
			.runtime_api()
			.balance_versioned(at, input.into())?;
		Ok(output.balance)
	}

	/// The nonce of an account's next transaction, those that wait not counted.
	pub(super) fn nonce(&self, at: Hash, address: H160) -> Result<u32, Error> {
		let input = NonceInputPayloadV1 { address };
		let NonceVersionedOutputPayload::V1(output) = self
			.client
			.runtime_api()
			.nonce_versioned(at, input.into())?;
		Ok(output.nonce)
	}

	/// The account behind an address.
	pub(super) fn account(&self, at: Hash, address: H160) -> Result<AccountId, Error> {
		let input = AccountIdInputPayloadV1 { address };
		let AccountIdVersionedOutputPayload::V1(output) = self
			.client
			.runtime_api()
			.account_id_versioned(at, input.into())?;
		Ok(output.account_id)
	}

	/// The code at an address.
	pub(super) fn code(&self, at: Hash, address: H160) -> Result<Vec<u8>, Error> {
		let input = CodeInputPayloadV1 { address };
		let CodeVersionedOutputPayload::V1(output) =
			self.client.runtime_api().code_versioned(at, input.into())?;
		Ok(output.code)
	}

	/// A word of a contract's storage; zero where there is nothing.
	pub(super) fn storage(&self, at: Hash, address: H160, slot: U256) -> Result<H256, Error> {
		let input = GetStorageInputPayloadV1 {
			address,
			key: StorageKeyV1::Fixed(slot.to_big_endian()),
		};
		let found = match self
			.client
			.runtime_api()
			.get_storage_versioned(at, input.into())?
		{
			Ok(GetStorageVersionedOutputPayload::V1(output)) => output.storage,
			// No contract.
			Err(_) => None,
		};
		let word: Option<[u8; 32]> = found.and_then(|bytes| bytes.try_into().ok());
		Ok(word.map_or(H256::zero(), H256::from))
	}

	/// The price of a unit of gas.
	pub(super) fn gas_price(&self, at: Hash) -> Result<U256, Error> {
		let GasPriceVersionedOutputPayload::V1(output) = self
			.client
			.runtime_api()
			.gas_price_versioned(at, GasPriceInputPayloadV1.into())?;
		Ok(output.gas_price)
	}

	/// What a call would return. Its sender need not have what it costs.
	pub(super) fn call(
		&self,
		at: Hash,
		tx: GenericTransactionV1,
		state_overrides: Option<StateOverrideSetV1>,
	) -> Result<Vec<u8>, Error> {
		let input = TransactInputPayloadV1 {
			tx,
			timestamp_override: None,
			perform_balance_checks: false,
			state_overrides,
		};
		let TransactVersionedOutputPayload::V1(output) = self
			.client
			.runtime_api()
			.eth_transact_versioned(at, input.into())?
			.map_err(Error::from_run)?;
		Ok(output.transact_info.data)
	}

	/// The gas that a transaction needs.
	pub(super) fn estimate(
		&self,
		at: Hash,
		tx: GenericTransactionV1,
		state_overrides: Option<StateOverrideSetV1>,
	) -> Result<U256, Error> {
		let input = EstimateGasInputPayloadV1 {
			tx,
			timestamp_override: None,
			state_overrides,
		};
		let EstimateGasVersionedOutputPayload::V1(output) = self
			.client
			.runtime_api()
			.eth_estimate_gas_versioned(at, input.into())?
			.map_err(Error::from_run)?;
		Ok(output.gas_estimate)
	}
}
