// The Solidity library that checks row proofs, in a contract on the built node.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { u8aToHex } from '@polkadot/util';

import { begin, end } from '../lib/loop.mjs';
import { leaf, node as inner, prove, root } from '../lib/merkle.mjs';
import { startNode } from '../lib/node.mjs';
import { compile, deploy, view } from '../lib/solidity.mjs';

const rows = (count) => Array.from({ length: count }, (_, index) => new TextEncoder().encode(`{"text":"row ${index}"}`));

describe('row proofs in Solidity', { timeout: 300_000 }, () => {
	let node;
	let loop;
	let contract;

	const verify = async (...args) => {
		const signature = 'verify(bytes32,bytes32,uint32,uint32,bytes32[])';
		return BigInt(await view(loop, loop.accounts.Alice, contract, signature, args)) === 1n;
	};
	const hex = (list) => list.map((item) => u8aToHex(item));

	before(async () => {
		node = await startNode({ inference: false });
		loop = await begin(node);
		const code = compile('scripts/e2e/contracts/RowProofUser.sol', 'RowProofUser');
		contract = await deploy(loop, loop.accounts.Alice, code);
	});

	after(async () => {
		if (loop) await end(loop);
		if (node) await node.stop();
	});

	test('a leaf is what the tree is made of', async () => {
		for (const row of [new Uint8Array(), ...rows(2), new Uint8Array(200).fill(7)]) {
			const found = await view(loop, loop.accounts.Alice, contract, 'leaf(bytes)', [{ bytes: row }]);
			assert.equal(found, u8aToHex(leaf(row)));
		}
	});

	test('every row of small batches is proved, and at no other place', async () => {
		for (const count of [1, 2, 3, 5, 7, 8, 11]) {
			const leaves = rows(count).map(leaf);
			const expected = u8aToHex(root(leaves));
			for (let index = 0; index < count; index += 1) {
				const proof = hex(prove(leaves, index));
				const claims = [index, (index + 1) % count, count];
				for (const claim of claims) {
					assert.equal(
						await verify(expected, u8aToHex(leaves[index]), claim, count, proof),
						claim === index,
						`row ${index} of ${count} as ${claim}`
					);
				}
			}
		}
	});

	test('a changed row, a changed sibling, a shorter and a longer proof are refused', async () => {
		const leaves = rows(1_000).map(leaf);
		const expected = u8aToHex(root(leaves));
		const proof = hex(prove(leaves, 421));
		const other = u8aToHex(leaf(new TextEncoder().encode('{"text":"another"}')));
		assert.ok(await verify(expected, u8aToHex(leaves[421]), 421, 1_000, proof));
		assert.ok(!(await verify(expected, other, 421, 1_000, proof)));
		assert.ok(!(await verify(expected, u8aToHex(leaves[421]), 421, 1_000, [...proof.slice(0, 4), other, ...proof.slice(5)])));
		assert.ok(!(await verify(expected, u8aToHex(leaves[421]), 421, 1_000, proof.slice(1))));
		assert.ok(!(await verify(expected, u8aToHex(leaves[421]), 421, 1_000, [...proof, other])));
		assert.ok(!(await verify(expected, u8aToHex(leaves[421]), 421, 1_000, Array(33).fill(other))));
	});

	test('an inner node is not a row', async () => {
		const leaves = rows(4).map(leaf);
		const expected = u8aToHex(root(leaves));
		const right = u8aToHex(inner(leaves[2], leaves[3]));
		// The bytes of the left inner node, offered as a row of a batch of two.
		const bytes = new Uint8Array([...leaves[0], ...leaves[1]]);
		const forged = await view(loop, loop.accounts.Alice, contract, 'leaf(bytes)', [{ bytes }]);
		assert.ok(!(await verify(expected, forged, 0, 2, [right])));
		// The node itself would fit: hence the number of rows comes from the chain.
		assert.ok(await verify(expected, u8aToHex(inner(leaves[0], leaves[1])), 0, 2, [right]));
		assert.ok(!(await verify(expected, u8aToHex(inner(leaves[0], leaves[1])), 0, 4, [right])));
	});
});
