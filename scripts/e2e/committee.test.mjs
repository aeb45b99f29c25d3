// Committees of four real nodes with the real model: they agree, or pay for it.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { compactAddLength, hexToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

import { account } from '../lib/chain.mjs';
import {
	ask,
	begin,
	develop,
	end,
	feesPaid,
	freeBalance,
	nameOf,
	registerGenerator,
	request,
	serve,
	smallDatanet,
	SMOLLM2,
	textOf,
	UNIT
} from '../lib/loop.mjs';
import { startNetwork, VALIDATORS } from '../lib/network.mjs';
import { counted } from '../lib/node.mjs';
import { startLiar, startService } from '../lib/service.mjs';
import { view } from '../lib/view.mjs';

const MINUTES = 60_000;
const big = (value) => BigInt(value.toString());
const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);
const named = (name) => name[0].toUpperCase() + name.slice(1);

describe('committees of four nodes', { timeout: 25 * MINUTES }, () => {
	let network;
	let loop;
	let api;
	let failed = false;
	const services = {};
	const liars = {};
	/** What Bob's and Dave's operators put between node and service; nothing at first. */
	const change = { bob: {}, dave: {} };
	const models = {};

	const check = (name, body) =>
		test(name, { timeout: 6 * MINUTES }, async (context) => {
			try {
				await body(context);
			} catch (error) {
				failed = true;
				throw error;
			}
		});

	const options = (name) => {
		if (!liars[name]) {
			const upload = name === 'alice' ? ['--content-upload-token-file', services.bob.tokenFile] : [];
			return { args: ['--inference-allow-private-locators', ...upload] };
		}
		return {
			inference: false,
			args: ['--inference-url', liars[name].url, '--inference-token-file', services[name].tokenFile]
		};
	};

	/** Waits for an event about a request. */
	const event = (name, id, { agent, seconds = 120 } = {}) =>
		loop.observer.until(
			(each) =>
				each.name === name &&
				each.data.request?.eq(id) &&
				(!agent || each.data.agent.toString() === loop.accounts[agent].address),
			{ seconds, what: `${name} of request ${id}${agent ? ` by ${agent}` : ''}` }
		);

	/** The slashes that wait for an agent, the latest last. */
	const slashes = async (name) =>
		(await view(api, 'agents.pendingSlashes', loop.accounts[name].address)).map(([, slash]) => slash);

	/** Sends a call that authorises itself: a transaction without a signature, version 5, with its extensions. */
	const unsigned = (call) => {
		const [immortal, nonce, tip, noMetadataHash] = [0, 0, 0, 0];
		const bytes = u8aConcat([0x45, 0, immortal, nonce, tip, noMetadataHash], call.method.toU8a());
		return api._rpcCore.provider.send('author_submitExtrinsic', [u8aToHex(compactAddLength(bytes))]);
	};

	/** What of a receipt concerns an agent's seat. */
	const seat = (receipt, name) =>
		receipt.committee.find(({ agent }) => agent.toString() === loop.accounts[name].address);

	const start = async (model, question) => {
		const asked = await loop.sender.send(loop.accounts.Ferdie, request(api, model, question, { committee: 3 }));
		return asked.find('inference.Requested');
	};

	/** Runs `body`, and returns what it returns with what Ferdie has less after it, transaction fees aside. */
	const spending = async (body) => {
		const { address } = loop.accounts.Ferdie;
		const free = async () => {
			// Of a final block: on another fork, what he sends next could be in a block of the same height.
			const { number, hash } = await loop.observer.settle(loop.observer.best);
			const at = await api.at(hash);
			return { number, amount: big((await at.query.system.account(address)).data.free) };
		};
		const before = await free();
		const result = await body();
		await loop.observer.reach(result.number ?? 0);
		const after = await free();
		const fees = feesPaid(loop, address, { since: before.number, until: after.number });
		return { ...result, spent: before.amount - after.amount - fees };
	};
	const spendingOn = (...asked) => spending(() => ask(loop, 'Ferdie', ...asked));

	/**
	 * Asks, and has Charlie serve the model once its committee of three is drawn: he is who can be asked besides. The
	 * result has the committees that were drawn, one after the other.
	 */
	const askWidened = async (model, question) => {
		const id = await api.query.inference.nextRequest();
		const serves = (...list) => loop.sender.send(loop.accounts.Charlie, api.tx.agents.setModels(list));
		const [answer] = await Promise.all([
			spendingOn(model, question, { committee: 3, seconds: 180 }),
			event('inference.Drawn', id).then(() => serves(models.honest, model))
		]);
		await serves(models.honest);
		const drawn = loop.observer.all('inference.Drawn').filter(({ data }) => data.request.eq(id));
		return { ...answer, drawn: drawn.map(({ data }) => data.committee.map(nameOfAgent).sort()) };
	};

	const nameOfAgent = (who) => nameOf(loop, who);

	/** That these share the operators' part of an answer's fee and nobody else does, and that the payer paid all of it. */
	const assertPaid = (answer, names) => {
		assert.equal(answer.ending, 'Answered');
		assert.equal(answer.spent, answer.fee + answer.deposit);
		assert.equal(sum(Object.values(answer.parts)), answer.fee);
		assert.deepEqual(answer.event.operators.map(nameOfAgent).sort(), names);
		const paid = answer.credits.filter(({ role }) => role === 'Operator');
		assert.deepEqual(paid.map(({ who }) => nameOfAgent(who)).sort(), names);
		assert.equal(sum(paid.map(({ amount }) => amount)), answer.parts.operators);
		// Even to the unit: the first get what does not divide.
		const share = answer.parts.operators / BigInt(names.length);
		assert.ok(paid.every(({ amount }) => amount === share || amount === share + 1n));
	};

	/** Asks the real model another question: cheaper if the answer is kept. */
	const askSomethingElse = (asked) =>
		asked.path === '/v1/jobs'
			? { ...asked, body: { ...asked.body, input: Buffer.from('Something else entirely').toString('hex') } }
			: asked;

	/** What a slash takes, of an agent whose bond is what `serve` puts in. */
	const asserted = (slash, offence, part) => {
		assert.equal(slash.offence.type, offence);
		assert.equal(slash.part.toNumber(), part);
		assert.equal(big(slash.base), 2n * big(api.consts.agents.minBond));
	};

	before(
		async () => {
			// Two of the four have their service elsewhere, and something in between.
			for (const name of ['bob', 'dave']) {
				services[name] = await startService();
				liars[name] = await startLiar(services[name], {
					ask: (asked) => change[name].ask?.(asked) ?? asked,
					answer: (asked, answered) => change[name].answer?.(asked, answered) ?? answered
				});
			}
			network = await startNetwork({ options });
			loop = await begin(network.nodes.alice);
			api = loop.api;

			// Alice's store has the batch; the others fetch it there.
			const datanet = await smallDatanet(loop, services.bob.token);

			// A model for each committee that a test wants: the draw takes all that serve one.
			models.honest = await develop(loop, 'Eve', 'Alice, Bob, Charlie', [datanet]);
			models.mixed = await develop(loop, 'Eve', 'Alice, Bob, Dave', [datanet]);
			models.pair = await develop(loop, 'Eve', 'Alice, Bob', [datanet]);
			const generator = async (...options) => {
				const registered = await loop.sender.send(loop.accounts.Eve, registerGenerator(api, ...options));
				return registered.find('models.ModelRegistered').model.toNumber();
			};
			models.writer = await generator('SmolLM2');
			models.author = await generator('SmolLM2 in 8 bits, at length', {
				maxTokens: 600,
				graph: SMOLLM2.graphOf8Bits,
				weights: SMOLLM2.weightsOf8Bits
			});
			const { honest, mixed, pair, writer, author } = models;
			const served = {
				alice: [honest, mixed, pair, writer, author],
				bob: [honest, mixed, pair, writer],
				charlie: [honest],
				dave: [mixed, writer]
			};
			await Promise.all(VALIDATORS.map((name) => serve(loop, loop.accounts[named(name)], served[name])));
			await loop.observer.reach(loop.observer.best + 5);
		},
		{ timeout: 6 * MINUTES }
	);

	after(async () => {
		for (const name of failed && network ? VALIDATORS : []) {
			process.stderr.write(`The end of ${name}'s log:\n${await network.nodes[name].log(60)}\n`);
		}
		if (loop) await end(loop);
		if (network) await network.stop();
		for (const liar of Object.values(liars)) await liar.stop();
		for (const service of Object.values(services)) await service.stop();
	});

	check('three that agree share the operators’ part', async () => {
		const answer = await spendingOn(models.honest, 'What does a compiler do?', { committee: 3 });
		assertPaid(answer, ['Alice', 'Bob', 'Charlie']);
		for (const name of ['Alice', 'Bob', 'Charlie']) {
			assert.ok(seat(answer.receipt, name).agreed.isTrue);
			assert.deepEqual(await slashes(name), []);
		}
	});

	check('three write the same answer to a prompt', async () => {
		const answer = await ask(loop, 'Ferdie', models.writer, 'What is the capital of France?', { committee: 3 });
		assert.equal(answer.ending, 'Answered');
		assert.match(answer.output, /Paris/);
		assert.equal(answer.event.operators.length, 3);
		// No data shaped it as far as anybody can show: that part is the treasury's.
		assert.equal(answer.parts.data, 0n);
	});

	for (const [what, graph, generation] of [
		['another precision', SMOLLM2.graphOf8Bits, SMOLLM2.generation],
		['another model', SMOLLM2.shortGraph, SMOLLM2.shortGeneration]
	]) {
		check(`one that runs ${what} is outvoted, not paid, and slashed once another was asked`, async () => {
			const pending = (await slashes('Dave')).length;
			change.dave.ask = (asked) =>
				asked.path === '/v1/jobs' ? { ...asked, body: { ...asked.body, graph, generation } } : asked;
			const answer = await askWidened(models.writer, `Why is the sky blue? Compare ${what}.`);
			change.dave = {};
			assert.deepEqual(answer.drawn, [['Alice', 'Bob', 'Dave'], ['Charlie']]);
			// Who was asked later is paid like the others.
			assertPaid(answer, ['Alice', 'Bob', 'Charlie']);
			assert.ok(seat(answer.receipt, 'Dave').agreed.isFalse);
			const offended = await event('inference.Offended', answer.id, { agent: 'Dave' });
			assert.equal(offended.data.offence.type, 'WrongResult');
			const found = await slashes('Dave');
			assert.equal(found.length, pending + 1);
			asserted(found.at(-1), 'WrongResult', [50_000, 250_000][pending]);
		});
	}

	check('a long answer is a hash on the chain, and who gave it hands out the text', async () => {
		const { alice, bob } = network.nodes;
		await loop.sender.send(loop.accounts.Alice, api.tx.agents.setEndpoint(alice.content));
		const question = 'Write a long report on organisational development in international telecommunications.';
		const answer = await spendingOn(models.author, question);
		assert.equal(answer.ending, 'Answered');
		const { output } = answer.receipt.ending.asAnswered;
		assert.ok(output.isLinked, 'more than the chain keeps');
		const { content, bytes } = output.asLinked;
		assert.ok(bytes.toNumber() > 4_096);

		// All that a client needs is on the chain: who agreed, where that one can be reached, hash and size.
		const [operator] = answer.event.operators;
		const endpoint = (await view(api, 'agents.infoOf', operator)).unwrap().endpoint.toUtf8();
		const text = await textOf(output, endpoint);
		assert.equal(Buffer.byteLength(text), bytes.toNumber());
		assert.match(text, /^[A-Z][^\uFFFD]*international telecommunications[^\uFFFD]*$/);
		// Another hash is nowhere, and this one only where the model ran.
		for (const [store, hash] of [
			[endpoint, '42'.repeat(32)],
			[bob.content, content.toHex().slice(2)]
		]) {
			const response = await fetch(`${store}/content/${hash}`);
			assert.equal(response.status, 404);
			const message = `${hash} is not in the content store`;
			assert.deepEqual(await response.json(), { error: { code: 'not_found', message } });
		}

		// Every token that may come is paid for: one unit of compute for the question, one for each sixteen tokens.
		assert.equal(answer.fee, 39n * (UNIT / 10n + big(api.consts.inference.minBasePrice)));
		assertPaid(answer, ['Alice']);
		const [burn, quarter] = [answer.fee / 20n, answer.fee / 4n];
		const treasury = answer.fee - burn - 2n * quarter;
		assert.deepEqual(answer.parts, { burn, treasury, model: quarter, operators: quarter, data: 0n });
		assert.deepEqual(
			answer.credits.map(({ who, role, amount }) => [nameOfAgent(who), role, amount]).sort(),
			[['Alice', 'Operator', quarter], ['Eve', 'Model', quarter]]
		);
	});

	check('two of three that lie alike are neither paid nor believed: the fourth contradicts them', async () => {
		const names = ['Alice', 'Bob', 'Charlie', 'Dave'];
		const pending = async () => Promise.all(names.map(async (name) => (await slashes(name)).length));
		const before = await pending();
		change.bob.ask = askSomethingElse;
		change.dave.ask = askSomethingElse;
		const ended = await askWidened(models.mixed, 'What is a stack?');
		change.bob = {};
		change.dave = {};
		assert.deepEqual(ended.drawn, [['Alice', 'Bob', 'Dave'], ['Charlie']]);
		assert.equal(ended.ending, 'Disputed', 'two against two');
		assert.equal(big(ended.event.refunded), ended.fee);
		assert.equal(ended.spent, ended.deposit);
		assert.deepEqual(await pending(), before, 'nobody is blamed');
	});

	check('one that answers something else is outvoted, not paid, and slashed where nobody else can be asked', async () => {
		change.dave.ask = askSomethingElse;
		const answer = await spendingOn(models.mixed, 'What is a stack?', { committee: 3 });
		change.dave = {};
		assert.ok(await event('inference.Widened', answer.id), 'others were looked for');
		assertPaid(answer, ['Alice', 'Bob']);
		const offended = await event('inference.Offended', answer.id, { agent: 'Dave' });
		assert.equal(offended.data.offence.type, 'WrongResult');
		// The third offence of its kind: after a twentieth and a quarter it costs all.
		const found = await slashes('Dave');
		assert.equal(found.length, 3);
		asserted(found[2], 'WrongResult', 1_000_000);
	});

	check('a tie is nobody’s answer: the payer gets the fee back, and nobody is blamed', async () => {
		change.bob.ask = askSomethingElse;
		const pending = (await slashes('Bob')).length;
		const ended = await spendingOn(models.pair, 'What is a stack?', { committee: 2 });
		change.bob = {};
		assert.equal(ended.ending, 'Disputed');
		assert.ok(await event('inference.Widened', ended.id), 'others were looked for');
		assert.equal(big(ended.event.refunded), ended.fee);
		assert.equal(ended.spent, ended.deposit);
		assert.equal((await slashes('Bob')).length, pending);
	});

	check('one that is killed and started again in between reveals what it had committed to', async () => {
		const until = { time: Infinity };
		// Bob takes his time, so that Charlie has committed long before the phase ends.
		change.bob.answer = (_, answered) =>
			answered.body.state === 'done' && Date.now() < until.time
				? { ...answered, body: { ...answered.body, state: 'running', result: null } }
				: answered;
		const { request: id } = await start(models.honest, 'What is a kernel?');
		await event('inference.Committed', id, { agent: 'Charlie' });
		await network.nodes.charlie.kill();
		await network.restart('charlie');
		until.time = 0;
		const ended = await event('inference.Answered', id);
		change.bob = {};
		assert.equal(ended.data.operators.length, 3);
		assert.deepEqual(await slashes('Charlie'), []);
	});

	check('one that goes silent after its commit is slashed, and the others are paid', async () => {
		const until = { time: Infinity };
		change.bob.answer = (_, answered) =>
			answered.body.state === 'done' && Date.now() < until.time
				? { ...answered, body: { ...answered.body, state: 'running', result: null } }
				: answered;
		const { request: id } = await start(models.honest, 'What is a heap?');
		await event('inference.Committed', id, { agent: 'Charlie' });
		await network.nodes.charlie.kill();
		until.time = 0;
		const ended = await event('inference.Answered', id);
		change.bob = {};
		await network.restart('charlie');
		assert.equal(ended.data.operators.length, 2);
		const offended = await event('inference.Offended', id, { agent: 'Charlie' });
		assert.equal(offended.data.offence.type, 'NoReveal');
		const [slash] = await slashes('Charlie');
		asserted(slash, 'NoReveal', 10_000);
	});

	check('one that signs twice loses all, and its reporter gets a part', async () => {
		const answer = await ask(loop, 'Ferdie', models.mixed, 'What is a queue?', { committee: 2 });
		assert.equal(answer.ending, 'Answered');
		const { question } = (await event('inference.Drawn', answer.id)).data;
		const committed = await event('inference.Committed', answer.id, { agent: 'Bob' });
		const { block } = await api.rpc.chain.getBlock(committed.hash);
		const bob = account('Bob');
		const first = block.extrinsics
			.map(({ method }) => method)
			.find(
				({ section, method, args }) =>
					section === 'inference' &&
					method === 'commit' &&
					args[0].eq(answer.id) &&
					u8aToHex(args[1].toU8a()) === u8aToHex(bob.publicKey)
			);
		const other = `0x${'42'.repeat(32)}`;
		const message = blake2AsU8a(u8aConcat(stringToU8a('openledger/commit'), question.toU8a(), hexToU8a(other)));
		const second = { commitment: other, signature: bob.sign(message) };
		const report = (one, two) =>
			api.tx.inference.reportEquivocation(answer.id, bob.publicKey, one, two);
		const signed = { commitment: first.args[2], signature: first.args[3] };

		// Nobody is framed: a signature by somebody else, or the same commitment twice, proves nothing.
		const forged = { commitment: other, signature: account('Eve').sign(message) };
		const refused = (call, error) =>
			assert.rejects(loop.sender.send(loop.accounts.Ferdie, call), (found) => {
				assert.equal(found.error, error);
				return true;
			});
		await refused(report(signed, forged), 'inference.BadSignature');
		await refused(report(signed, signed), 'inference.SameCommitment');

		const before = await freeBalance(loop, loop.accounts.Ferdie.address);
		await loop.sender.send(loop.accounts.Ferdie, report(signed, second));
		assert.equal(await freeBalance(loop, loop.accounts.Ferdie.address), before, 'a true report is free');
		const slash = (await slashes('Bob')).at(-1);
		asserted(slash, 'Equivocation', 1_000_000);
		assert.equal(slash.reporter.unwrap().toString(), loop.accounts.Ferdie.address);
		await refused(report(signed, second), 'inference.AlreadyReported');
		const info = (await view(api, 'agents.infoOf', loop.accounts.Bob.address)).unwrap();
		assert.ok(info.status.isSuspended, 'it is drawn no more');
	});

	check('a commitment that is copied out of the pool is worth nothing', async () => {
		// Eve is an agent whose operator runs nothing and sends what Alice sent.
		const model = await develop(loop, 'Eve', 'Alice and a copier', [0]);
		await loop.sender.send(loop.accounts.Alice, api.tx.agents.setModels([...Object.values(models), model]));
		await serve(loop, loop.accounts.Eve, [model]);
		const asked = await loop.sender.send(loop.accounts.Ferdie, request(api, model, 'What is a mutex?', { committee: 2 }));
		const { request: id } = asked.find('inference.Requested');
		const drawn = await event('inference.Drawn', id);
		const { data } = await event('inference.Committed', id, { agent: 'Alice' });
		const eve = account('Eve');
		const commitMessage = (commitment) =>
			blake2AsU8a(u8aConcat(stringToU8a('openledger/commit'), drawn.data.question.toU8a(), commitment.toU8a()));
		await unsigned(api.tx.inference.commit(id, eve.publicKey, data.commitment, eve.sign(commitMessage(data.commitment))));
		await event('inference.Committed', id, { agent: 'Eve' });
		await event('inference.Revealed', id, { agent: 'Alice' });
		// What Alice revealed is public now; for Eve's key it opens nothing.
		const revealed = loop.observer.blocks
			.get((await event('inference.Revealed', id, { agent: 'Alice' })).number);
		const { block } = await api.rpc.chain.getBlock(revealed.hash);
		const reveal = block.extrinsics.map(({ method }) => method).find(({ section, method, args }) => section === 'inference' && method === 'reveal' && args[0].eq(id));
		const [, , outcome, salt] = reveal.args;
		const hash = blake2AsU8a(outcome.toU8a());
		const revealMessage = blake2AsU8a(u8aConcat(stringToU8a('openledger/reveal'), drawn.data.question.toU8a(), hash, salt.toU8a()));
		await assert.rejects(unsigned(api.tx.inference.reveal(id, eve.publicKey, outcome, salt, eve.sign(revealMessage))), /1010/);
		const offended = await event('inference.Offended', id, { agent: 'Eve' });
		assert.equal(offended.data.offence.type, 'NoReveal');
	});

	check('the metrics count offences, slashes and tokens', async () => {
		const { alice } = network.nodes;
		const { observer, accounts } = loop;
		const value = await counted(alice, observer.best);
		const offended = observer.all('inference.Offended');
		for (const [type, offence] of [
			['NoCommit', 'no_commit'],
			['NoReveal', 'no_reveal'],
			['WrongResult', 'wrong_result'],
			['FalseAttribution', 'false_attribution'],
			['Equivocation', 'equivocation']
		]) {
			const count = offended.filter(({ data }) => data.offence.type === type).length;
			assert.equal(value('openledger_chain_offences_total', { offence }), count, type);
		}
		assert.ok(offended.some(({ data }) => data.offence.isEquivocation));
		assert.equal(value('openledger_agent_offences_total', { agent: accounts.Alice.address }), 0);
		const widened = observer.all('inference.Widened').length;
		assert.ok(widened > 0);
		assert.equal(value('openledger_chain_requests_widened_total'), widened);
		const deferred = observer.all('agents.SlashDeferred').length;
		assert.equal(value('openledger_chain_slashes_total', { state: 'deferred' }), deferred);
		assert.equal(value('openledger_chain_commits_total'), observer.all('inference.Committed').length);
		const { tokens } = (await alice.inferenceHealth()).generation;
		assert.ok(tokens > 0);
		assert.equal(value('openledger_inference_generated_tokens_total'), tokens);
	});

	check('no node logged an error', async () => {
		for (const name of VALIDATORS) {
			const lines = (await network.nodes[name].log(100_000)).split('\n');
			const errors = lines.filter((line) => /\bERROR\b|panicked/.test(line) && !/Essential task .* failed/.test(line));
			assert.deepEqual(errors, [], name);
		}
	});
});

