#!/bin/sh
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
enter_tree

# Paths of a developer's machine; spelt so that this file does not name them itself.
machine_paths='(^|[^A-Za-z0-9_.~/-])/(w[o]rk|r[o]ot|h[o]me)/'

length_limit() {
	case $1 in
	dissectors/mqtt_packet.h) echo 180 ;; # one value type for all of MQTT; splitting it helps nobody
	*.c) echo 500 ;;
	*.h) echo 120 ;;
	*) echo 0 ;;
	esac
}

while IFS= read -r file; do
	limit=$(length_limit "$file")
	lines=$(wc -l <"$file")
	[ "$limit" -eq 0 ] || [ "$lines" -le "$limit" ] || fault "$file has $lines lines; $limit are the most"
	[ ! -s "$file" ] || ! grep -qI . "$file" || ! grep -nE "$machine_paths" "$file" ||
		fault "$file names a path of one machine"
	is_data "$file" || ! grep -nE '[[:space:]]+$' "$file" || fault "$file has trailing white space"
	is_data "$file" || [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] ||
		fault "$file does not end with a line break"
done <<EOF
$(project_files)
EOF
verdict '.c files have at most 500 lines and .h files 120, no line ends in white space, no machine is named'
