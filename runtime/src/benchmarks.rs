//! The benchmarks that `scripts/benchmark.sh` runs: those of the project's own pallets, and what they
//! need of each other.

use crate::{
	configs::utility::ProxyType, constants::currency::UNIT, Access, AccountId, Agents,
	AllPalletsWithSystem, Attribution, Balance, Balances, Callbacks, Channels, ContributionVoting,
	Copies, Curation, Datanets, Inference, Market, Models, Proposals, Proxy, Reputation, Runtime,
	RuntimeOrigin, Seasons, System, TxPause,
};
use alloc::{format, string::String, vec::Vec};
use codec::Encode;
use core::iter::once;
use frame_benchmarking::{
	account, define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList,
};
use frame_support::{
	assert_ok,
	traits::{
		fungible::Mutate, tokens::Preservation, BuildGenesisConfig, Get, StorageInfo,
		StorageInfoTrait, WhitelistedStorageKeys,
	},
	BoundedVec,
};
use openledger_primitives::{
	data::{Decision, Verdict, MAX_SCORE},
	model::{
		ArtifactKind, Audience, Policy, Profile, Provider, Sampler, Task, MAX_SNAPSHOTS, MAX_TOKENS,
	},
	protocol::OperatorKey,
	similarity::to_text,
	traits::{ReputationSink, Submissions},
	Answer, BatchId, ContentHash, DatanetId, ModelId, Output, RequestId,
};
use pallet_agents::{Endpoint, MAX_CHUNKS, MAX_ENDPOINT, MAX_OLD_KEYS};
use pallet_curation::types::Subject;
use pallet_datanets::{
	benchmarking::{batch, description, rules},
	types::MAX_CLUSTER_DEPTH,
	BatchDetails, Contributors, NextBatchId, NextDatanetId, Rules,
};
use sp_core::H256;
use sp_io::hashing::blake2_256;
use sp_runtime::{Percent, Permill};

define_benchmarks!(
	[pallet_access, Access]
	[pallet_agents, Agents]
	[pallet_attribution, Attribution]
	[pallet_callbacks, Callbacks]
	[pallet_channels, Channels]
	[pallet_contribution_voting, ContributionVoting]
	[pallet_copies, Copies]
	[pallet_curation, Curation]
	[pallet_datanets, Datanets]
	[pallet_inference, Inference]
	[pallet_market, Market]
	[pallet_models, Models]
	[pallet_proposals, Proposals]
	[pallet_reputation, Reputation]
	[pallet_seasons, Seasons]
);

/// The benchmarks, and what is known of the storage's size.
pub(crate) fn list(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Runs one of them.
pub(crate) fn run(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}

/// Datanets for the benchmarks of curation and access.
pub struct Data;

impl Data {
	fn add(datanet: DatanetId, contributor: &AccountId, details: BatchDetails) -> BatchId {
		let id = NextBatchId::<Runtime>::get();
		let origin = RuntimeOrigin::signed(contributor.clone());
		assert_ok!(Datanets::add_batch(origin, datanet, details));
		id
	}

	/// A batch that has nothing in common with the others.
	fn fresh() -> BatchDetails {
		batch::<Runtime>(NextBatchId::<Runtime>::get())
	}

	/// Adds a batch and accepts it, as a jury would at the end of its round.
	fn add_accepted(datanet: DatanetId, contributor: &AccountId, details: BatchDetails) -> BatchId {
		let id = Self::add(datanet, contributor, details);
		let verdict = Verdict::Accept { score: MAX_SCORE };
		pallet_curation::Rounds::<Runtime>::remove(Subject::Batch(id));
		assert_ok!(Datanets::decide(id, Decision::Found(verdict)));
		id
	}
}

impl pallet_curation::benchmarking::BenchmarkHelper<AccountId> for Data {
	fn max_rows() -> u32 {
		<Runtime as pallet_datanets::Config>::MaxRows::get()
	}

	fn datanet(owner: &AccountId) -> DatanetId {
		let id = NextDatanetId::<Runtime>::get();
		let origin = RuntimeOrigin::signed(owner.clone());
		let rules = Rules {
			contributors: Contributors::Open,
			..rules::<Runtime>(Some(Percent::one()))
		};
		assert_ok!(Datanets::create_datanet(
			origin.clone(),
			description(),
			rules.clone()
		));
		assert_ok!(Datanets::propose_rules(origin, id, rules));
		id
	}

	fn pending(datanet: DatanetId, contributor: &AccountId) -> BatchId {
		Self::add(datanet, contributor, Self::fresh())
	}

	fn accepted(datanet: DatanetId, contributor: &AccountId, root: H256, rows: u32) -> BatchId {
		let details = BatchDetails {
			root,
			rows,
			..Self::fresh()
		};
		Self::add_accepted(datanet, contributor, details)
	}

	fn deepest(datanet: DatanetId, contributor: &AccountId) -> BatchId {
		let batches: Vec<_> = (0..=MAX_CLUSTER_DEPTH)
			.map(|_| Self::add_accepted(datanet, contributor, Self::fresh()))
			.collect();
		for (earlier, later) in batches.iter().zip(batches.iter().skip(1)).rev() {
			assert_ok!(Datanets::link(*later, *earlier));
		}
		batches.last().copied().unwrap_or_default()
	}
}

impl pallet_access::benchmarking::BenchmarkHelper<AccountId> for Data {
	fn datanet(owner: &AccountId) -> DatanetId {
		let id = <Self as pallet_curation::benchmarking::BenchmarkHelper<_>>::datanet(owner);
		let contributor = account("contributor", 0, 0);
		assert_ok!(Balances::mint_into(&contributor, UNIT));
		Self::add_accepted(id, &contributor, Self::fresh());
		let notice = <Runtime as pallet_datanets::Config>::RulesNotice::get();
		System::set_block_number(System::block_number().saturating_add(notice));
		id
	}
}

/// Models, agents, data and reputation for the benchmarks of what uses them.
pub struct Setting;

/// Enough for all deposits and bonds of an account.
const FORTUNE: Balance = 1_000_000_000 * UNIT;

impl Setting {
	fn fund(who: &AccountId) {
		assert_ok!(Balances::mint_into(who, FORTUNE));
	}

	fn rich(name: &'static str) -> AccountId {
		let who = account(name, 0, 0);
		Self::fund(&who);
		who
	}

	/// Registers a model that needs no data.
	fn model(owner: &AccountId) -> ModelId {
		use pallet_models::benchmarking::{inputs, registered};

		registered::<Runtime>(owner, inputs(Vec::new()), pallet_models::Descent::Base)
	}

	/// Creates a Datanet in which anybody's batches are judged.
	fn datanet() -> DatanetId {
		<Data as pallet_curation::benchmarking::BenchmarkHelper<_>>::datanet(&Self::rich("steward"))
	}
}

impl pallet_agents::benchmarking::BenchmarkHelper for Setting {
	fn model() -> ModelId {
		Self::model(&Self::rich("developer"))
	}
}

impl pallet_models::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn fund(who: &AccountId) {
		Self::fund(who);
	}

	fn datanet() -> DatanetId {
		let id = Self::datanet();
		Data::add_accepted(id, &Self::rich("contributor"), Data::fresh());
		id
	}
}

impl pallet_market::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn model(owner: &AccountId) -> ModelId {
		Self::fund(owner);
		let model = Self::model(owner);
		let origin = RuntimeOrigin::signed(owner.clone());
		assert_ok!(Models::set_audience(origin, model, Audience::Tenants));
		model
	}

	fn divided(owner: &AccountId, holders: u32) -> ModelId {
		Self::fund(owner);
		pallet_models::benchmarking::divided::<Runtime>(owner, holders)
	}

	fn pause(owner: &AccountId, model: ModelId) {
		assert_ok!(Models::pause(RuntimeOrigin::signed(owner.clone()), model));
	}
}

impl pallet_attribution::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn lineage(owners: &[AccountId]) -> ModelId {
		owners.iter().for_each(Self::fund);
		pallet_models::benchmarking::lineage::<Runtime>(owners)
	}

	fn build_on(owner: &AccountId, model: ModelId, datanets: u32) {
		use pallet_models::benchmarking::{inputs, BenchmarkHelper};

		let datanets = (0..datanets).map(|_| <Self as BenchmarkHelper<_>>::datanet());
		let inputs = inputs(datanets.collect());
		let origin = RuntimeOrigin::signed(owner.clone());
		assert_ok!(Models::new_version(origin, model, inputs));
	}

	fn agent(operator: &AccountId) {
		Self::fund(operator);
		pallet_agents::benchmarking::backed::<Runtime>(operator);
	}

	fn batch(contributor: &AccountId) -> BatchId {
		Self::fund(contributor);
		<Data as pallet_curation::benchmarking::BenchmarkHelper<_>>::deepest(
			Self::datanet(),
			contributor,
		)
	}

	fn reputation(of: &[AccountId]) {
		pallet_reputation::benchmarking::ripen::<Runtime>(of);
		pallet_reputation::benchmarking::entangle::<Runtime>(of);
	}
}

impl pallet_reputation::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn fund(who: &AccountId) {
		Self::fund(who);
	}

	fn transfer(from: &AccountId, to: &AccountId, amount: Balance) {
		assert_ok!(<Balances as Mutate<_>>::transfer(
			from,
			to,
			amount,
			Preservation::Preserve
		));
	}

	fn entangle(who: &AccountId) {
		Self::fund(who);
		let part =
			|n: u32| -> AccountId { format!("{who:?} {n}").using_encoded(blake2_256).into() };
		for n in 0..<Runtime as pallet_proxy::Config>::MaxProxies::get() {
			assert_ok!(Proxy::add_proxy_delegate(who, part(n), ProxyType::Any, 0));
		}
		let name = pallet_identity::Data::None;
		pallet_identity::SuperOf::<Runtime>::insert(who, (part(0), name));
	}
}

impl pallet_contribution_voting::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn set_power(who: &AccountId, power: u128) {
		Reputation::forfeit(who, Percent::one());
		pallet_reputation::Accounts::<Runtime>::remove(who);
		let grants = alloc::vec![(who.clone(), power)];
		pallet_reputation::GenesisConfig::<Runtime> { grants }.build();
	}
}

/// As many agents as can serve a model, each with as many models as it can serve and a record as long as it
/// gets.
struct Crowd {
	/// What all of them serve.
	model: ModelId,
	/// On what it is built.
	batches: Vec<BatchId>,
}

impl Crowd {
	/// The last `able` agents can meet the model's policy. The key of each is `key` of its number.
	fn new(key: fn(u32) -> OperatorKey, able: u32, batches: u32) -> Self {
		let owner = Setting::rich("developer");
		let (model, batches) = Self::model(&owner, batches);
		let count = <Runtime as pallet_agents::Config>::MaxModels::get();
		let models: Vec<_> = (1..count)
			.map(|_| Setting::model(&owner))
			.chain([model])
			.collect();
		let all = <Runtime as pallet_agents::Config>::MaxAgentsPerModel::get();
		let agents: Vec<_> = (0..all).map(|n| account("agent", n, 0)).collect();
		for (n, who) in (0..all).zip(&agents) {
			let is_able = n >= all.saturating_sub(able);
			let provider = if is_able {
				Provider::Cuda
			} else {
				Provider::Cpu
			};
			Self::register(who, provider, key(n), &models);
		}
		for _ in 1..MAX_CHUNKS {
			for who in &agents {
				assert_ok!(Agents::unbond(RuntimeOrigin::signed(who.clone()), UNIT));
			}
			System::set_block_number(System::block_number().saturating_add(1));
		}
		Self { model, batches }
	}

	/// Registers a model that needs CUDA and generates the likeliest text, built on as many Datanets as
	/// one can be, with so many batches of the last, and those that they duplicate.
	fn model(owner: &AccountId, batches: u32) -> (ModelId, Vec<BatchId>) {
		use pallet_models::benchmarking::{inputs, registered, BenchmarkHelper};

		let datanet = Setting::datanet();
		let contributor = Setting::rich("contributor");
		Data::add_accepted(datanet, &contributor, Data::fresh());
		let batches: Vec<_> = (0..batches)
			.map(|_| {
				<Data as pallet_curation::benchmarking::BenchmarkHelper<_>>::deepest(
					datanet,
					&contributor,
				)
			})
			.collect();
		let datanets = (1..MAX_SNAPSHOTS)
			.map(|_| <Setting as BenchmarkHelper<_>>::datanet())
			.chain(once(datanet));
		let inputs = pallet_models::SpecInputs {
			task: Task::Generate {
				max_tokens: MAX_TOKENS,
				sampler: Sampler::Greedy,
			},
			..inputs(datanets.collect())
		};
		let id = registered::<Runtime>(owner, inputs, pallet_models::Descent::Base);
		(id, batches)
	}

	/// Registers an agent that has had as many keys as are remembered.
	fn register(who: &AccountId, provider: Provider, key: OperatorKey, models: &[ModelId]) {
		Setting::fund(who);
		let origin = || RuntimeOrigin::signed(who.clone());
		let former = |n: u32| OperatorKey::from_raw(blake2_256(format!("{who:?} {n}").as_bytes()));
		let endpoint = format!("https://{}", "a".repeat(MAX_ENDPOINT as usize));
		let bond = <Runtime as pallet_agents::Config>::MinBond::get()
			.saturating_add(UNIT.saturating_mul(MAX_CHUNKS.into()));
		assert_ok!(Agents::register(
			origin(),
			former(0),
			Profile {
				provider,
				onnxruntime: [1, 0, 0],
				memory: 1,
			},
			Endpoint::truncate_from(endpoint.into_bytes()),
			BoundedVec::truncate_from(models.to_vec()),
			bond,
			Permill::zero(),
		));
		for key in (1..MAX_OLD_KEYS).map(former).chain(once(key)) {
			assert_ok!(Agents::set_operator_key(origin(), key));
		}
	}
}

/// Pauses a call, the last of those whose silence excuses.
fn pause(pallet: &str, call: &str) {
	let name = |text: &str| BoundedVec::truncate_from(text.as_bytes().to_vec());
	assert_ok!(TxPause::pause(
		RuntimeOrigin::root(),
		(name(pallet), name(call))
	));
}

impl pallet_inference::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn fund(who: &AccountId) {
		Self::fund(who);
	}

	fn served(key: fn(u32) -> OperatorKey, able: u32, batches: u32) -> (ModelId, Vec<BatchId>) {
		let crowd = Crowd::new(key, able, batches);
		(crowd.model, crowd.batches)
	}

	fn excuse() {
		pause("Inference", "reveal");
	}
}

impl pallet_proposals::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn model(owner: &AccountId) -> (ModelId, u32) {
		(Self::model(owner), 0)
	}
}

/// How many agents can run a challenged call again: as few as may be, so that all have to be looked at.
const ABLE: u32 = 4;

impl pallet_channels::benchmarking::BenchmarkHelper for Setting {
	fn fund(who: &AccountId) {
		Self::fund(who);
	}

	fn served(
		key: fn(u32) -> OperatorKey,
		batches: u32,
	) -> (ModelId, AccountId, u32, Vec<BatchId>) {
		let crowd = Crowd::new(key, ABLE, batches);
		let last = <Runtime as pallet_agents::Config>::MaxAgentsPerModel::get().saturating_sub(1);
		(crowd.model, account("agent", last, 0), last, crowd.batches)
	}

	fn excuse() {
		pause("Channels", "rerun");
	}
}

impl pallet_copies::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn fund(who: &AccountId) {
		Self::fund(who);
	}

	fn comparer() -> ModelId {
		use pallet_models::benchmarking::{inputs, registered};

		let owner = Self::rich("developer");
		let inputs = pallet_models::SpecInputs {
			task: Task::Compare,
			artifacts: BoundedVec::new(),
			policy: Policy::Exact {
				onnxruntime: [1, 0, 0],
			},
			..inputs(Vec::new())
		};
		let id = registered::<Runtime>(&owner, inputs, pallet_models::Descent::Base);
		let key = |n: u32| OperatorKey::from_raw(blake2_256(format!("comparer {n}").as_bytes()));
		for n in 0..<Runtime as pallet_agents::Config>::MaxAgentsPerModel::get() {
			Crowd::register(&account("agent", n, 0), Provider::Cpu, key(n), &[id]);
		}
		id
	}

	fn pair(owner: &AccountId, other: &AccountId) -> (ModelId, ModelId) {
		use pallet_models::{
			benchmarking::{inputs, registered},
			Descent,
		};

		let on = |owner: &AccountId, descent, name: &[u8]| {
			let mut inputs = inputs(Vec::new());
			if let Some(last) = inputs.artifacts.iter_mut().last() {
				last.kind = ArtifactKind::Adapter;
				last.hash = ContentHash::of(name);
			}
			registered::<Runtime>(owner, inputs, descent)
		};
		let developer = Self::rich("developer");
		let base = registered::<Runtime>(&developer, inputs(Vec::new()), Descent::Base);
		let parts: Vec<_> = (0..4u8)
			.map(|n| (on(&developer, Descent::Adapter { base }, &[n]), 1))
			.collect();
		let merge = Descent::Merge {
			parts: BoundedVec::truncate_from(parts),
		};
		let merge = registered::<Runtime>(&developer, inputs(Vec::new()), merge);
		let original = on(owner, Descent::Adapter { base: merge }, b"original");
		(original, on(other, Descent::Adapter { base }, b"copy"))
	}

	fn answer(request: RequestId, similarity: u32) {
		let Some(open) = pallet_inference::Requests::<Runtime>::take(request) else {
			return;
		};
		let output = Output::Inline(BoundedVec::truncate_from(to_text(similarity)));
		let receipt = pallet_inference::Receipt {
			payer: open.payer,
			model: open.model,
			version: open.version,
			input_hash: open.input.digest(),
			ending: pallet_inference::Ending::Answered(Answer {
				output,
				..Answer::default()
			}),
			fee: open.fee,
			deposit: open.deposit,
			made_at: open.made_at,
			ended_at: open.made_at,
			forget_at: open.made_at,
			question: open.question,
			committee: open.committee,
			contested: false,
		};
		pallet_inference::Receipts::<Runtime>::insert(request, receipt);
	}
}

impl pallet_callbacks::benchmarking::BenchmarkHelper<AccountId> for Setting {
	fn request(payer: &AccountId) -> RequestId {
		use pallet_models::benchmarking::{inputs, registered};

		Self::fund(payer);
		let owner = Self::rich("developer");
		let id = registered::<Runtime>(&owner, inputs(Vec::new()), pallet_models::Descent::Base);
		let key = OperatorKey::from_raw(blake2_256(b"operator"));
		Crowd::register(&account("agent", 0, 0), Provider::Cpu, key, &[id]);
		let request = pallet_inference::NextRequest::<Runtime>::get();
		assert_ok!(Inference::request(
			RuntimeOrigin::signed(payer.clone()),
			id,
			pallet_inference::Input::Inline(BoundedVec::truncate_from(Vec::from([b'a'; 8]))),
			Balance::MAX,
			1,
		));
		request
	}
}
