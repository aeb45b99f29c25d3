//! `openledger-node attribution`: what it proves holds, and whatever is changed in a proof breaks it.

use codec::{Decode, Encode};
use openledger_data::proof::RowProof;
use openledger_node::attribution::{keys, BatchEvidence, Evidence, PassageProof, VERSION};
use openledger_primitives::{
	attribution::weigh,
	data::Locator,
	earnings::Earnings,
	input::inline_digest,
	lineage::WHOLE,
	merkle,
	model::{Audience, ModelSpec, Policy, Task},
	protocol::OperatorKey,
	split::Shares,
	traits::Source,
	AccountId, Answer, Citation, ContentHash, ModelId, Output, RequestId,
};
use openledger_runtime::{BlockNumber, Hash, Header, Runtime};
use pallet_attribution::{
	AttributionRecord, Distribution, Distributions, PaidCluster, PaidModel, PaidOperator, Payment,
	Records,
};
use pallet_datanets::{Batch, BatchState, Batches};
use pallet_inference::{Ending, Receipt, Receipts, Seat};
use pallet_models::{Descent, Model, Models, Version, Versions};
use sp_core::H256;
use sp_io::TestExternalities;
use sp_runtime::traits::Header as _;
use sp_state_machine::prove_read;

const REQUEST: RequestId = 7;
const MODEL: ModelId = 3;
const BATCH: u64 = 5;
const ROW: u32 = 1;
/// The model that it is built on.
const BASE: ModelId = 1;
/// What the base gets of the model's part, in millionths.
const ROYALTY: u32 = 200_000;
const FEE: u128 = 1_000_000;
const QUESTION: &str = "What is a cache?";
const ROWS: [&str; 3] = [
	r#"{"title":"bit","text":"A binary digit"}"#,
	r#"{"title":"cache","text":"A small fast memory"}"#,
	r#"{"title":"disk","text":"A large slow memory"}"#,
];

fn leaves() -> Vec<H256> {
	ROWS.iter()
		.map(|row| merkle::leaf(row.as_bytes()))
		.collect()
}

fn account(byte: u8) -> AccountId {
	AccountId::new([byte; 32])
}

fn answer() -> Answer {
	let citations = vec![Citation {
		batch: BATCH,
		row: ROW,
		score: 654_321,
	}];
	Answer {
		output: Output::default(),
		attribution: weigh(&citations),
		citations: citations.try_into().unwrap(),
		fingerprint: Default::default(),
	}
}

/// A member of the committee; the third said something else.
fn seat(byte: u8) -> Seat<AccountId> {
	Seat {
		agent: account(byte),
		operator: OperatorKey::from_raw([byte; 32]),
		commitment: None,
		lateness: Default::default(),
		revealed: Some(H256([byte; 32])),
		absence: None,
		equivocated: false,
		agreed: byte != 13,
		newcomer: false,
	}
}

fn receipt(ending: Ending) -> Receipt<Runtime> {
	Receipt {
		payer: account(1),
		model: MODEL,
		version: 0,
		input_hash: inline_digest(QUESTION.as_bytes()),
		ending,
		fee: FEE,
		deposit: 0,
		made_at: 10,
		ended_at: 14,
		forget_at: 1_000,
		question: None,
		committee: vec![seat(11), seat(13), seat(12)].try_into().unwrap(),
		contested: false,
	}
}

fn record() -> AttributionRecord<AccountId> {
	let parts = Shares::DEFAULT.split(FEE).unwrap();
	let royalty = parts.model / 5;
	let of_model = |model, taker, weight, amount| PaidModel {
		model,
		weight,
		taker: account(taker),
		amount,
	};
	let of_operator = |operator, delegated| PaidOperator {
		operator: account(operator),
		amount: parts.operators / 2,
		delegated,
	};
	AttributionRecord {
		payment: Payment {
			payer: account(1),
			model: MODEL,
			fee: FEE,
			parts,
			models: vec![
				of_model(MODEL, 21, WHOLE - ROYALTY, parts.model - royalty),
				of_model(BASE, 22, ROYALTY, royalty),
			]
			.try_into()
			.unwrap(),
			operators: vec![of_operator(11, 30_000), of_operator(12, 0)]
				.try_into()
				.unwrap(),
		},
		clusters: vec![PaidCluster {
			cluster: BATCH,
			weight: 1_000_000,
			amount: parts.data,
			contributor: Some(account(2)),
		}]
		.try_into()
		.unwrap(),
	}
}

/// The model, built on another one that takes a royalty.
fn model() -> Model<AccountId, BlockNumber> {
	Model {
		owner: account(21),
		author: account(21),
		offered_to: None,
		name: b"an adapter".to_vec().try_into().unwrap(),
		terms: pallet_models::fixtures::terms(),
		descent: Descent::Adapter { base: BASE },
		lineage: vec![(MODEL, WHOLE - ROYALTY), (BASE, ROYALTY)]
			.try_into()
			.unwrap(),
		depth: 2,
		descendants: 0,
		divided: false,
		deprecated: None,
		price_per_unit: 1,
		current_version: 0,
		versions: 1,
		paused_since: None,
		audience: Audience::Everyone,
		deposit: 0,
		held: 0,
	}
}

/// Its version, of which all that agree say the same to the last bit.
fn version() -> Version<BlockNumber> {
	Version {
		spec: ModelSpec {
			task: Task::Search { top_k: 1 },
			artifacts: Default::default(),
			policy: Policy::Exact {
				onnxruntime: [1, 31, 1],
			},
			snapshots: Default::default(),
		},
		deposit: 0,
		superseded_at: None,
	}
}

fn batch() -> Batch<AccountId, u32> {
	Batch {
		datanet: 0,
		contributor: account(2),
		added: 1,
		root: merkle::root(&leaves()).unwrap(),
		content: ContentHash([9; 32]),
		rows: 3,
		bytes: 100,
		locator: Locator::None,
		minhash: None,
		encrypted: false,
		deposit: 0,
		quorum: None,
		state: BatchState::Pending,
		paid: 0,
	}
}

/// The evidence of a chain that has these, and no other, records, and the model.
fn evidence(
	receipt: Option<Receipt<Runtime>>,
	record: Option<AttributionRecord<AccountId>>,
) -> Evidence {
	evidence_with(receipt, record, Some(model()))
}

fn evidence_with(
	receipt: Option<Receipt<Runtime>>,
	record: Option<AttributionRecord<AccountId>>,
	model: Option<Model<AccountId, BlockNumber>>,
) -> Evidence {
	let mut chain = TestExternalities::new_empty();
	chain.execute_with(|| {
		frame_system::BlockHash::<Runtime>::insert(0, H256([1; 32]));
		if let Some(receipt) = receipt {
			Receipts::<Runtime>::insert(REQUEST, receipt);
		}
		if let Some(record) = record {
			Records::<Runtime>::insert(REQUEST, record);
		}
		if let Some(model) = model {
			Models::<Runtime>::insert(MODEL, model);
			Versions::<Runtime>::insert(MODEL, 0, version());
		}
		Batches::<Runtime>::insert(BATCH, batch());
	});
	chain.commit_all().unwrap();
	let root = *chain.as_backend().root();
	let wanted = keys::all(REQUEST, MODEL, 0, BATCH - 1..=BATCH + 1);
	let wanted = wanted.iter().map(|key| &key.0[..]);
	let state = prove_read(chain.as_backend(), wanted).unwrap();
	let header = Header::new(20, H256::zero(), root, H256([2; 32]), Default::default());
	let row = RowProof::new(&leaves(), ROW, Some(ROWS[ROW as usize].into())).unwrap();
	Evidence {
		version: VERSION,
		request: REQUEST,
		header: header.encode().into(),
		state: state.iter_nodes().map(|node| node.clone().into()).collect(),
		passages: vec![PassageProof { batch: BATCH, row }],
	}
}

fn honest() -> Evidence {
	evidence(Some(receipt(Ending::Answered(answer()))), Some(record()))
}

#[test]
fn the_story_of_an_answer_is_proved_and_told() {
	let evidence = honest();
	let story = evidence.verify().unwrap();
	let header = Header::decode(&mut &evidence.header[..]).unwrap();
	assert_eq!((story.block, story.number), (header.hash(), 20));
	assert_eq!(story.genesis, H256([1; 32]));
	assert_eq!(story.record, Some(record()));
	let told = story.tell(Some(QUESTION));
	for part in [
		"Request 7 to model 3",
		"which is that of “What is a cache?”",
		"cache: A small fast memory",
		"654321",
		"model 1",
		"weight  200000",
		"0.00000005",
		"0.000000125",
		"0.00000003 of it to its delegators",
		"0.0000004",
		"follow from the model's lineage",
		"1 of 1 lead to their batches' roots",
	] {
		assert!(told.contains(part), "{part} is missing in\n{told}");
	}
	assert!(story
		.tell(Some("What is a bit?"))
		.contains("which is NOT that of"));
}

#[test]
fn a_file_gives_back_what_was_written_and_is_not_written_over() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("proof.json");
	let evidence = honest();
	evidence.write(&path).unwrap();
	assert_eq!(Evidence::read(&path).unwrap(), evidence);
	assert!(evidence.write(&path).is_err());

	std::fs::write(&path, "{}").unwrap();
	assert!(Evidence::read(&path).unwrap_err().contains("no proof"));
}

#[test]
fn a_passage_that_no_store_shows_is_told() {
	let mut evidence = honest();
	evidence.passages.clear();
	let told = evidence.verify().unwrap().tell(None);
	assert!(told.contains("no store showed it"), "{told}");
	assert!(told.contains("0 of 1 lead to"), "{told}");
}

#[test]
fn whatever_is_changed_breaks_a_proof() {
	let changes: [(&str, fn(&mut Evidence)); 9] = [
		("another version", |evidence| evidence.version += 1),
		("another request", |evidence| evidence.request += 1),
		("no header", |evidence| evidence.header = vec![].into()),
		("another state root", |evidence| {
			let mut header = Header::decode(&mut &evidence.header[..]).unwrap();
			header.state_root = H256([3; 32]);
			evidence.header = header.encode().into();
		}),
		("a node is missing", |evidence| {
			evidence.state.pop();
		}),
		("a node has another value", |evidence| {
			let last = evidence.state.last_mut().unwrap();
			*last.0.last_mut().unwrap() ^= 1;
		}),
		("another passage", |evidence| {
			evidence.passages[0].row.text = Some("{}".into());
		}),
		("a row that is not cited", |evidence| {
			evidence.passages[0].row = RowProof::new(&leaves(), 0, None).unwrap();
		}),
		("a batch that is not cited", |evidence| {
			evidence.passages[0].batch += 1
		}),
	];
	for (what, change) in changes {
		let mut changed = honest();
		change(&mut changed);
		assert!(changed.verify().is_err(), "{what}");
	}
}

/// Whoever changes what is said of a payment changes a value that leads to the block's state root.
#[test]
fn no_part_of_a_payment_can_be_forged() {
	let changes: [(&str, fn(&mut AttributionRecord<AccountId>)); 12] = [
		("payer", |record| record.payment.payer = account(9)),
		("model", |record| record.payment.model += 1),
		("fee", |record| record.payment.fee += 1),
		("parts", |record| record.payment.parts.treasury += 1),
		("a model", |record| record.payment.models[1].model += 1),
		("a weight", |record| record.payment.models[1].weight += 1),
		("a taker", |record| {
			record.payment.models[1].taker = account(9)
		}),
		("a royalty", |record| record.payment.models[1].amount += 1),
		("an operator", |record| {
			record.payment.operators[0].operator = account(9)
		}),
		("its part", |record| record.payment.operators[0].amount += 1),
		("its delegators'", |record| {
			record.payment.operators[0].delegated += 1
		}),
		("a contributor", |record| {
			record.clusters[0].contributor = Some(account(9))
		}),
	];
	let honest = honest();
	let was = record().encode();
	let node = honest
		.state
		.iter()
		.position(|node| node.windows(was.len()).any(|bytes| bytes == was))
		.unwrap();
	for (what, change) in changes {
		let mut forged = record();
		change(&mut forged);
		let is = forged.encode();
		assert_eq!(is.len(), was.len(), "{what}");
		let mut changed = honest.clone();
		let bytes = &mut changed.state[node].0;
		let at = bytes
			.windows(was.len())
			.position(|bytes| bytes == was)
			.unwrap();
		bytes[at..at + is.len()].copy_from_slice(&is);
		let problem = changed.verify().unwrap_err();
		assert!(problem.contains("does not lead to"), "{what}: {problem}");
	}
}

/// A chain whose operators or runtime did wrong is told too, though its state is what it says.
#[test]
fn payments_that_do_not_follow_from_the_answer_are_told() {
	let refusals: [(&str, fn(&mut AttributionRecord<AccountId>)); 14] = [
		("two requests", |record| record.payment.payer = account(9)),
		("do not sum up", |record| record.payment.parts.burn += 1),
		("the models' takers", |record| {
			record.payment.models[0].amount -= 1
		}),
		("what the operators were paid", |record| {
			record.payment.operators[1].amount += 1
		}),
		("delegators were paid more", |record| {
			record.payment.operators[1].delegated = 125_001
		}),
		("what contributors were paid", |record| {
			record.clusters[0].amount -= 1
		}),
		("not those that agreed", |record| {
			record.payment.operators[1].operator = account(13)
		}),
		("not those that agreed", |record| {
			let one = record.payment.operators.pop().unwrap();
			record.payment.operators[0].amount += one.amount;
		}),
		("not paid alike", |record| {
			record.payment.operators[0].amount -= 1;
			record.payment.operators[1].amount += 1;
		}),
		("not those of the lineage", |record| {
			record.payment.models[1].model += 1
		}),
		("not those of the lineage", |record| {
			record.payment.models[1].weight += 1
		}),
		("models were not paid by", |record| {
			record.payment.models[0].amount += 1;
			record.payment.models[1].amount -= 1;
		}),
		("not that of the answer", |record| {
			record.clusters[0].weight -= 1
		}),
		("not that of the answer", |record| {
			record.clusters[0].cluster += 1
		}),
	];
	for (problem, change) in refusals {
		let mut wrong = record();
		change(&mut wrong);
		let answered = receipt(Ending::Answered(answer()));
		let told = evidence(Some(answered), Some(wrong)).verify().unwrap_err();
		assert!(told.contains(problem), "{told}, not {problem}");
	}

	let mut wrong = answer();
	wrong.attribution[0].batch += 1;
	let answered = receipt(Ending::Answered(wrong));
	let told = evidence(Some(answered), Some(record()))
		.verify()
		.unwrap_err();
	assert!(told.contains("do not follow"));
}

#[test]
fn data_that_was_not_paid_by_its_weights_is_told() {
	let mut two = record();
	let half = two.payment.parts.data / 2;
	let of = |cluster, amount| PaidCluster {
		cluster,
		weight: 500_000,
		amount,
		contributor: Some(account(2)),
	};
	two.clusters = vec![of(BATCH - 1, half + 1), of(BATCH, half - 1)]
		.try_into()
		.unwrap();
	let answered = receipt(Ending::Answered(answer()));
	let told = evidence(Some(answered), Some(two)).verify().unwrap_err();
	assert!(
		told.contains("the data was not paid by its weights"),
		"{told}"
	);
}

/// Its lineage is gone, so that royalties are only added up.
#[test]
fn the_payment_for_a_model_that_was_retired_is_told() {
	let answered = receipt(Ending::Answered(answer()));
	let evidence = evidence_with(Some(answered), Some(record()), None);
	let told = evidence.verify().unwrap().tell(None);
	assert!(told.contains("(retired)"), "{told}");
	assert!(told.contains("its lineage is gone with it"), "{told}");
}

#[test]
fn a_request_without_a_receipt_is_told() {
	let mut evidence = evidence(None, None);
	evidence.passages.clear();
	assert!(evidence
		.verify()
		.unwrap_err()
		.contains("no receipt of request 7"));
}

#[test]
fn a_request_that_was_not_answered_has_a_story_too() {
	let mut evidence = evidence(Some(receipt(Ending::Disputed)), None);
	evidence.passages.clear();
	let told = evidence.verify().unwrap().tell(None);
	assert!(told.contains("did not agree"), "{told}");
	let _: Hash = evidence.verify().unwrap().block;
}

const CHANNEL: u64 = 4;
const CALLS: Source = Source::Receipts {
	channel: CHANNEL,
	batch: 2,
};

/// What is kept of a batch of calls: as of a record's fee, run by one agent.
fn distribution() -> Distribution<AccountId, BlockNumber> {
	let mut payment = record().payment;
	let second = payment.operators.pop().unwrap();
	payment.operators[0].amount += second.amount;
	Distribution {
		earned: Earnings::of([(BATCH, 9)]).unwrap().summary(),
		amount: payment.parts.data,
		payment,
		claimed: 100_000,
		lost: 0,
		claims: 1,
		expires_at: 5_000,
		deposit: None,
	}
}

fn batch_evidence(distribution: Option<Distribution<AccountId, BlockNumber>>) -> BatchEvidence {
	let mut chain = TestExternalities::new_empty();
	chain.execute_with(|| {
		frame_system::BlockHash::<Runtime>::insert(0, H256([1; 32]));
		Models::<Runtime>::insert(MODEL, model());
		if let Some(distribution) = distribution {
			Distributions::<Runtime>::insert(CALLS, distribution);
		}
	});
	chain.commit_all().unwrap();
	let root = *chain.as_backend().root();
	let wanted = [
		keys::genesis(),
		keys::distribution(CALLS),
		keys::model(MODEL),
	];
	let state = prove_read(chain.as_backend(), wanted).unwrap();
	let header = Header::new(20, H256::zero(), root, H256([2; 32]), Default::default());
	BatchEvidence {
		version: VERSION,
		channel: CHANNEL,
		batch: 2,
		header: header.encode().into(),
		state: state.iter_nodes().map(|node| node.clone().into()).collect(),
	}
}

#[test]
fn what_was_paid_for_a_batch_of_calls_is_proved_and_told() {
	let evidence = batch_evidence(Some(distribution()));
	let story = evidence.verify().unwrap();
	assert_eq!(story.distribution, distribution());
	let told = story.tell();
	for part in [
		"Batch 2 of channel 4, calls of model 3",
		"Fee of 0.000001 OPEN",
		"0.00000025",
		"0.00000003 of it to its delegators",
		"0.0000001  by contributors",
		"follow from the model's lineage",
	] {
		assert!(told.contains(part), "{part} is missing in\n{told}");
	}
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("proof.json");
	std::fs::write(&path, serde_json::to_string(&evidence).unwrap()).unwrap();
	assert_eq!(BatchEvidence::read(&path).unwrap(), evidence);
	assert!(
		Evidence::read(&path).is_err(),
		"it proves no single answer's story"
	);
}

#[test]
fn whatever_is_changed_breaks_the_proof_of_a_batch() {
	let changes: [(&str, fn(&mut BatchEvidence)); 6] = [
		("another version", |evidence| evidence.version += 1),
		("another channel", |evidence| evidence.channel += 1),
		("another batch", |evidence| evidence.batch += 1),
		("no header", |evidence| evidence.header = vec![].into()),
		("a node is missing", |evidence| {
			evidence.state.pop();
		}),
		("a node has another value", |evidence| {
			let last = evidence.state.last_mut().unwrap();
			*last.0.last_mut().unwrap() ^= 1;
		}),
	];
	for (what, change) in changes {
		let mut changed = batch_evidence(Some(distribution()));
		change(&mut changed);
		assert!(changed.verify().is_err(), "{what}");
	}
}

#[test]
fn payments_for_a_batch_that_do_not_add_up_are_told() {
	let refusals: [(&str, fn(&mut Distribution<AccountId, BlockNumber>)); 6] = [
		("do not sum up", |it| it.payment.fee += 1),
		("the models' takers", |it| it.payment.models[0].amount += 1),
		("what the operators were paid", |it| {
			it.payment.operators[0].amount += 1
		}),
		("set apart is not", |it| it.amount += 1),
		("not those of the lineage", |it| {
			it.payment.models[0].model += 1
		}),
		("not paid by their weights", |it| {
			it.payment.models[0].amount += 3;
			it.payment.models[1].amount -= 3;
		}),
	];
	for (problem, change) in refusals {
		let mut wrong = distribution();
		change(&mut wrong);
		let told = batch_evidence(Some(wrong)).verify().unwrap_err();
		assert!(told.contains(problem), "{told}, not {problem}");
	}
	let gone = batch_evidence(None).verify().unwrap_err();
	assert!(gone.contains("keeps nothing of batch 2"), "{gone}");
}

/// Calls that data shaped and others are settled apart, each to the last unit.
#[test]
fn a_batch_that_was_settled_in_two_parts_is_rounded_twice() {
	let mut twice = distribution();
	twice.payment.models[0].amount += 2;
	twice.payment.models[1].amount -= 2;
	assert!(batch_evidence(Some(twice)).verify().is_ok());
}
