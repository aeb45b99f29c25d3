//! Predicted against actual: after leaving out half of the contributors, or half of the documents.

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

use crate::Failure;

use super::{
	collected::Collected,
	ways::{Checkpoints, Trained, FACTORS},
};

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

pub(crate) fn explore(seed: u64) -> Result<(), Failure> {
	use openledger_attribution::influence::{Method, Scorer};
	let texts = datanet(seed).texts;
	let documents = texts.embedding.examples(&texts.documents);
	let queries = texts.embedding.examples(&texts.queries);
	let mut chance = source(seed, 8);
	let by_document = halves(&mut chance, documents.len(), SUBSETS);
	let by_contributor: Vec<Vec<bool>> = halves(&mut chance, CONTRIBUTORS, SUBSETS)
		.into_iter()
		.map(|inside| texts.documents.iter().map(|d| inside[d.contributor]).collect())
		.collect();
	let first = Model::new(texts.shape, seed);
	let models: Vec<Model> = (0..4)
		.map(|n| if n == 0 { first.clone() } else { first.restarted(seed << 8 | n) })
		.collect();
	let sets = [("contributor", by_contributor), ("document", by_document)];
	let start = std::time::Instant::now();
	let actual: Vec<Vec<Array2<f64>>> = sets
		.iter()
		.map(|(_, s)| models.iter().map(|m| retrained(m, texts.recipe, &documents, &queries, s)).collect())
		.collect();
	eprintln!("{:?} for 8 x 64", start.elapsed());
	for (at, (name, subsets)) in sets.iter().enumerate() {
		let others = &actual[at][1] + &actual[at][2] + &actual[at][3];
		println!("{seed} {name} ceiling one-one {:.3} one-three {:.3}", lds(&actual[at][1], &actual[at][0]).unwrap(), lds(&others, &actual[at][0]).unwrap());
	}
	for checkpoints in [4usize, 8, 16, 33] {
		let recipe = Recipe { checkpoints, ..texts.recipe };
		let refs: Vec<_> = documents.iter().collect();
		let grads: Vec<_> = models
			.iter()
			.map(|m| {
				let c = m.train(&refs, recipe);
				(m.gradients(&c, &documents), m.gradients(&c, &queries))
			})
			.collect();
		for factor in [1.0, 3.0, 10.0, 30.0] {
			let scores: Vec<Array2<f64>> = grads
				.iter()
				.map(|(d, q)| Scorer::new(Method::Exact { factor }, d).unwrap().scores(q).unwrap())
				.collect();
			for (at, (name, subsets)) in sets.iter().enumerate() {
				let all = &actual[at];
				let mut row = String::new();
				for (sname, s) in [("s1", scores[0].clone()), ("s2", &scores[0] + &scores[1]), ("s4", &scores[0] + &scores[1] + &scores[2] + &scores[3])] {
					let p = predictions(&s, subsets)?;
					for (tname, t) in [("t1", all[0].clone()), ("t2", &all[0] + &all[1]), ("t4", &all[0] + &all[1] + &all[2] + &all[3])] {
						row += &format!(" {sname}{tname} {:.3}", lds(&p, &t).unwrap());
					}
				}
				println!("{seed} {name} cp {checkpoints} factor {factor}{row}");
			}
		}
	}
	Ok(())
}
