//! What the weights are measured with: each function at its dearest. The agent is one whose last offence
//! costs all, so that it is taken off full lists; the batch is the last of a channel that is closing.

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
use frame_support::{assert_ok, traits::Get, weights::WeightMeter};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_pallet_support::agenda;
use openledger_primitives::{
	answer::{Entry, MAX_LOOKUPS, MAX_OUTPUT, TOTAL_WEIGHT},
	data::{Locator, MAX_URL},
	earnings::{Earnings, Witness},
	fingerprint::MAX_VALUES,
	merkle,
	protocol::OperatorKey,
	receipt::{Commitment, ProvenReceipt, Receipt, Siblings, SignedReceipt, Step, Totals},
	traits::{AgentPool, Offence, OnRuling, Ruling},
	voucher::Voucher,
	AccountId, Answer, Balance, BatchId, ChannelId, Citation, ModelId, Outcome, Output, Signature,
};
use sp_core::{crypto::KeyTypeId, sr25519, H256};
use sp_crypto_hashing::blake2_256;

use crate::{types::*, *};

/// What the benchmarks need of the other pallets.
pub trait BenchmarkHelper {
	/// Gives an account enough for all that it pays.
	fn fund(who: &AccountId);

	/// As many agents as can serve a model, each with as many models as it can serve, all of them the
	/// same. The result is one of the models, which generates, is compared by fingerprints, and is built
	/// on so many accepted batches, each as far from the head of its cluster as one can be; one of its
	/// agents, whose key is `key` of the number that comes with it; and the batches in ascending order.
	///
	/// All that was looked at of a version is as long as it can be.
	fn served(key: fn(u32) -> OperatorKey, batches: u32)
		-> (ModelId, AccountId, u32, Vec<BatchId>);

	/// Makes [`Config::Excuse`] apply, in the way that takes the longest to see.
	fn excuse();
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// Enough for the highest fees of a batch, in units of the token.
const DEPOSIT: Balance = 1_000_000_000_000_000_000;

const KEYS: KeyTypeId = KeyTypeId(*b"chnl");

/// The number of the payer's key.
const PAYER: u32 = 0xff;

/// The batch that the benchmarks are about: the channel's first.
const BATCH: u32 = 0;

/// The key with this number: its seed is 32 times the number's last byte.
fn key(n: u32) -> sr25519::Public {
	let seed = format!("0x{}", format!("{:02x}", n & 0xff).repeat(32));
	sp_io::crypto::sr25519_generate(KEYS, Some(seed.into_bytes()))
}

fn sign(n: u32, message: &[u8]) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEYS, &key(n), message).unwrap()
}

fn account_of(n: u32) -> AccountId {
	AccountId::new(key(n).0)
}

fn funded<T: Config>(who: AccountId) -> AccountId {
	Helper::<T>::fund(&who);
	who
}

/// The account that signs.
fn caller<T: Config>() -> AccountId {
	funded::<T>(whitelisted_caller())
}

fn challenger<T: Config>() -> AccountId {
	funded::<T>(account("challenger", 0, 0))
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(Pallet::<T>::now() + blocks);
}

fn input<T: Config>() -> InputOf<T> {
	InputOf::<T>::truncate_from(vec![b'?'; usize::try_from(T::MaxInput::get()).unwrap()])
}

/// The longest answer that names these batches, two thirds of them as its data.
fn answer(batches: &[BatchId]) -> Outcome {
	let (cited, named) = batches.split_at(batches.len() / 3);
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
	Outcome::Answered(Answer {
		output: Output::Inline(
			vec![b'a'; usize::try_from(MAX_OUTPUT).unwrap()]
				.try_into()
				.unwrap(),
		),
		citations: citations.try_into().unwrap(),
		attribution: attribution.try_into().unwrap(),
		fingerprint: vec![i32::MAX; usize::try_from(MAX_VALUES).unwrap()]
			.try_into()
			.unwrap(),
	})
}

/// Up to how many parts showing what data has earned is measured. There may be more, and all take the same.
const PARTS: u32 = 5_000;

/// What data had earned before a call, in units of the token.
const ATTRIBUTED: Balance = 1_000_000;

/// What data had earned before a call that names these batches, with about so many parts that show it. Each of
/// them is told only by its last bit from one that has: it takes the most to add to it.
fn earned(named: &[BatchId], parts: u32) -> (Earnings, Witness) {
	let twins = named.iter().map(|batch| batch ^ 1 << (BatchId::BITS - 1));
	let leaves = 1 + u64::from(parts / 2).saturating_sub(2 * named.len() as u64);
	let others = (0..leaves).map(|n| 1_000_000_000 + n);
	let shown: Vec<_> = twins.chain(others).collect();
	let all = ATTRIBUTED * Balance::from(TOTAL_WEIGHT);
	let rest = all - (shown.len() as u128 - 1);
	let values = [rest].into_iter().chain(core::iter::repeat(1));
	let earned = Earnings::of(shown.iter().copied().zip(values)).unwrap();
	let witness = earned.witness(&[named, &shown].concat()).unwrap();
	(earned, witness)
}

/// A channel with what its parties know of it.
struct Scene {
	id: ChannelId,
	agent: AccountId,
	/// The number of the agent's key.
	key: u32,
	/// The last calls that were served: the receipt before the last, the totals then, and the last.
	step: Step,
	calls: Commitment,
	totals: Totals,
}

impl Scene {
	/// Opens a channel, whose agent serves as many calls as a proof can be long for; the answer to the last
	/// one names so many batches, what they had earned is shown in about so many parts, and its totals do not
	/// follow from those before.
	fn served<T: Config>(batches: u32, parts: u32) -> Self {
		let (model, agent, key, batches) = Helper::<T>::served(key, batches);
		let payer = funded::<T>(account_of(PAYER));
		Helper::<T>::fund(&agent);
		let id = NextChannel::<T>::get();
		assert_ok!(Pallet::<T>::do_open(
			payer,
			agent.clone(),
			model,
			DEPOSIT,
			None
		));
		let height = T::MaxReceipts::get().ilog2();
		let count = 1u32 << height;
		let fee = Pallet::<T>::channel(id).unwrap().floor * Balance::from(count) + 1;
		let outcome = answer(&batches);
		let Outcome::Answered(Answer { attribution, .. }) = &outcome else {
			unreachable!("it is an answer");
		};
		let named: Vec<_> = attribution.iter().map(|entry| entry.batch).collect();
		let (earnings, earned) = earned(&named, parts);
		let before = Totals {
			first: 0,
			calls: count - 1,
			fee: fee - 1,
			unattributed: fee - 1 - ATTRIBUTED,
			earners: earnings.entries().len().try_into().unwrap(),
			earned: earnings.summary().hash,
		};
		let totals = Totals {
			calls: count,
			fee,
			..before
		};
		let receipt = |index: u32, totals: &Totals| {
			let receipt = Receipt {
				channel: id,
				index: index.into(),
				version: 0,
				input: H256(blake2_256(&input::<T>())),
				outcome: outcome.hash(),
				fee: 1,
				totals: totals.hash(),
			};
			signed::<T>(key, receipt)
		};
		let (first, last) = (receipt(count - 2, &before), receipt(count - 1, &totals));
		// Neighbours at the right end of a tree, whatever else is in it.
		let others = vec![H256::repeat_byte(1); usize::try_from(height - 1).unwrap()];
		let proven = |signed: SignedReceipt, other: &SignedReceipt| ProvenReceipt {
			signed,
			proof: Siblings::truncate_from([vec![other.leaf()], others.clone()].concat()),
		};
		let root = others.iter().fold(
			merkle::node(&first.leaf(), &last.leaf()),
			|node, sibling| merkle::node(sibling, &node),
		);
		Self {
			id,
			agent,
			key,
			step: Step {
				previous: Some(proven(first, &last)),
				before,
				earned,
				receipt: proven(last, &first),
				outcome,
			},
			calls: Commitment {
				first: 0,
				count,
				root,
			},
			totals,
		}
	}

	/// The same, and the agent has posted it and offended twice; the payer has closed the channel.
	fn posted<T: Config>(batches: u32, parts: u32) -> Self {
		let scene = Self::served::<T>(batches, parts);
		assert_ok!(Pallet::<T>::do_post(
			scene.agent.clone(),
			scene.id,
			scene.totals.fee,
			scene.voucher::<T>(),
			scene.calls,
			scene.step.receipt.clone(),
			scene.totals,
			Locator::None,
		));
		for _ in 0..2 {
			T::Agents::offend(&scene.agent, Offence::FalseAttribution, None);
		}
		assert_ok!(Pallet::<T>::do_close(account_of(PAYER), scene.id));
		scene
	}

	/// The same, and the last call is challenged.
	fn challenged<T: Config>(batches: u32, parts: u32) -> Self {
		let scene = Self::posted::<T>(batches, parts);
		let index = scene.step.receipt.signed.receipt.index;
		assert_ok!(Pallet::<T>::do_challenge(
			challenger::<T>(),
			scene.id,
			BATCH,
			index
		));
		scene
	}

	/// The same, and a request that the benchmark knows runs it again.
	fn rerunning<T: Config>(request: u64, batches: u32, parts: u32) -> Self {
		let scene = Self::challenged::<T>(batches, parts);
		let challenge = scene.unchallenge::<T>();
		let stage = Stage::Rerunning {
			challenge,
			request,
			fee: T::BatchBond::get() / 2,
		};
		scene.enter::<T>(stage);
		Reruns::<T>::insert(request, (scene.id, BATCH));
		scene
	}

	/// Takes the challenge off the agenda.
	fn unchallenge<T: Config>(&self) -> Challenge<AccountId> {
		let batch = Batches::<T>::get(self.id, BATCH).unwrap();
		Pallet::<T>::unschedule(Item::Batch(self.id, BATCH), batch.stage.due().unwrap());
		batch.stage.challenge().cloned().unwrap()
	}

	fn enter<T: Config>(&self, stage: Stage<AccountId, BlockNumberFor<T>>) {
		let mut batch = Batches::<T>::get(self.id, BATCH).unwrap();
		Pallet::<T>::enter(self.id, BATCH, &mut batch, stage);
		Batches::<T>::insert(self.id, BATCH, batch);
	}

	fn voucher<T: Config>(&self) -> Signature {
		let voucher = Voucher {
			channel: self.id,
			spent: self.totals.fee,
		};
		sign(PAYER, &voucher.message(&Pallet::<T>::genesis())).into()
	}

	/// Whether the channel has ended, its one batch undone or settled.
	fn is_over<T: Config>(&self) -> bool {
		!Channels::<T>::contains_key(self.id)
			&& !Batches::<T>::contains_key(self.id, BATCH)
			&& OpenBatches::<T>::get() == 0
	}
}

fn signed<T: Config>(n: u32, receipt: Receipt) -> SignedReceipt {
	SignedReceipt {
		receipt,
		signature: sign(n, &receipt.message(&Pallet::<T>::genesis())),
	}
}

/// Serves the block of a queue in which something is due.
fn serve<T: Config>(queue: Queue) {
	let (_, block) = Agenda::<T>::iter_keys()
		.map(|(at, _)| at)
		.find(|(of, _)| *of == queue)
		.unwrap();
	System::<T>::set_block_number(block);
	assert!(agenda::serve_block::<Pallet<T>>(
		queue,
		block,
		&mut WeightMeter::new()
	));
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open() {
		let (model, agent, _, _) = Helper::<T>::served(key, 0);
		let payer = caller::<T>();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(payer.clone()),
			agent,
			model,
			DEPOSIT,
			None,
		);

		assert_eq!(Channels::<T>::get(0).unwrap().payer, payer);
	}

	#[benchmark]
	fn top_up() {
		let scene = Scene::served::<T>(0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(account_of(PAYER)), scene.id, 1);

		assert_eq!(Channels::<T>::get(scene.id).unwrap().deposit, DEPOSIT + 1);
	}

	/// By the agent, at once, after the payer.
	#[benchmark]
	fn close() {
		let scene = Scene::served::<T>(0, 0);
		assert_ok!(Pallet::<T>::do_close(account_of(PAYER), scene.id));

		#[extrinsic_call]
		_(RawOrigin::Signed(scene.agent.clone()), scene.id);

		assert!(scene.is_over::<T>());
	}

	/// When it falls due.
	#[benchmark]
	fn finalise() {
		let scene = Scene::served::<T>(0, 0);
		assert_ok!(Pallet::<T>::do_close(account_of(PAYER), scene.id));
		pass::<T>(T::ClosingBlocks::get());

		#[block]
		{
			serve::<T>(Queue::Channels);
		}

		assert!(scene.is_over::<T>());
	}

	#[benchmark]
	fn post() {
		let scene = Scene::served::<T>(0, 0);
		let url = vec![b'a'; usize::try_from(MAX_URL).unwrap()];

		#[extrinsic_call]
		_(
			RawOrigin::Signed(scene.agent.clone()),
			scene.id,
			scene.totals.fee,
			scene.voucher::<T>(),
			scene.calls,
			scene.step.receipt.clone(),
			scene.totals,
			Locator::Url(url.try_into().unwrap()),
		);

		assert_eq!(
			Batches::<T>::get(scene.id, BATCH).unwrap().totals,
			scene.totals
		);
	}

	/// The payer's, which takes the place of another and gives its bond back.
	#[benchmark]
	fn challenge() {
		let scene = Scene::challenged::<T>(0, 0);
		let index = scene.step.receipt.signed.receipt.index;

		#[extrinsic_call]
		_(RawOrigin::Signed(account_of(PAYER)), scene.id, BATCH, index);

		let batch = Batches::<T>::get(scene.id, BATCH).unwrap();
		assert!(batch.overtaken);
		assert_eq!(
			batch.stage.challenge().unwrap().challenger,
			account_of(PAYER)
		);
	}

	/// Of what shows the totals to be wrong, when the outcome is seen to be possible.
	#[benchmark]
	fn disclose(c: Linear<0, MAX_LOOKUPS>, p: Linear<0, PARTS>) {
		let scene = Scene::challenged::<T>(c, p);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller::<T>()),
			scene.id,
			BATCH,
			scene.step.clone(),
			input::<T>(),
		);

		assert!(scene.is_over::<T>());
		System::<T>::assert_has_event(
			Event::<T>::Offended {
				channel: scene.id,
				agent: scene.agent,
				offence: Offence::FalseAttribution,
				reporter: Some(challenger::<T>()),
			}
			.into(),
		);
	}

	#[benchmark]
	fn rerun() {
		let scene = Scene::challenged::<T>(0, 0);
		let claim = scene.unchallenge::<T>();
		scene.enter::<T>(Stage::Disclosed {
			challenge: claim.clone(),
			receipt: scene.step.receipt.signed.receipt,
			until: Pallet::<T>::now() + T::RerunBlocks::get(),
		});

		#[extrinsic_call]
		_(
			RawOrigin::Signed(claim.challenger),
			scene.id,
			BATCH,
			input::<T>(),
			scene.step.outcome.clone(),
			Balance::MAX,
		);

		assert_eq!(Reruns::<T>::iter_values().next(), Some((scene.id, BATCH)));
	}

	#[benchmark]
	fn report_totals(c: Linear<0, MAX_LOOKUPS>, p: Linear<0, PARTS>) {
		let scene = Scene::rerunning::<T>(0, c, p);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller::<T>()),
			scene.id,
			BATCH,
			scene.step.clone(),
		);

		assert!(scene.is_over::<T>());
	}

	#[benchmark]
	fn report_double() {
		let scene = Scene::rerunning::<T>(0, 0, 0);
		let first = scene.step.receipt.signed;
		let other = Receipt {
			version: 1,
			..first.receipt
		};

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller::<T>()),
			scene.id,
			first,
			signed::<T>(scene.key, other),
			Some(BATCH),
		);

		assert!(scene.is_over::<T>());
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
		for queue in [Queue::Batches, Queue::Channels] {
			Cursors::<T>::insert(queue, now + 1u32.into());
		}

		#[block]
		{
			Pallet::<T>::serve_agenda(now);
		}

		assert_eq!(Cursors::<T>::get(Queue::Channels), Some(now + 1u32.into()));
	}

	#[benchmark]
	fn agenda_block() {
		let now = Pallet::<T>::now();
		let done;

		#[block]
		{
			done = agenda::serve_block::<Pallet<T>>(Queue::Batches, now, &mut WeightMeter::new());
		}

		assert!(done);
	}

	/// Without the fee, and what [`Config::Settlement`] does with it.
	#[benchmark]
	fn settle() {
		let scene = Scene::posted::<T>(0, 0);
		assert_ok!(Pallet::<T>::do_close(scene.agent.clone(), scene.id));
		let mut batch = Batches::<T>::get(scene.id, BATCH).unwrap();
		batch.totals.fee = 0;
		Batches::<T>::insert(scene.id, BATCH, batch);
		Channels::<T>::mutate(scene.id, |channel| channel.as_mut().unwrap().locked = 0);

		#[block]
		{
			serve::<T>(Queue::Batches);
		}

		assert!(scene.is_over::<T>());
	}

	/// Of a challenged call that nobody discloses. What becomes of one that nobody has run again takes as
	/// many look-ups, but writes less.
	#[benchmark]
	fn batch_due() {
		let scene = Scene::challenged::<T>(0, 0);

		#[block]
		{
			serve::<T>(Queue::Batches);
		}

		assert!(scene.is_over::<T>());
	}

	#[benchmark]
	fn ruled() {
		let scene = Scene::rerunning::<T>(0, 0, 0);

		#[block]
		{
			Pallet::<T>::ruled(0, Ruling::FalseAttribution);
		}

		assert!(scene.is_over::<T>());
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::Benchmarks,
		crate::mock::Test,
		exec_name = benchmark
	);
}
