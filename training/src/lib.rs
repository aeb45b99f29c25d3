//! Fine-tunes language models by low-rank adapters, with a record that attribution can be computed from.
//!
//! The models are Llama decoders in the ONNX files that `scripts/models/convert.py` makes; their weights
//! stay as they are. What is trained is a LoRA adapter, written in the format of PEFT. Each run leaves a
//! log in which every line holds the hash of the one before it, so that its Merkle root, which has the
//! shape of a batch's, stands for the whole run.
//!
//! | module | what it does |
//! |---|---|
//! | [`batch`] | batch files: rows, leaves, Merkle root |
//! | [`text`] | rows as tokens, and which of them the loss is about |
//! | [`base`] | the base model's weights |
//! | [`model`] | the decoder, forwards and backwards |
//! | [`lora`], [`peft`] | adapters, and their files |
//! | [`optimiser`] | AdamW, SGD, clipping, learning rates |
//! | [`train`] | training, perplexity |
//! | [`log`] | the record of a run, and its check |
//! | [`gradients`] | per-example gradients for attribution |

pub mod base;
pub mod batch;
pub mod error;
pub mod gradients;
pub mod hash;
pub mod log;
pub mod lora;
pub mod model;
mod onnx;
mod ops;
pub mod optimiser;
pub mod peft;
pub mod random;
mod real;
pub mod text;
pub mod train;

pub use candle_core;
pub use error::{Error, Result};
