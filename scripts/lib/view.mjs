// The runtime's view functions, which the polkadot-js API knows from the metadata but does not offer yet.

import { u8aConcat } from '@polkadot/util';

const functions = new WeakMap();

/** The view functions by `pallet.function`, both in camel case. */
function known(api) {
	if (!functions.has(api)) {
		const { pallets } = api.runtimeMetadata.asV16;
		const camel = (text) => text.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
		const found = new Map();
		for (const { name, viewFunctions } of pallets) {
			const pallet = name.toString().replace(/^\w/, (letter) => letter.toLowerCase());
			for (const each of viewFunctions) found.set(`${pallet}.${camel(each.name.toString())}`, each);
		}
		functions.set(api, found);
	}
	return functions.get(api);
}

/** Calls a view function, such as `view(api, 'seasons.leaderboard', null, 100)`. Returns its decoded result. */
export async function view(api, name, ...args) {
	const found = known(api).get(name);
	if (!found) throw new Error(`the runtime has no view function ${name}`);
	const { id, inputs, output } = found;
	if (inputs.length !== args.length) {
		const names = inputs.map(({ name: each }) => each.toString()).join(', ');
		throw new Error(`${name} takes ${inputs.length} arguments: ${names}`);
	}
	const typeOf = (lookup) => api.registry.createLookupType(lookup);
	const input = u8aConcat(...inputs.map(({ type }, index) => api.registry.createType(typeOf(type), args[index]).toU8a()));
	const result = await api.call.runtimeViewFunction.executeViewFunction(id, `0x${Buffer.from(input).toString('hex')}`);
	if (result.isErr) throw new Error(`${name}: ${result.asErr.toString()}`);
	return api.registry.createType(typeOf(output), result.asOk.toU8a(true));
}

/**
 * The view functions of a block, the newest if none is named, so that what is read together belongs together: power
 * decays with each block.
 */
export async function snapshot(api, hash) {
	const { registry, call } = await api.at(hash ?? (await api.rpc.chain.getBlockHash()));
	const at = { runtimeMetadata: api.runtimeMetadata, registry, call };
	functions.set(at, known(api));
	return at;
}
