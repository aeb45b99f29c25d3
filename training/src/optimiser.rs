//! AdamW and SGD, clipping, and how the learning rate runs.

use candle_core::{backprop::GradStore, DType, Tensor, Var};
use serde::{Deserialize, Serialize};

use crate::{real, Error, Result};

/// How gradients become steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Optimiser {
	/// Adam with decoupled weight decay.
	Adamw {
		/// How much of the mean of the gradients stays at each step.
		#[serde(with = "real")]
		beta1: f64,
		/// How much of the mean of their squares stays.
		#[serde(with = "real")]
		beta2: f64,
		/// Added to the root of the squares' mean.
		#[serde(with = "real")]
		epsilon: f64,
		/// Part of a value, times the learning rate, that is taken off at each step.
		#[serde(with = "real")]
		weight_decay: f64,
	},
	/// Gradient descent.
	Sgd {
		/// How much of the last step is taken again.
		#[serde(with = "real")]
		momentum: f64,
	},
}

impl Default for Optimiser {
	fn default() -> Self {
		Self::Adamw {
			beta1: 0.9,
			beta2: 0.999,
			epsilon: 1e-8,
			weight_decay: 0.0,
		}
	}
}

/// What the learning rate does after warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decay {
	/// It stays.
	Constant,
	/// It falls evenly, to zero after the last step.
	Linear,
	/// It falls along half a cosine, to zero after the last step.
	Cosine,
}

/// How the learning rate runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
	/// The highest.
	#[serde(with = "real")]
	pub learning_rate: f64,
	/// In so many steps it rises evenly to the highest.
	pub warm_up: u32,
	/// What it does then.
	pub decay: Decay,
}

impl Schedule {
	/// The learning rate of step `step` of `steps`, counted from 1.
	pub fn at(&self, step: u32, steps: u32) -> f64 {
		if step <= self.warm_up {
			return self.learning_rate * f64::from(step) / f64::from(self.warm_up);
		}
		let (done, all) = (step - self.warm_up - 1, steps.saturating_sub(self.warm_up));
		let done = f64::from(done) / f64::from(all.max(1));
		self.learning_rate
			* match self.decay {
				Decay::Constant => 1.0,
				Decay::Linear => 1.0 - done,
				Decay::Cosine => (1.0 + (std::f64::consts::PI * done).cos()) / 2.0,
			}
	}
}

/// The gradients of variables, in their order.
pub(crate) fn gradients_of(variables: &[Var], store: &GradStore) -> Result<Vec<Tensor>> {
	variables
		.iter()
		.map(|variable| {
			store.get(variable).cloned().ok_or_else(|| {
				Error::settings("an adapted layer has no part in the loss: the model is broken")
			})
		})
		.collect()
}

/// Scales gradients down to a norm of at most `most`, if there is a limit, and gives the norm that they
/// had.
pub(crate) fn clip(gradients: &mut [Tensor], most: Option<f64>) -> Result<f64> {
	let mut squares = 0.0;
	for gradient in gradients.iter() {
		let values = gradient.to_dtype(DType::F64)?.flatten_all()?;
		squares += values.to_vec1::<f64>()?.iter().map(|x| x * x).sum::<f64>();
	}
	let norm = squares.sqrt();
	if let Some(most) = most.filter(|most| norm > *most) {
		for gradient in gradients {
			*gradient = (&*gradient * (most / norm))?;
		}
	}
	Ok(norm)
}

/// An optimiser and what it remembers.
#[derive(Debug)]
pub(crate) struct State {
	optimiser: Optimiser,
	variables: Vec<Var>,
	/// Means of the gradients, or the last steps.
	first: Vec<Tensor>,
	/// Means of the squares of the gradients.
	second: Vec<Tensor>,
	steps: i32,
}

impl State {
	pub(crate) fn new(optimiser: &Optimiser, variables: Vec<Var>) -> Result<Self> {
		let zeros = || -> Result<Vec<Tensor>> {
			let zeros = variables.iter().map(|variable| variable.zeros_like());
			Ok(zeros.collect::<candle_core::Result<_>>()?)
		};
		Ok(Self {
			optimiser: optimiser.clone(),
			first: zeros()?,
			second: zeros()?,
			variables,
			steps: 0,
		})
	}

	pub(crate) fn step(&mut self, gradients: &[Tensor], rate: f64) -> Result<()> {
		self.steps += 1;
		let memory = self.first.iter_mut().zip(&mut self.second);
		for ((variable, gradient), (first, second)) in
			self.variables.iter().zip(gradients).zip(memory)
		{
			let value = variable.as_detached_tensor();
			match self.optimiser {
				Optimiser::Adamw {
					beta1,
					beta2,
					epsilon,
					weight_decay,
				} => {
					*first = ((&*first * beta1)? + (gradient * (1.0 - beta1))?)?;
					*second = ((&*second * beta2)? + (gradient.sqr()? * (1.0 - beta2))?)?;
					// Both means begin at zero, which this undoes.
					let mean = (&*first / (1.0 - beta1.powi(self.steps)))?;
					let root = (&*second / (1.0 - beta2.powi(self.steps)))?.sqrt()?;
					let kept = (value * (1.0 - rate * weight_decay))?;
					variable.set(&(kept - ((mean / (root + epsilon)?)? * rate)?)?)?;
				}
				Optimiser::Sgd { momentum } => {
					*first = ((&*first * momentum)? + gradient)?;
					variable.set(&(value - (&*first * rate)?)?)?;
				}
			}
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use candle_core::Device;

	use super::*;

	fn run(optimiser: Optimiser, gradients: &[f64]) -> Vec<f64> {
		let variable = Var::from_vec(vec![1.0], 1, &Device::Cpu).unwrap();
		let mut state = State::new(&optimiser, vec![variable.clone()]).unwrap();
		gradients
			.iter()
			.map(|gradient| {
				let gradient = Tensor::new(&[*gradient], &Device::Cpu).unwrap();
				state.step(&[gradient], 0.1).unwrap();
				variable.to_vec1::<f64>().unwrap()[0]
			})
			.collect()
	}

	fn close(found: &[f64], expected: &[f64]) {
		for (found, expected) in found.iter().zip(expected) {
			assert!((found - expected).abs() < 1e-9, "{found} {expected}");
		}
	}

	#[test]
	fn adamw_by_hand() {
		let adamw = |weight_decay| Optimiser::Adamw {
			beta1: 0.9,
			beta2: 0.99,
			epsilon: 0.0,
			weight_decay,
		};
		// The first step is as long as the learning rate, whatever the gradient.
		close(&run(adamw(0.0), &[5.0]), &[0.9]);
		close(&run(adamw(0.5), &[5.0]), &[0.85]);
		let mean = (0.9 * 0.1 * 1.0 + 0.1 * 3.0) / (1.0 - 0.81);
		let root = ((0.99 * 0.01 * 1.0 + 0.01 * 9.0) / (1.0 - 0.99f64 * 0.99)).sqrt();
		close(
			&run(adamw(0.0), &[1.0, 3.0]),
			&[0.9, 0.9 - 0.1 * mean / root],
		);
	}

	#[test]
	fn sgd_by_hand() {
		let sgd = Optimiser::Sgd { momentum: 0.5 };
		close(&run(sgd, &[1.0, 1.0]), &[0.9, 0.75]);
	}

	#[test]
	fn gradients_are_clipped_together() {
		let gradients = |most| {
			let mut gradients = [[3.0], [4.0]].map(|g| Tensor::new(&g, &Device::Cpu).unwrap());
			let norm = clip(&mut gradients, most).unwrap();
			(norm, gradients.map(|g| g.to_vec1::<f64>().unwrap()[0]))
		};
		assert_eq!(gradients(None), (5.0, [3.0, 4.0]));
		assert_eq!(gradients(Some(6.0)), (5.0, [3.0, 4.0]));
		assert_eq!(gradients(Some(2.5)), (5.0, [1.5, 2.0]));
	}

	#[test]
	fn learning_rates() {
		let rates = |decay, warm_up| {
			let schedule = Schedule {
				learning_rate: 1.0,
				warm_up,
				decay,
			};
			(1..=6).map(|step| schedule.at(step, 6)).collect::<Vec<_>>()
		};
		close(&rates(Decay::Constant, 2), &[0.5, 1.0, 1.0, 1.0, 1.0, 1.0]);
		close(&rates(Decay::Linear, 2), &[0.5, 1.0, 1.0, 0.75, 0.5, 0.25]);
		let cosine = rates(Decay::Cosine, 0);
		close(&cosine[..1], &[1.0]);
		close(&cosine[3..4], &[0.5]);
		assert!(cosine.windows(2).all(|pair| pair[0] > pair[1]));
		close(
			&rates(Decay::Linear, 12),
			&[1.0 / 12.0, 2.0 / 12.0, 3.0 / 12.0],
		);
	}
}
