mod attacks;
mod forfeit;
mod points;
mod properties;
mod sweep;
