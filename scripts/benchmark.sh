#!/usr/bin/env bash
# Measures what the calls of the project's own pallets cost, and writes it to runtime/src/weights/.
#
# Run by hand when a call has changed, on a machine that does nothing else; what it writes is committed.
set -euo pipefail

all=(
	pallet_access pallet_agents pallet_attribution pallet_callbacks pallet_channels pallet_contribution_voting pallet_copies
	pallet_curation pallet_datanets pallet_inference pallet_market pallet_models pallet_proposals pallet_reputation pallet_seasons
)

usage() {
	cat <<-TEXT
		Usage: scripts/benchmark.sh [PALLET...]

		Measures the calls of the named pallets, of all if none is named:
		${all[*]}

		Environment:
		  OPENLEDGER_CACHE   where the tool and the build go (default: ~/.cache/openledger)
		  STEPS, REPEAT      how many values of a parameter are tried, and how often each (50, 20)
	TEXT
}

for pallet in "$@"; do
	if [[ " ${all[*]} " != *" $pallet "* ]]; then
		usage >&2
		exit 2
	fi
done
if (($# == 0)); then
	set -- "${all[@]}"
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck disable=SC1091
. scripts/env.sh
bencher_version=0.28.0
bencher=$OPENLEDGER_CACHE/tools/bin/frame-omni-bencher

if [[ ! -x $bencher || $("$bencher" --version) != *" $bencher_version" ]]; then
	echo "benchmark: installing frame-omni-bencher $bencher_version, which takes some half an hour"
	# It needs none of the runtimes among its dependencies, nor a target folder after it is built.
	env -u CARGO_TARGET_DIR SKIP_WASM_BUILD=1 \
		cargo install frame-omni-bencher --version "$bencher_version" --locked --root "$OPENLEDGER_CACHE/tools"
fi

echo "benchmark: building the runtime with its benchmarks"
# Apart from the ordinary build, which must not find this runtime in its place. The WebAssembly alone:
# the parts for the host, among them what hashes the metadata, measure nothing. Flags, profile and
# toolchain are those by which substrate-wasm-builder builds a validator's runtime.
export CARGO_TARGET_DIR=$OPENLEDGER_CACHE/target-benchmarks
export CARGO_TARGET_WASM32V1_NONE_RUSTFLAGS="-C link-arg=--export-table --cfg substrate_runtime"
cargo=(cargo)
if [[ -n ${WASM_BUILD_TOOLCHAIN:-} ]]; then
	cargo=(rustup run "$WASM_BUILD_TOOLCHAIN" cargo)
fi
"${cargo[@]}" rustc --locked --profile production --target wasm32v1-none -p openledger-runtime --lib \
	--crate-type cdylib --no-default-features --features runtime-benchmarks
runtime=$CARGO_TARGET_DIR/wasm32v1-none/production/openledger_runtime.wasm

for pallet in "$@"; do
	echo "benchmark: measuring $pallet"
	"$bencher" v1 benchmark pallet --runtime "$runtime" --genesis-builder-preset development \
		--pallet "$pallet" --extrinsic '*' --steps "${STEPS:-50}" --repeat "${REPEAT:-20}" \
		--output runtime/src/weights/
	# Nobody needs to know where the files were, and on which machine.
	sed -i -e '/^\/\/ Executed Command:$/,/^$/d' -e 's/^\/\/! HOSTNAME: [^,]*, /\/\/! /' \
		"runtime/src/weights/$pallet.rs"
done
