mod attacks;
mod delegation;
mod properties;
mod removal;
mod reweighing;
mod units;
mod views;
mod voting;
