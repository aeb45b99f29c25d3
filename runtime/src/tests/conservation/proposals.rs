//! What proposers, builders and backers do.

use super::{
	calls::{inputs, text},
	Step, ACTORS,
};
use crate::{
	constants::currency::{MILLI_UNIT, UNIT},
	AccountId, Balance, Models, Runtime, RuntimeCall,
};
use openledger_primitives::{traits::ModelOwners, ContentHash, ModelId};
use pallet_proposals::{
	Backers, Call, Delivered, Evidence, Milestone, Proposal, ProposalId, Proposals, Stage, Terms,
};
use sp_keyring::Sr25519Keyring;

type Known = Proposal<AccountId, u32>;

fn actor(who: &AccountId) -> Option<Sr25519Keyring> {
	ACTORS
		.into_iter()
		.find(|actor| actor.to_account_id() == *who)
}

/// One or two milestones of some tokens and a fraction.
fn terms(a: u16, b: u16) -> Terms<AccountId, u32> {
	let milestone = |amount: u16| Milestone {
		amount: UNIT + Balance::from(amount) * MILLI_UNIT / 7,
		within: 20 + u32::from(a % 30),
		description: ContentHash::of(b"milestone"),
	};
	let milestones: Vec<_> = [milestone(a), milestone(b)]
		.into_iter()
		.skip(usize::from(b % 2))
		.collect();
	Terms {
		title: text("A model"),
		description: ContentHash::of(b"description"),
		link: Default::default(),
		goal: milestones.iter().map(|milestone| milestone.amount).sum(),
		milestones: milestones.try_into().expect("few"),
		funding: 20 + u32::from(b % 30),
		voting: 10,
		owner: None,
	}
}

/// A model that a builder can deliver.
fn built(proposal: &Known) -> Option<ModelId> {
	(proposal.first_model..Models::next_id()).find(|model| {
		Models::owner(*model, 0) == proposal.builder && !Delivered::<Runtime>::contains_key(model)
	})
}

/// What the builder does next: it registers a model when one is due.
fn build(id: ProposalId, proposal: &Known) -> RuntimeCall {
	let is_last = proposal.exits.len() + 1 == proposal.terms.milestones.len();
	let evidence = match (is_last, built(proposal)) {
		(true, Some(model)) => Evidence::Model { model, version: 0 },
		(true, None) => {
			return pallet_models::Call::register {
				name: text("Built to order"),
				inputs: inputs(0),
				price_per_unit: 1_000_000,
				terms: pallet_models::fixtures::terms(),
				descent: pallet_models::Descent::Base,
				max_royalty: 10_000,
			}
			.into()
		}
		(false, _) => Evidence::File {
			content: ContentHash::of(b"file"),
			link: Default::default(),
		},
	};
	let proposal = id;
	Call::deliver { proposal, evidence }.into()
}

/// Who does what in a step; `None` if there is nothing to be done.
pub(super) fn call(
	Step {
		actor: by, a, b, ..
	}: Step,
) -> Option<(Sr25519Keyring, RuntimeCall)> {
	let by = ACTORS[by];
	let mut ids: Vec<_> = Proposals::<Runtime>::iter_keys().collect();
	ids.sort_unstable();
	let picked = usize::from(b).checked_rem(ids.len()).map(|at| ids[at]);
	let Some(id) = picked.filter(|_| !a.is_multiple_of(8)) else {
		let builder = ACTORS[usize::from(b / 2) % ACTORS.len()].to_account_id();
		let propose = Call::propose {
			terms: terms(a, b),
			builder: Some(builder),
		};
		return Some((by, propose.into()));
	};
	let proposal = Proposals::<Runtime>::get(id)?;
	let builder = actor(proposal.builder.as_ref()?)?;
	let mut backers: Vec<_> = Backers::<Runtime>::iter_key_prefix(id).collect();
	backers.sort_unstable();
	let backer = usize::from(a / 8)
		.checked_rem(backers.len())
		.map(|at| backers[at].clone());
	let is_rare = b.is_multiple_of(16);
	Some(match proposal.stage {
		Stage::Open if is_rare => (
			actor(&proposal.proposer)?,
			Call::cancel { proposal: id }.into(),
		),
		Stage::Open => (builder, Call::accept { proposal: id }.into()),
		Stage::Funding { .. } if is_rare => (by, Call::expire { proposal: id }.into()),
		Stage::Funding { .. } => {
			let amount = UNIT + Balance::from(a) * MILLI_UNIT / 3;
			let proposal = id;
			(by, Call::back { proposal, amount }.into())
		}
		Stage::Building { .. } if is_rare => (by, Call::expire { proposal: id }.into()),
		Stage::Building { .. } => (builder, build(id, &proposal)),
		Stage::Judging { .. } if is_rare => (builder, Call::give_up { proposal: id }.into()),
		Stage::Judging { .. } if a % 8 < 5 => {
			let vote = Call::vote {
				proposal: id,
				milestone: proposal.exits.len() as u32,
				approve: a % 8 < 4,
			};
			(actor(&backer?)?, vote.into())
		}
		Stage::Judging { .. } => (by, Call::resolve { proposal: id }.into()),
		Stage::Completed { .. } | Stage::Stopped => match backer {
			Some(backer) => {
				let who = actor(&backer)?;
				let proposal = id;
				(who, Call::refund { proposal, backer }.into())
			}
			None => (by, Call::close { proposal: id }.into()),
		},
	})
}
