//! Finding what is known to matter: the documents of a query's class, and wrong labels.

use std::ops::Range;

use ndarray::{Array2, Axis};
use openledger_attribution::{
	baselines::{cosine, random, Bm25},
	evaluate::{auc, mean, recall},
	synthetic::{
		model::Model,
		tasks::{self, CLASS_SIZE},
	},
};

use crate::{all_scores, table::Table, Failure, Trained};

/// Measures how well a query's class is found, and prints it.
pub(crate) fn classes(seeds: Range<u64>) -> Result<(), Failure> {
	let mut table = Table::default();
	for seed in seeds.clone() {
		let texts = tasks::classes(seed);
		let model = Model::new(texts.shape, seed);
		let documents = texts.embedding.examples(&texts.documents);
		let queries = texts.embedding.examples(&texts.queries);
		let trained = Trained::new(&model, &documents);
		let mut scores = all_scores(&trained, &documents, &queries)?;
		let represented = |examples| model.representations(trained.last(), examples);
		scores.push((
			"representations' cosine".to_owned(),
			cosine(represented(&queries).view(), represented(&documents).view()),
		));
		let tokens: Vec<&[u32]> = texts
			.documents
			.iter()
			.map(|document| document.tokens.as_slice())
			.collect();
		let index = Bm25::new(&tokens);
		let ranked: Vec<f64> = texts
			.queries
			.iter()
			.flat_map(|query| index.scores(&query.tokens))
			.collect();
		let shape = (queries.len(), documents.len());
		scores.push(("BM25".to_owned(), Array2::from_shape_vec(shape, ranked)?));
		scores.push(("random".to_owned(), random(seed, shape.0, shape.1)));
		for (name, scores) in &scores {
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
		let trained = Trained::new(&model, &task.examples);
		let mut scores = all_scores(&trained, &task.examples, &task.validation)?;
		let represented = |examples| model.representations(trained.last(), examples);
		scores.push((
			"representations' cosine".to_owned(),
			cosine(
				represented(&task.validation).view(),
				represented(&task.examples).view(),
			),
		));
		let shape = (task.validation.len(), task.examples.len());
		scores.push(("random".to_owned(), random(seed, shape.0, shape.1)));
		for (name, scores) in &scores {
			let harm: Vec<f64> = scores.sum_axis(Axis(0)).iter().map(|sum| -sum).collect();
			let area = auc(&harm, &task.wrong).unwrap_or(f64::NAN);
			table.add(name, "AUC", area);
		}
	}
	table.print("Wrong labels (goal: 0.92)", seeds.start);
	Ok(())
}
