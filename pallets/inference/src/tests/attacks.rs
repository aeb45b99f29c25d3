//! The attacks of the design that touch requests, and what they get.

use frame_support::{assert_noop, assert_ok, traits::tokens::Preservation};
use openledger_primitives::{
	protocol,
	traits::{ModelRegistry, Offence, Performance},
	Failure, Outcome,
};
use sp_core::{Pair, H256};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	TokenError,
};

use super::{assert_invalid, E};
use crate::{mock::*, Call, Ending, HoldReason, Requests};

fn bad_proof() -> Applied {
	Err(TransactionValidityError::Invalid(
		InvalidTransaction::BadProof,
	))
}

/// A commit to the good outcome, sent for a request, whatever question it answers.
fn committed_to(question: H256, request: u64) -> Call<Test> {
	let commitment = protocol::commitment(&question, &key(AGENT), &good().hash(), &[AGENT; 32]);
	let message = protocol::commit_message(&question, &commitment);
	Call::commit {
		request,
		operator: key(AGENT),
		commitment,
		signature: operator(AGENT).sign(&message),
	}
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
		let id = drawn();
		let (honest, lazy) = (AGENT, AGENT + 1);
		commit(honest, id, &good());
		let copied = Requests::<Test>::get(id)
			.expect("open")
			.committee
			.iter()
			.find_map(|seat| seat.commitment)
			.expect("one has committed");

		// Under the honest operator's key it is not the copier's to sign.
		let message = protocol::commit_message(&question(id), &copied);
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
		let message = protocol::reveal_message(&question(id), &good().hash(), &[honest; 32]);
		assert_custom(send(Call::reveal {
			request: id,
			operator: key(lazy),
			outcome: good(),
			salt: [honest; 32],
			signature: operator(lazy).sign(&message),
		}));

		run_to(now() + REVEAL);
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert_eq!(credit(lazy), 0);
		assert_eq!(released(lazy), Performance::Absent);
		assert_eq!(Offences::get(), [(lazy, Offence::NoReveal, None)]);
	});
}

#[test]
fn a_wrong_salt_opens_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		commit(AGENT, id, &good());
		let message = protocol::reveal_message(&question(id), &good().hash(), &[0; 32]);
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
		let id = drawn();
		assert_custom(send(commit_call(77, id, &good())));
		// Nor an agent that came too late for the draw.
		Listed::mutate(|list| {
			let late = Agent {
				n: 15,
				..list[0].clone()
			};
			list.push(Agent { open: 0, ..late });
		});
		assert_custom(send(commit_call(15, id, &good())));
	});
}

#[test]
fn a_commit_of_another_chain_or_request_is_not_valid() {
	ExtBuilder::default().build_and_execute(|| {
		let (first, second) = (ask(), drawn());
		// What it would sign for the same request on a chain with another genesis.
		let spec = Models::spec(MODEL, 0).expect("there").id();
		let seed = Requests::<Test>::get(first)
			.and_then(|request| request.question)
			.expect("drawn")
			.seed;
		let input = H256(sp_crypto_hashing::blake2_256(b"What is a bit?"));
		let elsewhere = protocol::question(&H256::repeat_byte(7), first, &spec, &seed, &input);
		assert_ne!(elsewhere, question(first));
		assert_eq!(send(committed_to(elsewhere, first)), bad_proof());
		assert_eq!(send(committed_to(question(first), second)), bad_proof());
		// The same for reveals.
		commit(AGENT, first, &good());
		let message = protocol::reveal_message(&elsewhere, &good().hash(), &[AGENT; 32]);
		assert_eq!(
			send(Call::reveal {
				request: first,
				operator: key(AGENT),
				outcome: good(),
				salt: [AGENT; 32],
				signature: operator(AGENT).sign(&message),
			}),
			bad_proof()
		);
	});
}

#[test]
fn after_a_reorganisation_a_commit_counts_for_no_other_question() {
	// The same request, drawn with another seed, as on another fork.
	let replayed = ExtBuilder::default().build_and_execute(|| {
		let id = ask();
		Luck::set(1);
		run_to(now() + DELAY);
		commit_call(AGENT, id, &good())
	});
	ExtBuilder::default().build_and_execute(|| {
		drawn();
		assert_eq!(send(replayed), bad_proof());
	});
}

#[test]
fn an_operator_does_not_change_its_mind() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = drawn();
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
		let id = drawn();
		commit(AGENT, id, &good());
		run_to(now() + REVEAL + DELAY);
		assert_eq!(ending(id), Ending::Unanswered);
		forget(id);
		assert_eq!(free(PAYER), before, "to the last unit");
		assert_eq!(credit(AGENT), 0);
		assert_eq!(released(AGENT), Performance::Absent);
		assert_eq!(Offences::get(), [(AGENT, Offence::NoReveal, None)]);
	});
}

#[test]
fn pay_cannot_be_directed_outside_the_model() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		// A batch of the model's own Datanet, but given after the model was built on it.
		let foreign = answer(&[cite(LATER, 0, 900_000)]);
		commit(AGENT, id, &foreign);
		assert_custom(send(reveal_call(AGENT, id, &foreign)));
		// A weight that does not follow from the citations.
		let id = drawn();
		let Outcome::Answered(mut twisted) = good() else {
			unreachable!("it is an answer")
		};
		twisted.attribution = openledger_primitives::attribution::weigh(&[cite(SECOND, 0, 1)]);
		let twisted = Outcome::Answered(twisted);
		commit(AGENT, id, &twisted);
		assert_custom(send(reveal_call(AGENT, id, &twisted)));
		run_to(now() + REVEAL + DELAY);
		assert_eq!(ending(id), Ending::Unanswered);
		assert_eq!(credit(CONTRIBUTOR), 0);
	});
}

#[test]
fn a_payer_cannot_spend_what_it_owes() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
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
		assert_eq!(held(HoldReason::Fee, PAYER), FEE);
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());
		assert!(matches!(ending(id), Ending::Answered(_)));
		assert!(credit(AGENT) > 0);
	});
}

#[test]
fn dealing_with_oneself_loses_what_burns() {
	ExtBuilder::default().build_and_execute(|| {
		// One party is payer, owner, contributor and operator: what comes back, and what doesn't?
		let id = drawn();
		commit(AGENT, id, &good());
		reveal(AGENT, id, &good());
		let back: u128 = [OWNER, CONTRIBUTOR, SECOND_CONTRIBUTOR, AGENT]
			.iter()
			.map(|n| credit(*n))
			.sum();
		assert!(back <= FEE - FEE / 10 + 2, "{back} of {FEE}");
	});
}

#[test]
fn saying_that_it_failed_earns_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		let failed = Outcome::Failed(Failure::Internal);
		commit(AGENT, id, &failed);
		reveal(AGENT, id, &failed);
		assert_eq!(credit(AGENT), 0);
		assert_eq!(held(HoldReason::Fee, PAYER), 0);
	});
}

#[test]
fn nobody_reveals_after_the_end() {
	ExtBuilder::default().agents(3).build_and_execute(|| {
		let id = drawn();
		for n in AGENT..AGENT + 3 {
			commit(n, id, &good());
		}
		reveal(AGENT, id, &good());
		run_to(now() + REVEAL + DELAY);
		assert_invalid(send(reveal_call(AGENT + 1, id, &good())), E::UnknownRequest);
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

#[test]
fn what_is_not_signed_is_refused_before_it_costs_anything() {
	ExtBuilder::default().agents(2).build_and_execute(|| {
		let id = drawn();
		// As dear an answer as can be, none of whose batches exist: whoever looks at them says so.
		let dear = answer(&(0..32).map(|n| cite(1_000 + n, 0, 5)).collect::<Vec<_>>());
		commit(AGENT, id, &dear);
		commit(AGENT + 1, id, &good());
		let garbage = |salt| Call::reveal {
			request: id,
			operator: key(AGENT),
			outcome: dear.clone(),
			salt,
			signature: Default::default(),
		};
		assert_invalid(send(garbage([0; 32])), E::CommitmentMismatch);
		assert_eq!(send(garbage([AGENT; 32])), bad_proof());
		// Only the operator itself gets so far as to have them looked up.
		assert_invalid(send(reveal_call(AGENT, id, &dear)), E::MalformedAnswer);
		// Nor does a key without a seat get as far as its signature.
		let stranger = Call::commit {
			request: id,
			operator: key(77),
			commitment: H256::zero(),
			signature: Default::default(),
		};
		assert_invalid(send(stranger), E::NotCommitting);
		let id = drawn();
		let stranger = Call::commit {
			request: id,
			operator: key(77),
			commitment: H256::zero(),
			signature: Default::default(),
		};
		assert_invalid(send(stranger), E::NotInCommittee);
	});
}

#[test]
fn one_operator_has_one_transaction_in_the_pool() {
	ExtBuilder::default().build_and_execute(|| {
		let id = drawn();
		// Other commitments, as many as it likes: all provide the same.
		let tags = [good(), other()].map(|outcome| {
			let call = commit_call(AGENT, id, &outcome);
			let (valid, _) = frame_support::storage::with_transaction(|| {
				sp_runtime::TransactionOutcome::Rollback(Ok::<_, sp_runtime::DispatchError>(
					send(call).expect("valid"),
				))
			})
			.expect("rolled back");
			valid.provides
		});
		assert_eq!(tags[0], tags[1]);
	});
}

#[test]
fn a_copier_that_waits_for_the_widening_loses_with_what_it_copies() {
	ExtBuilder::default()
		.agents(7)
		.committee(3)
		.build_and_execute(|| {
			let id = drawn();
			let first = committee(id);
			// One is honest, one is wrong, one never shows up: nobody has a majority.
			commit(first[0], id, &good());
			commit(first[1], id, &other());
			run_to(now() + COMMIT);
			reveal(first[0], id, &good());
			reveal(first[1], id, &other());
			run_to(now() + DELAY);
			let newcomers: Vec<_> = committee(id)[3..].to_vec();
			assert_eq!(newcomers.len(), 4);
			// Now both are public. One newcomer copies what is wrong, the others run the model.
			let (copier, honest) = newcomers.split_first().expect("four");
			let mut outcomes = vec![(*copier, other())];
			outcomes.extend(honest.iter().map(|n| (*n, good())));
			run_committee(id, &outcomes);
			assert!(matches!(ending(id), Ending::Answered(_)));
			assert_eq!(credit(*copier), 0);
			let mut blamed = Offences::get();
			blamed.sort();
			let mut expected = vec![
				(first[1], Offence::WrongResult, None),
				(first[2], Offence::NoCommit, None),
				(*copier, Offence::WrongResult, None),
			];
			expected.sort();
			assert_eq!(blamed, expected);
		});
}

#[test]
fn asking_and_cancelling_moves_no_price() {
	use openledger_primitives::model::ModelClass;
	ExtBuilder::default().build_and_execute(|| {
		TargetUnits::set(10);
		let price = || Inference::base_price(ModelClass::Search);
		let before = free(PAYER);
		for _ in 0..40 {
			let ids: Vec<_> = (0..20).map(|_| ask()).collect();
			for id in ids {
				assert_ok!(Inference::cancel(signed(PAYER), id));
			}
			run_to(now() + 1);
			assert_eq!(price(), MIN_BASE);
		}
		// Nor does it if the cancelling comes a block later, in a bunch.
		for _ in 0..20 {
			let early: Vec<_> = (0..20).map(|_| ask()).collect();
			run_to(now() + 1);
			let late: Vec<_> = (0..20).map(|_| ask()).collect();
			for id in early.into_iter().chain(late) {
				assert_ok!(Inference::cancel(signed(PAYER), id));
			}
			run_to(now() + 1);
		}
		assert_eq!(free(PAYER), before);
		assert!(price() <= MIN_BASE * 9 / 8, "{}", price());
	});
}
