//! The ways of scoring that are compared, and what they score with.

use ndarray::Array2;
use openledger_attribution::{
	baselines::{cosine, random, Bm25},
	influence::{Layer, Method, Scorer},
	synthetic::{
		model::{Adapter, Example, Model, Recipe},
		tasks::Texts,
	},
};

use crate::Failure;

/// Multiples of DataInf's own damping.
pub(crate) const FACTORS: [f64; 7] = [0.1, 1.0, 3.0, 10.0, 30.0, 100.0, 1_000.0];

/// The damping that methods are compared with: by seeds 101 to 103, and by what gets paid, the
/// contributors' score.
pub(crate) const USUAL: f64 = 10.0;

/// The way that money follows.
pub(crate) const PAID: Way = Way::Influence {
	method: Method::Exact { factor: USUAL },
	checkpoints: Checkpoints::All,
};

/// Which checkpoints scores are added over.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Checkpoints {
	All,
	Last,
}

/// A way of scoring documents for queries.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Way {
	Influence {
		method: Method,
		checkpoints: Checkpoints,
	},
	/// Of the representations.
	Cosine,
	Bm25,
	Random,
}

impl Way {
	/// Without its damping.
	pub(crate) fn name(&self) -> String {
		let (method, checkpoints) = match self {
			Self::Influence {
				method,
				checkpoints,
			} => (method, checkpoints),
			Self::Cosine => return "representations' cosine".into(),
			Self::Bm25 => return "BM25".into(),
			Self::Random => return "random".into(),
		};
		let name = match method {
			Method::Exact { .. } => "exact inverse",
			Method::DataInf { .. } => "DataInf",
			Method::GradientDot => "gradient dot",
		};
		match checkpoints {
			Checkpoints::All => name.into(),
			Checkpoints::Last => format!("{name}, last checkpoint"),
		}
	}

	/// What the damping is multiplied by, if there is one.
	pub(crate) fn factor(&self) -> Option<f64> {
		match self {
			Self::Influence {
				method: Method::Exact { factor } | Method::DataInf { factor },
				..
			} => Some(*factor),
			_ => None,
		}
	}

	/// Whether it is among those that are compared.
	pub(crate) fn is_usual(&self) -> bool {
		self.factor().is_none_or(|factor| factor == USUAL)
	}
}

/// Every method with each damping.
fn methods(factors: &[f64]) -> Vec<Method> {
	let factors = || factors.iter().copied();
	factors()
		.map(|factor| Method::Exact { factor })
		.chain(factors().map(|factor| Method::DataInf { factor }))
		.chain([Method::GradientDot])
		.collect()
}

/// Scores of all documents for each query, by the way.
pub(crate) type Scores = Vec<(Way, Array2<f64>)>;

/// A model with its checkpoints.
pub(crate) struct Trained {
	model: Model,
	checkpoints: Vec<Adapter>,
}

impl Trained {
	pub(crate) fn new(model: &Model, recipe: Recipe, examples: &[Example]) -> Self {
		let examples: Vec<_> = examples.iter().collect();
		Self {
			checkpoints: model.train(&examples, recipe),
			model: model.clone(),
		}
	}

	fn last(&self) -> &Adapter {
		&self.checkpoints[self.checkpoints.len() - 1]
	}

	fn gradients(&self, checkpoints: Checkpoints, examples: &[Example]) -> Vec<Layer> {
		let from = match checkpoints {
			Checkpoints::All => 0,
			Checkpoints::Last => self.checkpoints.len() - 1,
		};
		self.model.gradients(&self.checkpoints[from..], examples)
	}

	/// By every method of influence with each damping.
	pub(crate) fn influence(
		&self,
		(documents, queries): (&[Example], &[Example]),
		checkpoints: Checkpoints,
		factors: &[f64],
	) -> Result<Scores, Failure> {
		let documents = self.gradients(checkpoints, documents);
		let queries = self.gradients(checkpoints, queries);
		methods(factors)
			.into_iter()
			.map(|method| {
				let scores = Scorer::new(method, &documents)?.scores(&queries)?;
				let way = Way::Influence {
					method,
					checkpoints,
				};
				Ok((way, scores))
			})
			.collect()
	}

	/// By what every method is shown beside; BM25 only where there are texts.
	pub(crate) fn baselines(
		&self,
		seed: u64,
		(documents, queries): (&[Example], &[Example]),
		texts: Option<&Texts>,
	) -> Result<Scores, Failure> {
		let represented = |examples| self.model.representations(self.last(), examples);
		let similar = cosine(represented(queries).view(), represented(documents).view());
		let shape = (queries.len(), documents.len());
		let mut scores = vec![(Way::Cosine, similar)];
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
			scores.push((Way::Bm25, Array2::from_shape_vec(shape, ranked)?));
		}
		scores.push((Way::Random, random(seed, shape.0, shape.1)));
		Ok(scores)
	}
}
