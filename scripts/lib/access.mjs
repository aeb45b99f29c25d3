// Shows a content store that an account may read a file, as in `primitives/src/access.rs`.

import { u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

/** The value of the header `Authorization` by which `signer` fetches a file of a Datanet for a minute. */
export function authorization(api, signer, { datanet, sha256, expires = Date.now() + 60_000 }) {
	const content = Buffer.from(sha256, 'hex');
	const field = (type, value) => api.createType(type, value).toU8a();
	const tail = u8aConcat(field('u32', datanet), content, field('u64', expires));
	// The tag is an array of bytes, which has no length before it.
	const message = u8aConcat(new TextEncoder().encode('openledger/access'), api.genesisHash, tail);
	const signature = signer.sign(blake2AsU8a(message), { withType: true });
	return `OpenLedger ${u8aToHex(u8aConcat(signer.publicKey, tail, signature)).slice(2)}`;
}
