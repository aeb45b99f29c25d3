//! The node of the OpenLedger chain: command line, chain specs, consensus and networking, RPC, the
//! content store, the supervision of the inference service, and metrics.
//!
//! It is a library with a thin binary so that the tests in `tests/` reach its parts without the node
//! being compiled a second time.

#![allow(
	clippy::result_large_err,
	reason = "the errors of the SDK's command line and service are large"
)]

pub mod attribution;
pub mod chain_spec;
pub mod check_state;
pub mod cli;
pub mod client;
pub mod command;
pub mod content;
pub mod ethereum;
pub mod inference_service;
pub mod metrics;
pub mod operator;
pub mod rpc;
pub mod service;
mod terminal;

pub use command::run;
