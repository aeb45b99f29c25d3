//! Data with known provenance, and a model small enough to be trained again without a part of them.
//!
//! What attribution predicts can be checked only against models that were trained without the data in
//! question, again and again. These take milliseconds to train: a network of two frozen random layers,
//! each with a low-rank adapter, as a language model's, that learns to tell the next token of short
//! texts ([`model`]). [`tasks`] makes the data: contributors with subjects and a quality, classes of
//! like documents, wrong labels. [`manipulation`] changes them as cheats would. [`verbatim`] makes texts that
//! answers are copied from, to measure the index of spans.
//!
//! Everything follows from a seed. Results are equal on one machine, and may differ in the last bits
//! between platforms whose libraries differ in `exp`, `tanh` or `ln`.

pub mod manipulation;
pub mod model;
pub mod random;
pub mod tasks;
pub mod verbatim;
