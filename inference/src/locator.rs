//! Where a batch file is: the chain's locators, written as one line of text.
//!
//! | text | place |
//! |---|---|
//! | `http://…`, `https://…` | there |
//! | `ipfs://f<hex>` | the IPFS identifier of those bytes, through a gateway |
//! | `eigenda:0x<hex>` | the EigenDA commitment of those bytes, through a proxy |
//! | `data:;hex,<hex>` | the file itself |

use reqwest::Url;

use crate::fetch::Gateways;

/// A locator that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Locator {
	Web(Url),
	Ipfs(Vec<u8>),
	EigenDa(Vec<u8>),
	Inline(Vec<u8>),
}

/// Where to get a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
	/// At an address that a stranger wrote.
	Stranger(Url),
	/// At a server that the operator chose.
	Gateway(Url),
	/// Nowhere else: this is the file.
	Here(Vec<u8>),
}

/// Why a locator leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LocatorError {
	#[error("`{0}` is no address: {1}")]
	NoUrl(String, String),
	#[error("`{0}` has something else than hexadecimal digits")]
	NotHex(String),
	#[error("it is on {network}, and this operator has no way there: see {option}")]
	NoGateway {
		network: &'static str,
		option: &'static str,
	},
}

impl Locator {
	pub(crate) fn parse(text: &str) -> Result<Self, LocatorError> {
		let bytes = |digits| {
			hex::decode(digits).map_err(|_| LocatorError::NotHex(text.chars().take(80).collect()))
		};
		if let Some(digits) = text.strip_prefix("ipfs://f") {
			return bytes(digits).map(Self::Ipfs);
		}
		if let Some(digits) = text.strip_prefix("eigenda:0x") {
			return bytes(digits).map(Self::EigenDa);
		}
		if let Some(digits) = text.strip_prefix("data:;hex,") {
			return bytes(digits).map(Self::Inline);
		}
		Url::parse(text)
			.map(Self::Web)
			.map_err(|e| LocatorError::NoUrl(text.chars().take(80).collect(), e.to_string()))
	}

	pub(crate) fn place(self, gateways: &Gateways) -> Result<Place, LocatorError> {
		let through = |gateway: &Option<Url>, path: String, network, option| {
			let mut url = gateway
				.clone()
				.ok_or(LocatorError::NoGateway { network, option })?;
			url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
			Ok(Place::Gateway(url))
		};
		match self {
			Self::Web(url) => Ok(Place::Stranger(url)),
			Self::Inline(file) => Ok(Place::Here(file)),
			// Multibase 16: an identifier of version 0 has no such form, but its multihash is the tail
			// of the identifier of version 1 that names the same.
			Self::Ipfs(cid) => {
				let cid = match cid.first() {
					Some(0x12) => [&[0x01, 0x70], &cid[..]].concat(),
					_ => cid,
				};
				through(
					&gateways.ipfs,
					format!("ipfs/f{}", hex::encode(cid)),
					"IPFS",
					"--ipfs-gateway",
				)
			}
			Self::EigenDa(commitment) => through(
				&gateways.eigenda,
				format!("get/0x{}", hex::encode(commitment)),
				"EigenDA",
				"--eigenda-proxy",
			)
			.map(|place| match place {
				Place::Gateway(mut url) => {
					url.set_query(Some("commitment_mode=standard"));
					Place::Gateway(url)
				}
				other => other,
			}),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn gateways() -> Gateways {
		Gateways {
			ipfs: Some(Url::parse("http://127.0.0.1:8080").unwrap()),
			eigenda: Some(Url::parse("http://127.0.0.1:3100/da/").unwrap()),
		}
	}

	fn place(text: &str, gateways: &Gateways) -> Result<Place, String> {
		Locator::parse(text)
			.and_then(|locator| locator.place(gateways))
			.map_err(|e| e.to_string())
	}

	fn gateway(url: &str) -> Place {
		Place::Gateway(Url::parse(url).unwrap())
	}

	#[test]
	fn each_kind_leads_to_its_place() {
		let all = gateways();
		assert_eq!(
			place("https://example.org/a", &all).unwrap(),
			Place::Stranger(Url::parse("https://example.org/a").unwrap())
		);
		assert_eq!(
			place("data:;hex,7b7d0a", &all).unwrap(),
			Place::Here(b"{}\n".to_vec())
		);
		assert_eq!(
			place("ipfs://f01551200", &all).unwrap(),
			gateway("http://127.0.0.1:8080/ipfs/f01551200")
		);
		assert_eq!(
			place("ipfs://f1220aa", &all).unwrap(),
			gateway("http://127.0.0.1:8080/ipfs/f01701220aa")
		);
		assert_eq!(
			place("eigenda:0x00ff", &all).unwrap(),
			gateway("http://127.0.0.1:3100/da/get/0x00ff?commitment_mode=standard")
		);
	}

	#[test]
	fn without_a_gateway_there_is_no_way() {
		let none = Gateways::default();
		assert!(place("ipfs://f01551200", &none)
			.unwrap_err()
			.contains("--ipfs-gateway"));
		assert!(place("eigenda:0x00", &none)
			.unwrap_err()
			.contains("--eigenda-proxy"));
	}

	#[test]
	fn what_is_no_locator_is_said_so() {
		for text in ["", "nonsense", "ipfs://fzz", "eigenda:0x0", "data:;hex,g0"] {
			assert!(place(text, &gateways()).is_err(), "{text}");
		}
	}
}
