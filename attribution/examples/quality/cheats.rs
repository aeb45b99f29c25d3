//! What manipulation gains.

use std::{
	collections::{BTreeMap, BTreeSet},
	ops::Range,
};

use ndarray::Array2;
use openledger_attribution::{
	entries::{entries, net, Scored, TOTAL_WEIGHT},
	gate,
	influence::{Method, Scorer},
	integer,
	synthetic::{
		manipulation,
		model::Model,
		tasks::{datanet, Datanet, Document, CONTRIBUTORS},
	},
};

use crate::{table::Table, Checkpoints, Failure, Trained, DEFAULT};

/// Which contributors cheat, one at a time: by the rank of their quality, from the worst.
const CHEATS: [usize; 3] = [3, 6, 9];

/// How documents' scores become pay.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
	/// Each document with a positive score is paid: the rule published elsewhere.
	EachPositive,
	/// Clusters are netted first.
	Netted,
	/// Netted, and only those that the validation gate lets in.
	Gated,
}

const RULES: [(Rule, &str); 3] = [
	(Rule::EachPositive, "each positive"),
	(Rule::Netted, "netted"),
	(Rule::Gated, "netted, gate"),
];

const METHODS: [(&str, Method); 3] = [
	("exact inverse", Method::Exact { factor: DEFAULT }),
	("DataInf", Method::DataInf { factor: DEFAULT }),
	("gradient dot", Method::GradientDot),
];

/// The scores that one set of documents leads to.
struct Scores {
	answers: Array2<f64>,
	validation: Array2<f64>,
}

fn scores(task: &Datanet, model: &Model, documents: &[Document]) -> Result<Vec<Scores>, Failure> {
	let embedding = &task.texts.embedding;
	let examples = embedding.examples(documents);
	let trained = Trained::new(model, task.texts.recipe, &examples);
	let gradients = |examples: &[_]| trained.gradients(Checkpoints::All, examples);
	let of_documents = gradients(&examples);
	let of_queries = gradients(&embedding.examples(&task.texts.queries));
	let of_validation = gradients(&embedding.examples(&task.validation));
	METHODS
		.iter()
		.map(|(_, method)| {
			let scorer = Scorer::new(*method, &of_documents)?;
			Ok(Scores {
				answers: scorer.scores(&of_queries)?,
				validation: scorer.scores(&of_validation)?,
			})
		})
		.collect()
}

/// Each cluster's net scores for one query.
fn scored(scores: &[f64], clusters: &[u64]) -> Result<Vec<Scored>, Failure> {
	let scores = integer::all(scores)?;
	let pairs = clusters.iter().zip(scores);
	Ok(pairs
		.map(|(cluster, score)| Scored {
			cluster: *cluster,
			score,
		})
		.collect())
}

fn admitted(validation: &Array2<f64>, clusters: &[u64]) -> Result<BTreeSet<u64>, Failure> {
	let mut sums = BTreeMap::<u64, Vec<f64>>::new();
	for query in validation.rows() {
		for (cluster, sum) in net(&scored(&query.to_vec(), clusters)?)? {
			sums.entry(cluster).or_default().push(sum as f64);
		}
	}
	Ok(sums
		.into_iter()
		.filter(|(_, sums)| gate::admits(sums))
		.map(|(cluster, _)| cluster)
		.collect())
}

/// What each cluster is paid, in answers' worth.
fn pay(scores: &Scores, clusters: &[u64], rule: Rule) -> Result<BTreeMap<u64, f64>, Failure> {
	let admitted = match rule {
		Rule::Gated => admitted(&scores.validation, clusters)?,
		_ => clusters.iter().copied().collect(),
	};
	let mut paid = BTreeMap::new();
	for query in scores.answers.rows() {
		let mut scored = scored(&query.to_vec(), clusters)?;
		scored.retain(|document| {
			admitted.contains(&document.cluster)
				&& (rule != Rule::EachPositive || document.score > 0)
		});
		for entry in entries(&scored)? {
			*paid.entry(entry.batch).or_default() +=
				f64::from(entry.weight) / f64::from(TOTAL_WEIGHT);
		}
	}
	Ok(paid)
}

/// A cluster for each account.
fn accounts(documents: &[Document]) -> Vec<u64> {
	documents
		.iter()
		.map(|document| document.contributor as u64)
		.collect()
}

/// A cluster for each honest account; the cheat's others are in their first one's, as duplicates that were
/// found.
fn linked(documents: &[Document], cheat: usize) -> Vec<u64> {
	accounts(documents)
		.into_iter()
		.map(|account| {
			if account < CONTRIBUTORS as u64 {
				account
			} else {
				cheat as u64
			}
		})
		.collect()
}

/// The pay of one contributor with all accounts that are not an honest one's.
fn of_cheat(paid: &BTreeMap<u64, f64>, cheat: usize) -> f64 {
	paid.iter()
		.filter(|(account, _)| **account >= CONTRIBUTORS as u64 || **account == cheat as u64)
		.map(|(_, paid)| paid)
		.sum()
}

type Way = (&'static str, Vec<Document>, Vec<u64>);

fn ways(honest: &[Document], cheat: usize, seed: u64) -> Vec<Way> {
	let copies = manipulation::copy(honest, cheat);
	let near = manipulation::near_copy(honest, cheat, seed);
	let split = manipulation::split(honest, cheat);
	let found = |documents: &[Document]| linked(documents, cheat);
	vec![
		("copies", copies.clone(), found(&copies)),
		("near-copies", near.clone(), found(&near)),
		("near-copies, not found", near.clone(), accounts(&near)),
		("split", split.clone(), accounts(&split)),
	]
}

/// Measures all manipulations and prints what they gain.
pub(crate) fn measure(seeds: Range<u64>) -> Result<(), Failure> {
	let (mut gains, mut junk) = (Table::default(), Table::default());
	for seed in seeds.clone() {
		one_seed(seed, &mut gains, &mut junk)?;
	}
	let damping = format!("damping {DEFAULT}, all checkpoints");
	gains.print(
		&format!("Pay of a cheat to that of the same contributor, honest (goal: 1.0; {damping})"),
		seeds.start,
	);
	junk.print(
		&format!("Pay to the mean pay of honest contributors (goal for junk: 0.1; {damping})"),
		seeds.start,
	);
	Ok(())
}

fn one_seed(seed: u64, gains: &mut Table, junk: &mut Table) -> Result<(), Failure> {
	let task = datanet(seed);
	let model = Model::new(task.texts.shape, seed);
	let honest = &task.texts.documents;
	let before = scores(&task, &model, honest)?;
	let mut by_quality: Vec<usize> = (0..CONTRIBUTORS).collect();
	by_quality.sort_by(|a, b| task.quality[*a].total_cmp(&task.quality[*b]));
	let cheats = CHEATS.map(|rank| by_quality[rank]);

	// By way, method and rule: what the cheats of this seed get together.
	let mut after = BTreeMap::<(usize, usize, usize), (&str, f64)>::new();
	for cheat in cheats {
		for (way, (name, documents, clusters)) in ways(honest, cheat, seed).into_iter().enumerate()
		{
			let scores = scores(&task, &model, &documents)?;
			for (method, scores) in scores.iter().enumerate() {
				for (rule, (kind, _)) in RULES.iter().enumerate() {
					let paid = pay(scores, &clusters, *kind)?;
					after.entry((way, method, rule)).or_insert((name, 0.0)).1 +=
						of_cheat(&paid, cheat);
				}
			}
		}
	}
	for ((_, method, rule), (name, after)) in after {
		let paid = pay(&before[method], &accounts(honest), RULES[rule].0)?;
		let before: f64 = cheats.iter().map(|cheat| of_cheat(&paid, *cheat)).sum();
		let row = format!("{name}, {}", METHODS[method].0);
		gains.add(&row, RULES[rule].1, after / before);
	}

	let documents = manipulation::junk(honest, seed);
	let with_junk = scores(&task, &model, &documents)?;
	for (method, scores) in with_junk.iter().enumerate() {
		for (rule, column) in RULES {
			let paid = pay(scores, &accounts(&documents), rule)?;
			let of_junk = paid.get(&(CONTRIBUTORS as u64)).copied().unwrap_or(0.0);
			let all: f64 = paid.values().sum();
			let mean = (all - of_junk) / CONTRIBUTORS as f64;
			junk.add(
				&format!("junk, {}", METHODS[method].0),
				column,
				of_junk / mean,
			);
		}
	}
	Ok(())
}
