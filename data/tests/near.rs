//! Whether copies are found, and nothing else, measured.

use openledger_data::{
	batch,
	duplicates::{search, Report, Search, DEFAULT_THRESHOLD},
	filter::Filter,
	tree, Error,
};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use std::{
	collections::BTreeSet,
	fs,
	path::{Path, PathBuf},
};

/// Texts with words as rare as in English: the n-th most frequent of 20,000 has a part of ~1/n.
struct Writer {
	rng: StdRng,
	sums: Vec<f64>,
}

impl Writer {
	fn new(seed: u64) -> Self {
		let mut sum = 0.0;
		let parts = (1..=20_000u32).map(|n| {
			sum += 1.0 / f64::from(n);
			sum
		});
		Self {
			sums: parts.collect(),
			rng: StdRng::seed_from_u64(seed),
		}
	}

	fn word(&mut self) -> usize {
		let most = self.sums.last().copied().unwrap_or(1.0);
		let at = self.rng.gen_range(0.0..most);
		self.sums.partition_point(|sum| *sum < at)
	}

	fn text(&mut self, words: usize) -> Vec<usize> {
		(0..words).map(|_| self.word()).collect()
	}

	/// Changes 5 % of the words, at least one.
	fn near_copy(&mut self, text: &[usize]) -> Vec<usize> {
		let mut copy = text.to_vec();
		let mut places: Vec<usize> = (0..text.len()).collect();
		places.shuffle(&mut self.rng);
		for place in places.into_iter().take(text.len().div_ceil(20)) {
			while copy[place] == text[place] {
				copy[place] = self.word();
			}
		}
		copy
	}
}

fn save(path: &Path, texts: &[Vec<usize>]) {
	let line = |text: &Vec<usize>| {
		let words: Vec<_> = text.iter().map(|word| format!("w{word}")).collect();
		format!("{{\"text\":\"{}\"}}\n", words.join(" "))
	};
	fs::write(path, texts.iter().map(line).collect::<String>()).unwrap();
}

fn compare(new: PathBuf, old: Vec<PathBuf>) -> Search {
	Search {
		new,
		old,
		filter: None,
		threshold: DEFAULT_THRESHOLD,
		pairs: usize::MAX,
		samples: 4,
		rows: Vec::new(),
	}
}

fn run(search_for: &Search) -> Report {
	search(search_for).unwrap()
}

#[test]
fn near_copies_are_found_and_strangers_are_not() {
	let folder = tempfile::tempdir().unwrap();
	let at = |name: &str| folder.path().join(name);
	let mut writer = Writer::new(3);
	// Rows of 30 to 300 words.
	let mut lengths = StdRng::seed_from_u64(4);
	let texts = |writer: &mut Writer, lengths: &mut StdRng| -> Vec<Vec<usize>> {
		(0..10_000)
			.map(|_| writer.text(lengths.gen_range(30..=300)))
			.collect()
	};
	let old = texts(&mut writer, &mut lengths);
	let copies: Vec<_> = old.iter().map(|text| writer.near_copy(text)).collect();
	let strangers = texts(&mut writer, &mut lengths);
	save(&at("old.jsonl"), &old);
	save(&at("copies.jsonl"), &copies);
	save(&at("strangers.jsonl"), &strangers);

	let found = run(&compare(at("copies.jsonl"), vec![at("old.jsonl")]));
	assert_eq!(found.exact, 0);
	let right = found
		.pairs
		.iter()
		.filter(|pair| pair.row == pair.old_row)
		.count();
	println!(
		"5 % of words changed: {right} of 10,000 found, {} pairs",
		found.pairs.len()
	);
	assert!(right >= 9_500, "{right}");
	// Precision: what is found is the original, not some other row.
	assert!(
		found.pairs.len() - right <= 10,
		"{} wrong",
		found.pairs.len() - right
	);
	// By length: the shortest rows are the hardest.
	let short: Vec<_> = (0..10_000u32)
		.filter(|row| old[*row as usize].len() < 45)
		.collect();
	let rows: BTreeSet<_> = found.pairs.iter().map(|pair| pair.row).collect();
	let part = short.iter().filter(|row| rows.contains(row)).count() as f64 / short.len() as f64;
	println!(
		"of {} rows with fewer than 45 words: {:.2} %",
		short.len(),
		part * 100.0
	);
	assert!(part >= 0.9, "{part}");

	let found = run(&compare(at("strangers.jsonl"), vec![at("old.jsonl")]));
	println!(
		"unrelated: {} of 10,000 taken for near-duplicates",
		found.near
	);
	assert!(found.near < 10, "{}", found.near);
	assert_eq!(found.exact, 0);
}

#[test]
fn evidence_names_the_earliest_and_proves_both_rows() {
	let folder = tempfile::tempdir().unwrap();
	let at = |name: &str| folder.path().join(name);
	let mut writer = Writer::new(5);
	let old: Vec<_> = (0..500).map(|_| writer.text(60)).collect();
	let mut later = old.clone();
	later.reverse();
	// New: 100 exact copies, 50 near ones, 50 of its own.
	let mut new: Vec<_> = old[200..300].to_vec();
	new.extend(old[..50].iter().map(|text| writer.near_copy(text)));
	new.extend((0..50).map(|_| writer.text(60)));
	for (name, texts) in [
		("old.jsonl", &old),
		("later.jsonl", &later),
		("new.jsonl", &new),
	] {
		save(&at(name), texts);
	}
	let mut asked = compare(at("new.jsonl"), vec![at("old.jsonl"), at("later.jsonl")]);
	asked.rows = vec![0, 99, 120, 199];
	let found = run(&asked);
	assert_eq!(found.exact, 100);
	assert!((48..=50).contains(&found.near), "{}", found.near);
	assert!((found.share - 0.75).abs() < 0.011, "{}", found.share);
	let exact = found.pairs.iter().filter(|pair| pair.exact);
	for pair in exact {
		assert_eq!((pair.old, pair.old_row), (0, pair.row + 200), "{pair:?}");
		assert_eq!(pair.similarity, 1.0);
	}
	let proved: Vec<_> = found
		.evidence
		.iter()
		.map(|evidence| evidence.pair.row)
		.collect();
	assert_eq!(proved, [0, 99, 120]);
	for evidence in &found.evidence {
		evidence
			.new_proof
			.verify(found.new.root, found.new.rows)
			.unwrap();
		let old = &found.old[evidence.pair.old as usize];
		evidence.old_proof.verify(old.root, old.rows).unwrap();
		assert!(evidence.new_proof.text.is_some() && evidence.old_proof.text.is_some());
		let same = evidence.new_proof.leaf == evidence.old_proof.leaf;
		assert_eq!(same, evidence.pair.exact);
	}

	// By leaves alone: the exact ones, with the same proofs.
	let leaves = batch::leaves(&at("old.jsonl")).unwrap();
	tree::write(&at("old.tree"), &leaves).unwrap();
	let mut filter = Filter::new(500);
	leaves.iter().for_each(|leaf| filter.insert(leaf));
	filter.write(&at("old.filter")).unwrap();
	let mut asked = compare(at("new.jsonl"), vec![at("old.tree")]);
	asked.filter = Some(at("old.filter"));
	let found = run(&asked);
	assert_eq!((found.exact, found.near), (100, 0));
	assert!(
		(100..105).contains(&found.possible.unwrap()),
		"{:?}",
		found.possible
	);
	assert_eq!(found.evidence.len(), 4);
	assert!(found
		.evidence
		.iter()
		.all(|it| it.new_proof.leaf == it.old_proof.leaf));

	asked.threshold = 1.5;
	assert!(matches!(search(&asked), Err(Error::Request(_))));
}

#[test]
fn a_phrase_that_all_rows_share_neither_matches_nor_slows() {
	let folder = tempfile::tempdir().unwrap();
	let at = |name: &str| folder.path().join(name);
	let mut writer = Writer::new(6);
	// Ten words in each row, then forty of its own.
	let opening = writer.text(10);
	let texts = |writer: &mut Writer| -> Vec<Vec<usize>> {
		(0..5_000)
			.map(|_| [opening.clone(), writer.text(40)].concat())
			.collect()
	};
	save(&at("old.jsonl"), &texts(&mut writer));
	save(&at("new.jsonl"), &texts(&mut writer));
	let start = std::time::Instant::now();
	let found = run(&compare(at("new.jsonl"), vec![at("old.jsonl")]));
	println!("{} of 5,000 in {:?}", found.near, start.elapsed());
	// Six of 46 shingles are shared: a similarity of 0.07.
	assert!(found.near < 50, "{}", found.near);

	// The worst case: all rows are one row.
	let same = vec![writer.text(50); 5_000];
	save(&at("same.jsonl"), &same);
	let start = std::time::Instant::now();
	let found = run(&compare(at("same.jsonl"), vec![at("same.jsonl")]));
	println!("all the same, in {:?}", start.elapsed());
	assert_eq!((found.exact, found.near), (5_000, 0));
	assert!(found.pairs.iter().all(|pair| pair.old_row == 0));
}

#[test]
fn a_row_copied_thousands_of_times_is_found_each_time() {
	let folder = tempfile::tempdir().unwrap();
	let at = |name: &str| folder.path().join(name);
	let mut writer = Writer::new(7);
	let original = writer.text(60);
	save(&at("old.jsonl"), std::slice::from_ref(&original));

	// Another near copy each time.
	let copies: Vec<_> = (0..5_000).map(|_| writer.near_copy(&original)).collect();
	save(&at("copies.jsonl"), &copies);
	let found = run(&compare(at("copies.jsonl"), vec![at("old.jsonl")]));
	println!("{} of 5,000 copies of one row found", found.near);
	assert!(found.near >= 4_750, "{}", found.near);

	// The same one each time, with other punctuation.
	let copy: Vec<_> = copies[0].iter().map(|word| format!("w{word}")).collect();
	let lines = (0..5_000).map(|i| {
		format!(
			"{{\"text\":\"{}{}\"}}\n",
			copy.join(" "),
			".".repeat(i % 50)
		)
	});
	fs::write(at("dots.jsonl"), lines.collect::<String>()).unwrap();
	let found = run(&compare(at("dots.jsonl"), vec![at("old.jsonl")]));
	assert_eq!((found.exact, found.near), (0, 5_000));
}

#[test]
fn the_command_line_writes_evidence() {
	use clap::Parser;
	#[derive(Parser)]
	struct Cli {
		#[command(subcommand)]
		tool: openledger_data::cli::DataTool,
	}
	let folder = tempfile::tempdir().unwrap();
	let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
	let run = |words: &[&str]| Cli::parse_from([&["data"], words].concat()).tool.print();
	let mut writer = Writer::new(8);
	let old: Vec<_> = (0..20).map(|_| writer.text(40)).collect();
	save(Path::new(&at("old.jsonl")), &old);
	save(
		Path::new(&at("new.jsonl")),
		&[old[3].clone(), writer.near_copy(&old[4]), writer.text(40)],
	);
	run(&["prepare", &at("old.jsonl"), "--out", &at("out")]).unwrap();
	let tree = at("out/old-000.tree");
	run(&["filter", &tree, "-o", &at("old.filter")]).unwrap();
	let (new, evidence) = (at("new.jsonl"), at("evidence.json"));
	let said = run(&[
		"duplicates",
		"--new",
		&new,
		"--old",
		&at("old.jsonl"),
		"--rows",
		"0,2",
		"-o",
		&evidence,
	])
	.unwrap();
	assert!(said.contains("row 0 is the same: row 3 of"), "{said}");
	assert!(said.contains("like it: row 4 of"), "{said}");
	assert!(said.contains("row 2 is in no older batch"), "{said}");
	assert!(
		said.contains("1 of 3 rows are in older batches, 1 more are nearly: 66.67 %"),
		"{said}"
	);
	let report: serde_json::Value = serde_json::from_slice(&fs::read(&evidence).unwrap()).unwrap();
	assert_eq!(report["evidence"].as_array().unwrap().len(), 1);
	assert_eq!(report["evidence"][0]["oldProof"]["row"], 3);
	assert_eq!(report["pairs"][0]["exact"], true);

	let said = run(&["duplicates", "--new", &new, "--filter", &at("old.filter")]).unwrap();
	assert!(said.contains("1 rows may be"), "{said}");
	assert!(run(&["duplicates", "--new", &new]).is_err());
}
