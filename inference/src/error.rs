//! Why a corpus or a job failed, in the words that reach the log, the caller and the chain.

use serde::{Deserialize, Serialize};

/// The kind of a failure. The names are part of the HTTP interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
	/// ONNX Runtime's shared library can't be loaded. Give its path with `--onnxruntime`.
	MissingLibrary,
	/// The models folder has no file of that name.
	ModelNotFound,
	/// A model file's content does not have the hash that is its name.
	WrongHash,
	/// The graph or the tokenizer can't be loaded, or the graph's inputs or outputs have another shape.
	BadModel,
	/// The job's input is empty or not UTF-8.
	BadInput,
	/// The run took longer than its limit.
	OutOfTime,
	/// A batch file is neither in the content store nor to be had from its locator.
	DataUnavailable,
	/// A batch file's hash, rows, bytes or Merkle root differ from what was announced.
	DataMismatch,
	/// A fault of the service itself. The log has the details.
	Internal,
	/// A job's input can't be had from its locator, or has another hash or size than announced.
	InputUnavailable,
}

impl ErrorCode {
	/// All of them.
	pub const ALL: [Self; 10] = [
		Self::MissingLibrary,
		Self::ModelNotFound,
		Self::WrongHash,
		Self::BadModel,
		Self::BadInput,
		Self::OutOfTime,
		Self::DataUnavailable,
		Self::DataMismatch,
		Self::Internal,
		Self::InputUnavailable,
	];

	/// What the operator of the service can do about it, as a sentence; `None` if nothing.
	pub fn advice(&self) -> Option<&'static str> {
		match self {
			Self::MissingLibrary => Some(
				"install ONNX Runtime and give its path with --onnxruntime or ORT_DYLIB_PATH",
			),
			Self::ModelNotFound => Some(
				"put the file into the folder of models, named by its SHA-256, or stop serving the model",
			),
			Self::WrongHash => Some("put the file in its place that its name says"),
			Self::BadModel => {
				Some("stop serving the model: this version of the service can't run it")
			}
			Self::OutOfTime => Some(
				"give the service more threads or a GPU, or stop serving the model: this machine is too \
				 slow for it",
			),
			Self::DataUnavailable => Some(
				"see whether the locator can be reached from here, or put the file into the content store",
			),
			Self::InputUnavailable => Some(
				"if this happens often, see whether the service gets out to the internet",
			),
			Self::BadInput | Self::DataMismatch | Self::Internal => None,
		}
	}

	/// The code as it is spelled in JSON.
	pub fn as_str(&self) -> &'static str {
		match self {
			Self::MissingLibrary => "missing_library",
			Self::ModelNotFound => "model_not_found",
			Self::WrongHash => "wrong_hash",
			Self::BadModel => "bad_model",
			Self::BadInput => "bad_input",
			Self::OutOfTime => "out_of_time",
			Self::DataUnavailable => "data_unavailable",
			Self::DataMismatch => "data_mismatch",
			Self::Internal => "internal",
			Self::InputUnavailable => "input_unavailable",
		}
	}
}

/// A failure with a sentence for people. The message holds no secrets: it is sent to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{}: {message}", code.as_str())]
pub struct Failure {
	/// What kind of failure it is.
	pub code: ErrorCode,
	/// What happened, in one sentence.
	pub message: String,
}

impl Failure {
	/// A failure of the kind `code`, explained by `message`.
	pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
		Self {
			code,
			message: message.into(),
		}
	}

	pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
		Self::new(ErrorCode::Internal, error.to_string())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_two_spellings_agree() {
		for code in ErrorCode::ALL {
			assert_eq!(
				serde_json::to_string(&code).unwrap(),
				format!("\"{}\"", code.as_str())
			);
		}
	}
}
