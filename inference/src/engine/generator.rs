//! Text by a decoder language model, and the check of text that another claims to have had from it.
//!
//! There is one schedule, because others give other last digits: the whole prompt in one run, then one
//! token per run. A check is one run of prompt and answer together, so it compares within tolerances.

mod grounded;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use tokenizers::Tokenizer;

pub use self::grounded::{
	Grounded, Question, MAX_PASSAGES, MAX_PASSAGE_TOKENS, MAX_QUESTION_TOKENS,
};
use super::{
	bad_model,
	decoder::{Cache, Decoder, Sizes},
	sample::{Agreement, Sampler},
	watchdog::Limit,
};
use crate::{
	error::{ErrorCode, Failure},
	fingerprint::{distance, fingerprint},
	hash::Hash256,
};

/// Most tokens of a prompt, those around it included.
pub const MAX_PROMPT_TOKENS: usize = 1_024;
/// Most tokens of an answer.
pub const MAX_NEW_TOKENS: usize = 2_048;
/// Most bytes of an answer; beyond it, it is cut between two characters.
pub const MAX_OUTPUT_BYTES: usize = 256 << 10;

/// Which files to generate with. The graph names the file of its weights itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GeneratorId {
	/// SHA-256 of the ONNX graph.
	pub graph: Hash256,
	/// SHA-256 of the `tokenizer.json`.
	pub tokenizer: Hash256,
	/// SHA-256 of the settings for generation, which are JSON.
	pub generation: Hash256,
}

/// The settings for generation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
	/// What stands before a prompt. Control tokens in it count.
	before_prompt: String,
	/// What stands between a prompt and its answer.
	after_prompt: String,
	/// Tokens that end an answer.
	stop_tokens: Vec<u32>,
	layers: usize,
	kv_heads: usize,
	head_size: usize,
	hidden_size: usize,
	vocabulary: usize,
	/// Most tokens of prompt and answer together.
	context: usize,
}

impl Settings {
	pub(super) fn parse(json: &[u8]) -> Result<Self, String> {
		let settings: Self = serde_json::from_slice(json).map_err(|e| e.to_string())?;
		let sizes = settings.sizes();
		for (name, size, most) in [
			("layers", sizes.layers, 1_000),
			("kv_heads", sizes.kv_heads, 1_000),
			("head_size", sizes.head_size, 10_000),
			("hidden_size", sizes.hidden, 100_000),
			("vocabulary", sizes.vocabulary, 1_000_000),
			("context", settings.context, 100_000_000),
		] {
			if !(1..=most).contains(&size) {
				return Err(format!("{name} is not in 1..={most}"));
			}
		}
		Ok(settings)
	}

	pub(super) fn sizes(&self) -> Sizes {
		Sizes {
			layers: self.layers,
			kv_heads: self.kv_heads,
			head_size: self.head_size,
			hidden: self.hidden_size,
			vocabulary: self.vocabulary,
		}
	}
}

/// Why an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
	/// The model ended it.
	Stop,
	/// It has as many tokens as were asked for.
	Length,
}

/// What to answer, and how.
#[derive(Debug, Clone, Copy)]
pub struct Prompt<'a> {
	/// A message of a user. Control tokens in it are text.
	pub text: &'a str,
	/// Most tokens of the answer, 1 to [`MAX_NEW_TOKENS`].
	pub max_tokens: usize,
	/// How they are chosen.
	pub sampler: Sampler,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
	/// The tokens, with the one that ended it.
	pub tokens: Vec<u32>,
	/// Their text, at most [`MAX_OUTPUT_BYTES`].
	pub text: String,
	/// Tokens of the prompt, those around it included.
	pub prompt_tokens: usize,
	/// Why it ends.
	pub finish: Finish,
	/// See [`crate::fingerprint`].
	pub fingerprint: Vec<i32>,
}

/// What a check of an answer found.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
	/// Tokens that the sampler takes from the recomputed logits.
	pub exact: usize,
	/// Tokens that it might take on another machine.
	pub near: usize,
	/// The first token that it doesn't take.
	pub first_wrong: Option<usize>,
	/// Whether the answer ends where it has to: with a token that ends answers and nowhere before, or
	/// with the last of the tokens asked for.
	pub complete: bool,
	/// The text of the tokens.
	pub text: String,
	/// As recomputed.
	pub fingerprint: Vec<i32>,
	/// From the fingerprint that was claimed. `None` if they have not the same length.
	pub distance: Option<u32>,
	/// The farthest that a greedy token's logit is below the highest.
	pub shortfall: f32,
}

impl Verified {
	/// Whether the tokens are those of an honest run: complete, all taken, and no more than one in eight
	/// and one by the grace of the margin.
	pub fn tokens_agree(&self) -> bool {
		self.complete && self.first_wrong.is_none() && self.near <= 1 + (self.exact + self.near) / 8
	}
}

/// A loaded model. One run at a time.
#[derive(Debug)]
pub struct Generator {
	decoder: Decoder,
	tokenizer: Tokenizer,
	settings: Settings,
	before: Vec<u32>,
	after: Vec<u32>,
	copies: usize,
}

impl Generator {
	pub(super) fn new(
		decoder: Decoder,
		mut tokenizer: Tokenizer,
		settings: Settings,
	) -> Result<Self, Failure> {
		let unusable = |e| bad_model(format!("the tokenizer does not fit: {e}"));
		tokenizer.with_padding(None);
		tokenizer.with_truncation(None).map_err(unusable)?;
		let vocabulary = settings.vocabulary;
		let in_range = |tokens: &[u32]| {
			tokens
				.iter()
				.all(|token| usize::try_from(*token).is_ok_and(|token| token < vocabulary))
		};
		let before = encode(&tokenizer, &settings.before_prompt)?;
		let after = encode(&tokenizer, &settings.after_prompt)?;
		// From here on, control tokens are text: a prompt can't play the system or end itself.
		tokenizer.set_encode_special_tokens(true);
		if tokenizer.get_vocab_size(true) > vocabulary
			|| !in_range(&settings.stop_tokens)
			|| !in_range(&before)
			|| !in_range(&after)
			|| after.is_empty()
		{
			return Err(bad_model(
				"tokenizer and settings for generation don't fit together",
			));
		}
		Ok(Self {
			decoder,
			tokenizer,
			settings,
			before,
			after,
			copies: 1,
		})
	}

	/// Runs so many copies side by side from now on, of which the first counts: to measure what that
	/// changes.
	pub fn set_copies(&mut self, copies: usize) {
		self.copies = copies.max(1);
	}

	/// Answers `prompt`.
	pub fn generate(&mut self, prompt: &Prompt<'_>, limit: &Limit) -> Result<Generated, Failure> {
		let input = self.input(prompt)?;
		self.continue_from(&input, prompt.max_tokens, &prompt.sampler, limit)
	}

	/// Answers a prompt of these tokens.
	fn continue_from(
		&mut self,
		input: &[u32],
		max_tokens: usize,
		sampler: &Sampler,
		limit: &Limit,
	) -> Result<Generated, Failure> {
		let Sizes {
			hidden, vocabulary, ..
		} = self.decoder.sizes();
		let mut cache = Cache::new(self.copies);
		let mut states = Vec::new();
		let mut tokens: Vec<u32> = Vec::new();
		let finish = loop {
			let new = match tokens.last() {
				Some(last) => std::slice::from_ref(last),
				None => input,
			};
			let index = u32::try_from(tokens.len()).map_err(Failure::internal)?;
			let token = self.decoder.run(new, &mut cache, 1, limit, |kept| {
				states.extend_from_slice(&kept.hidden[..hidden]);
				Ok(sampler.take(&kept.logits[..vocabulary], index))
			})?;
			tokens.push(token);
			if self.settings.stop_tokens.contains(&token) {
				break Finish::Stop;
			}
			if tokens.len() >= max_tokens {
				break Finish::Length;
			}
		};
		Ok(Generated {
			text: self.text(&tokens)?,
			tokens,
			prompt_tokens: input.len(),
			finish,
			fingerprint: fingerprint(&states, hidden),
		})
	}

	/// Checks that `tokens` may be what [`generate`](Self::generate) gives for `prompt`, and how far its
	/// fingerprint is from `claimed`.
	pub fn verify(
		&mut self,
		prompt: &Prompt<'_>,
		tokens: &[u32],
		claimed: &[i32],
		limit: &Limit,
	) -> Result<Verified, Failure> {
		let mut input = self.input(prompt)?;
		let Sizes {
			hidden, vocabulary, ..
		} = self.decoder.sizes();
		let Some((last, fed)) = tokens.split_last() else {
			return Err(bad_input("the answer has no tokens"));
		};
		if tokens.len() > prompt.max_tokens {
			return Err(bad_input("the answer has more tokens than were asked for"));
		}
		if tokens.iter().any(|token| *token as usize >= vocabulary) {
			return Err(bad_input(
				"the answer has tokens that the model doesn't know",
			));
		}
		let is_stop = |token: &u32| self.settings.stop_tokens.contains(token);
		let complete =
			!fed.iter().any(is_stop) && (is_stop(last) || tokens.len() == prompt.max_tokens);
		input.extend_from_slice(fed);

		let mut verified = Verified {
			exact: 0,
			near: 0,
			first_wrong: None,
			complete,
			text: self.text(tokens)?,
			fingerprint: Vec::new(),
			distance: None,
			shortfall: 0.0,
		};
		self.decoder
			.run(&input, &mut Cache::new(1), tokens.len(), limit, |kept| {
				let logits = kept.logits.chunks_exact(vocabulary);
				for ((place, token), logits) in tokens.iter().enumerate().zip(logits) {
					let index = u32::try_from(place).map_err(Failure::internal)?;
					match prompt.sampler.agrees(logits, index, *token) {
						Agreement::Exact => verified.exact += 1,
						Agreement::Near => verified.near += 1,
						Agreement::None => {
							verified.first_wrong.get_or_insert(place);
						}
					}
					let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
					verified.shortfall = verified.shortfall.max(highest - logits[*token as usize]);
				}
				verified.fingerprint = fingerprint(kept.hidden, hidden);
				Ok(())
			})?;
		verified.distance = distance(claimed, &verified.fingerprint);
		Ok(verified)
	}

	/// How surprising each token of `text` is after those before it: the sum of the negative natural
	/// logarithms of their probabilities, and how many they are. `window` tokens are run at a time, each
	/// window beginning where the one before ended.
	pub fn surprise(
		&mut self,
		text: &str,
		window: usize,
		limit: &Limit,
	) -> Result<(f64, usize), Failure> {
		let vocabulary = self.decoder.sizes().vocabulary;
		let tokens = encode(&self.tokenizer, text)?;
		let (mut sum, mut count) = (0f64, 0);
		for window in tokens.chunks(window.clamp(2, MAX_PROMPT_TOKENS)) {
			let Some((_, following)) = window.split_first().filter(|(_, rest)| !rest.is_empty())
			else {
				continue;
			};
			let fed = &window[..following.len()];
			sum += self
				.decoder
				.run(fed, &mut Cache::new(1), fed.len(), limit, |kept| {
					let logits = kept.logits.chunks_exact(vocabulary);
					Ok(logits
						.zip(following)
						.map(|(logits, token)| surprise_of(logits, *token as usize))
						.sum::<f64>())
				})?;
			count += following.len();
		}
		Ok((sum, count))
	}

	/// The tokens of a prompt and of what stands around it.
	fn input(&self, prompt: &Prompt<'_>) -> Result<Vec<u32>, Failure> {
		check(prompt)?;
		let mut input = self.before.clone();
		input.extend(encode(&self.tokenizer, prompt.text)?);
		input.extend_from_slice(&self.after);
		let most = self.most(prompt.max_tokens);
		if input.len() > most {
			return Err(bad_input(format!(
				"the prompt has {} tokens, of which {} are the model's own; {most} are the most",
				input.len(),
				self.before.len() + self.after.len()
			)));
		}
		Ok(input)
	}

	/// Most tokens of a prompt for an answer of so many.
	fn most(&self, max_tokens: usize) -> usize {
		MAX_PROMPT_TOKENS.min(self.settings.context.saturating_sub(max_tokens))
	}

	fn text(&self, tokens: &[u32]) -> Result<String, Failure> {
		let mut text = self
			.tokenizer
			.decode(tokens, true)
			.map_err(|e| bad_model(format!("the tokenizer failed: {e}")))?;
		text.truncate(text.floor_char_boundary(MAX_OUTPUT_BYTES));
		Ok(text)
	}
}

/// Whether a prompt can be answered at all, however long it is.
fn check(prompt: &Prompt<'_>) -> Result<(), Failure> {
	if !(1..=MAX_NEW_TOKENS).contains(&prompt.max_tokens) {
		return Err(bad_input(format!(
			"max_tokens is not in 1..={MAX_NEW_TOKENS}"
		)));
	}
	prompt.sampler.check().map_err(bad_input)?;
	if prompt.text.trim().is_empty() {
		return Err(bad_input("the prompt is empty"));
	}
	Ok(())
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>, Failure> {
	let encoding = tokenizer
		.encode_fast(text, false)
		.map_err(|e| bad_model(format!("the tokenizer failed: {e}")))?;
	Ok(encoding.get_ids().to_vec())
}

fn surprise_of(logits: &[f32], token: usize) -> f64 {
	let highest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
	let sum: f64 = logits
		.iter()
		.map(|logit| (f64::from(*logit) - highest).exp())
		.sum();
	highest + sum.ln() - logits.get(token).copied().map_or(0.0, f64::from)
}

fn bad_input(message: impl Into<String>) -> Failure {
	Failure::new(ErrorCode::BadInput, message)
}
