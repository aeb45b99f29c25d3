//! The span index at 10 million tokens: its size, and the time of a query of 128 tokens, against a scan
//! over all tokens in the same run. Fails above 20 ms (99th percentile) or 7 bytes a token.
//!
//! `cargo bench -p openledger-attribution --bench spans`

use openledger_attribution::{
	spans::{Index, Rules},
	synthetic::verbatim::{answer, scan, text, ANSWER, DOCUMENT, TOKENS},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::{
	hint::black_box,
	process::ExitCode,
	time::{Duration, Instant},
};

const QUERIES: usize = 1_000;
const SCANS: usize = 3;

fn percentile(times: &[Duration], percent: usize) -> Duration {
	times[(times.len() - 1) * percent / 100]
}

fn measure(name: &str, index: &Index, answers: &[Vec<u32>]) -> (Duration, Duration) {
	let rules = Rules {
		min_surprise: index.chance(ANSWER),
		max_spans: ANSWER,
		max_places: 16,
	};
	let mut times: Vec<_> = answers
		.iter()
		.map(|answer| {
			let start = Instant::now();
			black_box(index.spans(black_box(answer), &rules));
			start.elapsed()
		})
		.collect();
	times.sort_unstable();
	let (median, high) = (percentile(&times, 50), percentile(&times, 99));
	println!(
		"{name}: p50 {median:.2?}, p99 {high:.2?}, {:.2} bytes a token",
		index.bytes() as f64 / index.tokens() as f64
	);
	(median, high)
}

fn build(documents: &[Vec<u32>]) -> Index {
	let start = Instant::now();
	let index = Index::new(documents).expect("10 million tokens fit");
	println!(
		"indexed {} tokens in {:.1?}",
		index.tokens(),
		start.elapsed()
	);
	index
}

fn main() -> ExitCode {
	let mut random = ChaCha8Rng::seed_from_u64(1);
	let documents = text(&mut random);
	let answers: Vec<_> = (0..QUERIES)
		.map(|_| answer(&mut random, &documents))
		.collect();
	let index = build(&documents);
	let bytes = index.bytes() as f64 / index.tokens() as f64;
	let (median, high) = measure("text", &index, &answers);

	let start = Instant::now();
	for answer in &answers[..SCANS] {
		black_box(scan(&documents, answer));
	}
	let scanned = start.elapsed() / SCANS as u32 * ANSWER as u32;
	println!(
		"linear scans: {scanned:.2?} a query ({ANSWER} scans, {SCANS} measured); ratio {:.0}",
		scanned.as_secs_f64() / median.as_secs_f64()
	);
	drop(index);

	let equal = build(&vec![vec![7; DOCUMENT]; TOKENS / DOCUMENT]);
	let (_, equal) = measure("one token repeated", &equal, &vec![vec![7; ANSWER]; 20]);
	let passage = &documents[0];
	let repeated = build(&vec![passage.clone(); TOKENS / DOCUMENT]);
	let (_, repeated) = measure(
		"one document repeated",
		&repeated,
		&vec![passage[..ANSWER].to_vec(); 20],
	);

	let slowest = high.max(equal).max(repeated);
	if bytes <= 7.0 && slowest < Duration::from_millis(20) {
		ExitCode::SUCCESS
	} else {
		println!("above 20 ms or 7 bytes a token");
		ExitCode::FAILURE
	}
}
