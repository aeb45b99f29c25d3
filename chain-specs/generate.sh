#!/usr/bin/env bash
# Writes the chain specifications of the presets into this folder, in raw form, out of the node that
# `make build` built. They hold the runtime's code: generate them anew when a network is to start with
# a newer one. A network that runs keeps the specification that it was started with.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/env.sh
. ../scripts/env.sh

node=$CARGO_TARGET_DIR/release/openledger-node
if [[ ! -x $node ]]; then
	echo "no node at $node: run 'make build' first" >&2
	exit 1
fi

for preset in development local; do
	echo "$preset.json"
	"$node" export-chain-spec --chain "$preset" --raw --output "$preset.json.part"
	mv "$preset.json.part" "$preset.json"
done
