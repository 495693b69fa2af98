#!/bin/sh
# SPDX-License-Identifier: MIT
# README's pictures are what the program draws; with --write they are made anew (make pictures).
tree=${top_srcdir:-${srcdir:-.}}
play=$(cd "${top_builddir:-.}" && pwd)/tests/screens/play
cd "$tree" || exit 99
wrong=0

# picture <name> <play's arguments>
picture() {
	file=ui/pictures/$1.svg
	shift
	if [ "$write" = yes ]; then
		"$play" --svg "$@" >"$file"
	else
		"$play" --svg "$@" | cmp - "$file" || wrong=1
	fi
}

write=no
[ "${1:-}" != --write ] || write=yes
unset NO_COLOR
export TZ=UTC
picture clients samples/founding.pcap 110x16
picture timeline samples/founding.pcap 130x36 Enter
picture ladder samples/founding.pcap 120x30 Enter x
picture packet samples/founding.pcap 120x26 Enter r
exit $wrong
