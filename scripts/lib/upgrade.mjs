// The upgrade of a chain: the code of a rehearsal, and the check of a stopped node's state.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { u8aConcat, u8aToHex } from '@polkadot/util';
import { xxhashAsU8a } from '@polkadot/util-crypto';

import { nodeBinary } from './node.mjs';

/** Where scripts/rehearsal.sh puts the code; `OPENLEDGER_REHEARSAL` names another file. */
export const rehearsalFile = () =>
	process.env.OPENLEDGER_REHEARSAL ??
	join(dirname(nodeBinary()), 'wbuild', 'rehearsal', 'openledger_rehearsal.compressed.wasm');

/** The code of a rehearsal's runtime. */
export async function rehearsalCode() {
	const file = rehearsalFile();
	if (!existsSync(file)) throw new Error(`there is no code at ${file}: run scripts/rehearsal.sh first`);
	return readFile(file);
}

/** The key of a storage item, or the beginning of those of a map. */
export const storageKey = (pallet, item) => u8aToHex(u8aConcat(xxhashAsU8a(pallet, 128), xxhashAsU8a(item, 128)));

/** Runs a command of the node. Returns `{ code, out, err }`. */
export const runNode = (...args) =>
	new Promise((resolve) => {
		execFile(nodeBinary(), args, { maxBuffer: 1 << 30 }, (error, out, err) =>
			resolve({ code: error ? (error.code ?? error.signal) : 0, out, err })
		);
	});

/** A node's command that must succeed. Returns its output. */
export async function output(...args) {
	const { code, out, err } = await runNode(...args);
	if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${err}`);
	return out;
}
