//! What texts that users give may look like.

/// A name: UTF-8 without control characters, not empty, no white space at its ends.
pub fn is_name(text: &[u8]) -> bool {
	core::str::from_utf8(text).is_ok_and(|name| {
		!name.is_empty() && name.trim() == name && !name.chars().any(char::is_control)
	})
}

/// A licence identifier of the SPDX list or a `LicenseRef-`: letters, digits, `.`, `-`, and `+` for
/// "or any later version".
pub fn is_licence(text: &[u8]) -> bool {
	text.first().is_some_and(u8::is_ascii_alphanumeric)
		&& text
			.iter()
			.all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(byte))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn names() {
		for name in ["FOLDOC", "King James Bible", "Wörterbuch", "辞書"] {
			assert!(is_name(name.as_bytes()), "{name:?} is refused");
		}
		for name in ["", " x", "x ", "a\nb", "\u{0}", "a\u{85}b"] {
			assert!(!is_name(name.as_bytes()), "{name:?} is taken");
		}
		assert!(!is_name(&[0xff, 0xfe]));
	}

	#[test]
	fn licences() {
		for licence in [
			"CC0-1.0",
			"MIT",
			"GFDL-1.1-or-later",
			"GPL-2.0+",
			"LicenseRef-Public-Domain",
		] {
			assert!(is_licence(licence.as_bytes()), "{licence:?} is refused");
		}
		for licence in ["", "-MIT", "MIT OR Apache-2.0", "MIT\n", "CC BY"] {
			assert!(!is_licence(licence.as_bytes()), "{licence:?} is taken");
		}
	}
}
