//! What texts that users give may look like.

/// A name: UTF-8 without control characters, not empty, no white space at its ends.
pub fn is_name(text: &[u8]) -> bool {
	core::str::from_utf8(text).is_ok_and(|name| {
		!name.is_empty() && name.trim() == name && !name.chars().any(char::is_control)
	})
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
}
