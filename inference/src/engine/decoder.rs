//! A decoder language model in ONNX Runtime.
//!
//! Large weights stay in their file, which is mapped into memory: processes that run the same model share
//! it, and the system takes it back when memory is short.

use std::sync::Arc;

use ort::{
	memory::Allocator,
	session::{RunOptions, Session, SessionInputValue},
	value::{DynValue, Outlet, Tensor, TensorElementType},
};

use super::{
	bad_model, describe, is_tensor, out_of_time,
	watchdog::{Limit, Watchdog},
};
use crate::error::Failure;

/// The sizes of a model, which its graph and its settings for generation have to agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
	pub(super) layers: usize,
	pub(super) kv_heads: usize,
	pub(super) head_size: usize,
	pub(super) hidden: usize,
	pub(super) vocabulary: usize,
}

/// A loaded graph. One run at a time.
#[derive(Debug)]
pub(super) struct Decoder {
	session: Session,
	watchdog: Watchdog,
	sizes: Sizes,
	/// Of the inputs and outputs that carry keys and values on.
	cache_names: Vec<(String, String)>,
}

/// Keys and values of the tokens so far, for so many equal rows.
#[derive(Debug)]
pub(super) struct Cache {
	rows: usize,
	tensors: Vec<DynValue>,
}

impl Cache {
	/// Of no tokens yet.
	pub(super) fn new(rows: usize) -> Self {
		Self {
			rows,
			tensors: Vec::new(),
		}
	}
}

/// What a run gives for the tokens that are kept, row by row of the batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept<'a> {
	/// A logit for each token of the vocabulary.
	pub(super) logits: &'a [f32],
	/// The last hidden state.
	pub(super) hidden: &'a [f32],
}

impl Decoder {
	pub(super) fn new(session: Session, sizes: Sizes) -> Result<Self, Failure> {
		check(&session, sizes).map_err(|e| bad_model(format!("the graph does not fit: {e}")))?;
		Ok(Self {
			session,
			watchdog: Watchdog::start().map_err(Failure::internal)?,
			sizes,
			cache_names: cache_names(sizes.layers),
		})
	}

	pub(super) fn sizes(&self) -> Sizes {
		self.sizes
	}

	/// Runs `tokens`, which follow those in the cache, the same in each row, and adds them to it. `read`
	/// sees the last `keep` of them.
	pub(super) fn run<T>(
		&mut self,
		tokens: &[u32],
		cache: &mut Cache,
		keep: usize,
		limit: &Limit,
		read: impl FnOnce(Kept<'_>) -> Result<T, Failure>,
	) -> Result<T, Failure> {
		if limit.is_over() {
			return Err(out_of_time());
		}
		let Sizes {
			kv_heads,
			head_size,
			hidden,
			vocabulary,
			..
		} = self.sizes;
		let ids: Vec<i64> = tokens.iter().map(|token| i64::from(*token)).collect();
		let count = i64::try_from(keep).map_err(Failure::internal)?;
		let ids = Tensor::from_array(([cache.rows, tokens.len()], ids.repeat(cache.rows)));
		let count = Tensor::from_array((Vec::<usize>::new(), vec![count]));
		let mut inputs: Vec<(&str, SessionInputValue<'_>)> = vec![
			("input_ids", ids.map_err(Failure::internal)?.into()),
			(
				"num_logits_to_keep",
				count.map_err(Failure::internal)?.into(),
			),
		];
		let mut past = std::mem::take(&mut cache.tensors).into_iter();
		for (input, _) in &self.cache_names {
			let value = match past.next() {
				Some(value) => value,
				None => {
					Tensor::<f32>::new(&Allocator::default(), [cache.rows, kv_heads, 0, head_size])
						.map_err(Failure::internal)?
						.into_dyn()
				}
			};
			inputs.push((input, value.into()));
		}

		let options = Arc::new(RunOptions::new().map_err(Failure::internal)?);
		let guard = self.watchdog.guard(limit, options.clone());
		let outputs = self.session.run_with_options(inputs, &options);
		drop(guard);
		let mut outputs = outputs.map_err(|e| {
			if limit.is_over() {
				out_of_time()
			} else {
				bad_model(format!("the graph failed: {e}"))
			}
		})?;
		let missing = |name: &str| bad_model(format!("the graph gave no {name}"));
		for (_, output) in &self.cache_names {
			let value = outputs.remove(output).ok_or_else(|| missing(output))?;
			cache.tensors.push(value);
		}
		let value = |name: &str, width: usize| {
			let value = outputs.get(name).ok_or_else(|| missing(name))?;
			let (shape, values) = value
				.try_extract_tensor::<f32>()
				.map_err(|e| bad_model(e.to_string()))?;
			if values.len() != cache.rows * keep * width {
				return Err(bad_model(format!(
					"{name} has the shape {shape:?} instead of [{}, {keep}, {width}]",
					cache.rows
				)));
			}
			if values.iter().any(|value| !value.is_finite()) {
				return Err(bad_model(format!("{name} is not a number")));
			}
			Ok(values)
		};
		read(Kept {
			logits: value("logits", vocabulary)?,
			hidden: value("hidden_states", hidden)?,
		})
	}
}

fn cache_names(layers: usize) -> Vec<(String, String)> {
	(0..layers)
		.flat_map(|layer| ["key", "value"].map(|part| (layer, part)))
		.map(|(layer, part)| {
			(
				format!("past_key_values.{layer}.{part}"),
				format!("present.{layer}.{part}"),
			)
		})
		.collect()
}

/// Whether the graph has the inputs and outputs of such a model, and no others.
fn check(session: &Session, sizes: Sizes) -> Result<(), String> {
	let size = |size: usize| i64::try_from(size).unwrap_or(-1);
	let (kv_heads, head_size) = (size(sizes.kv_heads), size(sizes.head_size));
	let (hidden, vocabulary) = (size(sizes.hidden), size(sizes.vocabulary));
	let cache = [vec![-1], vec![kv_heads], vec![-1], vec![head_size]];
	let names = cache_names(sizes.layers);

	let mut inputs = vec![
		(
			"input_ids",
			TensorElementType::Int64,
			vec![vec![-1], vec![-1]],
		),
		("num_logits_to_keep", TensorElementType::Int64, vec![]),
	];
	let mut outputs = vec![
		(
			"logits",
			TensorElementType::Float32,
			vec![vec![-1], vec![-1], vec![vocabulary]],
		),
		(
			"hidden_states",
			TensorElementType::Float32,
			vec![vec![-1], vec![-1], vec![hidden]],
		),
	];
	for (input, output) in &names {
		inputs.push((input, TensorElementType::Float32, cache.to_vec()));
		outputs.push((output, TensorElementType::Float32, cache.to_vec()));
	}
	agree("input", session.inputs(), &inputs)?;
	agree("output", session.outputs(), &outputs)
}

type Wanted<'a> = (&'a str, TensorElementType, Vec<Vec<i64>>);

fn agree(what: &str, found: &[Outlet], wanted: &[Wanted<'_>]) -> Result<(), String> {
	for (name, element, shape) in wanted {
		let outlet = found
			.iter()
			.find(|outlet| outlet.name() == *name)
			.ok_or_else(|| format!("no {what} {name}"))?;
		let shape: Vec<&[i64]> = shape.iter().map(Vec::as_slice).collect();
		if !is_tensor(outlet, *element, &shape) {
			return Err(format!("{what} {} has another type", describe(outlet)));
		}
	}
	match found
		.iter()
		.find(|outlet| !wanted.iter().any(|(name, ..)| *name == outlet.name()))
	{
		Some(outlet) => Err(format!("unknown {what} {}", describe(outlet))),
		None => Ok(()),
	}
}
