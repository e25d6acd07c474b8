#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# examples/ansible plays a rotation over three hosts, which are namespaces here: no packet is lost, and a step that fails
# somewhere is the last until it is mended.

load ../lib

setup_file() {
	! is_emulated && [ -n "$(command -v ansible-playbook)" ] || return 0
	cd "$BATS_FILE_TMPDIR" || return
	umask 077
	for one in alpha-beta alpha-gamma beta-gamma; do
		echo "link add ${one#*-} netns ${one%-*} type veth peer name ${one%-*} netns ${one#*-}"
	done | { printf 'netns add %s\n' alpha beta gamma && cat; } | ip -batch -
	join alpha 1 'beta 2' 'gamma 3'
	join beta 2 'alpha 1' 'gamma 3'
	join gamma 3 'alpha 1' 'beta 2'
	cp -r "$BATS_TEST_DIRNAME/../../examples/ansible" play
	cat >inventory.yml <<-END
		ipsec:
		  vars:
		    ansible_connection: local
		    ansible_python_interpreter: $(command -v python3)
		    ipsec_boot: $PWD/{{ inventory_hostname }}.boot
		    ipsec_steps: $PWD/{{ inventory_hostname }}.steps
		    ipsec_setkey: [ip, netns, exec, "{{ inventory_hostname }}", $SETKEY]
		  hosts:
		    alpha: {ipsec_address: 192.0.2.1, ipsec_networks: [10.1.0.0/16, "2001:db8:1::/48"]}
		    beta: {ipsec_address: 192.0.2.2, ipsec_networks: [192.0.2.2, "2001:db8:2::/48"]}
		    gamma: {ipsec_address: 192.0.2.3}
	END
	# settings.yml counts more than the inventory
	sed -i '/^ipsec_\(boot\|steps\|setkey\):/d' play/settings.yml
	mkdir bin home
	ln -s "$SETKEY" bin/setkey
}

teardown_file() {
	is_emulated || ip -batch - <<<$'netns del alpha\nnetns del beta\nnetns del gamma' || true
}

# join NAME NUMBER 'PEER NUMBER'...
join() {
	local name=$1 n=$2
	{
		printf '%s\n' "link set lo up" "address add 192.0.2.$n/32 dev lo" "address add 10.$n.0.1/32 dev lo" \
			"address add 2001:db8:$n::1/128 dev lo nodad"
		for peer in "${@:3}"; do
			printf '%s\n' "link set ${peer% *} addrgenmode none up" "address add fe80::$n/64 dev ${peer% *} nodad" \
				"address add 2001:db8::$n/128 dev ${peer% *} nodad" "route add 2001:db8::${peer#* } dev ${peer% *} src 2001:db8::$n" \
				"route add 2001:db8:${peer#* }::/48 via 2001:db8::${peer#* } dev ${peer% *} src 2001:db8:$n::1" \
				"route add 192.0.2.${peer#* } dev ${peer% *} src 192.0.2.$n" \
				"route add 10.${peer#* }.0.0/16 dev ${peer% *} src 10.$n.0.1"
		done
	} | ip -n "$name" -batch -
}

setup() {
	pings=()
	! is_emulated || skip "user-mode-linux plays it; its steps are those of the rotation in pairs.bats, which runs here too"
	need ansible-playbook
}

teardown() {
	[ ${#pings[@]} = 0 ] || kill "${pings[@]}" 2>/dev/null || :
}

# play PLAYBOOK OPTION...
play() {
	local playbook=$1
	shift
	HOME=$PWD/home PATH=$PWD/bin:$PATH ANSIBLE_NOCOWS=1 ANSIBLE_PIPELINING=1 ANSIBLE_REMOTE_TMP=$PWD/home ANSIBLE_LOCAL_TEMP=$PWD/home ansible-playbook -i inventory.yml "play/$playbook" "$@" >said 2>&1 3>&- || { cat said && return 1; }
}

spis() {
	ip netns exec "$1" "$SETKEY" dump sa --format=json | jq .spi | sort
}

of_file() {
	grep -oE '^add .* esp 0x[0-9a-f]+' "$1" | sed 's/.* //' | while read -r spi; do echo $((spi)); done | sort
}

@test "new keys for the fleet while traffic flows, a failed step in between, and not a packet lost" {
	cd "$BATS_FILE_TMPDIR"
	play install.yml
	mv said install.said
	play install.yml
	not grep -q 'changed=[1-9]' said
	[ "$(stat -c %a alpha.boot)" = 600 ]
	ip netns exec alpha ping -q -i 0.01 -W 2 -w 900 192.0.2.2 -I 10.1.0.1 >one 2>&1 3>&- &
	pings=("$!")
	ip netns exec beta ping -q -i 0.01 -W 2 -w 900 192.0.2.3 >two 2>&1 3>&- &
	pings+=("$!")
	ip netns exec alpha ping -q -i 0.01 -W 2 -w 900 2001:db8:2::1 -I 2001:db8:1::1 >three 2>&1 3>&- &
	pings+=("$!")

	# gamma cannot do step 2: nobody does step 3, and nobody is cut off
	cp play/work/keys/alpha.conf before.conf
	mkdir gamma.steps
	cat >bad.yml <<-END
		ipsec_setkey: [sh, -c, 'case "\$0 \$*" in *gamma*2-switch*) exit 1; esac; exec "\$0" "\$@"', ip, netns, exec, "{{ inventory_hostname }}", $SETKEY]
	END
	run play rotate.yml -e @bad.yml
	[ "$status" != 0 ]
	[[ $output == *"Step 2"* && $output != *"Step 3"* && ! $output =~ 0x[0-9a-f]{32} ]]
	diff <(spis alpha) <(cat play/work/keys/alpha.conf play/work/keys/alpha.next.conf | of_file /dev/stdin | sort)
	cmp play/work/keys/alpha.conf before.conf

	play rotate.yml
	not grep -qE '0x[0-9a-f]{32}' said install.said
	kill -INT "${pings[@]}"
	wait || true
	cat one two three
	for stream in one two three; do
		grep -qE '^([0-9]{3,}) packets transmitted, \1 received, 0% packet loss' $stream
	done
	for host in alpha beta gamma; do
		diff <(spis $host) <(of_file play/work/keys/$host.conf)
		cmp play/work/keys/$host.conf $host.boot
		[ "$(stat -c %a $host.boot)" = 600 ]
		[ ! -e $host.steps ]
	done
	[ "$(echo play/work/keys/*)" = "play/work/keys/alpha.conf play/work/keys/beta.conf play/work/keys/gamma.conf" ]
	not cmp -s play/work/keys/alpha.conf before.conf
}
