//! Low-rank adapters in memory.
//!
//! An adapted projection gives `x Wᵀ + scale · x Aᵀ Bᵀ`, where W stays as it is, A is `[rank, in]` and B
//! `[out, rank]`.

use std::{collections::BTreeMap, fmt, ops::Range, str::FromStr};

use candle_core::{DType, Device, Tensor, Var};
use serde::{Deserialize, Serialize};

use crate::{
	base::Shape,
	random::{Purpose, Stream},
	real, Error, Result,
};

/// A matrix of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
	/// To queries.
	Q,
	/// To keys.
	K,
	/// To values.
	V,
	/// Out of attention.
	O,
	/// To the gate of the feed-forward network.
	Gate,
	/// Into the feed-forward network.
	Up,
	/// Out of it.
	Down,
}

impl Projection {
	/// All of them.
	pub const ALL: [Self; 7] = [
		Self::Q,
		Self::K,
		Self::V,
		Self::O,
		Self::Gate,
		Self::Up,
		Self::Down,
	];

	/// What it is called inside a layer of Hugging Face's models.
	pub fn path(self) -> &'static str {
		match self {
			Self::Q => "self_attn.q_proj",
			Self::K => "self_attn.k_proj",
			Self::V => "self_attn.v_proj",
			Self::O => "self_attn.o_proj",
			Self::Gate => "mlp.gate_proj",
			Self::Up => "mlp.up_proj",
			Self::Down => "mlp.down_proj",
		}
	}

	/// The last part of its path.
	pub fn name(self) -> &'static str {
		let path = self.path();
		path.rsplit_once('.').map_or(path, |(_, name)| name)
	}

	fn short(self) -> &'static str {
		self.name().trim_end_matches("_proj")
	}
}

impl fmt::Display for Projection {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.short())
	}
}

impl FromStr for Projection {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		Self::ALL
			.into_iter()
			.find(|projection| projection.short() == text || projection.name() == text)
			.ok_or_else(|| {
				format!("no projection {text:?}; there are q, k, v, o, gate, up and down")
			})
	}
}

/// What an adapter is made like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdapterShape {
	/// The rank of its matrices.
	pub rank: usize,
	/// The scale is `alpha / rank`.
	#[serde(with = "real")]
	pub alpha: f64,
	/// The scale is `alpha / √rank` instead.
	pub rslora: bool,
	/// Which projections are adapted.
	pub projections: Vec<Projection>,
	/// The first adapted layer, from 0.
	pub from: usize,
	/// The layer after the last adapted one.
	pub to: usize,
}

impl AdapterShape {
	/// By what the product of its matrices is multiplied.
	pub fn scale(&self) -> f64 {
		scale(self.alpha, self.rank, self.rslora)
	}

	/// The adapted layers.
	pub fn layers(&self) -> Range<usize> {
		self.from..self.to
	}

	/// Whether such an adapter fits a model.
	pub fn check(&self, shape: &Shape) -> Result<()> {
		let Self { from, to, .. } = *self;
		if from >= to || to > shape.layers {
			return Err(Error::settings(format!(
				"layers {from}..{to} are not among the model's 0..{}",
				shape.layers
			)));
		}
		if self.rank == 0 || self.rank > shape.hidden {
			return Err(Error::settings(format!(
				"the rank must be in 1..={}",
				shape.hidden
			)));
		}
		if !(self.alpha.is_finite() && self.alpha > 0.0) {
			return Err(Error::settings("alpha must be positive"));
		}
		let mut sorted = self.projections.clone();
		sorted.sort_unstable();
		sorted.dedup();
		if sorted.is_empty() || sorted != self.projections {
			let problem =
				"projections must be some of q, k, v, o, gate, up, down, once and in this order";
			return Err(Error::settings(problem));
		}
		Ok(())
	}
}

pub(crate) fn scale(alpha: f64, rank: usize, rslora: bool) -> f64 {
	let rank = rank as f64;
	alpha / if rslora { rank.sqrt() } else { rank }
}

/// The two matrices of an adapted projection.
#[derive(Debug, Clone)]
pub struct Module {
	/// The layer, from 0.
	pub layer: usize,
	/// The projection.
	pub projection: Projection,
	/// `[rank, in]`.
	pub a: Var,
	/// `[out, rank]`, its rows in the order of Hugging Face.
	pub b: Var,
	/// By what their product is multiplied.
	pub scale: f64,
}

impl Module {
	/// What it adds to the projection's weights, `[out, in]`.
	pub fn delta(&self) -> Result<Tensor> {
		Ok((self
			.b
			.as_detached_tensor()
			.matmul(&self.a.as_detached_tensor())?
			* self.scale)?)
	}
}

/// An adapter.
#[derive(Debug, Clone, Default)]
pub struct Adapter {
	modules: BTreeMap<(usize, Projection), Module>,
}

impl Adapter {
	/// A new adapter, which changes nothing yet: A is uniform in ±1/√in (as Kaiming's with a = √5, which
	/// PEFT uses), B is zero. The numbers are drawn in the order of layers, then projections.
	pub fn new(adapter: &AdapterShape, shape: &Shape, dtype: DType, seed: u64) -> Result<Self> {
		adapter.check(shape)?;
		let mut stream = Stream::new(seed, Purpose::Adapter);
		let mut made = Self::default();
		for layer in adapter.layers() {
			for projection in &adapter.projections {
				let (inner, outer) = shape.of(*projection);
				let bound = (inner as f64).sqrt().recip();
				let values: Vec<f64> = (0..adapter.rank * inner)
					.map(|_| bound * stream.symmetric())
					.collect();
				let a = Tensor::from_vec(values, (adapter.rank, inner), &Device::Cpu)?;
				let b = Tensor::zeros((outer, adapter.rank), dtype, &Device::Cpu)?;
				made.insert(Module {
					layer,
					projection: *projection,
					a: Var::from_tensor(&a.to_dtype(dtype)?)?,
					b: Var::from_tensor(&b)?,
					scale: adapter.scale(),
				});
			}
		}
		Ok(made)
	}

	pub(crate) fn insert(&mut self, module: Module) {
		self.modules
			.insert((module.layer, module.projection), module);
	}

	/// The adapted projections, by layer, then projection.
	pub fn modules(&self) -> impl Iterator<Item = &Module> {
		self.modules.values()
	}

	/// The module of a projection, if it is adapted.
	pub fn get(&self, layer: usize, projection: Projection) -> Option<&Module> {
		self.modules.get(&(layer, projection))
	}

	/// The first adapted layer and the one after the last.
	pub fn layers(&self) -> Range<usize> {
		let first = self.modules.keys().next().map_or(0, |(layer, _)| *layer);
		let last = self.modules.keys().next_back();
		first..last.map_or(0, |(layer, _)| layer + 1)
	}

	/// What is trained, in a fixed order: A and B of each module.
	pub fn variables(&self) -> Vec<Var> {
		self.modules()
			.flat_map(|module| [module.a.clone(), module.b.clone()])
			.collect()
	}

	/// A copy that doesn't change when this one is trained on.
	pub fn snapshot(&self) -> Result<Self> {
		let mut copy = Self::default();
		for module in self.modules() {
			copy.insert(Module {
				a: Var::from_tensor(&module.a.as_detached_tensor().copy()?)?,
				b: Var::from_tensor(&module.b.as_detached_tensor().copy()?)?,
				..module.clone()
			});
		}
		Ok(copy)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::base::tests::TINY;

	fn shape() -> AdapterShape {
		AdapterShape {
			rank: 2,
			alpha: 8.0,
			rslora: false,
			projections: vec![Projection::Q, Projection::V],
			from: 1,
			to: 3,
		}
	}

	#[test]
	fn a_new_adapter_changes_nothing() {
		let adapter = Adapter::new(&shape(), &TINY, DType::F64, 1).unwrap();
		assert_eq!((adapter.modules().count(), adapter.layers()), (4, 1..3));
		for module in adapter.modules() {
			let delta = module.delta().unwrap().sqr().unwrap().sum_all().unwrap();
			assert_eq!(delta.to_scalar::<f64>().unwrap(), 0.0);
			assert_eq!(module.scale, 4.0);
		}
		let rslora = AdapterShape {
			rank: 4,
			rslora: true,
			..shape()
		};
		assert_eq!(rslora.scale(), 4.0);
	}

	#[test]
	fn settings_that_fit_no_model() {
		use Projection::{Q, V};
		for (wrong, problem) in [
			(AdapterShape { to: 4, ..shape() }, "among the model's 0..3"),
			(AdapterShape { from: 3, ..shape() }, "among the model's"),
			(AdapterShape { rank: 0, ..shape() }, "rank"),
			(
				AdapterShape {
					alpha: 0.0,
					..shape()
				},
				"alpha",
			),
			(
				AdapterShape {
					projections: vec![],
					..shape()
				},
				"once",
			),
			(
				AdapterShape {
					projections: vec![V, Q],
					..shape()
				},
				"once",
			),
			(
				AdapterShape {
					projections: vec![Q, Q],
					..shape()
				},
				"once",
			),
		] {
			let error = wrong.check(&TINY).unwrap_err().to_string();
			assert!(error.contains(problem), "{error}");
		}
	}

	#[test]
	fn projections_have_names() {
		for projection in Projection::ALL {
			assert_eq!(projection.to_string().parse(), Ok(projection));
			assert_eq!(projection.name().parse(), Ok(projection));
		}
		assert!("x".parse::<Projection>().is_err());
	}
}
