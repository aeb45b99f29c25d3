mod attacks;
mod building;
mod funding;
mod properties;
mod refunds;
