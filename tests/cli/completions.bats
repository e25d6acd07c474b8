#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2046
# The three completions, driven by their shells: what does each offer behind a command line?

load ../lib

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	SETKEY=${SETKEY-$top/build/setkey}
	PATH=${SETKEY%/*}:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	touch policies.conf 'two words.conf'
	mkdir peers.d
}

bash_offers() {
	bash -c '
		source "$1"
		read -ra COMP_WORDS <<<"${2//=/ = }"
		[[ $2 != *[\ =] ]] || COMP_WORDS+=("")
		[[ $2 != *= ]] || unset "COMP_WORDS[-1]"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_setkey
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$top/completions/setkey.bash" "$1"
}

zsh_offers() {
	timeout 60 zsh -f "$top/tests/cli/complete.zsh" "$top/completions" "$1"
}

fish_offers() {
	# shellcheck disable=SC2016
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' -- "$top/completions/setkey.fish" "$1" |
		cut -f 1 | sed 's/^\(--\|SK\).*=\(.\)/\2/'
}

# offers SHELL LINE WORD...: exactly these words, in any order; zsh puts the = of an option behind it
offers() {
	local shell=$1 line=$2
	shift 2
	diff <(printf '%s\n' "$@" | sed 's/=$//' | sort) <("${shell}_offers" "$line" | sed 's/=$//; /^$/d' | sort)
}

words() {
	"$SETKEY" complete "$@" | cut -f 1
}

drive() {
	need "$1"
	offers "$1" 'setkey d' dump diff doctor decode
	offers "$1" 'setkey -' $(words options)
	offers "$1" 'setkey --v' --via= --verbose --version
	offers "$1" 'setkey --via=' auto xfrm pfkey
	offers "$1" 'setkey --via x' xfrm
	offers "$1" 'setkey -f po' policies.conf
	offers "$1" 'setkey -n -f po' policies.conf
	offers "$1" 'setkey po' policies.conf
	offers "$1" 'setkey dump ' sa policy all
	offers "$1" 'setkey dump sa ' esp ah ipcomp
	offers "$1" 'setkey flush --via=xfrm p' policy
	offers "$1" 'setkey flush --via xfrm p' policy
	offers "$1" 'setkey dump --s' --show-keys --spi --src
	offers "$1" 'setkey dump --format=c' classic conf
	offers "$1" 'setkey monitor --format=' text json
	offers "$1" 'setkey monitor --format t' text
	offers "$1" 'setkey monitor sa pol' policy
	offers "$1" 'setkey encode --an' --annotate
	offers "$1" 'setkey decode po' policies.conf
	offers "$1" 'setkey keygen --out-a=po' policies.conf
	offers "$1" 'setkey lint --disable=key' key-form key-length keys-in-git
	offers "$1" 'setkey lint --disable key' key-form key-length keys-in-git
	offers "$1" 'setkey lint --enable=SK32' $("$SETKEY" explain | grep -o '^SK32[0-9]')
	offers "$1" 'setkey lint --severity=key' key-form= key-length= keys-in-git=
	offers "$1" 'setkey lint --severity=SK101=' off info warning error
	offers "$1" 'setkey lint --severity=SK101=w' warning
	offers "$1" 'setkey lint --severity SK101=w' warning
	offers "$1" 'setkey explain key' key-form key-length keys-in-git
	offers "$1" 'setkey help dec' decode
	offers "$1" 'setkey help SK70' $("$SETKEY" explain | grep -o '^SK70[0-9]')
	offers "$1" 'setkey explain XfrmF' XfrmFwdHdrError
	offers "$1" 'setkey explain SK32' $("$SETKEY" explain | grep -o '^SK32[0-9]')
}

@test "bash: commands, options, values, operands and files" {
	drive bash
	offers bash 'setkey ' $(words commands)
	offers bash 'setkey -f two' 'two words.conf'
}

@test "zsh: commands, options, values, operands and files" {
	drive zsh
	offers zsh 'setkey ' $(words commands) policies.conf 'two words.conf' peers.d
}

@test "fish: commands, options, values, operands and files" {
	drive fish
	offers fish 'setkey ' $(words commands) policies.conf 'two words.conf' peers.d/
}

@test "the words for the classic command line are those of its help" {
	diff <("$SETKEY" --help | sed -n '/^options:/,$s/^  \(-.\)\?.*\(--[a-z-]*\).*/\1\n\2/p' | sed '/^$/d' | sort) \
		<(words options | sed 's/=$//' | grep -v '^-[aceDFPflx]$' | sort)
}

@test "each command's words are those of its help" {
	for command in $(words commands); do
		diff <("$SETKEY" "$command" --help | sed -n '/^$/,$s/^  \(-.\)\?.*\(--[a-z-]*\).*/\1\n\2/p' | sed '/^$/d' | sort) \
			<(words options "$command" | sed 's/=$//' | sort)
	done
}

@test "every rule can be completed, by number and by word" {
	for option in disable enable severity; do
		diff <("$SETKEY" explain | awk '{ print $1; print $2 }' | sort) <(words values $option lint | sed 's/=$//' | sort)
	done
}

@test "every algorithm that setkey lists can be completed" {
	diff <("$SETKEY" algorithms | sed 1d | cut -d ' ' -f 1 | sort -u) \
		<("$SETKEY" complete algorithms | awk 'NF == 2 { print $1 }' | sort -u)
}

@test "a question nobody asks is wrong usage" {
	run "$SETKEY" complete
	[ "$status" = 2 ] && [ -z "$output" ]
	run "$SETKEY" complete nonsense
	[ "$status" = 2 ]
}
