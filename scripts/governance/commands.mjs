// What each command does.

import { isHex } from '@polkadot/util';
import { checkAddress } from '@polkadot/util-crypto';

import { Mistake, signerOf, SS58 } from '../lib/cli.mjs';
import {
	ballots,
	callOf,
	delegate,
	placeDeposit,
	powerOf,
	refund,
	removeOtherVote,
	removeVote,
	standing,
	statusOf,
	submit,
	trackOf,
	tracks,
	undelegate,
	until,
	vote,
	votingOf
} from '../lib/governance.mjs';
import { open, table } from '../lib/report.mjs';
import { describeReferendum, explain, percent, span } from './words.mjs';

/** Seconds for which `wait` waits: no timer takes more. */
const WAIT = 24 * 86_400;

const say = (text = '') => process.stdout.write(`${text}\n`);

function indexOf(text) {
	if (!/^\d+$/.test(text ?? '')) throw new Mistake('this needs the number of a referendum, such as 3; `list` shows them');
	return Number(text);
}

function addressOf(text) {
	if (!text || !checkAddress(text, SS58)[0]) throw new Mistake(`this needs an address of this chain, not ${text ?? 'nothing'}`);
	return text;
}

function trackIn(api, { track }) {
	if (track === undefined) throw new Mistake('this needs --track; `tracks` shows them');
	try {
		return trackOf(api, track).name;
	} catch (error) {
		throw new Mistake(error.message);
	}
}

/** A referendum's state. One that isn't there is the user's mistake. */
async function known(chain, index) {
	const count = (await chain.api.query.referenda.referendumCount()).toNumber();
	if (index >= count) {
		throw new Mistake(`there is no referendum ${index}: ${count === 0 ? 'there are none yet' : `the latest is ${count - 1}`}`);
	}
	return statusOf(chain, index);
}

/** `aye`, `nay`, `abstain`, `split:60/30`. */
function ballotOf(text) {
	const split = /^split:(\d{1,3})\/(\d{1,3})$/.exec(text ?? '');
	if (split) {
		const [aye, nay] = split.slice(1).map(Number);
		if (aye + nay > 100) throw new Mistake(`${aye} and ${nay} are more than 100 %`);
		return ballots.split(aye * 10_000_000, nay * 10_000_000);
	}
	if (!['aye', 'nay', 'abstain'].includes(text)) throw new Mistake('a vote is aye, nay, abstain or split:60/30');
	return ballots[text];
}

/** The call that a referendum is to propose. */
function callIn(api, { call, args }) {
	if (!call) throw new Mistake('this needs --call: bytes as 0x…, or a name such as attribution.setShares with --args');
	try {
		if (isHex(call)) return api.tx(api.registry.createType('Call', call));
		const [section, method] = call.split('.');
		const known = api.tx[section]?.[method];
		if (!known) throw new Error('there is none of this name');
		const list = JSON.parse(args);
		if (!Array.isArray(list)) throw new Error('--args is a JSON list');
		return known(...list);
	} catch (error) {
		throw new Mistake(`that is no call: ${error.message}`);
	}
}

/** Sends by `send(signer)` and says what came of it; errors with what to do. */
async function act(options, send, done) {
	const signer = await signerOf(options);
	try {
		const sent = await send(signer);
		say(done(sent));
	} catch (error) {
		throw explain(error);
	}
}

/** The commands by name: `(chain, words, options)`. */
export const commands = {
	async tracks({ api }) {
		const rows = tracks(api).map((track) => [
			String(track.id),
			track.name,
			open(track.deposit),
			...[track.prepare, track.decide, track.confirm, track.enact].map(span),
			`${percent(track.approval.from)} → ${percent(track.approval.to)}`,
			`${percent(track.support.from)} → ${percent(track.support.to)}`
		]);
		const columns = ['', 'track', 'deposit', 'prepare', 'decide', 'confirm', 'enact', 'approval', 'support'];
		say(table(columns.map((title, place) => ({ title, right: [0, 2].includes(place) })), rows));
	},

	async list(chain, _, { all }) {
		const count = (await chain.api.query.referenda.referendumCount()).toNumber();
		const found = await Promise.all(Array.from({ length: count }, (_unused, index) => statusOf(chain, index)));
		const rows = await Promise.all(
			found
				.filter(({ track }) => all || track)
				.map(async ({ index, state, track }) => {
					const stands = track && (await standing(chain, index));
					const parts = stands ? [percent(stands.approval), percent(stands.supportPart)] : ['', ''];
					return [String(index), track?.name ?? '', state, ...parts];
				})
		);
		if (count === 0) return say('There are no referenda yet.');
		if (rows.length === 0) return say('None is running; --all shows those that are over.');
		const columns = ['', 'track', 'state', 'approval', 'support'];
		return say(table(columns.map((title, place) => ({ title, right: [0, 3, 4].includes(place) })), rows));
	},

	async show(chain, [number]) {
		const index = indexOf(number);
		const status = await known(chain, index);
		const stands = await standing(chain, index);
		const call = status.proposal && (await callOf(chain, status.proposal));
		say(describeReferendum(status, stands, call, chain.observer.best));
	},

	async power(chain, [address], options) {
		const who = address ? addressOf(address) : (await signerOf(options)).address;
		const rows = await Promise.all(
			tracks(chain.api).map(async ({ name }) => {
				const [{ all, own }, voting] = await Promise.all([powerOf(chain, who, name), votingOf(chain, who, name)]);
				const does = voting.target
					? `delegates to ${voting.target}`
					: voting.ballots.map(({ index, vote: said }) => `${index}: ${said.type.toLowerCase()}`).join(', ');
				return [name, open(voting.target ? 0n : own), open(voting.target ? 0n : all - own), does];
			})
		);
		say(table([{ title: 'track' }, { title: 'own', right: true }, { title: 'delegated', right: true }, { title: 'votes' }], rows));
	},

	async propose(chain, _, options) {
		const track = trackIn(chain.api, options);
		const call = callIn(chain.api, options);
		if (!/^\d+$/.test(options.after)) throw new Mistake('--after is a number of blocks');
		await act(
			options,
			async (signer) => {
				const index = await submit(chain, signer, { track, call, after: Number(options.after) });
				say(`Referendum ${index} is submitted on ${track}.`);
				if (options.deposit) await placeDeposit(chain, signer, index);
				return index;
			},
			(index) =>
				options.deposit ? 'Its deposit is paid.' : `It is not decided before somebody pays its deposit: deposit ${index}`
		);
	},

	async deposit(chain, [number], options) {
		const index = indexOf(number);
		await known(chain, index);
		await act(options, (signer) => placeDeposit(chain, signer, index), (sent) =>
			`${open(sent.find('referenda.DecisionDepositPlaced').amount.toBigInt())} OPEN are held until it is over.`
		);
	},

	async vote(chain, [number, said], options) {
		const index = indexOf(number);
		const ballot = ballotOf(said);
		await known(chain, index);
		await act(options, (signer) => vote(chain, signer, index, ballot), (sent) =>
			`Voted ${said}, with ${open(sent.find('contributionVoting.Voted').weight.toBigInt())} of reputation.`
		);
	},

	async remove(chain, [number], options) {
		const index = indexOf(number);
		await known(chain, index);
		const track = options.track === undefined ? null : trackIn(chain.api, options);
		await act(options, (signer) => removeVote(chain, signer, index, track), () => 'The vote is removed.');
	},

	async delegate(chain, [address], options) {
		const target = addressOf(address);
		const track = trackIn(chain.api, options);
		await act(options, (signer) => delegate(chain, signer, target, track), (sent) =>
			`${open(sent.find('contributionVoting.Delegated').power.toBigInt())} of reputation vote with ${target} on ${track}.`
		);
	},

	async undelegate(chain, _, options) {
		const track = trackIn(chain.api, options);
		await act(options, (signer) => undelegate(chain, signer, track), () => `You vote for yourself on ${track} again.`);
	},

	async clean(chain, [address, number], options) {
		const target = addressOf(address);
		const index = indexOf(number);
		const track = trackIn(chain.api, options);
		await act(options, (signer) => removeOtherVote(chain, signer, target, index, track), () => 'The vote is removed.');
	},

	async refund(chain, [number], options) {
		const index = indexOf(number);
		if ((await known(chain, index)).track) throw new Mistake(`referendum ${index} is not over yet`);
		await act(options, (signer) => refund(chain, signer, index), ({ decision, submission }) =>
			decision || submission
				? `Back: ${open(decision ?? 0n)} OPEN for the decision, ${open(submission ?? 0n)} OPEN for the submission.`
				: 'Nothing is left to give back.'
		);
	},

	async wait(chain, [number, state], _) {
		const index = indexOf(number);
		const states = ['deciding', 'confirming', 'approved', 'enacted', 'rejected'];
		if (!states.includes(state)) throw new Mistake(`wait for one of ${states.join(', ')}`);
		await known(chain, index);
		const reached = await until(chain, index, state, { seconds: WAIT, tell: say }).catch((error) => {
			throw error.error ? error : new Mistake(error.message);
		});
		say(`Block ${reached.number}: referendum ${index} is ${state}.`);
	}
};
