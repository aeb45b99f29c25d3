// Words, amounts and tables for people.

const UNIT = 1_000_000_000_000n;

/** An amount in the smallest unit as OPEN, exact to the last digit: `1.25`. */
export function open(amount) {
	const value = BigInt(amount);
	const sign = value < 0n ? '-' : '';
	const absolute = value < 0n ? -value : value;
	const whole = (absolute / UNIT).toString().replace(/\B(?=(\d{3})+$)/g, ',');
	const fraction = (absolute % UNIT).toString().padStart(12, '0').replace(/0+$/, '');
	return `${sign}${whole}${fraction && `.${fraction}`}`;
}

/** Text cut to a width. */
export const excerpt = (text, width) => (text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}…`);

/**
 * A table. Columns are `{ title, right }`; cells are strings.
 */
export function table(columns, rows) {
	const widths = columns.map(({ title }, index) =>
		Math.max(title.length, ...rows.map((row) => [...row[index]].length))
	);
	const line = (cells) =>
		cells
			.map((cell, index) => {
				const space = ' '.repeat(widths[index] - [...cell].length);
				return columns[index].right ? space + cell : cell + space;
			})
			.join('  ')
			.trimEnd();
	return [
		line(columns.map(({ title }) => title)),
		line(widths.map((width) => '─'.repeat(width))),
		...rows.map(line)
	].join('\n');
}

const colour = process.stdout.isTTY && !process.env.NO_COLOR;

/** Bold, where the terminal can. */
export const bold = (text) => (colour ? `\u001b[1m${text}\u001b[0m` : text);

/** Faint, where the terminal can. */
export const faint = (text) => (colour ? `\u001b[2m${text}\u001b[0m` : text);
