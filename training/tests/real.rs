//! The real model, where `scripts/setup.sh` puts it, on real texts.

use std::{env, fs, path::PathBuf, sync::LazyLock};

use openledger_training::{
	base::{to_pairs, Base},
	batch::Batch,
	gradients::{self, Projecting},
	hash::Hash256,
	log::{Log, Record, Start},
	lora::{AdapterShape, Projection},
	model::Run,
	optimiser::{Decay, Optimiser, Schedule},
	peft,
	text::{Dataset, Encoder},
	train::{train, Corpus, Settings},
};
use ort::{session::Session, value::Tensor};

/// SmolLM2-135M-Instruct in 32 bits.
const GRAPH: &str = "6a4ee3f0d444ea572e6f1fd4f19ce690de55a66f4e832eaf293ed190daf5e560";
const TOKENIZER: &str = "0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe";
const GENERATION: &str = "f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e";

fn present(path: PathBuf) -> PathBuf {
	let advice = "is missing: run scripts/setup.sh";
	assert!(path.exists(), "{} {advice}", path.display());
	path
}

fn cache() -> PathBuf {
	let home = || PathBuf::from(env::var_os("HOME").expect("a home folder"));
	let xdg = || env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
	env::var_os("OPENLEDGER_CACHE")
		.map(PathBuf::from)
		.unwrap_or_else(|| {
			xdg()
				.unwrap_or_else(|| home().join(".cache"))
				.join("openledger")
		})
}

fn models() -> PathBuf {
	present(cache().join("models").join(GRAPH));
	cache().join("models")
}

fn hash(text: &str) -> Hash256 {
	text.parse().expect("a hash")
}

static BASE: LazyLock<Base> =
	LazyLock::new(|| Base::load(&models(), hash(GRAPH)).expect("the model"));
static ENCODER: LazyLock<Encoder> = LazyLock::new(|| {
	Encoder::load(&models(), hash(TOKENIZER), hash(GENERATION)).expect("the tokenizer")
});

/// Entries of the Devil's Dictionary, as rows of a batch file: those whose number leaves `rest` when
/// divided by `of`.
fn entries(most: usize, of: usize, rest: usize) -> String {
	let text = fs::read_to_string(present(cache().join("texts/devil.txt"))).expect("the texts");
	let entries = text
		.split("\n\n")
		.map(|entry| entry.split_whitespace().collect::<Vec<_>>());
	entries
		.map(|words| words.join(" "))
		.filter(|entry| (80..400).contains(&entry.len()))
		.enumerate()
		.filter(|(number, _)| number % of == rest)
		.take(most)
		.map(|(_, entry)| serde_json::json!({ "text": entry }).to_string() + "\n")
		.collect()
}

fn dataset(rows: &str, max_tokens: usize) -> Dataset {
	let mut dataset = Dataset::default();
	let batch = Batch::parse(rows.as_bytes().to_vec()).expect("a batch");
	dataset.add(&batch, &ENCODER, max_tokens).expect("texts");
	dataset
}

fn settings() -> Settings {
	Settings {
		seed: 1,
		steps: 12,
		batch: 4,
		max_tokens: 64,
		adapter: AdapterShape {
			rank: 8,
			alpha: 16.0,
			rslora: false,
			projections: vec![Projection::Q, Projection::V],
			from: 26,
			to: 30,
		},
		optimiser: Optimiser::default(),
		schedule: Schedule {
			learning_rate: 2e-3,
			warm_up: 2,
			decay: Decay::Linear,
		},
		clip: Some(1.0),
		checkpoint_every: 0,
	}
}

fn logits(base: &Base, tokens: &[u32], run: Run<'_>) -> Vec<f32> {
	let hidden = base.embed(tokens).expect("embeddings");
	let hidden = base
		.run(&hidden, &[tokens.len()], 0..base.shape.layers, run)
		.expect("states");
	let logits = base
		.logits(&base.finish(&hidden).expect("states"))
		.expect("logits");
	logits
		.flatten_all()
		.and_then(|all| all.to_vec1())
		.expect("logits")
}

fn farthest(a: &[f32], b: &[f32]) -> f32 {
	assert_eq!(a.len(), b.len());
	a.iter()
		.zip(b)
		.map(|(a, b)| (a - b).abs())
		.fold(0.0, f32::max)
}

/// What ONNX Runtime makes of the same tokens.
fn reference(tokens: &[u32]) -> Vec<f32> {
	let library = cache().join("onnxruntime/1.31.1/libonnxruntime.so.1.31.1");
	let library = ort::init_from(present(library)).expect("ONNX Runtime");
	let environment = library.build().expect("ONNX Runtime");
	let mut session = Session::builder(&environment)
		.expect("ONNX Runtime")
		.commit_from_file(models().join(GRAPH))
		.expect("the graph");
	let ids: Vec<i64> = tokens.iter().map(|token| i64::from(*token)).collect();
	let ids = Tensor::from_array(([1, ids.len()], ids)).expect("tokens");
	let all = Tensor::from_array((Vec::<usize>::new(), vec![0i64])).expect("a number");
	let mut inputs: Vec<(String, ort::session::SessionInputValue<'_>)> = vec![
		("input_ids".into(), ids.into()),
		("num_logits_to_keep".into(), all.into()),
	];
	for layer in 0..BASE.shape.layers {
		for part in ["key", "value"] {
			let shape = [1, BASE.shape.kv_heads, 0, BASE.shape.head_size];
			let empty = Tensor::<f32>::new(&Default::default(), shape).expect("nothing");
			inputs.push((format!("past_key_values.{layer}.{part}"), empty.into()));
		}
	}
	let outputs = session.run(inputs).expect("a run");
	let (_, values) = outputs["logits"]
		.try_extract_tensor::<f32>()
		.expect("logits");
	values.to_vec()
}

#[test]
fn logits_are_those_of_onnx_runtime() {
	let data = dataset(&entries(1, 1, 0), 64);
	let tokens = &data.examples[0].tokens;
	let distance = farthest(&logits(&BASE, tokens, Run::default()), &reference(tokens));
	println!("{} tokens, farthest logit {distance:e}", tokens.len());
	assert!(distance < 5e-4, "{distance}");
}

#[test]
fn training_lowers_the_loss_of_what_was_not_seen() {
	let folder = tempfile::tempdir().expect("a folder");
	let settings = settings();
	let (learnt, held_out) = (
		dataset(&entries(48, 2, 0), 64),
		dataset(&entries(24, 2, 1), 64),
	);
	let from = settings.adapter.from;
	let corpus = Corpus::new(&BASE, &learnt.examples, from).expect("a corpus");
	let unseen = Corpus::new(&BASE, &held_out.examples, from).expect("a corpus");
	let before = unseen.evaluate(&unseen.rows(), None).expect("a loss");

	let start = Start::new(&BASE, &ENCODER, &learnt, &settings);
	let mut log = Log::create(folder.path(), start, &learnt).expect("a log");
	train(&corpus, &corpus.rows(), &settings, |event| log.note(&event)).expect("an adapter");
	let record = Record::read(folder.path()).expect("a log");
	record.check_data(&learnt).expect("the data");
	record.check_adapters(folder.path()).expect("the adapter");

	let adapter = peft::read(folder.path(), &BASE.shape).expect("the adapter");
	let after = unseen
		.evaluate(&unseen.rows(), Some(&adapter))
		.expect("a loss");
	println!(
		"perplexity {} -> {}",
		before.perplexity(),
		after.perplexity()
	);
	assert!(after.perplexity() < 0.97 * before.perplexity());

	// What is merged into weights laid out as Hugging Face's gives the same logits.
	let tokens = &held_out.examples[0].tokens;
	let merged = BASE.merged(&adapter).expect("weights");
	let run = Run {
		adapter: Some(&adapter),
		..Run::default()
	};
	let with = logits(&BASE, tokens, run);
	let distance = farthest(&with, &logits(&merged, tokens, Run::default()));
	assert!(distance < 5e-4, "{distance}");
	assert!(farthest(&with, &logits(&BASE, tokens, Run::default())) > 0.1);

	// Projections keep the norms of gradients.
	let whole = Projecting { seed: 3, dim: 0 };
	let all = gradients::compute(&corpus, &[0, 1, 2, 3], &adapter, whole).expect("gradients");
	let sketched = Projecting { seed: 3, dim: 1024 };
	let some = gradients::compute(&corpus, &[0, 1, 2, 3], &adapter, sketched).expect("gradients");
	for ((_, width, all), (_, dim, some)) in all.layers().zip(some.layers()) {
		let norm = |values: &[f32]| -> f64 { values.iter().map(|x| f64::from(x * x)).sum() };
		for (all, some) in all.chunks(width).zip(some.chunks(dim)) {
			let ratio = norm(some) / norm(all);
			assert!((0.6..1.6).contains(&ratio), "{ratio}");
		}
	}
}

/// Rows that rotary embeddings turn together stand side by side in the file, and half a head apart here.
#[test]
fn rows_are_in_the_order_of_hugging_face() {
	let shape = BASE.shape;
	assert_eq!(
		(shape.layers, shape.hidden, shape.feed_forward),
		(30, 576, 1536)
	);
	assert_eq!((shape.heads, shape.kv_heads, shape.head_size), (9, 3, 64));
	let q = &BASE.layers[0].projections[&Projection::Q];
	let pairs = to_pairs(q, shape.heads).expect("rows");
	let row = |rows: &openledger_training::candle_core::Tensor, n: usize| -> Vec<f32> {
		rows.get(n).and_then(|row| row.to_vec1()).expect("a row")
	};
	assert_eq!(row(q, 32), row(&pairs, 1));
	assert_eq!(row(q, 1), row(&pairs, 2));
}
