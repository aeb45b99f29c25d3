//! The record of a training run, and its check.
//!
//! A log is a batch file: canonical JSON, one entry per line. Each entry holds the SHA-256 of the line
//! before it (`previous`, zeros in the first), and the Merkle root over the lines, which has the shape of
//! a batch's, stands for the run on the chain. The first entry says what was trained on what and how, then
//! there is one for each step and each checkpoint.
//!
//! Canonical JSON has no white space between tokens, and the keys of its objects are sorted by their
//! UTF-8. All its numbers are integers: real ones are strings such as `"2.5e-4"`, with as few digits as
//! give the same 64 bits again.

use std::{
	fs::File,
	io::{BufWriter, Write},
	path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
	base::Base,
	batch::{Batch, Summary},
	hash::Hash256,
	peft, real,
	text::{Dataset, Encoder, RowId},
	train::{Event, Order, Settings},
	Error, Result,
};

/// The name of a log in its run's folder.
pub const LOG: &str = "log.jsonl";
/// The folder of checkpoints in a run's folder; each is in a folder named by its step.
pub const CHECKPOINTS: &str = "checkpoints";

const VERSION: u32 = 1;
/// Of the library that computes, as locked: another may give other last digits.
const CANDLE: &str = "0.9.2";

/// Canonical JSON.
pub fn canonical(value: &Value) -> String {
	match value {
		Value::Object(fields) => {
			let mut fields: Vec<_> = fields.iter().collect();
			fields.sort_unstable_by_key(|(name, _)| name.as_bytes());
			let fields = fields.into_iter().map(|(name, value)| {
				format!("{}:{}", Value::String(name.clone()), canonical(value))
			});
			format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
		}
		Value::Array(items) => {
			format!(
				"[{}]",
				items.iter().map(canonical).collect::<Vec<_>>().join(",")
			)
		}
		other => other.to_string(),
	}
}

/// The hash by which hyperparameters are known: SHA-256 of their canonical JSON.
pub fn settings_hash(settings: &Settings) -> Hash256 {
	Hash256::sha256(canonical(&value(settings)).as_bytes())
}

fn value(of: &impl Serialize) -> Value {
	// Maps of these types have strings for keys, and that is all that could fail.
	serde_json::to_value(of).unwrap_or_default()
}

/// The first entry: what is trained on what, how, and by what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
	/// The version of this format: 1.
	pub version: u32,
	/// The hyperparameters.
	pub settings: Settings,
	/// Their hash, see [`settings_hash`].
	pub settings_hash: Hash256,
	/// SHA-256 of the base model's graph.
	pub graph: Hash256,
	/// SHA-256 of its weights.
	pub weights: Hash256,
	/// SHA-256 of the tokenizer.
	pub tokenizer: Hash256,
	/// SHA-256 of the settings for generation, which say what chats look like.
	pub generation: Hash256,
	/// The batches.
	pub batches: Vec<Summary>,
	/// How many of their rows were trained on.
	pub examples: u64,
	/// What trained, and on what kind of machine.
	pub software: Software,
}

/// What trained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Software {
	/// The version of this crate.
	pub trainer: String,
	/// The version of candle.
	pub candle: String,
	/// The kind of processor, as far as results depend on it.
	pub machine: String,
}

impl Software {
	/// This one, here.
	pub fn here() -> Self {
		#[cfg(target_arch = "x86_64")]
		let vectors = if std::arch::is_x86_feature_detected!("avx512f") {
			"+avx512f"
		} else if std::arch::is_x86_feature_detected!("fma") {
			"+fma"
		} else {
			""
		};
		#[cfg(not(target_arch = "x86_64"))]
		let vectors = "";
		Self {
			trainer: env!("CARGO_PKG_VERSION").into(),
			candle: CANDLE.into(),
			machine: format!("{}{vectors}", std::env::consts::ARCH),
		}
	}
}

impl Start {
	/// The first entry of a run.
	pub fn new(base: &Base, encoder: &Encoder, dataset: &Dataset, settings: &Settings) -> Self {
		Self {
			version: VERSION,
			settings: settings.clone(),
			settings_hash: settings_hash(settings),
			graph: base.graph,
			weights: base.weights,
			tokenizer: encoder.tokenizer_hash,
			generation: encoder.generation_hash,
			batches: dataset.batches.clone(),
			examples: dataset.examples.len() as u64,
			software: Software::here(),
		}
	}
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
	/// The first.
	Start(Box<Start>),
	/// A step.
	Step {
		/// Its number, from 1.
		step: u32,
		/// Its texts.
		rows: Vec<RowId>,
		/// The loss before it.
		#[serde(with = "real")]
		loss: f64,
		/// Its learning rate.
		#[serde(with = "real")]
		rate: f64,
		/// The norm of the gradient before it was cut.
		#[serde(with = "real")]
		norm: f64,
	},
	/// A checkpoint.
	Checkpoint {
		/// After which step.
		step: u32,
		/// SHA-256 of the file of the adapter's weights.
		adapter: Hash256,
	},
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
	previous: Hash256,
	#[serde(flatten)]
	entry: Entry,
}

/// A log that is being written, and where the adapters go. The run must be on all texts of the dataset.
#[derive(Debug)]
pub struct Log<'a> {
	folder: PathBuf,
	file: BufWriter<File>,
	previous: Hash256,
	dataset: &'a Dataset,
	settings: Settings,
	base: String,
}

impl<'a> Log<'a> {
	/// Begins a log in a folder, where there must be none yet.
	pub fn create(folder: &Path, start: Start, dataset: &'a Dataset) -> Result<Self> {
		std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
		let path = folder.join(LOG);
		let file = File::create_new(&path).map_err(Error::io(&path))?;
		let mut log = Self {
			folder: folder.to_path_buf(),
			file: BufWriter::new(file),
			previous: Hash256::default(),
			dataset,
			settings: start.settings.clone(),
			base: start.graph.to_string(),
		};
		log.add(Entry::Start(Box::new(start)))?;
		Ok(log)
	}

	fn add(&mut self, entry: Entry) -> Result<()> {
		let previous = self.previous;
		let line = canonical(&value(&Line { previous, entry }));
		self.previous = Hash256::sha256(line.as_bytes());
		writeln!(self.file, "{line}")
			.and_then(|()| self.file.flush())
			.map_err(Error::io(&self.folder.join(LOG)))
	}

	/// Notes an event; writes the adapter of a checkpoint into its folder and, after the last step, into
	/// the run's own.
	pub fn note(&mut self, event: &Event<'_>) -> Result<()> {
		match *event {
			Event::Step {
				step,
				rows,
				loss,
				rate,
				norm,
			} => {
				let rows = rows.iter().map(|row| self.dataset.examples[*row].id);
				let rows = rows.collect();
				self.add(Entry::Step {
					step,
					rows,
					loss,
					rate,
					norm,
				})
			}
			Event::Checkpoint { step, adapter } => {
				let folder = match step == self.settings.steps {
					true => self.folder.clone(),
					false => self.folder.join(CHECKPOINTS).join(step.to_string()),
				};
				let adapter = peft::write(&folder, adapter, &self.settings.adapter, &self.base)?;
				self.add(Entry::Checkpoint { step, adapter })
			}
		}
	}
}

/// A log whose chain of hashes holds, and whose entries follow from the first one as far as can be told
/// from the log alone.
#[derive(Debug)]
pub struct Record {
	/// The first entry.
	pub start: Start,
	/// What stands for the log on the chain.
	pub summary: Summary,
	/// The rows of each step.
	pub steps: Vec<Vec<RowId>>,
	/// The losses before each step.
	pub losses: Vec<f64>,
	/// Checkpoints: after which step, and the SHA-256 of the adapter's weights.
	pub checkpoints: Vec<(u32, Hash256)>,
}

impl Record {
	/// Reads and checks the log in a run's folder.
	pub fn read(folder: &Path) -> Result<Self> {
		let path = folder.join(LOG);
		let batch = Batch::read(&path)?;
		Self::check(&batch).map_err(|problem| Error::file(&path, problem))
	}

	/// Checks a log.
	pub fn check(batch: &Batch) -> Result<Self, String> {
		let mut lines = Chain::new(batch);
		let start = match lines.next().transpose()? {
			Some(Entry::Start(start)) => *start,
			_ => return Err("its first line is not the start of a run".into()),
		};
		if start.version != VERSION {
			return Err(format!(
				"its version is not {VERSION}; use the tool that made it"
			));
		}
		if start.settings_hash != settings_hash(&start.settings) {
			return Err("line 0: the hash is not that of the hyperparameters".into());
		}
		start
			.settings
			.check()
			.map_err(|problem| format!("line 0: {problem}"))?;
		let mut record = Self {
			start,
			summary: batch.summary,
			steps: Vec::new(),
			losses: Vec::new(),
			checkpoints: Vec::new(),
		};
		let settings = record.start.settings.clone();
		for step in 1..=settings.steps {
			record.step(&settings, step, lines.next().transpose()?)?;
			let every = settings.checkpoint_every;
			if step == settings.steps || (every > 0 && step % every == 0) {
				match lines.next().transpose()? {
					Some(Entry::Checkpoint { step: at, adapter }) if at == step => {
						record.checkpoints.push((step, adapter));
					}
					_ => return Err(format!("the checkpoint after step {step} is missing")),
				}
			}
		}
		match lines.next() {
			None => Ok(record),
			Some(_) => Err(format!(
				"it goes on after the last of {} steps",
				settings.steps
			)),
		}
	}

	fn step(
		&mut self,
		settings: &Settings,
		number: u32,
		entry: Option<Entry>,
	) -> Result<(), String> {
		match entry {
			Some(Entry::Step {
				step,
				rows,
				loss,
				rate,
				..
			}) if step == number => {
				if rate != settings.schedule.at(step, settings.steps) {
					return Err(format!(
						"step {step} has another learning rate than the schedule"
					));
				}
				if rows.len() != settings.batch as usize {
					return Err(format!("step {step} has not {} texts", settings.batch));
				}
				self.steps.push(rows);
				self.losses.push(loss);
				Ok(())
			}
			_ => Err(format!(
				"step {number} is missing: the run may have been broken off"
			)),
		}
	}

	/// Checks that the run was on this data, and took its rows in the order that the seed gives.
	pub fn check_data(&self, dataset: &Dataset) -> Result<()> {
		for (number, summary) in self.start.batches.iter().enumerate() {
			if dataset.batches.get(number) != Some(summary) {
				return Err(Error::settings(format!(
					"batch {number} of the log has the root {} and is not the one given",
					summary.root
				)));
			}
		}
		if dataset.batches.len() != self.start.batches.len()
			|| dataset.examples.len() as u64 != self.start.examples
		{
			return Err(Error::settings(
				"the log is about another number of batches or texts than were given",
			));
		}
		let mut order = Order::new(self.start.settings.seed, dataset.examples.len());
		for (number, rows) in self.steps.iter().enumerate() {
			let expected = order.step(self.start.settings.batch);
			let expected = expected.iter().map(|row| dataset.examples[*row].id);
			if !expected.eq(rows.iter().copied()) {
				return Err(Error::settings(format!(
					"step {} has other rows than its seed gives",
					number + 1
				)));
			}
		}
		Ok(())
	}

	/// Checks that the adapters in a run's folder are those of the log.
	pub fn check_adapters(&self, folder: &Path) -> Result<()> {
		for (step, adapter) in &self.checkpoints {
			let place = match *step == self.start.settings.steps {
				true => folder.to_path_buf(),
				false => folder.join(CHECKPOINTS).join(step.to_string()),
			};
			if peft::hash(&place)? != *adapter {
				let problem = format!("it is not the adapter of step {step} that the log is about");
				return Err(Error::file(&place.join(peft::WEIGHTS), problem));
			}
		}
		Ok(())
	}
}

/// The entries of a log, as long as each holds the hash of the line before.
struct Chain<'a> {
	rows: Box<dyn Iterator<Item = &'a str> + 'a>,
	previous: Hash256,
	number: usize,
}

impl<'a> Chain<'a> {
	fn new(batch: &'a Batch) -> Self {
		Self {
			rows: Box::new(batch.rows()),
			previous: Hash256::default(),
			number: 0,
		}
	}

	fn entry(&mut self, row: &str) -> Result<Entry, String> {
		let parsed: Value = serde_json::from_str(row).map_err(|problem| problem.to_string())?;
		if canonical(&parsed) != row {
			return Err("it is not canonical JSON".into());
		}
		let line: Line = serde_json::from_value(parsed).map_err(|problem| problem.to_string())?;
		if line.previous != self.previous {
			return Err("it does not follow from the line before: the log was changed".into());
		}
		self.previous = Hash256::sha256(row.as_bytes());
		Ok(line.entry)
	}
}

impl Iterator for Chain<'_> {
	type Item = Result<Entry, String>;

	fn next(&mut self) -> Option<Self::Item> {
		let row = self.rows.next()?;
		let number = self.number;
		self.number += 1;
		Some(
			self.entry(row)
				.map_err(|problem| format!("line {number}: {problem}")),
		)
	}
}

#[cfg(test)]
mod tests {
	use candle_core::DType;

	use super::*;
	use crate::{
		base::tests::tiny,
		text::tests::encoder,
		train::{tests::settings, train, Corpus},
	};

	const ROWS: &str = "{\"text\":\"a b c\"}\n{\"text\":\"b b a d\"}\nnone\n{\"text\":\"d\"}\n";

	fn dataset(rows: &str) -> Dataset {
		let mut dataset = Dataset::default();
		let batch = Batch::parse(rows.as_bytes().to_vec()).unwrap();
		dataset.add(&batch, &encoder(), 32).unwrap();
		dataset
	}

	fn run(folder: &Path) {
		let (base, dataset) = (tiny(DType::F32), dataset(ROWS));
		let start = Start::new(&base, &encoder(), &dataset, &settings());
		let mut log = Log::create(folder, start, &dataset).unwrap();
		let corpus = Corpus::new(&base, &dataset.examples, 1).unwrap();
		train(&corpus, &corpus.rows(), &settings(), |event| {
			log.note(&event)
		})
		.unwrap();
	}

	#[test]
	fn a_run_can_be_verified_and_repeated() {
		let folder = tempfile::tempdir().unwrap();
		let folders = ["a", "b"].map(|name| folder.path().join(name));
		folders.iter().for_each(|folder| run(folder));
		let record = Record::read(&folders[0]).unwrap();
		record.check_data(&dataset(ROWS)).unwrap();
		record.check_adapters(&folders[0]).unwrap();
		assert_eq!(record.steps.len(), 30);
		assert_eq!(
			record.checkpoints.iter().map(|c| c.0).collect::<Vec<_>>(),
			[20, 30]
		);
		// The same run leaves the same log, so the same adapters, to the byte.
		assert_eq!(record.summary, Record::read(&folders[1]).unwrap().summary);
		record.check_adapters(&folders[1]).unwrap();

		let other = dataset(&ROWS.replace('c', "d"));
		let error = record.check_data(&other).unwrap_err().to_string();
		assert!(error.contains("batch 0"), "{error}");
		let more = format!("{ROWS}x\n");
		assert!(record.check_data(&dataset(&more)).is_err());

		let early = folders[0].join(CHECKPOINTS).join("20");
		std::fs::copy(folders[0].join(peft::WEIGHTS), early.join(peft::WEIGHTS)).unwrap();
		let error = record.check_adapters(&folders[0]).unwrap_err().to_string();
		assert!(error.contains("step 20"), "{error}");
		let start = record.start.clone();
		assert!(
			Log::create(&folders[0], start, &other).is_err(),
			"a log is never overwritten"
		);
	}

	#[test]
	fn changed_logs_are_found_out() {
		let folder = tempfile::tempdir().unwrap();
		run(folder.path());
		let text = std::fs::read_to_string(folder.path().join(LOG)).unwrap();
		let lines: Vec<&str> = text.lines().collect();
		let check = |lines: &[&str]| {
			let text = lines.join("\n") + "\n";
			Record::check(&Batch::parse(text.into_bytes()).unwrap()).map(|_| ())
		};
		check(&lines).unwrap();
		for number in 0..lines.len() {
			let mut without = lines.clone();
			without.remove(number);
			check(&without).unwrap_err();
			// A digit, wherever it is.
			let line = lines[number];
			let at = line.rfind(|c: char| c.is_ascii_digit()).unwrap();
			let digit = if &line[at..=at] == "1" { "2" } else { "1" };
			let changed = format!("{}{digit}{}", &line[..at], &line[at + 1..]);
			let mut other = lines.clone();
			other[number] = &changed;
			// The root still differs where nothing follows that holds the hash.
			assert!(
				check(&other).is_err() || number == lines.len() - 1,
				"line {number}"
			);
		}
		let spaced = lines[0].replace(",", ", ");
		let error = check(&[&spaced]).unwrap_err();
		assert!(error.contains("canonical"), "{error}");
		let mut longer = lines.clone();
		longer.push(lines[1]);
		check(&longer).unwrap_err();
	}

	#[test]
	fn entries_must_follow_from_the_settings() {
		let folder = tempfile::tempdir().unwrap();
		run(folder.path());
		let text = std::fs::read_to_string(folder.path().join(LOG)).unwrap();
		// Rewrites the log with a changed entry and a chain that holds.
		let forged = |number: usize, from: &str, to: &str| {
			let mut previous = Hash256::default();
			let mut lines = String::new();
			for (n, line) in text.lines().enumerate() {
				let mut entry: Value = serde_json::from_str(line).unwrap();
				entry["previous"] = previous.to_string().into();
				let mut line = canonical(&entry);
				if n == number {
					assert!(line.contains(from), "{line}");
					line = line.replacen(from, to, 1);
				}
				previous = Hash256::sha256(line.as_bytes());
				lines += &line;
				lines.push('\n');
			}
			Record::check(&Batch::parse(lines.into_bytes()).unwrap())
		};
		forged(1, "\"step\":1", "\"step\":1").unwrap();
		for (number, from, to, problem) in [
			(0, "\"batch\":2", "\"batch\":3", "hash"),
			(0, "\"version\":1", "\"version\":2", "version"),
			(2, "\"step\":2", "\"step\":3", "step 2 is missing"),
			(5, "\"rate\":\"", "\"rate\":\"-", "learning rate"),
			(21, "\"step\":20", "\"step\":21", "checkpoint after step 20"),
		] {
			let error = forged(number, from, to).unwrap_err();
			assert!(error.contains(problem), "{error}");
		}
		let record = forged(3, "\"row\":", "\"row\":1").unwrap();
		let error = record.check_data(&dataset(ROWS)).unwrap_err().to_string();
		assert!(error.contains("step 3"), "{error}");
	}

	#[test]
	fn canonical_json_is_sorted() {
		let text = r#"{ "b": [1, "0.5", "x\""], "a": {"d":null,"c":true} }"#;
		let value: Value = serde_json::from_str(text).unwrap();
		assert_eq!(
			canonical(&value),
			r#"{"a":{"c":true,"d":null},"b":[1,"0.5","x\""]}"#
		);
	}

	#[test]
	fn the_version_of_candle_is_the_locked_one() {
		let lock = include_str!("../../Cargo.lock");
		assert!(lock.contains(&format!("name = \"candle-core\"\nversion = \"{CANDLE}\"")));
	}
}
