//! `openledger-node attribution batch`: what was paid for a batch of calls through a payment channel, with its proof.
//!
//! The calls themselves are in receipts, whose root the chain had while they could be challenged. What it keeps for as
//! long as data can be claimed is the whole fee, and who got it.

use super::{
	evidence::{ensure_version, read, write, Versioned},
	keys, payment,
	print::{open, write_payment},
	state::State,
	VERSION,
};
use crate::client::Client;
use clap::{Args, Subcommand};
use codec::{DecodeAll, Encode};
use openledger_primitives::{traits::Source, ChannelId};
use openledger_runtime::{AccountId, BlockNumber, Hash, Header};
use pallet_attribution::Distribution;
use pallet_models::Model;
use serde::{Deserialize, Serialize};
use sp_core::{crypto::Ss58Codec, storage::StorageKey, Bytes};
use sp_runtime::traits::Header as _;
use std::{
	fmt::Write,
	path::{Path, PathBuf},
};

/// Commands on batches of calls.
#[derive(Debug, Clone, Subcommand)]
pub enum BatchCmd {
	/// Tell who got how much of what was paid for a batch, and whether the proofs hold.
	///
	/// The chain keeps it from the batch's settlement on, until somebody closes its distribution after 90 days. Of a
	/// batch of which no data shaped a call there are events alone.
	Show(Which),
	/// Write the same to a file, with all proofs, for somebody who trusts neither you nor your node.
	Prove(ProveArgs),
	/// Check such a file without a node, and tell what it proves.
	Verify(VerifyArgs),
}

/// What is asked for, and where.
#[derive(Debug, Clone, Args)]
pub struct Which {
	/// The channel.
	#[arg(value_name = "CHANNEL")]
	channel: ChannelId,

	/// Which of its batches, from 0.
	#[arg(value_name = "BATCH")]
	batch: u32,

	/// RPC of a node.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9944")]
	url: String,
}

/// For `batch prove`.
#[derive(Debug, Clone, Args)]
pub struct ProveArgs {
	#[command(flatten)]
	#[allow(
		missing_docs,
		reason = "its fields have theirs, and clap would take this as help"
	)]
	pub which: Which,

	/// Where to write the proof. There must be no such file.
	#[arg(long, short, value_name = "FILE")]
	pub output: PathBuf,
}

/// For `batch verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
	/// The file, as `prove` wrote it.
	#[arg(value_name = "FILE")]
	pub file: PathBuf,

	/// The hash of the block that it must lead to.
	#[arg(long, value_name = "HASH")]
	pub block: Option<Hash>,
}

impl BatchCmd {
	/// What is to be printed.
	pub(super) async fn tell(&self) -> Result<String, String> {
		match self {
			Self::Show(which) => Ok(which.collect().await?.verify()?.tell()),
			Self::Prove(args) => {
				let evidence = args.which.collect().await?;
				let story = evidence.verify()?;
				write(&args.output, &evidence)?;
				Ok(super::kept(&args.output, story.number, story.block))
			}
			Self::Verify(args) => {
				let story = BatchEvidence::read(&args.file)?.verify()?;
				super::ensure_block(args.block, story.block)?;
				Ok(story.tell())
			}
		}
	}
}

impl Which {
	/// Asks a node for it, at the last finalised block.
	async fn collect(&self) -> Result<BatchEvidence, String> {
		let client = Client::connect(&self.url).await?;
		let (block, header) = client.finalised().await?;
		let source = Source::Receipts {
			channel: self.channel,
			batch: self.batch,
		};
		let found: Option<Distribution<AccountId, BlockNumber>> = client
			.storage(&keys::distribution(source), Some(block))
			.await?;
		let model = found
			.ok_or_else(|| unknown(self.channel, self.batch))?
			.payment
			.model;
		let wanted = [
			keys::genesis(),
			keys::distribution(source),
			keys::model(model),
		];
		Ok(BatchEvidence {
			version: VERSION,
			channel: self.channel,
			batch: self.batch,
			header: header.encode().into(),
			state: client.read_proof(&wanted.map(StorageKey), block).await?,
		})
	}
}

fn unknown(channel: ChannelId, batch: u32) -> String {
	format!(
		"the chain keeps nothing of batch {batch} of channel {channel}: it is not settled, no data shaped any of its calls, \
		 or its distribution was closed"
	)
}

/// All that a verifier needs besides a block's hash.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BatchEvidence {
	/// The version of this format: [`VERSION`].
	pub version: u32,
	/// The channel.
	pub channel: ChannelId,
	/// Which of its batches.
	pub batch: u32,
	/// The header of the block in whose state it is proved, SCALE-encoded. Its BLAKE2b-256 is the block's hash.
	pub header: Bytes,
	/// The nodes of the state's trie that lead from the header's state root to the values.
	pub state: Vec<Bytes>,
}

impl Versioned for BatchEvidence {
	fn version(&self) -> u32 {
		self.version
	}
}

/// What was proved of a batch.
#[derive(Debug)]
pub struct BatchStory {
	/// The channel.
	pub channel: ChannelId,
	/// Which of its batches.
	pub batch: u32,
	/// The first block of the chain that the state names.
	pub genesis: Hash,
	/// The block in whose state all this is.
	pub block: Hash,
	/// Its height.
	pub number: BlockNumber,
	/// What was paid, and what of it is set apart for data.
	pub distribution: Distribution<AccountId, BlockNumber>,
	/// The model; `None` if it was retired.
	pub model: Option<Model<AccountId, BlockNumber>>,
}

impl BatchEvidence {
	/// Reads a file. Nothing in it is checked yet but its form.
	pub fn read(path: &Path) -> Result<Self, String> {
		read(path)
	}

	/// Checks everything, and tells what it comes to. All of it holds for the block whose hash is in the story,
	/// if the chain has that block.
	pub fn verify(&self) -> Result<BatchStory, String> {
		ensure_version(self)?;
		let header = Header::decode_all(&mut &self.header[..])
			.map_err(|error| format!("the header is none: {error}"))?;
		let state = State::new(header.state_root, &self.state)?;
		let source = Source::Receipts {
			channel: self.channel,
			batch: self.batch,
		};
		let distribution: Distribution<AccountId, BlockNumber> = state
			.get(keys::distribution(source))?
			.ok_or_else(|| unknown(self.channel, self.batch))?;
		let model = state.get(keys::model(distribution.payment.model))?;
		payment::sums(&distribution.payment)?;
		if distribution.payment.parts.data != distribution.amount {
			return Err("what is set apart is not the data's part of the fee".into());
		}
		// The calls that data shaped are settled apart from the others.
		payment::models(&distribution.payment, model.as_ref(), 2)?;
		Ok(BatchStory {
			channel: self.channel,
			batch: self.batch,
			genesis: state
				.get(keys::genesis())?
				.ok_or("the state does not name the chain's first block")?,
			block: header.hash(),
			number: *header.number(),
			distribution,
			model,
		})
	}
}

impl BatchStory {
	/// Tells it.
	pub fn tell(&self) -> String {
		let mut text = String::new();
		// Writing to a string does not fail.
		let _ = self.write(&mut text);
		text
	}

	fn write(&self, text: &mut String) -> std::fmt::Result {
		let kept = &self.distribution;
		writeln!(
			text,
			"Batch {} of channel {}, calls of model {}",
			self.batch, self.channel, kept.payment.model
		)?;
		writeln!(text, "  payer      {}", kept.payment.payer.to_ss58check())?;
		write_payment(text, &kept.payment)?;
		writeln!(
			text,
			"    claimed    {:>24}  by contributors, to be claimed before block {}",
			open(kept.claimed),
			kept.expires_at
		)?;
		writeln!(
			text,
			"    earned     {:>24}  millionths of a unit by all data, whose root is {:?}",
			kept.earned.sum, kept.earned.hash
		)?;
		writeln!(text, "\nProofs, all of which hold")?;
		writeln!(text, "  chain      {:?}", self.genesis)?;
		writeln!(
			text,
			"  block      {:?}, of height {}",
			self.block, self.number
		)?;
		writeln!(
			text,
			"  payment    names who got each unit of the fee but the data's, which is set apart"
		)?;
		writeln!(
			text,
			"  royalties  {}",
			payment::royalties(self.model.is_some())
		)
	}
}
