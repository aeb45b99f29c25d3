//! What payers, agents and those that doubt them do by payment channel.

use super::{
	calls::some_agent,
	operators::{operator, outcome},
	Step, ACTORS,
};
use crate::{
	constants::currency::{MILLI_UNIT, UNIT},
	tests::calls::Served,
	AccountId, Balance, Models, Runtime, RuntimeCall,
};
use openledger_primitives::{traits::ModelRegistry, ChannelId, Outcome};
use pallet_channels::{Batches, Call, Channels, Stage};
use sp_keyring::Sr25519Keyring;
use std::collections::BTreeMap;

/// What was posted, or tried to be, by channel and batch.
pub(super) type Posted = BTreeMap<(ChannelId, u32), Served>;

fn actor(who: &AccountId) -> Option<usize> {
	ACTORS
		.iter()
		.position(|actor| actor.to_account_id() == *who)
}

/// Who does what in a step; `None` if there is nothing to be done.
pub(super) fn call(
	step @ Step {
		actor: by, a, b, ..
	}: Step,
	posted: &mut Posted,
) -> Option<(Sr25519Keyring, RuntimeCall)> {
	let (who, call) = match a % 9 {
		0 => {
			let agent = some_agent(b);
			let models = pallet_agents::Agents::<Runtime>::get(&agent)?.models;
			let open = Call::open {
				agent,
				model: *models.first()?,
				deposit: UNIT + Balance::from(b) * MILLI_UNIT,
				signer: None,
			};
			(by, open)
		}
		1..=4 => in_channel(step, posted)?,
		_ => doubt(step, posted)?,
	};
	Some((*ACTORS.get(who)?, call.into()))
}

/// A party of some channel adds to it, closes it, or posts.
fn in_channel(
	step @ Step { a, b, .. }: Step,
	posted: &mut Posted,
) -> Option<(usize, Call<Runtime>)> {
	let (id, channel) = Channels::<Runtime>::iter().nth(usize::from(b % 3))?;
	let (payer, agent) = (actor(&channel.payer)?, actor(&channel.agent)?);
	match a % 9 {
		1 => {
			let amount = Balance::from(a) * MILLI_UNIT;
			let top_up = Call::top_up {
				channel: id,
				amount,
			};
			Some((payer, top_up))
		}
		2 if a % 4 == 0 => {
			let party = if b % 2 == 0 { payer } else { agent };
			Some((party, Call::close { channel: id }))
		}
		_ => {
			let version = Models::current_version(channel.model)?;
			let spec = Models::spec(channel.model, version)?;
			let mut served = Served::begin(id, version);
			for n in 0..=b % 3 {
				let mut said = outcome(&spec, Step { a: a | 2, ..step });
				// Some say that it was nobody's data.
				if let (0, Outcome::Answered(answer)) = (b % 4, &mut said) {
					answer.attribution = Default::default();
				}
				let fee = channel.floor + Balance::from(b);
				served.call(&operator(agent), &[b'?', n as u8], said, fee);
			}
			let post = served.post(ACTORS[payer]);
			posted.insert((id, channel.batches), served);
			Some((agent, post))
		}
	}
}

/// Somebody goes on with a challenge of some batch, or begins one.
fn doubt(
	Step {
		actor: by, a, b, ..
	}: Step,
	posted: &Posted,
) -> Option<(usize, Call<Runtime>)> {
	let (id, n, batch) = Batches::<Runtime>::iter().nth(usize::from(b % 3))?;
	let served = &posted[&(id, n)];
	let place = |index| batch.calls.place(index);
	match &batch.stage {
		Stage::Open { .. } => Some((by, served.challenge(n, u32::from(a) % served.count()))),
		Stage::Challenged { challenge, .. } => {
			Some((by, served.disclose(n, place(challenge.index)?)))
		}
		Stage::Disclosed { challenge, .. } => Some((
			actor(&challenge.challenger)?,
			served.rerun(n, place(challenge.index)?),
		)),
		Stage::Rerunning { .. } => None,
	}
}
