//! What an operator's node does about its assignments: the off-chain worker.
//!
//! It runs after each new best block on every node, and does something only where the node was told of
//! an inference service (see [`INFERENCE_URL_KEY`](protocol::INFERENCE_URL_KEY)) and its keystore has the key of an agent. Then, for
//! each request that the agent is assigned to, it submits the job and collects what came of it, in this
//! run if it is there within a moment, else in that of a later block; keeps outcome and salt; submits
//! the commit, and once the chain has it and the phase is the right one, the reveal. Nothing waits for
//! the service longer than one short call, and all state is the chain's and the node's persistent
//! off-chain storage, so that the worker goes on after a restart where it was.
//!
//! It also has the data of all models that the agent serves indexed ahead of requests.
//!
//! Outcome and salt are stored before a commit is sent, and never replaced: an operator does not
//! contradict itself. They are kept for a while after the request has disappeared, since it may have
//! disappeared on a fork only.

pub mod service;

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};
use codec::{Decode, Encode};
use core::fmt::Display;
use frame_support::traits::Get;
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use openledger_primitives::{
	attribution::weigh,
	input::LinkedInput,
	model::{ArtifactKind, ModelSpec, Policy, Provider, Task as ModelTask},
	protocol::{self, OperatorKey, Salt, OPERATOR_KEY_TYPE},
	similarity::{to_text, Comparison},
	traits::{AgentPool, DataRegistry, ModelRegistry},
	Answer, Citation, ContentHash, Failure, Outcome, Output, RequestId,
};
use service::{
	hex_of, AnswerSpec, CompareSpec, CorpusBatch, CorpusSpec, FileSpec, GenerateSpec, Health,
	InputSpec, Job, JobResult, JobSpec, Problem, SamplerSpec, SearchSpec, Service, Text,
};
use sp_core::{
	bounded::BoundedVec,
	offchain::{Duration, Timestamp},
	H256,
};
use sp_crypto_hashing::blake2_256;
use sp_runtime::{
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time},
	},
	traits::{CheckedSub, Saturating},
};

use crate::{
	checks::rank,
	types::{Input, Phase, Question, Request},
	Assignments, Call, Config, Pallet, Requests,
};

const TARGET: &str = "runtime::inference";

const LOCK_KEY: &[u8] = b"openledger::inference::lock";
const RUN_KEY: &[u8] = b"openledger::inference::run::";
const RUNS_KEY: &[u8] = b"openledger::inference::runs";
const CORPORA_KEY: &[u8] = b"openledger::inference::corpora";
const WARNINGS_KEY: &[u8] = b"openledger::inference::warnings";

/// After this a run stops beginning anything new.
const RUN_TIME: Duration = Duration::from_millis(4_000);

/// After this another run may begin though this one has not ended: more than [`RUN_TIME`] and the last
/// call that it began.
const LOCK_TIME: Duration = Duration::from_millis(10_000);

/// How long a run waits for answers that take a moment, and how often.
const PAUSE: Duration = Duration::from_millis(150);
const PAUSES: u32 = 2;

/// The most requests per agent that a run looks at, and the most jobs that it submits or asks for, the
/// oldest first.
const MAX_REQUESTS: usize = 512;
const MAX_JOBS: u32 = 128;

/// The most batches of a corpus, and the most calls about corpora in a run.
const MAX_BATCHES: usize = 4_096;
const MAX_CORPUS_CALLS: u32 = 4;

/// After how many blocks a transaction that was not included is sent again: in the next one. A node that
/// hears of a transaction before it has imported the block that makes it valid drops it and won't look at
/// it again. Signed anew it is another transaction, with a priority that replaces the earlier one.
const RESEND_BLOCKS: u32 = 1;

/// How many blocks lie between looks at whether a corpus is still known.
const CORPUS_BLOCKS: u32 = 10;

/// For how many blocks a run is kept after its request has disappeared.
const KEEP_BLOCKS: u32 = 256;

/// How many blocks lie between repetitions of a warning.
const WARN_BLOCKS: u32 = 300;
const MAX_WARNINGS: usize = 16;

/// What came of a request here. Stored before the chain hears of it.
#[derive(Clone, Decode, Encode)]
struct Run<BlockNumber> {
	outcome: Outcome,
	salt: Salt,
	commit_sent: Option<BlockNumber>,
	reveal_sent: Option<BlockNumber>,
}

/// Where a run is stored, and since when its request has been missing.
#[derive(Clone, Decode, Encode)]
struct Stored<BlockNumber> {
	request: RequestId,
	question: H256,
	operator: OperatorKey,
	missing_since: Option<BlockNumber>,
}

/// A request that the service works on.
struct Waiting<T: Config> {
	id: RequestId,
	request: Request<T>,
	operator: OperatorKey,
	question: Question,
}

struct Worker<T: Config> {
	service: Service,
	now: BlockNumberFor<T>,
	until: Timestamp,
	/// `None` until it was asked for.
	health: Option<Health>,
	reachable: bool,
	jobs: u32,
}

/// Does what this node has to do as an operator after block `now`.
pub(crate) fn run<T: Config>(now: BlockNumberFor<T>) {
	let Some(service) = Service::configured() else {
		return;
	};
	let agents = sp_io::crypto::sr25519_public_keys(OPERATOR_KEY_TYPE)
		.into_iter()
		.filter_map(|key| T::Agents::agent_of(&key).map(|agent| (key, agent)))
		.collect::<Vec<_>>();
	if agents.is_empty() {
		return;
	}
	let mut lock = StorageLock::<Time>::with_deadline(LOCK_KEY, LOCK_TIME);
	let Ok(_guard) = lock.try_lock() else {
		log::debug!(target: TARGET, "an earlier run has not ended yet");
		return;
	};
	let mut worker = Worker::<T> {
		service,
		now,
		until: sp_io::offchain::timestamp().add(RUN_TIME),
		health: None,
		reachable: true,
		jobs: 0,
	};
	worker.tidy();
	worker.attend(&agents);
	worker.tend_corpora(&agents);
}

impl<T: Config> Worker<T> {
	fn goes_on(&self) -> bool {
		self.reachable && sp_io::offchain::timestamp() < self.until
	}

	/// Whether something that was done in block `then` is to be done again after `blocks`. A block
	/// in the future is one of another chain or fork.
	fn is_due(&self, then: Option<BlockNumberFor<T>>, blocks: u32) -> bool {
		then.is_none_or(|then| self.now >= then.saturating_add(blocks.into()) || self.now < then)
	}

	fn warn(&self, message: String) {
		let key = H256(blake2_256(message.as_bytes()));
		let store = StorageValueRef::persistent(WARNINGS_KEY);
		let mut recent: Vec<(H256, BlockNumberFor<T>)> =
			store.get().ok().flatten().unwrap_or_default();
		recent.retain(|(_, then)| !self.is_due(Some(*then), WARN_BLOCKS));
		if recent.iter().any(|(other, _)| *other == key) {
			log::debug!(target: TARGET, "{message}");
			return;
		}
		log::warn!(target: TARGET, "{message}");
		recent.insert(0, (key, self.now));
		recent.truncate(MAX_WARNINGS);
		store.set(&recent);
	}

	fn failed_call(&mut self, what: &str, error: impl Display) {
		let url = self.service.url();
		self.warn(format!("{what} at the inference service {url}: {error}"));
	}

	/// Takes note of a failed call: a service that does not answer is left alone for the rest of the
	/// run.
	fn note(&mut self, what: &str, error: &service::ServiceError) {
		if matches!(error, service::ServiceError::Unreachable) {
			self.reachable = false;
		}
		self.failed_call(what, error);
	}

	// Requests.

	fn attend(&mut self, agents: &[(OperatorKey, T::AccountId)]) {
		let mut waiting = Vec::new();
		for (operator, agent) in agents {
			let mut ids = Assignments::<T>::iter_key_prefix(agent)
				.take(MAX_REQUESTS)
				.collect::<Vec<_>>();
			ids.sort_unstable();
			for id in ids {
				let Some(request) = Requests::<T>::get(id) else {
					continue;
				};
				waiting.extend(self.attend_to(id, request, *operator));
			}
		}
		for _ in 0..PAUSES {
			if waiting.is_empty() || !self.goes_on() {
				break;
			}
			sp_io::offchain::sleep_until(sp_io::offchain::timestamp().add(PAUSE));
			waiting.retain(|item| self.goes_on() && !self.collect(item));
		}
	}

	/// Does the next step for a request; returns it if the service works on it.
	fn attend_to(
		&mut self,
		id: RequestId,
		request: Request<T>,
		operator: OperatorKey,
	) -> Option<Waiting<T>> {
		let question = request.question?;
		let seat = request
			.committee
			.iter()
			.find(|seat| seat.operator == operator)?;
		match (request.phase, seat.commitment) {
			(Phase::Reveal, Some(commitment)) if seat.owes_reveal() => {
				match self.load(&question.hash, &operator) {
					Some(run) => self.send_reveal(id, &question.hash, operator, commitment, run),
					None => self.warn(format!(
						"request {id}: this node has no record of what it committed to and cannot \
						 reveal it"
					)),
				}
				None
			}
			(Phase::Commit, None) if seat.owes_commit() => {
				if let Some(run) = self.load(&question.hash, &operator) {
					self.send_commit(id, &question.hash, operator, run);
					return None;
				}
				if !self.goes_on() || self.jobs >= MAX_JOBS {
					return None;
				}
				let spec = T::Models::spec(request.model, request.version)?;
				if !self.takes_part(&spec) {
					return None;
				}
				self.jobs.saturating_inc();
				let state = self.submit(id, &request, &spec, &question)?;
				let item = Waiting {
					id,
					request,
					operator,
					question,
				};
				(!self.take(&item, state)).then_some(item)
			}
			_ => None,
		}
	}

	/// Submits the job. Its name is the question, which stands for one run, on whatever fork.
	fn submit(
		&mut self,
		id: RequestId,
		request: &Request<T>,
		spec: &ModelSpec,
		question: &Question,
	) -> Option<Job> {
		let job = job_of::<T>(request, spec, question)?;
		let mut answer = self.service.submit(&job);
		if answer
			.as_ref()
			.is_err_and(|error| error.is("unknown_corpus"))
		{
			self.put_corpus(spec);
			answer = self.service.submit(&job);
		}
		match answer {
			Ok(state) => Some(state),
			Err(error) if error.is("queue_full") => {
				log::debug!(target: TARGET, "request {id}: the service's queue is full");
				None
			}
			Err(error) => {
				self.note(&format!("request {id}: cannot submit the job"), &error);
				None
			}
		}
	}

	/// Asks how far a job is; whether there is nothing more to wait for in this run.
	fn collect(&mut self, item: &Waiting<T>) -> bool {
		match self.service.job(&item.question.hash) {
			Ok(state) => self.take(item, state),
			Err(error) => {
				self.note(
					&format!("request {}: cannot collect the result", item.id),
					&error,
				);
				true
			}
		}
	}

	/// Takes what came of a job and commits to it; whether there was something to take.
	fn take(&mut self, item: &Waiting<T>, job: Job) -> bool {
		let outcome = match job.state.as_str() {
			"done" => job
				.result
				.and_then(|result| self.outcome_of(&item.request, result))
				.unwrap_or(Outcome::Failed(Failure::Internal)),
			"failed" => {
				let problem = job.error.unwrap_or_default();
				self.warn(format!(
					"request {}: the run failed: {}: {}",
					item.id, problem.code, problem.message
				));
				Outcome::Failed(failure_of(&problem))
			}
			_ => return false,
		};
		let outcome = match Pallet::<T>::check_outcome_of(&item.request, &outcome) {
			Ok(()) => outcome,
			Err(error) => {
				self.warn(format!(
					"request {}: the service's answer is none that the chain accepts: {error:?}",
					item.id
				));
				Outcome::Failed(Failure::Internal)
			}
		};
		let question = item.question.hash;
		let salt = blake2_256(&(sp_io::offchain::random_seed(), question, item.operator).encode());
		let run = Run {
			outcome,
			salt,
			commit_sent: None,
			reveal_sent: None,
		};
		self.remember(item.id, &question, &item.operator);
		self.send_commit(item.id, &question, item.operator, run);
		true
	}

	/// What the service's result means to the chain; `None` if it is not the task's.
	fn outcome_of(&self, request: &Request<T>, result: JobResult) -> Option<Outcome> {
		let spec = T::Models::spec(request.model, request.version)?;
		match (spec.task, result) {
			(ModelTask::Search { .. }, JobResult::Found { citations }) => found(citations),
			(
				ModelTask::Generate { .. },
				JobResult::Generated {
					output,
					fingerprint,
				},
			) => generated(&spec.policy, output, fingerprint),
			(ModelTask::Answer { .. }, JobResult::Answered { output, citations }) => {
				grounded(output, citations)
			}
			(ModelTask::Compare, JobResult::Compared { similarity }) => compared(similarity),
			_ => None,
		}
	}

	fn send_commit(
		&self,
		request: RequestId,
		question: &H256,
		operator: OperatorKey,
		mut run: Run<BlockNumberFor<T>>,
	) {
		if !self.is_due(run.commit_sent, RESEND_BLOCKS) {
			return;
		}
		run.commit_sent = Some(self.now);
		self.store(question, &operator, &run);
		let commitment = protocol::commitment(question, &operator, &run.outcome.hash(), &run.salt);
		let message = protocol::commit_message(question, &commitment);
		if let Some(signature) = sp_io::crypto::sr25519_sign(OPERATOR_KEY_TYPE, &operator, &message)
		{
			self.send(
				request,
				Call::commit {
					request,
					operator,
					commitment,
					signature,
				},
			);
		}
	}

	fn send_reveal(
		&self,
		request: RequestId,
		question: &H256,
		operator: OperatorKey,
		commitment: H256,
		mut run: Run<BlockNumberFor<T>>,
	) {
		let Run { outcome, salt, .. } = run.clone();
		let hash = outcome.hash();
		if commitment != protocol::commitment(question, &operator, &hash, &salt) {
			self.warn(format!(
				"request {request}: the chain has a commitment that this node did not make; does \
				 another node use the key 0x{}?",
				hex::encode(operator)
			));
			return;
		}
		if !self.is_due(run.reveal_sent, RESEND_BLOCKS) {
			return;
		}
		run.reveal_sent = Some(self.now);
		self.store(question, &operator, &run);
		let message = protocol::reveal_message(question, &hash, &salt);
		if let Some(signature) = sp_io::crypto::sr25519_sign(OPERATOR_KEY_TYPE, &operator, &message)
		{
			self.send(
				request,
				Call::reveal {
					request,
					operator,
					outcome,
					salt,
					signature,
				},
			);
		}
	}

	fn send(&self, request: RequestId, call: Call<T>) {
		let transaction = T::create_authorized_transaction(call.into());
		match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
			Ok(()) => log::debug!(target: TARGET, "request {request}: sent a transaction"),
			// It is in the pool already, or the chain has moved on.
			Err(()) => {
				log::debug!(target: TARGET, "request {request}: the pool took no transaction")
			}
		}
	}

	// What is stored of runs.

	fn run_key(question: &H256, operator: &OperatorKey) -> Vec<u8> {
		let mut key = RUN_KEY.to_vec();
		key.extend(blake2_256(&(question, operator).encode()));
		key
	}

	fn load(&self, question: &H256, operator: &OperatorKey) -> Option<Run<BlockNumberFor<T>>> {
		let key = Self::run_key(question, operator);
		StorageValueRef::persistent(&key).get().ok().flatten()
	}

	fn store(&self, question: &H256, operator: &OperatorKey, run: &Run<BlockNumberFor<T>>) {
		StorageValueRef::persistent(&Self::run_key(question, operator)).set(run);
	}

	fn stored() -> Vec<Stored<BlockNumberFor<T>>> {
		StorageValueRef::persistent(RUNS_KEY)
			.get()
			.ok()
			.flatten()
			.unwrap_or_default()
	}

	fn remember(&self, request: RequestId, question: &H256, operator: &OperatorKey) {
		let mut runs = Self::stored();
		runs.push(Stored {
			request,
			question: *question,
			operator: *operator,
			missing_since: None,
		});
		StorageValueRef::persistent(RUNS_KEY).set(&runs);
	}

	/// Forgets runs whose requests have been gone for long.
	fn tidy(&self) {
		let mut runs = Self::stored();
		if runs.is_empty() {
			return;
		}
		runs.retain_mut(|run| {
			let age = run
				.missing_since
				.and_then(|since| self.now.checked_sub(&since));
			if age.is_some_and(|age| age < KEEP_BLOCKS.into()) {
				return true;
			}
			let is_there = Requests::<T>::get(run.request)
				.and_then(|request| request.question)
				.is_some_and(|question| question.hash == run.question);
			if is_there {
				run.missing_since = None;
			} else if age.is_none() {
				run.missing_since = Some(self.now);
			} else {
				let key = Self::run_key(&run.question, &run.operator);
				StorageValueRef::persistent(&key).clear();
				return false;
			}
			true
		});
		StorageValueRef::persistent(RUNS_KEY).set(&runs);
	}

	// What the service is and has.

	/// Whether this node's service computes what the model's policy asks for. Says why if not.
	fn takes_part(&mut self, spec: &ModelSpec) -> bool {
		if self.health.is_none() {
			match self.service.health() {
				Ok(health) => self.health = Some(health),
				Err(error) => self.note("cannot ask for the health", &error),
			}
		}
		let Some(health) = &self.health else {
			return false;
		};
		let (Policy::Exact {
			onnxruntime: [major, minor, patch],
		}
		| Policy::Tolerance {
			onnxruntime: [major, minor, patch],
			..
		}) = spec.policy;
		// Without a library every run fails, and that is what the payer should hear.
		let Some(version) = &health.onnxruntime else {
			return true;
		};
		let wanted = format!("{major}.{minor}.{patch}");
		if *version != wanted {
			self.warn(format!(
				"this node does not take part in a model's requests: its policy asks for ONNX \
				 Runtime {wanted}, the inference service at {} has {version}",
				self.service.url()
			));
			return false;
		}
		let computes = match spec.policy {
			Policy::Exact { .. }
			| Policy::Tolerance {
				provider: Provider::Cpu,
				..
			} => "cpu",
			Policy::Tolerance {
				provider: Provider::Cuda,
				..
			} => "cuda",
		};
		match health.provider.in_use.as_deref() {
			None => true,
			Some(in_use) if in_use == computes => true,
			Some(in_use) => {
				self.warn(format!(
					"this node does not take part in a model's requests: its policy asks for the \
					 results of {computes}, and the inference service at {} uses {in_use}; start it \
					 with `--inference-provider {computes}`",
					self.service.url()
				));
				false
			}
		}
	}

	/// Has the data of the models that the agents serve indexed ahead of requests.
	fn tend_corpora(&mut self, agents: &[(OperatorKey, T::AccountId)]) {
		let store = StorageValueRef::persistent(CORPORA_KEY);
		let before: Vec<(H256, BlockNumberFor<T>)> = store.get().ok().flatten().unwrap_or_default();
		let mut after = Vec::new();
		let mut calls = 0u32;
		let models: BTreeSet<_> = agents
			.iter()
			.flat_map(|(_, agent)| T::Agents::served(agent))
			.collect();
		for model in models {
			let Some(spec) = T::Models::current_version(model)
				.and_then(|version| T::Models::spec(model, version))
			else {
				continue;
			};
			if spec.task.retriever().is_none() {
				continue;
			}
			let id = spec.id();
			if after.iter().any(|(other, _)| *other == id) {
				continue;
			}
			let checked = before
				.iter()
				.find(|(other, _)| *other == id)
				.map(|(_, then)| *then);
			let due = self.is_due(checked, CORPUS_BLOCKS);
			let looked =
				due && calls < MAX_CORPUS_CALLS && self.goes_on() && self.takes_part(&spec) && {
					calls.saturating_inc();
					self.tend_corpus(&spec, checked.is_some())
				};
			if looked {
				after.push((id, self.now));
			} else if let Some(then) = checked {
				after.push((id, then));
			}
		}
		if before != after {
			store.set(&after);
		}
	}

	/// Whether the service could be asked.
	fn tend_corpus(&mut self, spec: &ModelSpec, known: bool) -> bool {
		if !known {
			return self.put_corpus(spec);
		}
		match self.service.corpus(&spec.id()) {
			Ok(corpus) if corpus.state == "failed" => {
				let problem = corpus.error.unwrap_or_default();
				self.warn(format!(
					"the inference service could not index a model's data: {}: {}; it is to try \
					 again",
					problem.code, problem.message
				));
				self.put_corpus(spec)
			}
			Ok(_) => true,
			Err(error) if error.is_unknown() => self.put_corpus(spec),
			Err(error) => {
				self.note("cannot ask for a corpus", &error);
				false
			}
		}
	}

	/// Whether the service could be asked.
	fn put_corpus(&mut self, spec: &ModelSpec) -> bool {
		let places = spec
			.snapshots
			.iter()
			.flat_map(|snapshot| (0..snapshot.batches).map(|index| (snapshot.datanet, index)));
		let batches = places
			.filter_map(|(datanet, index)| {
				let id = T::Data::batch_at(datanet, index)?;
				// What is encrypted can be trained on by those who hold the key, and not be searched.
				let batch = T::Data::batch(id).filter(|batch| !batch.encrypted)?;
				Some(CorpusBatch {
					batch: id,
					content: hex_of(batch.content),
					root: hex_of(batch.root),
					rows: batch.rows,
					bytes: batch.bytes,
					locator: batch.locator.to_text(),
				})
			})
			.take(MAX_BATCHES.saturating_add(1))
			.collect::<Vec<_>>();
		if batches.len() > MAX_BATCHES {
			self.warn(format!(
				"this node does not serve a model: its data are more than {MAX_BATCHES} batches"
			));
			return true;
		}
		let Some((graph, tokenizer)) = spec.task.retriever() else {
			return true;
		};
		let corpus = CorpusSpec {
			graph: artifact(spec, graph),
			tokenizer: artifact(spec, tokenizer),
			batches,
			texts: matches!(spec.task, ModelTask::Answer { .. }),
		};
		match self.service.put_corpus(&spec.id(), &corpus) {
			Ok(state) => {
				log::debug!(target: TARGET, "corpus {}: {}", hex_of(spec.id()), state.state);
				true
			}
			Err(error) => {
				self.note("cannot hand over a model's data", &error);
				self.reachable
			}
		}
	}
}

/// The hash of a model's file, hex; empty if the model has none of the kind.
fn artifact(spec: &ModelSpec, kind: ArtifactKind) -> String {
	spec.artifact(kind).map(hex_of).unwrap_or_default()
}

/// What the service is to do for a request. Of a comparison there is always one: others are not taken.
fn job_of<T: Config>(
	request: &Request<T>,
	spec: &ModelSpec,
	question: &Question,
) -> Option<JobSpec> {
	let id = hex_of(question.hash);
	let graph = artifact(spec, ArtifactKind::Graph);
	let tokenizer = artifact(spec, ArtifactKind::Tokenizer);
	let input = match &request.input {
		Input::Inline(text) => InputSpec::Inline(hex_of(text)),
		Input::Linked(linked) => InputSpec::Linked(file_of(linked)),
	};
	let max_run_ms = T::MaxRunMs::get();
	Some(match spec.task {
		ModelTask::Search { top_k } => JobSpec::Search(SearchSpec {
			id,
			graph,
			tokenizer,
			corpus: hex_of(spec.id()),
			input,
			top_k,
			max_run_ms,
		}),
		ModelTask::Generate {
			max_tokens,
			sampler,
		} => JobSpec::Generate(GenerateSpec {
			id,
			graph,
			tokenizer,
			generation: artifact(spec, ArtifactKind::Generation),
			input,
			max_tokens,
			sampler: SamplerSpec::new(sampler, &question.seed),
			max_run_ms,
		}),
		ModelTask::Answer {
			top_k,
			max_tokens,
			sampler,
		} => JobSpec::Answer(AnswerSpec {
			id,
			graph,
			tokenizer,
			generation: artifact(spec, ArtifactKind::Generation),
			retriever: artifact(spec, ArtifactKind::Retriever),
			retriever_tokenizer: artifact(spec, ArtifactKind::RetrieverTokenizer),
			corpus: hex_of(spec.id()),
			input,
			top_k,
			max_tokens,
			sampler: SamplerSpec::new(sampler, &question.seed),
			max_run_ms,
		}),
		ModelTask::Compare => {
			let comparison = match &request.input {
				Input::Inline(input) => Comparison::parse(input)?,
				Input::Linked(_) => return None,
			};
			JobSpec::Compare(CompareSpec {
				id,
				original: file_of(&comparison.original),
				other: file_of(&comparison.other),
				max_run_ms,
			})
		}
	})
}

/// A file that the service is to fetch.
fn file_of(linked: &LinkedInput) -> FileSpec {
	FileSpec {
		content: hex_of(linked.content),
		bytes: linked.bytes,
		locator: linked.locator.to_text(),
	}
}

/// The answer that a similarity makes.
fn compared(similarity: u32) -> Option<Outcome> {
	Some(Outcome::Answered(Answer {
		output: Output::Inline(BoundedVec::try_from(to_text(similarity)).ok()?),
		..Answer::default()
	}))
}

/// The answer that passages make.
fn found(passages: Vec<service::Found>) -> Option<Outcome> {
	answered(Output::default(), passages)
}

/// The answer that text and the passages make that it rests on.
fn grounded(output: Text, passages: Vec<service::Found>) -> Option<Outcome> {
	answered(output_of(output)?, passages)
}

/// An answer with its citations. Rounding may lift a similarity just above one; as all operators do the same
/// to equal results, they still agree.
fn answered(output: Output, passages: Vec<service::Found>) -> Option<Outcome> {
	let mut citations = passages
		.into_iter()
		.map(|service::Found { batch, row, score }| Citation {
			batch,
			row,
			score: score.min(openledger_primitives::answer::TOTAL_WEIGHT),
		})
		.collect::<Vec<_>>();
	citations.sort_by_key(rank);
	let attribution = weigh(&citations);
	Some(Outcome::Answered(Answer {
		output,
		citations: BoundedVec::try_from(citations).ok()?,
		attribution,
		..Answer::default()
	}))
}

/// The answer that generated text makes, with a fingerprint if the policy compares it.
fn generated(policy: &Policy, output: Text, fingerprint: Vec<i32>) -> Option<Outcome> {
	let fingerprint = match policy {
		Policy::Exact { .. } => Vec::new(),
		Policy::Tolerance { .. } => fingerprint,
	};
	Some(Outcome::Answered(Answer {
		output: output_of(output)?,
		fingerprint: BoundedVec::try_from(fingerprint).ok()?,
		..Answer::default()
	}))
}

/// Generated text as the chain has it.
fn output_of(text: Text) -> Option<Output> {
	Some(match text {
		Text::Inline(text) => Output::Inline(BoundedVec::try_from(hex::decode(text).ok()?).ok()?),
		Text::Linked { content, bytes } => {
			let content = <[u8; 32]>::try_from(hex::decode(content).ok()?).ok()?;
			Output::Linked {
				content: ContentHash(content),
				bytes,
			}
		}
	})
}

/// What the service's error codes mean to the chain.
fn failure_of(problem: &Problem) -> Failure {
	match problem.code.as_str() {
		"missing_library" => Failure::MissingLibrary,
		"model_not_found" => Failure::ModelNotFound,
		"wrong_hash" => Failure::WrongHash,
		"bad_model" => Failure::BadModel,
		"bad_input" => Failure::BadInput,
		"out_of_time" => Failure::OutOfTime,
		"data_unavailable" => Failure::DataUnavailable,
		"data_mismatch" => Failure::DataMismatch,
		"input_unavailable" => Failure::InputUnavailable,
		_ => Failure::Internal,
	}
}
