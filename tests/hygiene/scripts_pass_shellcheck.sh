#!/bin/sh
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
command -v shellcheck >/dev/null || skip 'shellcheck is not installed'
enter_tree

n=0
for file in $(project_files); do
	case $file in
	*.sh | bootstrap | .ci/run) ;;
	*) continue ;;
	esac
	n=$((n + 1))
	# SC1091: the file that is sourced is found at run time.
	case $file in
	*/lib.sh) shellcheck -S warning -s sh -e SC2034 "$file" ;;
	*) shellcheck -S warning -e SC1091 "$file" ;;
	esac || fault "$file: shellcheck objects"
done
verdict 'shellcheck has nothing to say about the scripts' "$n looked at."
