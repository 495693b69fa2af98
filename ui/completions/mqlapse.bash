# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Completion of mqlapse for bash.

# Causes, severities and responsible parties come from the program, which knows them.
_mqlapse_causes() {
	mqlapse --list-causes 2>/dev/null | awk '{ print $1 }'
}

_mqlapse_parties() {
	mqlapse --list-causes 2>/dev/null | awk '{ print $2 }' | sort -u
}

_mqlapse_words() {
	case $1 in
	-i | --interface) printf 'any\n'; command ls /sys/class/net 2>/dev/null ;;
	--report) printf '%s\n' text json ndjson csv markdown html ;;
	--vantage) printf '%s\n' broker client tap ;;
	--broker-is) mqlapse --broker-is=help 2>&1 | sed -n 's/.*takes one of \(.*\), not.*/\1/p' | tr -d , | tr ' ' '\n' ;;
	--fail-on) printf '%s\n' loss risk note; _mqlapse_parties; _mqlapse_causes ;;
	--explain) _mqlapse_causes ;;
	-Z | --relinquish-privileges) compgen -u ;;
	esac
}

_mqlapse() {
	local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	# Bash takes "=" for a word of its own.
	if [[ $current == = ]]; then
		current=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $option in
	-r | --read | -w | --write | -o | --output | --keylog)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	-c | --client | -d | --decode | --memory | --rotate | --keep)
		return
		;;
	-i | --interface | --vantage | --broker-is | --fail-on | --explain | -Z | --relinquish-privileges)
		mapfile -t COMPREPLY < <(compgen -W "$(_mqlapse_words "$option")" -- "$current")
		return
		;;
	--report) # its value comes behind "=" alone
		if [[ ${COMP_WORDS[COMP_CWORD - 1]} == = || ${COMP_WORDS[COMP_CWORD]} == = ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_mqlapse_words --report)" -- "$current")
			return
		fi
		;;
	esac
	[[ $current == -* ]] || return
	mapfile -t COMPREPLY < <(compgen -W '--interface --read --write --rotate --keep --report --output --follow --client
		--keylog --decode --vantage --broker-is --fail-on --redact --memory --ascii
		--relinquish-privileges --explain --list-causes --version --help' -- "$current")
}

complete -F _mqlapse mqlapse
