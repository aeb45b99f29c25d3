//! The speed of making a batch of 1,000,000 short rows, against `sha256sum` on the same file, in one
//! run. Fails below a tenth.
//!
//! `cargo bench -p openledger-data`; with `--size MiB` (and nothing else) it makes batches of a file of
//! that size and prints the peak memory.

use indicatif::ProgressBar;
use openledger_data::{
	batch::{prepare, Job, Limits},
	readers::Format,
	schema::Schema,
};
use std::{
	error::Error,
	fs::{self, File},
	io::{BufWriter, Write},
	path::Path,
	process::{Command, ExitCode},
	time::{Duration, Instant},
};

const ROWS: u64 = 1_000_000;
const ROUNDS: usize = 5;

const WORDS: [&str; 64] = [
	"the", "of", "and", "a", "to", "in", "is", "you", "that", "it", "he", "was", "for", "on",
	"are", "as", "with", "his", "they", "I", "at", "be", "this", "have", "from", "or", "one",
	"had", "by", "word", "but", "not", "what", "all", "were", "we", "when", "your", "can", "said",
	"there", "use", "an", "each", "which", "she", "do", "how", "their", "if", "will", "up",
	"other", "about", "out", "many", "then", "them", "these", "so", "some", "her", "would", "make",
];

/// Writes rows of some 100 bytes: 6 to 21 words.
fn generate(path: &Path, mut more: impl FnMut(u64, u64) -> bool) -> std::io::Result<u64> {
	let mut file = BufWriter::new(File::create(path)?);
	let (mut rows, mut bytes, mut state) = (0, 0, 1u64);
	while more(rows, bytes) {
		let mut line = format!("{{\"id\":{rows},\"text\":\"");
		state = state
			.wrapping_mul(6_364_136_223_846_793_005)
			.wrapping_add(1);
		for _ in 0..6 + (state >> 60) {
			state = state
				.wrapping_mul(6_364_136_223_846_793_005)
				.wrapping_add(1);
			line += WORDS[(state >> 58) as usize];
			line.push(' ');
		}
		line += "end.\"}\n";
		file.write_all(line.as_bytes())?;
		rows += 1;
		bytes += line.len() as u64;
	}
	file.flush()?;
	Ok(bytes)
}

fn run(input: &Path, out: &Path) -> Result<(Duration, u64), Box<dyn Error>> {
	let _ = fs::remove_dir_all(out);
	let job = Job {
		input: input.to_owned(),
		format: Format::JsonLines,
		out: out.to_owned(),
		name: "x".to_owned(),
		schema: Schema::default(),
		limits: Limits {
			bytes: u64::MAX,
			..Limits::default()
		},
		recipients: Vec::new(),
	};
	let start = Instant::now();
	let made = prepare(&job, &ProgressBar::hidden())?;
	let took = start.elapsed();
	Ok((
		took,
		made.batches
			.iter()
			.map(|(_, batch)| u64::from(batch.rows))
			.sum(),
	))
}

fn peak() -> String {
	let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
	line.unwrap_or("unknown").trim().to_owned()
}

fn memory(mebibytes: u64) -> Result<(), Box<dyn Error>> {
	let folder = tempfile::tempdir()?;
	let input = folder.path().join("x.jsonl");
	generate(&input, |_, bytes| bytes < mebibytes << 20)?;
	let (took, rows) = run(&input, &folder.path().join("out"))?;
	println!(
		"{mebibytes} MiB, {rows} rows: {took:.1?}, peak memory {}",
		peak()
	);
	Ok(())
}

fn speed() -> Result<bool, Box<dyn Error>> {
	let folder = tempfile::tempdir()?;
	let input = folder.path().join("x.jsonl");
	let bytes = generate(&input, |rows, _| rows < ROWS)?;
	println!("{ROWS} rows, {bytes} bytes");
	let (mut hashed, mut prepared) = (Duration::MAX, Duration::MAX);
	for _ in 0..ROUNDS {
		let start = Instant::now();
		let status = Command::new("sha256sum").arg(&input).output()?.status;
		assert!(status.success(), "sha256sum failed");
		hashed = hashed.min(start.elapsed());
		let (took, rows) = run(&input, &folder.path().join("out"))?;
		assert_eq!(rows, ROWS);
		prepared = prepared.min(took);
	}
	let ratio = hashed.as_secs_f64() / prepared.as_secs_f64();
	let rate = |took: Duration| bytes as f64 / took.as_secs_f64() / 1e6;
	println!("sha256sum  {hashed:.3?}  {:.0} MB/s", rate(hashed));
	println!("prepare    {prepared:.3?}  {:.0} MB/s", rate(prepared));
	println!(
		"ratio      {ratio:.3}, at least 0.1 is needed; peak memory {}",
		peak()
	);
	Ok(ratio >= 0.1)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
	let mut arguments = std::env::args()
		.skip_while(|argument| argument != "--size")
		.skip(1);
	if let Some(size) = arguments.next() {
		memory(size.parse()?)?;
		return Ok(ExitCode::SUCCESS);
	}
	Ok(if speed()? {
		ExitCode::SUCCESS
	} else {
		ExitCode::FAILURE
	})
}
