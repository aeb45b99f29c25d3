// The payable-AI loop on a development chain, with real texts. `make run` starts it.

import process from 'node:process';

import { domains } from '../lib/domains.mjs';
import {
	ask,
	askAll,
	begin,
	claim,
	contribute,
	createDatanet,
	develop,
	end,
	freeBalance,
	nameOf,
	reconcile,
	registerAnswerer,
	registerGenerator,
	serve,
	UNIT
} from '../lib/loop.mjs';
import { freePort, indexed, isTaken, startNode } from '../lib/node.mjs';
import { bold, excerpt, faint, open, table } from '../lib/report.mjs';

const USAGE = `Usage: node scripts/demo/main.mjs [--exit] [--questions N] [--rpc-port PORT] [--content-port PORT]

  --exit          end when the loop has ended, in place of keeping the chain up
  --questions N   ask N questions in each domain (default: 20, which is all)
`;

const PROMPTS = ['What is the capital of France?'];
const QUESTIONS = ['What is a compiler?', 'What is phishing?'];
const LICENCES = { computing: 'GFDL-1.1-or-later', letters: 'LicenseRef-Public-Domain' };
const PRICES = { computing: UNIT, letters: UNIT / 2n };

function options(args) {
	const found = { exit: false, questions: 20, rpcPort: 9944, contentPort: 9955 };
	const numbers = { '--questions': 'questions', '--rpc-port': 'rpcPort', '--content-port': 'contentPort' };
	for (let index = 0; index < args.length; index += 1) {
		if (args[index] === '--exit') found.exit = true;
		else if (numbers[args[index]] && /^\d+$/.test(args[index + 1] ?? '')) {
			found[numbers[args[index]]] = Number(args[index + 1]);
			index += 1;
		} else {
			process.stderr.write(USAGE);
			process.exit(['-h', '--help'].includes(args[index]) ? 0 : 2);
		}
	}
	return found;
}

const say = (text = '') => process.stdout.write(`${text}\n`);
const step = (text) => say(`\n${bold(text)}`);

async function chosenPort(port, what, option) {
	if (!(await isTaken(port))) return port;
	const other = await freePort();
	say(`Port ${port} for ${what} is taken; using ${other} (${option} chooses another).`);
	return other;
}

async function run(loop, { questions }) {
	const { accounts } = loop;
	const all = await domains();

	step('1. Contributors put real texts into two Datanets');
	for (const domain of all) {
		domain.datanet = await createDatanet(loop, domain, LICENCES[domain.name]);
		say(`Datanet ${domain.datanet}, ${domain.name}: ${domain.description}`);
		await contribute(loop, domain, domain.datanet, ({ id, contributor, text, rows, bytes, root, deposit }) =>
			say(
				`  ${contributor} adds batch ${id} of ${text}: ${rows} passages, ${Math.round(bytes / 1024)} KiB, ` +
					`root ${root.slice(0, 10)}…, deposit ${open(deposit)} OPEN`
			)
		);
	}

	step('2. Eve registers a semantic search over each of them, a language model, and both together');
	for (const domain of all) {
		const price = PRICES[domain.name];
		domain.model = await develop(loop, 'Eve', `MiniLM search in ${domain.name}`, [domain.datanet], { price });
		say(`Model ${domain.model}: MiniLM-L6 over Datanet ${domain.datanet}, ${open(price)} OPEN per question`);
	}

	const registered = await loop.sender.send(accounts.Eve, registerGenerator(loop.api, 'SmolLM2-135M-Instruct'));
	const { model: writer } = registered.find('models.ModelRegistered');
	say(`Model ${writer}: SmolLM2-135M-Instruct, which writes an answer to a prompt`);
	const [{ datanet }] = all;
	const both = await loop.sender.send(accounts.Eve, registerAnswerer(loop.api, 'SmolLM2 with MiniLM', [datanet]));
	const { model: answerer } = both.find('models.ModelRegistered');
	say(`Model ${answerer}: SmolLM2 answers from the passages of Datanet ${datanet} that MiniLM finds, and cites them`);

	step('3. Alice’s agent serves them');
	const { bond } = await serve(loop, accounts.Alice, [...all.map(({ model }) => model), writer, answerer]);
	say(`Bond ${open(bond)} OPEN. Her node now reads the batches and embeds each passage:`);
	let told = 0;
	await indexed(loop.node, all.length + 1, {
		tell: (done, total) => {
			if (done < told + 250 && done < total) return;
			told = done;
			say(`  ${done} of ${total} passages`);
		}
	});

	step('4. Ferdie asks');
	for (const domain of all) {
		const list = domain.questions.slice(0, questions);
		say(`${list.length} questions in ${domain.name}`);
		domain.answers = await askAll(loop, 'Ferdie', domain.model, list, {
			tell: (answer, done) => {
				const title = `  ${`${done}`.padStart(2)}/${list.length}  ${answer.question}`;
				if (answer.ending !== 'Answered') {
					say(`${title}\n         ${answer.ending}: ${answer.event.failure ?? 'the fee was given back'}`);
					return;
				}
				const [top] = answer.citations;
				const paid = answer.credits
					.filter(({ role }) => role === 'Data')
					.map(({ who, amount }) => `${nameOf(loop, who)} ${open(amount)}`)
					.join(', ');
				say(
					title +
						(top
							? `\n         ${faint(`${top.passage.title}: ${excerpt(top.passage.text, 90)}`)}` +
								`\n         batch ${top.batch.id} row ${top.row}, score ${(top.score / 1e6).toFixed(3)}, ` +
								`proof of ${top.proof.length} hashes holds; settled in ${answer.blocks} blocks; data: ${paid}`
							: '\n         nothing found')
				);
			}
		});
	}
	say(`${PROMPTS.length} prompt to the language model`);
	const written = [];
	for (const prompt of PROMPTS) {
		const answer = await ask(loop, 'Ferdie', writer, prompt);
		written.push(answer);
		say(`      ${prompt}\n         ${faint(answer.output ?? answer.ending)}`);
	}
	say(`${QUESTIONS.length} questions to be answered from passages`);
	const grounded = [];
	for (const question of QUESTIONS) {
		const answer = await ask(loop, 'Ferdie', answerer, question);
		grounded.push(answer);
		say(`      ${question}\n         ${faint(answer.output ?? answer.ending)}`);
		const all = (answer.citations ?? []).reduce((sum, { score }) => sum + score, 0);
		for (const { batch, row, score, passage, proof } of answer.citations ?? []) {
			say(
				`         rests on batch ${batch.id} row ${row}, ${passage.title}: ` +
					`${((100 * score) / all).toFixed(2)} %, proof of ${proof.length} hashes holds`
			);
		}
		if (answer.citations?.length === 0) say('         rests on none of the passages');
	}
	const found = [...all.flatMap((domain) => domain.answers), ...grounded];
	const answers = [...found, ...written];

	step('5. What was answered, by which data, and who was paid for it');
	say(
		table(
			[
				{ title: 'question' },
				{ title: 'batch', right: true },
				{ title: 'weight', right: true },
				{ title: 'best passage' },
				{ title: 'paid to' },
				{ title: 'OPEN', right: true }
			],
			found.flatMap((answer) => {
				if (answer.ending !== 'Answered') return [[excerpt(answer.question, 48), '', '', answer.ending, '', '']];
				return answer.attribution.map(({ batch, weight }, index) => {
					const best = answer.citations.find((citation) => citation.batch === batch);
					const share = answer.record.get(batch.id);
					return [
						index === 0 ? excerpt(answer.question, 48) : '',
						batch.id,
						`${(weight / 10_000).toFixed(2)} %`,
						excerpt(best.passage.title, 30),
						nameOf(loop, share.contributor ?? 'the treasury'),
						open(share.amount)
					];
				});
			})
		)
	);

	step('6. Everybody claims what they earned');
	const earners = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve'];
	const rows = [];
	for (const name of earners) {
		const before = await freeBalance(loop, accounts[name].address);
		const amount = await claim(loop, name);
		rows.push([name, open(amount), open(before), open(await freeBalance(loop, accounts[name].address))]);
	}
	say(
		table(
			[
				{ title: 'account' },
				{ title: 'claimed', right: true },
				{ title: 'free before', right: true },
				{ title: 'free after', right: true }
			],
			rows
		)
	);

	step('7. Reconciliation');
	await loop.observer.reach(loop.observer.best + 1);
	const books = await reconcile(loop);
	const { parts } = books;
	const amounts = [
		['held from the payer', books.held],
		['= burned', parts.burn],
		['+ treasury', parts.treasury],
		['+ model', parts.model],
		['+ operators', parts.operators],
		['+ data', parts.data],
		['+ given back', books.refunded],
		['+ held for open requests', books.open],
		['total issuance before', books.issuance.before],
		['+ minted', books.minted],
		['- burned', books.burned],
		['= total issuance after', books.issuance.after]
	];
	say(`Blocks ${books.from + 1} to ${books.to}:`);
	say(
		table(
			[{ title: 'money' }, { title: 'OPEN', right: true }],
			amounts.map(([what, amount]) => [what, open(amount)])
		)
	);
	if (books.differences.length > 0) throw new Error(`the books do not agree:\n  ${books.differences.join('\n  ')}`);
	say('Everything agrees to the last unit.');

	const unanswered = answers.filter(({ ending }) => ending !== 'Answered');
	if (unanswered.length > 0) throw new Error(`${unanswered.length} questions were not answered`);
	const proved = found.flatMap(({ citations }) => citations).length;
	const slowest = Math.max(...answers.map(({ blocks }) => blocks));
	say(`${answers.length} questions answered, ${proved} citations proved, the slowest settled in ${slowest} blocks.`);
}

const chosen = options(process.argv.slice(2));
step('Starting a development chain');
let stopping = false;
const node = await startNode({
	rpcPort: await chosenPort(chosen.rpcPort, 'RPC', '--rpc-port'),
	contentPort: await chosenPort(chosen.contentPort, 'the content store', '--content-port'),
	onExit: async (code) => {
		if (stopping) return;
		process.stderr.write(`The node ended (${code}); the end of its log:\n${await node.log()}\n`);
		process.exit(1);
	}
});
const stop = async (code) => {
	if (stopping) return;
	stopping = true;
	await node.stop();
	process.exit(code);
};
process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));

try {
	say(`RPC ${node.ws}, content store ${node.content}/content, log ${node.logFile}`);
	const loop = await begin(node);
	await run(loop, chosen);
	await end(loop);
	if (chosen.exit) await stop(0);
	step('The chain stays up. Ctrl-C ends it.');
	say(`polkadot-js Apps: https://polkadot.js.org/apps/?rpc=${encodeURIComponent(node.ws)}#/explorer`);
	say(`A batch’s row with its proof: ${node.content}/content/<sha256>/rows/<n>`);
} catch (error) {
	if (!stopping) {
		process.stderr.write(`\n${error.stack}\n\nThe end of the node’s log:\n${await node.log()}\n`);
		await stop(1);
	}
}
