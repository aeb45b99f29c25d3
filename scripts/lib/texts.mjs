// Real texts as batches of passages. `scripts/setup.sh` puts the texts into the cache folder.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { rootHex } from './merkle.mjs';

/** The cache folder that `scripts/setup.sh` fills. */
export const cacheFolder = () =>
	process.env.OPENLEDGER_CACHE ??
	join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'openledger');

const text = (name) => readFile(join(cacheFolder(), 'texts', `${name}.txt`), 'utf8');

const oneLine = (lines) => lines.join(' ').replace(/\s+/g, ' ').trim();

/** The longest passage in characters: what the model reads at once, and what one citation should say. */
const LONGEST = 600;

/** The passage up to a sentence's end that fits, or to a word's end where no sentence does. */
function shorten(passage) {
	if (passage.length <= LONGEST) return passage;
	const head = passage.slice(0, LONGEST);
	const end = Math.max(head.lastIndexOf('. '), head.lastIndexOf('; '));
	return head.slice(0, end > LONGEST / 4 ? end + 1 : head.lastIndexOf(' '));
}

/**
 * The Free On-line Dictionary of Computing: `{ title, text }` per entry. A headline starts at the
 * margin, its definition is indented.
 */
export async function foldoc() {
	const entries = [];
	let title;
	let headline = false;
	let body = [];
	const close = () => {
		const definition = oneLine(body)
			.replace(/[{}]/g, '')
			.replace(/<[^<>]+> /g, '')
			.replace(/\s*\(\d{4}-\d\d-\d\d\)\s*$/, '');
		if (title && definition.length >= 80) entries.push({ title, text: shorten(definition) });
	};
	for (const line of (await text('foldoc')).split('\n')) {
		if (line !== '' && !/^\s/.test(line)) {
			// A long headline, with its synonyms after '%%%', goes on in the next line.
			if (!headline) {
				close();
				title = line.split('%%%')[0];
				body = [];
			}
			headline = true;
		} else {
			headline = false;
			body.push(line);
		}
	}
	close();
	// The entries about the dictionary itself are not about computing.
	return entries.filter(
		({ title: word, text: words }) => /^[A-Za-z0-9]/.test(word) && !/FOLDOC|Denis Howe|^Acknowledgements|img:/.test(word + words)
	);
}

/** The Devil's Dictionary: `{ title, text }` per entry, which starts with its word in capitals. */
export async function devil() {
	const entries = [];
	for (const paragraph of (await text('devil')).split(/\n(?=[A-Z][A-Z' -]+, )/).slice(1)) {
		const [, title, , definition] =
			/^([A-Z][A-Z' -]+), ((?:n|v|adj|adv|pp|v\.i|v\.t|n\.pl|x|pro|conj|interj)\.[a-z.]*)?\s*([\s\S]*)$/.exec(
				paragraph
			) ?? [];
		// Verses that illustrate a definition follow it after an empty line.
		const first = definition && oneLine(definition.split('\n\n')[0].split('\n'));
		if (first && first.length >= 25) entries.push({ title: title.toLowerCase(), text: shorten(first) });
	}
	return entries;
}

// The short names of the file, where they differ from the book's name.
const BOOKS = {
	'1Chr': '1 Chronicles', '1Cor': '1 Corinthians', '1Jn': '1 John', '1Ki': '1 Kings', '1Pet': '1 Peter',
	'1Sm': '1 Samuel', '1Th': '1 Thessalonians', '1Tim': '1 Timothy', '2Chr': '2 Chronicles',
	'2Cor': '2 Corinthians', '2Jn': '2 John', '2Ki': '2 Kings', '2Pet': '2 Peter', '2Sm': '2 Samuel',
	'2Th': '2 Thessalonians', '2Tim': '2 Timothy', '3Jn': '3 John', Col: 'Colossians', Dan: 'Daniel',
	Deu: 'Deuteronomy', Eccl: 'Ecclesiastes', Eph: 'Ephesians', Est: 'Esther', Exo: 'Exodus',
	Eze: 'Ezekiel', Gal: 'Galatians', Ge: 'Genesis', Hab: 'Habakkuk', Hag: 'Haggai', Heb: 'Hebrews',
	Hos: 'Hosea', Isa: 'Isaiah', Jas: 'James', Jdgs: 'Judges', Jer: 'Jeremiah', Josh: 'Joshua',
	Lam: 'Lamentations', Lev: 'Leviticus', Mal: 'Malachi', Mat: 'Matthew', Mic: 'Micah', Neh: 'Nehemiah',
	Num: 'Numbers', Obad: 'Obadiah', Phi: 'Philippians', Phmn: 'Philemon', Prv: 'Proverbs', Psa: 'Psalms',
	Rev: 'Revelation', Rom: 'Romans', SSol: 'Song of Solomon', Zec: 'Zechariah', Zep: 'Zephaniah'
};

/**
 * The King James Bible: `{ title, text }` per passage of a few verses. `chapters` are given as
 * `['Ge1', 'Mat5', …]`; without it, all.
 */
export async function bible(chapters) {
	const wanted = chapters && new Set(chapters);
	const passages = [];
	let open;
	const close = () => {
		if (open) {
			const verses = open.from === open.to ? open.from : `${open.from}-${open.to}`;
			passages.push({ title: `${open.book} ${open.chapter}:${verses}`, text: open.text });
		}
		open = undefined;
	};
	for (const line of (await text('bible')).split('\n')) {
		const [, short, chapter, verse, words] = /^(\d?[A-Za-z]+)(\d+):(\d+) (.*)$/.exec(line) ?? [];
		if (!short || (wanted && !wanted.has(`${short}${chapter}`))) continue;
		const book = BOOKS[short] ?? short;
		if (open && (open.book !== book || open.chapter !== chapter || open.text.length + words.length > 450)) close();
		if (open) {
			open.text += ` ${words}`;
			open.to = verse;
		} else {
			open = { book, chapter, from: verse, to: verse, text: words };
		}
	}
	close();
	return passages;
}

/**
 * A batch file of passages: its content (one JSON object per line), its SHA-256, and what the chain is
 * told about it.
 */
export function batchOf(passages) {
	const rows = passages.map((passage) => Buffer.from(JSON.stringify(passage)));
	const content = Buffer.concat(rows.flatMap((row) => [row, Buffer.from('\n')]));
	return {
		content,
		sha256: createHash('sha256').update(content).digest('hex'),
		root: rootHex(rows),
		rows: rows.length,
		bytes: content.length
	};
}

/** `count` passages spread evenly over all, with those that are `wanted` among them, in order. */
export function sample(passages, count, wanted = () => false) {
	const picked = new Set(passages.flatMap((passage, index) => (wanted(passage) ? [index] : [])));
	const step = passages.length / Math.max(1, count);
	for (let at = step / 2; at < passages.length && picked.size < count; at += step) picked.add(Math.floor(at));
	return [...picked].sort((a, b) => a - b).slice(0, count).map((index) => passages[index]);
}
