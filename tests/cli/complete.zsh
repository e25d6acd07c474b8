#!/usr/bin/env -S zsh -f
# SPDX-License-Identifier: ISC
# Prints what zsh offers behind a command line: complete.zsh FUNCTIONS 'setkey dump --f'
# A zsh on a pseudo-terminal types the line and a tab; compadd tells us what it was given.

zmodload zsh/zpty
zpty shell zsh -f -i

zpty -w shell 'PS1= PS2= RPS1=; stty -echo; unsetopt zle_bracketed_paste 2>/dev/null'
zpty -w shell "fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -u -D"
zpty -w shell 'compadd() {
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
	local -a hits
	builtin compadd -A hits "$@"
	builtin compadd "$@"
	local status_=$?
	((${#hits})) && print -l -- "<"${^hits}">"
	return $status_
}'
zpty -w shell 'list() { print BEGIN; zle complete-word; print END; }; zle -C list complete-word _list'
zpty -w shell '_list() { print BEGIN; _main_complete; print END; compstate[insert]=; compstate[list]=; }'
zpty -w shell 'bindkey "^I" list; print READ""Y'
zpty -r -m shell output '*READY*' || exit
zpty -w -n shell "$2"$'\t'
zpty -r -m shell output '*BEGIN*END*' || exit
zpty -d shell
print -r -- "$output" | tr -d '\r' | sed -n 's/^.*<\(.*\)>$/\1/p'
