#!/bin/sh
# SPDX-License-Identifier: MIT
# The worked example in README.md is what the program prints today, or says that it is to come.
# With --write it is put there: make readme-example.
. "$(dirname "$0")/lib.sh"
program=$(cd "${top_builddir:-.}" && pwd)/mqlapse
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
enter_tree

sample=samples/founding.pcap
begins='<!-- example: what the program prints; written by make readme-example -->'
ends='<!-- end of example -->'

{
	if [ -f "$sample" ] && "$program" --report -r "$sample" >"$scratch/report" && [ -s "$scratch/report" ]; then
		printf '```console\n$ mqlapse --report -r %s\n' "$sample"
		sed 's/[[:space:]]*$//' "$scratch/report"
		printf '```\n'
	else
		printf '*(To come with the founding sample.)*\n'
	fi
} >"$scratch/due"

if [ "${1:-}" = --write ]; then
	awk -v begins="$begins" -v ends="$ends" -v due="$scratch/due" '
		$0 == ends { inside = 0 }
		!inside { print }
		$0 == begins { inside = 1; while ((getline line <due) > 0) print line }' README.md >"$scratch/readme" &&
		cat "$scratch/readme" >README.md
fi

awk -v begins="$begins" -v ends="$ends" '
	$0 == ends { inside = 0 } inside { print } $0 == begins { inside = 1 }' README.md >"$scratch/shown"
diff -u "$scratch/shown" "$scratch/due" || fault 'README.md shows something else: run make readme-example'
verdict 'the example in README.md is what the program prints'
