# SPDX-License-Identifier: ISC
# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Completion of setkey(8) for bash. The words come from the program itself: "setkey complete".

_setkey_ask() {
	# Users without root seldom have the sbin directories in their path.
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin "${COMP_WORDS[0]/#\~/$HOME}" "$@" 2>/dev/null
}

_setkey_words() {
	_setkey_ask complete "$@" | cut -f 1
}

_setkey_reply() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_setkey_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_setkey() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} option='' command='' words whole i=$COMP_CWORD

	words=$(_setkey_words commands)
	if ((COMP_CWORD > 1)) && [[ $'\n'$words$'\n' == *$'\n'"${COMP_WORDS[1]}"$'\n'* ]]; then
		command=${COMP_WORDS[1]}
	fi
	# bash breaks --via=xfrm into three words, and --severity=ID=off into five.
	whole=$cur
	while ((i > 1)) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; do
		i=$((i - 1)) whole=${COMP_WORDS[i]}$whole
	done
	if [[ $whole == --*=* ]]; then
		option=${whole%%=*} cur=${whole#*=}
	elif [[ ${COMP_WORDS[i - 1]} == --* && $i -gt 1 && -n $(_setkey_words values "${COMP_WORDS[i - 1]#--}" ${command:+"$command"}) ]]; then
		option=${COMP_WORDS[i - 1]} cur=$whole
	fi
	if [[ -n $option ]]; then
		words=$(_setkey_words values "${option#--}" ${command:+"$command"})
		if [[ $cur == *=* && -n $command ]]; then
			words=$(_setkey_words values "${option#--}" "$command" "${cur%%=*}") cur=${cur#*=}
		fi
		# One without words of its own may well name a file.
		if [[ -n $words ]]; then
			_setkey_reply "$words" "$cur"
		else
			_setkey_files "$cur"
		fi
		[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
		return
	fi

	if [[ $cur == -* ]]; then
		_setkey_reply "$(_setkey_words options ${command:+"$command"})" "$cur"
		[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
		return
	fi
	case $command in
	'')
		[[ $prev == -e ]] && return
		((COMP_CWORD > 1)) || _setkey_reply "$words" "$cur"
		[[ ${#COMPREPLY[@]} -gt 0 ]] || _setkey_files "$cur"
		;;
	explain)
		_setkey_reply "$(_setkey_ask explain | awk '{ print $1; print $2 }') $(_setkey_words counters)" "$cur"
		;;
	help)
		_setkey_reply "$words $(_setkey_ask explain | awk '{ print $1; print $2 }')" "$cur"
		;;
	encode | decode | diff | sync | load | save | lint | doctor | match | fmt | mirror | peercheck)
		_setkey_files "$cur"
		;;
	*)
		words=$(_setkey_words operands "$command")
		[[ $'\n'$words$'\n' != *$'\n'"$prev"$'\n'* ]] || words=$(_setkey_words operands "$command" "$prev")
		_setkey_reply "$words" "$cur"
		;;
	esac
	return 0
}

complete -F _setkey setkey
