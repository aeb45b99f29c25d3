//! Predicted against actual: after leaving out half of the contributors, or half of the documents.

use std::ops::Range;

use ndarray::Array2;
use openledger_attribution::{
	evaluate::{lds, predictions},
	synthetic::{
		model::{Example, Model, Recipe},
		random::{halves, source},
		tasks::{datanet, CONTRIBUTORS},
	},
};
use rayon::prelude::*;

use crate::{baselines, methods, scores, table::Table, Failure, Trained, ALL, FACTORS, LAST};

/// How often the model is trained again, for each of the two.
const SUBSETS: usize = 64;

/// The negated loss of each query after training on each subset.
fn retrained(
	model: &Model,
	recipe: Recipe,
	documents: &[Example],
	queries: &[Example],
	subsets: &[Vec<bool>],
) -> Array2<f64> {
	let recipe = Recipe {
		checkpoints: 1,
		..recipe
	};
	let outcomes: Vec<Vec<f64>> = subsets
		.par_iter()
		.map(|subset| {
			let inside: Vec<_> = documents
				.iter()
				.zip(subset)
				.filter(|(_, inside)| **inside)
				.map(|(document, _)| document)
				.collect();
			let adapters = model.train(&inside, recipe);
			let loss = |query| {
				adapters
					.last()
					.map_or(f64::NAN, |last| model.loss(last, query))
			};
			queries.iter().map(|query| -loss(query)).collect()
		})
		.collect();
	Array2::from_shape_fn((queries.len(), subsets.len()), |(query, subset)| {
		outcomes[subset][query]
	})
}

/// Measures both scores and prints them.
pub(crate) fn measure(seeds: Range<u64>) -> Result<(), Failure> {
	let mut table = Table::default();
	for seed in seeds.clone() {
		one_seed(seed, &mut table)?;
	}
	table.print(
		"Linear datamodelling score (goals: 0.75 by contributor, 0.60 by document)",
		seeds.start,
	);
	Ok(())
}

fn one_seed(seed: u64, table: &mut Table) -> Result<(), Failure> {
	let texts = datanet(seed).texts;
	let model = Model::new(texts.shape, seed);
	let documents = texts.embedding.examples(&texts.documents);
	let queries = texts.embedding.examples(&texts.queries);
	let trained = Trained::new(&model, texts.recipe, &documents);

	let mut chance = source(seed, 8);
	let by_document = halves(&mut chance, documents.len(), SUBSETS);
	let by_contributor: Vec<Vec<bool>> = halves(&mut chance, CONTRIBUTORS, SUBSETS)
		.into_iter()
		.map(|inside| {
			texts
				.documents
				.iter()
				.map(|document| inside[document.contributor])
				.collect()
		})
		.collect();

	let examples = (documents.as_slice(), queries.as_slice());
	let mut all = scores(&trained, examples, ALL, &methods(&FACTORS))?;
	all.extend(scores(&trained, examples, LAST, &methods(&FACTORS))?);
	all.extend(baselines(seed, &trained, examples, Some(&texts))?);

	for (column, subsets) in [
		("by contributor", by_contributor),
		("by document", by_document),
	] {
		let actual = retrained(&model, texts.recipe, &documents, &queries, &subsets);
		for (name, scores) in &all {
			let score = lds(&predictions(scores, &subsets)?, &actual);
			table.add(name, column, score.unwrap_or(f64::NAN));
		}
	}
	Ok(())
}
