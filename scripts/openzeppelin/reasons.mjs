// Why tests that are written for Hardhat's own chain fail on this one.

const REASONS = [
	{ message: /: only Hardhat's chain has it/, reason: 'needs what only a simulated chain can do: act for others, set state, undo blocks' },
	{ message: /^waiting: /, reason: 'jumps over more time than the run waits for' }
];

/** The reason for a failed test `{ title, message, stack }`, if it is a known one. */
export const reasonFor = ({ title, message, stack = '' }) =>
	REASONS.find((each) => (!each.message || each.message.test(message) || each.message.test(stack)) && (!each.title || each.title.test(title)))?.reason;
