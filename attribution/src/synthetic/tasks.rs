//! The tasks that attribution is measured on.
//!
//! Each is defined after the literature, and was before any method was scored on it; what was adjusted
//! afterwards is what the model learns, by its loss and accuracy alone.

use rand::{seq::SliceRandom, Rng};
use rand_chacha::ChaCha8Rng;

use super::{
	model::{Example, Recipe, Shape},
	random::{normal, order, source},
};

/// How many tokens back a text's inputs look.
const LAGS: usize = 3;

/// A text whose origin is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Document {
	/// Its tokens.
	pub tokens: Vec<u32>,
	/// What it is about: a subject of [`Datanet`], a class of [`classes`].
	pub subject: usize,
	/// Who put it in.
	pub contributor: usize,
}

/// How tokens become inputs of a model: each token of the context has a random vector for its distance,
/// and so has the subject, where the model is told it.
#[derive(Clone, Debug)]
pub struct Embedding {
	width: usize,
	tokens: Vec<Vec<Vec<f32>>>,
	subjects: Vec<Vec<f32>>,
}

impl Embedding {
	/// Random vectors for tokens below `vocabulary` and subjects below `subjects`.
	fn new(width: usize, vocabulary: usize, subjects: usize, seed: u64) -> Self {
		let mut random = source(seed, 2);
		let deviation = (LAGS as f64).sqrt().recip();
		let mut vectors = |count: usize| -> Vec<Vec<f32>> {
			(0..count)
				.map(|_| normal(&mut random, width, deviation))
				.collect()
		};
		Self {
			width,
			tokens: (0..LAGS).map(|_| vectors(vocabulary)).collect(),
			subjects: vectors(subjects),
		}
	}

	/// The positions of a document: each token but the first is to be told from those before it.
	pub fn example(&self, document: &Document) -> Example {
		let tokens = &document.tokens;
		let mut inputs = Vec::with_capacity(tokens.len() * self.width);
		for position in 1..tokens.len() {
			let mut input = vec![0.0; self.width];
			let mut add = |vector: &[f32]| {
				for (sum, value) in input.iter_mut().zip(vector) {
					*sum += value;
				}
			};
			for (lag, token) in tokens[..position].iter().rev().take(LAGS).enumerate() {
				add(&self.tokens[lag][*token as usize]);
			}
			if let Some(subject) = self.subjects.get(document.subject) {
				add(subject);
			}
			inputs.extend(input);
		}
		Example {
			inputs,
			targets: tokens.iter().skip(1).map(|token| *token as usize).collect(),
		}
	}

	/// The positions of many documents.
	pub fn examples(&self, documents: &[Document]) -> Vec<Example> {
		documents
			.iter()
			.map(|document| self.example(document))
			.collect()
	}
}

/// Texts to train on, and texts to ask for.
#[derive(Clone, Debug)]
pub struct Texts {
	/// What the model is trained on.
	pub documents: Vec<Document>,
	/// Answers that are known to be right.
	pub queries: Vec<Document>,
	/// How the model reads both.
	pub embedding: Embedding,
	/// The model's sizes.
	pub shape: Shape,
	/// How it is trained.
	pub recipe: Recipe,
}

/// The number of classes of [`classes`].
pub const CLASSES: usize = 10;

/// The documents of each class that are trained on.
pub const CLASS_SIZE: usize = 90;

/// Class-structured texts, after the word problems by which DataInf was measured on Llama-2: 10 classes
/// of 90 documents and 10 queries, each class one template with blanks that are filled at random.
///
/// A template has 16 tokens; 12 are drawn for the class from 64 words that all classes share, 4 are
/// blanks, filled with one of 10 numbers. The model is not told the class. A method is to find, for each
/// query, the documents of its class: AUC over all, and recall among the 90 best.
pub fn classes(seed: u64) -> Texts {
	const WORDS: u32 = 64;
	const NUMBERS: u32 = 10;
	const LENGTH: usize = 16;
	const BLANKS: usize = 4;
	let mut random = source(seed, 3);
	let (mut documents, mut queries) = (Vec::new(), Vec::new());
	for subject in 0..CLASSES {
		let template: Vec<u32> = (0..LENGTH).map(|_| random.gen_range(0..WORDS)).collect();
		// The first token is given, and never a blank.
		let blanks: Vec<usize> = order(&mut random, LENGTH - 1)[..BLANKS].to_vec();
		let mut fill = || {
			let mut tokens = template.clone();
			for blank in &blanks {
				tokens[blank + 1] = WORDS + random.gen_range(0..NUMBERS);
			}
			Document {
				tokens,
				subject,
				contributor: subject,
			}
		};
		documents.extend((0..CLASS_SIZE).map(|_| fill()));
		queries.extend((0..10).map(|_| fill()));
	}
	Texts {
		documents,
		queries,
		embedding: Embedding::new(32, (WORDS + NUMBERS) as usize, 0, seed),
		shape: Shape {
			input: 32,
			hidden: 32,
			outputs: (WORDS + NUMBERS) as usize,
			rank: 8,
		},
		recipe: Recipe::default(),
	}
}

/// Examples of which some have a wrong label.
#[derive(Clone, Debug)]
pub struct Labelled {
	/// What the model is trained on.
	pub examples: Vec<Example>,
	/// Which of them have the wrong label.
	pub wrong: Vec<bool>,
	/// Examples that are right, to judge by.
	pub validation: Vec<Example>,
	/// The model's sizes.
	pub shape: Shape,
	/// How it is trained.
	pub recipe: Recipe,
}

/// Wrong labels, after DataInf's on GLUE: two classes, 20 % of the labels flipped.
///
/// 1,000 examples and 200 to judge by; each class has four centres, around which inputs are normally
/// distributed. The centres are so far apart that the trained model is right for some 90 to 95 % of clean
/// examples, as fine-tuned models are on GLUE. A method is to find the flipped ones: AUC of the negated
/// sum of the scores over the clean examples.
pub fn mislabelled(seed: u64) -> Labelled {
	const WIDTH: usize = 32;
	const CENTRES: usize = 4;
	const SPREAD: f64 = 1.2;
	let mut random = source(seed, 4);
	let centres: Vec<Vec<f32>> = (0..2 * CENTRES)
		.map(|_| normal(&mut random, WIDTH, SPREAD))
		.collect();
	let draw = |random: &mut ChaCha8Rng| {
		let centre = random.gen_range(0..2 * CENTRES);
		let mut inputs = normal(random, WIDTH, 1.0);
		for (input, middle) in inputs.iter_mut().zip(&centres[centre]) {
			*input += middle;
		}
		Example {
			inputs,
			targets: vec![centre % 2],
		}
	};
	let mut examples: Vec<Example> = (0..1_000).map(|_| draw(&mut random)).collect();
	let validation = (0..200).map(|_| draw(&mut random)).collect();
	let mut wrong = vec![false; examples.len()];
	for flipped in &order(&mut random, examples.len())[..examples.len() / 5] {
		wrong[*flipped] = true;
		examples[*flipped].targets[0] ^= 1;
	}
	Labelled {
		examples,
		wrong,
		validation,
		shape: Shape {
			input: WIDTH,
			hidden: 32,
			outputs: 2,
			rank: 4,
		},
		recipe: Recipe {
			steps: 80,
			rate: 0.05,
			..Recipe::default()
		},
	}
}

/// A Datanet with contributors.
#[derive(Clone, Debug)]
pub struct Datanet {
	/// What the model is trained on, and what is asked for: 48 texts, 8 of each subject, without faults.
	pub texts: Texts,
	/// As many other texts without faults, for the validation gate.
	pub validation: Vec<Document>,
	/// For each contributor, how likely a token of theirs is right.
	pub quality: Vec<f64>,
}

/// The contributors of [`datanet`].
pub const CONTRIBUTORS: usize = 12;

/// The documents of each.
pub const PER_CONTRIBUTOR: usize = 24;

/// How many different tokens [`datanet`] has.
pub const VOCABULARY: usize = 32;

/// The tokens of a document of [`datanet`].
const LENGTH: usize = 9;

const SUBJECTS: usize = 6;

/// A Datanet of 6 subjects and 12 contributors with 24 documents each.
///
/// In each subject, each token has one successor; for half of the tokens it is the same in all subjects,
/// for the others each subject has its own. Two contributors share a main subject, which three quarters
/// of their documents are about; the others are about any. A contributor's quality, from 0.3 to 1 in
/// equal steps, is the chance of each token to be the right successor; else it is any token. The model is
/// told the subject. What counts is the loss of the queries after training without some contributors or
/// documents, as for a datamodel: half of them, at random.
pub fn datanet(seed: u64) -> Datanet {
	let mut random = source(seed, 5);
	let successors = successors(&mut random);
	let mut quality: Vec<f64> = (0..CONTRIBUTORS)
		.map(|step| 0.3 + 0.7 * step as f64 / (CONTRIBUTORS - 1) as f64)
		.collect();
	quality.shuffle(&mut random);
	let mut documents = Vec::new();
	for (contributor, quality) in quality.iter().enumerate() {
		for document in 0..PER_CONTRIBUTOR {
			let subject = if document * 4 < PER_CONTRIBUTOR * 3 {
				contributor % SUBJECTS
			} else {
				random.gen_range(0..SUBJECTS)
			};
			documents.push(Document {
				tokens: chain(&mut random, &successors[subject], *quality),
				subject,
				contributor,
			});
		}
	}
	let mut faultless = || -> Vec<Document> {
		(0..48)
			.map(|query| Document {
				tokens: chain(&mut random, &successors[query % SUBJECTS], 1.0),
				subject: query % SUBJECTS,
				contributor: CONTRIBUTORS,
			})
			.collect()
	};
	let (queries, validation) = (faultless(), faultless());
	Datanet {
		texts: Texts {
			documents,
			queries,
			embedding: Embedding::new(24, VOCABULARY, SUBJECTS, seed),
			shape: Shape {
				input: 24,
				hidden: 24,
				outputs: VOCABULARY,
				rank: 8,
			},
			recipe: Recipe::default(),
		},
		validation,
		quality,
	}
}

/// For each subject, what follows on each token.
fn successors(random: &mut ChaCha8Rng) -> Vec<Vec<u32>> {
	let mut draw = || random.gen_range(0..VOCABULARY as u32);
	let common: Vec<u32> = (0..VOCABULARY).map(|_| draw()).collect();
	(0..SUBJECTS)
		.map(|_| {
			common
				.iter()
				.enumerate()
				.map(|(token, next)| if token % 2 == 0 { *next } else { draw() })
				.collect()
		})
		.collect()
}

fn chain(random: &mut ChaCha8Rng, successors: &[u32], quality: f64) -> Vec<u32> {
	let mut tokens = vec![random.gen_range(0..VOCABULARY as u32)];
	while let Some(last) = tokens.last().filter(|_| tokens.len() < LENGTH) {
		let next = if random.gen_bool(quality) {
			successors[*last as usize]
		} else {
			random.gen_range(0..VOCABULARY as u32)
		};
		tokens.push(next);
	}
	tokens
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn seeds_repeat() {
		assert_eq!(datanet(1).texts.documents, datanet(1).texts.documents);
		assert_ne!(datanet(1).texts.documents, datanet(2).texts.documents);
		assert_eq!(classes(1).queries, classes(1).queries);
		assert_eq!(mislabelled(1).examples, mislabelled(1).examples);
	}

	#[test]
	fn a_class_shares_its_template() {
		let texts = classes(1);
		assert_eq!(texts.documents.len(), CLASSES * CLASS_SIZE);
		assert_eq!(texts.queries.len(), 100);
		for class in texts.documents.chunks(CLASS_SIZE) {
			let differ = (0..16)
				.filter(|at| class.iter().any(|d| d.tokens[*at] != class[0].tokens[*at]))
				.count();
			assert_eq!(differ, 4);
		}
	}

	#[test]
	fn a_fifth_is_wrong() {
		let labelled = mislabelled(1);
		assert_eq!(labelled.wrong.iter().filter(|wrong| **wrong).count(), 200);
		assert_eq!(
			(labelled.examples.len(), labelled.validation.len()),
			(1_000, 200)
		);
	}

	#[test]
	fn contributors_have_their_subjects_and_quality() {
		let datanet = datanet(1);
		assert_eq!(
			datanet.texts.documents.len(),
			CONTRIBUTORS * PER_CONTRIBUTOR
		);
		let mut quality = datanet.quality.clone();
		quality.sort_by(f64::total_cmp);
		assert!((quality[0] - 0.3).abs() < 1e-12 && (quality[11] - 1.0).abs() < 1e-12);
		for document in &datanet.texts.documents[..18] {
			assert_eq!((document.contributor, document.subject), (0, 0));
		}
	}

	#[test]
	fn inputs_are_the_sum_of_the_context() {
		let embedding = Embedding::new(2, 3, 1, 1);
		let example = embedding.example(&Document {
			tokens: vec![2, 0, 1],
			subject: 0,
			contributor: 0,
		});
		assert_eq!(example.targets, [0, 1]);
		let first = embedding.tokens[0][2][1] + embedding.subjects[0][1];
		let second = embedding.tokens[0][0][1] + embedding.tokens[1][2][1];
		assert!((example.inputs[1] - first).abs() < 1e-6);
		assert!((example.inputs[3] - second - embedding.subjects[0][1]).abs() < 1e-6);
	}
}
