//! `check-state`: whether what the project's own pallets say must hold does hold in the state of a block.
//!
//! It reads the whole state into memory, and needs no runtime API: the invariants are this program's own.

use clap::Parser;
use openledger_runtime::{
	invariants::{check, version_of_state, Finding},
	opaque::Block,
	VERSION,
};
use sc_cli::{
	BlockNumberOrHash, CliConfiguration, DatabaseParams, Error, PruningParams, Result, SharedParams,
};
use sc_client_api::{Backend, HeaderBackend, StorageProvider, UsageProvider};
use sp_core::storage::Storage;
use sp_state_machine::BasicExternalities;
use std::sync::Arc;

/// Checks the state of a block.
#[derive(Debug, Clone, Parser)]
pub struct CheckStateCmd {
	/// The block whose state is checked: the best one unless given. Its state must not have been pruned
	#[arg(long, value_name = "HASH or NUMBER")]
	pub at: Option<BlockNumberOrHash>,

	/// Options of every command.
	#[command(flatten)]
	pub shared_params: SharedParams,

	/// What the database keeps.
	#[command(flatten)]
	pub pruning_params: PruningParams,

	/// The database.
	#[command(flatten)]
	pub database_params: DatabaseParams,
}

impl CheckStateCmd {
	/// Prints what comes of it, pallet by pallet. Fails if the block or its state is not there, or if an
	/// invariant doesn't hold.
	pub async fn run<B, C>(&self, client: Arc<C>) -> Result<()>
	where
		B: Backend<Block>,
		C: UsageProvider<Block> + StorageProvider<Block, B> + HeaderBackend<Block>,
	{
		let hash = match &self.at {
			Some(at) => client.expect_block_hash_from_id(&at.parse::<Block>()?)?,
			None => client.usage_info().chain.best_hash,
		};
		let state = sc_service::chain_ops::export_raw_state(client, hash)?;
		println!("State of block {hash:?}");
		let (version, findings) = examine(state);
		if let Some(version) = version.filter(|version| *version != VERSION.spec_version) {
			println!(
				"It is of runtime {version}, and these invariants are of runtime {}: a node of that \
				 release knows better",
				VERSION.spec_version
			);
		}
		for finding in &findings {
			println!("  {}", line(finding));
		}
		verdict(&findings)
	}
}

/// The version of the runtime that a state is of, and what comes of the invariants.
fn examine(state: Storage) -> (Option<u32>, Vec<Finding>) {
	BasicExternalities::new(state).execute_with(|| (version_of_state(), check()))
}

/// A pallet's line.
fn line(Finding { pallet, broken }: &Finding) -> String {
	format!("{pallet}: {}", broken.unwrap_or("holds"))
}

/// An error that names all that is broken, if something is.
fn verdict(findings: &[Finding]) -> Result<()> {
	let broken: Vec<_> = findings
		.iter()
		.filter(|finding| finding.broken.is_some())
		.map(line)
		.collect();
	if broken.is_empty() {
		return Ok(());
	}
	Err(Error::Application(
		format!("the state is broken: {}", broken.join("; ")).into(),
	))
}

impl CliConfiguration for CheckStateCmd {
	fn shared_params(&self) -> &SharedParams {
		&self.shared_params
	}

	fn pruning_params(&self) -> Option<&PruningParams> {
		Some(&self.pruning_params)
	}

	fn database_params(&self) -> Option<&DatabaseParams> {
		Some(&self.database_params)
	}
}
