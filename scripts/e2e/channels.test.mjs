// The optimistic tier on the built node: vouchers, a batch of receipts, and challenges that a committee decides.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { stringToU8a, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

import { account } from '../lib/chain.mjs';
import { claimShare, ReceiptLog, voucherMessage } from '../lib/channel.mjs';
import { ask, begin, develop, end, feesPaid, serve, smallDatanet, UNIT } from '../lib/loop.mjs';
import { counted, indexed, startNode } from '../lib/node.mjs';
import { view } from '../lib/view.mjs';

const MINUTES = 60_000;
const FEE = 2n * UNIT;
const QUESTIONS = ['What is a compiler?', 'What is a kernel?', 'What does a cache keep?'];
const big = (value) => BigInt(value.toString());

describe('payment channels on the built node', { timeout: 15 * MINUTES }, () => {
	let node;
	let loop;
	let api;
	let model;
	let failed = false;
	/** What committees said, by question: what Bob says in his channel, if he is honest. */
	const truth = [];
	/** The channel, and the log of what is in its batch. */
	let channel;
	let log;

	const check = (name, body) =>
		test(name, { timeout: 4 * MINUTES }, async (context) => {
			try {
				await body(context);
			} catch (error) {
				failed = true;
				throw error;
			}
		});
	const send = (name, call) => loop.sender.send(loop.accounts[name], call);
	const refused = (name, call, expected) =>
		assert.rejects(send(name, call), ({ error }) => {
			assert.equal(error, expected);
			return true;
		});

	/** All that an account has, held or not, without the fees of its transactions. */
	const wealth = async (name) => {
		const { address } = loop.accounts[name];
		const number = loop.observer.best;
		const at = await api.at(loop.observer.blocks.get(number).hash);
		const { free, reserved } = (await at.query.system.account(address)).data;
		return big(free) + big(reserved) + feesPaid(loop, address, { until: number });
	};
	const everybody = async () => {
		await loop.observer.reach((await api.rpc.chain.getHeader()).number.toNumber());
		return Object.fromEntries(await Promise.all(['Bob', 'Ferdie', 'Eve'].map(async (name) => [name, await wealth(name)])));
	};

	const voucher = (spent, { of = channel, by = account('Ferdie') } = {}) => ({
		Sr25519: by.sign(voucherMessage(api.genesisHash.toU8a(), { channel: of, spent }))
	});

	const open = async (deposit) => {
		const opened = await send('Ferdie', api.tx.channels.open(loop.accounts.Bob.address, model, deposit, null));
		const { channel: id, seed } = opened.find('channels.Opened');
		const number = id.toNumber();
		const sign = (message) => account('Bob').sign(message);
		return { channel: number, seed, log: new ReceiptLog({ genesis: api.genesisHash.toU8a(), channel: number, sign }) };
	};

	/** Serves a question, with the answer to it or to another one. */
	const call = (into, question, answer = question) => {
		const { version, outcome, attribution } = truth[answer];
		into.add({ version, input: blake2AsU8a(stringToU8a(QUESTIONS[question])), outcome, fee: FEE, attribution });
	};

	const post = (of, batch, spent, signature) => {
		const { calls, last, totals } = batch;
		return api.tx.channels.post(of, spent, signature, calls, last, totals, 'None');
	};

	/** Challenges a call and has it disclosed and run again. Returns the event by which it ends. */
	const contest = async (place, question, said) => {
		await send('Ferdie', api.tx.channels.challenge(channel, 0, place));
		const { answer } = truth[said];
		const outcome = { Answered: answer };
		await send('Bob', api.tx.channels.disclose(channel, 0, log.step(place, outcome), QUESTIONS[question]));
		const rerun = await send('Ferdie', api.tx.channels.rerun(channel, 0, QUESTIONS[question], outcome, 100n * UNIT));
		const { request, fee } = rerun.find('channels.Rerun');
		const ended = await loop.observer.until(({ name, data }) => name === 'inference.Answered' && data.request.eq(request), {
			seconds: 90,
			what: 'the second run'
		});
		const ruling = loop.observer.blocks.get(ended.number).events.find(({ name }) => /^channels\.(Upheld|Rejected|Dropped)$/.test(name));
		return { request, fee: big(fee), ...ruling };
	};

	before(
		async () => {
			node = await startNode();
			loop = await begin(node);
			api = loop.api;
			// The node signs for all of them: what they say is decided by one inference service.
			for (const name of ['Bob', 'Charlie', 'Dave']) {
				await api.rpc.author.insertKey('oper', `//${name}`, u8aToHex(account(name).publicKey));
			}
			const datanet = await smallDatanet(loop);
			model = await develop(loop, 'Eve', 'A search', [datanet]);
			for (const name of ['Alice', 'Bob', 'Charlie', 'Dave']) await serve(loop, loop.accounts[name], [model]);
			await indexed(node, 1);
			for (const question of QUESTIONS) {
				const { answer, outcome, receipt } = await ask(loop, 'Ferdie', model, question, { committee: 3 });
				const { attribution } = receipt.ending.asAnswered;
				truth.push({
					answer,
					version: receipt.version.toNumber(),
					outcome: Buffer.from(outcome.slice(2), 'hex'),
					attribution: attribution.map(({ batch: of, weight }) => [of.toNumber(), weight.toNumber()])
				});
			}
		},
		{ timeout: 5 * MINUTES }
	);

	after(async () => {
		if (failed && node) process.stderr.write(`The end of the node's log:\n${await node.log()}\n`);
		if (loop) await end(loop);
		if (node) await node.stop();
	});

	check('a voucher pays for what it says, on its channel, and nothing else', async () => {
		({ channel, log } = await open(10n * FEE));
		const other = await open(10n * FEE);
		// The last answer is wrong: it is that to another question.
		call(log, 0);
		call(log, 1);
		call(log, 2, 0);
		const batch = log.batch();
		const spent = 3n * FEE;
		for (const [signature, error, amount = spent] of [
			[voucher(spent, { by: account('Eve') }), 'channels.BadVoucher'],
			[voucher(spent, { of: other.channel }), 'channels.BadVoucher'],
			[voucher(spent - 1n), 'channels.BadVoucher'],
			[voucher(spent - FEE), 'channels.NotPaid', spent - FEE],
			[voucher(11n * FEE), 'channels.Overspent', 11n * FEE]
		]) {
			await refused('Bob', post(channel, batch, amount, signature), error);
		}
		await refused('Charlie', post(channel, batch, spent, voucher(spent)), 'channels.NotAgent');
		const posted = await send('Bob', post(channel, batch, spent, voucher(spent)));
		assert.ok(posted.find('channels.Posted'));
		await refused('Bob', post(channel, batch, spent, voucher(spent)), 'channels.NotNext');
		// Nothing is set apart for data as long as the batch can be challenged.
		const [[data]] = log.earnings.entries();
		await refused('Eve', claimShare(api, { channel, batch: 0 }, log.earnings, data), 'attribution.UnknownDistribution');
		const stored = (await view(api, 'channels.channelOf', channel)).unwrap();
		assert.equal(big(stored.locked), spent);
		assert.equal(big(stored.held), 10n * FEE);
	});

	check('a false challenge costs its bond: half of it is the agent’s', async () => {
		const before = await everybody();
		const ended = await contest(0, 0, 0);
		assert.equal(ended.name, 'channels.Rejected');
		const bond = big(api.consts.channels.challengeBond);
		const left = await everybody();
		assert.equal(big(ended.data.lost), bond);
		assert.equal(before.Ferdie - left.Ferdie, bond + ended.fee);
		assert.equal(left.Bob - before.Bob, bond / 2n);
		assert.equal((await view(api, 'agents.pendingSlashes', loop.accounts.Bob.address)).length, 0);
		const { committee } = (await api.query.inference.receipts(ended.request)).unwrap();
		assert.ok(committee.every(({ agent }) => agent.toString() !== loop.accounts.Bob.address), 'he is no judge of himself');
	});

	check('a wrong answer that is challenged is paid back, and the agent slashed', async () => {
		const before = await everybody();
		const ended = await contest(2, 2, 0);
		assert.equal(ended.name, 'channels.Upheld');
		const left = await everybody();
		const bond = big(api.consts.channels.batchBond);
		assert.equal(big(ended.data.lost), bond);
		assert.equal(big(ended.data.compensated), ended.fee);
		assert.equal(big(ended.data.unlocked), 3n * FEE);
		// The second run is paid by the agent, and nothing is paid for the batch.
		assert.equal(left.Ferdie, before.Ferdie);
		assert.equal(before.Bob - left.Bob, bond);
		const slashes = await view(api, 'agents.pendingSlashes', loop.accounts.Bob.address);
		assert.equal(slashes.length, 1);
		const [[, slash]] = slashes;
		assert.equal(slash.offence.type, 'WrongResult');
		assert.equal(slash.part.toNumber(), 50_000);
		assert.equal(slash.reporter.unwrap().toString(), loop.accounts.Ferdie.address);
		assert.ok((await view(api, 'channels.channelOf', channel)).isNone, 'the channel ended, and gave back what it held');
	});

	check('two receipts for one call are an equivocation', async () => {
		const { channel: id, log: one } = await open(10n * FEE);
		const sign = (message) => account('Bob').sign(message);
		const two = new ReceiptLog({ genesis: api.genesisHash.toU8a(), channel: id, sign });
		const input = blake2AsU8a(stringToU8a(QUESTIONS[0]));
		const first = one.add({ input, fee: FEE, ...truth[0] });
		const second = two.add({ input, fee: FEE, ...truth[1] });
		await refused('Eve', api.tx.channels.reportDouble(id, first, first, null), 'channels.NoEquivocation');
		const before = await everybody();
		await send('Eve', api.tx.channels.reportDouble(id, first, second, null));
		const left = await everybody();
		assert.equal(left.Eve, before.Eve);
		const [, slash] = (await view(api, 'agents.pendingSlashes', loop.accounts.Bob.address)).at(-1);
		assert.equal(slash.offence.type, 'Equivocation');
		assert.equal(slash.part.toNumber(), 1_000_000);
	});

	check('the metrics count offences in channels', async () => {
		const { observer, accounts } = loop;
		const value = await counted(node, observer.best);
		const agent = accounts.Bob.address;
		for (const offence of ['wrong_result', 'equivocation']) {
			assert.equal(value('openledger_chain_offences_total', { offence }), 1, offence);
			assert.equal(value('openledger_agent_offences_total', { agent, offence }), 1, offence);
		}
		const reported = ['channels', 'inference'].flatMap((pallet) => observer.all(`${pallet}.Offended`));
		assert.equal(value('openledger_chain_offences_total'), reported.length);
	});
});
