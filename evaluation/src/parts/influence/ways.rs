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
pub(crate) const FACTORS: [f64; 5] = [0.1, 1.0, 10.0, 100.0, 1_000.0];

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
	/// What comes out from another start of training, as a prediction of what comes out from this one.
	Retrained,
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
			Self::Retrained => return "retraining from another start".into(),
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

/// The exact inverse and DataInf with the dampings that are given, and the product.
pub(crate) fn methods(of_exact: &[f64], of_datainf: &[f64]) -> Vec<Method> {
	let exact = |factor: &f64| Method::Exact { factor: *factor };
	let datainf = |factor: &f64| Method::DataInf { factor: *factor };
	of_exact
		.iter()
		.map(exact)
		.chain(of_datainf.iter().map(datainf))
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

	/// By the methods of influence that are given.
	pub(crate) fn influence(
		&self,
		(documents, queries): (&[Example], &[Example]),
		checkpoints: Checkpoints,
		methods: &[Method],
	) -> Result<Scores, Failure> {
		let scorers = Scorer::each(methods, &self.gradients(checkpoints, documents))?;
		let queries = self.gradients(checkpoints, queries);
		let scored = |(method, scorer): (&Method, Scorer)| {
			let way = Way::Influence {
				method: *method,
				checkpoints,
			};
			Ok((way, scorer.scores(&queries)?))
		};
		methods.iter().zip(scorers).map(scored).collect()
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
