use super::*;
use crate::{answer::Answer, voucher::Voucher, Failure};
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
	let weights: Vec<_> = totals.weights.iter().map(|e| (e.batch, e.weight)).collect();
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
	assert!(totals.add_up());
	let with = |change: &dyn Fn(&mut Totals)| {
		let mut totals = totals.clone();
		change(&mut totals);
		totals.add_up()
	};
	assert!(!with(&|totals| totals.weights[1].weight += 1));
	assert!(!with(&|totals| AsMut::<[Earned]>::as_mut(
		&mut totals.weights
	)
	.swap(0, 1)));
	assert!(!with(&|totals| totals.fee += 1));
	assert!(!with(&|totals| totals.unattributed = totals.fee + 1));
	let entries: Vec<_> = totals
		.entries()
		.iter()
		.map(|e| (e.batch, e.weight))
		.collect();
	assert_eq!(entries, [(2, 1), (5, 999_999)], "9 rounds to nothing");
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
	let mut log = log();
	for batch in 0..64 {
		serve(&mut log, &outcome(&[(batch, 1_000_000)]), 1).unwrap();
	}
	let one_more = outcome(&[(64, 1_000_000)]);
	assert_eq!(serve(&mut log, &one_more, 1), Err(LogError::Full));
	// Known data is welcome.
	assert_eq!(serve(&mut log, &outcome(&[(63, 1_000_000)]), 1), Ok(()));
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
	totals.weights[0].weight += 1;
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
		totals: Totals::new(0).after(5, &[]).unwrap().hash(),
	});
	let batch = Commitment {
		first: 0,
		count: 1,
		root: merkle::root(&[receipt.leaf()]).unwrap(),
	};
	let step = Step {
		previous: None,
		before: Totals::new(0),
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
		let sum: u128 = totals.weights.iter().map(|earned| earned.weight).sum();
		prop_assert_eq!(sum, (totals.fee - totals.unattributed) * 1_000_000);
		prop_assert!(totals.add_up());
		prop_assert!(is_well_formed(&totals.entries()));
		prop_assert!(log.last().unwrap().is_in(CHANNEL, &log.commitment().unwrap()));
	}
}

// What other implementations are tested against.

fn hexed(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", hex::encode(bytes))
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
			"totals": {
				"unattributed": log.totals().unattributed.to_string(),
				"weights": log.totals().weights.iter().map(|e| json!([e.batch, e.weight.to_string()])).collect::<Vec<_>>(),
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
		"entries": log.totals().entries().iter().map(|e| json!([e.batch, e.weight])).collect::<Vec<_>>(),
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
