#!/usr/bin/env bash
# Builds the runtime of a rehearsal: the ordinary one with a version more and a migration
# (runtime/src/migrations/rehearsal.rs), to which a test upgrades a live chain.
#
# After an ordinary build of the node it compiles the runtime's crate alone, once: what that depends on is taken
# from the build of the ordinary runtime's WebAssembly, by the same flags, profile and toolchain.
set -euo pipefail

usage() {
	cat <<-'TEXT'
		Usage: scripts/rehearsal.sh

		Builds the runtime of a rehearsal, compressed as a release's is, and prints where it is.
		Run 'make build' before it.
	TEXT
}

if (($# > 0)); then
	usage >&2
	exit 2
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck disable=SC1091
. scripts/env.sh
builds=$CARGO_TARGET_DIR/release/wbuild
ordinary=$builds/openledger-runtime
rehearsal=$builds/rehearsal
result=$rehearsal/openledger_rehearsal.compressed.wasm

if [[ ! -r $ordinary/Cargo.toml ]]; then
	echo "rehearsal: there is no build of the ordinary runtime in $ordinary: run 'make build' first" >&2
	exit 1
fi
if ! command -v zstd >/dev/null; then
	echo "rehearsal: zstd is missing, run scripts/setup.sh" >&2
	exit 1
fi

# The project by which the ordinary runtime is built, with other names and one feature more.
mkdir -p "$rehearsal/src"
echo '#![no_std] pub use wasm_project::*;' >"$rehearsal/src/lib.rs"
sed -e 's/^name = "openledger_runtime"$/name = "openledger_rehearsal"/' \
	-e 's/^name = "openledger-runtime-blob"$/name = "openledger-rehearsal-blob"/' \
	-e 's/^features = \[.*\]$/features = ["rehearsal"]/' "$ordinary/Cargo.toml" >"$rehearsal/Cargo.toml"
for changed in 'name = "openledger_rehearsal"' 'name = "openledger-rehearsal-blob"' 'features = ["rehearsal"]'; do
	if ! grep -qxF "$changed" "$rehearsal/Cargo.toml"; then
		echo "rehearsal: $ordinary/Cargo.toml is not as expected: it lacks what becomes $changed" >&2
		exit 1
	fi
done
sed 's/^name = "openledger-runtime-blob"$/name = "openledger-rehearsal-blob"/' \
	"$ordinary/Cargo.lock" >"$rehearsal/Cargo.lock"

cargo=(cargo)
if [[ -n ${WASM_BUILD_TOOLCHAIN:-} ]]; then
	cargo=(rustup run "$WASM_BUILD_TOOLCHAIN" cargo)
fi
# As substrate-wasm-builder calls it. In the same words, or cargo compiles all dependencies once more.
flags=(
	"-C link-arg=--export-table" "-C link-arg=--export=__heap_base" "-C link-arg=--import-memory"
	"--cfg substrate_runtime"
)
env -u CARGO_ENCODED_RUSTFLAGS -u RUSTC -u RUSTC_WORKSPACE_WRAPPER \
	RUSTFLAGS="${flags[*]}" CARGO_TARGET_DIR="$ordinary/target" SKIP_WASM_BUILD= \
	"${cargo[@]}" rustc --target wasm32v1-none --manifest-path "$rehearsal/Cargo.toml" --profile release

# What a chain takes for compressed code: eight bytes that say so, then a frame of Zstandard.
{
	printf '\x52\xbc\x53\x76\x46\xdb\x8e\x05'
	zstd --quiet --stdout -19 "$ordinary/target/wasm32v1-none/release/openledger_rehearsal.wasm"
} >"$result.part"
mv "$result.part" "$result"
echo "$result"
