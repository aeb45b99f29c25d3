//! Whether the citations of answers name what the answers are known to come from.
//!
//! Questions are made from titles by a fixed rule, *What is `title`?*, so that one passage is known to be the
//! right one; which titles is decided by their places alone. What is retrieved, shown, answered and cited goes
//! through the functions of the service.

mod tally;
mod text;

use std::{
	path::{Path, PathBuf},
	thread,
	time::Duration,
};

use openledger_inference::{
	citations::cite,
	engine::{
		Embedder, Engine, EngineConfig, Generator, GeneratorId, Grounded, Limit, ModelId, Provider,
		Question, Sampler,
	},
	hash::Hash256,
	Citation,
};

use self::{tally::Tally, text::Text};
use crate::{
	results::{Goal, Measure, Part, Score},
	Failure,
};

/// What is measured, and with what.
#[derive(clap::Args)]
pub(crate) struct Options {
	/// Batch files: a JSON object with `title` and `text` on each line.
	#[arg(value_name = "FILE", required = true)]
	texts: Vec<PathBuf>,

	/// Folder of model files, each named by its SHA-256.
	#[arg(long, value_name = "DIR")]
	models: PathBuf,

	/// ONNX Runtime's shared library [default: ORT_DYLIB_PATH, or where the system finds it].
	#[arg(long, value_name = "FILE")]
	onnxruntime: Option<PathBuf>,

	/// SHA-256 of the language model's graph [default: SmolLM2 in 8 bits].
	#[arg(
		long,
		value_name = "HASH",
		default_value = "f429f4db615f587c8b71833aa0365444fc0220b56dbe9a009cc7fe6329cf8fbc",
		hide_default_value = true
	)]
	graph: Hash256,

	/// SHA-256 of its tokenizer.
	#[arg(
		long,
		value_name = "HASH",
		default_value = "0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe",
		hide_default_value = true
	)]
	tokenizer: Hash256,

	/// SHA-256 of its settings for generation.
	#[arg(
		long,
		value_name = "HASH",
		default_value = "f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e",
		hide_default_value = true
	)]
	generation: Hash256,

	/// SHA-256 of the graph that embeds [default: MiniLM].
	#[arg(
		long,
		value_name = "HASH",
		default_value = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
		hide_default_value = true
	)]
	retriever: Hash256,

	/// SHA-256 of its tokenizer.
	#[arg(
		long,
		value_name = "HASH",
		default_value = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
		hide_default_value = true
	)]
	retriever_tokenizer: Hash256,

	/// How many passages of each text to search, evenly spread.
	#[arg(long, value_name = "N", default_value_t = 400)]
	passages: usize,

	/// Sets of questions, each by where in its part of the text a question lies, in hundredths.
	#[arg(
		long,
		value_name = "N,…",
		value_delimiter = ',',
		default_value = "2,10,32,40,48,56,82,90",
		value_parser = clap::value_parser!(u8).range(0..100)
	)]
	offsets: Vec<u8>,

	/// How many questions a set has.
	#[arg(long, value_name = "N", default_value_t = 10)]
	questions: usize,

	/// How many passages an answer rests on at most.
	#[arg(long, value_name = "N", default_value_t = 3)]
	top_k: usize,

	/// Most tokens of an answer.
	#[arg(long, value_name = "N", default_value_t = 24)]
	max_tokens: usize,

	/// Tell each question, its answer, and what its passages did.
	#[arg(long)]
	verbose: bool,
}

/// Ways to cite: what they are called, in the order of [`Tallies`].
const METHODS: [&str; 6] = [
	"relevance × ablation",
	"ablation, not weighed by relevance",
	"relevance, all that was shown",
	"all that was retrieved",
	"the nearest alone",
	"one of the retrieved at random",
];

/// How each of [`METHODS`] did.
type Tallies = [Tally; METHODS.len()];

/// What is read off a tally.
type Reading = fn(&Tally) -> f64;

/// Measures, and keeps what came of it.
pub(crate) fn run(options: &Options, results: &Path) -> Result<(), Failure> {
	let texts = thread::scope(|scope| {
		let workers: Vec<_> = options
			.texts
			.iter()
			.map(|path| scope.spawn(|| Asker::start(options, path)?.sets()))
			.collect();
		let joined = workers.into_iter().map(|worker| match worker.join() {
			Ok(outcome) => outcome,
			Err(_) => Err("a thread panicked".into()),
		});
		joined.collect::<Result<Vec<_>, Failure>>()
	})?;
	let mut measures = Vec::new();
	for (path, sets) in options.texts.iter().zip(&texts) {
		let name = path
			.file_stem()
			.unwrap_or(path.as_os_str())
			.to_string_lossy();
		let readings: [(&str, Option<Goal>, Reading); 3] = [
			(
				"precision of citations",
				Some(Goal::AtLeast(0.9)),
				Tally::precision,
			),
			(
				"recall of citations",
				Some(Goal::AtLeast(0.9)),
				Tally::recall,
			),
			("weight of the right passage", None, Tally::weight),
		];
		for (what, goal, reading) in readings {
			measures.push(measure(format!("{name}: {what}"), goal, sets, reading)?);
		}
	}
	let part = Part {
		title: "Citations".into(),
		setting: setting(options),
		seeds: options
			.offsets
			.iter()
			.map(|offset| u64::from(*offset))
			.collect(),
		measures,
		curves: Vec::new(),
	};
	for measure in &part.measures {
		println!("{}", measure.name);
		for score in &measure.scores {
			let Score {
				method,
				mean,
				low,
				high,
				..
			} = score;
			println!("  {method:<36} {mean:.3} ({low:.3} to {high:.3})");
		}
	}
	part.write(results, "citations")
}

fn measure(
	name: String,
	goal: Option<Goal>,
	sets: &[Tallies],
	reading: Reading,
) -> Result<Measure, Failure> {
	let scores = METHODS
		.iter()
		.enumerate()
		.map(|(place, method)| {
			let values = sets
				.iter()
				.map(|tallies| reading(&tallies[place]))
				.collect();
			Score::new(method, place == 0, values)
		})
		.collect::<Result<Vec<_>, Failure>>()?;
	Ok(Measure {
		name,
		goal,
		note: note(goal, &scores),
		scores,
	})
}

/// What falls short of the goal, and what does better than what is paid by.
fn note(goal: Option<Goal>, scores: &[Score]) -> Option<String> {
	let paid = scores.iter().find(|score| score.paid)?;
	let reached = match goal {
		Some(Goal::AtLeast(least)) if paid.mean < least => "The goal is not reached. ",
		Some(Goal::AtLeast(least)) if paid.low < least => {
			"The mean reaches the goal; the interval begins below it. "
		}
		_ => "",
	};
	let better = scores.iter().filter(|score| score.mean > paid.mean);
	let better: Vec<_> = better.map(|score| score.method.as_str()).collect();
	let beaten = match better.as_slice() {
		[] => String::new(),
		_ => format!("Higher than what is paid by: {}.", better.join("; ")),
	};
	Some(format!("{reached}{beaten}").trim().to_owned()).filter(|note| !note.is_empty())
}

fn setting(options: &Options) -> String {
	format!(
		"*What is X?* is asked for titles X that occur once in a text; the passage under the title, or one that \
		 says the same, is the one right citation. Which titles: {questions} that lie evenly among those of \
		 {passages} passages, which are evenly spread over the text; each value is of another such set. No \
		 question is chosen by how it is answered. SmolLM2-135M answers in at most {tokens} tokens from at most \
		 {top_k} passages, which MiniLM finds; what is shown and cited is decided by the functions of the \
		 service. The rule by which passages are shown, and the order of the prompt, were chosen after looking \
		 at some forty questions about each of FOLDOC and the Devil's Dictionary, none of which is in the sets \
		 that are asked by default; neither text is unseen. Questions that bear the title are easy to retrieve \
		 for, so the nearest passage alone is a strong baseline here. It is not what is paid by: a passage that is nothing \
		 but the question would be the nearest. What is cited by drop alone is the same; it is weighed otherwise.",
		questions = options.questions,
		passages = options.passages,
		tokens = options.max_tokens,
		top_k = options.top_k,
	)
}

/// Asks about one text.
struct Asker<'a> {
	options: &'a Options,
	text: Text,
	embedder: Embedder,
	model: Generator,
	limit: Limit,
}

impl<'a> Asker<'a> {
	fn start(options: &'a Options, path: &Path) -> Result<Self, Failure> {
		let engine = Engine::start(EngineConfig {
			library: options.onnxruntime.clone(),
			models: options.models.clone(),
			provider: Provider::Cpu,
			threads: 1,
		})?;
		let mut embedder = engine.load(ModelId {
			graph: options.retriever,
			tokenizer: options.retriever_tokenizer,
		})?;
		let model = engine.load_generator(GeneratorId {
			graph: options.graph,
			tokenizer: options.tokenizer,
			generation: options.generation,
		})?;
		let limit = Limit::within(Duration::MAX);
		let text = Text::read(path, options.passages, &mut embedder, &limit)?;
		Ok(Self {
			options,
			text,
			embedder,
			model,
			limit,
		})
	}

	/// What came of each set of questions.
	fn sets(&mut self) -> Result<Vec<Tallies>, Failure> {
		let offsets = &self.options.offsets;
		offsets.iter().map(|offset| self.set(*offset)).collect()
	}

	fn set(&mut self, offset: u8) -> Result<Tallies, Failure> {
		let mut tallies = Tallies::default();
		for row in self.text.asked(self.options.questions, offset) {
			self.ask(row, &mut tallies)?;
		}
		Ok(tallies)
	}

	fn ask(&mut self, row: u32, tallies: &mut Tallies) -> Result<(), Failure> {
		let asked = format!("What is {}?", self.text.title(row));
		let query = self.embedder.embed(&asked, &self.limit)?;
		let found = self.text.find(&query, self.options.top_k);
		let question = Question {
			text: &asked,
			passages: &self.text.passages(&found.shown),
			max_tokens: self.options.max_tokens,
			sampler: Sampler::Greedy,
		};
		let grounded = self.model.answer(&question, &self.limit)?;
		let right = self.text.right(row);
		let cited = cite(&found.shown, &grounded.drops);
		let ablated = by_drop(&cited, &found.shown, &grounded.drops);
		let random = at_random(&found.nearest, row);
		let nearest = found.nearest.get(..1).unwrap_or_default();
		let ways: [&[Citation]; METHODS.len()] = [
			&cited,
			&ablated,
			&found.shown,
			&found.nearest,
			nearest,
			&random,
		];
		for (tally, cited) in tallies.iter_mut().zip(ways) {
			tally.add(cited, &right);
		}
		if self.options.verbose {
			self.tell(row, &found.shown, &grounded, &cited);
		}
		Ok(())
	}

	fn tell(&self, row: u32, shown: &[Citation], grounded: &Grounded, cited: &[Citation]) {
		let mut told = format!(
			"{}: {}\n",
			self.text.title(row),
			grounded.answer.text.trim()
		);
		for (citation, drop) in shown.iter().zip(&grounded.drops) {
			let mark = if citation.row == row { '*' } else { ' ' };
			let is_cited = cited.iter().any(|other| other.row == citation.row);
			told += &format!(
				"  {mark} {:<40.40} relevance {:.3}, drop {:.3}{}\n",
				self.text.title(citation.row),
				f64::from(citation.score) / 1e6,
				f64::from(*drop) / 1e3,
				if is_cited { ", cited" } else { "" },
			);
		}
		println!("{told}");
	}
}

/// What is cited, with what leaving it out does as the score.
fn by_drop(cited: &[Citation], shown: &[Citation], drops: &[u32]) -> Vec<Citation> {
	let dropped = shown.iter().zip(drops);
	dropped
		.filter(|(shown, _)| cited.iter().any(|cited| cited.row == shown.row))
		.map(|(shown, drop)| Citation {
			score: *drop,
			..*shown
		})
		.collect()
}

/// One of those found, by the hash of the row that was asked for.
fn at_random(found: &[Citation], row: u32) -> Vec<Citation> {
	let Hash256([first, ..]) = Hash256::sha256(&row.to_le_bytes());
	let place = usize::from(first).checked_rem(found.len());
	let taken = place.and_then(|place| found.get(place));
	taken.copied().into_iter().collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn noted(paid: &[f64], other: f64) -> Option<String> {
		let other = vec![other; paid.len()];
		let scores = [
			Score::new("paid", true, paid.to_vec()),
			Score::new("other", false, other),
		];
		note(Some(Goal::AtLeast(0.9)), &scores.map(Result::unwrap))
	}

	#[test]
	fn what_falls_short_is_said() {
		assert_eq!(noted(&[0.95; 4], 0.5), None);
		let note = |paid: &[f64], other| noted(paid, other).unwrap();
		assert_eq!(note(&[0.8; 4], 0.5), "The goal is not reached.");
		assert!(note(&[0.8, 0.95, 1.0, 1.0], 0.5).contains("begins below"));
		assert!(note(&[0.95; 4], 1.0).ends_with("paid by: other."));
	}

	#[test]
	fn a_random_one_is_one_of_those_found() {
		let found = [1, 2, 3].map(|row| Citation {
			batch: 0,
			row,
			score: 9,
		});
		assert_eq!(at_random(&[], 7), [] as [Citation; 0]);
		let taken: std::collections::BTreeSet<_> = (0..64)
			.flat_map(|row| at_random(&found, row))
			.map(|c| c.row)
			.collect();
		assert_eq!(taken, [1, 2, 3].into());
	}
}
