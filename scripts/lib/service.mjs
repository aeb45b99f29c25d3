// An inference service apart from any node, and one that lies.

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort, nodeBinary, onnxruntime } from './node.mjs';
import { cacheFolder } from './texts.mjs';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts an inference service with the models of the cache, which fetches batches from their locators.
 *
 * Returns `{ url, token, tokenFile, stop() }`.
 */
export async function startService({ models = join(cacheFolder(), 'models') } = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'openledger-service-'));
	const token = 'told-to-the-node';
	const tokenFile = join(folder, 'token');
	await writeFile(tokenFile, token, { mode: 0o600 });
	const port = await freePort();
	const child = spawn(
		nodeBinary(),
		[
			'inference',
			...['--models', models, '--content', join(folder, 'content'), '--cache', join(folder, 'cache')],
			...['--listen', `127.0.0.1:${port}`, '--provider', 'cpu', '--token-file', tokenFile],
			'--allow-private-locators'
		],
		{ env: { ...process.env, ORT_DYLIB_PATH: onnxruntime() }, stdio: ['ignore', 'ignore', 'inherit'] }
	);
	running.add(child);
	const exited = new Promise((resolve) => child.on('exit', resolve));
	const service = {
		url: `http://127.0.0.1:${port}`,
		token,
		tokenFile,
		async stop() {
			child.kill('SIGTERM');
			await Promise.race([exited, sleep(5_000)]);
			child.kill('SIGKILL');
			running.delete(child);
			await rm(folder, { recursive: true, force: true, maxRetries: 3 });
		}
	};
	for (const deadline = Date.now() + 30_000; ; await sleep(200)) {
		const up = await fetch(`${service.url}/health`).then(
			({ ok }) => ok,
			() => false
		);
		if (up) return service;
		if (Date.now() > deadline || child.exitCode !== null) {
			await service.stop();
			throw new Error('the inference service did not come up');
		}
	}
}

/**
 * A service that passes what a node asks on to a real one, and changes it on the way: what a dishonest operator
 * would put between the two. `ask` gets `{ method, path, body }` and returns the same, changed; `answer` gets
 * that and the real service's `{ status, body }`, and returns the latter, changed.
 *
 * Returns `{ url, stop() }`. The token is the real service's.
 */
export async function startLiar(service, { ask = (asked) => asked, answer = (_, answered) => answered }) {
	const server = createServer(async (request, response) => {
		try {
			const chunks = [];
			for await (const chunk of request) chunks.push(chunk);
			const text = Buffer.concat(chunks).toString('utf8');
			const asked = ask({ method: request.method, path: request.url, body: text ? JSON.parse(text) : undefined });
			const real = await fetch(`${service.url}${asked.path}`, {
				method: asked.method,
				headers: {
					...(request.headers.authorization ? { authorization: request.headers.authorization } : {}),
					'content-type': 'application/json'
				},
				body: asked.body === undefined ? undefined : JSON.stringify(asked.body)
			});
			const { status, body } = answer(asked, { status: real.status, body: await real.json() });
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
		} catch (error) {
			response.writeHead(502, { 'content-type': 'application/json' });
			response.end(JSON.stringify({ error: { code: 'internal', message: String(error) } }));
		}
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}`,
		stop: () =>
			new Promise((resolve) => {
				server.close(resolve);
				server.closeAllConnections();
			})
	};
}
