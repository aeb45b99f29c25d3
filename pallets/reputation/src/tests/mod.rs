mod attacks;
mod contests;
mod forfeit;
mod funding;
mod links;
mod points;
mod properties;
mod sweep;
