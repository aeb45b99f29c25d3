# shellcheck shell=bash
# The build's environment. Source it from bash: . scripts/env.sh
# What is set already stays as it is.

openledger_checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

export OPENLEDGER_CACHE=${OPENLEDGER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/openledger}

# Outside the checkout, so that a fresh clone rebuilds the project's own crates only.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$OPENLEDGER_CACHE/target}
# The runtime's WebAssembly build looks for Cargo.lock upwards from the target folder.
export WASM_BUILD_WORKSPACE_HINT=$openledger_checkout

# As scripts/setup.sh found Rust.
if [[ -r $OPENLEDGER_CACHE/toolchain ]]; then
	case $(<"$OPENLEDGER_CACHE/toolchain") in
	rustup+debian) export WASM_BUILD_TOOLCHAIN=debian ;;
	debian) export PATH=/usr/bin:$PATH ;;
	esac
fi

export ORT_DYLIB_PATH=${ORT_DYLIB_PATH:-$OPENLEDGER_CACHE/onnxruntime/1.31.1/libonnxruntime.so.1.31.1}

unset openledger_checkout
