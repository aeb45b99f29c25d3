//! Real numbers in records: strings with as few digits as give the same 64 bits again, such as `"2.5e-4"`.
//!
//! As numbers of JSON they would be rounded by one library and not by another, and hashes over them would
//! be worth nothing.

use serde::{de::Error, Deserialize, Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&format!("{value:e}"))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
	let text = String::deserialize(deserializer)?;
	text.parse()
		.ok()
		.filter(|value: &f64| value.is_finite() && format!("{value:e}") == text)
		.ok_or_else(|| D::Error::custom(format!("{text:?} is no real number as records have it")))
}

/// The same for one that may be missing.
pub(crate) mod option {
	use super::{Deserialize, Deserializer, Serializer};

	pub(crate) fn serialize<S: Serializer>(
		value: &Option<f64>,
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		match value {
			Some(value) => super::serialize(value, serializer),
			None => serializer.serialize_none(),
		}
	}

	pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Option<f64>, D::Error> {
		#[derive(Deserialize)]
		struct Real(#[serde(with = "super")] f64);
		Ok(Option::<Real>::deserialize(deserializer)?.map(|real| real.0))
	}
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;
	use serde::Serialize;

	use super::*;

	#[derive(Debug, PartialEq, Serialize, Deserialize)]
	struct Reals {
		#[serde(with = "super")]
		a: f64,
		#[serde(with = "super::option")]
		b: Option<f64>,
	}

	proptest! {
		#[test]
		fn reals_keep_their_bits(a in any::<f64>(), b in any::<Option<f64>>()) {
			prop_assume!(a.is_finite() && b.is_none_or(f64::is_finite));
			let text = serde_json::to_string(&Reals { a, b }).unwrap();
			let found: Reals = serde_json::from_str(&text).unwrap();
			prop_assert_eq!(found.a.to_bits(), a.to_bits());
			prop_assert_eq!(found.b.map(f64::to_bits), b.map(f64::to_bits));
		}
	}

	#[test]
	fn there_is_one_spelling() {
		let read = |a: &str| serde_json::from_str::<Reals>(&format!(r#"{{"a":{a},"b":null}}"#));
		assert_eq!(read("\"2.5e-4\"").unwrap(), Reals { a: 2.5e-4, b: None });
		for wrong in ["0.5", "\"0.5\"", "\"NaN\"", "\"inf\"", "\"x\""] {
			assert!(read(wrong).is_err(), "{wrong}");
		}
	}
}
