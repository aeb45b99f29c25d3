//! Adapters in the format of Hugging Face's PEFT: `adapter_config.json` and `adapter_model.safetensors`.
//!
//! The weights are called `base_model.model.model.layers.N.self_attn.q_proj.lora_A.weight` `[rank, in]`
//! and `….lora_B.weight` `[out, rank]`. `rank_pattern` and `alpha_pattern` are honoured if their keys are
//! names, not regular expressions. `fan_in_fan_out` says how a base that is another kind of layer than
//! Llama's stores its own weights; the adapter's are the same with it or without. What would make the
//! adapter something else than `x Wᵀ + scale · x Aᵀ Bᵀ` on the unchanged base is refused.

use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::Path,
};

use candle_core::{DType, Device, Tensor, Var};
use serde_json::{json, Value};

use crate::{
	base::Shape,
	hash::Hash256,
	lora::{scale, Adapter, AdapterShape, Module, Projection},
	Error, Result,
};

/// The file with the settings.
pub const CONFIG: &str = "adapter_config.json";
/// The file with the weights.
pub const WEIGHTS: &str = "adapter_model.safetensors";

const PREFIX: &str = "base_model.model.model.layers.";

/// Writes an adapter into a folder, which is made if it isn't there, and gives the SHA-256 of its weights'
/// file. `base` is what the settings call the base model by.
pub fn write(
	folder: &Path,
	adapter: &Adapter,
	shape: &AdapterShape,
	base: &str,
) -> Result<Hash256> {
	fs::create_dir_all(folder).map_err(Error::io(folder))?;
	let mut tensors = Vec::new();
	for module in adapter.modules() {
		let path = format!("{PREFIX}{}.{}", module.layer, module.projection.path());
		for (matrix, values) in [("A", &module.a), ("B", &module.b)] {
			let values = values.as_detached_tensor().to_dtype(DType::F32)?;
			tensors.push((format!("{path}.lora_{matrix}.weight"), values));
		}
	}
	let metadata = Some([("format".to_owned(), "pt".to_owned())].into());
	let weights = folder.join(WEIGHTS);
	let bytes = safetensors::serialize(tensors, metadata)
		.map_err(|problem| Error::file(&weights, problem))?;
	fs::write(&weights, &bytes).map_err(Error::io(&weights))?;

	let config = folder.join(CONFIG);
	let names: Vec<_> = shape.projections.iter().map(|p| p.name()).collect();
	let layers: Vec<_> = shape.layers().collect();
	let text = json!({
		"peft_type": "LORA",
		"task_type": "CAUSAL_LM",
		"base_model_name_or_path": base,
		"inference_mode": true,
		"r": shape.rank,
		"lora_alpha": shape.alpha,
		"lora_dropout": 0.0,
		"use_rslora": shape.rslora,
		"bias": "none",
		"fan_in_fan_out": false,
		"init_lora_weights": true,
		"target_modules": names,
		"layers_to_transform": layers,
		"layers_pattern": "layers",
		"modules_to_save": null,
		"rank_pattern": {},
		"alpha_pattern": {},
		"use_dora": false,
	});
	let text = format!("{}\n", crate::log::canonical(&text));
	fs::write(&config, text).map_err(Error::io(&config))?;
	Ok(Hash256::sha256(&bytes))
}

/// Reads an adapter for a model of that shape.
pub fn read(folder: &Path, shape: &Shape) -> Result<Adapter> {
	let path = folder.join(CONFIG);
	let text = fs::read(&path).map_err(Error::io(&path))?;
	let config = Config::parse(&text).map_err(|problem| Error::file(&path, problem))?;
	let path = folder.join(WEIGHTS);
	let bytes = fs::read(&path).map_err(Error::io(&path))?;
	let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
		.map_err(|problem| Error::file(&path, problem))?;
	config
		.adapter(tensors.into_iter().collect(), shape)
		.map_err(|problem| Error::file(&path, problem))
}

/// The SHA-256 of the weights' file of an adapter.
pub fn hash(folder: &Path) -> Result<Hash256> {
	let path = folder.join(WEIGHTS);
	Ok(Hash256::sha256(&fs::read(&path).map_err(Error::io(&path))?))
}

/// What is read of an `adapter_config.json`.
#[derive(Debug)]
struct Config {
	rank: usize,
	alpha: f64,
	rslora: bool,
	ranks: BTreeMap<String, f64>,
	alphas: BTreeMap<String, f64>,
}

impl Config {
	fn parse(text: &[u8]) -> Result<Self, String> {
		let config: Value = serde_json::from_slice(text).map_err(|problem| problem.to_string())?;
		let kind = &config["peft_type"];
		if kind != "LORA" {
			return Err(format!(
				"peft_type is {kind}: only LORA adapters can be read"
			));
		}
		refuse(&config)?;
		let positive = |name: &str, otherwise: f64| match &config[name] {
			Value::Null => Ok(otherwise),
			value => value
				.as_f64()
				.filter(|value| *value > 0.0)
				.ok_or_else(|| format!("{name} is {value} and should be positive")),
		};
		let rslora = match &config["use_rslora"] {
			Value::Null => false,
			value => value
				.as_bool()
				.ok_or("use_rslora is neither true nor false")?,
		};
		let rank = positive("r", 8.0)?;
		if rank.fract() != 0.0 {
			return Err("r is no whole number".into());
		}
		Ok(Self {
			rank: rank as usize,
			alpha: positive("lora_alpha", 8.0)?,
			rslora,
			ranks: pattern(&config, "rank_pattern")?,
			alphas: pattern(&config, "alpha_pattern")?,
		})
	}

	fn adapter(
		&self,
		mut tensors: BTreeMap<String, Tensor>,
		shape: &Shape,
	) -> Result<Adapter, String> {
		let mut adapter = Adapter::default();
		let names: BTreeSet<String> = tensors
			.keys()
			.map(|name| {
				let module = name.strip_suffix(".weight").and_then(|name| {
					name.strip_suffix(".lora_A")
						.or_else(|| name.strip_suffix(".lora_B"))
				});
				module.map(str::to_owned).ok_or_else(|| unknown(name))
			})
			.collect::<Result<_, _>>()?;
		for name in names {
			let (layer, projection) = place(&name).ok_or_else(|| unknown(&name))?;
			if layer >= shape.layers {
				return Err(format!(
					"{name}: the model has only {} layers",
					shape.layers
				));
			}
			let rank = of(&self.ranks, &name).unwrap_or(self.rank as f64) as usize;
			let alpha = of(&self.alphas, &name).unwrap_or(self.alpha);
			let (inner, outer) = shape.of(projection);
			let mut take = |matrix: &str, dimensions: [usize; 2]| {
				let name = format!("{name}.{matrix}.weight");
				let tensor = tensors.remove(&name).ok_or(format!("there is no {name}"))?;
				if tensor.dims() != dimensions {
					return Err(format!(
						"{name} has the shape {:?} instead of {dimensions:?}",
						tensor.dims()
					));
				}
				tensor
					.to_dtype(DType::F32)
					.and_then(|tensor| Var::from_tensor(&tensor))
					.map_err(|problem| format!("{name}: {problem}"))
			};
			adapter.insert(Module {
				layer,
				projection,
				a: take("lora_A", [rank, inner])?,
				b: take("lora_B", [outer, rank])?,
				scale: scale(alpha, rank, self.rslora),
			});
		}
		if adapter.layers().is_empty() {
			return Err("it adapts nothing".into());
		}
		Ok(adapter)
	}
}

fn unknown(name: &str) -> String {
	format!(
		"{name} is no LoRA weight of a Llama model's projections, so the adapter can't be honoured"
	)
}

/// Says no to what would be another adapter than it seems.
fn refuse(config: &Value) -> Result<(), String> {
	let off = |value: &Value| match value {
		Value::Null | Value::Bool(false) => true,
		Value::Array(items) => items.is_empty(),
		Value::Object(items) => items.is_empty(),
		_ => false,
	};
	for (name, why) in [
		("use_dora", "DoRA scales the base's weights, too"),
		("use_qalora", "its matrices have other shapes"),
		("use_bdlora", "its matrices are in blocks"),
		("lora_bias", "biases are not supported"),
		("modules_to_save", "whole modules would be replaced"),
		("layer_replication", "the model would have other layers"),
		("trainable_token_indices", "embeddings would change"),
		("target_parameters", "only whole projections can be adapted"),
		(
			"alora_invocation_tokens",
			"it would count from some token on only",
		),
		("arrow_config", "it chooses among adapters"),
	] {
		if !off(&config[name]) {
			return Err(format!("{name} is set, and can't be honoured: {why}"));
		}
	}
	match &config["bias"] {
		Value::Null => {}
		Value::String(bias) if bias == "none" => {}
		bias => return Err(format!("bias is {bias}, and only \"none\" can be honoured")),
	}
	// These change the base's weights before training; the adapter is worth nothing on the true base.
	let kind = config["init_lora_weights"].as_str().unwrap_or_default();
	if ["pissa", "olora", "corda", "loftq"]
		.iter()
		.any(|start| kind.starts_with(start))
	{
		return Err(format!(
			"init_lora_weights is {kind:?}, which needs another base: convert the adapter first"
		));
	}
	Ok(())
}

/// A map from names of modules to numbers.
fn pattern(config: &Value, name: &str) -> Result<BTreeMap<String, f64>, String> {
	let entries = match &config[name] {
		Value::Null => return Ok(BTreeMap::new()),
		Value::Object(entries) => entries,
		_ => return Err(format!("{name} is no object")),
	};
	entries
		.iter()
		.map(|(key, value)| {
			if key.is_empty()
				|| key.contains(|c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c)))
			{
				return Err(format!(
					"{name}: {key:?} is a regular expression; write the names of the modules"
				));
			}
			let value = value.as_f64().filter(|value| *value > 0.0);
			let value = value.ok_or_else(|| format!("{name}: {key:?} has no positive number"))?;
			if name == "rank_pattern" && value.fract() != 0.0 {
				return Err(format!("{name}: {key:?} has no whole number"));
			}
			Ok((key.clone(), value))
		})
		.collect()
}

/// The number for a module: that of the first key that is its name, or the end of it after a dot.
fn of(pattern: &BTreeMap<String, f64>, module: &str) -> Option<f64> {
	pattern
		.iter()
		.find(|(key, _)| {
			let before = module.strip_suffix(key.as_str());
			before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
		})
		.map(|(_, value)| *value)
}

/// Which layer and projection a module's name means.
fn place(module: &str) -> Option<(usize, Projection)> {
	let (layer, path) = module.strip_prefix(PREFIX)?.split_once('.')?;
	let projection = Projection::ALL.into_iter().find(|p| p.path() == path)?;
	let number = layer
		.parse()
		.ok()
		.filter(|number: &usize| number.to_string() == layer)?;
	Some((number, projection))
}

#[cfg(test)]
mod tests {
	use proptest::prelude::*;

	use super::*;
	use crate::base::tests::TINY;

	fn shape(rank: usize, rslora: bool) -> AdapterShape {
		AdapterShape {
			rank,
			alpha: 6.0,
			rslora,
			projections: vec![Projection::K, Projection::Down],
			from: 0,
			to: 2,
		}
	}

	fn values(adapter: &Adapter) -> Vec<(f64, Vec<f32>)> {
		adapter
			.modules()
			.flat_map(|module| [(module.scale, &module.a), (module.scale, &module.b)])
			.map(|(scale, matrix)| (scale, matrix.flatten_all().unwrap().to_vec1().unwrap()))
			.collect()
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(16))]
		#[test]
		fn what_is_written_is_read(rank in 1usize..6, rslora: bool, seed: u64) {
			let folder = tempfile::tempdir().unwrap();
			let shape = shape(rank, rslora);
			let adapter = Adapter::new(&shape, &TINY, DType::F32, seed).unwrap();
			let written = write(folder.path(), &adapter, &shape, "base").unwrap();
			prop_assert_eq!(written, hash(folder.path()).unwrap());
			prop_assert_eq!(written, write(folder.path(), &adapter, &shape, "base").unwrap());
			let found = read(folder.path(), &TINY).unwrap();
			prop_assert_eq!(values(&found), values(&adapter));
		}
	}

	fn written() -> (tempfile::TempDir, Value) {
		let folder = tempfile::tempdir().unwrap();
		let adapter = Adapter::new(&shape(2, false), &TINY, DType::F32, 1).unwrap();
		write(folder.path(), &adapter, &shape(2, false), "base").unwrap();
		let text = fs::read(folder.path().join(CONFIG)).unwrap();
		(folder, serde_json::from_slice(&text).unwrap())
	}

	#[test]
	fn what_cannot_be_honoured_is_refused() {
		let (folder, config) = written();
		for (name, value, problem) in [
			("use_dora", json!(true), "use_dora"),
			("use_qalora", json!(true), "use_qalora"),
			("lora_bias", json!(true), "lora_bias"),
			("modules_to_save", json!(["lm_head"]), "modules_to_save"),
			("layer_replication", json!([[0, 2]]), "layer_replication"),
			(
				"trainable_token_indices",
				json!([1]),
				"trainable_token_indices",
			),
			("target_parameters", json!(["weight"]), "target_parameters"),
			(
				"alora_invocation_tokens",
				json!([1]),
				"alora_invocation_tokens",
			),
			("bias", json!("all"), "only \"none\""),
			("peft_type", json!("IA3"), "only LORA"),
			("init_lora_weights", json!("pissa_niter_4"), "another base"),
			(
				"rank_pattern",
				json!({ ".*k_proj": 4 }),
				"regular expression",
			),
			("rank_pattern", json!({ "k_proj": 1.5 }), "whole number"),
			("alpha_pattern", json!({ "k_proj": 0 }), "positive"),
			("alpha_pattern", json!([]), "no object"),
			("r", json!(3), "instead of [3, 20]"),
			("r", json!("2"), "r is"),
			("lora_alpha", json!(-1), "lora_alpha is"),
			("use_rslora", json!(1), "use_rslora"),
		] {
			let mut config = config.clone();
			config[name] = value;
			fs::write(folder.path().join(CONFIG), config.to_string()).unwrap();
			let error = read(folder.path(), &TINY).unwrap_err().to_string();
			assert!(error.contains(problem), "{name}: {error}");
		}
	}

	#[test]
	fn patterns_and_harmless_settings_are_honoured() {
		let (folder, mut config) = written();
		config["alpha_pattern"] = json!({ "layers.1.self_attn.k_proj": 20, "down_proj": 8 });
		config["rank_pattern"] = json!({ "model.layers.0.mlp.down_proj": 2 });
		config["fan_in_fan_out"] = json!(true);
		config["lora_dropout"] = json!(0.1);
		fs::write(folder.path().join(CONFIG), config.to_string()).unwrap();
		let adapter = read(folder.path(), &TINY).unwrap();
		let scales: Vec<f64> = adapter.modules().map(|module| module.scale).collect();
		assert_eq!(scales, [3.0, 4.0, 10.0, 4.0]);
	}

	#[test]
	fn weights_must_be_known() {
		let (folder, _) = written();
		let path = folder.path().join(WEIGHTS);
		let good: BTreeMap<_, _> = candle_core::safetensors::load(&path, &Device::Cpu)
			.unwrap()
			.into_iter()
			.collect();
		for (from, to, problem) in [
			("0.self_attn.k_proj.lora_A", "", "no LoRA weight"),
			(
				"0.self_attn.k_proj.lora_A",
				"1.self_attn.v_proj.lora_A",
				"there is no",
			),
			("lora_A", "lora_magnitude_vector", "no LoRA weight"),
			("k_proj", "x_proj", "no LoRA weight"),
			("layers.0", "layers.00", "no LoRA weight"),
			("layers.0", "layers.9", "only 3 layers"),
		] {
			let tensors = good
				.iter()
				.map(|(name, tensor)| (name.replace(from, to), tensor));
			safetensors::serialize_to_file(tensors, None, &path).unwrap();
			let error = read(folder.path(), &TINY).unwrap_err().to_string();
			assert!(error.contains(problem), "{error}");
		}
		safetensors::serialize_to_file(BTreeMap::<String, Tensor>::new(), None, &path).unwrap();
		assert!(read(folder.path(), &TINY)
			.unwrap_err()
			.to_string()
			.contains("nothing"));
	}
}
