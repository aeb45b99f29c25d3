// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Proofs that a row belongs to a batch of a Datanet
/// @notice A batch is known on the OpenLedger chain by the Merkle root over its rows: the tree of RFC 6962,
/// section 2.1, with Keccak-256. A row's leaf is `keccak256(0x00 || row)`, an inner node
/// `keccak256(0x01 || left || right)`. Root and number of rows must come from the chain, not from whoever
/// brings the proof: for another number of rows the same proof may pass for another place.
library RowProof {
    /// @notice The most siblings that a proof can have: rows are counted by 32 bits.
    uint256 internal constant MAX_LENGTH = 32;

    /// @notice The leaf of a row, which is its line in the batch file without the newline.
    function leaf(bytes memory row) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x00), row));
    }

    /// @notice The hash of two subtrees.
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(bytes1(0x01), left, right));
    }

    /// @notice Whether a leaf is the one at `index` of a batch of `count` rows under `root`, as `proof`, the
    /// siblings from the leaf upwards, shows (RFC 9162, section 2.1.3.2). Never reverts.
    function verify(bytes32 root, bytes32 leafHash, uint32 index, uint32 count, bytes32[] memory proof)
        internal
        pure
        returns (bool)
    {
        if (index >= count || proof.length > MAX_LENGTH) {
            return false;
        }
        uint256 position = index;
        uint256 last = uint256(count) - 1;
        bytes32 hash = leafHash;
        for (uint256 i = 0; i < proof.length; ++i) {
            if (last == 0) {
                return false;
            }
            if (position & 1 == 1 || position == last) {
                hash = node(proof[i], hash);
                while (position & 1 == 0 && position != 0) {
                    position >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node(hash, proof[i]);
            }
            position >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }
}
