//! The decoder, forwards and backwards.
//!
//! Several texts run at once without padding: their tokens stand one after another, `[tokens, width]`, and
//! attention is computed for each text by itself.

use std::ops::Range;

use candle_core::{Tensor, Var};

use crate::{
	base::{Base, Layer},
	lora::{Adapter, Projection},
	ops,
	text::Example,
	Error, Result,
};

/// What runs through layers besides the hidden states.
#[derive(Debug, Default)]
pub struct Run<'a> {
	/// The adapter, if any.
	pub adapter: Option<&'a Adapter>,
	/// Whether gradients of the adapter will be asked for.
	pub train: bool,
	/// Where to note what the adapted projections see, if gradients of single texts are wanted.
	pub taps: Option<&'a mut Vec<Tap>>,
}

/// What an adapted projection saw in a run.
#[derive(Debug)]
pub struct Tap {
	/// The layer, from 0.
	pub layer: usize,
	/// The projection.
	pub projection: Projection,
	/// Its input, `[tokens, in]`.
	pub input: Tensor,
	/// Zeros added to its output, `[tokens, out]`: their gradient is the output's.
	pub output: Var,
}

impl Base {
	/// The embeddings of the tokens of texts, one after another: the input of layer 0.
	pub fn embed(&self, tokens: &[u32]) -> Result<Tensor> {
		let vocabulary = self.shape.vocabulary;
		if let Some(token) = tokens.iter().find(|token| **token as usize >= vocabulary) {
			return Err(Error::settings(format!(
				"token {token} is none of the model's {vocabulary}: model and tokenizer don't belong together"
			)));
		}
		let tokens = Tensor::new(tokens, self.embedding.device())?;
		Ok(self.embedding.index_select(&tokens, 0)?)
	}

	/// Runs texts of `lengths` tokens through some layers.
	pub fn run(
		&self,
		hidden: &Tensor,
		lengths: &[usize],
		layers: Range<usize>,
		mut run: Run<'_>,
	) -> Result<Tensor> {
		if let Some(length) = lengths.iter().find(|length| **length > self.shape.context) {
			return Err(Error::settings(format!(
				"a text of {length} tokens is longer than the model's {}",
				self.shape.context
			)));
		}
		let angles = |table: &Tensor| -> Result<Tensor> {
			let rows = lengths.iter().map(|length| table.narrow(0, 0, *length));
			let rows = rows.collect::<candle_core::Result<Vec<_>>>()?;
			Ok(Tensor::cat(&rows, 0)?)
		};
		let (cos, sin) = (angles(&self.cos)?, angles(&self.sin)?);
		let mut hidden = hidden.clone();
		for number in layers {
			let mut pass = Pass {
				base: self,
				number,
				layer: &self.layers[number],
				lengths,
				run: &mut run,
			};
			hidden = pass.forward(&hidden, &cos, &sin)?;
		}
		Ok(hidden)
	}

	/// The last hidden states, after the final norm: what the logits come from.
	pub fn finish(&self, hidden: &Tensor) -> Result<Tensor> {
		Ok(ops::rms_norm(hidden, &self.norm, self.shape.epsilon)?)
	}

	/// The logits of finished hidden states, `[rows, vocabulary]`.
	pub fn logits(&self, finished: &Tensor) -> Result<Tensor> {
		Ok(ops::linear(finished, &self.embedding)?)
	}

	/// The loss of each token of the texts that the loss is about, in their order, out of the last
	/// layer's output.
	pub fn losses(&self, hidden: &Tensor, examples: &[&Example]) -> Result<Tensor> {
		let (mut rows, mut targets, mut start) = (Vec::new(), Vec::new(), 0);
		for example in examples {
			for target in example.targets() {
				rows.push((start + target - 1) as u32);
				targets.push(example.tokens[target]);
			}
			start += example.tokens.len();
		}
		let rows = Tensor::new(rows, hidden.device())?;
		let finished = self.finish(&hidden.index_select(&rows, 0)?)?;
		Ok(ops::cross_entropy(&finished, &self.embedding, &targets)?)
	}
}

/// One layer of a run.
struct Pass<'a, 'b> {
	base: &'a Base,
	number: usize,
	layer: &'a Layer,
	lengths: &'a [usize],
	run: &'a mut Run<'b>,
}

impl Pass<'_, '_> {
	fn forward(&mut self, hidden: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
		let epsilon = self.base.shape.epsilon;
		let normed = ops::rms_norm(hidden, &self.layer.attention_norm, epsilon)?;
		let q = ops::rotate(&self.project(&normed, Projection::Q)?, cos, sin)?;
		let k = ops::rotate(&self.project(&normed, Projection::K)?, cos, sin)?;
		let v = self.project(&normed, Projection::V)?;
		let attended = self.attention(&q, &k, &v)?;
		let hidden = (hidden + self.project(&attended, Projection::O)?)?;

		let normed = ops::rms_norm(&hidden, &self.layer.feed_forward_norm, epsilon)?;
		let gate = self.project(&normed, Projection::Gate)?;
		let up = self.project(&normed, Projection::Up)?;
		let down = self.project(&ops::swiglu(&gate, &up)?, Projection::Down)?;
		Ok((hidden + down)?)
	}

	fn project(&mut self, x: &Tensor, projection: Projection) -> Result<Tensor> {
		let output = ops::linear(x, &self.layer.projections[&projection])?;
		let adapter = self.run.adapter;
		let Some(module) = adapter.and_then(|adapter| adapter.get(self.number, projection)) else {
			return Ok(output);
		};
		let [a, b] = [&module.a, &module.b].map(|matrix| match self.run.train {
			true => matrix.as_tensor().clone(),
			false => matrix.as_detached_tensor(),
		});
		let added = x.matmul(&a.t()?)?.matmul(&b.t()?)?;
		let mut output = (output + (added * module.scale)?)?;
		if let Some(taps) = self.run.taps.as_mut() {
			let ghost = Var::zeros(output.shape(), output.dtype(), output.device())?;
			output = (output + ghost.as_tensor())?;
			taps.push(Tap {
				layer: self.number,
				projection,
				input: x.detach(),
				output: ghost,
			});
		}
		Ok(output)
	}

	fn attention(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
		let mut start = 0;
		let mut attended = Vec::with_capacity(self.lengths.len());
		for length in self.lengths {
			let part = |x: &Tensor| x.narrow(0, start, *length);
			attended.push(self.attention_of_one(&part(q)?, &part(k)?, &part(v)?)?);
			start += length;
		}
		Ok(Tensor::cat(&attended, 0)?)
	}

	/// Attention inside one text. The queries that share keys and values stand below each other.
	fn attention_of_one(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
		let shape = &self.base.shape;
		let (tokens, size, kv_heads) = (q.dim(0)?, shape.head_size, shape.kv_heads);
		let group = shape.heads / kv_heads;
		let q = (q.reshape((tokens, kv_heads, group, size))? * (size as f64).sqrt().recip())?;
		let q = q.permute((1, 2, 0, 3))?.contiguous()?;
		let q = q.reshape((kv_heads, group * tokens, size))?;
		let heads = |x: &Tensor| {
			x.reshape((tokens, kv_heads, size))?
				.transpose(0, 1)?
				.contiguous()
		};
		let scores = q.matmul(&heads(k)?.transpose(1, 2)?)?;
		let mixed = ops::causal_softmax(&scores)?.matmul(&heads(v)?)?;
		let mixed = mixed.reshape((kv_heads, group, tokens, size))?;
		Ok(mixed
			.permute((2, 0, 1, 3))?
			.contiguous()?
			.reshape((tokens, shape.heads * size))?)
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use candle_core::DType;

	use super::*;
	use crate::{
		base::tests::{tiny, TINY},
		lora::AdapterShape,
		random::{Purpose, Stream},
	};

	pub(crate) fn adapter(dtype: DType) -> Adapter {
		let shape = AdapterShape {
			rank: 2,
			alpha: 4.0,
			rslora: false,
			projections: Projection::ALL.to_vec(),
			from: 1,
			to: 3,
		};
		let adapter = Adapter::new(&shape, &TINY, dtype, 3).unwrap();
		let mut stream = Stream::new(9, Purpose::Adapter);
		for module in adapter.modules() {
			let shape = module.b.shape().clone();
			let values: Vec<f64> = (0..shape.elem_count())
				.map(|_| 0.3 * stream.symmetric())
				.collect();
			let values = Tensor::from_vec(values, shape, module.b.device()).unwrap();
			module.b.set(&values.to_dtype(dtype).unwrap()).unwrap();
		}
		adapter
	}

	pub(crate) fn examples() -> Vec<Example> {
		[(5, 1), (1, 1), (9, 4)]
			.into_iter()
			.enumerate()
			.map(|(n, (length, first))| {
				let tokens = (0..length + 1)
					.map(|t| ((t * 7 + n * 5) % 23) as u32)
					.collect();
				Example::new(tokens, first)
			})
			.collect()
	}

	fn total(base: &Base, adapter: &Adapter, examples: &[&Example]) -> Tensor {
		let tokens: Vec<u32> = examples.iter().flat_map(|e| e.tokens.clone()).collect();
		let lengths: Vec<usize> = examples.iter().map(|e| e.tokens.len()).collect();
		let run = Run {
			adapter: Some(adapter),
			train: true,
			taps: None,
		};
		let hidden = base.embed(&tokens).unwrap();
		let hidden = base.run(&hidden, &lengths, 0..TINY.layers, run).unwrap();
		base.losses(&hidden, examples).unwrap().sum_all().unwrap()
	}

	fn value(tensor: &Tensor) -> f64 {
		tensor.to_dtype(DType::F64).unwrap().to_scalar().unwrap()
	}

	#[test]
	fn gradients_agree_with_finite_differences() {
		let (base, adapter, examples) = (tiny(DType::F64), adapter(DType::F64), examples());
		let examples: Vec<&Example> = examples.iter().collect();
		let loss = || total(&base, &adapter, &examples);
		let gradients = loss().backward().unwrap();
		let (step, mut worst, mut count) = (1e-5, 0f64, 0);
		for variable in adapter.variables() {
			let gradient = gradients.get(&variable).unwrap().flatten_all().unwrap();
			let gradient = gradient.to_vec1::<f64>().unwrap();
			let before = variable.as_detached_tensor().copy().unwrap();
			let values = before.flatten_all().unwrap().to_vec1::<f64>().unwrap();
			for (n, gradient) in gradient.iter().enumerate() {
				let moved = |by: f64| {
					let mut values = values.clone();
					values[n] += by;
					let values = Tensor::from_vec(values, before.shape(), before.device());
					variable.set(&values.unwrap()).unwrap();
					value(&loss())
				};
				let difference = (moved(step) - moved(-step)) / (2.0 * step);
				worst = worst.max((difference - gradient).abs() / (1e-2 + gradient.abs()));
				count += 1;
			}
			variable.set(&before).unwrap();
		}
		println!("{count} components, worst relative error {worst:e}");
		assert!(worst < 1e-6, "{worst}");
	}

	#[test]
	fn texts_do_not_see_their_neighbours() {
		let (base, adapter, examples) = (tiny(DType::F64), adapter(DType::F64), examples());
		let all: Vec<&Example> = examples.iter().collect();
		let alone: f64 = all
			.iter()
			.map(|one| value(&total(&base, &adapter, &[*one])))
			.sum();
		assert!((value(&total(&base, &adapter, &all)) - alone).abs() < 1e-10);
	}

	#[test]
	fn later_tokens_change_nothing_before() {
		let base = tiny(DType::F64);
		let states = |tokens: &[u32]| {
			let hidden = base.embed(tokens).unwrap();
			let hidden = base
				.run(&hidden, &[tokens.len()], 0..3, Run::default())
				.unwrap();
			base.finish(&hidden).unwrap().to_vec2::<f64>().unwrap()
		};
		let (short, long) = (states(&[1, 2, 3]), states(&[1, 2, 3, 9]));
		for (a, b) in short.iter().flatten().zip(long.iter().flatten()) {
			assert!((a - b).abs() < 1e-12);
		}
	}

	#[test]
	fn loss_is_that_of_the_logits() {
		let (base, example) = (tiny(DType::F64), Example::new(vec![4, 8, 15, 16], 1));
		let hidden = base.embed(&example.tokens).unwrap();
		let hidden = base.run(&hidden, &[4], 0..3, Run::default()).unwrap();
		let logits = base.logits(&base.finish(&hidden).unwrap()).unwrap();
		let logits = logits.to_vec2::<f64>().unwrap();
		let losses = base
			.losses(&hidden, &[&example])
			.unwrap()
			.to_vec1::<f64>()
			.unwrap();
		for (n, loss) in losses.iter().enumerate() {
			let sum: f64 = logits[n].iter().map(|x| x.exp()).sum();
			let expected = sum.ln() - logits[n][example.tokens[n + 1] as usize];
			assert!((loss - expected).abs() < 1e-12);
		}
		assert_eq!(losses.len(), 3);
	}

	#[test]
	fn an_adapter_can_be_merged() {
		let (base, adapter, examples) = (tiny(DType::F64), adapter(DType::F64), examples());
		let all: Vec<&Example> = examples.iter().collect();
		let merged = base.merged(&adapter).unwrap();
		let nothing = Adapter::default();
		let (with, without) = (total(&base, &adapter, &all), total(&base, &nothing, &all));
		assert!((value(&total(&merged, &nothing, &all)) - value(&with)).abs() < 1e-10);
		assert!((value(&with) - value(&without)).abs() > 1e-3);
	}

	#[test]
	fn what_the_model_cannot_run() {
		let base = tiny(DType::F64);
		let error = base.embed(&[23]).unwrap_err().to_string();
		assert!(error.contains("don't belong together"), "{error}");
		let hidden = base.embed(&[1; 41]).unwrap();
		let error = base.run(&hidden, &[41], 0..1, Run::default()).unwrap_err();
		assert!(error.to_string().contains("longer than the model's 40"));
	}
}
