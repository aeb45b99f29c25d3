// One identity on both sides of the chain, by the command-line tool.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { getAddress } from 'viem';

import { ethereumAccount, ethereumAddress } from '../lib/addresses.mjs';
import { account } from '../lib/chain.mjs';
import { ACCOUNTS, KEYS } from '../lib/ethereum.mjs';
import { begin, end, freeBalance, UNIT } from '../lib/loop.mjs';
import { rpc, startNode } from '../lib/node.mjs';

const TOOL = fileURLToPath(new URL('../accounts.mjs', import.meta.url));

describe('accounts on both sides', { timeout: 300_000 }, () => {
	let node;
	let loop;
	let folder;
	let keyFile;

	const tool = async (...args) => {
		const run = promisify(execFile)(process.execPath, [TOOL, ...args, '--ws', node.ws]);
		const { stdout, stderr, code = 0 } = await run.catch((error) => error);
		return { stdout, stderr, code };
	};
	const done = async (...args) => {
		const { stdout, stderr, code } = await tool(...args);
		assert.equal(code, 0, stderr);
		return stdout;
	};
	const wei = async (address) => BigInt(await rpc(node, 'eth_getBalance', address, 'latest'));

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), 'openledger-accounts-'));
		keyFile = join(folder, 'key');
		await writeFile(keyFile, `${KEYS.Baltathar}\n`, { mode: 0o600 });
		node = await startNode({ inference: false });
		loop = await begin(node);
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
		await rm(folder, { recursive: true, force: true });
	});

	test('both names of an account are shown, whichever is given', async () => {
		const { Alice } = loop.accounts;
		const shown = await done('show', Alice.address);
		assert.match(shown, new RegExp(getAddress(ethereumAddress(Alice.address))));
		assert.equal(await done('show', ethereumAddress(Alice.address)), shown);
		const { address } = ACCOUNTS.Alith;
		const alith = await done('show', address);
		assert.match(alith, new RegExp(ethereumAccount(address)));
		assert.equal(await done('show', ethereumAccount(address)), alith);
	});

	test('OPEN is sent both ways, and both sides see the same', async () => {
		// Not Alice: she makes the blocks, and gets their fees.
		const { Bob } = loop.accounts;
		const { address } = ACCOUNTS.Charleth;
		const before = await wei(address);
		await done('send', '1.5', address, '--suri', '//Bob');
		assert.equal(await wei(address), before + 15n * 10n ** 17n);
		const had = await freeBalance(loop, Bob.address);
		await done('send', '0.25', Bob.address, '--key-file', keyFile);
		assert.equal(await freeBalance(loop, Bob.address), had + UNIT / 4n);
	});

	test('an account that has nothing yet is funded by an Ethereum key', async () => {
		const fresh = account('Fresh');
		await done('send', '2', fresh.address, '--key-file', keyFile);
		assert.equal(await freeBalance(loop, fresh.address), 2n * UNIT);
		assert.ok((await wei(ethereumAddress(fresh.address))) > 0n);
	});

	test('what was sent to an address before the chain knew whose it is can be recovered', async () => {
		const late = account('Late');
		const address = ethereumAddress(late.address);
		// As a wallet that knows the address alone would.
		await done('send', '3', address, '--key-file', keyFile);
		const fallback = ethereumAccount(address);
		assert.equal(await freeBalance(loop, fallback), 3n * UNIT);
		assert.equal(await freeBalance(loop, late.address), 0n);
		assert.match(await done('show', late.address), /3 OPEN/);
		await done('send', '1', late.address, '--suri', '//Alice');
		assert.match(await done('recover', '--suri', '//Late'), /moved 3 OPEN/);
		assert.equal(await freeBalance(loop, fallback), 0n);
		const [{ data }] = loop.observer
			.all('transactionPayment.TransactionFeePaid')
			.filter((event) => event.data.who.toString() === late.address);
		assert.equal(await freeBalance(loop, late.address), 4n * UNIT - data.actualFee.toBigInt());
		assert.match(await done('recover', '--suri', '//Late'), /nothing was sent/);
	});

	test('mistakes are told', async () => {
		for (const [args, words] of [
			[['show', 'nobody'], /needs an address/],
			[['send', '1,5', ACCOUNTS.Alith.address, '--suri', '//Alice'], /needs an amount/],
			[['send', '0.0000000000001', ACCOUNTS.Alith.address, '--suri', '//Alice'], /twelve decimals/],
			[['send', '1', ACCOUNTS.Alith.address], /needs who signs/],
			[['send', '1', ACCOUNTS.Alith.address, '--key-file', join(folder, 'none')], /can't be read/],
			[['steal'], /no command/]
		]) {
			const { stderr, code } = await tool(...args);
			assert.equal(code, 1);
			assert.match(stderr, words);
		}
	});
});
