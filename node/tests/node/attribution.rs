//! `openledger-node attribution`: what it proves holds, and whatever is changed in a proof breaks it.

use codec::{Decode, Encode};
use openledger_data::proof::RowProof;
use openledger_node::attribution::{keys, Evidence, PassageProof, VERSION};
use openledger_primitives::{
	attribution::weigh, data::Locator, input::inline_digest, merkle, split::Shares, AccountId,
	Answer, Citation, ContentHash, ModelId, Output, RequestId,
};
use openledger_runtime::{Hash, Header, Runtime};
use pallet_attribution::{AttributionRecord, PaidCluster, Records};
use pallet_datanets::{Batch, BatchState, Batches};
use pallet_inference::{Ending, Receipt, Receipts};
use sp_core::H256;
use sp_io::TestExternalities;
use sp_runtime::traits::Header as _;
use sp_state_machine::prove_read;

const REQUEST: RequestId = 7;
const MODEL: ModelId = 3;
const BATCH: u64 = 5;
const ROW: u32 = 1;
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
		committee: Default::default(),
		contested: false,
	}
}

fn record() -> AttributionRecord<AccountId> {
	let parts = Shares::DEFAULT.split(FEE).unwrap();
	AttributionRecord {
		payer: account(1),
		model: MODEL,
		fee: FEE,
		parts,
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

/// The evidence of a chain that has these, and no other, records.
fn evidence(
	receipt: Option<Receipt<Runtime>>,
	record: Option<AttributionRecord<AccountId>>,
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
		Batches::<Runtime>::insert(BATCH, batch());
	});
	chain.commit_all().unwrap();
	let root = *chain.as_backend().root();
	let wanted = keys::all(REQUEST, MODEL, 0, [BATCH]);
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
		"0.0000004",
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

/// A chain whose operators or runtime did wrong is told too, though its state is what it says.
#[test]
fn payments_that_do_not_follow_from_the_answer_are_told() {
	let answered = || receipt(Ending::Answered(answer()));
	let refused = |receipt, record| evidence(Some(receipt), Some(record)).verify().unwrap_err();

	let mut more = record();
	more.parts.burn += 1;
	assert!(refused(answered(), more).contains("do not sum up"));

	let mut less = record();
	less.clusters[0].amount -= 1;
	assert!(refused(answered(), less).contains("what contributors were paid"));

	let mut other = record();
	other.payer = account(9);
	assert!(refused(answered(), other).contains("two requests"));

	let mut wrong = answer();
	wrong.attribution[0].batch += 1;
	assert!(refused(receipt(Ending::Answered(wrong)), record()).contains("do not follow"));
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
