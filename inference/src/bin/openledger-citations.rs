//! Measures how well the citations of answers name what the answers rest on.
//!
//! The questions are of known provenance and made by a fixed rule: of the rows of a batch file that have a
//! title, so many that lie evenly in it are asked for by *What is `title`?*, and the row is the one right
//! citation. Prints precision and recall of the citations and how much of the weight goes to the right rows,
//! beside those of citing all that was retrieved and of citing the nearest passage alone.

use std::{
	cmp::Reverse,
	fs::File,
	io::BufReader,
	path::PathBuf,
	time::{Duration, Instant},
};

use clap::Parser;
use openledger_inference::{
	batch::{passage, Rows},
	citations::cite,
	engine::{
		Embedder, Engine, EngineConfig, GeneratorId, Limit, ModelId, Provider, Question, Sampler,
	},
	hash::Hash256,
	Citation,
};
use serde::Deserialize;

/// Measures precision and recall of the citations of answers to questions of known provenance.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
	/// Folder of model files, each named by its SHA-256.
	#[arg(long, value_name = "DIR")]
	models: PathBuf,

	/// ONNX Runtime's shared library [default: ORT_DYLIB_PATH, or where the system finds it].
	#[arg(long, value_name = "FILE")]
	onnxruntime: Option<PathBuf>,

	/// SHA-256 of the language model's graph.
	#[arg(long, value_name = "HASH")]
	graph: Hash256,

	/// SHA-256 of its tokenizer.
	#[arg(long, value_name = "HASH")]
	tokenizer: Hash256,

	/// SHA-256 of its settings for generation.
	#[arg(long, value_name = "HASH")]
	generation: Hash256,

	/// SHA-256 of the graph that embeds.
	#[arg(long, value_name = "HASH")]
	retriever: Hash256,

	/// SHA-256 of its tokenizer.
	#[arg(long, value_name = "HASH")]
	retriever_tokenizer: Hash256,

	/// A batch file: a JSON object with `title` and `text` on each line.
	#[arg(long, value_name = "FILE")]
	batch: PathBuf,

	/// How many of its passages to search, evenly spread.
	#[arg(long, value_name = "N", default_value_t = 2_000)]
	passages: usize,

	/// How many questions to ask.
	#[arg(long, value_name = "N", default_value_t = 50)]
	questions: usize,

	/// Which of the evenly spread passages to ask for, as a part of the distance between two in hundredths:
	/// another value asks other questions.
	#[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..100))]
	offset: u8,

	/// How many passages an answer rests on at most.
	#[arg(long, value_name = "N", default_value_t = 3)]
	top_k: usize,

	/// Most tokens of an answer.
	#[arg(long, value_name = "N", default_value_t = 48)]
	max_tokens: usize,

	/// Threads per run.
	#[arg(long, value_name = "N", default_value_t = 1)]
	threads: usize,

	/// Tell each question, its answer, and what its passages did.
	#[arg(long)]
	verbose: bool,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A passage that can be found.
struct Row {
	title: String,
	passage: String,
	vector: Vec<f32>,
}

/// How one way to cite does, over all questions.
#[derive(Default)]
struct Score {
	questions: usize,
	/// Citations, and those of the right row.
	cited: usize,
	right: usize,
	/// The sum of the right row's parts of the weight.
	weight: f64,
}

impl Score {
	/// What one answer cites, where `right` is to be cited.
	fn add(&mut self, cited: &[Citation], right: u32) {
		let of = |right: bool, row: u32| {
			let cited = cited.iter().filter(|c| !right || c.row == row);
			cited.map(|c| f64::from(c.score)).sum::<f64>()
		};
		self.questions += 1;
		self.cited += cited.len();
		self.right += cited.iter().filter(|c| c.row == right).count();
		self.weight += of(true, right) / of(false, right).max(1.0);
	}

	fn print(&self, name: &str) {
		let part = |of: usize, all: usize| of as f64 / all.max(1) as f64;
		println!(
			"{name:<36} {:>9.3} {:>7.3} {:>7.3} {:>10.2}",
			part(self.right, self.cited),
			part(self.right, self.questions),
			self.weight / self.questions.max(1) as f64,
			part(self.cited, self.questions),
		);
	}
}

fn main() -> Outcome<()> {
	let args = Args::parse();
	let engine = Engine::start(EngineConfig {
		library: args.onnxruntime.clone(),
		models: args.models.clone(),
		provider: Provider::Cpu,
		threads: args.threads,
	})?;
	let mut embedder = engine.load(ModelId {
		graph: args.retriever,
		tokenizer: args.retriever_tokenizer,
	})?;
	let mut model = engine.load_generator(GeneratorId {
		graph: args.graph,
		tokenizer: args.tokenizer,
		generation: args.generation,
	})?;
	let rows = rows(&args, &mut embedder)?;
	let places = spread(rows.len(), args.questions, args.offset);
	println!("{} questions about {} passages\n", places.len(), rows.len());

	let (mut cited, mut found, mut nearest) = <(Score, Score, Score)>::default();
	let (mut retrieved, mut none) = (0, 0);
	for place in places {
		let right = u32::try_from(place)?;
		let text = format!("What is {}?", rows[place].title);
		let near = retrieve(&rows, &embedder.embed(&text, &unlimited())?, args.top_k)?;
		let passages: Vec<_> = near
			.iter()
			.map(|citation| rows[citation.row as usize].passage.clone())
			.collect();
		let question = Question {
			text: &text,
			passages: &passages,
			max_tokens: args.max_tokens,
			sampler: Sampler::Greedy,
		};
		let start = Instant::now();
		let answer = model.answer(&question, &unlimited())?;
		let citations = cite(&near, &answer.drops);
		retrieved += usize::from(near.iter().any(|citation| citation.row == right));
		none += usize::from(citations.is_empty());
		cited.add(&citations, right);
		found.add(&near, right);
		nearest.add(near.get(..1).unwrap_or_default(), right);
		if args.verbose {
			println!(
				"{text}\n  {} ({:.1?})",
				answer.answer.text.trim(),
				start.elapsed()
			);
			for (citation, drop) in near.iter().zip(&answer.drops) {
				println!(
					"  {} {:<40.40} relevance {:.3}, drop {:.3} nats{}",
					if citation.row == right { "*" } else { " " },
					rows[citation.row as usize].title,
					f64::from(citation.score) / 1e6,
					f64::from(*drop) / 1e3,
					if citations.iter().any(|c| c.row == citation.row) {
						", cited"
					} else {
						""
					},
				);
			}
		}
	}
	println!(
		"{:<36} {:>9} {:>7} {:>7} {:>10}",
		"", "precision", "recall", "weight", "citations"
	);
	cited.print("relevance x ablation");
	found.print("all that was retrieved");
	nearest.print("the nearest passage alone");
	println!(
		"\nprecision: right ones among all citations; recall: questions whose row is cited;\n\
		 weight: the right row's part of it, none where nothing is cited; citations: per answer\n\
		 {retrieved} of the rows asked for were retrieved; {none} answers rest on nothing"
	);
	Ok(())
}

fn unlimited() -> Limit {
	Limit::within(Duration::MAX)
}

fn rows(args: &Args, embedder: &mut Embedder) -> Outcome<Vec<Row>> {
	#[derive(Deserialize)]
	struct Titled {
		title: String,
	}
	let mut all = Vec::new();
	let mut reader = Rows::new(BufReader::new(File::open(&args.batch)?));
	while let Some((_, bytes)) = reader.next_row()? {
		if let (Ok(Titled { title }), Some(passage)) =
			(serde_json::from_slice(bytes), passage(bytes))
		{
			all.push((title, passage));
		}
	}
	spread(all.len(), args.passages, 50)
		.into_iter()
		.map(|place| {
			let (title, passage) = all[place].clone();
			let vector = embedder.embed(&passage, &unlimited())?;
			Ok(Row {
				title,
				passage,
				vector,
			})
		})
		.collect()
}

/// `count` places that lie evenly among `all`, each `offset` hundredths into its part.
fn spread(all: usize, count: usize, offset: u8) -> Vec<usize> {
	let count = count.min(all);
	(0..count)
		.map(|n| (n * 100 + usize::from(offset)) * all / (count * 100))
		.collect()
}

/// The rows nearest to a question, as the service ranks them.
fn retrieve(rows: &[Row], query: &[f32], top_k: usize) -> Outcome<Vec<Citation>> {
	let mut near = Vec::new();
	for (row, Row { vector, .. }) in (0..).zip(rows) {
		let pairs = vector.iter().zip(query);
		let similarity: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
		let score = (similarity * 1e6).round().clamp(0.0, 1e6) as u32;
		near.push(Citation {
			batch: 0,
			row,
			score,
		});
	}
	near.sort_by_key(|citation| (Reverse(citation.score), citation.row));
	near.retain(|citation| citation.score > 0);
	near.truncate(top_k);
	Ok(near)
}
