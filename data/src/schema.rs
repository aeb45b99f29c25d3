//! The fields that each row of a Datanet has.

use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};

/// What a field holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
	/// A string.
	Text,
	/// A number without fraction or exponent, or a string of that form.
	Integer,
	/// A number, or a string of that form.
	Number,
	/// `true` or `false`, or a string that says so.
	Boolean,
	/// Anything.
	Json,
	/// A string of hexadecimal digits, two for each byte.
	Binary,
}

const KINDS: [(&str, Kind); 6] = [
	("text", Kind::Text),
	("integer", Kind::Integer),
	("number", Kind::Number),
	("boolean", Kind::Boolean),
	("json", Kind::Json),
	("binary", Kind::Binary),
];

impl fmt::Display for Kind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let name = KINDS.iter().find(|(_, kind)| kind == self);
		f.write_str(name.map_or("", |(name, _)| name))
	}
}

/// A list of fields, written `name:kind,name:kind`; a name alone is of kind `text`. Rows may have more.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Schema(pub Vec<(String, Kind)>);

impl FromStr for Schema {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let mut fields: Vec<(String, Kind)> = Vec::new();
		for field in text.split(',') {
			let (name, kind) = match field.rsplit_once(':') {
				None => (field, Kind::Text),
				Some((name, kind)) => KINDS
					.iter()
					.find(|(known, _)| *known == kind.to_ascii_lowercase())
					.map(|(_, kind)| (name, *kind))
					.ok_or_else(|| {
						let known = KINDS.map(|(name, _)| name).join(", ");
						format!("\"{kind}\" is no kind of field; there are {known}")
					})?,
			};
			if name.is_empty() || fields.iter().any(|(other, _)| other == name) {
				return Err(format!("the field \"{name}\" has no name, or comes twice"));
			}
			fields.push((name.to_owned(), kind));
		}
		Ok(Self(fields))
	}
}

impl Schema {
	/// Whether a row has the fields; if not, what is wrong.
	///
	/// A CSV file knows strings only, so that a number or a Boolean may be written as one.
	pub fn check(&self, row: &str) -> Result<(), String> {
		if self.0.is_empty() {
			return Ok(());
		}
		let fields: BTreeMap<Cow<'_, str>, &RawValue> =
			serde_json::from_str(row).map_err(|error| error.to_string())?;
		for (name, kind) in &self.0 {
			let Some(value) = fields.get(name.as_str()) else {
				return Err(format!("the field \"{name}\" is missing"));
			};
			if !holds(value.get(), *kind) {
				return Err(format!("the field \"{name}\" is not of kind {kind}"));
			}
		}
		Ok(())
	}
}

/// Whether a JSON value is of a kind.
fn holds(value: &str, kind: Kind) -> bool {
	let string: Option<String> = serde_json::from_str(value).ok();
	let plain = string.as_deref().unwrap_or(value);
	match kind {
		Kind::Json => true,
		Kind::Text => string.is_some(),
		Kind::Boolean => plain == "true" || plain == "false",
		Kind::Integer => {
			let digits = plain.strip_prefix('-').unwrap_or(plain);
			!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
		}
		Kind::Number => {
			// `f64` also parses "inf" and "nan", which JSON doesn't know.
			plain.bytes().any(|byte| byte.is_ascii_digit())
				&& plain.parse::<f64>().is_ok_and(f64::is_finite)
		}
		Kind::Binary => string.is_some_and(|digits| {
			digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
		}),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn fields_are_parsed() {
		let schema: Schema = "id:integer,text,meta:JSON".parse().unwrap();
		let expected = [
			("id", Kind::Integer),
			("text", Kind::Text),
			("meta", Kind::Json),
		];
		assert_eq!(
			schema.0,
			expected.map(|(name, kind)| (name.to_owned(), kind))
		);
		for wrong in ["", "a,a", ":text", "a:colour"] {
			assert!(wrong.parse::<Schema>().is_err(), "{wrong}");
		}
	}

	#[test]
	fn every_kind_accepts_its_values_and_no_others() {
		let cases = [
			("text", "\"\"", "1"),
			("text", "\"a\\n\"", "null"),
			("integer", "-12", "1.5"),
			("integer", "\"7\"", "\"7a\""),
			("integer", "0", "1e3"),
			("number", "1.5e3", "\"NaN\""),
			("number", "\"-2.5\"", "\"inf\""),
			("number", "3", "true"),
			("boolean", "false", "0"),
			("boolean", "\"true\"", "\"yes\""),
			("json", "[null]", ""),
			("binary", "\"00fF\"", "\"0\""),
			("binary", "\"\"", "\"xy\""),
		];
		for (kind, right, wrong) in cases {
			let schema: Schema = format!("f:{kind}").parse().unwrap();
			assert_eq!(
				schema.check(&format!("{{\"f\":{right}}}")),
				Ok(()),
				"{kind} {right}"
			);
			assert!(
				schema.check(&format!("{{\"f\":{wrong}}}")).is_err(),
				"{kind} {wrong}"
			);
		}
		let schema: Schema = "f:text".parse().unwrap();
		assert_eq!(schema.check("{}"), Err("the field \"f\" is missing".into()));
		assert_eq!(schema.check("{\"x\":1,\"\\u0066\":\"a\"}"), Ok(()));
	}
}
