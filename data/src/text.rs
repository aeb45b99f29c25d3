//! The words of a row.

use std::str::Chars;

/// Takes words as they are read.
pub(crate) trait Words {
	/// The next character of a word, in lower case.
	fn push(&mut self, character: char);

	/// The word is over; also called where there is none.
	fn end(&mut self);
}

/// Reads the words of a row, in order and in lower case.
///
/// A row's text is its JSON with object keys left out and strings decoded; a row that isn't JSON is
/// taken as it stands. A word is a run of characters that are alphabetic or numeric by Unicode, each
/// in its lower-case form.
pub(crate) fn read(row: &str, words: &mut impl Words) {
	let mut rest = row.chars();
	while let Some(character) = rest.next() {
		if character != '"' {
			push(words, character);
			continue;
		}
		words.end();
		if is_key(rest.as_str()) {
			while next_in_string(&mut rest).is_some() {}
		} else {
			while let Some(character) = next_in_string(&mut rest) {
				push(words, character);
			}
		}
		words.end();
	}
	words.end();
}

#[inline]
fn push(words: &mut impl Words, character: char) {
	if character.is_ascii_alphanumeric() {
		words.push(character.to_ascii_lowercase());
	} else if !character.is_ascii() && character.is_alphanumeric() {
		character.to_lowercase().for_each(|lower| words.push(lower));
	} else {
		words.end();
	}
}

/// Whether a string, given from behind its opening quote, is followed by a colon.
fn is_key(string: &str) -> bool {
	let bytes = string.as_bytes();
	let mut escaped = false;
	let Some(length) = bytes.iter().position(|byte| {
		let quote = *byte == b'"' && !escaped;
		escaped = *byte == b'\\' && !escaped;
		quote
	}) else {
		return false;
	};
	let mut after = bytes.get(length + 1..).unwrap_or_default().iter();
	after.find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// The next character of a string; `None` behind its closing quote.
#[inline]
fn next_in_string(rest: &mut Chars<'_>) -> Option<char> {
	match rest.next()? {
		'"' => None,
		'\\' => Some(match rest.next()? {
			'u' => unicode(rest),
			// The other escapes stand for something that is no part of a word.
			_ => ' ',
		}),
		plain => Some(plain),
	}
}

/// The character of `\uXXXX`, or of two of them that are a surrogate pair. Half a pair is a space.
fn unicode(rest: &mut Chars<'_>) -> char {
	let Some(high) = unit(rest) else { return ' ' };
	let mut ahead = rest.clone();
	if (0xd800..0xdc00).contains(&high) && ahead.next() == Some('\\') && ahead.next() == Some('u') {
		if let Some(low @ 0xdc00..0xe000) = unit(&mut ahead) {
			*rest = ahead;
			let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
			return char::from_u32(code).unwrap_or(' ');
		}
	}
	char::from_u32(high).unwrap_or(' ')
}

fn unit(rest: &mut Chars<'_>) -> Option<u32> {
	let digits = rest.as_str().get(..4)?;
	let unit = u32::from_str_radix(digits, 16).ok()?;
	*rest = rest.as_str().get(4..)?.chars();
	Some(unit)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[derive(Default)]
	struct List(Vec<String>, String);

	impl Words for List {
		fn push(&mut self, character: char) {
			self.1.push(character);
		}

		fn end(&mut self) {
			if !self.1.is_empty() {
				self.0.push(std::mem::take(&mut self.1));
			}
		}
	}

	fn of(row: &str) -> Vec<String> {
		let mut list = List::default();
		read(row, &mut list);
		list.0
	}

	#[test]
	fn keys_are_left_out_and_strings_decoded() {
		assert_eq!(of(r#"{"text":"It's ONE\ntwo"}"#), ["it", "s", "one", "two"]);
		assert_eq!(
			of(r#"{"a b" : -12.5, "c":[true,null,{"d":"e:\"f\""}]}"#),
			["12", "5", "true", "null", "e", "f"]
		);
		assert_eq!(
			of(r#"{"k\"":"\u00c4rger \ud835\udfd9\ud800x"}"#),
			["ärger", "𝟙", "x"]
		);
		assert_eq!(of(r#"{"t":"ÄÖ 東京 x\\"}"#), ["äö", "東京", "x"]);
		// Another spelling of the same JSON has the same words.
		assert_eq!(of(r#"{ "t" : "\u0061bc" }"#), of(r#"{"t":"ABC"}"#));
	}

	#[test]
	fn what_is_not_json_is_taken_as_it_stands() {
		assert_eq!(of("Plain, text"), ["plain", "text"]);
		assert_eq!(of(r#"an "open string"#), ["an", "open", "string"]);
		assert!(of("").is_empty() && of("{}").is_empty() && of(r#"{"a":"!"}"#).is_empty());
	}

	proptest! {
		#[test]
		fn any_text_has_the_words_of_its_json(text: String) {
			let plain: Vec<_> = text
				.split(|c: char| !c.is_alphanumeric())
				.filter(|word| !word.is_empty())
				.map(|word| word.chars().flat_map(char::to_lowercase).collect::<String>())
				.collect();
			let row = serde_json::json!({ "some key": text }).to_string();
			prop_assert_eq!(of(&row), plain);
		}

		#[test]
		fn nothing_panics(row: String) {
			of(&row);
			of(&format!("\"{row}"));
		}
	}
}
