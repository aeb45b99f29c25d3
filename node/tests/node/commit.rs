//! `openledger-node data commit`: what it writes opens what it prints.

use clap::Parser;
use openledger_node::client::commit::{CommitCmd, Commitment};
use openledger_primitives::{
	data::{Reason, Verdict},
	AccountId,
};
use pallet_curation::{answers_commitment, solution_commitment, verdict_commitment, Subject};
use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, H256};
use std::{fs, path::Path};

const GENESIS: H256 = H256([1; 32]);
const SALT: [u8; 32] = [3; 32];

fn who() -> AccountId {
	AccountId::new([2; 32])
}

fn bytes(value: &Value) -> Vec<u8> {
	let digits = value.as_str().and_then(|text| text.strip_prefix("0x"));
	hex::decode(digits.unwrap()).unwrap()
}

fn salt(reveal: &Value) -> [u8; 32] {
	bytes(&reveal["arguments"]["salt"]).try_into().unwrap()
}

/// The verdict as it stands in a file.
fn verdict(value: &Value) -> Verdict {
	match value["Accept"]["score"].as_u64() {
		Some(score) => Verdict::Accept {
			score: score.try_into().unwrap(),
		},
		None => Verdict::Reject {
			reason: match value["Reject"]["reason"].as_str().unwrap() {
				"Junk" => Reason::Junk,
				"Duplicate" => Reason::Duplicate,
				"Licence" => Reason::Licence,
				"Harmful" => Reason::Harmful,
				other => panic!("{other} is no reason"),
			},
		},
	}
}

fn subject(value: &Value) -> Subject {
	match value["Batch"].as_u64() {
		Some(batch) => Subject::Batch(batch),
		None => Subject::Duplicate {
			batch: value["Duplicate"]["batch"].as_u64().unwrap(),
			of: value["Duplicate"]["of"].as_u64().unwrap(),
		},
	}
}

#[test]
fn what_is_revealed_opens_a_verdict() {
	let subjects = [Subject::Batch(7), Subject::Duplicate { batch: 9, of: 7 }];
	let rejections = [
		Reason::Junk,
		Reason::Duplicate,
		Reason::Licence,
		Reason::Harmful,
	];
	let verdicts = rejections.map(|reason| Verdict::Reject { reason });
	for about in subjects {
		for says in [&verdicts[..], &[Verdict::Accept { score: 80 }]].concat() {
			let made = Commitment::to_verdict(&GENESIS, about, 1, &who(), says, &SALT);
			assert_eq!(made.reveal["call"], "curation.revealVerdict");
			let arguments = &made.reveal["arguments"];
			let opened = verdict_commitment(
				&GENESIS,
				&subject(&arguments["subject"]),
				1,
				&who(),
				&verdict(&arguments["verdict"]),
				&salt(&made.reveal),
			);
			assert_eq!(made.hash, opened);
			assert_eq!(made.reveal["commitment"], json!(opened));
			assert_eq!(made.reveal["who"], who().to_ss58check());
		}
	}
}

#[test]
fn what_is_revealed_opens_answers() {
	let made = Commitment::to_answers(&GENESIS, 4, 99, &who(), &[0, 255, 3], &SALT);
	assert_eq!(made.reveal["call"], "curation.revealAnswers");
	assert_eq!(made.reveal["arguments"]["datanet"], 4);
	let answers = bytes(&made.reveal["arguments"]["answers"]);
	let opened = answers_commitment(&GENESIS, 4, &99u32, &who(), &answers, &salt(&made.reveal));
	assert_eq!(made.hash, opened);

	let made = Commitment::to_solution(&GENESIS, 4, &who(), &[0, 255, 3], &SALT);
	assert_eq!(made.reveal["call"], "curation.revealSolution");
	let answers = bytes(&made.reveal["arguments"]["answers"]);
	let opened = solution_commitment(&GENESIS, 4, &who(), &answers, &salt(&made.reveal));
	assert_eq!(made.hash, opened);
}

#[test]
fn an_old_secret_is_never_overwritten() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("verdict.json");
	let of = |score| {
		let verdict = Verdict::Accept { score };
		Commitment::to_verdict(&GENESIS, Subject::Batch(7), 0, &who(), verdict, &SALT)
	};
	of(1).write(&path).unwrap();
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let mode = fs::metadata(&path).unwrap().permissions().mode();
		assert_eq!(mode & 0o777, 0o600, "only its owner reads it");
	}
	let written = fs::read_to_string(&path).unwrap();
	assert_eq!(
		serde_json::from_str::<Value>(&written).unwrap(),
		of(1).reveal
	);
	let error = of(2).write(&path).unwrap_err();
	assert!(error.contains("already"), "{error}");
	assert_eq!(fs::read_to_string(&path).unwrap(), written);
	let nowhere = of(2).write(Path::new("/nowhere/verdict.json")).unwrap_err();
	assert!(nowhere.contains("/nowhere/verdict.json"), "{nowhere}");
}

#[derive(Parser)]
struct Cli {
	#[command(subcommand)]
	cmd: CommitCmd,
}

fn parse(arguments: &str) -> Result<Cli, clap::Error> {
	Cli::try_parse_from(std::iter::once("commit").chain(arguments.split_whitespace()))
}

#[test]
fn a_verdict_is_one_side_with_what_belongs_to_it() {
	let common = format!("--who {} -o x", who().to_ss58check());
	for good in [
		"verdict --batch 7 --accept 100",
		"verdict --batch 9 --duplicate-of 7 --reject licence",
		"answers --datanet 0 --answers 0,255,3",
		"solution --datanet 0 --answers 1",
	] {
		if let Err(error) = parse(&format!("{good} {common}")) {
			panic!("{good}: {error}");
		}
	}
	for bad in [
		"verdict --batch 7",
		"verdict --batch 7 --accept 101",
		"verdict --batch 7 --reject boring",
		"verdict --batch 7 --accept 1 --reject junk",
		"verdict --duplicate-of 7 --accept 1",
		"answers --datanet 0",
		"answers --datanet 0 --answers 256",
	] {
		assert!(parse(&format!("{bad} {common}")).is_err(), "{bad}");
	}
	assert!(parse("verdict --batch 7 --accept 1 --who nobody -o x").is_err());
	assert!(parse("verdict --batch 7 --accept 1 -o x").is_err());
}

#[tokio::test]
async fn without_a_chain_there_is_no_file() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("verdict.json");
	let cli = parse(&format!(
		"verdict --batch 7 --accept 1 --who {} -o {} --url http://127.0.0.1:9",
		who().to_ss58check(),
		path.display()
	));
	let error = cli
		.unwrap_or_else(|error| panic!("{error}"))
		.cmd
		.run()
		.await;
	assert!(error.unwrap_err().contains("no node answers"));
	assert!(!path.exists());
}
