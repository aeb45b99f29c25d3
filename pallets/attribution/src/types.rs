//! What is kept of a run, and how its fee is divided before anything is paid.

use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use openledger_primitives::{
	answer::MAX_ENTRIES,
	earnings::Summary,
	split::{apportion, part_of, Parts},
	traits::Royalty,
	types::{Balance, BatchId, ModelId},
};
use scale_info::TypeInfo;

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
	/// Who paid.
	pub payer: AccountId,
	/// The model that ran.
	pub model: ModelId,
	/// What was paid.
	pub fee: Balance,
	/// Where it went: sums up to the fee.
	pub parts: Parts,
	/// Which data was paid for.
	pub clusters: PaidClusters<AccountId>,
}

/// The data's part of the fee of a batch of calls, which its contributors can claim.
#[derive(
	Clone, Debug, Decode, DecodeWithMemTracking, Encode, Eq, MaxEncodedLen, PartialEq, TypeInfo,
)]
pub struct Distribution<AccountId, BlockNumber> {
	/// Who paid.
	pub payer: AccountId,
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
		operators: Vec<(AccountId, u128)>,
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
		let (owners, authors) = royalties_of(parts.model, royalties, payer);
		let mut plan = Self {
			parts,
			credits: Vec::new(),
			diverted: Vec::new(),
			authors,
			clusters,
			set_apart: 0,
		};
		parts.model = plan.assign(Role::Model, parts.model, owners);
		parts.operators = plan.assign(
			Role::Operator,
			parts.operators,
			share_out(parts.operators, operators),
		);
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

	/// Lowers an operator's credit, which leaves the plan if nothing is left of it.
	pub(crate) fn take_from_operator(&mut self, who: &AccountId, amount: Balance) {
		for (role, taker, credit) in &mut self.credits {
			if *role == Role::Operator && taker == who {
				*credit = credit.saturating_sub(amount);
			}
		}
		self.credits.retain(|(_, _, credit)| *credit > 0);
	}

	/// Gives the treasury an amount that was meant for an operator.
	pub(crate) fn divert_from_operators(&mut self, amount: Balance) {
		self.parts.operators = self.parts.operators.saturating_sub(amount);
		self.parts.treasury = self.parts.treasury.saturating_add(amount);
		self.diverted.push((Role::Operator, amount));
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

/// Divides the model's part by royalty: what each taker gets, and what each author has earned by it. Where
/// the payer pays itself nobody has earned anything from others, so that it stands in the author's place.
fn royalties_of<AccountId: Clone + Ord>(
	total: Balance,
	royalties: Vec<Royalty<AccountId>>,
	payer: &AccountId,
) -> (BTreeMap<AccountId, Balance>, BTreeMap<AccountId, Balance>) {
	let weights: Vec<u128> = royalties
		.iter()
		.map(|royalty| royalty.weight.into())
		.collect();
	let amounts = apportion(total, &weights).unwrap_or_default();
	let (takers, authors): (Vec<_>, Vec<_>) = royalties
		.into_iter()
		.zip(amounts)
		.map(|(Royalty { taker, author, .. }, amount)| {
			let earner = if taker == *payer {
				taker.clone()
			} else {
				author
			};
			((taker, amount), (earner, amount))
		})
		.unzip();
	(merge(takers), merge(authors))
}

/// Divides `total` by weight, with one amount for each account; nothing if there is no weight.
fn share_out<AccountId: Ord>(
	total: Balance,
	takers: Vec<(AccountId, u128)>,
) -> BTreeMap<AccountId, Balance> {
	let (accounts, weights): (Vec<_>, Vec<_>) = takers.into_iter().unzip();
	let amounts = apportion(total, &weights).unwrap_or_default();
	merge(accounts.into_iter().zip(amounts))
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
