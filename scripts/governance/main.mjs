// Governance from the command line. `node scripts/governance/main.mjs --help` says what it does.

import process from 'node:process';
import { parseArgs } from 'node:util';

import { CallError, Observer, Sender } from '../lib/chain.mjs';
import { Mistake, reach } from '../lib/cli.mjs';
import { commands } from './commands.mjs';

const USAGE = `Usage: node scripts/governance/main.mjs <command> [options]

To look:
  tracks                          what each track takes: deposit, periods, approval and support
  list [--all]                    referenda that are running; all of them with --all
  show <n>                        how referendum n stands, what it would call, and what comes next
  power [<address>]               what an account votes with on each track, and what it does there

To take part (with --suri or --suri-file):
  propose --track <t> --call <c>  submit a referendum. --call takes encoded bytes (0x…) or a name such as
                                  attribution.setShares, with its arguments in --args as a JSON list.
                                  --after <blocks>: enact that long after the approval at the earliest.
                                  --deposit: pay the decision deposit as well
  deposit <n>                     pay the decision deposit of referendum n; it comes back unless it is killed
  vote <n> <ballot>               aye, nay, abstain, or split:60/30 for 60 % aye, 30 % nay and the rest abstaining.
                                  Voting again replaces the vote, and takes the reputation of now
  remove <n> [--track <t>]        take the vote back; --track is needed once the referendum is over
  delegate <address> --track <t>  let somebody vote for you on a track
  undelegate --track <t>          vote for yourself again
  clean <address> <n> --track <t> remove somebody's vote from a referendum that is over
  refund <n>                      return the deposits of a referendum that is over to who paid them
  wait <n> <state>                wait until it is deciding, confirming, approved, enacted or rejected

Options:
  --ws <url>            the node (default: ws://127.0.0.1:9944)
  --suri <secret>       the secret that signs: a phrase, or //Alice on a test network. Others on this machine
                        can see it while the command runs
  --suri-file <path>    a file that holds it
  --help                this text
`;

const OPTIONS = {
	ws: { type: 'string', default: 'ws://127.0.0.1:9944' },
	suri: { type: 'string' },
	'suri-file': { type: 'string' },
	track: { type: 'string' },
	call: { type: 'string' },
	args: { type: 'string', default: '[]' },
	after: { type: 'string', default: '1' },
	deposit: { type: 'boolean', default: false },
	all: { type: 'boolean', default: false },
	help: { type: 'boolean', short: 'h', default: false }
};

function understand(args) {
	try {
		const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
		return { options: values, command: positionals[0], rest: positionals.slice(1) };
	} catch (error) {
		throw new Mistake(`${error.message}. See --help.`);
	}
}

async function main(args) {
	const { options, command, rest } = understand(args);
	if (options.help || command === undefined) {
		process.stdout.write(USAGE);
		return options.help ? 0 : 2;
	}
	if (!Object.hasOwn(commands, command)) throw new Mistake(`there is no command ${command}. See --help.`);
	const api = await reach(options.ws);
	if (!api.tx.contributionVoting) throw new Mistake(`the chain at ${options.ws} has no contribution voting`);
	const chain = { api, sender: new Sender(api), observer: await Observer.start(api) };
	await commands[command](chain, rest, options);
	return 0;
}

let status = 1;
try {
	status = await main(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof Mistake || error instanceof CallError)) throw error;
	process.stderr.write(`${error.message}\n`);
}
// The connection, or attempts at one, would keep the process.
process.exit(status);
