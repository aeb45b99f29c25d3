//! `openledger-node data`: batches and the content store from the command line.

use super::{folder, quota_bytes, submit::SubmitArgs};
use crate::{
	client::commit::CommitCmd,
	terminal::{block_on, write_out},
};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use openledger_data::cli::DataTool;
use openledger_inference::{batch, content::ContentStore, hash::Hash256};
use sc_cli::SubstrateCli;
use sc_service::BasePath;
use serde_json::json;
use std::{
	fs::File,
	io::{self, BufReader, Read, Write},
	path::{Path, PathBuf},
};

/// Commands on batches and the content store.
#[derive(Debug, Clone, Subcommand)]
pub enum DataCmd {
	/// Put a file into the store and print its hash, size and, of a batch, rows and Merkle root.
	///
	/// A batch is UTF-8 text with one row per line, each line ended by a newline. For rows to be
	/// found by a search they have to be JSON objects with a field "text".
	Put {
		/// The file; `-` is standard input.
		#[arg(value_name = "FILE")]
		file: PathBuf,
		/// Print JSON.
		#[arg(long)]
		json: bool,
		/// Which store.
		#[command(flatten)]
		store: StoreArgs,
	},
	/// Get a file out of the store by its hash.
	Get {
		/// SHA-256 of the file, 64 lower-case hexadecimal digits.
		#[arg(value_name = "SHA256")]
		hash: Hash256,
		/// Where to write it [default: standard output].
		#[arg(long, short, value_name = "FILE")]
		output: Option<PathBuf>,
		/// Which store.
		#[command(flatten)]
		store: StoreArgs,
	},
	/// List the files in the store.
	Ls {
		/// Print JSON.
		#[arg(long)]
		json: bool,
		/// Which store.
		#[command(flatten)]
		store: StoreArgs,
	},
	/// Announce prepared batches on the chain, signed with a contributor's key.
	Submit(SubmitArgs),
	/// Commit to a verdict or to answers, and keep what has to be revealed later.
	#[command(subcommand)]
	Commit(CommitCmd),
	/// Make, prove, compare and encrypt batches.
	#[command(flatten)]
	Tool(DataTool),
}

/// Which store a command works on.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
	/// Data folder of the node [default: the node's own default].
	#[arg(long, short = 'd', value_name = "PATH")]
	pub base_path: Option<PathBuf>,

	/// Most that all files together may take. In MiB.
	#[arg(long, value_name = "MiB", default_value_t = 10_240)]
	pub content_quota: u64,
}

impl StoreArgs {
	fn open(&self) -> Result<ContentStore, String> {
		let base = match &self.base_path {
			Some(path) => path.clone(),
			None => BasePath::from_project("", "", &crate::cli::Cli::executable_name())
				.path()
				.to_path_buf(),
		};
		ContentStore::open(folder(&base), quota_bytes(self.content_quota))
			.map_err(|error| error.to_string())
	}
}

impl DataCmd {
	/// Runs the command. An error is a sentence for the user.
	pub fn run(&self) -> Result<(), String> {
		let printed = match self {
			Self::Put { file, json, store } => put(&store.open()?, file, *json)?,
			Self::Get {
				hash,
				output,
				store,
			} => {
				get(&store.open()?, hash, output.as_deref())?;
				String::new()
			}
			Self::Ls { json, store } => ls(&store.open()?, *json)?,
			Self::Submit(args) => block_on(args.run())?,
			Self::Commit(cmd) => block_on(cmd.run())?,
			Self::Tool(tool) => return tool.run(),
		};
		write_out(printed.as_bytes())
	}
}

/// Puts a file and returns what to print.
fn put(store: &ContentStore, file: &Path, as_json: bool) -> Result<String, String> {
	let explain = |error: io::Error| format!("{}: {error}", file.display());
	let (input, length): (Box<dyn Read>, u64) = if file == Path::new("-") {
		(Box::new(io::stdin().lock()), 0)
	} else {
		let input = File::open(file).map_err(explain)?;
		let length = input.metadata().map_err(explain)?.len();
		(Box::new(input), length)
	};
	let progress = ProgressBar::new(length);
	if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes} of {total_bytes}, {eta}") {
		progress.set_style(style);
	}
	let stored = store
		.put(progress.wrap_read(input), None)
		.map_err(|error| error.to_string());
	progress.finish_and_clear();
	let stored = stored?;

	let (content, _) = store.get(&stored.hash).map_err(|error| error.to_string())?;
	let batch = batch::summarise(BufReader::new(content));
	if as_json {
		let value = json!({
			"sha256": stored.hash,
			"bytes": stored.bytes,
			"new": stored.new,
			"rows": batch.as_ref().ok().map(|batch| batch.rows),
			"root": batch.as_ref().ok().map(|batch| batch.root),
			"notABatch": batch.as_ref().err().map(|error| error.to_string()),
		});
		return Ok(format!("{value:#}\n"));
	}
	let mut printed = format!("sha256  {}\nbytes   {}\n", stored.hash, stored.bytes);
	match batch {
		Ok(batch) => printed += &format!("rows    {}\nroot    {}\n", batch.rows, batch.root),
		Err(error) => printed += &format!("no batch: {error}\n"),
	}
	if !stored.new {
		printed += "It was in the store already.\n";
	}
	Ok(printed)
}

/// Copies a file out of the store and checks its hash on the way.
fn get(store: &ContentStore, hash: &Hash256, output: Option<&Path>) -> Result<(), String> {
	let (input, _) = store.get(hash).map_err(|error| error.to_string())?;
	let mut output: Box<dyn Write> = match output {
		Some(path) => {
			Box::new(File::create(path).map_err(|error| format!("{}: {error}", path.display()))?)
		}
		None => Box::new(io::stdout().lock()),
	};
	let tee = Tee {
		input,
		output: &mut output,
	};
	let (found, _) = Hash256::sha256_of(tee).map_err(|error| error.to_string())?;
	output.flush().map_err(|error| error.to_string())?;
	if found != *hash {
		return Err(format!("the stored file is damaged: its hash is {found}"));
	}
	Ok(())
}

/// Writes out what is read through it.
struct Tee<'a> {
	input: File,
	output: &'a mut dyn Write,
}

impl Read for Tee<'_> {
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		let read = self.input.read(buffer)?;
		self.output.write_all(&buffer[..read])?;
		Ok(read)
	}
}

fn ls(store: &ContentStore, as_json: bool) -> Result<String, String> {
	let entries = store.ls().map_err(|error| error.to_string())?;
	if as_json {
		let files: Vec<_> = entries
			.iter()
			.map(|entry| json!({ "sha256": entry.hash, "bytes": entry.bytes }))
			.collect();
		return Ok(format!("{:#}\n", json!(files)));
	}
	let mut printed = String::new();
	for entry in &entries {
		printed += &format!("{}  {:>14}\n", entry.hash, entry.bytes);
	}
	let used: u64 = entries.iter().map(|entry| entry.bytes).sum();
	printed += &format!(
		"{} files, {used} of {} bytes in use\n",
		entries.len(),
		store.quota()
	);
	Ok(printed)
}
