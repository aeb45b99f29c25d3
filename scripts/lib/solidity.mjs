// Compiles Solidity and runs it on the chain, through the chain's own interface to contracts.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { u8aToHex } from '@polkadot/util';
import { keccakAsHex } from '@polkadot/util-crypto';

const root = new URL('../../', import.meta.url);

/** Where an import is: `@…` is of a package, anything else relative to the checkout. */
const place = (name) => (name.startsWith('@') ? `scripts/node_modules/${name}` : name);

/** Compiles a file of the checkout, `path` being relative to it. Returns the contract's init code as hex. */
export function compile(path, contract) {
	// Loaded here, as only the tests of contracts need its eight megabytes.
	const solc = createRequire(import.meta.url)('solc');
	const read = (name) => readFileSync(fileURLToPath(new URL(place(name), root)), 'utf8');
	const input = {
		language: 'Solidity',
		sources: { [path]: { content: read(path) } },
		settings: {
			optimizer: { enabled: true, runs: 200 },
			evmVersion: 'paris',
			outputSelection: { '*': { '*': ['evm.bytecode.object'] } }
		}
	};
	const imports = (name) => {
		try {
			return { contents: read(name) };
		} catch (error) {
			return { error: error.message };
		}
	};
	const output = JSON.parse(solc.compile(JSON.stringify(input), { import: imports }));
	const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error');
	if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join('\n'));
	return `0x${output.contracts[path][contract].evm.bytecode.object}`;
}

const LIMIT = { refTime: 500_000_000_000n, proofSize: 2_000_000n };

/** Puts a contract onto the chain. Returns its address. */
export async function deploy(loop, signer, code) {
	const { api, sender } = loop;
	const call = api.tx.revive.instantiateWithCode(0n, LIMIT, 1_000_000_000_000_000n, code, '0x', null);
	const deployed = await sender.send(signer, call);
	return deployed.find('revive.Instantiated').contract.toHex();
}

const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const bare = (hex) => hex.replace(/^0x/, '');

/** Encodes a call's arguments: numbers, 32 bytes as hex, `{ bytes }`, and lists of 32 bytes. */
export function encode(signature, args) {
	const heads = [];
	let tail = '';
	const dynamic = (content) => {
		heads.push(word(args.length * 32 + tail.length / 2));
		tail += content;
	};
	for (const arg of args) {
		if (Array.isArray(arg)) dynamic(word(arg.length) + arg.map((item) => bare(item)).join(''));
		else if (arg?.bytes) {
			const hex = bare(u8aToHex(arg.bytes));
			dynamic(word(arg.bytes.length) + hex.padEnd(Math.ceil(hex.length / 64) * 64, '0'));
		} else heads.push(typeof arg === 'string' ? bare(arg) : word(arg));
	}
	return `${keccakAsHex(signature).slice(0, 10)}${heads.join('')}${tail}`;
}

/** Calls a contract without a transaction. Returns what it returned, as hex; throws if it reverted. */
export async function view(loop, origin, contract, signature, args) {
	const found = await loop.api.call.reviveApi.call(origin.address, contract, 0n, null, null, encode(signature, args));
	const { flags, data } = found.result.asOk;
	if ((flags.bits ?? flags).toNumber() & 1) throw new Error(`${signature} reverted: ${data.toHex()}`);
	return data.toHex();
}
