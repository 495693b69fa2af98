#!/bin/sh
# SPDX-License-Identifier: MIT
# A check that never objects is worth nothing: each is shown a small tree that is in order, then the
# same tree with one thing wrong.
. "$(dirname "$0")/lib.sh"
checks=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT
MQLAPSE_TREE=$scratch/tree
export MQLAPSE_TREE
HYGIENE_CC="${CC:-cc} -I$MQLAPSE_TREE"
ARCHIVES=$scratch/lib.a
export HYGIENE_CC ARCHIVES

licence='/* SPDX-License-Identifier: MIT */'

tree_in_order() {
	rm -rf "$MQLAPSE_TREE"
	for folder in .ci dissectors src/capture src/session src/verdict ui samples tests/ui m4; do
		mkdir -p "$MQLAPSE_TREE/$folder"
	done
	printf '%s\nint one(void);\n' "$licence" >"$MQLAPSE_TREE/dissectors/one.h"
	printf '%s\n#include "dissectors/one.h"\nint one(void)\n{\n\treturn 1;\n}\n' "$licence" \
		>"$MQLAPSE_TREE/dissectors/one.c"
	printf '#!/bin/sh\n# SPDX-License-Identifier: MIT\necho one\n' >"$MQLAPSE_TREE/tests/one.sh"
}

# check <name> <0 or 1> <what is the matter>: the check must leave so.
check() {
	(cd "$scratch" && sh "$checks/$1.sh") >"$scratch/output" 2>&1
	status=$?
	[ "$status" -ne 77 ] || return 0
	[ "$status" -eq "$2" ] || {
		cat "$scratch/output"
		fault "$1 leaves with $status, not $2, when $3"
	}
}

# objects_to <check> <what is the matter> <file> <line to add>
objects_to() {
	tree_in_order
	check "$1" 0 'all is in order'
	printf "$4\n" >>"$MQLAPSE_TREE/$3"
	check "$1" 1 "$2"
}

long_function=$(printf 'int two(void)\\n{\\n'; yes '\treturn 1;\n' | head -n 60 | tr -d '\n'; printf '}')
objects_to layers_flow_one_way 'a dissector knows the session' dissectors/one.c '#include "src/session/model.h"'
objects_to layers_flow_one_way 'the session knows the verdict' src/session/a.c '#include "src/verdict/finding.h"'
objects_to layers_flow_one_way 'a report names libpcap' ui/a.c '#include <pcap/pcap.h>'
objects_to layers_flow_one_way 'the verdict writes JSON' src/verdict/a.c '#include <json-glib/json-glib.h>'
objects_to every_file_names_its_licence 'a file has no licence' src/a.c 'int a;'
objects_to files_are_short_and_tidy 'a line ends in a blank' dissectors/one.c 'int a; '
objects_to files_are_short_and_tidy 'a machine is named' dissectors/one.c '/* see /ho''me/me */'
objects_to files_are_short_and_tidy 'a header is long' dissectors/one.h "$(yes '\n' | head -n 120 | tr -d '\n')"
objects_to functions_are_short 'a function has 63 lines' dissectors/one.c "$long_function"
objects_to headers_compile_alone 'a header needs another' dissectors/two.h 'uint8_t two(void);'
objects_to scripts_pass_shellcheck 'a script forgets its quotes' tests/one.sh 'cd $1'

# archive_of <text>
archive_of() {
	rm -f "$ARCHIVES"
	printf '%s\n' "$1" | $HYGIENE_CC -c -x c -o "$scratch/a.o" - && ar rc "$ARCHIVES" "$scratch/a.o"
}
archive_of 'const char *const names[] = { "a", "b" }; static const int k[] = { 1, 2 }; int f(int i); int f(int i) { return k[i]; }'
check no_global_is_mutable 0 'all tables are constant'
archive_of 'int f(void); int f(void) { static int calls; return ++calls; }'
check no_global_is_mutable 1 'a function counts its calls'
archive_of 'int level = 3;'
check no_global_is_mutable 1 'there is a global'
archive_of 'const char *names[] = { "a", "b" };'
check no_global_is_mutable 1 'a table can be changed'

if command -v git >/dev/null; then
	tree_in_order
	mkdir -p "$scratch/tests/hygiene"
	printf 'dissectors/one.h\ndissectors/one.c\ntests\n' >"$scratch/tests/hygiene/distfiles.list"
	git init -q "$MQLAPSE_TREE" && git -C "$MQLAPSE_TREE" add .
	check the_tarball_is_complete 0 'all files are listed, some by their folder'
	echo 'dissectors/one.c' >"$scratch/tests/hygiene/distfiles.list"
	check the_tarball_is_complete 1 'a header is not listed'
fi
verdict 'each check passes a tree in order and objects to one that is not'
