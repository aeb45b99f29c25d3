import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import { hexToU8a, stringToU8a, u8aToHex } from '@polkadot/util';
import { blake2AsHex, cryptoWaitReady } from '@polkadot/util-crypto';

import * as channel from './channel.mjs';
import { root, verify } from './merkle.mjs';

const vectors = JSON.parse(
	readFileSync(new URL('../../primitives/vectors/channel.json', import.meta.url), 'utf8'),
);
const genesis = hexToU8a(vectors.genesis);
const first = vectors.calls[0].index;

const receiptOf = (call) => ({
	channel: vectors.channel,
	index: call.index,
	version: call.version,
	input: hexToU8a(call.inputHash),
	outcome: hexToU8a(call.outcomeHash),
	fee: BigInt(call.fee),
	totals: hexToU8a(call.totals.hash),
});

before(cryptoWaitReady);

test('vouchers read and verify as in the chain', () => {
	for (const { spent, message, signature } of vectors.vouchers) {
		const voucher = { channel: vectors.channel, spent: BigInt(spent) };
		assert.equal(channel.voucherMessage(genesis, voucher), message);
		assert.ok(channel.isVoucher(genesis, voucher, signature, vectors.payer));
		const more = { ...voucher, spent: voucher.spent + 1n };
		assert.equal(channel.isVoucher(genesis, more, signature, vectors.payer), false);
		assert.equal(channel.isVoucher(genesis, { ...voucher, channel: 8 }, signature, vectors.payer), false);
		assert.equal(channel.isVoucher(new Uint8Array(32), voucher, signature, vectors.payer), false);
		assert.equal(channel.isVoucher(genesis, voucher, signature, vectors.operator), false);
	}
});

test('receipts are signed and their totals follow', () => {
	let totals = channel.noTotals(first);
	for (const call of vectors.calls) {
		assert.equal(u8aToHex(channel.callSeed(hexToU8a(vectors.channelSeed), call.index)), call.seed);
		assert.equal(blake2AsHex(stringToU8a(call.input)), call.inputHash);
		assert.equal(blake2AsHex(hexToU8a(call.outcome)), call.outcomeHash);
		totals = channel.addCall(totals, BigInt(call.fee), call.attribution);
		assert.deepEqual(
			totals.weights.map(([batch, weight]) => [batch, weight.toString()]),
			call.totals.weights,
		);
		assert.equal(totals.unattributed.toString(), call.totals.unattributed);
		assert.equal(u8aToHex(channel.encodeTotals(totals)), call.totals.encoded);
		assert.equal(u8aToHex(channel.totalsHash(totals)), call.totals.hash);

		const receipt = receiptOf(call);
		assert.equal(u8aToHex(channel.receiptMessage(genesis, receipt)), call.message);
		assert.ok(channel.isReceipt(genesis, receipt, call.signature, vectors.operator));
		const dearer = { ...receipt, fee: receipt.fee + 1n };
		assert.equal(channel.isReceipt(genesis, dearer, call.signature, vectors.operator), false);
		assert.equal(u8aToHex(channel.receiptLeaf(receipt, hexToU8a(call.signature))), call.leaf);
	}
	assert.deepEqual(channel.entries(totals), vectors.entries);
	assert.deepEqual(channel.entries(channel.noTotals(0)), []);
});

test('a batch is the tree over its receipts', () => {
	const leaves = vectors.calls.map((call) => hexToU8a(call.leaf));
	assert.equal(u8aToHex(root(leaves)), vectors.root);
	assert.equal(u8aToHex(channel.batchRoot(leaves)), vectors.root);
	vectors.calls.forEach((call, place) => {
		const bytes = new Uint8Array([
			...channel.encodeReceipt(receiptOf(call)),
			...hexToU8a(call.signature),
		]);
		const proof = call.proof.map((sibling) => hexToU8a(sibling));
		for (let claimed = 0; claimed < leaves.length; claimed += 1) {
			const holds = verify(root(leaves), bytes, claimed, leaves.length, proof);
			assert.equal(holds, claimed === place);
		}
	});
});

test('a batch pays 64 batches of data and no more', () => {
	let totals = channel.noTotals(0);
	for (let batch = 0; batch < 64; batch += 1) {
		totals = channel.addCall(totals, 1n, [[batch, 1_000_000]]);
	}
	assert.throws(() => channel.addCall(totals, 1n, [[64, 1_000_000]]), RangeError);
	assert.equal(channel.addCall(totals, 1n, [[63, 1_000_000]]).calls, 65);
});
