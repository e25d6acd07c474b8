#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2016,SC2154
# Everything that is printed as JSON is as examples/setkey.schema.json describes it.

setup() {
	. "$BATS_TEST_DIRNAME/../lib.bash"
	cd "$BATS_TEST_TMPDIR" || return
}

# valid KIND...: each document of standard input is of that kind, and of no other that the schema knows
valid() {
	python3 -c '
import json, sys
from jsonschema import Draft202012Validator as Validator
schema = json.load(open(sys.argv[1]))
Validator.check_schema(schema)
kinds = [Validator({**schema, "oneOf": [{"$ref": "#/$defs/" + kind}]}) for kind in sys.argv[2:]]
whole = Validator(schema)
text = sys.stdin.read().lstrip()
documents = []
while text:
    document, end = json.JSONDecoder().raw_decode(text)
    documents.append(document)
    text = text[end:].lstrip()
assert documents, "there is nothing"
for document in documents:
    for check in ([] if any(kind.is_valid(document) for kind in kinds) else kinds) + [whole]:
        for fault in check.iter_errors(document):
            sys.exit(f"{json.dumps(document)[:300]}\n{[list(e.path) + [e.message[:200]] for e in fault.context or [fault]]}")
print(len(documents))' "$top/examples/setkey.schema.json" "$@"
}

@test "what is not described is not valid" {
	echo '{"version": 2, "type": "message"}' | valid message_line
	not valid message_line <<<'{"version": 2, "type": "message", "more": 1}'
	not valid message_line <<<'{"version": 1, "type": "message"}'
	not valid doctor <<<'{"version": 1, "checks": [{"id": "mtu", "status": "fine", "message": "", "hint": ""}]}'
	not valid stat <<<'{"version": 1, "checks": []}'
}

@test "decode: the messages of every file, with keys and without" {
	for via in xfrm pfkey; do
		for file in "$top"/tests/wire/*.conf "$top"/examples/*.conf "$top"/tests/golden/*.conf; do
			setkey encode --via=$via "$file" 2>/dev/null || :
		done
	done >hex
	[ "$(wc -l <hex)" -gt 400 ]
	setkey decode --format=json hex | valid sa_line policy_line message_line
	setkey decode --format=json --show-keys hex | valid sa_line policy_line message_line
}

@test "decode: what kernels said" {
	for file in "$top"/tests/dump/*.rx "$top"/tests/bogus/*.hex; do
		setkey decode --format=json "$file" 2>/dev/null || :
	done >lines
	[ -s lines ]
	valid sa_line policy_line message_line <lines
}

@test "lint: reports and rules" {
	setkey lint --fail-on=never --format=json "$top"/tests/lint/*.conf | valid lint_report
	setkey lint --fail-on=never --format=jsonl "$top"/tests/lint/*.conf | valid finding_line
	setkey lint --list-rules --format=json | valid rules
}

@test "diff, match, coverage, doctor, stat and keys" {
	need_namespace
	$isolate "$SETKEY" diff --format=json "$top/examples/tunnel-a.conf" | valid diff
	setkey keygen --format=json aes-gcm hmac-sha256-128 | valid keys
	for file in "$top"/examples/*.conf; do
		setkey match --format=json 192.0.2.1 192.0.2.2 "$file" || :
		setkey match --format=json in 192.0.2.2[80] 192.0.2.1 tcp "$file" || :
		setkey match --format=json fwd 10.1.0.1 10.2.0.1 "$file" || :
	done | valid match
	for file in "$top"/examples/*.conf; do
		setkey match --coverage --format=json "$file"
	done | valid coverage
	for file in "$top"/examples/*.conf; do
		setkey doctor --format=json "$file" || :
	done | valid doctor
	$isolate bash -c '
		echo "spdadd 192.0.2.1 192.0.2.2 any -P out ipsec esp/transport//require;" | "$SETKEY" -f -
		"$SETKEY" stat --format=json' | valid stat
}

@test "monitor: what happens" {
	need_namespace
	$isolate bash -c '
		timeout 20 "$SETKEY" monitor --format=json >events &
		pid=$!
		for ((i = 0; i < 100; i++)); do [ -s events ] && break; sleep 0.1; done
		policy="192.0.2.1 192.0.2.2 any -P out"
		"$SETKEY" -c <<<"spdadd $policy ipsec esp/transport//require; spddelete $policy; spdadd $policy none; spdflush;"
		for ((i = 0; i < 100; i++)); do grep -q spdflush events && break; sleep 0.1; done
		kill $pid; wait' || :
	grep -q spdflush events
	valid event_line <events
}
