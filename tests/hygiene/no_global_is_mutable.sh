#!/bin/sh
# SPDX-License-Identifier: MIT
# ARCHIVES are the libraries of the folders.  Constant tables sit in .rodata or .data.rel.ro; what
# sits in .data, .bss or common can change.  GLib's quark macro keeps its own static, q.N or
# NAME.q, and nothing else is let through.
. "$(dirname "$0")/lib.sh"
[ -n "${ARCHIVES:-}" ] || { echo 'ARCHIVES is not set: run this by make check'; exit 99; }

n=0
for archive in $ARCHIVES; do
	n=$((n + 1))
	symbols=$("${OBJDUMP:-objdump}" -t "$archive") || fault "objdump cannot read $archive"
	mutable=$(printf '%s\n' "$symbols" | awk '
		/file format/ { object = $1 }
		/ O \.(data|bss|tdata|tbss|data\.rel|data\.rel\.local|data\.[^r].*|bss\..*)\t/ ||
		/ \*COM\*\t/ || / O \.lbss\t/ || / O \.ldata\t/ {
			name = $NF
			if (name !~ /^q\.[0-9]+$/ && name !~ /^[a-z_]+_quark\.q$/ )
				print object " keeps \"" name "\""
		}')
	[ -z "$mutable" ] || {
		printf '%s\n' "$mutable"
		fault "$archive has mutable globals or statics"
	}
done
verdict 'nothing below main keeps state of its own' "$n libraries looked at."
