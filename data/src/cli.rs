//! The tool's commands.

use crate::{
	batch::{self, Description, Job, Limits, Prepared},
	crypto::{self, Recipient},
	duplicates::{self, Report, Search},
	filter::Filter,
	output::{self, Output},
	proof::RowProof,
	readers::Format,
	schema::Schema,
	tree, Error, Hash,
};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::{
	fs::{self, File},
	io::{BufRead, BufReader, Write},
	path::{Path, PathBuf},
};

/// Commands that make, prove, compare and encrypt batches.
#[derive(Clone, Debug, Subcommand)]
pub enum DataTool {
	/// Make batches from JSON lines, CSV, Parquet or a folder of text files.
	///
	/// Writes, for each batch, the batch file NAME-000.jsonl, its description NAME-000.batch.json with
	/// all that "datanets.addBatch" asks for, and the leaves of its tree, NAME-000.tree.
	Prepare(PrepareArgs),
	/// Write a file that proves one row of a batch to anyone.
	Prove {
		/// The batch's description, beside its other files.
		#[arg(long, value_name = "FILE")]
		batch: PathBuf,
		/// The row, counted from 0.
		#[arg(long)]
		row: u32,
		/// Put the row itself into the file.
		#[arg(long)]
		with_row: bool,
		/// Where to write it.
		#[arg(long, short, value_name = "FILE")]
		output: PathBuf,
	},
	/// Check a row's proof against a batch's root and number of rows.
	Verify {
		/// The proof.
		#[arg(value_name = "FILE")]
		proof: PathBuf,
		/// The root, from the chain: 0x and 64 hexadecimal digits.
		#[arg(long, requires = "rows", required_unless_present = "batch")]
		root: Option<Hash>,
		/// The number of rows, from the chain.
		#[arg(long, requires = "root")]
		rows: Option<u32>,
		/// The batch's description in place of root and rows, if you trust it.
		#[arg(long, value_name = "FILE", conflicts_with = "root")]
		batch: Option<PathBuf>,
	},
	/// List the rows of a batch that are in older ones, exactly or nearly.
	Duplicates(DuplicatesArgs),
	/// Make an index of the rows of many batches, at 10 bits a row.
	Filter {
		/// The batches' files of leaves.
		#[arg(value_name = "TREE", required = true)]
		trees: Vec<PathBuf>,
		/// Where to write it.
		#[arg(long, short, value_name = "FILE")]
		output: PathBuf,
	},
	/// Make a key: an age identity, to be kept, and a recipient, to be shown.
	Keygen {
		/// Where to write the identity. Only you can read the file.
		#[arg(long, short, value_name = "FILE")]
		output: PathBuf,
	},
	/// Encrypt a batch to recipients.
	///
	/// The encrypted batch has the same root and another content hash. The files in plain stay.
	Encrypt {
		/// The batch's description.
		#[arg(long, value_name = "FILE")]
		batch: PathBuf,
		/// To whom: "age1…" or the 64 hexadecimal digits of the chain. May be given several times.
		#[arg(long, short, value_name = "KEY", required = true)]
		recipient: Vec<Recipient>,
	},
	/// Decrypt a batch file.
	Decrypt {
		/// The encrypted file.
		#[arg(value_name = "FILE")]
		file: PathBuf,
		/// Your identity, or one that was wrapped to you.
		#[arg(long, short, value_name = "FILE")]
		identity: PathBuf,
		/// The batch's description, to check hash and root.
		#[arg(long, value_name = "FILE")]
		batch: Option<PathBuf>,
		/// Where to write it. Only you can read the file.
		#[arg(long, short, value_name = "FILE")]
		output: PathBuf,
	},
	/// Wrap a data key to a grantee, for the chain: at most 1,024 bytes.
	Wrap {
		/// The data key.
		#[arg(long, short, value_name = "FILE")]
		identity: PathBuf,
		/// The grantee's key: "age1…" or the 64 hexadecimal digits of the chain.
		#[arg(long, short, value_name = "KEY")]
		recipient: Recipient,
		/// Write the bytes to a file in place of printing them as 0x….
		#[arg(long, short, value_name = "FILE")]
		output: Option<PathBuf>,
	},
	/// Get the data key out that was wrapped to you.
	Unwrap {
		/// The wrapped key: 0x… as the chain shows it, or a file.
		#[arg(value_name = "WRAPPED")]
		wrapped: String,
		/// Your identity.
		#[arg(long, short, value_name = "FILE")]
		identity: PathBuf,
		/// Where to write the data key. Only you can read the file.
		#[arg(long, short, value_name = "FILE")]
		output: PathBuf,
	},
}

/// What batches are made of.
#[derive(Args, Clone, Debug)]
pub struct PrepareArgs {
	/// The file or folder.
	#[arg(value_name = "INPUT")]
	input: PathBuf,
	/// What it is [default: by its name].
	#[arg(long)]
	format: Option<Format>,
	/// Where the batches go.
	#[arg(long, short, value_name = "FOLDER", default_value = ".")]
	out: PathBuf,
	/// What their names begin with [default: the input's name].
	#[arg(long)]
	name: Option<String>,
	/// Fields that each row must have, as "id:integer,text:text". Kinds: text, integer, number,
	/// boolean, json, binary.
	#[arg(long)]
	fields: Option<Schema>,
	/// The most rows of a batch.
	#[arg(long, default_value_t = Limits::default().rows)]
	rows: u32,
	/// The most MiB of a batch.
	#[arg(long, value_name = "MiB", default_value_t = Limits::default().bytes >> 20)]
	size: u64,
	/// Encrypt the batches to this key: "age1…" or the 64 hexadecimal digits of the chain. May be
	/// given several times.
	#[arg(long, short, value_name = "KEY")]
	recipient: Vec<Recipient>,
	/// Print JSON.
	#[arg(long)]
	json: bool,
}

/// What is compared.
#[derive(Args, Clone, Debug)]
pub struct DuplicatesArgs {
	/// The new batch file, in plain.
	#[arg(long, value_name = "FILE")]
	new: PathBuf,
	/// Older batch files in plain, earliest first; or files of leaves (.tree), for exact duplicates.
	#[arg(long, value_name = "FILE", num_args = 1..)]
	old: Vec<PathBuf>,
	/// An index of more old rows, see "filter".
	#[arg(long, value_name = "FILE")]
	filter: Option<PathBuf>,
	/// From which similarity on, 0 to 1, rows are near-duplicates.
	#[arg(long, default_value_t = duplicates::DEFAULT_THRESHOLD)]
	threshold: f64,
	/// The most pairs that are listed.
	#[arg(long, default_value_t = 1_000)]
	pairs: usize,
	/// The most pairs that come with proofs.
	#[arg(long, default_value_t = 8)]
	samples: usize,
	/// The rows that come with proofs, if there are pairs of them: "3,17,290", as the chain has drawn.
	#[arg(long, value_delimiter = ',')]
	rows: Vec<u32>,
	/// Where to write the evidence, as JSON.
	#[arg(long, short, value_name = "FILE")]
	output: Option<PathBuf>,
}

impl DataTool {
	/// Runs the command and prints to standard output. An error is a sentence for the user.
	pub fn run(&self) -> Result<(), String> {
		let printed = self.print().map_err(|error| error.to_string())?;
		match std::io::stdout().write_all(printed.as_bytes()) {
			// Whoever reads has seen enough.
			Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
			result => result.map_err(|error| error.to_string()),
		}
	}

	/// Runs the command and returns what to print.
	pub fn print(&self) -> Result<String, Error> {
		match self {
			Self::Prepare(args) => args.run(),
			Self::Prove {
				batch,
				row,
				with_row,
				output,
			} => prove(batch, *row, *with_row, output),
			Self::Verify {
				proof,
				root,
				rows,
				batch,
			} => verify(proof, root.zip(*rows), batch.as_deref()),
			Self::Duplicates(args) => args.run(),
			Self::Filter { trees, output } => filter(trees, output),
			Self::Keygen { output } => {
				let recipient = crypto::keygen(output)?;
				Ok(print_recipient("recipient", recipient))
			}
			Self::Encrypt { batch, recipient } => {
				let (path, description) =
					with_bar(|progress| batch::encrypt(batch, recipient, progress))?;
				Ok(print_batch(&path, &description))
			}
			Self::Decrypt {
				file,
				identity,
				batch,
				output,
			} => {
				let identity = crypto::read_identity(identity)?;
				let described = batch.as_deref().map(Description::read).transpose()?;
				with_bar(|progress| {
					batch::decrypt(file, output, &identity, described.as_ref(), progress)
				})?;
				Ok(match described {
					Some(batch) => format!("These are the rows under {:?}.\n", batch.root),
					None => {
						"Nothing was checked: give --batch to check hash and root.\n".to_owned()
					}
				})
			}
			Self::Wrap {
				identity,
				recipient,
				output,
			} => wrap(identity, *recipient, output.as_deref()),
			Self::Unwrap {
				wrapped,
				identity,
				output,
			} => unwrap(wrapped, identity, output),
		}
	}
}

/// Shows a bar while something runs.
fn with_bar<T>(run: impl FnOnce(&ProgressBar) -> Result<T, Error>) -> Result<T, Error> {
	let progress = ProgressBar::new(0);
	if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent} %, {eta}") {
		progress.set_style(style);
	}
	let result = run(&progress);
	progress.finish_and_clear();
	result
}

impl PrepareArgs {
	fn run(&self) -> Result<String, Error> {
		let stem = || {
			self.input
				.file_stem()
				.map(|stem| stem.to_string_lossy().into_owned())
		};
		let job = Job {
			input: self.input.clone(),
			format: match self.format {
				Some(format) => format,
				None => Format::of(&self.input)?,
			},
			out: self.out.clone(),
			name: self
				.name
				.clone()
				.or_else(stem)
				.unwrap_or_else(|| "batch".to_owned()),
			schema: self.fields.clone().unwrap_or_default(),
			limits: Limits {
				rows: self.rows,
				bytes: self.size.saturating_mul(1 << 20),
			},
			recipients: self.recipient.clone(),
		};
		let made = with_bar(|progress| batch::prepare(&job, progress))?;
		Ok(if self.json {
			print_json(&made)
		} else {
			print_prepared(&made)
		})
	}
}

fn print_json(made: &Prepared) -> String {
	let batches: Vec<_> = made
		.batches
		.iter()
		.map(|(path, batch)| json!({ "description": path, "batch": batch }))
		.collect();
	let skipped: Vec<_> = made
		.skipped
		.iter()
		.map(|file| json!({ "path": file.path, "reason": file.reason }))
		.collect();
	format!("{:#}\n", json!({ "batches": batches, "skipped": skipped }))
}

fn print_prepared(made: &Prepared) -> String {
	let batches = made
		.batches
		.iter()
		.map(|(path, batch)| print_batch(path, batch));
	let mut printed = batches.collect::<Vec<_>>().join("\n");
	for file in &made.skipped {
		printed += &format!("skipped {}: {}\n", file.path.display(), file.reason);
	}
	printed
}

fn print_batch(path: &Path, batch: &Description) -> String {
	format!(
		"batch    {}\nroot     {:?}\ncontent  {:?}\nminhash  {:?}\nrows     {}\nbytes    {}{}\n",
		path.display(),
		batch.root,
		batch.content,
		batch.minhash,
		batch.rows,
		batch.bytes,
		if batch.encrypted { ", encrypted" } else { "" },
	)
}

fn prove(path: &Path, row: u32, with_row: bool, output: &Path) -> Result<String, Error> {
	let description = Description::read(path)?;
	let text = match with_row {
		false => None,
		true if description.encrypted => {
			let problem = "the batch is encrypted; use the description in plain, or no --with-row";
			return Err(Error::file(path, problem));
		}
		true => Some(read_row(&path.with_file_name(&description.file), row)?),
	};
	let proof = RowProof::new(&description.leaves(path)?, row, text)?;
	// A row of another file would make a proof that doesn't hold.
	proof.verify(description.root, description.rows)?;
	proof.write(output)?;
	Ok(format!("row {row} has the leaf {:?}\n", proof.leaf))
}

fn read_row(path: &Path, row: u32) -> Result<String, Error> {
	let file = BufReader::new(File::open(path).map_err(Error::io(path))?);
	let missing = || Error::file(path, format!("there is no row {row}, counted from 0"));
	let line = file.split(b'\n').nth(row as usize).ok_or_else(missing)?;
	let line = line.map_err(Error::io(path))?;
	String::from_utf8(line).map_err(|_| Error::row(path, u64::from(row) + 1, "it is not UTF-8"))
}

fn verify(proof: &Path, batch: Option<(Hash, u32)>, path: Option<&Path>) -> Result<String, Error> {
	let (root, rows) = match (batch, path) {
		(Some(batch), _) => batch,
		(None, Some(path)) => {
			let description = Description::read(path)?;
			(description.root, description.rows)
		}
		(None, None) => {
			let problem = "give --root and --rows as the chain has them, or --batch".to_owned();
			return Err(Error::Request(problem));
		}
	};
	let proof = RowProof::read(proof)?;
	proof.verify(root, rows)?;
	Ok(match &proof.text {
		Some(text) => {
			format!(
				"Row {} of the batch of {rows} rows under {root:?} is:\n{text}\n",
				proof.row
			)
		}
		None => format!(
			"Row {} of the batch of {rows} rows under {root:?} has the leaf {:?}, \
			 keccak-256 of a zero byte and the row.\n",
			proof.row, proof.leaf
		),
	})
}

impl DuplicatesArgs {
	fn run(&self) -> Result<String, Error> {
		if self.old.is_empty() && self.filter.is_none() {
			let problem =
				"give --old, --filter or both: there is nothing to compare with".to_owned();
			return Err(Error::Request(problem));
		}
		if let Some(path) = &self.output {
			output::refuse_existing(path)?;
		}
		let report = duplicates::search(&Search {
			new: self.new.clone(),
			old: self.old.clone(),
			filter: self.filter.clone(),
			threshold: self.threshold,
			pairs: self.pairs,
			samples: self.samples,
			rows: self.rows.clone(),
		})?;
		if let Some(path) = &self.output {
			output::write_json(path, &report)?;
		}
		let mut printed = print_report(&report);
		for row in &self.rows {
			if report
				.evidence
				.iter()
				.all(|evidence| evidence.pair.row != *row)
			{
				printed += &format!("row {row} is in no older batch, so there is no proof of it\n");
			}
		}
		Ok(printed)
	}
}

fn print_report(report: &Report) -> String {
	let mut printed = String::new();
	for pair in &report.pairs {
		let old = report
			.old
			.get(pair.old as usize)
			.map(|old| old.file.display());
		let how = if pair.exact {
			"is the same".to_owned()
		} else {
			format!("is {:.0} % like it", pair.similarity * 100.0)
		};
		if let Some(old) = old {
			printed += &format!("row {} {how}: row {} of {old}\n", pair.row, pair.old_row);
		}
	}
	let listed = report.pairs.len();
	let found = report.exact as usize + report.near as usize;
	if listed < found {
		printed += &format!("… and {} more; --pairs lists them\n", found - listed);
	}
	printed += &format!(
		"{} of {} rows are in older batches, {} more are nearly: {:.2} % together\n",
		report.exact,
		report.new.rows,
		report.near,
		report.share * 100.0
	);
	if let Some(possible) = report.possible {
		printed += &format!(
			"{possible} rows may be in the batches behind the filter; {}\n",
			if possible == 0 {
				"none is"
			} else {
				"compare with their files of leaves"
			}
		);
	}
	printed
}

fn filter(trees: &[PathBuf], output: &Path) -> Result<String, Error> {
	let mut rows = 0;
	for path in trees {
		rows += fs::metadata(path).map_err(Error::io(path))?.len() / 32;
	}
	let mut filter = Filter::new(rows);
	for path in trees {
		tree::read(path)?
			.iter()
			.for_each(|leaf| filter.insert(leaf));
	}
	filter.write(output)?;
	Ok(format!("{rows} rows of {} batches\n", trees.len()))
}

fn print_recipient(what: &str, recipient: Recipient) -> String {
	format!(
		"{what}  {recipient}\non chain   0x{}\n",
		hex::encode(recipient.0)
	)
}

fn wrap(identity: &Path, grantee: Recipient, output: Option<&Path>) -> Result<String, Error> {
	let wrapped = crypto::wrap(&crypto::read_identity(identity)?, grantee)?;
	match output {
		None => Ok(format!("0x{}\n", hex::encode(&wrapped))),
		Some(path) => {
			let mut file = Output::create(path)?;
			file.write_all(&wrapped).map_err(Error::io(path))?;
			file.finish()?;
			Ok(format!("{} bytes\n", wrapped.len()))
		}
	}
}

fn unwrap(wrapped: &str, identity: &Path, output: &Path) -> Result<String, Error> {
	let bytes = match wrapped.strip_prefix("0x") {
		Some(digits) => hex::decode(digits)
			.map_err(|error| Error::Request(format!("the wrapped key: {error}")))?,
		None => fs::read(wrapped).map_err(Error::io(Path::new(wrapped)))?,
	};
	let data = crypto::unwrap(&bytes, &crypto::read_identity(identity)?)?;
	let recipient = crypto::write_identity(output, &data)?;
	Ok(print_recipient("data key ", recipient))
}
