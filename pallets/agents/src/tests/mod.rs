//! What the pallet has to do, by topic.

mod attacks;
mod bonds;
mod commission;
mod delegations;
mod draw;
mod ejection;
mod properties;
mod registration;
mod slashes;
mod suspension;
mod views;

type E = crate::Error<crate::mock::Test>;
