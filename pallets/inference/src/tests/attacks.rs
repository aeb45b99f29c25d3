//! The attacks of the design that touch requests, and what they get.

use frame_support::{assert_noop, assert_ok, traits::tokens::Preservation};
use openledger_primitives::{protocol, Failure, Outcome};
use sp_core::{Pair, H256};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	TokenError,
};

use super::E;
use crate::{mock::*, Call, Ending, HoldReason, Requests};

fn bad_proof() -> Applied {
	Err(TransactionValidityError::Invalid(
		InvalidTransaction::BadProof,
	))
}

#[track_caller]
fn assert_custom(applied: Applied) {
	assert!(
		matches!(
			applied,
			Err(TransactionValidityError::Invalid(
				InvalidTransaction::Custom(_)
			))
		),
		"{applied:?}"
	);
}

#[test]
fn copying_a_commitment_gives_nothing_to_reveal() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		let (honest, lazy) = (AGENT, AGENT + 1);
		commit(honest, id, &good());
		let copied = Requests::<Test>::get(id)
			.expect("open")
			.committee
			.iter()
			.find_map(|seat| seat.commitment)
			.expect("one has committed");

		// Under the honest operator's key it is not the copier's to sign.
		let message = protocol::commit_message(&genesis(), id, &copied);
		let forged = operator(lazy).sign(&message);
		assert_eq!(
			send(Call::commit {
				request: id,
				operator: key(AGENT + 2),
				commitment: copied,
				signature: forged
			}),
			bad_proof()
		);
		// Under its own it commits to something that it can't open, even once all is public.
		assert_ok!(
			send(Call::commit {
				request: id,
				operator: key(lazy),
				commitment: copied,
				signature: forged
			})
			.expect("it is well formed")
			.1
		);
		commit(AGENT + 2, id, &good());
		reveal(honest, id, &good());
		reveal(AGENT + 2, id, &good());
		let message = protocol::reveal_message(&genesis(), id, &good().hash(), &[honest; 32]);
		assert_custom(send(Call::reveal {
			request: id,
			operator: key(lazy),
			outcome: good(),
			salt: [honest; 32],
			signature: operator(lazy).sign(&message),
		}));

		run_to(1 + REVEAL);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(pallet_attribution::Credits::<Test>::get(account(lazy)), 0);
		let record = pallet_agents::Agents::<Test>::get(account(lazy))
			.expect("there")
			.record;
		assert_eq!((record.agreed, record.absent), (0, 1));
	});
}

#[test]
fn a_wrong_salt_opens_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		commit(AGENT, id, &good());
		let message = protocol::reveal_message(&genesis(), id, &good().hash(), &[0; 32]);
		assert_custom(send(Call::reveal {
			request: id,
			operator: key(AGENT),
			outcome: good(),
			salt: [0; 32],
			signature: operator(AGENT).sign(&message),
		}));
	});
}

#[test]
fn an_outsider_cannot_commit() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		assert_custom(send(commit_call(77, id, &good())));
		// Nor an agent that came too late for the draw.
		assert_ok!(Agents::register(
			signed(15),
			key(15),
			text_models(&[MODEL]),
			50 * BOND
		));
		assert_custom(send(commit_call(15, id, &good())));
	});
}

#[test]
fn a_commit_of_another_chain_or_request_is_not_valid() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (ask(), ask());
		let commitment = protocol::commitment(first, &key(AGENT), &good().hash(), &[AGENT; 32]);
		let elsewhere = protocol::commit_message(&H256::repeat_byte(7), first, &commitment);
		assert_eq!(
			send(Call::commit {
				request: first,
				operator: key(AGENT),
				commitment,
				signature: operator(AGENT).sign(&elsewhere),
			}),
			bad_proof()
		);
		let Call::commit {
			operator: who,
			commitment,
			signature,
			..
		} = commit_call(AGENT, first, &good())
		else {
			unreachable!("it is a commit")
		};
		assert_eq!(
			send(Call::commit {
				request: second,
				operator: who,
				commitment,
				signature
			}),
			bad_proof()
		);
		// The same for reveals.
		commit(AGENT, first, &good());
		let elsewhere =
			protocol::reveal_message(&H256::repeat_byte(7), first, &good().hash(), &[AGENT; 32]);
		assert_eq!(
			send(Call::reveal {
				request: first,
				operator: key(AGENT),
				outcome: good(),
				salt: [AGENT; 32],
				signature: operator(AGENT).sign(&elsewhere),
			}),
			bad_proof()
		);
	});
}

#[test]
fn an_operator_does_not_change_its_mind() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = ask();
		commit(AGENT, id, &good());
		assert_custom(send(commit_call(AGENT, id, &other())));
		commit(AGENT + 1, id, &other());
		// Having seen the other's outcome, it would rather have had that.
		reveal(AGENT + 1, id, &other());
		assert_custom(send(reveal_call(AGENT, id, &other())));
	});
}

#[test]
fn withholding_after_a_commit_gains_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let before = free(PAYER);
		let id = ask();
		commit(AGENT, id, &good());
		run_to(1 + REVEAL);
		assert_eq!(ending(id), Ending::Unanswered);
		assert_ok!(Inference::forget(signed(PAYER), id));
		assert_eq!(free(PAYER), before, "to the last unit");
		assert_eq!(pallet_attribution::Credits::<Test>::get(account(AGENT)), 0);
		let record = pallet_agents::Agents::<Test>::get(account(AGENT))
			.expect("there")
			.record;
		assert_eq!(record.absent, 1);
	});
}

#[test]
fn pay_cannot_be_directed_outside_the_model() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		// A batch of the model's own Datanet, but given after the model was built on it.
		let foreign = answer(&[cite(LATER, 0, 900_000)]);
		commit(AGENT, id, &foreign);
		assert_custom(send(reveal_call(AGENT, id, &foreign)));
		// A weight that does not follow from the citations.
		run_to(1 + COMMIT);
		let id = ask();
		let Outcome::Answered(mut twisted) = good() else {
			unreachable!("it is an answer")
		};
		twisted.attribution = openledger_primitives::attribution::weigh(&[cite(SECOND, 0, 1)]);
		let twisted = Outcome::Answered(twisted);
		commit(AGENT, id, &twisted);
		assert_custom(send(reveal_call(AGENT, id, &twisted)));
		run_to(now() + REVEAL);
		assert_eq!(ending(id), Ending::Unanswered);
		assert_eq!(
			pallet_attribution::Credits::<Test>::get(account(CONTRIBUTOR)),
			0
		);
	});
}

#[test]
fn a_payer_cannot_spend_what_it_owes() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		let spendable =
			<Balances as frame_support::traits::fungible::Inspect<_>>::reducible_balance(
				&account(PAYER),
				Preservation::Expendable,
				frame_support::traits::tokens::Fortitude::Polite,
			);
		assert_noop!(
			Balances::transfer_allow_death(signed(PAYER), account(OTHER), spendable + 1),
			TokenError::Frozen
		);
		assert_ok!(Balances::transfer_allow_death(
			signed(PAYER),
			account(OTHER),
			spendable
		));
		assert_eq!(held(HoldReason::Fee, PAYER), PRICE);
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert!(pallet_attribution::Credits::<Test>::get(account(AGENT)) > 0);
	});
}

#[test]
fn a_bond_stays_while_its_agent_is_assigned() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Inference::request(
			signed(PAYER),
			MODEL,
			text("x"),
			PRICE,
			MAX_LIFETIME
		));
		assert_ok!(Agents::deregister(signed(AGENT)));
		run_to(1 + UNBONDING);
		assert_noop!(
			Agents::withdraw_unbonded(signed(AGENT)),
			pallet_agents::Error::<Test>::Assigned
		);
		commit(AGENT, 0, &good());
		reveal(AGENT, 0, &good());
		assert_ok!(Agents::withdraw_unbonded(signed(AGENT)));
	});
}

#[test]
fn dealing_with_oneself_loses_what_burns() {
	ExtBuilder::default().build_and_execute(|| {
		// One party is payer, owner, contributor and operator: what comes back, and what doesn't?
		let id = ask();
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());
		let back: u128 = [OWNER, CONTRIBUTOR, SECOND_CONTRIBUTOR, AGENT]
			.iter()
			.map(|n| pallet_attribution::Credits::<Test>::get(account(*n)))
			.sum();
		assert!(back <= PRICE - PRICE / 10 + 2, "{back} of {PRICE}");
	});
}

#[test]
fn saying_that_it_failed_earns_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		let failed = Outcome::Failed(Failure::Internal);
		commit(AGENT, id, &failed);
		reveal(AGENT, id, &failed);
		assert_eq!(pallet_attribution::Credits::<Test>::get(account(AGENT)), 0);
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
	});
}

#[test]
fn nobody_reveals_after_the_end() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = ask();
		for n in AGENT..AGENT + 3 {
			commit(n, id, &good());
		}
		reveal(AGENT, id, &good());
		run_to(1 + REVEAL);
		assert_eq!(
			send(reveal_call(AGENT + 1, id, &good())),
			Err(TransactionValidityError::Invalid(InvalidTransaction::Stale))
		);
		assert_eq!(ending(id), Ending::Unanswered);
		assert_noop!(
			Inference::reveal(
				frame_system::RawOrigin::Authorized.into(),
				id,
				key(AGENT + 1),
				good(),
				[AGENT + 1; 32],
				Default::default()
			),
			E::UnknownRequest
		);
	});
}
