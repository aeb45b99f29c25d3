//! Tests by topic. Each ends in `do_try_state` of models and Datanets.

mod attacks;
mod control;
mod invariants;
mod lineage;
mod originals;
mod ownership;
mod properties;
mod register;
mod registry;
mod shares;
mod training;
mod versions;
