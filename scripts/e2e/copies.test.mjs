// A claim that an adapter is copied, on the built node: operators fetch the files, and agree on what is in them.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { u8aToHex } from '@polkadot/util';

import { adapter } from '../lib/adapter.mjs';
import { account } from '../lib/chain.mjs';
import { begin, end, registerGenerator, serve, SMOLLM2, terms, UNIT } from '../lib/loop.mjs';
import { startNode } from '../lib/node.mjs';

const MINUTES = 60_000;
const OPERATORS = ['Alice', 'Bob', 'Charlie'];
const big = (value) => BigInt(value.toString());

const SIZE = { rows: 24, columns: 16 };
const wave = (frequency, phase) => (i, j) => Math.sin(frequency * (i + 1) * (j + 2) + phase);
const original = { a: wave(1.7, 0), b: wave(2.3, 1) };
const FILES = {
	original: adapter({ ...SIZE, rank: 2, ...original }),
	// The same product: other scales, and a rank more that does nothing.
	copy: adapter({
		...SIZE,
		rank: 3,
		a: (i, j) => (i < 2 ? -4 * original.a(i, j) : j),
		b: (i, j) => (j < 2 ? original.b(i, j) / 8 : 0)
	}),
	other: adapter({ ...SIZE, rank: 2, a: wave(0.9, 2), b: wave(3.1, 3) })
};

describe('claims that an adapter is copied', { timeout: 10 * MINUTES }, () => {
	let node;
	let loop;
	let api;
	let server;
	let failed = false;
	const models = {};

	const check = (name, body) =>
		test(name, { timeout: 3 * MINUTES }, async (context) => {
			try {
				await body(context);
			} catch (error) {
				failed = true;
				throw error;
			}
		});

	const send = (name, call) => loop.sender.send(loop.accounts[name], call);

	/** Registers a model. Returns its id. */
	const register = async (name, call) => (await send(name, call)).find('models.ModelRegistered').model.toNumber();

	const exhibit = (name, path = name) => ({
		model: models[name],
		version: 0,
		bytes: FILES[name].length,
		locator: { Url: `http://127.0.0.1:${server.address().port}/${path}` }
	});

	/** Makes a claim, waits until the committee has answered, and has it decided. Returns what came of it. */
	const claim = async (copy, place) => {
		const made = await send('Dave', api.tx.copies.claim(exhibit('original'), exhibit(copy, place), 100n * UNIT));
		const { claim: id, request } = made.find('copies.Claimed');
		await loop.observer.until(({ name, data }) => /^inference\.(Answered|RunFailed)$/.test(name) && data.request.eq(request), {
			seconds: 90,
			what: 'the comparison'
		});
		const { events } = await send('Ferdie', api.tx.copies.decide(id));
		return { id, ...events.find(({ name }) => name.startsWith('copies.')) };
	};

	/** What Dave has at stake in claims. */
	const bonds = async () => {
		const holds = await api.query.balances.holds(loop.accounts.Dave.address);
		return holds.filter(({ id }) => id.isCopies).reduce((total, { amount }) => total + big(amount), 0n);
	};

	before(
		async () => {
			server = createServer(({ url }, response) => {
				const file = FILES[url.slice(1)];
				response.writeHead(file ? 200 : 404).end(file);
			});
			await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
			node = await startNode({ args: ['--inference-allow-private-locators'] });
			loop = await begin(node);
			api = loop.api;
			// The node signs for all of them.
			for (const name of OPERATORS.slice(1)) {
				await api.rpc.author.insertKey('oper', `//${name}`, u8aToHex(account(name).publicKey));
			}
			const exact = { Exact: { onnxruntime: [1, 31, 1] } };
			const comparer = { task: 'Compare', artifacts: [], policy: exact, datanets: [] };
			const comparerCall = api.tx.models.register('Comparer', comparer, UNIT / 10n, terms(), 'Base', 0);
			models.comparer = await register('Ferdie', comparerCall);
			models.base = await register('Ferdie', registerGenerator(api, 'SmolLM2'));
			for (const [name, owner] of Object.entries({ original: 'Dave', copy: 'Eve', other: 'Eve' })) {
				const kinds = { Graph: SMOLLM2.graph, Weights: SMOLLM2.weights, Tokenizer: SMOLLM2.tokenizer, Generation: SMOLLM2.generation };
				const artifacts = Object.entries({ ...kinds, Adapter: createHash('sha256').update(FILES[name]).digest('hex') });
				const inputs = {
					task: { Generate: { maxTokens: 24, sampler: 'Greedy' } },
					artifacts: artifacts.map(([kind, hash]) => ({ kind, hash: `0x${hash}` })),
					policy: exact,
					datanets: []
				};
				const descent = { Adapter: { base: models.base } };
				models[name] = await register(
					owner,
					api.tx.models.register(name, inputs, UNIT / 10n, terms({ royalty: 2_500 }), descent, 0)
				);
			}
			for (const name of OPERATORS) await serve(loop, loop.accounts[name], [models.comparer]);
			const rules = { comparer: models.comparer, threshold: 900_000, minCommittee: 3 };
			const set = await send('Alice', api.tx.sudo.sudo(api.tx.copies.setRules(rules)));
			assert.ok(set.find('copies.RulesSet'));
		},
		{ timeout: 5 * MINUTES }
	);

	after(async () => {
		if (failed && node) process.stderr.write(`The end of the node's log:\n${await node.log()}\n`);
		if (loop) await end(loop);
		if (node) await node.stop();
		server?.closeAllConnections();
		server?.close();
	});

	check('an adapter that has nothing of the original costs the claimant its bond', async () => {
		const rejected = await claim('other');
		assert.equal(rejected.name, 'copies.Rejected');
		assert.ok(rejected.data.similarity.unwrap().toNumber() < 700_000);
		assert.equal(big(rejected.data.forfeited), big(api.consts.copies.bond));
		assert.equal(await bonds(), 0n);
	});

	check('a file that is not there decides nothing', async () => {
		const undecided = await claim('copy', 'nowhere');
		assert.equal(undecided.name, 'copies.Undecided');
		assert.equal(await bonds(), 0n);
	});

	check('a copy is found however it is written, and the claim waits for its time', async () => {
		const upheld = await claim('copy');
		assert.equal(upheld.name, 'copies.Upheld');
		assert.equal(upheld.data.similarity.toNumber(), 1_000_000);
		assert.equal(await bonds(), big(api.consts.copies.bond));
		await assert.rejects(send('Ferdie', api.tx.copies.enforce(upheld.id)), ({ error }) => error === 'copies.TooEarly');
		await send('Alice', api.tx.sudo.sudo(api.tx.copies.dismiss(upheld.id)));
		assert.equal(await bonds(), 0n);
	});
});
