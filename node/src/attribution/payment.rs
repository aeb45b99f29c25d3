//! What must hold between an answer, the data behind it, and what was paid for it.

use super::story::answer_of;
use openledger_primitives::{
	model::{ModelSpec, Policy},
	split::apportion,
	Balance,
};
use openledger_runtime::{AccountId, BlockNumber, Runtime};
use pallet_attribution::{AttributionRecord, Payment};
use pallet_inference::Receipt;
use pallet_models::Model;

type Record = AttributionRecord<AccountId>;

/// Checks a record of what was paid, as far as the state has what it must follow from.
pub(super) fn check(
	record: &Record,
	receipt: &Receipt<Runtime>,
	model: Option<&Model<AccountId, BlockNumber>>,
	spec: Option<&ModelSpec>,
) -> Result<(), String> {
	let payment = &record.payment;
	if (&payment.payer, payment.model, payment.fee) != (&receipt.payer, receipt.model, receipt.fee)
	{
		return Err("payment and answer are of two requests".into());
	}
	sums(payment)?;
	if record.of_data() != payment.parts.data {
		return Err("what contributors were paid is not the data's part of the fee".into());
	}
	operators(payment, receipt)?;
	models(payment, model, 0)?;
	data(record, receipt, spec)
}

/// Checks that every unit of a fee went to somebody who is named.
pub(super) fn sums<Account>(payment: &Payment<Account>) -> Result<(), String> {
	let parts = &payment.parts;
	if parts.total() != Some(payment.fee) {
		return Err("the parts of the fee do not sum up to it".into());
	}
	if payment.of_models() != parts.model {
		return Err("what the models' takers were paid is not the model's part of the fee".into());
	}
	if payment.of_operators() != parts.operators {
		return Err("what the operators were paid is not their part of the fee".into());
	}
	if !payment.adds_up() {
		return Err("an operator's delegators were paid more than it".into());
	}
	Ok(())
}

/// Those that agreed were paid, and alike.
fn operators(payment: &Payment<AccountId>, receipt: &Receipt<Runtime>) -> Result<(), String> {
	let agreed = receipt.committee.iter().filter(|seat| seat.agreed);
	let paid = payment.operators.iter();
	if !agreed
		.map(|seat| &seat.agent)
		.eq(paid.map(|paid| &paid.operator))
	{
		return Err("those that were paid as operators are not those that agreed".into());
	}
	let amounts = || {
		let amounts = payment.operators.iter().map(|paid| paid.amount);
		amounts.filter(|amount| *amount > 0)
	};
	let (least, most) = (amounts().min(), amounts().max());
	if most.unwrap_or_default() - least.unwrap_or_default() > 1 {
		return Err("the operators were not paid alike".into());
	}
	Ok(())
}

/// The lineage was paid by its weights, each model up to so many units: what is added up of several fees is
/// rounded for each.
pub(super) fn models(
	payment: &Payment<AccountId>,
	model: Option<&Model<AccountId, BlockNumber>>,
	units: Balance,
) -> Result<(), String> {
	let paid = || payment.models.iter();
	if let Some(model) = model {
		let lineage = model.lineage.iter().filter(|(_, weight)| *weight > 0);
		if !lineage
			.copied()
			.eq(paid().map(|paid| (paid.model, paid.weight)))
		{
			return Err("the models that were paid are not those of the lineage".into());
		}
	}
	let shares = paid().map(|paid| (paid.weight, paid.amount));
	if !follows_weights(payment.parts.model, shares, units) {
		return Err("the models were not paid by their weights".into());
	}
	Ok(())
}

/// The data was paid by its weights. Where all that agreed gave the same answer, these are the answer's: the
/// heaviest of each cluster.
fn data(
	record: &Record,
	receipt: &Receipt<Runtime>,
	spec: Option<&ModelSpec>,
) -> Result<(), String> {
	let clusters = &record.clusters;
	let sum = clusters
		.iter()
		.fold(0u128, |sum, paid| sum.saturating_add(paid.amount));
	let shares = clusters.iter().map(|paid| (paid.weight, paid.amount));
	if !follows_weights(sum, shares, 0) {
		return Err("the data was not paid by its weights".into());
	}
	let is_exact = spec.is_some_and(|spec| matches!(spec.policy, Policy::Exact { .. }));
	let Some(answer) = answer_of(receipt).filter(|_| is_exact) else {
		return Ok(());
	};
	// A cluster is named by the earliest of its batches.
	let follows = clusters.iter().all(|paid| {
		let mut entries = answer.attribution.iter();
		entries.any(|entry| entry.weight == paid.weight && entry.batch >= paid.cluster)
	});
	if !follows || clusters.is_empty() != answer.attribution.is_empty() {
		return Err("the data that was paid for is not that of the answer".into());
	}
	Ok(())
}

/// Whether shares, by weight and amount, are what a total divides into, each up to so many units.
fn follows_weights(
	total: Balance,
	shares: impl Iterator<Item = (u32, Balance)>,
	units: Balance,
) -> bool {
	let (weights, amounts): (Vec<u128>, Vec<Balance>) = shares
		.map(|(weight, amount)| (u128::from(weight), amount))
		.unzip();
	let due = apportion(total, &weights).unwrap_or_default();
	due.len() == amounts.len()
		&& due
			.iter()
			.zip(&amounts)
			.all(|(due, paid)| due.abs_diff(*paid) <= units)
}

/// What the royalties were found to be, of a model that is still there or is not.
pub(super) fn royalties(is_there: bool) -> &'static str {
	if is_there {
		"follow from the model's lineage"
	} else {
		"sum up; the model was retired, and its lineage is gone with it"
	}
}
