//! Training, again and again, and the gradients that scores are computed from.

use ndarray::{stack, Array1, Array2, Axis};
use openledger_attribution::influence::Layer;
use openledger_training::{
	base::Base,
	gradients::{compute, Projecting},
	lora::{Adapter, AdapterShape, Projection},
	optimiser::{Decay, Optimiser, Schedule},
	train::{train, Corpus, Event, Settings},
};
use rayon::prelude::*;

use super::sources::{Task, TOKENS};
use crate::Failure;

/// How many adapters are trained on the same documents. They begin differently: what one of them learns by
/// chance, the others don't.
const ADAPTERS: u64 = 2;

/// How the adapters are trained, on the last of `layers` layers. A step takes all documents there are, so
/// that no order makes a difference between subsets.
pub(super) fn settings(seed: u64, layers: usize) -> Settings {
	Settings {
		seed,
		steps: 6,
		batch: u32::MAX,
		max_tokens: TOKENS as u32,
		adapter: AdapterShape {
			rank: 8,
			alpha: 16.0,
			rslora: false,
			projections: Projection::ALL.to_vec(),
			from: layers - 1,
			to: layers,
		},
		optimiser: Optimiser::default(),
		schedule: Schedule {
			learning_rate: 1.5e-3,
			warm_up: 0,
			decay: Decay::Constant,
		},
		clip: None,
		checkpoint_every: 2,
	}
}

/// A task that a model can be trained on.
pub(super) struct Bench<'a> {
	pub(super) task: &'a Task,
	pub(super) documents: Corpus<'a>,
	pub(super) queries: Corpus<'a>,
	settings: Settings,
}

impl<'a> Bench<'a> {
	pub(super) fn new(base: &'a Base, task: &'a Task, settings: Settings) -> Result<Self, Failure> {
		let from = settings.adapter.from;
		Ok(Self {
			task,
			documents: Corpus::new(base, &task.documents, from)?,
			queries: Corpus::new(base, &task.queries, from)?,
			settings,
		})
	}

	/// Trains on some documents, and gives each adapter as it was at first and at its checkpoints.
	pub(super) fn train(&self, rows: &[usize]) -> Result<Vec<Vec<Adapter>>, Failure> {
		let first = self.settings.seed * ADAPTERS;
		let adapters = (first..first + ADAPTERS).map(|seed| {
			let settings = Settings {
				seed,
				batch: rows.len().try_into()?,
				..self.settings.clone()
			};
			self.train_one(rows, &settings)
		});
		adapters.collect()
	}

	fn train_one(&self, rows: &[usize], settings: &Settings) -> Result<Vec<Adapter>, Failure> {
		let base = self.documents.base;
		let dtype = base.embedding.dtype();
		let first = Adapter::new(&settings.adapter, &base.shape, dtype, settings.seed)?;
		let mut checkpoints = vec![first];
		train(&self.documents, rows, settings, |event| {
			if let Event::Checkpoint { adapter, .. } = event {
				checkpoints.push(adapter.snapshot()?);
			}
			Ok(())
		})?;
		Ok(checkpoints)
	}

	/// How well each query is answered after training on each subset: minus the loss, on average over the
	/// adapters. Queries in rows.
	pub(super) fn retrained(&self, subsets: &[Vec<bool>]) -> Result<Array2<f64>, Failure> {
		let outcomes = subsets
			.par_iter()
			.map(|subset| {
				let rows: Vec<usize> = (0..subset.len()).filter(|row| subset[*row]).collect();
				let mut outcome = Array1::zeros(self.queries.examples.len());
				for checkpoints in self.train(&rows)? {
					let losses = self
						.queries
						.losses(&self.queries.rows(), checkpoints.last())?;
					outcome -= &(Array1::from(losses) / ADAPTERS as f64);
				}
				Ok(outcome)
			})
			.collect::<Result<Vec<_>, Failure>>()?;
		let columns: Vec<_> = outcomes.iter().map(|outcome| outcome.view()).collect();
		Ok(stack(Axis(1), &columns)?)
	}
}

/// The gradients of all texts of a corpus: a layer for each factor of each adapted projection, one
/// checkpoint after another.
pub(super) fn gradients(
	corpus: &Corpus<'_>,
	checkpoints: &[&Adapter],
) -> Result<Vec<Layer>, Failure> {
	let whole = Projecting { seed: 0, dim: 0 };
	let mut layers = Vec::new();
	for adapter in checkpoints {
		let found = compute(corpus, &corpus.rows(), adapter, whole)?;
		for (number, width, values) in found.layers() {
			let mut start = 0;
			let modules = adapter.modules().filter(|module| module.layer == number);
			for factor in modules.flat_map(|module| [&module.a, &module.b]) {
				let end = start + factor.elem_count();
				let rows = values.chunks_exact(width).flat_map(|row| &row[start..end]);
				let shape = (corpus.examples.len(), end - start);
				let rows = Array2::from_shape_vec(shape, rows.copied().collect())?;
				layers.push(Layer::new(rows));
				start = end;
			}
		}
	}
	Ok(layers)
}
