//! The tool from end to end, on real files, by its command line.

use clap::Parser;
use openledger_data::{
	batch::{self, Description},
	cli::DataTool,
	minhash::Signature,
	proof::RowProof,
	tree, Error, Hash,
};
use openledger_primitives::merkle;
use parquet::{
	data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
	file::{properties::WriterProperties, writer::SerializedFileWriter},
	schema::parser::parse_message_type,
};
use sha2::{Digest, Sha256};
use std::{
	fs,
	path::{Path, PathBuf},
	sync::Arc,
};

#[derive(Parser)]
struct Cli {
	#[command(subcommand)]
	tool: DataTool,
}

/// A folder that commands run in.
struct Desk(tempfile::TempDir);

impl Desk {
	fn new() -> Self {
		Self(tempfile::tempdir().unwrap())
	}

	fn path(&self, name: &str) -> PathBuf {
		self.0.path().join(name)
	}

	fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
		fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
		fs::write(self.path(name), bytes).unwrap();
	}

	fn text(&self, name: &str) -> String {
		fs::read_to_string(self.path(name)).unwrap()
	}

	fn names(&self) -> Vec<String> {
		let entries = fs::read_dir(self.0.path()).unwrap();
		let mut names: Vec<_> = entries
			.map(|entry| entry.unwrap().file_name().into_string().unwrap())
			.collect();
		names.sort();
		names
	}

	/// Runs a command line; words that begin with `@` are names of files here.
	fn run(&self, line: &str) -> Result<String, Error> {
		let words = line
			.split_whitespace()
			.map(|word| match word.strip_prefix('@') {
				Some(name) => self.path(name).to_str().unwrap().to_owned(),
				None => word.to_owned(),
			});
		let cli = Cli::try_parse_from(std::iter::once("data".to_owned()).chain(words));
		cli.unwrap_or_else(|error| panic!("{error}")).tool.print()
	}

	fn ok(&self, line: &str) -> String {
		self.run(line)
			.unwrap_or_else(|error| panic!("{line}: {error}"))
	}

	fn fails(&self, line: &str, because: &str) {
		match self.run(line) {
			Ok(printed) => panic!("{line} succeeded: {printed}"),
			Err(error) => assert!(error.to_string().contains(because), "{line}: {error}"),
		}
	}

	fn describe(&self, name: &str) -> Description {
		Description::read(&self.path(name)).unwrap()
	}
}

/// Checks a batch in plain by the plain definitions, and returns its rows.
fn audit(desk: &Desk, described: &str) -> Vec<String> {
	let batch = desk.describe(described);
	let bytes = fs::read(desk.path(&batch.file)).unwrap();
	assert_eq!(batch.content, Hash::from_slice(&Sha256::digest(&bytes)));
	assert_eq!(batch.bytes, bytes.len() as u64);
	let text = String::from_utf8(bytes).unwrap();
	assert!(text.ends_with('\n'));
	let rows: Vec<String> = text.lines().map(str::to_owned).collect();
	assert_eq!(batch.rows as usize, rows.len());
	let leaves: Vec<_> = rows
		.iter()
		.map(|row| merkle::leaf(row.as_bytes()))
		.collect();
	assert_eq!(Some(batch.root), merkle::root(&leaves));
	assert_eq!(tree::read(&desk.path(&batch.tree)).unwrap(), leaves);
	let signatures: Vec<_> = rows
		.iter()
		.map(|row| merkle::leaf(&Signature::of(row).to_bytes()))
		.collect();
	assert_eq!(Some(batch.minhash), merkle::root(&signatures));
	rows
}

#[test]
fn json_lines_stay_as_they_are() {
	let desk = Desk::new();
	let text = "{\"text\":\"a\"}\n{ \"text\" : \"\\u00e4\", \"n\":1.50 }\n{}\r\n{\"z\":1,\"a\":2}";
	desk.write("x.jsonl", text);
	let printed = desk.ok("prepare @x.jsonl --out @out");
	assert!(printed.contains("rows     4"), "{printed}");
	let out = Desk(desk.0);
	assert_eq!(out.text("out/x-000.jsonl"), format!("{text}\n"));
	let inner = Description::read(&out.path("out/x-000.batch.json")).unwrap();
	assert_eq!(inner.rows, 4);
	// Nothing is written over.
	out.fails("prepare @x.jsonl --out @out", "already");
}

#[test]
fn batches_end_at_their_limits() {
	let desk = Desk::new();
	let rows: Vec<String> = (0..2_500)
		.map(|i| format!("{{\"text\":\"row {i}\"}}"))
		.collect();
	desk.write("x.jsonl", rows.join("\n"));
	desk.ok("prepare @x.jsonl --out @ --name r --rows 1000");
	let mut all = Vec::new();
	for (number, expected) in [1_000, 1_000, 500].into_iter().enumerate() {
		let part = audit(&desk, &format!("r-{number:03}.batch.json"));
		assert_eq!(part.len(), expected);
		all.extend(part);
	}
	assert_eq!(all, rows);

	// 40 rows of 100 KiB in batches of at most one MiB.
	let row = format!("{{\"text\":\"{}\"}}", "x".repeat(100 << 10));
	desk.write("y.jsonl", format!("{row}\n").repeat(40));
	desk.ok("prepare @y.jsonl --out @ --size 1");
	for number in 0..4 {
		assert_eq!(audit(&desk, &format!("y-{number:03}.batch.json")).len(), 10);
	}
	assert!(!desk.path("y-004.batch.json").exists());
}

#[test]
fn csv_records_become_objects() {
	let desk = Desk::new();
	let text = "id,text,the \"name\"\n1,\"a, \"\"b\"\"\nnew line\",\n2,ü,x\n";
	desk.write(
		"x.csv",
		text.replace("the \"name\"", "\"the \"\"name\"\"\""),
	);
	desk.ok("prepare @x.csv --out @ --fields id:integer,text");
	assert_eq!(
		audit(&desk, "x-000.batch.json"),
		[
			r#"{"id":"1","text":"a, \"b\"\nnew line","the \"name\"":""}"#,
			r#"{"id":"2","text":"ü","the \"name\"":"x"}"#,
		]
	);
	for (name, text, because) in [
		(
			"short.csv",
			"a,b\n1,2\n3\n",
			"row 2: it has 1 values, and the header has 2",
		),
		("twice.csv", "a,a\n1,2\n", "a name of its own"),
		(
			"kind.csv",
			"a\n1\nx\n",
			"row 2: the field \"a\" is not of kind integer",
		),
		("empty.csv", "a,b\n", "no rows"),
	] {
		desk.write(name, text);
		desk.fails(
			&format!("prepare @{name} --out @ --fields a:integer"),
			because,
		);
	}
	desk.write("latin.csv", b"a\n1\n\xe4\n");
	desk.fails("prepare @latin.csv --out @", "row 2: it is not UTF-8");
}

/// Writes a Parquet file with columns of several kinds, in two row groups.
fn write_parquet(path: &Path, compression: parquet::basic::Compression) {
	let schema = parse_message_type(
		"message rows {
			required int64 id;
			required binary text (UTF8);
			optional double score;
			required int32 day (DATE);
			required int64 at (TIMESTAMP_MILLIS);
			required binary raw;
			required group tags (LIST) { repeated group list { required binary element (UTF8); } }
		}",
	)
	.unwrap();
	let properties = WriterProperties::builder()
		.set_compression(compression)
		.build();
	let file = fs::File::create(path).unwrap();
	let mut writer =
		SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).unwrap();
	for group in 0..2i64 {
		let mut columns = writer.next_row_group().unwrap();
		macro_rules! column {
			($kind:ty, $values:expr, $defined:expr, $repeated:expr) => {
				let mut column = columns.next_column().unwrap().unwrap();
				column
					.typed::<$kind>()
					.write_batch(&$values, $defined, $repeated)
					.unwrap();
				column.close().unwrap();
			};
		}
		let text = |text: &str| ByteArray::from(text);
		column!(Int64Type, [2 * group, 2 * group + 1], None, None);
		column!(ByteArrayType, [text("a \"b\""), text("ü")], None, None);
		column!(DoubleType, [1.5], Some(&[1, 0]), None);
		column!(Int32Type, [0, -1], None, None);
		column!(Int64Type, [0, 951_782_400_001], None, None);
		column!(
			ByteArrayType,
			[text("plain"), ByteArray::from(vec![0xff, 0])],
			None,
			None
		);
		column!(
			ByteArrayType,
			[text("x"), text("y")],
			Some(&[1, 1, 0]),
			Some(&[0, 1, 0])
		);
		columns.close().unwrap();
	}
	writer.close().unwrap();
}

#[test]
fn parquet_rows_become_objects() {
	use parquet::basic::Compression;
	let desk = Desk::new();
	let second = r#""text":"ü","score":null,"day":"1969-12-31","at":"2000-02-29T00:00:00.001Z","raw":"ff00","tags":[]}"#;
	let first = r#""text":"a \"b\"","score":1.5,"day":"1970-01-01","at":"1970-01-01T00:00:00.000Z","raw":"plain","tags":["x","y"]}"#;
	for (name, compression) in [
		("plain", Compression::UNCOMPRESSED),
		("snappy", Compression::SNAPPY),
		("gzip", Compression::GZIP),
		("zstd", Compression::ZSTD),
	] {
		let path = desk.path(&format!("{name}.parquet"));
		write_parquet(&path, compression);
		desk.ok(&format!(
			"prepare @{name}.parquet --out @ --fields id:integer,score:json"
		));
		assert_eq!(
			audit(&desk, &format!("{name}-000.batch.json")),
			[
				format!("{{\"id\":0,{first}"),
				format!("{{\"id\":1,{second}"),
				format!("{{\"id\":2,{first}"),
				format!("{{\"id\":3,{second}"),
			]
		);
	}
	// Wherever a file is damaged, the tool says so or reads it; it doesn't fall over.
	let bytes = fs::read(desk.path("snappy.parquet")).unwrap();
	let mut refused = 0;
	for at in (4..bytes.len()).step_by(37) {
		let mut damaged = bytes.clone();
		damaged[at] ^= 0x55;
		desk.write("d.parquet", &damaged);
		refused += u32::from(desk.run("prepare @d.parquet --out @d").is_err());
		let _ = fs::remove_dir_all(desk.path("d"));
	}
	assert!(refused > 3, "{refused}");
	desk.write("no.parquet", "text");
	desk.fails("prepare @no.parquet --out @", "no.parquet");
}

#[test]
fn a_folder_becomes_a_row_for_each_text_in_order() {
	let desk = Desk::new();
	desk.write("f/b.txt", "second");
	desk.write("f/a/z.txt", "first \"quoted\"\n");
	desk.write("f/c.bin", b"\xff\xfe");
	desk.write("f/large.txt", vec![b'x'; (1 << 20) + 1]);
	// Escaped, it is too long.
	desk.write("f/nearly.txt", vec![b'"'; 600 << 10]);
	#[cfg(unix)]
	std::os::unix::fs::symlink("b.txt", desk.path("f/link")).unwrap();
	let printed = desk.ok("prepare @f --out @");
	assert_eq!(
		audit(&desk, "f-000.batch.json"),
		[
			r#"{"path":"a/z.txt","text":"first \"quoted\"\n"}"#,
			r#"{"path":"b.txt","text":"second"}"#,
		]
	);
	for (file, because) in [
		("c.bin", "it is not UTF-8 text"),
		("large.txt", "it is longer"),
		("nearly.txt", "it is longer"),
		#[cfg(unix)]
		("link", "it is neither a file nor a folder"),
	] {
		assert!(
			printed.contains(&format!("skipped {file}: {because}")),
			"{printed}"
		);
	}
	desk.write("g/only.bin", b"\xff");
	desk.fails("prepare @g --out @", "no rows");
}

#[test]
fn a_wrong_row_is_named_and_nothing_is_left_behind() {
	let desk = Desk::new();
	let long = format!("{{\"text\":\"{}\"}}", "x".repeat(1 << 20));
	for (row, because) in [
		("{\"text\":}", "row 1500: it is not JSON"),
		("[1]", "row 1500: it is not a JSON object"),
		("", "row 1500: it is empty"),
		(
			"{\"text\":1}",
			"row 1500: the field \"text\" is not of kind text",
		),
		("{\"a\":1}", "row 1500: the field \"text\" is missing"),
		(&long, "row 1500: it is longer than 1048576 bytes"),
	] {
		let mut rows = vec!["{\"text\":\"fine\"}"; 2_000];
		rows[1_499] = row;
		desk.write("x.jsonl", rows.join("\n"));
		// A batch was complete before the row came.
		desk.fails(
			"prepare @x.jsonl --out @ --rows 1000 --fields text",
			because,
		);
		assert_eq!(desk.names(), ["x.jsonl"]);
	}
	desk.write("x.jsonl", b"{\"a\":\"\xff\"}\n");
	desk.fails("prepare @x.jsonl --out @", "row 1: it is not UTF-8");
	desk.write("x.jsonl", "");
	desk.fails("prepare @x.jsonl --out @", "no rows");
	desk.fails("prepare @missing.jsonl --out @", "missing.jsonl");
	desk.write("x.txt", "{}");
	desk.fails("prepare @x.txt --out @", "--format");
	desk.fails(
		"prepare @x.txt --format jsonl --out @ --rows 0",
		"at least one row",
	);
	desk.fails(
		"prepare @x.txt --format jsonl --out @ --name a/b",
		"can't begin",
	);
	assert_eq!(desk.names(), ["x.jsonl", "x.txt"]);
}

#[test]
fn a_row_is_proved_and_checked() {
	let desk = Desk::new();
	let rows: Vec<String> = (0..777)
		.map(|i| format!("{{\"text\":\"row {i}\"}}"))
		.collect();
	desk.write("x.jsonl", rows.join("\n"));
	desk.ok("prepare @x.jsonl --out @");
	let batch = desk.describe("x-000.batch.json");
	desk.ok("prove --batch @x-000.batch.json --row 776 --output @p.json");
	assert!(fs::metadata(desk.path("p.json")).unwrap().len() < 2_000);
	let root = format!("{:?}", batch.root);
	let said = desk.ok(&format!("verify @p.json --root {root} --rows 777"));
	assert!(
		said.contains(&format!("{:?}", merkle::leaf(rows[776].as_bytes()))),
		"{said}"
	);
	// As the chain checks it.
	let proof = RowProof::read(&desk.path("p.json")).unwrap();
	assert!(merkle::verify(
		&batch.root,
		&proof.leaf,
		776,
		777,
		&proof.path
	));

	desk.ok("prove --batch @x-000.batch.json --row 5 --with-row --output @q.json");
	assert!(desk
		.ok("verify @q.json --batch @x-000.batch.json")
		.contains(&rows[5]));
	desk.write("q.json", desk.text("q.json").replace("row 5", "row 6"));
	desk.fails(
		"verify @q.json --batch @x-000.batch.json",
		"not the one that is proved",
	);
	desk.fails(
		&format!("verify @p.json --root {root} --rows 778"),
		"another batch",
	);
	desk.fails(
		"prove --batch @x-000.batch.json --row 777 --output @r.json",
		"no row 777",
	);

	// Leaves or rows that were changed make no proof.
	desk.write(
		"x-000.jsonl",
		desk.text("x-000.jsonl").replace("row 5\"", "row V\""),
	);
	desk.fails(
		"prove --batch @x-000.batch.json --row 5 --with-row --output @r.json",
		"not the one",
	);
	let mut leaves = tree::read(&desk.path("x-000.tree")).unwrap();
	leaves.swap(0, 1);
	fs::remove_file(desk.path("x-000.tree")).unwrap();
	tree::write(&desk.path("x-000.tree"), &leaves).unwrap();
	desk.fails(
		"prove --batch @x-000.batch.json --row 5 --output @r.json",
		"not under",
	);
	assert!(!desk.path("r.json").exists());
	let hostile = desk
		.text("x-000.batch.json")
		.replace("x-000.tree", "../x-000.tree");
	desk.write("h.batch.json", hostile);
	desk.fails(
		"prove --batch @h.batch.json --row 5 --output @r.json",
		"not beside it",
	);
}

#[test]
fn a_batch_is_encrypted_for_a_grantee() {
	let desk = Desk::new();
	let rows: Vec<String> = (0..3_000)
		.map(|i| format!("{{\"text\":\"secret {i}\"}}"))
		.collect();
	desk.write("x.jsonl", rows.join("\n") + "\n");
	let key = |said: String| {
		said.split_whitespace()
			.find(|w| w.starts_with("0x"))
			.unwrap()
			.to_owned()
	};
	let data = key(desk.ok("keygen --output @data.key"));
	let grantee = key(desk.ok("keygen --output @grantee.key"));
	desk.ok("keygen --output @eve.key");
	desk.ok("prepare @x.jsonl --out @");
	let plain = desk.describe("x-000.batch.json");
	desk.ok(&format!(
		"encrypt --batch @x-000.batch.json --recipient {data}"
	));
	let sealed = desk.describe("x-000.age.batch.json");
	assert!(sealed.encrypted);
	assert_eq!(
		(sealed.root, sealed.minhash, sealed.rows),
		(plain.root, plain.minhash, plain.rows)
	);
	let bytes = fs::read(desk.path(&sealed.file)).unwrap();
	assert_eq!(sealed.content, Hash::from_slice(&Sha256::digest(&bytes)));
	assert_eq!(sealed.bytes, bytes.len() as u64);
	assert!(!bytes.windows(6).any(|window| window == b"secret"));
	desk.fails(
		&format!("encrypt --batch @x-000.age.batch.json -r {data}"),
		"already",
	);

	// What is on the chain leads the grantee, and nobody else, to the rows.
	let wrapped = desk.ok(&format!("wrap --identity @data.key --recipient {grantee}"));
	assert!(wrapped.len() < 2 + 2 * 1_024);
	let wrapped = wrapped.trim();
	desk.fails(
		&format!("unwrap {wrapped} -i @eve.key -o @stolen.key"),
		"not encrypted to this key",
	);
	let unwrapped = key(desk.ok(&format!("unwrap {wrapped} -i @grantee.key -o @got.key")));
	assert_eq!(unwrapped, data);
	let decrypt = "decrypt @x-000.jsonl.age --batch @x-000.age.batch.json";
	desk.fails(
		&format!("{decrypt} -i @grantee.key -o @y.jsonl"),
		"not encrypted to this key",
	);
	desk.ok(&format!("{decrypt} -i @got.key -o @y.jsonl"));
	assert_eq!(desk.text("y.jsonl"), desk.text("x.jsonl"));

	// Proofs hold for the encrypted batch as for the plain one.
	desk.ok("prove --batch @x-000.age.batch.json --row 7 -o @p.json");
	desk.ok("verify @p.json --batch @x-000.batch.json");
	desk.fails(
		"prove --batch @x-000.age.batch.json --row 7 --with-row -o @q.json",
		"encrypted",
	);

	// A damaged file, one cut short, and another one to the same key.
	let mut damaged = bytes.clone();
	damaged[bytes.len() / 2] ^= 1;
	desk.write("x-000.jsonl.age", &damaged);
	desk.fails(&format!("{decrypt} -i @got.key -o @z.jsonl"), "damaged");
	desk.write("x-000.jsonl.age", &bytes[..bytes.len() - 1]);
	desk.fails(&format!("{decrypt} -i @got.key -o @z.jsonl"), "damaged");
	desk.write("o.jsonl", "{\"text\":\"other\"}");
	desk.ok(&format!("prepare @o.jsonl --out @ -r {data}"));
	fs::rename(desk.path("o-000.jsonl.age"), desk.path("x-000.jsonl.age")).unwrap();
	desk.fails(
		&format!("{decrypt} -i @got.key -o @z.jsonl"),
		"another file",
	);
	assert!(!desk.path("z.jsonl").exists() && !desk.path("z.jsonl.partial").exists());
}

#[test]
fn a_batch_may_be_encrypted_as_it_is_made() {
	let desk = Desk::new();
	let row = format!("{{\"text\":\"{}\"}}\n", "lorem ipsum ".repeat(40_000));
	desk.write("x.jsonl", row.repeat(10));
	desk.ok("keygen --output @key");
	let said = desk.ok("keygen --output @other");
	let other = said.split_whitespace().nth(1).unwrap();
	let own = openledger_data::crypto::recipient(
		&openledger_data::crypto::read_identity(&desk.path("key")).unwrap(),
	)
	.unwrap();
	desk.ok(&format!(
		"prepare @x.jsonl --out @ --size 1 -r {own} -r {other}"
	));
	desk.ok("prepare @x.jsonl --out @plain --size 1 --name x");
	let mut all = String::new();
	for number in 0..5 {
		let name = format!("x-{number:03}.batch.json");
		let batch = desk.describe(&name);
		assert_eq!(batch.recipients.len(), 2);
		assert!(batch.bytes <= 1 << 20, "{}", batch.bytes);
		assert_eq!(batch.root, desk.describe(&format!("plain/{name}")).root);
		for key in ["key", "other"] {
			let output = format!("{key}-{number}.jsonl");
			desk.ok(&format!(
				"decrypt @{} --batch @{name} -i @{key} -o @{output}",
				batch.file
			));
		}
		assert_eq!(
			desk.text(&format!("key-{number}.jsonl")),
			desk.text(&format!("other-{number}.jsonl"))
		);
		all += &desk.text(&format!("key-{number}.jsonl"));
	}
	assert_eq!(all, desk.text("x.jsonl"));
	assert!(!desk.path("x-000.jsonl").exists());
	assert_eq!(
		tree::root(&batch::leaves(&desk.path("key-0.jsonl")).unwrap()),
		Some(desk.describe("x-000.batch.json").root)
	);
}
