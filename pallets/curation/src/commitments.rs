//! What jurors, candidates and owners commit to. Clients use the same functions.

use codec::Encode;
use openledger_primitives::{data::Verdict, protocol::Salt, DatanetId};
use sp_core::H256;
use sp_crypto_hashing::blake2_256;

use crate::types::Subject;

/// What binds a juror to a verdict: BLAKE2b-256 of the SCALE code of `"openledger/verdict"` (with its
/// length), the chain's genesis hash, subject, jury, juror, verdict and salt.
///
/// As it names the juror, a copied commitment opens for nobody but the one it was copied from.
pub fn verdict_commitment<AccountId: Encode>(
	genesis: &H256,
	subject: &Subject,
	level: u8,
	who: &AccountId,
	verdict: &Verdict,
	salt: &Salt,
) -> H256 {
	let tagged = (
		"openledger/verdict",
		genesis,
		subject,
		level,
		who,
		verdict,
		salt,
	);
	H256(blake2_256(&tagged.encode()))
}

/// What binds a candidate to its answers: as [`verdict_commitment`], of `"openledger/answers"`, genesis
/// hash, Datanet, the block in which the round was opened, candidate, answers and salt.
pub fn answers_commitment<AccountId: Encode, BlockNumber: Encode>(
	genesis: &H256,
	datanet: DatanetId,
	opened: &BlockNumber,
	who: &AccountId,
	answers: &[u8],
	salt: &Salt,
) -> H256 {
	let tagged = (
		"openledger/answers",
		genesis,
		datanet,
		opened,
		who,
		answers,
		salt,
	);
	H256(blake2_256(&tagged.encode()))
}

/// What binds a Datanet's owner to the solution: as [`verdict_commitment`], of
/// `"openledger/solution"`, genesis hash, Datanet, owner, answers and salt.
pub fn solution_commitment<AccountId: Encode>(
	genesis: &H256,
	datanet: DatanetId,
	owner: &AccountId,
	answers: &[u8],
	salt: &Salt,
) -> H256 {
	let tagged = (
		"openledger/solution",
		genesis,
		datanet,
		owner,
		answers,
		salt,
	);
	H256(blake2_256(&tagged.encode()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use openledger_primitives::{data::Reason, AccountId};

	fn hash(parts: &[&[u8]]) -> H256 {
		H256(blake2_256(&parts.concat()))
	}

	/// Byte by byte, as a client in another language has to build them.
	#[test]
	fn commitments_are_hashes_of_known_bytes() {
		let (genesis, who) = (H256([1; 32]), AccountId::new([2; 32]));
		let subject = Subject::Batch(258);
		let verdict = Verdict::Accept { score: 80 };
		assert_eq!(
			verdict_commitment(&genesis, &subject, 1, &who, &verdict, &[3; 32]),
			hash(&[
				&[18 << 2],
				b"openledger/verdict",
				&[1; 32],
				&[0, 2, 1, 0, 0, 0, 0, 0, 0],
				&[1],
				&[2; 32],
				&[0, 80],
				&[3; 32],
			])
		);
		let subject = Subject::Duplicate { batch: 5, of: 4 };
		let verdict = Verdict::Reject {
			reason: Reason::Licence,
		};
		assert_eq!(
			verdict_commitment(&genesis, &subject, 2, &who, &verdict, &[3; 32]),
			hash(&[
				&[18 << 2],
				b"openledger/verdict",
				&[1; 32],
				&[1, 5, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0],
				&[2],
				&[2; 32],
				&[1, 2],
				&[3; 32],
			])
		);
		assert_eq!(
			answers_commitment(&genesis, 7, &9u32, &who, &[4, 5], &[3; 32]),
			hash(&[
				&[18 << 2],
				b"openledger/answers",
				&[1; 32],
				&[7, 0, 0, 0],
				&[9, 0, 0, 0],
				&[2; 32],
				&[2 << 2, 4, 5],
				&[3; 32],
			])
		);
		assert_eq!(
			solution_commitment(&genesis, 7, &who, &[4, 5], &[3; 32]),
			hash(&[
				&[19 << 2],
				b"openledger/solution",
				&[1; 32],
				&[7, 0, 0, 0],
				&[2; 32],
				&[2 << 2, 4, 5],
				&[3; 32],
			])
		);
	}
}
