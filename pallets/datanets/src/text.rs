//! Which strings are taken. What the chain keeps for others to show or to fetch is checked once, here.

/// Whether every byte is a visible ASCII character: no spaces, no control characters.
fn is_visible_ascii(text: &[u8]) -> bool {
	text.iter().all(u8::is_ascii_graphic)
}

/// A locator or a hash; may be empty.
pub(crate) fn is_metadata(text: &[u8]) -> bool {
	is_visible_ascii(text)
}

/// Lower-case words joined by single hyphens.
pub(crate) fn is_domain(text: &[u8]) -> bool {
	text.split(|byte| *byte == b'-').all(|word| {
		!word.is_empty()
			&& word
				.iter()
				.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
	})
}

/// A media type, `type/subtype`, of the characters of RFC 6838, section 4.2, in lower case.
pub(crate) fn is_content_type(text: &[u8]) -> bool {
	let is_part = |part: &[u8]| {
		part.first().is_some_and(u8::is_ascii_alphanumeric)
			&& part.iter().all(|byte| {
				byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&-^_.+".contains(byte)
			})
	};
	let mut parts = text.splitn(2, |byte| *byte == b'/');
	parts.next().is_some_and(is_part) && parts.next().is_some_and(is_part)
}

/// A language tag of the shape of BCP 47: a language of two to eight letters, then subtags of one to
/// eight letters or digits.
pub(crate) fn is_language(text: &[u8]) -> bool {
	let mut subtags = text.split(|byte| *byte == b'-');
	let language = subtags
		.next()
		.is_some_and(|tag| (2..=8).contains(&tag.len()) && tag.iter().all(u8::is_ascii_alphabetic));
	language
		&& subtags
			.all(|tag| (1..=8).contains(&tag.len()) && tag.iter().all(u8::is_ascii_alphanumeric))
}

/// An `http` or `https` address with something for a host.
pub(crate) fn is_url(text: &[u8]) -> bool {
	let address = text
		.strip_prefix(b"https://")
		.or_else(|| text.strip_prefix(b"http://"));
	let has_host = address
		.and_then(|rest| rest.first())
		.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'[');
	has_host && is_visible_ascii(text)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn check(is: fn(&[u8]) -> bool, good: &[&str], bad: &[&str]) {
		good.iter()
			.for_each(|text| assert!(is(text.as_bytes()), "{text:?} is refused"));
		bad.iter()
			.for_each(|text| assert!(!is(text.as_bytes()), "{text:?} is taken"));
	}

	#[test]
	fn domains() {
		check(
			is_domain,
			&["computing", "law-eu", "web3"],
			&["", "Computing", "-a", "a-", "a--b", "a b", "a/b", "é"],
		);
	}

	#[test]
	fn content_types() {
		check(
			is_content_type,
			&[
				"text/plain",
				"application/x-ndjson",
				"application/vnd.api+json",
			],
			&[
				"",
				"text",
				"text/",
				"/plain",
				"text/a/b",
				"Text/plain",
				"text/plain; charset=utf-8",
			],
		);
	}

	#[test]
	fn languages() {
		check(
			is_language,
			&["en", "en-GB", "zh-Hant-TW", "de-CH-1996", "und", "mul"],
			&[
				"",
				"e",
				"1n",
				"en_GB",
				"en-",
				"-en",
				"en-abcdefghi",
				"abcdefghi",
				"en GB",
			],
		);
	}

	#[test]
	fn urls() {
		check(
			is_url,
			&[
				"https://example.org/a.jsonl",
				"http://[::1]:8080/x?y=z#f",
				"http://localhost",
			],
			&[
				"",
				"https://",
				"http:///etc/passwd",
				"ftp://example.org",
				"file:///etc/passwd",
				"example.org",
				"HTTPS://example.org",
				"https://example.org/a b",
				"https://example.org/\u{7f}",
				"https://example.org/é",
				" https://example.org",
			],
		);
	}

	#[test]
	fn metadata() {
		check(
			is_metadata,
			&["", "ipfs://bafy", "0x00ff"],
			&["a b", "\t", "é"],
		);
	}
}
