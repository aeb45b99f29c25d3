//! How much each training document helped an answer, from gradients.
//!
//! Of an adapter with the parameters θ, each document k that it was trained on has a gradient g_k of its
//! loss, and each query a gradient v of the loss of its answer. The influence of k on the query,
//! v · H⁻¹ · g_k, is what the query's loss falls by, to first order, per unit of weight that is given to
//! k in training: positive means helpful. The Hessian H is replaced, layer by layer, by the empirical
//! Fisher matrix with damping, λI + (1/n) Σ_i g_i g_iᵀ, and the scores of all layers are added up.
//!
//! # Methods
//!
//! - [`Method::Exact`]: the influence function with the exact inverse of that matrix. By Woodbury's
//!   identity it takes only the n × n Gram matrix K of the gradients: `n · v Gᵀ (nλI + K)⁻¹`.
//! - [`Method::DataInf`] ([Kwon and others 2023](https://arxiv.org/abs/2310.00902)): the average of the
//!   inverses in place of the inverse of the average,
//!   `1/(nλ) · Σ_i [ v·g_k − (v·g_i)(g_i·g_k) / (λ + ‖g_i‖²) ]`. It needs no inverse, and so grows with
//!   n² instead of n³.
//! - [`Method::GradientDot`]: `v · g_k`, the baseline. It knows nothing of documents that say the same.
//!
//! All three are linear in v: a [`Scorer`] transforms the documents' gradients once, and then a query
//! costs as much as the baseline.
//!
//! # Damping
//!
//! λ = factor × mean(g²) / 10 for each layer, where mean(g²) is the mean over all documents and
//! parameters; the factor 1 is the paper's. With it, influence scores have no unit: they do not change if
//! all gradients are scaled. Gradient dot products have the unit of squared gradients.
//!
//! # Layers and checkpoints
//!
//! A layer is one matrix of parameters: of an adapter, each factor A or B by itself. Scores are added
//! over checkpoints as they are over layers (as TracIn does): pass the layers of all checkpoints.
//!
//! Gradients can be projected (see [`crate::projection`]); [`Layer::parameters`] then tells how many
//! parameters there were, which the damping is computed from.

use ndarray::{Array2, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
	linear::{gram, solve},
	Error,
};

/// λ is this part of the mean square of the gradients, times the factor.
const DAMPING: f64 = 0.1;

/// A way of scoring.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Method {
	/// The product of the gradients.
	GradientDot,
	/// The average of inverses, in closed form.
	DataInf {
		/// What the damping is multiplied by; above zero.
		factor: f64,
	},
	/// The empirical Fisher's exact inverse.
	Exact {
		/// What the damping is multiplied by; above zero.
		factor: f64,
	},
}

impl Method {
	fn factor(&self) -> Option<f64> {
		match self {
			Self::GradientDot => None,
			Self::DataInf { factor } | Self::Exact { factor } => Some(*factor),
		}
	}

	fn check(&self) -> Result<(), Error> {
		match self.factor() {
			Some(factor) if !factor.is_finite() => Err(Error::NotFinite("the damping factor")),
			Some(factor) if factor <= 0.0 => Err(Error::NoDamping),
			_ => Ok(()),
		}
	}
}

/// Gradients with respect to one layer's parameters at one checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
	/// One row for each document or query.
	pub gradients: Array2<f32>,
	/// How many parameters the layer has: the length of a row, unless rows are projections.
	pub parameters: usize,
}

impl Layer {
	/// Gradients that are not projected.
	pub fn new(gradients: Array2<f32>) -> Self {
		let parameters = gradients.ncols();
		Self {
			gradients,
			parameters,
		}
	}

	fn check(&self, rows: usize) -> Result<(), Error> {
		fits("gradients of a layer", self.gradients.nrows(), rows)?;
		if self.gradients.iter().all(|value| value.is_finite()) {
			Ok(())
		} else {
			Err(Error::NotFinite("a gradient"))
		}
	}
}

/// Documents' gradients, ready to score queries.
#[derive(Clone, Debug)]
pub struct Scorer {
	/// How many documents there are.
	documents: usize,
	/// What queries' gradients are multiplied by, layer by layer.
	layers: Vec<Array2<f64>>,
}

impl Scorer {
	/// Takes the documents' gradients, with the layers of all checkpoints.
	///
	/// Fails if a gradient or the damping factor is not finite, if the factor is not above zero, or if
	/// layers have different numbers of documents. A layer whose gradients are all zero scores zero.
	pub fn new(method: Method, documents: &[Layer]) -> Result<Self, Error> {
		let count = documents.first().map_or(0, |layer| layer.gradients.nrows());
		let mut scorers = Self::each(&[method], documents)?;
		Ok(scorers.pop().unwrap_or(Self {
			documents: count,
			layers: Vec::new(),
		}))
	}

	/// The same for several methods, which share what takes long: the products of the gradients.
	pub fn each(methods: &[Method], documents: &[Layer]) -> Result<Vec<Self>, Error> {
		methods.iter().try_for_each(Method::check)?;
		let count = documents.first().map_or(0, |layer| layer.gradients.nrows());
		let layers: Vec<Vec<Array2<f64>>> = documents
			.par_iter()
			.map(|layer| {
				layer.check(count)?;
				transforms(methods, layer)
			})
			.collect::<Result<_, _>>()?;
		let mut scorers = vec![
			Self {
				documents: count,
				layers: Vec::with_capacity(layers.len()),
			};
			methods.len()
		];
		for of_methods in layers {
			for (scorer, layer) in scorers.iter_mut().zip(of_methods) {
				scorer.layers.push(layer);
			}
		}
		Ok(scorers)
	}

	/// The scores of all documents for each query: queries in rows, documents in columns.
	///
	/// Fails if the queries' layers are not those of the documents, or if a number is not finite.
	pub fn scores(&self, queries: &[Layer]) -> Result<Array2<f64>, Error> {
		fits("layers", queries.len(), self.layers.len())?;
		let count = queries.first().map_or(0, |layer| layer.gradients.nrows());
		let mut sum = Array2::zeros((count, self.documents));
		for (layer, query) in self.layers.iter().zip(queries) {
			query.check(count)?;
			fits("parameters", query.gradients.ncols(), layer.ncols())?;
			let query = query.gradients.mapv(f64::from);
			sum += &gram(query.view(), layer.view());
		}
		if sum.iter().all(|score| score.is_finite()) {
			Ok(sum)
		} else {
			Err(Error::NotFinite("a score"))
		}
	}
}

fn fits(what: &'static str, found: usize, expected: usize) -> Result<(), Error> {
	if found == expected {
		Ok(())
	} else {
		Err(Error::Shape {
			what,
			found,
			expected,
		})
	}
}

fn transforms(methods: &[Method], layer: &Layer) -> Result<Vec<Array2<f64>>, Error> {
	let gradients = layer.gradients.mapv(f64::from);
	let mut products = None;
	methods
		.iter()
		.map(|method| match method.factor() {
			None => Ok(gradients.clone()),
			Some(factor) => {
				let products =
					products.get_or_insert_with(|| gram(gradients.view(), gradients.view()));
				transform(*method, factor, layer.parameters, &gradients, products)
			}
		})
		.collect()
}

fn transform(
	method: Method,
	factor: f64,
	parameters: usize,
	gradients: &Array2<f64>,
	products: &Array2<f64>,
) -> Result<Array2<f64>, Error> {
	let values = gradients.nrows() as f64 * parameters as f64;
	let damping = factor * DAMPING * products.diag().sum() / values;
	// No gradients at all, or an empty layer.
	if damping.is_nan() || damping <= 0.0 {
		return Ok(Array2::zeros(gradients.dim()));
	}
	match method {
		Method::Exact { .. } => exact(gradients.clone(), products.clone(), damping),
		_ => Ok(datainf(gradients, products.clone(), damping)),
	}
}

/// `n (nλI + K)⁻¹ G`.
fn exact(
	mut gradients: Array2<f64>,
	mut products: Array2<f64>,
	damping: f64,
) -> Result<Array2<f64>, Error> {
	let documents = gradients.nrows() as f64;
	products
		.diag_mut()
		.mapv_inplace(|square| square + documents * damping);
	solve(&products, &mut gradients)?;
	Ok(gradients * documents)
}

/// `1/λ (I − 1/n K diag(1 / (λ + ‖g_i‖²))) G`.
fn datainf(gradients: &Array2<f64>, mut products: Array2<f64>, damping: f64) -> Array2<f64> {
	let documents = gradients.nrows() as f64;
	let squares = products.diag().to_owned();
	for (mut column, square) in products.axis_iter_mut(Axis(1)).zip(squares) {
		column /= documents * (damping + square);
	}
	// Row by row of K, each a fixed-order combination of all gradients.
	let explained = gram(products.view(), gradients.t());
	(gradients - &explained) / damping
}

#[cfg(test)]
mod tests;
