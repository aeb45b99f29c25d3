// What the command-line tools have in common.

import { readFile } from 'node:fs/promises';

import { Keyring } from '@polkadot/api';

import { connect } from './chain.mjs';

export const SS58 = 42;

/** Something that the user can mend. */
export class Mistake extends Error {}

/** Connects, but does not wait for a node that isn't there. */
export async function reach(ws) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(
			() => reject(new Mistake(`no node answers at ${ws}: start one, or name another with --ws`)),
			10_000
		);
	});
	try {
		return await Promise.race([connect(ws), late]);
	} finally {
		clearTimeout(timer);
	}
}

/** What a file with a secret holds. */
export const secretIn = async (file) => {
	const secret = await readFile(file, 'utf8').catch((error) => {
		throw new Mistake(`the secret can't be read: ${error.message}`);
	});
	return secret.trim();
};

/** Who signs. */
export async function signerOf({ suri, 'suri-file': file }) {
	if (!suri && !file) throw new Mistake('this needs who signs: --suri or --suri-file');
	const secret = file ? await secretIn(file) : suri.trim();
	try {
		return new Keyring({ type: 'sr25519', ss58Format: SS58 }).addFromUri(secret);
	} catch (error) {
		throw new Mistake(`that is no secret: ${error.message}`);
	}
}
