//! The one thread that runs language models: prompts, and checks of answers.

use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	state::{LanguageWork, State},
	types::{GenerateSpec, JobResult, JobSpec, Output},
	worker::what_panicked,
};
use crate::{
	engine::{Generator, GeneratorId, Limit, Prompt},
	error::{ErrorCode, Failure},
	outputs::Outputs,
};

pub(crate) struct LanguageWorker {
	pub(crate) state: Arc<State>,
	pub(crate) outputs: Outputs,
	pub(crate) max_run: Duration,
	/// How long a model is kept that nothing asks for.
	pub(crate) patience: Duration,
	/// The one that was used last. It is loaded by the first job for it.
	pub(crate) model: Option<(GeneratorId, Generator)>,
}

impl LanguageWorker {
	/// Works until the state is closed. A panic ends the job that it happened in, and the session with it.
	pub(crate) fn run(mut self) {
		loop {
			let patience = self.model.is_some().then_some(self.patience);
			match self.state.next_language(patience) {
				LanguageWork::Stop => return,
				LanguageWork::Rest => {
					tracing::info!(
						"nothing to generate for {:?}: unloading the model",
						self.patience
					);
					self.forget();
				}
				LanguageWork::Job(spec) => {
					let start = Instant::now();
					let outcome = catch_unwind(AssertUnwindSafe(|| self.job(&spec)));
					let (outcome, took) = outcome.unwrap_or_else(|panic| {
						self.forget();
						let message = what_panicked(panic.as_ref());
						tracing::error!(
							"a language model's worker panicked and goes on: {message}"
						);
						let failure = Failure::internal(format!("the worker panicked: {message}"));
						(Err(failure), start.elapsed())
					});
					self.state.finish_job(&spec.id(), outcome, took);
				}
			}
		}
	}

	fn forget(&mut self) {
		self.model = None;
		self.state.language_model_unloaded();
	}

	/// What came of it, and how long that took, without the loading: it is owed to this service's memory.
	fn job(&mut self, spec: &JobSpec) -> (Result<JobResult, Failure>, Duration) {
		let generate = match spec {
			JobSpec::Generate(generate) => generate,
			JobSpec::Verify(verify) => &verify.generate,
			JobSpec::Search(_) => {
				return (
					Err(Failure::internal("a search is no work here")),
					Duration::ZERO,
				)
			}
		};
		let loaded = self.load(generate.model());
		let start = Instant::now();
		let outcome = loaded.and_then(|()| self.answer(spec, generate));
		(outcome, start.elapsed())
	}

	fn answer(&mut self, spec: &JobSpec, generate: &GenerateSpec) -> Result<JobResult, Failure> {
		let text = std::str::from_utf8(generate.input.bytes()?)
			.map_err(|_| Failure::new(ErrorCode::BadInput, "the prompt is not UTF-8"))?;
		#[cfg(test)]
		assert!(text != super::tests::POISON, "poisoned");
		let prompt = Prompt {
			text,
			max_tokens: generate.tokens(),
			sampler: generate.sampler,
		};
		let time = Duration::from_millis(u64::from(generate.max_run_ms)).min(self.max_run);
		let limit = Limit::new(time, self.state.cancelled.clone());
		let Some((_, model)) = &mut self.model else {
			return Err(Failure::internal("no model is loaded"));
		};
		let JobSpec::Verify(verify) = spec else {
			let answer = model.generate(&prompt, &limit)?;
			let output = Output::of(&answer.text)?;
			if let Output::Linked { .. } = output {
				// Before anybody hears of it.
				self.outputs.keep(&answer.text).map_err(Failure::internal)?;
			}
			return Ok(JobResult::Generated {
				output,
				tokens: answer.tokens,
				prompt_tokens: count(answer.prompt_tokens)?,
				finish: answer.finish,
				fingerprint: answer.fingerprint,
			});
		};
		let found = model.verify(&prompt, &verify.tokens, &verify.fingerprint, &limit)?;
		Ok(JobResult::Verified {
			tokens_agree: found.tokens_agree(),
			exact: count(found.exact)?,
			near: count(found.near)?,
			first_wrong: found.first_wrong.map(count).transpose()?,
			complete: found.complete,
			distance: found.distance,
			output: Output::of(&found.text)?,
			fingerprint: found.fingerprint,
		})
	}

	/// Loads the model unless it is the one that is loaded, which makes room first.
	fn load(&mut self, id: GeneratorId) -> Result<(), Failure> {
		if self.model.as_ref().is_some_and(|(loaded, _)| *loaded == id) {
			return Ok(());
		}
		self.forget();
		let start = Instant::now();
		let model = self.state.engine()?.load_generator(id)?;
		let took = start.elapsed();
		tracing::info!("loaded language model {} in {took:?}", id.graph);
		self.model = Some((id, model));
		self.state.language_model_loaded(id.graph, took);
		Ok(())
	}
}

fn count(number: usize) -> Result<u32, Failure> {
	u32::try_from(number).map_err(Failure::internal)
}
