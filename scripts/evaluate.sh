#!/usr/bin/env bash
# Measures how well attribution works, part by part, and writes the report on it.
set -euo pipefail

parts=(influence texts manipulation citations spans)

usage() {
	cat <<-TEXT
		Usage: scripts/evaluate.sh [PART...]

		Sets up, builds, measures how well attribution works, and writes docs/attribution-quality.md with its
		plots. Under 30 minutes on 2 cores, the first build apart.

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
cargo build --release --locked --package openledger-evaluation
say "built in $SECONDS s"

program=$CARGO_TARGET_DIR/release/openledger-evaluate
all=0
for part in "${wanted[@]}"; do
	say "measuring: $part"
	SECONDS=0
	"$program" "$part"
	say "$part took $SECONDS s"
	all=$((all + SECONDS))
done

"$program" report
say "measured in $all s; the report is docs/attribution-quality.md"
