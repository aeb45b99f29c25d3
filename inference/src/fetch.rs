//! Fetches batch files and the inputs of jobs from their locators.
//!
//! A locator is written on the chain by a stranger, so it must not become a way into the operator's own
//! network: only `http` and `https`, and only addresses of the public internet, checked where the
//! connection is made, so that neither a redirect nor a name that resolves differently the second time
//! leads elsewhere. The gateways to IPFS and EigenDA are the operator's own choice and may be anywhere.

use std::{
	error::Error,
	fmt,
	net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
	sync::Arc,
	time::Duration,
};

use axum::body::Bytes;
use reqwest::{
	dns::{Addrs, Name, Resolve, Resolving},
	redirect, Client, Response, Url,
};

use crate::{
	content::{ContentStore, StoreError},
	error::{ErrorCode, Failure},
	hash::Hash256,
	locator::{Locator, Place},
};

const REDIRECTS: usize = 3;
const CONNECT: Duration = Duration::from_secs(10);
/// Between two pieces of the answer.
const SILENCE: Duration = Duration::from_secs(30);
/// For the whole file: this, and more by its size at the slowest acceptable rate in bytes per second.
const TOTAL: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 64 * 1024;
/// Pauses before the second and the third attempt.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// Through which servers what is not on the web is fetched.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gateways {
	/// An HTTP gateway of IPFS.
	pub(crate) ipfs: Option<Url>,
	/// A proxy of EigenDA.
	pub(crate) eigenda: Option<Url>,
}

/// A file that is to be had.
#[derive(Debug)]
enum Opened {
	/// It is in the locator itself.
	Here(Vec<u8>),
	/// It comes over the network.
	There(Response),
}

/// Brings in what locators lead to.
#[derive(Debug, Clone)]
pub(crate) struct Fetcher {
	/// For addresses that strangers wrote.
	strangers: Client,
	/// For the operator's own gateways.
	own: Client,
	gateways: Gateways,
	allow_private: bool,
}

fn client(allow_private: bool) -> Result<Client, reqwest::Error> {
	let policy = redirect::Policy::custom(move |attempt| {
		if attempt.previous().len() > REDIRECTS {
			return attempt.error(Refused(format!("more than {REDIRECTS} redirects")));
		}
		match check(attempt.url(), allow_private) {
			Ok(()) => attempt.follow(),
			Err(refused) => attempt.error(refused),
		}
	});
	Client::builder()
		.user_agent(concat!("openledger-inference/", env!("CARGO_PKG_VERSION")))
		.redirect(policy)
		.referer(false)
		// A proxy would make the connection in our place, to wherever it likes.
		.no_proxy()
		.dns_resolver(Arc::new(Resolver { allow_private }))
		.connect_timeout(CONNECT)
		.read_timeout(SILENCE)
		.build()
}

impl Fetcher {
	/// With `allow_private` addresses of the machine itself and of local networks are fetched from too.
	pub(crate) fn new(gateways: Gateways, allow_private: bool) -> Result<Self, reqwest::Error> {
		Ok(Self {
			strangers: client(allow_private)?,
			own: client(true)?,
			gateways,
			allow_private,
		})
	}

	/// Fetches the file of that hash and size from `locator` into `store`.
	pub(crate) async fn fetch(
		&self,
		store: &ContentStore,
		locator: &str,
		content: Hash256,
		bytes: u64,
	) -> Result<(), Failure> {
		match self.open(locator, content, bytes).await? {
			Opened::Here(file) => keep(store.clone(), file, content).await,
			Opened::There(response) => receive(response, store, content, bytes).await,
		}
	}

	/// Fetches the file of that hash and size from `locator`, to be used once.
	pub(crate) async fn read(
		&self,
		locator: &str,
		content: Hash256,
		bytes: u64,
	) -> Result<Vec<u8>, Failure> {
		let file = match self.open(locator, content, bytes).await? {
			Opened::Here(file) => file,
			Opened::There(mut response) => {
				let mut file = Vec::new();
				check_length(&response, content, bytes)?;
				while let Some(piece) = next_piece(&mut response, content).await? {
					file.extend_from_slice(&piece);
					if file.len() as u64 > bytes {
						return Err(other_size(content, bytes, &"more"));
					}
				}
				file
			}
		};
		if file.len() as u64 != bytes {
			return Err(other_size(content, bytes, &file.len()));
		}
		let found = Hash256::sha256(&file);
		if found != content {
			let error = StoreError::WrongHash {
				expected: content,
				found,
			};
			return Err(refused_by_store(content, error));
		}
		Ok(file)
	}

	async fn open(&self, locator: &str, content: Hash256, bytes: u64) -> Result<Opened, Failure> {
		let unavailable = |why: &dyn fmt::Display| {
			Failure::new(
				ErrorCode::DataUnavailable,
				format!("{content} can't be fetched from its locator: {why}"),
			)
		};
		let place = Locator::parse(locator)
			.and_then(|locator| locator.place(&self.gateways))
			.map_err(|e| unavailable(&e))?;
		let (client, url) = match place {
			Place::Here(file) => return Ok(Opened::Here(file)),
			Place::Gateway(url) => (&self.own, url),
			Place::Stranger(url) => {
				check(&url, self.allow_private).map_err(|e| unavailable(&e))?;
				(&self.strangers, url)
			}
		};

		let mut pauses = PAUSES.iter();
		loop {
			match request(client, url.clone(), bytes).await {
				Ok(response) => return Ok(Opened::There(response)),
				Err((why, again)) => match pauses.next().filter(|_| again) {
					Some(pause) => {
						tracing::debug!("{content}: {why}; once more in {pause:?}");
						tokio::time::sleep(*pause).await;
					}
					None => return Err(unavailable(&why)),
				},
			}
		}
	}
}

/// An answer with a body; or why not, and whether to try again.
async fn request(client: &Client, url: Url, bytes: u64) -> Result<Response, (String, bool)> {
	let response = client
		.get(url)
		.timeout(TOTAL + Duration::from_secs(bytes / SLOWEST))
		.send()
		.await
		.map_err(|e| (chain(&e), !is_refusal(&e)))?;
	let status = response.status();
	if status != reqwest::StatusCode::OK {
		let again = status.is_server_error() || status.as_u16() == 429;
		return Err((format!("it answered {status}"), again));
	}
	Ok(response)
}

fn refused_by_store(content: Hash256, error: StoreError) -> Failure {
	match error {
		StoreError::WrongHash { .. } => Failure::new(ErrorCode::DataMismatch, error.to_string()),
		StoreError::QuotaExceeded { .. } => Failure::new(
			ErrorCode::DataUnavailable,
			format!("{content} can't be kept: {error}"),
		),
		_ => Failure::internal(error),
	}
}

async fn keep(store: ContentStore, file: Vec<u8>, content: Hash256) -> Result<(), Failure> {
	tokio::task::spawn_blocking(move || store.put(&file[..], Some(content)))
		.await
		.map_err(Failure::internal)?
		.map(drop)
		.map_err(|e| refused_by_store(content, e))
}

fn other_size(content: Hash256, bytes: u64, found: &dyn fmt::Display) -> Failure {
	Failure::new(
		ErrorCode::DataMismatch,
		format!("{content} has {found} bytes at its locator instead of {bytes}"),
	)
}

/// Refuses a file whose size is told beforehand to be another.
fn check_length(response: &Response, content: Hash256, bytes: u64) -> Result<(), Failure> {
	match response.content_length().filter(|length| *length != bytes) {
		Some(length) => Err(other_size(content, bytes, &length)),
		None => Ok(()),
	}
}

async fn next_piece(response: &mut Response, content: Hash256) -> Result<Option<Bytes>, Failure> {
	response.chunk().await.map_err(|e| {
		Failure::new(
			ErrorCode::DataUnavailable,
			format!("fetching {content} broke off: {}", chain(&e)),
		)
	})
}

async fn receive(
	mut response: Response,
	store: &ContentStore,
	content: Hash256,
	bytes: u64,
) -> Result<(), Failure> {
	let stored = |e| refused_by_store(content, e);
	check_length(&response, content, bytes)?;
	let mut writer = store.writer().map_err(stored)?;
	while let Some(piece) = next_piece(&mut response, content).await? {
		if writer.written() + piece.len() as u64 > bytes {
			return Err(other_size(content, bytes, &"more"));
		}
		writer.push(&piece).map_err(stored)?;
	}
	if writer.written() != bytes {
		return Err(other_size(content, bytes, &writer.written()));
	}
	tokio::task::spawn_blocking(move || writer.commit(Some(content)))
		.await
		.map_err(Failure::internal)?
		.map_err(stored)?;
	Ok(())
}

/// We don't go there.
#[derive(Debug, thiserror::Error)]
#[error("refused: {0}")]
struct Refused(String);

fn is_refusal(error: &(dyn Error + 'static)) -> bool {
	let mut error = Some(error);
	while let Some(current) = error {
		if current.is::<Refused>() {
			return true;
		}
		error = current.source();
	}
	false
}

fn chain(error: &dyn Error) -> String {
	let mut text = error.to_string();
	let mut source = error.source();
	while let Some(current) = source {
		text = format!("{text}: {current}");
		source = current.source();
	}
	text
}

/// What can be told from the address alone; names are checked as they are resolved.
fn check(url: &Url, allow_private: bool) -> Result<(), Refused> {
	if !matches!(url.scheme(), "http" | "https") {
		return Err(Refused(format!(
			"the scheme {} is neither http nor https",
			url.scheme()
		)));
	}
	if !url.username().is_empty() || url.password().is_some() {
		return Err(Refused("the locator has a user name or password".into()));
	}
	let host = url
		.host_str()
		.ok_or_else(|| Refused("the locator has no host".into()))?;
	match host
		.trim_start_matches('[')
		.trim_end_matches(']')
		.parse::<IpAddr>()
	{
		Ok(ip) if !allow_private && !is_public(ip) => Err(Refused(format!(
			"{ip} is not an address of the public internet"
		))),
		_ => Ok(()),
	}
}

struct Resolver {
	allow_private: bool,
}

impl Resolve for Resolver {
	fn resolve(&self, name: Name) -> Resolving {
		let allow_private = self.allow_private;
		Box::pin(async move {
			let found: Vec<SocketAddr> =
				tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
			if let Some(private) = found
				.iter()
				.find(|address| !allow_private && !is_public(address.ip()))
			{
				return Err(Refused(format!(
					"{} resolves to {}, which is not an address of the public internet",
					name.as_str(),
					private.ip()
				))
				.into());
			}
			Ok(Box::new(found.into_iter()) as Addrs)
		})
	}
}

/// Whether `ip` is one that anyone on the internet may be reached at, by the registries of special
/// addresses (RFC 6890 and its successors).
fn is_public(ip: IpAddr) -> bool {
	match ip {
		IpAddr::V4(ip) => is_public_v4(ip),
		IpAddr::V6(ip) => is_public_v6(ip),
	}
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
	match ip.octets() {
		// This network, private, shared, loopback, link-local.
		[0 | 10 | 127, ..] | [100, 64..=127, ..] | [169, 254, ..] => false,
		[172, 16..=31, ..] | [192, 168, ..] => false,
		// Protocol assignments, documentation, relays, benchmarks.
		[192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18..=19, ..] => false,
		[198, 51, 100, _] | [203, 0, 113, _] => false,
		// Multicast, reserved, broadcast.
		[224..=255, ..] => false,
		_ => true,
	}
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
	let s = ip.segments();
	let embedded = |high: u16, low: u16| {
		let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
		is_public_v4(Ipv4Addr::new(a, b, c, d))
	};
	match s {
		// IPv4 in another form: NAT64 and 6to4.
		[0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
		[0x2002, high, low, ..] => embedded(high, low),
		// Protocol assignments (Teredo and ORCHID among them), documentation.
		[0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
		// Global unicast. All else is loopback, mapped, local, multicast or not assigned.
		_ => s[0] & 0xe000 == 0x2000,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn public_and_other_addresses() {
		for ip in [
			"1.1.1.1",
			"8.8.8.8",
			"172.15.0.1",
			"172.32.0.1",
			"100.63.0.1",
			"192.0.1.1",
		] {
			assert!(is_public(ip.parse().unwrap()), "{ip}");
		}
		for ip in [
			"2606:4700::1111",
			"64:ff9b::8.8.8.8",
			"2002:808:808::1",
			"2001:4860::8888",
		] {
			assert!(is_public(ip.parse().unwrap()), "{ip}");
		}
		for ip in [
			"0.0.0.0",
			"10.1.2.3",
			"100.64.0.1",
			"127.0.0.1",
			"127.9.9.9",
			"169.254.169.254",
			"172.16.0.1",
			"172.31.255.255",
			"192.168.0.1",
			"198.18.0.1",
			"224.0.0.1",
			"255.255.255.255",
			"::",
			"::1",
			"::ffff:127.0.0.1",
			"::ffff:8.8.8.8",
			"::127.0.0.1",
			"64:ff9b::10.0.0.1",
			"64:ff9b:1::1",
			"2002:7f00:1::1",
			"2001::1",
			"2001:db8::1",
			"fc00::1",
			"fd12::1",
			"fe80::1",
			"fec0::1",
			"ff02::1",
		] {
			assert!(!is_public(ip.parse().unwrap()), "{ip}");
		}
	}

	#[test]
	fn what_an_address_alone_tells() {
		let refused = |url: &str, allow| check(&Url::parse(url).unwrap(), allow).is_err();
		for url in [
			"ftp://example.org/x",
			"file:///etc/passwd",
			"http://user@example.org/",
			"data:,x",
		] {
			assert!(refused(url, false) && refused(url, true), "{url}");
		}
		// Other spellings of 127.0.0.1 among them.
		for url in [
			"http://127.0.0.1:9944/",
			"http://[::1]/",
			"http://2130706433/",
			"http://0x7f.1/",
			"http://[::ffff:127.0.0.1]/",
			"https://169.254.169.254/latest",
		] {
			assert!(refused(url, false) && !refused(url, true), "{url}");
		}
		assert!(!refused("https://example.org/x", false));
		assert!(!refused("http://1.1.1.1:8080/x", false));
	}

	#[tokio::test]
	async fn names_are_checked_where_they_are_resolved() {
		let folder = tempfile::tempdir().unwrap();
		let store = ContentStore::open(folder.path(), 1000).unwrap();
		let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
		let port = listener.local_addr().unwrap().port();
		let failure = Fetcher::new(Gateways::default(), false)
			.unwrap()
			.fetch(
				&store,
				&format!("http://localhost:{port}/x"),
				Hash256::sha256(b"x"),
				1,
			)
			.await
			.unwrap_err();
		assert_eq!(failure.code, ErrorCode::DataUnavailable);
		assert!(
			failure
				.message
				.contains("not an address of the public internet"),
			"{failure}"
		);
		// Nobody has knocked.
		listener.set_nonblocking(true).unwrap();
		assert_eq!(
			listener.accept().unwrap_err().kind(),
			std::io::ErrorKind::WouldBlock
		);
	}
}
