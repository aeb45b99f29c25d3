//! The texts, and whose they are.
//!
//! Twelve contributors bring four documents each: six have a subject of the Free On-line Dictionary of
//! Computing, three a part of the Devil's Dictionary, three a book of the Bible. For each of them there are
//! two questions: one about a document that was learnt from, one about a text that was held out.

use std::{collections::BTreeSet, fs, path::Path};

use openledger_attribution::synthetic::random::{order, source};
use openledger_training::{
	base::Base,
	candle_core::Tensor,
	text::{Encoder, Example},
};
use serde_json::json;

use crate::Failure;

/// Documents that each contributor has in training.
const DOCUMENTS: usize = 4;

/// Words that each text is cut to; what has fewer is left out.
const WORDS: usize = 8;

/// More tokens than a text of so many words has, in its chat too.
pub(super) const TOKENS: usize = 128;

const SUBJECTS: [&str; 6] = [
	"language",
	"operating system",
	"networking",
	"hardware",
	"company",
	"mathematics",
];

const LETTERS: [std::ops::RangeInclusive<char>; 3] = ['A'..='G', 'H'..='O', 'P'..='Z'];

const BOOKS: [(&str, &str); 3] = [("Ge", "Genesis"), ("Prv", "Proverbs"), ("Mat", "Matthew")];

/// A headed text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
	title: String,
	body: String,
}

impl Text {
	/// Takes the first words of `body`; `None` if there aren't enough.
	fn new(title: &str, body: &str) -> Option<Self> {
		let words: Vec<&str> = body.split_whitespace().take(WORDS).collect();
		(words.len() == WORDS && !title.is_empty()).then(|| Self {
			title: title.to_owned(),
			body: words.join(" "),
		})
	}

	fn question(&self) -> String {
		format!("What do you know of {}?", self.title)
	}
}

/// What each contributor may bring.
pub(super) fn contributors(folder: &Path) -> Result<Vec<Vec<Text>>, Failure> {
	let read = |name: &str| {
		let path = folder.join(name);
		let advice = |error| format!("{}: {error}: run scripts/setup.sh", path.display());
		fs::read_to_string(&path).map_err(advice)
	};
	let (foldoc, devil, bible) = (read("foldoc.txt")?, read("devil.txt")?, read("bible.txt")?);
	let subjects = SUBJECTS.iter().map(|subject| entries(&foldoc, subject));
	let letters = LETTERS.iter().map(|letters| definitions(&devil, letters));
	let books = BOOKS
		.iter()
		.map(|(short, book)| verses(&bible, short, book));
	Ok(subjects.chain(letters).chain(books).collect())
}

/// Entries of the Free On-line Dictionary of Computing about a subject.
fn entries(text: &str, subject: &str) -> Vec<Text> {
	let mark = format!("<{subject}> ");
	let paragraphs: Vec<&str> = text.split("\n\n").collect();
	let pairs = paragraphs.windows(2).filter_map(|pair| {
		let body = pair[1].trim_start().strip_prefix(&mark)?;
		let title = Some(pair[0]).filter(|title| !title.starts_with(' ') && !title.contains('\n'));
		// Braces are links.
		Text::new(title?, &body.replace(['{', '}'], ""))
	});
	pairs.collect()
}

/// Definitions of the Devil's Dictionary: `APHORISM, n.  Predigested wisdom.`
fn definitions(text: &str, letters: &std::ops::RangeInclusive<char>) -> Vec<Text> {
	let definitions = text.split("\n\n").filter_map(|paragraph| {
		let (head, body) = paragraph.split_once(".  ")?;
		let (title, _) = head.split_once(", ")?;
		let upper = |letter: char| letter.is_ascii_uppercase() || "- ".contains(letter);
		let ours =
			title.starts_with(|letter| letters.contains(&letter)) && title.chars().all(upper);
		ours.then(|| Text::new(title, body))?
	});
	definitions.collect()
}

/// Verses of a book of the Bible: `Ge1:3 And God said`.
fn verses(text: &str, short: &str, book: &str) -> Vec<Text> {
	let verses = text.lines().filter_map(|line| {
		let (place, body) = line.split_once(' ')?;
		let number = place.strip_prefix(short)?;
		let ours = number.starts_with(|first: char| first.is_ascii_digit());
		ours.then(|| Text::new(&format!("{book} {number}"), body))?
	});
	verses.collect()
}

/// What is learnt, and what is asked.
#[derive(Debug)]
pub(super) struct Task {
	/// What is learnt.
	pub(super) documents: Vec<Example>,
	/// Whose each document is.
	pub(super) owners: Vec<usize>,
	/// What is asked, with the answers that the loss is about.
	pub(super) queries: Vec<Example>,
	/// Of each question, whether it is about a text that was held out.
	pub(super) held_out: Vec<bool>,
	/// Questions and answers without the chat around them, for BM25.
	pub(super) words: Vec<Vec<u32>>,
}

impl Task {
	/// Draws documents and questions.
	pub(super) fn new(texts: &[Vec<Text>], encoder: &Encoder, seed: u64) -> Result<Self, Failure> {
		let example = |row: serde_json::Value| -> Result<Example, Failure> {
			let example = encoder.example(&row.to_string(), TOKENS)?;
			Ok(example.ok_or("a text without a token")?)
		};
		let mut random = source(seed, 0);
		let mut task = Self {
			documents: Vec::new(),
			owners: Vec::new(),
			queries: Vec::new(),
			held_out: Vec::new(),
			words: Vec::new(),
		};
		for (owner, texts) in texts.iter().enumerate() {
			let drawn = order(&mut random, texts.len());
			let Some(drawn) = drawn.get(..=DOCUMENTS) else {
				return Err(format!("contributor {owner} has only {} texts", texts.len()).into());
			};
			for index in &drawn[..DOCUMENTS] {
				let Text { title, body } = &texts[*index];
				let row = json!({ "title": title, "text": body });
				task.documents.push(example(row)?);
				task.owners.push(owner);
			}
			for (index, held_out) in [(drawn[0], false), (drawn[DOCUMENTS], true)] {
				let text = &texts[index];
				task.held_out.push(held_out);
				let (question, answer) = (text.question(), &text.body);
				let words = example(json!({ "text": format!("{question} {answer}") }))?;
				task.words.push(words.tokens);
				let row = json!({ "prompt": question, "answer": answer });
				task.queries.push(example(row)?);
			}
		}
		Ok(task)
	}

	/// The model with no other tokens than the task's, which are numbered anew. Its logits are the same; it
	/// has no others.
	pub(super) fn narrow(&mut self, base: &Base) -> Result<Base, Failure> {
		let texts = || self.documents.iter().chain(&self.queries);
		let tokens: BTreeSet<u32> = texts().flat_map(|text| text.tokens.clone()).collect();
		let tokens: Vec<u32> = tokens.into_iter().collect();
		for text in self.documents.iter_mut().chain(&mut self.queries) {
			let number = |token| tokens.partition_point(|other| other < token) as u32;
			let numbers = text.tokens.iter().map(number).collect();
			*text = Example::new(numbers, text.targets().start);
		}
		for words in &mut self.words {
			words.retain(|token| tokens.contains(token));
			for token in words {
				*token = tokens.partition_point(|other| other < token) as u32;
			}
		}
		let mut narrow = base.clone();
		narrow.shape.vocabulary = tokens.len();
		let tokens = Tensor::new(tokens, base.embedding.device())?;
		narrow.embedding = base.embedding.index_select(&tokens, 0)?;
		Ok(narrow)
	}

	/// All questions, those about documents, and those about held-out texts.
	pub(super) fn asked(&self) -> [Vec<usize>; 3] {
		let all = 0..self.held_out.len();
		let (held_out, learnt) = all.clone().partition(|query| self.held_out[*query]);
		[all.collect(), learnt, held_out]
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const TWELVE: &str = "one two three four five six seven eight nine ten eleven twelve";

	fn text(title: &str) -> Text {
		Text::new(title, TWELVE).unwrap()
	}

	#[test]
	fn texts_are_found() {
		let foldoc = format!(
			"C\n\n   <language> One {{two}} three\n   four five six seven eight nine ten eleven twelve more.\n\n\
			 Ada\n\n   <language> too short\n\n   no title\n\n   <language> {TWELVE}\n\nTCP\n\n   <networking> {TWELVE}"
		);
		let mut expected = text("C");
		expected.body = expected.body.replace("one", "One");
		assert_eq!(entries(&foldoc, "language"), [expected]);

		let devil =
			format!("APE, n.  {TWELVE}\n\nZOO, n.  {TWELVE}\n\nA verse, not upper.  {TWELVE}");
		assert_eq!(definitions(&devil, &LETTERS[0]), [text("APE")]);
		assert_eq!(definitions(&devil, &LETTERS[2]), [text("ZOO")]);

		let bible = format!("Ge1:3 {TWELVE}\nGeneral {TWELVE}\nMat1:1 {TWELVE}\nGe1:4 short");
		assert_eq!(verses(&bible, "Ge", "Genesis"), [text("Genesis 1:3")]);
	}
}
