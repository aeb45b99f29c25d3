//! What operators of agents send: the committee's answers, in two steps.

use super::{Step, ACTORS, COMMIT, REVEAL};
use crate::{Datanets, Models, Runtime, UncheckedExtrinsic};
use frame_system::offchain::CreateAuthorizedTransaction;
use openledger_primitives::{
	attribution::weigh,
	model::ModelSpec,
	protocol,
	traits::{DataRegistry, ModelRegistry},
	Answer, Citation, Failure, Outcome, RequestId,
};
use pallet_inference::Phase;
use sp_core::{sr25519, Pair};
use std::collections::BTreeMap;

pub(super) fn operator(actor: usize) -> sr25519::Pair {
	sr25519::Pair::from_seed(&[actor as u8 + 1; 32])
}

/// What operators have committed to.
pub(super) type Commitments = BTreeMap<(RequestId, sr25519::Public), Outcome>;

/// What an operator makes of a request: an answer from the data it may cite, an empty one, or a
/// failure.
pub(super) fn outcome(spec: &ModelSpec, step: Step) -> Outcome {
	let batches = spec.snapshots.iter().flat_map(|snapshot| {
		(0..snapshot.batches).filter_map(|index| Datanets::batch_at(snapshot.datanet, index))
	});
	let citations: Vec<Citation> = match step.a % 4 {
		0 => return Outcome::Failed(Failure::OutOfTime),
		1 => Vec::new(),
		_ => batches
			.take(5)
			.enumerate()
			.map(|(place, batch)| Citation {
				batch,
				row: u32::from(step.b % 10),
				score: 900_000 - 100_000 * place as u32 - u32::from(step.a % 7),
			})
			.collect(),
	};
	Outcome::Answered(Answer {
		output: Default::default(),
		attribution: weigh(&citations),
		citations: citations.try_into().expect("few"),
		fingerprint: Default::default(),
	})
}

fn authorized(call: pallet_inference::Call<Runtime>) -> UncheckedExtrinsic {
	<Runtime as CreateAuthorizedTransaction<pallet_inference::Call<Runtime>>>::create_authorized_transaction(call.into())
}

/// Commits or reveals of all operators that can.
pub(super) fn operators(step: Step, commitments: &mut Commitments) -> Vec<UncheckedExtrinsic> {
	let salt = [7; 32];
	let mut transactions = Vec::new();
	for (id, request) in pallet_inference::Requests::<Runtime>::iter() {
		let spec = Models::spec(request.model, request.version).expect("kept while it is asked");
		let Some(question) = request.question.map(|question| question.hash) else {
			continue;
		};
		for seat in &request.committee {
			let key = (0..ACTORS.len())
				.map(operator)
				.find(|key| key.public() == seat.operator);
			let key = key.expect("all agents are actors");
			let place = (id, seat.operator);
			match request.phase {
				Phase::Commit
					if step.kind == COMMIT
						&& seat.commitment.is_none()
						&& seat.absence.is_none() =>
				{
					let outcome = outcome(&spec, step);
					let commitment =
						protocol::commitment(&question, &seat.operator, &outcome.hash(), &salt);
					let message = protocol::commit_message(&question, &commitment);
					commitments.insert(place, outcome);
					transactions.push(authorized(pallet_inference::Call::commit {
						request: id,
						operator: seat.operator,
						commitment,
						signature: key.sign(&message),
					}));
				}
				Phase::Reveal
					if step.kind == REVEAL
						&& seat.commitment.is_some()
						&& seat.revealed.is_none()
						&& seat.absence.is_none() =>
				{
					let outcome = commitments[&place].clone();
					let message = protocol::reveal_message(&question, &outcome.hash(), &salt);
					transactions.push(authorized(pallet_inference::Call::reveal {
						request: id,
						operator: seat.operator,
						outcome,
						salt,
						signature: key.sign(&message),
					}));
				}
				_ => {}
			}
		}
	}
	transactions
}
