//! Fine-tunes language models by low-rank adapters, with a record that attribution can be computed from.
