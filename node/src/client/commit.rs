//! `openledger-node data commit`: what jurors, candidates and owners commit to, with what they have to
//! reveal later kept in a file.

use super::Client;
use clap::{
	builder::{PossibleValuesParser, TypedValueParser},
	Args, Subcommand,
};
use codec::Encode;
use frame_support::{storage::storage_prefix, Blake2_128Concat, StorageHasher, Twox64Concat};
use openledger_data::write_secret;
use openledger_primitives::{
	data::{Reason, Verdict, MAX_SCORE},
	protocol::Salt,
	AccountId, BatchId, BlockNumber, DatanetId,
};
use pallet_curation::{
	answers_commitment, solution_commitment, verdict_commitment, Exam, Phase, Round, Subject,
	MAX_TASKS,
};
use rand::{rngs::OsRng, RngCore};
use serde_json::{json, Value};
use sp_core::{crypto::Ss58Codec, H256};
use std::path::{Path, PathBuf};

/// Commitments of the curation. Each command prints one, with its salt, and writes what has to be
/// revealed to a file.
#[derive(Clone, Debug, Subcommand)]
pub enum CommitCmd {
	/// A juror's, to a verdict: for "curation.commitVerdict".
	///
	/// The jury is asked of the chain. The file is for "curation.revealVerdict", once all have
	/// committed: whoever loses it counts as absent, and pays for it.
	Verdict(VerdictArgs),
	/// A candidate's, to the answers of a qualification: for "curation.commitAnswers".
	///
	/// The round is asked of the chain. The file is for "curation.revealAnswers", in the round's second
	/// phase.
	Answers(AnswersArgs),
	/// A Datanet owner's, to the right answers: for "curation.openQualification".
	///
	/// The file is for "curation.revealSolution", in the round's third phase.
	Solution(AnswersArgs),
}

/// What a juror says of what.
#[derive(Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("verdict").required(true).args(["accept", "reject"]))]
pub struct VerdictArgs {
	/// The batch.
	#[arg(long, value_name = "ID")]
	batch: BatchId,
	/// The earlier batch, if the jury is asked whether the batch duplicates it.
	#[arg(long, value_name = "ID")]
	duplicate_of: Option<BatchId>,
	/// Accept it, with a score from 0 to 100; of a report of a duplicate: yes, it is one.
	#[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(..=i64::from(MAX_SCORE)))]
	accept: Option<u8>,
	/// Reject it; of a report of a duplicate: no, it is none.
	#[arg(long, value_name = "REASON", value_parser = reasons())]
	reject: Option<Reason>,
	/// Who commits, and for which file.
	#[command(flatten)]
	common: Common,
}

/// Answers to which tasks.
#[derive(Args, Clone, Debug)]
pub struct AnswersArgs {
	/// The Datanet.
	#[arg(long, value_name = "ID")]
	datanet: DatanetId,
	/// The answers in the order of the tasks, each from 0 to 255: "0,3,1".
	#[arg(long, value_delimiter = ',', required = true)]
	answers: Vec<u8>,
	/// Who commits, and for which file.
	#[command(flatten)]
	common: Common,
}

/// What all commitments need.
#[derive(Args, Clone, Debug)]
pub struct Common {
	/// The account that commits and reveals: its address, or 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "ACCOUNT")]
	who: AccountId,
	/// Where to write what has to be revealed. Only you can read the file; show it to nobody before.
	#[arg(long, short, value_name = "FILE")]
	output: PathBuf,
	/// RPC of a node.
	#[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9944")]
	url: String,
}

fn reasons() -> impl TypedValueParser<Value = Reason> {
	const REASONS: [(&str, Reason); 4] = [
		("junk", Reason::Junk),
		("duplicate", Reason::Duplicate),
		("licence", Reason::Licence),
		("harmful", Reason::Harmful),
	];
	PossibleValuesParser::new(REASONS.map(|(name, _)| name)).map(|text| {
		let found = REASONS.iter().find(|(name, _)| *name == text);
		found.map_or(Reason::Junk, |(_, reason)| *reason)
	})
}

/// A commitment, and what has to be revealed to open it.
#[derive(Clone, Debug, PartialEq)]
pub struct Commitment {
	/// What goes to the chain now.
	pub hash: H256,
	/// What goes there later: the call and its arguments, as the chain's clients take them.
	pub reveal: Value,
}

impl Commitment {
	/// A juror's, for the jury `level`, counted from 0.
	pub fn to_verdict(
		genesis: &H256,
		subject: Subject,
		level: u8,
		who: &AccountId,
		verdict: Verdict,
		salt: &Salt,
	) -> Self {
		let subject_json = match subject {
			Subject::Batch(batch) => json!({ "Batch": batch }),
			Subject::Duplicate { batch, of } => {
				json!({ "Duplicate": { "batch": batch, "of": of } })
			}
		};
		let verdict_json = match verdict {
			Verdict::Accept { score } => json!({ "Accept": { "score": score } }),
			Verdict::Reject { reason } => json!({ "Reject": { "reason": format!("{reason:?}") } }),
		};
		let arguments = json!({
			"subject": subject_json,
			"verdict": verdict_json,
			"salt": hex(salt),
		});
		Self::new(
			verdict_commitment(genesis, &subject, level, who, &verdict, salt),
			genesis,
			who,
			"curation.revealVerdict",
			arguments,
		)
	}

	/// A candidate's, for the round that was opened in block `opened`.
	pub fn to_answers(
		genesis: &H256,
		datanet: DatanetId,
		opened: BlockNumber,
		who: &AccountId,
		answers: &[u8],
		salt: &Salt,
	) -> Self {
		Self::new(
			answers_commitment(genesis, datanet, &opened, who, answers, salt),
			genesis,
			who,
			"curation.revealAnswers",
			json!({ "datanet": datanet, "answers": hex(answers), "salt": hex(salt) }),
		)
	}

	/// A Datanet owner's.
	pub fn to_solution(
		genesis: &H256,
		datanet: DatanetId,
		owner: &AccountId,
		answers: &[u8],
		salt: &Salt,
	) -> Self {
		Self::new(
			solution_commitment(genesis, datanet, owner, answers, salt),
			genesis,
			owner,
			"curation.revealSolution",
			json!({ "datanet": datanet, "answers": hex(answers), "salt": hex(salt) }),
		)
	}

	fn new(hash: H256, genesis: &H256, who: &AccountId, call: &str, arguments: Value) -> Self {
		let reveal = json!({
			"version": 1,
			"call": call,
			"arguments": arguments,
			"commitment": hash,
			"who": who.to_ss58check(),
			"genesis": genesis,
		});
		Self { hash, reveal }
	}

	/// Writes what has to be revealed to a new file that only its owner can read.
	pub fn write(&self, path: &Path) -> Result<(), String> {
		write_secret(path, &format!("{:#}\n", self.reveal)).map_err(|error| error.to_string())
	}

	/// Writes the file, and returns what to print: nobody sees a commitment whose secret is not on disk.
	fn keep(&self, path: &Path) -> Result<String, String> {
		self.write(path)?;
		let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
		Ok(format!(
			"commitment  {:?}\nsalt        {}\nkept        {}, for {}\n",
			self.hash,
			text(&self.reveal["arguments"]["salt"]),
			path.display(),
			text(&self.reveal["call"]),
		))
	}
}

impl CommitCmd {
	/// Makes the commitment, keeps its secret, and returns what to print. An error is a sentence.
	pub async fn run(&self) -> Result<String, String> {
		let common = match self {
			Self::Verdict(args) => &args.common,
			Self::Answers(args) | Self::Solution(args) => &args.common,
		};
		let client = Client::connect(&common.url).await?;
		let (genesis, who) = (client.genesis(), &common.who);
		let mut salt = Salt::default();
		OsRng
			.try_fill_bytes(&mut salt)
			.map_err(|error| format!("the system has no random bytes: {error}"))?;
		let commitment = match self {
			Self::Verdict(args) => {
				let subject = args.subject();
				let level = jury(&client, subject, who).await?;
				Commitment::to_verdict(&genesis, subject, level, who, args.verdict()?, &salt)
			}
			Self::Answers(args) => {
				let opened = round(&client, args).await?;
				Commitment::to_answers(&genesis, args.datanet, opened, who, &args.answers, &salt)
			}
			Self::Solution(args) => {
				if args.answers.len() > MAX_TASKS as usize {
					return Err(format!("a qualification has at most {MAX_TASKS} tasks"));
				}
				Commitment::to_solution(&genesis, args.datanet, who, &args.answers, &salt)
			}
		};
		commitment.keep(&common.output)
	}
}

impl VerdictArgs {
	fn subject(&self) -> Subject {
		match self.duplicate_of {
			None => Subject::Batch(self.batch),
			Some(of) => Subject::Duplicate {
				batch: self.batch,
				of,
			},
		}
	}

	fn verdict(&self) -> Result<Verdict, String> {
		match (self.accept, self.reject) {
			(Some(score), None) => Ok(Verdict::Accept { score }),
			(None, Some(reason)) => Ok(Verdict::Reject { reason }),
			_ => Err("give either --accept or --reject".into()),
		}
	}
}

/// The number of a subject's present jury, in which `who` has still to commit.
async fn jury(client: &Client, subject: Subject, who: &AccountId) -> Result<u8, String> {
	let key = key::<Blake2_128Concat>(b"Rounds", &subject);
	let round: Round<AccountId, BlockNumber> = client
		.storage(&key, None)
		.await?
		.ok_or("the chain has no such round: check the batches' ids")?;
	if !matches!(round.phase, Phase::Commit { .. }) {
		return Err(format!(
			"nobody commits to a verdict now: the round is at {:?}",
			round.phase
		));
	}
	let juror = round
		.juries
		.last()
		.and_then(|jury| jury.jurors.iter().find(|juror| juror.who == *who))
		.ok_or_else(|| format!("{} has no seat in the present jury", who.to_ss58check()))?;
	if juror.commitment.is_some() {
		return Err(format!("{} has committed already", who.to_ss58check()));
	}
	u8::try_from(round.juries.len().saturating_sub(1)).map_err(|error| error.to_string())
}

/// The block in which the open qualification round began, for as many answers as it has tasks.
async fn round(client: &Client, args: &AnswersArgs) -> Result<BlockNumber, String> {
	let key = key::<Twox64Concat>(b"Exams", &args.datanet);
	let exam: Exam<AccountId, BlockNumber> = client
		.storage(&key, None)
		.await?
		.ok_or("the Datanet has no open qualification round")?;
	if usize::from(exam.count) != args.answers.len() {
		return Err(format!(
			"there are {} tasks and {} answers: such a commitment could never be revealed",
			exam.count,
			args.answers.len()
		));
	}
	Ok(exam.opened)
}

/// Where the chain keeps a record of the curation.
fn key<Hasher: StorageHasher>(map: &[u8], of: &impl Encode) -> Vec<u8> {
	let prefix = storage_prefix(b"Curation", map);
	[&prefix[..], Hasher::hash(&of.encode()).as_ref()].concat()
}

fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}
