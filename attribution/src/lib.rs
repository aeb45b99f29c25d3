//! Which data shaped an answer, and by how much.
//!
//! - [`spans`]: what of an answer stands verbatim in a Datanet;
//! - [`influence`]: how much each document that an adapter was trained on helped an answer, from
//!   gradients, which [`projection`] shortens;
//! - [`baselines`]: what a method is shown beside;
//! - [`repeats`]: what is not trained on, because it was given before;
//! - [`integer`], [`window`] and [`entries`]: from scores to the entries that are paid;
//! - [`evaluate`]: how good scores are, against what is known;
//! - [`synthetic`]: data with known provenance, and a model small enough to be trained again without a
//!   part of them.
//!
//! Pure logic without a chain, files or clocks. All randomness comes from seeds.

pub mod baselines;
pub mod entries;
mod error;
pub mod evaluate;
pub mod influence;
pub mod integer;
mod linear;
mod packed;
pub mod projection;
pub mod repeats;
pub mod spans;
pub mod synthetic;
pub mod window;

pub use error::Error;
