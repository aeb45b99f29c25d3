// The two domains of the demo: which passages of which text each contributor brings, and what is asked.

import { batchOf, bible, devil, foldoc, sample } from './texts.mjs';

const COMPUTING_QUESTIONS = [
	['deadlock', 'What happens when two processes each wait for a resource that the other holds?'],
	['Ada Lovelace', 'Who is considered the first programmer?'],
	['cache', 'What does a processor keep in its cache?'],
	['garbage collection', 'How does a runtime reclaim memory that is no longer reachable?'],
	['public-key encryption', 'Which kind of encryption uses one key to encrypt and another to decrypt?'],
	['Moore\'s Law', 'Which law says that the number of transistors on a chip keeps doubling?'],
	['binary search', 'How do you find a key in a sorted list by halving the interval?'],
	['Turing Machine', 'What is the abstract machine with an infinite tape and a read-write head?'],
	['World-Wide Web', 'Who invented the system of linked pages at CERN?'],
	['phishing', 'What is it called when criminals use fake e-mail to steal passwords?'],
	['compiler', 'Which program converts source code into machine code?'],
	['race condition', 'What goes wrong when the result depends on the timing of events?'],
	['big-endian', 'What does big-endian mean?'],
	['Linux', 'Which operating system kernel did Linus Torvalds write?'],
	['Quicksort', 'Which sorting algorithm partitions around a pivot element?'],
	['Trojan horse', 'Which malicious program disguises itself as something harmless?'],
	['virtual memory', 'How can programs use more memory than the machine physically has?'],
	['firewall', 'What protects a private network from the Internet?'],
	['travelling salesman problem', 'What is the shortest tour that visits every city once?'],
	['artificial neural network', 'Which computing model imitates the neurons of a brain?']
];

const LETTERS_CHAPTERS = [
	'Ge1', 'Ge2', 'Ge3', 'Ge6', 'Ge7', 'Ge8', 'Ge11', 'Exo3', 'Exo14', 'Exo20', 'Josh6', 'Jdgs16', 'Ruth1',
	'1Sm17', '1Ki3', 'Psa23', 'Psa90', 'Prv6', 'Eccl1', 'Eccl3', 'Isa11', 'Dan6', 'Jonah1', 'Jonah2', 'Mat5',
	'Mat6', 'Mat7', 'Mat26', 'Luke2', 'Luke10', 'Luke15', 'John2', 'John11', 'Acts9', '1Cor13', 'Rev6', 'Rev21'
];

const LETTERS_QUESTIONS = [
	[null, 'How did the world begin?'],
	[null, 'Who killed the giant Goliath with a sling and a stone?'],
	[null, 'How long did the rain of the flood last?'],
	[null, 'Who was swallowed by a great fish?'],
	[null, 'How did the walls of Jericho fall?'],
	[null, 'Who was thrown into the den of lions?'],
	[null, 'Why did the builders of the tower stop understanding each other?'],
	[null, 'What does the shepherd do for his sheep in the green pastures?'],
	[null, 'Who cut off the hair of Samson while he slept?'],
	[null, 'How did the wise king decide which woman was the mother of the child?'],
	[null, 'What happened to the sea when Moses stretched out his hand?'],
	[null, 'Is there a time to be born and a time to die?'],
	[null, 'What did the son who wasted his inheritance do when he was hungry?'],
	[null, 'Why is charity greater than faith and hope?'],
	['admiral', 'Which part of a warship does the talking while the figurehead does the thinking?'],
	['lawyer', 'Who is skilled in the circumvention of the law?'],
	['politeness', 'What is the most acceptable hypocrisy?'],
	['bore', 'What do you call a person who talks when you wish him to listen?'],
	['cynic', 'Whose faulty vision sees things as they are, says a cynic?'],
	['year', 'What is a period of three hundred and sixty-five disappointments?']
];

const named = (questions) => {
	const titles = new Set(questions.map(([title]) => title));
	return ({ title }) => titles.has(title);
};

/** Cuts passages into batches of at most `size`. */
const cut = (passages, size) =>
	Array.from({ length: Math.ceil(passages.length / size) }, (_, at) =>
		batchOf(passages.slice(at * size, (at + 1) * size))
	);

/**
 * The domains, each `{ name, description, contributions: [{ contributor, text, batches }], questions }`.
 * `passages` is how many each contribution holds: two batches of half of that.
 */
export async function domains({ passages = 300 } = {}) {
	const half = Math.ceil(passages / 2);
	const computing = await foldoc();
	const first = (entry) => entry.title.toLowerCase() < 'm';
	const letters = {
		bible: await bible(LETTERS_CHAPTERS),
		devil: await devil()
	};
	const batches = (texts, questions) => cut(sample(texts, passages, named(questions)), half);
	return [
		{
			name: 'computing',
			description: 'Terms of computing, explained',
			contributions: [
				{
					contributor: 'Bob',
					text: 'FOLDOC, A to L',
					batches: batches(computing.filter(first), COMPUTING_QUESTIONS)
				},
				{
					contributor: 'Charlie',
					text: 'FOLDOC, M to Z',
					batches: batches(computing.filter((entry) => !first(entry)), COMPUTING_QUESTIONS)
				}
			],
			questions: COMPUTING_QUESTIONS.map(([, question]) => question)
		},
		{
			name: 'letters',
			description: 'Scripture and satire',
			contributions: [
				{
					contributor: 'Dave',
					text: 'the King James Bible, 37 chapters',
					batches: cut(letters.bible, Math.ceil(letters.bible.length / 2))
				},
				{
					contributor: 'Charlie',
					text: 'the Devil’s Dictionary',
					batches: batches(letters.devil, LETTERS_QUESTIONS)
				}
			],
			questions: LETTERS_QUESTIONS.map(([, question]) => question)
		}
	];
}
