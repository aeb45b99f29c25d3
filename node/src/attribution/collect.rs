//! Asking a node and a content store for what proves an answer's story.

use super::{keys, state::State, story::BatchOf, Evidence, PassageProof, VERSION};
use crate::client::Client;
use codec::Encode;
use openledger_data::proof::RowProof;
use openledger_primitives::{BatchId, ContentHash, RequestId};
use openledger_runtime::{AccountId, Runtime};
use pallet_attribution::AttributionRecord;
use pallet_inference::{Ending, Receipt};
use serde::Deserialize;
use sp_core::H256;
use std::collections::BTreeSet;

/// What a content store answers to a question for a row.
#[derive(Deserialize)]
struct Row {
	row: u32,
	rows: u32,
	text: String,
	proof: Vec<H256>,
	root: H256,
}

/// Collects it at the last finalised block.
pub(super) async fn collect(
	client: &Client,
	store: &str,
	request: RequestId,
) -> Result<Evidence, String> {
	let (block, header) = client.finalised().await?;
	let receipt: Receipt<Runtime> = client
		.storage(&keys::receipt(request), Some(block))
		.await?
		.ok_or_else(|| super::story::no_receipt(request))?;
	let record: Option<AttributionRecord<AccountId>> =
		client.storage(&keys::record(request), Some(block)).await?;

	let cited: Vec<(BatchId, u32)> = match &receipt.ending {
		Ending::Answered(answer) => {
			let citations = answer.citations.iter();
			citations
				.map(|citation| (citation.batch, citation.row))
				.collect()
		}
		_ => Vec::new(),
	};
	let paid = record.iter().flat_map(|record| record.clusters.iter());
	let batches: BTreeSet<BatchId> = cited
		.iter()
		.map(|(batch, _)| *batch)
		.chain(paid.map(|paid| paid.cluster))
		.collect();
	let wanted = keys::all(request, receipt.model, receipt.version, batches);
	let state = client.read_proof(&wanted, block).await?;
	let proved = State::new(header.state_root, &state)?;

	let mut passages = Vec::new();
	for (batch, row) in cited {
		let Some(found) = proved.get::<BatchOf>(keys::batch(batch))? else {
			continue;
		};
		if let Some(row) = fetch(client, store, found.content, row).await? {
			passages.push(PassageProof { batch, row });
		}
	}
	Ok(Evidence {
		version: VERSION,
		request,
		header: header.encode().into(),
		state,
		passages,
	})
}

/// A row with its proof; `None` if the store does not have the file, or shows it to those only who paid for it.
async fn fetch(
	client: &Client,
	store: &str,
	content: ContentHash,
	row: u32,
) -> Result<Option<RowProof>, String> {
	let file = hex::encode(content.0);
	let url = format!("{}/content/{file}/rows/{row}", store.trim_end_matches('/'));
	let Some(found) = client.get::<Row>(&url).await? else {
		return Ok(None);
	};
	Ok(Some(RowProof {
		version: 1,
		root: found.root,
		rows: found.rows,
		row: found.row,
		leaf: openledger_primitives::merkle::leaf(found.text.as_bytes()),
		path: found.proof,
		text: Some(found.text),
	}))
}
