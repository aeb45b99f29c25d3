//! What the weights are measured with: each function at its dearest, by the largest committees, drawn from
//! as many agents as there can be, of long inputs and answers.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use alloc::{format, vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{fungible::MutateHold, Get},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_pallet_support::agenda;
use openledger_primitives::{
	answer::{Entry, MAX_CITATIONS, MAX_LOOKUPS, MAX_OUTPUT, TOTAL_WEIGHT},
	fingerprint::MAX_VALUES,
	protocol::{commit_message, commitment, reveal_message, OperatorKey, OperatorSignature, Salt},
	traits::{AgentPool, ModelRegistry, Offence, Run, Settlement, Source},
	Answer, Balance, BatchId, Citation, ModelId, Outcome, Output, RequestId,
};
use sp_core::{crypto::KeyTypeId, sr25519, H256};

use crate::{types::*, *};

/// What the benchmarks need of the other pallets.
pub trait BenchmarkHelper<AccountId> {
	/// Gives an account enough for all that it pays.
	fn fund(who: &AccountId);

	/// As many agents as can serve a model, each with as many models as it can serve. The result is the one
	/// model that all serve, which generates the likeliest text, is compared by fingerprints, and is built
	/// on so many accepted batches, each as far from the head of its cluster as one can be; and the batches
	/// in ascending order. The last `able` agents, and no others, can meet its policy; their keys are `key` of
	/// numbers up to 255.
	///
	/// All that was looked at of a version is as long as it can be.
	fn served(key: fn(u32) -> OperatorKey, able: u32, batches: u32) -> (ModelId, Vec<BatchId>);

	/// Makes [`Config::Excuse`] apply, in the way that takes the longest to see.
	fn excuse();
}

type Helper<T> = <T as Config>::BenchmarkHelper;

const KEYS: KeyTypeId = KeyTypeId(*b"infr");

const SALT: Salt = [7; 32];

/// The key with this number: its seed is 32 times the number's last byte.
fn key(n: u32) -> sr25519::Public {
	let seed = format!("0x{}", format!("{:02x}", n & 0xff).repeat(32));
	sp_io::crypto::sr25519_generate(KEYS, Some(seed.into_bytes()))
}

fn sign(key: &OperatorKey, message: &[u8]) -> OperatorSignature {
	sp_io::crypto::sr25519_sign(KEYS, key, message).unwrap()
}

/// The account that signs and pays.
fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	Helper::<T>::fund(&who);
	who
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(Pallet::<T>::now() + blocks);
}

fn input<T: Config>(bytes: u32) -> Input<T> {
	Input::Inline(BoundedVec::truncate_from(vec![
		b'?';
		usize::try_from(bytes)
			.unwrap()
	]))
}

/// The `n`th of the longest answers that name these batches and agree with each other.
fn answer(n: u8, batches: &[BatchId]) -> Answer {
	let (cited, named) = batches.split_at(batches.len().min(MAX_CITATIONS.try_into().unwrap()));
	let citations: Vec<_> = cited
		.iter()
		.map(|batch| Citation {
			batch: *batch,
			row: 0,
			score: TOTAL_WEIGHT,
		})
		.collect();
	let count = u32::try_from(named.len()).unwrap();
	let rest = TOTAL_WEIGHT.checked_rem(count).unwrap_or_default();
	let weights = (0..count).map(|n| TOTAL_WEIGHT / count + u32::from(n < rest));
	let attribution: Vec<_> = named
		.iter()
		.zip(weights)
		.map(|(batch, weight)| Entry {
			batch: *batch,
			weight,
		})
		.collect();
	let mut fingerprint = vec![i32::MAX / 2; usize::try_from(MAX_VALUES).unwrap()];
	fingerprint[0] += i32::from(n);
	Answer {
		output: text(b'a'),
		citations: citations.try_into().unwrap(),
		attribution: attribution.try_into().unwrap(),
		fingerprint: fingerprint.try_into().unwrap(),
	}
}

fn text(letter: u8) -> Output {
	let text = vec![letter; usize::try_from(MAX_OUTPUT).unwrap()];
	Output::Inline(text.try_into().unwrap())
}

/// The `n`th of answers that do not agree.
fn other(n: u8) -> Outcome {
	Outcome::Answered(Answer {
		output: text(b'b' + n),
		..answer(0, &[])
	})
}

/// A request with the longest input, and what it takes to answer it.
struct Scene<T: Config> {
	id: RequestId,
	payer: T::AccountId,
	batches: Vec<BatchId>,
}

impl<T: Config> Scene<T> {
	/// One to so many agents, of as many that can answer it and `spare` others, if there can be so many.
	fn asked(seats: u32, spare: u32, batches: u32) -> Self {
		let (model, batches) = Helper::<T>::served(key, seats.saturating_add(spare), batches);
		let payer = caller::<T>();
		let id = NextRequest::<T>::get();
		assert_ok!(Pallet::<T>::do_request(
			payer.clone(),
			model,
			input::<T>(T::MaxInput::get()),
			Balance::MAX,
			seats,
		));
		Self { id, payer, batches }
	}

	fn drawn(seats: u32, spare: u32, batches: u32) -> Self {
		let scene = Self::asked(seats, spare, batches);
		pass::<T>(T::DrawDelay::get());
		scene.serve();
		scene
	}

	/// One whose committee is full, and decides about a canary of the payer. All `accused` were drawn for
	/// the request that is run again, and have offended twice before.
	fn contested(seats: u32, spare: u32) -> Self {
		let scene = Self::asked(seats, spare, 0);
		let request = scene.request();
		let policy = T::Models::spec(request.model, request.version)
			.unwrap()
			.policy;
		let accused = T::Agents::assign(
			request.model,
			&policy,
			T::MaxCommittee::get(),
			&[],
			H256::repeat_byte(1),
		);
		for agent in accused.iter().chain(&accused) {
			T::Agents::offend(agent, Offence::WrongResult, None);
		}
		let accused = BoundedVec::truncate_from(accused);
		let deposit = T::CanaryDeposit::get();
		assert_ok!(T::Currency::hold(
			&HoldReason::Canary.into(),
			&scene.payer,
			deposit
		));
		Reruns::<T>::insert(
			scene.id,
			Rerun {
				of: RequestId::MAX,
				canary: H256::zero(),
				deposit,
				accused: accused.clone(),
				excluded: accused,
				expected: Outcome::Answered(answer(0, &[])),
				found: other(100),
			},
		);
		pass::<T>(T::DrawDelay::get());
		scene.serve();
		scene
	}

	fn request(&self) -> Request<T> {
		Requests::<T>::get(self.id).unwrap()
	}

	/// Changes the request, whose phase is entered anew.
	fn enter(&self, phase: Phase, change: impl FnOnce(&mut Request<T>)) {
		let mut request = self.request();
		Pallet::<T>::unschedule(self.id, Task::ending(request.phase), request.until);
		change(&mut request);
		Pallet::<T>::enter(self.id, &mut request, phase);
		Requests::<T>::insert(self.id, request);
	}

	/// The first `count` seats have committed and revealed.
	fn reveal(&self, request: &mut Request<T>, count: usize, outcome: fn(u8) -> Outcome) {
		for (n, seat) in (0..).zip(request.committee.iter_mut().take(count)) {
			let outcome = outcome(n);
			seat.commitment = Some(H256::repeat_byte(1));
			seat.revealed = Some(outcome.hash());
			Outcomes::<T>::insert(self.id, outcome.hash(), outcome);
		}
	}

	/// Does what is due at the end of the present phase.
	fn serve(&self) {
		self.serve_in(Queue::Deadlines, self.request().until);
	}

	fn serve_in(&self, queue: Queue, block: BlockNumberFor<T>) {
		System::<T>::set_block_number(block);
		assert!(agenda::serve_block::<Pallet<T>>(
			queue,
			block,
			&mut WeightMeter::new()
		));
	}

	/// What the operator in this place signs to commit.
	fn commit(&self, place: usize, outcome: &Outcome) -> (OperatorKey, SignedCommitment) {
		let request = self.request();
		let (operator, question) = (
			request.committee[place].operator,
			request.question.unwrap().hash,
		);
		let commitment = commitment(&question, &operator, &outcome.hash(), &SALT);
		let signature = sign(&operator, &commit_message(&question, &commitment));
		let signed = SignedCommitment {
			commitment,
			signature,
		};
		(operator, signed)
	}

	/// All commit to the same, but for the last one if others are to commit to it.
	fn commit_all(&self, outcome: &Outcome, last: bool) {
		let seats = self.request().committee.len();
		for place in 0..seats - usize::from(!last) {
			let (operator, signed) = self.commit(place, outcome);
			assert_ok!(Pallet::<T>::do_commit(
				self.id,
				operator,
				signed.commitment,
				signed.signature
			));
		}
	}

	/// Has all commit to an answer, and returns what the first one signs to reveal it.
	fn revealing(batches: u32) -> (Self, Outcome, OperatorKey, OperatorSignature) {
		let scene = Self::drawn(T::MaxCommittee::get(), 0, batches);
		let outcome = Outcome::Answered(answer(0, &scene.batches));
		scene.commit_all(&outcome, true);
		let request = scene.request();
		let operator = request.committee[0].operator;
		let message = reveal_message(&request.question.unwrap().hash, &outcome.hash(), &SALT);
		let signature = sign(&operator, &message);
		(scene, outcome, operator, signature)
	}

	/// Ends it with an answer, and nothing paid.
	fn end(&self, answer: Answer) {
		self.enter(Phase::Reveal, |request| {
			for seat in request.committee.iter_mut() {
				seat.agreed = true;
				Assignments::<T>::remove(&seat.agent, self.id);
			}
		});
		let request = self.request();
		Pallet::<T>::unschedule(self.id, Task::EndReveal, request.until);
		Pallet::<T>::refund(&request);
		Pallet::<T>::close(self.id, request, Ending::Answered(answer));
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Of a committee of the largest size, of which there are just enough agents.
	#[benchmark]
	fn request(i: Linear<1, { T::MaxInput::get() }>) {
		let seats = T::MaxCommittee::get();
		let (model, _) = Helper::<T>::served(key, seats, 0);
		let payer = caller::<T>();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(payer),
			model,
			input::<T>(i),
			Balance::MAX,
			seats,
		);

		assert_eq!(OpenRequests::<T>::get(), 1);
	}

	#[benchmark]
	fn cancel() {
		let scene = Scene::<T>::asked(1, 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.payer), scene.id);

		assert_eq!(OpenRequests::<T>::get(), 0);
	}

	/// The last one, after which operators can reveal.
	#[benchmark]
	fn commit() {
		let scene = Scene::<T>::drawn(T::MaxCommittee::get(), 0, 0);
		let outcome = other(0);
		scene.commit_all(&outcome, false);
		let last = scene.request().committee.len() - 1;
		let (operator, signed) = scene.commit(last, &outcome);

		#[extrinsic_call]
		_(
			RawOrigin::Authorized,
			scene.id,
			operator,
			signed.commitment,
			signed.signature,
		);

		assert_eq!(scene.request().phase, Phase::Reveal);
	}

	#[benchmark]
	fn authorize_commit() {
		let scene = Scene::<T>::drawn(T::MaxCommittee::get(), 0, 0);
		let last = scene.request().committee.len() - 1;
		let (operator, signed) = scene.commit(last, &other(0));
		let SignedCommitment {
			commitment,
			signature,
		} = signed;
		let validity;

		#[block]
		{
			validity = Pallet::<T>::authorize_commit(scene.id, &operator, &commitment, &signature);
		}

		assert!(validity.is_ok());
	}

	#[benchmark]
	fn reveal(c: Linear<0, MAX_LOOKUPS>) {
		let (scene, outcome, operator, signature) = Scene::<T>::revealing(c);
		assert_eq!(outcome.lookups(), c);

		#[extrinsic_call]
		_(
			RawOrigin::Authorized,
			scene.id,
			operator,
			outcome.clone(),
			SALT,
			signature,
		);

		assert!(Outcomes::<T>::contains_key(scene.id, outcome.hash()));
	}

	#[benchmark]
	fn authorize_reveal(c: Linear<0, MAX_LOOKUPS>) {
		let (scene, outcome, operator, signature) = Scene::<T>::revealing(c);
		let validity;

		#[block]
		{
			validity =
				Pallet::<T>::authorize_reveal(scene.id, &operator, &outcome, &SALT, &signature);
		}

		assert!(validity.is_ok());
	}

	/// After the end of a request with the longest answer.
	#[benchmark]
	fn report_equivocation() {
		let scene = Scene::<T>::drawn(T::MaxCommittee::get(), 0, 0);
		let last = scene.request().committee.len() - 1;
		let (operator, first) = scene.commit(last, &other(0));
		let (_, second) = scene.commit(last, &other(1));
		scene.end(answer(0, &(0..MAX_LOOKUPS.into()).collect::<Vec<_>>()));

		#[extrinsic_call]
		_(
			RawOrigin::Signed(scene.payer),
			scene.id,
			operator,
			first,
			second,
		);

		let receipt = Receipts::<T>::get(scene.id).unwrap();
		assert!(receipt.committee[last].equivocated);
	}

	#[benchmark]
	fn commit_canary() {
		let who = caller::<T>();
		let canary = H256::repeat_byte(1);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), canary);

		assert!(Canaries::<T>::contains_key(who, canary));
	}

	#[benchmark]
	fn drop_canary() {
		let who = caller::<T>();
		let canary = H256::repeat_byte(1);
		assert_ok!(Pallet::<T>::do_commit_canary(who.clone(), canary));

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), canary);

		assert!(!Canaries::<T>::contains_key(who, canary));
	}

	/// Of an answer by a full committee that is not what was expected. Of the look-ups all are of different
	/// batches.
	#[benchmark]
	fn reveal_canary(i: Linear<1, { T::MaxInput::get() }>, c: Linear<0, MAX_LOOKUPS>) {
		let scene = Scene::<T>::drawn(T::MaxCommittee::get(), 0, c);
		let expected = Outcome::Answered(answer(0, &scene.batches));
		let input = input::<T>(i);
		scene.enter(Phase::Reveal, |open| open.input = input.clone());
		let open = scene.request();
		let hash = canary_hash(
			&scene.payer,
			open.model,
			open.version,
			&input.digest(),
			&expected.hash(),
			&SALT,
		);
		assert_ok!(Pallet::<T>::do_commit_canary(scene.payer.clone(), hash));
		Canaries::<T>::mutate(&scene.payer, hash, |canary| {
			canary.as_mut().unwrap().at = 0u32.into();
		});
		// What was asked first does not count any more.
		Pallet::<T>::begin_block(Pallet::<T>::now());
		scene.end(Answer {
			output: text(b'b'),
			..answer(0, &(0..MAX_LOOKUPS.into()).collect::<Vec<_>>())
		});

		#[extrinsic_call]
		_(
			RawOrigin::Signed(scene.payer),
			scene.id,
			input,
			expected,
			SALT,
			Balance::MAX,
		);

		assert_eq!(Reruns::<T>::iter_values().next().unwrap().of, scene.id);
	}

	/// A full committee convicts another full one, whose agents lose all. Without the fee, and what
	/// [`Config::Settlement`] does with it.
	#[benchmark]
	fn end() {
		let seats = T::MaxCommittee::get();
		let scene = Scene::<T>::contested(seats, seats);
		let open = scene.request();
		Pallet::<T>::refund(&open);
		let agree = |n| Outcome::Answered(answer(n, &[]));
		scene.enter(Phase::Reveal, |open| {
			open.fee = 0;
			scene.reveal(open, usize::MAX, agree);
		});

		#[block]
		{
			scene.serve();
		}

		let receipt = Receipts::<T>::get(scene.id).unwrap();
		assert!(matches!(receipt.ending, Ending::Answered(_)));
		assert!(receipt.committee.iter().all(|seat| seat.agreed));
		assert_eq!(Reruns::<T>::iter().count(), 0);
	}

	/// When it falls due.
	#[benchmark]
	fn forget() {
		let scene = Scene::<T>::drawn(T::MaxCommittee::get(), 0, 0);
		let answer = answer(0, &(0..MAX_LOOKUPS.into()).collect::<Vec<_>>());
		let run = Run {
			source: Source::Request(scene.id),
			payer: &scene.payer,
			model: ModelId::MAX,
			operators: &[],
			attribution: &answer.attribution,
		};
		T::Settlement::settle(run, CreditOf::<T>::default());
		scene.end(answer.clone());
		let due = Receipts::<T>::get(scene.id).unwrap().forget_at;

		#[block]
		{
			scene.serve_in(Queue::Receipts, due);
		}

		assert!(!Receipts::<T>::contains_key(scene.id));
	}

	#[benchmark]
	fn begin_block() {
		Helper::<T>::excuse();
		let now = Pallet::<T>::now();

		#[block]
		{
			Pallet::<T>::begin_block(now);
		}

		assert_eq!(ExcusedAt::<T>::get(), Some(now));
	}

	/// Of looking up how far the queues were served.
	#[benchmark]
	fn agenda_base() {
		let now = Pallet::<T>::now();
		for queue in [Queue::Deadlines, Queue::Receipts] {
			Cursors::<T>::insert(queue, now + 1u32.into());
		}

		#[block]
		{
			Pallet::<T>::serve_agenda(now);
		}

		assert_eq!(Cursors::<T>::get(Queue::Receipts), Some(now + 1u32.into()));
	}

	#[benchmark]
	fn agenda_block() {
		let now = Pallet::<T>::now();
		let done;

		#[block]
		{
			done = agenda::serve_block::<Pallet<T>>(Queue::Deadlines, now, &mut WeightMeter::new());
		}

		assert!(done);
	}

	/// Of a full committee, of as many agents as there can be.
	#[benchmark]
	fn draw() {
		let scene = Scene::<T>::asked(T::MaxCommittee::get(), u32::MAX, 0);

		#[block]
		{
			scene.serve();
		}

		assert_eq!(scene.request().phase, Phase::Commit);
	}

	/// Of a full committee, most of which has revealed. One of the last two commits, and with it they can agree.
	#[benchmark]
	fn end_commit() {
		let seats = T::MaxCommittee::get();
		let scene = Scene::<T>::drawn(seats, 0, 0);
		scene.enter(Phase::Commit, |open| {
			let heard = open.committee.len() - 2;
			scene.reveal(open, heard, |n| match n {
				0 | 1 => other(n),
				_ => Outcome::Answered(answer(n, &[])),
			});
			open.committee[heard].commitment = Some(H256::repeat_byte(1));
		});

		#[block]
		{
			scene.serve();
		}

		let open = scene.request();
		assert_eq!(open.phase, Phase::Reveal);
		assert!(open
			.committee
			.iter()
			.any(|seat| seat.absence == Some(Absence::NoCommit)));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = benchmark
	);
}
