//! What is measured: a module for each part.

pub(crate) mod capture;
pub(crate) mod citations;
pub(crate) mod influence;
pub(crate) mod manipulation;
pub(crate) mod spans;
pub(crate) mod texts;
