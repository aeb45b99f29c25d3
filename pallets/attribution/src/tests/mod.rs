mod attacks;
mod claim;
mod cost;
mod deposit;
mod distributions;
mod properties;
mod settle;
mod shares;
