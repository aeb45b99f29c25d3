//! What is kept of a run, and how its fee is divided before anything is paid.

use alloc::{collections::BTreeMap, vec, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{defensive, traits::ConstU32, BoundedVec};
use openledger_primitives::{
	answer::MAX_ENTRIES,
	earnings::Summary,
	lineage::MAX_LINEAGE,
	split::{apportion, part_of, Parts},
	traits::Royalty,
	types::{Balance, BatchId},
};
use scale_info::TypeInfo;

use crate::payment::{PaidModel, PaidModels, PaidOperator, PaidOperators, Payment};

/// What an account is paid for.
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
pub enum Role {
	/// Owning the model, or one that it descends from.
	Model,
	/// Running it, and agreeing with the others that did.
	Operator,
	/// Having contributed data that shaped the answer.
	Data,
	/// Being the treasury, where its account could not take its part at once.
	Treasury,
}

/// The data that shaped an answer, netted over a batch and its duplicates.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct PaidCluster<AccountId> {
	/// The cluster: the earliest of the batches that duplicate each other.
	pub cluster: BatchId,
	/// The largest of its batches' weights, in millionths.
	pub weight: u32,
	/// Its part of the fee.
	pub amount: Balance,
	/// The contributor that was credited with it; `None` if it went to the treasury.
	pub contributor: Option<AccountId>,
}

/// The clusters of one run, ascending.
pub type PaidClusters<AccountId> = BoundedVec<PaidCluster<AccountId>, ConstU32<MAX_ENTRIES>>;

/// What was paid for a run, and on which grounds.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct AttributionRecord<AccountId> {
	/// The fee, and who got it but for the data's part.
	pub payment: Payment<AccountId>,
	/// Which data was paid for: what those with a contributor got sums up to the data's part.
	pub clusters: PaidClusters<AccountId>,
}

impl<AccountId> AttributionRecord<AccountId> {
	/// What the contributors got together.
	pub fn of_data(&self) -> Balance {
		let paid = self
			.clusters
			.iter()
			.filter(|paid| paid.contributor.is_some());
		paid.fold(0, |sum: Balance, paid| sum.saturating_add(paid.amount))
	}

	/// Whether all that anybody got sums up to the fee, and role by role to its part.
	pub fn adds_up(&self) -> bool {
		self.payment.adds_up() && self.of_data() == self.payment.parts.data
	}
}

/// The data's part of the fee of a batch of calls, which its contributors can claim.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Distribution<AccountId, BlockNumber> {
	/// What was paid for the calls, with those that no data shaped, and who got it but for the data's part.
	pub payment: Payment<AccountId>,
	/// What the data has earned: the root to which proofs lead, and the sum that gets all.
	pub earned: Summary,
	/// The data's part.
	pub amount: Balance,
	/// What of it was claimed.
	pub claimed: Balance,
	/// What the payer irrecoverably lost for the data: who claims all of it, has earned that.
	pub lost: Balance,
	/// How many [claims](Claim) are kept.
	pub claims: u32,
	/// The first block in which nothing can be claimed any more.
	pub expires_at: BlockNumber,
	/// Who paid for the record, and what is held for that.
	pub deposit: Option<(AccountId, Balance)>,
}

impl<AccountId, BlockNumber> Distribution<AccountId, BlockNumber> {
	/// What a cluster gets that has earned `value`, rounded down.
	pub fn due(&self, value: u128) -> Balance {
		part_of(self.amount, value, self.earned.sum).unwrap_or_default()
	}

	/// What the payer lost for it, rounded down.
	pub fn merit(&self, value: u128) -> Balance {
		part_of(self.lost, value, self.earned.sum).unwrap_or_default()
	}

	/// What is not claimed.
	pub fn left(&self) -> Balance {
		self.amount.saturating_sub(self.claimed)
	}
}

/// What is written down of a batch in a distribution: of the batch alone, and of the cluster of which it is
/// the earliest.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Claim<AccountId> {
	/// The value for which the cluster was paid, the largest of its batches' that were claimed. Zero if none
	/// was.
	pub counted: u128,
	/// Whether the batch's own value was claimed, for whichever cluster it was in then.
	pub claimed: bool,
	/// Who paid for the record.
	pub depositor: AccountId,
	/// What is held for that.
	pub deposit: Balance,
}

/// Where a fee is going to go.
pub(crate) struct Plan<AccountId> {
	/// What each role really gets; parts without a taker are in the treasury's.
	pub(crate) parts: Parts,
	/// Who is credited with how much, at most once for each role, no amount zero.
	pub(crate) credits: Vec<(Role, AccountId, Balance)>,
	/// Which role's part, or how much of it, found no taker.
	pub(crate) diverted: Vec<(Role, Balance)>,
	/// Who earns the reputation for the model's part, and for how much of it.
	pub(crate) authors: BTreeMap<AccountId, Balance>,
	/// What each model of the lineage gets.
	pub(crate) models: PaidModels<AccountId>,
	/// What each operator gets.
	pub(crate) operators: PaidOperators<AccountId>,
	/// The data that is paid for.
	pub(crate) clusters: PaidClusters<AccountId>,
	/// What is for data that will have to be claimed.
	pub(crate) set_apart: Balance,
}

impl<AccountId: Clone + Ord> Plan<AccountId> {
	/// Divides each role's part among its takers. Clusters come with their weights; their amounts are
	/// filled in here.
	pub(crate) fn new(
		mut parts: Parts,
		royalties: Vec<Royalty<AccountId>>,
		payer: &AccountId,
		operators: &[AccountId],
		mut clusters: PaidClusters<AccountId>,
	) -> Self {
		let weights: Vec<u128> = clusters.iter().map(|paid| paid.weight.into()).collect();
		let amounts = apportion(parts.data, &weights).unwrap_or_default();
		for (paid, amount) in clusters.iter_mut().zip(amounts) {
			paid.amount = amount;
		}
		let data = merge(
			clusters
				.iter()
				.filter_map(|paid| Some((paid.contributor.clone()?, paid.amount))),
		);
		let (models, authors) = royalties_of(parts.model, royalties, payer);
		let operators = evenly(parts.operators, operators);
		let owners = merge(models.iter().map(|paid| (paid.taker.clone(), paid.amount)));
		let workers = merge(
			operators
				.iter()
				.map(|paid| (paid.operator.clone(), paid.amount)),
		);
		let mut plan = Self {
			parts,
			credits: Vec::new(),
			diverted: Vec::new(),
			authors,
			models,
			operators,
			clusters,
			set_apart: 0,
		};
		parts.model = plan.assign(Role::Model, parts.model, owners);
		parts.operators = plan.assign(Role::Operator, parts.operators, workers);
		parts.data = plan.assign(Role::Data, parts.data, data);
		parts.treasury = plan
			.diverted
			.iter()
			.fold(parts.treasury, |sum, (_, amount)| {
				sum.saturating_add(*amount)
			});
		plan.parts = parts;
		plan
	}

	/// Notes who is credited for `role`, and what of its part found no taker; returns what is credited.
	fn assign(
		&mut self,
		role: Role,
		part: Balance,
		takers: BTreeMap<AccountId, Balance>,
	) -> Balance {
		let credited = takers
			.values()
			.fold(0, |sum: Balance, amount| sum.saturating_add(*amount));
		let diverted = part.saturating_sub(credited);
		if diverted > 0 {
			self.diverted.push((role, diverted));
		}
		self.credits
			.extend(takers.into_iter().map(|(who, amount)| (role, who, amount)));
		credited
	}

	/// Sets the data's part apart, as far as it has found no taker.
	pub(crate) fn set_data_apart(&mut self) {
		let of_data = |(role, _): &(Role, Balance)| *role == Role::Data;
		let amounts = self.diverted.iter().filter(|entry| of_data(entry));
		let amount = amounts.fold(0, |sum: Balance, (_, amount)| sum.saturating_add(*amount));
		self.diverted.retain(|entry| !of_data(entry));
		self.parts.treasury = self.parts.treasury.saturating_sub(amount);
		self.parts.data = self.parts.data.saturating_add(amount);
		self.set_apart = amount;
	}

	/// What goes to the pot: the sum of all credits, and what is set apart.
	pub(crate) fn credited(&self) -> Balance {
		self.credits
			.iter()
			.fold(self.set_apart, |sum: Balance, (_, _, amount)| {
				sum.saturating_add(*amount)
			})
	}

	/// Notes that a part of an operator's credit went to its delegators.
	pub(crate) fn delegate(&mut self, who: &AccountId, amount: Balance) {
		self.take_from_operator(who, amount);
		if let Some(paid) = self.operator(who) {
			paid.delegated = paid.delegated.saturating_add(amount);
		}
	}

	/// Gives the treasury a part of an operator's credit.
	pub(crate) fn divert_from_operator(&mut self, who: &AccountId, amount: Balance) {
		self.take_from_operator(who, amount);
		if let Some(paid) = self.operator(who) {
			paid.amount = paid.amount.saturating_sub(amount);
		}
		self.parts.operators = self.parts.operators.saturating_sub(amount);
		self.parts.treasury = self.parts.treasury.saturating_add(amount);
		self.diverted.push((Role::Operator, amount));
	}

	/// Lowers an operator's credit, which leaves the plan if nothing is left of it.
	fn take_from_operator(&mut self, who: &AccountId, amount: Balance) {
		for (role, taker, credit) in &mut self.credits {
			if *role == Role::Operator && taker == who {
				*credit = credit.saturating_sub(amount);
			}
		}
		self.credits.retain(|(_, _, credit)| *credit > 0);
	}

	fn operator(&mut self, who: &AccountId) -> Option<&mut PaidOperator<AccountId>> {
		self.operators.iter_mut().find(|paid| paid.operator == *who)
	}

	/// The same without any credit: all that was to be credited goes to the treasury.
	pub(crate) fn diverted_whole(mut self) -> Self {
		self.parts.treasury = self.parts.treasury.saturating_add(self.credited());
		self.diverted = [
			(Role::Model, self.parts.model),
			(Role::Operator, self.parts.operators),
			(Role::Data, self.parts.data),
		]
		.into_iter()
		.map(|(role, credited)| {
			let before = self
				.diverted
				.iter()
				.filter(|(diverted, _)| *diverted == role);
			let amount = before.fold(credited, |sum, (_, amount)| sum.saturating_add(*amount));
			(role, amount)
		})
		.filter(|(_, amount)| *amount > 0)
		.collect();
		(self.parts.model, self.parts.operators, self.parts.data) = (0, 0, 0);
		self.credits.clear();
		self.set_apart = 0;
		self.models.iter_mut().for_each(|paid| paid.amount = 0);
		self.operators.iter_mut().for_each(|paid| paid.amount = 0);
		self.clusters
			.iter_mut()
			.for_each(|paid| paid.contributor = None);
		self
	}

	/// For how much each account has worked, over all roles: what it is credited with, and for models what
	/// their takers are.
	pub(crate) fn by_work(&self) -> BTreeMap<AccountId, Balance> {
		let credited = self
			.credits
			.iter()
			.filter(|(role, _, _)| *role != Role::Model)
			.map(|(_, who, amount)| (who, *amount));
		let made = self.authors.iter().map(|(who, amount)| (who, *amount));
		merge(
			credited
				.chain(made)
				.map(|(who, amount)| (who.clone(), amount)),
		)
	}
}

/// Divides the model's part by royalty: what each model gets, and what each author has earned by it. Where
/// the payer pays itself nobody has earned anything from others, so that it stands in the author's place.
fn royalties_of<AccountId: Clone + Ord>(
	total: Balance,
	mut royalties: Vec<Royalty<AccountId>>,
	payer: &AccountId,
) -> (PaidModels<AccountId>, BTreeMap<AccountId, Balance>) {
	royalties.truncate(MAX_LINEAGE.try_into().unwrap_or(usize::MAX));
	let weights: Vec<u128> = royalties
		.iter()
		.map(|royalty| royalty.weight.into())
		.collect();
	let amounts = apportion(total, &weights).unwrap_or_default();
	let (models, authors): (Vec<_>, Vec<_>) = royalties
		.into_iter()
		.zip(amounts)
		.map(|(royalty, amount)| {
			let Royalty {
				model,
				taker,
				author,
				weight,
			} = royalty;
			let earner = if taker == *payer {
				taker.clone()
			} else {
				author
			};
			let paid = PaidModel {
				model,
				weight,
				taker,
				amount,
			};
			(paid, (earner, amount))
		})
		.unzip();
	(PaidModels::truncate_from(models), merge(authors))
}

/// Divides the operators' part evenly. Who is named twice gets two parts.
fn evenly<AccountId: Clone + Eq>(
	total: Balance,
	operators: &[AccountId],
) -> PaidOperators<AccountId> {
	let most = PaidOperators::<AccountId>::bound();
	let operators = operators.get(..most).unwrap_or(operators);
	let amounts = apportion(total, &vec![1; operators.len()]).unwrap_or_default();
	let mut list = PaidOperators::new();
	for (operator, amount) in operators.iter().zip(amounts) {
		let known = list
			.iter_mut()
			.find(|paid: &&mut PaidOperator<_>| paid.operator == *operator);
		if let Some(paid) = known {
			paid.amount = paid.amount.saturating_add(amount);
			continue;
		}
		let paid = PaidOperator {
			operator: operator.clone(),
			amount,
			delegated: 0,
		};
		if list.try_push(paid).is_err() {
			defensive!("there are no more than fit");
		}
	}
	list
}

/// Adds up what falls to the same account and leaves out what is nothing. The amounts are parts of one
/// fee, so their sum does not saturate.
fn merge<AccountId: Ord>(
	amounts: impl IntoIterator<Item = (AccountId, Balance)>,
) -> BTreeMap<AccountId, Balance> {
	let mut merged = BTreeMap::<AccountId, Balance>::new();
	for (who, amount) in amounts.into_iter().filter(|(_, amount)| *amount > 0) {
		let sum = merged.entry(who).or_default();
		*sum = sum.saturating_add(amount);
	}
	merged
}
