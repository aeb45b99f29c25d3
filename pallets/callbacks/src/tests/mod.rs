//! Tests by topic. Each ends in `do_try_state`.

mod attacks;
mod properties;
mod registration;
mod running;
