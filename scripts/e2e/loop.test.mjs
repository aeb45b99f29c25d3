// One run of the money loop on the built node, and what must go wrong in the right way.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { hexToU8a } from '@polkadot/util';

import { account } from '../lib/chain.mjs';
import { provenRow } from '../lib/content.mjs';
import { domains } from '../lib/domains.mjs';
import {
	addBatch,
	ANSWERER,
	ask,
	askAll,
	begin,
	claim,
	contribute,
	createDatanet,
	develop,
	end,
	feesPaid,
	freeBalance,
	linked,
	MINILM,
	reconcile,
	registerAnswerer,
	registerModel,
	request,
	serve,
	UNIT
} from '../lib/loop.mjs';
import { verify } from '../lib/merkle.mjs';
import { counted, indexed, nodeBinary, startNode } from '../lib/node.mjs';
import { batchOf, cacheFolder, foldoc, sample } from '../lib/texts.mjs';
import { view } from '../lib/view.mjs';

const run = promisify(execFile);
const MINUTES = 60_000;
const LICENCE = 'LicenseRef-Test';

const big = (value) => BigInt(value.toString());
const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** What the design says of a fee: the largest remainder gets what is left after rounding down. */
function split(fee) {
	const shares = { burn: 500n, treasury: 500n, model: 2_500n, operators: 2_500n, data: 4_000n };
	const parts = Object.entries(shares).map(([name, share], place) => ({
		name,
		place,
		amount: (fee * share) / 10_000n,
		remainder: (fee * share) % 10_000n
	}));
	const left = Number(fee - sum(parts.map(({ amount }) => amount)));
	[...parts]
		.sort((a, b) => (a.remainder === b.remainder ? a.place - b.place : a.remainder < b.remainder ? 1 : -1))
		.slice(0, left)
		.forEach((part) => (part.amount += 1n));
	return Object.fromEntries(parts.map(({ name, amount }) => [name, amount]));
}

/** The weights that follow from an answer's citations, as integers in millionths by batch. */
function weigh(citations) {
	const scores = new Map();
	for (const { batch, score } of citations) scores.set(batch.id, (scores.get(batch.id) ?? 0n) + BigInt(score));
	const total = sum([...scores.values()]);
	const parts = [...scores]
		.sort(([a], [b]) => Number(a) - Number(b))
		.map(([id, score], place) => ({
			id,
			place,
			weight: (score * 1_000_000n) / total,
			remainder: (score * 1_000_000n) % total
		}));
	const left = Number(1_000_000n - sum(parts.map(({ weight }) => weight)));
	[...parts]
		.sort((a, b) => (a.remainder === b.remainder ? a.place - b.place : a.remainder < b.remainder ? 1 : -1))
		.slice(0, left)
		.forEach((part) => (part.weight += 1n));
	return parts.filter(({ weight }) => weight > 0n).map(({ id, weight }) => [id, Number(weight)]);
}

/** A domain's Datanet and model, in the order in which a chain gives out ids. */
async function prepare(loop, domain) {
	domain.datanet = await createDatanet(loop, domain, LICENCE);
	await contribute(loop, domain, domain.datanet);
	domain.model = await develop(loop, 'Eve', `MiniLM over ${domain.name}`, [domain.datanet]);
}

/** What an account's held funds for fees are now. */
async function heldFees(loop, name) {
	const holds = await loop.api.query.balances.holds(loop.accounts[name].address);
	return sum(
		holds
			.filter(({ id }) => id.isInference && id.asInference.isFee)
			.map(({ amount }) => big(amount))
	);
}

describe('the loop on the built node', { timeout: 20 * MINUTES }, () => {
	let folder;
	let node;
	let loop;
	let all;
	let failed = false;
	const forged = sha256('what the file with this name should hold');

	/** A test that remembers failure, so that the node's log is shown. */
	const check = (name, body) =>
		test(name, { timeout: 10 * MINUTES }, async (context) => {
			try {
				await body(context);
			} catch (error) {
				failed = true;
				throw error;
			}
		});

	const refused = (signer, call, error) =>
		assert.rejects(loop.sender.send(loop.accounts[signer], call), (found) => {
			assert.equal(found.error, error);
			return true;
		});

	before(
		async () => {
			folder = await mkdtemp(join(tmpdir(), 'openledger-models-'));
			for (const hash of Object.values(MINILM)) {
				await copyFile(join(cacheFolder(), 'models', hash), join(folder, hash));
			}
			await writeFile(join(folder, forged), 'something else');
			node = await startNode({ models: folder, args: ['--inference-allow-private-locators'] });
			loop = await begin(node);
			all = await domains({ passages: 200 });
			for (const domain of all) await prepare(loop, domain);
			await serve(loop, loop.accounts.Alice, all.map(({ model }) => model));
			await indexed(node, all.length);
		},
		{ timeout: 5 * MINUTES }
	);

	after(async () => {
		if (failed && node) process.stderr.write(`The end of the node's log:\n${await node.log(200)}\n`);
		if (loop) await end(loop);
		if (node) await node.stop();
		if (folder) await rm(folder, { recursive: true, force: true });
	});

	check('twenty questions in each domain are answered, proved and paid for', async () => {
		const before = {};
		for (const name of ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve']) {
			before[name] = big(await loop.api.query.attribution.credits(loop.accounts[name].address));
			assert.equal(before[name], 0n);
		}
		for (const domain of all) {
			domain.answers = await askAll(loop, 'Ferdie', domain.model, domain.questions);
		}
		const answers = all.flatMap((domain) => domain.answers.map((answer) => ({ domain, ...answer })));
		assert.equal(answers.length, 40);
		// Two blocks before the draw, one to commit and one to reveal; the first block of a session takes
		// no transactions, and a busy machine may miss one.
		const slow = answers.filter(({ blocks }) => blocks > 5);
		assert.ok(slow.length <= 4, `${slow.length} questions were settled after more than 5 blocks`);
		for (const { question, blocks } of slow) assert.ok(blocks <= 8, `${question}: settled after ${blocks} blocks`);
		for (const answer of answers) {
			const { domain, question, fee, parts, credits } = answer;
			assert.equal(answer.ending, 'Answered', question);
			assert.equal(answer.outcome, answer.event.outcome.toHex(), 'the receipt holds what was agreed on');
			assert.equal(answer.citations.length, 3, question);
			for (const { batch } of answer.citations) assert.equal(batch.datanet, domain.datanet);
			const scores = answer.citations.map(({ score }) => score);
			assert.deepEqual(scores, [...scores].sort((a, b) => b - a), 'best first');
			assert.ok(scores.every((score) => score > 0 && score <= 1_000_000));

			assert.deepEqual(
				answer.attribution.map(({ batch, weight }) => [batch.id, weight]),
				weigh(answer.citations),
				'weights follow from the citations'
			);
			// What the model asks and what the compute costs, which moves with demand.
			const least = UNIT + big(loop.api.consts.inference.minBasePrice);
			assert.ok(fee >= least && fee < least + UNIT / 100n, `${question}: ${fee}`);
			assert.deepEqual(parts, split(fee));
			const paid = (role) => credits.filter((credit) => credit.role === role);
			assert.deepEqual(paid('Model'), [{ who: loop.accounts.Eve.address, role: 'Model', amount: parts.model }]);
			assert.deepEqual(paid('Operator'), [
				{ who: loop.accounts.Alice.address, role: 'Operator', amount: parts.operators }
			]);
			assert.equal(sum(paid('Data').map(({ amount }) => amount)), parts.data);
			const contributors = new Set(answer.citations.map(({ batch }) => loop.accounts[batch.contributor].address));
			assert.deepEqual(new Set(paid('Data').map(({ who }) => who)), contributors);
		}
		assert.equal(await heldFees(loop, 'Ferdie'), 0n);
	});

	check('the passages are about what was asked', async () => {
		const best = (domain, question) =>
			domain.answers.find((answer) => answer.question === question).citations.map(({ passage }) => passage.title);
		const [computing, letters] = all;
		assert.ok(best(computing, 'Who is considered the first programmer?').some((title) => /Lovelace/.test(title)));
		assert.ok(
			best(computing, 'What protects a private network from the Internet?').some((title) => /firewall/i.test(title))
		);
		assert.ok(best(letters, 'Who was swallowed by a great fish?').some((title) => /Jonah/.test(title)));
		assert.ok(best(letters, 'Who is skilled in the circumvention of the law?').includes('lawyer'));
	});

	check('a proof holds for the row, its place and the root on the chain alone', async () => {
		const [{ batch, row }] = all[0].answers[0].citations;
		const { text, proof } = await provenRow(node.content, batch, row);
		const holds = (words, place, root) =>
			verify(hexToU8a(root), new TextEncoder().encode(words), place, batch.rows, proof);
		assert.ok(holds(text, row, batch.root));
		assert.ok(!holds(text.replace('e', 'a'), row, batch.root));
		assert.ok(!holds(text, row + 1, batch.root));
		const other = [...loop.batches.values()].find(({ id }) => id !== batch.id);
		assert.ok(!holds(text, row, other.root));
		await assert.rejects(provenRow(node.content, { ...batch, root: other.root }, row), /does not belong/);
	});

	check('the command line tells the story of an answer, and proves it to who trusts no node', async () => {
		const [answer] = all[0].answers;
		const tool = async (...args) => (await run(nodeBinary(), ['attribution', ...args])).stdout;
		const at = ['--url', node.http, '--content', node.content];
		// What is proved is finalised, a few blocks after it is best.
		for (let finalised = 0; finalised < answer.number; await loop.observer.reach(loop.observer.best + 1)) {
			const head = await loop.api.rpc.chain.getFinalizedHead();
			finalised = (await loop.api.rpc.chain.getHeader(head)).number.toNumber();
		}
		const told = await tool('show', answer.id, ...at, '--question', answer.question);
		assert.match(told, /which is that of/);
		for (const { batch, row, score, passage } of answer.citations) {
			const line = told.split('\n').find((each) => each.trim().startsWith(`${score} `) && each.includes(passage.title));
			assert.match(line ?? told, new RegExp(`\\b${batch}\\s+${row}\\b`));
		}
		assert.match(told, new RegExp(`${answer.citations.length} of ${answer.citations.length} lead to`));
		assert.ok(answer.credits.length >= 3, 'a model, an operator and data');
		for (const { who } of answer.credits) assert.ok(told.includes(` to ${who}`), `${who} was paid`);
		assert.match(told, /royalties {2}follow from the model's lineage/);

		const folder = await mkdtemp(join(tmpdir(), 'openledger-proof-'));
		try {
			const file = join(folder, 'proof.json');
			const [, block] = /block\s+\d+ (0x\w+)/.exec(await tool('prove', answer.id, ...at, '--output', file));
			const known = await loop.api.rpc.chain.getHeader(block);
			assert.equal(known.hash.toHex(), block);
			assert.match(await tool('verify', file, '--block', block), /Proofs, all of which hold/);
			await assert.rejects(tool('verify', file, '--block', answer.hash), /is about block/);
			const forged = (await readFile(file, 'utf8')).replace(answer.citations[0].passage.title, 'forged');
			await writeFile(file, forged);
			await assert.rejects(tool('verify', file, '--block', block), /is not the one that is proved/);
		} finally {
			await rm(folder, { recursive: true });
		}
	});

	check('credits are claimed to the last unit', async () => {
		for (const name of ['Bob', 'Dave', 'Eve']) {
			const { address } = loop.accounts[name];
			const credit = big(await loop.api.query.attribution.credits(address));
			assert.ok(credit > 0n, name);
			const before = await freeBalance(loop, address);
			assert.equal(await claim(loop, name), credit);
			const fee = feesPaid(loop, address, { since: loop.observer.best - 1 });
			assert.equal(await freeBalance(loop, address), before + credit - fee);
			assert.equal(big(await loop.api.query.attribution.credits(address)), 0n);
			await refused(name, loop.api.tx.attribution.claim(), 'attribution.NothingToClaim');
		}
	});

	check('the same question gives the same bytes, here and on a second node', async () => {
		const [domain] = all;
		const [first] = domain.answers;
		const again = await ask(loop, 'Ferdie', domain.model, first.question);
		assert.equal(again.answer, first.answer);
		assert.equal(again.outcome, first.outcome);

		const other = await startNode();
		let elsewhere;
		try {
			elsewhere = await begin(other);
			const [copy] = await domains({ passages: 200 });
			await prepare(elsewhere, copy);
			await serve(elsewhere, elsewhere.accounts.Alice, [copy.model]);
			await indexed(other, 1);
			for (const { question, answer, outcome } of domain.answers.slice(0, 3)) {
				const there = await ask(elsewhere, 'Ferdie', copy.model, question);
				assert.equal(there.answer, answer, question);
				assert.equal(there.outcome, outcome, question);
			}
		} catch (error) {
			process.stderr.write(`The end of the second node's log:\n${await other.log()}\n`);
			throw error;
		} finally {
			if (elsewhere) await end(elsewhere);
			await other.stop();
		}
	});

	check('a question that operators fetch is answered as if it were on the chain', async () => {
		const [domain] = all;
		const [first] = domain.answers;
		const other = `${first.question.slice(0, -1)}!`;
		const files = { '/question': first.question, '/rubbish': other, '/longer': `${first.question}?` };
		let served = 0;
		const server = createServer(({ url }, response) => {
			served += 1;
			response.writeHead(files[url] === undefined ? 404 : 200).end(files[url]);
		});
		await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
		const at = (path) => linked(first.question, `http://127.0.0.1:${server.address().port}${path}`);
		try {
			const answer = await ask(loop, 'Ferdie', domain.model, at('/question'));
			assert.equal(answer.ending, 'Answered');
			assert.equal(served, 1);
			assert.equal(answer.answer, first.answer);
			assert.equal(answer.outcome, first.outcome);
			assert.notEqual(answer.receipt.inputHash.toHex(), first.receipt.inputHash.toHex());

			for (const path of ['/rubbish', '/longer', '/nothing']) {
				const failed = await ask(loop, 'Ferdie', domain.model, at(path));
				assert.equal(failed.ending, 'RunFailed', path);
				assert.equal(failed.event.failure.type, 'InputUnavailable', path);
				assert.equal(big(failed.event.refunded), failed.fee, path);
			}
			assert.equal(await heldFees(loop, 'Ferdie'), 0n);
			const huge = linked('x', 'http://127.0.0.1:1/', { bytes: 256 * 1024 + 1 });
			await refused('Ferdie', request(loop.api, domain.model, huge, { cap: 10_000n * UNIT }), 'inference.InputTooLarge');
			const nowhere = linked('x', '', { locator: 'None' });
			await refused('Ferdie', request(loop.api, domain.model, nowhere), 'inference.NoLocator');
		} finally {
			server.closeAllConnections();
			server.close();
		}
	});

	check('a fee cap below the price is refused and nothing is held', async () => {
		// On an idle chain the price of compute is the lowest.
		const price = UNIT + big(loop.api.consts.inference.minBasePrice);
		for (let now; now !== price; await loop.observer.reach(loop.observer.best + 1)) {
			now = (await view(loop.api, 'inference.price', all[0].model, 12)).unwrap().toBigInt();
		}
		const call = request(loop.api, all[0].model, 'Too dear?', { cap: price - 1n });
		await refused('Ferdie', call, 'inference.FeeCapTooLow');
		assert.equal(await heldFees(loop, 'Ferdie'), 0n);
		const exact = await ask(loop, 'Ferdie', all[0].model, 'Just enough?', { cap: price });
		assert.equal(exact.ending, 'Answered');
		assert.equal(exact.fee, price);
	});

	check('a batch is taken once, whoever brings it', async () => {
		const [{ batches }] = all[0].contributions;
		await refused('Bob', addBatch(loop.api, all[0].datanet, batches[0]), 'datanets.DuplicateRoot');
		await refused('Dave', addBatch(loop.api, all[1].datanet, batches[0]), 'datanets.DuplicateRoot');
		const renamed = { ...batches[0], root: `0x${'22'.repeat(32)}` };
		await refused('Dave', addBatch(loop.api, all[1].datanet, renamed), 'datanets.DuplicateContent');
		await refused('Dave', addBatch(loop.api, all[0].datanet, batches[0]), 'datanets.NotListed');
	});

	check('an unknown Datanet or model is named as such', async () => {
		const batch = batchOf([{ text: 'A passage without a home.' }]);
		await refused('Bob', addBatch(loop.api, 4_711, batch), 'datanets.UnknownDatanet');
		await refused('Eve', registerModel(loop.api, 'Built on nothing', [4_711]), 'models.UnknownDatanet');
		await refused('Ferdie', request(loop.api, 4_711, 'Anybody?'), 'models.UnknownModel');
	});

	check('a batch can be withdrawn until something is built on it', async () => {
		const datanet = await createDatanet(
			loop,
			{ name: 'test', description: 'Short-lived', contributions: [{ contributor: 'Bob' }] },
			LICENCE
		);
		const batch = batchOf([{ text: 'Soon gone.' }]);
		const added = await loop.sender.send(loop.accounts.Bob, addBatch(loop.api, datanet, batch));
		const { batch: id, deposit } = added.find('datanets.BatchAdded');
		await refused('Dave', loop.api.tx.datanets.withdrawBatch(id), 'datanets.NotContributor');
		// Not at once: who reserved the same batch before has time to claim it.
		await refused('Bob', loop.api.tx.datanets.withdrawBatch(id), 'datanets.TooEarly');
		await loop.observer.reach(added.number + loop.api.consts.datanets.withdrawalDelay.toNumber());
		const gone = await loop.sender.send(loop.accounts.Bob, loop.api.tx.datanets.withdrawBatch(id));
		assert.equal(big(gone.find('datanets.BatchWithdrawn').deposit), big(deposit));
		const [pinned] = [...loop.batches.values()];
		await refused(pinned.contributor, loop.api.tx.datanets.withdrawBatch(pinned.id), 'datanets.BatchInUse');
	});

	check('a paused model takes no requests until it is resumed', async () => {
		const { model } = all[1];
		await refused('Bob', loop.api.tx.models.pause(model), 'models.NotOwner');
		await loop.sender.send(loop.accounts.Eve, loop.api.tx.models.pause(model));
		await refused('Ferdie', request(loop.api, model, 'Open?'), 'models.Paused');
		await loop.sender.send(loop.accounts.Eve, loop.api.tx.models.resume(model));
		assert.equal((await ask(loop, 'Ferdie', model, 'Open again?')).ending, 'Answered');
	});

	describe('a run that fails', () => {
		const broken = {};

		/** Lets Alice's agent serve a model in addition to the others. */
		const alsoServe = async (model) => {
			broken.models = [...(broken.models ?? all.map((domain) => domain.model)), model];
			await loop.sender.send(loop.accounts.Alice, loop.api.tx.agents.setModels(broken.models));
		};

		const failsWith = async (model, failure) => {
			const before = (await loop.api.query.balances.totalIssuance()).toBigInt();
			const result = await ask(loop, 'Ferdie', model, 'Can you hear me?');
			assert.equal(result.ending, 'RunFailed');
			assert.equal(result.event.failure.type, failure);
			assert.equal(big(result.event.refunded), result.fee);
			assert.ok(result.receipt.ending.isFailed);
			assert.equal(await heldFees(loop, 'Ferdie'), 0n);
			assert.equal((await loop.api.query.balances.totalIssuance()).toBigInt(), before);
			assert.ok((await loop.api.query.attribution.records(result.id)).isNone);
		};

		check('because a file of the model does not have its hash', async () => {
			const model = await develop(loop, 'Eve', 'Forged', [all[0].datanet], {
				files: { ...MINILM, graph: forged }
			});
			await alsoServe(model);
			await failsWith(model, 'WrongHash');
		});

		check('because the operator has no such file', async () => {
			const model = await develop(loop, 'Eve', 'Missing', [all[0].datanet], {
				files: { ...MINILM, graph: sha256('a model that nobody has') }
			});
			await alsoServe(model);
			await failsWith(model, 'ModelNotFound');
		});

		check('because a batch is nowhere to be found', async () => {
			const datanet = await createDatanet(
				loop,
				{ name: 'test', description: 'Never uploaded', contributions: [{ contributor: 'Bob' }] },
				LICENCE
			);
			const batch = batchOf([{ text: 'On the chain, but in no store.' }]);
			await loop.sender.send(loop.accounts.Bob, addBatch(loop.api, datanet, batch));
			const model = await develop(loop, 'Eve', 'Homeless', [datanet]);
			await alsoServe(model);
			await failsWith(model, 'DataUnavailable');
		});
	});

	check('an operator that never answers costs the payer nothing', async () => {
		const { api, sender, accounts } = loop;
		const model = await develop(loop, 'Eve', 'Silence', [all[0].datanet]);
		await refused('Ferdie', request(api, model, 'Nobody yet?'), 'inference.NoOperator');
		await serve(loop, accounts.Bob, [model], account('Nobody holds this key').publicKey);
		const before = await freeBalance(loop, accounts.Ferdie.address);
		const asked = await sender.send(accounts.Ferdie, request(api, model, 'Hello?'));
		const { request: id, fee, deposit } = asked.find('inference.Requested');
		assert.equal(await heldFees(loop, 'Ferdie'), big(fee));
		const ended = await loop.observer.until(
			({ name, data }) => name === 'inference.Unanswered' && data.request.eq(id),
			{ seconds: 150, what: 'the refund' }
		);
		assert.equal(big(ended.data.refunded), big(fee));
		assert.equal(await heldFees(loop, 'Ferdie'), 0n);
		const transaction = big(asked.find('transactionPayment.TransactionFeePaid').actualFee);
		assert.equal(await freeBalance(loop, accounts.Ferdie.address), before - big(deposit) - transaction);
		// Silence costs the agent a hundredth of its bond, if nobody cancels it in time.
		const [slash] = (await view(api, 'agents.pendingSlashes', accounts.Bob.address)).map(([, each]) => each);
		assert.equal(slash.offence.type, 'NoCommit');
		assert.equal(slash.part.toNumber(), 10_000);
		assert.equal(big(slash.base), 2n * big(api.consts.agents.minBond));
		// The receipt stays for as long as what operators signed can be held against them.
		await refused('Ferdie', api.tx.inference.forget(id), 'inference.TooEarly');

		// An agent that leaves waits for its bond.
		await sender.send(accounts.Bob, api.tx.agents.deregister());
		await refused('Bob', api.tx.agents.withdrawUnbonded(), 'agents.SlashPending');
	});

	check('all money is accounted for', async () => {
		const books = await reconcile(loop);
		assert.deepEqual(books.differences, []);
		assert.equal(books.open, 0n);
		assert.ok(books.refunded > 0n);
		assert.ok(books.paid >= 40n * UNIT);
		assert.equal(books.burned, books.parts.burn);
	});

	check('the metrics count what happened', async () => {
		const { observer, accounts } = loop;
		const alice = accounts.Alice.address;
		const value = await counted(node, observer.best);
		const happened = (name, agent) =>
			observer.all(`inference.${name}`).filter(({ data }) => !agent || data.agent.toString() === agent).length;
		const ended = (ending) => value('openledger_chain_requests_ended_total', { ending });

		assert.ok(happened('Committed', alice) >= 40);
		assert.equal(value('openledger_chain_requests_total'), happened('Requested'));
		assert.equal(ended('answered'), happened('Answered'));
		assert.equal(ended('failed'), happened('RunFailed'));
		assert.equal(ended('unanswered'), 1);
		for (const [name, event] of [['commits', 'Committed'], ['reveals', 'Revealed']]) {
			assert.equal(value(`openledger_chain_${name}_total`), happened(event), name);
			assert.equal(value(`openledger_agent_${name}_total`, { agent: alice }), happened(event, alice), name);
		}
		const latencies = value('openledger_agent_commit_latency_blocks_count', { agent: alice });
		assert.equal(latencies, happened('Committed', alice));
		// Bob kept silent once; his key is nobody's.
		assert.equal(value('openledger_chain_offences_total', { offence: 'no_commit' }), 1);
		assert.equal(value('openledger_chain_missed_total', { what: 'commit' }), 1);
		assert.equal(value('openledger_chain_offences_total'), happened('Offended'));
		assert.equal(value('openledger_agent_offences_total', { agent: alice }), 0);
		assert.equal(value('openledger_chain_slashes_total', { state: 'deferred' }), 1);
		const earned = sum(
			observer
				.all('attribution.Credited')
				.filter(({ data }) => data.role.isOperator && data.who.toString() === alice)
				.map(({ data }) => big(data.amount))
		);
		const open = value('openledger_agent_earned_open_total', { agent: alice, whose: 'own' });
		assert.ok(Math.abs(open - Number(earned) / Number(UNIT)) < 1e-6, `${open} OPEN, not ${earned} units`);
		assert.equal(value('openledger_agent_status', { agent: alice, status: 'active' }), 1);
		assert.equal(value('openledger_agent_open_assignments', { agent: alice }), 0);

		// One question, one run.
		const searches = (outcome) => value('openledger_inference_jobs_total', { kind: 'search', outcome });
		assert.equal(searches('done'), happened('Answered'));
		for (const code of ['wrong_hash', 'model_not_found', 'data_unavailable']) assert.equal(searches(code), 1, code);
		assert.equal(searches('input_unavailable'), 3);
		assert.equal(value('openledger_inference_jobs_total', { kind: 'search' }), happened('Revealed', alice));
		assert.equal(value('openledger_inference_job_run_seconds_count', { kind: 'search' }), happened('Revealed', alice));
		assert.equal(value('openledger_inference_generated_tokens_total'), 0);
		assert.equal(value('openledger_inference_queue_length'), 0);
		assert.equal(value('openledger_inference_up'), 1);
		assert.equal(value('openledger_inference_info', { onnxruntime: '1.31.1', provider: 'cpu' }), 1);
		// The log names the file that the operator does not have.
		assert.match(await node.log(100_000), /WARN .*serves model \d+, and its graph [0-9a-f]{64} is not in/);
	});

	check('finality keeps up, memory stays low, the log has no errors', async () => {
		const { api } = loop;
		const finalised = await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead());
		const best = await api.rpc.chain.getHeader();
		const behind = best.number.toNumber() - finalised.number.toNumber();
		assert.ok(behind <= 4, `finality is ${behind} blocks behind`);
		const mebibytes = (await node.resident()) / 2 ** 20;
		assert.ok(mebibytes < 600, `${Math.round(mebibytes)} MiB resident`);
		const lines = (await readFile(node.logFile, 'utf8')).split('\n');
		assert.ok(lines.some((line) => /\bINFO\b.*sc_cli/.test(line)), 'without the node’s levels no error would be found');
		const errors = lines
			.filter((line) => /\bERROR\b|panicked|Thread '.*' panicked/.test(line));
		assert.deepEqual(errors, []);
	});
});

describe('answers that rest on passages', { timeout: 15 * MINUTES }, () => {
	const QUESTION = 'What is a control key?';
	const WORD = 'control key';
	let node;
	let loop;
	let datanet;
	let model;
	let first;
	let failed = false;

	/** A test that remembers failure, so that the node's log is shown. */
	const check = (name, body) =>
		test(name, { timeout: 5 * MINUTES }, async (context) => {
			try {
				await body(context);
			} catch (error) {
				failed = true;
				throw error;
			}
		});

	before(
		async () => {
			node = await startNode();
			loop = await begin(node);
			const wanted = ({ title }) => title === WORD;
			const passages = sample(await foldoc(), 80, wanted);
			const [mine, others] = [passages.filter(wanted), passages.filter((passage) => !wanted(passage))];
			assert.equal(mine.length, 1);
			const contributions = [
				{ contributor: 'Bob', text: 'one entry of FOLDOC', batches: [batchOf(mine)] },
				{ contributor: 'Charlie', text: 'FOLDOC', batches: [batchOf(others)] }
			];
			const domain = { name: 'computing', description: 'Computing', contributions };
			datanet = await createDatanet(loop, domain, LICENCE);
			await contribute(loop, domain, datanet);
			const registered = await loop.sender.send(loop.accounts.Eve, registerAnswerer(loop.api, 'Answers', [datanet]));
			model = registered.find('models.ModelRegistered').model.toNumber();
			await serve(loop, loop.accounts.Alice, [model]);
			await indexed(node, 1);
		},
		{ timeout: 5 * MINUTES }
	);

	after(async () => {
		if (failed && node) process.stderr.write(`The end of the node's log:\n${await node.log(200)}\n`);
		if (loop) await end(loop);
		if (node) await node.stop();
	});

	check('a question is answered in words, and who brought the passage is paid for it', async () => {
		first = await ask(loop, 'Ferdie', model, QUESTION);
		assert.equal(first.ending, 'Answered');
		assert.match(first.output, /key/i);
		assert.ok(first.citations.length >= 1 && first.citations.length <= 3);
		// `ask` has proved each of them against the chain.
		const [best] = first.citations;
		assert.equal(best.passage.title, WORD);
		assert.equal(best.batch.contributor, 'Bob');
		const scores = first.citations.map(({ score }) => score);
		assert.deepEqual(scores, [...scores].sort((a, b) => b - a), 'best first');
		assert.deepEqual(
			first.attribution.map(({ batch, weight }) => [batch.id, weight]),
			weigh(first.citations),
			'weights follow from the citations'
		);
		const bobs = first.attribution.find(({ batch }) => batch.contributor === 'Bob').weight;
		assert.ok(bobs > 900_000, `${bobs} of a million`);
		// One for the input, two for the tokens, and for four runs that find out what the passages did, five each.
		const units = 1n + 2n + 4n * 5n;
		const least = units * (UNIT / 10n + big(loop.api.consts.inference.minBasePrice));
		assert.ok(first.fee >= least && first.fee < least + units * (UNIT / 100n), `${first.fee}`);
		assert.deepEqual(first.parts, split(first.fee));
		const data = first.credits.filter(({ role }) => role === 'Data');
		assert.equal(sum(data.map(({ amount }) => amount)), first.parts.data);
		const bob = data.find(({ who }) => who === loop.accounts.Bob.address);
		assert.ok(bob.amount * 10n > first.parts.data * 9n, `${bob.amount} of ${first.parts.data}`);
	});

	check('the same question gives the same bytes', async () => {
		const again = await ask(loop, 'Ferdie', model, QUESTION);
		assert.equal(again.answer, first.answer);
		assert.equal(again.outcome, first.outcome);
	});

	check('a question that leaves no room for passages is refused', async () => {
		const long = await ask(loop, 'Ferdie', model, 'why '.repeat(400));
		assert.equal(long.ending, 'RunFailed');
		assert.equal(long.event.failure.type, 'BadInput');
		assert.equal(big(long.event.refunded), long.fee);
	});

	check('what such a model needs is checked', async () => {
		const refused = (options, error) =>
			assert.rejects(
				loop.sender.send(loop.accounts.Eve, registerAnswerer(loop.api, 'Wrong', [datanet], options)),
				(found) => {
					assert.equal(found.error, error);
					return true;
				}
			);
		const { Retriever, ...rest } = ANSWERER;
		assert.ok(Retriever);
		await refused({ files: rest }, 'models.WrongArtifacts');
		await refused({ topK: 9 }, 'models.BadTopK');
		const policy = { Tolerance: { onnxruntime: [1, 31, 1], provider: 'Cpu', maxDistance: 1_000 } };
		await refused({ policy }, 'models.ScoresNotTolerated');
	});

	check('money and runs are accounted for', async () => {
		const books = await reconcile(loop);
		assert.deepEqual(books.differences, []);
		assert.equal(books.open, 0n);
		const value = await counted(node, loop.observer.best);
		const answers = (outcome) => value('openledger_inference_jobs_total', { kind: 'answer', outcome });
		assert.equal(answers('done'), 2);
		assert.equal(answers('bad_input'), 1);
	});
});
