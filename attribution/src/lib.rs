//! Which data shaped an answer, and by how much: scoring algorithms over data and models.

pub mod spans;

mod error;
mod packed;

pub use error::Error;
