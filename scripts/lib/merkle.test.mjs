import assert from 'node:assert/strict';
import { test } from 'node:test';

import { leaf, node, prove, root, verify } from './merkle.mjs';

const rows = (count) => Array.from({ length: count }, (_, index) => new TextEncoder().encode(`row ${index}`));

test('a tree of three leans to the left', () => {
	const [a, b, c] = rows(3).map(leaf);
	assert.deepEqual(root([a, b, c]), node(node(a, b), c));
	assert.deepEqual(root([a]), a);
	assert.throws(() => root([]), RangeError);
});

test('each row is proved in its place and in no other', () => {
	for (let count = 1; count < 40; count += 1) {
		const all = rows(count);
		const leaves = all.map(leaf);
		const expected = root(leaves);
		for (let index = 0; index < count; index += 1) {
			const proof = prove(leaves, index);
			for (let claimed = 0; claimed < count; claimed += 1) {
				const holds = verify(expected, all[index], claimed, count, proof);
				assert.equal(holds, claimed === index, `row ${index} of ${count} as ${claimed}`);
			}
			assert.equal(verify(expected, all[index], count, count, proof), false);
		}
		assert.throws(() => prove(leaves, count), RangeError);
	}
});

test('what was changed is refused', () => {
	const all = rows(13);
	const leaves = all.map(leaf);
	const expected = root(leaves);
	const proof = prove(leaves, 5);
	assert.equal(verify(expected, all[6], 5, 13, proof), false);
	assert.equal(verify(expected, all[5], 5, 13, proof.slice(1)), false);
	assert.equal(verify(expected, all[5], 5, 13, [...proof, expected]), false);
	const flipped = proof.map((sibling, at) => (at === 1 ? sibling.map((byte) => byte ^ 1) : sibling));
	assert.equal(verify(expected, all[5], 5, 13, flipped), false);
	// An inner node's two halves, offered as a row, hash with the leaf's prefix.
	const inner = new Uint8Array([...leaves[0], ...leaves[1]]);
	assert.equal(verify(root(leaves.slice(0, 2)), inner, 0, 1, []), false);
});
