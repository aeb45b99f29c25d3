// Why tests that are written for Hardhat's own chain fail on this one.

const REASONS = [
	{
		title: /^Governor using \$ERC20VotesTimestampMock state (Pending & Active|Defeated|Succeeded)$/,
		message: /^expected \d to equal \d/,
		reason: 'expects a block at one very second and looks before the next; blocks here are two seconds apart'
	},
	{
		message: /: only Hardhat's chain has it/,
		reason: 'needs what only a simulated chain can do: act for others, set state, undo blocks'
	},
	{ message: /^waiting: /, reason: 'jumps over more time than the run waits for' }
];

/** The reason for a failed test `{ title, message, stack }`, if it is a known one. */
export const reasonFor = ({ title, message, stack = '' }) =>
	REASONS.find(
		(each) =>
			(!each.message || each.message.test(message) || each.message.test(stack)) &&
			(!each.title || each.title.test(title))
	)?.reason;
