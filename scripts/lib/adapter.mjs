// Adapters in PEFT's format, small ones for tests.

/** The bytes of a safetensors file. `tensors` are `[name, shape, numbers]`, kept in 32 bits. */
export function safetensors(tensors) {
	const header = {};
	const parts = [];
	let offset = 0;
	for (const [name, shape, numbers] of tensors) {
		const data = Buffer.from(Float32Array.from(numbers).buffer);
		header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + data.length] };
		parts.push(data);
		offset += data.length;
	}
	const text = JSON.stringify(header);
	const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(json.length));
	return Buffer.concat([length, json, ...parts]);
}

/**
 * An adapter of one matrix of `rows` by `columns`. `a` and `b` give the numbers of its factors by rank and column, and by row
 * and rank.
 */
export function adapter({ rank, rows, columns, a, b }) {
	const grid = (height, width, value) =>
		Array.from({ length: height * width }, (_, n) => value(Math.floor(n / width), n % width));
	const module = 'base_model.model.model.layers.0.self_attn.q_proj';
	return safetensors([
		[`${module}.lora_A.weight`, [rank, columns], grid(rank, columns, a)],
		[`${module}.lora_B.weight`, [rows, rank], grid(rows, rank, b)]
	]);
}
