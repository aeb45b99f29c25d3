//! Finding what is known to matter: the documents of a query's class, and wrong labels.

use ndarray::{Array2, Axis};
use openledger_attribution::{
	evaluate::{auc, mean, recall},
	synthetic::{
		model::{Example, Model},
		tasks::{self, CLASS_SIZE},
	},
};

use crate::Failure;

use super::{
	collected::Collected,
	ways::{methods, Checkpoints, Scores, Trained, USUAL},
};

pub(crate) const AREA: &str = "Documents of a query's class: AUC";
pub(crate) const RECALL: &str = "Documents of a query's class: recall";
pub(crate) const LABELS: &str = "Wrong labels: AUC";

/// Dampings: fewer than for what is predicted, as there are more documents.
const FEW: [f64; 3] = [0.1, USUAL, 1_000.0];

/// Measures how well a query's class is found.
pub(crate) fn classes(seed: u64, found: &mut Collected) -> Result<(), Failure> {
	let texts = tasks::classes(seed);
	let model = Model::new(texts.shape, seed);
	let documents = texts.embedding.examples(&texts.documents);
	let queries = texts.embedding.examples(&texts.queries);
	let trained = Trained::new(&model, texts.recipe, &documents);
	let examples = (documents.as_slice(), queries.as_slice());
	let mut all = every_method(&trained, examples)?;
	all.extend(trained.baselines(seed, examples, Some(&texts))?);
	for (way, scores) in &all {
		let (area, recalled) = by_class(scores, &texts);
		found.add(AREA, *way, area);
		found.add(RECALL, *way, recalled);
	}
	Ok(())
}

/// At the last checkpoint, as in the literature, and over all of them.
fn every_method(trained: &Trained, examples: (&[Example], &[Example])) -> Result<Scores, Failure> {
	let mut all = trained.influence(examples, Checkpoints::All, &methods(&FEW[1..], &[USUAL]))?;
	all.extend(trained.influence(examples, Checkpoints::Last, &methods(&FEW, &FEW))?);
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

/// Measures how well wrong labels are found.
pub(crate) fn mislabelled(seed: u64, found: &mut Collected) -> Result<(), Failure> {
	let task = tasks::mislabelled(seed);
	let model = Model::new(task.shape, seed);
	let trained = Trained::new(&model, task.recipe, &task.examples);
	let examples = (task.examples.as_slice(), task.validation.as_slice());
	let mut all = every_method(&trained, examples)?;
	all.extend(trained.baselines(seed, examples, None)?);
	for (way, scores) in &all {
		let harm: Vec<f64> = scores.sum_axis(Axis(0)).iter().map(|sum| -sum).collect();
		found.add(LABELS, *way, auc(&harm, &task.wrong).unwrap_or(f64::NAN));
	}
	Ok(())
}
