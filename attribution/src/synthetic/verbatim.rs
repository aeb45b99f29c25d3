//! Texts in which answers stand verbatim, as large as a Datanet, and the search that an index is measured beside.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// The tokens of a [`text`].
pub const TOKENS: usize = 10_000_000;

/// The tokens of each of its documents.
pub const DOCUMENT: usize = 1_000;

/// The tokens of an [`answer`].
pub const ANSWER: usize = 128;

const VOCABULARY: f64 = 50_000.0;

/// Tokens whose frequency falls off as words' do: the logarithm of the rank is uniform (Zipf's law).
pub fn text(random: &mut ChaCha8Rng) -> Vec<Vec<u32>> {
	let token = |random: &mut ChaCha8Rng| VOCABULARY.powf(random.gen::<f64>()) as u32;
	(0..TOKENS / DOCUMENT)
		.map(|_| (0..DOCUMENT).map(|_| token(random)).collect())
		.collect()
}

/// An answer of passages of 4 to 31 tokens. The documents have more than 32.
pub fn answer(random: &mut ChaCha8Rng, documents: &[Vec<u32>]) -> Vec<u32> {
	let mut answer = Vec::new();
	while answer.len() < ANSWER {
		let document = &documents[random.gen_range(0..documents.len())];
		let start = random.gen_range(0..document.len() - 32);
		answer.extend(&document[start..start + random.gen_range(4..32)]);
	}
	answer.truncate(ANSWER);
	answer
}

/// The longest beginning of `answer` that the documents contain, by looking at every token: one of the
/// searches that a query makes for each of its tokens.
pub fn scan(documents: &[Vec<u32>], answer: &[u32]) -> usize {
	let shared = |tail: &[u32]| tail.iter().zip(answer).take_while(|(a, b)| a == b).count();
	documents
		.iter()
		.flat_map(|document| (0..document.len()).map(|start| shared(&document[start..])))
		.max()
		.unwrap_or(0)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_scan_finds_the_longest_beginning() {
		assert_eq!(scan(&[vec![1, 2, 9], vec![1, 2, 3, 9]], &[1, 2, 3, 4]), 3);
		assert_eq!(scan(&[], &[1]), 0);
	}
}
