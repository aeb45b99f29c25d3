//! What cheats gain, by the pay that the chain credits.

mod chain;
mod pay;
pub(super) mod self_dealing;

use std::{collections::BTreeMap, ops::Range, path::Path};

use openledger_attribution::{
	evaluate::{mean, spearman},
	synthetic::{
		manipulation::{self, copy, junk, near_copy, split, REWRITTEN},
		model::Recipe,
		random::{halves, source},
		tasks::{Document, CONTRIBUTORS, PER_CONTRIBUTOR},
	},
};
use openledger_primitives::Balance;
use rayon::prelude::*;

use crate::{
	results::{Curve, Goal, Line, Measure, Part, Score},
	Failure,
};
use pay::{Given, Outcome, Rule, Task, WAYS};

/// Which contributors cheat, one at a time: by the rank of their quality, from the worst.
const CHEATS: [usize; 3] = [3, 6, 9];

/// How likely a token of a near-copy is another: what is drawn.
const REWRITES: [f64; 5] = [0.05, REWRITTEN, 0.2, 0.3, 0.5];

/// Fees of who deals with itself, in units of the token.
const FEES: Range<Balance> = 1_000_000..100_000_000_000_000;

/// How often a model is trained again to know what contributors are worth.
const SUBSETS: usize = 64;

/// What is measured.
#[derive(clap::Args)]
pub(crate) struct Options {
	/// How many seeds.
	#[arg(long, default_value_t = 5)]
	seeds: u64,
	/// The first one.
	#[arg(long, default_value_t = 1)]
	first: u64,
}

/// Values of all seeds by measure and way.
type Values = BTreeMap<(&'static str, usize), Vec<f64>>;

/// For one extent of rewriting: the shares that were linked and that were found, and the gain by each way.
type Point = (f64, f64, Vec<f64>);

/// What one seed shows.
#[derive(Default)]
struct Found {
	values: Values,
	/// By rewriting.
	curve: Vec<Point>,
	dealt: Vec<(f64, f64)>,
}

const COPIED: &str = "Gain by five copies";
const ONES: &str = "Gain by five copies, each row a batch of its own";
const THEFT: &str = "Pay of who copies another's data, to the other's";
const NEAR: &str = "Gain by five near-copies, every tenth token another";
const SPLIT: &str = "Gain by splitting into four accounts";
const SINGLES: &str = "Gain by splitting into batches of one row";
const JUNK: &str = "Pay of junk, to the mean of honest contributors";
const ADMITTED: &str = "Honest contributors that are paid";
const RANK: &str = "Rank correlation of pay with what contributors are worth";

/// Measures all manipulations.
pub(crate) fn run(options: &Options, results: &Path) -> Result<(), Failure> {
	let seeds: Vec<u64> = (options.first..options.first + options.seeds).collect();
	let found = seeds
		.par_iter()
		.map(|seed| one_seed(*seed))
		.collect::<Result<Vec<_>, _>>()?;
	part(seeds, &found)?.write(results, "manipulation")
}

fn one_seed(seed: u64) -> Result<Found, Failure> {
	let task = Task::new(seed);
	let documents = &task.datanet.texts.documents;
	let honest = task.run(&Given::by_account(documents.clone()))?;
	let mut found = Found::default();
	worth(&task, &honest, seed, &mut found.values)?;
	let mut by_quality: Vec<usize> = (0..CONTRIBUTORS).collect();
	let quality = &task.datanet.quality;
	by_quality.sort_by(|a, b| quality[*a].total_cmp(&quality[*b]));
	let cheats = CHEATS.map(|rank| by_quality[rank]);

	let mut gain = |name, ways: &dyn Fn(usize) -> Given| -> Result<(), Failure> {
		let outcomes = outcomes(&task, &cheats, ways)?;
		for (way, value) in gains(&honest, &outcomes).into_iter().enumerate() {
			found.values.entry((name, way)).or_default().push(value);
		}
		Ok(())
	};
	gain(COPIED, &|cheat| copies(documents, cheat))?;
	gain(ONES, &|cheat| {
		single_rows(copies(documents, cheat), CONTRIBUTORS)
	})?;
	gain(SPLIT, &|cheat| Given::by_account(split(documents, cheat)))?;
	gain(SINGLES, &|cheat| {
		single_rows(Given::by_account(documents.clone()), cheat)
	})?;
	gain(NEAR, &|cheat| {
		Given::by_account(near_copy(documents, cheat, REWRITTEN, seed))
	})?;

	for rewritten in REWRITES {
		let near = |cheat| Given::by_account(near_copy(documents, cheat, rewritten, seed));
		let outcomes = outcomes(&task, &cheats, &near)?;
		let share = |of: fn(&Outcome) -> &[usize]| {
			let all = outcomes.iter().flat_map(|(_, outcome)| of(outcome));
			let copies = all.filter(|batch| **batch >= CONTRIBUTORS).count();
			copies as f64 / (outcomes.len() * manipulation::COPIES) as f64
		};
		let shares = (share(|it| &it.linked), share(|it| &it.found));
		let gains = gains(&honest, &outcomes);
		found.curve.push((shares.0, shares.1, gains));
	}
	thieves_and_junk(&task, &cheats, seed, &mut found.values)?;
	for known in [true, false] {
		let dealt = self_dealing::deal(seed, known, FEES)?;
		found.dealt.push((dealt.kept, dealt.reputation));
	}
	Ok(found)
}

type Outcomes = Vec<(usize, Outcome)>;

fn outcomes(
	task: &Task,
	cheats: &[usize],
	ways: &dyn Fn(usize) -> Given,
) -> Result<Outcomes, Failure> {
	cheats
		.iter()
		.map(|cheat| Ok((*cheat, task.run(&ways(*cheat))?)))
		.collect()
}

/// What the cheats get with all their accounts, to what they get when honest: for each way.
fn gains(honest: &Outcome, outcomes: &Outcomes) -> Vec<f64> {
	(0..WAYS.len())
		.map(|way| {
			let (mut after, mut before) = (0, 0);
			for (cheat, outcome) in outcomes {
				after += outcome.sum(way, |account| account == *cheat || account >= CONTRIBUTORS);
				before += honest.sum(way, |account| account == *cheat);
			}
			after as f64 / before as f64
		})
		.collect()
}

/// Copies under accounts of their own, in another order, as the chain refuses the same batch again.
fn copies(documents: &[Document], cheat: usize) -> Given {
	let mut copied = copy(documents, cheat);
	for (account, batch) in copied[documents.len()..]
		.chunks_mut(PER_CONTRIBUTOR)
		.enumerate()
	{
		batch.rotate_left(account + 1);
	}
	Given::by_account(copied)
}

/// Each row of some accounts in a batch of its own: those from `first` on, or that of a contributor alone. What
/// was given twice, byte for byte, is not given again.
fn single_rows(given: Given, first: usize) -> Given {
	let chosen = |account: usize| account == first || account >= CONTRIBUTORS;
	let (mut batches, mut accounts) = (Vec::new(), given.accounts.clone());
	let (mut documents, mut seen) = (Vec::new(), Vec::new());
	for (document, batch) in given.documents.into_iter().zip(given.batches) {
		if !chosen(document.contributor) {
			documents.push(document);
			batches.push(batch);
		} else if !seen.contains(&(document.tokens.clone(), document.subject)) {
			seen.push((document.tokens.clone(), document.subject));
			accounts.push(document.contributor);
			batches.push(accounts.len() - 1);
			documents.push(document);
		}
	}
	// Batches that nothing is left in are no batches.
	let used: Vec<usize> = (0..accounts.len())
		.filter(|batch| batches.contains(batch))
		.collect();
	let place = |batch: &usize| used.iter().position(|known| known == batch);
	Given {
		batches: batches.iter().filter_map(place).collect(),
		accounts: used.iter().map(|batch| accounts[*batch]).collect(),
		documents,
	}
}

fn thieves_and_junk(
	task: &Task,
	cheats: &[usize],
	seed: u64,
	values: &mut Values,
) -> Result<(), Failure> {
	let documents = &task.datanet.texts.documents;
	let stolen = outcomes(task, cheats, &|cheat| copies(documents, cheat))?;
	let bad = task.run(&Given::by_account(junk(documents, seed)))?;
	for way in 0..WAYS.len() {
		let (mut thief, mut owner) = (0, 0);
		for (cheat, outcome) in &stolen {
			thief += outcome.sum(way, |account| account >= CONTRIBUTORS);
			owner += outcome.sum(way, |account| account == *cheat);
		}
		let mut add = |name, value| values.entry((name, way)).or_default().push(value);
		add(THEFT, thief as f64 / owner as f64);
		let of_junk = bad.sum(way, |account| account >= CONTRIBUTORS);
		let of_honest = bad.sum(way, |account| account < CONTRIBUTORS);
		add(
			JUNK,
			of_junk as f64 * CONTRIBUTORS as f64 / of_honest as f64,
		);
	}
	Ok(())
}

/// Who is paid, and whether it follows what contributors are worth.
fn worth(task: &Task, honest: &Outcome, seed: u64, values: &mut Values) -> Result<(), Failure> {
	let all = vec![true; honest.kept.len()];
	let (of_kept, of_all) = (worths(task, &honest.kept, seed), worths(task, &all, seed));
	for (way, described) in WAYS.iter().enumerate() {
		let worths = match described.rule {
			Rule::Rows => &of_kept,
			Rule::RowsOfAll | Rule::Netted | Rule::EachPositive => &of_all,
		};
		let pay: Vec<f64> = (0..CONTRIBUTORS)
			.map(|contributor| honest.sum(way, |account| account == contributor) as f64)
			.collect();
		let paid = pay.iter().filter(|pay| **pay > 0.0).count();
		let mut add = |name, value| values.entry((name, way)).or_default().push(value);
		add(ADMITTED, paid as f64 / CONTRIBUTORS as f64);
		add(RANK, spearman(&pay, worths).unwrap_or(f64::NAN));
	}
	Ok(())
}

/// How much higher the answers' likelihood is, on average, with each contributor than without, over random halves
/// of the contributors, trained again on those of their documents that are `kept`.
fn worths(task: &Task, kept: &[bool], seed: u64) -> Vec<f64> {
	let (model, texts) = (&task.model, &task.datanet.texts);
	let subsets = halves(&mut source(seed, 8), CONTRIBUTORS, SUBSETS);
	let queries = texts.embedding.examples(&texts.queries);
	let examples = texts.embedding.examples(&texts.documents);
	let recipe = Recipe {
		checkpoints: 1,
		..texts.recipe
	};
	let likelihood = |subset: &Vec<bool>| -> f64 {
		let inside: Vec<_> = (0..examples.len())
			.filter(|row| kept[*row] && subset[texts.documents[*row].contributor])
			.map(|row| &examples[row])
			.collect();
		let trained = model.train(&inside, recipe);
		let last = trained.last();
		queries
			.iter()
			.map(|query| last.map_or(f64::NAN, |last| -model.loss(last, query)))
			.sum()
	};
	let outcomes: Vec<f64> = subsets.par_iter().map(likelihood).collect();
	(0..CONTRIBUTORS)
		.map(|contributor| {
			let average = |with: bool| {
				let chosen = subsets.iter().zip(&outcomes);
				let chosen = chosen.filter(|(subset, _)| subset[contributor] == with);
				let outcomes: Vec<f64> = chosen.map(|(_, outcome)| *outcome).collect();
				mean(&outcomes).unwrap_or(f64::NAN)
			};
			average(true) - average(false)
		})
		.collect()
}

fn measure(
	found: &[Found],
	(name, goal): (&'static str, Option<Goal>),
	note: Option<&str>,
) -> Result<Measure, Failure> {
	let scores = WAYS.iter().enumerate().map(|(way, described)| {
		let values = found
			.iter()
			.flat_map(|found| found.values.get(&(name, way)).into_iter().flatten())
			.copied();
		Score::new(described.name, way == 0, values.collect())
	});
	Ok(Measure {
		name: name.into(),
		goal,
		scores: scores.collect::<Result<_, _>>()?,
		note: note.map(Into::into),
	})
}

fn dealt(
	found: &[Found],
	name: &str,
	goal: Goal,
	of: fn(&(f64, f64)) -> f64,
) -> Result<Measure, Failure> {
	let values = |case: usize| found.iter().map(|found| of(&found.dealt[case])).collect();
	Ok(Measure {
		name: name.into(),
		goal: Some(goal),
		scores: vec![
			Score::new(
				"accounts that are known to belong together",
				true,
				values(0),
			)?,
			Score::new("accounts that are not known to", false, values(1))?,
		],
		note: None,
	})
}

fn part(seeds: Vec<u64>, found: &[Found]) -> Result<Part, Failure> {
	let one = || Some(Goal::AtMost(1.0));
	let tenth = || Some(Goal::AtMost(0.1));
	let mut measures = Vec::new();
	for (name, goal, note) in [
		(COPIED, one(), Some(NOTE_COPIES)),
		(ONES, one(), None),
		(THEFT, tenth(), None),
		(NEAR, one(), Some(NOTE_NEAR)),
		(SPLIT, one(), Some(NOTE_SPLIT)),
		(SINGLES, one(), Some(NOTE_SPLIT)),
		(JUNK, tenth(), None),
		(ADMITTED, None, Some(NOTE_ADMITTED)),
		(RANK, None, Some(NOTE_RANK)),
	] {
		measures.push(measure(found, (name, goal), note)?);
	}
	measures.push(dealt(
		found,
		"Self-dealing: what the party has again of each fee",
		Goal::AtMost(1.0),
		|(kept, _)| *kept,
	)?);
	measures.push(dealt(
		found,
		"Self-dealing: reputation earned for each unit that is lost",
		Goal::AtMost(0.0),
		|(_, reputation)| *reputation,
	)?);
	Ok(Part {
		title: "Manipulation".into(),
		setting: SETTING.into(),
		seeds,
		measures,
		curves: curves(found),
	})
}

fn curves(found: &[Found]) -> Vec<Curve> {
	let line = |name: &str, of: &dyn Fn(&Point) -> f64| Line {
		name: name.into(),
		points: REWRITES
			.iter()
			.enumerate()
			.map(|(step, rewritten)| {
				let values: Vec<f64> = found.iter().map(|found| of(&found.curve[step])).collect();
				(*rewritten, mean(&values).unwrap_or(f64::NAN))
			})
			.collect(),
	};
	let curve = |title: &str, y: &str, goal, lines| Curve {
		title: title.into(),
		x: "part of the tokens that is rewritten".into(),
		log_x: false,
		y: y.into(),
		goal,
		lines,
	};
	let gains = WAYS
		.iter()
		.enumerate()
		.map(|(way, described)| line(described.name, &|point| point.2[way]));
	vec![
		curve(
			"Near-copies that are found",
			"part of the copies' batches",
			None,
			vec![
				line("linked on the chain, by MinHash", &|point| point.0),
				line("left out of training, by MinHash or gradient", &|point| {
					point.1
				}),
			],
		),
		curve(
			"Gain by five near-copies",
			"pay to that of the honest",
			Some(1.0),
			gains.collect(),
		),
	]
}

const SETTING: &str = "Twelve contributors of different quality with 24 documents each, in six subjects \
	(`synthetic::tasks::datanet`), and a small model that is trained on them. In each seed three contributors \
	cheat, one at a time (ranks 4, 7 and 10 by quality, from the worst), with accounts of their own; a gain is what \
	the three are credited with to what they are when honest. Accounts, batches, clusters and payment are those of \
	the real runtime on its development preset: each answer (48) pays a fee of 10 units through \
	`pallet_attribution`, and what counts are the credits that can be claimed. Batches that MinHash finds \
	(`openledger_data::minhash`, rows from a similarity of 0.35 on, at least 35 % of the rows in pairs) are linked by \
	the call that a jury's finding makes; the jury itself is not played. Damping 10, all checkpoints. Thresholds and \
	the window's weight were chosen on the seeds 101 to 103, with an exact Jaccard similarity in place of MinHash.";

const NOTE_COPIES: &str = "The copies are in another order, since the chain refuses the same root. Their rows are \
	not trained on a second time, so that the model, and the pay, are those of the honest. The baselines train on \
	all of them; that they are in one cluster does not undo what the model has learned.";

const NOTE_NEAR: &str = "Found copies are left out as copies are. **Copies that are rewritten further are not \
	found, and gain**: see the curves. They are no nearer to the original than other documents of its subject are. \
	Nor does anything here find rows of several batches that were mixed, or near-copies in batches of one row.";

const NOTE_SPLIT: &str = "The rule alone gives 1, by construction: a row's pay depends on no other row's batch or account. What is below \
	1 is lost by being left out of training, or by being linked: **of a batch of few rows it is more easily found that \
	it repeats a larger one**, so that an honest contributor should give rows together. Batches of few rows are not \
	spared, because near-copies would come in them. Splitting a *document* into several is not measured: each weighs \
	the same in training.";

const NOTE_ADMITTED: &str = "A part, from 0 to 1. There is no gate besides the rows' standing. Who is not paid by any rule is an honest \
	contributor whose batch is linked to an earlier one's, which it happens to be like by MinHash.";

const NOTE_RANK: &str = "Spearman, over the twelve honest contributors: what they are credited with, to how much \
	more likely the answers are with them than without, over 64 random halves of the contributors, each trained \
	again on what the rule trains on.";
