// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title What a contract implements to be told that a request has ended
/// @notice The payer of a request registers a contract, with a limit of weight and a budget for storage. When the
/// request has ended, in whichever way, the chain calls the contract once, in a block that has room for it: usually
/// the same or the next one. It is not called again if it reverts or runs out of gas; what came of the request
/// can be read from the chain.
/// @dev Check `msg.sender == 0x6d6f646c6f706e2f636C626B0000000000000000` ("modlopn/clbk" in ASCII): nobody has a
/// key for that address, so nobody but the chain calls from it. `tx.origin` is the same address, and `msg.value` is
/// zero. `gasleft()` is what is left of the limit that was paid for. Storage that is written is paid for out of the
/// budget; what is freed goes to the payer. Do not send anything back to the sender: it is the payer's then.
interface IInferenceCallback {
    /// @notice A request has ended. By now its receipt is written and its fee was divided or given back, and the
    /// contract may ask again.
    /// @param request The request's id.
    /// @param ending How it ended: 0 answered, 1 failed (the operators agree that it cannot be answered), 2 no
    /// operator (too few could be drawn), 3 unanswered (too few spoke in time), 4 disputed (no majority),
    /// 5 cancelled by its payer. The fee was divided if it is 0; else it was given back, but for an input that was
    /// kept from operators.
    /// @param outcomeHash BLAKE2b-256 of the SCALE-encoded outcome that the majority agreed on, as it stands in the
    /// request's receipt: of the answer if `ending` is 0, of the failure if it is 1. Zero otherwise.
    function onInferenceEnded(uint64 request, uint8 ending, bytes32 outcomeHash) external;
}
