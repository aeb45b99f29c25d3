// Ethereum's side of a node: the keys of a development chain, and the chain as Ethereum's libraries want it told.

import { defineChain } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** What the development chain's Ethereum accounts sign with: known to everybody. */
export const KEYS = {
	Alith: '0x5fb92d6e98884f76de468fa3f6278f8807c48bebc13595d45af5bdc4da702133',
	Baltathar: '0x8075991ce870b93a8870eca0c0f91913d12f47948ca0fd25b49c6fa7cdbeee8b',
	Charleth: '0x0b6e18cafb6ed99687ec547bd28139cafdd2bffe70e6b688025de6b445aa5c5b',
	Dorothy: '0x39539ab1876910bbf3a223d84a29e28f1cb4e2e456503e7e91ed39b2e7223d68',
	Ethan: '0x7dce9bc8babb68fec1409be38c8e1a52650206a7ed90ff956ae8a6d15eeaaef4'
};

/** The same accounts as viem has them. */
export const ACCOUNTS = Object.fromEntries(Object.entries(KEYS).map(([name, key]) => [name, privateKeyToAccount(key)]));

export const CHAIN_ID = 0x6f70656e;

/** The chain that a node serves, for viem. */
export const chainOf = (node) =>
	defineChain({
		id: CHAIN_ID,
		name: 'OpenLedger',
		nativeCurrency: { name: 'OPEN', symbol: 'OPEN', decimals: 18 },
		rpcUrls: { default: { http: [node.http], webSocket: [node.ws] } }
	});

/** Asks a node several things in one request. Returns all of its answers, with results or errors, in order. */
export async function batch(node, requests) {
	const body = requests.map(([method, ...params], id) => ({ jsonrpc: '2.0', id, method, params }));
	const response = await fetch(node.http, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body)
	});
	const answers = await response.json();
	return body.map(({ id }) => answers.find((answer) => answer.id === id));
}

/** Asks a node. Returns its answer, `{ result }` or `{ error }`. */
export async function ask(node, method, ...params) {
	const [answer] = await batch(node, [[method, ...params]]);
	return answer;
}
