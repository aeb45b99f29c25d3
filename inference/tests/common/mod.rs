//! The real library and model, where `scripts/setup.sh` puts them.

// Each test uses a part of it.
#![allow(dead_code)]

use std::path::PathBuf;

use openledger_inference::hash::Hash256;

/// MiniLM-L6, 8 bits, 384 dimensions.
pub(crate) const GRAPH: &str = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6";
/// Its tokenizer.
pub(crate) const TOKENIZER: &str =
	"be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";

/// [`GRAPH`] as a hash.
pub(crate) fn graph() -> Hash256 {
	GRAPH.parse().expect("a hash")
}

/// [`TOKENIZER`] as a hash.
pub(crate) fn tokenizer() -> Hash256 {
	TOKENIZER.parse().expect("a hash")
}

/// ONNX Runtime's shared library.
pub(crate) fn library() -> PathBuf {
	present(cache().join("onnxruntime/1.31.1/libonnxruntime.so.1.31.1"))
}

/// The folder of models.
pub(crate) fn models() -> PathBuf {
	let models = cache().join("models");
	for name in [GRAPH, TOKENIZER] {
		present(models.join(name));
	}
	models
}

fn cache() -> PathBuf {
	match std::env::var_os("OPENLEDGER_CACHE") {
		Some(path) => path.into(),
		None => {
			PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache/openledger")
		}
	}
}

fn present(path: PathBuf) -> PathBuf {
	assert!(
		path.is_file(),
		"{} is missing: run scripts/setup.sh",
		path.display()
	);
	path
}
