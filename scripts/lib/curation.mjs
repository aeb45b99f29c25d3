// What curators, candidates and owners commit to, as in `pallets/curation/src/commitments.rs`.

import { blake2AsHex } from '@polkadot/util-crypto';

const hashOf = (api, ...parts) =>
	blake2AsHex(Buffer.concat(parts.map(([type, value]) => Buffer.from(api.createType(type, value).toU8a()))));

/** A juror's commitment to a verdict. `subject` and `verdict` are values of the chain's types. */
export function verdictCommitment(api, { subject, level, who, verdict, salt }) {
	const types = api.tx.curation.revealVerdict.meta.args;
	return hashOf(
		api,
		['Text', 'openledger/verdict'],
		['Hash', api.genesisHash],
		[types[0].type.toString(), subject],
		['u8', level],
		['AccountId', who],
		[types[1].type.toString(), verdict],
		['[u8; 32]', salt]
	);
}

/** A candidate's commitment to its answers, for a round opened in block `opened`. */
export const answersCommitment = (api, { datanet, opened, who, answers, salt }) =>
	hashOf(
		api,
		['Text', 'openledger/answers'],
		['Hash', api.genesisHash],
		['u32', datanet],
		['u32', opened],
		['AccountId', who],
		['Bytes', `0x${Buffer.from(answers).toString('hex')}`],
		['[u8; 32]', salt]
	);

/** An owner's commitment to the solution of a qualification. */
export const solutionCommitment = (api, { datanet, owner, answers, salt }) =>
	hashOf(
		api,
		['Text', 'openledger/solution'],
		['Hash', api.genesisHash],
		['u32', datanet],
		['AccountId', owner],
		['Bytes', `0x${Buffer.from(answers).toString('hex')}`],
		['[u8; 32]', salt]
	);
