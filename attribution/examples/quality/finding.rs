//! Finding what is known to matter: the documents of a query's class, and wrong labels.

use std::ops::Range;

use ndarray::{Array2, Axis};
use openledger_attribution::{
	evaluate::{auc, mean, recall},
	synthetic::{
		model::{Example, Model},
		tasks::{self, CLASS_SIZE},
	},
};

use crate::{
	baselines, methods, scores, table::Table, Failure, Trained, ALL, DEFAULT, FACTORS, LAST,
};

/// Measures how well a query's class is found, and prints it.
pub(crate) fn classes(seeds: Range<u64>) -> Result<(), Failure> {
	let mut table = Table::default();
	for seed in seeds.clone() {
		let texts = tasks::classes(seed);
		let model = Model::new(texts.shape, seed);
		let documents = texts.embedding.examples(&texts.documents);
		let queries = texts.embedding.examples(&texts.queries);
		let trained = Trained::new(&model, texts.recipe, &documents);
		let examples = (documents.as_slice(), queries.as_slice());
		let mut all = every_method(&trained, examples)?;
		all.extend(baselines(seed, &trained, examples, Some(&texts))?);
		for (name, scores) in &all {
			let (area, found) = by_class(scores, &texts);
			table.add(name, "AUC", area);
			table.add(name, "recall", found);
		}
	}
	table.print(
		"The documents of a query's class (goals: 0.99)",
		seeds.start,
	);
	Ok(())
}

/// Every damping at the last checkpoint, as in the literature, and some over all of them.
fn every_method(
	trained: &Trained,
	examples: (&[Example], &[Example]),
) -> Result<Vec<(String, Array2<f64>)>, Failure> {
	let mut all = scores(trained, examples, LAST, &methods(&FACTORS))?;
	all.extend(scores(
		trained,
		examples,
		ALL,
		&methods(&[DEFAULT, 1_000.0]),
	)?);
	Ok(all)
}

/// The mean AUC and recall over the queries.
fn by_class(scores: &Array2<f64>, texts: &tasks::Texts) -> (f64, f64) {
	let (mut areas, mut recalls) = (Vec::new(), Vec::new());
	for (scores, query) in scores.rows().into_iter().zip(&texts.queries) {
		let scores = scores.to_vec();
		let same: Vec<bool> = texts
			.documents
			.iter()
			.map(|document| document.subject == query.subject)
			.collect();
		areas.extend(auc(&scores, &same));
		recalls.extend(recall(&scores, &same, CLASS_SIZE));
	}
	(
		mean(&areas).unwrap_or(f64::NAN),
		mean(&recalls).unwrap_or(f64::NAN),
	)
}

/// Measures how well wrong labels are found, and prints it.
pub(crate) fn mislabelled(seeds: Range<u64>) -> Result<(), Failure> {
	let mut table = Table::default();
	for seed in seeds.clone() {
		let task = tasks::mislabelled(seed);
		let model = Model::new(task.shape, seed);
		let trained = Trained::new(&model, task.recipe, &task.examples);
		let examples = (task.examples.as_slice(), task.validation.as_slice());
		let mut all = every_method(&trained, examples)?;
		all.extend(baselines(seed, &trained, examples, None)?);
		for (name, scores) in &all {
			let harm: Vec<f64> = scores.sum_axis(Axis(0)).iter().map(|sum| -sum).collect();
			let area = auc(&harm, &task.wrong).unwrap_or(f64::NAN);
			table.add(name, "AUC", area);
		}
	}
	table.print("Wrong labels (goal: 0.92)", seeds.start);
	Ok(())
}
