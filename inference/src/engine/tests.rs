//! Against the real library and the real model.

use std::{
	io,
	path::Path,
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc, Mutex,
	},
	time::{Duration, Instant},
};

use super::*;
use crate::real;

fn config(provider: Provider) -> EngineConfig {
	EngineConfig {
		library: Some(real::library()),
		models: real::models(),
		provider,
		threads: 1,
	}
}

fn model() -> ModelId {
	ModelId {
		graph: real::graph(),
		tokenizer: real::tokenizer(),
	}
}

fn embedder() -> Embedder {
	Engine::start(config(Provider::Cpu))
		.unwrap()
		.load(model())
		.unwrap()
}

fn relaxed() -> Limit {
	Limit::within(Duration::from_secs(60))
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
	a.iter()
		.zip(b)
		.map(|(a, b)| f64::from(*a) * f64::from(*b))
		.sum()
}

/// An engine whose models folder holds these files, under the given names.
fn with_files(files: &[(&Hash256, &[u8])]) -> (tempfile::TempDir, Engine) {
	let folder = tempfile::tempdir().unwrap();
	for (name, content) in files {
		fs::write(folder.path().join(name.to_string()), content).unwrap();
	}
	let config = EngineConfig {
		models: folder.path().to_path_buf(),
		..config(Provider::Cpu)
	};
	(folder, Engine::start(config).unwrap())
}

fn tokenizer_bytes() -> Vec<u8> {
	fs::read(real::models().join(real::TOKENIZER)).unwrap()
}

#[test]
fn same_text_same_vector_whatever_runs_before_and_with_how_many_threads() {
	let text = "A compiler translates source code into machine code.";
	let mut first = embedder();
	let a = first.embed(text, &relaxed()).unwrap();
	assert_eq!(a.len(), 384);
	assert_eq!(first.dimension(), 384);
	assert!((cosine(&a, &a) - 1.0).abs() < 1e-6);
	first
		.embed(
			"Something else altogether, and rather longer than it.",
			&relaxed(),
		)
		.unwrap();
	assert_eq!(first.embed(text, &relaxed()).unwrap(), a);

	let two = EngineConfig {
		threads: 2,
		..config(Provider::Cpu)
	};
	let mut second = Engine::start(two).unwrap().load(model()).unwrap();
	assert_eq!(second.embed(text, &relaxed()).unwrap(), a);
}

#[test]
fn meaning_decides() {
	let mut embedder = embedder();
	let mut embed = |text: &str| embedder.embed(text, &relaxed()).unwrap();
	let query = embed("How is program text turned into instructions for the processor?");
	let near = embed("A compiler translates source code into machine code.");
	let far = embed("In the beginning God created the heaven and the earth.");
	assert!(cosine(&query, &near) > 0.4, "{}", cosine(&query, &near));
	assert!(cosine(&query, &near) > cosine(&query, &far) + 0.2);
}

#[test]
fn long_texts_are_cut() {
	let mut embedder = embedder();
	let long = "word ".repeat(254);
	let longer = format!("{long} and much more that is not seen");
	let vector = embedder.embed(&long, &relaxed()).unwrap();
	assert_eq!(embedder.embed(&longer, &relaxed()).unwrap(), vector);
	assert_ne!(
		embedder.embed(&"word ".repeat(253), &relaxed()).unwrap(),
		vector
	);
}

#[test]
fn wrong_content_is_named() {
	let other = Hash256::sha256(b"what the file should have been");
	let tokenizer = tokenizer_bytes();
	let (_folder, engine) =
		with_files(&[(&other, b"what it is"), (&real::tokenizer(), &tokenizer)]);
	let failure = engine
		.load(ModelId {
			graph: other,
			tokenizer: real::tokenizer(),
		})
		.unwrap_err();
	assert_eq!(failure.code, ErrorCode::WrongHash);
	for hash in [other, Hash256::sha256(b"what it is")] {
		assert!(failure.message.contains(&hash.to_string()), "{failure}");
	}
	// The tokenizer is checked likewise.
	let failure = engine
		.load(ModelId {
			graph: other,
			tokenizer: other,
		})
		.unwrap_err();
	assert_eq!(failure.code, ErrorCode::WrongHash);
}

#[test]
fn absent_files() {
	let tokenizer = tokenizer_bytes();
	let (_folder, engine) = with_files(&[(&real::tokenizer(), &tokenizer)]);
	for model in [
		model(),
		ModelId {
			graph: real::graph(),
			tokenizer: real::graph(),
		},
	] {
		assert_eq!(
			engine.load(model).unwrap_err().code,
			ErrorCode::ModelNotFound
		);
	}
}

#[test]
fn other_graphs_are_refused() {
	let cases: [(Vec<u8>, &str); 5] = [
		(b"not a graph".to_vec(), "can't be loaded"),
		(tokenizer_bytes(), "can't be loaded"),
		(tiny::identity(), "unknown input x"),
		(
			tiny::unary("input_ids", "last_hidden_state", tiny::FLOAT, &[None, None]),
			"int64",
		),
		(
			tiny::unary("input_ids", "last_hidden_state", tiny::INT64, &[None, None]),
			"no input attention_mask",
		),
	];
	let tokenizer = tokenizer_bytes();
	for (graph, why) in cases {
		let hash = Hash256::sha256(&graph);
		let (_folder, engine) = with_files(&[(&hash, &graph), (&real::tokenizer(), &tokenizer)]);
		let failure = engine
			.load(ModelId {
				graph: hash,
				tokenizer: real::tokenizer(),
			})
			.unwrap_err();
		assert_eq!(failure.code, ErrorCode::BadModel);
		assert!(failure.message.contains(why), "{failure}");
	}
	// A graph is no tokenizer.
	let failure = Engine::start(config(Provider::Cpu))
		.unwrap()
		.load(ModelId {
			graph: real::graph(),
			tokenizer: real::graph(),
		})
		.unwrap_err();
	assert_eq!(failure.code, ErrorCode::BadModel);
}

#[test]
fn a_run_that_takes_too_long_is_ended() {
	let mut embedder = embedder();
	let long = "word ".repeat(300);
	let vector = embedder.embed(&long, &relaxed()).unwrap();
	let took = (0..5)
		.map(|_| {
			let start = Instant::now();
			embedder.embed(&long, &relaxed()).unwrap();
			start.elapsed()
		})
		.min()
		.unwrap();
	// Tokenizing takes a part of the time; somewhere in here lies the run.
	let mut ended = 0;
	for part in 1..8u32 {
		if let Err(failure) = embedder.embed(&long, &Limit::within(took * part / 10)) {
			assert_eq!(failure.code, ErrorCode::OutOfTime);
			ended += 1;
		}
	}
	assert!(ended > 0);
	// The session is as good as before.
	assert_eq!(embedder.embed(&long, &relaxed()).unwrap(), vector);
}

#[test]
fn a_run_can_be_cancelled() {
	let mut embedder = embedder();
	let cancelled = Arc::new(AtomicBool::new(false));
	let limit = Limit::new(Duration::from_secs(60), cancelled.clone());
	embedder.embed("before", &limit).unwrap();
	cancelled.store(true, Ordering::Relaxed);
	assert_eq!(
		embedder.embed("after", &limit).unwrap_err().code,
		ErrorCode::OutOfTime
	);
}

#[test]
fn termination_reaches_the_run() {
	// Through the watchdog and ONNX Runtime, not by looking at the clock before and after.
	let watchdog = Watchdog::start().unwrap();
	let options = Arc::new(RunOptions::new().unwrap_or_else(|_| unreachable!()));
	let mut embedder = embedder();
	let guard = watchdog.guard(&Limit::within(Duration::ZERO), options.clone());
	std::thread::sleep(Duration::from_millis(300));
	let tensor = |value| Tensor::from_array(([1usize, 3], vec![value; 3])).unwrap();
	let inputs: Vec<(&str, SessionInputValue<'_>)> = vec![
		("input_ids", tensor(101i64).into()),
		("attention_mask", tensor(1i64).into()),
		("token_type_ids", tensor(0i64).into()),
	];
	let error = embedder
		.session
		.run_with_options(inputs, &options)
		.err()
		.unwrap();
	drop(guard);
	assert!(error.to_string().contains("terminate"), "{error}");
}

/// What is logged while `work` runs on this thread.
fn logged<T>(work: impl FnOnce() -> T) -> (T, String) {
	#[derive(Clone, Default)]
	struct Buffer(Arc<Mutex<Vec<u8>>>);
	impl io::Write for Buffer {
		fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
			self.0.lock().unwrap().extend_from_slice(bytes);
			Ok(bytes.len())
		}
		fn flush(&mut self) -> io::Result<()> {
			Ok(())
		}
	}
	let buffer = Buffer::default();
	let writer = buffer.clone();
	let subscriber = tracing_subscriber::fmt()
		.with_ansi(false)
		.with_max_level(tracing::Level::INFO)
		.with_writer(move || writer.clone())
		.finish();
	let result = tracing::subscriber::with_default(subscriber, work);
	let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
	(result, text)
}

#[test]
fn without_a_gpu_cuda_falls_back_and_says_so() {
	if Path::new("/dev/nvidia0").exists() {
		// There is one here: then CUDA either runs or says why not, as anywhere.
		return;
	}
	for (provider, level) in [(Provider::Cuda, "WARN"), (Provider::Auto, "INFO")] {
		let (engine, log) = logged(|| Engine::start(config(provider)).unwrap());
		let status = engine.provider();
		assert_eq!((status.requested, status.in_use), (provider, InUse::Cpu));
		let reason = status.fallback_reason.unwrap();
		assert!(reason.contains("CUDA"), "{reason}");
		let lines: Vec<_> = log
			.lines()
			.filter(|line| line.contains("going on on the CPU"))
			.collect();
		assert_eq!(lines.len(), 1, "{log}");
		assert!(
			lines[0].contains(level) && lines[0].contains(&reason),
			"{log}"
		);

		let text = "It goes on on the CPU.";
		let vector = engine
			.load(model())
			.unwrap()
			.embed(text, &relaxed())
			.unwrap();
		assert_eq!(vector, embedder().embed(text, &relaxed()).unwrap());
		assert!(
			engine.tag().ends_with("onnxruntime/1.31.1 cpu"),
			"{}",
			engine.tag()
		);
	}
	let (engine, log) = logged(|| Engine::start(config(Provider::Cpu)).unwrap());
	assert_eq!(engine.provider().fallback_reason, None);
	assert!(!log.contains("CUDA"), "{log}");
	assert_eq!(engine.version(), "1.31.1");
}

#[test]
fn one_library_per_process() {
	Engine::start(config(Provider::Cpu)).unwrap();
	let other = EngineConfig {
		library: Some("elsewhere.so".into()),
		..config(Provider::Cpu)
	};
	assert_eq!(
		Engine::start(other).unwrap_err().code,
		ErrorCode::MissingLibrary
	);
}
