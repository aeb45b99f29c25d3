//! What licences forbid, by their SPDX identifiers.
//!
//! | identifiers | forbid |
//! |---|---|
//! | `CC-BY-NC-*`, `PolyForm-Noncommercial-*`, `NCGL-UK-*`, `Aladdin` | to make money by it |
//! | `CC-BY-ND-*`, `CC-BY-NC-ND-*` | to pass on what is derived from it |
//!
//! Every other licence, a `LicenseRef-` among them, is for the Datanet's owner to judge, who reads the
//! purpose before approving it.

use openledger_primitives::data::Purpose;

const NON_COMMERCIAL: [&[u8]; 4] = [
	b"CC-BY-NC",
	b"PolyForm-Noncommercial",
	b"NCGL-UK",
	b"Aladdin",
];

const NO_DERIVATIVES: [&[u8]; 2] = [b"CC-BY-ND", b"CC-BY-NC-ND"];

/// Whether nothing that is known of a licence forbids a purpose. Upper and lower case do not differ, as
/// in SPDX.
pub fn permits(licence: &[u8], purpose: Purpose) -> bool {
	let is_one_of = |prefixes: &[&[u8]]| {
		prefixes.iter().any(|prefix| {
			licence
				.get(..prefix.len())
				.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
		})
	};
	!(purpose.is_commercial() && is_one_of(&NON_COMMERCIAL)
		|| purpose.derives() && is_one_of(&NO_DERIVATIVES))
}

#[cfg(test)]
mod tests {
	use super::*;
	use Purpose::*;

	fn permitted(licence: &str) -> Vec<Purpose> {
		[Research, Training, Serving, Curation]
			.into_iter()
			.filter(|purpose| permits(licence.as_bytes(), *purpose))
			.collect()
	}

	#[test]
	fn non_commercial_licences_leave_research_and_curation() {
		for licence in [
			"CC-BY-NC-4.0",
			"CC-BY-NC-SA-3.0-IGO",
			"CC-BY-NC-ND-4.0",
			"cc-by-nc-4.0",
			"CC-BY-NC",
			"PolyForm-Noncommercial-1.0.0",
			"NCGL-UK-2.0",
			"Aladdin",
		] {
			assert_eq!(permitted(licence), [Research, Curation], "{licence}");
		}
	}

	#[test]
	fn no_derivatives_licences_leave_all_but_training() {
		for licence in ["CC-BY-ND-4.0", "Cc-By-Nd-3.0-DE"] {
			assert_eq!(
				permitted(licence),
				[Research, Serving, Curation],
				"{licence}"
			);
		}
	}

	#[test]
	fn other_licences_leave_everything_to_the_owner() {
		for licence in [
			"CC0-1.0",
			"CC-BY-4.0",
			"CC-BY-SA-4.0",
			"GFDL-1.1-or-later",
			"ODbL-1.0",
			"PolyForm-Small-Business-1.0.0",
			"LicenseRef-CC-BY-NC-4.0",
			"BY-NC",
			"",
		] {
			assert_eq!(permitted(licence).len(), 4, "{licence}");
		}
	}
}
