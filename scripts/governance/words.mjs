// Referenda in words for people.

import { asked, progress } from '../lib/governance.mjs';
import { open } from '../lib/report.mjs';

const SECONDS_PER_BLOCK = 2;

/** A part in billionths as percent. */
export const percent = (part) => `${(part / 1e7).toFixed(part % 1e7 === 0 ? 0 : 2)} %`;

/** A number of blocks as time. */
export function span(blocks) {
	const seconds = blocks * SECONDS_PER_BLOCK;
	const [unit, name] = [
		[86_400, 'd'],
		[3_600, 'h'],
		[60, 'min'],
		[1, 's']
	].find(([size]) => seconds >= size) ?? [1, 's'];
	return `${Number((seconds / unit).toFixed(1))} ${name}`;
}

/** What can be done about errors whose own words don't say it. */
const ADVICE = {
	'referenda.HasDeposit': 'its deposit is paid already',
	'referenda.NotOngoing': 'the referendum is over',
	'referenda.Unfinished': 'the referendum is not over yet',
	'referenda.NoDeposit': 'the deposit is back with who paid it already',
	'contributionVoting.ClassNeeded': 'the referendum is over: name its track with --track',
	'transaction.Refused': 'the node refuses it; the account may lack the fee'
};

/** An error with what to do about it. */
export function explain(error) {
	const advice = ADVICE[error.error];
	if (advice) error.message = `${advice} (${error.message})`;
	return error;
}

/** What the referendum waits for. */
function next({ state, track, submitted, since, confirmed }, number) {
	const at = (block) => `block ${block}, in ${span(Math.max(0, block - number))}`;
	switch (state) {
		case 'undeposited':
			return `waits for its decision deposit of ${open(track.deposit)} OPEN, which anybody can pay`;
		case 'preparing':
			return `can be read until ${at(submitted + track.prepare)}; then its decision begins`;
		case 'queued':
			return 'waits for a place on its track; those with more ayes come first';
		case 'deciding':
			return `has to reach what is asked for until ${at(since + track.decide)}`;
		default:
			return `is approved if it stays so until ${at(confirmed)}`;
	}
}

const inWords = (call) => `${call.section}.${call.method} ${JSON.stringify(call.toHuman().args)}`;

/** All there is to say about a referendum. `number` is the present block. */
export function describeReferendum(status, stands, call, number) {
	const { index, state, track, at, deposits } = status;
	if (!track) {
		const held = Object.entries(deposits)
			.filter(([, deposit]) => deposit)
			.map(([kind, { who, amount }]) => `  ${kind} deposit  ${open(amount)} OPEN of ${who}`);
		return [`Referendum ${index} was ${state} in block ${at}.`, ...held].join('\n');
	}
	const lines = [
		`Referendum ${index} on ${track.name}, ${state}: it ${next(status, number)}.`,
		`  calls     ${call ? inWords(call) : 'something that nobody has put onto the chain'}`,
		`  from      ${status.submitter}`
	];
	if (stands) {
		const part = status.since === undefined ? 0 : progress(status, number);
		const of = (name, value) => `${percent(value)}, where ${percent(asked(track[name], part))} is asked for at present`;
		lines.push(
			`  approval  ${of('approval', stands.approval)}: ${open(stands.ayes)} for, ${open(stands.nays)} against`,
			`  support   ${of('support', stands.supportPart)}: ${open(stands.support)} of ${open(stands.total)}`
		);
	}
	return lines.join('\n');
}
