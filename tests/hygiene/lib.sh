# SPDX-License-Identifier: MIT
# Shared by the checks of this folder; sourced, with the working directory anywhere.
# MQLAPSE_TREE names the tree to look at; by default it is the one that is being built.

: "${MQLAPSE_TREE:=${top_srcdir:-${srcdir:-.}}}"
faults=0

fault() {
	printf '%s\n' "$*"
	faults=$((faults + 1))
}

skip() {
	printf 'Skipped: %s.\n' "$*"
	exit 77
}

# Says how it went and leaves: verdict "what holds" ["what else to say"]
verdict() {
	if [ "$faults" -eq 0 ]; then
		printf 'Holds: %s.%s\n' "$1" "${2:+ $2}"
		exit 0
	fi
	printf 'Broken %s time(s): %s.%s\n' "$faults" "$1" "${2:+ $2}"
	exit 1
}

in_git() {
	command -v git >/dev/null || return 1
	top=$(git -c safe.directory='*' rev-parse --show-toplevel 2>/dev/null) || return 1
	[ "$top" = "$(pwd -P)" ]
}

# Files of the project, one a line, relative to the tree, which is the working directory afterwards.
# Outside git (a release tarball) these are the files of the project's own folders.
project_files() {
	if in_git; then
		git -c safe.directory='*' ls-files | while IFS= read -r file; do
			[ ! -f "$file" ] || printf '%s\n' "$file"
		done
	else
		find dissectors src ui samples tests m4 .ci -name .deps -prune -o -type f \
			! -name '*.[oa]' ! -name '*.log' ! -name '*.trs' ! -name .dirstamp \
			! -name distfiles.list -print
	fi
}

# Only those whose name matches the regular expression $1.
project_files_like() {
	project_files | grep -E -- "$1"
}

# Golden files and data are what they are; style does not apply to them.
is_data() {
	case $1 in
	*.json | *.ndjson | *.csv | *.tsv | *.html | *.pcap | *.pcapng | *.gz | *.zst | *.keys | *.keylog) return 0 ;;
	expected* | */expected* | *.expected | */golden/* | *.golden | */corpus/*) return 0 ;;
	esac
	[ -s "$1" ] && ! grep -qI . "$1"
}

enter_tree() {
	cd "$MQLAPSE_TREE" || exit 99
}
