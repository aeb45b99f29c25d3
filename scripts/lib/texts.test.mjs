import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { domains } from './domains.mjs';
import { leaf, root } from './merkle.mjs';
import { bible, batchOf, devil, foldoc, sample } from './texts.mjs';

test('the texts are read entry by entry', async () => {
	const computing = await foldoc();
	assert.ok(computing.length > 9_000);
	const cache = computing.find(({ title }) => title === 'cache');
	assert.match(cache.text, /small fast memory holding recently accessed data/);
	assert.ok(computing.every(({ title, text }) => title && text.length <= 600 && !/[{}\n]/.test(text)));

	const satire = await devil();
	assert.equal(satire.find(({ title }) => title === 'politeness').text, 'The most acceptable hypocrisy.');

	const [genesis] = await bible(['Ge1']);
	assert.match(genesis.title, /^Genesis 1:1-\d+$/);
	assert.match(genesis.text, /^In the beginning God created/);
});

test('a batch file has a row per line, each a JSON object', () => {
	const batch = batchOf([{ title: 'a', text: 'b' }, { title: 'ü', text: '“”' }]);
	const lines = batch.content.toString().split('\n');
	assert.equal(lines.pop(), '');
	assert.equal(batch.rows, 2);
	assert.deepEqual(JSON.parse(lines[1]), { title: 'ü', text: '“”' });
	assert.equal(batch.bytes, Buffer.byteLength(batch.content.toString()));
	assert.equal(batch.sha256, createHash('sha256').update(batch.content).digest('hex'));
	const expected = root(lines.map((line) => leaf(Buffer.from(line))));
	assert.equal(batch.root, `0x${Buffer.from(expected).toString('hex')}`);
});

test('a sample has what is wanted and the size asked for', () => {
	const passages = Array.from({ length: 1_000 }, (_, index) => ({ title: `${index}` }));
	const picked = sample(passages, 50, ({ title }) => title === '3');
	assert.equal(picked.length, 50);
	assert.ok(picked.some(({ title }) => title === '3'));
	assert.equal(sample(passages.slice(0, 5), 50).length, 5);
});

test('two domains of three contributors, no batch twice, twenty questions each', async () => {
	const all = await domains({ passages: 60 });
	assert.deepEqual(all.map(({ name }) => name), ['computing', 'letters']);
	const contributions = all.flatMap((domain) => domain.contributions);
	assert.deepEqual([...new Set(contributions.map(({ contributor }) => contributor))].sort(), ['Bob', 'Charlie', 'Dave']);
	const roots = contributions.flatMap(({ batches }) => batches.map((batch) => batch.root));
	assert.equal(new Set(roots).size, roots.length);
	all.forEach(({ questions }) => assert.equal(new Set(questions).size, 20));
});
