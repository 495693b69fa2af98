#!/bin/sh
# SPDX-License-Identifier: MIT
# Who may include whom, and which folder alone may name a library.
. "$(dirname "$0")/lib.sh"
enter_tree

# Prints the folders, as a regular expression, that file $1 may include from.
allowed_from() {
	case $1 in
	dissectors/*) echo 'dissectors/' ;;
	src/capture/*) echo 'src/capture/|dissectors/' ;;
	src/session/*) echo 'src/session/|dissectors/' ;;
	src/verdict/*) echo 'src/verdict/|src/session/|dissectors/' ;;
	src/main.c) echo 'ui/|src/|dissectors/' ;;
	src/*) echo 'src/|dissectors/' ;;
	ui/*) echo 'ui/|src/|dissectors/' ;;
	*) echo '' ;;
	esac
}

check_includes_of() {
	allowed=$(allowed_from "$1")
	while IFS= read -r header; do
		printf '%s\n' "$header" | grep -Eq "^($allowed|config\.h$|$)" ||
			fault "$1 must not include \"$header\": it may include from ($allowed) only"
	done <<EOF
$(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$1")
EOF
}

# library <header regex> <where it may be named> <in how many files at most> <name>
check_library() {
	n=0
	for file in $files; do
		grep -Eq "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1" "$file" || continue
		n=$((n + 1))
		printf '%s\n' "$file" | grep -Eq "$2" || fault "$file must not include $4: that belongs in $2"
	done
	[ "$n" -le "$3" ] || fault "$n files include $4; $3 may"
}

files=$(project_files_like '^(dissectors|src|ui)/.*\.(c|h|def)$')
for file in $files; do
	check_includes_of "$file"
done
check_library 'pcap' '^src/capture/' 4 libpcap
check_library 'json-glib' '^ui/' 3 json-glib
check_library '(ncursesw?/)?(n?curses|term)\.h' '^ui/' 1 ncurses
check_library 'openssl/' '^dissectors/tls_crypto\.c' 1 libcrypto
check_library 'zlib\.h' '^(dissectors/websocket_inflate|src/capture/inflate_gzip)\.c' 2 zlib
check_library 'zstd\.h' '^src/capture/inflate_zstd\.c' 1 libzstd
verdict 'includes flow from dissectors to src to ui, and each library has its one folder'
