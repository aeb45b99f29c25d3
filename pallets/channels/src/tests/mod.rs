mod agenda;
mod attacks;
mod batches;
mod challenges;
mod channels;
mod properties;

use crate::{mock::Test, Error};

pub(crate) type E = Error<Test>;
