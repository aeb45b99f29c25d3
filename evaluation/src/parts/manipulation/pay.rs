//! From documents to what the chain credits: training, scores, entries, settlement.

use std::{
	cell::RefCell,
	collections::{BTreeMap, HashMap},
	rc::Rc,
};

use ndarray::Array2;
use openledger_attribution::{
	entries::{entries, Scored},
	influence::{Method, Scorer},
	integer, repeats,
	synthetic::{
		model::Model,
		tasks::{datanet, Datanet, Document},
	},
	window::Window,
};
use openledger_data::{duplicates::DEFAULT_THRESHOLD, minhash::Signature};
use openledger_primitives::{answer::Entry, Balance, BatchId};

use super::chain::{contributor, Chain, FEE, OPERATOR, OWNER, PAYER};
use crate::Failure;

/// What is trained on, and how scores become entries.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Rule {
	/// Trained on all; each document with a positive score is paid: the rule published elsewhere.
	EachPositive,
	/// Trained on all; the scores of a batch's cluster are netted for each answer.
	Netted,
	/// Trained on all; rows are netted over the window.
	RowsOfAll,
	/// Repeated data is left out of training; rows are netted over the window.
	Rows,
}

/// A rule with a method of scoring.
pub(super) struct Way {
	pub(super) name: &'static str,
	pub(super) rule: Rule,
	method: Method,
}

const DAMPING: f64 = 10.0;

/// The first is the one that pays.
pub(super) const WAYS: [Way; 7] = [
	Way {
		name: "rows over the window, exact inverse",
		rule: Rule::Rows,
		method: Method::Exact { factor: DAMPING },
	},
	Way {
		name: "rows over the window, DataInf",
		rule: Rule::Rows,
		method: Method::DataInf { factor: DAMPING },
	},
	Way {
		name: "rows over the window, gradient dot",
		rule: Rule::Rows,
		method: Method::GradientDot,
	},
	Way {
		name: "rows over the window, trained on all, exact inverse",
		rule: Rule::RowsOfAll,
		method: Method::Exact { factor: DAMPING },
	},
	Way {
		name: "batches netted, exact inverse",
		rule: Rule::Netted,
		method: Method::Exact { factor: DAMPING },
	},
	Way {
		name: "each positive document, exact inverse",
		rule: Rule::EachPositive,
		method: Method::Exact { factor: DAMPING },
	},
	Way {
		name: "each positive document, gradient dot",
		rule: Rule::EachPositive,
		method: Method::GradientDot,
	},
];

/// What was given: each document with its batch, numbered in the order in which they were added, and each batch
/// with its account.
pub(super) struct Given {
	pub(super) documents: Vec<Document>,
	pub(super) batches: Vec<usize>,
	pub(super) accounts: Vec<usize>,
}

impl Given {
	/// A batch for each account, in the order of their documents.
	pub(super) fn by_account(documents: Vec<Document>) -> Self {
		let mut given = Self {
			documents,
			batches: Vec::new(),
			accounts: Vec::new(),
		};
		for document in &given.documents {
			let known = given
				.accounts
				.iter()
				.position(|account| *account == document.contributor);
			given.batches.push(known.unwrap_or(given.accounts.len()));
			if known.is_none() {
				given.accounts.push(document.contributor);
			}
		}
		given
	}

	fn rows_of(&self, batch: usize) -> impl Iterator<Item = usize> + '_ {
		(0..self.documents.len()).filter(move |row| self.batches[*row] == batch)
	}
}

/// What was found, and what was paid.
pub(super) struct Outcome {
	/// Batches that are linked on the chain, by MinHash.
	pub(super) linked: Vec<usize>,
	/// Batches that are linked, or that the trainer left out.
	pub(super) found: Vec<usize>,
	/// For each of [`WAYS`], what each account was credited with.
	pub(super) credits: Vec<BTreeMap<usize, Balance>>,
	/// Which documents are trained on where repeated data is left out.
	pub(super) kept: Vec<bool>,
}

impl Outcome {
	/// What accounts were credited with.
	pub(super) fn sum(&self, way: usize, whose: impl Fn(usize) -> bool) -> Balance {
		self.credits[way]
			.iter()
			.filter(|(account, _)| whose(**account))
			.map(|(_, credit)| credit)
			.sum()
	}
}

/// The scores of one method, for the answers and for the validation queries.
struct Scores {
	answers: Vec<Vec<i64>>,
	validation: Vec<Vec<i64>>,
}

/// The tokens of all documents that a model was trained on.
type Documents = Vec<Vec<u32>>;

/// A task, with what was computed for it already.
pub(super) struct Task {
	pub(super) datanet: Datanet,
	pub(super) model: Model,
	trained: RefCell<HashMap<Documents, Rc<Vec<Scores>>>>,
}

fn integers(scores: Array2<f64>) -> Result<Vec<Vec<i64>>, Failure> {
	let rows = scores.rows().into_iter();
	Ok(rows
		.map(|row| integer::all(row.iter()))
		.collect::<Result<_, _>>()?)
}

/// A document as a row of a batch file.
fn row(document: &Document) -> String {
	let words: Vec<_> = document
		.tokens
		.iter()
		.map(|token| format!("w{token}"))
		.collect();
	format!(
		r#"{{"title":"s{}","text":"{}"}}"#,
		document.subject,
		words.join(" ")
	)
}

/// The words alone, which are compared: all documents of a subject share the title.
fn text(document: &Document) -> String {
	let words = document.tokens.iter().map(|token| format!("w{token}"));
	words.collect::<Vec<_>>().join(" ")
}

impl Task {
	pub(super) fn new(seed: u64) -> Self {
		let datanet = datanet(seed);
		Self {
			model: Model::new(datanet.texts.shape, seed),
			datanet,
			trained: RefCell::default(),
		}
	}

	/// Trains on documents and scores them by every method of [`WAYS`].
	fn scores(&self, documents: &[Document]) -> Result<Rc<Vec<Scores>>, Failure> {
		// The subject is told to the model and follows the tokens here.
		let key: Vec<Vec<u32>> = documents
			.iter()
			.map(|document| {
				let subject = document.subject as u32;
				document.tokens.iter().copied().chain([subject]).collect()
			})
			.collect();
		if let Some(known) = self.trained.borrow().get(&key) {
			return Ok(known.clone());
		}
		let texts = &self.datanet.texts;
		let examples = texts.embedding.examples(documents);
		let all: Vec<_> = examples.iter().collect();
		let checkpoints = self.model.train(&all, texts.recipe);
		let gradients = |documents: &[Document]| {
			let examples = texts.embedding.examples(documents);
			self.model.gradients(&checkpoints, &examples)
		};
		let (trained_on, answers, validation) = (
			gradients(documents),
			gradients(&texts.queries),
			gradients(&self.datanet.validation),
		);
		let scores = WAYS[..3].iter().map(|way| {
			let scorer = Scorer::new(way.method, &trained_on)?;
			Ok::<_, Failure>(Scores {
				answers: integers(scorer.scores(&answers)?)?,
				validation: integers(scorer.scores(&validation)?)?,
			})
		});
		let scores = Rc::new(scores.collect::<Result<Vec<_>, _>>()?);
		self.trained.borrow_mut().insert(key, scores.clone());
		Ok(scores)
	}

	/// Gives the data to a chain, links what is found, trains, and pays an equal fee for each answer.
	pub(super) fn run(&self, given: &Given) -> Result<Outcome, Failure> {
		let mut chain = Chain::new()?;
		let mut ids = Vec::<BatchId>::new();
		for (batch, account) in given.accounts.iter().enumerate() {
			let rows: Vec<_> = given
				.rows_of(batch)
				.map(|index| row(&given.documents[index]))
				.collect();
			let id = chain.add_batch(&contributor(*account), &rows)?;
			ids.push(id.ok_or("a batch was given twice, byte for byte")?);
		}
		let rows_ids: Vec<BatchId> = given.batches.iter().map(|batch| ids[*batch]).collect();
		let signatures: Vec<_> = given
			.documents
			.iter()
			.map(|document| Signature::of(&text(document)))
			.collect();
		let mut repeated = repeats::repeated(&rows_ids, repeats::MINHASH_SHARE, |one, other| {
			signatures[one].similarity(&signatures[other]) >= DEFAULT_THRESHOLD
		});
		for (later, earlier) in &repeated {
			chain.link(*later, *earlier)?;
		}
		let number = |id: &BatchId| ids.iter().position(|known| known == id);
		let linked: Vec<_> = repeated.keys().filter_map(number).collect();
		let examples = self.datanet.texts.embedding.examples(&given.documents);
		let base = std::slice::from_ref(self.model.base());
		let gradients = self.model.gradients(base, &examples);
		repeated.extend(repeats::repeated_by_gradient(&rows_ids, &gradients)?);
		let found = repeated.keys().filter_map(number).collect();
		let keys: Vec<_> = given
			.documents
			.iter()
			.map(|document| (&document.tokens, document.subject))
			.collect();
		let kept = repeats::kept(&keys, &rows_ids, &repeated);

		let model = chain.register_model(&OWNER.into())?;
		let mut credits = Vec::new();
		for way in &WAYS {
			credits.push(self.pay(&mut chain, (given, &rows_ids, &kept), way, model)?);
		}
		chain.check()?;
		Ok(Outcome {
			linked,
			found,
			credits,
			kept,
		})
	}

	fn pay(
		&self,
		chain: &mut Chain,
		(given, ids, kept): (&Given, &[BatchId], &[bool]),
		way: &Way,
		model: u32,
	) -> Result<BTreeMap<usize, Balance>, Failure> {
		let trained_on: Vec<usize> = (0..kept.len())
			.filter(|row| way.rule != Rule::Rows || kept[*row])
			.collect();
		let documents: Vec<_> = trained_on
			.iter()
			.map(|row| given.documents[*row].clone())
			.collect();
		let clusters: Vec<BatchId> = trained_on
			.iter()
			.map(|row| chain.cluster(ids[*row]))
			.collect();
		let scores = self.scores(&documents)?;
		let method = WAYS[..3]
			.iter()
			.position(|known| known.method == way.method);
		let scores = &scores[method.ok_or("a method without scores")?];
		let mut credits: BTreeMap<usize, Balance> = BTreeMap::new();
		for account in &given.accounts {
			credits.insert(*account, chain.credit(&contributor(*account)));
		}
		let window = Window::new(documents.len(), &scores.validation)?;
		for answer in &scores.answers {
			let scored = match way.rule {
				Rule::Rows | Rule::RowsOfAll => window.scored(&clusters, answer)?,
				Rule::Netted => all(&clusters, answer).collect(),
				Rule::EachPositive => all(&clusters, answer)
					.filter(|scored| scored.score > 0)
					.collect(),
			};
			let entries: Vec<_> = entries(&scored)?
				.into_iter()
				.map(|entry| Entry {
					batch: entry.batch,
					weight: entry.weight,
				})
				.collect();
			chain.settle(&PAYER.into(), &OPERATOR.into(), model, &entries, FEE)?;
		}
		for (account, credit) in &mut credits {
			*credit = chain.credit(&contributor(*account)) - *credit;
		}
		Ok(credits)
	}
}

fn all<'a>(clusters: &'a [u64], scores: &'a [i64]) -> impl Iterator<Item = Scored> + 'a {
	clusters.iter().zip(scores).map(|(cluster, score)| Scored {
		cluster: *cluster,
		score: *score,
	})
}
