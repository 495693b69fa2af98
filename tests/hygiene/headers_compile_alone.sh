#!/bin/sh
# SPDX-License-Identifier: MIT
# HYGIENE_CC is the compiler with all flags of the build.
. "$(dirname "$0")/lib.sh"
[ -n "${HYGIENE_CC:-}" ] || { echo 'HYGIENE_CC is not set: run this by make check'; exit 99; }
here=$(pwd)
headers=$(enter_tree && project_files_like '\.h$')

n=0
for header in $headers; do
	n=$((n + 1))
	printf '#include "%s"\n' "$header" | (cd "$here" && $HYGIENE_CC -fsyntax-only -x c -) ||
		fault "$header does not compile alone"
done
verdict 'every header compiles when it is the first and only one included' "$n looked at."
