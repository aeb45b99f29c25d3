// Curation, access and points of Datanets on the built node, and the tool that makes their batches.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { authorization } from '../lib/access.mjs';
import { decide, heldFor, judge, qualify } from '../lib/curation.mjs';
import { begin, createDatanetCall, end, freeBalance, UNIT } from '../lib/loop.mjs';
import { nodeBinary, startNode } from '../lib/node.mjs';
import { view } from '../lib/view.mjs';

const run = promisify(execFile);
const MINUTES = 60_000;
const ANSWERS = [0, 1, 0, 1, 2, 0];
const accept = (score) => ({ Accept: { score } });
const junk = { Reject: { reason: 'Junk' } };

describe('Datanets on the built node', { timeout: 20 * MINUTES }, () => {
	let folder;
	let node;
	let loop;
	let api;
	let datanet;

	const tool = async (...args) => (await run(nodeBinary(), ['data', ...args.map(String)])).stdout;
	const send = (name, call) => loop.sender.send(loop.accounts[name], call);
	const address = (name) => loop.accounts[name].address;

	/** A prepared batch of rows that a name makes its own. */
	const prepare = async (name, count, ...options) => {
		const rows = Array.from({ length: count }, (_, row) => `${row},${name} tells fact number ${row} of ${count}`);
		const file = join(folder, `${name}.csv`);
		await writeFile(file, ['id,text', ...rows, ''].join('\n'));
		await tool('prepare', file, '--out', folder, ...options);
		const path = join(folder, `${name}-000.batch.json`);
		return { path, ...JSON.parse(await readFile(path, 'utf8')) };
	};

	/** Announces a batch by the command line. Returns its id. */
	const submit = async (name, batch, ...options) => {
		const suri = join(folder, `${name}.suri`);
		await writeFile(suri, `//${name}\n`);
		const printed = await tool('submit', batch.path, '--datanet', datanet, '--url', node.http, '--suri-file', suri, ...options);
		return Number(/batch (\d+) in block/.exec(printed)[1]);
	};

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'openledger-data-'));
		node = await startNode({ inference: false });
		loop = await begin(node);
		api = loop.api;
		const call = createDatanetCall(api, {
			name: 'Facts',
			domain: 'facts',
			licence: 'CC-BY-NC-4.0',
			rules: { contributors: 'Open', curation: 60, accessPricePerDay: UNIT, ownerShare: 20 }
		});
		datanet = (await send('Alice', call)).find('datanets.DatanetCreated').datanet.toNumber();
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
		if (folder) await rm(folder, { recursive: true, force: true });
	});

	test('who answers known tasks rightly can judge', async () => {
		const given = { Bob: ANSWERS, Charlie: ANSWERS, Dave: ANSWERS, Ferdie: ANSWERS.map((answer) => answer + 1) };
		await qualify(loop, { datanet, solution: ANSWERS, given, tasks: `0x${'11'.repeat(32)}` });
		for (const name of ['Bob', 'Charlie', 'Dave']) {
			const claimed = await send(name, api.tx.curation.claimQualification(datanet));
			assert.equal(claimed.find('curation.Qualified').accuracy.toNumber(), 1_000_000);
			await send(name, api.tx.curation.bond(datanet, 100n * UNIT));
		}
		const failed = await send('Ferdie', api.tx.curation.claimQualification(datanet));
		assert.ok(failed.find('curation.NotQualified'));
		await assert.rejects(send('Ferdie', api.tx.curation.bond(datanet, 100n * UNIT)), { error: 'curation.NotQualified' });
		assert.equal((await view(api, 'curation.curatorsOf', datanet)).length, 3);
	});

	let batch;
	let id;

	test('a prepared batch is announced, judged and accepted, and earns points', async () => {
		batch = await prepare('Eve', 500);
		id = await submit('Eve', batch);
		const pending = (await api.query.datanets.batches(id)).unwrap();
		assert.ok(pending.state.isPending);
		assert.equal(pending.root.toHex(), batch.root);
		assert.equal(pending.minhash.unwrap().toHex(), batch.minhash);
		const subject = { Batch: id };
		const { level } = await judge(loop, subject, () => accept(80));
		assert.equal(level, 0);
		const decided = await decide(loop, subject);
		assert.ok(decided.find('datanets.BatchAccepted'));
		const accepted = (await api.query.datanets.batches(id)).unwrap().state.asAccepted;
		assert.equal(accepted.index.toNumber(), 0);
		assert.equal(accepted.score.toNumber(), 80);
		const board = await view(api, 'seasons.leaderboard', null, 100);
		const places = board.map(({ who }) => who.toString());
		assert.ok(places.includes(address('Eve')), 'the contributor is on the leaderboard');
		const jurors = ['Bob', 'Charlie', 'Dave'].filter((name) => places.includes(address(name)));
		assert.ok(jurors.length > 0, 'and so are jurors');
	});

	test('a row is proved by a small file, to the tool and to the chain', async () => {
		const file = join(folder, 'row.proof.json');
		await tool('prove', '--batch', batch.path, '--row', 321, '--output', file);
		assert.ok((await stat(file)).size < 2_000);
		const proof = JSON.parse(await readFile(file, 'utf8'));
		await tool('verify', file, '--root', batch.root, '--rows', batch.rows);
		await assert.rejects(tool('verify', file, '--root', `0x${'22'.repeat(32)}`, '--rows', batch.rows));
		const holds = (row) => view(api, 'datanets.verifyRow', id, row, proof.leaf, proof.path);
		assert.equal((await holds(321)).unwrap().isTrue, true);
		assert.equal((await holds(322)).unwrap().isTrue, false);
	});

	test('a rejected batch loses its deposit to the treasury', async () => {
		const rejected = await submit('Eve', await prepare('Nobody', 20));
		const { deposit } = (await api.query.datanets.batches(rejected)).unwrap();
		const subject = { Batch: rejected };
		await judge(loop, subject, () => junk);
		const decided = await decide(loop, subject);
		const event = decided.find('datanets.BatchRejected');
		assert.equal(event.forfeited.toBigInt(), deposit.toBigInt());
		assert.ok((await api.query.datanets.batches(rejected)).isNone);
		const held = await heldFor(loop, 'Eve', 'datanets', 'BatchDeposit');
		assert.equal(held, (await api.query.datanets.batches(id)).unwrap().deposit.toBigInt());
	});

	test('a file goes to those with a grant, who paid its contributor', async () => {
		const stored = await fetch(`${node.content}/content`, { method: 'PUT', body: await readFile(join(folder, batch.file)) });
		assert.equal(stored.status, 201);
		const sha256 = batch.content.replace('0x', '');
		const read = (name) =>
			fetch(`${node.content}/content/${sha256}`, {
				headers: name ? { authorization: authorization(api, loop.accounts[name], { datanet, sha256 }) } : {}
			});
		assert.equal((await read()).status, 401);
		assert.equal((await read('Ferdie')).status, 403);
		assert.equal((await read('Eve')).status, 200, 'a contributor reads its own');

		const day = api.consts.access.blocksPerDay.toNumber();
		const { publicKey: key } = loop.accounts.Ferdie;
		await assert.rejects(send('Ferdie', api.tx.access.requestAccess(datanet, 'Training', UNIT, day, key)), {
			error: 'access.LicenceForbids'
		});
		const asked = await send('Ferdie', api.tx.access.requestAccess(datanet, 'Research', UNIT, day, key));
		const { request } = asked.find('access.AccessRequested');
		const before = await freeBalance(loop, address('Alice'));
		const granted = await send('Alice', api.tx.access.approve(request, null));
		const { treasury, owner, contributors, grant } = granted.find('access.AccessGranted');
		assert.equal(treasury.toBigInt() + owner.toBigInt() + contributors.toBigInt(), UNIT);
		assert.ok((await freeBalance(loop, address('Alice'))) > before, 'the owner has her share');

		const response = await read('Ferdie');
		assert.equal(response.status, 200);
		assert.equal(response.headers.get('cache-control').includes('private'), true);
		assert.deepEqual(Buffer.from(await response.arrayBuffer()), await readFile(join(folder, batch.file)));

		const income = (await view(api, 'datanets.incomeOf', id)).unwrap().toBigInt();
		assert.ok(income > 0n && income <= contributors.toBigInt());
		const claimed = await send('Eve', api.tx.datanets.claimIncome(id));
		assert.equal(claimed.find('datanets.IncomePaid').amount.toBigInt(), income);

		await send('Alice', api.tx.access.revoke(grant));
		assert.equal((await read('Ferdie')).status, 403);
	});

	test('an encrypted batch opens for those to whom its key was wrapped', async () => {
		const key = async (name) => {
			const file = join(folder, `${name}.key`);
			const printed = await tool('keygen', '--output', file);
			return { file, recipient: /age1\w+/.exec(printed)[0] };
		};
		const [data, grantee] = [await key('data'), await key('grantee')];
		const secret = await prepare('Secret', 50, '--recipient', data.recipient);
		assert.equal(secret.encrypted, true);
		const wrapped = (await tool('wrap', '--identity', data.file, '--recipient', grantee.recipient)).trim();
		assert.ok(wrapped.length <= 2 + 2 * 1_024);
		const unwrapped = join(folder, 'unwrapped.key');
		await tool('unwrap', wrapped, '--identity', grantee.file, '--output', unwrapped);
		const plain = join(folder, 'plain.jsonl');
		const cipher = join(folder, secret.file);
		await tool('decrypt', cipher, '--identity', unwrapped, '--batch', secret.path, '--output', plain);
		assert.equal((await readFile(plain, 'utf8')).trim().split('\n').length, 50);
		await assert.rejects(tool('decrypt', cipher, '--identity', grantee.file, '--output', join(folder, 'no')));
	});
});
