//! What candle would do in many small steps, or with gradients for weights that are frozen, done in one.
//!
//! All work on rows: a tensor `[rows, width]`, or seen as one, contiguous. Sums are in the order of the
//! elements, so results don't depend on the number of threads.

use candle_core::{
	backend::BackendStorage, bail, CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape,
	Storage, Tensor, WithDType,
};
use rayon::prelude::*;

/// Below so many elements a second thread isn't worth it.
const PARALLEL: usize = 16 << 10;

/// A number that is computed with.
pub(crate) trait Real: WithDType + Send + Sync {
	fn exp(self) -> Self;
	fn real(value: f64) -> Self;
	fn store(values: Vec<Self>) -> CpuStorage;
	fn slice(storage: &CpuStorage) -> Result<&[Self]>;
}

macro_rules! real {
	($($kind:ident $variant:ident),*) => {$(
		impl Real for $kind {
			fn exp(self) -> Self {
				$kind::exp(self)
			}
			fn real(value: f64) -> Self {
				value as $kind
			}
			fn store(values: Vec<Self>) -> CpuStorage {
				CpuStorage::$variant(values)
			}
			fn slice(storage: &CpuStorage) -> Result<&[Self]> {
				storage.as_slice()
			}
		}
	)*};
}
real!(f32 F32, f64 F64);

/// Calls a generic function for the type of the elements.
macro_rules! by_type {
	($storage:expr, $call:ident ( $($argument:expr),* )) => {
		match $storage {
			CpuStorage::F32(_) => $call::<f32>($($argument),*),
			CpuStorage::F64(_) => $call::<f64>($($argument),*),
			_ => bail!("only 32 and 64 bits are computed with"),
		}
	};
}

/// The elements of a tensor that is contiguous.
fn elements<'a, T: Real>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
	match layout.contiguous_offsets() {
		Some((start, end)) => Ok(&T::slice(storage)?[start..end]),
		None => bail!("not contiguous"),
	}
}

fn width(layout: &Layout) -> usize {
	layout.dims().last().copied().unwrap_or(1).max(1)
}

/// Fills a new tensor row by row: `fill(number of the row, row)`.
fn fill<T: Real>(count: usize, width: usize, fill: impl Fn(usize, &mut [T]) + Sync) -> Vec<T> {
	let mut out = vec![T::real(0.0); count];
	if count < PARALLEL {
		out.chunks_mut(width)
			.enumerate()
			.for_each(|(n, row)| fill(n, row));
	} else {
		// Several rows at a time, as one may be short.
		let rows = (PARALLEL / 4).div_ceil(width);
		out.par_chunks_mut(width * rows)
			.enumerate()
			.for_each(|(block, out)| {
				out.chunks_mut(width)
					.enumerate()
					.for_each(|(n, row)| fill(block * rows + n, row));
			});
	}
	out
}

/// Runs `compute` on the storages of contiguous tensors of one shape, and makes a tensor of that shape.
fn with_storages(
	tensors: &[&Tensor],
	compute: impl FnOnce(&[(&CpuStorage, &Layout)]) -> Result<CpuStorage>,
) -> Result<Tensor> {
	let tensors = tensors
		.iter()
		.map(|tensor| tensor.contiguous())
		.collect::<Result<Vec<_>>>()?;
	let guards: Vec<_> = tensors
		.iter()
		.map(|tensor| tensor.storage_and_layout())
		.collect();
	let storages = guards
		.iter()
		.map(|(storage, layout)| match &**storage {
			Storage::Cpu(storage) => Ok((storage, *layout)),
			_ => bail!("not on the CPU"),
		})
		.collect::<Result<Vec<_>>>()?;
	let shape = tensors[0].shape().clone();
	let out = compute(&storages)?;
	drop(guards);
	let none = candle_core::op::BackpropOp::none();
	Ok(Tensor::from_storage(Storage::Cpu(out), shape, none, false))
}

/// `x` `[rows, in]` times the transpose of frozen weights `[out, in]`.
pub(crate) fn linear(x: &Tensor, weight: &Tensor) -> Result<Tensor> {
	x.apply_op1(Linear {
		weight: weight.clone(),
	})
}

struct Linear {
	weight: Tensor,
}

impl CustomOp1 for Linear {
	fn name(&self) -> &'static str {
		"frozen-linear"
	}

	fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
		let (rows, inner) = layout.shape().dims2()?;
		let (outer, _) = self.weight.dims2()?;
		let (weight, weight_layout) = self.weight.storage_and_layout();
		let Storage::Cpu(weight) = &*weight else {
			bail!("not on the CPU")
		};
		let transposed = weight_layout.transpose(0, 1)?;
		let out = storage.matmul(weight, (1, rows, outer, inner), layout, &transposed)?;
		Ok((out, (rows, outer).into()))
	}

	fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
		Ok(Some(gradient.matmul(&self.weight)?))
	}
}

/// Root mean square normalisation of rows, times frozen weights.
pub(crate) fn rms_norm(x: &Tensor, weight: &Tensor, epsilon: f64) -> Result<Tensor> {
	x.apply_op1(RmsNorm {
		weight: weight.clone(),
		epsilon,
	})
}

struct RmsNorm {
	weight: Tensor,
	epsilon: f64,
}

impl RmsNorm {
	fn scale<T: Real>(&self, row: &[T]) -> f64 {
		let squares: f64 = row.iter().map(|x| x.to_f64() * x.to_f64()).sum();
		(squares / row.len() as f64 + self.epsilon).sqrt().recip()
	}

	fn forward<T: Real>(&self, storage: &CpuStorage, layout: &Layout) -> Result<CpuStorage> {
		let (x, width) = (elements::<T>(storage, layout)?, width(layout));
		let weight = self.weight.to_vec1::<T>()?;
		Ok(T::store(fill(x.len(), width, |n, out: &mut [T]| {
			let row = &x[n * width..][..width];
			let scale = T::real(self.scale(row));
			for ((out, x), weight) in out.iter_mut().zip(row).zip(&weight) {
				*out = *x * scale * *weight;
			}
		})))
	}

	fn backward<T: Real>(&self, inputs: &[(&CpuStorage, &Layout)]) -> Result<CpuStorage> {
		let x = elements::<T>(inputs[0].0, inputs[0].1)?;
		let gradient = elements::<T>(inputs[1].0, inputs[1].1)?;
		let width = width(inputs[0].1);
		let weight = self.weight.to_vec1::<T>()?;
		Ok(T::store(fill(x.len(), width, |n, out: &mut [T]| {
			let (x, gradient) = (&x[n * width..][..width], &gradient[n * width..][..width]);
			let scale = self.scale(x);
			let mut along = 0.0;
			for ((x, gradient), weight) in x.iter().zip(gradient).zip(&weight) {
				along += (*x * *gradient * *weight).to_f64();
			}
			let along = T::real(along * scale * scale * scale / width as f64);
			let scale = T::real(scale);
			for (((out, x), gradient), weight) in out.iter_mut().zip(x).zip(gradient).zip(&weight) {
				*out = *gradient * *weight * scale - *x * along;
			}
		})))
	}
}

impl CustomOp1 for RmsNorm {
	fn name(&self) -> &'static str {
		"rms-norm"
	}

	fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
		fn forward<T: Real>(op: &RmsNorm, s: &CpuStorage, l: &Layout) -> Result<CpuStorage> {
			op.forward::<T>(s, l)
		}
		let out = by_type!(storage, forward(self, storage, layout))?;
		Ok((out, layout.shape().clone()))
	}

	fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
		fn backward<T: Real>(op: &RmsNorm, i: &[(&CpuStorage, &Layout)]) -> Result<CpuStorage> {
			op.backward::<T>(i)
		}
		with_storages(&[x, gradient], |inputs| {
			by_type!(inputs[0].0, backward(self, inputs))
		})
		.map(Some)
	}
}

/// `silu(gate) * up`.
pub(crate) fn swiglu(gate: &Tensor, up: &Tensor) -> Result<Tensor> {
	gate.apply_op2(up, SwiGlu)
}

struct SwiGlu;

fn swiglu_forward<T: Real>(inputs: &[(&CpuStorage, &Layout)]) -> Result<CpuStorage> {
	let gate = elements::<T>(inputs[0].0, inputs[0].1)?;
	let up = elements::<T>(inputs[1].0, inputs[1].1)?;
	let width = width(inputs[0].1);
	Ok(T::store(fill(gate.len(), width, |n, out: &mut [T]| {
		let at = n * width;
		for (i, out) in out.iter_mut().enumerate() {
			let gate = gate[at + i];
			*out = gate * sigmoid(gate) * up[at + i];
		}
	})))
}

fn sigmoid<T: Real>(x: T) -> T {
	T::real(1.0) / (T::real(1.0) + (T::real(0.0) - x).exp())
}

fn swiglu_gate<T: Real>(inputs: &[(&CpuStorage, &Layout)]) -> Result<CpuStorage> {
	let gate = elements::<T>(inputs[0].0, inputs[0].1)?;
	let up = elements::<T>(inputs[1].0, inputs[1].1)?;
	let gradient = elements::<T>(inputs[2].0, inputs[2].1)?;
	let width = width(inputs[0].1);
	Ok(T::store(fill(gate.len(), width, |n, out: &mut [T]| {
		for (i, out) in out.iter_mut().enumerate() {
			let at = n * width + i;
			let share = sigmoid(gate[at]);
			let slope = share * (T::real(1.0) + gate[at] * (T::real(1.0) - share));
			*out = gradient[at] * up[at] * slope;
		}
	})))
}

impl CustomOp2 for SwiGlu {
	fn name(&self) -> &'static str {
		"swiglu"
	}

	fn cpu_fwd(
		&self,
		gate: &CpuStorage,
		gate_layout: &Layout,
		up: &CpuStorage,
		up_layout: &Layout,
	) -> Result<(CpuStorage, Shape)> {
		let out = by_type!(
			gate,
			swiglu_forward(&[(gate, gate_layout), (up, up_layout)])
		)?;
		Ok((out, gate_layout.shape().clone()))
	}

	fn bwd(
		&self,
		gate: &Tensor,
		up: &Tensor,
		_: &Tensor,
		gradient: &Tensor,
	) -> Result<(Option<Tensor>, Option<Tensor>)> {
		let to_gate = with_storages(&[gate, up, gradient], |inputs| {
			by_type!(inputs[0].0, swiglu_gate(inputs))
		})?;
		let to_up = with_storages(&[gate, gradient], |inputs| {
			by_type!(inputs[0].0, swiglu_forward(inputs))
		})?;
		Ok((Some(to_gate), Some(to_up)))
	}
}

/// Turns the halves of each head of `x` `[tokens, heads * size]` by the angles of each token's position,
/// whose cosines and sines are `[tokens, size / 2]`: the layout of Hugging Face.
pub(crate) fn rotate(x: &Tensor, cos: &Tensor, sin: &Tensor) -> Result<Tensor> {
	x.apply_op1(Rotary {
		cos: cos.clone(),
		sin: sin.clone(),
	})
}

struct Rotary {
	cos: Tensor,
	sin: Tensor,
}

impl Rotary {
	fn forward<T: Real>(&self, storage: &CpuStorage, layout: &Layout) -> Result<CpuStorage> {
		let (x, width) = (elements::<T>(storage, layout)?, width(layout));
		let (cos, sin) = (self.cos.to_vec2::<T>()?, self.sin.to_vec2::<T>()?);
		Ok(T::store(fill(x.len(), width, |n, out: &mut [T]| {
			let (row, half) = (&x[n * width..][..width], cos[n].len());
			for (out, x) in out
				.chunks_exact_mut(2 * half)
				.zip(row.chunks_exact(2 * half))
			{
				for i in 0..half {
					let (c, s) = (cos[n][i], sin[n][i]);
					out[i] = x[i] * c - x[half + i] * s;
					out[half + i] = x[half + i] * c + x[i] * s;
				}
			}
		})))
	}
}

impl CustomOp1 for Rotary {
	fn name(&self) -> &'static str {
		"rotary"
	}

	fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
		fn forward<T: Real>(op: &Rotary, s: &CpuStorage, l: &Layout) -> Result<CpuStorage> {
			op.forward::<T>(s, l)
		}
		let out = by_type!(storage, forward(self, storage, layout))?;
		Ok((out, layout.shape().clone()))
	}

	fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
		let back = Self {
			cos: self.cos.clone(),
			sin: self.sin.neg()?,
		};
		gradient.contiguous()?.apply_op1_no_bwd(&back).map(Some)
	}
}

/// Softmax of `scores` `[heads, queries, tokens]` over the tokens up to each query's own, where query `n`
/// is token `n % tokens`.
pub(crate) fn causal_softmax(scores: &Tensor) -> Result<Tensor> {
	scores.apply_op1(CausalSoftmax)
}

struct CausalSoftmax;

fn softmax_forward<T: Real>(storage: &CpuStorage, layout: &Layout) -> Result<CpuStorage> {
	let (scores, tokens) = (elements::<T>(storage, layout)?, width(layout));
	Ok(T::store(fill(scores.len(), tokens, |n, out: &mut [T]| {
		let seen = n % tokens + 1;
		softmax(&scores[n * tokens..][..seen], &mut out[..seen]);
	})))
}

/// Writes the softmax of `scores` and gives the logarithm of the sum of their exponentials.
fn softmax<T: Real>(scores: &[T], out: &mut [T]) -> f64 {
	let mut highest = scores[0];
	for score in scores {
		if *score > highest {
			highest = *score;
		}
	}
	let mut sum = 0.0;
	for (out, score) in out.iter_mut().zip(scores) {
		*out = (*score - highest).exp();
		sum += out.to_f64();
	}
	let share = T::real(1.0 / sum);
	for out in out.iter_mut() {
		*out *= share;
	}
	highest.to_f64() + sum.ln()
}

fn softmax_backward<T: Real>(inputs: &[(&CpuStorage, &Layout)]) -> Result<CpuStorage> {
	let shares = elements::<T>(inputs[0].0, inputs[0].1)?;
	let gradient = elements::<T>(inputs[1].0, inputs[1].1)?;
	let tokens = width(inputs[0].1);
	Ok(T::store(fill(shares.len(), tokens, |n, out: &mut [T]| {
		let seen = n % tokens + 1;
		let shares = &shares[n * tokens..][..seen];
		let gradient = &gradient[n * tokens..][..seen];
		let mut mean = 0.0;
		for (share, gradient) in shares.iter().zip(gradient) {
			mean += (*share * *gradient).to_f64();
		}
		let mean = T::real(mean);
		for ((out, share), gradient) in out.iter_mut().zip(shares).zip(gradient) {
			*out = (*gradient - mean) * *share;
		}
	})))
}

impl CustomOp1 for CausalSoftmax {
	fn name(&self) -> &'static str {
		"causal-softmax"
	}

	fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
		let out = by_type!(storage, softmax_forward(storage, layout))?;
		Ok((out, layout.shape().clone()))
	}

	fn bwd(&self, _: &Tensor, shares: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
		with_storages(&[shares, gradient], |inputs| {
			by_type!(inputs[0].0, softmax_backward(inputs))
		})
		.map(Some)
	}
}

/// How many rows of logits are in memory at a time.
const LOGITS: usize = 256;

/// The loss of each row of `hidden` `[rows, width]`: minus the logarithm of the probability that a
/// softmax over `hidden · headᵀ` gives its target. The logits are never all in memory; where a gradient
/// will be asked for, it is computed at once.
pub(crate) fn cross_entropy(hidden: &Tensor, head: &Tensor, targets: &[u32]) -> Result<Tensor> {
	let detached = hidden.detach().contiguous()?;
	let (mut losses, mut gradients) = (Vec::<f64>::new(), Vec::new());
	for (n, targets) in targets.chunks(LOGITS).enumerate() {
		let rows = detached.narrow(0, n * LOGITS, targets.len())?;
		let logits = rows.matmul(&head.t()?)?;
		let errors = with_storages(&[&logits], |inputs| {
			by_type!(inputs[0].0, surprise(inputs[0], targets, &mut losses))
		})?;
		if hidden.track_op() {
			gradients.push(errors.matmul(head)?);
		}
	}
	let losses = Tensor::new(losses, hidden.device())?.to_dtype(hidden.dtype())?;
	if gradients.is_empty() {
		return Ok(losses);
	}
	hidden.apply_op1(Known {
		value: losses,
		gradient: Tensor::cat(&gradients, 0)?,
	})
}

/// Adds the losses of rows of logits, and gives their gradients.
fn surprise<T: Real>(
	(storage, layout): (&CpuStorage, &Layout),
	targets: &[u32],
	losses: &mut Vec<f64>,
) -> Result<CpuStorage> {
	let (logits, width) = (elements::<T>(storage, layout)?, width(layout));
	let mut errors = vec![T::real(0.0); logits.len()];
	losses.par_extend(
		errors
			.par_chunks_mut(width)
			.zip(logits.par_chunks(width))
			.zip(targets)
			.map(|((errors, logits), target)| {
				let target = *target as usize;
				let total = softmax(logits, errors);
				errors[target] -= T::real(1.0);
				total - logits[target].to_f64()
			}),
	);
	Ok(T::store(errors))
}

/// A function of rows whose value and gradient are known already.
struct Known {
	value: Tensor,
	gradient: Tensor,
}

impl CustomOp1 for Known {
	fn name(&self) -> &'static str {
		"known"
	}

	fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
		let (value, layout) = self.value.storage_and_layout();
		match &*value {
			Storage::Cpu(value) => Ok((value.try_clone(layout)?, layout.shape().clone())),
			_ => bail!("not on the CPU"),
		}
	}

	fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
		let gradient = gradient.unsqueeze(1)?;
		Ok(Some(self.gradient.broadcast_mul(&gradient)?))
	}
}
