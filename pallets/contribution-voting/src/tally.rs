//! What a poll's ballots add up to.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{traits::VoteTally, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use openledger_primitives::traits::VotingPower;
use scale_info::TypeInfo;
use sp_runtime::{
	helpers_128bit::multiply_by_rational_with_rounding, traits::UniqueSaturatedInto, PerThing,
	Perbill, Rounding,
};

use crate::{
	pallet::{Config, Pallet},
	types::Contribution,
	units::Period,
};

/// The ballots of a poll, summed up, in points at the start of the period in which it was submitted.
#[derive(
	CloneNoBound,
	DebugNoBound,
	Decode,
	DecodeWithMemTracking,
	Encode,
	EqNoBound,
	MaxEncodedLen,
	PartialEqNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound())]
pub struct Tally<T> {
	/// For it.
	pub ayes: u128,
	/// Against it.
	pub nays: u128,
	/// For it, or abstaining.
	pub support: u128,
	/// The period at whose start these are points.
	pub period: Period,
	runtime: PhantomData<T>,
}

impl<T: Config> Tally<T> {
	fn of(ayes: u128, nays: u128, support: u128) -> Self {
		Self {
			ayes,
			nays,
			support,
			period: Pallet::<T>::clock().period(),
			runtime: PhantomData,
		}
	}

	/// What all reputation together weighs; `None` beyond all bounds.
	pub(crate) fn total(&self) -> Option<u128> {
		Pallet::<T>::clock().weigh(T::Power::total(), self.period)
	}

	/// Puts a ballot's contribution in the place of another one. `None`, and nothing changes, beyond all
	/// bounds, or if the other one is not in it.
	pub(crate) fn replace(&mut self, old: Contribution, new: Contribution) -> Option<()> {
		let exchange = |sum: u128, old: u128, new: u128| sum.checked_sub(old)?.checked_add(new);
		let ayes = exchange(self.ayes, old.ayes, new.ayes)?;
		let nays = exchange(self.nays, old.nays, new.nays)?;
		let support = exchange(self.support, old.support, new.support)?;
		(self.ayes, self.nays, self.support) = (ayes, nays, support);
		Some(())
	}
}

/// Rounded down, at most the whole; nothing of nothing. `Perbill::from_rational` rounds large numbers before
/// it divides them.
pub(crate) fn part(of: u128, whole: u128) -> Perbill {
	let parts = multiply_by_rational_with_rounding(
		of.min(whole),
		Perbill::ACCURACY.into(),
		whole,
		Rounding::Down,
	);
	Perbill::from_parts(parts.unwrap_or(0).unique_saturated_into())
}

impl<T: Config, Class> VoteTally<u128, Class> for Tally<T> {
	fn new(_: Class) -> Self {
		Self::of(0, 0, 0)
	}

	fn ayes(&self, _: Class) -> u128 {
		self.ayes
	}

	/// The part of all present reputation that is for it or abstains. None where there is no reputation.
	fn support(&self, _: Class) -> Perbill {
		self.total()
			.map_or(Perbill::zero(), |total| part(self.support, total))
	}

	/// The part of those who take sides that is for it. None where nobody does.
	fn approval(&self, _: Class) -> Perbill {
		part(self.ayes, self.ayes.saturating_add(self.nays))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn unanimity(_: Class) -> Self {
		let mut tally = Self::of(0, 0, 0);
		let total = tally.total().unwrap_or(0);
		(tally.ayes, tally.support) = (total, total);
		tally
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn rejection(_: Class) -> Self {
		let mut tally = Self::of(0, 0, 0);
		tally.nays = tally.total().unwrap_or(0);
		tally
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn from_requirements(support: Perbill, approval: Perbill, _: Class) -> Self {
		let mut tally = Self::of(0, 0, 0);
		let support = support.mul_ceil(tally.total().unwrap_or(0));
		let ayes = approval.mul_ceil(support);
		tally.ayes = ayes;
		tally.nays = support.saturating_sub(ayes);
		tally.support = support;
		tally
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn setup(_: Class, _: Perbill) {}
}
