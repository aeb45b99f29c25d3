//! The index of verbatim spans: whether it is right, how fast it is, how large.

use std::{
	hint::black_box,
	path::Path,
	time::{Duration, Instant},
};

use clap::{value_parser, Args};
use openledger_attribution::{
	spans::{Index, Place, Rules, Span},
	synthetic::verbatim::{answer, scan, text, ANSWER, DOCUMENT, TOKENS},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{
	results::{Goal, Measure, Part, Score},
	Failure,
};

const QUERIES: usize = 1_000;
/// Queries of what is the same all over, which all take the same time.
const EQUAL_QUERIES: usize = 20;
/// How often each query is timed; the one in the middle counts, as the machine has other work. Rounds go over
/// all queries, so that the processor's caches do not remember them.
const ROUNDS: usize = 5;
/// Scans that are timed, of which the one in the middle counts; a query by scanning takes one for each token of the answer.
const SCANS: usize = 3;

/// What is measured.
#[derive(Args)]
pub(crate) struct Options {
	/// How many seeds.
	#[arg(long, default_value_t = 5, value_parser = value_parser!(u64).range(1..=1_000))]
	seeds: u64,
	/// How many fuzzed cases are compared with brute force for each seed.
	#[arg(long, default_value_t = 20_000, value_parser = value_parser!(u32).range(1..))]
	cases: u32,
}

/// The spans of one answer as they are compared: where each begins, how long it is, where it stands.
type Found = Vec<(usize, usize, Vec<Place>)>;

/// The maximal spans with all their places, by comparing everything with everything.
fn brute_force(documents: &[Vec<u32>], answer: &[u32]) -> Found {
	let places = |start: usize, end: usize| -> Vec<Place> {
		let span = &answer[start..end];
		let of_document = |(document, tokens): (usize, &Vec<u32>)| {
			let windows = tokens.windows(span.len()).enumerate();
			let equal = windows.filter(|(_, window)| *window == span);
			let place = |(offset, _): (usize, _)| Place {
				document: document as u32,
				offset: offset as u32,
			};
			equal.map(place).collect::<Vec<_>>()
		};
		documents.iter().enumerate().flat_map(of_document).collect()
	};
	let occurs = |start, end| !places(start, end).is_empty();
	let mut spans = Vec::new();
	for start in 0..answer.len() {
		for end in start + 1..=answer.len() {
			let longer = (start > 0 && occurs(start - 1, end))
				|| (end < answer.len() && occurs(start, end + 1));
			if occurs(start, end) && !longer {
				spans.push((start, end - start, places(start, end)));
			}
		}
	}
	spans
}

fn by_index(documents: &[Vec<u32>], answer: &[u32]) -> Result<Found, Failure> {
	let as_compared = |span: Span| (span.start, span.tokens, span.places);
	let spans = Index::new(documents)?.spans(answer, &Rules::ALL);
	let mut found: Found = spans.into_iter().map(as_compared).collect();
	found.sort_unstable();
	Ok(found)
}

/// Up to 6 documents of up to 40 tokens, and an answer of up to 30, half of it copied from them: over an
/// alphabet of 2 to 8 tokens, so that much is repeated.
fn case(random: &mut ChaCha8Rng) -> (Vec<Vec<u32>>, Vec<u32>) {
	let tokens = random.gen_range(2..=8);
	let text = |random: &mut ChaCha8Rng, most: usize| -> Vec<u32> {
		let length = random.gen_range(0..=most);
		(0..length).map(|_| random.gen_range(0..tokens)).collect()
	};
	let documents: Vec<_> = (0..random.gen_range(0..=6))
		.map(|_| text(random, 40))
		.collect();
	let mut answer = text(random, 15);
	if let Some(source) = documents.get(random.gen_range(0..=documents.len())) {
		let from = random.gen_range(0..=source.len());
		answer.extend(source[from..].iter().take(15));
	}
	(documents, answer)
}

/// The share of the cases in which the index finds what brute force finds.
fn equality(seed: u64, cases: u32) -> Result<f64, Failure> {
	let mut random = ChaCha8Rng::seed_from_u64(seed);
	let mut equal = 0;
	for _ in 0..cases {
		let (documents, answer) = case(&mut random);
		equal += u32::from(by_index(&documents, &answer)? == brute_force(&documents, &answer));
	}
	Ok(f64::from(equal) / f64::from(cases))
}

fn milliseconds(time: Duration) -> f64 {
	time.as_secs_f64() * 1e3
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
	let start = Instant::now();
	black_box(work());
	start.elapsed()
}

/// The one in the middle of an odd number of times.
fn middle(mut times: Vec<Duration>) -> Duration {
	times.sort_unstable();
	times[times.len() / 2]
}

/// What was found of one text.
struct Speed {
	/// Milliseconds, the 50th percentile.
	median: f64,
	/// Milliseconds, the 99th percentile.
	high: f64,
	bytes_per_token: f64,
}

fn speed(documents: &[Vec<u32>], answers: &[Vec<u32>]) -> Result<Speed, Failure> {
	let index = Index::new(documents)?;
	let rules = Rules {
		min_surprise: index.chance(ANSWER),
		max_spans: ANSWER,
		max_places: 16,
	};
	let mut rounds = vec![Vec::with_capacity(ROUNDS); answers.len()];
	for _ in 0..ROUNDS {
		for (answer, times) in answers.iter().zip(&mut rounds) {
			times.push(timed(|| index.spans(black_box(answer), &rules)));
		}
	}
	let mut times: Vec<Duration> = rounds.into_iter().map(middle).collect();
	times.sort_unstable();
	let percentile = |percent| milliseconds(times[(times.len() - 1) * percent / 100]);
	Ok(Speed {
		median: percentile(50),
		high: percentile(99),
		bytes_per_token: index.bytes() as f64 / index.tokens() as f64,
	})
}

/// Milliseconds of a query by scanning.
fn scanned(documents: &[Vec<u32>], answers: &[Vec<u32>]) -> f64 {
	let of = |answer: &Vec<u32>| timed(|| scan(black_box(documents), black_box(answer)));
	let times = answers[..SCANS].iter().map(of).collect();
	milliseconds(middle(times)) * ANSWER as f64
}

/// What one seed gives, text by text.
struct Run {
	words: Speed,
	/// One token, repeated.
	token: Speed,
	/// One document, repeated.
	document: Speed,
	scan: f64,
}

impl Run {
	fn new(seed: u64) -> Result<Self, Failure> {
		let mut random = ChaCha8Rng::seed_from_u64(seed);
		let documents = text(&mut random);
		let answers: Vec<_> = (0..QUERIES)
			.map(|_| answer(&mut random, &documents))
			.collect();
		let passage = &documents[0];
		let repeated = |document: &Vec<u32>| vec![document.clone(); TOKENS / DOCUMENT];
		let same = |answer: &[u32]| vec![answer.to_vec(); EQUAL_QUERIES];
		Ok(Self {
			words: speed(&documents, &answers)?,
			token: speed(&repeated(&vec![7; DOCUMENT]), &same(&[7; ANSWER]))?,
			document: speed(&repeated(passage), &same(&passage[..ANSWER]))?,
			scan: scanned(&documents, &answers),
		})
	}
}

const WORDS: &str = "suffix array, words' frequencies";
const TOKEN: &str = "suffix array, one token repeated";
const SAME: &str = "suffix array, one document repeated";

/// One measure of the three texts.
fn of_texts(runs: &[Run], value: impl Fn(&Speed) -> f64) -> Result<Vec<Score>, Failure> {
	let values = |of: fn(&Run) -> &Speed| runs.iter().map(|run| value(of(run))).collect();
	Ok(vec![
		Score::new(WORDS, true, values(|run| &run.words))?,
		Score::new(TOKEN, true, values(|run| &run.token))?,
		Score::new(SAME, true, values(|run| &run.document))?,
	])
}

fn measures(equal: Vec<f64>, runs: &[Run]) -> Result<Vec<Measure>, Failure> {
	let scans: Vec<f64> = runs.iter().map(|run| run.scan).collect();
	let ratios = runs.iter().map(|run| run.scan / run.words.median).collect();
	let mut times = of_texts(runs, |speed| speed.high)?;
	times.push(Score::new("linear scans", false, scans)?);
	let measure = |name: &str, goal, scores, note: &str| Measure {
		name: name.into(),
		goal,
		scores,
		note: (!note.is_empty()).then(|| note.into()),
	};
	Ok(vec![
		measure(
			"Cases equal to brute force (share)",
			Some(Goal::AtLeast(1.0)),
			vec![Score::new("suffix array", true, equal)?],
			"",
		),
		measure(
			"Time of a query at 10 million tokens (ms, 99th percentile)",
			Some(Goal::AtMost(20.0)),
			times,
			"By the clock of the machine that the report was made on, which does other work besides. The two texts \
			 of repetitions are the worst that repetition can do.",
		),
		measure(
			"Time of linear scans to that of a query (ratio of medians)",
			None,
			vec![Score::new(WORDS, true, ratios)?],
			"Both in the same run, so that it says more than milliseconds do on another machine.",
		),
		measure(
			"Size of the index (bytes a token)",
			Some(Goal::AtMost(7.0)),
			of_texts(runs, |speed| speed.bytes_per_token)?,
			"",
		),
	])
}

fn setting(options: &Options) -> String {
	format!(
		"For each seed {} cases of random documents and answers are compared with a search that compares \
		 everything with everything: where each maximal span begins, how long it is, and all places where it \
		 stands. Time and size: {TOKENS} tokens in documents of {DOCUMENT}, drawn by Zipf's law from 50,000; \
		 {QUERIES} answers of {ANSWER} tokens, made of passages of 4 to 31 tokens. A query by linear scans \
		 looks, for each of the answer's tokens, at every token of the text; {SCANS} scans are timed. \
		 Each query is timed {ROUNDS} times, and the median counts.",
		options.cases
	)
}

/// Measures it.
pub(crate) fn run(options: &Options, results: &Path) -> Result<(), Failure> {
	let seeds: Vec<u64> = (1..=options.seeds).collect();
	let (mut equal, mut runs) = (Vec::new(), Vec::new());
	for seed in &seeds {
		equal.push(equality(*seed, options.cases)?);
		runs.push(Run::new(*seed)?);
		println!("spans: seed {seed} of {}", options.seeds);
	}
	let part = Part {
		title: "Verbatim spans".into(),
		setting: setting(options),
		seeds,
		measures: measures(equal, &runs)?,
		curves: Vec::new(),
	};
	part.write(results, "spans")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn brute_force_by_hand() {
		let place = |document, offset| Place { document, offset };
		let found = brute_force(&[vec![5, 6, 7], vec![6, 7]], &[6, 7, 1, 5]);
		assert_eq!(
			found,
			[
				(0, 2, vec![place(0, 1), place(1, 0)]),
				(3, 1, vec![place(0, 0)])
			]
		);
		assert!(brute_force(&[], &[1]).is_empty());
	}

	#[test]
	fn cases_are_varied() {
		let mut random = ChaCha8Rng::seed_from_u64(1);
		let cases: Vec<_> = (0..200).map(|_| case(&mut random)).collect();
		let spans =
			|(documents, answer): &(Vec<Vec<u32>>, Vec<u32>)| brute_force(documents, answer);
		assert!(cases.iter().any(|case| spans(case).is_empty()));
		assert!(cases.iter().any(|case| spans(case).len() > 5));
		assert!(cases.iter().any(|case| case.1.is_empty()));
	}

	#[test]
	fn the_middle_is_not_moved_by_one_slow_time() {
		let times = [9, 1, 2].map(Duration::from_millis).to_vec();
		assert_eq!(middle(times), Duration::from_millis(2));
	}
}
