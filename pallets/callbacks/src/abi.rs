//! What a contract sees of a callback: `IInferenceCallback`, of which the Solidity is in the runtime's
//! `precompiles/interfaces`.

use alloc::vec::Vec;
use openledger_primitives::{traits::Closing, RequestId};
use sp_core::{H160, H256};

/// The address that callbacks come from: `0x6d6f646c6f706e2f636c626b0000000000000000`, which is
/// "modlopn/clbk" in ASCII.
pub const CALLER: H160 = H160(*b"modlopn/clbk\0\0\0\0\0\0\0\0");

/// The selector of `onInferenceEnded(uint64,uint8,bytes32)`.
pub const SELECTOR: [u8; 4] = [0x8b, 0x85, 0xd9, 0x4c];

/// What an ending is called in Solidity: a `uint8`.
pub fn code(closing: Closing) -> u8 {
	match closing {
		Closing::Answered => 0,
		Closing::Failed => 1,
		Closing::NoOperator => 2,
		Closing::Unanswered => 3,
		Closing::Disputed => 4,
		Closing::Cancelled => 5,
	}
}

/// The calldata of `onInferenceEnded(uint64 request, uint8 ending, bytes32 outcomeHash)`: the selector, and
/// three words.
pub fn encode(request: RequestId, closing: Closing, outcome: H256) -> Vec<u8> {
	[
		&SELECTOR[..],
		&[0; 24],
		&request.to_be_bytes(),
		&[0; 31],
		&[code(closing)],
		outcome.as_bytes(),
	]
	.concat()
}
