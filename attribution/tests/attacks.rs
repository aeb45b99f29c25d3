//! What cheats gain, on one seed and without a chain. `evaluation/` measures it on more of them, with the chain's
//! own settlement.

use std::collections::BTreeMap;

use openledger_attribution::{
	entries::{entries, Scored},
	influence::{Method, Scorer},
	integer, repeats,
	synthetic::{
		manipulation::{copy, junk, near_copy, split, REWRITTEN},
		model::Model,
		tasks::{datanet, Datanet, Document, CONTRIBUTORS},
	},
	window::Window,
};

const SEED: u64 = 101;
const CHEAT: usize = 3;

/// The task, and a model for it.
struct Market {
	task: Datanet,
	model: Model,
}

/// How many answers' worth each account is paid.
type Pay = BTreeMap<u64, u64>;

impl Market {
	fn new() -> Self {
		let task = datanet(SEED);
		let model = Model::new(task.texts.shape, SEED);
		Self { task, model }
	}

	fn honest(&self) -> &[Document] {
		&self.task.texts.documents
	}

	/// Which documents are trained on.
	fn kept(&self, documents: &[Document]) -> Vec<Document> {
		let examples = self.task.texts.embedding.examples(documents);
		let base = std::slice::from_ref(self.model.base());
		let gradients = self.model.gradients(base, &examples);
		let repeated = repeats::repeated_by_gradient(&accounts(documents), &gradients).unwrap();
		let rows: Vec<_> = documents
			.iter()
			.map(|document| (document.subject, &document.tokens))
			.collect();
		let kept = repeats::kept(&rows, &accounts(documents), &repeated);
		let documents = documents.iter().zip(kept);
		documents
			.filter(|(_, kept)| *kept)
			.map(|(document, _)| document.clone())
			.collect()
	}

	/// Trains on documents and pays for all answers: rows over the window, or the clusters of accounts netted.
	fn pay(&self, documents: &[Document], by_rows: bool) -> Pay {
		let texts = &self.task.texts;
		let examples = texts.embedding.examples(documents);
		let all: Vec<_> = examples.iter().collect();
		let checkpoints = self.model.train(&all, texts.recipe);
		let gradients = |documents: &[Document]| {
			let examples = texts.embedding.examples(documents);
			self.model.gradients(&checkpoints, &examples)
		};
		let method = Method::Exact { factor: 10.0 };
		let scorer = Scorer::new(method, &gradients(documents)).unwrap();
		let scores = |queries: &[Document]| -> Vec<Vec<i64>> {
			let scores = scorer.scores(&gradients(queries)).unwrap();
			let rows = scores.rows().into_iter();
			rows.map(|row| integer::all(row.iter()).unwrap()).collect()
		};
		let window = Window::new(documents.len(), &scores(&self.task.validation)).unwrap();
		let accounts = accounts(documents);
		let mut pay = Pay::new();
		for answer in scores(&texts.queries) {
			let scored = if by_rows {
				window.scored(&accounts, &answer).unwrap()
			} else {
				let pairs = accounts.iter().zip(answer);
				pairs
					.map(|(cluster, score)| Scored {
						cluster: *cluster,
						score,
					})
					.collect()
			};
			for entry in entries(&scored).unwrap() {
				*pay.entry(entry.batch).or_default() += u64::from(entry.weight);
			}
		}
		pay
	}
}

/// A batch for each account.
fn accounts(documents: &[Document]) -> Vec<u64> {
	documents
		.iter()
		.map(|document| document.contributor as u64)
		.collect()
}

/// What the cheat is paid with all accounts.
fn of_cheat(pay: &Pay) -> f64 {
	let accounts = pay.iter();
	let own = accounts
		.filter(|(account, _)| **account == CHEAT as u64 || **account >= CONTRIBUTORS as u64);
	own.map(|(_, pay)| *pay).sum::<u64>() as f64
}

#[test]
fn copies_and_near_copies_are_not_trained_on() {
	let market = Market::new();
	let honest = market.kept(market.honest());
	let copies = copy(market.honest(), CHEAT);
	let near = near_copy(market.honest(), CHEAT, REWRITTEN, SEED);
	for cheating in [&copies, &near] {
		assert_eq!(
			market.kept(cheating),
			honest,
			"the training set is that of the honest"
		);
	}
	assert!(copies.len() > market.honest().len() && near.len() == copies.len());
}

#[test]
fn most_honest_documents_are_trained_on() {
	let market = Market::new();
	let kept = market.kept(market.honest());
	assert!(kept.len() * 10 >= market.honest().len() * 9);
}

#[test]
fn splitting_gains_nothing_and_would_if_batches_were_netted() {
	let market = Market::new();
	let honest = market.honest();
	let parts = split(honest, CHEAT);
	let gain =
		|by_rows| of_cheat(&market.pay(&parts, by_rows)) / of_cheat(&market.pay(honest, by_rows));
	// But for what rounding moves: three millionths of an answer, each.
	assert!((gain(true) - 1.0).abs() < 1e-4, "{}", gain(true));
	assert!(gain(false) > 1.1, "{}", gain(false));
}

#[test]
fn junk_is_paid_less_than_a_tenth_and_the_honest_are_let_in() {
	let market = Market::new();
	let documents = junk(market.honest(), SEED);
	let pay = market.pay(&market.kept(&documents), true);
	let of_junk = of_cheat(&pay) - pay.get(&(CHEAT as u64)).copied().unwrap_or(0) as f64;
	let of_honest = pay.range(..CONTRIBUTORS as u64).map(|(_, pay)| *pay);
	let mean = of_honest.sum::<u64>() as f64 / CONTRIBUTORS as f64;
	assert!(of_junk <= 0.1 * mean, "{of_junk} to {mean}");
	assert_eq!(pay.range(..CONTRIBUTORS as u64).count(), CONTRIBUTORS);
}
