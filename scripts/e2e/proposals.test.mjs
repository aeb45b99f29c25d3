// Models built to order on the built node: backed, delivered, paid for, objected to, paid back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { begin, end, feesPaid, UNIT } from '../lib/loop.mjs';
import { startNode } from '../lib/node.mjs';
import { view } from '../lib/view.mjs';

const MINUTES = 60_000;
const PERIOD = 10;
const HASH = `0x${'22'.repeat(32)}`;

describe('proposals on the built node', { timeout: 10 * MINUTES }, () => {
	let node;
	let loop;
	let api;
	let proposal;
	/** All that accounts had at the beginning, held or not, by name. */
	const wealth = {};

	const send = (name, call) => loop.sender.send(loop.accounts[name], call);
	const address = (name) => loop.accounts[name].address;
	const wealthOf = async (name) => {
		const { free, reserved } = (await api.query.system.account(address(name))).data;
		return free.toBigInt() + reserved.toBigInt();
	};

	/** What an account has gained since the beginning, fees of its transactions not counted. */
	const gained = async (name) => {
		await loop.observer.reach((await api.rpc.chain.getHeader()).number.toNumber());
		return (await wealthOf(name)) - wealth[name] + feesPaid(loop, address(name));
	};

	const milestone = (amount) => ({ amount, within: 100, description: HASH });
	const propose = async (amounts, voting = PERIOD) => {
		const terms = {
			title: 'A model of tides',
			description: HASH,
			link: 'https://tides.example/',
			goal: amounts.reduce((sum, amount) => sum + amount, 0n),
			milestones: amounts.map(milestone),
			funding: 100,
			voting,
			owner: null
		};
		const made = await send('Bob', api.tx.proposals.propose(terms, address('Charlie')));
		const { proposal: id } = made.find('proposals.Proposed');
		await send('Charlie', api.tx.proposals.accept(id));
		return id.toNumber();
	};
	const file = { File: { content: HASH, link: '' } };

	before(async () => {
		node = await startNode({ inference: false });
		loop = await begin(node);
		api = loop.api;
		// Neither of them is a validator, which earns fees.
		for (const name of ['Bob', 'Charlie', 'Dave', 'Eve']) wealth[name] = await wealthOf(name);
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
	});

	test('a goal is reached and not exceeded', async () => {
		assert.equal(api.consts.proposals.minPeriod.toNumber(), PERIOD);
		proposal = await propose([10n * UNIT, 30n * UNIT]);
		assert.equal((await view(api, 'proposals.bondOf', proposal)).unwrap().toBigInt(), 2n * UNIT);
		await send('Dave', api.tx.proposals.back(proposal, 30n * UNIT));
		const backed = await send('Eve', api.tx.proposals.back(proposal, 30n * UNIT));
		assert.equal(backed.find('proposals.Backed').amount.toBigInt(), 10n * UNIT);
		assert.ok(backed.find('proposals.GoalReached'));
		assert.equal(await gained('Dave'), -30n * UNIT);
	});

	test('a milestone is paid, and who objects takes its money back', async () => {
		await send('Charlie', api.tx.proposals.deliver(proposal, file));
		await send('Eve', api.tx.proposals.vote(proposal, 0, false));
		await send('Dave', api.tx.proposals.vote(proposal, 0, true));
		const paid = (await send('Bob', api.tx.proposals.resolve(proposal))).find('proposals.MilestonePaid');
		assert.equal(paid.amount.toBigInt(), (75n * UNIT) / 10n);
		assert.equal(paid.left.toBigInt(), 10n * UNIT);
		await send('Bob', api.tx.proposals.refund(proposal, address('Eve')));
		assert.equal(await gained('Eve'), 0n);
	});

	test('silence for the time of a vote is consent', async () => {
		const silent = await propose([UNIT, UNIT]);
		await send('Dave', api.tx.proposals.back(silent, 2n * UNIT));
		const delivered = await send('Charlie', api.tx.proposals.deliver(silent, file));
		const until = delivered.find('proposals.MilestoneDelivered').until.toNumber();
		await loop.observer.reach(until);
		assert.ok((await send('Bob', api.tx.proposals.resolve(silent))).find('proposals.MilestonePaid'));
		// The builder gives up: its bond, the smallest there is, goes to the treasury.
		const stopped = (await send('Charlie', api.tx.proposals.giveUp(silent))).find('proposals.Stopped');
		assert.equal(stopped.forfeited.toBigInt(), UNIT);
		await send('Bob', api.tx.proposals.refund(silent, address('Dave')));
		await send('Bob', api.tx.proposals.close(silent));
		assert.ok((await api.query.proposals.proposals(silent)).isNone);
		assert.equal(await gained('Dave'), -31n * UNIT);
		assert.equal(await gained('Charlie'), (75n * UNIT) / 10n + UNIT - UNIT);
	});
});
