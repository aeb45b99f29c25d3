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

/// SmolLM2-135M-Instruct in 32 bits.
pub(crate) const LANGUAGE_GRAPH: &str =
	"6a4ee3f0d444ea572e6f1fd4f19ce690de55a66f4e832eaf293ed190daf5e560";
/// The file of its weights.
pub(crate) const LANGUAGE_WEIGHTS: &str =
	"0f272ca014aea93a402af2771801484efc051f0f8237ecc7e8144c09c2c3acc0";
/// The same model in 8 bits.
pub(crate) const LANGUAGE_GRAPH_8: &str =
	"f429f4db615f587c8b71833aa0365444fc0220b56dbe9a009cc7fe6329cf8fbc";
/// The same model without its last layer.
pub(crate) const LANGUAGE_GRAPH_SHORT: &str =
	"d2fc3c9f56c8c3b1e0884a1188da07f26a810b3f3bf8f182cd07675376996f92";
/// The tokenizer of all three.
pub(crate) const LANGUAGE_TOKENIZER: &str =
	"0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe";
/// Settings for generation with the first two.
pub(crate) const GENERATION: &str =
	"f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e";
/// Settings for generation with the short one.
pub(crate) const GENERATION_SHORT: &str =
	"bd989112daa4d586286f6b4243cb84b3f832fb7cd75db289ef72cc648324c4d3";

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
	for name in [
		GRAPH,
		TOKENIZER,
		LANGUAGE_GRAPH,
		LANGUAGE_WEIGHTS,
		GENERATION,
	] {
		present(models.join(name));
	}
	models
}

/// The folder of texts.
pub(crate) fn texts() -> PathBuf {
	let texts = cache().join("texts");
	present(texts.join("devil.txt"));
	texts
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
