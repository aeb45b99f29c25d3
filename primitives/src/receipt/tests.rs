use super::*;
use crate::{
	answer::Answer,
	earnings::{verify, Part},
	split::apportion,
	voucher::Voucher,
	BatchId, Failure,
};
use proptest::prelude::*;
use serde_json::{json, Value};
use sp_core::{ed25519, sr25519, Pair};

const CHANNEL: ChannelId = 7;
const FIRST: u64 = 40;
const MOST: u32 = 65_536;

fn genesis() -> H256 {
	H256::repeat_byte(0xab)
}

fn operator() -> sr25519::Pair {
	sr25519::Pair::from_seed(&[4; 32])
}

fn outcome(entries: &[(BatchId, u32)]) -> Outcome {
	let entries = entries
		.iter()
		.map(|(batch, weight)| Entry {
			batch: *batch,
			weight: *weight,
		})
		.collect::<Vec<_>>();
	Outcome::Answered(Answer {
		attribution: Entries::try_from(entries).unwrap(),
		..Answer::default()
	})
}

fn log() -> ReceiptLog {
	ReceiptLog::new(genesis(), CHANNEL, operator().public(), FIRST, MOST)
}

fn sign(receipt: Receipt) -> SignedReceipt {
	SignedReceipt {
		receipt,
		signature: operator().sign(&receipt.message(&genesis())),
	}
}

fn serve(log: &mut ReceiptLog, outcome: &Outcome, fee: Balance) -> Result<(), LogError> {
	let receipt = log.next(3, b"What is a bit?", outcome, fee)?;
	log.push(sign(receipt), outcome)
}

/// Two batches of data, one of them, none, another one.
fn calls() -> Vec<(Outcome, Balance)> {
	vec![
		(outcome(&[(5, 250_000), (9, 750_000)]), 1_000),
		(outcome(&[(9, 1_000_000)]), 7),
		(outcome(&[]), 500),
		(outcome(&[(2, 1), (5, 999_999)]), 12_345_678_901_234),
		(outcome(&[(9, 1_000_000)]), 0),
	]
}

fn filled() -> ReceiptLog {
	let mut log = log();
	for (outcome, fee) in calls() {
		serve(&mut log, &outcome, fee).unwrap();
	}
	log
}

fn check(step: &Step, batch: &Commitment) -> Result<bool, StepError> {
	step.is_right(&genesis(), &operator().public(), CHANNEL, batch)
}

#[test]
fn totals_add_up() {
	let log = filled();
	let totals = log.totals();
	assert_eq!((totals.first, totals.calls), (FIRST, 5));
	assert_eq!(totals.fee, 12_345_678_902_741);
	assert_eq!(totals.unattributed, 500);
	let weights = log.earnings().entries();
	assert_eq!(
		weights,
		[
			(2, 12_345_678_901_234),
			(5, 250_000_000 + 12_345_678_901_234 * 999_999),
			(9, 757_000_000),
		]
	);
	let sum: u128 = weights.iter().map(|(_, weight)| weight).sum();
	assert_eq!(sum, (totals.fee - totals.unattributed) * 1_000_000);
	assert_eq!(totals.earners, 3);
	assert_eq!(totals.earnings(), Some(log.earnings().summary()));
	assert!(totals.add_up() && Totals::new(FIRST).add_up());
	let with = |change: &dyn Fn(&mut Totals)| {
		let mut totals = *totals;
		change(&mut totals);
		totals.add_up()
	};
	assert!(!with(&|totals| totals.unattributed = totals.fee + 1));
	assert!(!with(&|totals| totals.fee = Balance::MAX));
	assert!(!with(&|totals| totals.earners = MAX_EARNERS + 1));
	// Nobody has earned something, or some nothing.
	assert!(!with(&|totals| totals.earners = 0));
	assert!(!with(&|totals| totals.earned = H256::zero()));
	assert!(!with(&|totals| totals.unattributed = totals.fee));
}

#[test]
fn what_costs_nothing_earns_nothing() {
	let mut log = log();
	serve(&mut log, &outcome(&[(5, 1_000_000)]), 0).unwrap();
	let totals = log.totals();
	assert_eq!((totals.earners, totals.earned), (0, H256::zero()));
	assert!(totals.add_up());
}

/// What a contributor needs, and no more, from a log that has all.
#[test]
fn what_each_batch_has_earned_can_be_proven() {
	let log = filled();
	let root = log.totals().earnings().unwrap();
	for (batch, value) in log.earnings().entries() {
		let proof = log.earnings().prove(batch).unwrap();
		assert_eq!(verify(&root, batch, &proof), Some(value));
	}
	assert_eq!(log.earnings().prove(3), None);
}

#[test]
fn every_step_of_a_log_is_right() {
	let log = filled();
	let batch = log.commitment().unwrap();
	assert_eq!((batch.first, batch.count), (FIRST, 5));
	let last = log.last().unwrap();
	assert!(last.is_in(CHANNEL, &batch));
	assert_eq!(last.signed.receipt.totals, log.totals().hash());
	for ((outcome, _), index) in calls().into_iter().zip(FIRST..) {
		let step = log.step(index, outcome).unwrap();
		assert_eq!(check(&step, &batch), Ok(true));
	}
	assert_eq!(log.step(FIRST - 1, outcome(&[])), None);
	assert_eq!(log.step(FIRST + 5, outcome(&[])), None);
	assert_eq!(self::log().commitment(), None);
	assert_eq!(self::log().last(), None);
}

#[test]
fn what_does_not_fit_is_refused() {
	let mut log = filled();
	let said = outcome(&[(5, 1_000_000)]);
	let good = log.next(3, b"x", &said, 10).unwrap();
	let mut refused = |receipt: Receipt, outcome: &Outcome, error| {
		let before = log.totals().clone();
		assert_eq!(log.push(sign(receipt), outcome), Err(error));
		assert_eq!(log.totals(), &before);
	};
	let next = |index| Receipt { index, ..good };
	refused(next(good.index - 1), &said, LogError::OutOfOrder);
	refused(next(good.index + 1), &said, LogError::OutOfOrder);
	refused(Receipt { channel: 8, ..good }, &said, LogError::OutOfOrder);
	refused(good, &outcome(&[]), LogError::OtherOutcome);
	refused(Receipt { fee: 11, ..good }, &said, LogError::WrongTotals);
	let failed = Outcome::Failed(Failure::Internal);
	refused(
		Receipt {
			outcome: failed.hash(),
			..good
		},
		&failed,
		LogError::NotAnswered,
	);
	let stranger = sr25519::Pair::from_seed(&[5; 32]);
	let forged = SignedReceipt {
		receipt: good,
		signature: stranger.sign(&good.message(&genesis())),
	};
	assert_eq!(log.push(forged, &said), Err(LogError::BadSignature));
	let elsewhere = SignedReceipt {
		receipt: good,
		signature: operator().sign(&good.message(&H256::zero())),
	};
	assert_eq!(log.push(elsewhere, &said), Err(LogError::BadSignature));
	assert!(good.is_for(3, b"x", 10));
	let other = |change: &dyn Fn(&mut Receipt)| {
		let mut other = good;
		change(&mut other);
		good.contradicts(&other)
	};
	assert!(other(&|receipt| receipt.fee += 1) && other(&|receipt| receipt.version += 1));
	assert!(other(&|receipt| receipt.input = H256::zero()));
	assert!(other(&|receipt| receipt.outcome = H256::zero()));
	assert!(!other(&|receipt| receipt.totals = H256::zero()));
	assert!(!other(
		&|receipt| (receipt.index, receipt.fee) = (receipt.index + 1, 0)
	));
	assert!(!other(&|receipt| (receipt.channel, receipt.fee) = (8, 0)));
	assert!(!good.is_for(4, b"x", 10) && !good.is_for(3, b"y", 10) && !good.is_for(3, b"x", 9));
	assert_eq!(log.push(sign(good), &said), Ok(()));
}

#[test]
fn a_batch_has_room_for_so_many() {
	let one_more = outcome(&[(64, 1_000_000)]);
	let mut small = ReceiptLog::new(genesis(), CHANNEL, operator().public(), 0, 1);
	assert_eq!(serve(&mut small, &outcome(&[]), 1), Ok(()));
	assert_eq!(serve(&mut small, &outcome(&[]), 1), Err(LogError::Full));
	// A fee that cannot be counted.
	let mut large = self::log();
	assert_eq!(
		serve(&mut large, &one_more, Balance::MAX),
		Err(LogError::Full)
	);
}

/// More batches of data than an answer can name, and as many as there may be at all.
#[test]
fn a_batch_pays_any_number_of_batches_of_data() {
	let mut log = log();
	for call in 0..4 {
		let entries: Vec<_> = (0..64).map(|n| (call * 64 + n, 15_625)).collect();
		serve(&mut log, &outcome(&entries), 10).unwrap();
	}
	assert_eq!(log.totals().earners, 256);
	let batch = log.commitment().unwrap();
	let last: Vec<_> = (192..256).map(|n| (n, 15_625)).collect();
	let step = log.step(FIRST + 3, outcome(&last)).unwrap();
	assert_eq!(check(&step, &batch), Ok(true));

	let full = Totals {
		earners: MAX_EARNERS,
		..*log.totals()
	};
	let entry = |batch| {
		[Entry {
			batch,
			weight: 1_000_000,
		}]
	};
	assert_eq!(
		full.after(log.earnings(), 10, &entry(256)),
		Err(TotalsError::NoPlace)
	);
	// Known data is welcome.
	assert!(full.after(log.earnings(), 10, &entry(255)).is_ok());
}

/// A batch with the third receipt's totals replaced, all of it signed.
fn forged(totals: Totals) -> (Vec<SignedReceipt>, Commitment) {
	let log = filled();
	let mut receipts: Vec<_> = log.calls.iter().map(|(signed, _)| *signed).collect();
	receipts[2] = sign(Receipt {
		totals: totals.hash(),
		..receipts[2].receipt
	});
	let leaves: Vec<_> = receipts.iter().map(SignedReceipt::leaf).collect();
	let root = merkle::root(&leaves).unwrap();
	let batch = Commitment {
		root,
		..log.commitment().unwrap()
	};
	(receipts, batch)
}

fn proven(receipts: &[SignedReceipt], place: usize) -> ProvenReceipt {
	let leaves: Vec<_> = receipts.iter().map(SignedReceipt::leaf).collect();
	ProvenReceipt {
		signed: receipts[place],
		proof: Siblings::try_from(merkle::prove(&leaves, place).unwrap()).unwrap(),
	}
}

#[test]
fn a_false_step_is_proven() {
	let honest = filled();
	let right = honest.step(FIRST + 2, outcome(&[])).unwrap();
	let mut totals = honest.step(FIRST + 3, outcome(&[])).unwrap().before;
	totals.earned = H256::repeat_byte(1);
	let (receipts, batch) = forged(totals);
	let step = Step {
		previous: Some(proven(&receipts, 1)),
		receipt: proven(&receipts, 2),
		..right.clone()
	};
	assert_eq!(check(&step, &batch), Ok(false));

	// Nothing is proven by what does not belong to the batch.
	assert_eq!(check(&right, &batch), Err(StepError::NotInBatch));
	let wrong = |step| check(&step, &batch);
	assert_eq!(
		wrong(Step {
			previous: Some(proven(&receipts, 0)),
			..step.clone()
		}),
		Err(StepError::NotInBatch)
	);
	assert_eq!(
		wrong(Step {
			previous: None,
			..step.clone()
		}),
		Err(StepError::NotInBatch)
	);
	assert_eq!(
		wrong(Step {
			before: Totals::new(FIRST),
			..step.clone()
		}),
		Err(StepError::OtherTotals)
	);
	assert_eq!(
		wrong(Step {
			outcome: outcome(&[(5, 1_000_000)]),
			..step.clone()
		}),
		Err(StepError::OtherOutcome)
	);
	for earned in [
		Vec::new(),
		Earnings::of([(5, 1)]).unwrap().show(&[5]),
		[&step.earned[..], &[Part::Empty]].concat(),
	] {
		let earned = earned.try_into().unwrap();
		let step = Step {
			earned,
			..step.clone()
		};
		assert_eq!(wrong(step), Err(StepError::OtherEarnings));
	}
	let mut unsigned = receipts.clone();
	unsigned[2].signature = sr25519::Signature::default();
	let leaves: Vec<_> = unsigned.iter().map(SignedReceipt::leaf).collect();
	let batch = Commitment {
		root: merkle::root(&leaves).unwrap(),
		..batch
	};
	let step = Step {
		previous: Some(proven(&unsigned, 1)),
		receipt: proven(&unsigned, 2),
		..step
	};
	assert_eq!(check(&step, &batch), Err(StepError::BadSignature));
}

/// Nothing is proven by hiding what the call adds to.
#[test]
fn a_step_shows_all_that_it_changes() {
	let honest = filled();
	let batch = honest.commitment().unwrap();
	let (fourth, _) = calls().remove(3);
	let step = honest.step(FIRST + 3, fourth).unwrap();
	let hidden = Part::Hidden(step.before.earnings().unwrap());
	let step = Step {
		earned: vec![hidden].try_into().unwrap(),
		..step
	};
	assert_eq!(check(&step, &batch), Err(StepError::OtherEarnings));
}

#[test]
fn the_first_step_begins_with_nothing() {
	let honest = filled();
	let batch = honest.commitment().unwrap();
	let (first, _) = calls().remove(0);
	let step = honest.step(FIRST, first).unwrap();
	assert_eq!(step.previous, None);
	let mut before = Totals::new(FIRST);
	before.fee = 1;
	let step = Step { before, ..step };
	assert_eq!(check(&step, &batch), Err(StepError::OtherTotals));
}

#[test]
fn a_failure_is_no_step() {
	let failed = Outcome::Failed(Failure::BadInput);
	let receipt = sign(Receipt {
		channel: CHANNEL,
		index: 0,
		version: 0,
		input: H256::zero(),
		outcome: failed.hash(),
		fee: 5,
		totals: Totals::new(0)
			.after(&Earnings::default(), 5, &[])
			.unwrap()
			.0
			.hash(),
	});
	let batch = Commitment {
		first: 0,
		count: 1,
		root: merkle::root(&[receipt.leaf()]).unwrap(),
	};
	let step = Step {
		previous: None,
		before: Totals::new(0),
		earned: Default::default(),
		receipt: proven(&[receipt], 0),
		outcome: failed,
	};
	assert_eq!(check(&step, &batch), Ok(false));
}

proptest! {
	#[test]
	fn weights_follow_the_fees(
		list in prop::collection::vec((0u64..1 << 60, prop::collection::btree_map(0u64..40, 1u128..9, 0..4)), 1..40)
	) {
		let mut log = log();
		for (fee, weights) in list {
			let parts: Vec<_> = weights.values().copied().collect();
			let parts = apportion(TOTAL_WEIGHT.into(), &parts).unwrap_or_default();
			let entries: Vec<_> = weights.keys().zip(parts).map(|(batch, part)| (*batch, part as u32)).collect();
			prop_assert_eq!(serve(&mut log, &outcome(&entries), fee.into()), Ok(()));
		}
		let totals = log.totals();
		let earned = log.earnings();
		let sum: u128 = earned.entries().iter().map(|(_, value)| value).sum();
		prop_assert_eq!(sum, (totals.fee - totals.unattributed) * 1_000_000);
		prop_assert_eq!(totals.earnings(), Some(earned.summary()));
		prop_assert_eq!(totals.earners as usize, earned.entries().len());
		prop_assert!(totals.add_up());
		prop_assert!(log.last().unwrap().is_in(CHANNEL, &log.commitment().unwrap()));
	}
}

// What other implementations are tested against.

fn hexed(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
}

fn listed(earnings: &Earnings) -> Vec<Value> {
	let entries = earnings.entries();
	entries
		.iter()
		.map(|(batch, value)| json!([batch.to_string(), value.to_string()]))
		.collect()
}

/// What each batch has earned, with the proof of it.
fn proofs(earnings: &Earnings) -> Vec<Value> {
	let entries = earnings.entries().into_iter();
	entries
		.map(|(batch, value)| {
			let proof = earnings.prove(batch).unwrap();
			json!({
				"batch": batch.to_string(),
				"value": value.to_string(),
				"proof": hexed(proof.encode()),
			})
		})
		.collect()
}

/// A map with ids of all sizes, some of which differ in their highest bits only.
fn map() -> Value {
	let ids = (0..24).flat_map(|n| [n * 3, n << 40 | 5, u64::MAX - n, n << 59]);
	let earnings = Earnings::of(ids.zip(1..).map(|(id, n)| (id, n * 1_000_000_007))).unwrap();
	let root = earnings.summary();
	json!({
		"earnings": listed(&earnings),
		"hash": hexed(root.hash),
		"sum": root.sum.to_string(),
		"claims": proofs(&earnings),
	})
}

fn vectors_path() -> std::path::PathBuf {
	std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/channel.json")
}

/// The vectors: all is computed but the receipts' signatures, which are never the same twice.
fn vectors(signature: impl Fn(usize, &Receipt) -> OperatorSignature) -> Value {
	let payer = ed25519::Pair::from_seed(&[2; 32]);
	let channel_seed = H256::repeat_byte(0x5e);
	let vouchers: Vec<_> = [0, 1, 999_999_999_999, 1_000_000_000_000, Balance::MAX]
		.into_iter()
		.map(|spent| {
			let voucher = Voucher {
				channel: CHANNEL,
				spent,
			};
			let message = voucher.message(&genesis());
			json!({
				"spent": spent.to_string(),
				"message": String::from_utf8(message.clone()).unwrap(),
				"signature": hexed(payer.sign(&message)),
			})
		})
		.collect();
	let mut log = log();
	let mut served = Vec::new();
	for (place, (outcome, fee)) in calls().into_iter().enumerate() {
		let input = format!("Question {place}");
		let receipt = log.next(3, input.as_bytes(), &outcome, fee).unwrap();
		let signed = SignedReceipt {
			receipt,
			signature: signature(place, &receipt),
		};
		let named: Vec<_> = attribution(&outcome)
			.unwrap()
			.iter()
			.map(|e| e.batch)
			.collect();
		let witness = log.earnings().witness(&named).unwrap();
		log.push(signed, &outcome).unwrap();
		let Outcome::Answered(answer) = &outcome else {
			unreachable!("they are answers")
		};
		served.push(json!({
			"index": receipt.index,
			"version": receipt.version,
			"seed": hexed(call_seed(&channel_seed, receipt.index)),
			"input": input,
			"inputHash": hexed(receipt.input),
			"outcome": hexed(outcome.encode()),
			"outcomeHash": hexed(receipt.outcome),
			"attribution": answer.attribution.iter().map(|e| json!([e.batch, e.weight])).collect::<Vec<_>>(),
			"fee": fee.to_string(),
			"earnedBefore": hexed(witness.encode()),
			"totals": {
				"unattributed": log.totals().unattributed.to_string(),
				"earners": log.totals().earners,
				"earned": hexed(log.totals().earned),
				"earnings": listed(log.earnings()),
				"encoded": hexed(log.totals().encode()),
				"hash": hexed(receipt.totals),
			},
			"message": hexed(receipt.message(&genesis())),
			"signature": hexed(signed.signature),
			"leaf": hexed(signed.leaf()),
		}));
	}
	let leaves = log.leaves();
	for (place, call) in served.iter_mut().enumerate() {
		let proof: Vec<_> = merkle::prove(&leaves, place)
			.unwrap()
			.iter()
			.map(hexed)
			.collect();
		call["proof"] = json!(proof);
	}
	json!({
		"about": "Vouchers and receipts of a payment channel. Written by `cargo test -p openledger-primitives write_the_vectors -- --ignored`; the payer signs with ed25519, the operator with sr25519.",
		"genesis": hexed(genesis()),
		"channel": CHANNEL,
		"channelSeed": hexed(channel_seed),
		"payer": hexed(payer.public()),
		"operator": hexed(operator().public()),
		"vouchers": vouchers,
		"calls": served,
		"root": hexed(log.commitment().unwrap().root),
		"claims": proofs(log.earnings()),
		"map": map(),
	})
}

#[test]
fn the_vectors_are_what_the_code_does() {
	let stored = std::fs::read_to_string(vectors_path()).unwrap();
	let stored: Value = serde_json::from_str(&stored).unwrap();
	let computed = vectors(|place, receipt| {
		let signature = stored["calls"][place]["signature"].as_str().unwrap();
		let bytes = hex::decode(&signature[2..]).unwrap();
		let signature = OperatorSignature::try_from(&bytes[..]).unwrap();
		assert!(sr25519::Pair::verify(
			&signature,
			receipt.message(&genesis()),
			&operator().public()
		));
		signature
	});
	assert_eq!(computed, stored);
}

/// Not a test: writes the file anew, for when a format has changed.
#[test]
#[ignore = "writes primitives/vectors/channel.json"]
fn write_the_vectors() {
	let vectors = vectors(|_, receipt| operator().sign(&receipt.message(&genesis())));
	let text = serde_json::to_string_pretty(&vectors).unwrap();
	std::fs::write(vectors_path(), text + "\n").unwrap();
}
