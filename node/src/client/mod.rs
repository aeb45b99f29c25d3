//! A client of a node's RPC, for commands that send transactions or prepare them.

pub mod commit;
mod transaction;

pub use transaction::Included;

use codec::Decode;
use openledger_runtime::{Hash, Header, RuntimeError, VERSION};
use reqwest::StatusCode;
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};
use sp_core::{storage::StorageKey, Bytes};
use sp_runtime::DispatchError;
use std::time::Duration;

/// How long a node may take to answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A node, reached over HTTP.
#[derive(Debug)]
pub struct Client {
	url: String,
	http: reqwest::Client,
	genesis: Hash,
}

impl Client {
	/// Connects to the RPC at `url`. Fails if there is no node, or if its chain runs another version of
	/// the runtime than this program was built with: what is signed would mean something else there.
	pub async fn connect(url: &str) -> Result<Self, String> {
		let mut client = Self {
			url: url.replacen("ws", "http", usize::from(url.starts_with("ws"))),
			http: reqwest::Client::builder()
				.no_proxy()
				.timeout(TIMEOUT)
				.build()
				.map_err(|error| error.to_string())?,
			genesis: Hash::zero(),
		};
		let version: Value = client.call("state_getRuntimeVersion", json!([])).await?;
		let runs = |name: &str| version.get(name).and_then(Value::as_u64);
		if version.get("specName").and_then(Value::as_str) != Some(&VERSION.spec_name)
			|| runs("specVersion") != Some(VERSION.spec_version.into())
			|| runs("transactionVersion") != Some(VERSION.transaction_version.into())
		{
			return Err(format!(
				"the chain at {url} runs {} {}, and this program knows {} {}: use the program of that \
				 version",
				version["specName"], version["specVersion"], VERSION.spec_name, VERSION.spec_version
			));
		}
		client.genesis = client.call("chain_getBlockHash", json!([0])).await?;
		Ok(client)
	}

	/// The hash of the chain's first block.
	pub fn genesis(&self) -> Hash {
		self.genesis
	}

	async fn call<R: DeserializeOwned>(&self, method: &str, params: Value) -> Result<R, String> {
		let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
		let response = self.http.post(&self.url).json(&request).send().await;
		let mut answer: Value = response
			.map_err(|error| format!("no node answers at {}: {error}", self.url))?
			.json()
			.await
			.map_err(|error| format!("{} does not speak JSON-RPC: {error}", self.url))?;
		if let Some(error) = answer.get("error") {
			let said = |name: &str| match error.get(name) {
				Some(Value::String(text)) => text.clone(),
				Some(value) => value.to_string(),
				None => String::new(),
			};
			let sentence = format!("{method}: {} {}", said("message"), said("data"));
			return Err(sentence.trim_end().into());
		}
		serde_json::from_value(answer["result"].take())
			.map_err(|error| format!("{method}: the answer is not what was expected: {error}"))
	}

	async fn header(&self, block: Option<Hash>) -> Result<Header, String> {
		self.call("chain_getHeader", json!([block])).await
	}

	/// A value of the chain's state, by its storage key.
	pub async fn storage<T: Decode>(
		&self,
		key: &[u8],
		at: Option<Hash>,
	) -> Result<Option<T>, String> {
		let found: Option<Bytes> = self
			.call("state_getStorage", json!([Bytes(key.to_vec()), at]))
			.await?;
		found
			.map(|bytes| T::decode(&mut &bytes[..]))
			.transpose()
			.map_err(|error| format!("the chain's state is not what this program knows: {error}"))
	}

	/// The last finalised block, and its header.
	pub async fn finalised(&self) -> Result<(Hash, Header), String> {
		let hash: Hash = self.call("chain_getFinalizedHead", json!([])).await?;
		let header: Header = self.call("chain_getHeader", json!([hash])).await?;
		Ok((hash, header))
	}

	/// The nodes of the trie that lead from a block's state root to the values under some keys, or show that there
	/// are none.
	pub async fn read_proof(&self, keys: &[StorageKey], at: Hash) -> Result<Vec<Bytes>, String> {
		#[derive(Deserialize)]
		struct ReadProof {
			proof: Vec<Bytes>,
		}
		let proof: ReadProof = self.call("state_getReadProof", json!([keys, at])).await?;
		Ok(proof.proof)
	}

	/// What an HTTP server has at `url`, as JSON; `None` if it has nothing there, or not for everybody.
	pub async fn get<R: DeserializeOwned>(&self, url: &str) -> Result<Option<R>, String> {
		let explain = |error: reqwest::Error| format!("{url}: {error}");
		let response = self.http.get(url).send().await.map_err(explain)?;
		let absent = [
			StatusCode::NOT_FOUND,
			StatusCode::UNAUTHORIZED,
			StatusCode::FORBIDDEN,
		];
		if absent.contains(&response.status()) {
			return Ok(None);
		}
		let response = response.error_for_status().map_err(explain)?;
		response.json().await.map(Some).map_err(explain)
	}
}

/// An error of the runtime by its name, such as `Datanets(DuplicateRoot)`.
fn explain(error: DispatchError) -> String {
	let name = match &error {
		DispatchError::Module(module) => {
			let bytes = [&[module.index], &module.error[..]].concat();
			RuntimeError::decode(&mut &bytes[..])
				.ok()
				.map(|error| format!("{error:?}"))
		}
		_ => None,
	};
	name.unwrap_or_else(|| format!("{error:?}"))
}
