// Accounts of the chain and addresses of Ethereum: which is which.

import { hexToU8a, isHex, u8aConcat, u8aToHex } from '@polkadot/util';
import { checkAddress, decodeAddress, encodeAddress, keccakAsU8a } from '@polkadot/util-crypto';

const SS58 = 42;
/** What an account has in place of the last bytes of a key, if an Ethereum key acts as it. */
const SUFFIX = new Uint8Array(12).fill(0xee);

/** Whether this is an Ethereum address. */
export const isEthereum = (text) => isHex(text, 160);

/** Whether this is an account's address on this chain. */
export const isAccount = (text) => typeof text === 'string' && checkAddress(text, SS58)[0];

/** The account as which an Ethereum key acts: its address and twelve bytes 0xEE. */
export const ethereumAccount = (address) => encodeAddress(u8aConcat(hexToU8a(address), SUFFIX), SS58);

/** The Ethereum address of an account: what an Ethereum key acts as has the key's, any other one from its hash. */
export function ethereumAddress(account) {
	const id = decodeAddress(account, false, SS58);
	const own = id.length === 32 && SUFFIX.every((byte, index) => id[20 + index] === byte);
	return u8aToHex(own ? id.slice(0, 20) : keccakAsU8a(id).slice(12));
}

/** The account that an Ethereum address stands for on the chain now. */
export async function accountOf(api, address) {
	const mapped = await api.query.revive.originalAccount(address);
	return mapped.isSome ? encodeAddress(mapped.unwrap(), SS58) : ethereumAccount(address);
}
