//! The inference engine of the OpenLedger chain and its local HTTP job service.
//!
//! A process of its own, apart from the node, because it runs C++ and GPU drivers: when they crash, the
//! validator goes on. Off-chain workers submit jobs (searches over the batches of a snapshot, answers by a
//! language model, with or without passages to rest on, checks of such answers) and collect the results in a later block. `README.md` describes
//! the HTTP interface.
//!
//! - [`content`]: files by hash, shared with the node;
//! - [`outputs`]: long answers, for the node to hand out;
//! - [`batch`]: batch files, their Merkle roots and row proofs;
//! - [`citations`]: what an answer rests on;
//! - [`engine`]: models, run by ONNX Runtime;
//! - [`fingerprint`]: by what answers are compared that aren't bit-equal;
//! - [`similarity`]: how much of one adapter is in another;
//! - [`service`]: corpora, jobs and HTTP.

mod args;
mod fetch;
mod index;
mod locator;

pub mod batch;
pub mod citations;
pub mod content;
pub mod engine;
pub mod error;
pub mod fingerprint;
pub mod hash;
pub mod outputs;
pub mod service;
pub mod similarity;

pub use self::{
	args::InferenceArgs,
	engine::Provider,
	index::{same, Best, Citation},
	service::{run, serve, Service, ServiceError},
};

// The helpers of the tests name this crate as an outsider does.
#[cfg(test)]
extern crate self as openledger_inference;

#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod real;
