//! Trains adapters, and checks that they were trained as their log says.

use std::{
	env, fs,
	io::{self, Write},
	ops::Range,
	path::PathBuf,
	process::ExitCode,
	time::Instant,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use openledger_training::{
	base::Base,
	gradients::{self, Projecting},
	hash::Hash256,
	log::{Log, Record, Software, Start},
	lora::{AdapterShape, Projection},
	optimiser::{self, Optimiser, Schedule},
	peft,
	text::{Dataset, Encoder},
	train::{train, Corpus, Evaluation, Event, Settings},
	Error, Result,
};
use serde_json::{json, Value};

/// Fine-tunes a language model by a low-rank adapter, with a log that the training can be checked by.
///
/// Models are files named by their SHA-256, as scripts/setup.sh puts them into the cache; without options
/// it is SmolLM2-135M-Instruct. Data are batch files: JSON objects, one per line, with a string "text"
/// (and maybe "title"), or with "prompt" and "answer". Results go to the standard output as JSON, progress
/// to the standard error.
#[derive(Debug, Parser)]
#[command(name = "openledger-train", version)]
struct Cli {
	#[command(subcommand)]
	command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
	/// Trains an adapter
	Run(Box<Run>),
	/// Checks a run's log, and its data and adapters against it
	Verify(Verify),
	/// Tells how well the model, or one with an adapter, knows texts
	Evaluate(Evaluate),
	/// Writes the gradients of single texts, for attribution
	Gradients(Gradients),
	/// Writes the model's weights with an adapter added, as Hugging Face lays them out
	Merge(Merge),
}

#[derive(Debug, Args)]
struct Model {
	/// The folder of models [default: models/ in the cache of scripts/setup.sh]
	#[arg(long, value_name = "FOLDER")]
	models: Option<PathBuf>,
	/// SHA-256 of the base model's ONNX graph in 32 bits
	#[arg(
		long,
		value_name = "SHA-256",
		default_value = "6a4ee3f0d444ea572e6f1fd4f19ce690de55a66f4e832eaf293ed190daf5e560"
	)]
	graph: Hash256,
	/// SHA-256 of its tokenizer
	#[arg(
		long,
		value_name = "SHA-256",
		default_value = "0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe"
	)]
	tokenizer: Hash256,
	/// SHA-256 of its settings for generation, which say what a chat looks like
	#[arg(
		long,
		value_name = "SHA-256",
		default_value = "f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e"
	)]
	generation: Hash256,
}

impl Model {
	fn folder(&self) -> Result<PathBuf> {
		if let Some(folder) = &self.models {
			return Ok(folder.clone());
		}
		let path = |name| {
			env::var_os(name)
				.filter(|value| !value.is_empty())
				.map(PathBuf::from)
		};
		let caches = || {
			let home = || path("HOME").map(|home| home.join(".cache"));
			path("XDG_CACHE_HOME")
				.or_else(home)
				.map(|caches| caches.join("openledger"))
		};
		let cache = path("OPENLEDGER_CACHE").or_else(caches);
		let folder = cache
			.map(|cache| cache.join("models"))
			.filter(|folder| folder.is_dir());
		folder.ok_or_else(|| {
			let problem =
				"there is no folder of models: run scripts/setup.sh, or name one by --models";
			Error::Settings(problem.into())
		})
	}

	fn base(&self) -> Result<Base> {
		let started = Instant::now();
		let base = Base::load(&self.folder()?, self.graph)?;
		note(format_args!(
			"model read in {:.1} s",
			started.elapsed().as_secs_f64()
		));
		Ok(base)
	}

	fn encoder(&self) -> Result<Encoder> {
		Encoder::load(&self.folder()?, self.tokenizer, self.generation)
	}
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
	Adamw,
	Sgd,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decay {
	Constant,
	Linear,
	Cosine,
}

#[derive(Debug, Args)]
struct Run {
	#[command(flatten)]
	model: Model,
	/// Batch files to train on, in this order
	#[arg(long, required = true, num_args = 1.., value_name = "FILE")]
	data: Vec<PathBuf>,
	/// Batch files to tell the perplexity of, before and after; they are not trained on
	#[arg(long, num_args = 1.., value_name = "FILE")]
	held_out: Vec<PathBuf>,
	/// The folder for adapter, checkpoints and log; must have no log yet
	#[arg(long, value_name = "FOLDER")]
	out: PathBuf,
	/// Seed of the adapter's first values and of the order of the texts
	#[arg(long, default_value_t = 0)]
	seed: u64,
	/// How many steps [default: as many as --epochs need]
	#[arg(long, conflicts_with = "epochs")]
	steps: Option<u32>,
	/// How often to go through the data
	#[arg(long, default_value_t = 1)]
	epochs: u32,
	/// Texts in a step
	#[arg(long, default_value_t = 8)]
	batch: u32,
	/// Texts are cut to so many tokens
	#[arg(long, default_value_t = 256)]
	max_tokens: u32,
	/// Rank of the adapter
	#[arg(long, default_value_t = 8)]
	rank: usize,
	/// Its scale is alpha / rank
	#[arg(long, default_value_t = 16.0)]
	alpha: f64,
	/// Its scale is alpha / √rank instead
	#[arg(long)]
	rslora: bool,
	/// What to adapt: some of q, k, v, o, gate, up, down
	#[arg(long, value_delimiter = ',', default_value = "q,v")]
	projections: Vec<Projection>,
	/// Which layers to adapt, as FROM..TO without TO [default: all]. What is below FROM runs once for each
	/// text instead of once for each step
	#[arg(long, value_parser = layers)]
	layers: Option<Range<usize>>,
	/// How gradients become steps
	#[arg(long, value_enum, default_value = "adamw")]
	optimiser: Kind,
	/// Of AdamW
	#[arg(long, default_value_t = 0.0)]
	weight_decay: f64,
	/// Of SGD
	#[arg(long, default_value_t = 0.9)]
	momentum: f64,
	/// The highest learning rate
	#[arg(long, default_value_t = 1e-3)]
	learning_rate: f64,
	/// In so many steps the learning rate rises to its highest [default: a tenth of all]
	#[arg(long)]
	warm_up: Option<u32>,
	/// What it does then
	#[arg(long, value_enum, default_value = "linear")]
	decay: Decay,
	/// The greatest norm of a step's gradient; 0 for no limit
	#[arg(long, default_value_t = 1.0)]
	clip: f64,
	/// After how many steps to write a checkpoint; 0 for none but the last
	#[arg(long, default_value_t = 0)]
	checkpoint_every: u32,
}

fn layers(text: &str) -> Result<Range<usize>, String> {
	let ends = text
		.split_once("..")
		.map(|(from, to)| (from.parse(), to.parse()));
	match ends {
		Some((Ok(from), Ok(to))) if from < to => Ok(from..to),
		_ => Err("layers are written FROM..TO, such as 22..30".into()),
	}
}

impl Run {
	fn settings(&self, base: &Base, texts: usize) -> Settings {
		let layers = self.layers.clone().unwrap_or(0..base.shape.layers);
		let all = (texts as u64 * u64::from(self.epochs)).div_ceil(u64::from(self.batch.max(1)));
		let steps = self.steps.unwrap_or(u32::try_from(all).unwrap_or(u32::MAX));
		let mut projections = self.projections.clone();
		projections.sort_unstable();
		projections.dedup();
		Settings {
			seed: self.seed,
			steps,
			batch: self.batch,
			max_tokens: self.max_tokens,
			adapter: AdapterShape {
				rank: self.rank,
				alpha: self.alpha,
				rslora: self.rslora,
				projections,
				from: layers.start,
				to: layers.end,
			},
			optimiser: match self.optimiser {
				Kind::Adamw => Optimiser::Adamw {
					beta1: 0.9,
					beta2: 0.999,
					epsilon: 1e-8,
					weight_decay: self.weight_decay,
				},
				Kind::Sgd => Optimiser::Sgd {
					momentum: self.momentum,
				},
			},
			schedule: Schedule {
				learning_rate: self.learning_rate,
				warm_up: self.warm_up.unwrap_or(steps / 10),
				decay: match self.decay {
					Decay::Constant => optimiser::Decay::Constant,
					Decay::Linear => optimiser::Decay::Linear,
					Decay::Cosine => optimiser::Decay::Cosine,
				},
			},
			clip: (self.clip != 0.0).then_some(self.clip),
			checkpoint_every: self.checkpoint_every,
		}
	}

	fn run(&self) -> Result<Value> {
		let encoder = self.model.encoder()?;
		let dataset = Dataset::read(&self.data, &encoder, self.max_tokens as usize)?;
		dataset.check_distinct()?;
		let held_out = match self.held_out.is_empty() {
			true => None,
			false => Some(Dataset::read(
				&self.held_out,
				&encoder,
				self.max_tokens as usize,
			)?),
		};
		let base = self.model.base()?;
		let settings = self.settings(&base, dataset.examples.len());
		settings.check()?;
		settings.adapter.check(&base.shape)?;
		let start = Start::new(&base, &encoder, &dataset, &settings);
		let hash = start.settings_hash;
		let mut log = Log::create(&self.out, start, &dataset)?;

		let from = settings.adapter.from;
		let corpus = corpus(&base, &dataset, from)?;
		let unseen = held_out
			.as_ref()
			.map(|held_out| Corpus::new(&base, &held_out.examples, from));
		let unseen = unseen.transpose()?;
		let before = unseen
			.as_ref()
			.map(|unseen| unseen.evaluate(&unseen.rows(), None));
		let before = before.transpose()?;
		let started = Instant::now();
		let adapter = train(&corpus, &corpus.rows(), &settings, |event| {
			tell(&event, settings.steps, started);
			log.note(&event)
		})?;
		let seconds = started.elapsed().as_secs_f64();
		let after = unseen.map(|unseen| unseen.evaluate(&unseen.rows(), Some(&adapter)));
		let after = after.transpose()?;
		let record = Record::read(&self.out)?;
		let tenth = record.losses.len().div_ceil(10);
		let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len().max(1) as f64;
		Ok(json!({
			"log": record.summary,
			"settings": hash,
			"adapter": peft::hash(&self.out)?,
			"texts": dataset.examples.len(),
			"steps": settings.steps,
			"seconds_per_step": seconds / f64::from(settings.steps),
			"loss_of_first_tenth": mean(&record.losses[..tenth]),
			"loss_of_last_tenth": mean(&record.losses[record.losses.len() - tenth..]),
			"held_out_before": before.map(described),
			"held_out_after": after.map(described),
		}))
	}
}

fn described(evaluation: Evaluation) -> Value {
	json!({
		"tokens": evaluation.tokens,
		"loss": evaluation.loss,
		"perplexity": evaluation.perplexity(),
	})
}

fn corpus<'a>(base: &'a Base, dataset: &'a Dataset, from: usize) -> Result<Corpus<'a>> {
	let started = Instant::now();
	let corpus = Corpus::new(base, &dataset.examples, from)?;
	let tokens: usize = dataset
		.examples
		.iter()
		.map(|example| example.tokens.len())
		.sum();
	note(format_args!(
		"{} texts, {tokens} tokens, below layer {from} in {:.1} s",
		dataset.examples.len(),
		started.elapsed().as_secs_f64()
	));
	Ok(corpus)
}

fn tell(event: &Event<'_>, steps: u32, started: Instant) {
	match event {
		Event::Step {
			step, loss, norm, ..
		} if step % 10 == 0 || *step == 1 || *step == steps => note(format_args!(
			"step {step} of {steps}: loss {loss:.4}, gradient {norm:.3}, {:.2} s a step",
			started.elapsed().as_secs_f64() / f64::from(*step)
		)),
		Event::Step { .. } => {}
		Event::Checkpoint { step, .. } => note(format_args!("checkpoint after step {step}")),
	}
}

fn note(what: std::fmt::Arguments<'_>) {
	// Nobody may be listening.
	let _ = writeln!(io::stderr(), "{what}");
}

#[derive(Debug, Args)]
struct Verify {
	#[command(flatten)]
	model: Model,
	/// The run's folder
	folder: PathBuf,
	/// The batch files of the run, in its order; without them, rows and roots are not compared
	#[arg(long, num_args = 1.., value_name = "FILE")]
	data: Vec<PathBuf>,
	/// Train again and compare log and adapters to the byte
	#[arg(long, requires = "data")]
	retrain: bool,
}

impl Verify {
	fn run(&self) -> Result<Value> {
		let record = Record::read(&self.folder)?;
		record.check_adapters(&self.folder)?;
		let start = &record.start;
		let ours = (
			self.model.graph,
			self.model.tokenizer,
			self.model.generation,
		);
		if ours != (start.graph, start.tokenizer, start.generation) {
			return Err(Error::Settings(format!(
				"the run is about another model: say --graph {} --tokenizer {} --generation {}",
				start.graph, start.tokenizer, start.generation
			)));
		}
		if !self.data.is_empty() {
			let encoder = self.model.encoder()?;
			let dataset = Dataset::read(&self.data, &encoder, start.settings.max_tokens as usize)?;
			record.check_data(&dataset)?;
			dataset.check_distinct()?;
			if self.retrain {
				self.again(&record, &encoder, &dataset)?;
			}
		}
		Ok(json!({
			"log": record.summary,
			"settings": start.settings_hash,
			"graph": start.graph,
			"weights": start.weights,
			"steps": record.steps.len(),
			"checkpoints": record.checkpoints.len(),
			"data_compared": !self.data.is_empty(),
			"trained_again": self.retrain,
		}))
	}

	fn again(&self, record: &Record, encoder: &Encoder, dataset: &Dataset) -> Result<()> {
		let settings = &record.start.settings;
		let here = Software::here();
		if here != record.start.software {
			note(format_args!(
				"the run was made by {:?}, this is {here:?}: last digits may differ",
				record.start.software
			));
		}
		let base = self.model.base()?;
		let mut start = Start::new(&base, encoder, dataset, settings);
		start.software = record.start.software.clone();
		let folder = self
			.folder
			.join(format!("retrained.{}", std::process::id()));
		let result = Log::create(&folder, start, dataset).and_then(|mut log| {
			let corpus = corpus(&base, dataset, settings.adapter.from)?;
			let started = Instant::now();
			train(&corpus, &corpus.rows(), settings, |event| {
				tell(&event, settings.steps, started);
				log.note(&event)
			})?;
			Record::read(&folder)
		});
		// What the second run left is of no use, whatever it shows.
		let removed = fs::remove_dir_all(&folder);
		let again = result?;
		removed.map_err(|source| Error::Io {
			path: folder,
			source,
		})?;
		if again.summary == record.summary {
			return Ok(());
		}
		let differs = |(a, b): (&f64, &f64)| a != b;
		let step = record.losses.iter().zip(&again.losses).position(differs);
		Err(Error::Settings(match step {
			Some(step) => format!("training again gives another loss in step {}", step + 1),
			None => "training again gives another adapter or gradient".into(),
		}))
	}
}

#[derive(Debug, Args)]
struct Evaluate {
	#[command(flatten)]
	model: Model,
	/// Batch files
	#[arg(long, required = true, num_args = 1.., value_name = "FILE")]
	data: Vec<PathBuf>,
	/// The folder of an adapter
	#[arg(long, value_name = "FOLDER")]
	adapter: Option<PathBuf>,
	/// Texts are cut to so many tokens
	#[arg(long, default_value_t = 256)]
	max_tokens: u32,
}

impl Evaluate {
	fn run(&self) -> Result<Value> {
		let encoder = self.model.encoder()?;
		let dataset = Dataset::read(&self.data, &encoder, self.max_tokens as usize)?;
		let base = self.model.base()?;
		let adapter = self
			.adapter
			.as_ref()
			.map(|folder| peft::read(folder, &base.shape));
		let corpus = Corpus::new(&base, &dataset.examples, 0)?;
		let evaluation = corpus.evaluate(&corpus.rows(), adapter.transpose()?.as_ref())?;
		Ok(described(evaluation))
	}
}

#[derive(Debug, Args)]
struct Gradients {
	#[command(flatten)]
	model: Model,
	/// The folder of an adapter: a run's, or one of its checkpoints
	#[arg(long, value_name = "FOLDER")]
	adapter: PathBuf,
	/// Batch files: what was trained on, or questions with answers
	#[arg(long, required = true, num_args = 1.., value_name = "FILE")]
	data: Vec<PathBuf>,
	/// The file to write
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
	/// Dimensions that each layer's gradient is projected to; 0 for all of it
	#[arg(long, default_value_t = 1024)]
	dim: u32,
	/// Seed of the projection: the same for all files that are compared
	#[arg(long, default_value_t = 0)]
	seed: u64,
	/// Texts are cut to so many tokens
	#[arg(long, default_value_t = 256)]
	max_tokens: u32,
}

impl Gradients {
	fn run(&self) -> Result<Value> {
		let encoder = self.model.encoder()?;
		let dataset = Dataset::read(&self.data, &encoder, self.max_tokens as usize)?;
		let base = self.model.base()?;
		let adapter = peft::read(&self.adapter, &base.shape)?;
		let corpus = corpus(&base, &dataset, adapter.layers().start)?;
		let projecting = Projecting {
			seed: self.seed,
			dim: self.dim,
		};
		let started = Instant::now();
		let gradients = gradients::compute(&corpus, &corpus.rows(), &adapter, projecting)?;
		let seconds = started.elapsed().as_secs_f64();
		let adapter = peft::hash(&self.adapter)?;
		let header = gradients.header(
			base.graph,
			adapter,
			&dataset.batches,
			self.max_tokens,
			projecting,
		);
		let file = gradients.write(&self.out, &header)?;
		Ok(json!({
			"file": file,
			"adapter": adapter,
			"texts": dataset.examples.len(),
			"layers": header.layers.len(),
			"seconds_per_text": seconds / dataset.examples.len() as f64,
		}))
	}
}

#[derive(Debug, Args)]
struct Merge {
	#[command(flatten)]
	model: Model,
	/// The folder of an adapter
	#[arg(long, value_name = "FOLDER")]
	adapter: PathBuf,
	/// The file to write: safetensors in 32 bits, with the names of Hugging Face's Llama models
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
}

impl Merge {
	fn run(&self) -> Result<Value> {
		let base = self.model.base()?;
		let adapter = peft::read(&self.adapter, &base.shape)?;
		base.merged(&adapter)?.write(&self.out)?;
		Ok(json!({ "graph": base.graph, "adapter": peft::hash(&self.adapter)? }))
	}
}

fn main() -> ExitCode {
	let result = match Cli::parse().command {
		Command::Run(command) => command.run(),
		Command::Verify(command) => command.run(),
		Command::Evaluate(command) => command.run(),
		Command::Gradients(command) => command.run(),
		Command::Merge(command) => command.run(),
	};
	match result.map(|found| writeln!(io::stdout(), "{found:#}")) {
		Ok(_) => ExitCode::SUCCESS,
		Err(problem) => {
			note(format_args!("openledger-train: {problem}"));
			ExitCode::FAILURE
		}
	}
}
