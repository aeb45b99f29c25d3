//! Tests by topic. Each ends in `do_try_state` of models and claims.

mod attacks;
mod claims;
mod invariants;
mod properties;
mod rules;
