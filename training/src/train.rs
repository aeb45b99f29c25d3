//! Training, and what a model makes of texts.
//!
//! What the layers below the first adapted one make of a text never changes, so it is computed once for
//! each text ([`Corpus`]), and training runs the layers above only. A step's loss is the mean over its
//! texts of the mean over a text's tokens: each text weighs the same, and a step's gradient is the mean of
//! the gradients that [`crate::gradients`] writes.

use candle_core::{DType, Tensor};
use serde::{Deserialize, Serialize};

use crate::{
	base::Base,
	lora::{Adapter, AdapterShape},
	model::Run,
	optimiser::{clip, gradients_of, Optimiser, Schedule, State},
	random::{Purpose, Stream},
	real,
	text::Example,
	Error, Result,
};

/// About how many tokens run at once where nothing is learnt.
const PACK: usize = 1_024;

/// How to train: the hyperparameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
	/// Of the adapter's first values and the order of the texts.
	pub seed: u64,
	/// How many steps.
	pub steps: u32,
	/// Texts in a step.
	pub batch: u32,
	/// Most tokens of a text.
	pub max_tokens: u32,
	/// What the adapter is like.
	pub adapter: AdapterShape,
	/// How gradients become steps.
	pub optimiser: Optimiser,
	/// How the learning rate runs.
	pub schedule: Schedule,
	/// The greatest norm of a step's gradient; what is longer is cut to it.
	#[serde(with = "real::option")]
	pub clip: Option<f64>,
	/// After how many steps there is a checkpoint; 0 for one at the end only, where there always is one.
	pub checkpoint_every: u32,
}

impl Settings {
	/// Whether they make sense.
	pub fn check(&self) -> Result<()> {
		let rate = self.schedule.learning_rate;
		let factors = match &self.optimiser {
			Optimiser::Adamw {
				beta1,
				beta2,
				epsilon,
				weight_decay,
			} => {
				(0.0..1.0).contains(beta1)
					&& (0.0..1.0).contains(beta2)
					&& *epsilon >= 0.0
					&& (0.0..1.0).contains(weight_decay)
			}
			Optimiser::Sgd { momentum } => (0.0..1.0).contains(momentum),
		};
		for (holds, problem) in [
			(self.steps > 0, "there must be a step"),
			(self.batch > 0, "a step must have a text"),
			(self.max_tokens > 1, "texts must be allowed two tokens"),
			(
				rate.is_finite() && rate > 0.0,
				"the learning rate must be positive",
			),
			(
				self.clip.is_none_or(|clip| clip > 0.0),
				"gradients can't be cut to nothing",
			),
			(factors, "betas, momentum and weight decay must be in 0..1"),
		] {
			if !holds {
				return Err(Error::settings(problem));
			}
		}
		Ok(())
	}
}

/// The order in which `texts` texts are trained on: permutation after permutation, one for each epoch.
#[derive(Debug)]
pub struct Order {
	seed: u64,
	texts: usize,
	epoch: u32,
	left: std::vec::IntoIter<usize>,
}

impl Order {
	/// The order by a seed.
	pub fn new(seed: u64, texts: usize) -> Self {
		let left = Vec::new().into_iter();
		Self {
			seed,
			texts,
			epoch: 0,
			left,
		}
	}

	/// The texts of the next step.
	pub fn step(&mut self, batch: u32) -> Vec<usize> {
		(0..batch).filter_map(|_| self.next()).collect()
	}
}

impl Iterator for Order {
	type Item = usize;

	fn next(&mut self) -> Option<usize> {
		if let Some(next) = self.left.next() {
			return Some(next);
		}
		let mut stream = Stream::new(self.seed, Purpose::Order(self.epoch));
		self.left = stream.permutation(self.texts).into_iter();
		self.epoch += 1;
		self.left.next()
	}
}

/// Texts, and what the layers below the first adapted one make of them.
#[derive(Debug)]
pub struct Corpus<'a> {
	/// The model.
	pub base: &'a Base,
	/// The texts.
	pub examples: &'a [Example],
	/// The first layer that is yet to run.
	from: usize,
	/// What goes into it, for each text.
	hidden: Vec<Tensor>,
}

impl<'a> Corpus<'a> {
	/// Runs the layers below `from` for all texts.
	pub fn new(base: &'a Base, examples: &'a [Example], from: usize) -> Result<Self> {
		let mut hidden = Vec::with_capacity(examples.len());
		for pack in packs(examples.iter().map(|example| example.tokens.len())) {
			let pack = &examples[pack];
			let tokens: Vec<u32> = pack.iter().flat_map(|e| e.tokens.iter().copied()).collect();
			let lengths: Vec<usize> = pack.iter().map(|e| e.tokens.len()).collect();
			let all = base.run(&base.embed(&tokens)?, &lengths, 0..from, Run::default())?;
			let mut start = 0;
			for length in lengths {
				// A copy, so that the others' memory can go.
				hidden.push(all.narrow(0, start, length)?.force_contiguous()?);
				start += length;
			}
		}
		Ok(Self {
			base,
			examples,
			from,
			hidden,
		})
	}

	/// Runs the remaining layers for some texts, one after another.
	pub(crate) fn run(&self, rows: &[usize], run: Run<'_>) -> Result<Tensor> {
		if let Some(adapter) = run.adapter {
			let first = adapter.layers().start;
			if first < self.from && !adapter.layers().is_empty() {
				return Err(Error::settings(format!(
					"the adapter begins at layer {first}, but the layers below {} have run without it",
					self.from
				)));
			}
		}
		let hidden: Vec<&Tensor> = rows.iter().map(|row| &self.hidden[*row]).collect();
		let lengths: Vec<usize> = self.of(rows).iter().map(|e| e.tokens.len()).collect();
		let layers = self.from..self.base.shape.layers;
		self.base
			.run(&Tensor::cat(&hidden, 0)?, &lengths, layers, run)
	}

	pub(crate) fn of(&self, rows: &[usize]) -> Vec<&'a Example> {
		rows.iter().map(|row| &self.examples[*row]).collect()
	}

	/// Groups of texts that run at once.
	pub(crate) fn packs<'b>(&self, rows: &'b [usize]) -> Vec<&'b [usize]> {
		let lengths = rows.iter().map(|row| self.examples[*row].tokens.len());
		packs(lengths).into_iter().map(|pack| &rows[pack]).collect()
	}

	/// All rows of [`Self::examples`].
	pub fn rows(&self) -> Vec<usize> {
		(0..self.examples.len()).collect()
	}

	/// How well a model knows some texts.
	pub fn evaluate(&self, rows: &[usize], adapter: Option<&Adapter>) -> Result<Evaluation> {
		let (mut tokens, mut total) = (0, 0.0);
		for pack in self.packs(rows) {
			let hidden = self.run(pack, reading(adapter))?;
			let losses = self.base.losses(&hidden, &self.of(pack))?;
			let losses = losses.to_dtype(DType::F64)?.to_vec1::<f64>()?;
			tokens += losses.len();
			total += losses.iter().sum::<f64>();
		}
		Ok(Evaluation {
			tokens,
			loss: total / tokens.max(1) as f64,
		})
	}

	/// The loss of each of some texts: the mean over its tokens.
	pub fn losses(&self, rows: &[usize], adapter: Option<&Adapter>) -> Result<Vec<f64>> {
		let mut means = Vec::with_capacity(rows.len());
		for pack in self.packs(rows) {
			let examples = self.of(pack);
			let losses = self
				.base
				.losses(&self.run(pack, reading(adapter))?, &examples)?;
			let losses = losses.to_dtype(DType::F64)?.to_vec1::<f64>()?;
			let mut rest = &losses[..];
			for example in examples {
				let (own, others) = rest.split_at(example.targets().len());
				means.push(own.iter().sum::<f64>() / own.len() as f64);
				rest = others;
			}
		}
		Ok(means)
	}

	/// The mean over each text's tokens of the last hidden state.
	pub fn means(&self, rows: &[usize], adapter: Option<&Adapter>) -> Result<Vec<Vec<f32>>> {
		let mut means = Vec::with_capacity(rows.len());
		for pack in self.packs(rows) {
			let hidden = self.run(pack, reading(adapter))?;
			means.extend(self.means_of(&hidden, pack)?);
		}
		Ok(means)
	}

	/// The same, out of the last layer's output.
	pub(crate) fn means_of(&self, hidden: &Tensor, rows: &[usize]) -> Result<Vec<Vec<f32>>> {
		let finished = self.base.finish(&hidden.detach())?;
		let mut start = 0;
		self.of(rows)
			.iter()
			.map(|example| {
				let length = example.tokens.len();
				let mean = finished.narrow(0, start, length)?.mean(0)?;
				start += length;
				Ok(mean.to_dtype(DType::F32)?.to_vec1()?)
			})
			.collect()
	}
}

fn reading(adapter: Option<&Adapter>) -> Run<'_> {
	Run {
		adapter,
		..Run::default()
	}
}

/// Ranges of items whose lengths add up to about [`PACK`] at most.
fn packs(lengths: impl Iterator<Item = usize>) -> Vec<std::ops::Range<usize>> {
	let (mut packs, mut start, mut end, mut tokens) = (Vec::new(), 0, 0, 0);
	for length in lengths {
		if end > start && tokens + length > PACK {
			packs.push(start..end);
			(start, tokens) = (end, 0);
		}
		tokens += length;
		end += 1;
	}
	if end > start {
		packs.push(start..end);
	}
	packs
}

/// How well a model knows texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
	/// How many tokens it had to guess.
	pub tokens: usize,
	/// The mean of minus the logarithms of their probabilities.
	pub loss: f64,
}

impl Evaluation {
	/// Among how many tokens the model wavers, as it were.
	pub fn perplexity(&self) -> f64 {
		self.loss.exp()
	}
}

/// What happens in a training run.
#[derive(Debug)]
pub enum Event<'a> {
	/// A step was taken.
	Step {
		/// Its number, from 1.
		step: u32,
		/// The rows of its texts.
		rows: &'a [usize],
		/// The loss before the step.
		loss: f64,
		/// The learning rate.
		rate: f64,
		/// The norm of the gradient before it was cut.
		norm: f64,
	},
	/// A checkpoint is due.
	Checkpoint {
		/// After which step.
		step: u32,
		/// The adapter by now.
		adapter: &'a Adapter,
	},
}

/// Trains a new adapter on some of the rows of a corpus. The same settings and rows give the same bits on
/// the same machine.
pub fn train(
	corpus: &Corpus<'_>,
	rows: &[usize],
	settings: &Settings,
	mut watch: impl FnMut(Event<'_>) -> Result<()>,
) -> Result<Adapter> {
	settings.check()?;
	if rows.is_empty() {
		return Err(Error::settings("there is nothing to train on"));
	}
	let base = corpus.base;
	let adapter = Adapter::new(&settings.adapter, &base.shape, base.dtype(), settings.seed)?;
	let variables = adapter.variables();
	let mut state = State::new(&settings.optimiser, variables.clone())?;
	let mut order = Order::new(settings.seed, rows.len());
	for step in 1..=settings.steps {
		let batch: Vec<usize> = order
			.step(settings.batch)
			.iter()
			.map(|n| rows[*n])
			.collect();
		let run = Run {
			adapter: Some(&adapter),
			train: true,
			taps: None,
		};
		let loss = mean_loss(corpus, &corpus.run(&batch, run)?, &batch)?;
		let mut gradients = gradients_of(&variables, &loss.backward()?)?;
		let loss = loss.to_dtype(DType::F64)?.to_scalar::<f64>()?;
		let norm = clip(&mut gradients, settings.clip)?;
		if !(loss.is_finite() && norm.is_finite()) {
			return Err(Error::settings(format!(
				"training ran away at step {step}: try a lower learning rate or longer warm-up"
			)));
		}
		let rate = settings.schedule.at(step, settings.steps);
		state.step(&gradients, rate)?;
		watch(Event::Step {
			step,
			rows: &batch,
			loss,
			rate,
			norm,
		})?;
		let every = settings.checkpoint_every;
		if step == settings.steps || (every > 0 && step % every == 0) {
			let adapter = &adapter;
			watch(Event::Checkpoint { step, adapter })?;
		}
	}
	Ok(adapter)
}

/// The mean over texts of the mean over a text's tokens.
fn mean_loss(corpus: &Corpus<'_>, hidden: &Tensor, rows: &[usize]) -> Result<Tensor> {
	let examples = corpus.of(rows);
	let losses = corpus.base.losses(hidden, &examples)?;
	let weights: Vec<f64> = examples
		.iter()
		.flat_map(|example| {
			let tokens = example.targets().len();
			std::iter::repeat_n(1.0 / (tokens * rows.len()) as f64, tokens)
		})
		.collect();
	let weights = Tensor::new(weights, losses.device())?.to_dtype(losses.dtype())?;
	Ok((losses * weights)?.sum_all()?)
}

/// The sum over texts of the mean over a text's tokens.
pub(crate) fn sum_of_losses(
	corpus: &Corpus<'_>,
	hidden: &Tensor,
	rows: &[usize],
) -> Result<Tensor> {
	Ok((mean_loss(corpus, hidden, rows)? * rows.len() as f64)?)
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use crate::{
		base::tests::tiny,
		lora::Projection,
		model::tests::{adapter, examples},
		optimiser::Decay,
	};

	pub(crate) fn settings() -> Settings {
		Settings {
			seed: 11,
			steps: 30,
			batch: 2,
			max_tokens: 32,
			adapter: AdapterShape {
				rank: 2,
				alpha: 4.0,
				rslora: false,
				projections: vec![Projection::Q, Projection::V],
				from: 1,
				to: 3,
			},
			optimiser: Optimiser::default(),
			schedule: Schedule {
				learning_rate: 0.05,
				warm_up: 3,
				decay: Decay::Linear,
			},
			clip: Some(1.0),
			checkpoint_every: 20,
		}
	}

	pub(crate) fn bits(adapter: &Adapter) -> Vec<u32> {
		adapter
			.variables()
			.iter()
			.flat_map(|v| v.flatten_all().unwrap().to_vec1::<f32>().unwrap())
			.map(f32::to_bits)
			.collect()
	}

	#[test]
	fn training_learns_and_is_the_same_each_time() {
		let (base, examples) = (tiny(DType::F32), examples());
		let corpus = Corpus::new(&base, &examples, 1).unwrap();
		let train = |settings: &Settings| {
			let mut seen = Vec::new();
			let adapter = train(&corpus, &corpus.rows(), settings, |event| {
				if let Event::Step { loss, .. } = event {
					seen.push(loss);
				}
				Ok(())
			})
			.unwrap();
			(adapter, seen)
		};
		let (first, seen) = train(&settings());
		let (again, _) = train(&settings());
		assert_eq!(bits(&first), bits(&again));
		let (other, _) = train(&Settings {
			seed: 12,
			..settings()
		});
		assert_ne!(bits(&first), bits(&other));
		assert_eq!(seen.len(), 30);

		let rows = corpus.rows();
		let before = corpus.evaluate(&rows, None).unwrap();
		let after = corpus.evaluate(&rows, Some(&first)).unwrap();
		assert_eq!(before.tokens, 5 + 1 + 6);
		assert!(
			after.perplexity() < 0.7 * before.perplexity(),
			"{before:?} {after:?}"
		);
	}

	#[test]
	fn what_was_computed_before_changes_nothing() {
		let (base, examples, adapter) = (tiny(DType::F64), examples(), adapter(DType::F64));
		let evaluate = |from| {
			let corpus = Corpus::new(&base, &examples, from).unwrap();
			corpus
				.evaluate(&corpus.rows(), Some(&adapter))
				.unwrap()
				.loss
		};
		assert!((evaluate(0) - evaluate(1)).abs() < 1e-12);
		let corpus = Corpus::new(&base, &examples, 2).unwrap();
		let error = corpus
			.evaluate(&[0], Some(&adapter))
			.unwrap_err()
			.to_string();
		assert!(error.contains("begins at layer 1"), "{error}");
	}

	#[test]
	fn losses_of_texts_add_up() {
		let (base, examples, adapter) = (tiny(DType::F64), examples(), adapter(DType::F64));
		let corpus = Corpus::new(&base, &examples, 1).unwrap();
		let losses = corpus.losses(&[2, 0], Some(&adapter)).unwrap();
		for (loss, row) in losses.iter().zip([2, 0]) {
			let alone = corpus.evaluate(&[row], Some(&adapter)).unwrap().loss;
			assert!((loss - alone).abs() < 1e-12);
		}
		assert_eq!(losses.len(), 2);
		assert!((losses[0] - losses[1]).abs() > 1e-6);
	}

	#[test]
	fn an_epoch_has_each_text_once() {
		let mut order = Order::new(3, 10);
		let mut texts: Vec<usize> = (0..5).flat_map(|_| order.step(4)).collect();
		let mut second = texts.split_off(10);
		assert_ne!(texts, second);
		for epoch in [&mut texts, &mut second] {
			epoch.sort_unstable();
			assert_eq!(*epoch, (0..10).collect::<Vec<_>>());
		}
	}

	#[test]
	fn checkpoints_come_in_time() {
		let (base, examples) = (tiny(DType::F32), examples());
		let corpus = Corpus::new(&base, &examples, 1).unwrap();
		let mut steps = Vec::new();
		train(&corpus, &[0, 2], &settings(), |event| {
			match event {
				Event::Checkpoint { step, .. } => steps.push(step),
				Event::Step { rows, .. } => assert!(!rows.contains(&1)),
			}
			Ok(())
		})
		.unwrap();
		assert_eq!(steps, [20, 30]);
	}

	#[test]
	fn settings_that_make_no_sense() {
		let rate = |learning_rate| Schedule {
			learning_rate,
			..settings().schedule
		};
		for (wrong, problem) in [
			(
				Settings {
					steps: 0,
					..settings()
				},
				"step",
			),
			(
				Settings {
					batch: 0,
					..settings()
				},
				"text",
			),
			(
				Settings {
					max_tokens: 1,
					..settings()
				},
				"two tokens",
			),
			(
				Settings {
					schedule: rate(0.0),
					..settings()
				},
				"learning rate",
			),
			(
				Settings {
					schedule: rate(f64::NAN),
					..settings()
				},
				"learning rate",
			),
			(
				Settings {
					clip: Some(0.0),
					..settings()
				},
				"cut",
			),
			(
				Settings {
					optimiser: Optimiser::Sgd { momentum: 1.0 },
					..settings()
				},
				"momentum",
			),
		] {
			let error = wrong.check().unwrap_err().to_string();
			assert!(error.contains(problem), "{error}");
		}
		let (base, examples) = (tiny(DType::F32), examples());
		let corpus = Corpus::new(&base, &examples, 1).unwrap();
		let wild = Settings {
			schedule: Schedule {
				warm_up: 0,
				..rate(1e30)
			},
			optimiser: Optimiser::Sgd { momentum: 0.0 },
			clip: None,
			..settings()
		};
		let error = train(&corpus, &[0], &wild, |_| Ok(()))
			.unwrap_err()
			.to_string();
		assert!(error.contains("ran away"), "{error}");
		let error = train(&corpus, &[], &settings(), |_| Ok(())).unwrap_err();
		assert!(error.to_string().contains("nothing to train on"));
	}
}
