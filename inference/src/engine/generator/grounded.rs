//! Answers from passages, and what each passage did for them.
//!
//! The prompt is made of tokens, not of text: an instruction, the passages, best last, as a small model takes
//! its words from what it has read last, and the question. They have no numbers: it would go on counting.
//! Left out of it, a passage takes its tokens along and nothing else changes. Passages are text of strangers: control tokens in them are text.
//!
//! A passage is cut to its first [`MAX_PASSAGE_TOKENS`] tokens (and before that to its first
//! [`MAX_PASSAGE_BYTES`] bytes, as strangers' text takes time), and to what the prompt has room for. If that is
//! less than [`MIN_PASSAGE_TOKENS`], and less than all of it, it is not shown, nor are those after it.
//!
//! What a passage did is by how much less likely the answer becomes without it. The answer's likelihood is
//! that of its tokens, the one that ends it included, each after the prompt and the tokens before it, whatever
//! sampler has taken them: the model's own, at temperature 1. As for checks, prompt and answer are one run,
//! but for answers of more than [`CHUNK`] tokens, which bounds the memory for logits: those go on by so many.
//! Each prompt is run by itself: side by side, they would have to be padded, which takes as much time as it saves.

use super::{bad_input, check, encode, Cache, Generated, Generator, Prompt};
use crate::{
	engine::{likelihood::surprise, sample::Sampler, watchdog::Limit},
	error::Failure,
};

/// Most passages of a prompt.
pub const MAX_PASSAGES: usize = 8;
/// Most tokens of a passage.
pub const MAX_PASSAGE_TOKENS: usize = 160;
/// Most tokens of a question, so that there always is room for passages.
pub const MAX_QUESTION_TOKENS: usize = 256;
/// Most bytes of a passage that are looked at.
const MAX_PASSAGE_BYTES: usize = 4_096;
/// What a passage has to have left of it to be shown.
const MIN_PASSAGE_TOKENS: usize = 32;
/// Tokens of an answer that are run at a time.
const CHUNK: usize = 256;

/// What stands before the passages, before the question and after it.
const INSTRUCTION: &str =
	"Answer the question in one or two sentences, using only the passages.\n\n";
const QUESTION: &str = "Question: ";
const REMINDER: &str = "\nAnswer with the words of the passage that is about it.";

/// What to answer, from what, and how.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
	/// The question.
	pub text: &'a str,
	/// What may answer it, best first, at most [`MAX_PASSAGES`].
	pub passages: &'a [String],
	/// Most tokens of the answer, 1 to [`MAX_NEW_TOKENS`](super::MAX_NEW_TOKENS).
	pub max_tokens: usize,
	/// How they are chosen.
	pub sampler: Sampler,
}

/// An answer from passages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounded {
	/// The answer.
	pub answer: Generated,
	/// For each passage that was shown, by how much less likely the answer is without it: in thousandths of
	/// a nat, rounded down, 0 if it is no less likely.
	pub drops: Vec<u32>,
}

/// A prompt in its parts.
#[derive(Debug)]
pub(super) struct Layout {
	before: Vec<u32>,
	/// Best first.
	pub(super) passages: Vec<Vec<u32>>,
	after: Vec<u32>,
}

impl Layout {
	/// All tokens, but for those of passage number `left_out`.
	pub(super) fn tokens(&self, left_out: Option<usize>) -> Vec<u32> {
		let shown = self.passages.iter().enumerate().rev();
		let shown = shown.filter(|(place, _)| left_out != Some(*place));
		let mut tokens = self.before.clone();
		tokens.extend(shown.flat_map(|(_, passage)| passage));
		tokens.extend_from_slice(&self.after);
		tokens
	}
}

impl Generator {
	/// Answers a question from passages, and finds out what each did.
	pub fn answer(&mut self, question: &Question<'_>, limit: &Limit) -> Result<Grounded, Failure> {
		let layout = self.layout(question)?;
		let whole = layout.tokens(None);
		let answer = self.continue_from(&whole, question.max_tokens, &question.sampler, limit)?;
		if answer.text.is_empty() {
			return Err(bad_input("the model says nothing to this question"));
		}
		let with = self.unlikelihood(&whole, &answer.tokens, limit)?;
		let drops = (0..layout.passages.len())
			.map(|place| {
				let rest = layout.tokens(Some(place));
				let without = self.unlikelihood(&rest, &answer.tokens, limit)?;
				Ok(thousandths(without.saturating_sub(with)))
			})
			.collect::<Result<_, Failure>>()?;
		Ok(Grounded { answer, drops })
	}

	pub(super) fn layout(&self, question: &Question<'_>) -> Result<Layout, Failure> {
		check(&Prompt {
			text: question.text,
			max_tokens: question.max_tokens,
			sampler: question.sampler,
		})?;
		if question.passages.len() > MAX_PASSAGES {
			return Err(bad_input(format!("more than {MAX_PASSAGES} passages")));
		}
		let text = |text: &str| encode(&self.tokenizer, text);
		let asked = text(question.text)?;
		if asked.len() > MAX_QUESTION_TOKENS {
			return Err(bad_input(format!(
				"the question has {} tokens; {MAX_QUESTION_TOKENS} are the most",
				asked.len()
			)));
		}
		let mut layout = Layout {
			before: [&self.before[..], &text(INSTRUCTION)?].concat(),
			passages: Vec::new(),
			after: [&text(QUESTION)?[..], &asked, &text(REMINDER)?, &self.after].concat(),
		};
		let end = text("\n\n")?;
		let own = layout.before.len() + layout.after.len();
		let mut room = self
			.most(question.max_tokens)
			.checked_sub(own)
			.ok_or_else(|| bad_input("the model has no room for a question and its answer"))?;
		for passage in question.passages {
			let mut passage = text(&passage[..passage.floor_char_boundary(MAX_PASSAGE_BYTES)])?;
			let least = passage.len().min(MIN_PASSAGE_TOKENS);
			let most = room.saturating_sub(end.len());
			passage.truncate(most.min(MAX_PASSAGE_TOKENS));
			if passage.is_empty() || passage.len() < least {
				break;
			}
			let passage = [&passage[..], &end].concat();
			room -= passage.len();
			layout.passages.push(passage);
		}
		Ok(layout)
	}

	/// How surprising the answer is after the prompt, in levels.
	pub(super) fn unlikelihood(
		&mut self,
		prompt: &[u32],
		answer: &[u32],
		limit: &Limit,
	) -> Result<u64, Failure> {
		let vocabulary = self.decoder.sizes().vocabulary;
		let mut cache = Cache::new(1);
		let mut fed = prompt.to_vec();
		let mut sum = 0u64;
		for chunk in answer.chunks(CHUNK) {
			let Some((last, others)) = chunk.split_last() else {
				continue;
			};
			fed.extend_from_slice(others);
			let surprises = self
				.decoder
				.run(&fed, &mut cache, chunk.len(), limit, |kept| {
					let logits = kept.logits.chunks_exact(vocabulary);
					Ok(chunk
						.iter()
						.zip(logits)
						.map(|(token, logits)| surprise(logits, *token))
						.fold(0, u64::saturating_add))
				})?;
			sum = sum.saturating_add(surprises);
			fed = vec![*last];
		}
		Ok(sum)
	}
}

/// Levels in thousandths of a nat, rounded down.
fn thousandths(levels: u64) -> u32 {
	let thousandths = (u128::from(levels) * 1_000) >> 16;
	u32::try_from(thousandths).unwrap_or(u32::MAX)
}
