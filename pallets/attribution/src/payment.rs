//! Who got what of a fee: what is kept, so that it can be proved.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{
	answer::MAX_OPERATORS,
	lineage::MAX_LINEAGE,
	split::Parts,
	types::{Balance, ModelId},
};
use scale_info::TypeInfo;

/// What a model of the lineage got of the model's part.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct PaidModel<AccountId> {
	/// The model.
	pub model: ModelId,
	/// Its weight in the lineage of the model that ran.
	pub weight: u32,
	/// Who was credited with it.
	pub taker: AccountId,
	/// How much: zero if the pot could take nothing.
	pub amount: Balance,
}

/// What an operator got of the operators' part.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct PaidOperator<AccountId> {
	/// The operator.
	pub operator: AccountId,
	/// How much, with what its delegators got: zero if the pot could take nothing.
	pub amount: Balance,
	/// What of it its delegators got.
	pub delegated: Balance,
}

/// The models of one lineage that share in the model's part, in its order.
pub type PaidModels<AccountId> = BoundedVec<PaidModel<AccountId>, ConstU32<MAX_LINEAGE>>;

/// The operators of one run, in the committee's order, none of them twice.
pub type PaidOperators<AccountId> = BoundedVec<PaidOperator<AccountId>, ConstU32<MAX_OPERATORS>>;

/// What was paid for a run, and who got it, but for the data's part.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Payment<AccountId> {
	/// Who paid.
	pub payer: AccountId,
	/// The model that ran.
	pub model: ModelId,
	/// What was paid.
	pub fee: Balance,
	/// Where it went: sums up to the fee.
	pub parts: Parts,
	/// Who got the model's part: sums up to it.
	pub models: PaidModels<AccountId>,
	/// Who got the operators' part: sums up to it.
	pub operators: PaidOperators<AccountId>,
}

impl<AccountId> Payment<AccountId> {
	/// What the models' takers got together.
	pub fn of_models(&self) -> Balance {
		sum(self.models.iter().map(|paid| paid.amount))
	}

	/// What the operators and their delegators got together.
	pub fn of_operators(&self) -> Balance {
		sum(self.operators.iter().map(|paid| paid.amount))
	}

	/// Whether the parts sum up to the fee, what models and operators got to their parts, and no delegators got
	/// more than their operator.
	pub fn adds_up(&self) -> bool {
		self.parts.total() == Some(self.fee)
			&& self.of_models() == self.parts.model
			&& self.of_operators() == self.parts.operators
			&& self
				.operators
				.iter()
				.all(|paid| paid.delegated <= paid.amount)
	}
}

impl<AccountId: PartialEq> Payment<AccountId> {
	/// Adds what was paid for more of the same. Whether it was: nothing is added if anybody else paid or is paid.
	pub(crate) fn add(&mut self, more: &Self) -> bool {
		if !self.is_between_the_same(more) {
			return false;
		}
		self.fee = self.fee.saturating_add(more.fee);
		let parts = &mut self.parts;
		for (part, more) in [
			(&mut parts.burn, more.parts.burn),
			(&mut parts.treasury, more.parts.treasury),
			(&mut parts.model, more.parts.model),
			(&mut parts.operators, more.parts.operators),
			(&mut parts.data, more.parts.data),
		] {
			*part = part.saturating_add(more);
		}
		for (paid, more) in self.models.iter_mut().zip(&more.models) {
			paid.amount = paid.amount.saturating_add(more.amount);
		}
		for (paid, more) in self.operators.iter_mut().zip(&more.operators) {
			paid.amount = paid.amount.saturating_add(more.amount);
			paid.delegated = paid.delegated.saturating_add(more.delegated);
		}
		true
	}

	fn is_between_the_same(&self, other: &Self) -> bool {
		let models = |payment: &Self| payment.models.len();
		let operators = |payment: &Self| payment.operators.len();
		(&self.payer, self.model) == (&other.payer, other.model)
			&& (models(self), operators(self)) == (models(other), operators(other))
			&& self.models.iter().zip(&other.models).all(|(one, other)| {
				(one.model, one.weight, &one.taker) == (other.model, other.weight, &other.taker)
			}) && self
			.operators
			.iter()
			.zip(&other.operators)
			.all(|(one, other)| one.operator == other.operator)
	}
}

/// The amounts are parts of one fee, or of several that one account had, so their sum does not saturate.
fn sum(amounts: impl Iterator<Item = Balance>) -> Balance {
	amounts.fold(0, |sum, amount| sum.saturating_add(amount))
}
