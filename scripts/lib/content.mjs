// A node's content store over HTTP.

import { hexToU8a } from '@polkadot/util';

import { verify } from './merkle.mjs';

async function ask(url, options) {
	const response = await fetch(url, options);
	if (response.ok) return response;
	const body = await response.text();
	throw new Error(`${options?.method ?? 'GET'} ${url}: ${response.status} ${body}`);
}

/** Puts a batch file into a node's content store, which checks its hash. `token`: what it wants to see, if anything. */
export async function upload(store, batch, token) {
	const headers = token ? { authorization: `Bearer ${token}` } : {};
	const response = await ask(`${store}/content/${batch.sha256}`, { method: 'PUT', body: batch.content, headers });
	return response.json();
}

/**
 * Fetches a row of a batch and checks its proof against what the chain knows of the batch: `root` (with
 * `0x`) and `rows`. Returns `{ text, proof }`, where the text is the row as it stands in the file.
 */
export async function provenRow(store, { sha256, root, rows }, index) {
	const answer = await (await ask(`${store}/content/${sha256}/rows/${index}`)).json();
	const proof = answer.proof.map((sibling) => hexToU8a(sibling.startsWith('0x') ? sibling : `0x${sibling}`));
	const row = new TextEncoder().encode(answer.text);
	if (!verify(hexToU8a(root), row, index, rows, proof)) {
		throw new Error(`row ${index} of ${sha256} does not belong to the root ${root} on the chain`);
	}
	return { text: answer.text, proof };
}
