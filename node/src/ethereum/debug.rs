//! The methods `debug_…`: what a transaction or call does inside.

use super::{chain::Chain, error::Error, types::BlockId};
use jsonrpsee::{core::RpcResult, proc_macros::rpc, Extensions};
use openledger_runtime::{opaque, Hash};
use pallet_revive::{
	pallet_revive_types::runtime_api::{
		CallTraceV2, GenericTransactionV1, StateOverrideSetV1, TraceBlockInputPayloadV2,
		TraceBlockVersionedInputPayload, TraceBlockVersionedOutputPayload, TraceCallInputPayloadV2,
		TraceCallVersionedInputPayload, TraceCallVersionedOutputPayload, TraceEntryV1,
		TraceTxInputPayloadV2, TraceTxVersionedInputPayload, TraceTxVersionedOutputPayload,
		TraceV2, TracerTypeV1,
	},
	ReviveApi,
};
use sc_client_api::BlockBackend;
use sc_rpc::DenyUnsafe;
use serde::{Deserialize, Serialize};
use sp_api::ProvideRuntimeApi;
use sp_core::H256;
use sp_runtime::traits::{Block as _, Header as _};
use std::sync::Arc;

/// How to trace, as Geth has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Options {
	/// `callTracer` or `prestateTracer`, and its options.
	#[serde(flatten)]
	tracer: Option<TracerTypeV1>,
	/// For calls: what to change in the state before.
	state_overrides: Option<StateOverrideSetV1>,
}

impl Options {
	fn tracer(&self) -> Result<TracerTypeV1, Error> {
		match &self.tracer {
			Some(TracerTypeV1::ExecutionTracer(_)) | None => Err(Error::Params(
				"traces of single instructions are switched off on this chain: give \"callTracer\" or \"prestateTracer\" as tracer".into(),
			)),
			Some(tracer) => Ok(tracer.clone()),
		}
	}
}

/// A transaction of a traced block.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TracedTransaction {
	/// Its hash.
	pub(super) tx_hash: H256,
	/// What it did.
	pub(super) result: TraceV2,
}

/// `debug_…`, as Geth has it.
#[rpc(server, namespace = "debug")]
pub(super) trait Debug {
	/// Runs a transaction of a block again, and tells what it did.
	#[method(name = "traceTransaction", blocking, with_extensions)]
	fn trace_transaction(&self, hash: H256, options: Option<Options>) -> RpcResult<TraceV2>;

	/// Runs a block again, and tells what its transactions did.
	#[method(name = "traceBlockByNumber", blocking, with_extensions)]
	fn trace_block_by_number(
		&self,
		number: BlockId,
		options: Option<Options>,
	) -> RpcResult<Vec<TracedTransaction>>;

	/// The same by the block's hash.
	#[method(name = "traceBlockByHash", blocking, with_extensions)]
	fn trace_block_by_hash(
		&self,
		hash: H256,
		options: Option<Options>,
	) -> RpcResult<Vec<TracedTransaction>>;

	/// Tells what a call would do.
	#[method(name = "traceCall", blocking, with_extensions)]
	fn trace_call(
		&self,
		transaction: GenericTransactionV1,
		block: BlockId,
		options: Option<Options>,
	) -> RpcResult<TraceV2>;
}

/// Answers the methods.
pub(super) struct DebugRpc {
	/// The chain.
	pub(super) chain: Arc<Chain>,
}

impl DebugRpc {
	/// A block and the one before, whose state it is run on again.
	fn rerun(&self, hash: Hash) -> Result<(Hash, opaque::Block), Error> {
		let client = self.chain.client();
		let gone = || {
			Error::UnknownBlock("block not found: this node has not kept its transactions".into())
		};
		let header = client.header(hash)?.ok_or_else(gone)?;
		let body = client.block_body(hash)?.ok_or_else(gone)?;
		let number = u64::from(*header.number());
		let parent = *header.parent_hash();
		if number == 0 {
			return Err(Error::UnknownBlock("the first block ran nothing".into()));
		}
		if !self
			.chain
			.blocks
			.has_state(parent, number.saturating_sub(1))
		{
			return Err(Error::Pruned(number.saturating_sub(1)));
		}
		Ok((parent, opaque::Block::new(header, body)))
	}

	fn traced(entry: TraceEntryV1) -> Result<TraceV2, Error> {
		match entry {
			TraceEntryV1::Traced(mut trace) => {
				if let TraceV2::Call(call) = &mut trace {
					bare_reasons(call);
				}
				Ok(trace)
			}
			TraceEntryV1::NotTraced => Err(Error::Refused(
				"the transaction could not be run again with a trace".into(),
			)),
		}
	}

	fn transaction(&self, hash: H256, options: &Options) -> Result<TraceV2, Error> {
		let config = options.tracer()?;
		let (block, kept, place) = self
			.chain
			.blocks
			.by_transaction(hash)?
			.ok_or_else(|| Error::UnknownBlock("transaction not found in any block".into()))?;
		let extrinsic = kept.transactions.get(place).and_then(|each| each.extrinsic);
		let tx_index = extrinsic
			.ok_or_else(|| Error::Params("the chain's own doings can't be traced".into()))?;
		let (parent, block) = self.rerun(block)?;
		let input = TraceTxVersionedInputPayload::V2(TraceTxInputPayloadV2 {
			block,
			tx_index,
			config,
		});
		match self
			.chain
			.client()
			.runtime_api()
			.trace_tx_versioned(parent, input)?
		{
			TraceTxVersionedOutputPayload::V2(output) => Self::traced(
				output
					.entry
					.ok_or_else(|| Error::Refused("the transaction ran no contract".into()))?,
			),
			TraceTxVersionedOutputPayload::V1(_) => Err(Error::Internal(
				"the runtime answered in another version".into(),
			)),
		}
	}

	fn block(&self, id: BlockId, options: &Options) -> Result<Vec<TracedTransaction>, Error> {
		let config = options.tracer()?;
		let at = self
			.chain
			.find(id)?
			.ok_or_else(|| Error::unknown_block(id))?;
		let kept = self.chain.blocks.read(at.hash)?;
		let (parent, block) = self.rerun(at.hash)?;
		let input = TraceBlockVersionedInputPayload::V2(TraceBlockInputPayloadV2 { block, config });
		let TraceBlockVersionedOutputPayload::V2(output) = self
			.chain
			.client()
			.runtime_api()
			.trace_block_versioned(parent, input)?
		else {
			return Err(Error::Internal(
				"the runtime answered in another version".into(),
			));
		};
		let traced = output.entries.into_iter().filter_map(|(extrinsic, entry)| {
			let mut own = kept.own();
			let transaction = own.find(|each| each.extrinsic == Some(extrinsic))?;
			Some(Self::traced(entry).map(|result| TracedTransaction {
				tx_hash: transaction.hash,
				result,
			}))
		});
		traced.collect()
	}
}

/// The reasons as Geth gives them, without what kind they are of.
fn bare_reasons(call: &mut CallTraceV2) {
	if let Some(reason) = &mut call.revert_reason {
		if let Some(bare) = reason.strip_prefix("revert: ") {
			*reason = bare.into();
		}
	}
	call.calls.iter_mut().for_each(bare_reasons);
}

/// Running blocks again takes a node's time: as with other such methods, only for those that it trusts
/// (`--rpc-methods`).
fn check_if_safe(extensions: &Extensions) -> RpcResult<()> {
	let policy = extensions.get::<DenyUnsafe>().copied();
	Ok(policy.unwrap_or(DenyUnsafe::Yes).check_if_safe()?)
}

impl DebugServer for DebugRpc {
	fn trace_transaction(
		&self,
		extensions: &Extensions,
		hash: H256,
		options: Option<Options>,
	) -> RpcResult<TraceV2> {
		check_if_safe(extensions)?;
		Ok(self.transaction(hash, &options.unwrap_or_default())?)
	}

	fn trace_block_by_number(
		&self,
		extensions: &Extensions,
		number: BlockId,
		options: Option<Options>,
	) -> RpcResult<Vec<TracedTransaction>> {
		check_if_safe(extensions)?;
		Ok(self.block(number, &options.unwrap_or_default())?)
	}

	fn trace_block_by_hash(
		&self,
		extensions: &Extensions,
		hash: H256,
		options: Option<Options>,
	) -> RpcResult<Vec<TracedTransaction>> {
		check_if_safe(extensions)?;
		Ok(self.block(BlockId::Hash(hash, false), &options.unwrap_or_default())?)
	}

	fn trace_call(
		&self,
		extensions: &Extensions,
		transaction: GenericTransactionV1,
		block: BlockId,
		options: Option<Options>,
	) -> RpcResult<TraceV2> {
		check_if_safe(extensions)?;
		let options = options.unwrap_or_default();
		let at = self.chain.state(block)?;
		let input = TraceCallVersionedInputPayload::V2(TraceCallInputPayloadV2 {
			tx: transaction,
			config: options.tracer()?,
			state_overrides: options.state_overrides,
		});
		let output = self
			.chain
			.client()
			.runtime_api()
			.trace_call_versioned(at, input)
			.map_err(Error::from)?
			.map_err(Error::from_run)?;
		match output {
			TraceCallVersionedOutputPayload::V2(output) => Ok(output.trace),
			TraceCallVersionedOutputPayload::V1(_) => {
				Err(Error::Internal("the runtime answered in another version".into()).into())
			}
		}
	}
}
