//! Errors, with the codes that wallets and libraries know.

use super::types::BlockId;
use jsonrpsee::types::ErrorObjectOwned;
use pallet_revive::{
	evm::{decode_revert_reason, Bytes},
	EthTransactError,
};
use sc_transaction_pool_api::error::{Error as PoolError, IntoPoolError};
use sp_runtime::transaction_validity::InvalidTransaction;

/// What can't be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
	/// The parameters make no sense together.
	#[error("{0}")]
	Params(String),
	/// There is no such block, or this node has none.
	#[error("{0}")]
	UnknownBlock(String),
	/// The block's state is gone.
	#[error("the state of block {0} is pruned: ask a node that keeps all states (--state-pruning archive)")]
	Pruned(u64),
	/// The block came before this node began to keep what Ethereum's methods need of it, and its state is gone.
	#[error(
		"block {0} was imported before this node kept Ethereum blocks, and its state is pruned: ask a node that keeps all states (--state-pruning archive)"
	)]
	NotKept(u64),
	/// Too much was asked for.
	#[error("{0}")]
	Limit(String),
	/// There is no such filter.
	#[error("filter not found: it was never made, or nobody has asked for it for five minutes")]
	UnknownFilter,
	/// The contract reverted.
	#[error("{message}")]
	Reverted {
		/// Why, as far as it is text.
		message: String,
		/// What it returned.
		data: Vec<u8>,
	},
	/// The transaction can't be accepted, or the call not be run.
	#[error("{0}")]
	Refused(String),
	/// The node has failed.
	#[error("internal error: {0}")]
	Internal(String),
}

impl Error {
	/// That there is no such block.
	pub(super) fn unknown_block(id: BlockId) -> Self {
		Self::UnknownBlock(match id {
			BlockId::Number(number) => format!("block not found: {number} is not made yet"),
			BlockId::Hash(hash, true) => {
				format!("block not found: {hash:?} is not known, or not of the best chain")
			}
			BlockId::Hash(hash, false) => format!("block not found: {hash:?} is not known"),
			_ => "block not found".into(),
		})
	}

	/// What a dry run failed with.
	pub(super) fn from_run(error: EthTransactError) -> Self {
		match error {
			EthTransactError::Data(data) => {
				let reason = decode_revert_reason(&data);
				Self::Reverted {
					message: reason.map_or("execution reverted".into(), |reason| {
						format!(
							"execution reverted: {}",
							reason.trim_start_matches("revert: ")
						)
					}),
					data,
				}
			}
			EthTransactError::Message(message) => Self::Refused(message),
		}
	}

	/// Why the pool does not take a transaction, in the words that libraries look for.
	pub(super) fn from_pool(error: impl IntoPoolError) -> Self {
		let shown = error.to_string();
		let message = match error.into_pool_error() {
			Ok(PoolError::InvalidTransaction(InvalidTransaction::Stale)) => {
				"nonce too low: the account has sent a transaction with this nonce".into()
			}
			Ok(PoolError::InvalidTransaction(InvalidTransaction::Future)) => {
				"nonce too high".into()
			}
			Ok(PoolError::InvalidTransaction(InvalidTransaction::Payment)) => {
				"intrinsic gas too low, or insufficient funds for gas * price + value: eth_estimateGas tells how much it takes".into()
			}
			Ok(PoolError::InvalidTransaction(InvalidTransaction::ExhaustsResources)) => {
				"exceeds block gas limit: the transaction may take more than a block holds".into()
			}
			Ok(PoolError::InvalidTransaction(InvalidTransaction::BadProof)) => {
				"invalid sender: the signature is wrong, or for another chain id".into()
			}
			Ok(PoolError::AlreadyImported(_)) => "already known".into(),
			Ok(PoolError::TooLowPriority { .. }) => {
				"replacement transaction underpriced: another with this nonce waits already".into()
			}
			Ok(PoolError::ImmediatelyDropped) => {
				"the pool is full: try again later, or with a higher fee".into()
			}
			Ok(PoolError::TemporarilyBanned) => {
				"already known: it was found invalid, or was included, a moment ago".into()
			}
			_ => shown,
		};
		Self::Refused(message)
	}
}

impl From<sp_blockchain::Error> for Error {
	fn from(error: sp_blockchain::Error) -> Self {
		Self::Internal(error.to_string())
	}
}

impl From<sp_api::ApiError> for Error {
	fn from(error: sp_api::ApiError) -> Self {
		Self::Internal(error.to_string())
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		let message = error.to_string();
		match error {
			Error::Params(_) => Self::owned(-32_602, message, None::<()>),
			Error::Limit(_) => Self::owned(-32_005, message, None::<()>),
			Error::Reverted { data, .. } => Self::owned(3, message, Some(Bytes(data))),
			Error::Internal(_) => Self::owned(-32_603, message, None::<()>),
			_ => Self::owned(-32_000, message, None::<()>),
		}
	}
}
