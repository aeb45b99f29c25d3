//! The story as text for people.

use super::{
	payment,
	story::{answer_of, Story},
};
use openledger_primitives::{
	data::Locator,
	input::{inline_digest, LinkedInput},
	model::Task,
	Answer, Balance, ContentHash, Output,
};
use openledger_runtime::AccountId;
use pallet_attribution::{PaidClusters, Payment};
use pallet_inference::Ending;
use serde_json::Value;
use sp_core::crypto::Ss58Codec;
use std::fmt::Write;

/// One OPEN in units of the token.
const UNIT: Balance = openledger_runtime::constants::currency::UNIT;

/// How many characters of a passage are shown.
const EXCERPT: usize = 72;

impl Story {
	/// Tells it. `question` is what the reader knows was asked.
	pub fn tell(&self, question: Option<&str>) -> String {
		let mut text = String::new();
		// Writing to a string does not fail.
		let _ = self.write(&mut text, question);
		text
	}

	fn write(&self, text: &mut String, question: Option<&str>) -> std::fmt::Result {
		let receipt = &self.receipt;
		let name = match &self.model {
			Some(model) => format!(" “{}”", String::from_utf8_lossy(&model.name)),
			None => " (retired)".into(),
		};
		writeln!(
			text,
			"Request {} to model {}{name}, version {}",
			self.request, receipt.model, receipt.version
		)?;
		writeln!(text, "  payer      {}", receipt.payer.to_ss58check())?;
		writeln!(
			text,
			"  blocks     made in {}, ended in {}",
			receipt.made_at, receipt.ended_at
		)?;
		writeln!(
			text,
			"  question   hash {:?}{}",
			receipt.input_hash,
			self.compare(question)
		)?;
		writeln!(text, "  method     {}", self.method())?;
		for seat in &receipt.committee {
			let did = match (seat.agreed, seat.revealed) {
				(true, _) => "agreed",
				(false, Some(_)) => "said something else",
				(false, None) => "did not answer",
			};
			writeln!(text, "  operator   {}  {did}", seat.agent.to_ss58check())?;
		}
		match &receipt.ending {
			Ending::Answered(answer) => self.write_answer(text, answer)?,
			Ending::Failed(failure) => writeln!(text, "\nThe run failed: {failure:?}.")?,
			Ending::NoOperator => writeln!(
				text,
				"\nToo few operators could be drawn; the fee went back."
			)?,
			Ending::Unanswered => writeln!(
				text,
				"\nToo few operators answered in time; the fee went back."
			)?,
			Ending::Disputed => {
				writeln!(text, "\nThe operators did not agree; the fee went back.")?
			}
		}
		if let Some(record) = &self.record {
			write_payment(text, &record.payment)?;
			write_clusters(text, &record.clusters)?;
		}
		self.write_proofs(text)
	}

	fn compare(&self, question: Option<&str>) -> String {
		let Some(question) = question else {
			return String::new();
		};
		let linked = LinkedInput {
			content: ContentHash::of(question.as_bytes()),
			bytes: question.len().try_into().unwrap_or(u32::MAX),
			locator: Locator::None,
		};
		let digests = [inline_digest(question.as_bytes()), linked.digest()];
		let is_it = digests.contains(&self.receipt.input_hash);
		let verdict = if is_it { "is" } else { "is NOT" };
		format!(", which {verdict} that of “{}”", excerpt(question))
	}

	fn method(&self) -> String {
		match self.version.as_ref().map(|version| version.spec.task) {
			Some(Task::Search { top_k }) => format!(
				"search: the {top_k} passages nearest to the question by the cosine of their embeddings"
			),
			Some(Task::Generate { max_tokens, .. }) => {
				format!("generation of up to {max_tokens} tokens, from no passages")
			}
			Some(Task::Answer {
				top_k, max_tokens, ..
			}) => format!(
				"an answer of up to {max_tokens} tokens from the {top_k} nearest passages: a passage's score is its cosine \
				 times what the answer's likelihood loses without it"
			),
			Some(Task::Compare) => {
				"a comparison of two adapters: how much of the one is in the other, in millionths".into()
			}
			None => "the version was removed".into(),
		}
	}

	fn write_answer(&self, text: &mut String, answer: &Answer) -> std::fmt::Result {
		match &answer.output {
			Output::Inline(output) if output.is_empty() => {}
			Output::Inline(output) => writeln!(
				text,
				"\nAnswer\n  {}",
				String::from_utf8_lossy(output).trim().replace('\n', "\n  ")
			)?,
			Output::Linked { content, bytes } => writeln!(
				text,
				"\nAnswer\n  {bytes} bytes with SHA-256 {}, which the operators that agreed hand out",
				hash(content)
			)?,
		}
		if answer.citations.is_empty() {
			return writeln!(text, "\nIt cites no passages.");
		}
		writeln!(
			text,
			"\nPassages, best first (score and weight in millionths)"
		)?;
		writeln!(
			text,
			"  {:>9}  {:>9}  {:>7}  {:>7}  passage",
			"score", "weight", "batch", "row"
		)?;
		for citation in &answer.citations {
			let entry = answer
				.attribution
				.iter()
				.find(|entry| entry.batch == citation.batch);
			let shown = match self.passages.get(&(citation.batch, citation.row)) {
				Some(row) => passage(row.text.as_deref().unwrap_or_default()),
				None => "(no store showed it: its batch may be paid for, encrypted or gone)".into(),
			};
			writeln!(
				text,
				"  {:>9}  {:>9}  {:>7}  {:>7}  {shown}",
				citation.score,
				entry.map_or(0, |entry| entry.weight),
				citation.batch,
				citation.row
			)?;
		}
		writeln!(text, "  The weight is that of the batch.")
	}

	fn write_proofs(&self, text: &mut String) -> std::fmt::Result {
		let cited = answer_of(&self.receipt).map_or(0, |answer| answer.citations.len());
		writeln!(text, "\nProofs, all of which hold")?;
		writeln!(text, "  chain      {:?}", self.genesis)?;
		writeln!(
			text,
			"  block      {:?}, of height {}",
			self.block, self.number
		)?;
		writeln!(
			text,
			"  state      receipt, payment, model and {} batches lead to the block's state root",
			self.batches.len()
		)?;
		writeln!(
			text,
			"  passages   {} of {cited} lead to their batches' roots",
			self.passages.len()
		)?;
		if cited > 0 {
			writeln!(text, "  weights    follow from the scores")?;
		}
		if self.record.is_some() {
			writeln!(
				text,
				"  payment    names who got each unit of the fee: takers of royalties, those that agreed, contributors"
			)?;
			writeln!(
				text,
				"  royalties  {}",
				payment::royalties(self.model.is_some())
			)?;
		}
		Ok(())
	}
}

/// Writes who got how much of a fee, with the data's part at the end.
pub(super) fn write_payment(text: &mut String, payment: &Payment<AccountId>) -> std::fmt::Result {
	writeln!(text, "\nFee of {} OPEN", open(payment.fee))?;
	write_part(text, "burned", payment.parts.burn)?;
	write_part(text, "treasury", payment.parts.treasury)?;
	write_part(text, "model", payment.parts.model)?;
	for paid in &payment.models {
		writeln!(
			text,
			"    model {:<5}{:>24}  weight {:>7}, to {}",
			paid.model,
			open(paid.amount),
			paid.weight,
			paid.taker.to_ss58check()
		)?;
	}
	write_part(text, "operators", payment.parts.operators)?;
	for paid in &payment.operators {
		let delegated = match paid.delegated {
			0 => String::new(),
			amount => format!(", {} of it to its delegators", open(amount)),
		};
		writeln!(
			text,
			"    {:<11}{:>24}  to {}{delegated}",
			"operator",
			open(paid.amount),
			paid.operator.to_ss58check()
		)?;
	}
	write_part(text, "data", payment.parts.data)
}

/// Writes which data was paid for.
fn write_clusters(text: &mut String, clusters: &PaidClusters<AccountId>) -> std::fmt::Result {
	for paid in clusters {
		let to = match &paid.contributor {
			Some(contributor) => contributor.to_ss58check(),
			None => "the treasury: nobody is paid for it".into(),
		};
		writeln!(
			text,
			"    batch {:<5}{:>24}  weight {:>7}, to {to}",
			paid.cluster,
			open(paid.amount),
			paid.weight
		)?;
	}
	Ok(())
}

/// What a role got of a fee.
fn write_part(text: &mut String, name: &str, amount: Balance) -> std::fmt::Result {
	writeln!(text, "  {name:<10} {:>24}", open(amount))
}

/// An amount in OPEN, exact to the last digit.
pub(super) fn open(amount: Balance) -> String {
	let fraction = format!("{:012}", amount % UNIT);
	let fraction = fraction.trim_end_matches('0');
	let point = if fraction.is_empty() { "" } else { "." };
	format!("{}{point}{fraction}", amount / UNIT)
}

fn hash(content: &ContentHash) -> String {
	hex::encode(content.0)
}

/// A row as people read it: its title and the beginning of its text, or the row itself if it has neither.
fn passage(row: &str) -> String {
	let fields: Value = serde_json::from_str(row).unwrap_or_default();
	let field = |name: &str| fields.get(name).and_then(Value::as_str);
	match (field("title"), field("text")) {
		(Some(title), Some(text)) => excerpt(&format!("{title}: {text}")),
		(None, Some(text)) => excerpt(text),
		_ => excerpt(row),
	}
}

fn excerpt(text: &str) -> String {
	let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
	match line.char_indices().nth(EXCERPT) {
		Some((end, _)) => format!("{}…", line[..end].trim_end()),
		None => line,
	}
}
