//! Measures what a language model's verification policy has to tell apart, and proposes its threshold.
//!
//! Runs the model and those that it could be replaced by, and prints the distances of fingerprints of
//! honest and of dishonest answers, how often the check of the tokens alone finds the dishonest ones,
//! speeds, and how well each model predicts real texts.

use std::{fs, path::PathBuf, time::Instant};

use clap::Parser;
use openledger_inference::{
	engine::{
		Engine, EngineConfig, Generated, Generator, GeneratorId, Limit, Prompt, Provider, Sampler,
	},
	error::Failure,
	fingerprint::distance,
	hash::Hash256,
};

/// Measures the distances of honest and dishonest answers of a language model, and proposes the threshold
/// of a tolerance policy.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
	/// Folder of model files, each named by its SHA-256.
	#[arg(long, value_name = "DIR")]
	models: PathBuf,

	/// ONNX Runtime's shared library [default: ORT_DYLIB_PATH, or where the system finds it].
	#[arg(long, value_name = "FILE")]
	onnxruntime: Option<PathBuf>,

	/// What to run the models on.
	#[arg(long, value_enum, value_name = "PROVIDER", default_value_t = Provider::Auto)]
	provider: Provider,

	/// SHA-256 of the graph that the policy is for.
	#[arg(long, value_name = "HASH")]
	graph: Hash256,

	/// SHA-256 of the tokenizer.
	#[arg(long, value_name = "HASH")]
	tokenizer: Hash256,

	/// SHA-256 of the settings for generation.
	#[arg(long, value_name = "HASH")]
	generation: Hash256,

	/// Another graph with the same tokenizer that must not pass for it, with settings for generation of its
	/// own if it needs them. As often as there are such.
	#[arg(long, value_name = "NAME=HASH[,HASH]")]
	other: Vec<String>,

	/// Most tokens of an answer.
	#[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u64).range(16..=256))]
	max_tokens: u64,

	/// How many of the eight questions to ask, each once greedily and once at random.
	#[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u64).range(2..=8))]
	questions: u64,

	/// A text to measure perplexity on. As often as there are such.
	#[arg(long, value_name = "FILE")]
	text: Vec<PathBuf>,

	/// How many characters of each text, from its middle.
	#[arg(long, value_name = "N", default_value_t = 8_000)]
	characters: usize,
}

const QUESTIONS: [&str; 8] = [
	"What is the capital of France?",
	"Explain how a compiler works.",
	"Write a short poem about the sea.",
	"What is the difference between a virus and a bacterium?",
	"Give me a recipe for pancakes.",
	"Who was Ada Lovelace?",
	"Describe a forest in autumn.",
	"Why is the sky blue? Answer a child.",
];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A model by the name that the tables give it.
struct Named {
	name: String,
	id: GeneratorId,
}

/// Distances of one kind of run, in billionths.
struct Row {
	name: String,
	honest: bool,
	distances: Vec<u32>,
	/// Of those whose tokens were checked: how many were, and how many did not pass.
	checked: usize,
	caught: usize,
}

impl Row {
	fn new(name: impl Into<String>, honest: bool) -> Self {
		Self {
			name: name.into(),
			honest,
			distances: Vec::new(),
			checked: 0,
			caught: 0,
		}
	}

	/// Fingerprints of other lengths are as far apart as can be.
	fn add(&mut self, distance: Option<u32>) {
		self.distances.push(distance.unwrap_or(2_000_000_000));
		self.distances.sort_unstable();
	}

	fn check(&mut self, passed: bool) {
		self.checked += 1;
		self.caught += usize::from(!passed);
	}

	fn print(&self) {
		let of = |part: usize| {
			let place = self.distances.len().saturating_sub(1) * part / 2;
			self.distances.get(place).copied().unwrap_or_default()
		};
		let tokens = match self.checked {
			0 => String::new(),
			checked => format!("{}/{checked}", self.caught),
		};
		println!(
			"{:<38} {:<9} {:>5} {:>13} {:>13} {:>13} {:>8}",
			self.name,
			if self.honest { "honest" } else { "dishonest" },
			self.distances.len(),
			of(0),
			of(1),
			of(2),
			tokens
		);
	}
}

fn main() -> Outcome<()> {
	let args = Args::parse();
	let model = Named {
		name: "the model".into(),
		id: GeneratorId {
			graph: args.graph,
			tokenizer: args.tokenizer,
			generation: args.generation,
		},
	};
	let others = args
		.other
		.iter()
		.map(|text| other(text, model.id))
		.collect::<Outcome<Vec<_>>>()?;
	let engine = |threads| {
		Engine::start(EngineConfig {
			library: args.onnxruntime.clone(),
			models: args.models.clone(),
			provider: args.provider,
			threads,
		})
	};
	let (one, two) = (engine(1)?, engine(2)?);
	println!(
		"ONNX Runtime {}, provider {}, graph {}\n",
		one.version(),
		one.provider().in_use,
		args.graph
	);

	texts(&args, &one, &model, &others)?;
	let rows = distances(&args, &one, &two, &model, &others)?;
	println!(
		"{:<38} {:<9} {:>5} {:>13} {:>13} {:>13} {:>8}",
		"distances in billionths", "", "runs", "least", "median", "greatest", "caught"
	);
	rows.iter().for_each(Row::print);
	println!("\ncaught: by the check of the tokens alone, whatever the fingerprint\n");
	propose(&rows);
	Ok(())
}

fn other(text: &str, model: GeneratorId) -> Outcome<Named> {
	let (name, hashes) = text.split_once('=').ok_or("--other is NAME=HASH[,HASH]")?;
	let (graph, generation) = match hashes.split_once(',') {
		Some((graph, generation)) => (graph, generation.parse()?),
		None => (hashes, model.generation),
	};
	Ok(Named {
		name: name.to_owned(),
		id: GeneratorId {
			graph: graph.parse()?,
			generation,
			..model
		},
	})
}

fn unlimited() -> Limit {
	Limit::within(std::time::Duration::MAX)
}

/// The questions, greedily and at random.
fn prompts(args: &Args) -> Vec<Prompt<'static>> {
	let count = usize::try_from(args.questions).unwrap_or(QUESTIONS.len());
	let max_tokens = usize::try_from(args.max_tokens).unwrap_or(256);
	QUESTIONS
		.iter()
		.take(count)
		.flat_map(|text| {
			let sampler = Sampler::Seeded {
				seed: Hash256::sha256(text.as_bytes()),
				temperature: 800,
				top_k: 40,
				top_p: 950_000,
			};
			[Sampler::Greedy, sampler].map(|sampler| Prompt {
				text,
				max_tokens,
				sampler,
			})
		})
		.collect()
}

fn answers(model: &mut Generator, prompts: &[Prompt<'_>]) -> Result<Vec<Generated>, Failure> {
	prompts
		.iter()
		.map(|prompt| model.generate(prompt, &unlimited()))
		.collect()
}

fn distances(
	args: &Args,
	one: &Engine,
	two: &Engine,
	model: &Named,
	others: &[Named],
) -> Outcome<Vec<Row>> {
	let prompts = prompts(args);
	let mut rows = Vec::new();
	let mut generator = one.load_generator(model.id)?;

	let start = Instant::now();
	let honest = answers(&mut generator, &prompts)?;
	let tokens: usize = honest.iter().map(|answer| answer.tokens.len()).sum();
	let generating = start.elapsed();
	println!(
		"{tokens} tokens in {} answers: {:.1} tokens/s with one thread",
		honest.len(),
		tokens as f64 / generating.as_secs_f64()
	);

	let mut again = |name: &str, generator: &mut Generator| -> Outcome<()> {
		let mut row = Row::new(name, true);
		for (first, second) in honest.iter().zip(answers(generator, &prompts)?) {
			row.add(distance(&first.fingerprint, &second.fingerprint));
			row.check(first.tokens == second.tokens);
		}
		rows.push(row);
		Ok(())
	};
	again("run again", &mut generator)?;
	again("with two threads", &mut two.load_generator(model.id)?)?;
	generator.set_copies(4);
	again("four side by side", &mut generator)?;
	generator.set_copies(1);

	let mut check = Row::new("checked by one prefill", true);
	let (mut near, mut shortfall) = (0, 0f32);
	let start = Instant::now();
	for (prompt, answer) in prompts.iter().zip(&honest) {
		let found = generator.verify(prompt, &answer.tokens, &answer.fingerprint, &unlimited())?;
		check.add(found.distance);
		check.check(found.tokens_agree());
		near += found.near;
		if prompt.sampler == Sampler::Greedy {
			shortfall = shortfall.max(found.shortfall);
		}
	}
	println!(
		"checking took {:.0} % of the time; {near} tokens within the margin, greedy ones at most {shortfall:.6} below the highest logit\n",
		100.0 * start.elapsed().as_secs_f64() / generating.as_secs_f64()
	);
	rows.push(check);

	for other in others {
		let mut wrong = one.load_generator(other.id)?;
		let mut own = Row::new(format!("{}: its own answers", other.name), false);
		let mut covered = Row::new(format!("{}: right tokens, its states", other.name), false);
		for ((prompt, honest), answer) in prompts
			.iter()
			.zip(&honest)
			.zip(answers(&mut wrong, &prompts)?)
		{
			let limit = unlimited();
			let found = generator.verify(prompt, &answer.tokens, &answer.fingerprint, &limit)?;
			own.add(found.distance);
			own.check(found.tokens_agree());
			let states = wrong
				.verify(prompt, &honest.tokens, &[], &limit)?
				.fingerprint;
			covered.add(distance(&honest.fingerprint, &states));
		}
		rows.extend([own, covered]);
	}

	let mut asked = Row::new("right tokens, another question's states", false);
	let mut copied = Row::new("first half right, then copied from it", false);
	let mut swapped = Row::new("another question's answer", false);
	for (place, answer) in honest.iter().enumerate() {
		let elsewhere = (place + 2) % honest.len();
		let found = generator.verify(&prompts[elsewhere], &answer.tokens, &[], &unlimited())?;
		asked.add(distance(&answer.fingerprint, &found.fingerprint));
		swapped.add(distance(&found.fingerprint, &honest[elsewhere].fingerprint));
		swapped.check(found.tokens_agree());
		let half = answer.fingerprint.len().div_ceil(64) * 32;
		if half < answer.fingerprint.len() {
			let copy: Vec<_> = (0..answer.fingerprint.len())
				.map(|n| answer.fingerprint[n % half])
				.collect();
			copied.add(distance(&answer.fingerprint, &copy));
		}
	}
	rows.extend([asked, copied, swapped]);
	Ok(rows)
}

/// A threshold between the two, as far from the one as from the other.
fn propose(rows: &[Row]) {
	let of = |honest: bool| {
		rows.iter()
			.filter(move |row| row.honest == honest)
			.flat_map(|row| row.distances.iter().copied())
	};
	let (Some(honest), Some(dishonest)) = (of(true).max(), of(false).min()) else {
		return;
	};
	println!("honest up to {honest}, dishonest from {dishonest}");
	if dishonest <= honest {
		println!("no threshold tells them apart");
		return;
	}
	let middle = (f64::from(honest.max(1)) * f64::from(dishonest)).sqrt();
	println!(
		"proposed max_distance: {middle:.0}, {:.0} times the greatest honest distance of this machine",
		middle / f64::from(honest.max(1))
	);
}

/// How well the models predict the texts.
fn texts(args: &Args, engine: &Engine, model: &Named, others: &[Named]) -> Outcome<()> {
	if args.text.is_empty() {
		return Ok(());
	}
	println!(
		"{:<24} {:<28} {:>8} {:>12}",
		"perplexity", "text", "tokens", ""
	);
	for named in std::iter::once(model).chain(others) {
		let mut generator = engine.load_generator(named.id)?;
		for path in &args.text {
			let bytes = fs::read(path)?;
			let text = String::from_utf8_lossy(&bytes);
			let middle = text.chars().count().saturating_sub(args.characters) / 2;
			let text: String = text.chars().skip(middle).take(args.characters).collect();
			let (sum, count) = generator.surprise(&text, 512, &unlimited())?;
			let name = path.file_name().unwrap_or_default().to_string_lossy();
			let perplexity = (sum / count.max(1) as f64).exp();
			println!(
				"{:<24} {name:<28} {count:>8} {perplexity:>12.3}",
				named.name
			);
		}
	}
	println!();
	Ok(())
}
