// An upgrade of the runtime by referendum on the built node, with a migration, and a check of the state after it.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { u8aToHex } from '@polkadot/util';
import { blake2AsHex, encodeAddress } from '@polkadot/util-crypto';

import { ballots, propose, refund, until, vote } from '../lib/governance.mjs';
import { begin, end } from '../lib/loop.mjs';
import { rpc, startNode, writeSpec } from '../lib/node.mjs';
import { output, rehearsalCode, runNode, storageKey } from '../lib/upgrade.mjs';
import { snapshot, view } from '../lib/view.mjs';

const MINUTES = 60_000;
/** A day of governance in six blocks. */
const PACE = 7_200;
const VOTERS = ['Alice', 'Bob', 'Charlie', 'Dave'];

describe('an upgrade on the built node', { timeout: 15 * MINUTES }, () => {
	let folder;
	let spec;
	let node;
	let loop;
	let api;
	let code;
	/** The version of the runtime before the upgrade. */
	let old;
	/** The block in which the code was applied. */
	let applied;

	const send = (name, call) => loop.sender.send(loop.accounts[name], call);
	const version = async () => (await api.rpc.state.getRuntimeVersion()).specVersion.toNumber();
	/** The version of the runtime in the state of a block, the best if none is named. */
	const specOf = async (...hash) => (await rpc(node, 'state_getRuntimeVersion', ...hash)).specVersion;
	const data = () => join(folder, 'node', 'data');
	const check = (chain, base, ...args) => runNode('check-state', '--chain', chain, '--base-path', base, ...args);

	before(async () => {
		code = await rehearsalCode();
		folder = await mkdtemp(join(tmpdir(), 'openledger-upgrade-'));
		spec = join(folder, 'spec.json');
		await writeSpec('development', spec, (genesis) => {
			genesis.origins = { pace: PACE };
			genesis.sudo = { key: null };
		});
		node = await startNode({
			chain: ['--chain', spec, '--alice', '--force-authoring', '--node-key', '01'.repeat(32)],
			folder: join(folder, 'node'),
			inference: false
		});
		loop = await begin(node);
		api = loop.api;
		old = await version();
	});

	after(async () => {
		if (loop) await end(loop);
		await node?.stop();
		await rm(folder, { recursive: true, force: true, maxRetries: 3 });
	});

	test('nobody but a referendum can authorise it', async () => {
		assert.ok((await api.query.sudo.key()).isNone);
		await assert.rejects(send('Alice', api.tx.system.setCode(u8aToHex(code))), { error: 'BadOrigin' });
		await assert.rejects(send('Alice', api.tx.system.authorizeUpgrade(blake2AsHex(code))), { error: 'BadOrigin' });
		await assert.rejects(send('Dave', api.tx.system.applyAuthorizedUpgrade(u8aToHex(code))), {
			error: 'system.NothingAuthorized'
		});
		assert.equal(await version(), old);
	});

	test('a referendum authorises it, by the hash of the code', async () => {
		const call = api.tx.system.authorizeUpgrade(blake2AsHex(code));
		const index = await propose(loop, loop.accounts.Alice, { track: 'root', call, preimage: true });
		for (const name of VOTERS) await vote(loop, loop.accounts[name], index, ballots.aye);
		await until(loop, index, 'enacted', { seconds: 300 });
		const authorized = (await api.query.system.authorizedUpgrade()).unwrap();
		assert.equal(authorized.codeHash.toHex(), blake2AsHex(code));
		assert.ok(authorized.checkVersion.isTrue);
		assert.ok((await refund(loop, loop.accounts.Alice, index)).decision > 0n);
		assert.equal(await version(), old, 'it is authorised, not applied');
	});

	test('other code is refused', async () => {
		const other = Buffer.from(code);
		other[other.length - 1] ^= 1;
		await assert.rejects(send('Dave', api.tx.system.applyAuthorizedUpgrade(u8aToHex(other))), {
			error: 'system.Unauthorized'
		});
		assert.ok((await api.query.system.authorizedUpgrade()).isSome, 'the right code can still be applied');
		assert.equal(await version(), old);
	});

	test('anybody applies the code, and its migration runs once', async () => {
		await api.tx.system.applyAuthorizedUpgrade(u8aToHex(code)).signAndSend(loop.accounts.Dave, { nonce: -1 });
		// An API decodes by the metadata that it began with: what the new runtime makes is for a new one.
		await end(loop);
		loop = undefined;
		for (let tries = 0; (await specOf()) === old; tries += 1) {
			assert.ok(tries < 120, 'the code was not applied within a minute');
			await sleep(500);
		}
		loop = await begin(node);
		api = loop.api;
		applied = (await api.rpc.chain.getHeader()).number.toNumber();
		while ((await specOf((await api.rpc.chain.getBlockHash(applied - 1)).toHex())) !== old) applied -= 1;
		const hash = await api.rpc.chain.getBlockHash(applied);
		const at = await api.at(hash);
		assert.ok((await at.query.system.events()).some(({ event }) => api.events.system.CodeUpdated.is(event)));
		await loop.observer.reach(applied + 4);
		assert.equal(await version(), old + 1);
		const last = (await api.query.system.lastRuntimeUpgrade()).unwrap();
		assert.equal(last.specVersion.toNumber(), old + 1);
		assert.ok((await api.query.system.authorizedUpgrade()).isNone);

		// Each account's power is noted as it was when the old runtime made its last block.
		const then = await snapshot(api, hash);
		const prefix = storageKey('Rehearsal', 'Powers');
		const keys = await api.rpc.state.getKeysPaged(prefix, 1_000, prefix);
		const noted = new Map();
		for (const key of keys) {
			const who = encodeAddress(key.toU8a(true).slice(-32), 42);
			const value = await api.rpc.state.getStorage(key.toHex());
			noted.set(who, api.registry.createType('u128', value.unwrap().toU8a(true)).toBigInt());
		}
		const records = await at.query.reputation.accounts.keys();
		assert.deepEqual([...noted.keys()].sort(), records.map(({ args: [who] }) => encodeAddress(who.toU8a(), 42)).sort());
		for (const name of VOTERS) {
			const { address } = loop.accounts[name];
			const power = (await view(then, 'reputation.power', address)).toBigInt();
			assert.ok(power > 0n);
			assert.equal(noted.get(address), power, name);
		}
		const versionKey = storageKey('Rehearsal', ':__STORAGE_VERSION__:');
		assert.equal((await api.rpc.state.getStorage(versionKey)).unwrap().toHex(), '0x0100');
	});

	test('the chain goes on: blocks, finality, transactions', async () => {
		await send('Bob', api.tx.balances.transferKeepAlive(loop.accounts.Eve.address, 1_000_000_000_000n));
		for (let finalized = 0; finalized <= applied + 2; ) {
			finalized = (await api.rpc.chain.getHeader(await api.rpc.chain.getFinalizedHead())).number.toNumber();
			await sleep(500);
		}
	});

	test('the state after it is whole, a broken one is found', async () => {
		await end(loop);
		loop = undefined;
		await node.stop();
		node = undefined;

		const good = await check(spec, data());
		assert.equal(good.code, 0, good.err);
		for (const pallet of ['ContributionVoting', 'Reputation', 'Attribution', 'Datanets']) {
			assert.match(good.out, new RegExp(`^ +${pallet}: holds$`, 'm'));
		}
		assert.match(good.out, new RegExp(`runtime ${old + 1}\\b`));
		// The block before the code was applied is still there, too.
		const earlier = await check(spec, data(), '--at', String(applied - 1));
		assert.equal(earlier.code, 0, earlier.err);
		assert.doesNotMatch(earlier.out, new RegExp(`runtime ${old + 1}\\b`));

		// The same state without a part, as the beginning of another chain.
		const exported = JSON.parse(await output('export-state', '--chain', spec, '--base-path', data()));
		const total = storageKey('Reputation', 'Total');
		assert.ok(exported.genesis.raw.top[total]);
		const whole = join(folder, 'whole.json');
		await writeFile(whole, JSON.stringify(exported));
		assert.equal((await check(whole, join(folder, 'whole'))).code, 0);
		delete exported.genesis.raw.top[total];
		const broken = join(folder, 'broken.json');
		await writeFile(broken, JSON.stringify(exported));
		const bad = await check(broken, join(folder, 'broken'));
		assert.notEqual(bad.code, 0);
		assert.match(bad.err, /the state is broken: .*Reputation: [12]: /);
		assert.match(bad.out, /^ +Datanets: holds$/m);
	});
});
