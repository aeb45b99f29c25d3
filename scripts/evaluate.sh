#!/usr/bin/env bash
# Measures how well attribution works and what capturing governance costs, part by part, and writes the reports.
set -euo pipefail

parts=(influence texts manipulation citations spans capture)

usage() {
	cat <<-TEXT
		Usage: scripts/evaluate.sh [PART...]

		Sets up, builds, measures how well attribution works and what capturing governance costs, and writes
		docs/attribution-quality.md and docs/governance-capture.md with their plots. Under 30 minutes on 2 cores, the first build apart.

		Parts: ${parts[*]}. Without any, all are measured. What is not
		measured again stays as it was.
	TEXT
}

say() { printf 'evaluate: %s\n' "$*"; }

is_part() {
	local part
	for part in "${parts[@]}"; do [[ $1 == "$part" ]] && return 0; done
	return 1
}

wanted=()
for argument; do
	case $argument in
	-h | --help)
		usage
		exit 0
		;;
	*)
		if ! is_part "$argument"; then
			usage >&2
			exit 2
		fi
		wanted+=("$argument")
		;;
	esac
done
((${#wanted[@]})) || wanted=("${parts[@]}")

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup.sh
# shellcheck disable=SC1091
. scripts/env.sh

say "building"
SECONDS=0
# The whole workspace, whose features are those that everything else is built with.
cargo build --release --locked --workspace
say "built in $SECONDS s"

program=$CARGO_TARGET_DIR/release/openledger-evaluate
questioned=$(mktemp -d)
trap 'rm -rf "$questioned"' EXIT

# Batch files of the texts that questions are asked about.
batch_files() {
	local text
	for text in foldoc devil; do
		node --input-type=module -e "import { batchOf, $text } from './scripts/lib/texts.mjs';
			process.stdout.write(batchOf(await $text()).content)" >"$questioned/$text.jsonl"
	done
}

measure() {
	if [[ $1 == citations ]]; then
		batch_files
		"$program" citations --models "$OPENLEDGER_CACHE/models" "$questioned"/{foldoc,devil}.jsonl
	else
		"$program" "$1"
	fi
}

all=0
for part in "${wanted[@]}"; do
	say "measuring: $part"
	SECONDS=0
	measure "$part"
	say "$part took $SECONDS s"
	all=$((all + SECONDS))
done

"$program" report
say "measured in $all s; the reports are docs/attribution-quality.md and docs/governance-capture.md"
