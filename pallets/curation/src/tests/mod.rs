//! What the pallet has to do, by topic.

mod appeals;
mod attacks;
mod curators;
mod invariants;
mod properties;
mod qualifications;
mod reports;
mod rounds;
mod views;

type E = crate::Error<crate::mock::Test>;
