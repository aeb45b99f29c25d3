//! `openledger-node data submit`: announces prepared batches on the chain.

use crate::client::Client;
use cid::Cid;
use clap::Args;
use openledger_data::batch::Description;
use openledger_primitives::{data::Locator, ContentHash, DatanetId};
use openledger_runtime::{RuntimeCall, RuntimeEvent};
use pallet_datanets::{BatchDetails, Call, Event};
use sp_core::{sr25519, Pair};
use std::{
	env, fs,
	path::{Path, PathBuf},
};

/// Holds the secret if no file is named.
const SURI_VARIABLE: &str = "OPENLEDGER_SURI";

/// What is announced, where, and by whom.
#[derive(Debug, Clone, Args)]
pub struct SubmitArgs {
	/// Descriptions of the batches, as `data prepare` writes them.
	#[arg(value_name = "BATCH.JSON", required = true)]
	batches: Vec<PathBuf>,

	/// The Datanet.
	#[arg(long, value_name = "ID")]
	datanet: DatanetId,

	/// RPC of a node.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9944")]
	url: String,

	/// File with the secret of the account that contributes: a phrase, a seed, or //Alice
	/// [default: the environment variable OPENLEDGER_SURI].
	#[arg(long, value_name = "FILE")]
	suri_file: Option<PathBuf>,

	/// Where the batch file can be fetched: an http or https address, ipfs://CID, eigenda:0xHEX, or
	/// `inline`, with which the chain itself keeps a file of up to 1 KiB. An address that ends in a
	/// slash is that of a folder with all the files.
	#[arg(long, value_name = "LOCATOR", default_value = "")]
	locator: String,
}

impl SubmitArgs {
	/// Sends one transaction per batch, and returns what to print.
	pub async fn run(&self) -> Result<String, String> {
		let signer = self.signer()?;
		let described: Vec<_> = self
			.batches
			.iter()
			.map(|path| {
				let description = Description::read(path).map_err(|error| error.to_string())?;
				Ok((path, self.details(path, description)?))
			})
			.collect::<Result<_, String>>()?;
		let client = Client::connect(&self.url).await?;
		let mut printed = String::new();
		for (path, details) in described {
			let call = RuntimeCall::Datanets(Call::add_batch {
				datanet: self.datanet,
				details,
			});
			let included = client
				.send(&signer, call)
				.await
				.map_err(|error| format!("{printed}{}: {error}", path.display()))?;
			let added = included.events.iter().find_map(|event| match event {
				RuntimeEvent::Datanets(Event::BatchAdded { batch, deposit, .. }) => {
					Some((*batch, *deposit))
				}
				_ => None,
			});
			let (batch, deposit) =
				added.ok_or("the transaction succeeded and no batch was added")?;
			printed += &format!(
				"{}: batch {batch} in block {}, deposit {deposit}\n",
				path.display(),
				included.number
			);
		}
		Ok(printed)
	}

	fn signer(&self) -> Result<sr25519::Pair, String> {
		let suri = match &self.suri_file {
			Some(file) => fs::read_to_string(file)
				.map_err(|error| format!("--suri-file {}: {error}", file.display()))?,
			None => env::var(SURI_VARIABLE)
				.map_err(|_| format!("nobody signs: give --suri-file, or set {SURI_VARIABLE}"))?,
		};
		sr25519::Pair::from_string(suri.trim(), None).map_err(|_| {
			"the secret is neither a phrase, nor a seed, nor a path like //Alice".into()
		})
	}

	fn details(&self, path: &Path, batch: Description) -> Result<BatchDetails, String> {
		Ok(BatchDetails {
			root: batch.root,
			content: ContentHash(batch.content.0),
			rows: batch.rows,
			bytes: batch.bytes,
			locator: self.locator(&path.with_file_name(&batch.file), &batch.file)?,
			minhash: Some(batch.minhash),
			encrypted: batch.encrypted,
		})
	}

	fn locator(&self, file: &Path, name: &str) -> Result<Locator, String> {
		let too_long = |_| format!("the locator `{}` is too long for the chain", self.locator);
		match self.locator.as_str() {
			"" => Ok(Locator::None),
			"inline" => fs::read(file)
				.map_err(|error| format!("{}: {error}", file.display()))?
				.try_into()
				.map(Locator::Inline)
				.map_err(|_| format!("{} is too large to be kept by the chain", file.display())),
			text => {
				if let Some(cid) = text.strip_prefix("ipfs://") {
					let cid = Cid::try_from(cid).map_err(|error| format!("`{text}`: {error}"))?;
					return cid
						.to_bytes()
						.try_into()
						.map(Locator::Ipfs)
						.map_err(too_long);
				}
				if let Some(commitment) = text.strip_prefix("eigenda:0x") {
					let bytes =
						hex::decode(commitment).map_err(|error| format!("`{text}`: {error}"))?;
					return bytes.try_into().map(Locator::EigenDa).map_err(too_long);
				}
				let folder = text.ends_with('/');
				if !folder && self.batches.len() > 1 {
					return Err(
						"several batches can't be at one locator: give a folder's, with a slash at \
						 its end"
							.into(),
					);
				}
				let url = if folder {
					format!("{text}{name}")
				} else {
					text.into()
				};
				url.into_bytes()
					.try_into()
					.map(Locator::Url)
					.map_err(too_long)
			}
		}
	}
}
