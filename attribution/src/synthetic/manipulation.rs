//! What contributors do who want more than their share.

use rand::Rng;

use super::{
	random::source,
	tasks::{Document, CONTRIBUTORS, PER_CONTRIBUTOR, VOCABULARY},
};

/// How many copies of each document are made.
pub const COPIES: usize = 5;

/// In how many parts a contributor's documents are split.
pub const PARTS: usize = 4;

/// How likely a token of a near-copy is another, where nothing else is said.
pub const REWRITTEN: f64 = 0.1;

/// Adds copies of each of a contributor's documents, each set of copies under an account of its own.
pub fn copy(documents: &[Document], contributor: usize) -> Vec<Document> {
	with_copies(documents, contributor, |document| document)
}

/// As [`copy`], with some tokens of each copy replaced by any: each with the chance `rewritten`.
pub fn near_copy(
	documents: &[Document],
	contributor: usize,
	rewritten: f64,
	seed: u64,
) -> Vec<Document> {
	let mut random = source(seed, 6);
	with_copies(documents, contributor, |mut document| {
		for token in &mut document.tokens {
			if random.gen_bool(rewritten) {
				*token = random.gen_range(0..VOCABULARY as u32);
			}
		}
		document
	})
}

fn with_copies(
	documents: &[Document],
	contributor: usize,
	mut change: impl FnMut(Document) -> Document,
) -> Vec<Document> {
	let mut all = documents.to_vec();
	for account in 0..COPIES {
		for document in documents {
			if document.contributor == contributor {
				all.push(Document {
					contributor: CONTRIBUTORS + account,
					..change(document.clone())
				});
			}
		}
	}
	all
}

/// Divides a contributor's documents among accounts: every fourth stays, the others go to three new ones.
pub fn split(documents: &[Document], contributor: usize) -> Vec<Document> {
	let mut all = documents.to_vec();
	let own = all
		.iter_mut()
		.filter(|document| document.contributor == contributor);
	for (index, document) in own.enumerate() {
		if let Some(account) = (index % PARTS).checked_sub(1) {
			document.contributor = CONTRIBUTORS + account;
		}
	}
	all
}

/// Adds as many documents as any contributor has, with the subjects of a contributor's and any tokens.
pub fn junk(documents: &[Document], seed: u64) -> Vec<Document> {
	let mut random = source(seed, 7);
	let mut all = documents.to_vec();
	all.extend((0..PER_CONTRIBUTOR).map(|_| {
		let model = &documents[random.gen_range(0..documents.len())];
		Document {
			tokens: model
				.tokens
				.iter()
				.map(|_| random.gen_range(0..VOCABULARY as u32))
				.collect(),
			subject: model.subject,
			contributor: CONTRIBUTORS,
		}
	}));
	all
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::synthetic::tasks::datanet;

	fn of(documents: &[Document], contributor: usize) -> usize {
		documents
			.iter()
			.filter(|document| document.contributor == contributor)
			.count()
	}

	#[test]
	fn documents_are_added_or_moved() {
		let honest = datanet(1).texts.documents;
		let copied = copy(&honest, 3);
		assert_eq!(copied.len(), honest.len() + COPIES * PER_CONTRIBUTOR);
		assert_eq!(copied[..honest.len()], honest);
		assert_eq!(
			copied.last().unwrap().tokens,
			honest[4 * PER_CONTRIBUTOR - 1].tokens
		);

		let near = near_copy(&honest, 3, REWRITTEN, 1);
		let equal = near
			.iter()
			.zip(&copied)
			.filter(|(a, b)| a.tokens == b.tokens);
		let share = (equal.count() - honest.len()) as f64 / (COPIES * PER_CONTRIBUTOR) as f64;
		assert!((0.2..0.6).contains(&share), "0.9⁹ is 0.39: {share}");

		let parts = split(&honest, 3);
		assert_eq!(parts.len(), honest.len());
		assert_eq!(of(&parts, 3), PER_CONTRIBUTOR / PARTS);
		assert_eq!(of(&parts, CONTRIBUTORS + 2), PER_CONTRIBUTOR / PARTS);

		let worse = junk(&honest, 1);
		assert_eq!(of(&worse, CONTRIBUTORS), PER_CONTRIBUTOR);
		assert_eq!(worse[..honest.len()], honest);
	}
}
