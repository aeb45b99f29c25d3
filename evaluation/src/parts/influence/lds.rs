//! Predicted against actual: after leaving out half of the contributors, or half of the documents.

use ndarray::Array2;
use openledger_attribution::{
	evaluate::{lds, predictions},
	synthetic::{
		model::{Example, Model, Recipe},
		random::{halves, source},
		tasks::{datanet, Texts, CONTRIBUTORS},
	},
};
use rayon::prelude::*;

use crate::Failure;

use super::{
	collected::Collected,
	ways::{methods, Checkpoints, Trained, Way, FACTORS},
};

/// How often the model is trained again, for each of the two.
pub(crate) const SUBSETS: usize = 32;

/// From how many starts of the adapter, each time: the first is the one of the adapter that is scored.
const STARTS: usize = 2;

/// What is measured of one kind of subsets.
#[derive(Clone, Copy)]
pub(crate) struct Names {
	/// Against the mean over the starts.
	pub(crate) mean: &'static str,
	/// Against the start of the adapter that is scored, alone.
	pub(crate) own: &'static str,
}

pub(crate) const BY_CONTRIBUTOR: Names = Names {
	mean: "LDS by contributor",
	own: "LDS by contributor, one retraining",
};

pub(crate) const BY_DOCUMENT: Names = Names {
	mean: "LDS by document",
	own: "LDS by document, one retraining",
};

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

/// What came out for each query after training on each subset, from each of the starts.
fn outcomes(
	models: &[Model; STARTS],
	texts: &Texts,
	documents: &[Example],
	queries: &[Example],
	subsets: &[Vec<bool>],
) -> [Array2<f64>; STARTS] {
	let of = |model: &Model| retrained(model, texts.recipe, documents, queries, subsets);
	models.each_ref().map(of)
}

/// Half of the contributors each time, and half of the documents.
fn subsets(seed: u64, texts: &Texts) -> (Vec<Vec<bool>>, Vec<Vec<bool>>) {
	let mut chance = source(seed, 8);
	let by_document = halves(&mut chance, texts.documents.len(), SUBSETS);
	let by_contributor = halves(&mut chance, CONTRIBUTORS, SUBSETS)
		.into_iter()
		.map(|inside| {
			let documents = texts.documents.iter();
			documents
				.map(|document| inside[document.contributor])
				.collect()
		})
		.collect();
	(by_contributor, by_document)
}

/// Measures one seed.
pub(crate) fn measure(seed: u64, found: &mut Collected) -> Result<(), Failure> {
	let texts = datanet(seed).texts;
	let model = Model::new(texts.shape, seed);
	let other = model.restarted(seed);
	let documents = texts.embedding.examples(&texts.documents);
	let queries = texts.embedding.examples(&texts.queries);
	let trained = Trained::new(&model, texts.recipe, &documents);

	let examples = (documents.as_slice(), queries.as_slice());
	let methods = methods(&FACTORS, &FACTORS);
	let mut all = trained.influence(examples, Checkpoints::All, &methods)?;
	all.extend(trained.influence(examples, Checkpoints::Last, &methods)?);
	all.extend(trained.baselines(seed, examples, Some(&texts))?);

	let models = [model, other];
	let (by_contributor, by_document) = subsets(seed, &texts);
	for (names, subsets) in [(BY_CONTRIBUTOR, by_contributor), (BY_DOCUMENT, by_document)] {
		let outcomes = outcomes(&models, &texts, &documents, &queries, &subsets);
		let [own, elsewhere] = &outcomes;
		let mean = (own + elsewhere) / STARTS as f64;
		for (way, scores) in &all {
			let predicted = predictions(scores, &subsets)?;
			let score = |actual| lds(&predicted, actual).unwrap_or(f64::NAN);
			found.add(names.mean, *way, score(&mean));
			found.add(names.own, *way, score(own));
		}
		let again = lds(elsewhere, own).unwrap_or(f64::NAN);
		found.add(names.own, Way::Retrained, again);
	}
	Ok(())
}
