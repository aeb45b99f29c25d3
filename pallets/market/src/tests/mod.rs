//! Tests by subject.

mod attacks;
mod properties;
mod rentals;
mod sales;
mod shares;
