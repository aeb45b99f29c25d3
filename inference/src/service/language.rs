//! The one thread that runs language models: prompts, questions with passages, and checks of answers.

use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	state::{Indexed, LanguageWork, State},
	types::{AnswerSpec, GenerateSpec, JobResult, JobSpec, Output, Shown},
	worker::what_panicked,
};
use crate::{
	citations::cite,
	engine::{Generator, GeneratorId, Limit, Prompt, Question},
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
				LanguageWork::Job(spec, corpus) => {
					let start = Instant::now();
					let outcome = catch_unwind(AssertUnwindSafe(|| self.job(&spec, corpus)));
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
	fn job(
		&mut self,
		spec: &Arc<JobSpec>,
		corpus: Option<Result<Indexed, Failure>>,
	) -> (Result<JobResult, Failure>, Duration) {
		let generate = match &**spec {
			JobSpec::Generate(generate) => generate,
			JobSpec::Verify(verify) => &verify.generate,
			JobSpec::Answer(answer) => return self.ground(spec, answer, corpus),
			JobSpec::Search(_) | JobSpec::Compare(_) => {
				return (
					Err(Failure::internal("only language models work here")),
					Duration::ZERO,
				)
			}
		};
		let loaded = self.load(generate.model());
		let start = Instant::now();
		let outcome = loaded.and_then(|()| self.prompt(spec, generate));
		(outcome, start.elapsed())
	}

	/// Answers a question from passages that the other worker finds.
	fn ground(
		&mut self,
		spec: &Arc<JobSpec>,
		answer: &AnswerSpec,
		corpus: Option<Result<Indexed, Failure>>,
	) -> (Result<JobResult, Failure>, Duration) {
		let corpus = corpus.unwrap_or_else(|| Err(Failure::internal("the job has no corpus")));
		let corpus = match corpus {
			Ok(corpus) => corpus,
			Err(failure) => return (Err(failure), Duration::ZERO),
		};
		let (found, searching) = self.state.passages(spec, corpus);
		let found = match found {
			Ok(found) => found,
			Err(failure) => return (Err(failure), searching),
		};
		if let Err(failure) = self.load(answer.model()) {
			return (Err(failure), searching);
		}
		let start = Instant::now();
		let time = self.time(answer.max_run_ms).saturating_sub(searching);
		let limit = Limit::new(time, self.state.cancelled.clone());
		let (citations, passages): (Vec<_>, Vec<_>) = found.into_iter().unzip();
		let outcome = text(answer.input.bytes()).and_then(|text| {
			let question = Question {
				text,
				passages: &passages,
				max_tokens: answer.tokens(),
				sampler: answer.sampler,
			};
			let grounded = self.loaded()?.answer(&question, &limit)?;
			let output = self.output(&grounded.answer.text)?;
			let shown = citations.iter().zip(&grounded.drops);
			Ok(JobResult::Answered {
				output,
				citations: cite(&citations, &grounded.drops),
				passages: shown
					.map(|(citation, drop)| Shown {
						batch: citation.batch,
						row: citation.row,
						relevance: citation.score,
						drop: *drop,
					})
					.collect(),
				tokens: grounded.answer.tokens,
				prompt_tokens: count(grounded.answer.prompt_tokens)?,
				finish: grounded.answer.finish,
			})
		});
		(outcome, searching + start.elapsed())
	}

	fn time(&self, max_run_ms: u32) -> Duration {
		Duration::from_millis(u64::from(max_run_ms)).min(self.max_run)
	}

	fn loaded(&mut self) -> Result<&mut Generator, Failure> {
		match &mut self.model {
			Some((_, model)) => Ok(model),
			None => Err(Failure::internal("no model is loaded")),
		}
	}

	/// The form of an answer's text, which is kept if it is long, before anybody hears of it.
	fn output(&self, text: &str) -> Result<Output, Failure> {
		let output = Output::of(text)?;
		if let Output::Linked { .. } = output {
			self.outputs.keep(text).map_err(Failure::internal)?;
		}
		Ok(output)
	}

	fn prompt(&mut self, spec: &JobSpec, generate: &GenerateSpec) -> Result<JobResult, Failure> {
		let text = text(generate.input.bytes())?;
		#[cfg(test)]
		assert!(text != super::tests::POISON, "poisoned");
		let prompt = Prompt {
			text,
			max_tokens: generate.tokens(),
			sampler: generate.sampler,
		};
		let time = self.time(generate.max_run_ms);
		let limit = Limit::new(time, self.state.cancelled.clone());
		let model = self.loaded()?;
		let JobSpec::Verify(verify) = spec else {
			let answer = model.generate(&prompt, &limit)?;
			return Ok(JobResult::Generated {
				output: self.output(&answer.text)?,
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

fn text(input: Result<&[u8], Failure>) -> Result<&str, Failure> {
	std::str::from_utf8(input?)
		.map_err(|_| Failure::new(ErrorCode::BadInput, "the prompt is not UTF-8"))
}

fn count(number: usize) -> Result<u32, Failure> {
	u32::try_from(number).map_err(Failure::internal)
}
