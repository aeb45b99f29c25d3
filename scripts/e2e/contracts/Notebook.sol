// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @notice Does what wallets and libraries have to cope with: logs, reverts of both kinds, money.
contract Notebook {
    event Noted(address indexed by, uint256 indexed key, string note);

    error TooMuch(uint256 given, uint256 most);

    mapping(uint256 => uint256) public values;
    uint256 public first;

    constructor(uint256 value) payable {
        first = value;
    }

    function note(uint256 key, uint256 value, string calldata text) external payable returns (uint256 before) {
        before = values[key];
        values[key] = value;
        emit Noted(msg.sender, key, text);
    }

    function refuse() external payable {
        require(msg.value == type(uint256).max, "not today");
    }

    function limit(uint256 given) external pure returns (uint256) {
        if (given > 10) revert TooMuch(given, 10);
        return given;
    }
}
