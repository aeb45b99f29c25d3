//! How good the methods are, on data whose provenance is known, against models trained again without parts
//! of it. The tasks are defined in `openledger_attribution::synthetic::tasks`.
//!
//! `cargo run --release -p openledger-attribution --example quality -- --seeds 5 --first 1`
//!
//! Prints tables: means over the seeds with 95 % bootstrap intervals, every method beside the baselines,
//! for each damping. `--only` takes one of training, lds, classes, labels.

mod finding;
mod lds;
mod table;

use std::{error::Error, ops::Range};

use openledger_attribution::{
	baselines::{cosine, random, Bm25},
	evaluate::mean,
	influence::{Layer, Method, Scorer},
	synthetic::{
		model::{Adapter, Example, Model, Recipe},
		tasks::{self, Texts},
	},
};

use ndarray::Array2;
use table::Table;

/// What went wrong, from whatever thread.
type Failure = Box<dyn Error + Send + Sync>;

/// Multiples of DataInf's own damping.
const FACTORS: [f64; 5] = [0.1, 1.0, 10.0, 100.0, 1_000.0];

/// The damping that manipulation is measured with, by DataInf and by the exact inverse.
const DEFAULT: f64 = 10.0;

/// A model with its checkpoints.
struct Trained {
	model: Model,
	checkpoints: Vec<Adapter>,
}

impl Trained {
	fn new(model: &Model, recipe: Recipe, examples: &[Example]) -> Self {
		let examples: Vec<_> = examples.iter().collect();
		Self {
			checkpoints: model.train(&examples, recipe),
			model: model.clone(),
		}
	}

	fn last(&self) -> &Adapter {
		&self.checkpoints[self.checkpoints.len() - 1]
	}

	fn loss(&self, examples: &[Example]) -> f64 {
		let losses: Vec<_> = examples
			.iter()
			.map(|example| self.model.loss(self.last(), example))
			.collect();
		mean(&losses).unwrap_or(f64::NAN)
	}

	/// Gradients at all checkpoints, or at the last one.
	fn gradients(&self, checkpoints: Checkpoints, examples: &[Example]) -> Vec<Layer> {
		let from = match checkpoints {
			Checkpoints::All => 0,
			Checkpoints::Last => self.checkpoints.len() - 1,
		};
		self.model.gradients(&self.checkpoints[from..], examples)
	}
}

/// Which checkpoints scores are added over.
#[derive(Clone, Copy, PartialEq)]
enum Checkpoints {
	All,
	Last,
}

const ALL: (Checkpoints, &str) = (Checkpoints::All, "all");
const LAST: (Checkpoints, &str) = (Checkpoints::Last, "last");

/// Every method with each damping.
fn methods(factors: &[f64]) -> Vec<(String, Method)> {
	let exact = |factor: f64| {
		let name = format!("exact inverse, damping {factor}");
		(name, Method::Exact { factor })
	};
	let datainf = |factor: f64| {
		let name = format!("DataInf, damping {factor}");
		(name, Method::DataInf { factor })
	};
	let product = ("gradient dot".to_owned(), Method::GradientDot);
	let factors = || factors.iter().copied();
	factors()
		.map(exact)
		.chain(factors().map(datainf))
		.chain([product])
		.collect()
}

/// What every method is shown beside, by name.
fn baselines(
	seed: u64,
	trained: &Trained,
	(documents, queries): (&[Example], &[Example]),
	texts: Option<&Texts>,
) -> Result<Vec<(String, Array2<f64>)>, Failure> {
	let represented = |examples| trained.model.representations(trained.last(), examples);
	let similar = cosine(represented(queries).view(), represented(documents).view());
	let shape = (queries.len(), documents.len());
	let mut scores = vec![
		("representations' cosine".to_owned(), similar),
		("random".to_owned(), random(seed, shape.0, shape.1)),
	];
	if let Some(texts) = texts {
		let tokens: Vec<&[u32]> = texts
			.documents
			.iter()
			.map(|document| document.tokens.as_slice())
			.collect();
		let index = Bm25::new(&tokens);
		let ranked = texts
			.queries
			.iter()
			.flat_map(|query| index.scores(&query.tokens))
			.collect();
		scores.push(("BM25".to_owned(), Array2::from_shape_vec(shape, ranked)?));
	}
	Ok(scores)
}

/// The scores of some methods by name.
fn scores(
	trained: &Trained,
	(documents, queries): (&[Example], &[Example]),
	(checkpoints, name): (Checkpoints, &str),
	methods: &[(String, Method)],
) -> Result<Vec<(String, Array2<f64>)>, Failure> {
	let documents = trained.gradients(checkpoints, documents);
	let queries = trained.gradients(checkpoints, queries);
	methods
		.iter()
		.map(|(method_name, method)| {
			let found = Scorer::new(*method, &documents)?.scores(&queries)?;
			Ok((format!("{method_name}, {name}"), found))
		})
		.collect()
}

/// What the models learn: all that the tasks were adjusted by.
fn training(seeds: Range<u64>) {
	let mut table = Table::default();
	for seed in seeds.clone() {
		let texts = tasks::datanet(seed).texts;
		learn(&mut table, "Datanet", seed, &texts);
		learn(&mut table, "classes", seed, &tasks::classes(seed));
		let task = tasks::mislabelled(seed);
		let model = Model::new(task.shape, seed);
		let trained = Trained::new(&model, task.recipe, &task.examples);
		let accuracy = model.accuracy(trained.last(), &task.validation);
		table.add("mislabelled", "accuracy, clean examples", accuracy);
	}
	table.print("What the models learn", seeds.start);
}

fn learn(table: &mut Table, name: &str, seed: u64, texts: &Texts) {
	let model = Model::new(texts.shape, seed);
	let documents = texts.embedding.examples(&texts.documents);
	let queries = texts.embedding.examples(&texts.queries);
	let trained = Trained::new(&model, texts.recipe, &documents);
	let untrained = (texts.shape.outputs as f64).ln();
	table.add(name, "loss of chance", untrained);
	table.add(name, "loss, trained on", trained.loss(&documents));
	table.add(name, "loss, queries", trained.loss(&queries));
	table.add(
		name,
		"accuracy, queries",
		model.accuracy(trained.last(), &queries),
	);
}

fn option(name: &str, default: u64) -> Result<u64, Failure> {
	let mut arguments = std::env::args().skip_while(|argument| argument != name);
	match arguments.nth(1) {
		Some(value) => Ok(value.parse()?),
		None => Ok(default),
	}
}

fn main() -> Result<(), Failure> {
	let first = option("--first", 1)?;
	let seeds = first..first + option("--seeds", 5)?;
	let only = std::env::args()
		.skip_while(|argument| argument != "--only")
		.nth(1);
	let wanted = |part| only.as_deref().is_none_or(|only| only == part);
	println!("seeds {} to {}", seeds.start, seeds.end - 1);
	if wanted("training") {
		training(seeds.clone());
	}
	if wanted("lds") {
		lds::measure(seeds.clone())?;
	}
	if wanted("classes") {
		finding::classes(seeds.clone())?;
	}
	if wanted("labels") {
		finding::mislabelled(seeds)?;
	}
	Ok(())
}
