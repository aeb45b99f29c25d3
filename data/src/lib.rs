//! Makes, proves, compares and encrypts the batch files of Datanets.
//!
//! A batch file is UTF-8 text with one row per line, each line ended by `\n`; rows made here are JSON
//! objects. Its Merkle tree is the one of [`openledger_primitives::merkle`].
//!
//! - [`readers`]: rows from JSON lines, CSV, Parquet or a folder of files, in bounded memory;
//! - [`batch`]: batch files, each with its description and the leaves of its tree;
//! - [`proof`]: files that prove a row to anyone;
//! - [`minhash`]: signatures of rows, by which near-duplicates are found;
//! - [`duplicates`]: which rows of a batch are in older ones, exactly or nearly, with evidence;
//! - [`filter`]: a small index of the rows of many batches;
//! - [`crypto`]: encryption with [age](https://age-encryption.org/v1);
//! - [`cli`]: all of it from the command line.
//!
//! The formats are described in this crate's README.

pub mod batch;
mod chunk;
pub mod cli;
pub mod crypto;
pub mod duplicates;
mod error;
pub mod filter;
pub mod minhash;
mod output;
pub mod proof;
pub mod readers;
pub mod schema;
mod text;
pub mod tree;

pub use error::Error;
pub use output::write_secret;

/// The longest row, in bytes without its newline. A node's search index reads no longer one.
pub const MAX_ROW_BYTES: usize = 1 << 20;

/// The most rows of a batch file: a row's proof then stays below 2 KB.
pub const MAX_BATCH_ROWS: u32 = 1 << 20;

/// The hash that names a row in a batch's tree.
pub type Hash = sp_core::H256;
