//! Influence of training data: what it predicts, and what it finds.

mod collected;
mod finding;
mod lds;
mod ways;

use std::path::Path;

use clap::{value_parser, Args};

use crate::{
	results::{Curve, Goal, Measure, Part},
	Failure,
};

use self::{
	collected::Collected,
	finding::{AREA, LABELS, RECALL},
	lds::{BY_CONTRIBUTOR, BY_DOCUMENT, SUBSETS},
};

/// What is measured.
#[derive(Args)]
pub(crate) struct Options {
	/// How many seeds.
	#[arg(long, default_value_t = 6, value_parser = value_parser!(u64).range(1..=1_000))]
	seeds: u64,
	/// The first of them. What could be tuned was tuned on 101 to 103.
	#[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(..1_000_000))]
	first: u64,
}

/// What is measured, with the goal and what has to be said about it.
const MEASURES: [(&str, Option<f64>, &str); 7] = [
	(
		BY_CONTRIBUTOR.mean,
		Some(0.75),
		"What gets paid. The actual change is the mean over two retrainings of each subset, from the start of \
		 the adapter that is scored and from another one, which takes some of the chance of the start out of \
		 what is to be predicted. Against one retraining the score is lower: see the next measure.",
	),
	(
		BY_CONTRIBUTOR.own,
		Some(0.75),
		"The same scores against the retraining from the adapter's own start alone: what the subset does to \
		 this very adapter. Part of that is chance of the start; how much shows the last row: the same \
		 subsets trained from another start, as if that were a prediction.",
	),
	(BY_DOCUMENT.mean, Some(0.60), ""),
	(BY_DOCUMENT.own, Some(0.60), ""),
	(
		AREA,
		Some(0.99),
		"Finding the documents of a class is another question than who made a difference: the exact inverse discounts \
		 what many documents say alike, and so finds a class badly unless it is damped until it is almost a product of \
		 gradients. BM25 finds these classes perfectly: they share words.",
	),
	(
		RECALL,
		Some(0.99),
		"The share of the 90 documents of the class among the 90 with the highest scores. With the last checkpoint alone \
		 all methods fall far short: what is left to learn there is, we suppose, the blanks, which no class has for \
		 itself.",
	),
	(
		LABELS,
		Some(0.92),
		"Of the negated sum of the scores over clean examples. There are no texts, hence no BM25.",
	),
];

/// What is drawn by the damping.
const CURVES: [(&str, &str, Option<f64>); 4] = [
	(BY_CONTRIBUTOR.mean, "LDS", Some(0.75)),
	(BY_DOCUMENT.mean, "LDS", Some(0.60)),
	(RECALL, "recall", Some(0.99)),
	(LABELS, "AUC", Some(0.92)),
];

fn measures(found: &Collected) -> Result<Vec<Measure>, Failure> {
	let measure = |(name, goal, note): (&str, Option<f64>, &str)| {
		Ok(Measure {
			name: name.into(),
			goal: goal.map(Goal::AtLeast),
			scores: found.scores(name)?,
			note: (!note.is_empty()).then(|| note.into()),
		})
	};
	MEASURES.into_iter().map(measure).collect()
}

fn curves(found: &Collected) -> Vec<Curve> {
	let curve = |(name, y, goal): (&str, &str, Option<f64>)| Curve {
		title: format!("{name}, by damping"),
		x: "damping, as a multiple of DataInf's".into(),
		log_x: true,
		y: y.into(),
		goal,
		lines: found.lines(name),
	};
	CURVES.into_iter().map(curve).collect()
}

fn setting() -> String {
	format!(
		"The tasks have a known origin and a small network with low-rank adapters, trained in a second, so that it can \
		 be trained again without parts of its data; `openledger_attribution::synthetic::tasks` describes them and \
		 why they are as they are. They were fixed by what the models learn, before any method was scored on them.\n\
		 \n\
		 - *LDS* (linear datamodelling score): 6 subjects, 12 contributors of unequal quality with 24 documents each, \
		 48 queries. {SUBSETS} times half of the contributors, and {SUBSETS} times half of the documents, are left \
		 out and the adapter is trained again. The score is the rank correlation, for each query, between the loss \
		 that the sum of the scores predicts and the loss that came out.\n\
		 - *Class*: 10 classes of 90 documents, each class a template with blanks, 100 queries.\n\
		 - *Wrong labels*: 1,000 examples, a fifth of them with the wrong one of two labels, 200 clean examples to \
		 judge by.\n\
		 \n\
		 Tuned on seeds 101 to 103, which are not reported: the damping (10 times DataInf's), by the contributors' \
		 LDS. Comparing with the mean of two retrainings was tried on seed 101 before it was measured here. Scores \
		 are added over 8 checkpoints unless the last one is named alone. \
		 Gradients are not projected."
	)
}

/// Measures it. What is done is kept after each seed.
pub(crate) fn run(options: &Options, results: &Path) -> Result<(), Failure> {
	let mut found = Collected::default();
	for seed in options.first..options.first + options.seeds {
		lds::measure(seed, &mut found)?;
		finding::classes(seed, &mut found)?;
		finding::mislabelled(seed, &mut found)?;
		let part = Part {
			title: "Influence of training data".into(),
			setting: setting(),
			seeds: (options.first..=seed).collect(),
			measures: measures(&found)?,
			curves: curves(&found),
		};
		part.write(results, "influence")?;
		println!(
			"influence: {} of {} seeds",
			seed - options.first + 1,
			options.seeds
		);
	}
	Ok(())
}
