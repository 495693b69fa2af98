#!/bin/sh
# SPDX-License-Identifier: MIT
# Test cases (tests/*/test_*.c) may be as long as their story.
. "$(dirname "$0")/lib.sh"
longest_allowed=60
ctags --version 2>/dev/null | grep -q 'Universal Ctags' || skip 'Universal Ctags is not installed'
enter_tree

lengths=$(project_files_like '\.[ch]$' | grep -Ev '^tests/[^/]*/test_[^/]*\.c$' |
	ctags -L - -f - --languages=C --langmap=C:.c.h --kinds-C=f --fields=+ne 2>/dev/null |
	awk -F '\t' '/^!/ { next } {
		first = last = 0
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/) first = substr($i, 6)
			if ($i ~ /^end:/) last = substr($i, 5)
		}
		if (last) print last - first + 1, $2 ":" first, $1
	}' | sort -n)

[ -n "$lengths" ] || fault 'no function found: ctags reads nothing'
while read -r length where name; do
	[ "${length:-0}" -le "$longest_allowed" ] ||
		fault "$where: $name has $length lines; $longest_allowed are the most"
done <<EOF
$lengths
EOF
figures=$(printf '%s\n' "$lengths" | awk '{ n[NR] = $1; last = $0 } END {
	middle = int((NR + 1) / 2)
	ninth = int(NR * 0.9 + 0.5)
	printf "%d functions: median %d, 90th percentile %d, longest %s.", NR, n[middle], n[ninth], last }')
verdict "no function is longer than $longest_allowed lines" "$figures"
