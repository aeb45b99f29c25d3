//! How much memory the making of batches takes. One test in a process of its own.

#![cfg(target_os = "linux")]

use indicatif::ProgressBar;
use openledger_data::{
	batch::{prepare, Job, Limits},
	readers::Format,
	schema::Schema,
};
use parquet::{
	data_type::{ByteArray, ByteArrayType, Int64Type},
	file::{properties::WriterProperties, writer::SerializedFileWriter},
	schema::parser::parse_message_type,
};
use std::{
	fs::{self, File},
	io::{BufWriter, Write},
	path::Path,
	sync::Arc,
};

/// The most memory that this process has had in use since the last call, in MiB.
fn peak() -> u64 {
	let status = fs::read_to_string("/proc/self/status").unwrap();
	let line = status
		.lines()
		.find_map(|line| line.strip_prefix("VmHWM:"))
		.unwrap();
	fs::write("/proc/self/clear_refs", "5").unwrap();
	line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1_024
}

fn text(row: u64) -> String {
	let word = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
	format!("{word:016x} and {row} are some words of a short row")
}

/// Writes rows of some 60 bytes.
fn generate(path: &Path, format: Format, rows: u64) {
	let file = File::create(path).unwrap();
	if format == Format::Parquet {
		let schema = "message rows { required int64 id; required binary text (UTF8); }";
		let schema = Arc::new(parse_message_type(schema).unwrap());
		let properties = Arc::new(WriterProperties::builder().build());
		let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
		// One large group of rows: the worst case.
		let mut group = writer.next_row_group().unwrap();
		let mut ids = group.next_column().unwrap().unwrap();
		for id in 0..rows {
			ids.typed::<Int64Type>()
				.write_batch(&[id as i64], None, None)
				.unwrap();
		}
		ids.close().unwrap();
		let mut texts = group.next_column().unwrap().unwrap();
		for id in 0..rows {
			let text = ByteArray::from(text(id).as_str());
			texts
				.typed::<ByteArrayType>()
				.write_batch(&[text], None, None)
				.unwrap();
		}
		texts.close().unwrap();
		group.close().unwrap();
		writer.close().unwrap();
		return;
	}
	let mut file = BufWriter::new(file);
	if format == Format::Csv {
		file.write_all(b"id,text\n").unwrap();
	}
	for id in 0..rows {
		let text = text(id);
		match format {
			Format::Csv => writeln!(file, "{id},{text}").unwrap(),
			_ => writeln!(file, "{{\"id\":{id},\"text\":\"{text}\"}}").unwrap(),
		}
	}
	file.flush().unwrap();
}

#[test]
fn memory_does_not_grow_with_the_input() {
	let folder = tempfile::tempdir().unwrap();
	for (format, name) in [
		(Format::JsonLines, "x.jsonl"),
		(Format::Csv, "x.csv"),
		(Format::Parquet, "x.parquet"),
	] {
		let mut peaks = Vec::new();
		// 25 MB and 100 MB.
		for rows in [300_000, 1_200_000] {
			let input = folder.path().join(name);
			generate(&input, format, rows);
			let size = fs::metadata(&input).unwrap().len() >> 20;
			let job = Job {
				input: input.clone(),
				format,
				out: folder.path().join("out"),
				name: "x".to_owned(),
				schema: Schema::default(),
				limits: Limits::default(),
				recipients: Vec::new(),
			};
			peak();
			let made = prepare(&job, &ProgressBar::hidden()).unwrap();
			let peak = peak();
			let made: u64 = made
				.batches
				.iter()
				.map(|(_, batch)| u64::from(batch.rows))
				.sum();
			assert_eq!(made, rows);
			println!("{size} MiB of {format:?}: peak {peak} MiB");
			peaks.push(peak);
			fs::remove_file(&input).unwrap();
			fs::remove_dir_all(folder.path().join("out")).unwrap();
		}
		// The leaves of a full batch, 64 bytes a row in two trees, are most of it.
		assert!(
			peaks.iter().all(|peak| *peak < 300),
			"{format:?}: {peaks:?}"
		);
	}
}
