//! A network with low-rank adapters, its training, and its gradients.
//!
//! For each position of a text: `h = tanh(U x + B₁ A₁ x)`, `logits = W h + B₂ A₂ h`, and the loss is the
//! cross-entropy, averaged over the positions. U and W are frozen; training moves the four factors A₁,
//! B₁, A₂ and B₂, which begin as LoRA's do: A random, B zero. Each factor is a layer of its own.

use ndarray::Array2;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::random::{normal, source};
use crate::influence::Layer;

/// How many layers an adapter has.
pub const LAYERS: usize = 4;

/// The sizes of a model.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shape {
	/// Of an input x.
	pub input: usize,
	/// Of the hidden layer h.
	pub hidden: usize,
	/// How many tokens or classes are told apart.
	pub outputs: usize,
	/// Of the adapters.
	pub rank: usize,
}

/// A text as the model reads it: for each position an input, and what follows on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
	/// The inputs of all positions, one after the other.
	pub inputs: Vec<f32>,
	/// For each position, which output is right.
	pub targets: Vec<usize>,
}

/// How to train: by gradient descent over all examples at once, with momentum. Without chance, so that
/// what changes when a document is left out is the document's doing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
	/// How many steps.
	pub steps: usize,
	/// The rate of learning.
	pub rate: f32,
	/// What part of a step is repeated in the next.
	pub momentum: f32,
	/// How many checkpoints are kept, at equal distances; the last is at the end.
	pub checkpoints: usize,
}

impl Default for Recipe {
	fn default() -> Self {
		Self {
			steps: 100,
			rate: 0.3,
			momentum: 0.9,
			checkpoints: 8,
		}
	}
}

/// The frozen part of a model.
#[derive(Clone, Debug)]
pub struct Model {
	shape: Shape,
	/// U, by rows.
	first: Vec<f32>,
	/// W, by rows.
	second: Vec<f32>,
	/// What training begins with.
	start: Adapter,
}

/// The four factors A₁, B₁, A₂, B₂, by rows; or gradients with respect to them.
#[derive(Clone, Debug, PartialEq)]
pub struct Adapter([Vec<f32>; LAYERS]);

/// What a position's backward pass needs of its forward pass.
struct Forward {
	/// A₁ x.
	low_input: Vec<f32>,
	hidden: Vec<f32>,
	/// A₂ h.
	low_hidden: Vec<f32>,
	/// The outputs' probabilities.
	outputs: Vec<f32>,
}

impl Adapter {
	fn zeros(shape: Shape) -> Self {
		Self(sizes(shape).map(|size| vec![0.0; size]))
	}

	fn start(shape: Shape, random: &mut ChaCha8Rng) -> Self {
		let mut start = Self::zeros(shape);
		start.0[0] = layer(random, shape.rank, shape.input);
		start.0[2] = layer(random, shape.rank, shape.hidden);
		start
	}
}

/// Random values that keep a vector's length on average.
fn layer(random: &mut ChaCha8Rng, rows: usize, columns: usize) -> Vec<f32> {
	normal(random, rows * columns, (columns as f64).sqrt().recip())
}

fn sizes(shape: Shape) -> [usize; LAYERS] {
	[shape.input, shape.hidden, shape.hidden, shape.outputs].map(|size| size * shape.rank)
}

impl Model {
	/// A model with random frozen layers.
	pub fn new(shape: Shape, seed: u64) -> Self {
		let mut random = source(seed, 1);
		let (first, second) = (
			layer(&mut random, shape.hidden, shape.input),
			layer(&mut random, shape.outputs, shape.hidden),
		);
		Self {
			shape,
			first,
			second,
			start: Adapter::start(shape, &mut random),
		}
	}

	/// The same model, whose training begins elsewhere.
	pub fn restarted(&self, seed: u64) -> Self {
		Self {
			start: Adapter::start(self.shape, &mut source(seed, 10)),
			..self.clone()
		}
	}

	/// The adapter that training begins with: it changes nothing yet.
	pub fn base(&self) -> &Adapter {
		&self.start
	}

	/// Trains an adapter and returns its checkpoints, the last one at the end.
	pub fn train(&self, examples: &[&Example], recipe: Recipe) -> Vec<Adapter> {
		let mut adapter = self.start.clone();
		let mut speed = Adapter::zeros(self.shape);
		let mut checkpoints = Vec::new();
		let weight = 1.0 / examples.len().max(1) as f32;
		for step in 1..=recipe.steps {
			let mut gradient = Adapter::zeros(self.shape);
			for example in examples {
				self.add_gradient(&adapter, example, weight, &mut gradient);
			}
			for layer in 0..LAYERS {
				let moved = adapter.0[layer].iter_mut().zip(&mut speed.0[layer]);
				for ((value, speed), gradient) in moved.zip(&gradient.0[layer]) {
					*speed = recipe.momentum * *speed - recipe.rate * gradient;
					*value += *speed;
				}
			}
			if step * recipe.checkpoints / recipe.steps > checkpoints.len() {
				checkpoints.push(adapter.clone());
			}
		}
		checkpoints
	}

	/// The mean loss of an example over its positions.
	pub fn loss(&self, adapter: &Adapter, example: &Example) -> f64 {
		let sum: f64 = self
			.positions(example)
			.map(|(input, target)| {
				-f64::from(self.forward(adapter, input).outputs[target].max(f32::MIN_POSITIVE)).ln()
			})
			.sum();
		sum / example.targets.len().max(1) as f64
	}

	/// The share of all positions whose most likely output is right.
	pub fn accuracy(&self, adapter: &Adapter, examples: &[Example]) -> f64 {
		let (mut right, mut all) = (0, 0);
		for (input, target) in examples.iter().flat_map(|example| self.positions(example)) {
			let outputs = self.forward(adapter, input).outputs;
			let best = outputs.iter().copied().fold(0.0, f32::max);
			right += usize::from(outputs[target] == best);
			all += 1;
		}
		right as f64 / all.max(1) as f64
	}

	/// The mean of the hidden layer over an example's positions, for each example a row.
	pub fn representations(&self, adapter: &Adapter, examples: &[Example]) -> Array2<f32> {
		let mut means = Array2::zeros((examples.len(), self.shape.hidden));
		for (example, mut mean) in examples.iter().zip(means.rows_mut()) {
			let weight = 1.0 / example.targets.len().max(1) as f32;
			for (input, _) in self.positions(example) {
				let hidden = self.forward(adapter, input).hidden;
				mean.iter_mut()
					.zip(hidden)
					.for_each(|(mean, value)| *mean += weight * value);
			}
		}
		means
	}

	/// The gradient of each example's loss at each checkpoint, layer by layer.
	pub fn gradients(&self, checkpoints: &[Adapter], examples: &[Example]) -> Vec<Layer> {
		let at = |adapter: &Adapter| -> Vec<Layer> {
			let rows: Vec<Adapter> = examples
				.par_iter()
				.map(|example| {
					let mut gradient = Adapter::zeros(self.shape);
					self.add_gradient(adapter, example, 1.0, &mut gradient);
					gradient
				})
				.collect();
			let sizes = sizes(self.shape);
			(0..LAYERS)
				.map(|layer| {
					let value = |(row, column): (usize, usize)| rows[row].0[layer][column];
					Layer::new(Array2::from_shape_fn((rows.len(), sizes[layer]), value))
				})
				.collect()
		};
		checkpoints.iter().flat_map(at).collect()
	}

	fn positions<'a>(&self, example: &'a Example) -> impl Iterator<Item = (&'a [f32], usize)> {
		example
			.inputs
			.chunks_exact(self.shape.input)
			.zip(example.targets.iter().copied())
	}

	fn forward(&self, adapter: &Adapter, input: &[f32]) -> Forward {
		let [a1, b1, a2, b2] = &adapter.0;
		let low_input = product(a1, input);
		let mut hidden = product(&self.first, input);
		add(&mut hidden, &product(b1, &low_input));
		hidden.iter_mut().for_each(|value| *value = value.tanh());
		let low_hidden = product(a2, &hidden);
		let mut outputs = product(&self.second, &hidden);
		add(&mut outputs, &product(b2, &low_hidden));
		softmax(&mut outputs);
		Forward {
			low_input,
			hidden,
			low_hidden,
			outputs,
		}
	}

	/// Adds `weight` times the gradient of an example's mean loss.
	fn add_gradient(
		&self,
		adapter: &Adapter,
		example: &Example,
		weight: f32,
		gradient: &mut Adapter,
	) {
		let [_, b1, a2, b2] = &adapter.0;
		let weight = weight / example.targets.len().max(1) as f32;
		let [of_a1, of_b1, of_a2, of_b2] = &mut gradient.0;
		for (input, target) in self.positions(example) {
			let forward = self.forward(adapter, input);
			let mut error = forward.outputs;
			error[target] -= 1.0;
			error.iter_mut().for_each(|value| *value *= weight);
			add_outer(of_b2, &error, &forward.low_hidden);
			let low_error = transposed(b2, &error, self.shape.rank);
			add_outer(of_a2, &low_error, &forward.hidden);
			let mut back = transposed(&self.second, &error, self.shape.hidden);
			add(&mut back, &transposed(a2, &low_error, self.shape.hidden));
			for (back, hidden) in back.iter_mut().zip(&forward.hidden) {
				*back *= 1.0 - hidden * hidden;
			}
			add_outer(of_b1, &back, &forward.low_input);
			add_outer(of_a1, &transposed(b1, &back, self.shape.rank), input);
		}
	}
}

/// A matrix, by rows, times a vector.
fn product(matrix: &[f32], vector: &[f32]) -> Vec<f32> {
	matrix
		.chunks_exact(vector.len())
		.map(|row| dot(row, vector))
		.collect()
}

/// In single precision: training does not need more.
fn dot(left: &[f32], right: &[f32]) -> f32 {
	const LANES: usize = 8;
	let mut lanes = [0.0f32; LANES];
	let (left, right) = (left.chunks_exact(LANES), right.chunks_exact(LANES));
	let rest: f32 = left
		.remainder()
		.iter()
		.zip(right.remainder())
		.map(|(l, r)| l * r)
		.sum();
	for (left, right) in left.zip(right) {
		for lane in 0..LANES {
			lanes[lane] += left[lane] * right[lane];
		}
	}
	lanes.iter().sum::<f32>() + rest
}

/// The transpose of a matrix, by rows of `columns`, times a vector.
fn transposed(matrix: &[f32], vector: &[f32], columns: usize) -> Vec<f32> {
	let mut result = vec![0.0; columns];
	for (row, factor) in matrix.chunks_exact(columns).zip(vector) {
		for (result, value) in result.iter_mut().zip(row) {
			*result += factor * value;
		}
	}
	result
}

fn add(target: &mut [f32], other: &[f32]) {
	for (target, value) in target.iter_mut().zip(other) {
		*target += value;
	}
}

/// Adds `left · rightᵀ` to a matrix by rows.
fn add_outer(matrix: &mut [f32], left: &[f32], right: &[f32]) {
	for (row, factor) in matrix.chunks_exact_mut(right.len()).zip(left) {
		for (target, value) in row.iter_mut().zip(right) {
			*target += factor * value;
		}
	}
}

fn softmax(logits: &mut [f32]) {
	let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
	let mut sum = 0.0;
	for value in logits.iter_mut() {
		*value = (*value - most).exp();
		sum += *value;
	}
	logits.iter_mut().for_each(|value| *value /= sum);
}

#[cfg(test)]
mod tests {
	use super::*;

	const SHAPE: Shape = Shape {
		input: 9,
		hidden: 10,
		outputs: 5,
		rank: 2,
	};

	fn example(seed: u64) -> Example {
		Example {
			inputs: normal(&mut source(seed, 9), 3 * SHAPE.input, 1.0),
			targets: vec![0, 4, seed as usize % 5],
		}
	}

	fn recipe(steps: usize) -> Recipe {
		Recipe {
			steps,
			checkpoints: 4,
			..Recipe::default()
		}
	}

	#[test]
	fn gradients_are_the_slopes_of_the_loss() {
		let model = Model::new(SHAPE, 1);
		let examples = [example(1), example(2)];
		let references: Vec<_> = examples.iter().collect();
		let adapter = model.train(&references, recipe(8)).pop().unwrap();
		let layers = model.gradients(std::slice::from_ref(&adapter), &examples);
		let step = 1e-2;
		for (layer, of_layer) in layers.iter().enumerate() {
			for parameter in 0..of_layer.parameters {
				let at = |moved: f32| {
					let mut adapter = adapter.clone();
					adapter.0[layer][parameter] += moved;
					model.loss(&adapter, &examples[0])
				};
				let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
				let gradient = f64::from(of_layer.gradients[(0, parameter)]);
				assert!((slope - gradient).abs() < 2e-3, "{slope} {gradient}");
			}
		}
	}

	#[test]
	fn training_learns_and_repeats() {
		let model = Model::new(SHAPE, 1);
		let examples = [example(1), example(2), example(3)];
		let references: Vec<_> = examples.iter().collect();
		let trained = model.train(&references, recipe(80));
		assert_eq!(trained.len(), 4);
		let last = &trained[3];
		assert!(model.loss(last, &examples[0]) < model.loss(&model.start, &examples[0]));
		assert!(model.accuracy(last, &examples) > 0.8);
		assert_eq!(model.train(&references, recipe(80)), trained);
		let short = model.train(&references, recipe(20));
		assert_eq!(
			short.last(),
			trained.first(),
			"a checkpoint is a shorter training"
		);
	}

	#[test]
	fn another_start_leaves_what_is_frozen() {
		let model = Model::new(SHAPE, 1);
		let other = model.restarted(7);
		assert_eq!(other.first, model.first);
		assert_eq!(other.second, model.second);
		assert_ne!(other.start, model.start);
		assert_eq!(other.start, model.restarted(7).start);
		assert_ne!(other.start, model.restarted(8).start);
	}

	#[test]
	fn representations_have_a_row_for_each_example() {
		let model = Model::new(SHAPE, 1);
		let rows = model.representations(&model.start, &[example(1), example(2)]);
		assert_eq!(rows.dim(), (2, SHAPE.hidden));
		assert!(rows.iter().all(|value| value.abs() < 1.0));
	}
}
