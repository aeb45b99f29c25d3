// The money loop, step by step: data, model, agent, questions, payout, reconciliation.

import { u8aToHex } from '@polkadot/util';
import { blake2AsHex, sha256AsU8a } from '@polkadot/util-crypto';

import { account, connect, Observer, Sender } from './chain.mjs';
import { provenRow, upload } from './content.mjs';
import { batchOf, foldoc, sample } from './texts.mjs';

/** SHA-256 of MiniLM's graph and tokenizer, as `scripts/setup.sh` puts them into the cache. */
export const MINILM = {
	graph: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
	tokenizer: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037'
};

/** SHA-256 of SmolLM2-135M-Instruct's files, as `scripts/setup.sh` converts them: in 32 bits, in 8, and without a layer. */
export const SMOLLM2 = {
	graph: '6a4ee3f0d444ea572e6f1fd4f19ce690de55a66f4e832eaf293ed190daf5e560',
	weights: '0f272ca014aea93a402af2771801484efc051f0f8237ecc7e8144c09c2c3acc0',
	tokenizer: '0fd628c741e8c95e8c6042c05d6814dc068a7d316777375662535958604462fe',
	generation: 'f087bb59b6b4049fe22f640fdb1b8c6f698af4379b9b17e2cc61e4800dfdaa8e',
	graphOf8Bits: 'f429f4db615f587c8b71833aa0365444fc0220b56dbe9a009cc7fe6329cf8fbc',
	weightsOf8Bits: '2b60a993cbcb951e9a75c3de25c9359baf853b972b5c5b5b798c16274aaa2b7b',
	shortGraph: 'd2fc3c9f56c8c3b1e0884a1188da07f26a810b3f3bf8f182cd07675376996f92',
	shortGeneration: 'bd989112daa4d586286f6b4243cb84b3f832fb7cd75db289ef72cc648324c4d3'
};

/** One OPEN in the chain's smallest unit. */
export const UNIT = 1_000_000_000_000n;

const ONNXRUNTIME = [1, 31, 1];

const big = (value) => BigInt(value.toString());

/** A connection with its accounts by name, and the state of the money before anything is done. */
export async function begin(node) {
	const api = await connect(node.ws);
	const observer = await Observer.start(api);
	const { hash } = observer.blocks.get(observer.first);
	const names = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];
	const accounts = Object.fromEntries(names.map((name) => [name, account(name)]));
	return {
		node,
		api,
		observer,
		sender: new Sender(api),
		accounts,
		issuance: big(await (await api.at(hash)).query.balances.totalIssuance()),
		/** Batches by id, as strings: what the script knows of them and what the chain says. */
		batches: new Map()
	};
}

/** Ends a connection. */
export async function end(loop) {
	loop.observer.stop();
	await loop.api.disconnect();
}

/** The name of an address, or its short form. */
export function nameOf(loop, address) {
	const text = address.toString();
	const [name] = Object.entries(loop.accounts).find(([, { address: known }]) => known === text) ?? [];
	return name ?? `${text.slice(0, 6)}…${text.slice(-4)}`;
}

/** The call that creates a Datanet, by default one whose owner lists the contributors and vouches for them. */
export const createDatanetCall = (api, { name, domain, licence, rules = {} }) =>
	api.tx.datanets.createDatanet(
		{
			name,
			metadata: '',
			domain,
			contentType: 'application/x-ndjson',
			language: 'en',
			licence,
			fields: [
				{ name: 'title', kind: 'Text' },
				{ name: 'text', kind: 'Text' }
			]
		},
		{
			contributors: 'Listed',
			curation: null,
			batchDeposit: api.consts.datanets.batchDeposit,
			mebibyteDeposit: api.consts.datanets.mebibyteDeposit,
			accessPricePerDay: 0,
			ownerShare: 0,
			dataKey: null,
			...rules
		}
	);

/** Creates a domain's Datanet, owned by its first contributor, who lists the others. Returns its id. */
export async function createDatanet(loop, domain, licence) {
	const { api, sender, accounts } = loop;
	const names = domain.contributions.map(({ contributor }) => contributor);
	const owner = accounts[names[0]];
	const { description: name, name: field } = domain;
	const created = await sender.send(owner, createDatanetCall(api, { name, domain: field, licence }));
	const datanet = created.find('datanets.DatanetCreated').datanet.toNumber();
	const listings = [...new Set(names)].map((each) => api.tx.datanets.listContributor(datanet, accounts[each].address));
	await sender.send(owner, api.tx.utility.batchAll(listings));
	return datanet;
}

/** The call that adds a batch to a Datanet. */
export const addBatch = (api, datanet, batch) =>
	api.tx.datanets.addBatch(datanet, {
		root: batch.root,
		content: `0x${batch.sha256}`,
		rows: batch.rows,
		bytes: batch.bytes,
		locator: batch.locator ?? 'None',
		minhash: batch.minhash ?? null,
		encrypted: batch.encrypted ?? false
	});

/**
 * Puts a domain's batches into the content store, which may want to see a `token`, and onto the chain. Calls `tell`
 * for each.
 */
export async function contribute(loop, domain, datanet, tell = () => {}, token = undefined) {
	const { api, sender, accounts } = loop;
	for (const { contributor, text, batches } of domain.contributions) {
		for (const batch of batches) {
			const stored = await upload(loop.node.content, batch, token);
			if (stored.root !== null && !batch.root.endsWith(stored.root.replace(/^0x/, ''))) {
				throw new Error(`the node finds the root ${stored.root} where this script finds ${batch.root}`);
			}
			const added = await sender.send(accounts[contributor], addBatch(api, datanet, batch));
			const { batch: id, deposit } = added.find('datanets.BatchAdded');
			// From here on only what the chain says about the batch counts.
			const onChain = (await api.query.datanets.batches(id)).unwrap();
			const known = {
				id: id.toString(),
				datanet,
				contributor,
				text,
				sha256: u8aToHex(onChain.content.toU8a(true)).slice(2),
				root: onChain.root.toHex(),
				rows: onChain.rows.toNumber()
			};
			loop.batches.set(known.id, known);
			tell({ ...known, deposit: big(deposit), bytes: batch.bytes });
		}
	}
}

/**
 * A Datanet of Eve's with sixty passages, for what is not about data. Returns its id. With a `token` for the content
 * store, others fetch the batch there.
 */
export async function smallDatanet(loop, token) {
	const batch = batchOf(sample(await foldoc(), 60));
	const locator = token && { Url: `${loop.node.content}/content/${batch.sha256}` };
	const contributions = [{ contributor: 'Eve', text: 'FOLDOC', batches: [{ ...batch, locator }] }];
	const domain = { description: 'Computing', name: 'computing', contributions };
	const datanet = await createDatanet(loop, domain, 'LicenseRef-Test');
	await contribute(loop, domain, datanet, () => {}, token);
	return datanet;
}

/**
 * On what terms others use a model and build on it: a licence, by default that of MiniLM and SmolLM2, the royalty in
 * ten-thousandths, and whether anybody may.
 */
export const terms = ({ licence = 'Apache-2.0', royalty = 0, open = true } = {}) => ({ licence, royalty, open });

/** All that agree on an answer say the same to the last bit. */
const EXACT = { Exact: { onnxruntime: ONNXRUNTIME } };

/** The call that registers a model. `files` has the hashes by kind, in the order in which the version names them. */
const register = (
	api,
	name,
	{ task, files, policy = EXACT, datanets = [], price, on = terms(), descent = 'Base', maxRoyalty = 0 }
) => {
	const artifacts = Object.entries(files).map(([kind, hash]) => ({ kind, hash: `0x${hash}` }));
	return api.tx.models.register(name, { task, artifacts, policy, datanets }, price, on, descent, maxRoyalty);
};

/**
 * The call that registers a semantic search over Datanets. `descent` says what it is built on, such as
 * `{ Adapter: { base } }`, where no ancestor may take more than `maxRoyalty`, and `on` its terms.
 */
export const registerModel = (
	api,
	name,
	datanets,
	{ price = UNIT, files = MINILM, topK = 3, ...lineage } = {}
) =>
	register(api, name, {
		task: { Search: { topK } },
		files: { Graph: files.graph, Tokenizer: files.tokenizer },
		datanets,
		price,
		...lineage
	});

/** The call that registers SmolLM2, which answers a prompt with up to `maxTokens` tokens, chosen greedily. */
export const registerGenerator = (
	api,
	name,
	{ price = UNIT / 10n, maxTokens = 24, graph = SMOLLM2.graph, weights = SMOLLM2.weights } = {}
) =>
	register(api, name, {
		task: { Generate: { maxTokens, sampler: 'Greedy' } },
		files: { Graph: graph, Weights: weights, Tokenizer: SMOLLM2.tokenizer, Generation: SMOLLM2.generation },
		price
	});

/** The files of a model that answers from passages: SmolLM2 writes, MiniLM finds. */
export const ANSWERER = {
	Graph: SMOLLM2.graph,
	Weights: SMOLLM2.weights,
	Tokenizer: SMOLLM2.tokenizer,
	Generation: SMOLLM2.generation,
	Retriever: MINILM.graph,
	RetrieverTokenizer: MINILM.tokenizer
};

/**
 * The call that registers a model which answers questions from the `topK` nearest passages of Datanets, in up to
 * `maxTokens` tokens, and cites those that the answer rests on.
 */
export const registerAnswerer = (
	api,
	name,
	datanets,
	{ price = UNIT / 10n, topK = 3, maxTokens = 32, files = ANSWERER, policy = EXACT } = {}
) =>
	register(api, name, {
		task: { Answer: { topK, maxTokens, sampler: 'Greedy' } },
		files,
		policy,
		datanets,
		price
	});

/** Registers a model by its developer. Returns its id. */
export async function develop(loop, developer, name, datanets, options) {
	const registered = await loop.sender.send(
		loop.accounts[developer],
		registerModel(loop.api, name, datanets, options)
	);
	return registered.find('models.ModelRegistered').model.toNumber();
}

/** What an agent on this machine declares to run models on. */
const PROFILE = { provider: 'Cpu', onnxruntime: ONNXRUNTIME, memory: 4_096 };

/** Registers an agent that serves models with an operator key. `commission` is in millionths. */
export async function serve(loop, agent, models, operatorKey = agent.publicKey, commission = 100_000) {
	const { api, sender } = loop;
	// With the smallest bond the first slash would pause it.
	const bond = 2n * big(api.consts.agents.minBond);
	const register = api.tx.agents.register(operatorKey, PROFILE, '', models, bond, commission);
	return (await sender.send(agent, register)).find('agents.Registered');
}

/** How a request can end. */
const ENDINGS = ['Answered', 'RunFailed', 'NotDrawn', 'Unanswered', 'Disputed'].map((name) => `inference.${name}`);

const sha256AsHex = (bytes) => u8aToHex(sha256AsU8a(bytes));

/**
 * The input of a request for a text that operators fetch from `url`. `claim` overrides what is said of it:
 * `content`, with `0x`, and `bytes`.
 */
export function linked(text, url, claim = {}) {
	const bytes = new TextEncoder().encode(text);
	return { Linked: { content: sha256AsHex(bytes), bytes: bytes.length, locator: { Url: url }, ...claim } };
}

/**
 * The call that asks a model. `question` is a text, or an input that is `linked`; `committee` the fewest agents
 * from which the payer takes an answer.
 */
export const request = (api, model, question, { cap = 100n * UNIT, committee = 1 } = {}) =>
	api.tx.inference.request(model, typeof question === 'string' ? { Inline: question } : question, cap, committee);

/**
 * The text of an answer: what the chain has of it, or what `store` hands out for its hash, which is checked. A text
 * that `store` does not give, or of another hash, is an error.
 */
export async function textOf(output, store) {
	if (output.isInline) return new TextDecoder().decode(output.asInline.toU8a(true));
	const { content, bytes } = output.asLinked;
	const response = await fetch(`${store}/content/${content.toHex().slice(2)}`);
	if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
	const text = new Uint8Array(await response.arrayBuffer());
	if (text.length !== bytes.toNumber() || sha256AsHex(text) !== content.toHex()) {
		throw new Error(`${response.url} is not the answer that was agreed on`);
	}
	return new TextDecoder().decode(text);
}

/**
 * Asks a model and waits for the end. Returns the ending's event and receipt and, of an answer, its
 * citations with their rows proved against the chain, who was credited, and the fee's parts.
 */
export async function ask(loop, payer, model, question, options = {}) {
	const { api, sender, observer } = loop;
	const asked = await sender.send(loop.accounts[payer], request(api, model, question, options));
	const { request: id, fee, deposit } = asked.find('inference.Requested');
	// Attribution names a request as one of the sources of money.
	const of = ({ request, source }) => (source?.isRequest ? source.asRequest : request);
	const mine = ({ data }) => of(data)?.toString() === id.toString();
	const ending = await observer.until((event) => ENDINGS.includes(event.name) && mine(event), {
		seconds: options.seconds ?? 120,
		what: `the end of request ${id}`
	});
	const events = observer.blocks.get(ending.number).events.filter(mine);
	const receipt = (await (await api.at(ending.hash)).query.inference.receipts(id)).unwrap();
	const result = {
		id: id.toString(),
		question,
		model,
		payer,
		fee: big(fee),
		deposit: big(deposit),
		ending: ending.name.split('.')[1],
		event: ending.data,
		blocks: ending.number - asked.number,
		number: ending.number,
		hash: ending.hash,
		receipt
	};
	if (result.ending !== 'Answered') return result;

	const answer = receipt.ending.asAnswered;
	const citations = [];
	for (const { batch: batchId, row, score } of answer.citations) {
		const batch = loop.batches.get(batchId.toString());
		if (!batch) throw new Error(`the answer cites batch ${batchId}, which nobody here contributed`);
		const { text, proof } = await provenRow(loop.node.content, batch, row.toNumber());
		citations.push({ batch, row: row.toNumber(), score: score.toNumber(), passage: JSON.parse(text), proof });
	}
	const settled = events.find(({ name }) => name === 'attribution.Settled')?.data;
	const record = (await (await api.at(ending.hash)).query.attribution.records(id)).unwrapOr(undefined);
	return {
		...result,
		// The answer's bytes, which is what operators have to agree on.
		answer: answer.toHex(),
		// BLAKE2b-256 of the outcome `Answered(answer)`, whose variant is the first.
		outcome: blake2AsHex(new Uint8Array([0, ...answer.toU8a()])),
		output: await textOf(answer.output, loop.node.content),
		citations,
		attribution: answer.attribution.map(({ batch, weight }) => ({
			batch: loop.batches.get(batch.toString()),
			weight: weight.toNumber()
		})),
		parts: settled && {
			burn: big(settled.parts.burn),
			treasury: big(settled.parts.treasury),
			model: big(settled.parts.model),
			operators: big(settled.parts.operators),
			data: big(settled.parts.data)
		},
		// What each batch's cluster was paid, by id.
		record: new Map(
			(record?.clusters ?? []).map(({ cluster, weight, amount, contributor }) => [
				cluster.toString(),
				{ weight: weight.toNumber(), amount: big(amount), contributor: contributor.unwrapOr(undefined)?.toString() }
			])
		),
		credits: events
			.filter(({ name }) => name === 'attribution.Credited')
			.map(({ data: { who, role, amount } }) => ({
				who: who.toString(),
				role: role.type,
				amount: big(amount)
			}))
	};
}

/** Asks many questions, a few at a time. Calls `tell(result, done)` as each one ends. */
export async function askAll(loop, payer, model, questions, { atOnce = 4, tell = () => {} } = {}) {
	const results = new Array(questions.length);
	let next = 0;
	let done = 0;
	const worker = async () => {
		while (next < questions.length) {
			const index = next;
			next += 1;
			results[index] = await ask(loop, payer, model, questions[index]);
			done += 1;
			tell(results[index], done);
		}
	};
	await Promise.all(Array.from({ length: atOnce }, worker));
	return results;
}

/** Pays out an account's credit. Returns the amount, or 0 if it has none. */
export async function claim(loop, name) {
	const { api, sender, accounts } = loop;
	const credit = big(await api.query.attribution.credits(accounts[name].address));
	if (credit === 0n) return 0n;
	const claimed = await sender.send(accounts[name], api.tx.attribution.claim());
	return big(claimed.find('attribution.Claimed').amount);
}

/** An account's free balance now. */
export const freeBalance = async (loop, address) => big((await loop.api.query.system.account(address)).data.free);

/** What an account paid for its transactions in the blocks after `since` up to `until`. */
export const feesPaid = (loop, address, { since = 0, until = Infinity } = {}) =>
	sum(
		loop.observer
			.all('transactionPayment.TransactionFeePaid')
			.filter(({ number, data }) => number > since && number <= until && data.who.toString() === address)
			.map(({ data }) => big(data.actualFee))
	);

/** Events of the balances pallet that change how much there is. */
const MINTING = ['Issued', 'Minted', 'MintedCredit'];
const BURNING = ['Rescinded', 'Burned', 'BurnedDebt', 'BurnedHeld'];

const sum = (amounts) => amounts.reduce((total, amount) => total + amount, 0n);

/**
 * Compares what was held with where it went, and the total issuance with what was minted and burned, over
 * all blocks since the beginning. `differences` is empty if all agrees to the last unit.
 */
export async function reconcile(loop) {
	const { api, observer } = loop;
	const last = observer.best;
	const { hash } = observer.blocks.get(last);
	const at = await api.at(hash);
	const all = (name) => observer.all(name).filter(({ number }) => number > observer.first && number <= last);

	const settled = all('attribution.Settled').map(({ data }) => data);
	const part = (name) => sum(settled.map(({ parts }) => big(parts[name])));
	const parts = {
		burn: part('burn'),
		treasury: part('treasury'),
		model: part('model'),
		operators: part('operators'),
		data: part('data')
	};
	const held = sum(all('inference.Requested').map(({ data }) => big(data.fee)));
	const forfeited = sum(all('inference.Forfeited').map(({ data }) => big(data.forfeited)));
	const refunded = sum(
		['Cancelled', 'NotDrawn', 'RunFailed', 'Unanswered', 'Disputed']
			.flatMap((name) => all(`inference.${name}`))
			.map(({ data }) => big(data.refunded))
	);
	// The last blocks may have requests that are still open.
	const open = sum((await at.query.inference.requests.entries()).map(([, found]) => big(found.unwrap().fee)));
	const credited = {};
	for (const { data } of all('attribution.Credited')) {
		credited[data.role.type] = (credited[data.role.type] ?? 0n) + big(data.amount);
	}
	const claimed = sum(all('attribution.Claimed').map(({ data }) => big(data.amount)));
	const credits = big(await at.query.attribution.totalCredits());

	const changes = (names) => sum(names.flatMap((name) => all(`balances.${name}`)).map(({ data }) => big(data.amount)));
	const minted = changes(MINTING);
	const burned = changes(BURNING);
	const issuance = { before: loop.issuance, after: big(await at.query.balances.totalIssuance()) };

	const differences = [];
	const agree = (what, left, right) => {
		if (left !== right) differences.push(`${what}: ${left} against ${right}`);
	};
	const paid = sum(Object.values(parts));
	agree('fees held against refunded, forfeited, open and divided', held, refunded + forfeited + open + paid);
	agree('fees divided against their parts', sum(settled.map(({ fee }) => big(fee))), paid);
	agree('what models were credited', credited.Model ?? 0n, parts.model);
	const delegated = sum(all('attribution.Delegated').map(({ data }) => big(data.amount)));
	agree('what operators and their delegators got', (credited.Operator ?? 0n) + delegated, parts.operators);
	agree('what data was credited', credited.Data ?? 0n, parts.data);
	agree('credits against claimed and unclaimed', sum(Object.values(credited)), claimed + credits);
	agree('issuance against minted and burned', issuance.after - issuance.before, minted - burned);
	agree('burned tokens against the burn of all fees', burned, parts.burn);
	return { from: observer.first, to: last, held, refunded, forfeited, open, paid, parts, credited, claimed, credits, minted, burned, issuance, differences };
}

