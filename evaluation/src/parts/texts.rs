//! Real texts and a real model: what scores predict, against the model trained again without some of the
//! texts.

mod learning;
mod scores;
mod sources;

use std::{
	collections::BTreeMap,
	env,
	path::{Path, PathBuf},
};

use clap::Args;
use ndarray::{Array2, Axis};
use openledger_attribution::{
	evaluate::{lds, mean, predictions},
	synthetic::random::{halves, source},
};
use openledger_training::{base::Base, lora::Adapter, text::Encoder, train::Corpus};

use self::{
	learning::{settings, Bench},
	scores::{damped, reported, scores, CHECKPOINTS, DAMPED, FACTORS},
	sources::{contributors, Task},
};
use crate::{
	results::{Curve, Goal, Line, Measure, Part, Score},
	Failure,
};

/// SmolLM2-135M-Instruct in 32 bits, its tokenizer, and its settings for generation.
const GRAPH: &str = "6a4ee3f0d444ea572e6f1fd4f19ce690de55a66f4e832eaf293ed190daf5e560";
const TOKENIZER: &str = "0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe";
const GENERATION: &str = "f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e";

/// What halves are drawn of, and what is to be reached.
const LEVELS: [(&str, f64); 2] = [("LDS by contributor", 0.75), ("LDS by document", 0.60)];

/// Questions that LDS is the mean over: all, and by what they are about.
const ASKED: [&str; 3] = [
	"",
	", questions about documents",
	", questions about held-out texts",
];

const LOSS: &str = "Loss of a text's tokens (nats)";

const SETTING: &str = include_str!("texts/setting.md");

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
	/// Where texts and models are [default: the cache of scripts/setup.sh].
	#[arg(long, value_name = "DIR")]
	cache: Option<PathBuf>,
	/// The first seed.
	#[arg(long, value_name = "NUMBER", default_value_t = 1)]
	first: u64,
	/// How many seeds.
	#[arg(long, value_name = "NUMBER", default_value_t = 5)]
	seeds: u64,
	/// How often the model is trained again, for each of the two scores.
	#[arg(long, value_name = "NUMBER", default_value_t = 16)]
	subsets: usize,
}

impl Options {
	fn cache(&self) -> Result<PathBuf, Failure> {
		let given = || env::var_os("OPENLEDGER_CACHE").map(PathBuf::from);
		let found = self.cache.clone().or_else(given);
		Ok(found.ok_or("where are texts and models? Give --cache or OPENLEDGER_CACHE")?)
	}
}

/// Measures, and keeps what was found after each seed.
pub(crate) fn run(options: &Options, results: &Path) -> Result<(), Failure> {
	let cache = options.cache()?;
	let models = cache.join("models");
	let base = Base::load(&models, GRAPH.parse()?)?;
	let encoder = Encoder::load(&models, TOKENIZER.parse()?, GENERATION.parse()?)?;
	let texts = contributors(&cache.join("texts"))?;
	let mut found = Found::default();
	for seed in options.first..options.first.saturating_add(options.seeds) {
		let mut task = Task::new(&texts, &encoder, seed)?;
		let base = task.narrow(&base)?;
		let bench = Bench::new(&base, &task, settings(seed, base.shape.layers))?;
		found.measure(&bench, seed, options.subsets)?;
		found.part()?.write(results, "texts")?;
	}
	Ok(())
}

/// What was found: a value for each seed, by measure and method.
#[derive(Default)]
struct Found {
	seeds: Vec<u64>,
	values: BTreeMap<(String, String), Vec<f64>>,
}

impl Found {
	fn add(&mut self, measure: &str, method: &str, value: f64) {
		let key = (measure.to_owned(), method.to_owned());
		self.values.entry(key).or_default().push(value);
	}

	/// Trains on all documents and on halves, and adds how well each method predicts what comes of it.
	fn measure(&mut self, bench: &Bench<'_>, seed: u64, subsets: usize) -> Result<(), Failure> {
		let trained = bench.train(&bench.documents.rows())?;
		self.losses(bench, "before", None)?;
		self.losses(
			bench,
			"after",
			trained.first().and_then(|first| first.last()),
		)?;
		let scores = scores(bench, &trained, seed)?;
		for ((level, _), subsets) in LEVELS.iter().zip(subsets_of(bench.task, seed, subsets)) {
			let actual = bench.retrained(&subsets)?;
			for (method, scores) in &scores {
				let predicted = predictions(scores, &subsets)?;
				for (asked, rows) in ASKED.iter().zip(bench.task.asked()) {
					let of = |all: &Array2<f64>| all.select(Axis(0), &rows);
					let score = lds(&of(&predicted), &of(&actual)).unwrap_or(f64::NAN);
					self.add(&format!("{level}{asked}"), method, score);
				}
			}
		}
		self.seeds.push(seed);
		Ok(())
	}

	fn losses(
		&mut self,
		bench: &Bench<'_>,
		when: &str,
		adapter: Option<&Adapter>,
	) -> Result<(), Failure> {
		let [_, learnt, held_out] = bench.task.asked();
		for (what, corpus, rows) in [
			("documents", &bench.documents, bench.documents.rows()),
			("answers about documents", &bench.queries, learnt),
			("answers about held-out texts", &bench.queries, held_out),
		] {
			let corpus: &Corpus<'_> = corpus;
			let loss = mean(&corpus.losses(&rows, adapter)?).unwrap_or(f64::NAN);
			self.add(LOSS, &format!("{what}, {when}"), loss);
		}
		Ok(())
	}

	fn values(&self, measure: &str, method: &str) -> Result<&Vec<f64>, Failure> {
		let key = (measure.to_owned(), method.to_owned());
		let values = self.values.get(&key);
		Ok(values.ok_or_else(|| format!("{method} has no {measure}"))?)
	}

	fn part(&self) -> Result<Part, Failure> {
		let mut measures = Vec::new();
		for (level, goal) in LEVELS {
			for asked in ASKED {
				measures
					.push(self.lds(&format!("{level}{asked}"), asked.is_empty().then_some(goal))?);
			}
		}
		measures.push(self.loss()?);
		Ok(Part {
			title: "A language model on real texts".into(),
			setting: SETTING.into(),
			seeds: self.seeds.clone(),
			measures,
			curves: LEVELS
				.iter()
				.map(|(level, goal)| self.damping(level, *goal))
				.collect::<Result<_, _>>()?,
		})
	}

	fn lds(&self, name: &str, goal: Option<f64>) -> Result<Measure, Failure> {
		let methods = reported();
		let scores = methods.iter().enumerate().map(|(place, method)| {
			Score::new(method, place == 0, self.values(name, method)?.clone())
		});
		let scores = scores.collect::<Result<Vec<_>, _>>()?;
		Ok(Measure {
			name: name.into(),
			goal: goal.map(Goal::AtLeast),
			note: goal.and_then(|goal| verdict(scores.first()?, goal)),
			scores,
		})
	}

	fn loss(&self) -> Result<Measure, Failure> {
		let all = self
			.values
			.iter()
			.filter(|((measure, _), _)| measure == LOSS);
		let scores = all.map(|((_, what), values)| Score::new(what, false, values.clone()));
		Ok(Measure {
			name: LOSS.into(),
			goal: None,
			scores: scores.collect::<Result<_, _>>()?,
			note: Some(
				"Before and after all documents were learnt from, by the first adapter.".into(),
			),
		})
	}

	fn damping(&self, level: &str, goal: f64) -> Result<Curve, Failure> {
		let mut lines = Vec::new();
		for method in DAMPED {
			for checkpoints in CHECKPOINTS {
				let points = FACTORS.map(|factor| {
					let values = self.values(level, &damped(method, factor, checkpoints))?;
					Ok((factor, mean(values).unwrap_or(f64::NAN)))
				});
				lines.push(Line {
					name: format!("{method}, {checkpoints}"),
					points: points.into_iter().collect::<Result<_, Failure>>()?,
				});
			}
		}
		Ok(Curve {
			title: format!("{level} by damping, real texts"),
			x: "damping (multiple of DataInf's)".into(),
			log_x: true,
			y: "LDS".into(),
			goal: Some(goal),
			lines,
		})
	}
}

/// Halves of the contributors, and halves of the documents: of each whether a document is in.
fn subsets_of(task: &Task, seed: u64, count: usize) -> [Vec<Vec<bool>>; 2] {
	let mut chance = source(seed, 1);
	let owners = task.owners.iter().max().map_or(0, |last| last + 1);
	let by_contributor = halves(&mut chance, owners, count).into_iter();
	let by_contributor = by_contributor.map(|inside| {
		let documents = task.owners.iter();
		documents.map(|owner| inside[*owner]).collect()
	});
	let by_contributor = by_contributor.collect();
	[
		by_contributor,
		halves(&mut chance, task.owners.len(), count),
	]
}

/// What has to be said if the goal is not met beyond doubt.
fn verdict(score: &Score, goal: f64) -> Option<String> {
	if score.mean < goal {
		Some(format!(
			"**Not met**: {:.3} by {}.",
			score.mean, score.method
		))
	} else if score.low < goal {
		Some(format!(
			"Met by the mean; the interval begins at {:.3}.",
			score.low
		))
	} else {
		None
	}
}

#[cfg(test)]
mod tests;
