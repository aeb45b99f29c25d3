//! What is measured: a module for each part.

pub(crate) mod manipulation;
pub(crate) mod influence;
pub(crate) mod spans;
