//! How good the methods are, on data whose provenance is known, against models trained again without parts
//! of it. The tasks are defined in `openledger_attribution::synthetic::tasks`.
//!
//! `cargo run --release -p openledger-attribution --example quality -- --seeds 6 --first 1`
//!
//! Prints tables: means over the seeds with 95 % bootstrap intervals, every method beside the baselines,
//! for each damping. A few minutes on two cores.

mod cheats;
mod finding;
mod lds;
mod table;

use std::{error::Error, ops::Range};

use openledger_attribution::{
	evaluate::mean,
	influence::{Layer, Method, Scorer},
	synthetic::{
		model::{Adapter, Example, Model, Recipe},
		tasks,
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
	fn new(model: &Model, examples: &[Example]) -> Self {
		let examples: Vec<_> = examples.iter().collect();
		Self {
			checkpoints: model.train(&examples, Recipe::default()),
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

impl Checkpoints {
	const BOTH: [(Self, &'static str); 2] = [(Self::All, "all"), (Self::Last, "last")];
}

/// Every method with every damping.
fn methods() -> Vec<(String, Method)> {
	let named = |name: &str, factor: f64| format!("{name}, damping {factor}");
	FACTORS
		.iter()
		.map(|factor| {
			(
				named("exact inverse", *factor),
				Method::Exact { factor: *factor },
			)
		})
		.chain(FACTORS.iter().map(|factor| {
			(
				named("DataInf", *factor),
				Method::DataInf { factor: *factor },
			)
		}))
		.chain([("gradient dot".to_owned(), Method::GradientDot)])
		.collect()
}

/// The scores of every method, at both choices of checkpoints.
fn all_scores(
	trained: &Trained,
	documents: &[Example],
	queries: &[Example],
) -> Result<Vec<(String, Array2<f64>)>, Failure> {
	let mut scores = Vec::new();
	for (checkpoints, name) in Checkpoints::BOTH {
		let of_documents = trained.gradients(checkpoints, documents);
		let of_queries = trained.gradients(checkpoints, queries);
		for (method_name, method) in methods() {
			let found = Scorer::new(method, &of_documents)?.scores(&of_queries)?;
			scores.push((format!("{method_name}, {name}"), found));
		}
	}
	Ok(scores)
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
		let trained = Trained::new(&model, &task.examples);
		let accuracy = model.accuracy(trained.last(), &task.validation);
		table.add("mislabelled", "accuracy, clean examples", accuracy);
	}
	table.print("What the models learn", seeds.start);
}

fn learn(table: &mut Table, name: &str, seed: u64, texts: &tasks::Texts) {
	let model = Model::new(texts.shape, seed);
	let documents = texts.embedding.examples(&texts.documents);
	let queries = texts.embedding.examples(&texts.queries);
	let trained = Trained::new(&model, &documents);
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
	let seeds = first..first + option("--seeds", 6)?;
	println!("seeds {} to {}", seeds.start, seeds.end - 1);
	training(seeds.clone());
	if std::env::args().any(|argument| argument == "--training") {
		return Ok(());
	}
	lds::measure(seeds.clone())?;
	finding::classes(seeds.clone())?;
	finding::mislabelled(seeds.clone())?;
	cheats::measure(seeds)
}
