//! What a proof proves: the values in a block's state, and the passages that the answer cites.

use super::{evidence::ensure_version, payment, state::State, Evidence};
use codec::DecodeAll;
use openledger_data::proof::RowProof;
use openledger_primitives::{
	attribution::{is_well_formed, weigh},
	traits::Source,
	Answer, BatchId, ModelId, RequestId,
};
use openledger_runtime::{AccountId, BlockNumber, Hash, Header, Runtime};
use pallet_attribution::AttributionRecord;
use pallet_datanets::Batch;
use pallet_inference::{Ending, Receipt};
use pallet_models::{Model, Version};
use sp_core::storage::StorageKey;
use sp_runtime::traits::Header as _;
use std::collections::BTreeMap;

pub(super) type BatchOf = Batch<AccountId, BlockNumber>;

/// What was proved of an answer.
#[derive(Debug)]
pub struct Story {
	/// The request.
	pub request: RequestId,
	/// The first block of the chain that the state names.
	pub genesis: Hash,
	/// The block in whose state all this is.
	pub block: Hash,
	/// Its height.
	pub number: BlockNumber,
	/// How the request ended.
	pub receipt: Receipt<Runtime>,
	/// How its fee was divided; `None` if it was not.
	pub record: Option<AttributionRecord<AccountId>>,
	/// The model; `None` if it was retired.
	pub model: Option<Model<AccountId, BlockNumber>>,
	/// The version that ran; `None` if it was removed.
	pub version: Option<Version<BlockNumber>>,
	/// The batches that are cited or paid for, without those that are gone.
	pub batches: BTreeMap<BatchId, BatchOf>,
	/// The passages by batch and row, as far as a store handed them out.
	pub passages: BTreeMap<(BatchId, u32), RowProof>,
}

/// Where the chain keeps it.
pub mod keys {
	use super::*;

	/// The receipt of a request.
	pub fn receipt(request: RequestId) -> Vec<u8> {
		pallet_inference::Receipts::<Runtime>::hashed_key_for(request)
	}

	/// The record of what was paid for a request.
	pub fn record(request: RequestId) -> Vec<u8> {
		pallet_attribution::Records::<Runtime>::hashed_key_for(request)
	}

	/// What was paid for a batch of calls.
	pub fn distribution(source: Source) -> Vec<u8> {
		pallet_attribution::Distributions::<Runtime>::hashed_key_for(source)
	}

	/// A batch.
	pub fn batch(batch: BatchId) -> Vec<u8> {
		pallet_datanets::Batches::<Runtime>::hashed_key_for(batch)
	}

	/// The hash of the chain's first block.
	pub fn genesis() -> Vec<u8> {
		frame_system::BlockHash::<Runtime>::hashed_key_for(0)
	}

	/// A model.
	pub fn model(model: ModelId) -> Vec<u8> {
		pallet_models::Models::<Runtime>::hashed_key_for(model)
	}

	pub(super) fn version(model: ModelId, version: u32) -> Vec<u8> {
		pallet_models::Versions::<Runtime>::hashed_key_for(model, version)
	}

	/// All that a story is made of.
	pub fn all(
		request: RequestId,
		model: ModelId,
		version: u32,
		batches: impl IntoIterator<Item = BatchId>,
	) -> Vec<StorageKey> {
		[
			genesis(),
			receipt(request),
			record(request),
			self::model(model),
			self::version(model, version),
		]
		.into_iter()
		.chain(batches.into_iter().map(batch))
		.map(StorageKey)
		.collect()
	}
}

pub(super) fn no_receipt(request: RequestId) -> String {
	format!(
		"the chain has no receipt of request {request}: it is still open, was cancelled or never made, or ended so long \
		 ago that the chain has forgotten it"
	)
}

impl Evidence {
	/// Checks everything, and tells what it comes to. All of it holds for the block whose hash is in the story,
	/// if the chain has that block.
	pub fn verify(&self) -> Result<Story, String> {
		ensure_version(self)?;
		let header = Header::decode_all(&mut &self.header[..])
			.map_err(|error| format!("the header is none: {error}"))?;
		let state = State::new(header.state_root, &self.state)?;
		let request = self.request;
		let receipt: Receipt<Runtime> = state
			.get(keys::receipt(request))?
			.ok_or_else(|| no_receipt(request))?;
		let record: Option<AttributionRecord<AccountId>> = state.get(keys::record(request))?;
		let mut batches = BTreeMap::new();
		let cited = answer_of(&receipt)
			.into_iter()
			.flat_map(|answer| answer.citations.iter());
		let paid = record.iter().flat_map(|record| record.clusters.iter());
		for batch in cited
			.map(|citation| citation.batch)
			.chain(paid.map(|paid| paid.cluster))
		{
			if let Some(found) = state.get::<BatchOf>(keys::batch(batch))? {
				batches.insert(batch, found);
			}
		}
		let story = Story {
			request,
			genesis: state
				.get(keys::genesis())?
				.ok_or("the state does not name the chain's first block")?,
			block: header.hash(),
			number: *header.number(),
			model: state.get(keys::model(receipt.model))?,
			version: state.get(keys::version(receipt.model, receipt.version))?,
			passages: self.passages(&receipt, &batches)?,
			receipt,
			record,
			batches,
		};
		story.check()?;
		Ok(story)
	}

	/// Checks that each passage is cited, and stands in its batch.
	fn passages(
		&self,
		receipt: &Receipt<Runtime>,
		batches: &BTreeMap<BatchId, BatchOf>,
	) -> Result<BTreeMap<(BatchId, u32), RowProof>, String> {
		let mut passages = BTreeMap::new();
		for passage in &self.passages {
			let (batch, row) = (passage.batch, &passage.row);
			let is_cited = answer_of(receipt).is_some_and(|answer| {
				let mut citations = answer.citations.iter();
				citations.any(|citation| (citation.batch, citation.row) == (batch, row.row))
			});
			if !is_cited {
				return Err(format!(
					"the answer does not cite row {} of batch {batch}",
					row.row
				));
			}
			let known = batches
				.get(&batch)
				.ok_or_else(|| format!("the chain has no batch {batch}"))?;
			row.verify(known.root, known.rows)
				.map_err(|error| format!("row {} of batch {batch}: {error}", row.row))?;
			passages.insert((batch, row.row), row.clone());
		}
		Ok(passages)
	}
}

/// The answer, if there is one.
pub(super) fn answer_of(receipt: &Receipt<Runtime>) -> Option<&Answer> {
	match &receipt.ending {
		Ending::Answered(answer) => Some(answer),
		_ => None,
	}
}

impl Story {
	/// What must hold between the answer and the payment.
	fn check(&self) -> Result<(), String> {
		let answer = answer_of(&self.receipt);
		if let Some(answer) = answer {
			if !is_well_formed(&answer.attribution) {
				return Err("the answer's weights do not sum up to the whole".into());
			}
			if !answer.citations.is_empty() && weigh(&answer.citations) != answer.attribution {
				return Err("the answer's weights do not follow from its citations".into());
			}
		}
		let Some(record) = &self.record else {
			return Ok(());
		};
		let spec = self.version.as_ref().map(|version| &version.spec);
		payment::check(record, &self.receipt, self.model.as_ref(), spec)
	}
}
