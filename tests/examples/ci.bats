#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The examples for CI do what they say: their commands run, fail when they should, and leave the report that they promise.

load ../lib
top=${top:?from lib.bash}
ci=$top/examples/ci

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset SETKEY_LINT_OPTS
	PATH=${SETKEY%/*}:$PATH
	export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
	mkdir ipsec.d
	printf 'flush;\nspdflush;\n' >ipsec.d/00-empty.conf
	cp "$top/examples/transport-a.conf" ipsec.d/10-peer.conf
	sed -i '/^flush;$/d; /^spdflush;$/d' ipsec.d/10-peer.conf
	# The keys of an example are known to everyone, and lint to them too.
	for key in $(grep -o '0x[0-9a-f]\{32,\}' ipsec.d/10-peer.conf); do
		sed -i "s/$key/0x$(sha512sum <<<"$key" | head -c $((${#key} - 2)))/" ipsec.d/10-peer.conf
	done
	setkey fmt --inplace ipsec.d/*
	chmod 644 ipsec.d/*
}

# commands FILE [install]: those of a workflow, in order: "run:" in the one, list items below "script:" in the other; those
# that install setkey are a step of that name, or stand below "before_script:"
commands() {
	/usr/bin/python3 - "$@" <<-'EOT'
		import sys, yaml
		job = yaml.safe_load(open(sys.argv[1]))
		install = len(sys.argv) > 2
		if 'jobs' in job:
		    steps = [step.get('run') for step in job['jobs']['lint']['steps'] if (step.get('name') == 'Install') == install]
		else:
		    steps = job['lint']['before_script' if install else 'script']
		print('\n'.join(step for step in steps if step))
	EOT
}

# Both services stop at the first command that fails.
run_all() {
	commands "$1" >steps
	[ "$(wc -l <steps)" = 2 ]
	run bash -e steps
}

break_one() {
	echo 'add 192.0.2.1 192.0.2.3 esp 0x1000 -E aes-cbc 0x12;' >ipsec.d/20-broken.conf
}

@test "github.yml: a report that code scanning takes, commands for the lines, a status" {
	run_all "$ci/github.yml"
	[ "$status" = 0 ]
	[ -z "$(jq -r -f "$top/tests/cli/sarif.jq" lint.sarif)" ]
	break_one
	run_all "$ci/github.yml"
	[ "$status" = 1 ]
	[[ $output == *"::error file=ipsec.d/20-broken.conf,line=1,"*"title=SK114 key-length::"* ]]
	[ -z "$(jq -r -f "$top/tests/cli/sarif.jq" lint.sarif)" ]
	[ "$(jq '[.runs[0].results[] | select(.ruleId == "SK114")] | length' lint.sarif)" = 1 ]
}

@test "gitlab.yml: a report, and a status" {
	run_all "$ci/gitlab.yml"
	[ "$status" = 0 ]
	jq -e .version lint.json
	break_one
	run_all "$ci/gitlab.yml"
	[ "$status" = 1 ]
	[[ $output == *"ipsec.d/20-broken.conf:1:47: error: "*"[SK114]"* ]]
	[ "$(jq '[.findings[] | select(.rule == "SK114")] | length' lint.json)" = 1 ]
}

commit() {
	git add ipsec.d
	git -c user.name=a -c user.email=a@example.org commit -qm a
}

@test "both install setkey first, with all that it is built with" {
	mkdir bin
	for tool in apt-get git make; do
		printf '#!/bin/sh\necho %s "$@" >>%q\n' $tool "$PWD/said" >bin/$tool
	done
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	chmod 755 bin/*
	for file in "$ci"/*.yml; do
		: >said
		commands "$file" install >steps
		RUNNER_TEMP=/tmp SETKEY=https://git.example.net/setkey.git PATH=$PWD/bin:$PATH bash -e steps
		[[ $(tr '\n' ' ' <said) =~ 'apt-get -q update apt-get -qy install'.*'git clone'.*'setkey.git /tmp/setkey make -C /tmp/setkey'.*install ]]
		for package in $(sed -n 's/^\tbuild) echo \(.*\) ;;$/\1/p' "$top/.ci/deps" | head -n 1); do
			grep -qw -e "$package" said || { echo "$file: no $package" && return 1; }
		done
	done
}

@test "pre-commit: what is staged is judged, and nothing else" {
	git init -q .
	cp "$ci/pre-commit" .git/hooks/
	run commit
	[ "$status" = 0 ]
	break_one
	run commit
	[ "$status" = 1 ]
	[[ $output == *"ipsec.d/20-broken.conf:1:47: error: "* ]]
	# Mended in the folder but not staged
	rm ipsec.d/20-broken.conf
	run git -c user.name=a -c user.email=a@example.org commit -qm a
	[ "$status" = 1 ]
	git rm -q --cached ipsec.d/20-broken.conf
	echo 'flush ;' >ipsec.d/00-empty.conf
	run commit
	[ "$status" = 1 ]
	[[ $output == *"not laid out: setkey fmt --inplace ./ipsec.d/00-empty.conf"* ]]
	setkey fmt --inplace ipsec.d/00-empty.conf
	run commit
	[ "$status" = 0 ]
}
