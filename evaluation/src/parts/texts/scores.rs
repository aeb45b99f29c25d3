//! The scores of all methods, and of what they are shown beside.

use ndarray::Array2;
use openledger_attribution::{
	baselines::{cosine, random, Bm25},
	influence::{Method, Scorer},
};
use openledger_training::{lora::Adapter, train::Corpus};

use super::learning::{gradients, Bench};
use crate::Failure;

/// Multiples of DataInf's own damping.
pub(super) const FACTORS: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];

/// The multiple that is reported; all are drawn.
const FACTOR: f64 = 1_000.0;

/// Methods that have a damping.
pub(super) const DAMPED: [&str; 2] = ["exact inverse", "DataInf"];

/// Which checkpoints scores are added over.
pub(super) const CHECKPOINTS: [&str; 2] = ["all", "last"];

/// What a damped method is called.
pub(super) fn damped(method: &str, factor: f64, checkpoints: &str) -> String {
	format!("{method}, damping {factor}, {checkpoints}")
}

/// The methods that are reported. The first is the one that is paid by.
pub(super) fn reported() -> Vec<String> {
	let of = |method| CHECKPOINTS.map(|checkpoints| damped(method, FACTOR, checkpoints));
	let dots = CHECKPOINTS.map(|checkpoints| format!("gradient dot, {checkpoints}"));
	let others = ["representations' cosine", "BM25", "random"].map(String::from);
	let damped = DAMPED.into_iter().flat_map(of);
	damped.chain(dots).chain(others).collect()
}

/// Every method's scores by its name: queries in rows, documents in columns. `trained` are the adapters that
/// all documents were learnt by, each with its checkpoints.
pub(super) fn scores(
	bench: &Bench<'_>,
	trained: &[Vec<Adapter>],
	seed: u64,
) -> Result<Vec<(String, Array2<f64>)>, Failure> {
	let last: Vec<&Adapter> = trained.iter().filter_map(|one| one.last()).collect();
	let mut scores = Vec::new();
	for checkpoints in CHECKPOINTS {
		let adapters = match checkpoints {
			"last" => last.clone(),
			_ => trained.iter().flatten().collect(),
		};
		let documents = gradients(&bench.documents, &adapters)?;
		let queries = gradients(&bench.queries, &adapters)?;
		let mut score = |name: String, method| -> Result<(), Failure> {
			let scorer = Scorer::new(method, &documents)?;
			scores.push((name, scorer.scores(&queries)?));
			Ok(())
		};
		for factor in FACTORS {
			let [exact, datainf] = DAMPED.map(|method| damped(method, factor, checkpoints));
			score(exact, Method::Exact { factor })?;
			score(datainf, Method::DataInf { factor })?;
		}
		score(format!("gradient dot, {checkpoints}"), Method::GradientDot)?;
	}

	let last = last.first().copied();
	let of_queries = representations(&bench.queries, last)?;
	let of_documents = representations(&bench.documents, last)?;
	let similar = cosine(of_queries.view(), of_documents.view());
	scores.push(("representations' cosine".into(), similar));

	let texts = bench.task.documents.iter().map(|document| &document.tokens);
	let index = Bm25::new(&texts.collect::<Vec<_>>());
	let words = &bench.task.words;
	let ranked = words.iter().flat_map(|words| index.scores(words)).collect();
	let shape = (bench.queries.examples.len(), bench.documents.examples.len());
	scores.push(("BM25".into(), Array2::from_shape_vec(shape, ranked)?));
	scores.push(("random".into(), random(seed, shape.0, shape.1)));
	Ok(scores)
}

fn representations(corpus: &Corpus<'_>, adapter: Option<&Adapter>) -> Result<Array2<f32>, Failure> {
	let means = corpus.means(&corpus.rows(), adapter)?;
	let width = means.first().map_or(0, Vec::len);
	Ok(Array2::from_shape_vec(
		(means.len(), width),
		means.concat(),
	)?)
}
