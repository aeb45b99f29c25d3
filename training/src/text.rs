//! Rows of batch files as tokens, and which of them the loss is about.
//!
//! | row | tokens | loss |
//! |---|---|---|
//! | `text`, maybe `title` | `<\|endoftext\|>`, `title: text` or `text`, `<\|endoftext\|>` | all but the first |
//! | `prompt` and `answer` | as the chat that the settings for generation describe | the answer and what ends it |
//!
//! Other rows, and those without a word, are not trained on. What is longer than the limit is cut at its
//! end. Control tokens in rows are text.

use std::{
	collections::{BTreeMap, HashMap},
	fs,
	path::Path,
};

use openledger_attribution::repeats;
use openledger_data::{duplicates::DEFAULT_THRESHOLD, minhash::Signature};
use serde::Deserialize;
use tokenizers::Tokenizer;

use crate::{
	batch::{leaf, Batch, Summary},
	hash::Hash256,
	Error, Result,
};

/// The control token that stands between texts.
const BOUNDARY: &str = "<|endoftext|>";

/// Where a text comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, Deserialize)]
pub struct RowId {
	/// Which of the batch files, from 0.
	pub batch: u32,
	/// Which of its rows, from 0.
	pub row: u32,
	/// The row's hash in the batch's Merkle tree.
	pub leaf: Hash256,
}

/// A text to train on or to ask about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
	/// Where it comes from.
	pub id: RowId,
	/// All its tokens.
	pub tokens: Vec<u32>,
	/// The first token that the loss is about, 1 or later.
	first: usize,
}

impl Example {
	/// An example that comes from nowhere. The loss is about the tokens from `first` on, but never about
	/// the very first.
	pub fn new(tokens: Vec<u32>, first: usize) -> Self {
		let id = RowId {
			batch: 0,
			row: 0,
			leaf: Hash256::default(),
		};
		let first = first.max(1);
		Self { id, tokens, first }
	}

	/// The tokens that the loss is about.
	pub fn targets(&self) -> std::ops::Range<usize> {
		self.first..self.tokens.len()
	}
}

/// The texts of some batch files.
#[derive(Debug, Clone, Default)]
pub struct Dataset {
	/// The files.
	pub batches: Vec<Summary>,
	/// Their texts, by file, then row.
	pub examples: Vec<Example>,
	/// What the texts' rows are compared by.
	signatures: Vec<Signature>,
}

impl Dataset {
	/// Reads batch files. An error if none of their rows can be trained on.
	pub fn read(paths: &[impl AsRef<Path>], encoder: &Encoder, max_tokens: usize) -> Result<Self> {
		let mut dataset = Self::default();
		for path in paths {
			dataset.add(&Batch::read(path.as_ref())?, encoder, max_tokens)?;
		}
		if dataset.examples.is_empty() {
			let problem = "the data has no row to train on: rows are JSON objects with a string \
				\"text\" (and maybe \"title\"), or with \"prompt\" and \"answer\"";
			return Err(Error::settings(problem));
		}
		Ok(dataset)
	}

	/// Refuses what was there before: rows that equal an earlier one, and files that repeat an earlier one row by row,
	/// by the MinHash of the chain ([`repeats`]). What is learnt twice shapes a model the more, and its contributor
	/// would be paid for it. So the files have to be in the order in which the chain has accepted their batches.
	pub fn check_distinct(&self) -> Result<()> {
		let mut seen = HashMap::new();
		for RowId { batch, row, leaf } in self.examples.iter().map(|example| example.id) {
			if let Some((earlier, first)) = seen.insert(leaf, (batch, row)) {
				return Err(Error::Settings(format!(
					"row {row} of batch file {batch} is row {first} of batch file {earlier} again (counted from 0): \
					leave it out"
				)));
			}
		}
		match self.repeated().first_key_value() {
			Some((later, earlier)) => Err(Error::Settings(format!(
				"batch file {later} repeats batch file {earlier} with few changes (counted from 0): leave it out"
			))),
			None => Ok(()),
		}
	}

	/// For each file that repeats an earlier one, that one.
	fn repeated(&self) -> BTreeMap<u64, u64> {
		let batches: Vec<u64> = self
			.examples
			.iter()
			.map(|example| example.id.batch.into())
			.collect();
		repeats::repeated(&batches, repeats::MINHASH_SHARE, |one, other| {
			self.signatures[one].similarity(&self.signatures[other]) >= DEFAULT_THRESHOLD
		})
	}

	/// Adds a batch file.
	pub fn add(&mut self, batch: &Batch, encoder: &Encoder, max_tokens: usize) -> Result<()> {
		let number = self.batches.len() as u32;
		for (row, text) in batch.rows().enumerate() {
			if let Some(mut example) = encoder.example(text, max_tokens)? {
				example.id = RowId {
					batch: number,
					row: row as u32,
					leaf: leaf(text.as_bytes()),
				};
				self.examples.push(example);
				self.signatures.push(Signature::of(text));
			}
		}
		self.batches.push(batch.summary);
		Ok(())
	}
}

/// The settings for generation, as far as they say what a chat looks like.
#[derive(Debug, Deserialize)]
struct Chat {
	before_prompt: String,
	after_prompt: String,
	stop_tokens: Vec<u32>,
}

/// Turns rows into tokens.
#[derive(Debug)]
pub struct Encoder {
	tokenizer: Tokenizer,
	/// SHA-256 of the tokenizer's file.
	pub tokenizer_hash: Hash256,
	/// SHA-256 of the settings for generation.
	pub generation_hash: Hash256,
	boundary: u32,
	before: Vec<u32>,
	after: Vec<u32>,
	end: u32,
}

impl Encoder {
	/// Reads a `tokenizer.json` and settings for generation (JSON), which are in `folder` and named by
	/// their SHA-256, and checks both hashes.
	pub fn load(folder: &Path, tokenizer: Hash256, generation: Hash256) -> Result<Self> {
		let read = |hash: Hash256| {
			let path = folder.join(hash.to_string());
			let bytes = fs::read(&path).map_err(Error::io(&path))?;
			if Hash256::sha256(&bytes) != hash {
				let problem = "it has other content than its name says: run scripts/setup.sh again";
				return Err(Error::file(&path, problem));
			}
			Ok(bytes)
		};
		Self::new(&read(tokenizer)?, &read(generation)?)
	}

	/// Takes the bytes of both files.
	pub fn new(tokenizer: &[u8], generation: &[u8]) -> Result<Self> {
		let bad = |what: &str| {
			let what = what.to_owned();
			move |problem: tokenizers::Error| Error::settings(format!("{what}: {problem}"))
		};
		let tokenizer_hash = Hash256::sha256(tokenizer);
		let mut tokenizer = Tokenizer::from_bytes(tokenizer).map_err(bad("the tokenizer"))?;
		tokenizer.with_padding(None);
		tokenizer
			.with_truncation(None)
			.map_err(bad("the tokenizer"))?;
		let chat: Chat = serde_json::from_slice(generation).map_err(|problem| {
			Error::settings(format!("the settings for generation: {problem}"))
		})?;
		let boundary = tokenizer.token_to_id(BOUNDARY).ok_or_else(|| {
			Error::settings(format!(
				"the tokenizer has no {BOUNDARY} to stand between texts"
			))
		})?;
		let end = chat.stop_tokens.iter().find(|token| **token != boundary);
		let before = encode(&tokenizer, &chat.before_prompt)?;
		let after = encode(&tokenizer, &chat.after_prompt)?;
		// From here on, control tokens are text: a row can't end itself or play another part.
		tokenizer.set_encode_special_tokens(true);
		Ok(Self {
			tokenizer,
			tokenizer_hash,
			generation_hash: Hash256::sha256(generation),
			boundary,
			before,
			after,
			end: end.copied().unwrap_or(boundary),
		})
	}

	/// The example that a row is, cut to `max_tokens`. `None` if there is nothing in it to learn.
	pub fn example(&self, row: &str, max_tokens: usize) -> Result<Option<Example>> {
		let Ok(row) = serde_json::from_str::<Row>(row) else {
			return Ok(None);
		};
		let says = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
		let (mut tokens, first);
		if let (Some(prompt), Some(answer)) = (says(&row.prompt), says(&row.answer)) {
			tokens = self.before.clone();
			tokens.extend(encode(&self.tokenizer, &prompt)?);
			tokens.extend(&self.after);
			first = tokens.len();
			tokens.extend(encode(&self.tokenizer, &answer)?);
			tokens.push(self.end);
		} else if let Some(text) = says(&row.text) {
			let title = row.title.as_ref().and_then(|title| title.as_str());
			let text = match title.filter(|title| !title.trim().is_empty()) {
				Some(title) => format!("{title}: {text}"),
				None => text,
			};
			tokens = vec![self.boundary];
			tokens.extend(encode(&self.tokenizer, &text)?);
			tokens.push(self.boundary);
			first = 1;
		} else {
			return Ok(None);
		}
		tokens.truncate(max_tokens);
		let example = Example::new(tokens, first);
		Ok(Some(example).filter(|example| !example.targets().is_empty()))
	}
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>> {
	let encoding = tokenizer
		.encode(text, false)
		.map_err(|problem| Error::settings(format!("the tokenizer: {problem}")))?;
	Ok(encoding.get_ids().to_vec())
}

#[derive(Deserialize)]
struct Row {
	text: Option<String>,
	#[serde(default)]
	title: Option<serde_json::Value>,
	prompt: Option<String>,
	answer: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;

	/// A tokenizer with a token for each word.
	pub(crate) fn encoder() -> Encoder {
		let words = ["?", "a", "b", "c", "d", "say", ":", "."];
		let mut vocabulary: Vec<String> = words.iter().map(|word| word.to_string()).collect();
		vocabulary.extend([BOUNDARY.into(), "<|end|>".into(), "<|user|>".into()]);
		let vocabulary: serde_json::Map<_, _> = vocabulary
			.into_iter()
			.enumerate()
			.map(|(id, word)| (word, id.into()))
			.collect();
		let special = |id: u32, content: &str| {
			serde_json::json!({ "id": id, "content": content, "single_word": false, "lstrip": false,
				"rstrip": false, "normalized": false, "special": true })
		};
		let tokenizer = serde_json::json!({
			"version": "1.0", "truncation": null, "padding": null,
			"added_tokens": [special(8, BOUNDARY), special(9, "<|end|>"), special(10, "<|user|>")],
			"normalizer": null, "pre_tokenizer": { "type": "Whitespace" }, "post_processor": null,
			"decoder": null,
			"model": { "type": "WordLevel", "vocab": vocabulary, "unk_token": "?" },
		});
		let generation = serde_json::json!({
			"before_prompt": "<|user|>", "after_prompt": "<|end|>", "stop_tokens": [8, 9],
		});
		Encoder::new(
			tokenizer.to_string().as_bytes(),
			generation.to_string().as_bytes(),
		)
		.unwrap()
	}

	fn tokens(row: &str, most: usize) -> Option<(Vec<u32>, usize)> {
		let example = encoder().example(row, most).unwrap()?;
		Some((example.tokens.clone(), example.targets().start))
	}

	#[test]
	fn rows_that_are_there_twice_are_refused() {
		let batch = |text: &str| Batch::parse(text.into()).unwrap();
		let mut dataset = Dataset::default();
		let (a, b) = ("{\"text\":\"a b\"}\n", "{\"text\":\"b a\"}\n");
		dataset.add(&batch(a), &encoder(), 9).unwrap();
		dataset.check_distinct().unwrap();
		let again = batch(&[b, a].concat());
		dataset.add(&again, &encoder(), 9).unwrap();
		let problem = dataset.check_distinct().unwrap_err().to_string();
		assert!(problem.contains("row 1 of batch file 1 is row 0 of batch file 0"));
	}

	/// A batch file of texts of twelve words each, of which a part is other ones.
	fn texts(rows: u32, other: impl Fn(u32, u32) -> bool) -> Batch {
		let row = |row: u32| {
			let word = |place: u32| match other(row, place) {
				true => format!("other{row}x{place}"),
				false => format!("word{row}x{place}"),
			};
			let words: Vec<String> = (0..12).map(word).collect();
			format!("{{\"text\":\"{}\"}}\n", words.join(" "))
		};
		Batch::parse((0..rows).map(row).collect::<String>().into()).unwrap()
	}

	fn problem_of(batches: &[Batch]) -> Option<String> {
		let mut dataset = Dataset::default();
		for batch in batches {
			dataset.add(batch, &encoder(), 20).unwrap();
		}
		let checked = dataset.check_distinct();
		checked.err().map(|problem| problem.to_string())
	}

	#[test]
	fn near_copies_of_an_earlier_file_are_refused() {
		let honest = texts(10, |_, _| false);
		let stranger = texts(10, |_, _| true);
		// A word of each row is another.
		let copy = texts(10, |_, place| place == 11);
		assert_eq!(problem_of(&[honest.clone(), stranger.clone()]), None);
		let all = [honest.clone(), stranger.clone(), copy.clone()];
		assert!(problem_of(&all)
			.unwrap()
			.contains("batch file 2 repeats batch file 0"));
		// Whoever comes second repeats.
		assert!(problem_of(&[copy, honest.clone()]).is_some());
		// A few rows in common are no copy.
		let quoting = texts(10, |row, place| row > 1 || place == 11);
		assert_eq!(problem_of(&[honest, quoting]), None);
	}

	#[test]
	fn rows_become_tokens() {
		for (row, most, expected) in [
			(r#"{"text":"a b"}"#, 9, Some((vec![8, 1, 2, 8], 1))),
			(r#"{"text":"a b"}"#, 3, Some((vec![8, 1, 2], 1))),
			(
				r#"{"text":"a","title":"c"}"#,
				9,
				Some((vec![8, 3, 6, 1, 8], 1)),
			),
			(r#"{"text":"a","title":[]}"#, 9, Some((vec![8, 1, 8], 1))),
			(
				r#"{"prompt":"say","answer":"a b"}"#,
				9,
				Some((vec![10, 5, 9, 1, 2, 9], 3)),
			),
			(r#"{"prompt":"say","answer":"a b"}"#, 3, None),
			(r#"{"prompt":"say"}"#, 9, None),
			(r#"{"text":" "}"#, 9, None),
			(r#"{"text":"a"}"#, 1, None),
			("a", 9, None),
		] {
			assert_eq!(tokens(row, most), expected, "{row}");
		}
		// A control token in a row is words like others.
		let (found, _) = tokens(r#"{"text":"a <|end|>"}"#, 20).unwrap();
		assert!(!found.contains(&9), "{found:?}");
	}

	#[test]
	fn examples_know_their_rows() {
		let batch =
			Batch::parse(b"{\"text\":\"a\"}\nnothing\n{\"text\":\"b\"}\n".to_vec()).unwrap();
		let mut dataset = Dataset::default();
		dataset.add(&batch, &encoder(), 9).unwrap();
		dataset.add(&batch, &encoder(), 9).unwrap();
		let ids: Vec<_> = dataset
			.examples
			.iter()
			.map(|e| (e.id.batch, e.id.row))
			.collect();
		assert_eq!(ids, [(0, 0), (0, 2), (1, 0), (1, 2)]);
		assert_eq!(dataset.examples[1].id.leaf, leaf(b"{\"text\":\"b\"}"));
		assert_eq!(dataset.batches, [batch.summary, batch.summary]);
	}

	#[test]
	fn data_without_texts_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("batch");
		fs::write(&path, "{}\n").unwrap();
		let error = Dataset::read(&[path], &encoder(), 9)
			.unwrap_err()
			.to_string();
		assert!(error.contains("no row to train on"), "{error}");
	}
}
