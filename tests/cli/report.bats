#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The forms of lint's findings: each is sound, says the same, and shows no key.

load ../lib
top=${top:?from lib.bash}
key=9f3c1b7a5e2d48860c71e4b35fa29d08
quoted='sOmE secret wOrds of sixteen'

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	umask 077
	{
		echo "flush; # $key"
		printf 'add 192.0.2.1 192.0.2.2 esp 0x1000 \\\r\n\t-E aes-cbc 0x%s;\r\n' "$key"
		echo "add 192.0.2.1 192.0.2.2 esp 0x1000 -E aes-cbc \"$quoted\"; # é"
		echo "#é"
		echo "/*é*/ add 192.0.2.1 192.0.2.2 esp $key -A 0x$key;"
		echo "add 192.0.2.1 192.0.2.2 esp 0x10 -E null -A hmac-sha1 0x$key;"
	} >'some file,1.conf'
	conf='some file,1.conf'
}

lint() {
	local form=$1
	shift
	setkey lint --format="$form" "$@"
}

forms() {
	setkey complete values format lint
}

@test "sarif names for each rule where more is to be read, if anywhere" {
	lint sarif "$conf" >log.sarif || [ $? = 1 ]
	help() {
		jq -r ".runs[0].tool.driver.rules[] | select(.id == \"$1\") | .help.text | contains(\"\nSee \")" log.sarif
	}
	[ "$(help SK101) $(help SK002)" = "true false" ]
	not grep -q '(null)' log.sarif
}

@test "sarif is what the schema and code scanning ask, for every pair" {
	for file in "$conf" "$PWD/$conf" "$top"/tests/{lint,bogus,parse}/*.conf; do
		lint sarif "$file" >log.sarif || [ $? = 1 ]
		run jq -r -f "$top/tests/cli/sarif.jq" log.sarif
		[ "$status$output" = 0 ] || { echo "$file: $output" && return 1; }
	done
	# The check can fail.
	lint sarif "$conf" | jq '.runs[0].results[0].level = "warn" | .runs[0].results[1].locations[0].physicalLocation.region.startLine = 0 |
		del(.runs[0].tool.driver.name)' >log.sarif
	[ "$(jq -r -f "$top/tests/cli/sarif.jq" log.sarif | grep -c -e '^driver' -e '^result')" = 3 ]
}

@test "sarif: severities, places in characters, related places, fixes" {
	lint sarif --disable=spi-reserved --severity=SK101=info "$conf" >log.sarif || true
	run jq -r '.runs[0].results[] | [.ruleId, .level, (.locations[0].physicalLocation | .artifactLocation.uri,
		(.region | .startLine, .startColumn, .endLine, .endColumn)), (.relatedLocations | length), (.fixes | length)] | map(tostring) | join(" ")' log.sarif
	[[ $output == *'SK002 warning some%20file%2C1.conf 2 36 2 37 0 1'* ]]
	[[ $output == *'SK101 note some%20file%2C1.conf 3 5 3 12 0 0'* ]]
	[[ $output == *' error some%20file%2C1.conf 4 47 4 77 '* ]]
	lint sarif "$top/tests/lint/duplicate-sa.conf" >log.sarif || true
	[ "$(jq '[.runs[0].results[] | select(.ruleId == "SK301") | .relatedLocations | length] | unique' -c log.sarif)" = '[1]' ]
}

@test "every form tells of the same findings" {
	lint json "$conf" >report || [ $? = 1 ]
	[ "$(jq .version report)" = 1 ]
	jq -r '.findings[].rule' report | sort >rules
	[ "$(wc -l <rules)" -gt 6 ]
	[ "$(jq '.errors + .warnings + .infos' report)" = "$(wc -l <rules)" ]
	lint jsonl "$conf" | jq -r .rule | sort | diff rules -
	lint sarif "$conf" | jq -r '.runs[0].results[].ruleId' | sort | diff rules -
	lint github "$conf" | sed 's/.*title=\(SK...\).*/\1/' | sort | diff rules -
	lint gcc "$conf" | sed 's/.*\[\(SK...\)\]$/\1/' | sort | diff rules -
	[ "$(lint text "$conf" | grep -c ': \(error\|warning\|info\): ')" = "$(wc -l <rules)" ]
	diff <(jq -c '.findings[]' report) <(lint jsonl "$conf" | jq -c 'del(.version)')
}

@test "github: a command a line, with what would end it escaped" {
	lint github "$conf" >commands || [ $? = 1 ]
	[ "$(grep -vc '^::\(error\|warning\|notice\) file=some file%2C1.conf,line=[0-9]*,endLine=[0-9]*\(,col=[0-9]*,endColumn=[0-9]*\)\?,title=SK[0-9]* [a-z0-9-]*::[^:]' commands)" = 0 ]
	lint github "$conf" | grep -q '::aes-cbc without -A: packets can be changed unnoticed%0Aadd -A'
}

@test "no form shows a key, nor does the difference of a fix" {
	for form in $(forms); do
		lint "$form" "$conf" >out 2>&1 || [ $? = 1 ]
		[ -s out ]
		run grep -i -e "$key" -e "${key:0:16}" -e "$quoted" -e secret out
		[ "$status" = 1 ] || { echo "$form: $output" && return 1; }
	done
	setkey lint --fix "$conf" >out 2>&1 || [ $? = 1 ]
	grep -q '^+add' out
	run grep -i -e "${key:0:16}" -e "$quoted" -e secret out
	[ "$status" = 1 ]
}

@test "a name that is no UTF-8 breaks no form" {
	cp "$conf" $'b\xff.conf'
	for form in json sarif; do
		lint "$form" $'b\xff.conf' | jq -e . >/dev/null
	done
}

@test "the rules are listed for people and for programs" {
	setkey lint --list-rules >text
	diff <(setkey explain | awk '{ print $1, $2 }' | sort) <(awk '{ print $1, $2 }' text | sort)
	setkey lint --list-rules --format=json >report
	diff <(awk '{ print $1, $2, $3 }' text) <(jq -r '.[] | "\(.id) \(.word) \(.severity)"' report)
	[ "$(jq 'map(select(.version != 1 or (.summary | length) == 0 or (.explanation | length) == 0)) | length' report)" = 0 ]
	run setkey lint --list-rules --format=sarif
	[ "$status" = 2 ]
}
