// What of governance needs no chain.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { TypeRegistry } from '@polkadot/types';
import { blake2AsHex } from '@polkadot/util-crypto';

import { asked, enactmentOf, originOf, progress } from './governance.mjs';
import { percent, span } from '../governance/words.mjs';

describe('referenda', () => {
	test('a track’s origin goes by its name', () => {
		assert.deepEqual(originOf({ id: 0, name: 'root' }), { system: 'Root' });
		assert.deepEqual(originOf({ id: 1, name: 'whitelisted_caller' }), { Origins: 'WhitelistedCaller' });
		assert.deepEqual(originOf({ id: 32, name: 'big_spender' }), { Origins: 'BigSpender' });
	});

	test('what is asked for falls evenly, and no further than to its floor', () => {
		const line = { from: 1e9, to: 6e8, length: 1e9 };
		assert.deepEqual([0, 0.25, 0.5, 1, 2].map((part) => asked(line, part)), [1e9, 9e8, 8e8, 6e8, 6e8]);
		// One that has fallen after half of the time.
		assert.deepEqual([0.25, 0.5, 0.75].map((part) => asked({ ...line, length: 5e8 }, part)), [8e8, 6e8, 6e8]);
	});

	test('a decision is never more than over, and none before it begins', () => {
		const status = { since: 100, track: { decide: 40 } };
		assert.deepEqual([90, 100, 110, 140, 200].map((number) => progress(status, number)), [0, 0, 0.25, 1, 1]);
	});

	test('the scheduler knows an enactment by the hash of what it is', () => {
		// "assembly", the length of "enactment" times four, "enactment", and the index in four bytes.
		const bytes = Buffer.from(`assembly${String.fromCharCode(36)}enactment\u0007\u0000\u0000\u0000`, 'latin1');
		assert.equal(enactmentOf({ registry: new TypeRegistry() }, 7), blake2AsHex(bytes));
	});

	test('parts and periods in words', () => {
		assert.deepEqual([6e8, 123_456_789, 0].map(percent), ['60 %', '12.35 %', '0 %']);
		assert.deepEqual([1, 30, 2_700, 43_200, 604_800].map(span), ['2 s', '1 min', '1.5 h', '1 d', '14 d']);
	});
});
