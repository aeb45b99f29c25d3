// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {RowProof} from "data/contracts/RowProof.sol";

/// @notice Makes the library's functions callable from outside.
contract RowProofUser {
    function leaf(bytes calldata row) external pure returns (bytes32) {
        return RowProof.leaf(row);
    }

    function verify(bytes32 root, bytes32 leafHash, uint32 index, uint32 count, bytes32[] calldata proof)
        external
        pure
        returns (bool)
    {
        return RowProof.verify(root, leafHash, index, count, proof);
    }
}
