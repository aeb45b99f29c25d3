// Runs a built node as a child process.

import { execFile, spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { cacheFolder } from './texts.mjs';

const ORT_VERSION = '1.31.1';

/** Where `make build` puts the node; `OPENLEDGER_NODE` names another one. */
export const nodeBinary = () =>
	process.env.OPENLEDGER_NODE ??
	join(process.env.CARGO_TARGET_DIR ?? join(cacheFolder(), 'target'), 'release', 'openledger-node');

/** ONNX Runtime's library, where `scripts/setup.sh` puts it; `ORT_DYLIB_PATH` names another one. */
export const onnxruntime = () =>
	process.env.ORT_DYLIB_PATH ??
	join(cacheFolder(), 'onnxruntime', ORT_VERSION, `libonnxruntime.so.${ORT_VERSION}`);

/** A port of 127.0.0.1 that nobody listens on right now. */
export const freePort = () =>
	new Promise((resolve, reject) => {
		const server = createServer();
		server.on('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => resolve(port));
		});
	});

/** Whether somebody listens on a port of 127.0.0.1. */
export const isTaken = (port) =>
	new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(true));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
	});

/** A node's answer to a call. */
export async function rpc(node, method, ...params) {
	const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
	const response = await fetch(node.http, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
	const { result, error } = await response.json();
	if (error) throw new Error(`${method}: ${error.message}`);
	return result;
}

/** Writes the spec of a built-in chain to a file, after `change` has changed its genesis by pallets. */
export async function writeSpec(chain, file, change) {
	await promisify(execFile)(nodeBinary(), ['export-chain-spec', '--chain', chain, '--output', file]);
	const spec = JSON.parse(await readFile(file, 'utf8'));
	change(spec.genesis.runtimeGenesis.patch);
	await writeFile(file, JSON.stringify(spec));
}

const running = new Set();
// A node must not outlive the script, however that ends.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Resident memory of a process and its descendants in bytes. */
async function residentOf(pid) {
	const field = async (file, pattern) => pattern.exec(await readFile(file, 'utf8'))?.[1];
	const parents = new Map();
	for (const entry of await readdir('/proc')) {
		if (!/^\d+$/.test(entry)) continue;
		const parent = await field(`/proc/${entry}/status`, /^PPid:\s+(\d+)/m).catch(() => undefined);
		if (parent) parents.set(Number(entry), Number(parent));
	}
	const family = new Set([pid]);
	for (let grown = true; grown; ) {
		const children = [...parents].filter(([child, parent]) => family.has(parent) && !family.has(child));
		children.forEach(([child]) => family.add(child));
		grown = children.length > 0;
	}
	// The proportional size counts pages that the processes share, such as the program's own, once.
	let kibibytes = 0;
	for (const member of family) {
		kibibytes += Number((await field(`/proc/${member}/smaps_rollup`, /^Pss:\s+(\d+)/m).catch(() => 0)) ?? 0);
	}
	return kibibytes * 1024;
}

/**
 * Starts a node and waits until it has `blocks`: one of a development chain of its own, or of what `chain` says.
 * Ports that are not given are free ones. With `inference` it serves the models of the cache, or those of
 * the folder `models`. What a `folder` holds it goes on with, and leaves there when it stops.
 *
 * Returns `{ ws, content, p2p, inferenceUrl, logFile, log(), resident(), inferenceHealth(), metrics(), stop(),
 * kill(), exited }`.
 */
export async function startNode({
	chain = ['--dev'],
	folder: kept,
	blocks = 1,
	rpcPort,
	contentPort,
	p2pPort,
	inference = true,
	models = join(cacheFolder(), 'models'),
	args = [],
	onExit = () => {}
} = {}) {
	const binary = nodeBinary();
	if (!existsSync(binary)) throw new Error(`there is no node at ${binary}: run 'make build' first`);
	const ports = {
		rpc: rpcPort ?? (await freePort()),
		content: contentPort ?? (await freePort()),
		p2p: p2pPort ?? (await freePort()),
		inference: await freePort(),
		metrics: await freePort()
	};
	const folder = kept ?? (await mkdtemp(join(tmpdir(), 'openledger-')));
	await mkdir(folder, { recursive: true });
	const logFile = join(folder, 'node.log');
	const log = createWriteStream(logFile, { flags: 'a' });
	const command = [
		...chain,
		// With levels, without which nobody can look for errors in it.
		'--detailed-log-output',
		...['--base-path', join(folder, 'data')],
		...['--rpc-port', ports.rpc, '--rpc-cors', 'all'],
		...['--port', ports.p2p, '--no-mdns', '--no-telemetry'],
		...['--prometheus-port', ports.metrics],
		...['--content-port', ports.content],
		...(inference ? ['--inference-models', models] : []),
		...(inference ? ['--inference-port', ports.inference] : []),
		...args
	].map(String);
	const env = { ...process.env, ORT_DYLIB_PATH: onnxruntime() };
	const child = spawn(binary, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
	running.add(child);
	child.stdout.pipe(log, { end: false });
	child.stderr.pipe(log, { end: false });
	let state = 'starting';
	const exited = new Promise((resolve) => {
		child.on('error', (error) => {
			log.write(`${error}\n`);
			resolve(error);
		});
		child.on('exit', (code, signal) => {
			running.delete(child);
			if (state === 'running') onExit(code ?? signal);
			resolve(code ?? signal);
		});
	});
	const tail = async (lines = 60) => {
		await sleep(200);
		return (await readFile(logFile, 'utf8')).split('\n').slice(-lines).join('\n');
	};
	const node = {
		ws: `ws://127.0.0.1:${ports.rpc}`,
		http: `http://127.0.0.1:${ports.rpc}`,
		content: `http://127.0.0.1:${ports.content}`,
		inferenceUrl: `http://127.0.0.1:${ports.inference}`,
		p2p: ports.p2p,
		folder,
		logFile,
		log: tail,
		resident: () => residentOf(child.pid),
		inferenceHealth: async () => (await fetch(`http://127.0.0.1:${ports.inference}/health`)).json(),
		/** What monitors see now: `value(name, labels)` is the sum of all series that have these labels. */
		async metrics() {
			const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
			const series = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
				name,
				labels: new Map([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, words]) => [key, words])),
				value: Number(value)
			}));
			return (name, labels = {}) =>
				series
					.filter((one) => one.name === name && Object.entries(labels).every(([key, words]) => one.labels.get(key) === words))
					.reduce((sum, { value }) => sum + value, 0);
		},
		exited,
		async stop() {
			state = 'stopping';
			child.kill('SIGTERM');
			if ((await Promise.race([exited, sleep(15_000, 'late')])) === 'late') child.kill('SIGKILL');
			await exited;
			log.end();
			if (!kept) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
		},
		/** Ends it as a crash would. */
		async kill() {
			state = 'stopping';
			child.kill('SIGKILL');
			await exited;
			log.end();
		}
	};
	const health = async () => Number((await rpc(node, 'chain_getHeader')).number) >= blocks;
	for (const deadline = Date.now() + 90_000; ; ) {
		if (await health().catch(() => false)) break;
		if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
			const words = await tail();
			await node.stop();
			throw new Error(`the node did not come up; the end of its log:\n${words}`);
		}
		await sleep(250);
	}
	state = 'running';
	return node;
}

/**
 * Waits until a node's inference service has embedded the passages of `count` models. Calls
 * `tell(done, total)` as they grow. Fails if it can't embed one, or does not begin.
 */
export async function indexed(node, count, { seconds = 300, tell = () => {} } = {}) {
	const deadline = Date.now() + seconds * 1_000;
	for (let seen; Date.now() < deadline; await sleep(500)) {
		const { corpora = [] } = await node.inferenceHealth().catch(() => ({}));
		const failed = corpora.find(({ state }) => state === 'failed');
		if (failed) throw new Error(`the inference service could not embed the passages: ${JSON.stringify(failed)}`);
		const add = (field) => corpora.reduce((sum, corpus) => sum + corpus[field], 0);
		const progress = `${add('done')}/${add('total')}`;
		if (corpora.length > 0 && progress !== seen) tell(add('done'), add('total'));
		seen = progress;
		if (corpora.filter(({ state }) => state === 'ready').length >= count) return;
	}
	throw new Error(`after ${seconds} s the inference service has not embedded the passages of ${count} models`);
}

/**
 * Waits until a node's metrics count all blocks up to `number`, which follow finality, and what its
 * inference service has done until then, which it is asked every five seconds. Returns `value(name, labels)`.
 */
export async function counted(node, number, { seconds = 60 } = {}) {
	const asked = Date.now() + 6_000;
	for (const deadline = Date.now() + seconds * 1_000; Date.now() < deadline; await sleep(500)) {
		const value = await node.metrics();
		if (Date.now() > asked && value('openledger_chain_counted_block') >= number) return value;
	}
	throw new Error(`after ${seconds} s the metrics do not count block ${number}`);
}
