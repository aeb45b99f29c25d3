// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice OpenZeppelin's ERC-20, nothing added but who has it at first.
contract BenchmarkToken is ERC20 {
    /// @param holders Who is given tokens.
    /// @param each How many, in the smallest unit.
    constructor(address[] memory holders, uint256 each) ERC20("Benchmark", "BENCH") {
        for (uint256 index = 0; index < holders.length; index++) _mint(holders[index], each);
    }
}
