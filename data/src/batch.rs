//! Batch files: made from any input, described, checked.

use crate::{
	chunk::{self, send_all, Chunk},
	crypto::{self, Encrypting, Recipient},
	minhash::Signature,
	output::{self, Output, Sealed},
	readers::{self, Format, Skipped},
	schema::Schema,
	tree, Error, Hash, MAX_BATCH_ROWS,
};
use age::x25519::Identity;
use indicatif::ProgressBar;
use serde::{de::IgnoredAny, Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
	fs::File,
	io::{self, BufReader, Read, Write},
	path::{Path, PathBuf},
	sync::mpsc::sync_channel,
	thread,
};

/// What a batch is announced by: the file `*.batch.json`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Description {
	/// The version of this format: 1.
	pub version: u32,
	/// The batch file, beside this one.
	pub file: String,
	/// The file of leaves, beside this one.
	pub tree: String,
	/// The Merkle root over the rows, in plain.
	pub root: Hash,
	/// SHA-256 of the batch file, as it is: of the ciphertext if it is encrypted.
	pub content: Hash,
	/// How many rows there are.
	pub rows: u32,
	/// The size of the batch file, as it is.
	pub bytes: u64,
	/// The Merkle root over the rows' MinHash signatures.
	pub minhash: Hash,
	/// Whether the file is encrypted.
	pub encrypted: bool,
	/// To whom.
	pub recipients: Vec<Recipient>,
}

const VERSION: u32 = 1;

/// The most bytes of a description: one with some hundred recipients.
const MAX_DESCRIPTION: u64 = 64 * 1024;

impl Description {
	/// Reads a description.
	pub fn read(path: &Path) -> Result<Self, Error> {
		let description: Self = output::read_json(path, MAX_DESCRIPTION)?;
		if description.version != VERSION {
			let problem = format!("its version is not {VERSION}; use the tool that made it");
			return Err(Error::file(path, problem));
		}
		let plain = |name: &str| Path::new(name).file_name().is_some_and(|last| last == name);
		if !plain(&description.file) || !plain(&description.tree) {
			return Err(Error::file(path, "it names files that are not beside it"));
		}
		Ok(description)
	}

	/// Reads the leaves of the batch that `path` describes, and checks them.
	pub fn leaves(&self, path: &Path) -> Result<Vec<Hash>, Error> {
		let tree = path.with_file_name(&self.tree);
		let leaves = tree::read(&tree)?;
		if tree::root(&leaves) != Some(self.root) || leaves.len() as u64 != u64::from(self.rows) {
			return Err(Error::file(
				&tree,
				format!("these leaves are not under {:?}", self.root),
			));
		}
		Ok(leaves)
	}
}

/// Where a batch ends and the next one begins.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
	/// The most rows.
	pub rows: u32,
	/// The most bytes of the file.
	pub bytes: u64,
}

impl Default for Limits {
	fn default() -> Self {
		Self {
			rows: 1_000_000,
			bytes: 64 << 20,
		}
	}
}

/// What batches are made of, and how.
#[derive(Clone, Debug)]
pub struct Job {
	/// The file or folder.
	pub input: PathBuf,
	/// What it is.
	pub format: Format,
	/// Where the batches go; made if it isn't there.
	pub out: PathBuf,
	/// What their names begin with.
	pub name: String,
	/// The fields that each row must have.
	pub schema: Schema,
	/// How large batches get.
	pub limits: Limits,
	/// To whom the batches are encrypted; in plain if to none.
	pub recipients: Vec<Recipient>,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Prepared {
	/// The batches in order, each with the path of its description.
	pub batches: Vec<(PathBuf, Description)>,
	/// The files of a folder that are in none of them.
	pub skipped: Vec<Skipped>,
}

/// Makes batches. Either all files appear or none does. `progress` moves as the input is read.
pub fn prepare(job: &Job, progress: &ProgressBar) -> Result<Prepared, Error> {
	let is_name = Path::new(&job.name)
		.file_name()
		.is_some_and(|name| name == job.name.as_str());
	if !is_name {
		return Err(Error::Request(format!(
			"\"{}\" can't begin the name of a file",
			job.name
		)));
	}
	let Limits { rows, bytes } = job.limits;
	if !(1..=MAX_BATCH_ROWS).contains(&rows) || bytes == 0 {
		let problem = format!("a batch has at least one row and at most {MAX_BATCH_ROWS}");
		return Err(Error::Request(problem));
	}
	std::fs::create_dir_all(&job.out).map_err(Error::io(&job.out))?;
	let (sender, chunks) = sync_channel(2);
	thread::scope(|scope| {
		let reader = scope.spawn(move || {
			let reader = readers::open(&job.input, job.format, progress)?;
			send_all(&job.input, reader, &sender)
		});
		let mut maker = Maker::new(job);
		let added = chunks.iter().try_for_each(|chunk| maker.add(&chunk));
		// Ends the reader, if it is not at its end.
		drop(chunks);
		let read = reader
			.join()
			.unwrap_or_else(|_| Err(Error::file(&job.input, "reading it failed")));
		added?;
		let mut skipped = read?;
		skipped.sort_unstable_by(|a, b| a.path.cmp(&b.path));
		let batches = maker.finish()?;
		if batches.is_empty() {
			return Err(Error::file(
				&job.input,
				"there are no rows in it, and no batch is empty",
			));
		}
		Ok(Prepared { batches, skipped })
	})
}

/// Turns rows into batches.
struct Maker<'a> {
	job: &'a Job,
	/// How many rows came before.
	rows: u64,
	current: Option<Batch>,
	done: Vec<(PathBuf, Description, [Sealed; 3])>,
}

impl<'a> Maker<'a> {
	fn new(job: &'a Job) -> Self {
		Self {
			job,
			rows: 0,
			current: None,
			done: Vec::new(),
		}
	}

	fn add(&mut self, chunk: &Chunk) -> Result<(), Error> {
		let mut start = 0;
		while start < chunk.len() {
			let (batch, fitting) = match self.current.take() {
				None => {
					let batch = Batch::create(self.job, self.done.len())?;
					let fitting = batch.fitting(self.job, chunk, start);
					// A row that is larger than a batch may be still gets one.
					(batch, fitting.max(1))
				}
				Some(batch) => {
					let fitting = batch.fitting(self.job, chunk, start);
					(batch, fitting)
				}
			};
			let batch = self.current.insert(batch);
			if fitting == 0 {
				self.close()?;
				continue;
			}
			let rows = start..start + fitting;
			let schema = &self.job.schema;
			let (written, digests) = rayon::join(
				|| batch.file.write_all(chunk.lines(rows.clone())),
				|| chunk.map(rows.clone(), |row| check(row, schema)),
			);
			written.map_err(Error::io(&batch.path))?;
			batch.bytes += chunk.lines(rows).len() as u64;
			for digest in digests {
				self.rows += 1;
				let (leaf, minhash) =
					digest.map_err(|problem| Error::row(&self.job.input, self.rows, problem))?;
				batch.leaves.push(leaf);
				batch.minhashes.push(minhash);
			}
			start += fitting;
		}
		Ok(())
	}

	fn close(&mut self) -> Result<(), Error> {
		if let Some(batch) = self.current.take() {
			self.done.push(batch.close(self.job)?);
		}
		Ok(())
	}

	fn finish(mut self) -> Result<Vec<(PathBuf, Description)>, Error> {
		self.close()?;
		self.done
			.into_iter()
			.map(|(path, description, files)| {
				files.into_iter().try_for_each(Sealed::publish)?;
				Ok((path, description))
			})
			.collect()
	}
}

/// A row's leaf and its signature's; what is wrong if it isn't a JSON object with the right fields.
fn check(row: &[u8], schema: &Schema) -> Result<(Hash, Hash), String> {
	if row.iter().all(u8::is_ascii_whitespace) {
		return Err("it is empty; remove the line".to_owned());
	}
	let text = chunk::text(row)?;
	if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
		return Err(format!("it is not JSON: {error}"));
	}
	if !text.trim_start().starts_with('{') {
		return Err("it is not a JSON object".to_owned());
	}
	schema.check(text)?;
	Ok((tree::leaf(row), Signature::of(text).leaf()))
}

/// A batch that is being written.
struct Batch {
	path: PathBuf,
	number: usize,
	file: BatchFile,
	/// The bytes of the rows and their newlines.
	bytes: u64,
	leaves: Vec<Hash>,
	minhashes: Vec<Hash>,
}

impl Batch {
	fn create(job: &Job, number: usize) -> Result<Self, Error> {
		let end = if job.recipients.is_empty() {
			"jsonl"
		} else {
			"jsonl.age"
		};
		let path = job.out.join(format!("{}-{number:03}.{end}", job.name));
		Ok(Self {
			file: BatchFile::create(&path, &job.recipients)?,
			path,
			number,
			bytes: 0,
			leaves: Vec::new(),
			minhashes: Vec::new(),
		})
	}

	fn fitting(&self, job: &Job, chunk: &Chunk, start: usize) -> usize {
		let rows = (job.limits.rows as usize).saturating_sub(self.leaves.len());
		// age adds 16 bytes to each 64 KiB, a header of some 200 and 100 for each recipient.
		let overhead = match job.recipients.len() as u64 {
			0 => 0,
			recipients => job.limits.bytes / 4_096 + 512 + 128 * recipients,
		};
		let most = job.limits.bytes.saturating_sub(overhead);
		chunk.fitting(start, rows, most.saturating_sub(self.bytes))
	}

	fn close(self, job: &Job) -> Result<(PathBuf, Description, [Sealed; 3]), Error> {
		let (file, content, bytes) = self.file.seal(&self.path)?;
		let base = format!("{}-{:03}", job.name, self.number);
		let tree = format!("{base}.tree");
		// Neither is empty: a batch is opened for a row.
		let description = Description {
			version: VERSION,
			file: name_of(&self.path),
			tree: tree.clone(),
			root: tree::root(&self.leaves).unwrap_or_default(),
			content,
			rows: u32::try_from(self.leaves.len()).unwrap_or(u32::MAX),
			bytes,
			minhash: tree::root(&self.minhashes).unwrap_or_default(),
			encrypted: !job.recipients.is_empty(),
			recipients: job.recipients.clone(),
		};
		let path = job.out.join(format!("{base}.batch.json"));
		let leaves = tree::seal(&job.out.join(tree), &self.leaves)?;
		let described = output::seal_json(&path, &description)?;
		// The description comes last, so that what it names is there.
		Ok((path, description, [file, leaves, described]))
	}
}

fn name_of(path: &Path) -> String {
	path.file_name()
		.unwrap_or_default()
		.to_string_lossy()
		.into_owned()
}

/// A batch file, in plain or encrypted, that is hashed as it is written.
enum BatchFile {
	Plain(Hashing<Output>),
	Encrypted(Encrypting<Hashing<Output>>),
}

impl BatchFile {
	fn create(path: &Path, recipients: &[Recipient]) -> Result<Self, Error> {
		let plain = Hashing::new(Output::create(path)?);
		Ok(if recipients.is_empty() {
			Self::Plain(plain)
		} else {
			Self::Encrypted(crypto::encrypting(plain, recipients)?)
		})
	}

	/// The complete file, its SHA-256 and its size.
	fn seal(self, path: &Path) -> Result<(Sealed, Hash, u64), Error> {
		let plain = match self {
			Self::Plain(plain) => plain,
			Self::Encrypted(writer) => writer.finish().map_err(Error::io(path))?,
		};
		let (content, bytes) = (plain.content(), plain.bytes);
		Ok((plain.inner.seal()?, content, bytes))
	}
}

impl Write for BatchFile {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		match self {
			Self::Plain(file) => file.write(bytes),
			Self::Encrypted(file) => file.write(bytes),
		}
	}

	fn flush(&mut self) -> io::Result<()> {
		match self {
			Self::Plain(file) => file.flush(),
			Self::Encrypted(file) => file.flush(),
		}
	}
}

/// Hashes and counts what is read or written through it.
struct Hashing<T> {
	inner: T,
	hasher: Sha256,
	bytes: u64,
}

impl<T> Hashing<T> {
	fn new(inner: T) -> Self {
		Self {
			inner,
			hasher: Sha256::new(),
			bytes: 0,
		}
	}

	fn note(&mut self, bytes: &[u8]) {
		self.hasher.update(bytes);
		self.bytes += bytes.len() as u64;
	}

	fn content(&self) -> Hash {
		Hash::from_slice(&self.hasher.clone().finalize())
	}
}

impl<W: Write> Write for Hashing<W> {
	fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
		let written = self.inner.write(bytes)?;
		self.note(&bytes[..written]);
		Ok(written)
	}

	fn flush(&mut self) -> io::Result<()> {
		self.inner.flush()
	}
}

impl<R: Read> Read for Hashing<R> {
	fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
		let read = self.inner.read(bytes)?;
		self.note(&bytes[..read]);
		Ok(read)
	}
}

/// Calls `each` with all rows of a batch file in plain, in chunks, and returns how many there are.
pub(crate) fn scan(
	path: &Path,
	mut each: impl FnMut(u32, &Chunk) -> Result<(), Error>,
) -> Result<u32, Error> {
	let mut reader = readers::open(path, Format::JsonLines, &ProgressBar::hidden())?;
	let mut rows = 0u32;
	while let Some(chunk) = Chunk::read(path, reader.as_mut(), u64::from(rows))? {
		each(rows, &chunk)?;
		rows = u32::try_from(chunk.len())
			.ok()
			.and_then(|more| rows.checked_add(more))
			.filter(|rows| *rows <= MAX_BATCH_ROWS)
			.ok_or_else(|| {
				let problem = format!("it has more than {MAX_BATCH_ROWS} rows; \"prepare\" it");
				Error::file(path, problem)
			})?;
	}
	if rows == 0 {
		return Err(Error::file(path, "there are no rows in it"));
	}
	Ok(rows)
}

/// The leaves of a batch file in plain.
pub fn leaves(path: &Path) -> Result<Vec<Hash>, Error> {
	let mut leaves = Vec::new();
	scan(path, |_, chunk| {
		leaves.extend(chunk.map(0..chunk.len(), tree::leaf));
		Ok(())
	})?;
	Ok(leaves)
}

/// Encrypts the batch that a file describes to recipients; returns the new description and its path.
///
/// `x.jsonl` becomes `x.jsonl.age`, described by `x.age.batch.json`. The files in plain stay.
pub fn encrypt(
	path: &Path,
	recipients: &[Recipient],
	progress: &ProgressBar,
) -> Result<(PathBuf, Description), Error> {
	let before = Description::read(path)?;
	if before.encrypted {
		return Err(Error::file(path, "this batch is encrypted already"));
	}
	let source = path.with_file_name(&before.file);
	let target = path.with_file_name(format!("{}.age", before.file));
	let mut file = BatchFile::create(&target, recipients)?;
	let mut input = Hashing::new(File::open(&source).map_err(Error::io(&source))?);
	progress.set_length(before.bytes);
	io::copy(&mut progress.wrap_read(&mut input), &mut file).map_err(Error::io(&source))?;
	if input.content() != before.content {
		return Err(Error::file(
			&source,
			"it was changed since it was described; prepare it anew",
		));
	}
	let (file, content, bytes) = file.seal(&target)?;
	let after = Description {
		file: name_of(&target),
		content,
		bytes,
		encrypted: true,
		recipients: recipients.to_vec(),
		..before
	};
	let base = name_of(path);
	let base = base.strip_suffix(".batch.json").unwrap_or(&base);
	let described = path.with_file_name(format!("{base}.age.batch.json"));
	let description = output::seal_json(&described, &after)?;
	file.publish()?;
	description.publish()?;
	Ok((described, after))
}

/// Decrypts a file to `target`. With a description, the ciphertext is checked against its hash and the
/// rows against their root; a file that doesn't fit isn't written.
pub fn decrypt(
	source: &Path,
	target: &Path,
	identity: &Identity,
	description: Option<&Description>,
	progress: &ProgressBar,
) -> Result<(), Error> {
	let file = File::open(source).map_err(Error::io(source))?;
	progress.set_length(file.metadata().map_err(Error::io(source))?.len());
	let mut input = Hashing::new(BufReader::with_capacity(1 << 18, progress.wrap_read(file)));
	let mut output = Output::create_secret(target)?;
	let mut plain = crypto::decrypting(&mut input, identity)?;
	io::copy(&mut plain, &mut output)
		.map_err(|error| Error::file(source, format!("it is damaged or cut short: {error}")))?;
	drop(plain);
	// age has read to the end, or has failed.
	io::copy(&mut input, &mut io::sink()).map_err(Error::io(source))?;
	let sealed = output.seal()?;
	if let Some(description) = description {
		if input.content() != description.content {
			return Err(Error::file(
				source,
				"it is another file than the described one",
			));
		}
		if tree::root(&leaves(sealed.temporary())?) != Some(description.root) {
			return Err(Error::file(
				source,
				"its rows are not those under the batch's root",
			));
		}
	}
	sealed.publish()
}
