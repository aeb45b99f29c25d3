//! What the weights are measured with: each function at its dearest.

#![allow(
	clippy::arithmetic_side_effects,
	clippy::expect_used,
	clippy::indexing_slicing,
	clippy::panic,
	clippy::unwrap_used,
	reason = "a benchmark that goes wrong has to stop"
)]

use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	assert_ok,
	traits::{
		fungible::{Balanced, MutateHold},
		Get, Hooks,
	},
};
use frame_system::{pallet_prelude::BlockNumberFor, Pallet as System, RawOrigin};
use openledger_primitives::{
	data::{Reason, Verdict},
	merkle,
	protocol::Salt,
	traits::{Curation, Submissions},
	Balance, BatchId, ContentHash, DatanetId,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;
use sp_runtime::{traits::One, Percent};

use crate::{
	answers_commitment, solution_commitment, types::*, verdict_commitment, Call, Candidates,
	Config, Curators, Error, Event, Exams, HoldReason, Pallet, Pools, Qualifications, Reports,
	RoundOf, Rounds, Seeds, CLOSE_LIMIT,
};

/// What the benchmarks need of the Datanets.
///
/// The accounts that it gets have funds. Each batch that it adds has a larger id than those before.
pub trait BenchmarkHelper<AccountId> {
	/// The most rows that a batch can have, at least 18: more than have to be shown.
	fn max_rows() -> u32;

	/// Creates a Datanet of `owner` whose batches a jury curates.
	fn datanet(owner: &AccountId) -> DatanetId;

	/// Adds a batch that waits for its curation, whether its round is open or not.
	fn pending(datanet: DatanetId, contributor: &AccountId) -> BatchId;

	/// Adds a batch with so many rows under `root`, and accepts it. It is alone in its cluster.
	fn accepted(datanet: DatanetId, contributor: &AccountId, root: H256, rows: u32) -> BatchId;

	/// Adds an accepted batch as far below the head of its cluster as a batch can be, and the batches
	/// between them. The clusters of two such batches are different.
	fn deepest(datanet: DatanetId, contributor: &AccountId) -> BatchId;
}

type Helper<T> = <T as Config>::BenchmarkHelper;

/// Enough for all deposits and bonds of an account, in units of the token.
const PLENTY: Balance = 1_000_000_000_000_000_000_000;

const SALT: Salt = [7; 32];

const ACCEPT: Verdict = Verdict::Accept { score: 80 };

fn fund<T: Config>(who: &T::AccountId) {
	assert!(T::Currency::resolve(who, T::Currency::issue(PLENTY)).is_ok());
}

fn rich<T: Config>(name: &'static str, n: u32) -> T::AccountId {
	let who = account(name, n, 0);
	fund::<T>(&who);
	who
}

/// The account that signs.
fn caller<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	fund::<T>(&who);
	who
}

fn pass<T: Config>(blocks: BlockNumberFor<T>) {
	System::<T>::set_block_number(Pallet::<T>::now() + blocks);
}

fn datanet<T: Config>() -> DatanetId {
	Helper::<T>::datanet(&rich::<T>("owner", 0))
}

/// Records that an account has passed the qualification, as if by a round.
fn qualify<T: Config>(datanet: DatanetId, who: &T::AccountId) {
	let deposit = T::CandidateDeposit::get();
	assert_ok!(T::Currency::hold(
		&HoldReason::Qualification.into(),
		who,
		deposit
	));
	let record = Qualification {
		until: Pallet::<T>::now() + T::QualificationPeriod::get(),
		accuracy: ONE,
		deposit,
	};
	Qualifications::<T>::insert(datanet, who, record);
}

/// Makes an account a curator whose bond stands for the seats of two juries.
fn enlist<T: Config>(datanet: DatanetId, who: &T::AccountId) {
	qualify::<T>(datanet, who);
	let bond = T::SeatBond::get() * Balance::from(2 * MAX_SEATS);
	assert_ok!(Pallet::<T>::do_bond(who.clone(), datanet, bond));
}

/// Fills a Datanet's pool, and says who is in it. The last one is the caller.
fn fill<T: Config>(datanet: DatanetId) -> Vec<T::AccountId> {
	let curators: Vec<_> = (1..T::MaxCurators::get())
		.map(|n| rich::<T>("curator", n))
		.chain([caller::<T>()])
		.collect();
	curators.iter().for_each(|who| enlist::<T>(datanet, who));
	curators
}

fn answers() -> Answers {
	Answers::truncate_from(alloc::vec![1; usize::try_from(MAX_TASKS).unwrap()])
}

fn task_count() -> u8 {
	MAX_TASKS.try_into().unwrap()
}

fn solution<T: Config>(datanet: DatanetId, owner: &T::AccountId) -> H256 {
	solution_commitment(&Pallet::<T>::genesis(), datanet, owner, &answers(), &SALT)
}

fn open_exam<T: Config>(datanet: DatanetId) {
	let owner = T::Data::owner(datanet).unwrap();
	assert_ok!(Pallet::<T>::do_open_qualification(
		owner.clone(),
		datanet,
		ContentHash([1; 32]),
		task_count(),
		solution::<T>(datanet, &owner),
		Percent::one(),
	));
}

/// Makes an account a candidate that knows all answers.
fn enter<T: Config>(datanet: DatanetId, who: &T::AccountId) {
	let opened = Exams::<T>::get(datanet).unwrap().opened;
	let genesis = Pallet::<T>::genesis();
	let commitment = answers_commitment(&genesis, datanet, &opened, who, &answers(), &SALT);
	assert_ok!(Pallet::<T>::do_commit_answers(
		who.clone(),
		datanet,
		commitment
	));
}

/// Takes a qualification round that all candidates pass up to the grading.
fn examine<T: Config>(datanet: DatanetId, candidates: &[T::AccountId]) {
	open_exam::<T>(datanet);
	for who in candidates {
		enter::<T>(datanet, who);
	}
	pass::<T>(T::QualificationPhase::get());
	for who in candidates {
		assert_ok!(Pallet::<T>::do_reveal_answers(
			who.clone(),
			datanet,
			answers(),
			SALT
		));
	}
	pass::<T>(T::QualificationPhase::get());
	let owner = T::Data::owner(datanet).unwrap();
	assert_ok!(Pallet::<T>::do_reveal_solution(
		owner,
		datanet,
		answers(),
		SALT
	));
}

fn evidence() -> DuplicateEvidence {
	DuplicateEvidence {
		similarity: Percent::one(),
		content: ContentHash([2; 32]),
	}
}

/// Has a duplicate reported by a curator that then leaves, so that it takes no place in the full pool
/// whose curators are returned.
fn report<T: Config>() -> (Subject, Vec<T::AccountId>) {
	let datanet = datanet::<T>();
	let [of, batch] = [1, 2].map(|n| {
		let contributor = rich::<T>("contributor", n.into());
		Helper::<T>::accepted(datanet, &contributor, H256::repeat_byte(n), 1)
	});
	let reporter = rich::<T>("reporter", 0);
	enlist::<T>(datanet, &reporter);
	assert_ok!(Pallet::<T>::do_report_duplicate(
		reporter.clone(),
		batch,
		of,
		evidence()
	));
	assert_ok!(Pallet::<T>::do_unbond(reporter, datanet));
	(Subject::Duplicate { batch, of }, fill::<T>(datanet))
}

/// A round after its next jury was drawn, of one seat for each juror, and all have committed and
/// revealed.
fn seat<T: Config>(
	subject: Subject,
	jurors: &[T::AccountId],
	verdict: Option<Verdict>,
) -> RoundOf<T> {
	let mut round = Rounds::<T>::get(subject).unwrap();
	let drawn = jurors.iter().map(|who| (who.clone(), 1)).collect();
	Pallet::<T>::seat(subject, &mut round, drawn);
	for juror in last_jury(&mut round).jurors.iter_mut() {
		juror.commitment = Some(H256::repeat_byte(1));
		juror.verdict = verdict;
	}
	round
}

fn last_jury<AccountId, BlockNumber>(
	round: &mut Round<AccountId, BlockNumber>,
) -> &mut Jury<AccountId> {
	round.juries.iter_mut().last().unwrap()
}

/// Has the next jury find to accept.
fn find<T: Config>(subject: Subject, jurors: &[T::AccountId], verdict: Option<Verdict>) {
	let mut round = seat::<T>(subject, jurors, verdict);
	last_jury(&mut round).finding = Some(ACCEPT);
	round.phase = Phase::Found {
		until: Pallet::<T>::now() + T::AppealPeriod::get(),
	};
	Rounds::<T>::insert(subject, round);
}

fn appeal<T: Config>(subject: Subject, n: u32) {
	let who = rich::<T>("appellant", n);
	assert_ok!(Pallet::<T>::do_appeal(who, subject));
}

/// Takes a round up to the draw of the last jury: ten curators have judged, each of the two findings
/// was appealed.
fn appealed<T: Config>(subject: Subject, curators: &[T::AccountId], verdict: Option<Verdict>) {
	find::<T>(subject, &curators[..3], verdict);
	appeal::<T>(subject, 1);
	find::<T>(subject, &curators[3..10], verdict);
	appeal::<T>(subject, 2);
}

/// The last jury, of fifteen curators, the caller among them.
fn last_fifteen<AccountId>(curators: &[AccountId]) -> &[AccountId] {
	&curators[curators.len() - 15..]
}

/// Goes to a block whose seed is such that something holds.
fn reach<T: Config>(block: BlockNumberFor<T>, holds: impl Fn() -> bool) {
	System::<T>::set_block_number(block);
	let found = (0..1_000u32).any(|n| {
		Seeds::<T>::insert(block, H256(blake2_256(&n.encode())));
		holds()
	});
	assert!(found, "chances are not that bad");
}

/// The block whose seed decides on a round's next jury.
fn draw_block<T: Config>(subject: Subject) -> BlockNumberFor<T> {
	match Rounds::<T>::get(subject).unwrap().phase {
		Phase::Draw { at, .. } => at,
		_ => panic!("no jury is to be drawn"),
	}
}

/// The root over `2^height + extra` rows that are all alike, with `extra` 1 or 2, and the proof of each
/// of the first `2^height`.
fn alike(leaf: H256, height: u32, extra: u32) -> (H256, Proof) {
	let mut proof = Proof::default();
	let mut left = leaf;
	for _ in 0..height {
		proof.try_push(left).unwrap();
		left = merkle::node(&left, &left);
	}
	let right = if extra == 1 {
		leaf
	} else {
		merkle::node(&leaf, &leaf)
	};
	proof.try_push(right).unwrap();
	(merkle::node(&left, &right), proof)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// A seed comes, and one goes.
	#[benchmark]
	fn on_initialize() {
		let old = BlockNumberFor::<T>::one();
		let now = old + T::SeedWindow::get();
		Seeds::<T>::insert(old, H256::zero());
		System::<T>::set_block_number(now);

		#[block]
		{
			Pallet::<T>::on_initialize(now);
		}

		assert!(Seeds::<T>::contains_key(now) && !Seeds::<T>::contains_key(old));
	}

	#[benchmark]
	fn open_qualification() {
		let owner = caller::<T>();
		let datanet = Helper::<T>::datanet(&owner);
		let commitment = solution::<T>(datanet, &owner);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			datanet,
			ContentHash([1; 32]),
			task_count(),
			commitment,
			Percent::one(),
		);

		assert!(Exams::<T>::contains_key(datanet));
	}

	#[benchmark]
	fn commit_answers() {
		let (datanet, who) = (datanet::<T>(), caller::<T>());
		open_exam::<T>(datanet);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(who.clone()),
			datanet,
			H256::repeat_byte(1),
		);

		assert!(Candidates::<T>::contains_key(datanet, who));
	}

	#[benchmark]
	fn reveal_answers() {
		let (datanet, who) = (datanet::<T>(), caller::<T>());
		open_exam::<T>(datanet);
		enter::<T>(datanet, &who);
		pass::<T>(T::QualificationPhase::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), datanet, answers(), SALT);

		let candidate = Candidates::<T>::get(datanet, who).unwrap();
		assert_eq!(candidate.answers, Some(answers()));
	}

	#[benchmark]
	fn reveal_solution() {
		let owner = caller::<T>();
		let datanet = Helper::<T>::datanet(&owner);
		open_exam::<T>(datanet);
		pass::<T>(T::QualificationPhase::get());
		pass::<T>(T::QualificationPhase::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), datanet, answers(), SALT);

		let exam = Exams::<T>::get(datanet).unwrap();
		assert_eq!(exam.solution, Some(answers()));
	}

	/// The last in a full pool passes again, and gets an older deposit back.
	#[benchmark]
	fn claim_qualification() {
		let datanet = datanet::<T>();
		fill::<T>(datanet);
		let who = caller::<T>();
		examine::<T>(datanet, &[who.clone()]);
		let old = Qualifications::<T>::get(datanet, &who).unwrap().until;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), datanet);

		assert!(Qualifications::<T>::get(datanet, &who).unwrap().until > old);
		assert!(!Candidates::<T>::contains_key(datanet, who));
	}

	/// As many as it grades at a time, each as in [`claim_qualification`]; and the round ends.
	#[benchmark]
	fn close_qualification() {
		let datanet = datanet::<T>();
		let curators = fill::<T>(datanet);
		let count = usize::try_from(CLOSE_LIMIT.min(T::MaxCandidates::get())).unwrap();
		let candidates = &curators[..count];
		examine::<T>(datanet, candidates);
		let until = |who| Qualifications::<T>::get(datanet, who).unwrap().until;
		let old: Vec<_> = candidates.iter().map(until).collect();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), datanet);

		assert!(!Exams::<T>::contains_key(datanet));
		assert!(candidates
			.iter()
			.zip(old)
			.all(|(who, old)| until(who) > old));
	}

	#[benchmark]
	fn drop_qualification() {
		let (datanet, who) = (datanet::<T>(), caller::<T>());
		qualify::<T>(datanet, &who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), datanet);

		assert!(!Qualifications::<T>::contains_key(datanet, who));
	}

	/// The last place of a pool is taken.
	#[benchmark]
	fn bond() {
		let datanet = datanet::<T>();
		for n in 1..T::MaxCurators::get() {
			enlist::<T>(datanet, &rich::<T>("curator", n));
		}
		let who = caller::<T>();
		qualify::<T>(datanet, &who);

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), datanet, T::SeatBond::get());

		assert_eq!(Pools::<T>::get(datanet).last().unwrap().who, who);
	}

	/// The last one of a full pool leaves.
	#[benchmark]
	fn unbond() {
		let datanet = datanet::<T>();
		fill::<T>(datanet);
		let who = caller::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), datanet);

		assert!(Pools::<T>::get(datanet)
			.iter()
			.all(|member| member.who != who));
	}

	#[benchmark]
	fn withdraw_unbonded() {
		let (datanet, who) = (datanet::<T>(), caller::<T>());
		enlist::<T>(datanet, &who);
		assert_ok!(Pallet::<T>::do_unbond(who.clone(), datanet));
		pass::<T>(T::UnbondingPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), datanet);

		assert!(!Curators::<T>::contains_key(datanet, who));
	}

	/// One of a full pool whose qualification has lapsed.
	#[benchmark]
	fn retire() {
		let datanet = datanet::<T>();
		let curators = fill::<T>(datanet);
		let who = curators[curators.len() - 2].clone();
		pass::<T>(T::QualificationPeriod::get());

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), datanet, who.clone());

		assert!(Pools::<T>::get(datanet)
			.iter()
			.all(|member| member.who != who));
	}

	/// The last jury of a round is drawn from a full pool: fifteen different curators.
	#[benchmark]
	fn advance_draw() {
		let (subject, curators) = report::<T>();
		appealed::<T>(subject, &curators, Some(ACCEPT));
		let (at, round) = (draw_block::<T>(subject), Rounds::<T>::get(subject).unwrap());
		reach::<T>(at, || {
			Pallet::<T>::find_jury(subject, &round, at).is_some_and(|jury| jury.len() == 15)
		});

		#[extrinsic_call]
		advance(RawOrigin::Signed(caller::<T>()), subject);

		let round = Rounds::<T>::get(subject).unwrap();
		assert!(matches!(round.phase, Phase::Commit { .. }));
		assert_eq!(round.juries.len(), 3);
	}

	/// A round ends after two appeals with all of its 25 jurors absent, slashed and ejected from a full
	/// pool; the appellants and the reporter get their deposits back. That is more than can be: who
	/// appeals had a finding, so some have revealed.
	#[benchmark]
	fn advance_end() {
		let (subject, curators) = report::<T>();
		fund::<T>(&T::TreasuryAccount::get());
		appealed::<T>(subject, &curators, None);
		let jurors = &curators[..25];
		let mut round = seat::<T>(subject, &jurors[10..], None);
		round.phase = Phase::Found {
			until: Pallet::<T>::now(),
		};
		let datanet = round.datanet;
		Rounds::<T>::insert(subject, round);
		for who in jurors {
			Curators::<T>::mutate(datanet, who, |curator| {
				curator.as_mut().unwrap().failures = T::MaxFailures::get() - 1;
			});
		}

		#[extrinsic_call]
		advance(RawOrigin::Signed(caller::<T>()), subject);

		assert!(!Rounds::<T>::contains_key(subject));
		assert_eq!(Reports::<T>::iter().count(), 0);
		assert_eq!(
			Pools::<T>::get(datanet).len(),
			curators.len() - jurors.len()
		);
		for who in jurors {
			let left = Curators::<T>::get(datanet, who).unwrap().bond;
			assert!(left < T::SeatBond::get() * Balance::from(2 * MAX_SEATS));
		}
	}

	/// The last of the largest jury commits, so that it reveals next.
	#[benchmark]
	fn commit_verdict() {
		let (subject, curators) = report::<T>();
		appealed::<T>(subject, &curators, Some(ACCEPT));
		let mut round = seat::<T>(subject, last_fifteen(&curators), None);
		last_jury(&mut round)
			.jurors
			.iter_mut()
			.last()
			.unwrap()
			.commitment = None;
		Rounds::<T>::insert(subject, round);

		#[extrinsic_call]
		_(
			RawOrigin::Signed(caller::<T>()),
			subject,
			H256::repeat_byte(2),
		);

		let round = Rounds::<T>::get(subject).unwrap();
		assert!(matches!(round.phase, Phase::Reveal { .. }));
	}

	/// The last of the largest jury reveals, so that it finds: to reject, the reason being counted for
	/// each juror.
	#[benchmark]
	fn reveal_verdict() {
		let (subject, curators) = report::<T>();
		appealed::<T>(subject, &curators, Some(ACCEPT));
		let verdict = Verdict::Reject {
			reason: Reason::Harmful,
		};
		let who = caller::<T>();
		let mut round = seat::<T>(subject, last_fifteen(&curators), Some(verdict));
		let juror = last_jury(&mut round).jurors.iter_mut().last().unwrap();
		juror.verdict = None;
		juror.commitment = Some(verdict_commitment(
			&Pallet::<T>::genesis(),
			&subject,
			2,
			&who,
			&verdict,
			&SALT,
		));
		round.phase = Phase::Reveal {
			until: Pallet::<T>::now() + T::RevealPeriod::get(),
		};
		Rounds::<T>::insert(subject, round);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), subject, verdict, SALT);

		let mut round = Rounds::<T>::get(subject).unwrap();
		assert!(matches!(round.phase, Phase::Found { .. }));
		assert_eq!(last_jury(&mut round).finding, Some(verdict));
	}

	/// The second appeal.
	#[benchmark]
	fn appeal() {
		let (subject, curators) = report::<T>();
		find::<T>(subject, &curators[..3], Some(ACCEPT));
		super::appeal::<T>(subject, 1);
		find::<T>(subject, &curators[3..10], Some(ACCEPT));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), subject);

		assert_eq!(Rounds::<T>::get(subject).unwrap().appeals.len(), 2);
	}

	#[benchmark]
	fn report_duplicate() {
		let (datanet, who) = (datanet::<T>(), caller::<T>());
		enlist::<T>(datanet, &who);
		let contributor = rich::<T>("contributor", 0);
		let [of, batch] = [(); 2].map(|()| Helper::<T>::deepest(datanet, &contributor));

		#[extrinsic_call]
		_(RawOrigin::Signed(who), batch, of, evidence());

		assert!(Reports::<T>::contains_key(batch));
		assert!(Rounds::<T>::contains_key(Subject::Duplicate { batch, of }));
	}

	#[benchmark]
	fn challenge_rows() {
		let datanet = datanet::<T>();
		let contributor = rich::<T>("contributor", 0);
		let [of, batch] = [(); 2].map(|()| Helper::<T>::deepest(datanet, &contributor));

		#[extrinsic_call]
		_(RawOrigin::Signed(caller::<T>()), batch, of);

		assert!(Reports::<T>::contains_key(batch));
	}

	/// Sixteen rows, with the longest proofs that there are.
	#[benchmark]
	fn prove_rows() {
		let (datanet, who) = (datanet::<T>(), caller::<T>());
		let contributor = rich::<T>("contributor", 0);
		let leaf = merkle::leaf(b"row");
		let height = (Helper::<T>::max_rows() - 2).ilog2();
		let [(other_root, other_proof), (root, proof)] =
			[2, 1].map(|extra| alike(leaf, height, extra));
		let full = 1u32 << height;
		let of = Helper::<T>::accepted(datanet, &contributor, other_root, full + 2);
		let batch = Helper::<T>::accepted(datanet, &contributor, root, full + 1);
		assert_ok!(Pallet::<T>::do_challenge_rows(who.clone(), batch, of));
		let drawn = || Pallet::<T>::drawn_rows(batch).unwrap();
		let at = Pallet::<T>::now() + T::DrawDelay::get();
		reach::<T>(at, || drawn().iter().all(|row| *row < full));
		let proofs: Vec<_> = drawn()
			.into_iter()
			.map(|row| RowProof {
				row,
				leaf,
				proof: proof.clone(),
				other_row: 0,
				other_proof: other_proof.clone(),
			})
			.collect();
		let proofs = RowProofs::try_from(proofs).unwrap();
		assert_eq!(proofs.len(), usize::try_from(MAX_ROWS).unwrap());

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), batch, proofs);

		let event = Event::ReportClosed {
			batch,
			of,
			reporter: who,
			end: ReportEnd::Confirmed,
		};
		System::<T>::assert_last_event(event.into());
		assert_eq!(T::Data::cluster(batch), Some(of));
	}

	#[benchmark]
	fn open() {
		let batch = Helper::<T>::pending(datanet::<T>(), &rich::<T>("contributor", 0));
		let subject = Subject::Batch(batch);
		Rounds::<T>::remove(subject);

		#[block]
		{
			assert_ok!(<Pallet<T> as Curation<_>>::open(batch));
		}

		assert!(Rounds::<T>::contains_key(subject));
	}

	/// Too late: a jury could be drawn from a full pool, and to find that out is the dearest part.
	#[benchmark]
	fn abandon() {
		let datanet = datanet::<T>();
		fill::<T>(datanet);
		let batch = Helper::<T>::pending(datanet, &rich::<T>("contributor", 0));
		let subject = Subject::Batch(batch);
		Rounds::<T>::remove(subject);
		assert_ok!(<Pallet<T> as Curation<_>>::open(batch));
		reach::<T>(draw_block::<T>(subject), || true);
		let result;

		#[block]
		{
			result = <Pallet<T> as Curation<_>>::abandon(batch);
		}

		assert_eq!(result, Err(Error::<T>::JuryDrawn.into()));
		assert!(Rounds::<T>::contains_key(subject));
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default(),
		crate::mock::Test,
		exec_name = benchmark
	);
}
