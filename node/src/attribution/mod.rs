//! `openledger-node attribution`: the story of an answer, from the data to the payment, with its proofs.
//!
//! [`batch`] tells what was paid for a batch of calls. Of a single answer, [`collect`] asks a node for it, [`evidence`] is what goes into a file, [`state`] reads the chain's part of that,
//! [`story`] is what it proves, [`payment`] what must hold of the fee, [`print`] tells it.

mod batch;
mod collect;
mod evidence;
mod payment;
mod print;
mod state;
mod story;

pub use batch::{BatchCmd, BatchEvidence, BatchStory};
pub use evidence::{Evidence, PassageProof, VERSION};
pub use story::{keys, Story};

use crate::{
	client::Client,
	terminal::{block_on, write_out},
};
use clap::{Args, Subcommand};
use collect::collect;
use openledger_primitives::RequestId;
use openledger_runtime::{BlockNumber, Hash};
use std::path::{Path, PathBuf};

/// Commands on the attribution of answers.
#[derive(Debug, Clone, Subcommand)]
pub enum AttributionCmd {
	/// Tell the story of an answer: question, passages, weights, payments, and whether the proofs hold.
	///
	/// The chain's part is read at the last finalised block, with a proof that leads to that block's hash; the
	/// passages come from a content store, each with a proof that leads to its batch's root on the chain. The chain
	/// keeps the receipt of a request for a week.
	Show(ShowArgs),
	/// Write the same to a file, with all proofs, for somebody who trusts neither you nor your node.
	Prove(ProveArgs),
	/// Check such a file without a node, and tell the story that it proves.
	///
	/// Everything in it follows from one block's hash. Whether the chain has that block is for you to find out: ask
	/// a node that you trust, or give the hash that you know by `--block`.
	Verify(VerifyArgs),
	/// What was paid for a batch of calls through a payment channel.
	#[command(subcommand)]
	Batch(BatchCmd),
}

/// What is asked for, and where.
#[derive(Debug, Clone, Args)]
pub struct Which {
	/// The request.
	#[arg(value_name = "REQUEST")]
	request: RequestId,

	/// RPC of a node.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9944")]
	url: String,

	/// Content store that has the passages.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9955")]
	content: String,
}

/// For `show`.
#[derive(Debug, Clone, Args)]
pub struct ShowArgs {
	#[command(flatten)]
	#[allow(
		missing_docs,
		reason = "its fields have theirs, and clap would take this as help"
	)]
	pub which: Which,

	/// The question as you know it: its hash is compared with the chain's.
	#[arg(long, value_name = "TEXT")]
	pub question: Option<String>,
}

/// For `prove`.
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

/// For `verify`.
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
	/// The file, as `prove` wrote it.
	#[arg(value_name = "FILE")]
	pub file: PathBuf,

	/// The hash of the block that it must lead to.
	#[arg(long, value_name = "HASH")]
	pub block: Option<Hash>,

	/// The question as you know it: its hash is compared with the chain's.
	#[arg(long, value_name = "TEXT")]
	pub question: Option<String>,
}

impl AttributionCmd {
	/// Runs the command. An error is a sentence for the user.
	pub fn run(&self) -> Result<(), String> {
		write_out(block_on(self.tell())?.as_bytes())
	}

	/// What is to be printed.
	async fn tell(&self) -> Result<String, String> {
		match self {
			Self::Show(args) => {
				let evidence = args.which.collect().await?;
				Ok(evidence.verify()?.tell(args.question.as_deref()))
			}
			Self::Prove(args) => {
				let evidence = args.which.collect().await?;
				// What does not hold is not given to anybody.
				let story = evidence.verify()?;
				evidence.write(&args.output)?;
				Ok(kept(&args.output, story.number, story.block))
			}
			Self::Verify(args) => {
				let story = Evidence::read(&args.file)?.verify()?;
				ensure_block(args.block, story.block)?;
				Ok(story.tell(args.question.as_deref()))
			}
			Self::Batch(command) => command.tell().await,
		}
	}
}

impl Which {
	async fn collect(&self) -> Result<Evidence, String> {
		collect(
			&Client::connect(&self.url).await?,
			&self.content,
			self.request,
		)
		.await
	}
}

/// Where a proof was kept, and of which block.
fn kept(path: &Path, number: BlockNumber, block: Hash) -> String {
	format!("kept   {}\nblock  {number} {block:?}\n", path.display())
}

/// Fails if a file is about another block than is known.
fn ensure_block(known: Option<Hash>, found: Hash) -> Result<(), String> {
	match known.filter(|known| *known != found) {
		Some(known) => Err(format!(
			"the file is about block {found:?}, not about {known:?}"
		)),
		None => Ok(()),
	}
}
