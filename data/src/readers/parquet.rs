//! Apache Parquet: rows become objects, columns in their order.
//!
//! Dates and times become ISO 8601 in UTC, decimals strings, bytes hexadecimal digits, what JSON has no
//! number for `null`.

use super::{push_string, RowReader};
use crate::Error;
use indicatif::ProgressBar;
use parquet::{
	data_type::Decimal,
	file::reader::{FileReader, SerializedFileReader},
	record::{reader::RowIter, Field, Row},
};
use std::{
	fs::File,
	io::Write,
	panic::{catch_unwind, AssertUnwindSafe},
	path::{Path, PathBuf},
};

pub(super) struct Parquet {
	path: PathBuf,
	rows: RowIter<'static>,
	count: u64,
	progress: ProgressBar,
}

impl Parquet {
	pub(super) fn open(path: &Path, progress: &ProgressBar) -> Result<Self, Error> {
		let file = File::open(path).map_err(Error::io(path))?;
		let rows = guard(|| {
			let reader = SerializedFileReader::new(file).map_err(|error| error.to_string())?;
			let rows = reader.metadata().file_metadata().num_rows();
			progress.set_length(u64::try_from(rows).unwrap_or(0));
			RowIter::from_file_into(Box::new(reader))
				.project(None)
				.map_err(|error| error.to_string())
		});
		Ok(Self {
			path: path.to_owned(),
			rows: rows.map_err(|problem| Error::file(path, problem))?,
			count: 0,
			progress: progress.clone(),
		})
	}
}

impl RowReader for Parquet {
	fn read_row(&mut self, row: &mut Vec<u8>) -> Result<bool, Error> {
		self.count += 1;
		if self.count.is_multiple_of(4_096) {
			self.progress.inc(4_096);
		}
		let next = guard(|| Ok(self.rows.next()))
			.map_err(|problem| Error::row(&self.path, self.count, problem))?;
		Ok(next.map(|fields| push_row(row, &fields)).is_some())
	}
}

/// The library panics over a damaged file.
fn guard<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
	catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
		Err("it is damaged, or uses a part of Parquet that isn't supported".to_owned())
	})
}

fn push_row(out: &mut Vec<u8>, row: &Row) {
	push_object(
		out,
		row.get_column_iter()
			.map(|(name, field)| (name.as_str(), field)),
	);
}

fn push_object<'a>(out: &mut Vec<u8>, fields: impl Iterator<Item = (&'a str, &'a Field)>) {
	out.push(b'{');
	for (i, (name, field)) in fields.enumerate() {
		if i > 0 {
			out.push(b',');
		}
		push_string(out, name);
		out.push(b':');
		push_field(out, field);
	}
	out.push(b'}');
}

fn push_field(out: &mut Vec<u8>, field: &Field) {
	// Writing to memory doesn't fail.
	let mut plain = |text: std::fmt::Arguments<'_>| {
		let _ = out.write_fmt(text);
	};
	match field {
		Field::Null => plain(format_args!("null")),
		Field::Bool(value) => plain(format_args!("{value}")),
		Field::Byte(value) => plain(format_args!("{value}")),
		Field::Short(value) => plain(format_args!("{value}")),
		Field::Int(value) => plain(format_args!("{value}")),
		Field::Long(value) => plain(format_args!("{value}")),
		Field::UByte(value) => plain(format_args!("{value}")),
		Field::UShort(value) => plain(format_args!("{value}")),
		Field::UInt(value) => plain(format_args!("{value}")),
		Field::ULong(value) => plain(format_args!("{value}")),
		Field::Float(value) if value.is_finite() => plain(format_args!("{value:?}")),
		Field::Double(value) if value.is_finite() => plain(format_args!("{value:?}")),
		Field::Float(_) | Field::Double(_) => plain(format_args!("null")),
		Field::Decimal(value) => plain(format_args!("\"{}\"", decimal(value))),
		Field::Str(value) => push_string(out, value),
		Field::Bytes(value) => match value.as_utf8() {
			Ok(text) => push_string(out, text),
			Err(_) => plain(format_args!("\"{}\"", hex::encode(value.data()))),
		},
		// The library keeps signed values as if they were unsigned.
		Field::Date(days) => plain(format_args!("\"{}\"", date(i64::from(*days as i32)))),
		Field::TimestampMillis(time) => {
			plain(format_args!("\"{}\"", timestamp(*time as i64, 1_000, 3)))
		}
		Field::TimestampMicros(time) => plain(format_args!(
			"\"{}\"",
			timestamp(*time as i64, 1_000_000, 6)
		)),
		Field::Group(row) => push_row(out, row),
		Field::ListInternal(list) => {
			out.push(b'[');
			for (i, element) in list.elements().iter().enumerate() {
				if i > 0 {
					out.push(b',');
				}
				push_field(out, element);
			}
			out.push(b']');
		}
		Field::MapInternal(map) => {
			let entries: Vec<_> = map
				.entries()
				.iter()
				.map(|(key, value)| match key {
					Field::Str(key) => (key.clone(), value),
					other => (other.to_string(), value),
				})
				.collect();
			push_object(
				out,
				entries.iter().map(|(key, value)| (key.as_str(), *value)),
			);
		}
	}
}

/// A decimal's digits, with a point before the last `scale` of them.
fn decimal(value: &Decimal) -> String {
	let bytes = value.data();
	if bytes.len() > 16 {
		return format!("0x{}e-{}", hex::encode(bytes), value.scale());
	}
	let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
	let start = if negative { -1i128 } else { 0 };
	let number = bytes
		.iter()
		.fold(start, |number, byte| (number << 8) | i128::from(*byte));
	let scale = usize::try_from(value.scale()).unwrap_or(0);
	let digits = format!("{:0>width$}", number.unsigned_abs(), width = scale + 1);
	let (whole, part) = digits.split_at(digits.len() - scale);
	let sign = if number < 0 { "-" } else { "" };
	if part.is_empty() {
		format!("{sign}{whole}")
	} else {
		format!("{sign}{whole}.{part}")
	}
}

/// `YYYY-MM-DD` of a number of days since 1970 (the algorithm `civil_from_days` of Howard Hinnant).
fn date(days: i64) -> String {
	let days = days + 719_468;
	let era = days.div_euclid(146_097);
	let day_of_era = days.rem_euclid(146_097);
	let year_of_era =
		(day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
	let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	let shifted = (5 * day_of_year + 2) / 153;
	let day = day_of_year - (153 * shifted + 2) / 5 + 1;
	let month = if shifted < 10 {
		shifted + 3
	} else {
		shifted - 9
	};
	let year = year_of_era + era * 400 + i64::from(month <= 2);
	format!("{year:04}-{month:02}-{day:02}")
}

/// `YYYY-MM-DDThh:mm:ss.fZ` of a number of units since 1970, `per_second` of them in a second.
fn timestamp(time: i64, per_second: i64, digits: usize) -> String {
	let seconds = time.div_euclid(per_second);
	let fraction = time.rem_euclid(per_second);
	let of_day = seconds.rem_euclid(86_400);
	format!(
		"{}T{:02}:{:02}:{:02}.{fraction:0digits$}Z",
		date(seconds.div_euclid(86_400)),
		of_day / 3_600,
		of_day / 60 % 60,
		of_day % 60,
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn days_and_times_are_iso_8601() {
		assert_eq!(date(0), "1970-01-01");
		assert_eq!(date(-1), "1969-12-31");
		assert_eq!(date(11_016), "2000-02-29");
		assert_eq!(date(20_779), "2026-11-22");
		assert_eq!(timestamp(-1, 1_000, 3), "1969-12-31T23:59:59.999Z");
		assert_eq!(
			timestamp(951_782_400_000_001, 1_000_000, 6),
			"2000-02-29T00:00:00.000001Z"
		);
	}

	#[test]
	fn decimals_keep_their_digits() {
		assert_eq!(decimal(&Decimal::from_i32(-5, 9, 2)), "-0.05");
		assert_eq!(decimal(&Decimal::from_i32(12_345, 9, 2)), "123.45");
		assert_eq!(decimal(&Decimal::from_i64(7, 9, 0)), "7");
	}
}
