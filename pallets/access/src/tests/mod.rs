mod answers;
mod attacks;
mod grants;
mod properties;
mod requests;
mod stewards;
