mod attacks;
mod claim;
mod deposit;
mod properties;
mod settle;
mod shares;
