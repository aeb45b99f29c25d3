mod attacks;
mod claim;
mod cost;
mod deposit;
mod properties;
mod self_dealing;
mod settle;
mod shares;
