//! Measures how well the citations of answers name what the answers rest on.
//!
//! The questions are of known provenance and made by a fixed rule: of the rows of a batch file that have a
//! title, so many that lie evenly in it are asked for by *What is `title`?*, and the row is the one right
//! citation. Prints precision and recall of the citations and how much of the weight goes to the right rows,
//! beside those of citing all that was retrieved and of citing the nearest passage alone.

use std::{fs::File, io::BufReader, path::PathBuf, time::Instant};

use clap::Parser;
use openledger_inference::{
	batch::{passage, Rows},
	engine::{
		Embedder, Engine, EngineConfig, Generator, GeneratorId, Limit, ModelId, Provider, Question,
		Sampler,
	},
	hash::Hash256,
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
	#[arg(long, value_name = "N", default_value_t = 4)]
	top_k: usize,

	/// Most tokens of an answer.
	#[arg(long, value_name = "N", default_value_t = 48)]
	max_tokens: usize,

	/// Threads per run.
	#[arg(long, value_name = "N", default_value_t = 1)]
	threads: usize,
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

struct Row {
	title: String,
	passage: String,
	vector: Vec<f32>,
}

fn limit() -> Limit {
	Limit::within(std::time::Duration::from_secs(600))
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
	for place in spread(rows.len(), args.questions, args.offset) {
		ask(&args, &rows, place, &mut embedder, &mut model)?;
	}
	Ok(())
}

fn rows(args: &Args, embedder: &mut Embedder) -> Outcome<Vec<Row>> {
	#[derive(Deserialize)]
	struct Titled {
		title: String,
	}
	let mut all = Vec::new();
	let mut reader = Rows::new(BufReader::new(File::open(&args.batch)?));
	while let Some((_, bytes)) = reader.next_row()? {
		let (Ok(Titled { title }), Some(passage)) = (serde_json::from_slice(bytes), passage(bytes))
		else {
			continue;
		};
		all.push((title, passage));
	}
	let mut rows = Vec::new();
	for place in spread(all.len(), args.passages, 50) {
		let (title, passage) = all[place].clone();
		let vector = embedder.embed(&passage, &limit())?;
		rows.push(Row {
			title,
			passage,
			vector,
		});
	}
	Ok(rows)
}

/// `count` places that lie evenly among `all`, each `offset` hundredths into its part.
fn spread(all: usize, count: usize, offset: u8) -> Vec<usize> {
	let count = count.min(all);
	(0..count)
		.map(|n| (n * 100 + usize::from(offset)) * all / (count.max(1) * 100))
		.collect()
}

fn ask(
	args: &Args,
	rows: &[Row],
	place: usize,
	embedder: &mut Embedder,
	model: &mut Generator,
) -> Outcome<()> {
	let text = format!("What is {}?", rows[place].title);
	let query = embedder.embed(&text, &limit())?;
	let mut near: Vec<(f64, usize)> = rows
		.iter()
		.enumerate()
		.map(|(n, row)| {
			(
				row.vector
					.iter()
					.zip(&query)
					.map(|(a, b)| f64::from(*a) * f64::from(*b))
					.sum(),
				n,
			)
		})
		.collect();
	near.sort_by(|a, b| b.0.total_cmp(&a.0));
	near.truncate(args.top_k);
	let passages: Vec<String> = near.iter().map(|(_, n)| rows[*n].passage.clone()).collect();
	let start = Instant::now();
	let g = model.answer(
		&Question {
			text: &text,
			passages: &passages,
			max_tokens: args.max_tokens,
			sampler: Sampler::Greedy,
		},
		&limit(),
	)?;
	println!(
		"Q\t{text}\t{}\t{}\t{}\t{:?}",
		place,
		g.answer.prompt_tokens,
		g.answer.tokens.len(),
		start.elapsed()
	);
	println!("A\t{}", g.answer.text.replace('\n', " "));
	for ((s, n), d) in near.iter().zip(&g.drops) {
		println!(
			"P\t{}\t{:.3}\t{}\t{}",
			u8::from(*n == place),
			s,
			d,
			rows[*n].title
		);
	}
	Ok(())
}
