//! What is measured: a module for each part.

pub(crate) mod citations;
