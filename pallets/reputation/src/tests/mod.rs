mod attacks;
mod points;
mod properties;
mod sweep;
