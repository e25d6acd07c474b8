#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/ansible: the playbooks read, and no task that copies keys tells about it.

load ../lib

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	cd "$top/examples/ansible" || return
	need ansible-playbook
}

@test "the playbooks are sound" {
	export HOME=$BATS_TEST_TMPDIR ANSIBLE_LOCAL_TEMP=$BATS_TEST_TMPDIR ANSIBLE_NOCOWS=1
	for playbook in install.yml rotate.yml; do
		ansible-playbook --syntax-check -i inventory.yml "$playbook"
	done
}

@test "what copies keys is not logged, and mode 0600" {
	python3 -c '
import sys, yaml
found = 0
for name in ("install.yml", "rotate.yml", "step.yml"):
    for entry in yaml.safe_load(open(name)):
        for task in entry.get("tasks", entry.get("block", [entry])):
            copy = task.get("ansible.builtin.copy", {})
            if "keys" in copy.get("src", ""):
                found += 1
                assert task.get("no_log") is True and copy["mode"] == "0600", task
assert found == 3, found'
}
