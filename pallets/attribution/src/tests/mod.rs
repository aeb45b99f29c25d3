mod attacks;
mod claim;
mod cost;
mod deposit;
mod properties;
mod royalties;
mod settle;
mod shares;
