#!/bin/sh
# SPDX-License-Identifier: MIT
# Everything in git is in the tarball (or left out on purpose, below): a tarball that builds but
# lacks a header or a sample is found here and not by a packager.
. "$(dirname "$0")/lib.sh"
left_out_on_purpose='^(\.gitignore|\.gitattributes|\.clang-tidy)$'
list=$(pwd)/tests/hygiene/distfiles.list
[ -s "$list" ] || { echo "$list is missing: run this by make check"; exit 99; }
enter_tree
in_git || skip 'this is not a git checkout, so there is nothing to compare the tarball with'

in_tarball() {
	grep -qxF -- "$1" "$list" && return 0
	folder=$1
	while [ "$folder" != "${folder%/*}" ]; do
		folder=${folder%/*}
		grep -qxF -- "$folder" "$list" && return 0
	done
	return 1
}

for file in $(project_files | grep -Ev "$left_out_on_purpose"); do
	in_tarball "$file" || fault "$file is in git but not in the tarball: list it in a Makefile.inc"
done
verdict 'every file in git is in the tarball'
