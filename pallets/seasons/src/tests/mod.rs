mod attacks;
mod points;
mod properties;
mod rewards;
mod sweep;
