//! Types and maths of the OpenLedger chain, free of FRAME.
//!
//! | module | subject |
//! |---|---|
//! | [`types`] | identifiers, balances, hashes of content |
//! | [`access`] | how readers of paid data show a store who they are |
//! | [`data`] | locators, verdicts of curators, purposes of access |
//! | [`merkle`] | the tree over a batch's rows, its proofs |
//! | [`earnings`] | what batches of data have earned by a batch of calls, and proofs of it |
//! | [`model`] | what a model is to those that run it |
//! | [`lineage`] | how models share with those that they are built on |
//! | [`input`] | what a model is asked, where the chain has only its hash |
//! | [`answer`] | what an operator returns: citations, attribution, or why it failed |
//! | [`fingerprint`] | of a run's activations, and how far two lie apart |
//! | [`attribution`] | from citations to integer weights |
//! | [`protocol`] | what operators sign and commit to |
//! | [`voucher`] | what payers sign to pay from a channel |
//! | [`receipt`] | what agents sign for calls through a channel, and batches of them |
//! | [`similarity`] | how much of one adapter is in another, as a committee says it |
//! | [`split`] | dividing a fee among roles and beneficiaries to the last unit |
//! | [`decay`] | half-lives in integer arithmetic |
//! | [`text`] | what names and licences may look like |
//! | [`traits`] | how pallets meet each other |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod access;
pub mod answer;
pub mod attribution;
pub mod data;
pub mod decay;
pub mod earnings;
pub mod fingerprint;
pub mod input;
pub mod lineage;
pub mod merkle;
pub mod model;
pub mod protocol;
pub mod receipt;
pub mod similarity;
pub mod split;
pub mod text;
pub mod traits;
pub mod types;
pub mod voucher;

pub use answer::{Answer, Citation, Entry, Failure, Outcome, Output};
pub use types::{
	AccountId, Balance, BatchId, BlockNumber, ContentHash, DatanetId, Hash, ModelId, Nonce,
	RentalId, RequestId, Signature,
};
pub use voucher::ChannelId;
