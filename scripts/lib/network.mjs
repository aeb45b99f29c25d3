// Several nodes of one chain on one machine.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { freePort, rpc, startNode, writeSpec } from './node.mjs';

/** The validators of the chain `local`, in the order in which they are started. */
export const VALIDATORS = ['alice', 'bob', 'charlie', 'dave'];

/** Of the network key of a node, from a number; and the id that others know it by. */
const nodeKey = (number) => (number + 1).toString(16).padStart(64, '0');

/**
 * Starts the four validators of the chain `local`. `options(name)` says what `startNode` is to be given for
 * each, beside what makes it one of them. `genesis(patch)` may change what the chain begins with: amounts are
 * numbers, so only those that a number holds exactly can be put there.
 *
 * Returns `{ nodes, folder, restart(name, options), stop() }`; `nodes` by name.
 */
export async function startNetwork({ options = () => ({}), genesis } = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'openledger-network-'));
	const chain = genesis ? join(folder, 'spec.json') : 'local';
	if (genesis) await writeSpec('local', chain, genesis);
	const ports = Object.fromEntries(await Promise.all(VALIDATORS.map(async (name) => [name, await freePort()])));
	const nodes = {};
	let bootnode;
	const start = async (name, given) => {
		nodes[name] = await startNode({
			...given,
			chain: [
				...['--chain', chain, `--${name}`],
				...['--node-key', nodeKey(VALIDATORS.indexOf(name))],
				...['--public-addr', `/ip4/127.0.0.1/tcp/${ports[name]}`],
				...(bootnode ? ['--bootnodes', bootnode] : [])
			],
			p2pPort: ports[name],
			folder: join(folder, name),
			// One alone makes none.
			blocks: 0
		});
		return nodes[name];
	};
	try {
		for (const name of VALIDATORS) {
			const node = await start(name, options(name));
			bootnode ??= `/ip4/127.0.0.1/tcp/${node.p2p}/p2p/${await rpc(node, 'system_localPeerId')}`;
		}
	} catch (error) {
		await Promise.all(Object.values(nodes).map((node) => node.stop()));
		throw error;
	}
	return {
		nodes,
		folder,
		restart: (name, given = options(name)) => start(name, given),
		async stop() {
			await Promise.all(Object.values(nodes).map((node) => node.stop()));
			await rm(folder, { recursive: true, force: true, maxRetries: 3 });
		}
	};
}
