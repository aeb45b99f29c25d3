mod attacks;
mod claim;
mod cost;
mod deposit;
mod properties;
mod settle;
mod shares;
