//! Dividing amounts to the last unit.

use alloc::{vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::U256;

use crate::types::Balance;

/// What a share is measured in: ten-thousandths of the fee.
pub const BASIS_POINTS: u32 = 10_000;

/// Divides `total` in proportion to `weights` by the largest remainder (Hare–Niemeyer).
///
/// Every part is rounded down; the units left over go, one each, to the largest remainders, on a tie
/// to the one that stands first. The parts sum up to `total` exactly, and a part of weight zero is
/// zero. `None` if the weights sum up to zero or beyond `u128`.
pub fn apportion(total: Balance, weights: &[u128]) -> Option<Vec<Balance>> {
	let sum = weights
		.iter()
		.try_fold(0u128, |sum, weight| sum.checked_add(*weight))?;
	if sum == 0 {
		return None;
	}
	let mut parts = vec![0; weights.len()];
	let mut remainders = Vec::with_capacity(weights.len());
	let mut left = total;
	for (index, (part, weight)) in parts.iter_mut().zip(weights).enumerate() {
		let (quotient, remainder) = U256::from(total)
			.checked_mul(U256::from(*weight))?
			.div_mod(U256::from(sum));
		*part = Balance::try_from(quotient).ok()?;
		left = left.checked_sub(*part)?;
		remainders.push((core::cmp::Reverse(remainder), index));
	}
	remainders.sort_unstable();
	for (_, index) in remainders.into_iter().take(usize::try_from(left).ok()?) {
		let part = parts.get_mut(index)?;
		*part = part.checked_add(1)?;
	}
	Some(parts)
}

/// The part of `total` that `weight` of a `whole` is, rounded down. `None` if it is more than the whole, or of
/// nothing.
pub fn part_of(total: Balance, weight: u128, whole: u128) -> Option<Balance> {
	if weight > whole {
		return None;
	}
	let part = U256::from(total)
		.checked_mul(U256::from(weight))?
		.checked_div(U256::from(whole))?;
	Balance::try_from(part).ok()
}

/// How a fee is divided among the roles, in basis points.
#[derive(
	Clone,
	Copy,
	Debug,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Shares {
	/// Destroyed.
	pub burn: u32,
	/// To the treasury.
	pub treasury: u32,
	/// To the owners along the model's lineage.
	pub model: u32,
	/// To the operators that agreed.
	pub operators: u32,
	/// To the contributors of the data that shaped the answer.
	pub data: u32,
}

/// A fee divided among the roles, in units of the token.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	Decode,
	DecodeWithMemTracking,
	Encode,
	Eq,
	MaxEncodedLen,
	PartialEq,
	TypeInfo,
)]
pub struct Parts {
	/// Destroyed.
	pub burn: Balance,
	/// To the treasury.
	pub treasury: Balance,
	/// To the owners along the model's lineage.
	pub model: Balance,
	/// To the operators that agreed.
	pub operators: Balance,
	/// To the contributors of the data that shaped the answer.
	pub data: Balance,
}

impl Parts {
	/// The sum of all parts; `None` beyond `u128`.
	pub fn total(&self) -> Option<Balance> {
		[
			self.burn,
			self.treasury,
			self.model,
			self.operators,
			self.data,
		]
		.into_iter()
		.try_fold(0, |sum: Balance, part| sum.checked_add(part))
	}
}

impl Shares {
	/// The default of the design.
	pub const DEFAULT: Self = Self {
		burn: 500,
		treasury: 500,
		model: 2_500,
		operators: 2_500,
		data: 4_000,
	};

	/// The least that each share can be set to.
	///
	/// Burn and treasury together are what self-dealing costs; below these floors it would be free.
	pub const MIN: Self = Self {
		burn: 100,
		treasury: 100,
		model: 500,
		operators: 1_000,
		data: 2_000,
	};

	/// The most that each share can be set to.
	pub const MAX: Self = Self {
		burn: 2_000,
		treasury: 2_000,
		model: 5_000,
		operators: 5_000,
		data: 7_000,
	};

	fn as_array(&self) -> [u32; 5] {
		[
			self.burn,
			self.treasury,
			self.model,
			self.operators,
			self.data,
		]
	}

	/// Whether each share is within [`Self::MIN`] and [`Self::MAX`] and they sum up to the whole.
	pub fn is_valid(&self) -> bool {
		let within = self
			.as_array()
			.into_iter()
			.zip(Self::MIN.as_array())
			.zip(Self::MAX.as_array())
			.all(|((share, min), max)| (min..=max).contains(&share));
		within && self.as_array().into_iter().map(u64::from).sum::<u64>() == u64::from(BASIS_POINTS)
	}

	/// Divides `fee`: the parts sum up to it exactly. `None` if all shares are zero.
	pub fn split(&self, fee: Balance) -> Option<Parts> {
		match apportion(fee, &self.as_array().map(u128::from))?.as_slice() {
			&[burn, treasury, model, operators, data] => Some(Parts {
				burn,
				treasury,
				model,
				operators,
				data,
			}),
			_ => None,
		}
	}
}

impl Shares {
	/// Divides what is paid for a model that no operators ran: burn and treasury get what they do of a fee, model
	/// and data the rest in the proportion of their shares. The parts sum up to it exactly. `None` if neither
	/// model nor data has a share.
	pub fn split_without_operators(&self, rent: Balance) -> Option<Parts> {
		let owed = self
			.model
			.checked_add(self.operators)?
			.checked_add(self.data)?;
		let whole = [self.burn, self.treasury, owed].map(u128::from);
		let &[burn, treasury, rest] = apportion(rent, &whole)?.as_slice() else {
			return None;
		};
		let &[model, data] = apportion(rest, &[self.model, self.data].map(u128::from))?.as_slice()
		else {
			return None;
		};
		Some(Parts {
			burn,
			treasury,
			model,
			operators: 0,
			data,
		})
	}
}

impl Default for Shares {
	fn default() -> Self {
		Self::DEFAULT
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn the_largest_remainder_takes_the_last_unit() {
		assert_eq!(apportion(10, &[1, 1, 1]), Some(vec![4, 3, 3]));
		assert_eq!(apportion(100, &[1, 2, 3]), Some(vec![17, 33, 50]));
		assert_eq!(apportion(1, &[0, 1, 1]), Some(vec![0, 1, 0]));
		assert_eq!(apportion(0, &[1, 2]), Some(vec![0, 0]));
	}

	#[test]
	fn what_cannot_be_divided_is_told() {
		assert_eq!(apportion(5, &[]), None);
		assert_eq!(apportion(5, &[0, 0]), None);
		assert_eq!(apportion(5, &[u128::MAX, 1]), None);
	}

	#[test]
	fn a_part_is_rounded_down() {
		assert_eq!(part_of(10, 1, 3), Some(3));
		assert_eq!(part_of(10, 3, 3), Some(10));
		assert_eq!(part_of(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
		assert_eq!(part_of(10, 4, 3), None);
		assert_eq!(part_of(10, 0, 0), None);
	}

	#[test]
	fn the_extremes_do_not_overflow() {
		assert_eq!(apportion(u128::MAX, &[u128::MAX]), Some(vec![u128::MAX]));
		let halves = apportion(u128::MAX, &[u128::MAX / 2, u128::MAX / 2]).unwrap();
		assert_eq!(halves, [u128::MAX / 2 + 1, u128::MAX / 2]);
	}

	#[test]
	fn the_default_is_the_designs() {
		assert!(Shares::DEFAULT.is_valid());
		assert_eq!(
			Shares::DEFAULT.split(1_000),
			Some(Parts {
				burn: 50,
				treasury: 50,
				model: 250,
				operators: 250,
				data: 400
			})
		);
	}

	#[test]
	fn without_operators_model_and_data_get_the_rest() {
		let parts = Shares::DEFAULT.split_without_operators(6_500);
		let expected = Parts {
			burn: 325,
			treasury: 325,
			model: 2_250,
			operators: 0,
			data: 3_600,
		};
		assert_eq!(parts, Some(expected));
		let nobody = Shares {
			model: 0,
			data: 0,
			..Shares::DEFAULT
		};
		assert_eq!(nobody.split_without_operators(1), None);
	}

	#[test]
	fn shares_out_of_bounds_are_invalid() {
		let with = |burn, data| Shares {
			burn,
			data,
			..Shares::DEFAULT
		};
		assert!(with(600, 3_900).is_valid());
		assert!(!with(600, 4_000).is_valid(), "more than the whole");
		assert!(!with(0, 4_500).is_valid(), "free self-dealing");
		assert!(!with(2_500, 2_000).is_valid(), "too much burned");
	}

	proptest! {
		#[test]
		fn parts_sum_up_and_are_within_one_unit_of_their_share(
			total: u128,
			weights in prop::collection::vec(any::<u64>(), 1..80)
		) {
			let weights: Vec<u128> = weights.into_iter().map(u128::from).collect();
			let sum: u128 = weights.iter().sum();
			prop_assume!(sum > 0);
			let parts = apportion(total, &weights).unwrap();
			let paid = parts.iter().try_fold(0u128, |s, p| s.checked_add(*p));
			prop_assert_eq!(paid, Some(total));
			for (part, weight) in parts.iter().zip(&weights) {
				let floor = U256::from(total) * U256::from(*weight) / U256::from(sum);
				let part = U256::from(*part);
				prop_assert!(part == floor || part == floor + U256::one());
				prop_assert!(*weight > 0 || part.is_zero());
			}
		}

		#[test]
		fn a_fee_is_split_to_the_unit(fee: u128) {
			prop_assert_eq!(Shares::DEFAULT.split(fee).unwrap().total(), Some(fee));
		}

		#[test]
		fn rent_is_split_to_the_unit(rent: u128) {
			let parts = Shares::DEFAULT.split_without_operators(rent).unwrap();
			prop_assert_eq!(parts.total(), Some(rent));
			prop_assert_eq!(parts.operators, 0);
		}
	}
}
