//! Compiles the runtime to WebAssembly. The metadata's hash is compiled in, so that hardware wallets
//! can show what they sign and the chain can check it (`CheckMetadataHash`); it is bound to the
//! token's symbol and decimals given here.

fn main() {
	#[cfg(feature = "std")]
	substrate_wasm_builder::WasmBuilder::init_with_defaults()
		.enable_metadata_hash("OPEN", 12)
		.build();
}
