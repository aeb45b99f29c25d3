//! The attacks of the design that touch curation, run and measured.

use codec::Encode;
use frame_support::{assert_noop, assert_ok};
use openledger_primitives::{
	data::{Decision, Reason, Verdict},
	Balance,
};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;

use super::E;
use crate::{mock::*, types::*, HoldReason};

fn accepted_batch(batch: u64) -> bool {
	matches!(
		decision(batch),
		Some(Decision::Found(Verdict::Accept { .. }))
	)
}

/// Makes up for what curators lost, so that each round meets the same pool: this measures chances, and
/// what was lost is counted by the caller.
fn restore(curators: impl Iterator<Item = u8>, bond: Balance) {
	for n in curators {
		let now = curator(n);
		assert!(matches!(now.status, Status::Active));
		if now.bond < bond {
			assert_ok!(Curation::bond(signed(n), DATANET, bond - now.bond));
		}
		crate::Curators::<Test>::mutate(DATANET, account(n), |curator| {
			let curator = curator.as_mut().expect("there");
			curator.accuracy = ONE;
			curator.failures = 0;
		});
		crate::Pools::<Test>::mutate(DATANET, |pool| {
			let curator = crate::Curators::<Test>::get(DATANET, account(n)).expect("there");
			Curation::refresh(pool, &account(n), &curator);
		});
	}
}

struct Campaign {
	rounds: u32,
	accepted: u32,
	/// What the cartel had to bring in, less what the appellant did: in units of the token.
	lost: Balance,
	appellant_lost: Balance,
	/// The points of the cartel's 8 curators, and of the 12 others.
	points: (u64, u64),
}

/// A cartel of 8 of 20 curators with equal bonds wants junk accepted, the others know it as junk. If
/// there are honest appeals, each finding to accept is appealed up to the last jury; the cartel appeals
/// each finding to reject if `stubborn`.
fn campaign(rounds: u32, appeals: bool, stubborn: bool) -> Campaign {
	let (cartel, honest, bond) = (8u8, 12u8, 20 * SEAT);
	let (backer, appellant) = (10, 11);
	let members = || CURATOR..CURATOR + cartel;
	let is_member = |n: u8| members().contains(&n);
	ExtBuilder::default()
		.curators(cartel + honest, bond)
		.build_and_execute(|| {
			let before = |n: u8| wealth(n);
			let (mut accepted, mut lost) = (0, 0);
			let (backed, appealed) = (before(backer), before(appellant));
			for n in 0..rounds {
				set_chance(n.into());
				let batch = submit();
				let subject = Subject::Batch(batch);
				let wealth_before: Balance = members().map(wealth).sum();
				loop {
					judge(subject, |n| {
						Some(if is_member(n) {
							good(100)
						} else {
							bad(Reason::Junk)
						})
					});
					let juries = round(subject).juries.len();
					if juries == JURY_SIZES.len() {
						break;
					}
					match round(subject).juries[juries - 1].finding {
						Some(Verdict::Accept { .. }) if appeals => {
							assert_ok!(Curation::appeal(signed(appellant), subject));
						}
						Some(Verdict::Reject { .. }) if stubborn => {
							assert_ok!(Curation::appeal(signed(backer), subject));
						}
						_ => break,
					}
				}
				finish(subject);
				accepted += u32::from(accepted_batch(batch));
				lost += wealth_before - members().map(wealth).sum::<Balance>();
				restore(CURATOR..CURATOR + cartel + honest, bond);
			}
			Campaign {
				rounds,
				accepted,
				lost: lost + (backed - wealth(backer)),
				appellant_lost: appealed - wealth(appellant),
				points: (
					members().map(points).sum(),
					(CURATOR + cartel..CURATOR + cartel + honest)
						.map(points)
						.sum(),
				),
			}
		})
}

fn share(campaign: &Campaign) -> f64 {
	f64::from(campaign.accepted) / f64::from(campaign.rounds)
}

/// The chance of a majority of `n` seats with a share of 40 %.
fn majority(n: u32) -> f64 {
	let choose = |n: u32, k: u32| -> f64 {
		(0..k)
			.map(|i| f64::from(n - i) / f64::from(i + 1))
			.product()
	};
	(n / 2 + 1..=n)
		.map(|k| choose(n, k) * 0.4f64.powi(k as i32) * 0.6f64.powi((n - k) as i32))
		.sum()
}

fn assert_near(campaign: &Campaign, expected: f64) {
	let deviation = (expected * (1.0 - expected) / f64::from(campaign.rounds)).sqrt();
	let off = (share(campaign) - expected).abs();
	assert!(
		off < 4.0 * deviation,
		"{} and not {expected}",
		share(campaign)
	);
}

#[test]
fn a_cartel_with_forty_percent_of_the_bond() {
	// Nobody appeals: it has the majority of a jury of three with 35 %.
	let alone = campaign(400, false, false);
	assert_near(&alone, majority(3));
	// Honest appeals: it has to win all three juries.
	let appealed = campaign(400, true, false);
	assert_near(&appealed, majority(3) * majority(7) * majority(15));
	// It appeals too: it has to win the last one.
	let stubborn = campaign(400, true, true);
	assert_near(&stubborn, majority(15));

	for (name, campaign) in [
		("no appeals", &alone),
		("honest appeals", &appealed),
		("appeals by all", &stubborn),
	] {
		let per_round = campaign.lost as f64 / UNIT as f64 / f64::from(campaign.rounds);
		let per_junk = campaign.lost as f64 / UNIT as f64 / f64::from(campaign.accepted.max(1));
		println!(
			"{name}: {:.1} % of the junk accepted; the cartel loses {per_round:.1} OPEN a batch, \
			 {per_junk:.1} for each that gets in; honest appeals cost {:.1} OPEN a batch; a member of the cartel has {} points, an \
			 honest curator {}",
			100.0 * share(campaign),
			campaign.appellant_lost as f64 / UNIT as f64 / f64::from(campaign.rounds),
			campaign.points.0 / 8,
			campaign.points.1 / 12,
		);
		assert!(
			campaign.points.0 / 8 < campaign.points.1 / 12,
			"{name}: being honest earns more"
		);
		assert!(campaign.lost > 0, "{name}: its balance is negative");
	}
	assert!(share(&appealed) < 0.05, "honest appeals keep junk out");
	assert!(
		appealed.lost > alone.lost,
		"each appeal makes its losses larger"
	);
	assert!(stubborn.lost > 5 * appealed.lost, "appealing is dear");
}

/// The cartel is not made whole between the batches: whoever keeps failing is put out.
#[test]
fn a_cartel_that_keeps_at_it_is_put_out() {
	let (cartel, honest, bond) = (8u8, 12u8, 20 * SEAT);
	let is_member = |n: u8| n < CURATOR + cartel;
	ExtBuilder::default()
		.curators(cartel + honest, bond)
		.build_and_execute(|| {
			let active = |range: core::ops::Range<u8>| {
				range
					.filter(|n| curator(*n).status == Status::Active)
					.count()
			};
			let members = || CURATOR..CURATOR + cartel;
			let before: Balance = members().map(wealth).sum();
			let (mut rounds, mut junk) = (0u32, 0u32);
			while active(members()) > 2 && rounds < 200 {
				set_chance(rounds.into());
				let batch = submit();
				let subject = Subject::Batch(batch);
				loop {
					judge(subject, |n| {
						Some(if is_member(n) {
							good(100)
						} else {
							bad(Reason::Junk)
						})
					});
					let last = round(subject).juries.len() == JURY_SIZES.len();
					let found = round(subject).juries.last().and_then(|jury| jury.finding);
					if last || !matches!(found, Some(Verdict::Accept { .. })) {
						break;
					}
					assert_ok!(Curation::appeal(signed(OWNER), subject));
				}
				finish(subject);
				rounds += 1;
				junk += u32::from(accepted_batch(batch));
			}
			let lost = before - members().map(wealth).sum::<Balance>();
			let honest = active(CURATOR + cartel..CURATOR + cartel + honest);
			println!(
				"after {rounds} batches {} of 8 members are left and {honest} of 12 honest curators; \
				 {junk} junk batches got in; the cartel lost {} OPEN of {}",
				active(members()),
				lost / UNIT,
				8 * bond / UNIT
			);
			assert!(rounds < 100, "it lasts for {rounds} batches");
			assert!(honest >= 10, "{honest} honest ones are left");
			assert!(junk <= rounds / 10);
		});
}

/// A cartel of 40 % that reveals nothing wants good batches to end undecided.
#[test]
fn a_cartel_that_stays_away_blocks_few_batches_and_pays_for_each() {
	const ROUNDS: u32 = 200;
	let (cartel, honest, bond) = (8u8, 12u8, 20 * SEAT);
	ExtBuilder::default()
		.curators(cartel + honest, bond)
		.build_and_execute(|| {
			let members = || CURATOR..CURATOR + cartel;
			let (mut blocked, mut lost) = (0u32, 0);
			for n in 0..ROUNDS {
				set_chance(n.into());
				let batch = submit();
				let subject = Subject::Batch(batch);
				let before: Balance = members().map(wealth).sum();
				while !matches!(round(subject).phase, Phase::Found { .. }) {
					judge(subject, |n| (!members().contains(&n)).then_some(good(80)));
				}
				finish(subject);
				blocked += u32::from(decision(batch) == Some(Decision::Undecided));
				lost += before - members().map(wealth).sum::<Balance>();
				restore(CURATOR..CURATOR + cartel + honest, bond);
			}
			println!(
				"{:.1} % of the batches end undecided; the cartel loses {:.1} OPEN a batch, {:.1} for \
				 each that it blocks",
				100.0 * f64::from(blocked) / f64::from(ROUNDS),
				lost as f64 / UNIT as f64 / f64::from(ROUNDS),
				lost as f64 / UNIT as f64 / f64::from(blocked.max(1)),
			);
			// It needs two of three seats, three of seven and seven of fifteen in a row: 8 %.
			assert!(blocked * 100 < ROUNDS * 16, "{blocked} of {ROUNDS}");
			assert!(lost > Balance::from(ROUNDS) * 6 * UNIT);
		});
}

#[test]
fn copied_verdicts_are_absent_ones() {
	ExtBuilder::default()
		.curators(30, 5 * SEAT)
		.build_and_execute(|| {
			let subject = Subject::Batch(submit());
			judge(subject, |_| None);
			let jurors = draw_jury(subject);
			assert_eq!(jurors.len(), 7, "with this seed all are different");
			let (honest, lazy) = (jurors[0].0, jurors[1].0);
			for (n, _) in jurors.iter().filter(|(n, _)| *n != lazy) {
				commit(subject, *n, good(50));
			}
			let copied = seal(subject, honest, &good(50));
			assert_ok!(Curation::commit_verdict(signed(lazy), subject, copied));
			// Once the honest one has revealed, its verdict and salt are public; they open nothing.
			reveal(subject, honest, good(50));
			for salt in [[honest; 32], [lazy; 32]] {
				assert_noop!(
					Curation::reveal_verdict(signed(lazy), subject, good(50), salt),
					E::CommitmentMismatch
				);
			}
			for (n, _) in jurors.iter().filter(|(n, _)| ![honest, lazy].contains(n)) {
				reveal(subject, *n, good(50));
			}
			run(REVEAL);
			advance(subject);
			let before = wealth(lazy);
			let had = points(lazy);
			finish(subject);
			let seats = jurors.iter().filter(|(n, _)| *n == lazy).count() as u128;
			assert!(before - wealth(lazy) >= ABSENCE * (SEAT * seats));
			assert_eq!(points(lazy), had);
			assert!(points(honest) > 0);
		});
}

#[test]
fn a_commitment_of_another_jury_or_subject_opens_nothing() {
	ExtBuilder::default()
		.curators(1, 30 * SEAT)
		.build_and_execute(|| {
			let (one, two) = (Subject::Batch(submit()), Subject::Batch(submit()));
			draw_jury(one);
			draw_jury(two);
			let of_one = seal(one, CURATOR, &good(1));
			assert_ok!(Curation::commit_verdict(signed(CURATOR), two, of_one));
			assert_noop!(
				Curation::reveal_verdict(signed(CURATOR), two, good(1), [CURATOR; 32]),
				E::CommitmentMismatch
			);
			run(COMMIT);
			advance(one);
			draw_jury(one);
			assert_ok!(Curation::commit_verdict(signed(CURATOR), one, of_one));
			assert_noop!(
				Curation::reveal_verdict(signed(CURATOR), one, good(1), [CURATOR; 32]),
				E::CommitmentMismatch
			);
		});
}

/// The seats that accounts `of` get in `rounds` juries of three.
fn seats_of(rounds: u64, of: impl Fn(u8) -> bool) -> u32 {
	let mut seats = 0;
	for n in 0..rounds {
		set_chance(n);
		let subject = Subject::Batch(submit());
		seats += draw_jury(subject)
			.into_iter()
			.filter(|(n, _)| of(*n))
			.map(|(_, seats)| u32::from(seats))
			.sum::<u32>();
		vote(subject, |_| Some(good(1)));
		finish(subject);
	}
	seats
}

#[test]
fn a_bond_split_over_ten_accounts_gets_the_same_seats() {
	const ROUNDS: u64 = 1_500;
	// A third of the pool: as one account, and as ten.
	let whole = ExtBuilder::default()
		.curators(1, 100 * SEAT)
		.curators(10, 20 * SEAT)
		.build_and_execute(|| seats_of(ROUNDS, |n| n == CURATOR));
	let split = ExtBuilder::default()
		.curators(10, 10 * SEAT)
		.curators(10, 20 * SEAT)
		.build_and_execute(|| seats_of(ROUNDS, |n| n < CURATOR + 10));
	let total = 3.0 * ROUNDS as f64;
	let (expected, deviation) = (total / 3.0, (total * 2.0 / 9.0).sqrt());
	println!("of {total} seats one account has {whole}, ten accounts have {split}");
	for seats in [whole, split] {
		let off = (f64::from(seats) - expected).abs();
		assert!(off < 4.0 * deviation, "{seats} and not {expected}");
	}
}

#[test]
fn false_reports_cost_their_bonds() {
	const REPORTS: u128 = 20;
	ExtBuilder::default()
		.curators(20, 20 * SEAT)
		.build_and_execute(|| {
			let of = accepted(&[1]);
			let treasury = wealth(TREASURY);
			for n in 0..REPORTS {
				let batch = accepted(&[10 + n as u32]);
				let evidence = DuplicateEvidence {
					similarity: sp_runtime::Percent::from_percent(99),
					content: content(1),
				};
				assert_ok!(Curation::report_duplicate(
					signed(CURATOR),
					batch,
					of,
					evidence
				));
				let subject = Subject::Duplicate { batch, of };
				judge(subject, |_| Some(bad(Reason::Junk)));
				finish(subject);
				assert_eq!(cluster(batch), Some(batch));
			}
			assert_eq!(wealth(CURATOR), RICH - REPORTS * REPORT_BOND);
			assert_eq!(wealth(TREASURY), treasury + REPORTS * REPORT_BOND);
		});
}

#[test]
fn rows_that_are_half_copied_are_not_shown() {
	// Half of the later batch's rows are in the earlier one: 16 drawn rows are with 1 in 65,536.
	let later: Vec<u32> = (0..1_000).collect();
	let rounds = 300;
	let linked = ExtBuilder::default().build_and_execute(|| {
		let of = accepted(&(0..500).collect::<Vec<_>>());
		let batch = accepted(&later);
		let mut shown = 0;
		for n in 0..rounds {
			set_chance(n);
			assert_ok!(Curation::challenge_rows(signed(STRANGER), batch, of));
			run(DELAY);
			let rows = Curation::rows_to_show(batch).expect("drawn");
			shown += u32::from(rows.iter().all(|row| *row < 500));
			run(PROOF);
			advance(Subject::Duplicate { batch, of });
		}
		assert_eq!(wealth(STRANGER), RICH - Balance::from(rounds) * REPORT_BOND);
		shown
	});
	assert_eq!(linked, 0);
}

#[test]
fn nobody_shuffles_a_jury_after_its_seed() {
	ExtBuilder::default()
		.curators(20, 5 * SEAT)
		.build_and_execute(|| {
			// The same seed with and without somebody leaving: the others keep their seats.
			let subject = Subject::Batch(submit());
			run(DELAY);
			let as_it_was = {
				let mut drawn = Vec::new();
				let _ =
					frame_support::storage::with_storage_layer(|| -> sp_runtime::DispatchResult {
						advance(subject);
						drawn = jury(subject);
						Err(sp_runtime::DispatchError::Other("only looked"))
					});
				drawn
			};
			let outsider = (CURATOR..CURATOR + 20)
				.find(|n| as_it_was.iter().all(|(juror, _)| juror != n))
				.expect("there are twenty");
			assert_ok!(Curation::unbond(signed(outsider), DATANET));
			// Nor by a later bond, of whatever size.
			assert_ok!(Curation::bond(signed(outsider + 1), DATANET, 1_000 * SEAT));
			advance(subject);
			let drawn = jury(subject);
			for (n, seats) in &as_it_was {
				if *n != outsider + 1 {
					assert!(drawn.iter().any(|(other, now)| other == n && now >= seats));
				}
			}
			assert!(
				drawn.iter().all(|(n, _)| *n != outsider + 1),
				"who bonds now is not drawn by this seed"
			);
		});
}

#[test]
fn who_always_fails_is_out_after_a_bounded_loss() {
	ExtBuilder::default()
		.curators(10, 30 * SEAT)
		.build_and_execute(|| {
			// It votes by a coin, turned so that it is always wrong.
			let wrong = CURATOR;
			let mut juries = 0;
			for n in 0..200u64 {
				set_chance(n);
				if !matches!(curator(wrong).status, Status::Active) {
					break;
				}
				let subject = Subject::Batch(submit());
				draw_jury(subject);
				let minority = jury(subject)
					.iter()
					.any(|(n, seats)| *n == wrong && *seats == 1);
				juries += u32::from(minority);
				vote(subject, |n| {
					Some(if n == wrong && minority {
						bad(Reason::Junk)
					} else {
						good(1)
					})
				});
				finish(subject);
			}
			assert!(matches!(curator(wrong).status, Status::Unbonding { .. }));
			assert!(juries >= MAX_FAILURES);
			assert_noop!(
				Curation::bond(signed(wrong), DATANET, SEAT),
				E::NotQualified
			);
			println!("ejected after {juries} failures");
		});
}

#[test]
fn a_seed_is_not_known_when_a_batch_is_added() {
	ExtBuilder::default()
		.curators(20, 5 * SEAT)
		.build_and_execute(|| {
			let known: Vec<H256> = crate::Seeds::<Test>::iter_values().collect();
			let subject = Subject::Batch(submit());
			let Phase::Draw { at, .. } = round(subject).phase else {
				unreachable!("it waits")
			};
			assert_eq!(at, now() + DELAY);
			// The jury changes with the seed of that block, which a contributor would have to know.
			let mut juries = std::collections::BTreeSet::new();
			for n in 0..20u64 {
				let _ =
					frame_support::storage::with_storage_layer(|| -> sp_runtime::DispatchResult {
						let seed = H256(blake2_256(&n.encode()));
						assert!(!known.contains(&seed));
						System::set_block_number(at);
						crate::Seeds::<Test>::insert(at, seed);
						advance(subject);
						juries.insert(jury(subject));
						Err(sp_runtime::DispatchError::Other("only looked"))
					});
				System::set_block_number(at - DELAY);
			}
			assert!(juries.len() >= 18, "{} different ones of 20", juries.len());
			assert_eq!(held(HoldReason::Bond, CURATOR), 5 * SEAT);
		});
}
