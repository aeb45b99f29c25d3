mod agenda;
mod attacks;
mod properties;
mod requests;
mod rounds;
mod worker;

use crate::{mock::Test, Error};

pub(crate) type E = Error<Test>;
